"""What the tests of back ends have in common: emitted modules as namespaces, inputs, and doubles of
what gradient boosting libraries hand to an objective."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from derive.api import Derivation, derivation_of
from derive.emit.module import argument_names, own_shape
from derive.nodes import is_size
from derive.problem import Problem
from derive.target import resolve

Arrays = dict[str, NDArray[Any]]
_NUMBERS = itertools.count()


@cache
def derivation(text: str, wrt: str | None = None) -> Derivation:
    return derivation_of(resolve(text, wrt))


@cache
def source(text: str, wrt: str | None, backend: str) -> str:
    return derivation(text, wrt).source(backend)


@cache
def computing(text: str, wrt: str | None, kind: str) -> Callable[..., Any]:
    """A function by NumPy."""
    return derivation(text, wrt).function(kind)


def loaded(text: str, folder: Path) -> Any:
    """A module's text as a module, from a file: a compiler that caches needs one."""
    name = f"emitted_{next(_NUMBERS)}"
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sizes_of(problem: Problem) -> dict[Any, int]:
    """A different size for every size symbol."""
    extents = [*problem.extents.values(), *sum(problem.shapes.values(), ())]
    symbols = {s for extent in extents for s in extent.free_symbols if is_size(s)}
    return {s: 3 + place for place, s in enumerate(sorted(symbols, key=str))}


def inputs(problem: Problem, kind: str, leads: Any, seed: int = 0) -> Arrays:
    """Arguments of a function; one after the other has these leading axes."""
    chance, sizes = np.random.default_rng(seed), sizes_of(problem)
    names = argument_names(problem, kind)
    shapes = own_shape(problem, kind) | {names[v]: problem.shapes[v] for v in problem.variables}

    def drawn(shape: tuple[Expr, ...], lead: tuple[int, ...]) -> NDArray[Any]:
        own = (int(size.xreplace(sizes)) for size in shape)
        return np.array(chance.uniform(0.2, 0.9, (*lead, *own)))

    return {n: drawn(s, leads[k % len(leads)]) for k, (n, s) in enumerate(shapes.items())}


# Targets that between them have every operation of the graph.
TARGETS: list[tuple[str, str | None]] = [
    *(("softmax", None), ("log-softmax", None), ("softmax-temperature", None)),
    *(("softmax-rows", None), ("softmax-columns", None), ("log-sum-exp", None)),
    ("cross-entropy", None),
    *(("cross-entropy-hessian", None), ("batch-cross-entropy", None)),
    *(("linear-cross-entropy", None), ("layer-norm", None), ("rms-norm", None)),
    *(("cosine", None), ("attention", None), ("causal-attention", None), ("linear", None)),
    *(("bilinear", None), ("mlp", None), ("gelu", None), ("gelu-tanh", None), ("silu", None)),
    *(("huber", None), ("product", None), ("max-pooling", None), ("convolution", None)),
    *(("causal-convolution", None), ("gaussian-mixture", None), ("trace-congruence", None)),
    ("sum(W[i,k]*x[k], k) + b[i]", "W[a,c]"),
    ("h[i,j] = y[j]*T; sum(h[k,b]*u[k], k)", "y[a]"),
    ("sum(where(k <= i, z[k]*T, 0), k)", "z[j]"),
    ("A[i,i]*T + T", "T"),
    ("S[i,k] = x[i]*W[i,k]/T; sum(S[i,i] - logsumexp(S[i,:]), i)", "x[j]"),
    ("u[i]*u[j] + w[i]**2/2", "w[i]"),
    ("u[i]*u[j] + w[i]**2/2", "w[k]"),
    ("max(x, 3*x, 1)", "x"),
    ("max(0.5, min(x[i], 0.7))*max(2, x[i])", "x[j]"),
    ("norm(x)", "x[j]"),
    ("where(size(k) > 3, sum(x[k], k), 1)*T", "T"),
    ("exp(log(2)*z[i]) + z[i]**3 + 2**z[i]", "z[j]"),
    ("abs(z[i])*sign(z[i])*relu(z[i])*softplus(z[i])*erf(z[i])", "z[j]"),
    ("log(cosh(x[i])) + log(1 - exp(-x[i])) + log(1 + x[i])", "x[j]"),
    ("sinh(x)*tanh(x)*asinh(x)*acosh(1 + x) + atanh(x)*tan(x)*acos(x)*asin(x)*atan(x)", "x"),
    ("softmax(z)[j]", "z[j]"),
    ("3*T", "T"),
    ("exp(1/3)*x**2 - tanh(0.1)*softplus(2/3)/T", "x"),
    # loops beside loops with loops in them
    ("max(T, sum(x[k]*mean(u[l]*norm(A[k,:]), l), k))", "u[p]"),
    # axes that are n + 1 long
    ("sum(c[i]*(norm(r[i+1,:] - r[i,:]) - T)**2, i)", "r[j,a]"),
    ("W[i,k] + softmax(z)[k]*u[i+1]", "u[j]"),
    ("max(x[k]*(sum(A[k,l]*u[l], l) + x[k+1]), k)", "x[p]"),
    (
        "p[i,l] = softmax(A[i,:])[l]; where(i > 0, tanh(A[i,k])*exp(A[i-1,k+1]), 0)*p[i,k+1]",
        "A[q,r]",
    ),
]
