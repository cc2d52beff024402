"""Numbers that long arrays are multiplied by, moved to where that costs nothing: 2*(3*x**2 + 1) is
6*x**2 + 2, which passes over the array once less."""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from derive.emit.again import made_again
from derive.emit.graph import Graph, Node, uses

_ARITHMETIC: dict[str, Callable[..., float]] = {
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": math.pow,
    "sqrt": math.sqrt,
}


def with_numbers_inside(graph: Graph, root: Node) -> Node:
    """The same with the numbers of every product as one, and that inside a sum among its factors
    if the terms have numbers as well, and nobody else reads them."""
    return made_again(graph, root, _Folding(graph, uses(root)).replaced)


@dataclass(frozen=True)
class _Folding:
    graph: Graph
    count: Counter[Node]

    def replaced(self, node: Node, again: Callable[[Node], Node]) -> Node | None:
        """A product with its numbers as one."""
        if node.op != "multiply" or node.weak:
            return None
        numbers, others = self._sides(*node.args)
        number = self._product(numbers)
        for place, other in enumerate(others):
            inside = self._inside(number, other) if numbers else None
            if inside is not None:
                others[place] = inside
                return self._product([*map(again, others)])
        joined = len(numbers) > 1 and _is_moderate(number)
        return self._product([number, *map(again, others)]) if joined else None

    def _sides(self, *nodes: Node) -> tuple[list[Node], list[Node]]:
        """The factors of a product that are numbers, and the others."""
        factors = [factor for node in nodes for factor in self._factors(node)]
        return [f for f in factors if f.weak], [f for f in factors if not f.weak]

    def _factors(self, node: Node) -> Iterator[Node]:
        """Those of a product, of factors too that are products which nobody else reads."""
        if node.op != "multiply" or node.weak or self.count[node] != 1:
            yield node
        else:
            for arg in node.args:
                yield from self._factors(arg)

    def _product(self, factors: Sequence[Node]) -> Node:
        """Factors in this order, known numbers at the front as one."""
        one = self.graph.number(1)
        found, *rest = [f for f in factors if f is not one] or [one]
        for factor in rest:
            if found.op == factor.op == "number":
                both = found.data[0] * factor.data[0]  # type: ignore[operator]
                found = self.graph.node("number", data=(both,), weak=True)
            else:
                found = self.graph.multiply(found, factor)
        return found

    def _inside(self, number: Node, node: Node) -> Node | None:
        """number*(a*x + x) as (number*a + number)*x, and so without an x, if no term needs one
        more operation; where terms may cancel, only by a power of two, which rounds nothing."""
        if node.op not in ("add", "subtract") or self.count[node] != 1:
            return None
        sides = [self._sides(term) for term in node.args]
        common = [f for f in sides[0][1] if f in sides[1][1]][:1]
        for factor in common:
            for _, others in sides:
                others.remove(factor)
        free = all(numbers or not others for numbers, others in sides)
        parts = [factor for numbers, others in sides for factor in (*numbers, *others)]
        summed = node.op == "add" and all(map(_is_positive, parts))
        if not free or not (summed or number.data in ((2,), (4,))):
            return None
        scaled = [(self._product([number, *numbers]), others) for numbers, others in sides]
        if not all(_is_moderate(number) for number, _ in scaled):
            return None
        terms = [self._product([number, *others]) for number, others in scaled]
        return self._product([self.graph.node(node.op, *terms), *common])


def _is_moderate(number: Node) -> bool:
    """Whether a number is sure to be far from where numbers of any dtype overflow or vanish."""
    value = _value(number)
    return value is not None and 1e-4 <= abs(value) <= 4096


def _value(node: Node) -> float | None:
    """A number that no size is part of."""
    if node.op == "number" and abs(node.data[0]) < 1e9:  # type: ignore[arg-type]
        return float(str(node.data[0]))
    if node.data == ("pi",):
        return math.pi
    values = [_value(arg) for arg in node.args]
    known = [value for value in values if value is not None]
    if node.op in _ARITHMETIC and 0 not in known and len(known) == len(values):
        return _ARITHMETIC[node.op](*known)
    return None


def _is_positive(node: Node) -> bool:
    """Whether it is certain that an operation's result is not negative."""
    if node.op in ("number", "size") or node.data == ("pi",):
        return True
    if node.op == "power" and node.args[1].data in ((2,), (4,)):
        return True
    return node.op in ("add", "multiply", "divide", "power") and all(map(_is_positive, node.args))
