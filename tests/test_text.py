"""Expressions and problems back to text: what is written reads back as the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    And,
    Eq,
    Expr,
    Ge,
    Gt,
    Indexed,
    Integer,
    Le,
    Lt,
    Mul,
    Ne,
    Not,
    Or,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    pi,
)

from derive.functions import Maximum, Minimum, erf, exp, log, relu, sigmoid, sign, tanh
from derive.functions import abs as absolute
from derive.indices import canonical, free_indices, substitute
from derive.nodes import (
    Binder,
    Derivative,
    Largest,
    Product,
    Smallest,
    Sum,
    Where,
    delta,
    entry,
    index,
    indices_of,
    scalar,
    total,
    undistributed,
)
from derive.parse import parse, parse_expression
from derive.problem import Problem
from derive.text import problem_text, text_of

i, j, k, r, a = map(index, "ijkra")
PROBLEM = parse("softmax(z)[i] + x*T*y[i]*sum(A[i,k]*w[k], k)", ["z[j]"])
n, m = PROBLEM.shapes["A"]
x, T = scalar("x"), scalar("T")


def z(letter: Symbol) -> Expr:
    return entry("z", letter)


def s(letter: Symbol) -> Expr:
    return entry("s", letter)


with undistributed():
    WRITTEN = [
        (s(i) * (delta(i, j) - s(j)), "softmax(z)[i]*(delta(i, j) - softmax(z)[j])"),
        (delta(j, i) * z(j), "delta(i, j)*z[j]"),
        (z(j) - entry("y", j), "z[j] - y[j]"),
        (-z(j), "-z[j]"),
        (-(x - T), "-(x - T)"),
        (2 * (x - T), "2*(x - T)"),
        (1 / x, "1/x"),
        (-1 / x, "-1/x"),
        (2 * x / (3 * T), "2*x/(3*T)"),
        (x / (x + T), "x/(T + x)"),
        ((x + T) / 2, "(T + x)/2"),
        (Integer(-3), "-3"),
        (Rational(3, 4), "3/4"),
        (x ** Rational(3, 4), "x**(3/4)"),
        (x ** Rational(1, 2), "sqrt(x)"),
        (x ** Rational(-1, 2), "1/sqrt(x)"),
        (x**-2, "1/x**2"),
        (Pow(x, -T), "x**(-T)"),
        ((-x) ** T, "(-x)**T"),
        (Integer(-2) ** T, "(-2)**T"),
        (Pow(Pow(x, T), x), "(x**T)**x"),
        (Pow(x, Pow(T, x)), "x**(T**x)"),
        (-(x**2), "-x**2"),
        (x - (T + 1), "x - (1 + T)"),
        (pi * x, "pi*x"),
        (exp(-x) * log(x) * tanh(x), "exp(-x)*log(x)*tanh(x)"),
        (total(z(k) ** 2, k, n), "sum(z[k]**2, k)"),
        (total(total(entry("A", r, k), k, m), r, n), "sum(sum(A[r, k], k), r)"),
        (z(j) / n, "z[j]/size(j)"),
        (1 / n, "1/size(i)"),
        (1 / m, "1/size(k)"),
        (total(entry("w", a) / m, a, m), "sum(w[a]/size(a), a)"),
        (log(total(exp(z(k)), k, n)), "logsumexp(z)"),
        (total(z(k) ** 2, k, n) ** Rational(1, 2), "norm(z)"),
        (z(j) * total(z(k) ** 2, k, n) ** Rational(-3, 2), "z[j]/norm(z)**3"),
        (total((z(k) - entry("y", k)) ** 2, k, n) ** Rational(-1, 2), "1/norm(z - y)"),
        (total(entry("A", i, r) ** 2, r, m) ** Rational(1, 2), "norm(A[i, :])"),
        (total((x - z(r)) ** 2, r, n) ** Rational(1, 2), "norm(x - z)"),
        (total(s(r) ** 2, r, n) ** Rational(1, 2), "norm(softmax(z))"),
        (total(z(k) ** 2 * x**2, k, n) ** Rational(1, 2), "sqrt(sum(x**2*z[k]**2, k))"),
        (total(z(k) ** 4, k, n) ** Rational(1, 2), "sqrt(sum(z[k]**4, k))"),
        (
            total((z(k) - delta(j, k)) ** 2, k, n) ** Rational(1, 2),
            "sqrt(sum((z[k] - delta(j, k))**2, k))",
        ),
        (
            total(z(k) ** 2, k, n) ** Rational(1, 2) + 1 / total(z(k) ** 2, k, n),
            "norm(z) + 1/norm(z)**2",
        ),
        (total(s(k) * z(k), k, n), "sum(z[k]*softmax(z)[k], k)"),
        (absolute(x) * relu(T) - sign(z(i)), "abs(x)*relu(T) - sign(z[i])"),
        (2 * Maximum(x, 0, T + 1), "2*max(x, 0, 1 + T)"),
        (Minimum(z(i), -x) ** 2, "min(z[i], -x)**2"),
        (Largest(z(k), (k, 1, n)), "max(z[k], k)"),
        (Smallest(Maximum(z(k), T), (k, 1, n)), "min(max(z[k], T), k)"),
        (Product(1 - z(k), (k, 1, n)), "prod(1 - z[k], k)"),
        (Where(x, -x, Gt(x, 0)) / 2, "where(x > 0, x, -x)/2"),
        (Where(x, T, And(Gt(x, 0), Lt(x, T + 1))), "where(x < 1 + T and x > 0, x, T)"),
        (
            Where(x, T, And(Or(Gt(x, 1), Lt(x, 0)), Ne(T, 2))),
            "where((x < 0 or x > 1) and T != 2, x, T)",
        ),
        (
            Where(x, T, Or(And(Gt(x, 1), Lt(T, 0)), Ne(T, 2))),
            "where(T != 2 or x > 1 and T < 0, x, T)",
        ),
        (Where(x, T, Not(And(Gt(x, 1), Lt(T, 0)))), "where(not (x > 1 and T < 0), x, T)"),
        (Where(z(i), Integer(0), Le(i, j)), "where(i <= j, z[i], 0)"),
        (Where(z(i), Integer(0), Eq(j - i, j + 1)), "where(j - i == j + 1, z[i], 0)"),
        (Largest(Where(z(k), x, Le(k, j)), (k, 1, n)), "max(where(k <= j, z[k], x), k)"),
        (Where(z(i - j), Integer(0), Le(j, i)), "where(j <= i, z[i - j], 0)"),
        (Where(T, x, Lt(i, j + m)), "where(i < j + size(k), T, x)"),
        (Where(T, x, Ge(i, 2)), "where(i >= 2, T, x)"),
        (delta(i + 1, j), "delta(j, i + 1)"),
    ]


@pytest.mark.parametrize(("expr", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_written_as_a_person_would_and_read_back(expr: Expr, text: str) -> None:
    found = text_of(expr, PROBLEM)
    assert sorted(found) == sorted(text)  # the order of equals is `reading`'s business
    assert canonical(parse_expression(found, PROBLEM)) == canonical(expr)


def test_order_is_the_reading_order() -> None:
    with undistributed():
        assert text_of(s(i) * (delta(i, j) - s(j)), PROBLEM) == WRITTEN[0][1]
        assert text_of(-entry("y", j) + z(j), PROBLEM) == "z[j] - y[j]"


def test_display_only_forms() -> None:
    cases = Piecewise((s(i), Eq(i, j)), (-s(i) * s(j), Ne(i, j)), evaluate=False)
    assert text_of(cases, PROBLEM) == ("where(i == j, softmax(z)[i], -softmax(z)[i]*softmax(z)[j])")
    assert text_of(Derivative(s(i), z(j)), PROBLEM) == "diff(softmax(z)[i], z[j])"


def test_a_length_is_named_by_a_letter_that_has_it_everywhere() -> None:
    with undistributed():
        clash = total(entry("w", j), j, m) / n
    assert text_of(clash, PROBLEM) == "sum(w[j], j)/size(i)"
    assert parse_expression(text_of(clash, PROBLEM), PROBLEM) == clash


DECIMAL = parse("0.134145*x**2 + z[i]", ["z[j]"])


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Rational(26829, 100000) * x, "0.26829*x"),
        (Rational(-1, 2) * x, "-0.5*x"),
        (Rational(1, 3) * x, "x/3"),
        (Rational(7, 4), "1.75"),
        (Rational(-7, 4), "-1.75"),
        (Integer(3), "3"),
        (3 / (4 * x), "0.75/x"),
        (Pow(x, Rational(5, 2)), "x**2.5"),
        (Rational(1, 10**8) * x, "0.00000001*x"),
        (Rational(1, 10**40) * x, f"x/{10**40}"),
        (x + Rational(1, 8), "0.125 + x"),
    ],
)
def test_decimals_where_the_problem_is_stated_in_them(number: Expr, text: str) -> None:
    assert text_of(number, DECIMAL) == text
    assert parse_expression(text, DECIMAL) == number
    assert "." not in text_of(number, PROBLEM)


def test_a_problem_without_a_decimal_point_keeps_its_fractions() -> None:
    assert not parse("x/2 + 2.0*y").decimals
    assert not parse("1e3*x").decimals
    assert parse("h = 1e-3*x\nh*y").decimals
    assert text_of(parse("x/2").target, parse("x/2")) == "x/2"


def test_a_norm_is_not_written_where_its_letter_or_rank_is_needed() -> None:
    for text in (
        "sqrt(sum(x[k]**2, k))/size(k)",  # without k nothing says how long x is
        "sqrt(sum((x[k] - a[k])**2, k))",  # norm(x - a) does not say that both are vectors
        "sqrt(sum((x[k] - a)**2, k))",
    ):
        assert problem_text(parse(text)) == text
    assert problem_text(parse("sqrt(sum(x[k]**2, k))*y")) == "y*norm(x)"
    assert problem_text(parse("sqrt(sum(W[k,b]**2, k))")) == "norm(W[:, b])"


# -- problems ------------------------------------------------------------------------------

CROSS_ENTROPY = "z[k] = sum(W[k,l]*x[l], l) + b[k]\np = softmax(z)\nL = -sum(y[k]*log(p[k]), k)"


def again(problem: Problem) -> Problem:
    """The problem that a problem's own text states."""
    return parse(
        problem_text(problem),
        [text_of(variable, problem) for variable in problem.wrt],
        [text_of(relation, problem) for relation in problem.assumptions],
    )


@pytest.mark.parametrize(
    ("text", "wrt", "assume"),
    [
        (CROSS_ENTROPY, "z[j]", ["sum(y[k], k) == 1", "y[i] >= 0"]),
        (CROSS_ENTROPY, "W[m,l]", []),
        ("softmax(z)[i]", "z[j]", []),
        ("softmax(z)[i]", "z[i]", []),
        ("s = softmax(z)", "z[i]", []),
        ("s = softmax(z)\nlog(s[i])", "z[i]", []),
        ("p[a] = softmax(z)[a]\n-log(p[c])", "z[i]", []),
        ("p = softmax(z)\nL = -log(p[c])", "z[j]", []),
        ("softmax(z/T)[i]", "T", ["T > 0"]),
        ("softmax((log(p) + g)/T)[i]", "p[j]", []),
        ("softmax(sum(W[:,l]*x[l], l) + b)[i]", "W[a,k]", []),
        ("P[b,k] = softmax(Z[b,:])[k]\n-mean(y[b,k]*log(P[b,k]), b, k)", "Z[a,j]", []),
        ("logsumexp(Z[b,:]) + softmax(Z[c,:])[b]", "Z[a,j]", []),
        ("softmax(log(softmax(z)))[i]", "z[j]", []),
        ("L = logsumexp(z)", "z[j]", []),
        ("h = z/T\nnorm(h)", "z[j]", []),
        ("sum(x[k]**2/size(k), k) + sum(y[l], l)/size(l)", "x[j]", []),
        ("sum(x[k]**2, k)*x[k]", "x[k]", []),
        ("h = relu(z)\nmax(h[k], k) - min(abs(h[k]), k)", "z[j]", []),
        ("a[i] = max(z[i], T)\nprod(where(a[i] > 1, a[i], 1), i)", "z[j]", ["T > 0"]),
        ("logsumexp(abs(z))*softmax(max(z, 0))[i]", "z[j]", []),
        ("A[t,u] = where(u <= t, S[t,u], 0)\nsoftmax(A[t,:])[u]", "S[a,b]", []),
        ("softmax(where(z > T, z, 0))[i] + T", "z[j]", []),
        ("where(0 < x <= 1 and not (z[i] > x or z[i] == 2), x, z[i])", "x", []),
        ("sum(where(k <= t, z[k], 0), k)", "z[j]", []),
        ("y[i]*sum(x[2*i + k + 1]*w[k], k)", "w[j]", []),
        ("h[i] = 0.25*z[i]/norm(z)\nsoftmax(h/0.7)[i] + norm(h)**3", "z[j]", []),
        ("softmax(z/norm(z))[i]*norm(W[i,:])", "W[j,k]", []),
    ],
)
def test_a_problem_reads_back_as_itself(text: str, wrt: str, assume: list[str]) -> None:
    problem = parse(text, [wrt], assume)
    back = again(problem)
    for part in ("target", "wrt", "definitions", "assumptions", "axes", "extents", "shapes"):
        assert getattr(back, part) == getattr(problem, part), part


# -- round trip over generated expressions -------------------------------------------------

LEAVES = st.sampled_from(
    [x, T, z(i), z(j), s(i), entry("A", i, k), entry("w", k), delta(i, j), n, m, pi]
) | st.builds(Rational, st.integers(-5, 5), st.integers(1, 4))


PLACES = st.sampled_from([i, j, k, i + 1, j + k, 2 * i + k])
SIGNS = st.sampled_from([Eq, Ne, Lt, Le, Gt, Ge])
CONDITIONS = st.recursive(
    st.builds(lambda sign, p, q: sign(p, q), SIGNS, PLACES, PLACES)
    | st.builds(lambda sign, p, q: sign(p, q), SIGNS, LEAVES, LEAVES),
    lambda inner: st.one_of(
        st.builds(lambda p, q: And(p, q), inner, inner),
        st.builds(lambda p, q: Or(p, q), inner, inner),
        st.builds(Not, inner),
    ),
    max_leaves=3,
)


def safe_power(base: Expr, exponent: Expr) -> Expr:
    """A power that stays real and small, without SymPy's own absolute value."""
    if base.is_number or exponent.has(n, m):
        return base
    made = Pow(base, exponent)
    return base if made.has(Abs) else made


FUNCTIONS = [erf, sigmoid, tanh, absolute, sign, relu]


def quotient(above: Expr, below: Expr) -> Expr:
    return Mul(above, Pow(below, -1)) if below.free_symbols else above


def over_all(binder: Callable[[Expr, tuple[Expr, ...]], Expr], expr: Expr) -> Expr:
    """A sum, product, ... over k, unless k cancels out."""
    body = Mul(entry("w", k), expr)
    return binder(body, (k, Integer(1), m)) if k in free_indices(body) else body


EXPONENTS = st.sampled_from([Integer(2), Integer(-1), Integer(3), Integer(-2), x, -T, 1 + x])


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.one_of(
        st.builds(lambda p, q: p + q, inner, inner),
        st.builds(lambda p, q: p - q, inner, inner),
        st.builds(lambda p, q: Mul(p, q), inner, inner),
        st.builds(
            lambda p, q: Mul(p, Pow(q, -1)), inner, inner.filter(lambda q: bool(q.free_symbols))
        ),
        st.builds(safe_power, inner, EXPONENTS),
        st.builds(lambda f, p: f(p), st.sampled_from(FUNCTIONS), inner),
        st.builds(over_all, st.sampled_from([Sum, Product, Largest, Smallest]), inner),
        st.builds(lambda f, p, q: f(p, q), st.sampled_from([Maximum, Minimum]), inner, inner),
        st.builds(Where, inner, inner, CONDITIONS),
    )


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_round_trip(data: st.DataObject) -> None:
    with undistributed():
        expr = data.draw(st.recursive(LEAVES, grown, max_leaves=9))
        closed = over_all(Sum, expr)
    text = text_of(closed, PROBLEM)
    assert canonical(parse_expression(text, PROBLEM)) == canonical(closed), text


# -- round trip over generated problems ----------------------------------------------------

NUMBERS = st.sampled_from(["x", "T", "2", "1/3", "pi"])
ENTRIES = st.sampled_from(["z[i]", "y[i]", "W[i,l]", "softmax(z)[i]", "h[l]"])
VECTORS = st.sampled_from(["z", "y", "h", "W[i,:]", "softmax(z)", "relu(z)", "max(y, 0)"])
FORMS = [
    "({0} + {1})",
    "({0} - {1})",
    "{0}*{1}",
    "{0}/(2 + {1}**2)",
    "sum({0}*v[k]*z[k], k)",
    "mean(({0} - z[i])**2, i)",
    "max({0}*z[l], l)",
    "prod({0} + y[i], i)",
    "min({0}, {1}, x)",
    "where({0} > {1}, {1}, 0)",
    "where(i <= l and not {0} <= {1} + x, {0}, W[i,l])",
    "relu(-{0})",
    "abs({0})*size(k)*v[k]",
    "0.35*{0}/sqrt(sum((W[l,k] + {1})**2, k))",
    "sqrt(sum((z[k]*({0}) - y[k])**2, k))**3",
]


def phrases(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    whole = st.builds(
        lambda form, v, p: form.format(v, p),
        st.sampled_from(["softmax({0}*T)[l]", "logsumexp({0} + {1}*z)", "norm({0}/{1})"]),
        VECTORS,
        NUMBERS,
    )
    return whole | st.builds(
        lambda form, p, q: form.format(p, q), st.sampled_from(FORMS), inner, inner
    )


def same_lengths(problem: Problem, other: Problem) -> dict[Expr, Expr]:
    """Lengths are named in the order of the text, which need not be that of the first one."""
    names = [d.name for d in problem.definitions if d.given] + list(problem.variables)
    pairs = [(problem.shapes[name], other.shapes[name]) for name in names]
    return {one: two for shapes in pairs for one, two in zip(*shapes, strict=True)}


def written_out(expr: Expr, problem: Problem) -> Expr:
    """An expression without the names that the parser chose."""
    found: dict[Expr, Expr] = {}
    for head in expr.atoms(Indexed):
        definition = problem.definition(head)
        if definition and not definition.given:
            places = dict(zip(definition.indices, indices_of(head), strict=True))
            found[head] = written_out(substitute(definition.body, places), problem)
    return expr.xreplace(found)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.recursive(NUMBERS | ENTRIES, phrases, max_leaves=6))
def test_round_trip_of_problems(phrase: str) -> None:
    # All lengths are one: a term that cancels would else take along what joins two lengths.
    first = "h[a] = tanh(z[a])*x*y[a]\nu = sum(W[a,b]*T*y[a]*v[b]*y[b], a, b)"
    problem = parse(f"{first}\nL = u + {phrase}")
    binders = [b for d in problem.definitions for b in d.body.atoms(Binder)]
    assume(all(b.letter in free_indices(b.body) for b in binders))  # nothing cancels inside
    back = again(problem)
    final = same_lengths(problem, back)
    assert set(back.axes) == set(problem.axes)
    given_ones = [[d for d in p.definitions if d.given] for p in (problem, back)]
    for one, two in zip(*given_ones, strict=True):
        body = written_out(one.body, problem).xreplace(final)
        assert canonical(body) == canonical(written_out(two.body, back))
