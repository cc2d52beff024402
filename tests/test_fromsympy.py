"""SymPy expressions as targets: what is read, beside what is refused."""

from __future__ import annotations

import pytest
import sympy
from sympy import Abs, Eq, Expr, Function, Heaviside, Idx, IndexedBase, Max, Min, Ne, Piecewise, Sum
from sympy.abc import T, x, y

import derive
from derive.errors import DeriveError, UnsupportedError
from derive.fromsympy import text_of_sympy
from derive.indices import canonical
from derive.parse import parse

i, j, k = sympy.symbols("i j k", integer=True)
n, m = sympy.symbols("n m", integer=True, positive=True)
z, w, A = IndexedBase("z"), IndexedBase("w"), IndexedBase("A")
real = sympy.Symbol("t", real=True)

READ = [
    # (SymPy, the same in the language)
    (x**2 - 3 * y / 7, "x**2 - 3*y/7"),
    (sympy.sqrt(x) + x ** (-y), "sqrt(x) + x**(-y)"),
    (sympy.Float("0.1") * x, "0.1*x"),
    (sympy.Float("1e-8") * x - sympy.Float(2.5), "1e-8*x - 2.5"),
    (sympy.pi * x + sympy.E, "pi*x + exp(1)"),
    (sympy.exp(x) * sympy.log(y) + sympy.erf(x), "exp(x)*log(y) + erf(x)"),
    (sympy.sinh(x) + sympy.atanh(y), "sinh(x) + atanh(y)"),
    (Abs(real) * sympy.sign(real), "abs(t)*sign(t)"),
    (Max(x, 0, y) - Min(x, T), "max(0, x, y) - min(T, x)"),
    (Piecewise((x**2, x > 0), (-x, True)), "where(x > 0, x**2, -x)"),
    (
        Piecewise((1, x > 1), (x, (x > 0) & Ne(y, 2)), (0, True)),
        "where(x > 1, 1, where(x > 0 and y != 2, x, 0))",
    ),
    (Piecewise((1, (x < 1) | ~(y < 2)), (0, True)), "where(x < 1 or y >= 2, 1, 0)"),
    (Piecewise((z[i], Eq(i, j)), (0, True)) * z[j], "where(i == j, z[i], 0)*z[j]"),
    (Function("sigmoid")(x) + Function("relu")(y), "sigmoid(x) + relu(y)"),
    (Sum(z[k] ** 2, (k, 1, n)), "sum(z[k]**2, k)"),
    (Sum(z[k], (k, 0, n - 1)) / n, "sum(z[k], k)/size(k)"),
    (Sum(A[j, k] * w[k], (k, 1, m), (j, 1, n)), "sum(w[k]*A[j,k], j, k)"),
    (sympy.Product(1 - z[k], (k, 1, n)), "prod(1 - z[k], k)"),
    (sympy.KroneckerDelta(i, j) * z[i] * z[j], "delta(i, j)*z[i]*z[j]"),
    (z[i + k] * w[k], "z[i + k]*w[k]"),
    (Sum(z[i + k] * w[k], (k, 0, n - 1)), "sum(z[i + k]*w[k], k)"),
    (Sum(z[i + k - 1] * w[k], (k, 1, n)), "sum(z[i + k]*w[k], k)"),
    (Sum(z[k + 1] - z[k], (k, 1, n)), "sum(z[k + 1] - z[k], k)"),
    (IndexedBase("z")[Idx("i", n)], "z[i]"),
]


@pytest.mark.parametrize(("expr", "text"), READ, ids=[text for _, text in READ])
def test_read_as_the_text_of_the_same(expr: Expr, text: str) -> None:
    assert canonical(parse(text_of_sympy(expr)).target) == canonical(parse(text).target)


REFUSED = [
    # (SymPy, part of the message, a near miss that is read)
    (sympy.gamma(x), "a SymPy gamma has no form", sympy.log(x)),
    (Heaviside(x), "Heaviside has no form", Piecewise((1, x > 0), (0, True))),
    (Function("f")(x), "a SymPy f has no form", Function("softplus")(x)),
    (sympy.I * x, "ImaginaryUnit has no form", sympy.pi * x),
    (sympy.oo, "Infinity has no form", sympy.Integer(10)),
    (sympy.Float("nan"), "has no form", sympy.Float("1.5")),
    (sympy.Derivative(z[i], z[j]), "by is wrt", z[i]),
    (Piecewise((x, x > 0)), "needs a last case", Piecewise((x, x > 0), (0, True))),
    (Sum(z[k], (k, 2, n)), r"not \(k, 2, n\)", Sum(z[k], (k, 1, n))),
    (Sum(z[k], (k, 1, 3)), r"not \(k, 1, 3\)", Sum(z[k], (k, 1, m))),
    (Sum(z[k], (k, 1, n - 1)), r"not \(k, 1, n - 1\)", Sum(z[k], (k, 0, n - 1))),
    (
        n * Sum(z[k], (k, 1, n)) * Sum(w[k], (k, 1, m)),
        "no letter of a sum runs to n alone",
        n * Sum(z[k], (k, 1, n)) * Sum(w[j], (j, 1, m)),
    ),
    (sympy.Symbol("x + y"), "'x . y' is not a name", x + y),
    (sympy.Symbol("pi") * x, "'pi' has a meaning", sympy.Symbol("p_i") * x),
    (IndexedBase("sum")[i], "'sum' has a meaning", IndexedBase("s")[i]),
    (z[sympy.Symbol("i, j")], "is not a name", A[i, j]),
    (Sum(z[sympy.Symbol("max")], (sympy.Symbol("max"), 1, n)), "has a meaning", z[k]),
]


@pytest.mark.parametrize(
    ("expr", "message", "fine"), REFUSED, ids=[message for _, message, _ in REFUSED]
)
def test_refused_beside_a_near_miss(expr: Expr, message: str, fine: Expr) -> None:
    with pytest.raises(UnsupportedError, match=message) as caught:
        derive.derive(expr)
    assert "\n" not in caught.value.message
    parse(text_of_sympy(fine))


def test_a_very_deep_expression_is_refused() -> None:
    deep = x
    for _ in range(2000):
        deep = sympy.sin(deep, evaluate=False)
    with pytest.raises(DeriveError, match="too"):
        derive.derive(deep)


def test_derived_and_a_result_goes_in_again() -> None:
    d = derive.derive(Piecewise((x**2, x > 0), (0, True)), wrt="x")
    assert d.verified
    assert d.result_text == "where(x > 0, 2*x, 0)"
    again = derive.derive(derive.derive("norm(z)*max(z[k], k)", wrt="z[j]").result, wrt="z[l]")
    assert again.verified
    by_symbol = derive.derive(Sum(z[k] ** 2, (k, 1, n)), wrt=z[j])
    assert by_symbol.result_text == "2*z[j]"
