"""A result written out at a small size: every entry, with its sums as terms and its deltas as 0 and
1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from sympy import Add, Expr, Integer, Mul, Symbol

from derive.indices import has_shifts, substitute
from derive.nodes import Product, Sum, children, is_size, rebuild, undistributed
from derive.problem import Definition, Problem

Sizes = Mapping[Symbol, int]

_SIZES = (3, 2)  # of the first axis, and of all others
_MOST_ENTRIES = 12


@dataclass(frozen=True)
class WrittenOut:
    """A result at a small size.

    Attributes:
        sizes: how far each index runs.
        definitions: the first entry of every name that is a sum: its head, and what it is.
        fixed: the leading axes beyond two, which stay at 1.
        rows: the entries; one column for a vector, one entry for a number.
    """

    sizes: Sizes
    definitions: tuple[tuple[Expr, Expr], ...]
    fixed: tuple[Symbol, ...]
    rows: tuple[tuple[Expr, ...], ...]


def written_out(problem: Problem, result: Expr) -> WrittenOut | None:
    """The result written out; None where that says no more than the formula, or is too much."""
    bodies = [d.body for d in problem.definitions]
    if any(map(has_shifts, (problem.target, result, *bodies))):
        return None
    axes = (*problem.axes, *problem.wrt_axes)
    used = [problem.extents[axis] for axis in axes]
    used += [extent for body in (result, *bodies) for extent in _extents(body)]
    if not used or not all(is_size(extent) for extent in used):
        return None
    first, *others = dict.fromkeys(used)
    sizes = {first: _SIZES[0], **dict.fromkeys(others, _SIZES[1])}
    fixed, shown = axes[: max(len(axes) - 2, 0)], axes[-2:]
    if prod(sizes[problem.extents[axis]] for axis in shown) > _MOST_ENTRIES:
        return None
    with undistributed():
        at = {axis: Integer(1) for axis in fixed}
        rows = _rows(substitute(result, at), shown, problem, sizes)
        heads = tuple(_first_entry(d, sizes) for d in problem.definitions if _is_sum(d))
    return WrittenOut(sizes, heads, fixed, rows)


def _rows(
    result: Expr, axes: tuple[Symbol, ...], problem: Problem, sizes: Sizes
) -> tuple[tuple[Expr, ...], ...]:
    spans = [range(1, sizes[problem.extents[axis]] + 1) for axis in axes]
    entries = [
        expanded(substitute(result, dict(zip(axes, map(Integer, place), strict=True))), sizes)
        for place in product(*spans)
    ]
    width = len(spans[1]) if len(spans) == 2 else 1
    return tuple(tuple(entries[at : at + width]) for at in range(0, len(entries), width))


def _first_entry(definition: Definition, sizes: Sizes) -> tuple[Expr, Expr]:
    first = {letter: Integer(1) for letter in definition.indices}
    return substitute(definition.head, first), expanded(substitute(definition.body, first), sizes)


def _is_sum(definition: Definition) -> bool:
    return not definition.adjoint and bool(_extents(definition.body))


def _extents(expr: Expr) -> list[Expr]:
    """How far the sums and products in an expression run."""
    own = [expr.extent] if isinstance(expr, Sum | Product) else []
    return own + [extent for part in children(expr) for extent in _extents(part)]


def expanded(expr: Expr, sizes: Sizes) -> Expr:
    """An expression with every sum written as its terms, and every length as a number."""
    if isinstance(expr, Sum | Product):
        terms = [
            expanded(substitute(expr.body, {expr.letter: Integer(place)}), sizes)
            for place in range(1, sizes[expr.extent] + 1)
        ]
        return (Add if isinstance(expr, Sum) else Mul)(*terms)
    if isinstance(expr, Symbol):
        return Integer(sizes[expr]) if expr in sizes else expr
    parts = children(expr)
    return rebuild(expr, tuple(expanded(part, sizes) for part in parts)) if parts else expr
