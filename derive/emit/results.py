"""What a function returns or a name stands for: an array with exactly these axes.

Deltas between its axes are not multiplied by: an expression that has delta(i, j) is worked out
once for i != j, everywhere, and once for i = j, on the diagonal, where it takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr, Integer, KroneckerDelta, Symbol, preorder_traversal

from derive.emit.arrays import aligned, marks
from derive.emit.contract import contracted
from derive.emit.graph import Node
from derive.indices import substitute
from derive.nodes import Binder, children, rebuild, undistributed

if TYPE_CHECKING:
    from derive.emit.lower import Lowering

Axes = tuple[Symbol, ...]


def returned(lowering: Lowering, expr: Expr, axes: Axes) -> Node:
    """What a function returns: never an argument itself, and with the leading axes of all
    arguments, also of those that it does not depend on."""
    node = array_with(lowering, expr, axes)
    others = [name for name in lowering.shapes if lowering.names[name] not in node.sources]
    if not others:
        return lowering.graph.node("copy", node) if node.is_view else node
    ranks = tuple(len(lowering.shapes[name]) for name in others)
    given = [lowering.graph.argument(lowering.names[n], len(lowering.shapes[n])) for n in others]
    made = lowering.graph.node("copy", node) if node.is_view else node
    return lowering.graph.node("spread", made, *given, data=ranks, rank=len(axes), weak=False)


def array_with(lowering: Lowering, expr: Expr, axes: Axes) -> Node:
    """The array of an expression with exactly these axes."""
    with undistributed():
        expr = contracted(expr, lowering.spans)
        pair = _delta_between(lowering, expr, axes)
        return _by_cases(lowering, expr, axes, pair) if pair else _filled(lowering, expr, axes)


def _delta_between(lowering: Lowering, expr: Expr, axes: Axes) -> KroneckerDelta | None:
    """A delta between two of the axes, of equal length: one that is a factor of everything if there
    is one, since all is 0 off its diagonal then; else the first."""
    found = [d for d in preorder_traversal(expr) if isinstance(d, KroneckerDelta)]
    own = [d for d in found if set(d.args) <= set(axes)]
    square = [d for d in own if len({lowering.spans[k] for k in d.args}) == 1]
    outside = {d: _decided(expr, d, 0) for d in square}
    free = [d for d in square if outside[d] != expr]
    places = {d: sorted(map(axes.index, d.args)) for d in free}
    return min(free, key=lambda d: (outside[d] != 0, places[d]), default=None)


def _decided(expr: Expr, delta: KroneckerDelta, value: int) -> Expr:
    """An expression with a number for a delta, wherever its letters are free."""
    if expr == delta:
        return Integer(value)
    parts = children(expr)
    if not parts or (isinstance(expr, Binder) and expr.letter in delta.args):
        return expr
    return rebuild(expr, tuple(_decided(part, delta, value) for part in parts))


def _by_cases(lowering: Lowering, expr: Expr, axes: Axes, delta: KroneckerDelta) -> Node:
    """The array where the delta is 0, with the diagonal where it is 1 put into it."""
    i, j = sorted(delta.args, key=axes.index)
    inside = substitute(_decided(expr, delta, 1), {j: i})
    kept = tuple(k for k in axes if k != j)
    diagonal = array_with(lowering, inside, kept)
    if diagonal.op == "broadcast":  # what is put somewhere is repeated there anyway
        diagonal = diagonal.args[0]
    names = marks(axes)
    data = ("".join(names[i if k == j else k] for k in axes), "".join(names[k] for k in kept))
    outside = _decided(expr, delta, 0)
    graph, rank = lowering.graph, len(axes)
    if outside == 0:
        sizes = [lowering.extent(k) for k in axes]
        return graph.node("from_diagonal", diagonal, *sizes, data=data, rank=rank, weak=False)
    full = array_with(lowering, outside, axes)
    if not diagonal.sources <= full.sources:
        full = graph.node("spread", full, diagonal, data=(len(kept),), rank=rank)
    return graph.node("onto_diagonal", full, diagonal, data=data, rank=rank)


def _filled(lowering: Lowering, expr: Expr, axes: Axes) -> Node:
    """The array of an expression, repeated along axes that it does not have."""
    found = lowering.of(expr)
    graph = lowering.graph
    node = aligned(graph, found, axes)
    if node.weak:
        sizes = [lowering.extent(k) for k in axes]
        return graph.node("fill", node, *sizes, data=(lowering.like(),), rank=len(axes), weak=False)
    if len(found.axes) == len(axes):
        return node
    return graph.node("broadcast", node, *map(lowering.extent, axes), rank=len(axes))
