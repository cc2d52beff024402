"""What runs over an index: sums as contractions, products and extremes as reductions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sympy import Expr, Ne, Pow, Symbol

from derive.emit.arithmetic import factor, multiplied
from derive.emit.arrays import Array, grouped
from derive.emit.contraction import contraction
from derive.emit.shifts import Peak, Trough
from derive.emit.special import Norm, SumOfRest
from derive.indices import free_indices
from derive.nodes import Binder, Largest, Product, Smallest, Sum, Where

if TYPE_CHECKING:
    from derive.emit.lower import Lowering


def total(lowering: Lowering, expr: Sum) -> Array:
    """One contraction for all sums that stand directly inside each other."""
    if (others := _others(lowering, expr, "add")) is not None:
        return others
    letters: dict[Symbol, Expr] = {}
    body: Expr = expr
    while isinstance(body, Sum) and body.letter not in letters:
        letters[body.letter] = body.extent
        body = body.body
    factors = lowering.reading.factors(body)
    with lowering.spanning(letters):
        over = [factor(lowering, f) for part in factors.numerator for f in _squared(part)]
        under = [factor(lowering, f) for f in factors.denominator]
    number = factors.coefficient if not factors.negative else -factors.coefficient
    inside = {letter for a in (*over, *under) for letter in a.axes}
    counts = [Array(lowering.size(extent)) for k, extent in letters.items() if k not in inside]
    summed = tuple(k for k in letters if k in inside)
    scalars, arrays = _operands(lowering, over, under)
    kept = _kept(lowering, arrays, summed)
    found = [contraction(lowering.graph, arrays, kept)] if arrays else []
    numbers = [] if number == 1 else [lowering.number(number)]
    return multiplied(lowering, [*numbers, *counts, *scalars, *found], [])


def _squared(factor: Expr) -> tuple[Expr, ...]:
    """A square as two factors: their product need not be stored to be summed."""
    square = isinstance(factor, Pow) and factor.exp == 2
    return (factor.base, factor.base) if square else (factor,)


def _operands(
    lowering: Lowering, over: Sequence[Array], under: Sequence[Array]
) -> tuple[list[Array], list[Array]]:
    """The numbers in a product, and its arrays: those with the same axes are multiplied before
    they meet others, but the last if there are no others."""
    groups = grouped(over, under)
    numbers = groups.pop(frozenset(), ([], []))
    scalars = [multiplied(lowering, *numbers)] if any(numbers) else []
    if len(groups) == 1:
        ((a, b),) = groups.values()
        if len(a) > 1:
            return scalars, [multiplied(lowering, a[:-1], []), multiplied(lowering, a[-1:], b)]
    return scalars, [multiplied(lowering, a, b) for a, b in groups.values()]


def _kept(
    lowering: Lowering, arrays: Sequence[Array], summed: Sequence[Symbol]
) -> tuple[Symbol, ...]:
    letters = {letter for a in arrays for letter in a.axes} - set(summed)
    return tuple(sorted(letters, key=lowering.reading.rank))


def reduction(lowering: Lowering, expr: Binder) -> Array:
    """A product, the largest or the smallest value, or a shift."""
    if isinstance(expr, Product) and (others := _others(lowering, expr, "multiply")) is not None:
        return others
    with lowering.spanning({expr.letter: expr.extent}):
        body = lowering.array(expr.body)
    return reduced(lowering, expr, body)


def _others(lowering: Lowering, expr: Binder, op: str) -> Array | None:
    """sum(where(k != j, f(k), 0), k) or prod(where(k != j, f(k), 1), k), for all j at once; None
    for anything else."""
    case, empty = expr.body, int(op == "multiply")
    if not isinstance(case, Where) or case.no != empty or not isinstance(case.condition, Ne):
        return None
    (out, *more), inside = set(case.condition.args) - {expr.letter}, free_indices(case.yes)
    if more or lowering.spans.get(out) != expr.extent or out in inside or expr.letter not in inside:
        return None
    with lowering.spanning({expr.letter: expr.extent}):
        body = lowering.array(case.yes)
    rest = tuple(letter for letter in body.axes if letter != expr.letter)
    turned = body.transposed(lowering.graph, (*rest, expr.letter))
    return Array(
        lowering.graph.node("others", turned.node, data=(op,), hint="others"), (*rest, out)
    )


_REDUCTIONS: dict[type[Expr], tuple[str, str]] = {
    Product: ("prod", "product"),
    Largest: ("max", "largest"),
    Smallest: ("min", "smallest"),
    Peak: ("max", "largest"),
    Trough: ("min", "smallest"),
    Norm: ("norm", "norm"),
    SumOfRest: ("rest", "rest"),
}


def reduced(lowering: Lowering, expr: Binder, body: Array) -> Array:
    """The same of a body that is an array already."""
    if expr.letter not in body.axes:
        if isinstance(expr, Norm):
            root = lowering.graph.node("sqrt", lowering.size(expr.extent))
            largeness = lowering.graph.node("function", body.node, data=("abs",), hint="abs")
            return Array(lowering.graph.multiply(root, largeness), body.axes)
        if not isinstance(expr, Product):
            return body
        power = lowering.graph.power(body.node, lowering.size(expr.extent))
        return Array(power, body.axes)
    op, hint = _REDUCTIONS[type(expr)]
    axes = tuple(letter for letter in body.axes if letter != expr.letter)
    node = lowering.graph.reduce(op, body.node, [body.axes.index(expr.letter)], hint)
    return Array(node, axes)
