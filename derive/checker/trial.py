"""Points to try the emitted code of one problem at: far from kinks, where the target is finite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from string import ascii_letters

import numpy as np
from sympy import Expr, Symbol

from derive.checker.differences import Array, Inputs, central
from derive.checker.ground import Ground, OutOfDomain, one_sided
from derive.checker.letters import Letters
from derive.checker.sample import Point, constraints
from derive.emit.kinks import kinked
from derive.errors import UnsupportedError
from derive.nodes import indices_of, name_of
from derive.problem import Problem

_STEP = 0.02
_ROOM = 40  # a kink is this many steps away or more, by the values that meet there
_TRIES = 5
_WIDER = 24  # draws with variables of very different sizes, where no other is in the domain


@dataclass(frozen=True)
class Site:
    """A point to try functions at.

    Attributes:
        point: its numbers, and `inputs`, the same as arrays by the problem's names.
        ground: what the checker knows of the values there.
        step: how far entries may be moved to take a difference.
    """

    point: Point
    inputs: Inputs
    ground: Ground
    step: float


class Trial:
    """Where the functions of one problem are tried, and the letters of what they take and give.

    Args:
        value: the target as a function of the inputs; it has to be finite at a point.

    Raises:
        UnsupportedError: no inputs can be drawn that meet the assumptions.
    """

    def __init__(self, problem: Problem, value: Callable[[Inputs], Array]) -> None:
        self.problem = problem
        self._value = value
        self._constraints = constraints(problem.assumptions)
        if self._constraints.unmet:
            raise UnsupportedError(f"no inputs can be drawn that meet {self._constraints.unmet[0]}")
        self._kinked = any(kinked(problem))
        self._letters = Letters()
        self._grounds: list[Ground] = []

    def sizes(self, least: int) -> dict[Symbol, int]:
        """A different size for every size symbol."""
        return {size: least + place for place, size in enumerate(self.problem.sizes)}

    def site(self, size: int, seed: int, scale: int = 1) -> Site:
        """A point around which the value is finite: any signs first, then numbers in (0, 1), then
        numbers of a different size for every variable; where the target has kinks, one that is far
        from any.

        Raises:
            UnsupportedError: none was found.
        """
        found: list[Site] = []
        for attempt, positive, spread in self._draws():
            if spread and found:
                break
            name = f"{seed} {attempt}" if attempt else str(seed)
            point = Point(self._constraints, self.sizes(size), name, 1, positive, scale, spread)
            site = self._site(point)
            if site is not None and site.step >= _STEP / 10:
                return self._seen(site)
            found += [site] if site else []
        if not found:
            near = " and no kink is near" if self._kinked else ""
            raise UnsupportedError(f"no inputs were found at which the target is finite{near}")
        return self._seen(max(found, key=lambda site: site.step))

    def _draws(self) -> Iterator[tuple[int, bool, bool]]:
        """Which draw it is, whether all is positive, and whether sizes differ."""
        plain = product(range(_TRIES if self._kinked else 1), (False, True), (False,))
        wider = product(range(_TRIES, _TRIES + _WIDER // 2), (False, True), (True,))
        yield from (*plain, *wider)

    def _seen(self, site: Site) -> Site:
        self._grounds.append(site.ground)
        return site

    def _site(self, point: Point) -> Site | None:
        """A point with a step that does not reach the next kink; None where one is too near, or the
        value is not finite there or within the step."""
        problem, definitions = self.problem, {d.name: d for d in self.problem.definitions}
        inputs = {name: self._array(point, name) for name in problem.variables}
        if not self._is_finite(inputs, ()):
            return None
        ground = Ground(point.sizes, point, definitions, self._letters)
        spans = [range(1, _length(point, problem.extents[i]) + 1) for i in problem.axes]
        try:
            for values in product(*spans) if self._kinked else ():
                ground.value(problem.target, dict(zip(problem.axes, values, strict=True)))
        except OutOfDomain:
            return None
        step = min(_STEP, float(ground.gap[0]) / _ROOM)
        finite = all(self._is_finite(inputs, (name_of(x),), step) for x in set(problem.wrt))
        return Site(point, inputs, ground, step) if finite else None

    def _is_finite(self, inputs: Inputs, names: Sequence[str], step: float = _STEP) -> bool:
        """Whether the value is, or its differences by an input."""
        with np.errstate(all="ignore"):
            return bool(np.isfinite(central(self._value, inputs, names, step)).all())

    def _array(self, point: Point, name: str) -> Array:
        shape = tuple(_length(point, size) for size in self.problem.shapes[name])
        places = product(*(range(1, length + 1) for length in shape))
        return np.array([float(point.exact(name, place)) for place in places]).reshape(shape)

    @property
    def one_sided(self) -> bool:
        """Whether some case of the target was never met at the points so far."""
        return one_sided(self._grounds)


def wrt_letters(problem: Problem) -> tuple[Symbol, ...]:
    """The letters of all that is differentiated by, as often as they stand there."""
    return tuple(i for variable in problem.wrt for i in indices_of(variable))


def picked(problem: Problem, full: Array) -> Array:
    """Of the derivative by every entry, what was asked for: a letter that stands twice is a
    diagonal, and runs over the shortest of its axes."""
    places = (*problem.axes, *wrt_letters(problem))
    lengths = list(zip(places, full.shape, strict=True))
    ends = [min(length for other, length in lengths if other == letter) for letter in places]
    cut = full[tuple(map(slice, ends))]
    return einsum([places], (*problem.axes, *problem.wrt_axes), cut)


def multiplied(problem: Problem, kind: str, slope: Array, vector: Array) -> Array:
    """What "vjp", "jvp" or "hvp" should give, from the whole derivative."""
    axes, moved = problem.axes, tuple(dict.fromkeys(wrt_letters(problem)))
    given, kept = (axes, moved) if kind == "vjp" else (moved, axes)
    if kind == "hvp":
        given = tuple(dict.fromkeys(indices_of(problem.wrt[-1])))
        first = [i for variable in problem.wrt[:-1] for i in indices_of(variable)]
        kept = tuple(dict.fromkeys([*axes, *first]))
    return einsum([given, (*axes, *problem.wrt_axes)], kept, vector, slope)


def einsum(
    inputs: Sequence[tuple[Symbol, ...]], output: tuple[Symbol, ...], *arrays: Array
) -> Array:
    """np.einsum with the letters of formulas."""
    letters = dict.fromkeys(letter for axes in inputs for letter in axes)
    marks = dict(zip(letters, ascii_letters, strict=False))
    texts = ["".join(marks[letter] for letter in axes) for axes in (*inputs, output)]
    return np.asarray(np.einsum(f"{','.join(texts[:-1])}->{texts[-1]}", *arrays))


def _length(point: Point, size: Expr) -> int:
    return int(size.xreplace(dict(point.sizes)))
