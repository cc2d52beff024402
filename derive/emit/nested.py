"""Sums that stand as factors in other sums, taken as one sum where that is less work.

sum(v[j]*sum(s[n]*X[n,i]*X[n,j], n), j) becomes sum(sum(v[j]*s[n]*X[n,i]*X[n,j], n), j): a product
of four, which is best begun with X and v, so that the matrix X'diag(s)X is never made.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Mul, Symbol

from derive.emit.contraction import steps
from derive.indices import free_indices, fresh, letters, rename
from derive.nodes import Sum, children, rebuild, total

Spans = dict[Symbol, Expr]


def unnested(expr: Expr) -> Expr:
    """The same expression with every sum in a product of sums taken out of it where that saves
    passing over more indices at once."""
    parts = children(expr)
    if not parts:
        return expr
    expr = rebuild(expr, tuple(map(unnested, parts)))
    while isinstance(expr, Sum) and (found := _with_one_less(expr)) is not None:
        expr = found
    return expr


def _with_one_less(expr: Sum) -> Expr | None:
    spans, factors = _peeled(expr)
    before = _work(spans, factors)
    for place, factor in enumerate(factors):
        if not isinstance(factor, Sum):
            continue
        inner, inside = _peeled(_apart(factor, expr))
        merged = [*factors[:place], *inside, *factors[place + 1 :]]
        if _work({**spans, **inner}, merged) < before:
            return _sum({**spans, **inner}, merged)
    return None


def _apart(inner: Sum, outer: Sum) -> Sum:
    """The inner sum with letters that stand nowhere else in the outer one."""
    rest = Mul(*(f for f in _peeled(outer)[1] if f != inner))
    taken = letters(rest) | letters(outer)
    body = _apart(inner.body, outer) if isinstance(inner.body, Sum) else inner.body
    inner = rebuild(inner, (body,))
    used = letters(rest) | set(_peeled(outer)[0])
    return rename(inner, fresh(inner.letter, taken)) if inner.letter in used else inner


def _peeled(expr: Expr) -> tuple[Spans, tuple[Expr, ...]]:
    """The letters of sums that stand directly inside each other, and the factors inside."""
    spans: Spans = {}
    while isinstance(expr, Sum) and expr.letter not in spans:
        spans[expr.letter] = expr.extent
        expr = expr.body
    return spans, Mul.make_args(expr)


def _sum(spans: Spans, factors: Sequence[Expr]) -> Expr:
    found = Mul(*factors)
    for letter, extent in reversed(spans.items()):
        found = total(found, letter, extent)
    return found


def _work(spans: Spans, factors: Sequence[Expr]) -> tuple[int, int]:
    """The most indices that any step passes over, and how many steps pass over that many."""
    found = _steps(spans, factors)
    return max(found), found.count(max(found))


def _steps(spans: Spans, factors: Sequence[Expr]) -> list[int]:
    axes = [tuple(sorted(free_indices(f), key=str)) for f in factors if free_indices(f)]
    kept = tuple(letter for letter in {k for a in axes for k in a} if letter not in spans)
    inner = [step for f in factors if isinstance(f, Sum) for step in _steps(*_peeled(f))]
    return [*steps(axes, kept), *inner, 0]
