"""Rows that may be shorter than a register: a function is applied to several of them at a time, and
to a long one where its entries are made."""

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

    @property
    def _argument(self) -> str:
        x, *shift = self.call.operands
        return f"{x.at(Level.SUM)} - {shift[0].at(Level.PRODUCT)}" if shift else x.text

    def argument(self) -> Block:
        """What is done before, and the loop with a number instead of the function of it."""
        filled = self._filled_with(self._argument)
        return replace(self.before, lines=[*self.before.lines, filled])

    def rounded(self) -> Block:
        """What is done before, and the loop; a difference in it is as it is rounded."""
        filled = self._filled_with(f"{self.function}({self._argument})")
        return replace(self.before, lines=[*self.before.lines, filled])

    def unshifted(self) -> Block | None:
        """The loop with nothing subtracted, and nothing before it; None if another number would not
        do for the shift as well."""
        free = any(line.startswith(f"{self.shift} = _shift(") for line in self.before.text())
        x, after = self.call.operands[0].text, self.after.text()
        if not free or self.shift in words([x, *after]):
            return None
        return replace(self.before, lines=[self._filled_with(x)])

    def _filled_with(self, number: str) -> Block:
        return replace(self.loop, lines=[f"{self.call.entry} = {number}"], last=None)

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


@dataclass(frozen=True)
class _Chunk:
    """The names in loops over several rows.

    Attributes:
        many: how many rows there are at most; they are those from `start` to before `stop`.
        letter: the variable that runs through them.
        name, every, flat: the array of one row, of every row, and of all their entries in a line.
        place: the variable that runs through the entries.
        length: how many of them a row has.
    """

    many: str
    start: str
    stop: str
    letter: str
    name: str
    every: str
    flat: str
    place: str
    length: str

    @property
    def row(self) -> str:
        """The place of a row among them."""
        return f"{self.letter} - {self.start}"

    def over_rows(self, lines: Sequence[str]) -> list[str]:
        """A loop with these lines for each row."""
        loop = f"for {self.letter} in range({self.start}, {self.stop}):"
        return [loop, *indented(1, [f"{self.name} = {self.every}[{self.row}]", *lines])]

    def over_entries(self, line: str) -> list[str]:
        """A loop with this line for each entry."""
        entries = f"({self.stop} - {self.start}) * {factor(self.length)}"
        return [f"for {self.place} in range({entries}):", f"    {line}"]

    def by_length(self, alone: Sequence[str], together: Sequence[str]) -> list[str]:
        """What is done for a long row alone, and for several short ones."""
        return [f"if {self.many} == 1:", *indented(1, alone), "else:", *indented(1, together)]

    def called(self, function: str) -> list[str]:
        """A function applied to each entry."""
        entry = f"{self.flat}[{self.place}]"
        return self.over_entries(f"{entry} = {function}({entry})")


def several_at_a_time(
    loops: Loops, rows: Rows, found: Halves, out: str, part: tuple[str, str, str]
) -> Iterator[str]:
    """The loops over all rows.

    Args:
        found: the halves of what is done for a row.
        part: names of a part's number, of its first row and of the one after its last.
    """
    name, (length,) = found.name, rows.arrays[found.name]
    many, every, flat = (loops.fresh(hint) for hint in ("many", f"{name}s", "flat"))
    start, stop, place = (loops.fresh(hint) for hint in ("start", "stop", "place"))
    chunk = _Chunk(many, start, stop, rows.letter, name, every, flat, place, length)
    shapes = {other: shape for other, shape in rows.arrays.items() if other != name}
    shapes[every] = (many, length)
    if found.shift:
        shifts = loops.fresh("shifts")
        shapes[shifts] = (many,)
        lines = _shifted(loops, rows, found, chunk, shifts)
    else:
        first = chunk.over_rows(rows.lines(found.argument(), ends=False))
        together = [*first, *chunk.called(found.function)]
        alone = chunk.over_rows(rows.lines(found.rounded(), ends=False))
        after = chunk.over_rows(rows.lines(found.after))
        lines = [*chunk.by_length(alone, together), *after]
    yield f"{many} = max({_ENTRIES} // max({length}, 1), 1)"
    yield f"for {part[0]} in numba.prange({PARTS}):"
    yield from new_arrays(shapes, out)
    yield f"    {flat} = {every}.reshape({many} * {factor(length)})"
    yield f"    for {start} in range({part[1]}, {part[2]}, {many}):"
    yield f"        {stop} = min({start} + {many}, {part[2]})"
    yield from indented(2, lines)


def _shifted(loops: Loops, rows: Rows, found: Halves, chunk: _Chunk, shifts: str) -> list[str]:
    """What is done for several rows if the function is the exponential of a difference, with an
    array for what is subtracted in each."""
    shift, shifted = found.shift, loops.fresh("shifted")
    kept, some = f"{shifts}[{chunk.row}] = {shift}", f"{shifted} = {shifted} or {shift} != 0"
    known = f"{shift} = {shifts}[{chunk.row}]"
    first = chunk.over_rows([*rows.lines(found.argument(), ends=False), kept, some])
    alone = chunk.over_rows([*rows.lines(found.rounded(), ends=False), kept, some])
    together = [
        *_where_needed(loops, rows, found, chunk, first),
        *chunk.called(found.function),
    ]
    again = chunk.over_rows([known, *rows.lines(found.put_right(), ends=False)])
    last = rows.lines(found.after)
    return [
        f"{shifted} = False",
        *chunk.by_length(alone, together),
        *(f"if {shifted}:", *indented(1, again)),
        *chunk.over_rows([known, *last] if shift in words(last) else last),
    ]


def _where_needed(
    loops: Loops, rows: Rows, found: Halves, chunk: _Chunk, first: Sequence[str]
) -> list[str]:
    """The loop that shifts rows, only where one has to be if they are short and may stay."""
    plain = found.unshifted()
    if plain is None:
        return [*first]
    beyond = loops.fresh("beyond")
    tried = [
        *chunk.over_rows(rows.lines(plain, ends=False)),
        f"{beyond} = real(0)",
        *chunk.over_entries(f"{beyond} = _plus({beyond}, _is_beyond({chunk.flat}[{chunk.place}]))"),
    ]
    guarded = [f"if {chunk.many} >= {_SHORT}:", *indented(1, tried)]
    return [f"{beyond} = real(1)", *guarded, f"if {beyond} > 0:", *indented(1, first)]
