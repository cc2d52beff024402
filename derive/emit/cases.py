"""Case distinctions, and choices of one array or another, as array operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sympy import And, Eq, Expr, Ne, Or, Piecewise, S
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from derive.emit.arrays import Array
from derive.emit.dag import Level
from derive.emit.over import reduced
from derive.emit.shifts import Larger
from derive.functions import Maximum
from derive.indices import free_indices, substitute
from derive.nodes import Largest, Smallest, Where

if TYPE_CHECKING:
    from derive.emit.lower import Lowering

_CALL = (Level.ATOM, Level.COMPARISON)
_SIDES = (Level.SUM, Level.SUM)


# Cases


def where(lowering: Lowering, expr: Where) -> Array:
    """np.where; a choice between 1 and 0 is the condition itself, as a number."""
    condition = lowering.array(expr.condition)
    if (expr.yes, expr.no) == (S.One, S.Zero) and not condition.node.weak:
        return _in_dtype(lowering, condition)
    return _chosen(lowering, condition, lowering.array(expr.yes), lowering.array(expr.no))


def piecewise(lowering: Lowering, expr: Piecewise) -> Array:
    """One np.where inside the other; nan where no case applies."""
    *first, (last, condition) = expr.args
    complete = condition is S.true or (first and condition == ~first[-1][1])
    nothing = Array(lowering.graph.leaf("np.nan", weak=True))
    found = lowering.array(last) if complete else nothing
    for value, case in first if complete else expr.args:
        found = _chosen(lowering, lowering.array(case), lowering.array(value), found)
    return found


def _chosen(lowering: Lowering, condition: Array, yes: Array, no: Array) -> Array:
    axes, nodes = lowering.together([condition, yes, no])
    node = lowering.graph.node("np.where({0}, {1}, {2})", *nodes, weak=False)
    found = Array(node, axes)
    return _in_dtype(lowering, found) if yes.node.weak and no.node.weak else found


def _in_dtype(lowering: Lowering, array: Array) -> Array:
    cast = lowering.graph.node(
        "{0}.astype({1})", array.node, lowering.dtype(), weak=False, needs=_CALL
    )
    return Array(cast, array.axes)


def relation(lowering: Lowering, expr: Relational) -> Array:
    """A comparison. What is compared with its own maximum is computed once, so that no rounding
    sets them apart."""
    sides = _with_own_extreme(lowering, expr) or [lowering.condition_side(s) for s in expr.args]
    axes, nodes = lowering.together(sides)
    text = f"{{0}} {expr.rel_op} {{1}}"
    node = lowering.graph.node(text, *nodes, level=Level.COMPARISON, needs=_SIDES, hint="holds")
    return Array(node, axes)


def _with_own_extreme(lowering: Lowering, expr: Relational) -> list[Array] | None:
    """f[k] and max(f[l], l), either way round, with the first read off the second's body."""
    if not isinstance(expr, Eq | Ne):
        return None
    for own, other in (expr.args, expr.args[::-1]):
        if not isinstance(other, Largest | Smallest):
            continue
        for letter in sorted(free_indices(own) - free_indices(other), key=str):
            if own == substitute(other.body, {other.letter: letter}):
                with lowering.spanning({other.letter: other.extent}):
                    body = lowering.condition_side(other.body)
                axes = tuple(letter if k == other.letter else k for k in body.axes)
                return [Array(body.node, axes), reduced(lowering, other, body)]
    return None


def logic(lowering: Lowering, expr: Boolean) -> Array:
    """and, or, not."""
    if isinstance(expr, And | Or):
        sign = "&" if isinstance(expr, And) else "|"
        axes, nodes = lowering.together([lowering.array(part) for part in ordered(expr)])
        found = nodes[0]
        for node in nodes[1:]:
            text = f"({{0}}) {sign} ({{1}})"
            found = lowering.graph.node(text, found, node, level=Level.COMPARISON, hint="holds")
        return Array(found, axes)
    inner = lowering.array(expr.args[0])
    node = lowering.graph.node("np.logical_not({0})", inner.node, hint="holds")
    return Array(node, inner.axes)


def truth(lowering: Lowering, expr: Boolean) -> Array:
    """True or False."""
    return Array(lowering.graph.leaf(str(expr), weak=True))


def ordered(expr: Boolean) -> list[Boolean]:
    """The parts of an `and` or `or` in an order that does not change from run to run."""
    return sorted(expr.args, key=str)


# Choices


def choice(lowering: Lowering, expr: Any) -> Array:
    """The larger or smaller of two or more arrays."""
    return _paired(lowering, expr, "maximum" if isinstance(expr, Maximum) else "minimum", "{}")


def larger(lowering: Lowering, expr: Larger) -> Array:
    """The same for shifts, which no imaginary part of a complex step may enter."""
    return _paired(lowering, expr, "maximum", "np.real({})")


def _paired(lowering: Lowering, expr: Expr, name: str, operand: str) -> Array:
    axes, nodes = lowering.together([lowering.array(arg) for arg in expr.args])
    text = f"np.{name}({operand.format('{0}')}, {operand.format('{1}')})"
    found = nodes[0]
    hint = "shift" if isinstance(expr, Larger) else name
    for node in nodes[1:]:
        found = lowering.graph.node(text, found, node, weak=False, hint=hint)
    return Array(found, axes)
