"""Sums with logarithms, exact where they nearly cancel.

x - log(y) keeps few digits where it is small beside x: log(y) is rounded, and so is x if it is
worked out. What rounding loses is added there, as `exactly` does for the arguments of exponentials.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from derive.emit.again import made_again
from derive.emit.exactly import (
    SUMS,
    Compose,
    exact_leaves,
    is_exact,
    is_logarithm,
    making,
    parts,
    statement,
    unpowered,
)
from derive.emit.graph import Graph, Node, uses
from derive.emit.writer import Source, listed

_MOST = 64  # operations that are worth writing out once more


def with_exact_sums(graph: Graph, root: Node) -> Node:
    """The root with sums of numbers that arithmetic and logarithms make of exact ones. A sum
    without a logarithm is left alone: to look at its size would take as long as the sum."""
    count = uses(root)

    def is_term(node: Node) -> bool:
        return node.op not in SUMS or node.weak or count[node] > 1 or node in graph.names

    def replaced(node: Node, again: Callable[[Node], Node]) -> Node | None:
        if node.op not in SUMS or node.rank or node.weak:
            return None
        terms = list[Node]()

        def plain(part: Node) -> Node:
            if part is not node and is_term(part):
                terms.append(again(part))
                return terms[-1]
            return graph.node(part.op, *map(plain, part.args), hint=part.hint)

        found = plain(node)
        rounded = any(term.weak and not is_exact(term) for term in terms)  # such as 1/3
        return found if rounded else _exact(graph, found, [t for t in terms if not t.weak])

    return made_again(graph, root, replaced)


def _exact(graph: Graph, found: Node, terms: Sequence[Node]) -> Node:
    """A sum of terms, put right where it is small beside them, if it can be: what is nested so
    deeply that it is made of very many operations is not worked out again."""
    made = [*islice(parts(found), _MOST + 1)]
    leaves = exact_leaves(found) if len(made) <= _MOST else None
    if not leaves or not any(map(is_logarithm, made)):
        return found
    data = (len(terms), unpowered(graph, found))
    return graph.node("exact_sum", found, *terms, *leaves, data=data, rank=0, weak=False)


def assignment(name: str, node: Node, operands: Sequence[Source], compose: Compose) -> list[str]:
    """The statement that gives the result a name:
    t = _exact_sum(x + log, (x, log), lambda x, y: x + np.log(y), x, y).
    """
    count = len(node.leaves)
    found, *terms = (operand.text for operand in operands[:-count])
    _, *made = making(node.data[1], node.leaves, operands[-count:], compose)
    return statement(name, "_exact_sum", [f"{found}, ({listed(terms)})", *made])
