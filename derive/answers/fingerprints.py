"""Expressions as numbers at a few fixed points, so that many can be told apart fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import isfinite, isnan, nan

from sympy import Expr, Symbol

from derive.checker.ground import Ground, OutOfDomain, Uncheckable
from derive.checker.letters import Letters
from derive.checker.sample import Point, assignments, constraints, least_size, size_choices
from derive.problem import Definition, Problem

Values = tuple[float, ...]
Names = tuple[Definition, ...]
Grounds = list[tuple[Ground, Sequence[tuple[int, ...]]]]

_CHOICES = 2  # of sizes
_PLACES = 9  # of the letters, at each point
_FEW = 3  # points, and places at each, of a brief fingerprint
_SCALAR = 6  # points where there are no sizes and no letters
_TRIES = 8
_KEPT = 64  # sets of names, with the values that are known of them
_CLOSE = 1e-11


@dataclass
class Fingerprints:
    """Values at the same points of all that is said about one problem.

    Attributes:
        problem: what is asked.
        truth: an expression that has a value at every point that is chosen.
        letters: the letters of the problem's result, in order.
        names: what the truth uses besides the problem's own names.
    """

    problem: Problem
    truth: Expr
    letters: tuple[Symbol, ...]
    names: Names = ()
    _shared: Letters = field(default_factory=Letters)
    _known: dict[Names, Grounds] = field(default_factory=dict)

    def of(self, expr: Expr, names: Names = (), letters: Sequence[Symbol] = ()) -> Values | None:
        """The values of an expression, nan at a point where it has none; None where it has none
        at all.

        Args:
            expr: in the result's letters, or in others that stand for them in order.
            names: what is defined besides the problem's own names.
            letters: those others.
        """
        return self._values(expr, names, letters, len(self._points), _PLACES)

    def brief(self, expr: Expr, names: Names = (), letters: Sequence[Symbol] = ()) -> Values | None:
        """The same at a few of the places only: enough to tell most wrong results apart."""
        return self._values(expr, names, letters, _FEW, _FEW)

    def _values(
        self, expr: Expr, names: Names, letters: Sequence[Symbol], points: int, most: int
    ) -> Values | None:
        own = tuple(letters or self.letters)
        found: list[float] = []
        for ground, places in self._grounds(names)[:points]:
            for where in places[:most]:
                try:
                    value = ground.value(expr, dict(zip(own, where, strict=True)))
                    found.append(float(value))
                except (OutOfDomain, OverflowError):
                    found.append(nan)
                except (Uncheckable, KeyError):
                    return None
        return tuple(found) if any(map(isfinite, found)) else None

    @cached_property
    def brief_sizes(self) -> tuple[dict[Symbol, int], ...]:
        """For each value of a brief fingerprint, the sizes where it was taken."""
        return tuple(dict(p.sizes) for p, places in self._points[:_FEW] for _ in places[:_FEW])

    @cached_property
    def sizes(self) -> tuple[dict[Symbol, int], ...]:
        """For each value of a fingerprint, the sizes where it was taken."""
        return tuple(dict(p.sizes) for p, places in self._points for _ in places)

    @cached_property
    def places(self) -> tuple[tuple[int, ...], ...]:
        """For each value of a fingerprint, the values of the letters."""
        return tuple(where for _, places in self._points for where in places)

    def _grounds(self, names: Names) -> Grounds:
        """The points, with the values that are known there already."""
        own = {definition.name for definition in self.problem.definitions}
        new = tuple(definition for definition in names if definition.name not in own)
        if new not in self._known:
            if len(self._known) > _KEPT:
                self._known.clear()
            points = self._points
            self._known[new] = [(self._ground(point, new), places) for point, places in points]
        return self._known[new]

    def _ground(self, point: Point, names: Names) -> Ground:
        definitions = {d.name: d for d in (*self.problem.definitions, *names)}
        return Ground(point.sizes, point, definitions, self._shared, self.problem.shapes)

    @cached_property
    def _points(self) -> list[tuple[Point, Sequence[tuple[int, ...]]]]:
        """For each choice of sizes two points at which the truth has values, if there are any."""
        problem = self.problem
        known = constraints(problem.assumptions)
        every, least = {*problem.sizes}, least_size(problem.expressions)
        found: list[tuple[Point, Sequence[tuple[int, ...]]]] = []
        turns = range(2 if every else _SCALAR)
        for turn, sizes in product(turns, size_choices(every, least)[:_CHOICES]):
            for attempt in range(_TRIES):
                positive = turn % 3 == 1 or attempt % 3 == 2
                scale = 1 + 3 * (turn % 2)
                point = Point(known, sizes, f"mistakes {turn} {attempt}", 1, positive, scale)
                places = self._spread(point)
                if places is not None:
                    found.append((point, places))
                    break
        return found

    def _spread(self, point: Point) -> Sequence[tuple[int, ...]] | None:
        """Some values of the letters; None where the truth has no value at one of them."""
        ground = self._ground(point, self.names)
        spans = {i: ground.extent(self.problem.extents[i]) for i in self.letters}
        every = [tuple(env[i] for i in self.letters) for env in assignments(spans)]
        places = every[:: max(1, len(every) // _PLACES)][:_PLACES]
        try:
            for where in places:
                ground.value(self.truth, dict(zip(self.letters, where, strict=True)))
        except OutOfDomain:
            return None
        return places


def alike(one: Values | None, other: Values | None) -> bool:
    """Whether two fingerprints are the same up to rounding; none is like nothing."""
    if not one or not other:
        return False
    return all(_near(a, b) for a, b in zip(one, other, strict=True))


def _near(one: float, other: float) -> bool:
    if isnan(one) or isnan(other):
        return isnan(one) and isnan(other)
    return abs(one - other) <= _CLOSE * max(1e-3, abs(one), abs(other))


def ratio(one: Values, other: Values) -> Values:
    """How many times the other the one is, at each place where neither is 0; nothing where only one
    of them is 0, or has a value, somewhere."""
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if not (_near(a, 0) and _near(b, 0))]
    if any(_near(a, 0) or _near(b, 0) or isnan(a + b) for a, b in pairs):
        return ()
    return tuple(a / b for a, b in pairs)
