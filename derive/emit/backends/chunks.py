"""Rows that may be shorter than a register: a function is applied to several of them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.emit.backends.blocks import Block, Call
from derive.emit.backends.loops import Loops
from derive.emit.backends.rows import PARTS, Rows, assigned, factor, indented, new_arrays, words
from derive.emit.writer import Level, Source

_ENTRIES = 1024  # how many entries of short rows a function is applied to at a time
_SHORT = 32  # of so many rows it takes less time to see whether any is shifted than to shift all


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

    def unshifted(self) -> Block | None:
        """The loop with nothing subtracted, and nothing before it; None if another number would not
        do for the shift as well."""
        free = any(line.startswith(f"{self.shift} = _shift(") for line in self.before.text())
        x, after = self.call.operands[0].text, self.after.text()
        if not free or self.shift in words([x, *after]):
            return None
        loop = replace(self.loop, lines=[f"{self.call.entry} = {x}"], last=None)
        return replace(self.before, lines=[loop])

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

    def over_entries(line: str) -> list[str]:
        entries = f"({stop} - {start}) * {factor(length)}"
        return [f"for {place} in range({entries}):", f"    {line}"]

    shapes = {other: shape for other, shape in rows.arrays.items() if other != name}
    shapes[every] = (many, length)
    first, again = rows.lines(found.argument(), ends=False), list[str]()
    last = rows.lines(found.after)
    if shift := found.shift:
        shifts, shifted = loops.fresh("shifts"), loops.fresh("shifted")
        shapes[shifts] = (many,)
        first += [f"{shifts}[{row}] = {shift}", f"{shifted} = {shifted} or {shift} != 0"]
        known = f"{shift} = {shifts}[{row}]"
        again = over_rows([known, *rows.lines(found.put_right(), ends=False)])
        again = [f"if {shifted}:", *indented(1, again)]
        last = [known, *last] if shift in words(last) else last
    first = over_rows(first)
    if plain := found.unshifted():
        beyond = loops.fresh("beyond")
        count = over_entries(f"{beyond} = _plus({beyond}, _is_beyond({flat}[{place}]))")
        tried = [*over_rows(rows.lines(plain, ends=False)), f"{beyond} = real(0)", *count]
        short = [f"{beyond} = real(1)", f"if {many} >= {_SHORT}:", *indented(1, tried)]
        first = [*short, f"if {beyond} > 0:", *indented(1, first)]
    yield f"{many} = max({_ENTRIES} // max({length}, 1), 1)"
    yield f"for {part[0]} in numba.prange({PARTS}):"
    yield from new_arrays(shapes, out)
    yield f"    {flat} = {every}.reshape({many} * {factor(length)})"
    yield f"    for {start} in range({part[1]}, {part[2]}, {many}):"
    yield f"        {stop} = min({start} + {many}, {part[2]})"
    yield from ([f"        {shifted} = False"] if shift else ())
    call = over_entries(f"{flat}[{place}] = {found.function}({flat}[{place}])")
    yield from indented(2, [*first, *call, *again, *over_rows(last)])
