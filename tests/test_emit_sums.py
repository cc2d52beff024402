"""Sums with logarithms where they nearly cancel, against 60 digits."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Integer

from derive.emit import function, lesson, source
from derive.parse import parse

Array = NDArray[Any]
DTYPES: list[Any] = [np.float64, np.float32]
DIGITS = mpmath.mp.clone()
DIGITS.dps = 60
log = DIGITS.log

# A formula of x and y, the same at 60 digits, and an x beside which it is 0.
CASES: list[tuple[str, Callable[[Any, Any], Any], Callable[[Array], Array]]] = [
    ("x - log(y)", lambda x, y: x - log(y), np.log),
    ("2*(x - 3*log(y)/7)", lambda x, y: 2 * (x - 3 * log(y) / 7), lambda y: 3 * np.log(y) / 7),
    ("x*(log(y) + x)", lambda x, y: x * (log(y) + x), lambda y: -np.log(y)),
    ("x**2/y - log(y)**2", lambda x, y: x**2 / y - log(y) ** 2, lambda y: y**0.5 * np.log(y)),
    ("log(x/y) - 1", lambda x, y: log(x / y) - 1, lambda y: np.e * y),
    ("1/(3*x) - log(y)", lambda x, y: 1 / (3 * x) - log(y), lambda y: 1 / np.log(y) / 3),
    ("1 + 1/(x - log(y))", lambda x, y: 1 + 1 / (x - log(y)), np.log),
    ("(x - log(y))*y + (x - log(y))**2", lambda x, y: (x - log(y)) * (y + x - log(y)), np.log),
    (
        "where(y > 1, x - log(y), x/2 + log(y))",
        lambda x, y: x - log(y) if y > 1 else x / 2 + log(y),
        lambda y: np.where(y > 1, np.log(y), -2 * np.log(y)),
    ),
]
RANGES = [(0.9, 0.999), (1.001, 1.1), (0.3, 0.99), (1.01, 3), (1e-6, 1e-3), (1e12, 1e30)]


def units(found: Array, wanted: list[Any], dtype: Any) -> float:
    pairs = zip(found.tolist(), wanted, strict=True)
    return max(
        float(abs(DIGITS.mpf(got) - true) / float(np.spacing(np.abs(dtype(float(true))))))
        for got, true in pairs
    )


def beside_a_zero(zero: Callable[[Array], Array], low: float, high: float, dtype: Any) -> Any:
    """Numbers from 1/10 to 1/10000 beside it, as a part of x."""
    chance = np.random.default_rng(4)
    y = np.exp(chance.uniform(np.log(low), np.log(high), 300)).astype(dtype)
    off = chance.choice([-1, 1], y.size) * 10 ** chance.uniform(-4, -1, y.size)
    with np.errstate(all="ignore"):
        x = (zero(y.astype(float)) * (1 + off)).astype(dtype)
    return x, y


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bounds", RANGES)
def test_the_gaussian_likelihood_loss(bounds: tuple[float, float], dtype: Any) -> None:
    low, high = (min(bound, 1 / bound) for bound in bounds)
    d, v = beside_a_zero(lambda v: np.sqrt(-v * np.log(v)), min(low, high), max(low, high), dtype)
    found = function(parse("(t - m)**2/(2*v) + log(v)/2"), Integer(0), "value")(t=d, m=0, v=v)
    true = [
        DIGITS.mpf(float(a)) ** 2 / (2 * DIGITS.mpf(float(b))) + log(DIGITS.mpf(float(b))) / 2
        for a, b in zip(d, v, strict=True)
    ]
    assert found.dtype == dtype
    assert units(found, true, dtype) <= 8
    assert units(d * d / (2 * v) + np.log(v) / 2, true, dtype) > 100  # as it is


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bounds", RANGES)
@pytest.mark.parametrize(("text", "true", "zero"), CASES)
def test_no_digit_is_lost(
    text: str,
    true: Callable[[Any, Any], Any],
    zero: Callable[[Array], Array],
    bounds: tuple[float, float],
    dtype: Any,
) -> None:
    x, y = beside_a_zero(zero, *bounds, dtype)
    numbers = zip(*([DIGITS.mpf(float(v)) for v in a] for a in (x, y)), strict=True)
    wanted = [true(*pair) for pair in numbers]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = function(parse(text), Integer(0), "value")(x=x, y=y)
    assert units(found, wanted, dtype) <= 8


def test_whatever_the_shape() -> None:
    value = function(parse("x - log(y)"), Integer(0), "value")
    chance = np.random.default_rng(2)
    y = chance.uniform(1, 2, (5, 7))
    x = np.log(y) * (1 + 1e-9)
    wanted = np.array(
        [
            [float(DIGITS.mpf(a) - log(DIGITS.mpf(b))) for a, b in zip(*row, strict=True)]
            for row in zip(x, y, strict=True)
        ]
    )
    turned = value(x=np.asfortranarray(x), y=np.asfortranarray(y))
    for found in (value(x=x, y=y), turned, value(x=x.T, y=y.T).T):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    one = value(x=x[2, 3], y=np.full((2, 1, 3), y[2, 3]))
    np.testing.assert_allclose(one, np.full((2, 1, 3), wanted[2, 3]), rtol=1e-6)
    assert value(x=x[2, 3], y=y[2, 3]) == pytest.approx(wanted[2, 3], rel=1e-6)
    assert value(x=x[:0], y=y[:0]).shape == (0, 7)
    long = np.full(70001, x[2, 3])
    np.testing.assert_allclose(value(x=long, y=y[2, 3]), np.full(70001, wanted[2, 3]), rtol=1e-6)


def test_beyond_all_numbers_and_off_the_real_axis() -> None:
    value = function(parse("x - log(y)"), Integer(0), "value")
    with np.errstate(all="ignore"):
        found = value(x=[0, 1, np.inf, np.nan, -np.inf], y=[0, -1.0, np.inf, 1, 5])
    assert np.array_equal(found, [np.inf, np.nan, np.nan, np.nan, -np.inf], equal_nan=True)
    step = value(x=np.log(2) + 1e-30j, y=2.0)
    assert step.imag == 1e-30
    assert step.real == value(x=np.log(2), y=2.0)
    z = np.log(3 + 4j) + 1e-9
    assert abs(value(x=z, y=3 + 4j) - 1e-9) < 1e-15


def test_the_argument_of_an_exponential_is_made_of_the_same() -> None:
    text = source(parse("exp(x - log(y))*(x - log(y))"), Integer(0))
    assert "_exactly(np.exp, (1, 1), 4, lambda x, y: x - np.log(y), x, y)" in text
    assert "_exact_sum(" in text


@pytest.mark.parametrize(
    "text",
    [
        *("x + y*x", "sum(x[k] - log(y[k]), k)", "log(x*y) + 3*exp(y)"),
        *("log(y) - x - 1/3", "0.3 - log(y)"),
    ],
)
def test_where_it_would_take_too_long_or_gain_nothing_nothing_is_done(text: str) -> None:
    assert "_exact_sum" not in source(parse(text), Integer(0))


@pytest.mark.parametrize("turn", [np.asarray, lambda a: a[0, 0], np.asfortranarray])
def test_conditions_are_those_of_what_they_guard(turn: Callable[[Array], Array]) -> None:
    """x - log(y) is 4.26e-17 here, and 0 if log(y) is rounded."""
    x, y = (turn(np.full((3, 2), v)) for v in (0.898307002021358, 2.4554425309821815))
    asked = parse("where(x - log(y) > 0, log(z) + w/(x - y), 0)*sum(u[k], k)")
    found = function(asked, Integer(0), "value")(x=x, y=y, w=0.5, z=3.0, u=np.array([1.0, 0]))
    np.testing.assert_allclose(found, np.log(3) + 0.5 / (x - y), rtol=1e-14)
    asked = parse("where(x - log(y) > 0, log(z) + w/(x - log(y)), 0)")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = function(asked, Integer(0), "value")(x=x, y=y, w=0.5, z=3.0)
    true = 0.5 / float(DIGITS.mpf(0.898307002021358) - log(DIGITS.mpf(2.4554425309821815)))
    np.testing.assert_allclose(found, true, rtol=1e-2)  # of 1e17


@pytest.mark.parametrize("y", [0.5 + 0.01j, 1 + 1e-3j, 2 + 1e-6j, -2 + 1e-5j, 3 + 1e-12j])
def test_near_the_real_axis(y: complex) -> None:
    found = function(parse("x - log(y)"), Integer(0), "value")(x=np.log(y) + 1e-9, y=y)
    assert abs(found - 1e-9) < 1e-15


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_terms_may_be_large_together(dtype: Any) -> None:
    most = dtype(0.9) * np.finfo(dtype).max
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = function(parse("x - z - log(y)"), Integer(0), "value")(x=most, z=most, y=dtype(2))
    assert found == pytest.approx(-np.log(2), rel=float(np.finfo(dtype).eps))


def test_code_does_not_grow_with_what_is_nested() -> None:
    """What is made of very many operations is not written out again."""
    lines = ["L0 = x - log(y)"]
    lines += [f"L{k} = L{k - 1}*(L{k - 1} + z) - log(L{k - 1} + w)" for k in range(1, 7)]
    sizes = [len(source(parse("; ".join([*lines[:k], f"L{k - 1}"])), Integer(0))) for k in (3, 7)]
    assert sizes[1] - sizes[0] < 6000


def test_long_names_stay_in_one_piece() -> None:
    name = "a" * 90
    assert function(parse(f"{name} - log(y)"), Integer(0), "value")(**{name: 1.0}, y=1.0) == 1


@pytest.mark.parametrize(
    "text",
    [
        "where(x - log(y) > 0, exp(x - log(y)), 1)",
        "L = x - log(y); where(L > 0, exp(L), 1)",
        "exp(where(x - log(y) > 0, 3 + log(y), x*y))",
        "where(x - log(y) > 0, exp(-(x - log(y))/y), 1 - log(y))",
        "exp(-where(x - log(y) > 0, x*y, y/x))*sum(where(x - log(y) > u[k], exp(u[k]*x), 1), k)",
    ],
)
def test_exponents_and_their_conditions(text: str) -> None:
    asked, u = parse(text), np.array([0.5, 2])
    given = {"x": np.array([1.5, 0.3]), "y": np.array([2.0, 5])}
    found = function(asked, Integer(0), "value")
    for k in range(2):
        one = {name: a[k] for name, a in given.items()}
        plain = lesson(asked, Integer(0))
        space: dict[str, Any] = {"__name__": "plain"}
        exec(compile(plain, "<plain>", "exec"), space)
        more = {"u": u} if "u" in asked.variables else {}
        assert found(**one, **more) == pytest.approx(space["value"](**one, **more), rel=1e-13)


@pytest.mark.parametrize(
    ("text", "x", "y", "wanted"),
    [
        ("1.5e22*x - log(y)", 1e-22, 3.0, 1.5 - np.log(3)),
        ("exp(x*y - 1e-20)", 3.0, 2.0, np.exp(6)),
        ("exp(-x/1.380649e-23)", 1e-22, 0.0, np.exp(-1e-22 / 1.380649e-23)),
    ],
)
def test_numbers_may_be_beyond_whole_ones_of_the_machine(
    text: str, x: float, y: float, wanted: float
) -> None:
    asked = parse(text)
    given = {name: value for name, value in {"x": x, "y": y}.items() if name in asked.variables}
    found = function(asked, Integer(0), "value")(**given)
    assert found == pytest.approx(wanted, rel=1e-14)


def test_on_the_page_sums_are_plain() -> None:
    assert "_exact_sum" not in lesson(parse("x - log(y)"), Integer(0))
