"""Rows that may be shorter than a register: a function is applied to several of them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.emit.backends.blocks import Block, Call
from derive.emit.backends.loops import Loops
from derive.emit.backends.rows import PARTS, Rows, assigned, factor, indented, new_arrays, words
from derive.emit.writer import Level, Source

_ENTRIES = 1024  # how many entries of short rows a function is applied to at a time


@dataclass(frozen=True)
class Halves:
    """A body at a loop in which a function gives an array its entries.

    Attributes:
        name: the array.
        before, after: what is done before and after the loop.
        loop, call: the loop, and what is done in it.
    """

    name: str
    before: Block
    after: Block
    loop: Block
    call: Call

    @property
    def shift(self) -> str:
        """What is subtracted, where the function is the exponential of a difference."""
        return self.call.operands[1].text if self.call.function == "_exp_difference" else ""

    @property
    def function(self) -> str:
        """The function, of one number."""
        return "_exp" if self.shift else self.call.function

    def argument(self) -> Block:
        """What is done before, and the loop with a number instead of the function of it."""
        x, *shift = self.call.operands
        text = f"{x.at(Level.SUM)} - {shift[0].at(Level.PRODUCT)}" if shift else x.text
        loop = replace(self.loop, lines=[f"{self.call.entry} = {text}"], last=None)
        return replace(self.before, lines=[*self.before.lines, loop])

    def put_right(self) -> Block:
        """The loop with the exponential of a rounded difference put right."""
        entry = Source(self.call.entry)
        call = replace(self.call, function="_put_right", operands=(entry, *self.call.operands))
        return replace(self.before, lines=[replace(self.loop, last=call)])


def halves(body: Block, name: str) -> Halves | None:
    """A body at the loop that fills an array; None if there is no such loop, or if the halves share
    more than the array and a shift."""
    for k, loop in enumerate(body.lines):
        if isinstance(loop, Block) and loop.last and assigned([*loop.text()]) == {name}:
            before, after = (replace(body, lines=b) for b in (body.lines[:k], body.lines[k + 1 :]))
            found = Halves(name, before, after, loop, loop.last)
            later = [*found.after.text(), *(loop.text() if found.shift else ())]
            shared = assigned([*found.before.text()]) & words(later)
            return found if shared <= {found.shift} else None
    return None


def several_at_a_time(
    loops: Loops, rows: Rows, found: Halves, out: str, part: tuple[str, str, str]
) -> Iterator[str]:
    """The loops over all rows.

    Args:
        found: the halves of what is done for a row.
        part: names of a part's number, of its first row and of the one after its last.
    """
    name = found.name
    (length,) = rows.arrays[name]
    many, every, flat = (loops.fresh(hint) for hint in ("many", f"{name}s", "flat"))
    start, stop, place = (loops.fresh(hint) for hint in ("start", "stop", "place"))
    row = f"{rows.letter} - {start}"

    def over_rows(lines: Sequence[str]) -> list[str]:
        loop = f"for {rows.letter} in range({start}, {stop}):"
        return [loop, *indented(1, [f"{name} = {every}[{row}]", *lines])]

    first, again = rows.lines(found.argument(), ends=False), list[str]()
    shapes = {other: shape for other, shape in rows.arrays.items() if other != name}
    shapes[every] = (many, length)
    if shift := found.shift:
        shifts, shifted = loops.fresh("shifts"), loops.fresh("shifted")
        shapes[shifts] = (many,)
        first += [f"{shifts}[{row}] = {shift}", f"{shifted} = {shifted} or {shift} != 0"]
        lines = [f"{shift} = {shifts}[{row}]", *rows.lines(found.put_right(), ends=False)]
        again = [f"if {shifted}:", *indented(1, over_rows(lines))]
    yield f"{many} = max({_ENTRIES} // max({length}, 1), 1)"
    yield f"for {part[0]} in numba.prange({PARTS}):"
    yield from new_arrays(shapes, out)
    yield f"    {flat} = {every}.reshape({many} * {factor(length)})"
    yield f"    for {start} in range({part[1]}, {part[2]}, {many}):"
    yield f"        {stop} = min({start} + {many}, {part[2]})"
    yield from ([f"        {shifted} = False"] if shift else ())
    yield from indented(2, over_rows(first))
    yield f"        for {place} in range(({stop} - {start}) * {factor(length)}):"
    yield f"            {flat}[{place}] = {found.function}({flat}[{place}])"
    yield from indented(2, [*again, *over_rows(rows.lines(found.after))])
