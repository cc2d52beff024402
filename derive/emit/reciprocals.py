"""What rows are divided by, as what they are multiplied by: processors divide several times as
slowly as they multiply."""

from __future__ import annotations

from collections.abc import Callable

from derive.emit.again import made_again
from derive.emit.graph import Graph, Node


def by_reciprocals(graph: Graph, root: Node, *, shares: bool = False) -> Node:
    """x/sqrt(y) as x*(1/sqrt(y)) for rows x and a number y of each: no reciprocal of a root
    overflows.

    Args:
        shares: whether e/sum(e) is e*(1/sum(e)) too, where the sum is sure not to be tiny, as an
            exponent of the row, or a number next to it, is subtracted from all. A share of almost
            all need not be rounded to 1 then.
    """

    def replaced(node: Node, again: Callable[[Node], Node]) -> Node | None:
        if node.op != "divide" or node.args[1].op != "expand":
            return None
        row, spread = node.args
        (under,) = spread.args
        if under.op != "sqrt" and not (shares and _is_share(row, under)):
            return None
        one = graph.divide(graph.number(1), again(under))
        return graph.multiply(
            again(row), graph.node("expand", one, data=spread.data, rank=spread.rank)
        )

    return made_again(graph, root, replaced)


def _is_share(e: Node, total: Node) -> bool:
    return total.op == "sum" and total.args == (e,) and _is_shifted(e)


def _is_shifted(e: Node) -> bool:
    """Whether these are exponentials of which some entry of every row is not small."""
    if e.op != "function" or e.data != ("exp",):
        return False
    (exponent,) = e.args
    if exponent.op == "divide":
        exponent = exponent.args[0]
    return exponent.op == "subtract" and _has_extreme(exponent.args[1], exponent.args[0])


def _has_extreme(node: Node, array: Node) -> bool:
    """Whether a node has an entry of every row of an array, its largest or smallest, or what is
    subtracted instead of the largest."""
    if node.op == "expand" or node.data == ("shift",):
        return _has_extreme(node.args[0], array)
    if node.op == "where":
        return all(_has_extreme(part, array) for part in node.args[1:])
    return node.op in ("max", "min") and node.args == (array,)
