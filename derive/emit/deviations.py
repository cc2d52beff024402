"""Deviations from a weighted mean, without what is the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, Symbol

from derive.emit.others import quotients, term_of
from derive.emit.shifts import Shifted
from derive.indices import free_indices, fresh, letters, substitute
from derive.nodes import Sum

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def constants_of_deviation(node: Expr, stable: Stable) -> Expr | None:
    """f[j] + c - sum(p[k]*(f[k] + c), k) = f[j] - sum(p[k]*f[k], k), where p[k] = e[k]/sum(e[k], k)
    add up to 1: c, the same for all k, would only be rounded. So the logarithms of a softmax need
    no log-sum-exp beside their mean."""
    if not isinstance(node, Add):
        return None
    for mean in node.args:
        rest = [term for term in node.args if term != mean]
        for total, share, weighted in _means(-mean, stable):
            for letter in sorted(free_indices(Add(*rest)) - free_indices(total), key=str):
                own = substitute(weighted, {total.letter: letter})
                if set(Add.make_args(own)) <= set(rest):
                    found = _deviation(own, letter, share, total, stable)
                    others = Add(*(term for term in rest if term not in Add.make_args(own)))
                    return None if found is None else found + stable(others)
    return None


def _means(x: Expr, stable: Stable) -> Iterator[tuple[Sum, Expr, Expr]]:
    """Ways to read c*sum(p[k]*f[k], k), with shares p[k]: the sum, p[k] and c*f[k]."""
    for name in Mul.make_args(x):
        inside = Mul.make_args(stable.unfolded(name) or name)
        for total in inside:
            for share in Mul.make_args(total.body) if isinstance(total, Sum) else ():
                ways = quotients(share, stable)
                if any(term_of(over, under) == total.letter for under, over in ways):
                    factors = [*Mul.make_args(x), *inside, *Mul.make_args(total.body)]
                    for used in (name, total, share):
                        factors.remove(used)
                    yield total, share, Mul(*factors)


def _deviation(own: Expr, letter: Symbol, share: Expr, total: Sum, stable: Stable) -> Expr | None:
    """a*f[j] - a*sum(p[k]*f[k], k) without the terms of f that are the same for all j, if any."""
    factors = Mul.make_args(own)
    same = Mul(*(f for f in factors if letter not in free_indices(f)))
    terms = Add.make_args(stable(Mul(*(f for f in factors if letter in free_indices(f)))))
    varying = [term for term in terms if letter in free_indices(term)]
    if len(varying) == len(terms):
        return None
    f = Add(*varying)
    k = fresh(total.letter, letters(f) | letters(total))
    weight = stable(substitute(share, {total.letter: k}))
    mean = Sum(weight * substitute(f, {letter: k}), (k, 1, total.extent))
    return stable(same) * Shifted(f, mean)
