"""Slips of algebra in a right result: brackets, powers, quotients and logarithms taken apart
wrongly."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Add, Expr, Integer, Mul, Pow, Rational, S

from derive.functions import Elementary, exp, log
from derive.nodes import Sum, children, is_head, rebuild
from derive.problem import Problem

_HALF = Rational(1, 2)


def bracket_lost(result: Expr, _: Problem) -> Iterator[Expr]:
    """a (b + c) = a b + c: what stands before a bracket is multiplied with one term only."""

    def opened(node: Expr) -> Iterator[Expr]:
        for others, terms in _bracketed(node):
            for place, term in enumerate(terms):
                rest = Add(*terms[:place], *terms[place + 1 :])
                yield Add(Mul(*others, term), rest)

    yield from everywhere(result, opened)


def quotient_split(result: Expr, _: Problem) -> Iterator[Expr]:
    """a/(b + c) = a/b + a/c, and (a + b)/c = a + b/c."""

    def split(node: Expr) -> Iterator[Expr]:
        if isinstance(node, Pow) and node.exp == -1 and isinstance(node.base, Add):
            yield Add(*(Pow(term, -1) for term in node.base.args))

    yield from everywhere(result, split)


def power_slip(result: Expr, _: Problem) -> Iterator[Expr]:
    """A square or root too many or too few; an exponent off by 1; a power taken of every term by
    itself, as in (a + b)^2 = a^2 + b^2; the whole squared, or its root."""

    def slipped(node: Expr) -> Iterator[Expr]:
        if not isinstance(node, Pow) or not node.exp.is_Rational:
            return
        if abs(node.exp) in (2, _HALF):
            yield Pow(node.base, S.One if node.exp > 0 else S.NegativeOne)
        yield Pow(node.base, node.exp + 1)
        if abs(node.exp) in (1, 2, _HALF):
            yield Pow(node.base, 2 * node.exp)
            yield Pow(node.base, -node.exp)
        if isinstance(node.base, Add) and node.exp != -1:
            yield Add(*(Pow(term, node.exp) for term in node.base.args))
        if isinstance(node.base, Sum) and abs(node.exp) != 1:
            power = rebuild(node.base, (Pow(node.base.body, abs(node.exp)),))
            yield power if node.exp > 0 else Pow(power, -1)

    yield from everywhere(result, slipped)
    for place in (Integer(2), _HALF):
        yield Pow(result, place)


def function_split(result: Expr, _: Problem) -> Iterator[Expr]:
    """f(a + b) = f(a) + f(b); log(a b) = log(a) log(b); a function left out."""

    def split(node: Expr) -> Iterator[Expr]:
        if not isinstance(node, Elementary):
            return
        inside = node.args[0]
        yield inside
        if isinstance(inside, Add):
            yield Add(*(node.func(term) for term in inside.args))
        if isinstance(inside, Mul) and isinstance(node, log | exp):
            yield Mul(*(node.func(factor) for factor in inside.args))

    yield from everywhere(result, split)


def complement(result: Expr, _: Problem) -> Iterator[Expr]:
    """1 - p for p, or p for 1 - p: the whole, or at one place."""
    yield 1 - result

    def turned(node: Expr) -> Iterator[Expr]:
        if isinstance(node, Elementary) or is_head(node):
            yield Add(1, -node)
        elif isinstance(node, Add) and S.One in node.args:
            yield Add(*(-term for term in node.args if term != 1))

    yield from everywhere(result, turned)


def constant_kept(result: Expr, _: Problem) -> Iterator[Expr]:
    """A constant, though its derivative is 0."""
    yield result + 1
    yield result - 1


def _bracketed(node: Expr) -> Iterator[tuple[tuple[Expr, ...], tuple[Expr, ...]]]:
    """A product's other factors and the terms of a bracket in it, for each bracket."""
    if isinstance(node, Mul):
        for place, factor in enumerate(node.args):
            if isinstance(factor, Add):
                yield (*node.args[:place], *node.args[place + 1 :]), factor.args


def everywhere(node: Expr, change: Callable[[Expr], Iterator[Expr]]) -> Iterator[Expr]:
    """The expression with a change at one of the places where it can be made, each in turn."""
    yield from change(node)
    parts = children(node)
    for place, part in enumerate(parts):
        for changed in everywhere(part, change):
            yield rebuild(node, (*parts[:place], changed, *parts[place + 1 :]))
