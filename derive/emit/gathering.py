"""Two sums taken as one, so that what one of them is a multiple of need not be worked out."""

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
    """sum(A[u]*V[u]*t[u], u) - O*h = sum(A[u]*V[u]*(t[u] - h), u), where O is sum(A[u]*V[u], u) and
    stands nowhere else and t[u] - h has no more axes than t[u]. A covariance is made of deviations
    from a mean then."""
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
        f, both = (Counter(Mul.make_args(rename(x, u).body)) for x in (known, whole))
        t = Mul(*(both - f).elements())
        if f <= both and u in free_indices(t) and free_indices(h) <= free_indices(t):
            yield sign * total(Mul(*f.elements(), t + h), u, whole.extent)
