"""Functions that magnify the rounding of their argument, against 50 digits."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Integer

import derive
from derive.emit import function, lesson, source
from derive.emit.exactly import SLOPES
from derive.parse import parse

Array = NDArray[Any]
DTYPES: list[Any] = [np.float64, np.float32]
DIGITS = mpmath.mp.clone()
DIGITS.dps = 50


def sigmoid(x: Any) -> Any:
    return 1 / (1 + DIGITS.exp(-x))


# A formula of x, y and a, and the same at 50 digits.
CASES: list[tuple[str, Callable[[Any], Any]]] = [
    ("exp(x/a)", lambda p: DIGITS.exp(p.x / p.a)),
    ("exp(a*x)", lambda p: DIGITS.exp(p.a * p.x)),
    ("exp(x - y)", lambda p: DIGITS.exp(p.x - p.y)),
    ("exp(-(x - y)**2/(2*a**2))", lambda p: DIGITS.exp(-((p.x - p.y) ** 2) / (2 * p.a**2))),
    (
        "exp(-(x - 0.1234567891)**2)",
        lambda p: DIGITS.exp(-((p.x - DIGITS.mpf("0.1234567891")) ** 2)),
    ),
    ("exp(x + 1)", lambda p: DIGITS.exp(p.x + 1)),
    ("exp(1/(-x))", lambda p: DIGITS.exp(-1 / p.x)),
    ("exp(99/(a*x))", lambda p: DIGITS.exp(99 / (p.a * p.x))),
    ("exp(log(x**2)/a)", lambda p: (p.x**2) ** (1 / p.a)),
    ("exp(3 - x/a)", lambda p: DIGITS.exp(3 - p.x / p.a)),
    ("exp(2/a - x*y)", lambda p: DIGITS.exp(2 / p.a - p.x * p.y)),
    ("exp(where(x > 0, -x/a, x/a))", lambda p: DIGITS.exp(-abs(p.x) / p.a)),
    ("exp(a*x) - 1", lambda p: DIGITS.expm1(p.a * p.x)),
    ("exp(-x**3/9)", lambda p: DIGITS.exp(-(p.x**3) / 9)),
    ("sigmoid(a*(x - y))", lambda p: sigmoid(p.a * (p.x - p.y))),
    ("sigmoid(a*x)*(1 - sigmoid(a*x))", lambda p: sigmoid(p.a * p.x) * sigmoid(-p.a * p.x)),
    ("softplus(x/a)", lambda p: DIGITS.log1p(DIGITS.exp(p.x / p.a))),
    ("log(1 - exp(-y**2/a))", lambda p: DIGITS.log1p(-DIGITS.exp(-(p.y**2) / p.a))),
    ("sinh(a*x)", lambda p: DIGITS.sinh(p.a * p.x)),
    ("cosh(a*x)", lambda p: DIGITS.cosh(p.a * p.x)),
    ("x*(1 - sigmoid(a*x))", lambda p: p.x * sigmoid(-p.a * p.x)),
    ("x - x*sigmoid(a*x)", lambda p: p.x * sigmoid(-p.a * p.x)),
]


def drawn(dtype: Any, count: int = 400) -> dict[str, Array]:
    """Numbers at which the arguments reach as far as the exponential does."""
    chance, reach = np.random.default_rng(7), 30.0 if dtype is np.float64 else 8.0
    found = {name: reach * chance.standard_normal(count) for name in "xy"}
    return {k: v.astype(dtype) for k, v in (found | {"a": chance.uniform(0.3, 3, count)}).items()}


def units(found: Array, wanted: list[Any], dtype: Any) -> float:
    """The worst error in units in the last place, where the true value is a normal number."""
    limits, worst = np.finfo(dtype), 0.0
    for got, true in zip(found.ravel(), wanted, strict=True):
        if float(limits.tiny) <= abs(true) <= 0.9 * float(limits.max):
            error = abs(DIGITS.mpf(float(got)) - true)
            worst = max(worst, float(error / float(np.spacing(np.abs(dtype(float(true)))))))
    return worst


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("text", "true"), CASES)
def test_no_rounding_is_magnified(text: str, true: Callable[..., Any], dtype: Any) -> None:
    asked, numbers = parse(text), drawn(dtype)
    given = {name: numbers[name] for name in asked.variables}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with np.errstate(over="ignore", under="ignore"):
            found = function(asked, Integer(0), "value")(**given)
    assert found.dtype == dtype
    rows = zip(*([DIGITS.mpf(float(v)) for v in numbers[name]] for name in "xya"), strict=True)
    wanted = [true(SimpleNamespace(x=x, y=y, a=a)) for x, y, a in rows]
    assert units(found, wanted, dtype) <= 8


def test_the_plain_formulas_are_worse() -> None:
    """What the cases above would show of code that rounds the argument."""
    x, a = (drawn(np.float64)[name] for name in "xa")
    true = [
        DIGITS.exp(DIGITS.mpf(float(p)) / DIGITS.mpf(float(q))) for p, q in zip(x, a, strict=True)
    ]
    with np.errstate(over="ignore"):
        assert units(np.exp(x / a), true, np.float64) > 50


def test_every_function_is_tried() -> None:
    text = "".join(source(parse(case), Integer(0)) for case, _ in CASES)
    for name in SLOPES:
        called = f"np.{name}" if name in ("exp", "expm1", "sinh", "cosh") else f"_{name}"
        assert f"_exactly({called}, " in text.replace("_exactly(\n            ", "_exactly(")


@pytest.mark.parametrize("sign", [1, -1])
def test_softmax_is_exact_to_its_smallest_entry(sign: int) -> None:
    z = 40 * np.random.default_rng(3).standard_normal((20, 50))
    found = function(parse("softmax(z)[i]" if sign > 0 else "softmax(-z)[i]"), Integer(0), "value")
    for row, got in zip(z, found(z=z), strict=True):
        exact = [sign * DIGITS.mpf(float(v)) for v in row]
        e = [DIGITS.exp(v - max(exact)) for v in exact]
        assert units(got, [v / sum(e) for v in e], np.float64) <= 4


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("height", [-3e4, -300.0, -20.0, 0.0, 20.0, 200.0, 3e4])
def test_a_row_may_be_anywhere(height: float, dtype: Any) -> None:
    """Below and above what an exponential can hold, and between."""
    z = (height + np.array([[0.0, -1.0, 1.0], [-50.0, 0.25, -50.0]])).astype(dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = function(parse("softmax(z)[i]"), Integer(0), "value")(z=z)
    e = np.exp((z - z.max(axis=-1, keepdims=True)).astype(np.float64))
    np.testing.assert_allclose(found, e / e.sum(axis=-1, keepdims=True), rtol=2e-5)


@pytest.mark.parametrize(("dtype", "least"), [(np.float64, -700.0), (np.float32, -86.5)])
@pytest.mark.parametrize("height", [-0.4, -3.3, -25.3, -400.7])
def test_the_smallest_entries_of_a_negative_row_are_numbers(
    height: float, least: float, dtype: Any
) -> None:
    z = np.array([height, height + least], dtype)
    found = function(parse("softmax(z)[i]"), Integer(0), "value")(z=z)
    assert units(found[1:], [DIGITS.exp(DIGITS.mpf(float(z[1])) - float(z[0]))], dtype) <= 4


def test_a_long_row_of_half_precision() -> None:
    z = np.full(4096, 3, np.float16)
    found = function(parse("softmax(z)[i]"), Integer(0), "value")(z=z)
    assert np.array_equal(found, np.full(4096, 1 / 4096, np.float16))


# Exponents of whole rows, as functions of the numbers that are drawn, with their slope by z.
ROWS: list[tuple[str, Callable[..., Any], Callable[[Any], Any]]] = [
    ("softmax(z)[i]", lambda z, _, __: z, lambda _: 1),
    ("softmax(-z)[i]", lambda z, _, __: -z, lambda _: -1),
    ("softmax(z/a)[i]", lambda z, _, a: z / a, lambda a: 1 / a),
    ("softmax(-3*z/7)[i]", lambda z, _, __: -3 * z / 7, lambda _: DIGITS.mpf(-3) / 7),
    ("softmax(a*(z - y))[i]", lambda z, y, a: a * (z - y), lambda a: a),
    ("softmax((z - y)/a)[i]", lambda z, y, a: (z - y) / a, lambda a: 1 / a),
    ("softmax(1.2*z/0.7)[i]", lambda z, _, __: 12 * z / 7, lambda _: DIGITS.mpf(12) / 7),
    ("softmax((log(y) + z)/a)[i]", lambda z, y, a: (DIGITS.log(y) + z) / a, lambda a: 1 / a),
    ("exp(-z[i]/a)/sum(exp(-z[k]/a), k)", lambda z, _, a: -z / a, lambda a: -1 / a),
]


def rows(dtype: Any) -> dict[str, Array]:
    """Rows near 0, far apart, far below and far above it; `a` is one number for each of them."""
    chance = np.random.default_rng(11)
    reach = np.array([[1.0, 80, 3000, 0.1, 42], [300, 340, 340, 20, 42]])
    height = np.array([[0.0, 0, 0, 1000, 0], [-300, 0, 60, 270, -20]])
    draw = chance.uniform(-1, 1, (2, 2, 5, 9))
    z = reach[..., None] * draw[0] + height[..., None]
    a = chance.uniform(0.3, 3, (2, 5))
    y = np.abs(draw[1]) * [[10.0], [1], [1e-6], [0.01], [1]]
    return {k: v.astype(dtype) for k, v in {"z": z, "y": y, "a": a}.items()}


def row_oracle(given: dict[str, Array], exponent: Callable[..., Any]) -> list[list[Any]]:
    """The softmax of every row, at 50 digits."""
    found = []
    for place in np.ndindex(given["a"].shape):
        z, y = ([DIGITS.mpf(float(v)) for v in given[name][place]] for name in "zy")
        u = [
            exponent(p, q, DIGITS.mpf(float(given["a"][place]))) for p, q in zip(z, y, strict=True)
        ]
        e = [DIGITS.exp(v - max(u)) for v in u]
        found.append([v / sum(e) for v in e])
    return found


def compiled(text: str, wrt: str = "z[j]") -> dict[str, Any]:
    """The module's functions, and the given numbers that they take."""
    d = derive.derive(text, wrt=wrt)
    space: dict[str, Any] = {"__name__": "emitted", "problem": d.problem}
    exec(compile(d.source(), "<emitted>", "exec"), space)
    return space


def called(space: dict[str, Any], kind: str, given: dict[str, Array], **more: Array) -> Array:
    own = {name: given[name] for name in space["problem"].variables}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found: Array = space[kind](**own, **more)
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("text", "exponent", "slope"), ROWS)
def test_rows_are_exact_to_their_smallest_entries(
    text: str, exponent: Callable[..., Any], slope: Callable[[Any], Any], dtype: Any
) -> None:
    given, space = rows(dtype), compiled(text)
    p = row_oracle(given, exponent)
    c = [slope(DIGITS.mpf(float(a))) for a in given["a"].ravel()]
    assert units(called(space, "value", given), [v for row in p for v in row], dtype) <= 8
    size = range(len(p[0]))
    rest = [[sum(row[:i] + row[i + 1 :]) for i in size] for row in p]
    jacobian = [
        s * row[i] * (others[i] if i == j else -row[j])
        for s, row, others in zip(c, p, rest, strict=True)
        for i in size
        for j in size
    ]
    assert units(called(space, "derivative", given), jacobian, dtype) <= 8
    # One sum of the entries at a time, of which none is the largest: nothing cancels.
    for i in size:
        g = np.zeros(given["z"].shape, dtype)
        g[..., i] = 1
        found = called(space, "vjp", given, g=g).reshape(len(p), -1)
        use = [k for k, row in enumerate(p) if row[i] < 0.5]
        wanted = [jacobian[(k * len(size) + i) * len(size) + j] for k in use for j in size]
        assert units(found[use], wanted, dtype) <= 8


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("text", "exponent"), [(text, exponent) for text, exponent, _ in ROWS])
def test_what_a_plain_difference_loses_shows(
    text: str, exponent: Callable[..., Any], dtype: Any
) -> None:
    given, space = rows(dtype), compiled(text)
    space["_exp_difference"] = lambda x, shift, *_, out=None: np.exp(x - shift, out=out)
    wanted = [v for row in row_oracle(given, exponent) for v in row]
    assert units(called(space, "value", given), wanted, dtype) > 16


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text", ["softmax(z)[i]", "softmax(z/a)[i]", "softmax(-3*z/7)[i]"])
def test_what_is_left_out_of_a_row_changes_nothing(text: str, dtype: Any) -> None:
    given, space = rows(dtype), compiled(text)
    masked = {**given, "z": np.insert(given["z"], 4, 3 * np.inf if "-" in text else -np.inf, -1)}
    found = called(space, "value", masked)
    np.testing.assert_allclose(
        np.delete(found, 4, -1), called(space, "value", given), rtol=4 * np.finfo(dtype).eps
    )
    assert not found[..., 4].any()


def test_rows_whose_parts_are_beyond_all_numbers() -> None:
    value = compiled("softmax(z/a)[i]")["value"]
    assert np.array_equal(value(z=[1e302, 0, -1e302], a=1.0), [1, 0, 0])
    with np.errstate(over="ignore"):
        assert np.array_equal(value(z=[0.0, -1, -2], a=1e-310), [1, 0, 0])
    single = np.array([1e30, 2e30, -3e29], np.float32)
    assert np.array_equal(value(z=single, a=np.float32(0.7)), [0, 1, 0])
    found = value(z=[[1.0, np.nan], [900, 100]], a=2.0)
    assert np.isnan(found[0]).all()
    assert units(found[1, 1:], [DIGITS.exp(-400)], np.float64) <= 4
    assert value(z=np.zeros((0, 3)), a=1.0).shape == (0, 3)


@pytest.mark.parametrize("text", ["softmax(z)[i]", "softmax(z/a)[i]"])
def test_on_the_page_rows_are_plain(text: str) -> None:
    d = derive.derive(text, wrt="z[j]")
    shown = lesson(d.problem, d.result)
    assert "_exp_difference" not in shown
    assert "np.exp(" in shown


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("softmax(z/a)[i]", (70, 1000)),
        ("softmax(z/a)[i]", (2, 70001)),
        ("softmax(z)[i]", (7001, 10)),
        ("exp(z[i,j]/a)/sum(exp(z[k,j]/a), k)", (400, 200)),
    ],
)
def test_long_arrays_are_as_exact_in_pieces(text: str, shape: tuple[int, ...], dtype: Any) -> None:
    """Seen by entries beside the largest of their row, at places that are drawn."""
    chance = np.random.default_rng(5)
    asked = parse(text)
    z = (60 * chance.standard_normal(shape) + 200).astype(dtype)
    a = chance.uniform(0.5, 2, shape[0] if "j" not in text else ()).astype(dtype)
    space = {"problem": asked, "value": function(asked, Integer(0), "value")}
    found = called(space, "value", {"z": z, "a": a})
    axis = 0 if "j" in text else 1
    most = np.broadcast_to(np.argmax(z, axis=axis, keepdims=True), shape)
    by = (
        np.broadcast_to(a if "j" in text else a[:, None], shape)
        if "a" in asked.variables
        else np.ones(shape)
    )
    for place in zip(*(chance.integers(0, length, 300) for length in shape), strict=True):
        top = (most[place], place[1]) if axis == 0 else (place[0], most[place])
        part = DIGITS.mpf(float(z[place])) - DIGITS.mpf(float(z[top]))
        wanted = DIGITS.exp(part / DIGITS.mpf(float(by[place]))) * float(found[top])
        assert units(found[place].reshape(1), [wanted], dtype) <= 8


EXACT = [
    "exp(x)",
    "exp(x[i]/a)",
    "exp(-x/4)",
    "exp(2*x)",
    "sigmoid(max(x, 0))",
    "exp(-abs(x))",
    "softmax(z)[i]",
]
INEXACT = ["exp(sqrt(x)*a)", "sigmoid(sum(x[k]*y[k], k))", "exp(sqrt(2)*x)"]


@pytest.mark.parametrize("text", EXACT + INEXACT)
def test_where_nothing_is_gained_nothing_is_done(text: str) -> None:
    assert "_exactly" not in source(parse(text), Integer(0))


def test_beyond_all_numbers() -> None:
    """Where the argument overflows, so that what it has lost is not a number."""
    value = function(parse("exp(x*y)"), Integer(0), "value")
    x, y = np.array([1e300, -1e300, np.inf, 1e200, np.nan]), np.array([1e10, 1e10, -1, 1e-320, 1.0])
    with np.errstate(over="ignore"):
        assert np.array_equal(value(x=x, y=y), [np.inf, 0, 0, 1, np.nan], equal_nan=True)
        assert value(x=30.0, y=-30.0) == pytest.approx(np.exp(-900.0), rel=1e-12)
        assert value(x=np.zeros((0, 3)), y=1.0).shape == (0, 3)


@pytest.mark.parametrize("dtype", DTYPES)
def test_both_sides_of_a_sigmoid_come_from_one_exponential(dtype: Any) -> None:
    asked = parse("y = sigmoid(x); a*y*(2 + sigmoid(-x))")
    text = source(asked, Integer(0))
    assert "sigmoids = _sigmoids(x)" in text
    assert "_sigmoid(" not in text
    value, x = function(asked, Integer(0), "value"), [-50.0, -5, 0, 5, 50]
    for given in (x, [*x, -1e4, 1e4]):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = value(x=np.array(given, dtype), a=1.0)
        assert found.dtype == dtype
        s = [sigmoid(DIGITS.mpf(v)) for v in given]
        assert units(found, [p * (2 + 1 - p) for p in s], dtype) <= 4


def test_a_condition_is_not_part_of_the_arithmetic() -> None:
    """Not even where a square, or another function that is put right, stands in it."""
    for condition in ("x**2 > 4", "tanh(3*x) > 0", "sigmoid(3*x - a) > 0.2"):
        text = f"where({condition}, exp(3*x/where({condition}, 2 + x**2, a)), 0)"
        x, a = np.array([-30.0, -3, 3, 30]), 0.3
        holds = {"x": x**2 > 4, "t": x > 0, "s": 1 / (1 + np.exp(a - 3 * x)) > 0.2}[condition[0]]
        found = function(parse(text), Integer(0), "value")(x=x, a=a)
        assert found == pytest.approx(np.where(holds, np.exp(3 * x / (2 + x * x)), 0), rel=1e-13)
