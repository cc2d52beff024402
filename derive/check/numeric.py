"""Does the emitted code compute the derivative? It is held against its own value function by two
kinds of differences, against SymPy's scalar derivative, and its products against itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from string import ascii_letters
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from derive.check.sample import Point, constraints
from derive.check.scalar import ScalarDerivative
from derive.emit import function
from derive.emit.module import argument_names
from derive.errors import UnsupportedError
from derive.nodes import indices_of, is_size, name_of
from derive.problem import Problem

Array = NDArray[Any]
Inputs = Mapping[str, Array]

SEEDS = (0, 1, 2)
SIZES = (2, 4)

CENTRAL = "central differences"
COMPLEX = "complex step"
SCALAR = "scalar diff"

_TOLERANCES = {CENTRAL: 1e-6, COMPLEX: 1e-12, SCALAR: 1e-12, "vjp": 1e-12, "jvp": 1e-12}
_SECOND_ORDER = 1e-9  # a complex step in one variable, differences in the others
_WEIGHTS = (4 / 5, -1 / 5, 4 / 105, -1 / 280)  # at 1, 2, 3, 4 steps: the error is step**8
_STEP = 0.02
_IMAGINARY = 1e-30
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
        seeds: inputs are drawn once for each, so as to meet the problem's assumptions.
        sizes: the first axis has this many entries, the next one more, and so on.

    Raises:
        ValueError: there is nothing to differentiate by, or no seed or size.
        UnsupportedError: no code for the result, or no inputs that meet the assumptions.
    """
    if not problem.wrt or not seeds or not sizes:
        raise ValueError("verify needs a variable to differentiate by, seeds and sizes")
    trial = _Trial(problem, result)
    found = [trial.errors(size, seed) for size in sizes for seed in seeds]
    found.append(trial.scalar_errors(seeds))
    loose = {COMPLEX: _SECOND_ORDER} if len(problem.wrt) > 1 else {}
    comparisons = tuple(
        Comparison(method, max(errors.get(method, 0.0) for errors in found), tolerance)
        for method, tolerance in (_TOLERANCES | loose).items()
    )
    name = problem.name or problem.text or str(problem.target)
    return Report(name, comparisons, len(seeds) * (len(sizes) + 1))


def table(reports: Iterable[Report]) -> str:
    """The reports as aligned text: the worst relative error of each method, and the verdict."""
    rows = [["", *(method.split()[0] for method in _TOLERANCES), ""]]
    for report in reports:
        errors = [f"{c.error:.0e}{'' if c.passed else '!'}" for c in report.comparisons]
        verdict = "ok" if report.passed else "WRONG" if report.steps_agree else "STEPS WRONG"
        rows.append([report.name, *errors, verdict])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)


class _Trial:
    """The emitted functions of one problem, and what they should give."""

    def __init__(self, problem: Problem, result: Expr) -> None:
        self.problem = problem
        self._constraints = constraints(problem.assumptions)
        if self._constraints.unmet:
            raise UnsupportedError(f"no inputs can be drawn that meet {self._constraints.unmet[0]}")
        self._functions = {
            kind: function(problem, result, kind) for kind in ("value", "derivative", "vjp", "jvp")
        }
        self._spelled = {kind: argument_names(problem, kind) for kind in self._functions}

    def sizes(self, least: int) -> dict[Symbol, int]:
        """A different size for every size symbol."""
        extents = [*self.problem.extents.values(), *sum(self.problem.shapes.values(), ())]
        symbols = {s for extent in extents for s in extent.free_symbols if is_size(s)}
        return {s: least + place for place, s in enumerate(sorted(symbols, key=str))}

    def point(self, size: int, seed: int) -> Point:
        """Inputs at which the value is finite: any signs first, then numbers in (0, 1)."""
        for positive in (False, True):
            point = Point(self._constraints, self.sizes(size), str(seed), positive=positive)
            with np.errstate(all="ignore"):
                value = self.call("value", self.inputs(point))
            if np.isfinite(value).all():
                return point
        raise UnsupportedError("no inputs were found at which the target is finite")

    def inputs(self, point: Point) -> dict[str, Array]:
        """The numbers of a point as arrays, by the problem's names."""
        return {name: self._array(point, name) for name in self.problem.variables}

    def call(self, kind: str, inputs: Inputs, **own: Array) -> Array:
        """What an emitted function gives."""
        names = self._spelled[kind]
        given = {names[name]: value for name, value in inputs.items()}
        return np.asarray(self._functions[kind](**given, **own))

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
            point = self.point(_SCALAR_SIZE, seed)
            found = self.tried("derivative", self.inputs(point))
            worst = max(worst, _error(found, scalar.at(point.exact)))
        return {SCALAR: worst}

    def errors(self, size: int, seed: int) -> dict[str, float]:
        """The relative error of every other method at one point."""
        point = self.point(size, seed)
        inputs = self.inputs(point)
        names = [name_of(variable) for variable in self.problem.wrt]

        def value(moved: Inputs) -> Array:
            return self.call("value", moved)

        def stepped(moved: Inputs) -> Array:
            return _each_entry(value, moved, names[0], _complex_step)

        found = self.tried("derivative", inputs)
        central = _central(value, inputs, names)
        step = _central(stepped, inputs, names[1:])
        return {
            CENTRAL: _error(found, self._picked(central)),
            COMPLEX: _error(found, self._picked(step)),
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
            errors[kind] = _error(product, wanted)
        return errors

    def _wrt_letters(self) -> tuple[Symbol, ...]:
        return tuple(i for variable in self.problem.wrt for i in indices_of(variable))

    def _picked(self, full: Array) -> Array:
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


Slope = Callable[[Callable[[Any], Array], float], Array]


def _each_entry(value: Callable[[Inputs], Array], inputs: Inputs, name: str, slope: Slope) -> Array:
    """The derivative by every entry of one input; its axes come last."""
    base = inputs[name]

    def moved(place: tuple[int, ...], to: complex) -> Array:
        array = base.astype(np.result_type(base, type(to)))
        array[place] = to
        return value({**inputs, name: array})

    slopes = [
        slope(lambda to, place=place: moved(place, to), float(base[place]))  # type: ignore[misc]
        for place in np.ndindex(base.shape)
    ]
    return np.stack(slopes, axis=-1).reshape((*slopes[0].shape, *base.shape))


def _central(value: Callable[[Inputs], Array], inputs: Inputs, names: Sequence[str]) -> Array:
    """Derivatives by one input after the other, each by central differences."""
    if not names:
        return value(inputs)
    *first, last = names

    def inner(moved: Inputs) -> Array:
        return _central(value, moved, first)

    return _each_entry(inner, inputs, last, _central_difference)


def _central_difference(value: Callable[[Any], Array], at: float) -> Array:
    step = _STEP * min(max(abs(at), 0.1), 1.0)
    terms = [
        weight * (value(at + k * step) - value(at - k * step))
        for k, weight in enumerate(_WEIGHTS, start=1)
    ]
    return np.asarray(sum(terms) / step)


def _complex_step(value: Callable[[Any], Array], at: float) -> Array:
    return value(complex(at, _IMAGINARY)).imag / _IMAGINARY


def _error(found: Array, wanted: Array) -> float:
    """The largest difference, relative to the largest entry that is wanted."""
    if found.shape != wanted.shape:
        return float("inf")
    scale = float(np.abs(wanted).max(initial=0.0)) or 1.0
    error = float(np.abs(found - wanted).max(initial=0.0)) / scale
    return error if np.isfinite(error) else float("inf")
