"""Entries at shifted places, x[t + k] or w[j - t], as windows that move along an axis.

An axis at which a sum of two letters stands becomes two axes, one for each letter: a view with
strides, so nothing is copied. What lies beyond the ends of the array is 0. Letters count from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sympy import Add, And, Expr, Indexed, Mul, Symbol
from sympy.logic.boolalg import Boolean

from derive.emit.arrays import Array, diagonal
from derive.emit.graph import Node
from derive.emit.ranges import guard, has_windows, is_shorter, is_window, kept_in_range
from derive.errors import UnsupportedError
from derive.indices import bounds, free_indices, fresh, letters, never_negative, solved, substitute
from derive.nodes import Sum, Where, children, indices_of, is_index, name_of, rebuild, total
from derive.problem import Problem

if TYPE_CHECKING:
    from derive.emit.lower import Lowering

Shape = tuple[Expr, ...]
Spans = Mapping[Symbol, Expr]


def picked(lowering: Lowering, node: Node, shape: Shape, indices: tuple[Expr, ...]) -> Array:
    """The entries of an array of this shape at indices; a letter that stands twice picks a
    diagonal.

    Raises:
        UnsupportedError: a letter is multiplied, or there are more than two at one place.
    """
    axes: list[Symbol] = []
    for index, extent in zip(indices, shape, strict=True):
        found = _letters(lowering, index)
        if not is_index(index) or _differ(lowering.spans[index], extent):
            node = _moved(lowering, node, len(axes) - node.rank, index, extent)
        axes += found
    return diagonal(lowering.graph, Array(node, tuple(axes)))


def _differ(length: Expr, extent: Expr) -> bool:
    return is_shorter(length, extent) or is_shorter(extent, length)


def _letters(lowering: Lowering, index: Expr) -> list[Symbol]:
    """The letters of a sum as often as they stand in it, k, k for 2*k; those that are subtracted
    last."""
    if not is_window(index):
        raise UnsupportedError(f"no array code for an entry at {index}")
    found = sorted(filter(is_index, index.free_symbols), key=lowering.reading.rank)
    each = [letter for letter in found for _ in range(abs(int(index.coeff(letter))))]
    return sorted(each, key=lambda letter: int(index.coeff(letter)) < 0)


def _moved(lowering: Lowering, node: Node, axis: int, index: Expr, extent: Expr) -> Node:
    """One axis, counted from the back, cut or replaced by the letters of an index; gone where it
    has none."""
    graph, found = lowering.graph, _letters(lowering, index)
    signs = tuple(1 if index.coeff(letter) > 0 else -1 for letter in found) or (1,)
    start = lowering.size(Add(index, *(-sign * k for sign, k in zip(signs, found, strict=False))))
    sizes = [lowering.extent(letter) for letter in found] or [graph.number(1)]
    if signs == (1,) and not guard(index, extent, lowering.spans):
        made = graph.node("slice", node, start, *sizes, data=(axis,), weak=False)
    else:
        rank, data = node.rank + len(sizes) - 1, (axis, signs)
        made = graph.node("window", node, start, *sizes, data=data, rank=rank, weak=False)
    return made if found else graph.reduce("sum", made, [node.rank + axis], "entry")


def is_guarded(case: Where, shapes: Mapping[str, Shape], spans: Spans) -> bool:
    """Whether where(..., x[j - t]*y[i], 0) has the only purpose of keeping its entries in range,
    which windows do on their own."""
    factors = Mul.make_args(case.yes)
    if case.no != 0 or not all(isinstance(f, Indexed) or f.is_Number for f in factors):
        return False
    needed = frozenset[Expr]().union(
        *(
            guard(index, extent, spans)
            for factor in factors
            for index, extent in zip(
                indices_of(factor), shapes.get(name_of(factor), ()), strict=False
            )
        )
    )
    return _meant(case.condition, spans) == needed and _is_conjunction(case.condition)


def _meant(condition: Boolean, spans: Spans) -> frozenset[Expr]:
    forms = (form.expand() for form in bounds(condition))
    return frozenset(form for form in forms if not never_negative(form, spans))


def _is_conjunction(condition: Boolean) -> bool:
    """Whether `bounds` say all that a condition does."""
    parts = condition.args if isinstance(condition, And) else (condition,)
    return all(bounds(part) for part in parts)


def over_the_window(expr: Expr, problem: Problem) -> Expr:
    """sum(g[t]*where(t <= j and j < t + m, w[j - t], 0), t) = sum(w[k]*where(..., g[j - k], 0), k).

    Both are the same sum, but the first passes over a whole signal for every j, the second over
    the window w only: it costs what the value costs.
    """
    parts = children(expr)
    if not parts:
        return expr
    expr = rebuild(expr, tuple(over_the_window(part, problem) for part in parts))
    if not isinstance(expr, Sum):
        return expr
    return _turned(expr, problem) or expr


def _turned(expr: Sum, problem: Problem) -> Expr | None:
    for factor in Mul.make_args(expr.body):
        if not isinstance(factor, Where) or not isinstance(factor.yes, Indexed):
            continue
        spans = {**problem.extents, expr.letter: expr.extent}
        shape = problem.shapes.get(name_of(factor.yes), ())
        for index, extent in zip(indices_of(factor.yes), shape, strict=False):
            moved = not is_index(index) and index.coeff(expr.letter) in (1, -1)
            if moved and is_guarded(factor, {name_of(factor.yes): shape}, spans):
                return _with_window(expr, factor, index, extent, spans)
    return None


def _with_window(expr: Sum, case: Where, index: Expr, extent: Expr, spans: Spans) -> Expr | None:
    """The sum over k = index instead of its own letter; None if the letter stands elsewhere in
    the entry, or would be one of three in another."""
    letter = fresh(expr.letter, letters(expr) | free_indices(index))
    place = solved(index, letter, expr.letter)
    inner = Indexed(case.yes.base, *(letter if i == index else i for i in case.yes.indices))
    if place is None or expr.letter in free_indices(inner):
        return None
    rest = Mul(*(f for f in Mul.make_args(expr.body) if f != case))
    moved = substitute(rest, {expr.letter: place})
    if not has_windows(moved):
        return None
    moved = kept_in_range(moved, place, expr.letter, {**spans, letter: extent})
    return total(inner * moved, letter, extent)
