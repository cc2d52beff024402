"""What runs over an index: sums as contractions, products and extremes as reductions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sympy import Expr, Symbol

from derive.emit.arrays import Array, contraction, grouped
from derive.emit.shifts import Peak
from derive.nodes import Binder, Largest, Product, Smallest, Sum

if TYPE_CHECKING:
    from derive.emit.lower import Lowering


def total(lowering: Lowering, expr: Sum) -> Array:
    """One contraction for all sums that stand directly inside each other."""
    letters: dict[Symbol, Expr] = {}
    body: Expr = expr
    while isinstance(body, Sum) and body.letter not in letters:
        letters[body.letter] = body.extent
        body = body.body
    factors = lowering.reading.factors(body)
    with lowering.spanning(letters):
        over = [lowering.factor(f) for f in factors.numerator]
        under = [lowering.factor(f) for f in factors.denominator]
    number = factors.coefficient if not factors.negative else -factors.coefficient
    inside = {letter for a in (*over, *under) for letter in a.axes}
    counts = [Array(lowering.size(extent)) for k, extent in letters.items() if k not in inside]
    groups = [lowering.multiplied(a, b) for a, b in grouped(over, under).values()]
    scalars = [g for g in groups if not g.axes]
    arrays = [g for g in groups if g.axes]
    summed = tuple(k for k in letters if k in inside)
    if len(arrays) == 1 and len(over) == 2 and not under and arrays[0].axes == summed:
        arrays = over
    kept = _kept(lowering, arrays, summed)
    found = [contraction(lowering.graph, arrays, kept)] if arrays else []
    numbers = [] if number == 1 else [lowering.number(number)]
    return lowering.multiplied([*numbers, *counts, *scalars, *found], [])


def _kept(
    lowering: Lowering, arrays: Sequence[Array], summed: Sequence[Symbol]
) -> tuple[Symbol, ...]:
    letters = {letter for a in arrays for letter in a.axes} - set(summed)
    return tuple(sorted(letters, key=lowering.reading.rank))


def reduction(lowering: Lowering, expr: Binder) -> Array:
    """A product, the largest or the smallest value, or a shift."""
    with lowering.spanning({expr.letter: expr.extent}):
        body = lowering.array(expr.body)
    return reduced(lowering, expr, body)


_METHODS: dict[type[Expr], tuple[str, str]] = {
    Product: (".prod", "product"),
    Largest: (".max", "largest"),
    Smallest: (".min", "smallest"),
    Peak: (".real.max", "shift"),
}


def reduced(lowering: Lowering, expr: Binder, body: Array) -> Array:
    """The same of a body that is an array already."""
    if expr.letter not in body.axes:
        if not isinstance(expr, Product):
            return body
        power = lowering.graph.power(body.node, lowering.size(expr.extent))
        return Array(power, body.axes)
    method, hint = _METHODS[type(expr)]
    axis = "" if len(body.axes) == 1 else f"axis={body.axes.index(expr.letter)}"
    axes = tuple(letter for letter in body.axes if letter != expr.letter)
    return Array(lowering.graph.method(f"{method}({axis})", body.node, hint), axes)
