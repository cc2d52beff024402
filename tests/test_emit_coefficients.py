"""Where the coefficients in emitted functions come from: they are fitted here again."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import pytest

from tests.backends import derivation

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


FITS: list[tuple[str, str, Callable[[], list[Any]]]] = [
    ("_split", "single", lambda: exponential(5)),
    ("_split", "double", lambda: exponential(10)),
    ("_near_0", "single", lambda: near_0(7)),
    ("_near_0", "double", lambda: near_0(13)),
    ("_far_off", "single", lambda: far_off(5, 10.5, 2)),
    ("_far_off", "double", lambda: far_off(9, 28, 3)),
]


@pytest.mark.parametrize(("name", "precision", "fit"), FITS)
def test_coefficients_are_those_of_the_fit(
    name: str, precision: str, fit: Callable[[], list[Any]]
) -> None:
    tree = ast.parse(derivation("erf(x)").source("numba"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    (text,) = (node for node in functions if node.name == f"{name}_{precision}")
    constants = [node.value for node in ast.walk(text) if isinstance(node, ast.Constant)]
    written = [c for c in constants if isinstance(c, float)]
    digits = 9 if precision == "single" else 17
    with mp.workdps(40):
        wanted = [float(mp.nstr(abs(c), digits)) for c in fit()]
    assert set(wanted) <= set(written)


def upper_tail(degree: int, end: float, shift: float) -> tuple[list[Any], list[Any]]:
    """exp(x**2/2) times the upper tail of the normal distribution, up to an end."""
    ends = 1 / (mp.mpf(end) + shift), 1 / mp.mpf(shift)
    points = [1 / t - shift for t in chebyshev(*ends, 2 * degree + 2)]
    tail: Function = lambda x: mp.erfc(x / mp.sqrt(2)) * mp.exp(x * x / 2) / 2  # noqa: E731
    found = fitted(tail, points, degree + 1)
    return found[: degree + 1], [mp.mpf(1), *found[degree + 1 :]]


def test_those_of_numpy_too() -> None:
    tree = ast.parse(derivation("erf(x)").source())
    tables = [node for node in tree.body if isinstance(node, ast.Assign)]
    written = {ast.unparse(node.targets[0]): ast.literal_eval(node.value) for node in tables}
    with mp.workdps(40):
        wanted = {
            "_FAR": (17, upper_tail(9, 40, 4)),
            "_CLOSE": (17, upper_tail(7, 6, 4)),
            "_SINGLE": (9, upper_tail(5, 40, 3)),
        }
    for name, (digits, fit) in wanted.items():
        numbers = tuple(tuple(float(mp.nstr(c, digits)) for c in part[::-1]) for part in fit)
        assert written[name] == numbers, name
    with mp.workdps(40):
        near = [float(mp.nstr(c, 17)) for c in reversed(near_0(13))]
    assert list(written["_NEAR"]) == near
