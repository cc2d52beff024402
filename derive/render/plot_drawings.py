"""Curves over axes, and tables of numbers with shades: data -> parts of a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from derive.render import svg
from derive.render.plot_samples import Array, Curve, Interval, heights
from derive.render.svg import FAINT, INK, QUIET, Label, Stroke

# Told apart by their dashes too, so that they are in black and white.
_STROKES = (
    Stroke("#1b4f9c", 2),
    Stroke("#c2410c", 2, "7 4"),
    Stroke("#15803d", 2, "2 3"),
    Stroke("#7c3aed", 2, "9 3 2 3"),
    Stroke("#0e7490", 2, "14 4"),
    Stroke("#1d2330", 1.2),
    Stroke("#be185d", 1.4, "4 2 1 2"),
    Stroke("#92700c", 3, "1 4"),
)
MOST_CURVES = len(_STROKES)
PANEL = (340.0, 250.0)
WIDE_PANEL = (560.0, 240.0)
_LEFT, _RIGHT, _TOP, _BOTTOM = 48.0, 14.0, 14.0, 44.0
_TOLERANCE = 0.06
_LINE = 17.0
_LEGEND, _SAMPLE, _SIGN = 22.0, 30.0, 6.6


@dataclass(frozen=True)
class Panel:
    """Curves over one interval; `across` and `up` are what its axes are called."""

    curves: tuple[Curve, ...]
    interval: Interval
    across: Label
    up: Label | None = None


@dataclass(frozen=True)
class Table:
    """A matrix of numbers: `rows` and `columns` are the letters of its indices."""

    values: Array
    rows: Label
    columns: Label


def panels(
    shown: Sequence[Panel], legend: Sequence[Label], caption: Sequence[Label]
) -> tuple[float, float, list[str]]:
    """Panels side by side between a legend and a caption: the size of the picture, its parts."""
    width, height = WIDE_PANEL if len(shown) == 1 else PANEL
    whole = width * len(shown)
    rows, parts = _legend(legend, whole)
    top = rows * _LEGEND + (20 if any(panel.up for panel in shown) else 4)
    for at, panel in enumerate(shown):
        parts += _Axes(panel, at, (width * at, top), (width, height)).parts()
    end = top + height - (6 if caption else 0)
    lines = _caption(caption, (_LEFT, end), whole)
    return whole, end + _LINE * len(lines) + 6, parts + lines


def _caption(labels: Sequence[Label], corner: tuple[float, float], width: float) -> list[str]:
    """One line after the other, as many labels in each as there is room for."""
    x, y = corner
    lines: list[Label] = []
    for label in labels:
        if lines and x + (lines[-1].length + label.length) * _SIGN < width:
            lines[-1] = svg.beside(lines[-1], label)
        else:
            lines.append(label)
    return [
        svg.text(x, y + _LINE * at, line, "start", 12, QUIET) for at, line in enumerate(lines, 1)
    ]


def _legend(labels: Sequence[Label], width: float) -> tuple[int, list[str]]:
    """How many rows it takes, and its parts."""
    x, row = _LEFT, 0
    parts: list[str] = []
    for label, stroke in zip(labels, _STROKES, strict=False):
        needed = _SAMPLE + 8 + label.length * _SIGN + 22
        if x + needed > width and x > _LEFT:
            x, row = _LEFT, row + 1
        y = (row + 0.5) * _LEGEND + 6
        parts.append(svg.line((x, y), (x + _SAMPLE, y), stroke))
        parts.append(svg.text(x + _SAMPLE + 8, y + 4, label, "start", 13))
        x += needed
    return row + 1, parts


class _Axes:
    """One panel's frame: from numbers to places."""

    def __init__(
        self, panel: Panel, at: int, corner: tuple[float, float], size: tuple[float, float]
    ) -> None:
        self.panel, self.name = panel, f"panel-{at + 1}"
        self.left, self.right = corner[0] + _LEFT, corner[0] + size[0] - _RIGHT
        self.top, self.bottom = corner[1] + _TOP, corner[1] + size[1] - _BOTTOM
        self.low, self.high = heights(panel.curves)

    def x(self, value: float) -> float:
        first, last = self.panel.interval
        return self.left + (value - first) / (last - first) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)

    def parts(self) -> Iterator[str]:
        yield from self.grid()
        yield from svg.clipped(self.name, self.box(), self.curves())
        middle = (self.left + self.right) / 2
        yield svg.text(middle, self.bottom + 36, self.panel.across, size=13)
        if self.panel.up:
            yield svg.text(self.left, self.top - 6, self.panel.up, "start", 13)

    def box(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.right - self.left, self.bottom - self.top

    def grid(self) -> Iterator[str]:
        for tick, name in ticks(*self.panel.interval, 7):
            x = self.x(tick)
            yield svg.line((x, self.top), (x, self.bottom), _axis(tick))
            yield svg.text(x, self.bottom + 16, svg.words(name), size=11, fill=QUIET)
        for tick, name in ticks(self.low, self.high, 6):
            y = self.y(tick)
            yield svg.line((self.left, y), (self.right, y), _axis(tick))
            yield svg.text(self.left - 7, y + 4, svg.words(name), "end", 11, QUIET)

    def curves(self) -> Iterator[str]:
        for drawn, stroke in zip(self.panel.curves, _STROKES, strict=False):
            for piece in drawn.pieces:
                points = [(self.x(x), self.y(self.near(y))) for x, y in piece]
                yield svg.path(_thinned(np.array(points)), stroke)

    def near(self, value: float) -> float:
        """A height not much outside the panel: pictures have no room for 1e300."""
        reach = self.high - self.low
        return min(max(value, self.low - reach), self.high + reach)


def _axis(tick: float) -> Stroke:
    return Stroke(QUIET) if tick == 0 else Stroke(FAINT)


def _thinned(points: Array) -> Array:
    """Without the points that hardly differ from the straight line between those that are kept:
    the one furthest from a line is kept, then the same on both sides of it."""
    kept, open_ = {0, len(points) - 1}, [(0, len(points) - 1)]
    while open_:
        first, last = open_.pop()
        if last - first < 2:
            continue
        along = points[last] - points[first]
        aside = points[first + 1 : last] - points[first]
        away = np.abs(along[0] * aside[:, 1] - along[1] * aside[:, 0]) / (np.hypot(*along) or 1.0)
        furthest = int(away.argmax())
        if away[furthest] > _TOLERANCE:
            kept.add(first + 1 + furthest)
            open_ += [(first, first + 1 + furthest), (first + 1 + furthest, last)]
    return points[sorted(kept)]


def ticks(low: float, high: float, about: int) -> list[tuple[float, str]]:
    """Round numbers in an interval, 1, 2 or 5 times a power of ten apart, and how to write them."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= rough * (1 - 1e-9))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    found = [(count * step, f"{count * step:.{decimals}f}") for count in range(first, last + 1)]
    return [(value, "0" if value == 0 else name.replace("-", "−")) for value, name in found]


_CELL = (74.0, 44.0)
_NARROWEST_TABLE = 320.0
_BLUE, _ORANGE = (27, 79, 156), (194, 65, 12)


def table(shown: Table, heading: Label, caption: Sequence[Label]) -> tuple[float, float, list[str]]:
    """A heat map with its numbers: blue above zero, orange below, the deeper the larger."""
    rows, columns = shown.values.shape
    left, top = 46.0, 66.0
    width, height = _CELL
    reach = heading.length * _SIGN * 1.25
    largest = float(np.abs(shown.values).max()) or 1.0
    parts = [
        svg.text(max(left + columns * width / 2, reach / 2 + 8), 24, heading, size=15),
        svg.text(left + columns * width / 2, top - 24, shown.columns, size=13),
        svg.text(16, top + rows * height / 2 + 4, shown.rows, size=13),
    ]
    for column in range(columns):
        x = left + (column + 0.5) * width
        parts.append(svg.text(x, top - 6, svg.words(str(column + 1)), size=11, fill=QUIET))
    for row in range(rows):
        y = top + row * height
        parts.append(svg.text(left - 8, y + 26, svg.words(str(row + 1)), "end", 11, QUIET))
        for column in range(columns):
            value = float(shown.values[row, column])
            x, depth = left + column * width, abs(value) / largest
            parts.append(svg.rectangle(x, y, width - 2, height - 2, _shade(value, depth)))
            fill = "#ffffff" if depth > 0.62 else INK
            place = x + width / 2 - 1
            parts.append(svg.text(place, y + 26, svg.words(_figure(value)), size=13, fill=fill))
    whole = max(left + columns * width + 14, reach + 16, _NARROWEST_TABLE)
    whole = max([whole, *(label.length * _SIGN + 24 for label in caption)])
    end = top + rows * height + 4
    lines = _caption(caption, (12, end), whole)
    return whole, end + _LINE * len(lines) + 12, parts + lines


def _shade(value: float, depth: float) -> str:
    colour = _BLUE if value > 0 else _ORANGE
    mixed = (round(255 - (255 - part) * (0.06 + 0.94 * depth)) for part in colour)
    return "#f5f7fb" if value == 0 else "#" + "".join(f"{part:02x}" for part in mixed)


def _figure(value: float) -> str:
    text = f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e4 else f"{value:.2g}"
    if abs(value) >= 10:
        text = f"{value:.4g}"
    return ("0" if value == 0 else text).replace("-", "−")
