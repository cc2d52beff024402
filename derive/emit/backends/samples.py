"""The loops over all samples of a kernel, divided among threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derive.emit.backends.chunks import halves, several_at_a_time
from derive.emit.backends.loops import Loops
from derive.emit.backends.rows import PARTS, indented, new_arrays, rows_of


def all_samples(loops: Loops, parameters: Mapping[str, str], out: str) -> Iterator[str]:
    """The body of a kernel, with the names of its parameters by those of the arguments."""
    rows = rows_of(loops, parameters, out)
    if not rows.arrays:
        yield f"for {rows.letter} in numba.prange({rows.count}):"
        yield from indented(1, rows.lines(rows.body))
        return
    count, part = loops.fresh("rows"), loops.fresh("part")
    yield f"{count} = {rows.count}"
    first, end = f"{count} * {part} // {PARTS}", f"{count} * ({part} + 1) // {PARTS}"
    found = next(filter(None, (halves(rows.body, name) for name in rows.arrays)), None)
    if found:
        yield from several_at_a_time(loops, rows, found, out, (part, first, end))
        return
    yield f"for {part} in numba.prange({PARTS}):"
    yield from new_arrays(rows.arrays, out)
    yield f"    for {rows.letter} in range({first}, {end}):"
    yield from indented(2, rows.lines(rows.body))
