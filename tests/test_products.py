"""Products, roots and logarithms of exponentials that only fit into a number together.

Every function is compared with the formula written out once more for mpmath, and its central
difference, with hundreds of digits.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import exp, fprod, fsum, log, mpf, sqrt, tanh

from derive import derive

Inputs = dict[str, Any]
DIGITS, STEP = 1500, "1e-100"


def sigmoid(x: Any) -> Any:
    return 1 / (1 + exp(-x))


def softmax(z: Sequence[Any]) -> list[Any]:
    return [exp(x) / fsum(map(exp, z)) for x in z]


HIGH, LOW = [1e4, 9999.0, 9990.0], [-1e4, -9999.0, -9990.0]
LOGITS: list[Inputs] = [{"z": HIGH}, {"z": LOW}, {"z": [1000.0, 999.0, 995.0]}]
APART: list[Inputs] = [{"x": [1e4, 9999.0], "y": LOW}, {"x": [-1e4, 2.0], "y": HIGH}]
NUMBERS: list[Inputs] = [{"x": 1e3}, {"x": -1e3}, {"x": 0.75}]
PAIRS: list[Inputs] = [{"a": 1e4, "b": 9999.0}, {"a": -9999.0, "b": -1e4}, {"a": 1.0, "b": 0.5}]

CASES: list[tuple[str, str, Callable[..., Any], list[Inputs]]] = [
    (
        "exp(z[i]/2)/sqrt(sum(exp(z[k]), k))",
        "z[j]",
        lambda z: [sqrt(p) for p in softmax(z)],
        LOGITS,
    ),
    (
        "exp(z[i])/sqrt(sum(exp(2*z[k]), k))",
        "z[j]",
        lambda z: [exp(x) / sqrt(fsum(exp(2 * y) for y in z)) for x in z],
        LOGITS,
    ),
    (
        "exp(z[i])/norm(exp(z))",
        "z[j]",
        lambda z: [sqrt(softmax([2 * y for y in z])[k]) for k in range(3)],
        LOGITS,
    ),
    ("prod(exp(z[k]), k)/sum(exp(z[k]), k)**3", "z[j]", lambda z: fprod(softmax(z)), LOGITS),
    (
        "exp(-y[i])*exp(3*z[i])/sum(exp(z[k]), k)**2",
        "z[j]",
        lambda z, y: [exp(3 * a - b) / fsum(map(exp, z)) ** 2 for a, b in zip(z, y, strict=True)],
        [{"z": HIGH, "y": HIGH}, {"z": LOW, "y": LOW}],
    ),
    (
        "log(1 + sum(exp(x[k]), k)*sum(exp(y[k]), k))",
        "x[j]",
        lambda x, y: log(1 + fsum(map(exp, x)) * fsum(map(exp, y))),
        APART,
    ),
    (
        "p = softmax(z); q = softmax(u); p[i]/q[i]",
        "z[j]",
        lambda z, u: [p / q for p, q in zip(softmax(z), softmax(u), strict=True)],
        [{"z": [0.0, 1e3], "u": [2.0, 1e3]}, {"z": [1e4, -1e4], "u": [1e4, -1e4]}],
    ),
    (
        "p = softmax(z); log(1 - p[i])",
        "z[j]",
        lambda z: [
            log(fsum(exp(y) for y in z[:k] + z[k + 1 :]) / fsum(map(exp, z))) for k in range(3)
        ],
        [{"z": [4.0, 0.0, 1.0]}, {"z": [60.0, 0.0, 1.0]}, {"z": [-1000.0, 20.0, 3.0]}],
    ),
    (
        "p = softmax(z); -sum(y[i]*log(1 - p[i]), i)",
        "z[j]",
        lambda z, y: (
            -fsum(
                y[k] * log(fsum(exp(b) for b in z[:k] + z[k + 1 :]) / fsum(map(exp, z)))
                for k in range(3)
            )
        ),
        [{"z": [60.0, 0.0, 1.0], "y": [1.0, 0.5, 0.0]}, {"z": HIGH, "y": [0.0, 1.0, 1.0]}],
    ),
    (
        "log(sigmoid(b - x) - sigmoid(a - x))",
        "a",
        lambda a, b, x: log(sigmoid(b - x) - sigmoid(a - x)),
        [{"a": 0.0, "b": 1.0, "x": 1e3}, {"a": 1e3, "b": 1001.0, "x": 0.0}],
    ),
    ("1 - exp(-x)*exp(-a)", "a", lambda a, x: 1 - exp(-x - a), [{"a": -1e4, "x": 1e4}]),
    ("exp(x[i])*exp(y[j])", "x[l]", lambda x, y: [exp(a + b) for a in x for b in y], APART[:1]),
    ("log(exp(a) - exp(b))", "a", lambda a, b: log(exp(a) - exp(b)), PAIRS),
    ("sqrt(exp(a) - exp(b))", "a", lambda a, b: sqrt(exp(a) - exp(b)), [{"a": 1e3, "b": 999.0}]),
    (
        "log(sum(exp(z[k]), k) - exp(z[i]))",
        "z[j]",
        lambda z: [log(fsum(exp(y) for y in z[:k] + z[k + 1 :])) for k in range(3)],
        LOGITS,
    ),
    ("log(1 + w*exp(x))", "x", lambda x, w: log(1 + w * exp(x)), [{"x": 1e4, "w": 1e-20}]),
    (
        "log(1 + w*exp(x))",
        "x",
        lambda x, w: log(1 + w * exp(x)),
        [{"x": -40.0, "w": 3.0}, {"x": 20.0, "w": 1e-20}],
    ),
    (
        "log(1 + sum(y[k]*exp(x[k]), k))",
        "x[j]",
        lambda x, y: log(1 + fsum(b * exp(a) for a, b in zip(x, y, strict=True))),
        [{"x": [1e4, 1.0], "y": [2.0, 3.0]}],
    ),
    (
        "log(1 + sigmoid(a)*exp(b))",
        "a",
        lambda a, b: log(1 + sigmoid(a) * exp(b)),
        [{"a": -1e4, "b": 1e4}, {"a": 1.0, "b": 800.0}],
    ),
    ("log(sinh(x))", "x", lambda x: log(mpmath.sinh(x)), [{"x": 1e4}, {"x": 0.5}]),
    ("sinh(x)/cosh(x)**2", "x", lambda x: mpmath.sinh(x) / mpmath.cosh(x) ** 2, NUMBERS),
    ("log(1 - tanh(x)**2)", "x", lambda x: log(4) - 2 * log(exp(x) + exp(-x)), NUMBERS),
    ("log(1 - tanh(x))", "x", lambda x: log(2) - log(1 + exp(2 * x)), NUMBERS),
    (
        "log(1 - sigmoid(x)*sigmoid(a))",
        "x",
        lambda x, a: log((1 + exp(x) + exp(a)) / ((1 + exp(x)) * (1 + exp(a)))),
        [{"x": 60.0, "a": 60.0}, {"x": 300.0, "a": 1.0}],
    ),
    ("sqrt(1 + exp(x))", "x", lambda x: sqrt(1 + exp(x)), NUMBERS),
    ("1/sqrt(1 + exp(-x))", "x", lambda x: 1 / sqrt(1 + exp(-x)), NUMBERS),
    ("sqrt(1 - sigmoid(x))", "x", lambda x: sqrt(sigmoid(-x)), NUMBERS),
    ("sigmoid(x)*exp(-x)", "x", lambda x: 1 / (1 + exp(x)), NUMBERS),
    ("sigmoid(0)*tanh(x)", "x", lambda x: tanh(x) / 2, NUMBERS),
    ("(1 - exp(x))*exp(-x)", "x", lambda x: exp(-x) - 1, [{"x": 1e4}, {"x": 1e-9}]),
    (
        "exp(x)*(exp(x) - 1)/(exp(x) + 1)**2",
        "x",
        lambda x: sigmoid(x) * tanh(x / 2),
        NUMBERS,
    ),
    ("sigmoid(a)/sigmoid(b)", "a", lambda a, b: sigmoid(a) / sigmoid(b), PAIRS),
    ("exp(a)/(1 + exp(b))", "a", lambda a, b: exp(a) / (1 + exp(b)), PAIRS),
    (
        "sum(exp(T*z[k]), k)**(1/T)",
        "z[j]",
        lambda z, T: fsum(exp(T * x) for x in z) ** (1 / T),
        [{"z": [400.0, 399.0], "T": 3.0}, {"z": [400.0, 399.0], "T": -3.0}],
    ),
    ("exp(x)*exp(-a*exp(x))", "x", lambda x, a: exp(x - a * exp(x)), [{"x": 2.0, "a": 0.5}]),
]


def difference(value: Callable[..., list[Any]], inputs: Inputs, name: str, step: Any) -> list[Any]:
    """How the value changes with the named input along a step, to first order."""
    moved = []
    for sign in (1, -1):
        change = [sign * mpf(STEP) * mpf(s) for s in np.ravel(step)]
        at = inputs[name]
        new = (
            [a + c for a, c in zip(at, change, strict=True)]
            if isinstance(at, list)
            else at + change[0]
        )
        moved.append(value({**inputs, name: new}))
    return [(a - b) / (2 * mpf(STEP)) for a, b in zip(*moved, strict=True)]


def assert_close(found: Any, wanted: Sequence[Any]) -> None:
    """Relative to each entry, or to the largest where terms of that size cancel."""
    exact = np.array([float(w) for w in wanted])
    assert np.isfinite(exact).all()
    np.testing.assert_allclose(np.ravel(found), exact, rtol=2e-11, atol=2e-11 * abs(exact).max())


# The others take some seconds.
ALWAYS = [case for k, case in enumerate(CASES) if k % 6 == 0 or "1 - p" in case[0]]
LATER = [pytest.param(*case, marks=pytest.mark.slow) for case in CASES if case not in ALWAYS]


@pytest.mark.parametrize(("text", "wrt", "formula", "points"), [*ALWAYS, *LATER])
def test_value_and_derivatives(
    text: str, wrt: str, formula: Callable[..., Any], points: list[Inputs]
) -> None:
    derivation, name = derive(text, wrt=wrt), wrt[0]
    kinds = ("value", "derivative", "vjp", "jvp")
    value, slope, vjp, jvp = map(derivation.function, kinds)

    def exactly(inputs: Inputs) -> list[Any]:
        found = formula(**inputs)
        return list(found) if isinstance(found, list) else [found]

    for point in points:
        with mpmath.workdps(DIGITS), warnings.catch_warnings():
            warnings.simplefilter("error")
            numbers = {
                k: [*map(mpf, v)] if isinstance(v, list) else mpf(v) for k, v in point.items()
            }
            arrays = {k: np.asarray(v, float) for k, v in point.items()}
            found = value(**arrays)
            assert_close(found, exactly(numbers))
            steps = np.eye(arrays[name].size).reshape(-1, *arrays[name].shape)
            wanted = [difference(exactly, numbers, name, step) for step in steps]
            columns = [row for rows in zip(*wanted, strict=True) for row in rows]
            assert_close(slope(**arrays), columns)
            g = np.linspace(0.5, 1, found.size).reshape(found.shape)
            v = np.linspace(-1, 0.5, arrays[name].size).reshape(arrays[name].shape)
            seen = [fsum(a * b for a, b in zip(np.ravel(g), w, strict=True)) for w in wanted]
            assert_close(vjp(g=g, **arrays), seen)
            assert_close(jvp(v=v, **arrays), difference(exactly, numbers, name, v))


@pytest.mark.parametrize("x", [710.0, 1e4])
def test_an_exponential_of_one_that_overflows(x: float) -> None:
    derivation = derive("exp(x)*exp(-a*exp(x))", wrt="x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in ("value", "derivative"):
            assert derivation.function(kind)(x=x, a=0.5) == 0
        assert derivation.function("value")(x=-x, a=0.0) == np.exp(-x)


@pytest.mark.parametrize("text", ["softmax(z)[i]", "exp(z[i])*exp(z[j])/sum(exp(z[k]), k)**2"])
def test_what_cannot_be_lost_shares_its_exponentials(text: str) -> None:
    source = derive(text, wrt="z[l]").source()
    body = source[source.index("def value") : source.index("def derivative")]
    assert body.count("_exp_difference(") == 1
    assert "np.exp(" not in body
