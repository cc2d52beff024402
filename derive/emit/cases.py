"""Case distinctions, and choices of one array or another, as array operations."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from sympy import And, Eq, Expr, Indexed, Ne, Or, Piecewise, S
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from derive.emit.arrays import Array
from derive.emit.over import reduced
from derive.emit.shifts import Larger
from derive.emit.windows import is_guarded, picked
from derive.functions import Minimum
from derive.indices import free_indices, solved, substitute
from derive.nodes import Largest, Smallest, Where

if TYPE_CHECKING:
    from derive.emit.lower import Lowering


# Cases


def where(lowering: Lowering, expr: Where) -> Array:
    """np.where; a choice between 1 and 0 is the condition itself, as a number."""
    shapes = {**lowering.problem.shapes, **lowering.shapes}
    if is_guarded(expr, shapes, lowering.spans):
        return lowering.array(expr.yes)
    condition = lowering.array(expr.condition)
    if (expr.yes, expr.no) == (S.One, S.Zero) and not condition.node.weak:
        return as_number(lowering, condition)
    return _chosen(lowering, condition, lowering.array(expr.yes), lowering.array(expr.no))


def piecewise(lowering: Lowering, expr: Piecewise) -> Array:
    """One np.where inside the other; nan where no case applies."""
    *first, (last, condition) = expr.args
    complete = condition is S.true or (first and condition == ~first[-1][1])
    nothing = Array(lowering.graph.constant("nan"))
    found = lowering.array(last) if complete else nothing
    for value, case in first if complete else expr.args:
        found = _chosen(lowering, lowering.array(case), lowering.array(value), found)
    return found


def _chosen(lowering: Lowering, condition: Array, yes: Array, no: Array) -> Array:
    axes, nodes = lowering.together([condition, yes, no])
    node = lowering.graph.node("where", *nodes, weak=False)
    found = Array(node, axes)
    return as_number(lowering, found) if yes.node.weak and no.node.weak else found


def as_number(lowering: Lowering, array: Array) -> Array:
    """True and false as 1 and 0, whole numbers as floating ones."""
    cast = lowering.graph.node("cast", array.node, data=(lowering.like(),), weak=False)
    return Array(cast, array.axes)


def relation(lowering: Lowering, expr: Relational) -> Array:
    """A comparison. What is compared with its own maximum is computed once, so that no rounding
    sets them apart."""
    sides = _with_own_extreme(lowering, expr) or lowering.sides(expr)
    axes, nodes = lowering.together(sides)
    node = lowering.graph.node("compare", *nodes, data=(expr.rel_op,), hint="holds")
    return Array(node, axes)


def _with_own_extreme(lowering: Lowering, expr: Relational) -> list[Array] | None:
    """f[k] and max(f[l], l), either way round, with the first read off the second's body: also
    f[i,i] and max(f[i,l], l), or f[i,u - i]."""
    if not isinstance(expr, Eq | Ne):
        return None
    for own, other in (expr.args, expr.args[::-1]):
        if not isinstance(other, Largest | Smallest):
            continue
        for place in _places(own, other):
            if own == substitute(other.body, {other.letter: place}):
                with lowering.spanning({other.letter: other.extent}):
                    body = lowering.of(other.body)
                    shape = tuple(map(lowering.spans.__getitem__, body.axes))
                at = tuple(place if k == other.letter else k for k in body.axes)
                return [picked(lowering, body.node, shape, at), reduced(lowering, other, body)]
    return None


def _places(own: Expr, other: Largest | Smallest) -> list[Expr]:
    """Where the letter of an extreme may stand, for its body to be `own`: at a letter of that, or
    where an entry in both says."""
    found = sorted(free_indices(own), key=str)
    entries = [(a, b) for a in _entries(own) for b in _entries(other.body) if a.base == b.base]
    for mine, theirs in entries:
        for a, b in zip(mine.indices, theirs.indices, strict=True):
            found.append(solved(a, b, other.letter))
    return [place for place in dict.fromkeys(found) if place is not None]


def _entries(expr: Expr) -> list[Indexed]:
    return sorted(expr.atoms(Indexed), key=str)


def logic(lowering: Lowering, expr: Boolean) -> Array:
    """and, or, not."""
    if isinstance(expr, And | Or):
        op = "and" if isinstance(expr, And) else "or"
        axes, nodes = lowering.together([lowering.array(part) for part in ordered(expr)])
        return Array(reduce(lambda a, b: lowering.graph.node(op, a, b, hint="holds"), nodes), axes)
    inner = lowering.array(expr.args[0])
    return Array(lowering.graph.node("not", inner.node, hint="holds"), inner.axes)


def truth(lowering: Lowering, expr: Boolean) -> Array:
    """True or False, as 1 == 1 or 1 == 0."""
    one, other = lowering.graph.number(1), lowering.graph.number(int(bool(expr)))
    return Array(lowering.graph.node("compare", one, other, data=("==",)))


def ordered(expr: Boolean) -> list[Boolean]:
    """The parts of an `and` or `or` in an order that does not change from run to run."""
    return sorted(expr.args, key=str)


# Choices


def choice(lowering: Lowering, expr: Expr) -> Array:
    """The larger or smaller of two or more arrays, or of two shifts."""
    op = "minimum" if isinstance(expr, Minimum) else "maximum"
    hint = "shift" if isinstance(expr, Larger) else op
    axes, nodes = lowering.together([lowering.array(arg) for arg in expr.args])
    made = lowering.graph.node
    return Array(reduce(lambda a, b: made(op, a, b, hint=hint), nodes), axes)
