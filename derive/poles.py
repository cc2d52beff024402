"""Where a term has no value or slope because two indices are equal: 1/(x[i] - x[k]) for i = k."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from sympy import And, Expr, Indexed, Ne, Pow, S, Symbol
from sympy.core.relational import Gt, Lt, Relational
from sympy.logic.boolalg import Boolean

from derive.functions import Elementary, log
from derive.indices import free_indices, substitute
from derive.nodes import Sum, Where, is_index

Pair = frozenset[Symbol]


def is_kept_finite(factor: Expr, condition: Boolean) -> bool:
    """Whether a factor is a/0 or log(0) where the sides of one of a condition's comparisons are
    equal, as 1/(x_i - x_k) is for i = k."""
    below = [p.base for p in factor.atoms(Pow) if p.exp.is_negative]
    below += [logarithm.args[0] for logarithm in factor.atoms(log)]
    return any(_vanishes(f, case) for f in below for case in condition.atoms(Relational))


def without_slope(expr: Expr, apart: frozenset[Pair] = frozenset()) -> Pair | None:
    """Two letters for which a derivative would divide by 0 where they are equal, and no condition
    leaves that out; `apart` holds those that are known to differ. None if there are none."""
    if isinstance(expr, Where):
        parts = [c for c in And.make_args(expr.condition) if isinstance(c, Ne | Lt | Gt)]
        inside = apart | {frozenset(c.args) for c in parts}
        return without_slope(expr.yes, inside) or without_slope(expr.no, apart)
    for root in _roots(expr):
        for i, k in combinations(sorted(free_indices(root), key=str), 2):
            if frozenset((i, k)) not in apart and _worked_out(substitute(root, {i: k})) == 0:
                return frozenset((i, k))
    found = (without_slope(part, apart) for part in expr.args if isinstance(part, Expr))
    return next((pair for pair in found if pair), None)


def _roots(expr: Expr) -> Iterator[Expr]:
    """What a derivative divides by: x of sqrt(x), 1/x and log(x)."""
    if isinstance(expr, log):
        yield expr.args[0]
    if isinstance(expr, Pow) and (expr.exp < 1) == S.true:
        yield expr.base


def _vanishes(expr: Expr, at: Relational) -> bool:
    left, right = at.args
    if is_index(left) and is_index(right):
        return bool(_worked_out(substitute(expr, {left: right})) == 0)
    return left - right in (expr, -expr)


def _worked_out(expr: Expr) -> Expr:
    """An expression with functions of numbers and sums of zeros worked out, to see if it is 0."""
    if not expr.args or isinstance(expr, Indexed):
        return expr
    if isinstance(expr, Sum):
        return S.Zero if _worked_out(expr.body) == 0 else expr
    worked = expr.func(*map(_worked_out, expr.args))
    return worked.doit() if isinstance(expr, Elementary) and worked.is_number else worked
