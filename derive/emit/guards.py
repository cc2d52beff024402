"""Case distinctions whose idle case does no harm: np.where works out both cases everywhere.

Where a case does not apply, its exponential could overflow, its logarithm or divisor be 0. What is
thrown away there is worked out at a harmless value instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr, Integer, Pow
from sympy.logic.boolalg import Boolean

from derive.emit.degrees import degree, opened
from derive.emit.special import expm1, log1p
from derive.functions import acos, acosh, asin, atanh, cosh, exp, log, sinh
from derive.indices import free_indices, fresh, letters, names, rename
from derive.nodes import Binder, Where, children, rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable

# Where each of these functions is finite, whatever else.
_HARMLESS = {
    exp: 0,
    expm1: 0,
    log1p: 0,
    sinh: 0,
    cosh: 0,
    asin: 0,
    acos: 0,
    atanh: 0,
    log: 1,
    acosh: 1,
}


def guarded_cases(node: Expr, stable: Stable) -> Expr | None:
    """where(c, f(a), b) = where(c, f(where(c, a, a0)), b), where f is finite at a0."""
    if not isinstance(node, Where):
        return None
    yes, no = (stable(_exposed(part, stable)) for part in (node.yes, node.no))
    return Where(
        _guarded(yes, node, True, stable), _guarded(no, node, False, stable), node.condition
    )


def _exposed(expr: Expr, stable: Stable) -> Expr:
    """A case with the names that stand for exponentials written out, so that these are guarded."""
    body = stable.unfolded(expr)
    if body is not None:
        return _exposed(body, stable) if degree(opened(body, stable)) else expr
    parts = children(expr)
    return rebuild(expr, tuple(_exposed(part, stable) for part in parts)) if parts else expr


def _guarded(expr: Expr, case: Where, side: bool, stable: Stable) -> Expr:
    """One case with every argument that could do harm replaced where the case does not apply."""
    parts = children(expr)
    if not parts:
        return expr
    if isinstance(expr, Binder):
        expr = _renamed(expr, case.condition)
        parts = children(expr)
    parts = tuple(_guarded(part, case, side, stable) for part in parts)
    harmless = _harmless(expr)
    if harmless is not None and _related(parts[0], case.condition, stable):
        yes, no = (parts[0], harmless) if side else (harmless, parts[0])
        parts = (Where(yes, no, case.condition), *parts[1:])
    return rebuild(expr, parts)


def _harmless(expr: Expr) -> Expr | None:
    """A value at which a function or power is finite; None where it always is."""
    if isinstance(expr, Pow) and not (expr.exp.is_Integer and expr.exp > 0):
        return Integer(1)
    found = _HARMLESS.get(expr.func)
    return None if found is None else Integer(found)


def _related(argument: Expr, condition: Boolean, stable: Stable) -> bool:
    """Whether a condition can keep an argument from harm: they have a variable or an index in
    common, also one that a defined name stands for."""
    inner = _behind(names(argument), stable)
    outer = _behind(frozenset[str]().union(*(names(side) for side in condition.args)), stable)
    return bool(inner & outer or free_indices(argument) & free_indices(condition))


def _behind(found: frozenset[str], stable: Stable) -> frozenset[str]:
    """Names, and those that they stand for."""
    for definition in reversed(stable.problem.definitions):
        if definition.name in found:
            found |= names(definition.body)
    return found


def _renamed(binder: Binder, condition: Boolean) -> Binder:
    """The same over a letter that is not free in a condition."""
    taken = free_indices(condition)
    return (
        rename(binder, fresh(binder.letter, taken | letters(binder)))
        if binder.letter in taken
        else binder
    )
