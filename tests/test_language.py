"""Every row of the language's table, by what it means in numbers, and every claim below it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import derive
from derive.errors import DeriveError
from derive.parse import parse, parse_expression

x, T = 0.6, 1.7
z = np.array([0.3, -1.2, 0.9])
y = np.array([0.5, 0.25, 0.25])
p = np.array([0.2, 0.5, 0.3])
g = np.array([1.0, -0.5, 0.25])
W = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]])
Z = np.array([[0.1, 0.7, -0.3], [1.1, -0.4, 0.2]])
u = np.array([2.0, -0.5])
X = np.array([0.5, -1.0, 2.0, 0.75])
w = np.array([0.25, -0.5])
GIVEN = {"x": x, "T": T, "z": z, "y": y, "p": p, "g": g, "W": W, "Z": Z, "u": u, "X": X, "w": w}


def soft(v: Any) -> Any:
    return np.exp(v) / np.exp(v).sum(-1, keepdims=True)


def value(text: str) -> Any:
    """What a text is worth at the numbers above, worked out from the expression itself."""
    d = derive.derive(text)
    found = d.steps_at(**{n: GIVEN[n] for n in d.problem.variables}).result
    called = d.function("value")(**{n: GIVEN[n] for n in d.problem.variables})
    assert np.allclose(called, found, rtol=1e-12)
    return found


ELEMENTARY = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": lambda v: math.acosh(v + 2),
    "atanh": math.atanh,
    "erf": math.erf,
    "abs": abs,
    "sign": lambda v: math.copysign(1, v),
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
    "softplus": lambda v: math.log(1 + math.exp(v)),
    "relu": lambda v: max(v, 0.0),
}


@pytest.mark.parametrize("name", ELEMENTARY)
def test_elementary_functions_of_a_number_and_entry_by_entry(name: str) -> None:
    shift = " + 2" if name == "acosh" else ""
    wanted = ELEMENTARY[name]
    assert math.isclose(float(value(f"{name}(x{shift})")), wanted(x), rel_tol=1e-12)
    whole = value(f"{name}(y{shift})[i]*softmax(y)[i]")
    assert np.allclose(whole, [wanted(v) for v in y] * soft(y), rtol=1e-12)
    assert derive.derive(f"{name}(x{shift})", wrt="x").verified


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # names, entries, arithmetic
        ("x", x),
        ("z[i]", z),
        ("W[i,j]", W),
        ("sum(w[k]*X[i + k], k)*z[i]", np.convolve(X, w[::-1], "valid") * z),
        ("x + T", x + T),
        ("x - T", x - T),
        ("x*T", x * T),
        ("x/T", x / T),
        ("x**T", x**T),
        ("x^T", x**T),
        ("-x", -x),
        ("-x^2", -(x**2)),
        ("2^3^2*x", 512 * x),
        ("T/x/2*x", T / 2),
        # elementwise extremes
        ("max(x, T)", max(x, T)),
        ("min(x, T, 0.5)", 0.5),
        ("max(x, 0, T, 2)", 2.0),
        # over all values of an index
        ("sum(z[k]*x, k)", z.sum() * x),
        ("mean(z[k], k)", z.mean()),
        ("prod(z[k], k)", z.prod()),
        ("sum(W[j,k]*z[k], j, k)", (W @ z).sum()),
        ("mean(W[j,k], j, k)", W.mean()),
        ("mean(W[j,k], k)", W.mean(1)),
        ("prod(W[j,k], j, k)", W.prod()),
        ("max(z[k], k)", z.max()),
        ("min(z[k]**2, k)", (z**2).min()),
        ("max(W[j,k], j, k)", W.max()),
        ("max(W[j,k], k)", W.max(1)),
        ("size(k)*sum(z[k], k)", 3 * z.sum()),
        ("sum(z[k]/size(k), k)", z.mean()),
        # of a whole vector
        ("softmax(z)[i]", soft(z)),
        ("log_softmax(z)[i]", np.log(soft(z))),
        ("logsumexp(z)", np.log(np.exp(z).sum())),
        ("norm(z)", np.linalg.norm(z)),
        ("norm(z - y)*y[i]", np.linalg.norm(z - y) * y),
        ("softmax(z/T)[i]", soft(z / T)),
        ("softmax((log(p) + g)/T)[i]", soft((np.log(p) + g) / T)),
        ("logsumexp(z/T)", np.log(np.exp(z / T).sum())),
        ("softmax(z - norm(z))[i]", soft(z)),
        ("softmax(max(z, 0))[i]", soft(np.maximum(z, 0))),
        ("softmax(where(z > 0, z, -z))[i]", soft(np.abs(z))),
        ("softmax(sum(W[k,:]*u[k], k))[i]", soft(u @ W)),
        ("softmax(Z[b,:])[i]", soft(Z)),
        ("softmax(Z[:,b])[i]", soft(Z.T)),
        ("logsumexp(Z[b,:])", np.log(np.exp(Z).sum(1))),
        ("norm(Z[b,:])", np.linalg.norm(Z, axis=1)),
        # case by case
        ("where(x > T, x, T)", max(x, T)),
        ("where(x == T, 1, 2)", 2),
        ("where(x != T, 1, 2)", 1),
        ("where(x <= T, 1, 2)", 1),
        ("where(x >= T, 1, 2)", 2),
        ("where(0 < x < 1, x, 0)", x),
        ("where(0 < x and T < 1, 1, 2)", 2),
        ("where(0 < x or T < 1, 1, 2)", 1),
        ("where(not T < 1, 1, 2)", 1),
        ("where(not (0 < x and T < 1) or x > 5, 1, 2)", 1),
        ("where(z[i] > 0, z[i], 0)", np.maximum(z, 0)),
        ("sum(where(k <= t, z[k], 0), k)*y[t]", np.cumsum(z) * y),
        ("where(i == j, z[i]*y[j], 0)", np.diag(z * y)),
        ("where(i < j and i != j, z[i]*y[j], 0)", np.triu(np.outer(z, y), 1)),
        ("where(i <= j < k, z[i]*z[j]*z[k], 0)", None),
        ("delta(i, j)*z[i]*y[j]", np.diag(z * y)),
        ("sum(delta(i, k)*z[k], k)*y[i]", z * y),
        ("pi*x", math.pi * x),
        # names
        ("q = softmax(z)\nq[i]", soft(z)),
        ("q = softmax(z)\nq[i]*q[j]", np.outer(soft(z), soft(z))),
        ("h[i] = z[i]*x\nh[j]", z * x),
        ("h[i] = z[i]*x\nsoftmax(h)[j]", soft(z * x)),
        ("h = z/T\nnorm(h)", np.linalg.norm(z) / T),
        ("h = z - y\nh[i]*h[j]", np.outer(z - y, z - y)),
        ("P[b,k] = softmax(Z[b,:])[k]\n-mean(log(P[b,k]), b, k)", -np.log(soft(Z)).mean()),
        ("L = x*T; L**2", (x * T) ** 2),
        ("L = x*T", x * T),
        # letter by letter
        ("a = 1; b = 2 # a comment; x\n # another\nx*(a + b)", 3 * x),
        ("0.1 + 0.2 - 0.3 + x", x),
    ],
)
def test_what_a_form_means(text: str, expected: Any) -> None:
    found = value(text)
    if expected is None:
        i, j, k = np.indices((3, 3, 3))
        expected = np.where((i <= j) & (j < k), np.einsum("i,j,k->ijk", z, z, z), 0)
    assert np.shape(found) == np.shape(expected)
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_decimals_are_exact() -> None:
    assert parse("0.1 + 0.2 - 0.3").target == 0
    assert str(parse("2.50*x").target) == "5*x/2"


# -- letters and lengths -----------------------------------------------------------------------


def test_two_lengths_of_one_index_are_an_error_that_says_which() -> None:
    d = derive.derive("sum(W[i,k]*z[k], k)*y[i]", wrt="z[j]")
    with pytest.raises(DeriveError, match="k runs over two lengths: that of W's 2nd index and"):
        parse_expression("sum(z[k]*y[k], k)*y[i]", d.problem)
    with pytest.raises(ValueError, match="m is 3 by W and 2 by z"):
        d.steps_at(W=np.ones((2, 3)), z=[1, 2], y=[1, 2])
    with pytest.raises(ValueError, match=r"expected m = 3|m is 3 by W"):
        d.function()(W=np.ones((2, 3)), z=np.ones(2), y=np.ones(2))


def test_a_letter_bound_in_one_place_and_free_in_another() -> None:
    d = derive.derive("sum(x[k]**2, k)*x[k]", wrt="x[l]")
    v = np.array([1.0, -2.0, 0.5])
    expected = (v @ v) * np.eye(3) + 2 * np.outer(v, v)
    assert np.allclose(d.function()(x=v), expected)
    assert d.verified


def test_wrt_lists_and_the_diagonal() -> None:
    s = soft(z)
    full = derive.derive("softmax(z)[i]", wrt="z[j]").function()(z=z)
    assert np.allclose(full, np.diag(s) - np.outer(s, s))
    diagonal = derive.derive("softmax(z)[j]", wrt="z[j]")
    assert np.allclose(diagonal.function()(z=z), s * (1 - s))
    bound = derive.derive("sum(z[j]**2, j)", wrt="z[j]")
    assert np.allclose(bound.function()(z=z), 2 * z)
    hessian = derive.derive("logsumexp(z)", wrt=["z[i]", "z[j]"])
    assert np.allclose(hessian.function()(z=z), np.diag(s) - np.outer(s, s))
    twice = derive.derive("logsumexp(z)", wrt=["z[i]", "z[i]"])
    assert np.allclose(twice.function()(z=z), s * (1 - s))
    mixed = derive.derive("T**2*sum(z[k]**3, k)", wrt=["T", "z[j]", "T"])
    assert np.allclose(mixed.function()(z=z, T=T), 6 * z**2)
    for d in (diagonal, bound, hessian, twice, mixed):
        assert d.verified


@pytest.mark.parametrize(
    "relation",
    [
        "sum(y[k], k) == 1",
        "x[i] > 0",
        "eps > 0",
        "eps >= 0",
        "0 < eps",
        "eps != 0",
        "eps < 1",
        "eps <= 1",
        "1 == sum(y[i], i)",
        "x[i] > eps",
        "mean(x[k], k) == 0",
    ],
)
def test_forms_of_assumptions(relation: str) -> None:
    text = "log(x[i])*sum(y[k], k) + eps*x[i]"
    d = derive.derive(text, wrt="eps", assume=relation)
    assert len(d.problem.assumptions) == 1
    assert d.result_text == "x[i]"
    assert d.to_dict()["assume"]


@pytest.mark.parametrize(
    ("relation", "message", "fine"),
    [
        ("x", "an assumption is a comparison", "x > 0"),
        ("0 < x < 1", "one comparison at a time", "0 < x"),
        ("q > 0", "names q, which is not in the problem", "x > 0"),
        ("x = 1", "one expression", "x == 1"),
        ("1 > 0", "says nothing of the problem", "x > 0"),
        ("x > 0 and x < 1", "condition is not a number|an assumption", "x < 1"),
    ],
)
def test_wrong_assumptions_beside_right_ones(relation: str, message: str, fine: str) -> None:
    with pytest.raises(DeriveError, match=message):
        parse("x**2", ["x"], [relation])
    parse("x**2", ["x"], [fine])


def test_an_assumption_is_used() -> None:
    text = "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)"
    assert derive.derive(text, wrt="z[j]", assume="sum(y[k], k) == 1").result_text == "p[j] - y[j]"
