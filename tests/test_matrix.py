"""Matrix forms: the text that is expected, and NumPy agrees with the index form."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from sympy import Add, And, Eq, Expr, Ge, Gt, Indexed, Integer, Le, Mul, Pow, Symbol, sympify
from sympy.logic.boolalg import Boolean

from derive.functions import Maximum, Minimum, abs, relu, sign
from derive.matrix import DENOMINATOR, NUMERATOR, matrix_form
from derive.nodes import (
    Largest,
    Product,
    Where,
    delta,
    entry,
    index,
    scalar,
    size,
    total,
)
from derive.parse import parse, parse_expression
from derive.problem import Problem
from derive.worked import worked

LAYER = "o[m] = sum(W[m,l]*x[l], l) + b[m]\np = softmax(o)\nL = -sum(y[k]*log(p[k]), k)"

# problem, wrt, result, matrix form
CASES = [
    ("s = softmax(z)\ns[i]", ["z[j]"], "s[i]*(delta(i,j) - s[j])", "diag(s) - s*s.T"),
    ("s = softmax(z)\ns[i]", ["z[i]"], "s[i]*(1 - s[i])", "s .* (1 - s)"),
    ("s = softmax(z)\nlog(s[i])", ["z[j]"], "delta(i,j) - s[j]", "I - 1*s.T"),
    (
        "s = softmax(z/T)\ns[i]",
        ["z[j]"],
        "s[i]*(delta(i,j) - s[j])/T",
        "1/T*(diag(s) - s*s.T)",
    ),
    ("p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)", ["z[j]"], "p[j] - y[j]", "p - y"),
    ("p = softmax(z)\nL[c] = -log(p[c])\nL[c]", ["z[j]"], "p[j] - delta(c,j)", "1*p.T - I"),
    (LAYER, ["b[m]"], "p[m] - y[m]", "p - y"),
    (LAYER, ["W[m,l]"], "(p[m] - y[m])*x[l]", "(p - y)*x.T"),
    (LAYER, ["x[l]"], "sum((p[m] - y[m])*W[m,l], m)", "W.T*(p - y)"),
    (LAYER, ["x[l]"], "sum(p[m]*W[m,l], m) - sum(y[m]*W[m,l], m)", "W.T*p - W.T*y"),
    ("mean((a[i] - t[i])**2, i)", ["a[j]"], "2/size(j)*(a[j] - t[j])", "2/n*(a - t)"),
    ("sigmoid(x)", ["x"], "sigmoid(x)*(1 - sigmoid(x))", "sigmoid(x)*(1 - sigmoid(x))"),
    ("tanh(x)", ["x"], "1 - tanh(x)**2", "1 - tanh(x)**2"),
    ("tanh(x[i])", ["x[j]"], "(1 - tanh(x[i])**2)*delta(i,j)", "diag(1 - tanh(x).^2)"),
    ("sum(y[i]*log(x[i]), i)", ["x[j]"], "y[j]/x[j]", "y ./ x"),
    ("norm(x)", ["x[j]"], "x[j]/norm(x)", "x/sqrt(x.T*x)"),
    (
        "sum(x[i]*A[i,j]*x[j], i, j)",
        ["x[k]"],
        "sum(A[k,j]*x[j], j) + sum(A[i,k]*x[i], i)",
        "A.T*x + A*x",
    ),
    (
        "sum(x[i]*A[i,j]*x[j], i, j)",
        [],
        "sum(x[i]*A[i,j]*x[j], i, j)",
        "x.T*A*x",
    ),
    (
        "x[i]*sum(x[k]**2, k)",
        ["x[j]"],
        "delta(i,j)*sum(x[k]**2, k) + 2*x[i]*x[j]",
        "(x.T*x)*I + 2*x*x.T",
    ),
    ("sum(A[i,k]*B[k,l]*x[l], k, l)", ["A[i,j]"], "sum(B[j,l]*x[l], l)", "1*(B*x).T"),
    ("sum(A[i,k]*B[k,l]*x[l], k, l)", ["x[j]"], "sum(A[i,k]*B[k,j], k)", "A*B"),
    ("sum(A[i,k]*c[k]*x[k], k)", ["x[j]"], "A[i,j]*c[j]", "A*diag(c)"),
    ("sum(A[i,k]*c[i]*x[k], k)", ["x[j]"], "A[i,j]*c[i]", "diag(c)*A"),
    ("sum(A[i,k]*c[k]*B[k,l]*x[l], k, l)", ["x[j]"], "sum(A[i,k]*c[k]*B[k,j], k)", "A*diag(c)*B"),
    ("sum(x[k], k)*y[i]", ["y[j]"], "delta(i,j)*sum(x[k], k)", "sum(x)*I"),
    ("logsumexp(z)", ["z[j]"], "exp(z[j])/sum(exp(z[k]), k)", "exp(z)/sum(exp(z))"),
    ("-x[i]*y[j]", [], "-x[i]*y[j]", "-x*y.T"),
]


COMPARED = {ast.Gt: np.greater, ast.LtE: np.less_equal, ast.Eq: np.equal}


def values(problem: Problem) -> dict[str, Any]:
    """Positive random arrays with a different length for every size."""
    print("seed 7")
    chance = np.random.default_rng(7)
    sizes = sorted({s for shape in problem.shapes.values() for s in shape}, key=str)
    lengths = {symbol: 2 + place for place, symbol in enumerate(sizes)}
    return {
        name: chance.uniform(0.2, 1.5, [lengths[s] for s in problem.shapes[name]])
        for name in problem.variables
    }


def evaluate(text: str, arrays: Mapping[str, Any]) -> Any:
    """The value of a matrix text: vectors are columns, and a 1 stretches as ones do."""
    columns = {n: a[:, None] if np.ndim(a) == 1 else np.asarray(a) for n, a in arrays.items()}
    python = re.sub(r"\b1\.T", "1", text).replace(".*", "%").replace("./", "//").replace(".^", "**")
    return value(ast.parse(python, mode="eval").body, columns)


def value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=number):
            return np.float64(number)
        case ast.Name(id=name):
            return names[name]
        case ast.Attribute(value=inner, attr="T"):
            return np.transpose(value(inner, names))
        case ast.UnaryOp(operand=inner):
            return -value(inner, names)
        case ast.Call(func=ast.Name(id="diag"), args=[inner]):
            return np.diag(value(inner, names)[:, 0])
        case ast.Call(func=ast.Name(id="sum"), args=[inner]):
            return value(inner, names).sum()
        case ast.Call(func=ast.Name(id="sigmoid"), args=[inner]):
            return 1 / (1 + np.exp(-value(inner, names)))
        case ast.Call(func=ast.Name(id="where"), args=arguments):
            return np.where(*np.broadcast_arrays(*(value(part, names) for part in arguments)))
        case ast.Call(func=ast.Name(id="max" | "min" as name), args=[first, second]):
            choose = np.maximum if name == "max" else np.minimum
            return choose(value(first, names), value(second, names))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return COMPARED[type(op)](value(left, names), value(right, names))
        case ast.Call(func=ast.Name(id="relu"), args=[inner]):
            return np.maximum(0, value(inner, names))
        case ast.Call(func=ast.Name(id=name), args=[inner]):
            return getattr(np, name)(value(inner, names))
        case ast.BinOp(left=left, op=op, right=right):
            return combined(left, op, right, names)
    raise AssertionError(ast.dump(node))


def combined(left: ast.expr, op: ast.operator, right: ast.expr, names: Mapping[str, Any]) -> Any:
    a, b = value(left, names), value(right, names)
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Pow():
            return a**b
        case ast.Div() | ast.FloorDiv():
            return a / b
        case ast.Mod():
            assert np.ndim(a) == np.ndim(b) == 2
            assert np.shape(a) == np.shape(b)
            return a * b
        case ast.Mult() if np.ndim(a) == 0 or np.ndim(b) == 0:
            return a * b
        case ast.Mult():
            found = a @ b
            return found[0, 0] if found.shape == (1, 1) else found
    raise AssertionError(ast.dump(op))


@pytest.mark.parametrize(("text", "wrt", "result", "expected"), CASES)
def test_form(text: str, wrt: list[str], result: str, expected: str) -> None:
    problem = parse(text, wrt)
    found = matrix_form(parse_expression(result, problem), problem)
    assert found is not None
    assert found.text == expected
    assert len(found.shape) == len(problem.axes) + len(problem.wrt_axes)


@pytest.mark.parametrize(("text", "wrt", "result", "expected"), CASES)
def test_form_in_numbers(text: str, wrt: list[str], result: str, expected: str) -> None:
    problem = parse(text, wrt)
    expr = parse_expression(result, problem)
    by_index = worked(problem, expr, values(problem))
    found = matrix_form(expr, problem)
    assert found is not None
    lengths = {
        str(size): length
        for name, array in by_index.inputs.items()
        for size, length in zip(problem.shapes[name], array.shape, strict=True)
    }
    shape = by_index.result.shape
    constants = {"I": np.eye(shape[0] if shape else 1), **lengths}
    names = {**constants, **by_index.inputs, **by_index.definitions}
    column = (*shape, 1) if len(shape) == 1 else shape
    one = np.broadcast_to(evaluate(found.text, names), column)
    np.testing.assert_allclose(one.reshape(shape), by_index.result, rtol=1e-12)
    if found.transposed:
        other = np.broadcast_to(evaluate(found.transposed, names), column[::-1])
        np.testing.assert_allclose(other.T, one, rtol=1e-12)


def test_the_evaluator_tells_a_transpose() -> None:
    arrays = {"A": np.array([[1.0, 2.0], [3.0, 4.0]]), "x": np.array([1.0, 10.0])}
    assert evaluate("A*x", arrays).tolist() == [[21], [43]]
    assert evaluate("A.T*x", arrays).tolist() == [[31], [42]]


def test_shape_layout_and_legend() -> None:
    problem = parse(LAYER, ["W[m,l]"])
    found = matrix_form(parse_expression("(p[m] - y[m])*x[l]", problem), problem)
    assert found is not None
    shapes = problem.shapes
    assert found.shape == shapes["W"]
    assert found.layout == "rows: m of W, columns: l of W"
    assert found.legend == (("p", shapes["p"]), ("y", shapes["y"]), ("x", shapes["x"]))
    assert found.latex == r"\left(p - y\right) x^\top"


def test_layout_of_a_jacobian() -> None:
    problem = parse("s = softmax(z)\ns[i]", ["z[j]"])
    found = matrix_form(parse_expression("s[i]*(delta(i,j) - s[j])", problem), problem)
    assert found is not None
    assert found.layout == "rows: i of s, columns: j of z"
    assert found.latex == r"\operatorname{diag}(s) - s s^\top"


def test_layout_of_a_gradient_and_of_a_number() -> None:
    problem = parse("p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)", ["z[j]"])
    found = matrix_form(parse_expression("p[j] - y[j]", problem), problem)
    assert found is not None
    assert found.layout == "entries: j of z"
    problem = parse("sigmoid(x)", ["x"])
    found = matrix_form(parse_expression("sigmoid(x)", problem), problem)
    assert found is not None
    assert (found.layout, found.shape) == ("", ())


def test_greek_and_hats_in_latex() -> None:
    problem = parse("(y_hat[i] - mu)**2", [])
    found = matrix_form(parse_expression("y_hat[i] - mu", problem), problem)
    assert found is not None
    assert found.latex == r"\hat{y} - \mu \mathbf{1}"


i, j, k, n = index("i"), index("j"), index("k"), size("n")
SQUARE = Problem(
    target=entry("x", i),
    wrt=(entry("x", j),),
    axes=(i,),
    shapes={"A": (n, n), "B": (n, n), "x": (n,)},
    extents={i: n, j: n},
)


@pytest.mark.parametrize(
    "formless",
    [
        entry("A", i, i) * entry("x", j),
        entry("A", i, k) * entry("x", j),
        total(entry("A", i, k) * entry("B", k, j) * delta(i, j) * entry("A", i, j), k, n)
        * entry("A", k, k),
        total(entry("A", k, k), k, n) * delta(i, j),
        i * entry("x", j),
        2 ** entry("x", j),
    ],
)
def test_no_form_is_made_up(formless: Any) -> None:
    assert matrix_form(formless, SQUARE) is None


def vector(name: str, letter: Symbol = j) -> Indexed:
    return entry(name, letter)


def where(condition: Boolean, yes: Any, no: Any) -> Expr:
    return Where(sympify(yes), sympify(no), condition)


GRADIENT = Problem(
    target=scalar("L"),
    wrt=(entry("x", j),),
    shapes={"x": (n,), "y": (n,), "c": (), "L": ()},
    extents={j: n},
)
ROOF = Largest(vector("y", k), (k, Integer(1), n))
ELEMENTWISE = [
    (where(vector("x") > 0, 1, 0) * vector("y"), "y .* where(x > 0, 1, 0)"),
    (where(vector("x") <= scalar("c"), vector("y"), -1), "where(x <= c, y, -1)"),
    (where(Ge(0, 1 - vector("x")), 0, 1) * vector("y"), "y .* where(1 - x > 0, 1, 0)"),
    (where(Eq(vector("y"), ROOF), 1, 0), "where(y == max(y), 1, 0)"),
    (sign(vector("x")) * relu(vector("y")), "relu(y) .* sign(x)"),
    (abs(vector("x")) - ROOF, "abs(x) - max(y)*1"),
    (Maximum(Integer(0), 1 - vector("x")), "max(0, 1 - x)"),
    (Minimum(vector("x"), scalar("c")), "min(x, c)"),
    (Product(vector("y", k), (k, Integer(1), n)) / vector("x"), "prod(y)*(1 ./ x)"),
]


@pytest.mark.parametrize(("expr", "expected"), ELEMENTWISE, ids=[t for _, t in ELEMENTWISE])
def test_what_works_entry_by_entry(expr: Expr, expected: str) -> None:
    found = matrix_form(expr, GRADIENT)
    assert found is not None
    assert found.text == expected
    chance = np.random.default_rng(5)
    arrays = {"x": chance.normal(size=4), "y": chance.normal(size=4), "c": 0.3}
    by_hand = [number(expr, arrays, at) for at in range(4)]
    by_matrix = np.broadcast_to(evaluate(found.text, arrays), (4, 1))
    np.testing.assert_allclose(by_matrix[:, 0], by_hand, rtol=1e-12)


def number(expr: Expr, arrays: Mapping[str, Any], at: int) -> float:
    """An expression of GRADIENT at one j, worked out node by node."""
    y = arrays["y"]
    match expr:
        case Indexed():
            return float(arrays[expr.base.label.name][at])
        case Symbol():
            return float(arrays[expr.name])
        case Where():
            left, right = (number(side, arrays, at) for side in expr.condition.args)
            holds = {Gt: left > right, Ge: left >= right, Le: left <= right, Eq: left == right}
            return number(expr.yes if holds[type(expr.condition)] else expr.no, arrays, at)
        case Largest():
            return float(max(y))
        case Product():
            return float(np.prod(y))
    parts = [number(part, arrays, at) for part in expr.args]
    return {
        Add: lambda: sum(parts),
        Mul: lambda: float(np.prod(parts)),
        Pow: lambda: parts[0] ** parts[1],
        Maximum: lambda: max(parts),
        Minimum: lambda: min(parts),
        abs: lambda: float(np.abs(parts[0])),
        sign: lambda: float(np.sign(parts[0])),
        relu: lambda: max(parts[0], 0.0),
    }.get(expr.func, lambda: float(expr))()


@pytest.mark.parametrize(
    "expr",
    [
        where(And(vector("x") > 0, vector("y") > 0), 1, 0),
        where(j > 2, vector("x"), 0),
        Largest(vector("x", k) * vector("y"), (k, Integer(1), n)),
    ],
)
def test_a_distinction_that_is_not_simple_has_no_form(expr: Expr) -> None:
    assert matrix_form(expr, GRADIENT) is None


@pytest.mark.parametrize(
    ("text", "wrt", "result", "convention", "other"),
    [
        ("s = softmax(z)\ns[i]", "z[j]", "s[i]*(delta(i,j) - s[j])", NUMERATOR, "diag(s) - s*s.T"),
        ("sum(A[i,k]*c[k]*x[k], k)", "x[j]", "A[i,j]*c[j]", NUMERATOR, "diag(c)*A.T"),
        ("A[i,k]*T", "T", "A[i,k]", NUMERATOR, "A.T"),
        (LAYER, "W[m,l]", "(p[m] - y[m])*x[l]", DENOMINATOR, "x*(p - y).T"),
        (LAYER, "b[m]", "p[m] - y[m]", DENOMINATOR, "(p - y).T"),
        ("s = softmax(z)\ns[i]", "z[i]", "s[i]*(1 - s[i])", "", ""),
        ("sum(A[i,k]*x[k], k)", "A[i,j]", "x[j]", "", ""),
        ("x**2", "x", "2*x", "", ""),
    ],
)
def test_both_layouts(text: str, wrt: str, result: str, convention: str, other: str) -> None:
    problem = parse(text, [wrt])
    found = matrix_form(parse_expression(result, problem), problem)
    assert found is not None
    assert (found.convention, found.transposed) == (convention, other)
    assert {found.convention, found.other} == ({NUMERATOR, DENOMINATOR} if other else {""})


def test_an_axis_along_which_nothing_changes_is_left_out_of_three() -> None:
    problem = parse("p = softmax(z)\nL[c] = -log(p[c])\nL[c]", ["z[i]", "z[j]"])
    found = matrix_form(parse_expression("p[i]*(delta(i,j) - p[j])", problem), problem)
    assert found is not None
    assert found.text == "diag(p) - p*p.T"
    assert found.layout == "rows: i of z, columns: j of z, the same for every c"


def test_three_free_indices_have_no_form() -> None:
    problem = parse("W[m,l]*x[l]", ["x[k]"])
    assert matrix_form(parse_expression("W[m,l]*delta(l,k)", problem), problem) is None


def test_a_variable_called_as_the_identity_is_not_confused_with_it() -> None:
    problem = parse("I[i]*x[i]", ["x[j]"])
    assert matrix_form(parse_expression("I[i]*delta(i,j)", problem), problem) is not None
    assert matrix_form(parse_expression("delta(i,j) + I[i]*x[j]", problem), problem) is None
