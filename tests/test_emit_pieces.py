"""Large arrays are taken in pieces: not to be seen in the result, but in time and memory."""

from __future__ import annotations

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
    ("2*(3*x**2 + 1)*exp(x)", ("*= 6", "+= 2")),
    ("0.3*(1 - 2*x)*exp(x)", ("2 * x", "0.3")),  # these may cancel, so nothing is rounded
    ("2*(1 - 3*x)*exp(x)", ("6 * x",)),  # but a power of two rounds nothing
    ("3*(0.044715*x**3 + x)*tanh(x)", ("*= 0.134145", "+= 3")),
]


@pytest.mark.parametrize(("target", "parts"), FOLDED)
def test_numbers_are_multiplied_by_where_it_costs_nothing(
    target: str, parts: tuple[str, ...]
) -> None:
    derivation = derive.derive(target, wrt="x")
    text = derivation.source()
    body = text[text.index("def value") : text.index("def derivative")]
    assert all(part in body for part in parts), body
    x = np.random.default_rng(SEED).standard_normal(1000)
    functions = {name: getattr(np, name) for name in ("exp", "tanh")}
    wanted = eval(target, {"x": x, **functions})
    np.testing.assert_allclose(derivation.function("value")(x=x), wanted, rtol=1e-12)
