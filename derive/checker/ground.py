"""Expressions as numbers: one value for every node, at one point.

What the value of a node is, `values` says. A pending derivative is a difference quotient at a
precision where its error is far below 30 digits, so a wrong table of slopes in the rules or
functions cannot confirm itself. A point so near a kink that such a difference could straddle it is
refused.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from mpmath.libmp import ComplexResult
from sympy import Expr, Symbol

from derive.checker.letters import Letters
from derive.checker.reals import CONTEXT, OutOfDomain, OutOfRange, Real, Uncheckable, Work
from derive.checker.values import Env, Located, Place, evaluate
from derive.problem import Definition

__all__ = ["CONTEXT", "LEVELS", "Env", "Ground", "OutOfDomain", "Place", "Real", "Uncheckable"]

# A central difference is off by its step squared (1e-49) and by the rounding over the step. Each
# level of nesting costs 25 of the 130 digits, so that three leave more than 50.
LEVELS = 3
_STEP = CONTEXT.ldexp(1, -81)

_NEAR = CONTEXT.ldexp(1, -60)  # two values this near could change places within some steps
_EQUAL = CONTEXT.ldexp(1, -300)  # and what is left of a difference of 0 by rounding is below this
_SHAKE = CONTEXT.ldexp(1, -20)


def one_sided(points: Iterable[Ground]) -> bool:
    """Whether some condition came out in one way only at all of these points, which share their
    letters: what holds in the other case has not been looked at."""
    found: dict[tuple[int, int], set[int]] = {}
    for point in points:
        for key, outcomes in point.outcomes.items():
            found.setdefault(key, set()).update(outcomes)
    return any(len(outcomes) == 1 for outcomes in found.values())


@dataclass
class Ground:
    """A point at which expressions are evaluated.

    Attributes:
        sizes: how many values an index runs over, for each size symbol.
        number: the value of a variable's entry (1-based places).
        definitions: by name; such a name has no number of its own.
        letters: shared by all points at which the same expressions are looked at.
        shapes: the sizes of the axes of names whose entries may be asked for beyond the end.
        limit: values beyond 2**limit are refused as out of the domain.
        strict: whether a point is refused where two sides of a condition or two candidates for a
            maximum tie by accident; else what counts there is what code would do.
        shifts: entries moved, in steps, to take a difference.
        shaken: whether every number is a little off, each by an amount of its own.
        peak: the exponent of the largest value met, in bits: [bits], shared with moved points.
        gap: [the least distance met of two values that were put in order], shared in the same way.
        outcomes: how every two expressions that were put in order came out, by their numbers in
            `letters`; shared in the same way.
        work: how much may still be worked out; shared in the same way.
    """

    sizes: Mapping[Symbol, int]
    number: Callable[[str, tuple[int, ...]], Real]
    definitions: Mapping[str, Definition]
    letters: Letters = field(default_factory=Letters)
    shapes: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)
    limit: int = 60
    strict: bool = True
    shifts: Mapping[Place, int] = field(default_factory=dict)
    shaken: bool = False
    peak: list[int] = field(default_factory=lambda: [0])
    gap: list[Real] = field(default_factory=lambda: [CONTEXT.inf])
    outcomes: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    work: Work = field(default_factory=Work)
    _memo: dict[tuple[Any, ...], Real] = field(default_factory=dict)
    _entries: dict[Place, Real] = field(default_factory=dict)
    _family: dict[tuple[frozenset[tuple[Place, int]], bool], Ground] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._family.setdefault((frozenset(self.shifts.items()), self.shaken), self)

    def value(self, node: Expr, env: Env) -> Real:
        """The value of a node, with its free letters as `env` has them.

        Raises:
            OutOfDomain: a value is not real or not finite at this point, or a kink is too near.
            Uncheckable: a node is of a kind that has no value here.
        """
        known = self.letters(node)
        if known.head is not None:
            name, letters = known.head
            return self.entry(name, tuple([env[letter] for letter in letters]))
        if not known.kept:
            return self._worked_out(node, env)
        key = (known.number, *[env[letter] for letter in known.letters])
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = self._worked_out(node, env)
        return found

    def _worked_out(self, node: Expr, env: Env) -> Real:
        self.work.spend()
        try:
            found = _handler(node.func)(node, env, self)
            return self._bounded(found if type(found) is CONTEXT.mpf else CONTEXT.mpf(found))
        except ComplexResult as error:
            raise OutOfDomain(str(error)) from error
        except ZeroDivisionError as error:
            raise OutOfDomain("division by zero") from error

    def entry(self, name: str, where: tuple[int, ...]) -> Real:
        """The value of one entry of a variable or defined name, moved if it is held moved."""
        for place, size in zip(where, self.shapes.get(name, ()), strict=False):
            if place > self.extent(size):
                raise OutOfRange(f"an index of {name} lies beyond the last entry")
        definition = self.definitions.get(name)
        if definition is None:
            found = self.number(name, where)
            if self.shaken:
                found += _SHAKE * random.Random(f"{name} {where}").random()
        else:
            key = (name, where)
            if key not in self._entries:
                env = dict(zip(definition.indices, where, strict=True))
                self._entries[key] = self.value(definition.body, env)
            found = self._entries[key]
        steps = self.shifts.get((name, where), 0)
        return found + steps * _STEP if steps else found

    def slope(self, node: Expr, place: Place, env: Env) -> Real:
        """The derivative of a node by one entry. What is defined through a moved name follows it;
        other defined names are seen through."""
        up, down = self._shifted(place, 1), self._shifted(place, -1)
        return (up.value(node, env) - down.value(node, env)) / (2 * _STEP)

    def order(self, left: Located, right: Located) -> int:
        """-1, 0 or 1, as one value is below, equal to or above another.

        Raises:
            OutOfDomain: on strict ground, they tie or nearly tie at this point and not at others:
                there is a kink here.
        """
        found = self._ordered(left, right)
        key = (self.letters(left[0]).number, self.letters(right[0]).number)
        if key[0] != key[1]:
            self.outcomes.setdefault(key, set()).add(found)
        return found

    def _ordered(self, left: Located, right: Located) -> int:
        first, second = self.value(*left), self.value(*right)
        gap = abs(first - second)
        if gap <= _NEAR * max(1, abs(first), abs(second)):
            if self.strict and not self._beside({}, shaken=True)._equal(left, right):
                raise OutOfDomain("a kink is too near")
            if self._equal(left, right):
                return 0
        self.gap[0] = min(self.gap[0], gap)
        return 1 if first > second else -1

    def extent(self, size: Expr) -> int:
        """How many values there are: a size symbol, a number, or a sum of these."""
        if isinstance(size, Symbol):
            return self.sizes[size]
        return int(size.xreplace(dict(self.sizes)))

    def _equal(self, left: Located, right: Located) -> bool:
        first, second = self.value(*left), self.value(*right)
        return bool(abs(first - second) <= _EQUAL * max(1, abs(first), abs(second)))

    def _shifted(self, place: Place, step: int) -> Ground:
        return self._beside({**self.shifts, place: self.shifts.get(place, 0) + step}, self.shaken)

    def _beside(self, shifts: Mapping[Place, int], shaken: bool) -> Ground:
        """The same point with other numbers; differences are taken on strict ground only."""
        key = (frozenset(item for item in shifts.items() if item[1]), shaken)
        if key not in self._family:
            replace(self, shifts=dict(key[0]), shaken=shaken, strict=True, _memo={}, _entries={})
        return self._family[key]

    def _bounded(self, found: Real) -> Real:
        _, mantissa, exponent, bits = found._mpf_
        if exponent and not mantissa:
            raise OutOfDomain("a value is not finite")
        if mantissa and exponent + bits > self.peak[0]:
            if exponent + bits > self.limit:
                raise OutOfDomain("a value is too large")
            self.peak[0] = exponent + bits
        return found


@cache
def _handler(kind: Any) -> Callable[[Expr, Env, Ground], Real]:
    """What gives nodes of one kind their values."""
    return evaluate.dispatch(kind)
