"""Case distinctions whose idle case does no harm: np.where works out both cases everywhere.

Where a case does not apply, its exponential could overflow, its logarithm or divisor be 0. What is
thrown away there is worked out at a harmless value instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr, Integer, Mul, Not, Pow, S
from sympy.logic.boolalg import Boolean

from derive.emit.logistic import powers_of
from derive.functions import acos, acosh, asin, atanh, cosh, exp, log, sinh
from derive.indices import free_indices, fresh, letters, names, rename
from derive.nodes import Binder, Where, children, rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable

# Where each of these functions is finite, whatever else.
_HARMLESS = {exp: 0, sinh: 0, cosh: 0, asin: 0, acos: 0, atanh: 0, log: 1, acosh: 1}


def guarded_cases(node: Expr, stable: Stable) -> Expr | None:
    """where(c, f(a), b) = where(c, f(where(c, a, a0)), b), where f is finite at a0."""
    if not isinstance(node, Where):
        return None
    yes, no = stable(node.yes), stable(node.no)
    return Where(
        _guarded(yes, node, True, stable), _guarded(no, node, False, stable), node.condition
    )


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
    common, or the argument goes through a defined name."""
    inner = names(argument)
    outer = frozenset().union(*(names(side) for side in condition.args))
    through = any(definition.name in inner for definition in stable.problem.definitions)
    return through or bool(inner & outer or free_indices(argument) & free_indices(condition))


def _renamed(binder: Binder, condition: Boolean) -> Binder:
    """The same over a letter that is not free in a condition."""
    taken = free_indices(condition)
    return (
        rename(binder, fresh(binder.letter, taken | letters(binder)))
        if binder.letter in taken
        else binder
    )


def masked(x: Where) -> Expr:
    """where(c, exp(a)*f, 0) = exp(where(c, a, -oo))*where(c, f, 0), either way round, and
    where(c, exp(a), exp(b)) = exp(where(c, a, b)); anything else as it is.

    So the largest exponent that is subtracted is one of those that count.
    """
    if isinstance(x.yes, exp) and isinstance(x.no, exp):
        return exp(Where(x.yes.args[0], x.no.args[0], x.condition))
    if S.Zero not in (x.yes, x.no):
        return x
    filled, condition = (x.yes, x.condition) if x.no == 0 else (x.no, Not(x.condition))
    powers = powers_of(filled)
    exponentials = [base for base, count in powers.items() if isinstance(base, exp) and count > 0]
    if not exponentials:
        return x
    parts = [
        Pow(exp(Where(base.args[0], S.NegativeInfinity, condition)), powers.pop(base))
        for base in exponentials
    ]
    rest = Mul(*(Pow(base, count) for base, count in powers.items()))
    return Mul(*parts, S.One if rest == 1 else Where(rest, S.Zero, condition))
