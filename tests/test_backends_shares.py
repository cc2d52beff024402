"""Shares as products with the reciprocal of a sum: only where that cannot overflow."""

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
