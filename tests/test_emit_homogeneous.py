"""Sums of sigmoids that cancel, as fractions: they are exact beside their zeros too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sympy import Expr, Integer, simplify

import derive
from derive.emit import lesson
from derive.emit.homogeneous import homogeneous
from derive.emit.special import sigmoid_slope
from derive.emit.stable import Stable
from derive.functions import exp, sigmoid
from derive.nodes import scalar
from derive.parse import parse
from tests.test_emit_exactly import DIGITS, DTYPES
from tests.test_emit_exactly import sigmoid as sigmoid_of

Function = Callable[[Any], Any]
x, y = scalar("x"), scalar("y")
S, Q = sigmoid(x), sigmoid(-x)
STABLE = Stable(parse("u = y**2; x + y + u"))
FORMS = [
    (1 + x * Q, S + (1 + x) * Q),
    (2 - x * (1 - 2 * Q), (2 - x) * S + (2 + x) * Q),
    (1 - 2 * S, Q - S),
    (1 - S - Q, Integer(0)),
    (S + x * sigmoid_slope(x), S * (S + (1 + x) * Q)),
    (S + x * Q**2 / (1 + Q), (S**2 + 2 * S * Q + x * Q**2) / (1 + Q)),
]
OTHERS = [
    S - x * Q,  # it is homogeneous
    1 + 3 * Q,  # nothing cancels
    y + x * Q,  # y would be there twice
    1 + y * Q,
    1 + x * sigmoid(y) + Q,
    1 + 3 * x * sigmoid(3 * x),  # 3*x is rounded
    1 + scalar("u") * sigmoid(scalar("u")),  # and so is a square
    x + x * Q,
    (x - 30) ** 20 * S - 1,  # multiplied out, it would cancel
    1 + x**2 * S + Q / x**2,
    1 + x * S / (1 + S + x) ** 6,
    1 + exp(x) * Q,
]


@pytest.mark.parametrize(("before", "after"), FORMS)
def test_forms(before: Expr, after: Expr) -> None:
    found = homogeneous(before, STABLE)
    assert found is not None
    letters = {S: scalar("s"), Q: scalar("q")}
    assert simplify((found - after).xreplace(letters)) == 0
    one = {sigmoid_slope(x): S * (1 - S), Q: 1 - S}
    assert simplify((found - before).xreplace(one)) == 0


@pytest.mark.parametrize("before", OTHERS)
def test_others_stay(before: Expr) -> None:
    assert homogeneous(before, STABLE) is None


GATES: dict[str, Function] = {
    "sigmoid(x)": sigmoid_of,
    "sigmoid(x)**2": lambda v: sigmoid_of(v) ** 2,
    "tanh(softplus(x))": lambda v: DIGITS.tanh(DIGITS.log1p(DIGITS.exp(v))),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gate", GATES)
def test_a_slope_beside_its_zero(gate: str, dtype: Any) -> None:
    """Within eight units in the last place, or what a unit of x makes."""

    def value(v: Any) -> Any:
        return v * GATES[gate](v)

    zero = float(DIGITS.findroot(lambda v: DIGITS.diff(value, v), -1.2))
    steps = np.logspace(-6, 0, 150)
    points = (zero + np.concatenate([-steps, steps])).astype(dtype)
    slopes = derive.derive(f"x*{gate}", wrt="x").function()(x=points)
    for point, slope in zip(points, slopes, strict=True):
        exact = DIGITS.mpf(float(point))
        true, bend = (DIGITS.diff(value, exact, order) for order in (1, 2))
        unit = float(np.spacing(abs(dtype(float(true)))))
        other = abs(float(bend)) * float(np.spacing(abs(point)))
        assert abs(float(slope - true)) <= max(8 * unit, other), point


def test_a_textbook_has_its_own_form() -> None:
    asked = derive.derive("x*sigmoid(x)", wrt="x")
    text = lesson(asked.problem, asked.result)
    assert "return _sigmoid(x) * (1 + x * _sigmoid(-x))" in text
