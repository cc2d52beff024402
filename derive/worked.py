"""A worked example: inputs, names, target and result in numbers.

Values come straight from the expressions by the checker's evaluator (130 digits inside), and not
from emitted code, so that the two can be held against each other. At a kink the result is worked
out as it is written, which is what the code does. Meant for examples that fit a page: every entry
of the result is worked out by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, Integer, Symbol

from derive.checker.ground import CONTEXT, Ground, OutOfDomain, Uncheckable
from derive.nodes import is_head, is_size, name_of
from derive.problem import Problem

Array = NDArray[np.float64]

# Values up to 2**100_000 are met on the way, as e**1000 is in a softmax that is not shifted.
_LIMIT = 100_000


@dataclass(frozen=True)
class Worked:
    """A problem in numbers. Arrays are float64; a scalar is 0-d.

    Attributes:
        inputs: the given variables.
        definitions: every defined name that the given variables determine.
        target: with the target's axes; None where the given variables do not determine it.
        result: with the target's axes, then those of the variable that are not among them.
        label: how the result is called in the text: "ds/dz".
        target_label: the same for the target, "s"; "" if it has no name of its own.
        sizes: how many values there are, for each size symbol.
    """

    inputs: Mapping[str, Array]
    definitions: Mapping[str, Array]
    target: Array | None
    result: Array
    label: str
    target_label: str
    sizes: Mapping[Symbol, int]

    @property
    def text(self) -> str:
        """One line or block for every value, rounded to four decimals."""
        shown = {**self.inputs, **self.definitions}
        if self.target is not None and self.target_label not in shown:
            shown[self.target_label or "target"] = self.target
        shown[self.label] = self.result
        return "\n".join(_line(name, value) for name, value in shown.items())


def worked(problem: Problem, result: Expr, values: Mapping[str, ArrayLike]) -> Worked:
    """Work a result out in numbers.

    Args:
        problem: what was asked.
        result: the derivative, in the problem's names.
        values: numbers or nested lists for the variables; those that the result does not need may
            be left out.

    Raises:
        ValueError: a name is unknown or missing, a value has the wrong number of axes, two lengths
            of one axis disagree, or there is no real value at these numbers.
    """
    inputs = {name: _array(name, value, problem) for name, value in values.items()}
    sizes = _sizes(problem, inputs)
    arrays = _Arrays(problem, inputs, sizes)
    axes = (*problem.axes, *problem.wrt_axes)
    spans = tuple(problem.extents[letter] for letter in axes)
    if missing := arrays.missing(result, spans):
        raise ValueError(f"the result cannot be worked out without {', '.join(missing)}")
    try:
        found = arrays.entries(result, axes, spans)
    except OutOfDomain as error:
        raise ValueError(f"the result has no value at these numbers: {error}") from error
    except Uncheckable as error:
        raise ValueError(f"the result cannot be put in numbers: {error}") from error
    named = {
        d.name: arrays.known(d.head, d.indices, problem.shapes[d.name]) for d in problem.definitions
    }
    target = name_of(problem.target) if is_head(problem.target) else ""
    by = "".join(f"d{name_of(variable)}" for variable in problem.wrt)
    return Worked(
        inputs=inputs,
        definitions={name: array for name, array in named.items() if array is not None},
        target=arrays.known(problem.target, problem.axes, spans[: len(problem.axes)]),
        result=found,
        label=f"d{target}/{by}" if target and by else "result",
        target_label=target,
        sizes=sizes,
    )


def _array(name: str, value: ArrayLike, problem: Problem) -> Array:
    """One given value as an array with the right number of axes."""
    if name not in problem.variables:
        known = ", ".join(problem.variables)
        raise ValueError(f"{name} is not a variable of this problem; it has {known}")
    try:
        found: Array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number or a rectangular list of numbers") from None
    axes = len(problem.shapes[name])
    if found.ndim != axes:
        wanted = "a single number" if axes == 0 else f"an array with {axes} axes"
        raise ValueError(f"{name} must be {wanted.replace('1 axes', '1 axis')}; got {found.ndim}")
    if not np.isfinite(found).all() or found.size == 0:
        raise ValueError(f"{name} must have at least one entry, and finite numbers only")
    return found


def _sizes(problem: Problem, inputs: Mapping[str, Array]) -> dict[Symbol, int]:
    """The length of every axis that some input has, and those that follow: the n of an axis of
    n + m - 1, where m is known."""
    axes = [
        (size, length, name)
        for name, array in inputs.items()
        for size, length in zip(problem.shapes[name], array.shape, strict=True)
    ]
    found: dict[Symbol, int] = {}
    by: dict[Symbol, str] = {}
    for size, length, name in sorted(axes, key=lambda axis: len(axis[0].free_symbols)):
        left = Integer(length) - size.xreplace(found)
        unknown = list(left.free_symbols)
        if left == 0 or len(unknown) > 1:
            continue
        if isinstance(size, Symbol) and not unknown:
            raise ValueError(f"{size} is {found[size]} by {by[size]} and {length} by {name}")
        value = left.xreplace({unknown[0]: 0}) / size.coeff(unknown[0]) if unknown else None
        if value is None or not (value.is_Integer and value > 0):
            raise ValueError(f"{name} has {length} entries on an axis of {size}")
        found[unknown[0]], by[unknown[0]] = int(value), name
    return found


class _Arrays:
    """Whole arrays from index expressions, at the given numbers."""

    def __init__(
        self, problem: Problem, inputs: Mapping[str, Array], sizes: Mapping[Symbol, int]
    ) -> None:
        self._problem, self._inputs, self._sizes = problem, inputs, sizes
        definitions = {d.name: d for d in problem.definitions}
        self._ground = Ground(sizes, self._number, definitions, limit=_LIMIT, strict=False)

    def entries(self, expr: Expr, axes: tuple[Symbol, ...], spans: tuple[Expr, ...]) -> Array:
        """The array with one axis for each letter of `axes`, as long as `spans` says."""
        shape = [self._ground.extent(span) for span in spans]
        places = product(*(range(1, length + 1) for length in shape))
        flat = [self._ground.value(expr, dict(zip(axes, at, strict=True))) for at in places]
        return np.array([float(value) for value in flat]).reshape(shape)

    def known(self, expr: Expr, axes: tuple[Symbol, ...], spans: tuple[Expr, ...]) -> Array | None:
        """The same, or None where the inputs do not determine it."""
        if self.missing(expr, spans):
            return None
        try:
            return self.entries(expr, axes, spans)
        except (OutOfDomain, Uncheckable):
            return None

    def missing(self, expr: Expr, spans: tuple[Expr, ...] = ()) -> list[str]:
        """The variables that an expression needs and that are not given; if all are, the sizes."""
        if names := sorted(set(self._problem.variables_in(expr)) - set(self._inputs)):
            return names
        symbols = {*expr.free_symbols, *(s for span in spans for s in span.free_symbols)}
        return sorted(str(s) for s in symbols if is_size(s) and s not in self._sizes)

    def _number(self, name: str, where: tuple[int, ...]) -> Any:
        array = self._inputs[name]
        if any(
            place < 1 or place > length for place, length in zip(where, array.shape, strict=True)
        ):
            raise OutOfDomain(f"{name}[{', '.join(map(str, where))}] is outside the given numbers")
        return CONTEXT.mpf(float(array[tuple(place - 1 for place in where)]))


def _line(name: str, value: Array) -> str:
    """ "z = [1, 2, 3]": whole numbers plain, others with four decimals."""
    start = f"{name} = "
    if (value == np.round(value)).all() and (np.abs(value) < 1e15).all():
        return start + np.array2string(value.astype(np.int64), separator=", ", prefix=start)
    rounded = np.round(value, 4) + 0.0  # no -0.0000
    return start + np.array2string(
        rounded, separator=", ", prefix=start, floatmode="fixed", precision=4, suppress_small=True
    )
