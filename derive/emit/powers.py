"""Powers of a sigmoid whose exponents differ by a number, all from the lowest of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

from derive.emit.again import made_again
from derive.emit.graph import Graph, Node, uses


def with_shared_powers(graph: Graph, root: Node) -> Node:
    """p**(n + g) as p**n*p**g for a sigmoid p, a positive number n and any g, where p**g is needed
    as well: log(p) magnifies what n + g loses when it is rounded. As p is below 1, p**g is the
    larger one: it neither vanishes before the other does, nor overflows after it."""
    powers = {node.args for node in uses(root) if node.op == "power"}

    def replaced(node: Node, again: Callable[[Node], Node]) -> Node | None:
        if node.op != "power" or not _is_sigmoid(node.args[0]):
            return None
        base, exponent = node.args
        for number, rest in _split(graph, exponent):
            if number.op == "number" and (base, rest) in powers:
                more = base if number.data == (1,) else graph.power(base, number)
                return graph.multiply(again(more), again(graph.power(base, rest)))
        return None

    return made_again(graph, root, replaced)


def _is_sigmoid(node: Node) -> bool:
    return node.op in ("function", "exactly") and node.data[0] == "sigmoid"


def _split(graph: Graph, exponent: Node) -> list[tuple[Node, ...]]:
    """Ways to read an exponent as a sum of two; one of the same for a whole row, spread over it."""
    if exponent.op == "expand":
        inside = _split(graph, exponent.args[0])
        return [(first, graph.expand(second, exponent.kept)) for first, second in inside]
    return list(permutations(exponent.args)) if exponent.op == "add" else []
