"""A graph as statements: what is used more than once, or would make a line too long, gets a name.

The writer knows no language. What an operation looks like is a `Printer`'s to say, of which there
is one for every language that code is written in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Protocol

from derive.emit.graph import Node, uses

_WIDTH = 80  # in a longer line, the longest part gets a name of its own


class Level(IntEnum):
    """How tightly a piece of source binds; below what its place needs, it is bracketed."""

    COMPARISON = 0
    SUM = 1
    PRODUCT = 2
    POWER = 3
    ATOM = 4


@dataclass(frozen=True)
class Source:
    """A piece of source text."""

    text: str
    level: Level = Level.ATOM

    def at(self, level: Level) -> str:
        """The text for a place that needs this level."""
        return self.text if self.level >= level else f"({self.text})"


class Printer(Protocol):
    """What one language makes of operations.

    Attributes:
        statements: the operations that can only be written as statements of their own.
        repeated: those whose first operand is written out more than once, so it should be a name.
    """

    statements: ClassVar[frozenset[str]]
    repeated: ClassVar[frozenset[str]]

    def compose(self, node: Node, operands: Sequence[Source], keep: bool = False) -> Source:
        """An operation on operands; with `keep`, a reduction that leaves axes of length 1."""

    def assigned(self, name: str, node: Node, operands: Sequence[Source]) -> list[str]:
        """The statements that give an operation's result a name; it may be that of the first
        operand, if that is to be overwritten."""

    def into(
        self, name: str, node: Node, operands: Sequence[Source], own: int, *, fits: bool
    ) -> list[str]:
        """The same, with the result in the memory of operand number `own`, which nobody else needs.
        If that operand has no name yet, it takes this one. Unless it `fits`, the result may be
        larger, because of the other operand's samples: then it has memory of its own."""

    def put(self, name: str, node: Node, operands: Sequence[Source]) -> str:
        """The statement that puts an operation's result into an array of its shape."""

    def reuses(self, node: Node) -> bool:
        """Whether an operation can put its result into the memory of an operand."""


@dataclass
class Writer:
    """Writes one node as statements.

    Attributes:
        printer: what operations look like.
        names: the names that definitions give.
        taken: names that no local variable may have.
        out: where the result is to be put, if numbers stand for arrays of them, all of one length,
            whose memory is to be reused; "" if it is to be returned.
    """

    printer: Printer
    names: dict[Node, str]
    taken: set[str]
    out: str = ""
    lines: list[str] = field(default_factory=list)
    _written: dict[Node, str] = field(default_factory=dict)
    _uses: Counter[Node] = field(default_factory=Counter)
    _owns: dict[Node, int] = field(default_factory=dict)
    _alone: dict[Node, Node] = field(default_factory=dict)
    _widest: int = 0

    def write(self, root: Node) -> list[str]:
        """The statements, the last of which returns the root, or puts it where it is to be."""
        self._uses = uses(root)
        self._alone = self._with_new_axes_only()
        self._widest = max(node.rank for node in self._uses)
        self.taken |= set(self.names.values())
        if self.out:
            last = self._put(root)
            return [*self.lines, last]
        text = self._source(root).text
        named = f"{text} = "
        if root not in self.names and self.lines and self.lines[-1].startswith(named):
            text = self.lines.pop().removeprefix(named)
        return [*self.lines, f"return {text}"]

    def _put(self, root: Node) -> str:
        """The statement that puts the root where it is to be."""
        if not root.args or self._is_statement(root):
            return f"{self.out}[...] = {self._source(root).text}"
        part, operands, _ = self._composed(root)
        return self.printer.put(self.out, part, operands)

    def _source(self, node: Node) -> Source:
        """The source of a node: its name, if it has one by now."""
        if node in self._written:
            return Source(self._written[node])
        if node.args and (node in self.names or self._needs_name(node)):
            return self._assign(node)
        part, operands, keep = self._composed(node)
        if self._named_place(node, self._written.keys()) >= 0:  # it got a name to shorten a line
            return self._into(node, operands)
        return self.printer.compose(part, operands, keep)

    def _needs_name(self, node: Node) -> bool:
        often = self._uses[node] > 1 and not self._is_short(node)
        return often or self._is_statement(node) or self._own(node) >= 0

    def _is_short(self, node: Node) -> bool:
        """Whether it is written out wherever it is read: a name, a number, new axes of what has a
        name, and not the call for a diagonal."""
        if node.op == "expand":
            return node not in self._alone.values()
        return node in self._alone or (node.cheap and node.op != "diagonal")

    def _with_new_axes_only(self) -> dict[Node, Node]:
        """What is read nowhere but with the same new axes, and that view of it: so one name will do
        for both."""
        readers: dict[Node, list[Node]] = {}
        for node in self._uses:
            for arg in set(node.args):
                readers.setdefault(arg, []).append(node)
        pairs = ((arg, found[0]) for arg, found in readers.items() if len(found) == 1)
        return {
            arg: view
            for arg, view in pairs
            if view.op == "expand" and not arg.cheap and arg not in self.names
        }

    def _is_statement(self, node: Node) -> bool:
        return node.op in self.printer.statements

    def _composed(self, node: Node) -> tuple[Node, list[Source], bool]:
        """A node, or the reduction that it is part of, and its operands' sources, with names for
        those that would make the line too long."""
        keep = node.keeps and self._bare(node.args[0])
        node = node.args[0] if keep else node
        operands = [self._operand(node, place) for place in range(len(node.args))]
        while self._length(node, operands, keep) > _WIDTH:
            place = max(range(len(operands)), key=lambda k: len(operands[k].text))
            inner = node.args[place]
            if not inner.args or inner in self._written:
                break  # nothing left that a name would make shorter
            operands[place] = self._assign(inner)
        return node, operands, keep

    def _length(self, node: Node, operands: Sequence[Source], keep: bool) -> int:
        """How long the longest line of an operation is."""
        if self._is_statement(node):
            return max(len(line) for line in self.printer.assigned("", node, operands))
        return len(self.printer.compose(node, operands, keep).text)

    def _bare(self, node: Node) -> bool:
        """Whether a node is read once only and nobody gives it a name."""
        return (self._uses[node] == 1 or node in self._alone) and node not in self.names

    def _operand(self, node: Node, place: int) -> Source:
        arg = node.args[place]
        named = place == 0 and node.op in self.printer.repeated and arg.args
        return self._assign(arg) if named and arg not in self._written else self._source(arg)

    def _assign(self, node: Node) -> Source:
        part, operands, keep = self._composed(node)
        if self._own(node) >= 0 or self._named_place(node, self._written.keys()) >= 0:
            return self._into(node, operands)
        overwrites = self._is_statement(node) and self._takes_over(node, node.args[0])
        name = self._written[node.args[0]] if overwrites else self._name(node)
        if keep:
            self.lines.append(f"{name} = {self.printer.compose(part, operands, keep).text}")
        else:
            self.lines += self.printer.assigned(name, part, operands)
        self._written[node] = name
        return Source(name)

    def _into(self, node: Node, operands: list[Source]) -> Source:
        """A node with its result in the memory of an operand, whose name it takes over unless one
        of the two has a name from a definition."""
        own = self._named_place(node, self._written.keys())
        own = own if own >= 0 else self._own(node)
        arg, fits = node.args[own], node.args[own].sources >= node.sources
        if not fits:
            operands[1 - own] = self._named(node.args[1 - own], operands[1 - own])
        name = self._written[arg] if self._takes_over(node, arg) else self._name(node)
        self.lines += self.printer.into(name, node, operands, own, fits=fits)
        self._written[node] = name
        return Source(name)

    def _name(self, node: Node) -> str:
        return self.names.get(node) or fresh(node.hint, self.taken)

    def _named(self, node: Node, source: Source) -> Source:
        """A node that is to be read twice in one statement: by name, unless it is one."""
        return source if source.text.isidentifier() else self._assign(node)

    def _takes_over(self, node: Node, arg: Node) -> bool:
        """Whether a result may have the name, and so the memory, of an operand: neither is named
        by a definition, and nobody else reads it."""
        unnamed = arg in self._written and arg not in self.names and node not in self.names
        return unnamed and arg.is_fresh and _same_shape(arg, node) and self._is_last(arg, node)

    def _own(self, node: Node) -> int:
        """The operand whose memory a result can be put into: an array that was made for this
        operation only, and has its shape. -1 if there is none, or nothing is gained: NumPy itself
        reuses what has no name in sums and products of one shape."""
        if node not in self._owns:
            named = [arg for arg in node.args if arg in self.names or self._needs_name(arg)]
            own = self._named_place(node, named)
            self._owns[node] = own if own >= 0 else self._unnamed_place(node)
        return self._owns[node]

    def _named_place(self, node: Node, named: Collection[Node]) -> int:
        """An operand with a name whose memory a result can be put into, or -1."""
        places = [k for k, arg in enumerate(node.args) if arg in named and self._can_take(node, k)]
        fitting = [place for place in places if node.args[place].sources >= node.sources]
        if fitting:
            return fitting[0]
        free = [place for place in places if self._is_free(node.args[1 - place], node)]
        return places[0] if places and not free else -1

    def _unnamed_place(self, node: Node) -> int:
        """An operand without a name whose memory NumPy would not reuse: that of a function, or of
        an operation with something smaller (of a number, it would reuse float64 only)."""
        for place, arg in enumerate(node.args):
            others = [other for other in node.args if other is not arg]
            if node.op == "negative" and not self.out:
                break
            smaller = self.out or any(not _same_shape(other, node) for other in others)
            fits = arg.sources >= node.sources
            if (smaller or not others) and fits and self._can_take(node, place):
                return place
        return -1

    def _can_take(self, node: Node, place: int) -> bool:
        """Whether a result can be put into the memory of an operand. It is not worth a statement
        where other arrays of the function have more axes."""
        arg = node.args[place]
        arrays = arg.sources >= node.sources if self.out else node.rank >= max(self._widest, 1)
        if not arrays or not self.printer.reuses(node) or place > 1:
            return False
        return arg.is_fresh and _same_shape(arg, node) and self._is_last(arg, node)

    def _is_free(self, arg: Node, node: Node) -> bool:
        """Whether an operand without a name can take the result, as NumPy sees to by itself."""
        unnamed = not self._needs_name(arg) and arg not in self.names and arg.is_fresh
        fits = _same_shape(arg, node) and arg.sources >= node.sources
        return unnamed and fits and (arg is node.args[0] or node.op in ("add", "multiply"))

    def _is_last(self, arg: Node, node: Node) -> bool:
        """Whether all that reads an operand is read for this operation itself."""
        return uses(node)[arg] == self._uses[arg]


def listed(parts: Sequence[str]) -> str:
    """What stands between the brackets of a tuple."""
    return f"{parts[0]}," if len(parts) == 1 else ", ".join(parts)


def fresh(hint: str, taken: set[str]) -> str:
    """A name like the hint that is not taken, but is from now on."""
    tried = (f"{hint}{n}" if n > 1 else hint for n in range(1, len(taken) + 3))
    name = next(name for name in tried if name not in taken)
    taken.add(name)
    return name


def _same_shape(arg: Node, node: Node) -> bool:
    """Whether an operand is as large as the result, apart from samples."""
    return arg.rank == node.rank and all(arg.filled)
