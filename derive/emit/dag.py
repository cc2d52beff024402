"""Array operations as a graph, and the graph as statements.

Two equal operations are one node, so what is computed once is written once: exp(z[i]) and the
exp(z[k]) in its denominator are both np.exp(z).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum

_WIDTH = 80  # in a longer line, the longest part gets a name of its own
_MATMUL = "{0} @ {1}"


class Level(IntEnum):
    """How tightly an expression binds in Python; an operand below what it needs is bracketed."""

    COMPARISON = 0
    SUM = 1
    PRODUCT = 2
    POWER = 3
    ATOM = 4


@dataclass(frozen=True, eq=False)
class Node:
    """One operation. Nodes are made by `Graph.node` only, and equal ones are the same object.

    Attributes:
        template: the source, with a blank {0}, {1}, ... for each operand.
        args: the operands.
        level: how tightly the operation binds.
        needs: the least level of each operand.
        weak: whether it is a Python number, which takes the dtype of what it meets.
        cheap: whether it may be written out more than once (a name, a number, a view).
        hint: what to call it.
    """

    template: str
    args: tuple[Node, ...] = ()
    level: Level = Level.ATOM
    needs: tuple[Level, ...] = ()
    weak: bool = False
    cheap: bool = False
    hint: str = "t"


@dataclass
class Graph:
    """All nodes of one function.

    Attributes:
        names: nodes that a definition names.
    """

    names: dict[Node, str] = field(default_factory=dict)
    _known: dict[tuple[str, tuple[Node, ...]], Node] = field(default_factory=dict)

    def node(
        self,
        template: str,
        *args: Node,
        level: Level = Level.ATOM,
        needs: tuple[Level, ...] = (),
        weak: bool | None = None,
        cheap: bool = False,
        hint: str = "t",
    ) -> Node:
        """The node with this template and these operands; it is weak if all of them are."""
        key = (template, args)
        if key not in self._known:
            weak = bool(args) and all(arg.weak for arg in args) if weak is None else weak
            needs = needs or (Level.COMPARISON,) * len(args)
            self._known[key] = Node(template, args, level, needs, weak, cheap, hint)
        return self._known[key]

    def leaf(self, text: str, *, weak: bool = False) -> Node:
        """A name or a number."""
        return self.node(text, weak=weak, cheap=True)

    def plus(self, a: Node, b: Node) -> Node:
        return self.node("{0} + {1}", a, b, level=Level.SUM, needs=(Level.SUM, Level.PRODUCT))

    def minus(self, a: Node, b: Node) -> Node:
        return self.node("{0} - {1}", a, b, level=Level.SUM, needs=(Level.SUM, Level.PRODUCT))

    def negative(self, a: Node) -> Node:
        product = a.template == _MATMUL  # its sign is cheaper to turn than a factor's
        needs = Level.POWER if product else Level.PRODUCT
        return self.node("-{0}", a, level=Level.SUM, needs=(needs,))

    def times(self, a: Node, b: Node) -> Node:
        return self._product("{0} * {1}", a, b)

    def over(self, a: Node, b: Node) -> Node:
        return self._product("{0} / {1}", a, b)

    def matmul(self, a: Node, b: Node) -> Node:
        return self._product(_MATMUL, a, b, needs=(Level.POWER, Level.POWER))

    def power(self, a: Node, b: Node) -> Node:
        simple = all(not node.args or node in self.names for node in (a, b))
        sign = "{0}**{1}" if simple else "{0} ** {1}"
        return self.node(sign, a, b, level=Level.POWER, needs=(Level.ATOM, Level.ATOM))

    def view(self, template: str, a: Node) -> Node:
        """The same numbers under another shape: written after the operand, free to repeat."""
        return self.node("{0}" + template, a, needs=(Level.ATOM,), cheap=True)

    def method(self, template: str, a: Node, hint: str) -> Node:
        return self.node("{0}" + template, a, needs=(Level.ATOM,), weak=False, hint=hint)

    def _product(
        self, sign: str, a: Node, b: Node, needs: tuple[Level, ...] = (Level.PRODUCT, Level.POWER)
    ) -> Node:
        return self.node(sign, a, b, level=Level.PRODUCT, needs=needs)


@dataclass
class Writer:
    """Writes one node as statements.

    Attributes:
        names: the names that definitions give.
        taken: names that no local variable may have.
    """

    names: dict[Node, str]
    taken: set[str]
    lines: list[str] = field(default_factory=list)
    _written: dict[Node, str] = field(default_factory=dict)
    _uses: Counter[Node] = field(default_factory=Counter)

    def write(self, root: Node) -> list[str]:
        """The statements, the last of which returns the root."""
        self._count(root)
        self.taken |= set(self.names.values())
        text = self._text(root)
        return [*self.lines, f"return {text}"]

    def _count(self, node: Node) -> None:
        self._uses[node] += 1
        if self._uses[node] == 1:
            for arg in node.args:
                self._count(arg)

    def _text(self, node: Node) -> str:
        """The source of a node: its name, if it has one by now."""
        if node in self._written:
            return self._written[node]
        text = self._composed(node)
        often = self._uses[node] > 1 and not node.cheap
        return self._assign(node, text) if node.args and (node in self.names or often) else text

    def _composed(self, node: Node) -> str:
        parts = [self._operand(a, n) for a, n in zip(node.args, node.needs, strict=True)]
        while len(text := node.template.format(*parts)) > _WIDTH:
            place = max(range(len(parts)), key=lambda k: len(parts[k]))
            inner = node.args[place]
            if not inner.args or inner in self._written:
                break  # nothing left that a name would make shorter
            parts[place] = self._assign(inner, self._text(inner))
        return text

    def _operand(self, node: Node, needs: Level) -> str:
        text = self._text(node)
        bare = node in self._written or node.level >= needs
        return text if bare else f"({text})"

    def _assign(self, node: Node, text: str) -> str:
        name = self.names.get(node) or self._fresh(node.hint)
        self.lines.append(f"{name} = {text}")
        self._written[node] = name
        return name

    def _fresh(self, hint: str) -> str:
        tried = (f"{hint}{n}" if n > 1 else hint for n in range(1, len(self.taken) + 3))
        name = next(name for name in tried if name not in self.taken)
        self.taken.add(name)
        return name
