"""Shares of a sum of exponentials: a row is multiplied by one number, where every entry would be
divided by one. Processors divide several times as slowly as they multiply."""

from __future__ import annotations

from collections.abc import Callable

from derive.emit.again import made_again
from derive.emit.graph import Graph, Node


def by_reciprocals(graph: Graph, root: Node) -> Node:
    """e/sum(e) as e*(1/sum(e)), where the sum is sure not to be tiny, so that 1/sum(e) does not
    overflow: an exponent of the row, or a number next to it, is subtracted from all."""

    def replaced(node: Node, again: Callable[[Node], Node]) -> Node | None:
        if node.op != "divide" or node.args[1].op != "expand":
            return None
        e, whole = node.args
        (total,) = whole.args
        if total.op != "sum" or total.args != (e,) or not _is_shifted(e):
            return None
        one = graph.divide(graph.number(1), again(total))
        spread = graph.node("expand", one, data=whole.data, rank=whole.rank)
        return graph.multiply(again(e), spread)

    return made_again(graph, root, replaced)


def _is_shifted(e: Node) -> bool:
    """Whether these are exponentials, of which some entry of every row is not small."""
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
