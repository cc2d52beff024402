"""Exponentials that are compared with something: which is larger shows without working them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr, Mul, S

from derive.emit.degrees import degree, opened
from derive.emit.shifts import Larger, largest, shifted
from derive.functions import Maximum, Minimum, exp
from derive.nodes import Where

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def smaller_exponential(node: Expr, stable: Stable) -> Expr | None:
    """min(exp(a)*f, b) = where(exp(a)*f < b, exp(a)*f, b), and so for max: the case that does not
    apply is not worked out, so it cannot overflow."""
    if not isinstance(node, Maximum | Minimum) or len(node.args) != 2:
        return None
    left, right = (opened(arg, stable) for arg in node.args)
    if not degree(left) and not degree(right):
        return None
    condition = left < right if isinstance(node, Minimum) else left > right
    return stable(Where(left, right, condition))


def balanced(left: Expr, right: Expr, stable: Stable) -> tuple[Expr, Expr]:
    """Two sides of a comparison, both divided by the largest exponential in them, if that is more
    than 1: exp(a)*f < b is exp(a - m)*f < b*exp(-m), m the larger of a and 0."""
    sides = opened(left, stable), opened(right, stable)
    found = [degree(side) for side in sides]
    if 1 not in found or not set(found) <= {0, 1}:
        return stable(left), stable(right)
    peaks = [largest(side, stable) if d else S.Zero for side, d in zip(sides, found, strict=True)]
    shift = peaks[0] if peaks[0] == peaks[1] else Larger(*peaks)
    first, second = (
        shifted(side, shift, stable) if d else Mul(stable(side), exp(-shift))
        for side, d in zip(sides, found, strict=True)
    )
    return first, second
