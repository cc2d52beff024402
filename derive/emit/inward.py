"""Exponentials that do not stand beside the ones they are divided by: taken into the sums that
divide, where each meets its own shift, or divided by way of their logarithms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, Pow

from derive.emit.degrees import degree, opened
from derive.emit.logistic import powers_of
from derive.functions import exp, log
from derive.indices import free_indices, fresh, letters, rename
from derive.nodes import Sum, rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def exponentials_inward(node: Expr, stable: Stable) -> Expr | None:
    """exp(a[j])*sum(f[i]/sum(exp(b[i,k]), k), i) = sum(exp(a[j])*f[i]/sum(exp(b[i,k]), k), i), and
    the same for a sum of terms: outside, the one could overflow where the other vanishes."""
    if not isinstance(node, Mul):
        return None
    heights = {f: _height(f, stable) for f in node.args}
    large = [f for f in node.args if heights[f] > 0]
    small = [f for f in node.args if heights[f] < 0 and isinstance(f, Sum | Add)]
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


def quotients_by_logarithms(node: Expr, stable: Stable) -> Expr | None:
    """f*exp(a)/(1 + sum(exp(b[k]), k)*sum(exp(c[l]), l)) = f*exp(a - log(...)): no shift makes both
    sums in the denominator small and keeps them from vanishing."""
    if not isinstance(node, Mul | Pow):
        return None
    powers = powers_of(node)
    under = [base for base, count in powers.items() if count < 0 and _multiplies(base, stable)]
    if not under:
        return None
    many = [base for base in powers if base in under or _height(base, stable) > 0]
    known = {base: stable(log(base)) for base in many if _is_positive(base, stable)}
    if under[0] not in known:
        return None
    rest = Mul(*(Pow(base, count) for base, count in powers.items() if base not in known))
    return exp(Add(*(powers[base] * inner for base, inner in known.items()))) * stable(rest)


def _is_positive(x: Expr, stable: Stable) -> bool:
    """Whether something is made of exponentials and positive numbers only."""
    if isinstance(x, exp) or x.is_Number:
        return isinstance(x, exp) or bool(x > 0)
    if isinstance(x, Sum):
        return _is_positive(x.body, stable)
    if isinstance(x, Mul | Add):
        return all(_is_positive(part, stable) for part in x.args)
    body = stable.unfolded(x)
    return body is not None and _is_positive(body, stable)


def _height(x: Expr, stable: Stable) -> int:
    return degree(opened(x, stable)) or 0


def _multiplies(x: Expr, stable: Stable) -> bool:
    """Whether a term of a sum has two different exponentials, or sums of them, as factors."""
    terms = x.args if isinstance(x, Add) else ()
    return any(sum(_height(f, stable) > 0 for f in Mul.make_args(term)) > 1 for term in terms)
