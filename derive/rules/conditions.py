"""Conditions as a reader wants them: two terms compared without a subtraction, nothing that is
known already. No rules here; see indicators."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, And, Expr, Mul, Not, Number, Or, S, gcd
from sympy.core.relational import Ge, Gt, Le, Lt, Relational
from sympy.logic.boolalg import Boolean

from derive.context import Context
from derive.functions import Maximum, Minimum, exp, relu, sigmoid, softplus
from derive.indices import free_indices
from derive.matching import match
from derive.nodes import is_index, is_size
from derive.reading import has_minus, length
from derive.rules.shifts import decided

_ORDER = Gt | Ge | Lt | Le


def negation(condition: Boolean) -> Boolean:
    """not c, with the `not` taken into every comparison."""
    if isinstance(condition, Relational):
        return condition.negated
    if isinstance(condition, And | Or):
        other = Or if isinstance(condition, And) else And
        return other(*map(negation, condition.args))
    return condition.args[0] if isinstance(condition, Not) else Not(condition)


def tidy(condition: Boolean, context: Context) -> Boolean:
    """The same condition with every comparison in it written in the shortest way."""
    if isinstance(condition, And | Or | Not):
        return condition.func(*(tidy(part, context) for part in condition.args))
    if isinstance(condition, Relational) and any(map(_counts, condition.args)):
        return decided(condition, context)
    if not isinstance(condition, _ORDER):
        return condition
    candidates = [condition, compared(condition)]
    candidates += [tidy(each, context) for each in _with_each(condition)]
    known = [c for c in candidates if c in (S.true, S.false)]
    found = known[0] if known else min(candidates, key=_cost)
    return _settled(found, context)


def _cost(condition: Boolean) -> tuple[float, bool]:
    """Of two that are as long, the one with its number on the right."""
    numbers = [c.lhs.is_number for c in condition.atoms(Relational) if isinstance(c, _ORDER)]
    return length(condition), any(numbers)


def _counts(side: Expr) -> bool:
    """Whether a side is an index: those are compared as they are."""
    return any(is_index(s) and s in free_indices(side) and side.is_integer for s in side.atoms())


def compared(condition: Relational) -> Boolean:
    """f - g > 0 as f > g: each term on the side where it has no minus sign, and divided by the
    number that all have in common."""
    strict, greater = isinstance(condition, Gt | Lt), isinstance(condition, Gt | Ge)
    big, small = condition.args if greater else condition.args[::-1]
    terms = Add.make_args(Add(big, *(-term for term in Add.make_args(small))))
    if all(isinstance(term, Number) for term in terms):
        return (Gt if strict else Ge)(Add(*terms), 0)
    content = abs(gcd([_number(term) for term in terms]))
    terms = tuple(term / content for term in terms)
    over = [term for term in terms if not has_minus(term)]
    under = [-term for term in terms if has_minus(term)]
    if all(isinstance(term, Number) for term in over):  # 1 > x: read as x < 1
        return (Lt if strict else Le)(Add(*under), Add(*over))
    if not under and any(isinstance(term, Number) for term in over):  # x + 1 > 0: x > -1
        under = [-term for term in over if isinstance(term, Number)]
        over = [term for term in over if not isinstance(term, Number)]
    return (Gt if strict else Ge)(Add(*over), Add(*under))


def _number(term: Expr) -> Number:
    return Mul(*(f for f in Mul.make_args(term) if isinstance(f, Number)))


def _with_each(condition: Relational) -> Iterator[Boolean]:
    """max(f, g) > h as f > h or g > h; min(f, g) > h as f > h and g > h; e^u > 1 as u > 0."""
    for side in (condition, condition.reversed):
        choice = side.lhs
        if isinstance(choice, Maximum | Minimum | relu):
            parts = (S.Zero, *choice.args) if isinstance(choice, relu) else choice.args
            some = isinstance(choice, Minimum) != isinstance(side, Gt | Ge)
            yield (Or if some else And)(*(side.func(part, side.rhs) for part in parts))
    for side in (side for form in (condition, compared(condition)) for side in _both(form)):
        if isinstance(side.lhs, exp) and side.rhs == 1:
            yield side.func(side.lhs.args[0], 0)


def _both(condition: Boolean) -> tuple[Boolean, ...]:
    return (condition, condition.reversed) if isinstance(condition, Relational) else ()


def _settled(condition: Boolean, context: Context) -> Boolean:
    """True or false where an assumption says so; a factor that is known to be positive goes."""
    if not isinstance(condition, _ORDER):
        return condition
    for known in context.problem.assumptions:
        given = compared(known) if isinstance(known, _ORDER) else None
        if not isinstance(given, Relational):
            continue
        if _follows(condition, given, context):
            return S.true
        if _follows(condition.negated, given, context):
            return S.false
    for side in _both(condition):
        factors = Mul.make_args(side.lhs)
        rest = [f for f in factors if not is_positive(f, context)]
        if side.rhs == 0 and len(rest) < len(factors):
            return tidy(side.func(Mul(*rest), 0), context)
    return condition


def _follows(condition: Relational, given: Relational, context: Context) -> bool:
    """Whether a comparison is what is given for every index, or less than that."""
    asked = {type(condition): condition, Ge: _weaker(condition, Gt), Le: _weaker(condition, Lt)}
    forms = [form for form in asked.values() if isinstance(form, Relational)]
    wild = free_indices(given)
    return any(match(given, form, wild, context.canonical) is not None for form in forms)


def _weaker(condition: Relational, strict: type[Relational]) -> Boolean | None:
    """What would imply it: f > g for f >= g."""
    weak = Ge if strict is Gt else Le
    return strict(*condition.args) if isinstance(condition, weak) else None


def is_positive(expr: Expr, context: Context) -> bool:
    """Whether an expression is known to be greater than 0 by its form or an assumption."""
    if expr.is_number or is_size(expr):
        return bool(expr.is_positive)
    if isinstance(expr, exp | sigmoid | softplus):
        return True
    if expr.is_Pow:
        return is_positive(expr.base, context)
    if isinstance(expr, Add | Mul):
        return all(is_positive(part, context) for part in expr.args)
    bounds = (compared(known) for known in context.problem.assumptions if isinstance(known, _ORDER))
    return any(
        isinstance(bound, Gt)
        and bound.rhs.is_nonnegative
        and match(bound.lhs, expr, free_indices(bound.lhs), context.canonical) is not None
        for bound in bounds
    )
