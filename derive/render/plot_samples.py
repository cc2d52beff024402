"""Where a function of one variable is worth looking at, and its points there.

Nothing is known of the function but its values: the window follows from where its slope changes,
kinks and jumps are closed in on by halving, and places without a finite value are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.errors import UnsupportedError

Array = NDArray[np.float64]
Function = Callable[[Array], Array]
Interval = tuple[float, float]

_FAR, _STEPS = 20.0, 1600
_POINTS = 401
_NARROWEST, _WIDEST = 3.0, 10.0  # half a window
_HALVINGS, _HAIR = 45, 1e-9


@dataclass(frozen=True)
class Curve:
    """A function's points, in pieces between its jumps: arrays of shape (points, 2)."""

    pieces: tuple[Array, ...]

    @property
    def values(self) -> Array:
        return np.concatenate([piece[:, 1] for piece in self.pieces])


def window(function: Function, near: float | None = None) -> Interval:
    """The interval to draw: where the slope changes, and something on both sides.

    Args:
        near: a place that has to be in it; then the window ends where the function does.

    Raises:
        UnsupportedError: the function has no finite values.
    """
    low, high = _domain(function, near)
    grid = np.linspace(low, high, _STEPS + 1)
    values = function(grid)
    kept = np.isfinite(values)
    grid, values = grid[kept], values[kept]
    bends = np.abs(np.diff(np.arctan(np.diff(values) / np.diff(grid))))
    gathered = np.cumsum(bends)
    if gathered[-1] < 1e-6:
        first = last = near or 0.0
    else:
        first, last = np.interp([0.1, 0.9], gathered / gathered[-1], grid[1:-1])
    half = float(np.clip(0.75 * (last - first), _NARROWEST, _WIDEST))
    start, end = (first + last) / 2 - half, (first + last) / 2 + half
    if near is not None:
        start, end = min(start, near - 1), max(end, near + 1)
    return max(float(np.floor(2 * start)) / 2, low), min(float(np.ceil(2 * end)) / 2, high)


def _domain(function: Function, near: float | None) -> Interval:
    """Where the function has values: around a place if there is one, and else as far as it goes."""
    far = _FAR if near is None else max(_FAR, 2 * abs(near))
    grid = np.linspace(-far, far, _STEPS + 1)
    finite = np.isfinite(function(grid))
    if finite.sum() < 3:
        raise UnsupportedError("this cannot be plotted: it has no finite values near 0")
    if near is not None:
        gaps = grid[~finite]
        return max(gaps[gaps < near], default=-far), min(gaps[gaps > near], default=far)
    return float(grid[finite][0]), float(grid[finite][-1])


def jumps(function: Function, interval: Interval) -> tuple[Interval, ...]:
    """The places where a function jumps, each as two numbers a hair's breadth apart."""
    grid = np.linspace(*interval, _POINTS)
    values = function(grid)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return ()
    rises = np.abs(np.diff(values))
    steep = max(8 * float(np.nanmedian(rises)), 0.02 * float(np.ptp(finite)), 1e-9)
    found = []
    for at in np.flatnonzero(rises > steep):
        left, right = _closed_in(function, float(grid[at]), float(grid[at + 1]))
        rise = abs(float(np.diff(function(np.array([left, right])))[0]))
        if not rise < 0.25 * rises[at]:
            found.append((left, right))
    return tuple(found)


def _closed_in(function: Function, left: float, right: float) -> Interval:
    """The half with the greater rise, again and again."""
    for _ in range(_HALVINGS):
        middle = (left + right) / 2
        low, centre, high = function(np.array([left, middle, right]))
        if abs(centre - low) < abs(high - centre):
            left = middle
        else:
            right = middle
        if right - left < _HAIR:
            break
    return left, right


def curve(function: Function, interval: Interval, kinks: tuple[Interval, ...] = ()) -> Curve:
    """The points of a function; those at `kinks` are among them."""
    breaks = jumps(function, interval)
    places = np.unique([*np.linspace(*interval, _POINTS), *np.ravel(kinks), *np.ravel(breaks)])
    points = np.stack([places, function(places)], axis=1)
    cuts = np.flatnonzero(np.isin(places, [left for left, _ in breaks])) + 1
    pieces = [part for piece in np.split(points, cuts) for part in _finite(piece)]
    return Curve(tuple(piece for piece in pieces if len(piece) > 1))


def _finite(points: Array) -> list[Array]:
    """The stretches without a gap."""
    finite = np.isfinite(points[:, 1])
    cuts = np.flatnonzero(np.diff(finite)) + 1
    return [part for part in np.split(points, cuts) if np.isfinite(part[:, 1]).all()]


def heights(curves: tuple[Curve, ...]) -> Interval:
    """How far up and down to draw: all of it, but not all the way to an infinite value.

    Raises:
        UnsupportedError: no curve has a finite value.
    """
    drawn = [found for found in curves if found.pieces]
    if not drawn:
        raise UnsupportedError("this cannot be plotted: it has no finite values here")
    ends = np.array([_height(found.values) for found in drawn])
    low, high = min(float(ends[:, 0].min()), 0.0), max(float(ends[:, 1].max()), 0.0)
    space = 0.06 * (high - low or 1.0)
    return low - space, high + space


def _height(values: Array) -> Interval:
    low, high = float(values.min()), float(values.max())
    if high - low > 5 * float(np.ptp(np.quantile(values, [0.04, 0.96]))):
        first, last = map(float, np.quantile(values, [0.1, 0.9]))
        return max(low, first - (last - first) / 4), min(high, last + (last - first) / 4)
    return low, high
