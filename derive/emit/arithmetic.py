"""Sums, products, quotients and powers of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sympy import Add, Expr, Pow, S

from derive.emit.arrays import Array, grouped
from derive.emit.exactly import is_exponential
from derive.emit.shifts import Shifted, is_logarithm_of_shifted
from derive.emit.special import Ratio

if TYPE_CHECKING:
    from derive.emit.lower import Lowering


def sum_of_terms(lowering: Lowering, expr: Add) -> Array:
    """A sum, in the order in which it is read; the logarithm of a shifted sum comes last. A number
    that all terms have is multiplied by once: 2*x - 2*y is 2*(x - y)."""
    terms = sorted(lowering.reading.terms(expr), key=is_logarithm_of_shifted)
    parts = [(f.negative, f) for f in map(lowering.reading.factors, terms)]
    counts = {f.coefficient for _, f in parts}
    common = min(counts) if len(counts) == 1 and min(counts).is_Integer else S.One
    arrays = [
        _product(lowering, f.coefficient / common, f.numerator, f.denominator) for _, f in parts
    ]
    axes, nodes = lowering.together(arrays)
    found = lowering.graph.negative(nodes[0]) if parts[0][0] else nodes[0]
    for (negative, _), node in zip(parts[1:], nodes[1:], strict=True):
        found = (
            lowering.graph.subtract(found, node) if negative else lowering.graph.add(found, node)
        )
    return multiplied(lowering, [lowering.number(common), Array(found, axes)], [])


def fraction(lowering: Lowering, expr: Expr) -> Array:
    """A product, or a power that may stand under a bar."""
    factors = lowering.reading.factors(expr)
    sign = -1 if factors.negative else 1
    return _product(lowering, sign * factors.coefficient, factors.numerator, factors.denominator)


def _product(lowering: Lowering, number: Any, over: Sequence[Expr], under: Sequence[Expr]) -> Array:
    """A minus sign goes to a factor with fewer axes than the product, or to a number under the
    bar."""
    size = abs(number)
    if size.q != 1 and 10**6 % size.q == 0 and (size.p != 1 or not over):  # 1.2, not 6/5
        numbers, below = [Array(lowering.graph.decimal(float(size)))], []
    else:
        numbers = [lowering.number(S(size.p))] if size.p != 1 else []
        below = [lowering.number(S(size.q))] if size.q != 1 else []
    factors = [*numbers, *(factor(lowering, f) for f in over)]
    divisors = [*below, *(factor(lowering, f) for f in under)]
    if number > 0:
        return multiplied(lowering, factors, divisors)
    place = min(range(len(factors)), key=lambda k: len(factors[k].axes), default=0)
    letters = {letter for array in (*factors, *divisors) for letter in array.axes}
    if factors and len(factors[place].axes) < len(letters):
        factors[place] = _negative(lowering, factors[place])
        return multiplied(lowering, factors, divisors)
    if letters and divisors and divisors[0].node.weak:  # it takes no time there
        divisors[0] = _negative(lowering, divisors[0])
        return multiplied(lowering, factors, divisors)
    return _negative(lowering, multiplied(lowering, factors, divisors))


def _negative(lowering: Lowering, array: Array) -> Array:
    return Array(lowering.graph.negative(array.node), array.axes)


def factor(lowering: Lowering, expr: Expr) -> Array:
    """One factor: its power is not put under a bar."""
    return _power(lowering, expr) if isinstance(expr, Pow) else lowering.array(expr)


def multiplied(lowering: Lowering, over: Sequence[Array], under: Sequence[Array]) -> Array:
    """A product of arrays over others, such that large arrays are passed over less often:
    constants become one, numbers come first, and what has the same axes is multiplied before
    it meets others."""
    constants, divided = ([a for a in side if a.node.weak] for side in (over, under))
    groups = grouped(*([a for a in side if not a.node.weak] for side in (over, under)))
    numbers, divisors = groups.pop(frozenset(), ([], []))
    if len(groups) > 1:
        wide = [multiplied(lowering, a, b) for a, b in groups.values() if a]
        below = [multiplied(lowering, b, []) for a, b in groups.values() if not a]
    else:
        wide, below = next(iter(groups.values()), ([], []))
    first = [_quotient(lowering, constants, divided)] if constants else []
    last = [_quotient(lowering, divided, [])] if divided and not constants else []
    if last and wide and not numbers:
        letters = {letter for array in (*wide, *below) for letter in array.axes}
        place = min(range(len(wide)), key=lambda k: len(wide[k].axes))
        if len(wide[place].axes) < len(letters):
            wide[place], last = _quotient(lowering, [wide[place]], last), []
    if numbers or first:
        # A sum of exponentials may be so large that a small number cannot be divided by it.
        large = [a for a in divisors if a.node.op == "sum" and is_exponential(a.node.args[0])]
        divisors = [a for a in divisors if a not in large]
        return _quotient(lowering, [*first, *numbers], [*divisors, *last], wide, [*below, *large])
    return _quotient(lowering, wide, [*below, *divisors, *last])


def _quotient(lowering: Lowering, *sides: Sequence[Array]) -> Array:
    """Arrays multiplied by and divided by in this order, by turns."""
    arrays = [array for side in sides for array in side]
    below = [place % 2 == 1 for place, side in enumerate(sides) for _ in side]
    axes, nodes = lowering.together(arrays)
    if not nodes or below[0]:
        nodes, below = [lowering.graph.number(1), *nodes], [False, *below]
    graph, found = lowering.graph, nodes[0]
    for node, divide in zip(nodes[1:], below[1:], strict=True):
        found = graph.divide(found, node) if divide else graph.multiply(found, node)
    return Array(found, axes)


def _power(lowering: Lowering, expr: Pow) -> Array:
    base = lowering.array(expr.base)
    if expr.exp == S.Half and not base.node.weak:
        return Array(lowering.graph.node("sqrt", base.node), base.axes)
    axes, (below, above) = lowering.together([base, lowering.array(expr.exp)])
    return Array(lowering.graph.power(below, above), axes)


def shifted(lowering: Lowering, expr: Shifted) -> Array:
    """A difference."""
    axes, (left, right) = lowering.together([lowering.array(arg) for arg in expr.args])
    return Array(lowering.graph.subtract(left, right), axes)


def ratio(lowering: Lowering, expr: Ratio) -> Array:
    """A quotient that is taken before anything else."""
    over, under = map(lowering.array, expr.args)
    return _quotient(lowering, [over], [under])
