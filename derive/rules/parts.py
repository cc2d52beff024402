"""Taking products and fractions apart, as several rules need it."""

from __future__ import annotations

from collections import Counter

from sympy import Add, Expr, Mul, Number, Pow, S

from derive.context import Context
from derive.functions import exp


def is_under(factor: Expr) -> bool:
    """Whether a factor stands under the bar: a power with a negative number for exponent."""
    return isinstance(factor, Pow) and isinstance(factor.exp, Number) and bool(factor.exp < 0)


def fraction(expr: Expr) -> tuple[list[Expr], Expr]:
    """The factors above the bar, and all that stands under it as one expression."""
    factors = Mul.make_args(expr)
    under = Mul(*(1 / f for f in factors if is_under(f)))
    return [f for f in factors if not is_under(f)], under


def exponent_of(expr: Expr) -> Expr | None:
    """u where the expression is e^u (0 for 1), else None."""
    if expr == 1:
        return S.Zero
    return expr.args[0] if isinstance(expr, exp) else None


def bracket(expr: Expr, context: Context) -> Add | None:
    """The first sum of terms among the factors of a product, not under the bar."""
    factors = context.reading.factors_in_order(expr)
    return next((f for f in factors if isinstance(f, Add)), None)


def numeric_sign(term: Expr) -> tuple[Expr, Expr]:
    """The number in front of a term, and the rest."""
    numbers = [f for f in Mul.make_args(term) if isinstance(f, Number)]
    return Mul(*numbers), Mul(*(f for f in Mul.make_args(term) if not isinstance(f, Number)))


def uncancelled(*factors: Expr) -> Expr:
    """The product with all its factors still standing, as one writes it before cancelling."""
    flat = [part for factor in factors for part in Mul.make_args(factor)]
    return Mul(*flat, evaluate=False)


def is_loose(expr: Expr) -> bool:
    """Whether a term has factors that merge, and not just another order of them."""
    return any(
        Counter(factors) != Counter(Mul.make_args(Mul(*factors)))
        for factors in map(Mul.make_args, Add.make_args(expr))
    )


def cancels(left: Expr, right: Expr) -> bool:
    """Whether something stands above the bar in one of two factors and below it in the other."""
    signs = {base: power for base, power in map(_base_and_sign, Mul.make_args(left)) if power}
    pairs = map(_base_and_sign, Mul.make_args(right))
    return any(signs.get(base, 0) * power < 0 for base, power in pairs)


def _base_and_sign(factor: Expr) -> tuple[Expr, int]:
    if isinstance(factor, Number):
        return factor, 0
    if not isinstance(factor, Pow):
        return factor, 1
    return factor.base, -1 if is_under(factor) else 1
