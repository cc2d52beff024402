"""Arrays of a kernel that share their memory: only where no entry is needed any more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from derive.emit.backends.blocks import Block, Call
from derive.emit.backends.rooms import rooms
from derive.emit.writer import Source
from tests.backends import derivation, inputs
from tests.interpreted import interpreted

WIDE = {"a": ("n", "m"), "b": ("n", "m")}
ONE, TWO = {"a": "a", "b": "a"}, {"a": "a", "b": "b"}


def loop(letter: str, *lines: str | Block, last: Call | None = None) -> Block:
    return Block(letter, "n", [letter], [*lines], {}, last)


FILLED = "np.dot(x, y, a)"
ROW = loop("k", "t = a[i, k] + t"), loop("j", "b[i, j] = t")
BODIES = [
    ([FILLED, "np.dot(a, y, x)", "np.dot(x, y, b)", "np.dot(b, x, row)"], ONE),
    ([FILLED, "np.dot(a, y, x)", "np.dot(x, y, b)", "u = np.a(x.a)"], ONE),  # not the array a
    (["np.dot(x, y, b)", "np.dot(b, y, x)", "np.dot(x, y, a)"], ONE),
    ([FILLED, "np.dot(a, y, b)"], TWO),  # a product reads all while it writes
    ([FILLED, "np.dot(x, y, b)", "np.dot(a, b, row)"], TWO),
    ([FILLED, loop("i", *ROW), "np.dot(b, x, row)"], ONE),
    ([FILLED, loop("i", *ROW), "np.dot(b, a, row)"], TWO),
    ([FILLED, loop("i", *ROW, "u = a[i, 0]")], TWO),
    ([FILLED, loop("i", ROW[0], loop("j", "b[j, i] = t"))], TWO),  # another row than is read
    ([FILLED, loop("i", loop("k", "t = a[i, n - 1 - k]", "b[i, k] = t"))], TWO),
    ([FILLED, loop("i", loop("j", "b[i, j] = a[i, j] * t"))], ONE),
    ([FILLED, loop("i", loop("j", "b[i, j] = a[i, 0] * t"))], TWO),
    ([FILLED, loop("i", loop("j", "b[i, j] = a[i, j]", "t = a[i, j]"))], TWO),
    ([FILLED, loop("i", loop("j", "b[i, j] = b[i, j] + a[i, j]"))], ONE),
    ([FILLED, loop("i", loop("j", last=Call("b[i, j]", "_exp", [Source("a[i, j]")])))], ONE),
    ([FILLED, loop("i", loop("j", last=Call("b[i, j]", "_exp", [Source("a[j, i]")])))], TWO),
    # Both anew in every pass, which has nothing to do with their rows.
    ([loop("i", FILLED, "np.dot(a, y, x)", "np.dot(x, y, b)", "np.dot(b, x, row)")], ONE),
    ([FILLED, loop("i", "np.dot(a, y, x)", "np.dot(x, y, b)")], TWO),
    ([FILLED, loop("i", loop("l", "t = a[i, l]", "b[i, i] = t", "u = b[i, i]"))], TWO),
    ([loop("i", loop("l", "a[i, l] = t")), loop("i", loop("l", "b[l, i] = a[i, l]"))], TWO),
]


@pytest.mark.parametrize(("lines", "wanted"), BODIES)
def test_who_may_take_over(lines: list[str | Block], wanted: dict[str, str]) -> None:
    assert rooms(Block(lines=lines), WIDE) == wanted


def test_only_large_arrays_of_one_shape() -> None:
    body = Block(lines=["np.dot(x, y, a)", "np.dot(a, y, x)", "np.dot(x, y, b)"])
    assert rooms(body, {"a": ("n", "m"), "b": ("m", "n")}) == TWO
    assert rooms(body, {"a": ("n",), "b": ("n",)}) == {}


def test_three_arrays_have_one_room_if_each_pair_may() -> None:
    lines: list[str | Block] = [FILLED, "np.dot(a, y, x)", "np.dot(x, y, b)", "np.dot(b, y, x)"]
    shapes = {**WIDE, "c": ("n", "m")}
    assert rooms(Block(lines=[*lines, "np.dot(x, y, c)"]), shapes) == dict.fromkeys("abc", "a")
    kept = rooms(Block(lines=[*lines, "np.dot(x, y, c)", "np.dot(b, c, x)"]), shapes)
    assert kept == {"a": "a", "b": "a", "c": "c"}


NAMED = [
    ("sum(sin(A[i,k])*B[k,f], k) + sum(cos(A[i,k])*B[k,f], k)", "A[a,b]"),
    ("sum(log(A[i,k])*B[k,f], k) + sum(log(1 + A[i,k])*B[k,f], k)", "B[a,b]"),
    ("sum(tanh(W[i,k])*V[k,f], k)*sum(log(W[i,k])*V[k,f], k)", "W[a,b]"),
    (
        "P[i,j] = exp(A[i,j]); T[i,j] = tanh(A[i,j]); "
        "sum(P[i,k]*V[k,j], k) + sum(T[k,i]*V[k,j], k)",
        "A[a,b]",
    ),
]


@pytest.mark.parametrize(("text", "wrt"), NAMED)
@pytest.mark.parametrize("kind", ["value", "derivative", "vjp", "jvp"])
def test_arrays_with_the_names_of_functions(text: str, wrt: str, kind: str, tmp_path: Path) -> None:
    """A function is not an array, nor is what an array is asked for: np.log, A.T."""
    asked = derivation(text, wrt)
    given = inputs(asked.problem, kind, [(3,)])
    with interpreted(asked.source("numba"), tmp_path) as module:
        found = getattr(module, kind)(**given)
    np.testing.assert_allclose(found, asked.function(kind)(**given), rtol=1e-12)


def test_attention_needs_two_arrays_of_its_size(tmp_path: Path) -> None:
    asked = derivation("attention")
    text = asked.source("numba")
    kernel = text.split("def _vjp(")[1].split("\n\n\n")[0]
    assert kernel.count("np.empty((n, m)") == 2
    given = inputs(asked.problem, "vjp", [(3,)])
    with interpreted(text, tmp_path) as module:
        np.testing.assert_allclose(module.vjp(**given), asked.function("vjp")(**given), rtol=1e-12)
