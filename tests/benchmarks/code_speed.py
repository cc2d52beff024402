"""How fast the emitted NumPy code is, beside what was written by hand.

Run: python tests/benchmarks/code_speed.py [NAME]...

Each line is one function at one size and dtype: the least time of the emitted code, its ratio to
hand-written NumPy (which works in place where it can), to the same cut into pieces that stay in the
cache where it works entry by entry, the ratio of peak memories to the first, and the ratio to the
time in which the arrays it reads and writes are copied once. All of a line is measured in turn in
one process, so the ratios carry over to another machine, the times do not.
"""

from __future__ import annotations

import math
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import derive

Array = NDArray[Any]
_ROUNDS = 15
_WHILE = 0.04  # seconds


@dataclass(frozen=True)
class Case:
    """One function to be timed.

    Attributes:
        target, wrt, kind: what is emitted.
        hand: the same by hand, with the same arguments.
        shapes: of the arguments.
    """

    target: str
    kind: str
    hand: Callable[..., Array]
    shapes: dict[str, tuple[int, ...]]
    wrt: str | None = None


def in_pieces(hand: Callable[[Array], Array], x: Array) -> Array:
    """What works entry by entry, for 128 KiB at a time."""
    found, length = np.empty_like(x), 2**17 // x.itemsize
    for start in range(0, x.size, length):
        found[start : start + length] = hand(x[start : start + length])
    return found


def softmax_by_hand(z: Array) -> Array:
    e = z - z.max(axis=-1, keepdims=True)
    np.exp(e, out=e)
    e /= np.einsum("...i->...", e)[..., None]
    return e


def cross_entropy_by_hand(z: Array, y: Array) -> Array:
    p = softmax_by_hand(z)
    p -= y
    return p


def softmax_vjp_by_hand(g: Array, z: Array) -> Array:
    s = softmax_by_hand(z)
    found = g - np.einsum("...i,...i->...", g, s)[..., None]
    found *= s
    return found


def layer_norm_vjp_by_hand(g: Array, x: Array, eps: Array) -> Array:
    n = x.shape[-1]
    h = x - np.einsum("...i->...", x)[..., None] / n
    deviation = np.sqrt(np.einsum("...i,...i->...", h, h)[..., None] / n + eps)
    h /= deviation
    h *= np.einsum("...i,...i->...", g, h)[..., None] / n
    np.subtract(g, h, out=h)
    h -= np.einsum("...i->...", g)[..., None] / n
    h /= deviation
    return h


def sigmoid_by_hand(x: Array) -> Array:
    """Where exp(-x) overflows, the result is 0."""
    below = -x
    with np.errstate(over="ignore"):
        np.exp(below, out=below)
    below += 1
    return np.reciprocal(below, out=below)


def sigmoid_slope_by_hand(x: Array) -> Array:
    e = np.abs(x)
    np.negative(e, out=e)
    np.exp(e, out=e)
    below = e + 1
    below *= below
    e /= below
    return e


def silu_slope_by_hand(x: Array) -> Array:
    s = sigmoid_by_hand(x)
    found = 1 - s
    found *= x
    found += 1
    found *= s
    return found


def gelu_slope_by_hand(x: Array) -> Array:
    c = x.dtype.type(math.sqrt(2 / math.pi))
    square = x * x
    t = square * x.dtype.type(0.044715)
    t += 1
    t *= x
    t *= c
    np.tanh(t, out=t)
    square *= x.dtype.type(3 * 0.044715)
    square += 1
    square *= x
    square *= c
    square *= 1 - t * t
    t += 1
    t += square
    t *= x.dtype.type(0.5)
    return t


def attention_vjp_by_hand(g: Array, Q: Array, K: Array, V: Array) -> Array:
    scale = Q.dtype.type(1 / math.sqrt(Q.shape[-1]))
    A = softmax_by_hand((Q * scale) @ K.swapaxes(-1, -2))
    slope = g @ V.swapaxes(-1, -2)
    slope -= np.einsum("...i,...i->...", A, slope)[..., None]
    slope *= A
    found = slope.swapaxes(-1, -2) @ Q
    found *= scale
    return found


_LARGE = (10_000_000,)
CASES = {
    "cross-entropy gradient 4096 x 1000": Case(
        "cross-entropy", "derivative", cross_entropy_by_hand, {"z": (4096, 1000), "y": (4096, 1000)}
    ),
    "cross-entropy gradient 65536 x 10": Case(
        "cross-entropy", "derivative", cross_entropy_by_hand, {"z": (65536, 10), "y": (65536, 10)}
    ),
    "softmax vjp 4096 x 1000": Case(
        "softmax", "vjp", softmax_vjp_by_hand, {"g": (4096, 1000), "z": (4096, 1000)}
    ),
    "layer-norm vjp 4096 x 1000": Case(
        "layer-norm",
        "vjp",
        layer_norm_vjp_by_hand,
        {"g": (4096, 1000), "x": (4096, 1000), "eps": ()},
    ),
    "sigmoid derivative 10 million": Case(
        "sigmoid", "derivative", sigmoid_slope_by_hand, {"x": _LARGE}
    ),
    "silu derivative 10 million": Case("silu", "derivative", silu_slope_by_hand, {"x": _LARGE}),
    "gelu-tanh derivative 10 million": Case(
        "u = sqrt(2/pi)*(x + 0.044715*x**3); x/2*(1 + tanh(u))",
        "derivative",
        gelu_slope_by_hand,
        {"x": _LARGE},
        "x",
    ),
    "attention vjp 16 x 512 x 64": Case(
        "attention",
        "vjp",
        attention_vjp_by_hand,
        dict.fromkeys("gQKV", (16, 512, 64)),
    ),
}


def drawn(case: Case, dtype: Any) -> dict[str, Array]:
    """Inputs: of both signs for functions of numbers, which may go different ways for them."""
    chance = np.random.default_rng(0)
    if case.shapes == {"x": _LARGE}:
        return {"x": chance.standard_normal(_LARGE).astype(dtype)}
    given = {k: np.asarray(chance.uniform(0.1, 1, s), dtype) for k, s in case.shapes.items()}
    if "y" in given:  # a sum of 1 is assumed
        given["y"] /= given["y"].sum(axis=-1, keepdims=True)
    return given


def least(actions: Sequence[Callable[[], object]]) -> list[float]:
    """The least time of each action; they take turns, so that all meet the same machine, and every
    other round backwards. Each runs for a while before it is timed: what ran before it leaves
    threads behind that are busy for some milliseconds more, and the cache filled for others."""
    found = [math.inf] * len(actions)
    for turn in range(_ROUNDS):
        for place, action in list(enumerate(actions))[:: 1 - 2 * (turn % 2)]:
            _repeated(action)
            found[place] = min(found[place], *_repeated(action))
    return found


def _repeated(action: Callable[[], object]) -> list[float]:
    """How long an action took each time, for a while."""
    found: list[float] = []
    while sum(found) < _WHILE:
        start = time.perf_counter()
        action()
        found.append(time.perf_counter() - start)
    return found


def peak(action: Callable[[], object]) -> int:
    """The most memory that an action has allocated at a time, in bytes."""
    tracemalloc.start()
    action()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def measure(case: Case, dtype: Any) -> str:
    """The figures of one case as text."""
    given = drawn(case, dtype)
    emitted = derive.derive(case.target, wrt=case.wrt).function(case.kind)
    found, wanted = emitted(**given), case.hand(**given)
    same = found.dtype == wanted.dtype and np.allclose(found, wanted, rtol=1e-3, atol=1e-5)
    traffic = [*given.values(), found]
    spare = [np.empty_like(array) for array in traffic]

    def copied() -> None:
        for source, target in zip(traffic, spare, strict=True):
            np.copyto(target, source)

    actions = [lambda: emitted(**given), lambda: case.hand(**given), copied]
    if case.shapes == {"x": _LARGE}:
        actions.append(lambda: in_pieces(case.hand, given["x"]))
    times = least(actions)
    memory = peak(lambda: emitted(**given)) / peak(lambda: case.hand(**given))
    pieces = f"{times[0] / times[3]:9.2f}" if len(times) > 3 else f"{'-':>9}"
    ratios = f"{times[0] / times[1]:8.2f} {pieces} {memory:8.2f} {times[0] / times[2]:8.1f}"
    text = f"{1e3 * times[0]:9.2f} ms {ratios}"
    return text if same else f"{text}   NOT THE SAME RESULT"


def main(names: Sequence[str]) -> None:
    print(f"{'':44}{'emitted':>12}{'to hand':>9}{'in pieces':>10}{'memory':>9}{'to copy':>9}")
    for name, case in CASES.items():
        if names and not any(part in name for part in names):
            continue
        for dtype in (np.float64, np.float32):
            print(f"{name:34} {np.dtype(dtype).name:9}{measure(case, dtype)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
