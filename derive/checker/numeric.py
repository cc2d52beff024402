"""Does the emitted code compute the derivative? It is held against its own value function by two
kinds of differences, against SymPy's scalar derivative, and its products against itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from string import ascii_letters

import numpy as np
from sympy import Expr, Symbol

from derive.checker.differences import Array, Inputs, central, complex_step
from derive.checker.ground import Ground, OutOfDomain, one_sided
from derive.checker.letters import Letters
from derive.checker.sample import Point, constraints
from derive.checker.scalar import ScalarDerivative
from derive.emit import function
from derive.emit.kinks import kinked
from derive.emit.module import argument_names, kinds, own_shape
from derive.errors import UnsupportedError
from derive.nodes import indices_of, is_size, name_of
from derive.problem import Problem

SEEDS = (0, 1, 2)
SIZES = (2, 4)

CENTRAL = "central differences"
COMPLEX = "complex step"
SCALAR = "scalar diff"

_TOLERANCES = {CENTRAL: 1e-6, COMPLEX: 1e-12, SCALAR: 1e-12, "vjp": 1e-12, "jvp": 1e-12}
_SECOND_ORDER = 1e-9  # a complex step in one variable, differences in the others
_STEP = 0.02
_ROOM = 40  # a kink is this many steps away or more, by the values that meet there
_TRIES = 5
_MORE = 16
_SCALAR_SIZE = 3


@dataclass(frozen=True)
class Comparison:
    """The derivative compared in one way.

    Attributes:
        method: "central differences", "complex step", "scalar diff", "vjp" or "jvp".
        error: the largest difference over all points, relative to the largest entry; inf where
            a number is not finite or a shape is wrong.
        tolerance: how large it may be.
    """

    method: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Report:
    """What the comparisons say of one problem.

    Attributes:
        name: the problem's.
        comparisons: one for each method.
        points: how many sets of inputs were tried.
        steps_agree: whether every step of the derivation agreed with the independent checker.
    """

    name: str
    comparisons: tuple[Comparison, ...]
    points: int
    steps_agree: bool = True

    @property
    def passed(self) -> bool:
        return self.steps_agree and all(comparison.passed for comparison in self.comparisons)


def verify(
    problem: Problem, result: Expr, seeds: Sequence[int] = SEEDS, sizes: Sequence[int] = SIZES
) -> Report:
    """Compare the code emitted for a result with everything else that knows the derivative.

    Args:
        seeds: inputs are drawn once for each, so as to meet the problem's assumptions; where the
            target has cases, more often, until each of them has been met.
        sizes: the first axis has this many entries, the next one more, and so on.

    Raises:
        ValueError: there is nothing to differentiate by, or no seed or size.
        UnsupportedError: no code for the result, or no inputs that meet the assumptions.
    """
    if not problem.wrt or not seeds or not sizes:
        raise ValueError("verify needs a variable to differentiate by, seeds and sizes")
    trial = Trial(problem, result)
    found = [trial.errors(size, seed) for size in sizes for seed in seeds]
    more = range(max(seeds) + 1, max(seeds) + 1 + _MORE)
    found += [trial.errors(sizes[0], seed, 4 ** (seed % 3)) for seed in more if trial.one_sided]
    found.append(trial.scalar_errors(seeds))
    loose = {COMPLEX: _SECOND_ORDER} if len(problem.wrt) > 1 else {}
    comparisons = tuple(
        Comparison(method, max(errors.get(method, 0.0) for errors in found), tolerance)
        for method, tolerance in (_TOLERANCES | loose).items()
    )
    name = problem.name or problem.text or str(problem.target)
    return Report(name, comparisons, len(found) - 1 + len(seeds))


def table(reports: Iterable[Report]) -> str:
    """The reports as aligned text: the worst relative error of each method, and the verdict."""
    reports = list(reports)
    methods = dict.fromkeys(c.method for report in reports for c in report.comparisons)
    rows = [["", *(method.split()[0] for method in methods), ""]]
    for report in reports:
        errors = {c.method: f"{c.error:.0e}{'' if c.passed else '!'}" for c in report.comparisons}
        verdict = "ok" if report.passed else "WRONG" if report.steps_agree else "STEPS WRONG"
        rows.append([report.name, *(errors.get(method, "-") for method in methods), verdict])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)


@dataclass(frozen=True)
class _Place:
    """A point to try the functions at, its numbers as the checker has them, and how far its
    entries may be moved to take a difference."""

    point: Point
    ground: Ground
    step: float


class Trial:
    """The emitted functions of one problem, and what they should give."""

    def __init__(self, problem: Problem, result: Expr) -> None:
        self.problem = problem
        self._constraints = constraints(problem.assumptions)
        if self._constraints.unmet:
            raise UnsupportedError(f"no inputs can be drawn that meet {self._constraints.unmet[0]}")
        self.kinds = kinds(problem)
        self._functions = {kind: function(problem, result, kind) for kind in self.kinds}
        self._kinked = any(kinked(problem))
        self._letters = Letters()
        self._grounds: list[Ground] = []
        self._spelled = {kind: argument_names(problem, kind) for kind in self.kinds}

    def sizes(self, least: int) -> dict[Symbol, int]:
        """A different size for every size symbol."""
        extents = [*self.problem.extents.values(), *sum(self.problem.shapes.values(), ())]
        symbols = {s for extent in extents for s in extent.free_symbols if is_size(s)}
        return {s: least + place for place, s in enumerate(sorted(symbols, key=str))}

    def place(self, size: int, seed: int, scale: int = 1) -> _Place:
        """Inputs at which the value is finite: any signs first, then numbers in (0, 1); where the
        target has kinks, some that are far from any."""
        found: list[_Place] = []
        for attempt in range(_TRIES if self._kinked else 1):
            for positive in (False, True):
                name = f"{seed} {attempt}" if attempt else str(seed)
                sizes = self.sizes(size)
                point = Point(self._constraints, sizes, name, positive=positive, scale=scale)
                with np.errstate(all="ignore"):
                    value = self.call("value", self.inputs(point))
                place = self._place(point) if np.isfinite(value).all() else None
                if place is not None and place.step >= _STEP / 10:
                    return place
                found += [place] if place else []
        if not found:
            near = " and no kink is near" if self._kinked else ""
            raise UnsupportedError(f"no inputs were found at which the target is finite{near}")
        return max(found, key=lambda place: place.step)

    def _place(self, point: Point) -> _Place | None:
        """A point with a step that does not reach the next kink; None where one is too near."""
        problem, definitions = self.problem, {d.name: d for d in self.problem.definitions}
        ground = Ground(point.sizes, point, definitions, self._letters)
        spans = [range(1, self._length(point, problem.extents[i]) + 1) for i in problem.axes]
        try:
            for values in product(*spans) if self._kinked else ():
                ground.value(problem.target, dict(zip(problem.axes, values, strict=True)))
        except OutOfDomain:
            return None
        return _Place(point, ground, min(_STEP, float(ground.gap[0]) / _ROOM))

    @property
    def one_sided(self) -> bool:
        """Whether some case of the target was never met at the points tried."""
        return one_sided(self._grounds)

    def inputs(self, point: Point) -> dict[str, Array]:
        """The numbers of a point as arrays, by the problem's names."""
        return {name: self._array(point, name) for name in self.problem.variables}

    def call(self, kind: str, inputs: Inputs, **own: Array) -> Array:
        """What an emitted function gives."""
        return self.call_with(kind, self.spelled(kind, inputs) | own)

    def call_with(self, kind: str, given: Inputs) -> Array:
        """The same for arguments under the names that the function has for them."""
        return np.asarray(self._functions[kind](**given))

    def spelled_names(self, kind: str) -> dict[str, str]:
        """What a function calls the problem's variables."""
        return self._spelled[kind]

    def spelled(self, kind: str, inputs: Inputs) -> dict[str, Array]:
        """Inputs under the names that a function has for them."""
        return {self._spelled[kind][name]: value for name, value in inputs.items()}

    def directions(
        self, kind: str, inputs: Inputs, chance: np.random.Generator
    ) -> dict[str, Array]:
        """What a function multiplies by, drawn at the sizes of the inputs; {} if it does not."""
        lengths = {
            size: length
            for name, array in inputs.items()
            for size, length in zip(self.problem.shapes[name], array.shape, strict=True)
        }
        shapes = own_shape(self.problem, kind)
        return {
            name: chance.standard_normal([int(size.xreplace(lengths)) for size in shape])
            for name, shape in shapes.items()
        }

    def tried(self, kind: str, inputs: Inputs, **own: Array) -> Array:
        """The same, but nan where the arrays do not fit: a wrong result may mix up its axes."""
        try:
            return self.call(kind, inputs, **own)
        except ValueError:
            return np.array(np.nan)

    def scalar_errors(self, seeds: Sequence[int]) -> dict[str, float]:
        """The derivative against SymPy's, at one small size."""
        scalar = ScalarDerivative(self.problem, self.sizes(_SCALAR_SIZE))
        worst = 0.0
        for seed in seeds:
            point = self.place(_SCALAR_SIZE, seed).point
            found = self.tried("derivative", self.inputs(point))
            worst = max(worst, relative_error(found, scalar.at(point.exact)))
        return {SCALAR: worst}

    def errors(self, size: int, seed: int, scale: int = 1) -> dict[str, float]:
        """The relative error of every other method at one point."""
        place = self.place(size, seed, scale)
        self._grounds.append(place.ground)
        point, width = place.point, place.step
        inputs = self.inputs(point)
        names = [name_of(variable) for variable in self.problem.wrt]

        def value(moved: Inputs) -> Array:
            return self.call("value", moved)

        def stepped(moved: Inputs) -> Array:
            return complex_step(value, moved, names[0])

        found = self.tried("derivative", inputs)
        by_differences = central(value, inputs, names, width)
        by_step = central(stepped, inputs, names[1:], width)
        return {
            CENTRAL: relative_error(found, self.picked(by_differences)),
            COMPLEX: relative_error(found, self.picked(by_step)),
            **self._product_errors(found, inputs, point, seed),
        }

    def _product_errors(
        self, found: Array, inputs: Inputs, point: Point, seed: int
    ) -> dict[str, float]:
        """vjp and jvp against the derivative, contracted here."""
        chance = np.random.default_rng(seed)
        axes, moved = self.problem.axes, tuple(dict.fromkeys(self._wrt_letters()))
        whole = (*axes, *self.problem.wrt_axes)
        errors = {}
        for kind, own, given, kept in (("vjp", "g", axes, moved), ("jvp", "v", moved, axes)):
            sizes = [self._length(point, self.problem.extents[letter]) for letter in given]
            vector = chance.standard_normal(sizes)
            product = self.tried(kind, inputs, **{own: vector})
            fits = found.shape == tuple(self._length(point, self.problem.extents[i]) for i in whole)
            wanted = _einsum((given, whole), kept, vector, found) if fits else np.array(np.nan)
            errors[kind] = relative_error(product, wanted)
        return errors

    def _wrt_letters(self) -> tuple[Symbol, ...]:
        return tuple(i for variable in self.problem.wrt for i in indices_of(variable))

    def picked(self, full: Array) -> Array:
        """Of the derivative by every entry, what was asked for: a letter that stands twice is a
        diagonal."""
        places = (*self.problem.axes, *self._wrt_letters())
        return _einsum((places,), (*self.problem.axes, *self.problem.wrt_axes), full)

    def _array(self, point: Point, name: str) -> Array:
        shape = tuple(self._length(point, size) for size in self.problem.shapes[name])
        places = product(*(range(1, length + 1) for length in shape))
        return np.array([float(point.exact(name, place)) for place in places]).reshape(shape)

    def _length(self, point: Point, size: Expr) -> int:
        return int(size.xreplace(dict(point.sizes)))


def _einsum(
    inputs: Sequence[tuple[Symbol, ...]], output: tuple[Symbol, ...], *arrays: Array
) -> Array:
    letters = dict.fromkeys(letter for axes in inputs for letter in axes)
    marks = dict(zip(letters, ascii_letters, strict=False))
    texts = ["".join(marks[letter] for letter in axes) for axes in (*inputs, output)]
    return np.asarray(np.einsum(f"{','.join(texts[:-1])}->{texts[-1]}", *arrays))


def relative_error(found: Array, wanted: Array) -> float:
    """The largest difference, relative to the largest entry that is wanted."""
    if found.shape != wanted.shape:
        return float("inf")
    scale = float(np.abs(wanted).max(initial=0.0)) or 1.0
    error = float(np.abs(found - wanted).max(initial=0.0)) / scale
    return error if np.isfinite(error) else float("inf")
