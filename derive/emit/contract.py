"""Sums over deltas worked out, and constants pulled out of sums, before anything is computed.

So the product of a Jacobian and a vector costs what its closed form costs: the sum over i of
g[i]*s[i]*(delta(i,j) - s[j]) becomes s[j]*(g[j] - sum(g[i]*s[i], i)), and that over e of
g[a,e]*(V[u,e] - O[a,e]) becomes sum(g[a,e]*V[u,e], e) - sum(g[a,e]*O[a,e], e), so that no array
with the axes a, u and e is ever made. For the same reason a sum goes into the case that it is in,
and sums in a product that is summed are taken as one where that is less work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import reduce

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol

from derive.emit.nested import unnested
from derive.emit.ranges import has_windows, kept_in_range
from derive.indices import free_indices, has_shifts, solved, substitute
from derive.nodes import (
    Binder,
    Sum,
    Where,
    children,
    is_on_indices,
    rebuild,
    total,
    undistributed,
)

Spans = Mapping[Symbol, Expr]  # how many values each letter takes


def contracted(expr: Expr, spans: Spans) -> Expr:
    """The same expression with every sum in it worked out: deltas sifted, constants in front."""
    with undistributed():
        return unnested(_contracted(expr, spans))


def product_over(body: Expr, letter: Symbol, spans: Spans) -> Expr:
    """The same for the product of a derivative and a vector: sums of parts with fewer axes than
    they have together are multiplied out too. (In a sum that a user wrote, that could lose
    digits: sum((x[i] - y[k])*w[k], k) may have been written so with care.)"""
    with undistributed():
        return _summed(body, letter, spans, lambda e, k: _has_delta(e, k) or _is_outer(e, k))


Test = Callable[[Expr, Symbol], bool]


def _summed(body: Expr, letter: Symbol, spans: Spans, opens: Test) -> Expr:
    body = _deltas_outside(body, letter, spans)
    outside = [f for f in Mul.make_args(body) if letter not in free_indices(f)]
    inside = Mul(*(f for f in Mul.make_args(body) if letter in free_indices(f)))
    terms = [_sum_term(term, letter, spans) for term in _distributed(inside, letter, opens)]
    return Mul(*outside, _with_common_factor(terms))


def _deltas_outside(expr: Expr, letter: Symbol, spans: Spans) -> Expr:
    """The same with sums inside multiplied out where that sets a delta in `letter` free:
    sum(a[k]*(delta(i,j) - b[k]), k) is delta(i,j)*sum(a[k], k) - sum(a[k]*b[k], k)."""
    if isinstance(expr, Add | Mul):
        return rebuild(expr, tuple(_deltas_outside(part, letter, spans) for part in expr.args))
    deltas = expr.atoms(KroneckerDelta) if isinstance(expr, Sum) else set()
    if not any(letter in delta.free_symbols for delta in deltas):
        return expr
    spans = {**spans, expr.letter: expr.extent}
    body = _deltas_outside(expr.body, letter, spans)
    return _summed(body, expr.letter, spans, lambda e, _: _has_delta(e, letter))


def _is_outer(expr: Expr, letter: Symbol) -> bool:
    """Whether no factor in a sum has all the indices that the sum has, `letter` among them."""
    every = free_indices(expr)
    return (
        isinstance(expr, Add)
        and letter in every
        and all(free_indices(f) < every for term in expr.args for f in Mul.make_args(term))
    )


def _is_of_products(expr: Expr, letter: Symbol) -> bool:
    """Whether all terms of such a sum are products in `letter`, as no sum is that was written so
    with care for digits."""
    return _is_outer(expr, letter) and all(
        letter in free_indices(term) and sum(map(bool, map(free_indices, Mul.make_args(term)))) > 1
        for term in expr.args
    )


def _contracted(expr: Expr, spans: Spans) -> Expr:
    if isinstance(expr, Sum):
        spans = {**spans, expr.letter: expr.extent}
        body = _contracted(expr.body, spans)
        opens: Test = lambda e, k: _has_delta(e, k) or _is_of_products(e, k)  # noqa: E731
        return _summed(body, expr.letter, spans, opens)
    if isinstance(expr, Binder):
        spans = {**spans, expr.letter: expr.extent}
    parts = children(expr)
    return rebuild(expr, tuple(_contracted(part, spans) for part in parts)) if parts else expr


def _distributed(body: Expr, letter: Symbol, opens: Test) -> list[Expr]:
    """The body as terms, multiplied out only where that makes the sum easier."""
    if isinstance(body, Add) and opens(body, letter):
        return [found for term in body.args for found in _distributed(term, letter, opens)]
    factors = _factors(body, letter)
    for place, factor in enumerate(factors):
        if isinstance(factor, Add) and opens(factor, letter):
            rest = factors[:place] + factors[place + 1 :]
            products = [Mul(*rest, term) for term in factor.args]
            return [found for product in products for found in _distributed(product, letter, opens)]
    return [body]


def _factors(expr: Expr, letter: Symbol) -> list[Expr]:
    """The factors, a small power of a sum that has a delta written out as that many factors."""
    found: list[Expr] = []
    for factor in Mul.make_args(expr):
        power = isinstance(factor, Pow) and factor.exp in (2, 3) and _has_delta(factor.base, letter)
        found += [factor.base] * int(factor.exp) if power else [factor]
    return found


def _has_delta(expr: Expr, letter: Symbol) -> bool:
    """Whether a delta in `letter` can be set free by multiplying out."""
    if isinstance(expr, KroneckerDelta):
        return letter in expr.free_symbols
    return isinstance(expr, Add | Mul) and any(_has_delta(arg, letter) for arg in expr.args)


def _sum_term(term: Expr, letter: Symbol, spans: Spans) -> Expr:
    factors = Mul.make_args(term)
    for place, factor in enumerate(factors):
        if isinstance(factor, KroneckerDelta) and letter in factor.free_symbols:
            found = solved(factor.args[0], factor.args[1], letter)
            rest = Mul(*factors[:place], *factors[place + 1 :])
            sifted = None if found is None else substitute(rest, {letter: found})
            if sifted is not None and has_windows(sifted):
                return kept_in_range(sifted, found, letter, spans)
    factors = tuple(part for f in factors for part in _apart_from_windows(f))
    inside = [f for f in factors if letter in free_indices(f)]
    outside = [f for f in factors if letter not in free_indices(f)]
    for case in filter(_is_one_case, inside):
        if letter not in free_indices(case.condition):
            rest = [f for f in inside if f != case]
            parts = (
                part and _summed(Mul(*rest, part), letter, spans, _has_delta)
                for part in children(case)
            )
            return Mul(*outside, rebuild(case, tuple(parts)))
    extent = spans[letter]
    return Mul(*outside, total(Mul(*inside), letter, extent) if inside else extent)


def _is_one_case(expr: Expr) -> bool:
    """Whether it is 0 in one of two cases: then a sum over it can be taken in the other."""
    return isinstance(expr, Where) and (expr.yes == 0) != (expr.no == 0)


def _apart_from_windows(expr: Expr) -> tuple[Expr, ...]:
    """where(k <= t, w[k]*x[t - k], 0) as two factors, w[k] and where(k <= t, x[t - k], 0): only the
    other could be beyond its ends."""
    if not isinstance(expr, Where) or expr.no != 0 or not is_on_indices(expr.condition):
        return (expr,)
    factors = Mul.make_args(expr.yes)
    plain = [f for f in factors if isinstance(f, Indexed) and not has_shifts(f)]
    rest = Mul(*(f for f in factors if f not in plain))
    return (*plain, rebuild(expr, (rest, expr.no))) if has_shifts(rest) else (expr,)


def _with_common_factor(terms: Iterable[Expr]) -> Expr:
    """The sum of terms, what all of them have as a factor in front."""
    merged = Add(*terms)
    if not isinstance(merged, Add):
        return merged
    counts = [Counter(Mul.make_args(term)) for term in merged.args]
    common = reduce(lambda a, b: a & b, counts)
    if not common:
        return merged
    rest = [Mul(*(count - common).elements()) for count in counts]
    return Mul(*common.elements(), Add(*rest))
