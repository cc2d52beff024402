"""Cosines near 1, of which 1 is subtracted, as squares of sines of half the angle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sympy import Expr, Mul, Pow

from derive.emit.special import Ratio, paired
from derive.functions import cos, cosh, sin, sinh

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def half_angle(node: Expr, stable: Stable) -> Expr | None:
    """1 - cos(a) = 2*sin(a/2)**2, 1 + cos(a) = 2*cos(a/2)**2 and cosh(a) - 1 = 2*sinh(a/2)**2, with
    any factor."""

    def of_cosine(rest: Expr, a: Expr) -> Iterator[tuple[Expr, Expr, Expr]]:
        yield -rest, -2 * rest, Pow(sin(a / 2), 2)
        yield rest, 2 * rest, Pow(cos(a / 2), 2)

    found = paired(node, cos, of_cosine, stable)
    if found is not None:
        return found
    return paired(node, cosh, lambda rest, a: [(-rest, 2 * rest, sinh(a / 2) ** 2)], stable)


def half_angle_over_square(node: Expr, stable: Stable) -> Expr | None:
    """(1 - cos(a))/b**2 = 2*(sin(a/2)/b)**2, and so for the others: both squares could vanish."""
    for factor in node.args if isinstance(node, Mul) else ():
        halved = half_angle(factor, stable)
        squares = [f for f in Mul.make_args(halved) if _is_square(f)] if halved is not None else []
        for under in node.args if squares else ():
            if isinstance(under, Pow) and under.exp.is_Integer and under.exp <= -2:
                square, base = squares[0], stable(under.base)
                others = Mul(*(f for f in node.args if f not in (factor, under)))
                ratio = Pow(Ratio(square.base, base), 2) * Pow(base, under.exp + 2)
                return halved / square * ratio * stable(others)
    return None


def _is_square(x: Expr) -> bool:
    return isinstance(x, Pow) and x.exp == 2 and isinstance(x.base, sin | cos | sinh)
