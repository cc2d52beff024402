"""Exponentials of exponentials: exp(-exp(t)) is 0 long before exp(t) overflows."""

from __future__ import annotations

from sympy import Add, Expr, Mul, Pow

from derive.emit.special import bounded, erfc, expm1, log1mexp, normal_cdf, sigmoid_slope
from derive.functions import atan, erf, exp, sigmoid, tanh
from derive.nodes import Sum, children, rebuild

# They are constant to the last digit, or vanish, or overflow, wherever their argument is large.
_LEVEL = (atan, erf, erfc, exp, expm1, log1mexp, normal_cdf, sigmoid, sigmoid_slope, tanh)
# They vanish faster than their argument grows, or overflow anyway.
_VANISHING = (exp, sigmoid_slope)


def with_bounds(expr: Expr) -> Expr:
    """tanh(exp(t)) = tanh(exp(bounded(t))), and exp(t)*exp(-exp(t)) likewise, where the one factor
    could overflow and the other vanish. A bounded number is itself, up to a bound at which nothing
    depends on it any more."""
    parts = children(expr)
    if not parts:
        return expr
    found = rebuild(expr, tuple(map(with_bounds, parts)))
    if isinstance(found, _LEVEL):
        return rebuild(found, (_bounded(found.args[0], _exponents(found.args[0])),))
    if isinstance(found, Mul):
        inner = {t for f in found.args if isinstance(f, _VANISHING) for t in _exponents(f.args[0])}
        return Mul(*(_bounded(f, inner) for f in found.args)) if inner else found
    return found


def _exponents(expr: Expr) -> set[Expr]:
    """The t of every exp(t) that sums and products are made of."""
    if isinstance(expr, exp):
        (t,) = expr.args
        return {t.args[0] if isinstance(t, bounded) else t}
    inside = children(expr) if isinstance(expr, Add | Mul | Sum) else ()
    inside = (expr.base,) if isinstance(expr, Pow) and expr.exp.is_positive else inside
    return set[Expr]().union(*map(_exponents, inside))


def _bounded(expr: Expr, exponents: set[Expr]) -> Expr:
    """The same with a bound for these exponents, where sums and products are made of them."""
    if isinstance(expr, exp | expm1):
        (t,) = expr.args
        return expr.func(bounded(t)) if t in exponents else expr
    if isinstance(expr, Add | Mul | Sum | Pow):
        return rebuild(expr, tuple(_bounded(part, exponents) for part in children(expr)))
    return expr
