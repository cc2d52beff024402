"""Emitted code: its axes, dtypes and text, held against the checker's own evaluation."""

from __future__ import annotations

import ast
import itertools
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Eq, Expr, Integer, Ne, Piecewise

from derive.checker.ground import Ground
from derive.checker.sample import Point, constraints
from derive.emit import function, source
from derive.engine import derive
from derive.errors import UnsupportedError
from derive.nodes import entry, index, is_size, size
from derive.parse import parse
from derive.problem import Problem
from derive.templates import folder
from tests.kinks import KINKS, kinked
from tests.oracles import slopes

SIZES = (3, 4, 5)


def problem(text: str, *wrt: str) -> Problem:
    return parse(text, wrt=wrt)


def solved(text: str, *wrt: str, assume: tuple[str, ...] = ()) -> tuple[Problem, Expr]:
    asked = parse(text, wrt=wrt, assume=assume)
    return asked, derive(asked).result


def point_of(asked: Problem, seed: str = "0", positive: bool = False) -> Point:
    symbols = {s for shape in asked.shapes.values() for e in shape for s in e.free_symbols}
    named = sorted((s for s in symbols if is_size(s)), key=str)
    return Point(constraints(()), dict(zip(named, SIZES, strict=False)), seed, positive=positive)


def inputs_at(asked: Problem, point: Point) -> dict[str, NDArray[Any]]:
    found = {}
    for name in asked.variables:
        shape = tuple(int(e.xreplace(point.sizes)) for e in asked.shapes[name])
        places = itertools.product(*(range(1, n + 1) for n in shape))
        found[name] = np.array([float(point.exact(name, p)) for p in places]).reshape(shape)
    return found


def worked_out(expr: Expr, axes: Any, asked: Problem, point: Point) -> NDArray[Any]:
    """The expression at every value of its axes, by the checker's evaluator."""
    named = {d.name: d for d in asked.definitions}
    ground = Ground(point.sizes, point, named, strict=False)
    shape = tuple(ground.extent(asked.extents[letter]) for letter in axes)
    found = np.zeros(shape)
    for place in np.ndindex(shape):
        env = {letter: value + 1 for letter, value in zip(axes, place, strict=True)}
        found[place] = float(ground.value(expr, env))
    return found


TEXTS = [
    "x",
    "z[i]",
    "3*T - 1/7",
    "2/3*z[i]",
    "z[i]*y[j]",
    "W[i,j]*z[j]",
    "W[j,i] + z[i] - y[j]",
    "W[i,j]/(u[i]**2 + 1)",
    "sum(W[i,k]*x[k], k)",
    "sum(x[k]*W[k,j], k)",
    "sum(W[k,i]*V[j,k], k)",
    "sum(A[i,k]*B[k,j], k)",
    "sum(u[k]*A[k,l]*v[l], k, l)",
    "sum(A[k,l]*B[k,l], k, l)",
    "sum(A[k,l]*B[l,k], k, l)",
    "sum(A[b,k]*B[b,k], k)",
    "sum(z[k]**2, k)*z[k]",
    "sum(z[k]*y[k]/(1 + u[k]**2), k)",
    "sum(sum(x[k]**2, k)*W[k,l], k)",
    "sum(T + 0*z[k], k)*sum(z[k], k)",
    "mean(z[k], k)",
    "sum((z[k] - mean(z[l], l))**2, k)/size(k)",
    "A[i,i]",
    "sum(A[i,i], i)",
    "A[i,i]*z[j]",
    "delta(i, j)*z[i]*y[j]*0 + delta(i, j)*z[i]",
    "sum(delta(k, j)*z[k], k)*y[j]",
    "sum((delta(k, j) - z[k])**2, k)*y[j]",
    "sum(exp(delta(k, j)*z[k]), k)*y[j]",
    "sin(z[i])*cos(T)/tan(1 + T**2/9)",
    "atan(z[i])*asinh(T) + sinh(T)*cosh(T) - tanh(z[i])",
    "erf(z[i]) + sigmoid(z[i])*softplus(T)",
    "2**z[i] + pi*z[i]**3 - sqrt(2)*sqrt(1 + z[i]**2)",
    "log(2)*z[i]*size(k)*sum(y[k], k)",
    "(1 + z[i]**2)**(-3/2)*(1 + T**2)**(1/3)",
    "h[i] = sum(W[i,k]*x[k], k) + b[i]; h[j]**2*h[l]",
    "h[i,j] = z[i]*y[j]; h[a,a] + sum(h[k,a], k)",
    "h[i,j] = y[j]; sum(h[k,b]*u[k], k)",
    "softmax(Z[b,:])[i]*softmax(Z[c,:])[j]",
    "softmax(z)[i]*softmax(u)[j]",
    "log_softmax(Z[b,:])[i]",
    "-1/B*sum(sum(Y[b,k]*log_softmax(Z[b,:])[k], k), b)",
    "logsumexp(z)**2/norm(z)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_value_is_what_the_expression_says(text: str) -> None:
    asked = problem(text)
    point = point_of(asked)
    found = function(asked, asked.target, "value")(**inputs_at(asked, point))
    wanted = worked_out(asked.target, asked.axes, asked, point)
    assert np.shape(found) == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("text", TEXTS)
def test_float32_stays_float32(text: str) -> None:
    asked = problem(text)
    inputs = inputs_at(asked, point_of(asked))
    single = {name: array.astype(np.float32) for name, array in inputs.items()}
    value = function(asked, asked.target, "value")
    found = value(**single)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, value(**inputs), rtol=2e-5, atol=2e-5)
    assert value(**{n: a.astype(np.complex128) for n, a in inputs.items()}).dtype == np.complex128


def test_dtype_follows_the_arrays() -> None:
    value = function(problem("z[i]*T*y[i]"), Integer(0), "value")
    single = np.array([1, 2], np.float32)
    counts = np.array([3, 4])
    assert value(z=single, T=2.5, y=counts).dtype == np.float32
    assert value(z=single, T=np.float64(2.5), y=single).dtype == np.float32
    assert value(z=counts, T=2, y=counts).dtype == np.float64
    assert value(z=[1, 2], T=1j, y=single).dtype == np.complex64
    root = function(problem("T**2"), Integer(0), "value")
    assert root(T=np.float32(3)).dtype == np.float32
    assert root(T=3).dtype == np.float64
    assert np.ndim(root(T=3)) == 0


SOLVED = [
    ("softmax(z)[i]", ("z[j]",), ()),
    ("softmax(z)[j]", ("z[j]",), ()),
    ("p = softmax(z); -sum(y[k]*log(p[k]), k)", ("z[j]",), ("sum(y[k], k) == 1",)),
    ("h[i] = sum(W[i,k]*x[k], k) + b[i]; softmax(h)[i]", ("W[m,l]",), ()),
    ("sum(W[i,k]*x[k], k)", ("W[m,l]",), ()),
    ("sum(x[k]**2, k)*x[k]", ("x[k]",), ()),
    ("sum(x[k]**2, k)", ("x[i]", "x[j]"), ()),
    ("sum(x[k], k)", ("x[j]",), ()),
    ("3*T + 1", ("T",), ()),
    ("softmax(z/T)[i]", ("T",), ()),
]


@pytest.mark.parametrize(("text", "wrt", "assume"), SOLVED)
def test_products_are_the_derivative_contracted(
    text: str, wrt: tuple[str, ...], assume: tuple[str, ...]
) -> None:
    asked, result = solved(text, *wrt, assume=assume)
    point = point_of(asked, positive=True)
    inputs = inputs_at(asked, point)
    full = function(asked, result)(**inputs)
    whole = (*asked.axes, *asked.wrt_axes)
    np.testing.assert_allclose(full, worked_out(result, whole, asked, point), rtol=1e-12)
    moved = tuple(dict.fromkeys(i for v in asked.wrt for i in v.args[1:]))
    chance = np.random.default_rng(5)
    names = {letter: chr(97 + k) for k, letter in enumerate(dict.fromkeys((*whole, *moved)))}
    for kind, own, given, kept in (
        ("vjp", "g", asked.axes, moved),
        ("jvp", "v", moved, asked.axes),
    ):
        vector = chance.standard_normal(
            [int(asked.extents[i].xreplace(point.sizes)) for i in given]
        )
        texts = ["".join(names[letter] for letter in axes) for axes in (given, whole, kept)]
        wanted = np.einsum(f"{texts[0]},{texts[1]}->{texts[2]}", vector, full)
        found = function(asked, result, kind)(**inputs, **{own: vector})
        assert np.shape(found) == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


def test_softmax_figures() -> None:
    """To eight places; the figures were worked out by mpmath's own numerical derivative."""
    asked, result = solved("softmax(z)[i]", "z[j]")
    wanted = [
        [0.08192507, -0.02203304, -0.05989202],
        [-0.02203304, 0.18483645, -0.16280340],
        [-0.05989202, -0.16280340, 0.22269543],
    ]
    found = function(asked, result)(z=[1, 2, 3])
    assert np.array_equal(np.round(found, 8), wanted)
    value = function(asked, result, "value")(z=[1, 2, 3])
    assert np.array_equal(np.round(value, 8), [0.09003057, 0.24472847, 0.66524096])


def test_cross_entropy_figures() -> None:
    text = "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)"
    asked, result = solved(text, "z[j]", assume=("sum(y[k], k) == 1",))
    found = function(asked, result)(z=[2, 3, 4], y=[0, 1, 0])
    assert np.array_equal(np.round(found, 4), [0.0900, -0.7553, 0.6652])


def test_softmax_reads_like_a_careful_person_writes() -> None:
    text = source(*solved("s = softmax(z); s[i]", "z[j]"))
    lines = [line.strip() for line in text.splitlines()]
    assert "e = _exp_difference(z, _shift(z.max(axis=-1, keepdims=True)))" in lines
    assert 's = np.divide(e, np.einsum("...i->...", e)[..., None], out=e)' in lines
    assert "s = np.divide(e, total, out=e)" in lines
    assert "t = -s[..., None] * s[..., None, :]" in lines
    assert 'np.einsum("...ii->...i", t)[...] = s * _others(e, np.add) / total' in lines
    assert "most = _exp_difference(largest, shift) / total" in lines
    assert "t = _deviation(g, s, most, out=out)" in lines
    assert "t = _deviation(v, s, most, out=out)" in lines
    assert lines.count("t *= s") == 2
    assert "# s[i]*(delta(i, j) - s[j])" in lines
    assert "softmax(z)" in ast.get_docstring(ast.parse(text))
    assert "_sigmoid" not in text
    assert "_erf" not in text


def test_a_shared_part_is_computed_once() -> None:
    asked = problem("y[i]*exp(z[i]) + sum(exp(z[l])**2, l)")
    text = source(asked, asked.target)
    assert text.count("np.exp(") == 1


def test_source_is_a_module_of_short_lines() -> None:
    text = source(*solved("h[i] = sum(W[i,k]*x[k], k) + b[i]; softmax(h)[i]", "W[m,l]"))
    defined = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    assert defined == {
        "value",
        "derivative",
        "vjp",
        "jvp",
        "_deviation",
        "_exp_difference",
        "_inputs",
        "_matvec",
        "_others",
        "_pieces",
        "_shift",
        "_differences",
        "_self_test",
    }
    assert max(map(len, text.splitlines())) <= 100


def test_variables_that_are_not_needed_may_be_given_or_left_out() -> None:
    asked, result = solved("sum(W[i,k]*x[k], k) + b[i]", "x[j]")
    slope = function(asked, result)
    weights = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(slope(W=weights), weights)
    assert np.array_equal(slope(W=weights, x=np.ones(3), b=np.ones(2)), weights)
    with pytest.raises(TypeError, match="W"):
        slope(x=np.ones(3))
    with pytest.raises(TypeError, match="unexpected"):
        slope(W=weights, q=1)


def test_wrong_shapes_are_refused() -> None:
    value = function(problem("sum(W[i,k]*x[k], k)"), Integer(0), "value")
    with pytest.raises(ValueError, match=r"x has shape \(2,\); expected m = 3"):
        value(W=np.ones((2, 3)), x=np.ones(2))
    with pytest.raises(ValueError, match="W has shape"):
        value(W=np.ones(3), x=np.ones(3))
    assert value(W=np.ones((2, 3)), x=np.ones(3)).shape == (2,)


CONSTANTS = [
    ("max(2, 3)*x[i]", "x[j]", lambda x: 3 * x),
    ("max(size(k), 2)*x[k]", "x[j]", lambda x: 3 * x),
    ("exp(x[i])*sigmoid(1)", "x[j]", lambda x: np.exp(x) / (1 + np.exp(-1))),
    ("erf(1)*softplus(2)*abs(-3)*sign(2)*x[i]", "x[j]", lambda x: 5.377091764358619 * x),
    ("mean(x[j]*size(j), j) + x[i]", "x[l]", lambda x: x.sum() + x),
    ("relu(x[i]/(2 + x[i]**2))", "x[j]", lambda x: x / (2 + x**2)),
    ("log(sum(exp(log(sum(exp(x[j]), j))*x[l]), l))*x[i]", "x[p]", lambda x: _nested(x) * x),
]


def _nested(x: NDArray[Any]) -> Any:
    return np.log(np.exp(np.log(np.exp(x).sum()) * x).sum())


@pytest.mark.parametrize(("text", "wrt", "wanted"), CONSTANTS)
def test_functions_and_choices_of_constants(text: str, wrt: str, wanted: Any) -> None:
    chain = derive(problem(text, wrt))
    asked, result = chain.problem, chain.result
    x = np.array([0.25, 0.5, 1.0])
    np.testing.assert_allclose(function(asked, result, "value")(x=x), wanted(x), rtol=1e-14)
    for kind, own in (("value", {}), ("derivative", {}), ("vjp", {"g": x}), ("jvp", {"v": x})):
        single = {name: a.astype(np.float32) for name, a in ({"x": x} | own).items()}
        assert function(asked, result, kind)(**single).dtype == np.float32


def test_nothing_to_compute_from() -> None:
    with pytest.raises(UnsupportedError, match="there is no variable"):
        function(problem("max(pi, 3)"), Integer(0), "value")


def test_all_others_at_once() -> None:
    """sum and prod without one term or factor: no array of every pair is made."""
    for text in ("sum(where(k != i, x[k], 0), k)", "prod(where(i != k, x[k], 1), k)"):
        asked = problem(text)
        assert "_others(x, np." in source(asked, asked.target)
        found = function(asked, asked.target, "value")(x=np.array([0.0, 2.0, 3.0]))
        assert np.array_equal(found, [5, 3, 2] if "sum" in text else [6, 0, 0])
    apart = problem("sum(where(k != i, x[k] - x[i], 0), k)")
    found = function(apart, apart.target, "value")(x=np.array([0.0, 2.0, 3.0]))
    assert np.array_equal(found, [5, -1, -4])


def test_arguments_are_left_as_they_were() -> None:
    given = np.array([1.0, 2.0])
    same = function(problem("z[i]"), Integer(0), "value")(z=given)
    same[0] = 7
    assert given[0] == 1


@pytest.mark.parametrize("name", ["g", "v", "e", "np", "value", "float", "len", "t", "shift"])
def test_awkward_names(name: str) -> None:
    asked, result = solved(f"softmax({name})[i]*T", f"{name}[j]")
    at, weight = np.array([1.0, 2.0, 4.0]), np.array([1.0, -1.0, 2.0])
    spelled = f"{name}_" if name in ("np", "float", "len") else name
    full = function(asked, result)(**{spelled: at, "T": 2})
    s = np.exp(at) / np.exp(at).sum()
    np.testing.assert_allclose(full, 2 * (np.diag(s) - np.outer(s, s)))
    for kind, own, wanted in (("vjp", "g", weight @ full), ("jvp", "v", full @ weight)):
        argument = spelled + "_" if name == own else spelled
        found = function(asked, result, kind)(**{argument: at, "T": 2, own: weight})
        np.testing.assert_allclose(found, wanted)


@pytest.mark.parametrize("name", ["block", "arrays", "found", "part"])
def test_awkward_names_in_functions_that_work_in_pieces(name: str) -> None:
    asked, result = solved(f"tanh({name})*exp({name})", name)
    spelled = f"{name}_" if name == "block" else name
    assert "_in_blocks" in source(asked, result)
    found = function(asked, result)(**{spelled: np.array([0.5, 1.0])})
    at = np.array([0.5, 1.0])
    np.testing.assert_allclose(found, np.exp(at) * (np.tanh(at) + 1 / np.cosh(at) ** 2))


def test_results_do_not_share_memory_with_arguments() -> None:
    """Results are worked out in the memory of what came before, never in that of an argument."""
    texts = [*TEXTS, "x[k+1] - x[k]", "exp(z[i] - T)/y[i]", "h[i] = z[i] - T; h[i]/y[i]"]
    for text in texts:
        asked = problem(text)
        inputs = inputs_at(asked, point_of(asked, positive=True))
        before = {name: array.copy() for name, array in inputs.items()}
        found = function(asked, asked.target, "value")(**inputs)
        for name, array in inputs.items():
            assert np.array_equal(array, before[name]), text
            assert not np.shares_memory(array, found), text


def test_memory_is_only_used_again_where_the_samples_fit() -> None:
    asked, slope = solved("p = softmax(z); -sum(y[k]*log(p[k]), k)", "z[j]")
    z, y = np.arange(3.0), np.random.default_rng(0).uniform(size=(4, 3))
    found = function(asked, slope)(z=z, y=y)
    assert found.shape == (4, 3)
    np.testing.assert_allclose(found, [function(asked, slope)(z=z, y=row) for row in y])


def test_a_product_with_a_hessian() -> None:
    asked, result = solved("logsumexp(z)", "z[j]", "z[l]")
    z, v = np.array([1.0, 2.0, 4.0]), np.array([1.0, -1.0, 2.0])
    full = function(asked, result)(z=z)
    np.testing.assert_allclose(function(asked, result, "hvp")(z=z, v=v), full @ v)
    text = source(asked, result)
    assert 'np.einsum("...ii' not in text[text.index("def hvp") :]
    with pytest.raises(ValueError, match="kind is one of value, derivative, vjp, jvp, not"):
        function(*solved("logsumexp(z)", "z[j]"), "hvp")


def test_an_axis_that_no_argument_has() -> None:
    asked = problem("h[i,j] = y[j]; sum(h[k,b], k)")
    with pytest.raises(UnsupportedError, match="cannot be read from the shape"):
        function(asked, asked.target, "value")


def test_cases() -> None:
    i, j, n = index("i"), index("j"), size("n")
    asked = parse("softmax(z)[i]", wrt=["z[j]"])
    cases = Piecewise((entry("z", i), Eq(i, j)), (-entry("z", j), Ne(i, j)), evaluate=False)
    assert asked.extents == {i: n, j: n}
    found = function(asked, cases)(z=np.array([1.0, 2.0]))
    assert np.array_equal(found, [[1, -2], [-1, 2]])
    flags = Piecewise((Integer(1), Eq(i, j)), (Integer(0), True), evaluate=False)
    found = function(asked, flags)(z=np.array([1.0, 2.0], np.float32))
    assert np.array_equal(found, np.eye(2))
    assert found.dtype == np.float32


@pytest.mark.parametrize(("text", "wrt", "result"), KINKS)
def test_kinks(text: str, wrt: str, result: str) -> None:
    asked, slope = kinked(text, wrt, result)
    whole = (*asked.axes, *asked.wrt_axes)
    for kind, expr, axes in (("value", asked.target, asked.axes), ("derivative", slope, whole)):
        for seed in "01":
            point = point_of(asked, seed)
            inputs = inputs_at(asked, point)
            compute = function(asked, slope, kind)
            wanted = worked_out(expr, axes, asked, point)
            assert np.shape(compute(**inputs)) == wanted.shape
            np.testing.assert_allclose(compute(**inputs), wanted, rtol=1e-13, atol=1e-14)
            single = compute(**{name: a.astype(np.float32) for name, a in inputs.items()})
            assert single.dtype == np.float32
            np.testing.assert_allclose(single, wanted, rtol=2e-5, atol=2e-5)
            twice = compute(**{name: a.astype(np.complex128) for name, a in inputs.items()})
            assert twice.dtype == np.complex128


AT_KINKS = [
    ("relu(x)", "where(x > 0, 1, 0)", 0, 0),
    ("abs(x)", "sign(x)", 0, 0),
    ("max(x, 3*x)", "where(x >= 3*x, 1, 3)", 0, 1),
    ("max(0, x)", "where(0 >= x, 0, 1)", 0, 0),
    ("where(x > 1, x**2, 2*x)", "where(x > 1, 2*x, 2)", 1, 2),
]


@pytest.mark.parametrize(("text", "result", "x", "wanted"), AT_KINKS)
def test_what_is_taken_at_a_kink(text: str, result: str, x: float, wanted: float) -> None:
    assert function(*kinked(text, "x", result))(x=x) == wanted


def test_every_place_of_a_maximum_counts() -> None:
    """The entry and the maximum are one array, so rounding cannot set them apart."""
    text = "h[i,k] = sum(W[k,l]*X[i,l], l) + sum(X[i,l]**2, l)/3 + b[k]\nmax(h[i,k], k)"
    asked, slope = kinked(text, "b[j]", "where(h[i,j] == max(h[i,k], k), 1, 0)")
    chance = np.random.default_rng(3)
    weights = np.repeat(chance.standard_normal((2, 5)), 2, axis=0)
    inputs = {"W": weights, "X": chance.standard_normal((7, 5)), "b": np.zeros(4)}
    found = function(asked, slope)(**inputs)
    assert np.array_equal(found.sum(axis=1), np.full(7, 2))
    unnamed = "max(a[k]*b[k]*c[k] + b[k]/3, k)"
    own = "where(a[j]*b[j]*c[j] + b[j]/3 == max(a[k]*b[k]*c[k] + b[k]/3, k), 1, 0)"
    inputs = {name: chance.standard_normal(9) for name in "abc"}
    assert function(*kinked(unnamed, "b[j]", own))(**inputs).sum() == 1


def test_the_docstring_says_what_is_taken_at_a_kink() -> None:
    text = ast.get_docstring(ast.parse(source(*kinked("relu(x)*abs(T)", "x", "abs(T)"))))
    assert text is not None
    assert "The slope of relu at 0 is 0." in text
    assert "The slope of abs at 0 is 0." in text
    masked = source(*kinked("sum(where(k <= i, z[k], 0), k)", "z[j]", "where(j <= i, 1, 0)"))
    assert "kinks" not in masked
    assert "kinks" not in source(problem("relu(x)"), problem("relu(x)").target)


def test_a_masked_softmax_reads_like_a_careful_person_writes() -> None:
    text = "A[i,k] = where(k <= i, exp(S[i,k]), 0)\nP[i,k] = A[i,k]/sum(A[i,l], l)\nP[i,k]"
    asked = problem(text)
    lines = [line.strip() for line in source(asked, asked.target).splitlines()]
    assert "t = np.where(np.arange(m) <= np.arange(n)[:, None], S, -np.inf)" in lines
    assert 'P = np.divide(e, np.einsum("...i->...", e)[..., None], out=e)' in lines


ELEMENTWISE = [
    ("sigmoid(x)", "x", "sigmoid(x)*(1 - sigmoid(x))"),
    ("x**2*T + 3", "x", "2*x*T"),
    ("3*x", "x", "3 + 0*x"),
    ("T*x", "x", "T"),
    ("s = exp(x)*T; s/(1 + s)", "x", "s/(1 + s)**2"),
    ("where(x > T, x, 0)", "x", "where(x > T, 1, 0)"),
]


@pytest.mark.parametrize(("text", "wrt", "result"), ELEMENTWISE)
def test_numbers_may_be_arrays(text: str, wrt: str, result: str) -> None:
    asked, slope = kinked(text, wrt, result)
    inputs = {"x": np.linspace(-2, 2, 5), "T": np.array([[0.5], [1.5], [3.0]])}
    inputs = {name: inputs[name] for name in asked.variables}
    shape = np.broadcast_shapes(*(a.shape for a in inputs.values()))
    full = {name: np.broadcast_to(a, shape) for name, a in inputs.items()}
    for kind, own in (("value", ""), ("derivative", ""), ("vjp", "g"), ("jvp", "v")):
        compute = function(asked, slope, kind)
        extra = {own: np.array(0.7)} if own else {}
        found = compute(**inputs, **extra)
        assert found.shape == shape
        one_by_one = [
            compute(**{name: a[place] for name, a in full.items()}, **extra)
            for place in np.ndindex(shape)
        ]
        assert np.shape(one_by_one[0]) == ()
        np.testing.assert_allclose(found.ravel(), one_by_one, rtol=1e-15)
        single = {name: a.astype(np.float32) for name, a in {**inputs, **extra}.items()}
        assert compute(**single).dtype == np.float32


def test_leading_axes_have_to_broadcast() -> None:
    with pytest.raises(ValueError, match=r"leading axes do not broadcast: x \(3,\), T \(2,\)"):
        function(*kinked("x*T", "x", "T"), "value")(x=np.ones(3), T=np.ones(2))


def test_text_in_the_input_is_not_executed() -> None:
    asked = parse('softmax(z)[i]  # """ + boom', wrt=["z[j]"], title='""" \\ \n import boom')
    text = source(asked, derive(asked).result)
    body = ast.parse(text).body
    assert [type(node) for node in body][:3] == [ast.Expr, ast.Import, ast.FunctionDef]
    assert not any(isinstance(n, ast.Name) and n.id == "boom" for n in ast.walk(ast.parse(text)))


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_a_missing_library_gives_one_line(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, backend, None)
    text = compile(source(*solved("sum(A[i,k]*x[k], k)", "x[j]"), backend), "<module>", "exec")
    for name, error in (("emitted", ImportError), ("__main__", SystemExit)):
        with pytest.raises(error, match=f"pip install {backend}"):
            exec(text, {"__name__": name})


def test_a_length_that_only_itself_would_tell() -> None:
    asked, result = solved("sum(x[t]*x[t + k], t)", "x[s]")
    with pytest.raises(UnsupportedError, match="how far k runs cannot be read"):
        function(asked, result)


def test_a_root_of_a_square() -> None:
    asked, result = solved("d[v] = sum(A[v,u], u); A[v,u]/sqrt(d[v]*d[u])", "A[a,b]")
    A = np.array([[0.5, 1, 2], [1.5, 3, 1], [2, 0.25, 1]])
    found = function(asked, result)(A=A)
    wanted = slopes(lambda at: at["A"] / np.sqrt(np.outer(*[at["A"].sum(1)] * 2)), {"A": A}, ["A"])
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-10)


def test_a_condition_keeps_what_is_infinite_out() -> None:
    asked, result = solved("sum(where(i != j, 1/(x[i] - x[j])**2, 0), i, j)", "x[k]")
    x = np.array([0.3, 1.1, -0.7])
    apart = x[:, None] - x + np.diag(np.full(3, np.inf))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = function(asked, result)(x=x)
    np.testing.assert_allclose(found, -4 * (1 / apart**3).sum(axis=1), rtol=1e-13)


def test_wrong_arguments() -> None:
    asked, result = solved("softmax(z)[i]", "z[j]")
    with pytest.raises(ValueError, match="backend is one of"):
        source(asked, result, "fortran")
    with pytest.raises(ValueError, match="kind is one of"):
        function(asked, result, "hessian")
    with pytest.raises(ValueError, match="kind is one of value"):
        function(problem("z[i]"), Integer(0), "derivative")


def test_the_template_is_found() -> None:
    assert (folder() / "module.py.j2").is_file()
