"""Matrix products over a number, as products of smaller matrices over it: scores of attention,
n by m, are sums over d that are divided by sqrt(d), and queries are only n by d."""

from __future__ import annotations

from collections.abc import Callable

from derive.emit.again import made_again
from derive.emit.graph import Graph, Node, uses

# What gives c times as much for operands that are c times as large, for a positive c.
_HOMOGENEOUS = frozenset({"add", "subtract", "negative", "expand", "max", "min"})


def with_scaled_operands(graph: Graph, root: Node) -> Node:
    """f(Q @ K)/c as f((Q/c) @ K) for given matrices Q and K, c the length of an axis or its root,
    and what is c times as large for a product c times as large, such as a difference from its
    largest entry. Nothing is done if a product is needed as it is as well."""
    products = set[Node]()

    def replaced(node: Node, again: Callable[[Node], Node]) -> Node | None:
        if node.op != "divide" or not _is_length(node.args[1]):
            return None
        inner, by = node.args
        leaves = _leaves(inner)
        if not all(map(_is_of_given, leaves)):
            return None
        products.update(leaves)
        return scaled(inner, by, again)

    def scaled(node: Node, by: Node, again: Callable[[Node], Node]) -> Node:
        if node.op == "matmul":
            first, second = map(again, node.args)
            return graph.node("matmul", graph.divide(first, by), second, hint=node.hint)
        args = (scaled(arg, by, again) for arg in node.args)
        return graph.node(node.op, *args, data=node.data, rank=node.rank, hint=node.hint)

    found = made_again(graph, root, replaced)
    return root if products & uses(found).keys() else found


def _is_of_given(node: Node) -> bool:
    """Whether a node is a product of matrices that are arguments; of others, it may be smaller."""
    return node.op == "matmul" and all(arg.is_view for arg in node.args)


def _is_length(node: Node) -> bool:
    """Whether a number is the length of an axis, or its root: positive, and not large."""
    if node.op == "power" and node.args[1].op == "divide":
        halved = [arg.data for arg in node.args[1].args] == [(1,), (2,)]
        return halved and _is_length(node.args[0])
    return node.op == "size"


def _leaves(node: Node) -> set[Node]:
    """What homogeneous operations make a node of."""
    if node.op not in _HOMOGENEOUS:
        return {node}
    return set[Node]().union(*map(_leaves, node.args))
