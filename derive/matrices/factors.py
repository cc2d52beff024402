"""What stands in a product: what has indices and what has none, and what comes out of a sum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Mul, Number, Pow

from derive.indices import free_indices
from derive.matrices.notation import Bind, Form, fraction, times
from derive.nodes import Sum, children, rebuild, total


@dataclass(frozen=True)
class Divided:
    """Factors without indices, and with."""

    numbers: tuple[Expr, ...]
    arrays: tuple[Expr, ...]


def divided(factors: Iterable[Expr]) -> Divided:
    every = tuple(factors)
    return Divided(
        numbers=tuple(f for f in every if not free_indices(f)),
        arrays=tuple(f for f in every if free_indices(f)),
    )


def number(text: str) -> Form:
    return Form(text, text)


def with_number(top: list[Form], bottom: list[Form], arrays: list[Form]) -> Form:
    """A fraction in front of an array (2/n*(a - t)), or a short array over a number (x/n)."""
    if not bottom:
        return times([*top, *arrays] or [number("1")])
    if not top and arrays and arrays[0].bind >= Bind.POWER:
        return fraction(arrays[0], times(bottom))
    return times([fraction(times(top or [number("1")]), times(bottom)), *arrays])


def spread(sum_: Expr, over: Sequence[Expr], under: Sequence[Expr]) -> Expr:
    """A product with one factor, a sum, multiplied out."""
    others = list(over)
    others.remove(sum_)
    return Add(*(Mul(term, *others, *(Pow(f, -1) for f in under)) for term in sum_.args))


def twice(factor: Expr) -> tuple[Expr, ...]:
    return (factor.base, factor.base) if isinstance(factor, Pow) and factor.exp == 2 else (factor,)


def is_under(expr: Pow) -> bool:
    return isinstance(expr.exp, Number) and bool(expr.exp < 0)


def pulled(expr: Expr) -> Expr:
    """The same with every factor that a sum does not run over in front of that sum."""
    parts = children(expr)
    if not parts:
        return expr
    expr = rebuild(expr, tuple(pulled(part) for part in parts))
    if not isinstance(expr, Sum):
        return expr
    factors = Mul.make_args(expr.body)
    inside = [f for f in factors if expr.letter in free_indices(f)]
    outside = [f for f in factors if expr.letter not in free_indices(f)]
    summed = total(Mul(*inside), expr.letter, expr.extent) if inside else expr.extent
    return Mul(*outside, summed)
