"""Rewrites that keep digits near 0 and values far off, against the formula as it stands, for
mpmath with 700 digits: as NumPy has it, each is infinite, no number or without a digit somewhere.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import cos, cosh, erfc, exp, log, mpf, pi, sech, sqrt, tanh
from sympy import Integer

from derive.emit import function as made
from derive.engine import derive
from derive.parse import parse

DIGITS = 700
SMALL = [1e-300, 1e-200, 1e-20, 1e-8, 1e-3]
ANGLES = [*SMALL, 0.5, 1.0, 2.0, 3.0, 3.141592, 100.0]
TAILS = [*SMALL, 0.3, 0.36, 1.0, 5.0, 8.0, 30.0, 1e4, 1e100]
APART = [(0.5, 0.25), (2.0, 2.0 + 1e-12), (-1e4, 709.9), (710.0, -3.0), (800.0, 799.0), (1e4, 1e4)]


Point = dict[str, Any]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + exp(-x))


def slope_of_log_normal(x: Any) -> Any:
    return 2 * exp(-x * x) / sqrt(pi) / erfc(-x)


def bend_of_log_normal(x: Any) -> Any:
    slope = slope_of_log_normal(x)
    return -slope * (2 * x + slope)


def slope_of_focal_loss(x: Any, g: Any) -> Any:
    p, q = sigmoid(x), sigmoid(-x)
    return q**g * (g * p * log(p) - q)


def both(points: list[float]) -> list[Point]:
    return [{"x": sign * x} for x in points for sign in (1, -1)]


PAIRS: list[Point] = [{"x": a, "y": b} for x, y in APART for a, b in ((x, y), (y, x))]
SLOPES = [*PAIRS[:-2], {"x": 700.0, "y": 700.0}, {"x": 700.0, "y": 700.0}]
POWERS: list[Point] = [{"x": x, "g": g} for x in (-50.0, 1e-8, 8.7, 81.1) for g in (0.0225, 1.7)]
ROWS: list[Point] = [{"z": [point["x"], point["y"]]} for point in PAIRS]


# What is written, its variables or None for its value, the same for mpmath, where, and how many
# units in the last place it may be off.
Case = tuple[str, str | None, Callable[..., Any], list[Point], float]
CASES: list[Case] = [
    ("1 - cos(x)", None, lambda x: 1 - cos(x), both(ANGLES[2:]), 3),
    ("x*cos(x) + x", None, lambda x: x * cos(x) + x, both(ANGLES), 3),
    ("(1 - cos(x))/x**2", None, lambda x: (1 - cos(x)) / x**2, both(ANGLES), 4),
    ("(1 - cos(x))/x**3", None, lambda x: (1 - cos(x)) / x**3, both(ANGLES), 5),
    ("cosh(x) - 1", None, lambda x: cosh(x) - 1, both([*ANGLES[2:], 709.0, 710.4]), 5),
    ("(cosh(x) - 1)/x**2", None, lambda x: (cosh(x) - 1) / x**2, both(ANGLES), 7),
    ("log(1 - erf(x))", None, lambda x: log(erfc(x)), both(TAILS), 7),
    ("log(1 + erf(x))", "x", slope_of_log_normal, both(TAILS), 12),
    ("log(1 + erf(x))", "x x", bend_of_log_normal, both([*SMALL, 0.3, 1.0]), 25),
    ("log(1 + erf(x))", "x x", bend_of_log_normal, both([8.0, 25.0]), 8000),  # terms cancel
    (
        "log((1 + erf((x - 1)/(3*sqrt(2))))/2)",
        "x",
        lambda x: slope_of_log_normal((x - 1) / sqrt(18)) / sqrt(18),
        [{"x": -x} for x in TAILS],
        12,
    ),
    ("log(1 - erf(x/sqrt(2)))", None, lambda x: log(erfc(x / sqrt(2))), both(TAILS), 7),
    ("tanh(exp(x) - exp(y))", None, lambda x, y: tanh(exp(x) - exp(y)), PAIRS, 4),
    ("sigmoid(exp(x) - exp(y))", None, lambda x, y: sigmoid(exp(x) - exp(y)), PAIRS, 4),
    ("tanh(exp(x) - exp(y))", "x", lambda x, y: exp(x) * sech(exp(x) - exp(y)) ** 2, SLOPES, 12),
    (
        "sigmoid(2*exp(x) - 2*exp(y))",
        "y",
        lambda x, y: -exp(y) / 2 * sech(exp(x) - exp(y)) ** 2,
        SLOPES,
        12,
    ),
    (
        "exp(exp(x) - exp(y))",
        "x",
        lambda x, y: exp(x) * exp(exp(x) - exp(y)),
        [p for p in SLOPES if p["x"] <= p["y"]],
        12,
    ),
    ("p = sigmoid(x); -(1 - p)**g*log(p)", "x", slope_of_focal_loss, POWERS, 5),
    (
        "p = softmax(z); -(1 - p[t])**2*log(p[t])",
        "z[j]",
        lambda z: slope_of_focal_loss(z[0] - z[1], 2),
        ROWS,
        12,
    ),
    ("softmax(exp(z))[i]", None, lambda z: sigmoid(exp(z[0]) - exp(z[1])), ROWS, 4),
    ("softmax(-2*exp(z))[i]", None, lambda z: sigmoid(2 * exp(z[1]) - 2 * exp(z[0])), ROWS, 4),
]


@pytest.mark.parametrize(("text", "wrt", "oracle", "points", "ulps"), CASES)
def test_digits(
    text: str, wrt: str | None, oracle: Callable[..., Any], points: list[Point], ulps: float
) -> None:
    asked = parse(text, wrt=wrt.split() if wrt else [])
    result = derive(asked).result if wrt else Integer(0)
    function = made(asked, result, "derivative" if wrt else "value")
    for point in points:
        with mpmath.workdps(DIGITS), warnings.catch_warnings():
            exact = oracle(**{name: in_digits(x) for name, x in point.items()})
            assert mpmath.isfinite(exact), point
            warnings.simplefilter("error")
            found = mpf(float(np.ravel(function(**point))[0]))
            off = abs(found - exact) / mpf(float(np.spacing(abs(float(exact)))))
        assert off <= ulps, (point, float(found), float(exact), float(off))


def in_digits(x: Any) -> Any:
    return [*map(mpf, x)] if isinstance(x, list) else mpf(x)
