"""Leading axes: a function of one sample, called once with many, against a loop over them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Expr

from derive.emit.module import argument_names, kinds, own_shape
from derive.nodes import is_size
from derive.problem import Problem
from tests.backends import computing, derivation

Arrays = dict[str, NDArray[Any]]

# The leading axes of one argument after the other: some have none, some broadcast.
LEADS = [[(2, 3), (3,), (), (2, 1)], [(), (2, 3), (1, 3)], [(3,), ()]]

TARGETS = [
    *("softmax", "log-softmax", "softmax-temperature", "softmax-rows", "log-sum-exp"),
    *("cross-entropy", "cross-entropy-hessian", "batch-cross-entropy", "linear-cross-entropy"),
    *("layer-norm", "rms-norm", "batch-norm", "l2-normalize", "cosine", "attention"),
    *("causal-attention", "linear", "bilinear", "quadratic-form", "trace-sandwich", "mlp"),
    *("gelu", "silu", "huber", "product", "max-pooling", "gaussian-mixture", "info-nce", "ridge"),
]
TEXTS = [
    ("sum(W[i,k]*x[k], k) + b[i]", "x[j]"),
    ("sum(W[i,k]*x[k], k) + b[i]", "W[a,c]"),
    ("sum(x[k], k)*T", "x[j]"),
    ("h[i,j] = y[j]*T; sum(h[k,b]*u[k], k)", "y[a]"),
    ("sum(where(k <= i, z[k]*T, 0), k)", "z[j]"),
    ("A[i,i]*T + T", "T"),
    ("u[i]*u[j] + w[i]**2/2", "w[i]"),
    ("u[i]*u[j] + w[i]**2/2", "w[k]"),
    ("prod(x[k] + T, k)", "x[j]"),
    ("max(x[k]*T, k)", "T"),
    ("3*T", "T"),
]


def sized(problem: Problem) -> dict[Any, int]:
    extents = [*problem.extents.values(), *sum(problem.shapes.values(), ())]
    symbols = {s for extent in extents for s in extent.free_symbols if is_size(s)}
    return {s: 3 + place for place, s in enumerate(sorted(symbols, key=str))}


def drawn(shape: tuple[Expr, ...], lead: tuple[int, ...], sizes: Any, chance: Any) -> Any:
    return chance.uniform(0.2, 0.9, (*lead, *(int(size.xreplace(sizes)) for size in shape)))


@pytest.mark.parametrize("leads", range(len(LEADS)))
@pytest.mark.parametrize("target", [*TARGETS, *TEXTS], ids=str)
def test_one_call_is_a_loop_over_samples(target: Any, leads: int) -> None:
    text, wrt = (target, None) if isinstance(target, str) else target
    problem = derivation(text, wrt).problem
    chance = np.random.default_rng(leads)
    sizes = sized(problem)
    for kind in kinds(problem):
        names = argument_names(problem, kind)
        shapes = {names[name]: problem.shapes[name] for name in problem.variables}
        shapes = own_shape(problem, kind) | shapes
        given, slices = {}, {}
        for place, (name, shape) in enumerate(shapes.items()):
            lead = LEADS[leads][place % len(LEADS[leads])]
            given[name] = drawn(shape, lead, sizes, chance)
            slices[name] = (lead, len(shape))
        compute = computing(text, wrt, kind)
        found = compute(**given)
        samples = np.broadcast_shapes(*(lead for lead, _ in slices.values()))
        wanted = np.array([compute(**at(given, slices, samples, p)) for p in np.ndindex(samples)])
        assert found.shape == (*samples, *wanted.shape[1:]), kind
        wanted = wanted.reshape(found.shape)
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14, err_msg=kind)
        assert not found.ndim or found.flags.writeable
        single = compute(**{name: a.astype(np.float32) for name, a in given.items()})
        assert single.dtype == np.float32


def at(given: Arrays, slices: Any, samples: tuple[int, ...], place: tuple[int, ...]) -> Arrays:
    """The arguments of one sample."""
    found = {}
    for name, (lead, rank) in slices.items():
        own = given[name].shape[len(lead) :]
        every = np.broadcast_to(given[name], (*samples, *own))
        found[name] = every[place]
        assert found[name].ndim == rank
    return found


def test_softmax_of_a_batch_is_one_call() -> None:
    found = derivation("softmax")
    value = found.function("value")
    z = np.random.default_rng(0).standard_normal((64, 10))
    np.testing.assert_allclose(value(z=z).sum(axis=1), np.ones(64))
    assert found.function()(z=z).shape == (64, 10, 10)
    text = found.source()
    assert "more axes in front, over samples" in text


def test_an_argument_that_is_not_read_still_counts_its_samples() -> None:
    slope = derivation("sum(W[i,k]*x[k], k)", "x[j]").function()
    W = np.arange(6.0).reshape(2, 3)
    assert slope(W=W).shape == (2, 3)
    assert slope(W=W, x=np.ones((5, 3))).shape == (5, 2, 3)


def test_leading_axes_that_do_not_broadcast() -> None:
    value = derivation("sum(W[i,k]*x[k], k)", "x[j]").function("value")
    with pytest.raises(ValueError, match=r"leading axes do not broadcast: W \(4,\), x \(5,\)"):
        value(W=np.ones((4, 2, 3)), x=np.ones((5, 3)))
    with pytest.raises(ValueError, match=r"x has shape \(\); expected axes \(m\)"):
        value(W=np.ones((4, 2, 3)), x=1)
