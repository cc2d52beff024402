"""What the code takes for the slope where there is none, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Expr, preorder_traversal

from derive.functions import Maximum, Minimum, abs, relu, sign
from derive.indices import names
from derive.nodes import Largest, Smallest, Where
from derive.problem import Problem

_FIRST = "Where arguments of max or min are equal, the slope is that of the first of them."
_ALL = "Where several values are the largest or smallest, the slopes of all of them are added."
_CASES = "On the border of a condition on values, the slope is that of the case that holds there."

_TAKEN: dict[Any, str] = {
    abs: "The slope of abs at 0 is 0.",
    sign: "The slope of sign at 0 is 0.",
    relu: "The slope of relu at 0 is 0.",
    Maximum: _FIRST,
    Minimum: _FIRST,
    Largest: _ALL,
    Smallest: _ALL,
    Where: _CASES,
}


def conventions(problem: Problem) -> tuple[str, ...]:
    """A sentence for every kind of kink that a target has; () if it has none."""
    kinds = {type(node) for node in kinked(problem)}
    return tuple(dict.fromkeys(text for kind, text in _TAKEN.items() if kind in kinds))


def kinked(problem: Problem) -> Iterator[Expr]:
    """The nodes of a target, and of what it is defined by, that have a kink."""
    bodies = (d.body for d in problem.definitions if not d.adjoint)
    for expr in (problem.target, *bodies):
        for node in preorder_traversal(expr):
            on_indices = isinstance(node, Where) and not _on_values(node)
            if type(node) in _TAKEN and not on_indices:
                yield node


def _on_values(node: Where) -> bool:
    return any(names(side) for side in node.condition.args)
