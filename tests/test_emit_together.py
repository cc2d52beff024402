"""Functions of one number that emitted code works out together, from one exponential."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sympy import Integer

from derive import derive
from derive.emit import function, source
from derive.parse import parse
from tests.test_emit_exactly import DIGITS, DTYPES, sigmoid, units


def distribution(x: Any) -> Any:
    return DIGITS.erfc(-x / DIGITS.sqrt(2)) / 2


def log_of_distribution(x: Any) -> Any:
    return DIGITS.log1p(-distribution(-x)) if x > 0 else DIGITS.log(distribution(x))


def density(x: Any) -> Any:
    return DIGITS.exp(-x * x / 2) / DIGITS.sqrt(2 * DIGITS.pi)


NORMAL = "_normal("
DENSITY = "exp(-x**2/2)/sqrt(2*pi)"
# A formula, what its code calls, and the same at 50 digits. Where terms cancel, they do inside of
# what is called.
FORMS: list[tuple[str, str, Callable[[Any], Any]]] = [
    (DENSITY, "_normal_pdf(", density),
    ("(1 + erf(x/sqrt(2)))/2", "_normal_cdf(", distribution),
    ("(1 - erf(x/sqrt(2)))/2", "_normal_cdf(", lambda x: distribution(-x)),
    (f"{DENSITY}*(1 + erf(x/sqrt(2)))/2", NORMAL, lambda x: density(x) * distribution(x)),
    (f"{DENSITY}*x/(1 + erf(x/sqrt(2)))", "_inverse_mills(",
     lambda x: x * density(x) / distribution(x) / 2),
    ("-log((1 + erf(x/sqrt(2)))/2)", "_log_normal_cdf(", lambda x: -log_of_distribution(x)),
    (f"{DENSITY}*2/(1 - erf(x/sqrt(2)))", "_inverse_mills(",
     lambda x: density(x) / distribution(-x)),
    (f"(1 + erf(x/sqrt(2)))/2 + x*{DENSITY}", "_gelu_slope(",
     lambda x: distribution(x) + x * density(x)),
    ("(1 - sigmoid(x))*sigmoid(x)*(2 + sigmoid(x))", "_sigmoids(",
     lambda x: sigmoid(x) * sigmoid(-x) * (2 + sigmoid(x))),
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("text", "called", "true"), FORMS)
def test_within_eight_units_down_to_the_smallest(
    text: str, called: str, true: Callable[[Any], Any], dtype: Any
) -> None:
    asked, reach = parse(text), 37.0 if dtype is np.float64 else 12.8
    assert called in source(asked, Integer(0))
    value, chance = function(asked, Integer(0), "value"), np.random.default_rng(3)
    x = np.concatenate([chance.uniform(-reach, reach, 300), chance.normal(size=300)]).astype(dtype)
    x[8:20] = -0.7517915246935645 + np.logspace(-12, -1, 12)  # where a slope is 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, one = value(x=x), value(x=x[7])
    assert found.dtype == one.dtype == dtype
    assert one == found[7]
    assert units(found, [true(DIGITS.mpf(float(v))) for v in x], dtype) <= 8
    assert np.array_equal(value(x=x.reshape(20, 30).T), found.reshape(20, 30).T)


@pytest.mark.parametrize(("text", "called", "true"), FORMS)
def test_a_complex_step_goes_through(text: str, called: str, true: Callable[[Any], Any]) -> None:
    value, x = function(parse(text), Integer(0), "value"), np.linspace(-6, 6, 13)
    slopes = [float(DIGITS.diff(true, v)) for v in x]
    assert value(x=x + 1e-30j).imag / 1e-30 == pytest.approx(slopes, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("dtype", DTYPES)
def test_far_off_the_logarithm_of_the_normal_distribution(dtype: Any) -> None:
    probit = derive("P = (1 + erf(z/sqrt(2)))/2; -y*log(P) - (1 - y)*log(1 - P)", wrt="z")
    z = np.array([-1e4, -300, -40, -12, 12, 40, 300, 1e4], dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, slope = (
            probit.function(kind)(z=z, y=dtype(0.5)) for kind in ("value", "derivative")
        )
    exact = [DIGITS.mpf(float(v)) for v in z]
    sides = [(distribution(v), distribution(-v), density(v)) for v in exact]
    assert units(value, [-DIGITS.log(p * q) / 2 for p, q, _ in sides], dtype) <= 8
    assert units(slope, [f / q / 2 - f / p / 2 for p, q, f in sides], dtype) <= 8


def test_far_off_its_second_derivative() -> None:
    slope = derive("log((1 + erf(x/sqrt(2)))/2)", wrt=["x", "x"]).function()
    x = np.array([-1e4, -300, -40, -12, -1, 3, 20])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = slope(x=x)
    exact = [DIGITS.mpf(float(v)) for v in x]
    mills = [density(v) / distribution(v) for v in exact]
    wanted = [float(-m * (v + m)) for v, m in zip(exact, mills, strict=True)]
    assert found == pytest.approx(wanted, rel=1e-7)  # x**2 - x**2 = 1 far off


def test_far_off_the_normal_distribution_is_0_or_1() -> None:
    value = function(parse(f"{DENSITY}*y + (1 + erf(x/sqrt(2)))/2"), Integer(0), "value")
    x = np.array([-np.inf, -1e300, 1e300, np.inf, np.nan])
    assert np.array_equal(value(x=x, y=1.0), [0, 0, 1, 1, np.nan], equal_nan=True)


@pytest.mark.parametrize(
    "text", ["x*(1 + erf(x/sqrt(2)))/2", "x*sigmoid(x)", "x*tanh(softplus(x))"]
)
def test_far_off_a_slope_and_its_complex_step_are_numbers(text: str) -> None:
    slope, x = derive(text, wrt="x").function(), np.array([-1e300, -1e160, 1e160, 1e300])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(abs(slope(x=x)), [0, 0, 1, 1])
        assert np.array_equal(slope(x=x + 1e-30j).imag, np.zeros(4))


def test_a_density_of_what_is_rounded_already_keeps_its_own_care() -> None:
    text = source(parse("exp(-(x - a)**2/2)/sqrt(2*pi)"), Integer(0))
    assert "_exactly(np.exp" in text
    assert "_normal_pdf" not in text


def test_alone_each_is_called_by_itself() -> None:
    text = source(parse("sigmoid(x)*sigmoid(y)"), Integer(0))
    assert "_sigmoids" not in text


HALF = ["erf(x)", "1 - erf(x)", "x*(1 + erf(x/sqrt(2)))/2", "log((1 + erf(x/sqrt(2)))/2)"]


@pytest.mark.parametrize("text", HALF)
def test_in_half_precision_no_polynomial_overflows(text: str) -> None:
    x = np.array([-200, -30, -3, 0, 3, 30, 200], np.float16)
    for kind in ("value", "derivative"):
        asked = derive(text, wrt="x").function(kind)
        found, single = asked(x=x), asked(x=x.astype(np.float32))
        assert found.dtype == np.float16
        np.testing.assert_allclose(found, single, rtol=4e-3, atol=1e-7)


def test_conditions_of_how_an_exponent_is_made_are_told_by_the_same_arrays() -> None:
    text = """v[k] = where(sigmoid(a[k]) > sigmoid(-a[k]), z[k], y[k])/T
    sum(softmax(v)[i]*(sigmoid(a[i]) + y[i]*sigmoid(-a[i])), i)"""
    value, chance = derive(text, wrt="z[j]").function("value"), np.random.default_rng(5)
    a, z, y = chance.normal(size=(3, 40_000)) * [[1], [100], [100]]
    v = np.where(a > 0, z, y) / 0.3
    share, side = np.exp(v - v.max()), 1 / (1 + np.exp(-a))
    wanted = share @ (side + y * (1 - side)) / share.sum()
    assert value(a=a, z=z, y=y, T=0.3) == pytest.approx(wanted, rel=1e-11)


def test_numbers_alone_are_not_worked_out_together() -> None:
    s = 1 / (1 + np.exp(-2.0))
    value = function(parse("x*sigmoid(2)*sigmoid(-2) + tanh(softplus(2))"), Integer(0), "value")
    wanted = 3 * s * (1 - s) + np.tanh(np.log1p(np.exp(2.0)))
    assert value(x=3.0) == pytest.approx(wanted, rel=1e-15)
