"""Deviations from a mean by shares of which one is next to 1, against 60 digits."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

import derive

Array = NDArray[Any]
DTYPES: list[Any] = [np.float64, np.float32]
DIGITS = mpmath.mp.clone()
DIGITS.dps = 60
exact = np.vectorize(lambda x: DIGITS.mpf(float(x)), otypes=[object])
exp = np.vectorize(DIGITS.exp, otypes=[object])
log = np.vectorize(DIGITS.log, otypes=[object])


def shares(z: Array, axis: int = -1) -> Array:
    e = exp(z)
    return e / e.sum(axis=axis, keepdims=True)


def deviation(x: Array, p: Array, axis: int = -1) -> Array:
    return x - (x * p).sum(axis=axis, keepdims=True)


def softmax_product(g: Array, z: Array, axis: int = -1) -> Array:
    return shares(z, axis) * deviation(g, shares(z, axis), axis)


def softmin_product(g: Array, z: Array) -> Array:
    return -softmax_product(g, -z)


def reverse_kl(z: Array, p: Array) -> Array:
    return shares(z) * deviation(log(shares(z) / p), shares(z))


def attention_vjp(g: Array, z: Array, V: Array) -> Array:
    return shares(z) * deviation(g @ V.swapaxes(-1, -2), shares(z))


def attention_jvp(v: Array, z: Array, V: Array) -> Array:
    return (shares(z) * deviation(v, shares(z))) @ V


def attention(z: Array, V: Array) -> Array:
    """At (i, c, q, j): by z[q, j], of the mean of V[j, c] with the shares of row i."""
    found = shares(z)[..., None, :] * deviation(V.swapaxes(-1, -2), shares(z)[..., None, :])
    return np.einsum("icj,iq->icqj", found, exact(np.eye(len(z))))


@dataclass(frozen=True)
class Case:
    """A function, the same at 60 digits, the shapes of what it is given, and the axis of z along
    which shares add up."""

    text: str
    wrt: str
    kind: str
    true: Callable[..., Array]
    shapes: dict[str, tuple[int, ...]]
    axis: int = -1


_SOFTMAX = "exp(z[i])/sum(exp(z[k]), k)"
_SOFTMIN = "exp(-z[i])/sum(exp(-z[k]), k)"
_COLUMNS = "exp(z[i, c])/sum(exp(z[k, c]), k)"
_ATTENTION = "A[i, j] = exp(z[i, j])/sum(exp(z[i, k]), k); sum(A[i, k]*V[k, c], k)"
_KL = "q[k] = exp(z[k])/sum(exp(z[l]), l); sum(q[k]*log(q[k]/p[k]), k)"
CASES = {
    "softmax": Case(_SOFTMAX, "z[j]", "vjp", softmax_product, {"g": (7,), "z": (7,)}),
    "forward": Case(_SOFTMAX, "z[j]", "jvp", softmax_product, {"v": (7,), "z": (7,)}),
    "softmin": Case(_SOFTMIN, "z[j]", "vjp", softmin_product, {"g": (7,), "z": (7,)}),
    "columns": Case(
        *(_COLUMNS, "z[p, q]", "vjp", partial(softmax_product, axis=-2)),
        *({"g": (7, 3), "z": (7, 3)}, -2),
    ),
    "reverse KL": Case(_KL, "z[j]", "derivative", reverse_kl, {"z": (7,), "p": (7,)}),
    "scores": Case(
        *(_ATTENTION, "z[q, p]", "vjp", attention_vjp), {"g": (3, 4), "z": (3, 7), "V": (7, 4)}
    ),
    "directions": Case(
        *(_ATTENTION, "z[q, p]", "jvp", attention_jvp), {"v": (3, 7), "z": (3, 7), "V": (7, 4)}
    ),
    "values": Case(_ATTENTION, "z[q, p]", "derivative", attention, {"z": (3, 7), "V": (7, 4)}),
}


def arguments(case: Case, dtype: Any, seed: int = 1) -> dict[str, Array]:
    """Small whole numbers, positive ones for p, and z with an entry far ahead of each row."""
    chance = np.random.default_rng(seed)
    found = {
        name: chance.integers(1, 40, shape).astype(dtype) for name, shape in case.shapes.items()
    }
    found["z"] /= 16
    ahead = -45 if case.true is softmin_product else 45
    place = chance.integers(0, 7, np.take(found["z"], [0], case.axis).shape)
    np.put_along_axis(found["z"], place, ahead, case.axis)
    return found


def units(found: Array, wanted: Array, dtype: Any) -> float:
    """The worst error of an entry, in units in its last place."""
    errors = np.abs(exact(found) - wanted)
    return float(np.max(errors / exact(np.spacing(np.abs(wanted.astype(dtype))))))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_no_digit_is_lost_beside_a_share_next_to_1(case: Case, dtype: Any) -> None:
    compute = derive.derive(case.text, case.wrt).function(case.kind)
    given = arguments(case, dtype)
    kept = {name: a.copy() for name, a in given.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compute(**given)
    wanted = case.true(*map(exact, kept.values()))
    assert found.dtype == dtype
    assert units(found, wanted, dtype) <= 40
    assert all(np.array_equal(given[name], kept[name]) for name in kept)


@pytest.mark.parametrize("kind", ["vjp", "jvp"])
@pytest.mark.parametrize(("count", "every"), [(5, 2), (40, 20), (4096, 2), (4096, 20)])
def test_of_many_rows_each_is_as_it_is_alone(count: int, every: int, kind: str) -> None:
    """Rows with a share next to 1, rows without one, and rows that have no shares at all."""
    compute = derive.derive(_SOFTMAX, "z[j]").function(kind)
    chance = np.random.default_rng(3)
    z = chance.standard_normal((count, 200))
    z[::every, 17] = 60
    z[1::5, 3] = np.nan
    vector = {"vjp": "g", "jvp": "v"}[kind]
    for shape in ((count, 200), (200,), (2, 1, 200)):
        x = chance.standard_normal(shape)
        found = compute(**{vector: x, "z": z})
        for each, part in zip(
            found.reshape(-1, *z.shape), x.reshape(-1, *x.shape[-2:]), strict=True
        ):
            rows = zip(np.broadcast_to(part, z.shape), z, strict=True)
            alone = [compute(**{vector: g, "z": row}) for g, row in rows]
            np.testing.assert_allclose(each, alone, rtol=1e-12, atol=0)
            assert np.isnan(each).any(axis=-1).tolist() == [k % 5 == 1 for k in range(count)]


SQUARES = "p[k] = exp(z[k])/sum(exp(z[l]), l); p[j] - sum(p[k]**2, k)"
TURNED = "A[i, j] = exp(z[i, j])/sum(exp(z[i, k]), k); A[j, i] - sum(A[i, k]*A[k, i], k)"
DOUBLED = "p[k] = exp(z[k])/sum(exp(z[l]), l); y*(2*p[j] - sum(p[k]*2*p[k], k))"


@pytest.mark.parametrize(
    ("text", "wrt", "true"),
    [
        (SQUARES, "z[i]", lambda p: deviation(p, p)),
        (DOUBLED, "z[i]", lambda p: deviation(2 * p, p)),
        (TURNED, "z[a, c]", lambda A: A - np.einsum("...ik,...ki->...i", A, A)[..., None, :]),
    ],
)
@pytest.mark.parametrize("count", [1, 30, 4000])
def test_a_mean_of_the_shares_themselves(
    text: str, wrt: str, true: Callable[[Array], Array], count: int
) -> None:
    """The result may be put into the memory of x, which the shares may have too."""
    found = derive.derive(text, wrt)
    z = 3 * np.random.default_rng(5).standard_normal((count, *[12] * wrt.count("a"), 12))
    shared = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    given = {"y": np.float64(1)} if "y" in found.problem.variables else {}
    np.testing.assert_allclose(found.function("value")(z=z, **given), true(shared), atol=1e-14)


@pytest.mark.parametrize("scale", [0.1, 1, 10])
def test_columns_into_memory_that_is_there(scale: float) -> None:
    text = (
        "p[i, c] = exp(z[i, c])/sum(exp(z[k, c]), k); sin(z[i, c]) - sum(p[k, c]*sin(z[k, c]), k)"
    )
    z = scale * np.random.default_rng(6).standard_normal((3, 8, 20))
    p = np.exp(z) / np.exp(z).sum(axis=-2, keepdims=True)
    found = derive.derive(text, "z[a, b]")
    assert "_deviation(sin, p, most, axis=-2, out=sin)" in found.source()
    np.testing.assert_allclose(
        found.function("value")(z=z), deviation(np.sin(z), p, -2), atol=1e-13
    )


def test_weights_of_any_sign_are_shares_too() -> None:
    text = "p[k] = w[k]/sum(w[l], l); x[j] - sum(p[k]*x[k], k)"
    value = derive.derive(text, "w[i]").function("value")
    w, x = np.array([1e20, -3.0, 7.0, 1.0]), np.array([5.0, 6.0, 8.0, 1.0])
    found = value(w=w, x=x)
    wanted = deviation(exact(x), exact(w) / exact(w).sum())
    assert units(found, wanted, np.float64) <= 4
    step = value(w=w + 1e-5j * np.array([0, 1, 0, 0]), x=x)
    slopes = (exact(x) - (exact(x) * exact(w)).sum() / exact(w).sum())[1] / exact(w).sum()
    assert step.imag == pytest.approx(np.full(4, -float(slopes) * 1e-5), rel=1e-13)
    np.testing.assert_allclose(step.real, found, rtol=1e-13)


@pytest.mark.parametrize(
    "text",
    [
        *("x[j] - sum(w[k]*x[k], k)/sum(w[k], k)", "x[j] - sum(x[k], k)"),
        *("x[j] - sum(sum(A[k, l]*B[k, l], l), k)", "x[j] - sum(w[k]*y[k]/sum(w[l], l), k)"),
        "x[j] - sum(exp(w[k])*x[k]/sum(exp(-w[l]), l), k)",
    ],
)
def test_other_differences_stay(text: str) -> None:
    assert "_deviation" not in derive.derive(text, "x[i]").source()


def test_what_has_no_shares_gives_no_warning() -> None:
    """Infinite logits, and rows with no entry at all."""
    vjp = derive.derive(_SOFTMAX, "z[j]").function("vjp")
    masked = "p[k] = where(z[k] > 0, exp(z[k]), 0)/sum(where(z[l] > 0, exp(z[l]), 0), l)"
    rows = derive.derive(f"{masked}; sum(p[k]*x[k], k)", "z[i]").function("derivative")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(vjp(g=np.arange(3.0), z=np.array([np.inf, 0, 1]))).all()
        assert np.isnan(vjp(g=np.arange(3.0), z=np.full(3, -np.inf))).all()
        assert np.isnan(rows(z=-np.arange(3.0), x=np.ones(3))).all()


def test_no_difference_overflows_that_need_not() -> None:
    vjp = derive.derive(_SOFTMAX, "z[j]").function("vjp")
    g, z = np.array([1e308, -0.9e308, 0]), np.array([1.3, 0, -5])
    np.testing.assert_allclose(vjp(g=g, z=z), 1e300 * vjp(g=g / 1e300, z=z), rtol=1e-13)
    with np.errstate(invalid="ignore"):
        found = vjp(g=np.array([np.inf, 1, 2]), z=np.array([5.0, 0, 0]))
    assert np.array_equal(found, [np.nan, -np.inf, -np.inf], equal_nan=True)


def test_weights_that_are_no_exponentials() -> None:
    value = derive.derive("p[k] = w[k]/sum(w[l], l); x[j] - sum(p[k]*x[k], k)", "w[i]")
    assert value.function("value")(w=np.zeros(0), x=np.zeros(0)).shape == (0,)
    text = "e[k] = z[k] - max(z[l], l); p[k] = e[k]/sum(e[l], l); x[j] - sum(p[k]*x[k], k)"
    found = derive.derive(text, "x[i]").function("value")(
        z=np.array([0, -1e17, -1, -3.0]), x=np.array([5.0, 6, 8, 1])
    )
    np.testing.assert_allclose(found, [-1, 1.3e-16, 2, -5], rtol=1e-14)
