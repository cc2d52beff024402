"""The rows that a kernel's loop runs over, and what their lines say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.emit.backends.blocks import Block
from derive.emit.backends.loops import Loops
from derive.emit.backends.rooms import rooms
from derive.emit.writer import listed

PARTS = 64  # into how many parts the samples are divided, where each part has arrays of its own


@dataclass(frozen=True)
class Rows:
    """What is done for each sample; or, where a sample is a loop over rows that have nothing in
    common, for each row of each sample.

    Attributes:
        count: how many there are.
        letter: the variable that runs through them.
        place: the line that finds a row's sample.
        given: lines that define arguments of one sample, by their names.
        body: what is done.
        last: lines after it.
        arrays: the shapes of those that are needed on the way.
        rooms: the array among them whose memory each one of several axes has.
    """

    count: str
    letter: str
    place: tuple[str, ...]
    given: Mapping[str, str]
    body: Block
    last: tuple[str, ...]
    arrays: Mapping[str, Sequence[str]]
    rooms: Mapping[str, str]

    def lines(self, part: Block, *, ends: bool = True) -> list[str]:
        """A part of what is done, the last or not, after the arguments that it needs."""
        shown = {**self.rooms, self.body.letter: self.body.letter}
        text = [*part.text(shown), *(self.last if ends else ())]
        needed = [line for name, line in self.given.items() if name in words(text)]
        return [*self.place, *needed, *text]


def rows_of(loops: Loops, parameters: Mapping[str, str], out: str) -> Rows:
    """What is done for each row, with the names of parameters by those of the arguments."""
    body, one = loops.sample, loops.fresh("s")
    given = {name: f"{name} = _sample({array}, {one})" for name, array in parameters.items()}
    given |= {loops.row: f"{loops.row} = {out}[{one}]"} if loops.row else {}
    last = () if loops.row else (f"{out}[{one}] = {loops.result}",)
    shared = rooms(body, loops.scratch)
    arrays = {name: s for name, s in loops.scratch.items() if shared.get(name, name) == name}
    if not (loops.deep and len(body.lines) == 1 and isinstance(body.lines[0], Block)):
        return Rows(f"len({out})", one, (), given, body, last, arrays, shared)
    body, letter = body.lines[0], loops.fresh("r")
    place = f"{one}, {body.letter} = divmod(np.intp({letter}), {body.extent})"
    return Rows(
        f"len({out}) * {factor(body.extent)}", letter, (place,), given, body, last, arrays, shared
    )


def factor(extent: str) -> str:
    """An extent, such as n or 1 + n, to be multiplied."""
    return extent if extent.isalnum() else f"({extent})"


def new_arrays(shapes: Mapping[str, Sequence[str]], out: str) -> Iterator[str]:
    """Statements that make arrays of these shapes."""
    for name, shape in shapes.items():
        yield f"    {name} = np.empty(({listed(shape)}), {out}.dtype)"


def indented(depth: int, lines: Sequence[str]) -> Iterator[str]:
    """Lines, further in."""
    return ("    " * depth + line for line in lines)


def words(lines: Sequence[str]) -> set[str]:
    """The names that lines use."""
    return set(re.findall(r"\b[^\W\d]\w*", "\n".join(lines)))


def assigned(lines: Sequence[str]) -> set[str]:
    """The names of numbers and arrays that lines assign to."""
    found = (re.match(r"\s*(\w+)(\[.*?\])? = ", line) for line in lines)
    return {match[1] for match in found if match}
