"""Powers of a sigmoid whose exponents differ by a whole number, all from one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

from derive.emit.again import made_again
from derive.emit.graph import Graph, Node

_MOST = 3  # factors that take the place of a power


def with_shared_powers(graph: Graph, root: Node) -> Node:
    """p**(2 + g) as p**g*p*p for a sigmoid p and any g, wherever p**g is needed as well: log(p)
    magnifies what 2 + g loses when it is rounded. If p**g overflows, so does what it is needed
    for."""
    cases = _cases(root)

    def replaced(node: Node, again: Callable[[Node], Node]) -> Node | None:
        if node.op != "power" or not _is_sigmoid(node.args[0]):
            return None
        base, exponent = node.args
        for number, rest in _sums(graph, exponent):
            low = graph.power(base, rest)
            if number.data in [(n,) for n in range(1, _MOST + 1)] and _goes_with(node, low, cases):
                found = again(low)
                for _ in range(int(str(number.data[0]))):
                    found = graph.multiply(found, again(base))
                return found
        return None

    return made_again(graph, root, replaced)


def _is_sigmoid(node: Node) -> bool:
    return node.op in ("function", "exactly") and node.data[0] == "sigmoid"


def _sums(graph: Graph, exponent: Node) -> Iterator[tuple[Node, ...]]:
    """An exponent as a sum of two, either way round. If it has new axes, so has the second."""
    if exponent.op == "expand":
        for first, second in _sums(graph, exponent.args[0]):
            yield first, graph.expand(second, exponent.kept)
    elif exponent.op == "add":
        yield from permutations(exponent.args)


def _cases(root: Node) -> list[set[Node]]:
    """What is needed at the same time: all that each case of a distinction is made of, but for
    what is in distinctions inside it, and the same of the root."""
    found, starts = list[set[Node]](), [root]
    for start in starts:  # it grows on the way
        inside, pending = set[Node](), [start]
        while pending:
            node = pending.pop()
            if node not in inside:
                inside.add(node)
                if node.op == "where":
                    starts.extend(arg for arg in node.args if arg not in starts)
                else:
                    pending.extend(node.args)
        found.append(inside)
    return found


def _goes_with(node: Node, other: Node, cases: list[set[Node]]) -> bool:
    """Whether another node is needed wherever a node is."""
    return all(other in case for case in cases if node in case)
