"""A graph made again, with some of its operations replaced."""

from __future__ import annotations

from collections.abc import Callable

from derive.emit.graph import Graph, Node

# What stands for an operation, made of what stands for its operands, which the second argument
# gives; None to leave it as it is.
Replace = Callable[[Node, Callable[[Node], Node]], Node | None]


def made_again(graph: Graph, root: Node, replace: Replace) -> Node:
    """The root with all that it is made of replaced; a definition's name goes to what stands for
    it."""
    known: dict[Node, Node] = {}

    def again(node: Node) -> Node:
        if node not in known:
            known[node] = replace(node, again) or same(node)
            if node in graph.names:
                graph.names.setdefault(known[node], graph.names[node])
        return known[node]

    def same(node: Node) -> Node:
        args = tuple(map(again, node.args))
        if args == node.args:
            return node
        # How an argument is made is told by the same operands.
        data = tuple(again(part) if isinstance(part, Node) else part for part in node.data)
        return graph.node(node.op, *args, data=data, rank=node.rank, weak=node.weak, hint=node.hint)

    return again(root)
