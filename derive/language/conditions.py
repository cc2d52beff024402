"""Conditions to SymPy: comparisons of numbers or of indices, and, or, not."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from sympy import And, Expr, Not, Or
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational
from sympy.logic.boolalg import Boolean

from derive.errors import ProblemError
from derive.indices import bounds
from derive.language.syntax import on_indices
from derive.language.vocabulary import Env

RELATIONS: dict[type[ast.cmpop], type[Relational]] = {
    ast.Eq: Eq,
    ast.NotEq: Ne,
    ast.Lt: Lt,
    ast.LtE: Le,
    ast.Gt: Gt,
    ast.GtE: Ge,
}


def _is_on_indices(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare) and on_indices(node)


def condition(node: ast.expr, env: Env, sides: Callable[[ast.Compare, Env], list[Expr]]) -> Boolean:
    """A condition, given what builds the sides of a comparison. What is said of indices in an `and`
    holds for the numbers in it."""
    if isinstance(node, ast.BoolOp):
        both = isinstance(node.op, ast.And)
        found: dict[ast.expr, Boolean] = {}
        for value in sorted(node.values, key=lambda value: not _is_on_indices(value)):
            found[value] = condition(value, env, sides)
            if both:
                env = replace(env, holds=(*env.holds, *bounds(found[value])))
        parts = [found[value] for value in node.values]
        return And(*parts) if both else Or(*parts)
    if isinstance(node, ast.UnaryOp):
        return Not(condition(node.operand, env, sides))
    assert isinstance(node, ast.Compare)
    try:
        pairs = zip(node.ops, pairwise(sides(node, env)), strict=True)
        return And(*(RELATIONS[type(sign)](*pair) for sign, pair in pairs))
    except TypeError:  # SymPy's for a side that is a constant and not real
        raise env.error(ProblemError, "this compares what is not a real number", node) from None
