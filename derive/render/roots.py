"""Roots of numbers, as a person writes them: SymPy's sqrt(2)/(2*sqrt(pi)*sqrt(v)) is 1/√(2πv)."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Integer, Mul, Pow, Rational

from derive.reading import Factors

_HALF = Rational(1, 2)


def gathered(factors: Factors) -> Factors:
    """The same product, with √2/2 as 1/√2 and the root of a number joined with other roots."""
    found = factors
    for root in filter(_is_root_of_integer, factors.numerator):
        if found.coefficient.q % root.base == 0:
            found = replace(
                found,
                coefficient=found.coefficient * root.base,
                numerator=tuple(f for f in found.numerator if f != root),
                denominator=(root, *found.denominator),
            )
    return replace(
        found, numerator=_joined(found.numerator), denominator=_joined(found.denominator)
    )


def _is_root_of_integer(factor: Expr) -> bool:
    return _is_root(factor) and isinstance(factor.base, Integer)


def _is_root(factor: Expr) -> bool:
    return isinstance(factor, Pow) and factor.exp == _HALF


def _joined(factors: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Roots under one sign, if one of them is of a number; it stands in the last one's place."""
    roots = [f for f in factors if _is_root(f)]
    if len(roots) < 2 or not any(root.base.is_number for root in roots):
        return factors
    whole = Pow(Mul(*(root.base for root in roots), evaluate=False), _HALF, evaluate=False)
    return tuple(whole if f is roots[-1] else f for f in factors if f not in roots[:-1])
