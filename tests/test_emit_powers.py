"""Powers of sigmoids whose exponents differ by a number."""

from __future__ import annotations

import pytest

from derive.emit.graph import Graph
from derive.emit.powers import with_shared_powers
from tests.backends import derivation


def test_one_power_is_enough() -> None:
    graph = Graph()
    p, g = graph.node("function", graph.argument("x", 0), data=("sigmoid",)), graph.argument("g", 0)
    low, high = graph.power(p, g), graph.power(p, graph.add(graph.number(2), g))
    found = with_shared_powers(graph, graph.subtract(high, low))
    square = graph.power(p, graph.number(2))
    assert found is graph.subtract(graph.multiply(square, low), low)


@pytest.mark.parametrize(
    "text",
    [
        "sigmoid(x)**(1 + g)",  # the other one is not needed
        "sigmoid(x)**(g - 1) + sigmoid(x)**g",  # one may vanish where the other does not
        "tanh(x)**(1 + g) + tanh(x)**g",
        "sigmoid(x)**(1 + g) + sigmoid(2*x)**g",
    ],
)
def test_others_stay(text: str) -> None:
    value = derivation(text, "x").source().split("def value(")[1].split("\n\n\n")[0]
    assert "** (" in value
