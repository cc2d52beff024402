"""Sums with logarithms, exact where they nearly cancel.

x - log(y) keeps few digits where it is small beside x: log(y) is rounded, and so is x if it is
worked out. What rounding loses is added there, as `exactly` does for the arguments of exponentials.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from derive.emit.again import made_again
from derive.emit.exactly import Compose, exact_leaves, is_logarithm, making, statement, unpowered
from derive.emit.graph import Graph, Node
from derive.emit.writer import Source, listed

_SUMS = frozenset({"add", "subtract"})


def with_exact_sums(graph: Graph, root: Node) -> Node:
    """The root with sums of numbers that arithmetic and logarithms make of exact ones. A sum
    without a logarithm is left alone: to look at its size would take as long as the sum."""

    def replaced(node: Node, _: Callable[[Node], Node]) -> Node | None:
        leaves = exact_leaves(node) if node.op in _SUMS and not node.rank else None
        if not leaves or not _has_logarithm(node):
            return None
        terms = [term for term in _terms(node) if not term.weak]
        data = (len(terms), unpowered(graph, node))
        return graph.node("exact_sum", node, *terms, *leaves, data=data, weak=False)

    return made_again(graph, root, replaced)


def _terms(node: Node) -> Iterator[Node]:
    """What a sum adds and subtracts."""
    if node.op not in _SUMS:
        yield node
        return
    for arg in node.args:
        yield from _terms(arg)


def _has_logarithm(node: Node) -> bool:
    return is_logarithm(node) or any(map(_has_logarithm, node.args))


def assignment(name: str, node: Node, operands: Sequence[Source], compose: Compose) -> list[str]:
    """The statement that gives the result a name:
    t = _exact_sum(x + log, (x, log), lambda x, y: x + np.log(y), x, y).
    """
    first = int(str(node.data[0])) + 1
    found, *terms = (operand.text for operand in operands[:first])
    _, *made = making(node.data[1], node.args[first:], operands[first:], compose)
    return statement(name, "_exact_sum", [f"{found}, ({listed(terms)})", *made])
