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
        leaves = dict(zip(node.leaves, args[len(args) - len(node.leaves) :], strict=True))
        data = (
            _made_of(graph, part, leaves) if isinstance(part, Node) else part for part in node.data
        )
        return graph.node(
            node.op, *args, data=tuple(data), rank=node.rank, weak=node.weak, hint=node.hint
        )

    return again(root)


def _made_of(graph: Graph, node: Node, leaves: dict[Node, Node]) -> Node:
    """How something is made, told by other leaves and otherwise as it is."""
    if node not in leaves:
        args = tuple(_made_of(graph, arg, leaves) for arg in node.args)
        made = graph.node(node.op, *args, data=node.data, rank=node.rank, hint=node.hint)
        leaves[node] = node if args == node.args else made
    return leaves[node]
