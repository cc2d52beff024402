"""Powers of sigmoids whose exponents differ by a number."""

from __future__ import annotations

import numpy as np
import pytest

from derive.emit.graph import Graph
from derive.emit.powers import with_shared_powers
from tests.backends import derivation


def test_one_power_is_enough() -> None:
    graph = Graph()
    p, g = graph.node("function", graph.argument("x", 0), data=("sigmoid",)), graph.argument("g", 0)
    low, high = graph.power(p, g), graph.power(p, graph.add(graph.number(2), g))
    found = with_shared_powers(graph, graph.subtract(high, low))
    product = graph.multiply(graph.multiply(low, p), p)
    assert found is graph.subtract(product, low)


@pytest.mark.parametrize(
    "text",
    [
        "sigmoid(x)**(1 + g)",  # the other one is not needed
        "sigmoid(x)**(g - 1) + sigmoid(x)**g",  # one may vanish where the other does not
        "tanh(x)**(1 + g) + tanh(x)**g",
        "sigmoid(x)**(1 + g) + sigmoid(2*x)**g",
        "sigmoid(x)**(9 + g) + sigmoid(x)**g",
        "where(y > 0, sigmoid(x)**g, sigmoid(x)**(g + 2))",  # where it overflows, it is not needed
    ],
)
def test_others_stay(text: str) -> None:
    value = derivation(text, "x").source().split("def value(")[1].split("\n\n\n")[0]
    assert "** (" in value


def test_a_negative_exponent() -> None:
    x, p = -460.0, float(np.exp(-460))
    either = derivation("where(y > 0, sigmoid(x)**g, sigmoid(x)**(g + 2))", "x").function("value")
    both = derivation("sigmoid(x)**(g + 2) + y*sigmoid(x)**g", "x").function("value")
    with np.errstate(over="ignore"):
        assert either(x=x, g=-2.0, y=-1.0) == 1
        np.testing.assert_allclose(either(x=x, g=-1.0, y=-1.0), p, rtol=1e-13)
    np.testing.assert_allclose(both(x=x, g=-1.0, y=0.0), p, rtol=1e-13)
