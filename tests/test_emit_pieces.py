"""Large arrays are taken in pieces: not to be seen in the result, but in time and memory."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

import derive
from derive.api import Derivation
from tests.benchmarks.code_speed import peak

SEED = 11

# A target, what it is differentiated by, shapes, and the axes over samples that follow the first;
# shapes with an s in front have these axes.
ROWS = [
    ("softmax", None, {"z": "s 300"}, ()),
    ("layer-norm", None, {"x": "s 300", "eps": ""}, ()),
    ("layer-norm", None, {"x": "s 2 150", "eps": "s 1"}, (2,)),
    ("layer-norm", None, {"x": "300", "eps": "s"}, ()),
    ("cross-entropy", None, {"z": "s 300", "y": "300"}, ()),
    ("h[i] = sum(W[i,k]*x[k], k); softmax(h)[i]", "x[j]", {"W": "3 300", "x": "s 300"}, ()),
    ("h[i] = sum(W[i,k]*x[k], k); softmax(h)[i]", "W[j,l]", {"W": "3 300", "x": "s 300"}, ()),
    ("sum(log(x[k]), k)/y + a[i]", "x[j]", {"x": "s 300", "y": "s", "a": "4"}, ()),
]
NUMBERS = [
    ("gelu", None, {"x": "s"}, ()),
    ("silu", None, {"x": "s 3"}, (3,)),
    ("softplus-beta", None, {"x": "s 3", "b": ""}, (3,)),
    ("softplus-beta", None, {"x": "s 1", "b": "3"}, (3,)),
    ("swish", None, {"x": "", "b": "s"}, ()),
    ("u = sqrt(2/pi)*(x + 0.044715*x**3); x/2*(1 + tanh(u))", "x", {"x": "s"}, ()),
]


def drawn(shapes: dict[str, str], samples: int) -> dict[str, Any]:
    chance = np.random.default_rng(SEED)
    sized = {k: text.replace("s", str(samples)).split() for k, text in shapes.items()}
    return {k: chance.uniform(0.5, 2, tuple(map(int, shape))) for k, shape in sized.items()}


def own(derivation: Derivation, kind: str, given: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """The name and shape of what a function multiplies by, for one sample."""
    problem = derivation.problem
    letters = {"vjp": problem.axes, "jvp": problem.wrt_axes}.get(kind)
    if letters is None:
        return {}
    lengths: dict[str, int] = {}
    for name, array in given.items():
        sizes = problem.shapes[name]
        lengths |= zip(map(str, sizes), array.shape[array.ndim - len(sizes) :], strict=True)
    shape = tuple(lengths[str(problem.extents[i])] for i in letters)
    return {"g" if kind == "vjp" else "v": shape}


@pytest.mark.parametrize("kind", ["value", "derivative", "vjp", "jvp"])
@pytest.mark.parametrize(
    ("target", "wrt", "shapes", "inner", "samples"),
    [(*row, 4000) for row in ROWS] + [(*row, 150_000) for row in NUMBERS],
)
def test_pieces_give_what_each_sample_gives(
    target: str,
    wrt: str | None,
    shapes: dict[str, str],
    inner: tuple[int, ...],
    samples: int,
    kind: str,
) -> None:
    if kind not in in_pieces(target, wrt):
        pytest.skip("it passes over its arrays too seldom")
    derivation = derive.derive(target, wrt=wrt)
    given = drawn(shapes, samples)
    big = {k for k, text in shapes.items() if text.startswith("s")}
    for name, shape in own(derivation, kind, given).items():
        given[name] = np.random.default_rng(SEED).uniform(0.5, 2, (samples, *inner, *shape))
        big.add(name)
    compute = derivation.function(kind)
    found = compute(**given)
    assert found.shape[: 1 + len(inner)] == (samples, *inner)
    for start in range(0, samples, samples // 3):
        part = slice(start, start + samples // 1000)
        wanted = compute(**{k: a[part] if k in big else a for k, a in given.items()})
        # A matrix product of other sizes rounds in another order.
        np.testing.assert_allclose(found[part], wanted, rtol=1e-9, atol=1e-10 * abs(wanted).max())


@cache
def in_pieces(target: str, wrt: str | None) -> frozenset[str]:
    """The emitted functions that take large arrays in pieces."""
    functions = derive.derive(target, wrt=wrt).source().split("\n\n\ndef ")
    return frozenset(f.partition("(")[0] for f in functions if "    def block(" in f)


def test_pieces_are_taken_where_it_matters() -> None:
    assert in_pieces("softmax", None) == {"vjp", "jvp"}  # matrices would have to be copied
    assert in_pieces("layer-norm", None) >= {"vjp", "jvp"}
    for name in ("gelu", "silu", "softplus-beta", "swish"):
        assert in_pieces(name, None) == {"value", "derivative", "vjp", "jvp"}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex128])
def test_pieces_keep_the_dtype(dtype: Any) -> None:
    chance = np.random.default_rng(SEED)
    x = chance.uniform(-2, 2, 300_000).astype(dtype)
    found = derive.derive("gelu").function()(x=x)
    assert found.dtype == dtype
    assert np.array_equal(found[-5:], derive.derive("gelu").function()(x=x[-5:]))
    g, z = (chance.uniform(-2, 2, (9000, 300)).astype(dtype) for _ in range(2))
    vjp = derive.derive("softmax").function("vjp")
    found = vjp(g=g, z=z)
    assert found.dtype == dtype
    np.testing.assert_allclose(found[-5:], vjp(g=g[-5:], z=z[-5:]), rtol=8 * np.finfo(dtype).eps)


def test_small_arguments_stay_small() -> None:
    """What depends on them alone is worked out once, not for every sample."""
    vjp, x = derive.derive("gelu").function("vjp"), np.linspace(-3, 3, 500)
    g = np.random.default_rng(SEED).standard_normal((2000, 500))
    assert peak(lambda: vjp(g=g, x=x)) < 1.1 * g.nbytes
    assert np.array_equal(vjp(g=g, x=x)[7], vjp(g=g[7], x=x))


def test_arguments_are_left_as_they_are() -> None:
    given = {"g": np.ones((4000, 300)), **drawn({"z": "s 300"}, 4000)}
    before = {k: array.copy() for k, array in given.items()}
    derive.derive("softmax").function("vjp")(**given)
    assert all(np.array_equal(given[k], before[k]) for k in given)


def test_what_is_made_on_the_way_is_small() -> None:
    """In arrays of the size of the result, which is one itself."""
    for name, kind, shapes in (
        ("softmax", "vjp", ("g", "z")),
        ("cross-entropy", "derivative", ("z", "y")),
        ("layer-norm", "vjp", ("g", "x")),
    ):
        given: dict[str, Any] = {k: np.ones((16384, 200)) for k in shapes}
        given |= {"eps": 1e-3} if name == "layer-norm" else {}
        compute = derive.derive(name).function(kind)
        assert peak(lambda c=compute, g=given: c(**g)) < 1.3 * given[shapes[0]].nbytes


FOLDED = [
    ("2*(3*x**2 + 1)*exp(x)", ("t *= 6", "t += 2")),
    ("0.3*(1 - 2*x)*exp(x)", ("t = 2 * x", "np.subtract(1, t, out=t)")),  # these may cancel, ...
    ("2*(1 - 3*x)*exp(x)", ("t = 6 * x", "np.subtract(2, t, out=t)")),  # but 2 rounds nothing
    ("3*(0.044715*x**3 + x)*tanh(x)", ("t *= 0.134145", "t += 3")),
    ("300*(300*x**2 + 1)*exp(x)*tanh(x)", ("t *= 300", "t += 1")),  # would be too large in float16
    ("10**50*(10**50*x**2 + 1)*exp(x)*tanh(x)", ("t += 1",)),
]


@pytest.mark.parametrize(("target", "statements"), FOLDED)
def test_numbers_are_multiplied_by_where_it_costs_nothing(
    target: str, statements: tuple[str, ...]
) -> None:
    derivation = derive.derive(target, wrt="x")
    text = derivation.source()
    body = text[text.index("def value") : text.index("def derivative")]
    lines = [re.sub(r"\bt\d+", "t", line.strip()) for line in body.splitlines()]
    assert all(statement in lines for statement in statements), body
    x = np.random.default_rng(SEED).standard_normal(1000)
    functions = {name: getattr(np, name) for name in ("exp", "tanh")}
    wanted = eval(target, {"x": x, **functions})
    np.testing.assert_allclose(derivation.function("value")(x=x), wanted, rtol=1e-12)


def test_no_number_overflows_that_did_not_before() -> None:
    value = derive.derive(FOLDED[4][0], wrt="x").function("value")
    x = np.array([0, 0.001, 0.01], np.float16)
    wanted = 300 * (300 * x.astype(float) ** 2 + 1) * np.exp(x) * np.tanh(x)
    np.testing.assert_allclose(value(x=x), wanted, rtol=5e-3)
