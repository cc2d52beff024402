"""Derivatives: ∂s/∂z in one fraction, or ∂/∂z in front of what is differentiated."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy
from sympy import Expr

from derive.nodes import Derivative
from derive.render.brackets import is_short, raised
from derive.render.tree import (
    Apply,
    Big,
    Cases,
    Fenced,
    Frac,
    Function,
    Name,
    Node,
    Number,
    Product,
    Root,
    Row,
    Script,
)

_CLOSED = (Big, Cases, Frac, Root, Script, Apply, Fenced, Number)


def derivative_node(
    expr: Derivative,
    node: Callable[[Expr], Node],
    fraction: Callable[[Node, Node], Node],
    d: str,
) -> Node:
    """One fraction where what is differentiated is short, else ∂/∂z in front of it.

    Args:
        node, fraction: typeset an expression, and one node over another.
        d: the letter of derivatives.
    """
    counts: dict[Expr, int] = {}
    inner: Expr = expr
    while isinstance(inner, sympy.Derivative):
        earlier = {variable: int(count) for variable, count in inner.args[1:]}
        counts = {v: earlier.get(v, 0) + counts.get(v, 0) for v in [*earlier, *counts]}
        inner = inner.expr
    body, under = node(inner), _differentials(counts, node, d)
    order = sum(counts.values())
    letter: Node = Name(d)
    letter = Script(letter, sup=Number(str(order))) if order > 1 else letter
    if is_short(body):
        worded = isinstance(body, Apply) and isinstance(body.function, Function)
        apart = worded or (d == "d" and not isinstance(body, Name))
        return fraction(Product((letter, body)) if apart else Row((letter, body)), under)
    return Apply(fraction(letter, under), body if isinstance(body, _CLOSED) else Fenced(body))


def _differentials(counts: Mapping[Expr, int], node: Callable[[Expr], Node], d: str) -> Node:
    """∂x, ∂x∂y, ∂x²."""
    parts: list[Node] = []
    for variable, count in counts.items():
        written = node(variable)
        written = raised(written, Number(str(count))) if count > 1 else written
        parts.append(Row((Name(d), written)))
    return Product(tuple(parts)) if len(parts) > 1 else parts[0]
