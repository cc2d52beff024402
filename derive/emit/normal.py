"""The normal distribution: its density, its distribution function, and what is made of both.

Far off, both vanish, while the logarithm of one and the quotient of the two do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import sympy
from sympy import Add, Expr, Mul, Pow, S

from derive.emit.exactly import Care
from derive.emit.special import (
    complement_of_erf,
    erfc,
    gelu_slope,
    inverse_mills,
    log1p,
    log_normal_cdf,
    normal_cdf,
    normal_pdf,
)
from derive.functions import erf, exp, log
from derive.nodes import Where

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def complement_of_normal(node: Expr, stable: Stable) -> Expr | None:
    """1 - normal_cdf(x) = normal_cdf(-x), also by its name."""
    if not isinstance(node, Add) or len(node.args) != 2:
        return None
    for one, other in (node.args, node.args[::-1]):
        found = _argument(-one * other, stable) if one in (S.One, S.NegativeOne) else None
        if found is not None and found[0] == 1:
            return one * normal_cdf(-found[1])
    return None


def log_of_normal(node: Expr, stable: Stable) -> Expr | None:
    """log(c*normal_cdf(x)) = log_normal_cdf(x) + log(c), also by its name, and of 1 -
    normal_cdf(-x); 2*normal_cdf(x) = 1 + erf(x/sqrt(2)), so that log(erfc(x)) does not cancel
    near 0."""
    found = _distributed(node.args[0], stable) if isinstance(node, log) else None
    if found is None:
        return None
    number, x = found
    if number == 1:
        return log_normal_cdf(x)
    far = log_normal_cdf(x) + log(number)
    if number != 2:
        return far
    return stable(Where(log1p(erf(x / sympy.sqrt(2))), far, x > -S.Half))


def slope_of_gelu(node: Expr, stable: Stable) -> Expr | None:
    """f*normal_cdf(x) + f*x*normal_pdf(x) = f*gelu_slope(x) for a variable x or -x, also where
    f*normal_cdf(x), or a part of it, has a name. It is 0 at -0.75, where the two terms cancel."""
    if stable.care is Care.NONE or not (isinstance(node, Add) and node.has(exp)):
        return None
    terms = Add.make_args(complement_of_erf(node, lambda part: part) or node)
    for term in terms:
        for factor in Mul.make_args(term):
            found = _argument(factor, stable)
            if found is None or not any(map(stable.is_given, (found[1], -found[1]))):
                continue
            f, x = found[0] * term / factor, found[1]
            partner = f * x * exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)
            if partner in terms:
                others = Add(*(t for t in terms if t not in (term, partner)))
                made = stable(f) * gelu_slope(stable(x))
                return made + stable(others) if others != 0 else made
    return None


def density_of_normal(node: Expr, stable: Stable) -> Expr | None:
    """exp(-x**2/2)/sqrt(pi) = sqrt(2)*normal_pdf(x) for a variable x; for all x, what is divided by
    normal_cdf(x) is inverse_mills(x), and by normal_cdf(x)*normal_cdf(-x) that of x and of -x."""
    found = list(_without_density(node, stable)) if isinstance(node, Mul) else []
    for x, left in found:
        sides = {side: f for f in Mul.make_args(left) if (side := _side(f, x, stable)) is not None}
        if sides:
            return _by_mills(node, x, left, sides, stable)
    for x, left in found:
        if stable.is_given(x) and not left.has(exp(-(x**2) / 2)):
            # Another square has more to lose than its own rounding.
            return sympy.sqrt(2) * normal_pdf(x) * stable(left)
    return None


def _by_mills(
    node: Mul, x: Expr, left: Expr, sides: dict[tuple[Expr, Expr], Pow], stable: Stable
) -> Expr:
    """The same of a product that is divided by the distribution function at x, -x or both. Where x
    is a multiple, its rounding matters far off, and on one side nothing vanishes."""
    parts = {exp(-(x**2) / 2), *(Pow(f.base, -1) for f in sides.values())}
    for total in node.args:  # its terms may have densities or divisors of their own
        if isinstance(total, Add) and total.has(*parts):
            return stable(Add(*(Mul(term, node / total) for term in total.args)))
    mills = Add(*(inverse_mills(stable(a)) for _, a in sides))
    rest = Mul(left, *(f.base / c for (c, _), f in sides.items()))
    found = sympy.sqrt(2) * mills * stable(rest)
    ((_, a), under), *others = sides.items()
    if others or Pow(2, S.Half) not in Mul.make_args(a):
        return found
    safe = stable(a) > 0
    apart = Pow(Where(stable(under.base), S.One, safe), under.exp)
    return Where(Mul(apart, *(stable(f) for f in node.args if f != under)), found, safe)


def _without_density(node: Mul, stable: Stable) -> Iterator[tuple[Expr, Expr]]:
    """x and what is left of a product without exp(-x**2/2)/sqrt(pi), for every factor that is a
    power of that exponential: x is that of a distribution function it is divided by, or as it
    stands in the exponent."""
    height = next((f for f in node.args if f.as_base_exp()[0] == sympy.pi), S.One)
    for factor in node.args if height.as_base_exp()[1] <= -S.Half else ():
        base, power = factor.args if isinstance(factor, Pow) else (factor, S.One)
        if not isinstance(base, exp):
            continue
        rest = Mul(*(f for f in node.args if f not in (factor, height)), height)
        unders = (_distributed(f.base, stable) for f in node.args if isinstance(f, Pow))
        square = base.args[0].as_coeff_Mul()[1]
        plain = [square.base] if isinstance(square, Pow) and square.exp == 2 else []
        for x in [*(found[1] for found in unders if found), *plain]:
            count = -2 * power * base.args[0] / x**2
            if count.is_Integer and count > 0:
                more = exp((1 - count) * x**2 / 2) if count > 1 else S.One
                yield x, Mul(rest, sympy.sqrt(sympy.pi), more)


def _side(factor: Expr, x: Expr, stable: Stable) -> tuple[Expr, Expr] | None:
    """c and x, or c and -x, if a factor is divided by c times the distribution function there."""
    if not isinstance(factor, Pow) or not factor.exp.is_Integer or factor.exp > 0:
        return None
    found = _distributed(factor.base, stable)
    sides = ((found[0], side) for side in (x, -x) if found and found[1] == stable(side))
    return next(sides, None)


def _distributed(f: Expr, stable: Stable) -> tuple[Expr, Expr] | None:
    """The number c and the x for which f is c*normal_cdf(x), or 1 minus one of -x."""
    found = _argument(f, stable)
    other = complement_of_normal(f, stable) if found is None else None
    return (S.One, other.args[0]) if isinstance(other, normal_cdf) else found


def _argument(f: Expr, stable: Stable) -> tuple[Expr, Expr] | None:
    """The number c and the x for which f is c*normal_cdf(x), as it stands or by its name; erfc(x)
    is 2*normal_cdf(-sqrt(2)*x)."""
    body = stable.unfolded(f) or f
    number, found = (stable(body) if body.has(erf) else body).as_coeff_Mul()
    if number <= 0 or not isinstance(found, normal_cdf | erfc):
        return None
    (x,) = found.args
    return (number, x) if isinstance(found, normal_cdf) else (2 * number, -sympy.sqrt(2) * x)
