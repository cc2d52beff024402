"""What is left of a product or a sum when one part is taken out, without taking it out again.

p/x would be 0/0 where x is 0, and 1 - p has lost its digits where p is almost 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, Ne, Pow, S, Symbol

from derive.emit.degrees import degree, opened
from derive.emit.logistic import complement_of_sigmoid
from derive.emit.shifts import shift_for, shifted
from derive.functions import log
from derive.indices import free_indices, fresh, letters, rename, substitute
from derive.nodes import Binder, Product, Sum, Where, rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def product_of_others(node: Expr, stable: Stable) -> Expr | None:
    """prod(f(k), k)/f(j) = prod(where(k != j, f(k), 1), k): no 0/0 where f(j) is 0."""
    factors = Mul.make_args(node)
    for product in factors:
        body = product if isinstance(product, Product) else stable.unfolded(product)
        if not isinstance(body, Product):
            continue
        for under in factors:
            if not isinstance(under, Pow) or under.exp != -1:
                continue
            for letter in sorted(free_indices(under.base) - free_indices(body), key=str):
                if substitute(body.body, {body.letter: letter}) == under.base:
                    rest = Mul(*(f for f in factors if f not in (product, under)))
                    stabler = rebuild(body, (stable(body.body),))
                    return _without(letter, stabler, S.One) * stable(rest)
    return None


def factor_of_name(node: Expr, stable: Stable) -> Expr | None:
    """f/x = g, where f = x*g: no 0/0 where x is 0; and f*(1/x + b) = g + f*b."""
    factors = Mul.make_args(node)
    for factor in factors:
        body = stable.unfolded(factor)
        inside = Mul.make_args(body) if body is not None else ()
        for base in inside:
            under = Pow(base, -1)
            rest = [f for f in factors if f not in (factor, under)]
            if under in factors:
                return stable(Mul(*rest, *(f for f in inside if f != base)))
            for other in rest:
                if isinstance(other, Add) and any(under in Mul.make_args(t) for t in other.args):
                    left = [f for f in factors if f != other]
                    return stable(Add(*(Mul(*left, term) for term in other.args)))
    return None


def deviation_from_mean(node: Expr, stable: Stable) -> Expr | None:
    """f[j]/(1 - p[j]) - sum(p[k]*f[k]/(1 - p[k]), k) = f[j] - what is left of the sum without j,
    and (f[j] - sum(p[k]*f[k], k))/(1 - p[j]) = f[j] - what is left/(1 - p[j]): both would
    cancel where p[j] is almost 1."""
    factors = Mul.make_args(node)
    for pair in factors if node.has(Sum) else ():
        inside = [f for t in Add.make_args(pair) for f in Mul.make_args(t)] if pair.is_Add else ()
        for under in [*inside, *factors]:
            one_less = under.base if isinstance(under, Pow) and under.exp == -1 else S.Zero
            if _share(one_less, stable) is None:
                continue
            (share,) = (-t for t in one_less.args if t != 1)
            apart = _own_and_others(pair, share, stable)
            if apart is not None:
                by = under if under in factors else S.One
                rest = Mul(*(f for f in factors if f not in (pair, by)))
                own, others = apart
                return stable(rest) * (stable(own * one_less * by) + others * stable(by))
    return None


def _own_and_others(node: Expr, p: Expr, stable: Stable) -> tuple[Expr, Expr] | None:
    """Of c*f[j] - c*sum(p[k]*f[k], k): the first term, and the second without what is at k = j."""
    for own, mean in (node.args, node.args[::-1]) if node.is_Add and len(node.args) == 2 else ():
        for total in Mul.make_args(mean):
            for letter in sorted(free_indices(p), key=str) if isinstance(total, Sum) else ():
                at_letter = substitute(total.body, {total.letter: letter})
                if own * p + mean / total * at_letter == 0:
                    left = _without(letter, rebuild(total, (stable(total.body),)), S.Zero)
                    return own, stable(mean / total) * left
    return None


def complement(node: Expr, stable: Stable) -> Expr | None:
    """1 - p[i] = sum(where(k != i, e[k], 0), k)/sum(e[k], k), where p[i] = e[i]/sum(e[k], k), and
    1 - a/(a + b) = b/(a + b)."""
    if isinstance(node, Add) and len(node.args) == 2 and S.NegativeOne in node.args:
        found = complement(Add(*(-term for term in node.args)), stable)
        return None if found is None else -found
    split = _share(node, stable)
    if split is None:
        return None
    total, part, letter = split
    if letter is None:
        return stable(Add(total, -part) / total)
    return _share_of_others(total, part, letter, stable)


def complement_in_sum(node: Expr, stable: Stable) -> Expr | None:
    """f - f*p + c = f*(1 - p) + c for shares and sigmoids p, where c vanishes for p = 1 as well:
    next to it, all digits of a sum with the rounded p would be lost."""
    for term in node.args if isinstance(node, Add) else ():
        for p in Mul.make_args(term):
            f = -term / p
            rest = Add(*(t for t in node.args if t not in (term, f)))
            if f not in node.args or rest.xreplace({log(p): S.Zero, p: S.One}) != 0:
                continue  # log(1) is not worked out by itself
            found = complement(1 - p, stable) or complement_of_sigmoid(1 - p, stable)
            if found is not None:
                return stable(f) * found + stable(rest)
    return None


def share_of_others(node: Expr, stable: Stable) -> Expr | None:
    """The same without any other rewrite, of 1 - p[i] alone."""
    split = _share(node, stable)
    if split is None:
        return None
    total, part, letter = split
    others = S.Zero if letter is None else _without(letter, part, S.Zero)
    return Add(total, -part, others) / total


def _share(node: Expr, stable: Stable) -> tuple[Expr, Expr, Symbol | None] | None:
    """Of 1 - a/total: the total, its part a and None, or the sum that a is a term of and for which
    letter it is."""
    if not isinstance(node, Add) or len(node.args) != 2 or S.One not in node.args:
        return None
    (other,) = (t for t in node.args if t != 1)
    for total, over in quotients(-other, stable):
        if over in total.args:
            return total, over, None
        for part in Add.make_args(total):
            letter = term_of(over, part)
            if letter is not None:
                return total, part, letter
    return None


def quotients(p: Expr, stable: Stable) -> Iterator[tuple[Expr, Expr]]:
    """Ways to read p as a/total, with a sum below: total and a."""
    factors = Mul.make_args(stable.unfolded(p) or p)
    for factor in factors:
        if isinstance(factor, Pow) and factor.exp == -1 and isinstance(factor.base, Sum | Add):
            yield factor.base, Mul(*(f for f in factors if f != factor))


def term_of(over: Expr, total: Expr) -> Symbol | None:
    """The letter for which an expression is one of the terms of a sum over an index."""
    if not isinstance(total, Sum):
        return None
    letters = sorted(free_indices(over) - free_indices(total), key=str)
    return next((k for k in letters if substitute(total.body, {total.letter: k}) == over), None)


def _share_of_others(total: Expr, part: Sum, letter: Symbol, stable: Stable) -> Expr:
    """The quotient of two sums in stable form, the upper one without one term of a part."""
    total, part = opened(total, stable), opened(part, stable)
    if degree(total):
        shift = shift_for(total, stable)
        below, own = shifted(total, shift, stable), shifted(part, shift, stable)
    else:
        below, own = stable(total), rebuild(part, (stable(part.body),))
    return Add(below, -own, _without(letter, own, S.Zero)) / below


def _without(letter: Symbol, binder: Binder, empty: Expr) -> Expr:
    """A sum or product of what is at all other indices than one."""
    if binder.letter == letter:
        binder = rename(binder, fresh(letter, letters(binder)))
    others = Where(binder.body, empty, Ne(binder.letter, letter))
    return rebuild(binder, (others,))
