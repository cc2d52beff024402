"""Covariances as sums of deviations from a mean, so that one mean need not be worked out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import permutations

from sympy import Add, Expr, Mul, Symbol, preorder_traversal

from derive.emit.interchange import as_sum, count_of
from derive.indices import free_indices, fresh, letters, rename
from derive.nodes import Sum, total
from derive.problem import Problem


def gathered(expr: Expr, problem: Problem) -> Expr:
    """sum(p[u]*V[u]*t[u], u) - O*h = sum(p[u]*V[u]*(t[u] - h), u), where h is sum(p[u]*t[u], u)
    and O, which stands nowhere else, is sum(p[u]*V[u], u).

    Of the two ways to read it, that is taken in which t[u] - h has no more axes than t[u].
    """
    for node in preorder_traversal(expr):
        for pair in permutations(node.args, 2) if isinstance(node, Add) else ():
            for found in _as_one(*pair, expr, problem):
                rest = (term for term in node.args if term not in pair)
                return expr.xreplace({node: Add(found, *rest)})
    return expr


def _as_one(term: Expr, multiple: Expr, expr: Expr, problem: Problem) -> Iterator[Expr]:
    """The sum of sum(f[u]*t[u], u) and h*sum(f[u], u), if that is what the terms are."""
    sign, whole = term.as_coeff_Mul()
    if not isinstance(whole, Sum) or abs(sign) != 1:
        return
    factors = Mul.make_args(multiple)
    for place, factor in enumerate(factors):
        known = as_sum(factor, problem)
        if known is None or known.extent != whole.extent or count_of(factor, expr, problem) > 1:
            continue
        h = sign * Mul(*factors[:place], *factors[place + 1 :])
        u = fresh(whole.letter, expr.atoms(Symbol) | letters(known))
        f, every = (Counter(Mul.make_args(rename(x, u).body)) for x in (known, whole))
        t = every - f
        if f + t == every and _is_mean(h, t, u):
            yield sign * total(Mul(*f.elements(), Mul(*t.elements()) + h), u, whole.extent)


def _is_mean(h: Expr, t: Counter[Expr], u: Symbol) -> bool:
    """Whether h has a sum of the factors t over u, and no axes that t has not."""
    parts = [part for part in Mul.make_args(h) if isinstance(part, Sum)]
    weighted = (Counter(Mul.make_args(rename(part, u).body)) for part in parts)
    own = free_indices(Mul(*t))
    return u in own and free_indices(h) <= own and any(t <= factors for factors in weighted)
