"""Where the coefficients in emitted functions come from: they are fitted here again."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import mpmath as mp
import pytest

from tests.backends import derivation

BOTH = "erf(x)*y*(1 + erf(y/sqrt(2)))"
Function = Callable[[Any], Any]


def chebyshev(low: Any, high: Any, count: int) -> list[Any]:
    angles = [mp.pi * (2 * k + 1) / (2 * count) for k in range(count)]
    return [low + (high - low) * (1 + mp.cos(angle)) / 2 for angle in angles]


def fitted(f: Function, points: Sequence[Any], below: int = 0) -> list[Any]:
    """The coefficients of p/q, with q(0) = 1, that is f at as many points as there are unknowns:
    those of p, then the last `below` of q."""
    above = len(points) - below
    rows = [[*(x**k for k in range(above)), *(-f(x) * x ** (k + 1) for k in range(below))]
            for x in points]  # fmt: skip
    return list(mp.lu_solve(mp.matrix(rows), mp.matrix([f(x) for x in points])))


def exponential(count: int) -> list[Any]:
    """(exp(r) - 1 - r)/r**2 for |r| up to log(2)/2."""
    half = mp.log(2) / 2
    points = chebyshev(-half, half, count)
    return fitted(lambda r: (mp.exp(r) - 1 - r) / r**2 if r else mp.mpf(1) / 2, points)


def near_0(count: int) -> list[Any]:
    """erf(x)/x for x up to 1, by its square."""
    return fitted(lambda s: mp.erf(mp.sqrt(s)) / mp.sqrt(s), chebyshev(0, 1, count))


def far_off(degree: int, end: float, shift: float) -> list[Any]:
    """(1 - erf(x))*exp(x**2) up to an end, both polynomials times 3/4."""
    ends = 1 / (mp.mpf(end) + shift), 1 / mp.mpf(shift)
    points = [1 / t - shift for t in chebyshev(*ends, 2 * degree + 2)]
    found = fitted(lambda x: mp.erfc(x) * mp.exp(x * x), points, degree + 1)
    return [3 * c / 4 for c in [*found, 1]]


Fit = tuple[list[Any], list[Any]]


def quotient(f: Function, above: int, below: int, end: float, shift: float) -> Fit:
    """Two polynomials of these degrees, whose quotient is f up to an end."""
    ends = 1 / (mp.mpf(end) + shift), 1 / mp.mpf(shift)
    points = [1 / t - shift for t in chebyshev(*ends, above + below + 1)]
    found = fitted(f, points, below)
    return found[: above + 1], [mp.mpf(1), *found[above + 1 :]]


def upper_tail(*degrees: float) -> Fit:
    """exp(x**2/2) times the upper tail of the normal distribution."""
    return quotient(lambda x: mp.ncdf(-x) * mp.exp(x * x / 2), *degrees)  # type: ignore[arg-type]


def slope_of_gelu(*degrees: float) -> Fit:
    """The derivative of x*ncdf(x) at -x without exp(-x**2/2) and without zero - x, where zero is
    the x at which it is 0."""
    left: Function = lambda x: mp.ncdf(-x) * mp.exp(x * x / 2) - x / mp.sqrt(2 * mp.pi)  # noqa: E731
    zero = mp.findroot(left, 0.75)
    return quotient(lambda x: left(x) / (zero - x), *degrees)  # type: ignore[arg-type]


FITS: list[tuple[str, str, Callable[[], list[Any]]]] = [
    ("_split", "single", lambda: exponential(5)),
    ("_split", "double", lambda: exponential(10)),
    ("_near_0", "single", lambda: near_0(7)),
    ("_near_0", "double", lambda: near_0(13)),
    ("_far_off", "single", lambda: far_off(5, 10.5, 2)),
    ("_far_off", "double", lambda: far_off(9, 28, 3)),
    ("_slope_far_off", "single", lambda: list(chain(*slope_of_gelu(5, 5, 40, 3)))),
    ("_slope_far_off", "double", lambda: list(chain(*slope_of_gelu(9, 9, 40, 4)))),
]


@pytest.mark.parametrize(("name", "precision", "fit"), FITS)
def test_coefficients_are_those_of_the_fit(
    name: str, precision: str, fit: Callable[[], list[Any]]
) -> None:
    tree = ast.parse(derivation(BOTH, "y").source("numba"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    (text,) = (node for node in functions if node.name == f"{name}_{precision}")
    constants = [node.value for node in ast.walk(text) if isinstance(node, ast.Constant)]
    written = [c for c in constants if isinstance(c, float)]
    digits = 9 if precision == "single" else 17
    with mp.workdps(40):
        wanted = [float(mp.nstr(abs(c), digits)) for c in fit()]
    assert set(wanted) <= set(written)


# A name, the digits that are written, and the fit.
TABLES: list[tuple[str, int, Callable[[], Fit]]] = [
    ("_TAIL_FAR", 17, lambda: upper_tail(9, 10, 40, 4)),
    ("_TAIL_CLOSE", 17, lambda: upper_tail(7, 8, 6, 4)),
    ("_TAIL_SINGLE", 9, lambda: upper_tail(5, 6, 40, 3)),
    ("_SLOPE_FAR", 17, lambda: slope_of_gelu(9, 9, 40, 4)),
    ("_SLOPE_CLOSE", 17, lambda: slope_of_gelu(8, 7, 6, 4)),
    ("_SLOPE_SINGLE", 9, lambda: slope_of_gelu(5, 5, 40, 3)),
    ("_NEAR", 17, lambda: (near_0(13), [])),
]


@pytest.mark.parametrize(("name", "digits", "fit"), TABLES)
def test_those_of_numpy_too(name: str, digits: int, fit: Callable[[], Fit]) -> None:
    tree = ast.parse(derivation(BOTH, "y").source())
    tables = [node for node in tree.body if isinstance(node, ast.Assign)]
    (written,) = (ast.literal_eval(t.value) for t in tables if ast.unparse(t.targets[0]) == name)
    with mp.workdps(40):
        parts = [tuple(float(mp.nstr(c, digits)) for c in part[::-1]) for part in fit()]
    assert written == (parts[0] if name == "_NEAR" else tuple(parts))
