"""Products of exponentials: how many are in every term, and the same written in other ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, Not, Pow, S

from derive.emit.logistic import powers_of
from derive.functions import exp
from derive.nodes import Product, Sum, Where, children, rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def opened(x: Expr, stable: Stable) -> Expr:
    """`x` with every name that stands for exponentials written out, every mask on one in its
    exponent, 1 + exp(a)**2 as exp(0)**2 + exp(a)**2, and exp(a)*exp(b) in sums as exp(a + b)."""
    body = stable.unfolded(x)
    if body is not None:
        inside = opened(body, stable)
        return inside if degree(inside) else x
    if isinstance(x, Sum | Add | Mul | Pow):
        parts = tuple(opened(part, stable) for part in children(x))
        if isinstance(x, Sum):
            return rebuild(x, (_joined(parts[0]),))
        made = rebuild(x, _of_one_degree(parts) if isinstance(x, Add) else parts)
        return _with_masks_inside(made) if isinstance(made, Mul) else made
    if isinstance(x, Where):
        return masked(rebuild(x, tuple(opened(part, stable) for part in children(x))))
    return x


def _of_one_degree(terms: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Terms of degree 0 and more, each multiplied by as many exp(0) as it has fewer exponentials
    than another."""
    found = [degree(term) for term in terms]
    known = [d for d in found if d is not None]
    if len(known) < len(terms) or min(known) < 0:
        return terms
    return tuple(t * exp(S.Zero) ** (max(known) - d) for t, d in zip(terms, known, strict=True))


def _with_masks_inside(x: Mul) -> Expr:
    """where(c, 1, 0)*exp(a) = exp(where(c, a, -oo))."""
    exponentials = [f for f in x.args if isinstance(f, exp)]
    masks = [f for f in x.args if isinstance(f, Where) and S.Zero in (f.yes, f.no)]
    if not exponentials or not masks:
        return x
    first, rest = masks[0], Mul(*(f for f in x.args if f not in (*exponentials, masks[0])))
    filled = tuple(Mul(*exponentials, part) if part != 0 else part for part in children(first))
    return rest * masked(rebuild(first, filled))


def degree(x: Expr) -> int | None:
    """How many exponentials are multiplied in every term: 1 for exp(a), 2 for exp(a)*exp(b),
    0 for what has none; None where the terms differ, or nobody knows."""
    if isinstance(x, exp):
        return 1
    if isinstance(x, Sum):
        return degree(x.body)
    if isinstance(x, Product):
        return None if degree(x.body) else 0
    if isinstance(x, Mul | Add | Where):
        found = [degree(arg) for arg in children(x) if not (isinstance(x, Where) and arg == 0)]
        known = [d for d in found if d is not None]
        if isinstance(x, Mul):
            return sum(known) if len(known) == len(found) else None
        return found[0] if len(set(found)) == 1 else None
    if isinstance(x, Pow) and x.exp.is_Integer:
        inner = degree(x.base)
        return None if inner is None else inner * int(x.exp)
    return 0


def _joined(x: Expr) -> Expr:
    """exp(a)*exp(b)**2 = exp(a + 2*b), with any factor: one might be large, the other small."""
    found = {base: count for base, count in powers_of(x).items() if isinstance(base, exp)}
    if len(found) < 2:
        return x
    rest = Mul(*(Pow(base, count) for base, count in powers_of(x).items() if base not in found))
    return rest * exp(Add(*(count * base.args[0] for base, count in found.items())))


def divided(x: Expr) -> Expr:
    """exp(a + 2*b) = exp(a)*exp(b)**2, throughout."""
    if isinstance(x, exp):
        terms = [term.as_coeff_Mul() for term in Add.make_args(x.args[0])]
        whole = [(c, b) if c.is_Integer and c > 1 else (S.One, c * b) for c, b in terms]
        return Mul(*(Pow(exp(b), c) for c, b in whole))
    parts = children(x)
    return rebuild(x, tuple(map(divided, parts))) if parts else x


def masked(x: Where) -> Expr:
    """where(c, exp(a)*f, 0) = exp(where(c, a, -oo))*where(c, f, 0), either way round, and
    where(c, exp(a), exp(b)) = exp(where(c, a, b)); anything else as it is.

    So the largest exponent that is subtracted is one of those that count.
    """
    if isinstance(x.yes, exp) and isinstance(x.no, exp):
        return exp(Where(x.yes.args[0], x.no.args[0], x.condition))
    if S.Zero not in (x.yes, x.no):
        return x
    filled, condition = (x.yes, x.condition) if x.no == 0 else (x.no, Not(x.condition))
    powers = powers_of(filled)
    exponentials = [base for base, count in powers.items() if isinstance(base, exp) and count > 0]
    if not exponentials:
        return x
    parts = [
        Pow(exp(_exponent_where(condition, base.args[0])), powers.pop(base))
        for base in exponentials
    ]
    rest = Mul(*(Pow(base, count) for base, count in powers.items()))
    return Mul(*parts, S.One if rest == 1 else Where(rest, S.Zero, condition))


def _exponent_where(condition: Expr, exponent: Expr) -> Expr:
    """The exponent of a masked exponential, masked once however often it is opened."""
    inside = exponent
    while isinstance(inside, Where) and inside.no == S.NegativeInfinity:
        if inside.condition == condition:
            return exponent
        inside = inside.yes
    return Where(exponent, S.NegativeInfinity, condition)
