"""How fast emitted code is beside everything else that computes the same, in one run.

Run: python tests/benchmarks/code_backends.py [NAME]...

Each row is one function at one size and dtype. The first figure is the floor: its arrays, read and
written once at the bandwidth with which this machine copies memory, in milliseconds. All others are
ratios of the least of several times to that of the best NumPy code written by hand (to SciPy where
NumPy has no such function), and, for memory, of the most that is allocated at a time. "new floor"
is the floor with new memory for the result, which is filled with zeros first, as every function
takes it; "products" is what the matrix products among it take alone, by NumPy, as memory does not
bound them; "numba loop" is the compiled function with memory that is there already, as it is for
"floor" and "products". Whatever is not installed has no column. All of a row take turns in one
process; the first calls, which compile, are not counted.
"""

from __future__ import annotations

import importlib.util
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

import derive
from derive.emit.backends.loading import loaded
from tests.benchmarks.code_speed import CASES, Array, Case, drawn, least, peak

Given = Mapping[str, Any]
Action = Callable[[], Any]

GELU = Case("gelu", "derivative", lambda x: gelu_slope(x), {"x": (10_000_000,)})
ALL = {**CASES, "gelu derivative 10 million": GELU}


class Kept:
    """NumPy with memory that is kept: `empty` gives the same arrays again."""

    def __init__(self) -> None:
        self.arrays: dict[Any, Array] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Array:
        return self.arrays.setdefault((shape, dtype), np.empty(shape, dtype))


def gelu_slope(x: Array) -> Array:
    from scipy.special import ndtr

    density = np.exp(-x * x / 2)
    density *= x.dtype.type(1 / math.sqrt(2 * math.pi))
    density *= x
    density += ndtr(x)
    return density


def attention_products(given: Given) -> Action:
    """The matrix products in the slope of attention by K, into memory that is there already."""
    g, Q, K, V = (given[name] for name in "gQKV")
    scores, slopes = (np.empty((*Q.shape[:-1], K.shape[-2]), Q.dtype) for _ in range(2))
    found = np.empty_like(K)

    def multiplied() -> None:
        np.matmul(Q, K.swapaxes(-1, -2), out=scores)
        np.matmul(g, V.swapaxes(-1, -2), out=slopes)
        np.matmul(slopes.swapaxes(-1, -2), Q, out=found)

    return multiplied


PRODUCTS = {"attention": attention_products}


def bandwidth() -> float:
    """Bytes copied in a second: read once and written once, into memory that is there already."""
    source = np.ones(2**25)
    target = np.zeros_like(source)
    (seconds,) = least([lambda: np.copyto(target, source)])
    return 2 * source.nbytes / seconds


# What is compared: the value by PyTorch or JAX, and closed forms by SciPy and PyTorch.


def values(x: Any) -> dict[str, Callable[[Given], Any]]:
    """The functions that are differentiated, in `x`, a module that looks like jax.numpy, with the
    differentiated argument last."""
    return {
        "cross-entropy": lambda a: -(a["y"] * x.log_softmax(a["z"])).sum(),
        "softmax": lambda a: (a["g"] * x.softmax(a["z"])).sum(),
        "layer-norm": lambda a: (a["g"] * x.normalized(a["x"], a["eps"])).sum(),
        "sigmoid": lambda a: x.sigmoid(a["x"]).sum(),
        "silu": lambda a: (a["x"] * x.sigmoid(a["x"])).sum(),
        "gelu-tanh": lambda a: x.gelu(a["x"], "tanh").sum(),
        "gelu derivative": lambda a: x.gelu(a["x"], "none").sum(),
        "attention": lambda a: (
            a["g"] * (x.softmax(a["Q"] @ a["K"].mT / a["Q"].shape[-1] ** 0.5) @ a["V"])
        ).sum(),
    }


class Torch:
    """PyTorch's functions under the names of `values`."""

    def __init__(self) -> None:
        import torch

        self.torch, self.sigmoid = torch, torch.sigmoid

    def softmax(self, z: Any) -> Any:
        return self.torch.softmax(z, -1)

    def log_softmax(self, z: Any) -> Any:
        return self.torch.log_softmax(z, -1)

    def normalized(self, x: Any, eps: Any) -> Any:
        return self.torch.nn.functional.layer_norm(x, x.shape[-1:], eps=float(eps))

    def gelu(self, x: Any, way: str) -> Any:
        return self.torch.nn.functional.gelu(x, approximate=way)


class Jax:
    """JAX's functions under the names of `values`."""

    def __init__(self) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax, self.sigmoid = jax, jax.nn.sigmoid
        self.softmax, self.log_softmax = jax.nn.softmax, jax.nn.log_softmax

    def normalized(self, x: Any, eps: Any) -> Any:
        return (x - x.mean(-1, keepdims=True)) / self.jax.numpy.sqrt(x.var(-1, keepdims=True) + eps)

    def gelu(self, x: Any, way: str) -> Any:
        return self.jax.nn.gelu(x, approximate=way == "tanh")


def closed(softmax: Any, sigmoid: Any) -> dict[str, Callable[[Given], Any]]:
    """Derivatives as formulas, with somebody's softmax and sigmoid."""

    def of_softmax(a: Given) -> Any:
        s = softmax(a["z"])
        return s * (a["g"] - (a["g"] * s).sum(-1)[..., None])

    def of_sigmoid(a: Given) -> Any:
        s = sigmoid(a["x"])
        return s * (1 - s)

    def of_silu(a: Given) -> Any:
        s = sigmoid(a["x"])
        return s * (1 + a["x"] * (1 - s))

    def of_attention(a: Given) -> Any:
        scale = a["Q"].shape[-1] ** 0.5
        weights = softmax(a["Q"] @ a["K"].swapaxes(-1, -2) / scale)
        slope = a["g"] @ a["V"].swapaxes(-1, -2)
        slope = weights * (slope - (weights * slope).sum(-1)[..., None])
        return slope.swapaxes(-1, -2) @ a["Q"] / scale

    return {
        "cross-entropy": lambda a: softmax(a["z"]) - a["y"],
        "softmax": of_softmax,
        "sigmoid": of_sigmoid,
        "silu": of_silu,
        "attention": of_attention,
    }


def of(table: Mapping[str, Callable[[Given], Any]], name: str) -> Callable[[Given], Any] | None:
    """The entry for a case, whose name begins with it."""
    return next((entry for start, entry in table.items() if name.startswith(start)), None)


def competitors(name: str, case: Case, given: Mapping[str, Array]) -> Iterator[tuple[str, Action]]:
    """Everything installed that computes a case, by its column."""
    own = {"cross-entropy": "z", "softmax": "z", "attention": "K"}
    variable = next((v for start, v in own.items() if name.startswith(start)), "x")
    if has("scipy"):
        from scipy import special

        formula = of(closed(lambda z: special.softmax(z, axis=-1), special.expit), name)
        if formula:
            yield "SciPy", lambda: formula(given)
    if has("torch"):
        yield from by_torch(name, given, variable)
    if has("jax"):
        yield from by_jax(name, given, variable)


def by_torch(name: str, given: Mapping[str, Array], variable: str) -> Iterator[tuple[str, Action]]:
    torch = Torch()
    tensors = {k: torch.torch.from_numpy(np.asarray(a)) for k, a in given.items()}
    value, formula = of(values(torch), name), of(closed(torch.softmax, torch.sigmoid), name)

    def differentiated() -> Any:
        moved = tensors[variable].detach().requires_grad_()
        return torch.torch.autograd.grad(value({**tensors, variable: moved}), moved)[0]

    if value:
        yield "torch autograd", differentiated
    if formula:
        yield "torch formula", lambda: formula(tensors)


def by_jax(name: str, given: Mapping[str, Array], variable: str) -> Iterator[tuple[str, Action]]:
    jax = Jax()
    arrays = {k: jax.jax.numpy.asarray(a) for k, a in given.items()}
    value = of(values(jax), name)
    if value:
        slope = jax.jax.jit(jax.jax.grad(lambda x, rest: value({**rest, variable: x})))
        yield "jax.jit", lambda: slope(arrays[variable], arrays).block_until_ready()


def in_kept_memory(module: Any, action: Action) -> Action:
    """A module's function with memory for its results that is there already."""
    kept = Kept()

    def acted() -> Any:
        module.np = kept
        try:
            return action()
        finally:
            module.np = np

    return acted


def has(library: str) -> bool:
    return importlib.util.find_spec(library) is not None


def measure(name: str, case: Case, dtype: Any, speed: float) -> dict[str, str]:
    """The figures of one row, by column."""
    given = drawn(case, dtype)
    derivation = derive.derive(case.target, wrt=case.wrt)
    with ExitStack() as stack:
        emitted = derivation.function(case.kind)
        actions: dict[str, Action] = {"emitted": lambda: emitted(**given)}
        if has("numba"):
            module = stack.enter_context(loaded(derivation.source("numba")))
            compiled = getattr(module, case.kind)
            actions["numba"] = lambda: compiled(**given)
            actions["numba loop"] = in_kept_memory(module, actions["numba"])
        actions |= dict(competitors(name, case, given))
        wanted = case.hand(**given)
        for column, action in actions.items():
            found = np.asarray(action())
            if found.dtype != dtype or not np.allclose(found, wanted, rtol=1e-3, atol=1e-5):
                raise AssertionError(f"{name}: {column} gives something else")
        kept = np.zeros_like(wanted)
        copies = [lambda: np.copyto(kept, wanted), wanted.copy]
        if products := of(PRODUCTS, name):
            actions["products"] = products(given)
        old, new, hand, *times = least([*copies, lambda: case.hand(**given), *actions.values()])
    floor = sum(array.nbytes for array in (*given.values(), wanted)) / speed
    ratios = {column: f"{t / hand:.2f}" for column, t in zip(actions, times, strict=True)}
    memory = peak(actions["emitted"]) / peak(lambda: case.hand(**given))
    return {
        "floor ms": f"{1e3 * floor:.1f}",
        "hand ms": f"{1e3 * hand:.1f}",
        "floor": f"{floor / hand:.2f}",
        "new floor": f"{(floor + max(new - old, 0)) / hand:.2f}",
        **ratios,
        "memory": f"{memory:.2f}",
    }


def main(names: Sequence[str]) -> None:
    speed = bandwidth()
    print(f"{os.cpu_count()} cores, {speed / 1e9:.1f} GB copied in a second, read and written\n")
    columns = ["floor ms", "hand ms", "floor", "new floor", "products", "emitted", "memory"]
    columns += ["numba", "numba loop"] * has("numba") + ["SciPy"] * has("scipy")
    columns += ["torch autograd", "torch formula"] * has("torch") + ["jax.jit"] * has("jax")
    print(f"| | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for name, case in ALL.items():
        if (names and not any(part in name for part in names)) or (
            case is GELU and not has("scipy")
        ):
            continue
        for dtype in (np.float64, np.float32):
            row = measure(name, case, dtype, speed)
            cells = " | ".join(row.get(column, "") for column in columns)
            print(f"| {name}, {np.dtype(dtype).name} | {cells} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
