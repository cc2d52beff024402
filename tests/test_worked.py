"""Worked examples: the figures are right, and wrong numbers are refused in one line."""

from __future__ import annotations

import numpy as np
import pytest

from derive.parse import parse, parse_expression
from derive.problem import Problem
from derive.worked import Worked, worked

SOFTMAX = parse("s = softmax(z)\ns[i]", ["z[j]"])
CROSS_ENTROPY = parse(
    "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)", ["z[j]"], ["sum(y[k], k) == 1"]
)
LAYER = parse("o[m] = sum(W[m,l]*x[l], l) + b[m]\no[m]", ["x[l]"])


def at(problem: Problem, result: str, **values: object) -> Worked:
    return worked(problem, parse_expression(result, problem), values)  # type: ignore[arg-type]


def test_softmax_jacobian() -> None:
    found = at(SOFTMAX, "s[i]*(delta(i,j) - s[j])", z=[1, 2, 3])
    s = np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum()
    np.testing.assert_allclose(found.result, np.diag(s) - np.outer(s, s), rtol=1e-14)
    np.testing.assert_allclose(found.definitions["s"], s, rtol=1e-14)
    assert found.target is not None
    np.testing.assert_array_equal(found.target, found.definitions["s"])


def test_no_softmax_has_the_jacobian_that_a_source_prints() -> None:
    """Its diagonal is s itself in two places, and s*(1 - s) is never over a quarter."""
    printed = np.array(
        [
            [0.09003057, -0.03663128, -0.05339929],
            [-0.03663128, 0.24472847, -0.20809719],
            [-0.05339929, -0.20809719, 0.26149648],
        ]
    )
    found = at(SOFTMAX, "s[i]*(delta(i,j) - s[j])", z=[1, 2, 3])
    assert printed.diagonal().max() > 0.25 >= found.result.diagonal().max()
    np.testing.assert_allclose(printed.diagonal()[:2], found.definitions["s"][:2], atol=1e-8)


def test_cross_entropy_gradient() -> None:
    found = at(CROSS_ENTROPY, "p[j] - y[j]", z=[2, 3, 4], y=[0, 1, 0])
    np.testing.assert_allclose(found.definitions["p"], [0.0900, 0.2447, 0.6652], atol=5e-5)
    np.testing.assert_allclose(found.result, [0.0903, -0.7553, 0.665], atol=5e-4)
    assert found.target == pytest.approx(-np.log(found.definitions["p"][1]))


def test_large_numbers_do_not_overflow() -> None:
    found = at(SOFTMAX, "s[i]*(delta(i,j) - s[j])", z=[1000, 1000, -1000])
    np.testing.assert_allclose(found.result, [[0.25, -0.25, 0], [-0.25, 0.25, 0], [0, 0, 0]])


def test_the_text_says_everything_to_four_decimals() -> None:
    found = at(CROSS_ENTROPY, "p[j] - y[j]", z=[2, 3, 4], y=[0, 1, 0])
    assert found.text.splitlines() == [
        "z = [2, 3, 4]",
        "y = [0, 1, 0]",
        "p = [0.0900, 0.2447, 0.6652]",
        "L = 1.4076",
        "dL/dz = [ 0.0900, -0.7553,  0.6652]",
    ]


def test_what_is_not_needed_may_be_left_out() -> None:
    found = at(LAYER, "W[m,l]", W=[[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(found.result, [[1, 2, 3], [4, 5, 6]])
    assert found.target is None
    assert found.definitions == {}


def test_a_pending_derivative_has_a_value_too() -> None:
    found = worked(SOFTMAX, SOFTMAX.definitions[0].head, {"z": [0.5, 0.5]})
    np.testing.assert_allclose(found.result, [[0.5, 0.5], [0.5, 0.5]])


def test_scalars() -> None:
    problem = parse("sigmoid(x)", ["x"])
    found = at(problem, "sigmoid(x)*(1 - sigmoid(x))", x=0)
    assert found.result.shape == ()
    assert found.text.splitlines() == ["x = 0", "target = 0.5000", "result = 0.2500"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "without z"),
        ({"q": [1, 2]}, "q is not a variable of this problem"),
        ({"s": [1, 2]}, "s is not a variable of this problem"),
        ({"z": 1}, "z must be an array with 1 axis; got 0"),
        ({"z": [[1, 2]]}, "z must be an array with 1 axis; got 2"),
        ({"z": [[1], [1, 2]]}, "rectangular"),
        ({"z": ["a"]}, "must be a number or a rectangular list of numbers"),
        ({"z": []}, "at least one entry"),
        ({"z": [1, float("nan")]}, "finite numbers only"),
    ],
)
def test_wrong_values(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        at(SOFTMAX, "s[i]*(delta(i,j) - s[j])", **values)
    assert "\n" not in str(caught.value)


def test_two_lengths_of_one_axis() -> None:
    with pytest.raises(ValueError, match="is 3 by z and 2 by y"):
        at(CROSS_ENTROPY, "p[j] - y[j]", z=[2, 3, 4], y=[0, 1])


def test_a_scalar_where_a_list_is_given() -> None:
    with pytest.raises(ValueError, match="x must be a single number; got 1"):
        at(parse("sigmoid(x)", ["x"]), "sigmoid(x)*(1 - sigmoid(x))", x=[1, 2])


def test_outside_the_domain() -> None:
    with pytest.raises(ValueError, match="the result has no value at these numbers"):
        at(parse("log(x)", ["x"]), "1/x", x=0)


AT_KINKS = [
    ("relu(x)", "where(x > 0, 1, 0)", {"x": 0}, 0),
    ("abs(x)", "sign(x)", {"x": 0}, 0),
    ("max(x, 3*x)", "where(x >= 3*x, 1, 3)", {"x": 0}, 1),
    ("where(x > 1, x**2, 2*x)", "where(x > 1, 2*x, 2)", {"x": 1}, 2),
]


@pytest.mark.parametrize(("text", "result", "values", "wanted"), AT_KINKS)
def test_at_a_kink_the_result_counts_as_it_is_written(
    text: str, result: str, values: dict[str, object], wanted: float
) -> None:
    assert at(parse(text, ["x"]), result, **values).result == wanted


def test_a_maximum_that_is_attained_twice() -> None:
    problem = parse("max(z[k], k)", ["z[j]"])
    found = at(problem, "where(z[j] == max(z[k], k), 1, 0)", z=[0.3, 0.1, 0.3])
    np.testing.assert_array_equal(found.result, [1, 0, 1])
    assert found.target == 0.3


def test_a_masked_row() -> None:
    problem = parse("sum(where(k <= i, z[k]**2, 0), k)", ["z[j]"])
    found = at(problem, "where(j <= i, 2*z[j], 0)", z=[1, 2, 3])
    np.testing.assert_array_equal(found.result, [[2, 0, 0], [2, 4, 0], [2, 4, 6]])
    np.testing.assert_array_equal(found.target, [1, 5, 14])


def test_a_product() -> None:
    found = at(parse("prod(z[k], k)", ["z[j]"]), "prod(z[k], k)/z[j]", z=[2, 3, 4])
    np.testing.assert_array_equal(found.result, [12, 8, 6])
