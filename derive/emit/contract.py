"""Sums over deltas worked out, and constants pulled out of sums, before anything is computed.

So the product of a Jacobian and a vector costs what its closed form costs: the sum over i of
g[i]*s[i]*(delta(i,j) - s[j]) becomes s[j]*(g[j] - sum(g[i]*s[i], i)), and that over e of
g[a,e]*(V[u,e] - O[a,e]) becomes sum(g[a,e]*V[u,e], e) - sum(g[a,e]*O[a,e], e), so that no array
with the axes a, u and e is ever made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import reduce

from sympy import Add, Expr, KroneckerDelta, Mul, Pow, Symbol

from derive.emit.ranges import kept_in_range
from derive.indices import free_indices, solved, substitute
from derive.nodes import Binder, Sum, children, rebuild, total, undistributed

Spans = Mapping[Symbol, Expr]  # how many values each letter takes


def contracted(expr: Expr, spans: Spans) -> Expr:
    """The same expression with every sum in it worked out: deltas sifted, constants in front."""
    with undistributed():
        return _contracted(expr, spans)


def product_over(body: Expr, letter: Symbol, spans: Spans) -> Expr:
    """The same for the product of a derivative and a vector: sums of parts with fewer axes than
    they have together are multiplied out too. (In a sum that a user wrote, that could lose
    digits: sum((x[i] - y[k])*w[k], k) may have been written so with care.)"""
    with undistributed():
        return _summed(body, letter, spans, lambda e, k: _has_delta(e, k) or _is_outer(e, k))


Test = Callable[[Expr, Symbol], bool]


def _summed(body: Expr, letter: Symbol, spans: Spans, opens: Test) -> Expr:
    terms = _distributed(body, letter, opens)
    return _with_common_factor([_sum_term(term, letter, spans) for term in terms])


def _is_outer(expr: Expr, letter: Symbol) -> bool:
    """Whether no term of a sum has all the indices that the sum has, `letter` among them."""
    every = free_indices(expr)
    return (
        isinstance(expr, Add)
        and letter in every
        and all(free_indices(term) < every for term in expr.args)
    )


def _contracted(expr: Expr, spans: Spans) -> Expr:
    if isinstance(expr, Sum):
        spans = {**spans, expr.letter: expr.extent}
        return _summed(_contracted(expr.body, spans), expr.letter, spans, _has_delta)
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
            if found is not None:
                rest = Mul(*factors[:place], *factors[place + 1 :])
                return kept_in_range(substitute(rest, {letter: found}), found, letter, spans)
    inside = [f for f in factors if letter in free_indices(f)]
    outside = [f for f in factors if letter not in free_indices(f)]
    extent = spans[letter]
    return Mul(*outside, total(Mul(*inside), letter, extent) if inside else extent)


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
