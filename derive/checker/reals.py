"""Real numbers with 130 digits, and what can be wrong with a value."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

from mpmath.ctx_mp import MPContext

Real = Any  # an mpf of the context below

CONTEXT: Any = MPContext()
CONTEXT.dps = 130
CONTEXT.trap_complex = True


class OutOfDomain(ArithmeticError):
    """A value is not real, not finite, or too large to compare, or a kink is too near."""


class OutOfRange(OutOfDomain):
    """An index lies before the first entry or beyond the last."""


class Uncheckable(Exception):
    """A node that has no value here: the checker says so and decides nothing."""


@dataclass
class Work:
    """How many values may still be worked out: shared by all points of one check."""

    left: float = inf

    def spend(self) -> None:
        """One more value.

        Raises:
            Uncheckable: there is no more to spend.
        """
        self.left -= 1
        if self.left < 0:
            raise Uncheckable("to work this out in numbers takes too long")
