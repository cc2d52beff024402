"""What is summed first, and what is worked out only once: memory, calls and results."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import Any

import numpy as np
import pytest

import derive
from derive.api import Derivation
from tests.benchmarks.code_speed import peak

TWO_LAYERS = "f[i] = sum(V[i,k]*relu(sum(W[k,d]*x[d], d)), k); f[i]"
SCORES = "S[i,j] = sum(X[i,d]*X[j,d], d); A[i,j] = softmax(S[i,:])[j]; "
SELF_ATTENTION = SCORES + "sum(A[i,j]*X[j,e], j)"
COSINES = "S[i,j] = sum(X[i,d]*Y[j,d], d)/(norm(X[i,:])*norm(Y[j,:])); S[i,j]"
LOGISTIC = "p[n] = sigmoid(sum(X[n,k]*w[k], k)); sum(y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n]), n)"
COVARIANCE = "m[i] = mean(X[n,i], n); C[i,j] = mean((X[n,i] - m[i])*(X[n,j] - m[j]), n); C[i,j]"
BILINEAR = "sum(A[i,k]*X[i,r]*X[k,l]*B[l,r], i, k, l, r)"
CHAIN = "y[i] = sum(sum(sum(A[i,j]*B[j,k]*C[k,l]*x[l], j), k), l); y[i]"
GAUSSIAN = "sum(sum(sum((X[n,i] - m[i])*P[i,j]*(X[n,j] - m[j]), i), j), n)"
COX = "sum(d[i]*(x[i] - log(sum(where(t[j] >= t[i], exp(x[j]), 0), j))), i)"
ELO = "sum(sum(N[i,j]*log(sigmoid(s[i] - s[j])), i), j)"

# A formula, its variable, the shapes of the arguments, and how much memory the products with a
# vector may take at once, in multiples of the largest array that goes in or comes out.
PRODUCTS: list[Any] = [
    (TWO_LAYERS, "W[a,b]", {"V": (30, 40), "W": (40, 50), "x": (50,)}, 4),
    pytest.param(SELF_ATTENTION, "X[k,l]", {"X": (30, 40)}, 8, marks=pytest.mark.slow),
    pytest.param(COSINES, "X[a,c]", {"X": (30, 50), "Y": (40, 50)}, 8, marks=pytest.mark.slow),
    (COVARIANCE, "X[p,k]", {"X": (30, 40)}, 8),
    (BILINEAR, "X[m,q]", {"A": (30, 30), "X": (30, 40), "B": (40, 40)}, 5),
    (CHAIN, "x[m]", {"A": (30, 40), "B": (40, 50), "C": (50, 20), "x": (20,)}, 2),
]


@cache
def derived(formula: str, *wrt: str) -> Derivation:
    return derive.derive(formula, wrt=list(wrt))


def statements(derivation: Derivation, name: str) -> str:
    """A function of the module as source, without its docstring."""
    tree = ast.parse(derivation.source())
    (found,) = (f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == name)
    return "\n".join(map(ast.unparse, found.body[1:]))


def drawn(shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    chance = np.random.default_rng(5)
    return {name: chance.normal(size=shape) for name, shape in shapes.items()}


@pytest.mark.parametrize(("formula", "wrt", "shapes", "most"), PRODUCTS)
def test_products_with_vectors_need_no_larger_arrays(
    formula: str, wrt: str, shapes: dict[str, tuple[int, ...]], most: float
) -> None:
    found, given = derived(formula, wrt), drawn(shapes)
    full, vjp, jvp = found.function(), found.function("vjp"), found.function("jvp")
    jacobian = full(**given)
    variable = given[wrt.split("[")[0]]
    g = np.random.default_rng(6).normal(size=jacobian.shape[: jacobian.ndim - variable.ndim])
    v = np.random.default_rng(7).normal(size=variable.shape)
    assert vjp(g=g, **given) == pytest.approx(np.tensordot(g, jacobian, g.ndim), abs=1e-9)
    assert jvp(v=v, **given) == pytest.approx(np.tensordot(jacobian, v, v.ndim), abs=1e-9)
    size = max(array.nbytes for array in (g, *given.values()))
    assert peak(lambda: vjp(g=g, **given)) <= most * size + 8192
    assert peak(lambda: jvp(v=v, **given)) <= most * size + 8192


def test_hessians_are_not_made_for_their_products() -> None:
    found = derived(LOGISTIC, "w[i]", "w[j]")
    given = drawn({"X": (4, 200), "w": (200,), "y": (4,), "v": (200,)})
    v = given.pop("v")
    hvp = found.function("hvp")
    assert hvp(v=v, **given) == pytest.approx(found.function()(**given) @ v)
    assert peak(lambda: hvp(v=v, **given)) < 200 * 200 * 8 / 4


@pytest.mark.parametrize(
    ("formula", "wrt", "name", "call", "times"),
    [
        (COX, "x[k]", "derivative", r"exp\w*\(", 1),
        (ELO, "s[k]", "derivative", r"sigmoid\(", 1),
        (COVARIANCE, "X[p,k]", "jvp", r" @ |matmul\(", 1),  # the other product is its transpose
        (CHAIN, "x[m]", "jvp", r" @ |matmul\(", 0),
        (
            GAUSSIAN,
            "m[k]",
            "derivative",
            r"einsum| @ |matmul\(",
            0,
        ),  # summed first, then times a vector
    ],
)
def test_nothing_is_worked_out_twice(
    formula: str, wrt: str, name: str, call: str, times: int
) -> None:
    code = statements(derived(formula, wrt), name)
    assert len(re.findall(call, code)) == times, code


def test_a_matrix_and_its_transpose_are_multiplied_one_by_one() -> None:
    compute = derived("sum(sum(x[i]*A[i,j]*x[j], i), j)", "x[k]").function()
    given = drawn({"x": (200,), "A": (200, 200)})
    x, A = given["x"], given["A"]
    assert compute(**given) == pytest.approx(A @ x + A.T @ x)
    assert peak(lambda: compute(**given)) < A.nbytes / 4


def test_what_may_be_nan_stays_in_its_case() -> None:
    found = derived("sum(where(m[k] > 0, X[i,k]*w[k], 0), k)", "w[j]")
    X = np.array([[1.0, np.nan, 3], [4, np.nan, 6]])
    given = {"m": np.array([1.0, 0, 1]), "X": X, "w": np.array([1.0, 2, 3])}
    assert found.function("value")(**given).tolist() == [10, 22]
    assert found.function("jvp")(v=np.ones(3), **given).tolist() == [4, 10]
    assert found.function("vjp")(g=np.ones(2), **given).tolist() == [5, 0, 9]


def test_a_window_is_not_multiplied_out() -> None:
    found = derived("sum(where(k <= t, w[k]*x[t - k], 0), k)", "x[j]")
    compute = found.function("value")
    given = drawn({"w": (50,), "x": (400,)})
    expected = np.convolve(given["w"], given["x"])[:400]
    assert compute(**given) == pytest.approx(expected)
    assert peak(lambda: compute(**given)) < 50 * 400 * 8 / 4


def test_comments_use_the_names_of_the_code() -> None:
    source = derived("L = g*z**2; L", "z").source()
    (comment,) = re.findall(r"def vjp\(.*?# ([^\n]*)", source, re.S)
    assert comment == "2*g_*g*z"  # g is what is multiplied by, g_ the problem's own


def test_sources_are_as_formatters_leave_them() -> None:
    arguments = "*".join(f"{letter}[i]" for letter in "abcdefpquvw")
    source = derived(f"sum(sqrt(2)*x[i]**1.5 - x[i]**2*{arguments}, i)", "x[j]").source()
    functions, _ = source.split("\ndef _inputs(")
    assert max(map(len, functions.splitlines())) <= 100
    assert "x**1.5" in functions
    assert "2**0.5" in functions
    assert "-(x**2) * " in derived("-x[i]**2*exp(z[i])", "z[j]").source()
