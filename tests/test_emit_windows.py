"""Entries at shifted places, against NumPy's own correlations and against loops."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from derive.api import derivation_of
from derive.checker.numeric import table, verify
from derive.target import resolve

CORRELATION = "y[t] = sum(w[k]*x[t+k], k)\ny[t]"
PLANE = "sum(w[k,l]*X[i+k,j+l], k, l)"


@cache
def known(text: str, wrt: str) -> Any:
    return derivation_of(resolve(text, wrt))


def drawn(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize(("long", "short"), [(9, 3), (5, 5), (6, 1)])
def test_a_correlation_is_numpys(long: int, short: int) -> None:
    x, w, g = drawn(long), drawn(short, seed=1), drawn(long - short + 1, seed=2)
    by_x, by_w = known(CORRELATION, "x[j]"), known(CORRELATION, "w[m]")
    close = np.testing.assert_allclose
    close(by_x.function("value")(x=x, w=w), np.correlate(x, w, "valid"), atol=1e-14)
    close(by_x.function("vjp")(x=x, w=w, g=g), np.convolve(g, w), atol=1e-14)
    close(by_x.function("jvp")(w=w, v=2 * x), np.correlate(2 * x, w, "valid"), atol=1e-14)
    close(by_w.function("vjp")(x=x, w=w, g=g), np.correlate(x, g, "valid"), atol=1e-14)
    rows = by_x.function()(x=x, w=w)
    places = range(long - short + 1)
    close(rows, [np.r_[np.zeros(t), w, np.zeros(len(places) - 1 - t)] for t in places])
    close(by_w.function()(x=x, w=w), [x[t : t + short] for t in places])


def test_samples_have_windows_of_their_own() -> None:
    x, w = drawn(4, 2, 9), drawn(2, 3, seed=1)
    found = known(CORRELATION, "x[j]").function("value")(x=x, w=w)
    for place in np.ndindex(4, 2):
        np.testing.assert_allclose(found[place], np.correlate(x[place], w[place[1]], "valid"))


def test_two_axes() -> None:
    picture, w = drawn(7, 6), drawn(3, 2, seed=1)
    problem = known(PLANE, "X[a,b]")
    found = problem.function("value")(X=picture, w=w)
    assert found.shape == (5, 5)
    for i, j in np.ndindex(5, 5):
        np.testing.assert_allclose(found[i, j], (picture[i : i + 3, j : j + 2] * w).sum())
    g = drawn(5, 5, seed=2)
    wanted = np.zeros((7, 6))
    for i, j in np.ndindex(5, 5):
        wanted[i : i + 3, j : j + 2] += g[i, j] * w
    np.testing.assert_allclose(problem.function("vjp")(X=picture, w=w, g=g), wanted, atol=1e-14)


SHIFTED = [
    (CORRELATION, "x[j]"),
    (CORRELATION, "w[m]"),
    ("y[t] = sum(w[k]*x[t+k], k)\nsum(y[t]**2, t)", "x[j]"),
    ("sum((x[t+1] - x[t])**2, t)", "x[j]"),
    ("sum(x[t+1]*x[t], t)", "x[j]"),
    ("exp(x[t+1])*x[t]", "x[j]"),
    ("sum(A[k,k+1]*y[k], k)", "A[i,j]"),
    (PLANE, "X[a,b]"),
    (PLANE, "w[a,b]"),
]


@pytest.mark.parametrize(("text", "wrt"), SHIFTED)
def test_shifted_entries_are_verified(text: str, wrt: str) -> None:
    derivation = known(text, wrt)
    report = verify(derivation.problem, derivation.chain.result, seeds=(0, 1))
    assert report.passed, table([report])


def test_a_product_with_the_derivative_moves_the_window_not_the_signal() -> None:
    """Its cost is that of the value: nothing has the size of the signal squared."""
    text = known(CORRELATION, "x[j]").source()
    products = text[text.index("def vjp") : text.index("def _inputs")]
    assert "_windows(g, -1, 0, (m + n - 1, m), (1, -1)), w)" in products
    assert "_windows(v, -1, 0, (n, m), (1, 1)), w)" in products
    assert "np.where" not in products


def test_neighbours_are_slices() -> None:
    text = known("sum((x[t+1] - x[t])**2, t)", "x[j]").source()
    assert "t = x[..., 1 : 1 + n] - x[..., :n]" in text


def test_lengths_that_do_not_fit() -> None:
    jvp = known(CORRELATION, "w[m]").function("vjp")
    with pytest.raises(ValueError, match=r"x has shape \(9,\); expected \w \+ n - 1 = 8"):
        jvp(w=np.ones(3), g=np.ones(6), x=np.ones(9))
