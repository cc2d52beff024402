"""Plots of what was derived: curves of functions and their derivatives, Jacobians as heat maps.

What is drawn follows from the shapes. A number by a number: both curves; several of them: values
in one panel, derivatives in another. A vector by a number: a curve for every entry. A number by a
vector: both curves along one entry. Anything with two axes: a table with shades.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.api import Derivation
from derive.errors import UnsupportedError
from derive.nodes import indices_of, scalar
from derive.render import svg
from derive.render.inline import inline
from derive.render.names import symbol
from derive.render.numbers import array_node
from derive.render.page import Picture
from derive.render.plot_drawings import MOST_CURVES, Panel, Table, panels, table
from derive.render.plot_samples import Curve, Function, Interval, curve, jumps, window
from derive.render.plot_subjects import Subject
from derive.render.tree import Fenced, Node, Number, Row, equation, separated
from derive.render.tree import Function as Called

_MOST_ROWS = 12


@dataclass(frozen=True)
class _Drawing:
    """What is drawn and what is said of it: formulas, in the order of `parts`."""

    width: float
    height: float
    parts: list[str]
    said: Node


def plot(
    derivations: Sequence[Derivation],
    at: Mapping[str, object] | None = None,
    language: str = "en",
) -> Picture:
    """A plot, the same bytes for the same input.

    Args:
        derivations: one, or several functions of one number to compare.
        at: numbers for the variables, before those that a problem comes with.
        language: of the picture's title, "en", "zh-CN" or "zh-TW".

    Raises:
        DeriveError: numbers are missing or do not fit.
        UnsupportedError: this cannot be plotted.
    """
    shown = [Subject(derivation, at or {}) for derivation in derivations]
    drawing = _family(shown) if len(shown) > 1 else _single(shown[0])
    titles = (subject.derivation.target.told(language)[0] for subject in shown)
    title = ", ".join(filter(None, titles)) or inline(drawing.said)
    said = inline(drawing.said)
    drawn = svg.document(drawing.width, drawing.height, title, said, drawing.parts)
    return Picture(drawn, title, said)


def _single(subject: Subject) -> _Drawing:
    varied = bool(indices_of(subject.variable))
    drawings: dict[tuple[int, int, bool], Callable[[Subject], _Drawing]] = {
        (0, 0, False): _function,
        (1, 0, False): _every_entry,
        (0, 1, True): _one_entry,
    }
    axes = len(subject.problem.axes), len(subject.problem.wrt_axes)
    return drawings.get((*axes, varied), _numbers)(subject)


def _function(subject: Subject) -> _Drawing:
    """A function of one number and its derivative."""
    value, slope = subject.along("value"), subject.along("derivative")
    interval = window(value, subject.near)
    names = [subject.laid_out(e) for e in (subject.target, subject.slope(subject.target))]
    drawn = _curve_and_slope(value, slope, interval)
    across = subject.laid_out(subject.variable)
    return _panels([(drawn, None)], interval, across, names, subject.caption(subject.others))


def _family(subjects: Sequence[Subject]) -> _Drawing:
    """Several functions of one number beside their derivatives."""
    if len(subjects) > MOST_CURVES:
        raise UnsupportedError(f"at most {MOST_CURVES} fit one plot, not {len(subjects)}")
    if odd := [subject for subject in subjects if not subject.of_one_number]:
        name = inline(_name(odd[0]))
        raise UnsupportedError(f"only functions of one number go together, and {name} is not one")
    ends = np.array([window(subject.along("value"), subject.near) for subject in subjects])
    interval = float(ends[:, 0].min()), float(ends[:, 1].max())
    both = [
        _curve_and_slope(subject.along("value"), subject.along("derivative"), interval)
        for subject in subjects
    ]
    values, slopes = zip(*both, strict=True)
    first, function = subjects[0], scalar("f")
    up = [first.laid_out(function), first.laid_out(first.slope(function))]
    names = [_name(subject) for subject in subjects]
    given = [node for subject in subjects for node in subject.caption(subject.others)]
    across = first.laid_out(first.variable)
    shown = [(values, up[0]), (slopes, up[1])]
    return _panels(shown, interval, across, names, list(dict.fromkeys(given)))


def _name(subject: Subject) -> Node:
    name = subject.problem.name
    return Called(name) if name else subject.laid_out(subject.problem.target)


def _every_entry(subject: Subject) -> _Drawing:
    """A vector by a number: every entry beside its derivative."""
    entries = range(len(subject.result()))
    if len(entries) > MOST_CURVES:
        raise UnsupportedError(f"at most {MOST_CURVES} entries fit one plot, not {len(entries)}")
    ends = np.array([window(subject.along("value", n), subject.near) for n in entries])
    interval = float(ends[:, 0].min()), float(ends[:, 1].max())
    both = [
        _curve_and_slope(subject.along("value", n), subject.along("derivative", n), interval)
        for n in entries
    ]
    values, slopes = zip(*both, strict=True)
    target, slope = subject.target, subject.slope(subject.target)
    names = [subject.laid_out(target, n + 1) for n in entries]
    across, caption = subject.laid_out(subject.variable), subject.caption(subject.others)
    shown = [(values, subject.laid_out(target)), (slopes, subject.laid_out(slope))]
    return _panels(shown, interval, across, names, caption)


def _one_entry(subject: Subject) -> _Drawing:
    """A number by a vector, along the entry that it changes with most; the others stay."""
    entry = int(np.argmax(np.abs(subject.result())))
    value, slope = subject.along("value", entry=entry), subject.along("derivative", entry, entry)
    numbers = subject.numbers(*subject.problem.variables)
    interval = window(value, float(numbers[subject.name][entry]))
    drawn = _curve_and_slope(value, slope, interval)
    target, variable = subject.target, subject.laid_out(subject.variable, entry + 1)
    names = [subject.laid_out(target), subject.laid_out(subject.slope(target), entry + 1)]
    vector: list[Node] = [array_node(number) for number in numbers[subject.name]]
    vector[entry] = variable
    given = equation(symbol(subject.name), "=", Fenced(separated(vector)))
    caption = [given, *subject.caption(subject.others)]
    return _panels([(drawn, None)], interval, variable, names, caption)


def _numbers(subject: Subject) -> _Drawing:
    """Two axes: a table with shades."""
    values = subject.result()
    letters = (*subject.problem.axes, *subject.problem.wrt_axes)
    if values.ndim > 2:
        raise UnsupportedError(f"this cannot be plotted: its derivative has {values.ndim} axes")
    if max(values.shape) > _MOST_ROWS:
        size = " x ".join(map(str, values.shape))
        raise UnsupportedError(f"this cannot be plotted: {size} numbers are too many for a table")
    rows, columns = [Row(()), *map(subject.laid_out, letters)][-2:]
    heading = subject.laid_out(subject.slope(subject.target))
    caption = subject.caption(subject.numbers(*subject.problem.variables))
    shown = Table(np.atleast_2d(values), svg.maths(rows), svg.maths(columns))
    said = separated([equation(heading, "=", array_node(values)), *caption])
    return _Drawing(*table(shown, svg.maths(heading), list(map(svg.maths, caption))), said)


def _curve_and_slope(value: Function, slope: Function, interval: Interval) -> tuple[Curve, Curve]:
    """Where the slope jumps, the curve has a kink, to be drawn as one."""
    return curve(value, interval, jumps(slope, interval)), curve(slope, interval)


def _panels(
    shown: Sequence[tuple[tuple[Curve, ...], Node | None]],
    interval: Interval,
    across: Node,
    names: Sequence[Node],
    caption: Sequence[Node],
) -> _Drawing:
    drawn = [
        Panel(curves, interval, svg.maths(across), svg.maths(up) if up else None)
        for curves, up in shown
    ]
    size = panels(drawn, list(map(svg.maths, names)), list(map(svg.maths, caption)))
    ends = separated([Number(svg.number(end)) for end in interval])
    where = equation(across, "∈", Fenced(ends, "[", "]"))
    said = separated([*names, *(up for _, up in shown if up), where, *caption])
    return _Drawing(*size, said)
