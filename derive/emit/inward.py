"""Exponentials that do not stand beside the ones they are divided by: taken into the sums that
divide, where each meets its own shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, Pow

from derive.emit.degrees import degree, opened
from derive.emit.products import is_quotient
from derive.indices import free_indices, fresh, letters, rename
from derive.nodes import Sum, rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def exponentials_inward(node: Expr, stable: Stable) -> Expr | None:
    """exp(a[j])*sum(f[i]/sum(exp(b[i,k]), k), i) = sum(exp(a[j])*f[i]/sum(exp(b[i,k]), k), i), and
    the same for a sum of terms: outside, the one could overflow where the other vanishes. So
    p*(f/q + g) = f*p/q + g*p for softmaxes p and q, which could both vanish."""
    if not isinstance(node, Mul):
        return None
    heights = {f: _height(f, stable) for f in node.args}
    large = [f for f in node.args if heights[f] > 0]
    small = [f for f in node.args if heights[f] < 0 and isinstance(f, Sum | Add)]
    if not large:
        large = [f for f in node.args if is_quotient(f, stable)]
        small = [f for f in node.args if isinstance(f, Add) and _divides(f, stable)]
    if not large or not small:
        return None
    rest = Mul(*(f for f in node.args if f not in (*large, small[0])))
    return stable(_inside(Mul(*large), small[0])) * stable(rest)


def _inside(factor: Expr, total: Expr) -> Expr:
    if isinstance(total, Add):
        return Add(*(factor * term for term in total.args))
    if total.letter in free_indices(factor):
        total = rename(total, fresh(total.letter, letters(factor) | letters(total)))
    body = total.body
    inner = _inside(factor, body) if isinstance(body, Sum) else factor * body
    return rebuild(total, (inner,))


def _divides(x: Add, stable: Stable) -> bool:
    """Whether a term is divided by a quotient of exponentials."""
    factors = (f for term in x.args for f in Mul.make_args(term))
    return any(
        isinstance(f, Pow) and f.exp.is_negative and is_quotient(f.base, stable) for f in factors
    )


def _height(x: Expr, stable: Stable) -> int:
    return degree(opened(x, stable)) or 0
