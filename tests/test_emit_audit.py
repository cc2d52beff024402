"""Shapes that the random formulas of other tests do not have: extremes along a window, entries that
stand still or take steps of two, names and sizes called like something in the code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import sin
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import derive
from derive.emit.module import argument_names
from derive.verify import report_on

Array = NDArray[np.float64]


def drawn(seed: int, **shapes: tuple[int, ...]) -> dict[str, Array]:
    chance = np.random.default_rng(seed)
    return {name: np.asarray(chance.uniform(-1, 1, shape)) for name, shape in shapes.items()}


def slopes(value: Callable[[Array], float], at: Array) -> Array:
    """The derivative of a number by every entry of a vector."""
    steps = 1e-6 * np.eye(len(at))
    return np.array([(value(at + step) - value(at - step)) / 2e-6 for step in steps])


@pytest.mark.parametrize("seed", range(4))
def test_the_largest_along_a_window_is_found_whatever_rounding_does(seed: int) -> None:
    """T*w[u - p]*q[u] is compared with the largest T*q[p + t]*w[t]: the same products, but rounded
    otherwise if they are multiplied in another order."""
    given = drawn(seed, w=(2,), q=(4,), T=())
    w, T = given["w"], given["T"]

    def value(q: Array) -> float:
        return sum(sin(max(w[t] * q[p + t] * T for t in range(2))) for p in range(3))

    found = derive.derive("sum(sin(max(w[t]*q[p + t]*T, t)), p)", wrt="q[u]").function()(**given)
    np.testing.assert_allclose(found, slopes(value, given["q"]), atol=1e-8)


def test_the_largest_of_what_does_not_have_the_index() -> None:
    """At l = k it is the largest of zeros."""
    made = derive.derive("sum(a[l]*max(y[r]*(y[l] - y[k]), r), l)", wrt="y[k]")
    assert "max(0" not in made.result_text
    given = drawn(0, y=(4,), a=(4,))

    def value(y: Array, k: int) -> float:
        terms = (a * max(b * (c - y[k]) for b in y) for a, c in zip(given["a"], y, strict=True))
        return float(sum(terms))

    wanted = [slopes(partial(value, k=k), given["y"])[k] for k in range(4)]
    np.testing.assert_allclose(made.function()(**given), wanted, atol=1e-8)


@pytest.mark.parametrize("backend", ["numpy", "numba", "torch"])
@pytest.mark.parametrize(
    ("text", "wrt", "wanted"),
    [
        ("sum(where(k <= i, x[i - k]*a[k], 0), k)", "a[i]", "x[0] x[0] x[0]"),
        ("sum(where(k <= i, x[i - k]*a[k], 0), k)", "x[i]", "a[0] a[0] a[0]"),
        ("sum(x[i + k]*a[k], k)", "a[i]", "x[0] x[2] x[4]"),
    ],
)
def test_entries_that_stand_still_or_take_steps_of_two(
    text: str, wrt: str, wanted: str, backend: str
) -> None:
    made = derive.derive(text, wrt=wrt)
    assert "def derivative" in made.source(backend)
    x, a = np.array([2.0, 3.0, 5.0, 7.0, 11.0]), np.array([13.0, 17.0, 19.0])
    x = x if "+" in text else x[:3]
    entries = {f"x[{k}]": number for k, number in enumerate(x)} | {"a[0]": a[0]}
    np.testing.assert_allclose(made.function()(x=x, a=a), [entries[e] for e in wanted.split()])


def test_a_window_is_not_turned_where_another_entry_would_have_three_letters() -> None:
    given = drawn(2, w=(2,), q=(4,), x=(3,))
    w, x = given["w"], given["x"]

    def value(q: Array) -> float:
        inner = (sin(sum(w[t] * q[u + t] ** 2 for t in range(2))) for u in range(3))
        return float(sum(inner) ** 2)

    made = derive.derive("x[k]*sum(sin(sum(w[t]*q[u + t]**2, t)), u)**2", wrt="q[a]")
    wanted = np.outer(x, slopes(value, given["q"]))
    np.testing.assert_allclose(made.function()(**given), wanted, atol=1e-7)
    g = np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(made.function("vjp")(g=g, **given), g @ wanted, atol=1e-7)


def test_a_delta_is_not_sifted_where_an_entry_would_have_three_letters() -> None:
    """relu's argument at l = b + c has entries z[b + c - j]."""
    given = drawn(4, z=(3,), a=(3,))
    z, a = given["z"], given["a"]

    def value(G: Array) -> Array:
        sums = [sum(z[r - j] * a[j] * G[j, r - j] for j in range(r + 1)) for r in range(3)]
        return np.maximum(sums, 0.0)

    text = "relu(sum(where(j <= l, z[l - j]*a[j]*G[j,l - j], 0), j))"
    made = derive.derive(text, wrt="G[b,c]")
    G, g = drawn(5, G=(3, 3))["G"] + 1, np.array([1.0, -2.0, 0.5])
    wanted = [
        slopes(lambda row, b=b: g @ value(np.vstack([G[:b], [row], G[b + 1 :]])), G[b])  # type: ignore[misc]
        for b in range(3)
    ]
    np.testing.assert_allclose(made.function("vjp")(g=g, G=G, **given), wanted, atol=1e-8)


def test_a_size_that_is_called_like_the_vector() -> None:
    made = derive.derive("m[i]*q[j]*d[k]*h[l]*r[p]", wrt="h[o]")
    assert "v" in map(str, made.problem.sizes)
    given = drawn(3, m=(1,), q=(2,), d=(1,), h=(3,), r=(2,))
    v = np.array([1.0, 2.0, 4.0])
    np.testing.assert_allclose(made.function("jvp")(v=v, **given), made.function()(**given) @ v)


@pytest.mark.parametrize("name", ["shift", "total", "e", "t", "out", "np"])
def test_a_variable_called_like_something_in_the_code(name: str) -> None:
    made = derive.derive(f"{name}[i]*sum({name}[k]*g[k], k) + {name}[i]", wrt=f"{name}[j]")
    x, g = np.array([0.5, -1.0]), np.array([2.0, 3.0])
    spelled = argument_names(made.problem, "derivative")
    found = made.function()(**{spelled[name]: x, spelled["g"]: g})
    np.testing.assert_allclose(found, np.eye(2) * (1 + x @ g) + np.outer(x, g))


@pytest.mark.parametrize(
    ("text", "wrt"),
    [("x[i + 1]*x[i]", ["x[i]"]), ("sum(w[k]*x[t + k], k)", ["x[t]"]), ("T*x", ["T", "T"])],
)
def test_checks_meet_short_letters_and_vanishing_derivatives(text: str, wrt: list[str]) -> None:
    """An axis is longer than the letter runs that it shares with the target; of a derivative that
    is 0, differences are rounding only."""
    module: dict[str, Any] = {"__name__": "emitted"}
    exec(derive.derive(text, wrt=wrt).source(), module)
    assert module["_self_test"]() < 1e-6
    report = report_on(text, wrt)
    assert report.passed, report.failed


def test_an_exponential_beside_a_softmax_of_other_exponents_is_kept() -> None:
    """Two numerators for one denominator: what is left of the shift is that of one of them."""
    given = drawn(6, C=(2,), a=(3,))
    a, C = given["a"], given["C"]
    found = derive.derive("exp(C[i])*log(sum(exp(a[l] + C[k]), l, k))", wrt="a[b]").function()
    wanted = np.outer(np.exp(C), np.exp(a) / np.exp(a).sum())
    np.testing.assert_allclose(found(**given), wanted, rtol=1e-14)


def test_how_far_an_index_runs_that_indexes_nothing_is_not_known() -> None:
    made = derive.derive("log(sum(where(p <= 2, exp(x), 0), p))", wrt="x")
    assert made.verified
    with pytest.raises(derive.UnsupportedError, match="the size n cannot be read"):
        made.source()


def test_an_exponential_is_masked_once() -> None:
    made = derive.derive("exp(c)*sum(exp(w[q])*where(q != 1, u[q], 0), q)", wrt="c")
    given = drawn(8, c=(), w=(3,), u=(3,))
    kept = np.exp(given["c"] + given["w"]) * given["u"] * [1, 0, 1]
    np.testing.assert_allclose(made.function("value")(**given), kept.sum(), rtol=1e-14)
    np.testing.assert_allclose(made.function()(**given), kept.sum(), rtol=1e-14)
