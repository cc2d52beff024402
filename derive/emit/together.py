"""Functions that are worked out together: sigmoid(x) and sigmoid(-x) from one exponential."""

from __future__ import annotations

from collections.abc import Iterator

from derive.emit.graph import Graph, Node


def with_both_sides(graph: Graph, root: Node) -> Node:
    """The same with every sigmoid(x) and sigmoid(-x) of one x as the two items of one operation."""
    arguments = {node.args[0] for node in _all_below(root) if _is_sigmoid(node)}
    both = {x.args[0] for x in arguments if x.op == "negative" and x.args[0] in arguments}
    known: dict[Node, Node] = {}

    def rebuilt(node: Node) -> Node:
        if node not in known:
            known[node] = made(node)
            if node in graph.names:
                graph.names.setdefault(known[node], graph.names[node])
        return known[node]

    def made(node: Node) -> Node:
        for side, x in enumerate(_sides(node)):
            if x in both:
                pair = graph.node("sigmoids", rebuilt(x), hint="sigmoids")
                return graph.node("item", pair, data=(side,), hint="sigmoid")
        args = tuple(map(rebuilt, node.args))
        if args == node.args or node.op == "exactly":
            return node
        return graph.node(
            node.op, *args, data=node.data, rank=node.rank, weak=node.weak, hint=node.hint
        )

    return rebuilt(root) if both else root


def _is_sigmoid(node: Node) -> bool:
    return node.op == "function" and node.data == ("sigmoid",)


def _sides(node: Node) -> Iterator[Node]:
    """Of sigmoid(a): the x for which it is sigmoid(x), then the one for which it is sigmoid(-x)."""
    if _is_sigmoid(node):
        (a,) = node.args
        yield a
        yield from a.args if a.op == "negative" else ()


def _all_below(root: Node) -> set[Node]:
    found, pending = set[Node](), [root]
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending += node.args
    return found
