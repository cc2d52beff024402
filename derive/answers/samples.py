"""Arrays to try a function with, and what it should give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from derive.checker.ground import Ground, OutOfDomain
from derive.checker.letters import Letters
from derive.checker.sample import Point, constraints
from derive.errors import UnsupportedError
from derive.indices import free_indices
from derive.problem import Definition, Problem

Array = NDArray[np.float64]

_TRIES = 20


@dataclass(frozen=True)
class Sample:
    """Numbers for every variable, and the values of expressions at them."""

    inputs: Mapping[str, Array]
    ground: Ground
    problem: Problem

    def knowing(self, names: tuple[Definition, ...]) -> Sample:
        """The same numbers, with the adjoints of some names."""
        if not names:
            return self
        problem = self.problem.knowing(names)
        definitions = {d.name: d for d in problem.definitions}
        ground = Ground(self.ground.sizes, self.ground.number, definitions, self.ground.letters)
        return replace(self, ground=ground, problem=problem)

    def values(self, expr: Expr, axes: tuple[Symbol, ...]) -> Array:
        """An expression's value at every place of the axes that it has; they are in this order.

        Raises:
            OutOfDomain: it has no value here.
        """
        free = free_indices(expr)
        kept = [axis for axis in axes if axis in free]
        spans = [self.ground.extent(self.problem.extents[axis]) for axis in kept]
        found = [
            float(self.ground.value(expr, dict(zip(kept, where, strict=True))))
            for where in product(*(range(1, span + 1) for span in spans))
        ]
        return np.array(found).reshape(spans)


def samples(problem: Problem, result: Expr, count: int, least: int) -> list[Sample]:
    """Points at which a result has a value, the first axis with `least` entries, the next with one
    more, and so on.

    Raises:
        UnsupportedError: no numbers can be drawn that meet the assumptions and give a value.
    """
    known = constraints(problem.assumptions)
    if known.unmet:
        raise UnsupportedError(f"no inputs can be drawn that meet {known.unmet[0]}")
    sizes = {symbol: least + place for place, symbol in enumerate(problem.sizes)}
    definitions = {d.name: d for d in problem.definitions}
    letters, axes = Letters(), (*problem.axes, *problem.wrt_axes)
    found: list[Sample] = []
    for attempt in range(count * _TRIES):
        point = Point(known, sizes, f"answer {attempt}", positive=attempt % 2 == 1)
        ground = Ground(sizes, point, definitions, letters)
        sample = Sample(_inputs(problem, point, ground), ground, problem)
        try:
            sample.values(result, axes)
        except OutOfDomain:
            continue
        found.append(sample)
        if len(found) == count:
            return found
    raise UnsupportedError("no inputs were found at which the result has a value")


def _inputs(problem: Problem, point: Point, ground: Ground) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for name in problem.variables:
        shape = tuple(ground.extent(size) for size in problem.shapes[name])
        places = product(*(range(1, length + 1) for length in shape))
        entries = [float(point.exact(name, place)) for place in places]
        arrays[name] = np.array(entries).reshape(shape)
    return arrays
