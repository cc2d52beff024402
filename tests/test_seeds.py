"""What the project started from: figures to reproduce, formulas to refuse."""

from __future__ import annotations

import numpy as np
import pytest

import derive
from derive.checker.finite import equal
from derive.parse import parse, parse_expression
from derive.steps import Verdict

# What softmax's Jacobian is at [1, 2, 3].
A2 = [
    [0.08192507, -0.02203304, -0.05989202],
    [-0.02203304, 0.18483645, -0.1628034],
    [-0.05989202, -0.1628034, 0.22269543],
]
# What the page prints for it.
A2_AS_PRINTED = [
    [0.09003057, -0.03663128, -0.05339929],
    [-0.03663128, 0.24472847, -0.20809719],
    [-0.05339929, -0.20809719, 0.26149648],
]
LAYER = "z[k] = sum(W[k,l]*o[l], l)\na = softmax(z)\nL[c] = -log(a[c])"


def test_a1_cases_and_delta() -> None:
    d = derive.derive("y = softmax(x)", wrt="x[j]")
    assert d.result_text == "y[i]*(delta(i, j) - y[j])"
    assert d.cases is not None
    problem = d.problem
    (same, _), (different, _) = d.cases.after.args
    assert same == parse_expression("y[i]*(1 - y[i])", problem)
    assert different == parse_expression("-y[i]*y[j]", problem)
    assert str(d.matrix.text) == "diag(y) - y*y.T"


def test_a2_softmax_jacobian_in_numbers() -> None:
    d = derive.derive("softmax")
    assert np.round(d.function()(z=[1, 2, 3]), 8).tolist() == A2
    assert np.round(d.steps_at(z=[1, 2, 3]).result, 8).tolist() == A2


def test_a2_the_printed_figures_are_no_softmax_jacobian_anywhere() -> None:
    """Its first two diagonal entries are s_i itself, not s_i (1 - s_i); and the s_i that its
    off-diagonal entries -s_i s_j imply do not sum to 1."""
    s = derive.derive("softmax").function("value")(z=[1, 2, 3])
    assert np.round(s[:2], 8).tolist() == [A2_AS_PRINTED[0][0], A2_AS_PRINTED[1][1]]
    products = -np.array(A2_AS_PRINTED)
    first = np.sqrt(products[0, 1] * products[0, 2] / products[1, 2])
    implied = [first, products[0, 1] / first, products[0, 2] / first]
    assert sum(implied) > 1.02


def test_c2_cross_entropy_in_numbers() -> None:
    d = derive.derive("cross-entropy")
    y = [0, 1, 0]  # class 2 of three
    worked = d.steps_at(z=[2, 3, 4], y=y)
    printed = pytest.approx([0.0903, -0.7553, 0.665], abs=3e-4)  # its 0.0903 is 0.0900, rounded ill
    assert worked.definitions["p"] == pytest.approx([0.0903, 0.2447, 0.665], abs=3e-4)
    assert worked.result == printed
    assert d.function()(z=[2, 3, 4], y=y) == printed
    assert np.round(worked.result, 4).tolist() == [0.0900, -0.7553, 0.6652]


def test_c1_the_pages_weight_gradients_are_refuted() -> None:
    """a_i (1 - a_i) o_j and a_i a_j o_j where (a_i - y_i) o_j belongs."""
    d = derive.derive(LAYER, wrt="W[i,j]")
    assert d.verified
    for wrong in ("a[i]*(1 - a[i])*o[j]", "a[i]*a[c]*o[j]"):
        verdict, evidence = equal(d.chain.start, parse_expression(wrong, d.problem), d.problem)
        assert verdict is Verdict.REFUTED
        assert evidence.witness
    right = parse_expression("(a[i] - delta(i, c))*o[j]", d.problem)
    assert equal(d.chain.start, right, d.problem)[0] is Verdict.AGREES


def test_d1_sigmoid() -> None:
    d = derive.derive("sigmoid")
    for x in np.linspace(-4.0, 4.0, 9):
        s = 1 / (1 + np.exp(-x))
        assert d.function()(x=x) == pytest.approx(s * (1 - s))


def test_d2_the_diagonal_is_not_the_jacobian() -> None:
    d = derive.derive("s = softmax(z)", wrt="z[j]")
    wrong = parse_expression("s[j]*(1 - s[j])", d.problem)
    verdict, evidence = equal(d.chain.start, wrong, d.problem)
    assert verdict is Verdict.REFUTED
    assert "i" in evidence.witness["indices"]


def test_d3_two_class_softmax_is_a_sigmoid_of_the_difference() -> None:
    d = derive.derive("two-class-softmax")
    assert d.steps[1].rule == "two-exponentials"
    assert d.steps[1].after.has(type(parse("sigmoid(a - b)", wrt=["a"]).target))
    assert d.verified


def test_e1_rows_of_the_jacobian_sum_to_zero() -> None:
    d = derive.derive("s = softmax(z)\nsum(s[i], i)", wrt="z[j]")
    assert d.result == 0
    assert d.verified


def test_e1_softmax_along_an_axis() -> None:
    d = derive.derive("softmax(Z[b,:])[i]", wrt="Z[c,j]")
    assert d.verified
    Z = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]])
    jacobian = d.function()(Z=Z)
    assert jacobian.shape == (2, 3, 2, 3)
    assert np.round(jacobian[0, :, 0, :], 8).tolist() == A2
    assert not jacobian[0, :, 1, :].any()
