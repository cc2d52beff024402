"""Functions that are worked out together, from one exponential: sigmoid(x), sigmoid(-x) and their
product, which is the slope of both; the normal distribution function and its density."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from derive.emit.again import made_again
from derive.emit.graph import Graph, Node, uses

# Of each function, what gives it and others at once.
_TOGETHER = {
    "sigmoid": "sigmoids",
    "sigmoid_slope": "sigmoids",
    "normal_cdf": "normal",
    "normal_pdf": "normal",
}


def worked_out_together(graph: Graph, root: Node) -> Node:
    """The same with functions of one x as items of one operation, wherever there are several."""
    count = Counter(home for node in uses(root) if (home := _home(node)))

    def replaced(node: Node, again: Callable[[Node], Node]) -> Node | None:
        home = _home(node)
        if not home or count[home] == 1:
            return None
        name, x = home
        return _taken(graph, node, graph.node("together", again(x), data=(name,), hint=name))

    return made_again(graph, root, replaced) if any(n > 1 for n in count.values()) else root


def _home(node: Node) -> tuple[str, Node] | None:
    """The operation that can give a function, and its x: sigmoid(-x) goes with sigmoid(x)."""
    name = _TOGETHER.get(str(node.data[0])) if node.op == "function" else None
    if name is None or node.weak:
        return None
    (x,) = node.args
    return name, x.args[0] if name == "sigmoids" and x.op == "negative" else x


def _taken(graph: Graph, node: Node, pair: Node) -> Node:
    """A function, taken from both items of what is worked out together."""
    hint = "sigmoid" if pair.data == ("sigmoids",) else node.hint
    first, second = (graph.node("item", pair, data=(k,), hint=hint) for k in (0, 1))
    if node.data == ("sigmoid_slope",):
        return graph.multiply(first, second)
    negative = node.data == ("sigmoid",) and node.args[0].op == "negative"
    return second if negative or node.data == ("normal_pdf",) else first
