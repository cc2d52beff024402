"""Derivatives of a function of arrays, by moving one entry after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Inputs = Mapping[str, Array]
Value = Callable[[Inputs], Array]

_WEIGHTS = (4 / 5, -1 / 5, 4 / 105, -1 / 280)  # at 1, 2, 3, 4 steps: the error is step**8
_IMAGINARY = 1e-30


def central(value: Value, inputs: Inputs, names: Sequence[str], width: float) -> Array:
    """Derivatives by one input after the other, each by central differences. Steps are `width`
    times the entry's size, but never more than `width`; four are taken to each side.

    Returns:
        An array with the value's axes, then those of each input.
    """
    if not names:
        return value(inputs)
    *first, last = names

    def inner(moved: Inputs) -> Array:
        return central(value, moved, first, width)

    def slope(moved: Callable[[Any], Array], at: float) -> Array:
        return _central_difference(moved, at, width * min(max(abs(at), 0.1), 1.0))

    return _each_entry(inner, inputs, last, slope)


def complex_step(value: Value, inputs: Inputs, name: str) -> Array:
    """The derivative by one input, from a step along the imaginary axis: no digits cancel."""
    return _each_entry(value, inputs, name, _complex_step)


def along(value: Value, inputs: Inputs, name: str, direction: Array, width: float) -> Array:
    """The derivative along a direction of one input, by central differences."""

    def moved(by: float) -> Array:
        return value({**inputs, name: inputs[name] + by * direction})

    return _central_difference(moved, 0, width)


Slope = Callable[[Callable[[Any], Array], float], Array]


def _each_entry(value: Value, inputs: Inputs, name: str, slope: Slope) -> Array:
    """The derivative by every entry of one input; its axes come last."""
    base = inputs[name]

    def moved(place: tuple[int, ...], to: complex) -> Array:
        array = np.array(base, np.result_type(base, type(to)))
        array[place] = to
        return value({**inputs, name: array})

    slopes = [
        slope(lambda to, place=place: moved(place, to), float(base[place]))  # type: ignore[misc]
        for place in np.ndindex(base.shape)
    ]
    return np.stack(slopes, axis=-1).reshape((*slopes[0].shape, *base.shape))


def _central_difference(value: Callable[[Any], Array], at: float, step: float) -> Array:
    terms = [
        weight * (value(at + k * step) - value(at - k * step))
        for k, weight in enumerate(_WEIGHTS, start=1)
    ]
    return np.asarray(sum(terms) / step)


def _complex_step(value: Callable[[Any], Array], at: float) -> Array:
    return value(complex(at, _IMAGINARY)).imag / _IMAGINARY
