"""Matrix products over a number of sizes, as products of one of the matrices over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.backends import derivation, inputs
from tests.interpreted import interpreted

SCORES = "S[a,t] = sum(Q[a,d]*K[t,d], d)\n"
Oracle = Callable[..., Any]  # of the products, of how many terms there are, and of the inputs
MOVED: list[tuple[str, Oracle]] = [
    ("exp(S[a,t]/sqrt(size(d)))", lambda s, d, _: np.exp(s / np.sqrt(d))),
    ("S[a,t]/size(d)", lambda s, d, _: s / d),
    ("softmax(S[a,:]/sqrt(size(d)))[t]", lambda s, d, _: softmax(s / np.sqrt(d))),
    (
        "P[a,t] = S[a,t]/sqrt(size(d))\nwhere(a <= t, P[a,t], 0)",
        lambda s, d, _: np.triu(s / np.sqrt(d)),
    ),
    (
        "(S[a,t] - max(S[a,k], k))/size(d)",
        lambda s, d, _: (s - s.max(axis=-1, keepdims=True)) / d,
    ),
]
LEFT: list[tuple[str, Oracle]] = [
    # The largest over a negative number is not the largest quotient.
    ("max(S[a,k], k)/(1 - size(d))", lambda s, d, _: s.max(axis=-1) / (1 - d)),
    ("-max(S[a,k], k)/size(d)", lambda s, d, _: -s.max(axis=-1) / d),
    ("softmax(S[a,:]/(1 - size(d)))[t]", lambda s, d, _: softmax(s / (1 - d))),
    # The product is needed as it is.
    ("S[a,t] + exp(S[a,t]/size(d))", lambda s, d, _: s + np.exp(s / d)),
    # Four times as large for a product twice as large.
    (
        "(S[a,t]**2 - max(S[a,k], k))/size(d)",
        lambda s, d, _: (s**2 - s.max(axis=-1, keepdims=True)) / d,
    ),
    ("(S[a,t] + T)/size(d)", lambda s, d, given: (s + given["T"][:, None, None]) / d),
    # There may be as many numbers as samples.
    ("exp(S[a,t]/T)", lambda s, _, given: np.exp(s / given["T"][:, None, None])),
    ("S[a,t]/2", lambda s, *_: s / 2),
    # Operands as large as the product.
    (
        "P[a,t] = exp(S[a,t])\nsum(P[a,t]*V[t,e], t)/size(t)",
        lambda s, _, given: np.exp(s) @ given["V"] / s.shape[-1],
    ),
]


def softmax(x: Any) -> Any:
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


def value(text: str) -> str:
    source = derivation(SCORES + text, "Q[b,c]").source()
    return source.split("def value(")[1].split("\n\n\n")[0]


@pytest.mark.parametrize(("text", "_"), MOVED)
def test_a_given_matrix_is_divided(text: str, _: Oracle) -> None:
    assert "(Q / " in value(text)


@pytest.mark.parametrize(("text", "_"), LEFT)
def test_others_stay(text: str, _: Oracle) -> None:
    assert "(Q / " not in value(text)
    assert value(text).count(" @ ") + value(text).count("np.matmul(") == 1 + ("V[" in text)


@pytest.mark.parametrize(("text", "oracle"), [*MOVED, *LEFT])
def test_nothing_else_changes(text: str, oracle: Oracle, tmp_path: Path) -> None:
    asked = derivation(SCORES + text, "Q[b,c]")
    given = inputs(asked.problem, "value", [(4,)])
    Q, K = given["Q"], given["K"]
    wanted = oracle(Q @ K.swapaxes(-1, -2), Q.shape[-1], given)
    with interpreted(asked.source("numba"), tmp_path) as module:
        np.testing.assert_allclose(module.value(**given), wanted, rtol=1e-12)
    np.testing.assert_allclose(asked.function("value")(**given), wanted, rtol=1e-12)
