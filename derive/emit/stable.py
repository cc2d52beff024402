"""Expressions rewritten so that no exponential overflows and no logarithm meets a rounded 0.

Each rewrite is exact for real numbers; only what floating point makes of it changes. They are
tried from the outside in, the first that applies wins, and they see through defined names: the
logarithm of p[k], where p is a softmax, is z[k] minus a log-sum-exp.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, Mul, Pow, S, Symbol

from derive.emit.angles import half_angle, half_angle_over_square
from derive.emit.bounded import with_bounds
from derive.emit.degrees import degree, opened
from derive.emit.deviations import constants_of_deviation
from derive.emit.exactly import Care
from derive.emit.guards import guarded_cases
from derive.emit.heights import log_by_height
from derive.emit.homogeneous import with_homogeneous_sums
from derive.emit.inward import exponentials_inward
from derive.emit.logistic import (
    both_sides_of_sigmoid,
    complement_of_sigmoid,
    complement_of_sigmoids,
    complement_of_tanh,
    difference_of_sigmoids,
    hyperbolic_tangent,
    logistic_argument,
    logistic_quotients,
    rest_of_sigmoid,
    tanh_of_softplus,
)
from derive.emit.normal import (
    complement_of_normal,
    density_of_normal,
    log_of_normal,
    slope_of_gelu,
)
from derive.emit.ordering import balanced, smaller_exponential
from derive.emit.others import (
    complement,
    complement_in_sum,
    deviation_from_mean,
    factor_of_name,
    product_of_others,
    share_of_others,
)
from derive.emit.products import one_exponential
from derive.emit.roots import difference_of_roots
from derive.emit.shifts import (
    Peak,
    Shifted,
    largest,
    shifted,
    shifted_quotients,
    with_shifts_inside,
)
from derive.emit.special import (
    SumOfRest,
    complement_of_erf,
    exp_minus_one,
    log1p,
    log_of_cosh,
    log_of_one_more,
    root_of_squares,
    sigmoid_slope,
    tanh_from_its_argument,
    unit_vector,
)
from derive.functions import exp, log, sigmoid, softplus
from derive.indices import free_indices, names, substitute
from derive.nodes import Product, Sum, Where, children, indices_of, rebuild, undistributed
from derive.problem import Problem


@dataclass(frozen=True)
class Stable:
    """Rewrites expressions of one problem.

    Attributes:
        care: how much is done about rounding. In code that is told how exponents are made, what is
            subtracted from them is a whole number; else c*b minus the largest is c times b minus
            the largest b.
    """

    problem: Problem
    care: Care = Care.SHIFTS

    def __call__(self, expr: Expr) -> Expr:
        """The stable form of an expression."""
        with undistributed():
            return with_bounds(self._rewritten(expr), self)

    def exact(self, expr: Expr) -> Expr:
        """The stable form, with sums that cancel as fractions."""
        with undistributed():
            found = self(expr)
            return found if self.care is Care.NONE else with_homogeneous_sums(found, self)

    def _rewritten(self, expr: Expr) -> Expr:
        for rewrite in REWRITES:
            found = rewrite(expr, self)
            if found is not None:
                return found
        parts = children(expr)
        return rebuild(expr, tuple(self._rewritten(part) for part in parts)) if parts else expr

    def sides(self, left: Expr, right: Expr) -> tuple[Expr, Expr]:
        """The stable form of the two sides of a comparison."""
        with undistributed():
            return balanced(left, right, self)

    def is_given(self, expr: Expr) -> bool:
        """Whether an expression is an argument of the code, or an entry of one: it is exact."""
        return isinstance(expr, Symbol | Indexed) and self.unfolded(expr) is None

    def unfolded(self, expr: Expr) -> Expr | None:
        """What a defined name's entry stands for, or None. A name for an entry of another one is
        seen through."""
        definition = self.problem.definition(expr)
        if definition is None:
            return None
        letters = dict(zip(definition.indices, indices_of(expr), strict=True))
        body = substitute(definition.body, letters)
        return self.unfolded(body) or body


Rewrite = Callable[[Expr, Stable], Expr | None]


def log_of_exponentials(node: Expr, stable: Stable) -> Expr | None:
    """log(exp(a)*f) = a + log(f), and log(f) of sums of exponentials, without taking one.

    log(sum(w[k]*exp(a[k]), k)) = m + log(sum(w[k]*exp(a[k] - m), k)), m the largest a[k];
    the rest is in `positive_log`.
    """
    return _log(node.args[0], stable) if isinstance(node, log) else None


def _log(x: Expr, stable: Stable) -> Expr | None:
    body = stable.unfolded(x)
    if body is not None and logistic_argument(x, stable) is None:
        return _log(body, stable)
    if isinstance(x, Mul):
        found = [(factor, positive_log(factor, stable)) for factor in x.args]
        rest = [factor for factor, known in found if known is None]
        parts = [known for _, known in found if known is not None]
        if not any(names(part) for part in parts):
            return None
        terms = [term for part in parts for term in _spread_out(part)]
        return with_shifts_inside([*terms, *([stable(log(Mul(*rest)))] if rest else [])])
    if isinstance(x, Sum):
        return _log_of_sum(x, stable)
    others = share_of_others(x, stable)
    if others is not None:
        return _log(others, stable)
    if isinstance(x, Pow) and x.exp == -1:
        return -stable(log(x.base))
    return None if x.is_Number else positive_log(x, stable)


def _spread_out(x: Expr) -> list[Expr]:
    """z - (m + log(f)) as z, -m and -log(f): z - m is taken first, which loses no digits."""
    number, rest = x.as_coeff_Mul()
    if not isinstance(rest, Add):
        return [x]
    return [number * part for term in rest.args for part in _spread_out(term)]


def positive_log(x: Expr, stable: Stable) -> Expr | None:
    """The logarithm of what is positive because it is made of exponentials; None for the rest.

    log(exp(a)) = a; log(f*g) = log(f) + log(g); log(f**c) = c*log(f);
    log(prod(f, k)) = sum(log(f), k); log(sigmoid(x)) = -softplus(-x);
    log(exp(a) + exp(b)) = a + softplus(b - a).
    """
    argument = logistic_argument(x, stable)
    if argument is not None:
        return -softplus(stable(-argument))
    if isinstance(x, exp):
        return stable(x.args[0])
    if x.is_Number:
        return None if x <= 0 else S.Zero if x == 1 else log(x)
    if isinstance(x, Pow):
        inner = positive_log(x.base, stable)
        return None if inner is None else stable(x.exp) * inner
    found = complement_of_tanh(x, stable)
    if found is not None:
        return _log_of_slope(found)
    if isinstance(x, Mul | Add):
        found = [positive_log(arg, stable) for arg in x.args]
        known = [a for a in found if a is not None]
        if len(known) < len(found) or not any(names(a) for a in known):
            return None
        return Add(*known) if isinstance(x, Mul) else _log_of_terms(known)
    if isinstance(x, Sum):
        return None if positive_log(x.body, stable) is None else _log_of_sum(x, stable)
    if isinstance(x, Product):
        inner = positive_log(x.body, stable)
        return None if inner is None else Sum(inner, x.args[1])
    body = stable.unfolded(x)
    return None if body is None else positive_log(body, stable)


def _log_of_slope(x: Expr) -> Expr | None:
    """log(c*sigmoid(a)) = log(c) - softplus(-a), and the same for sigmoid(a)*sigmoid(-a)."""
    number, slope = x.as_coeff_Mul()
    if not isinstance(slope, sigmoid | sigmoid_slope):
        return None
    (a,) = slope.args
    return log(number) - softplus(-a) - (softplus(a) if isinstance(slope, sigmoid_slope) else 0)


def _log_of_terms(exponents: list[Expr]) -> Expr:
    """log(exp(a) + exp(b)) = a + softplus(b - a), and so on for more."""
    last, *others = sorted(exponents, key=lambda a: (a == 0, str(a)))
    for other in others:
        last = other + softplus(last - other)
    return last


def _log_of_sum(x: Sum, stable: Stable) -> Expr | None:
    x = opened(x, stable)
    if degree(x) != 1:
        return None
    shift = largest(x, stable)
    inside = shifted(x, shift, stable)
    return shift + (_log_of_rest(inside, stable) or log(inside))


def _log_of_rest(x: Expr, stable: Stable) -> Expr | None:
    """log(sum(exp(a[k] - m), k)), m the largest a[k], as log(1 + the other terms): all of them may
    be lost beside 1. If m is there more than once, all but one count as others, which whole arrays
    can leave out for the sum."""
    if stable.care is Care.NONE or not isinstance(x, Sum) or not isinstance(x.body, exp):
        return None
    parts = [f for f in Mul.make_args(x.body.args[0]) if isinstance(f, Shifted)]
    if len(parts) != 1 or not isinstance(parts[0].args[1], Peak):
        return None
    exponent, shift = parts[0].args
    if stable.care is Care.ARGUMENTS and x.letter in free_indices(exponent):
        return log1p(SumOfRest(x.body, x.args[1]))
    rest = Sum(Where(S.Zero, x.body, exponent >= shift), x.args[1])  # nan, if one is
    count = Sum(Where(S.One, S.Zero, exponent >= shift), x.args[1])
    return log1p(rest + Shifted(count, S.One))


REWRITES: tuple[Rewrite, ...] = (
    slope_of_gelu,
    density_of_normal,
    log_of_normal,
    complement_of_normal,
    factor_of_name,
    product_of_others,
    exponentials_inward,
    hyperbolic_tangent,
    one_exponential,
    both_sides_of_sigmoid,
    deviation_from_mean,
    constants_of_deviation,
    complement,
    complement_in_sum,
    complement_of_sigmoid,
    rest_of_sigmoid,
    complement_of_sigmoids,
    complement_of_tanh,
    tanh_of_softplus,
    difference_of_sigmoids,
    smaller_exponential,
    log_of_cosh,
    log_of_exponentials,
    log_by_height,
    log_of_one_more,
    logistic_quotients,
    shifted_quotients,
    exp_minus_one,
    tanh_from_its_argument,
    half_angle_over_square,
    half_angle,
    complement_of_erf,
    unit_vector,
    root_of_squares,
    difference_of_roots,
    guarded_cases,
)
