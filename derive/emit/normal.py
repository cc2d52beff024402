"""The normal distribution: its density, its distribution function, and what is made of both.

Far off, both vanish, while the logarithm of one and the quotient of the two do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy
from sympy import Add, Expr, Indexed, Mul, Pow, S, Symbol

from derive.emit.special import inverse_mills, log_normal_cdf, normal_cdf, normal_pdf
from derive.functions import erf, exp, log

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
    normal_cdf(-x)."""
    found = _distributed(node.args[0], stable) if isinstance(node, log) else None
    if found is None:
        return None
    number, x = found
    return log_normal_cdf(x) if number == 1 else log_normal_cdf(x) + log(number)


def density_of_normal(node: Expr, stable: Stable) -> Expr | None:
    """exp(-x**2/2)/sqrt(pi) = sqrt(2)*normal_pdf(x) for a variable x; for all x, what is divided by
    normal_cdf(x) is inverse_mills(x), and by normal_cdf(x)*normal_cdf(-x) that of x and of -x."""
    for density in node.args if isinstance(node, Mul) else ():
        x, left = _without_density(node, density)
        if x is None:
            continue
        sides = {side: f for f in Mul.make_args(left) if (side := _side(f, x, stable)) is not None}
        if sides:
            parts = {exp(-(x**2) / 2), *(Pow(f.base, -1) for f in sides.values())}
            for total in node.args:  # its terms may have densities or divisors of their own
                if isinstance(total, Add) and total.has(*parts):
                    return stable(Add(*(Mul(term, node / total) for term in total.args)))
            mills = Add(*(inverse_mills(stable(a)) for _, a in sides))
            left = Mul(left, *(f.base / c for (c, _), f in sides.items()))
            return sympy.sqrt(2) * mills * stable(left)
        given = isinstance(x, Symbol | Indexed) and stable.unfolded(x) is None
        if given and not left.has(exp(-(x**2) / 2)):
            # Another square has more to lose than its own rounding.
            return sympy.sqrt(2) * normal_pdf(x) * stable(left)
    return None


def _without_density(node: Mul, factor: Expr) -> tuple[Expr | None, Expr]:
    """x and what is left of a product without exp(-x**2/2)/sqrt(pi), if a factor is a power of that
    exponential; else None."""
    base, power = factor.args if isinstance(factor, Pow) else (factor, S.One)
    exponent = -2 * power * base.args[0] if isinstance(base, exp) else S.Zero
    count, square = exponent.as_coeff_Mul()
    height = next((f for f in node.args if f.as_base_exp()[0] == sympy.pi), S.One)
    known = isinstance(square, Pow) and square.exp == 2 and count.is_Integer and count > 0
    if not known or height.as_base_exp()[1] > -S.Half:
        return None, node
    rest = [f for f in node.args if f not in (factor, height)]
    more = [exp((1 - count) * square / 2)] if count > 1 else []
    return square.base, Mul(*rest, *more, height * sympy.sqrt(sympy.pi))


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
    """The number c and the x for which f is c*normal_cdf(x), as it stands or by its name."""
    body = stable.unfolded(f) or f
    number, found = stable(body).as_coeff_Mul() if body.has(erf) else (S.Zero, body)
    return (number, found.args[0]) if isinstance(found, normal_cdf) and number > 0 else None
