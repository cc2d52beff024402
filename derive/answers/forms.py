"""The forms of a right result in which people make slips."""

from __future__ import annotations

from itertools import islice

from sympy import Expr, Piecewise

from derive.context import unfold
from derive.nodes import Derivative, Where, children, rebuild
from derive.problem import Problem
from derive.steps import Chain


def forms(right: Chain) -> tuple[Expr, ...]:
    """Other forms of a right result: as it is before anything is simplified, by cases, and with
    what names stand for put in."""
    lines = (step.after for step in right.steps if not step.after.has(Derivative))
    cases = [_choice(right.cases.after)] if right.cases else []
    found = [*islice(lines, 1), *cases, _unfolded(right.result, right.problem)]
    return tuple(form for form in dict.fromkeys(found) if form != right.result)


def _choice(cases: Piecewise) -> Expr:
    """Cases i = j and i != j as one expression."""
    (yes, condition), (no, _) = cases.args
    return Where(yes, no, condition)


def _unfolded(expr: Expr, problem: Problem) -> Expr:
    """An expression with what names stand for in place of the names."""
    definition = problem.definition(expr)
    if definition is not None:
        return unfold(definition, expr)
    parts = children(expr)
    return rebuild(expr, tuple(_unfolded(part, problem) for part in parts)) if parts else expr
