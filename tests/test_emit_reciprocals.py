"""Quotients over one number for a row as products with its reciprocal, where that is finite."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.backends import derivation
from tests.interpreted import interpreted

RECIPROCAL = "real(1) / total"


@pytest.mark.parametrize(
    "text",
    [
        "softmax(z)[i]",
        "softmax(z/T)[i]",
        "exp(z[i])/sum(exp(z[k]), k)",
        "softmax(Z[b,:])[i]",
        "softmax(Z[:,i])[b]",
    ],
)
def test_a_softmax_is_multiplied_by_one_number(text: str) -> None:
    assert RECIPROCAL in derivation(text).source("numba")


@pytest.mark.parametrize(
    "text",
    [
        "x[i]/sum(x[k], k)",  # the sum may be subnormal
        "exp(z[i])/(1 + sum(exp(z[k]), k))",
        "exp(z[i])/sum(exp(2*z[k]), k)",
        "exp(z[i])*y[i]/sum(exp(z[k])*y[k], k)",
    ],
)
def test_others_are_divided(text: str) -> None:
    assert RECIPROCAL not in derivation(text).source("numba")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("offset", [0, 80, -80, 1000, -1000])
def test_it_is_as_exact_as_a_quotient(offset: int, dtype: type, tmp_path: Path) -> None:
    z = (offset + np.random.default_rng(0).uniform(-20, 0, (50, 7))).astype(dtype)
    shifted = z.astype(np.longdouble) - z.max(axis=-1, keepdims=True)
    exact = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    with interpreted(derivation("softmax(z)[i]").source("numba"), tmp_path) as module:
        found = module.value(z=z)
    assert found.dtype == dtype
    assert (abs(found - exact) <= 4 * np.spacing(exact.astype(dtype))).all()


@pytest.mark.parametrize(("backend", "one"), [("numpy", "1 / np.sqrt("), ("numba", "real(1) / ")])
def test_a_row_is_multiplied_by_the_reciprocal_of_a_root(backend: str, one: str) -> None:
    assert one in derivation("x[i]/sqrt(v)", "v").source(backend)
    assert one not in derivation("x/sqrt(v)", "v").source(backend)  # one number or the other


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_the_reciprocal_of_the_least_root_is_finite(dtype: type) -> None:
    normalized = derivation("x[i]/sqrt(v)", "v").function("value")
    least = np.finfo(dtype).smallest_subnormal
    x = np.array([0, 1, 2], dtype) * np.sqrt(least)
    assert normalized(x=x, v=least) == pytest.approx([0, 1, 2], rel=4 * float(np.finfo(dtype).eps))


def test_numpy_has_a_share_of_all_as_1() -> None:
    share = derivation("softmax(z)[i]").function("value")
    for z in np.random.default_rng(0).uniform(-30, 30, 100):
        assert share(z=np.array([z])) == [1]
