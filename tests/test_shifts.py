"""Sums of indices, as in x[t + k]: what they mean in NumPy, their rules, and what is refused.

The oracle is NumPy's own, differentiated by differences; nothing in it comes from the package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Integer

import derive
from derive.checker.finite import equal
from derive.errors import UnsupportedError
from derive.nodes import Where, name_of, undistributed
from derive.parse import parse, parse_expression
from derive.steps import Verdict
from derive.text import result_text

Array = NDArray[np.float64]

CONVOLUTION = "y[t] = sum(w[k]*x[t + k], k)"


def _windows(x: Array, m: int) -> Array:
    return np.lib.stride_tricks.sliding_window_view(x, m)


def _images(K: Array, X: Array) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(X, K.shape)
    return np.einsum("abcd,cd->ab", windows, K)


def _two_layers(w: Array, v: Array, x: Array) -> Array:
    return (np.correlate(np.tanh(np.correlate(x, w)), v) ** 2).sum()


# A problem, its variable, the same in NumPy, and the shapes of two sets of inputs.
Shapes = tuple[dict[str, tuple[int, ...]], ...]
CASES: list[tuple[str, str, Callable[..., Any], Shapes]] = [
    (CONVOLUTION, "x[j]", lambda w, x: np.correlate(x, w), ({"w": (2,), "x": (4,)},)),
    (CONVOLUTION, "w[j]", lambda w, x: np.correlate(x, w), ({"w": (3,), "x": (4,)},)),
    (
        f"{CONVOLUTION}; L = sum((y[t] - d[t])**2, t)",
        "x[j]",
        lambda w, x, d: ((np.correlate(x, w) - d) ** 2).sum(),
        ({"w": (2,), "x": (4,), "d": (3,)}, {"w": (3,), "x": (3,), "d": (1,)}),
    ),
    (
        f"{CONVOLUTION}; L = sum((y[t] - d[t])**2, t)",
        "w[j]",
        lambda w, x, d: ((np.correlate(x, w) - d) ** 2).sum(),
        ({"w": (1,), "x": (4,), "d": (4,)},),
    ),
    (
        "y[t] = sum(where(k <= t, w[k]*x[t - k], 0), k)",
        "x[j]",
        lambda w, x: np.convolve(x, w)[: len(x)],
        ({"w": (2,), "x": (4,)}, {"w": (4,), "x": (2,)}),
    ),
    (
        "y[t] = sum(w[k]*x[2*t + k], k)",
        "x[j]",
        lambda w, x: np.correlate(x, w)[::2],
        ({"w": (2,), "x": (4,)},),
    ),
    (
        "sum(abs(x[i + 1] - x[i]), i)",
        "x[j]",
        lambda x: np.abs(np.diff(x)).sum(),
        ({"x": (2,)}, {"x": (5,)}),
    ),
    ("mean((x[i + 1] - x[i])**2, i)", "x[j]", lambda x: (np.diff(x) ** 2).mean(), ({"x": (4,)},)),
    (
        "sum((x[i + 2] - 2*x[i + 1] + x[i])**2, i)",
        "x[j]",
        lambda x: (np.diff(x, 2) ** 2).sum(),
        ({"x": (3,)}, {"x": (5,)}),
    ),
    ("y[i] = x[i + 1] - x[i]", "x[i]", lambda x: np.diff(x), ({"x": (4,)},)),
    (
        "y[t] = sum(max(x[t + k], w[k]), k)",
        "x[j]",
        lambda w, x: np.maximum(_windows(x, len(w)), w).sum(axis=1),
        ({"w": (2,), "x": (4,)},),
    ),
    ("y[a,b] = sum(K[c,d]*X[a + c,b + d], c, d)", "X[i,j]", _images, ({"K": (2, 1), "X": (3, 2)},)),
    ("y[a,b] = sum(K[c,d]*X[a + c,b + d], c, d)", "K[i,j]", _images, ({"K": (1, 2), "X": (2, 3)},)),
    (
        "p = softmax(x); y[t] = sum(w[k]*p[t + k], k)",
        "x[j]",
        lambda w, x: np.correlate(np.exp(x) / np.exp(x).sum(), w),
        ({"w": (2,), "x": (3,)},),
    ),
    (
        "h[t] = tanh(sum(w[k]*x[t + k], k)); y[s] = sum(v[k]*h[s + k], k); L = sum(y[s]**2, s)",
        "x[j]",
        _two_layers,
        ({"w": (2,), "v": (3,), "x": (5,)},),
    ),
]


@pytest.mark.parametrize(("text", "wrt", "value", "shapes"), CASES)
def test_derivatives_are_numpys(
    text: str, wrt: str, value: Callable[..., Any], shapes: Shapes
) -> None:
    d = derive.derive(text, wrt=wrt)
    assert d.verified
    for number, each in enumerate(shapes):
        rng = np.random.default_rng(number)
        inputs = {name: rng.normal(size=shape) for name, shape in each.items()}
        found = d.steps_at(**inputs).result
        wanted = _slopes(value, inputs, name_of(d.problem.wrt[0]))
        if d.problem.wrt_axes != tuple(d.problem.wrt[0].indices):  # a diagonal
            wanted = np.diagonal(wanted)
        assert found.shape == wanted.shape
        assert np.allclose(found, wanted, atol=1e-7), (inputs, found, wanted)


def _slopes(value: Callable[..., Any], inputs: dict[str, Array], name: str) -> Array:
    """Central differences, the variable's axes last."""
    columns = []
    for place in np.ndindex(inputs[name].shape):
        step = np.zeros_like(inputs[name])
        step[place] = 1e-6
        up, down = (value(**{**inputs, name: inputs[name] + by}) for by in (step, -step))
        columns.append((np.asarray(up) - down) / 2e-6)
    shape = (*np.shape(columns[0]), *inputs[name].shape)
    return np.stack(columns, axis=-1).reshape(shape)


@pytest.mark.parametrize(("text", "wrt"), [(text, wrt) for text, wrt, *_ in CASES])
def test_results_read_back(text: str, wrt: str) -> None:
    d = derive.derive(text, wrt=wrt)
    back = parse_expression(d.result_text, d.problem)
    assert equal(back, d.result, d.problem)[0] is Verdict.AGREES


# -- the checker ---------------------------------------------------------------------------

RIGHT = "where(t <= j and j < t + size(k), w[j - t], 0)"


@pytest.mark.parametrize(
    "wrong",
    [
        "where(t < j and j < t + size(k), w[j - t], 0)",
        "where(t <= j and j < t + size(k) - 1, w[j - t], 0)",
        "where(t <= j and j < t + size(k), w[j - t], 1)",
        "where(t < j and j < t + size(k), w[j - t - 1], 0)",
        "where(j <= t and t < j + size(k), w[t - j], 0)",
        "sum(w[k], k)",
    ],
)
def test_a_wrong_derivative_of_a_convolution_is_refuted(wrong: str) -> None:
    d = derive.derive(CONVOLUTION, wrt="x[j]")
    assert d.result_text == RIGHT
    assert equal(d.chain.start, parse_expression(RIGHT, d.problem), d.problem)[0] == "agrees"
    verdict, evidence = equal(d.chain.start, parse_expression(wrong, d.problem), d.problem)
    assert verdict is Verdict.REFUTED
    assert evidence.witness["sizes"]


def test_an_entry_outside_is_not_read() -> None:
    """Beside an indicator that is 0 there, w[j - t] still has no value."""
    d = derive.derive(CONVOLUTION, wrt="x[j]")
    with undistributed():
        inside = d.result
        bare = inside.yes * Where(Integer(1), Integer(0), inside.condition)
    verdict, evidence = equal(d.result, bare, d.problem)
    assert verdict is Verdict.UNDECIDED
    assert "before the first entry" in evidence.detail or "beyond" in evidence.detail


# -- what is written -----------------------------------------------------------------------

RESULTS = [
    (f"{CONVOLUTION}; L = sum((y[t] - d[t])**2, t)", "w[j]", "2*sum((y[t] - d[t])*x[t + j], t)"),
    (
        f"{CONVOLUTION}; L = sum((y[t] - d[t])**2, t)",
        "x[j]",
        f"2*sum((y[t] - d[t])*{RIGHT}, t)",
    ),
    ("y[t] = sum(w[k]*x[2*t + k], k)", "w[j]", "x[2*t + j]"),
    ("y[i] = x[i + 1] - x[i]", "x[j]", "delta(i + 1, j) - delta(i, j)"),
    ("y[i] = x[i + 1] - x[i]", "x[i]", "-1"),
]


@pytest.mark.parametrize(("text", "wrt", "result"), RESULTS)
def test_results_are_the_textbooks(text: str, wrt: str, result: str) -> None:
    assert derive.derive(text, wrt=wrt).result_text == result


def test_a_length_without_a_letter_is_written_by_two() -> None:
    """Both kernels are summed over k, so that size(k) would be either."""
    d = derive.derive(CASES[-1][0], wrt="x[j]")
    assert "t + size(j) - size(t) + 1" in result_text(d.result, d.problem)


def test_on_paper_letters_count_from_0_where_indices_are_added() -> None:
    text = derive.derive(CONVOLUTION, wrt="x[j]").to_markdown()
    assert r"\sum_{k = 0}^{m - 1} x_{t + k}" in text
    assert "w_{j - t}" in text
    other = derive.derive("y[t] = sum(w[k]*x[k]*a[t], k)", wrt="x[j]")
    assert r"\sum_{k = 1}" in other.to_markdown()
    assert "x_{i + 1}" in derive.derive("sum(abs(x[i + 1] - x[i]), i)", wrt="x[j]").to_latex()


# -- lengths -------------------------------------------------------------------------------


def test_lengths_that_do_not_fit_are_refused() -> None:
    d = derive.derive(CONVOLUTION, wrt="x[j]")
    assert d.steps_at(w=[1, 2], x=[1, 2, 3, 4]).result.shape == (3, 4)
    with pytest.raises(ValueError, match="x has 2 entries on an axis of"):
        d.steps_at(w=[1, 2, 3], x=[1, 2])
    with_target = derive.derive(f"{CONVOLUTION}; sum(y[t]*d[t], t)", wrt="x[j]")
    with pytest.raises(ValueError, match="x has 4 entries on an axis of"):
        with_target.steps_at(w=[1, 2], d=[1, 2], x=[1, 2, 3, 4])
    with_stride = derive.derive("y[t] = sum(w[k]*x[2*t + k], k)", wrt="x[j]")
    with pytest.raises(ValueError, match="x has 5 entries on an axis of"):
        with_stride.steps_at(w=[1, 2], x=[1, 2, 3, 4, 5])


@pytest.mark.parametrize("text", ["sum(w[k]*x[t - k], k)", "sum(abs(x[i] - x[i - 1]), i)"])
def test_what_begins_before_the_first_entry_says_how_to_guard_it(text: str) -> None:
    with pytest.raises(UnsupportedError, match="as letters count from 0: write where"):
        parse(text)
