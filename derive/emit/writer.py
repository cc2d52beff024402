"""A graph as statements: what is used more than once, or would make a line too long, gets a name.

The writer knows no language. What an operation looks like is a `Printer`'s to say, of which there
is one for every language that code is written in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Protocol

from derive.emit.graph import Node, uses
from derive.emit.memory import Memory

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
        named: the operands that are to have names, by operation: what is written out more than
            once, or is long, or has memory that the result may be put into.
        helpers: the module functions that have been called so far.
    """

    helpers: set[str]
    statements: ClassVar[frozenset[str]]
    named: ClassVar[Mapping[str, tuple[int, ...]]]

    def compose(self, node: Node, operands: Sequence[Source], keep: bool = False) -> Source:
        """An operation on operands; with `keep`, a reduction that leaves axes of length 1."""

    def assigned(self, name: str, node: Node, operands: Sequence[Source]) -> list[str]:
        """The statements that give an operation's result a name; it may be that of the first
        operand, if that is to be overwritten."""

    def into(
        self, name: str, node: Node, operands: Sequence[Source], own: int, *, fits: bool
    ) -> list[str]:
        """The same, with the result in the memory of operand number `own`, which has a name and is
        not needed any more. Unless it `fits`, the result may be larger, because of the other
        operand's samples: then it has memory of its own."""

    def with_out(self, node: Node, operands: Sequence[Source], out: str) -> str:
        """The operation with its result in an array; only if it `fills` one."""

    def reuses(self, node: Node) -> bool:
        """Whether an operation can put its result into the memory of an operand."""

    def fills(self, node: Node) -> bool:
        """Whether it can put its result into other memory."""


@dataclass
class Writer:
    """Writes one node as statements.

    Attributes:
        printer: what operations look like.
        names: the names that definitions give.
        taken: names that no local variable may have.
        out: an array that has room for the result, or None; "" if there is none.
        pieces: whether numbers stand for arrays of them, all of one length; the result is then
            put into `out`, else it is returned.
        filled: whether the result is in `out` in the end.
    """

    printer: Printer
    names: dict[Node, str]
    taken: set[str]
    out: str = ""
    pieces: bool = False
    filled: bool = False
    lines: list[str] = field(default_factory=list)
    _written: dict[Node, str] = field(default_factory=dict)
    _made: dict[Node, tuple[int, list[Source]]] = field(default_factory=dict)
    _origins: dict[Node, Node] = field(default_factory=dict)

    def write(self, root: Node) -> list[str]:
        """The statements, the last of which returns the root, or puts it where it is to be."""
        self.taken |= set(self.names.values())
        explicit = uses(root) if self.pieces else {root} if self.out else ()
        self._memory = Memory(self.printer, self.names, self._written, root, explicit, self.pieces)
        if self.pieces:
            last = self._put(root)
            return [*self.lines, last]
        text = self._source(root).text
        if self.out:
            text = self._with_room(root, text)
        named = f"{text} = "
        if root not in self.names and self.lines and self.lines[-1].startswith(named):
            text = self.lines.pop().removeprefix(named)
        return [*self.lines, f"return {text}"]

    def _put(self, root: Node) -> str:
        """The statement that puts the root where it is to be."""
        if not root.args or self._memory.is_statement(root):
            return f"{self.out}[...] = {self._source(root).text}"
        part, operands, _ = self._composed(root)
        if self.printer.fills(part):
            self.filled = True
            return self.printer.with_out(part, operands, self.out)
        return f"{self.out}[...] = {self.printer.compose(part, operands).text}"

    def _with_room(self, root: Node, text: str) -> str:
        """The text for the root, which is put into `out`: the first operation in the memory of
        which it comes to lie makes its result there."""
        if root not in self._written:
            part, operands, _ = self._composed(root)
            return self._made_there(part, operands) or text
        origin = self._origins.get(root, root)
        if origin in self._made:
            place, operands = self._made[origin]
            name, _, before = self.lines[place].partition(" = ")
            self.lines[place] = f"{name} = {self._made_there(origin, operands) or before}"
        return text

    def _made_there(self, node: Node, operands: list[Source]) -> str:
        """The text for an operation that puts its result into `out`; "" if it cannot, or if that
        would make the line too long."""
        if not node.is_fresh or not self.printer.fills(node):
            return ""
        made = self.printer.with_out(node, operands, self.out)
        self.filled = len(made) <= _WIDTH
        return made if self.filled else ""

    def _source(self, node: Node) -> Source:
        """The source of a node: its name, if it has one by now."""
        if node in self._written:
            return Source(self._written[node])
        if node.args and (node in self.names or self._memory.needs_name(node)):
            return self._assign(node)
        part, operands, keep = self._composed(node)
        if self._memory.named_place(node) >= 0:  # it got a name to shorten a line
            return self._into(node, operands)
        return self.printer.compose(part, operands, keep)

    def _composed(self, node: Node) -> tuple[Node, list[Source], bool]:
        """A node, or the reduction that it is part of, and its operands' sources, with names for
        those that would make the line too long."""
        keep = node.keeps and self._memory.is_bare(node.args[0])
        node = node.args[0] if keep else node
        operands = [self._operand(node, place) for place in range(len(node.args))]
        while operands and self._length(node, operands, keep) > _WIDTH:
            place = max(range(len(operands)), key=lambda k: len(operands[k].text))
            inner = node.args[place]
            if not inner.args or inner in self._written:
                break  # nothing left that a name would make shorter
            operands[place] = self._assign(inner)
        return node, operands, keep

    def _length(self, node: Node, operands: Sequence[Source], keep: bool) -> int:
        """How long the longest line of an operation is."""
        if self._memory.is_statement(node):
            return max(len(line) for line in self.printer.assigned("", node, operands))
        return len(self.printer.compose(node, operands, keep).text)

    def _operand(self, node: Node, place: int) -> Source:
        arg = node.args[place]
        named = place in self.printer.named.get(node.op, ()) and arg.args
        return self._assign(arg) if named and arg not in self._written else self._source(arg)

    def _assign(self, node: Node, name: str = "") -> Source:
        """A node under a name of its own, or that of what it is made for."""
        part, operands, keep = self._composed(node)
        if self._memory.own(node) >= 0 or self._memory.named_place(node) >= 0:
            return self._into(node, operands)
        memory = self._memory
        overwrites = memory.is_statement(node) and memory.takes_over(node, node.args[0])
        name = name or (self._written[node.args[0]] if overwrites else self._name(node))
        if keep:
            self.lines.append(f"{name} = {self.printer.compose(part, operands, keep).text}")
        else:
            self._made[node] = len(self.lines), operands
            self.lines += self.printer.assigned(name, part, operands)
        self._written[node] = name
        return Source(name)

    def _into(self, node: Node, operands: list[Source]) -> Source:
        """A node with its result in the memory of an operand, whose name it takes over unless one
        of the two has a name from a definition."""
        own = self._memory.named_place(node)
        own = own if own >= 0 else self._memory.own(node)
        arg, fits = node.args[own], node.args[own].sources >= node.sources
        if arg not in self._written:
            operands[own] = self._assign(arg, self._name(node))
        if not fits:
            operands[1 - own] = self._named(node.args[1 - own], operands[1 - own])
        taken = self._memory.takes_over(node, arg)
        name = self._written[arg] if taken else self._name(node)
        self.lines += self.printer.into(name, node, operands, own, fits=fits)
        self._written[node], self._origins[node] = name, self._origins.get(arg, arg)
        return Source(name)

    def _name(self, node: Node) -> str:
        return self.names.get(node) or fresh(node.hint, self.taken)

    def _named(self, node: Node, source: Source) -> Source:
        """A node that is to be read twice in one statement: by name, unless it is one."""
        return source if source.text.isidentifier() else self._assign(node)


def listed(parts: Sequence[str]) -> str:
    """What stands between the brackets of a tuple."""
    return f"{parts[0]}," if len(parts) == 1 else ", ".join(parts)


def fresh(hint: str, taken: set[str]) -> str:
    """A name like the hint that is not taken, but is from now on."""
    tried = (f"{hint}{n}" if n > 1 else hint for n in range(1, len(taken) + 3))
    name = next(name for name in tried if name not in taken)
    taken.add(name)
    return name
