"""The loops over all samples of a kernel, divided among threads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from derive.emit.backends.blocks import Block
from derive.emit.backends.loops import Loops
from derive.emit.writer import listed

_PARTS = 64  # into how many parts the samples are divided, where each part has arrays of its own
_ENTRIES = 1024  # how many entries of short rows a function is applied to at a time


@dataclass(frozen=True)
class _Rows:
    """What is done for each sample; or, where a sample is a loop over rows that have nothing in
    common, for each row of each sample.

    Attributes:
        count: how many there are.
        letter: the variable that runs through them.
        place: the line that finds a row's sample.
        given: lines that define arguments of one sample, by their names.
        body: what is done.
        last: lines after it.
    """

    count: str
    letter: str
    place: tuple[str, ...]
    given: Mapping[str, str]
    body: Block
    last: tuple[str, ...]

    def lines(self, part: Block, *, ends: bool = True) -> list[str]:
        """A part of what is done, the last or not, after the arguments that it needs."""
        text = [*part.text(frozenset({self.body.letter})), *(self.last if ends else ())]
        needed = [line for name, line in self.given.items() if name in _words(text)]
        return [*self.place, *needed, *text]


def all_samples(loops: Loops, parameters: Mapping[str, str], out: str) -> Iterator[str]:
    """The body of a kernel, with the names of its parameters by those of the arguments."""
    rows = _rows(loops, parameters, out)
    if not loops.scratch:
        yield f"for {rows.letter} in numba.prange({rows.count}):"
        yield from _indented(1, rows.lines(rows.body))
        return
    count, part = loops.fresh("rows"), loops.fresh("part")
    yield f"{count} = {rows.count}"
    first, end = f"{count} * {part} // {_PARTS}", f"{count} * ({part} + 1) // {_PARTS}"
    name = next((name for name in loops.scratch if _halves(rows.body, name)), "")
    if name:
        yield from _several_at_a_time(loops, rows, name, out, (part, first, end))
        return
    yield f"for {part} in numba.prange({_PARTS}):"
    yield from _arrays(loops.scratch, out)
    yield f"    for {rows.letter} in range({first}, {end}):"
    yield from _indented(2, rows.lines(rows.body))


def _rows(loops: Loops, parameters: Mapping[str, str], out: str) -> _Rows:
    body, one = loops.sample, loops.fresh("s")
    given = {name: f"{name} = _sample({array}, {one})" for name, array in parameters.items()}
    given |= {loops.row: f"{loops.row} = {out}[{one}]"} if loops.row else {}
    last = () if loops.row else (f"{out}[{one}] = {loops.result}",)
    if not (loops.deep and len(body.lines) == 1 and isinstance(body.lines[0], Block)):
        return _Rows(f"len({out})", one, (), given, body, last)
    body, letter = body.lines[0], loops.fresh("r")
    place = f"{one}, {body.letter} = divmod(np.intp({letter}), {body.extent})"
    return _Rows(f"len({out}) * {body.extent}", letter, (place,), given, body, last)


def _halves(body: Block, name: str) -> tuple[Block, str, Block] | None:
    """What comes before a function is applied to all of an array, the function, and what comes
    after it; None if there is no such place or if the halves share more than the array."""
    for k, block in enumerate(body.lines):
        if isinstance(block, Block) and block.called and _assigned([*block.text()]) == {name}:
            before = replace(body, lines=[*body.lines[:k], replace(block, called="")])
            after = replace(body, lines=body.lines[k + 1 :])
            shared = _assigned([*before.text()]) & _words([*after.text()])
            return (before, block.called, after) if shared <= {name} else None
    return None


def _several_at_a_time(
    loops: Loops, rows: _Rows, name: str, out: str, part: tuple[str, str, str]
) -> Iterator[str]:
    """Rows may be shorter than a register: a function is applied to several of them at a time."""
    found = _halves(rows.body, name)
    assert found
    before, function, after = found
    (length,) = loops.scratch[name]
    many, every, flat = (loops.fresh(hint) for hint in ("many", f"{name}s", "flat"))
    start, stop, place = (loops.fresh(hint) for hint in ("start", "stop", "place"))
    here = f"{name} = {every}[{rows.letter} - {start}]"
    others = {other: shape for other, shape in loops.scratch.items() if other != name}
    yield f"{many} = max({_ENTRIES} // max({length}, 1), 1)"
    yield f"for {part[0]} in numba.prange({_PARTS}):"
    yield from _arrays({**others, every: (many, length)}, out)
    yield f"    {flat} = {every}.reshape({many} * {length})"
    yield f"    for {start} in range({part[1]}, {part[2]}, {many}):"
    yield f"        {stop} = min({start} + {many}, {part[2]})"
    yield f"        for {rows.letter} in range({start}, {stop}):"
    yield from _indented(3, [here, *rows.lines(before, ends=False)])
    yield f"        for {place} in range(({stop} - {start}) * {length}):"
    yield f"            {flat}[{place}] = {function}({flat}[{place}])"
    yield f"        for {rows.letter} in range({start}, {stop}):"
    yield from _indented(3, [here, *rows.lines(after)])


def _arrays(shapes: Mapping[str, Sequence[str]], out: str) -> Iterator[str]:
    for name, shape in shapes.items():
        yield f"    {name} = np.empty(({listed(shape)}), {out}.dtype)"


def _indented(depth: int, lines: Sequence[str]) -> Iterator[str]:
    return ("    " * depth + line for line in lines)


def _words(lines: Sequence[str]) -> set[str]:
    return set(re.findall(r"\b[^\W\d]\w*", "\n".join(lines)))


def _assigned(lines: Sequence[str]) -> set[str]:
    """The names of numbers and arrays that lines assign to."""
    found = (re.match(r"\s*(\w+)(\[.*?\])? = ", line) for line in lines)
    return {match[1] for match in found if match}
