"""Nested loops under construction, and what is known inside each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from derive.emit.graph import Node
from derive.emit.writer import Level, Source

_AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Place:
    """An index of one axis: its text, and the loops that it varies with."""

    text: str
    loops: frozenset[str] = frozenset()


Places = tuple[Place, ...]


def at_places(name: str, places: Sequence[Place]) -> str:
    """The spelling of an array's entry, or of a number."""
    return f"{name}[{', '.join(place.text for place in places)}]" if places else name


def varying(places: Sequence[Place]) -> frozenset[str]:
    """The loops that some places vary with."""
    return frozenset[str]().union(*(place.loops for place in places))


def called(function: str, *operands: Source) -> Source:
    """A call of one of the module's functions."""
    return Source(f"{function}({', '.join(operand.text for operand in operands)})")


@dataclass(frozen=True)
class Value:
    """One number of an array.

    Attributes:
        source: its text.
        kind: "real", "whole", "truth", or "weak" for a Python number without a dtype.
    """

    source: Source
    kind: str = "real"

    @property
    def text(self) -> str:
        return self.source.text

    @property
    def real(self) -> Source:
        """The text of a number in the dtype of the result."""
        if self.kind == "real":
            return self.source
        if self.kind == "truth":
            chosen = f"real(1) if {self.source.at(Level.SUM)} else real(0)"
            return Source(chosen, Level.COMPARISON)
        return Source(f"real({self.text})")


@dataclass(frozen=True)
class Call:
    """A statement that gives an entry of an array what a function makes of some numbers.

    Attributes:
        entry: the spelling of the entry.
        function: one of the module's.
        operands: the numbers, as text.
    """

    entry: str
    function: str
    operands: Sequence[Source]

    @property
    def text(self) -> str:
        """The statement."""
        return f"{self.entry} = {called(self.function, *self.operands).text}"


@dataclass(eq=False)
class Block:
    """A loop, or what is done once for a sample.

    Attributes:
        letter: the loop's variable, "" for a sample.
        extent: how often it is passed through.
        alike: letters of which the first that no loop around it has is shown for its own.
        lines: its body.
        known: what has been computed in it.
        last: a line after these, None for none.
    """

    letter: str = ""
    extent: str = ""
    alike: Sequence[str] = ()
    lines: list[str | Block] = field(default_factory=list)
    known: dict[tuple[Node, tuple[str, ...]], Value] = field(default_factory=dict)
    last: Call | None = None

    @property
    def place(self) -> Place:
        """The index that the loop runs through."""
        return Place(self.letter, frozenset([self.letter]))

    @property
    def statements(self) -> list[str | Block]:
        """The whole body."""
        return [*self.lines, *([self.last.text] if self.last else ())]

    def text(self, shown: Mapping[str, str] = _AS_THEY_ARE) -> Iterator[str]:
        """The body's lines, inside loops whose letters are shown as others, with names likewise."""
        for line in self.statements:
            if isinstance(line, Block):
                letter = next(letter for letter in line.alike if letter not in shown.values())
                yield f"for {letter} in range({line.extent}):"
                yield from (f"    {text}" for text in line.text({**shown, line.letter: letter}))
            else:
                yield _with_others(line, shown)


def _with_others(line: str, shown: Mapping[str, str]) -> str:
    """A line with all names replaced at once: one may be shown as what another one was. What stands
    after a dot, such as `log` in `np.log`, is not among them."""
    return re.sub(r"(?<!\.)\b[^\W\d]\w*", lambda found: shown.get(found[0], found[0]), line)


# The loops that a number is computed in, from the outside in; the first is the sample.
Chain = tuple[Block, ...]


def depth(chain: Chain, places: Sequence[Place]) -> int:
    """The innermost loop that some places vary with, as a position in a chain."""
    loops = varying(places)
    return max((k for k, block in enumerate(chain) if block.letter in loops), default=0)


def covered(chain: Chain, places: Sequence[Place]) -> int:
    """How many of the outermost loops give one of the places each."""
    texts = [place.text for place in places]
    count = 0
    while count + 1 < len(chain) and chain[count + 1].letter in texts:
        count += 1
    return count
