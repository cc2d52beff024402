"""Emitted code on large arrays: pieces of them give the same, and memory is used again."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from sympy import preorder_traversal

import derive
from derive.checker.finite import equal
from derive.emit.gathering import gathered
from derive.emit.interchange import interchanged
from derive.nodes import Sum
from derive.parse import parse
from derive.steps import Verdict
from tests.benchmarks.code_speed import peak

COUNT = 2**18 + 77  # more than two pieces, the last of them short


def emitted(text: str, wrt: str, kind: str) -> Callable[..., Any]:
    return derive.derive(text, wrt=wrt).function(kind)


SHAPES = [
    ((COUNT,), (COUNT,)),
    ((7, COUNT // 7), ()),
    ((2, COUNT // 2), (2, 1)),
    ((COUNT,), (2, 1)),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("first", "second"), SHAPES)
def test_pieces_give_what_the_whole_gives(first: Any, second: Any, dtype: Any) -> None:
    chance = np.random.default_rng(1)
    x, T = (chance.uniform(0.5, 2, shape).astype(dtype) for shape in (first, second))
    compute = emitted("f = x/T; f*sigmoid(f)", "x", "value")
    found = compute(x=x, T=T)
    f = x.astype(float) / T
    assert found.dtype == dtype
    assert found.shape == np.broadcast_shapes(first, second)
    np.testing.assert_allclose(found, f / (1 + np.exp(-f)), rtol=8 * np.finfo(dtype).eps)


def test_definitions_that_are_numbers_have_no_room_for_arrays() -> None:
    compute = emitted("L = 3; L*x*y + L - log(L + 0.1)", "x", "value")
    x, y = np.random.default_rng(2).standard_normal((2, COUNT))
    np.testing.assert_allclose(compute(x=x, y=y), 3 * x * y + 3 - np.log(3.1), rtol=1e-13)
    assert compute(x=2.0, y=1.0) == pytest.approx(9 - np.log(3.1))


# The most that is allocated at a time, in arrays of the size of x.
FRUGAL = [
    ("cross-entropy", "derivative", {"z": (64, 4096), "y": (64, 4096)}, 1.1),
    ("layer-norm", "vjp", {"g": (64, 4096), "x": (64, 4096), "eps": ()}, 1.1),
    ("softmax", "vjp", {"g": (64, 4096), "z": (64, 4096)}, 2.1),
    ("silu", "derivative", {"x": (2**20,)}, 1.7),
]


@pytest.mark.parametrize(("name", "kind", "shapes", "most"), FRUGAL)
def test_memory_is_used_again(name: str, kind: str, shapes: Any, most: float) -> None:
    chance = np.random.default_rng(2)
    given = {k: chance.uniform(0.5, 2, shape) for k, shape in shapes.items()}
    before = {k: array.copy() for k, array in given.items()}
    compute = derive.derive(name).function(kind)
    size = max(array.nbytes for array in given.values())
    assert peak(lambda: compute(**given)) <= most * size
    assert all(np.array_equal(given[k], before[k]) for k in given)


def test_a_name_whose_diagonal_is_replaced_keeps_its_own() -> None:
    """Q is P off the diagonal; P is needed as it is afterwards."""
    text = "P[i,k] = exp(A[i,k] + A[k,i])\nQ[i,k] = where(i == k, 0, P[i,k])\nP[i,k] - Q[i,k]"
    A = np.random.default_rng(3).uniform(-1, 1, (3, 3))
    found = derive.derive(text, wrt="A[m,l]").function("value")(A=A)
    np.testing.assert_allclose(found, np.diag(np.exp(2 * np.diag(A))), atol=1e-15)


LINEAR = "O[a,e] = sum(A[a,t]*V[t,e], t)\n"
SHARED = LINEAR + "sum(g[a,e]*V[u,e], e)*A[a,u] - A[a,u]*sum(O[a,e]*g[a,e], e)"
NOT_SHARED = LINEAR + "O[a,f]*sum(g[a,e]*V[u,e], e) - A[a,u]*sum(O[a,e]*g[a,e], e)"


INSIDE = "sum(g[a,e]*V[u,e], e)*A[a,u] - A[a,u]*sum(g[a,f]*sum(A[a,t]*V[t,f], t), f)"


@pytest.mark.parametrize("text", [SHARED, INSIDE])
def test_an_interchanged_sum_is_the_same(text: str) -> None:
    asked = parse(text)
    found = interchanged(asked.target, asked)
    assert "O" not in {str(symbol) for symbol in found.free_symbols}
    assert found != asked.target
    verdict, evidence = equal(asked.target, found, asked)
    assert verdict is Verdict.AGREES, evidence


COVARIANCE = "sum(A[a,u]*w[a,u]*V[u,e], u) - {}*sum(A[a,u]*w[a,u], u)"
OF_NAME = LINEAR + COVARIANCE.format("O[a,e]")
OF_SUM = COVARIANCE.format("sum(A[a,k]*V[k,e], k)")
NEGATIVE = LINEAR + "O[a,e]*x*sum(B[a,k]*w[a,k], k) - sum(V[u,e]*w[a,u]*A[a,u], u) + x"
USED = LINEAR + "E[a,e] = O[a,e]**2\n(" + COVARIANCE.format("O[a,e]") + ")/E[a,e]"


@pytest.mark.parametrize("text", [OF_NAME, OF_SUM, NEGATIVE])
def test_a_gathered_sum_is_the_same(text: str) -> None:
    asked = parse(text)
    found = gathered(asked.target, asked)
    sums = [node for node in preorder_traversal(found) if isinstance(node, Sum)]
    assert "O" not in {str(symbol) for symbol in found.free_symbols}
    assert len(sums) == 2
    verdict, evidence = equal(asked.target, found, asked)
    assert verdict is Verdict.AGREES, evidence


@pytest.mark.parametrize(
    "text",
    [
        LINEAR + "sum(A[a,u]*w[a,u]*V[u,e], u) - O[a,e]*O[a,f]",
        LINEAR + "sum(A[a,u]*w[a]*V[u,e], u) - O[a,e]*sum(A[a,u]*w[a], u)",
        LINEAR + "sum(A[a,u]*w[u]*V[u,f], u) - O[a,e]*sum(A[a,u]*w[u], u)",
        LINEAR + "2*sum(A[a,u]*w[a,u]*V[u,e], u) - O[a,e]*sum(A[a,u]*w[a,u], u)",
        LINEAR + "sum(A[a,u]*w[u]*V[u,e], u) - O[a,e]*sum(A[a,u]*w[u], u)",  # (a, u) from w[u]
        LINEAR + "sum(A[a,u]*w[a,u]*V[u,e], u) - O[a,e]*h",  # no mean of w
        "sum(W[i,j]*v[j,d], j) - v[i,d]*sum(W[i,j], j)",  # an array with i, j and d
        USED,
    ],
)
def test_sums_that_are_not_alike_stay(text: str) -> None:
    asked = parse(text)
    assert gathered(asked.target, asked) == asked.target


@pytest.mark.parametrize("text", [NOT_SHARED, LINEAR + "sum(O[a,e]*g[a,e], e)"])
def test_a_sum_that_saves_nothing_stays(text: str) -> None:
    asked = parse(text)
    assert interchanged(asked.target, asked) == asked.target


@pytest.mark.parametrize(
    ("text", "exact", "low", "high", "units"),
    [
        ("erf(x)", mpmath.erf, -7, 7, 2),
        ("1 - erf(x)", mpmath.erfc, -7, 26, 8),
        ("1 + erf(x)", lambda x: mpmath.erfc(-x), -26, 7, 8),
        ("1/(1 + exp(-x))", lambda x: 1 / (1 + mpmath.exp(-x)), -740, 40, 8),
        ("softplus(x)", lambda x: mpmath.log1p(mpmath.exp(x)), -700, 700, 8),
    ],
)
def test_scalar_functions_are_exact_to_a_few_units(
    text: str, exact: Any, low: float, high: float, units: float
) -> None:
    x = np.random.default_rng(4).uniform(low, high, 300)
    x = np.concatenate([x, x * 1e-3, [0.0]])
    found = emitted(text, "x", "value")(x=x)
    with mpmath.workdps(50):
        wanted = [exact(mpmath.mpf(float(v))) for v in x]
        errors = [abs(mpmath.mpf(float(a)) - b) for a, b in zip(found, wanted, strict=True)]
    places = [np.spacing(abs(float(b))) for b in wanted]
    assert max(float(e) / place for e, place in zip(errors, places, strict=True)) <= units


FAULTS = """
import resource, sys
import numpy as np

names = {"__name__": "emitted"}
exec(sys.stdin.read(), names)
x = np.linspace(-3, 3, 5_000_000)
names["derivative"](x=x)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
found = names["derivative"](x=x)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="how memory is given back is glibc's")
def test_memory_of_one_piece_serves_the_next() -> None:
    """In a process of its own, as it depends on what was allocated before: the pages that are new
    are those of the result, of which there are 10000 at most."""
    text = derive.derive("mish").source()
    arguments = [sys.executable, "-c", FAULTS]
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 15_000
