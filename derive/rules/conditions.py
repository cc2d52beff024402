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
from derive.length import has_minus, length
from derive.matching import match
from derive.nodes import is_index, is_size
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
    if _is_given(condition, context):
        return S.true
    if _is_given(condition.negated, context):
        return S.false
    for side in _both(condition):
        factors = Mul.make_args(side.lhs)
        rest = [f for f in factors if not is_positive(f, context)]
        if side.rhs == 0 and len(rest) < len(factors):
            return tidy(side.func(Mul(*rest), 0), context)
    return condition


def _is_given(condition: Relational, context: Context) -> bool:
    """Whether a comparison follows from one assumption."""
    assumed = (known for known in context.problem.assumptions if isinstance(known, _ORDER))
    return any(
        isinstance(given, Relational) and _follows(condition, given, context)
        for given in map(compared, assumed)
    )


def _follows(asked: Relational, given: Relational, context: Context) -> bool:
    """f > 0 from f > 0 for every index, and f >= 0 or f > -1 too."""
    more = asked.func(asked.lhs, given.rhs) if asked.rhs.is_number else asked
    wild = free_indices(given)
    found = match(given, given.func(*more.args), wild, context.canonical)
    upwards = {isinstance(relation, Gt | Ge) for relation in (asked, given)}
    if found is None or len(upwards) > 1:
        return False
    slack = given.rhs - asked.rhs if upwards == {True} else asked.rhs - given.rhs
    if asked.rhs.is_number and slack != 0:
        return bool(slack.is_positive)
    return isinstance(given, Gt | Lt) or isinstance(asked, Ge | Le)


def is_positive(expr: Expr, context: Context) -> bool:
    """Whether an expression is known to be greater than 0 by its form or an assumption."""
    if expr.is_number or is_size(expr):
        return bool(expr.is_positive)
    if isinstance(expr, exp | sigmoid | softplus):
        return True
    parts = expr.args[:1] if expr.is_Pow else expr.args if isinstance(expr, Add | Mul) else ()
    if parts and all(is_positive(part, context) for part in parts):
        return True
    asked = expr > 0
    if isinstance(asked, Relational):
        asked = compared(asked)
    return asked == S.true or (isinstance(asked, Relational) and _is_given(asked, context))
