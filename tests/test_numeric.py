"""The cross-check of emitted code: right results pass, wrong ones are caught by every method."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from sympy import Expr, Symbol

from derive.checker.numeric import (
    CENTRAL,
    COMPLEX,
    EXACT,
    Comparison,
    Report,
    table,
    verify,
)
from derive.checker.scalar import ScalarDerivative
from derive.engine import derive
from derive.errors import UnsupportedError
from derive.functions import relu
from derive.nodes import delta, entry, index, scalar, size
from derive.parse import parse
from derive.problem import Problem
from tests.kinks import KINKS, WRONG_IN_A_CASE, kinked

i, j, l, m = map(index, "ijlm")  # noqa: E741
RIGHT = [
    ("softmax(z)[i]", ["z[j]"], []),
    ("softmax(z)[j]", ["z[j]"], []),
    ("softmax(z)[i]", ["z[j]", "z[l]"], []),
    ("softmax(z/T)[i]", ["T"], []),
    ("p = softmax(z); -sum(y[k]*log(p[k]), k)", ["z[j]"], ["sum(y[k], k) == 1"]),
    ("sum(W[i,k]*x[k], k)*T", ["W[m,l]"], []),
    ("sum(W[i,k]*x[k], k)", ["x[j]"], []),
    ("sum(x[k]**2, k)*x[k]", ["x[k]"], []),
    ("sum(x[k]**3, k)*T**2", ["x[j]", "T"], []),
    ("log(x)*sqrt(x)", ["x"], ["x > 0"]),
    ("log(z[i])", ["z[j]"], []),
    ("asin(x)*erf(x)", ["x"], []),
    ("x**3*T", ["x", "x"], []),
    ("mean((a[i] - t[i])**2, i)", ["a[j]"], []),
    ("3*T", ["T"], []),
]


def solved(text: str, wrt: list[str], assume: list[str]) -> tuple[Problem, Expr]:
    asked = parse(text, wrt=wrt, assume=assume)
    return asked, derive(asked).result


@pytest.mark.parametrize(("text", "wrt", "assume"), RIGHT)
def test_right_results_pass(text: str, wrt: list[str], assume: list[str]) -> None:
    report = verify(*solved(text, wrt, assume), seeds=(0, 1))
    assert report.passed, table([report])
    functions = {c.function for c in report.comparisons if c.method == EXACT}
    assert functions == {"value", "derivative", "vjp", "jvp", *(["hvp"] if wrt[1:] else [])}
    assert {CENTRAL, COMPLEX} < {c.method for c in report.comparisons}
    assert report.points == 6


def wrong_results() -> list[tuple[str, list[str], Expr]]:
    s, p, y, x = (lambda letter, name=name: entry(name, letter) for name in "spyx")
    return [
        ("softmax(z)[i]", ["z[j]"], s(i) * (1 - s(j))),
        ("softmax(z)[i]", ["z[j]"], s(i) * (delta(i, j) + s(j))),
        ("softmax(z)[i]", ["z[j]"], s(j) * delta(i, j)),
        ("p = softmax(z); -sum(y[k]*log(p[k]), k)", ["z[j]"], y(j) - p(j)),
        ("p = softmax(z); -sum(y[k]*log(p[k]), k)", ["z[j]"], p(j) - y(j) * 1000001 / 1000000),
        ("sum(W[k,l]*x[l]*y[k], k, l)", ["W[m,l]"], x(l) * y(l) + 0 * y(m)),
    ]


@pytest.mark.parametrize(("text", "wrt", "wrong"), wrong_results()[:-1])
def test_wrong_results_are_caught(text: str, wrt: list[str], wrong: Expr) -> None:
    assume = ["sum(y[k], k) == 1"] if "y" in text else []
    report = verify(parse(text, wrt=wrt, assume=assume), wrong)
    failed = {c.method for c in report.failed}
    assert {COMPLEX, EXACT} <= failed
    assert {c.function for c in report.failed} == {"derivative", "vjp", "jvp"}
    small = all(c.error < 1e-5 for c in report.comparisons)
    assert small or CENTRAL in failed
    assert not report.passed
    assert "WRONG" in table([report])


def test_a_transposed_matrix_is_caught() -> None:
    asked = parse("sum(W[k,l]*x[l]*y[k], k, l)", wrt=["W[m,l]"])
    assert verify(asked, entry("y", m) * entry("x", l)).passed
    swapped = verify(asked, entry("y", l) * entry("x", m))
    slopes = [c for c in swapped.comparisons if c.function == "derivative"]
    assert all(c.error == np.inf for c in slopes)
    mixed = verify(asked, entry("y", m) * entry("x", m))
    for report in (swapped, mixed):
        assert {c.function for c in report.comparisons if c.passed} == {"value"}


def test_second_derivatives_are_held_to_the_value() -> None:
    asked = parse("softmax(z)[i]", wrt=["z[j]", "z[l]"])
    right = derive(asked).result
    assert verify(asked, right).passed
    assert not verify(asked, right + right * delta(j, l) / 1000).passed


def test_inputs_meet_the_assumptions() -> None:
    """Without sum(y) = 1 the result p - y is wrong, with it it is right."""
    text = "p = softmax(z); -sum(y[k]*log(p[k]), k)"
    result = entry("p", j) - entry("y", j)
    assert verify(parse(text, ["z[j]"], ["sum(y[k], k) == 1"]), result).passed
    assert not verify(parse(text, ["z[j]"]), result).passed


def test_an_assumption_that_cannot_be_met() -> None:
    asked, result = solved("x**2*y", ["x"], [])
    asked = dataclasses.replace(asked, assumptions=parse("x*y", [], ["x*y == 1"]).assumptions)
    with pytest.raises(UnsupportedError, match="no inputs can be drawn"):
        verify(asked, result)


def test_no_inputs_in_the_domain() -> None:
    with pytest.raises(UnsupportedError, match="no inputs were found"):
        verify(*solved("log(-1 - x**2)", ["x"], []))


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="a variable to differentiate by"):
        verify(parse("x**2"), parse("x**2").target)
    with pytest.raises(ValueError, match="seeds"):
        verify(*solved("x**2", ["x"], []), seeds=())


def test_scalar_derivative_is_the_textbook_one() -> None:
    asked = parse("softmax(z)[i]", ["z[j]"])
    numbers = {(1,): Fraction(1), (2,): Fraction(2), (3,): Fraction(3)}
    _, found = ScalarDerivative(asked, {size("n"): 3}).at(lambda _, place: numbers[place])
    s = np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum()
    np.testing.assert_allclose(found, np.diag(s) - np.outer(s, s), rtol=1e-14)


def test_scalar_derivative_of_two_axes() -> None:
    asked = parse("sum(W[k,l]*x[l]*y[k], k, l)", ["W[m,l]"])
    sizes: dict[Symbol, int] = {}
    for extent, length in zip(asked.shapes["W"], (2, 3), strict=True):
        sizes[extent] = length
    values = {("x", (n,)): Fraction(n) for n in (1, 2, 3)}
    values |= {("y", (n,)): Fraction(10 * n) for n in (1, 2)}
    value, found = ScalarDerivative(asked, sizes).at(
        lambda name, place: values.get((name, place), Fraction(0))
    )
    assert value == 0
    assert np.array_equal(found, [[10, 20, 30], [20, 40, 60]])


@pytest.mark.parametrize(("text", "wrt", "result"), KINKS)
def test_right_results_with_kinks_pass(text: str, wrt: str, result: str) -> None:
    report = verify(*kinked(text, wrt, result), seeds=(0, 1))
    assert report.passed, table([report])


@pytest.mark.parametrize("order", [3, 4])
def test_a_slope_that_is_0_is_no_error(order: int) -> None:
    """At these sizes: of two numbers the skewness, and of three the kurtosis, is constant."""
    m, s = "mean(x[k], k)", "mean((x[k] - mean(x[l], l))**2, k)"
    text = f"mean((x[k] - {m})**{order}, k)/({s})**({order}/2)"
    asked = parse(text, wrt=["x[j]"])
    report = verify(asked, derive(asked).result)
    assert report.passed, table([report])


def test_a_slope_is_not_lost_beside_a_large_value() -> None:
    report = verify(*kinked("10**14 + x**2", "x", "2.0000001*x"))
    assert EXACT in {c.method for c in report.failed}


def test_a_pole_of_high_order_is_no_error() -> None:
    """The usual step is too long for differences beside it; what is wrong is off by any step."""
    text = "sum(where(k != i, (x[i] - x[k])**(-12), 0), k)"
    pair = "12*(x[i] - x[j])**(-13)"
    own = "sum(where(k != i, (x[i] - x[k])**(-13), 0), k)"
    right = f"where(i != j, {pair}, 0) - 12*delta(i, j)*{own}"
    assert verify(*kinked(text, "x[j]", right)).passed
    report = verify(*kinked(text, "x[j]", right.replace("12*(x", "12.00002*(x")))
    assert CENTRAL in {c.method for c in report.failed}


@pytest.mark.parametrize(("text", "wrt", "result"), WRONG_IN_A_CASE)
def test_what_is_wrong_in_one_case_is_caught(text: str, wrt: str, result: str) -> None:
    report = verify(*kinked(text, wrt, result))
    assert {CENTRAL, COMPLEX} <= {c.method for c in report.failed}


def test_every_case_is_tried() -> None:
    """One side of the condition is met in one draw of six; more points are drawn until it is."""
    plain = verify(*kinked("x**2", "x", "2*x"), seeds=(0,))
    cases = verify(*kinked("where(x > 5, x**2, x)", "x", "where(x > 5, 2*x, 1)"), seeds=(0,))
    assert plain.points == 3
    assert 3 < cases.points <= 3 + 16
    assert cases.passed


def test_a_target_that_has_kinks_everywhere() -> None:
    zero = "abs(x - t) - abs(x - t) + abs(0*x)"
    assert verify(*kinked(zero, "x", "0*x")).passed


def test_second_derivatives_with_kinks() -> None:
    asked = parse("relu(z[i])**3*T", wrt=["z[j]", "z[l]"])
    z = entry("z", i)
    right = 6 * relu(z) * scalar("T") * delta(i, j) * delta(i, l)
    assert verify(asked, right).passed
    assert not verify(asked, 6 * z * scalar("T") * delta(i, j) * delta(i, l)).passed


def test_scalar_derivative_of_cases() -> None:
    asked = parse("max(where(k <= i, z[k]**2, -9), k)", ["z[j]"])
    numbers = {(1,): Fraction(1), (2,): Fraction(-3), (3,): Fraction(2)}
    _, found = ScalarDerivative(asked, {size("n"): 3}).at(lambda _, place: numbers[place])
    assert np.array_equal(found, [[2, 0, 0], [0, -6, 0], [0, -6, 0]])


def test_table_is_aligned_and_marks_what_failed() -> None:
    good = Comparison("numpy", "derivative", CENTRAL, 1e-9, 1e-6)
    bad = Comparison("numpy", "derivative", COMPLEX, 2.0, 1e-12)
    other = Comparison("numpy", "value", EXACT, 0.0, 1e-12)
    lines = table(
        [Report("short", (good, other), 1), Report("much longer", (good, bad, other), 1)]
    ).splitlines()
    assert len(lines) == 3
    assert lines[1].endswith("ok")
    assert lines[2].endswith("WRONG")
    assert "2e+00!" in lines[2]
    assert lines[1].index("1e-09") == lines[2].index("1e-09")
