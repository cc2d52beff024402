"""Exponentials of exponentials: exp(-exp(t)) is 0 long before exp(t) overflows."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, Pow, S

from derive.emit.logistic import powers_of
from derive.emit.shifts import Larger, Peak, Shifted, Trough, is_counterpart
from derive.emit.special import (
    bounded,
    difference_of_exponentials,
    erfc,
    expm1,
    gelu_slope,
    in_range,
    log1mexp,
    normal_cdf,
    sigmoid_slope,
)
from derive.functions import Maximum, atan, erf, exp, sigmoid, tanh
from derive.functions import abs as absolute
from derive.nodes import Sum, children, rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable

# They are constant to the last digit, or vanish, or overflow, wherever their argument is large.
_LEVEL = (
    *(atan, erf, erfc, exp, expm1, gelu_slope, log1mexp, normal_cdf, sigmoid, sigmoid_slope, tanh),
)


def with_bounds(expr: Expr, stable: Stable) -> Expr:
    """tanh(exp(t)) = tanh(exp(bounded(t))), and f(t)*exp(-exp(t)) likewise, where the one factor
    could overflow and the other vanish. A bounded number is itself, up to a bound at which nothing
    depends on it any more."""
    parts = children(expr)
    if not parts:
        return expr
    found = rebuild(expr, tuple(with_bounds(part, stable) for part in parts))
    if isinstance(found, _LEVEL):
        (argument,) = found.args
        apart = _apart(argument, stable)
        if apart != argument:
            return rebuild(found, (apart,))
        return rebuild(found, (_in_range(_bounded(argument, _exponents(argument))),))
    return _product_with_bounds(found) if isinstance(found, Mul) else found


def _product_with_bounds(product: Expr) -> Expr:
    """exp(t)**2*exp(-exp(t)) = exp(2*bounded(t) - exp(t)), and every other exp(t) with a bound."""
    powers = powers_of(product)
    joined = _joined(powers)
    if joined is not None:
        return joined
    for factor in powers:
        inner = _exponents(factor.args[0]) if _vanishes(factor) else set[Expr]()
        if not inner:
            continue
        taken = [f for f in powers if isinstance(f, exp) and _unbounded(f.args[0]) in inner]
        if isinstance(factor, exp):
            more = (powers[f] * bounded(_unbounded(f.args[0])) for f in taken)
            whole = exp(Add(powers.pop(factor) * factor.args[0], *more))
            powers = powers_of(Mul(*(Pow(f, n) for f, n in powers.items() if f not in taken)))
            powers[whole] += 1
        return Mul(*(Pow(_bounded(f, inner), n) for f, n in powers.items()))
    return product


def _joined(powers: Counter[Expr]) -> Expr | None:
    """exp(t)*exp(u) = exp(t + u) and exp(t)*sigmoid_slope(u) = exp(t - |u|)*sigmoid(|u|)**2 for a
    difference u of exponentials, which may be far from 0 where t is large."""
    growing = [f for f in powers if isinstance(f, exp) and not _is_difference(f.args[0])]
    falling = [f for f in powers if isinstance(f, exp | sigmoid_slope) and f not in growing]
    falling = [f for f in falling if _is_difference(f.args[0])]
    if not growing or not falling:
        return None
    exponent = Add(*(powers[f] * f.args[0] for f in growing))
    parts = [Pow(f, n) for f, n in powers.items() if f not in (*growing, *falling)]
    for factor in falling:
        (u,), count = factor.args, powers[factor]
        slope = isinstance(factor, sigmoid_slope)
        exponent += count * (-absolute(u) if slope else u)
        parts.append(Pow(sigmoid(absolute(u)), 2 * count) if slope else S.One)
    return Mul(*parts, exp(exponent))


def _is_difference(u: Expr) -> bool:
    """Whether it has a difference of exponentials, made by `_apart`."""
    return any(isinstance(bound.args[0], Maximum) for bound in u.atoms(in_range))


def _vanishes(factor: Expr) -> bool:
    """Whether a factor vanishes faster than the exponentials in its argument grow."""
    falls = isinstance(factor, exp | sigmoid) and factor.args[0].could_extract_minus_sign()
    return falls or isinstance(factor, sigmoid_slope)


def _exponents(expr: Expr) -> set[Expr]:
    """The t of every exp(t) that a sum is made of, if it is far from 0 wherever one of them is
    large: all terms have one sign, and as factors only numbers that are known and not tiny."""
    terms = Add.make_args(expr)
    if len({term.could_extract_minus_sign() for term in terms}) > 1:
        return set()
    found = [_exponents_of_term(term) for term in terms]
    return set[Expr]().union(*found) if all(found) else set()


def _exponents_of_term(term: Expr) -> set[Expr]:
    number, rest = term.as_coeff_Mul()
    if abs(number) < 1e-9:
        return set()
    if isinstance(rest, Sum):
        return _exponents(rest.body)
    powers = powers_of(rest)
    simple = all(isinstance(base, exp) for base in powers) and set(powers.values()) <= {1, 2, 3}
    return {_unbounded(base.args[0]) for base in powers} if simple and len(powers) == 1 else set()


def _in_range(expr: Expr) -> Expr:
    """exp(t) with the bound at which it is out of range, unless another could cancel it: but for a
    tiny factor, nothing depends on it any more."""
    if isinstance(expr, exp | expm1):
        (t,) = expr.args
        return expr if isinstance(t, bounded | in_range) else expr.func(in_range(t))
    several = len(expr.atoms(exp, expm1)) > 1 or expr.has(Peak)
    if isinstance(expr, Add | Shifted) and several:
        return expr
    if isinstance(expr, Add | Mul | Peak | Larger | Shifted):
        return rebuild(expr, tuple(map(_in_range, children(expr))))
    powered = isinstance(expr, Pow) and expr.exp.is_Rational and expr.exp > 0
    return Pow(_in_range(expr.base), expr.exp) if powered else expr


def _apart(expr: Expr, stable: Stable) -> Expr:
    """The same with every f*exp(a) - f*exp(b) in a sum as exp(m) times what does not cancel, m the
    larger of a and b, with the bound at which it is out of range."""
    if expr.has(bounded, in_range):
        return expr
    below = _below_largest(expr)
    if below is not None:
        return below
    terms = Add.make_args(expr)
    for pair in combinations(terms, 2):
        found = difference_of_exponentials(Add(*pair), stable)
        if found is not None:
            rest, a, b = found
            others = Add(*(term for term in terms if term not in pair))
            return rest * exp(in_range(Maximum(a, b))) + _apart(others, stable)
    if isinstance(expr, Add | Mul | Larger | Shifted):
        return rebuild(expr, tuple(_apart(part, stable) for part in children(expr)))
    return expr


def _below_largest(x: Expr) -> Expr | None:
    """exp(t) - exp(m) = exp(m)*(exp(t - m) - 1) for the largest exponent m, and -exp(t) + exp(m) =
    exp(t)*(exp(m - t) - 1) for the smallest."""
    if not isinstance(x, Shifted) or not isinstance(x.args[1], Peak):
        return None
    exponent, peak = x.args
    sign, over = exponent.as_coeff_Mul()
    if not isinstance(over, exp) or not is_counterpart(exponent, {peak}):
        return None
    under = peak.body.as_coeff_Mul()[1]
    highest = isinstance(peak, Trough) == (sign < 0)
    t, m = over.args[0], (Peak if highest else Trough)(under.args[0], peak.args[1])
    first, last = (t, m) if highest else (m, t)
    return (sign if highest else -sign) * exp(in_range(last)) * expm1(Shifted(first, last))


def _unbounded(t: Expr) -> Expr:
    return t.args[0] if isinstance(t, bounded | in_range) else t


def _bounded(expr: Expr, exponents: set[Expr]) -> Expr:
    """The same with a bound for these exponents, where sums and products are made of them."""
    if isinstance(expr, exp | expm1):
        (t,) = expr.args
        return expr.func(bounded(t)) if t in exponents else expr
    if isinstance(expr, Add | Mul | Sum | Pow):
        return rebuild(expr, tuple(_bounded(part, exponents) for part in children(expr)))
    return expr
