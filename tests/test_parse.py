"""Text to Problem: what is read, and for every refused form a near miss that is read."""

from __future__ import annotations

import pytest
from sympy import And, Eq, Expr, Gt, Integer, Le, Lt, Ne, Not, Or, Pow, Rational, Symbol, pi, sqrt

import derive
from derive.checker.finite import equal
from derive.errors import DeriveError, ParseError, ProblemError, UnsupportedError
from derive.functions import Maximum, Minimum, exp, log, relu, sigmoid, sign, tanh
from derive.functions import abs as absolute
from derive.indices import canonical
from derive.nodes import (
    Largest,
    Product,
    Smallest,
    Sum,
    Where,
    delta,
    entry,
    index,
    scalar,
    size,
    total,
    undistributed,
)
from derive.parse import parse, parse_expression
from derive.steps import Verdict
from derive.text import text_of

b, c, i, j, k = map(index, "bcijk")
n, d = size("n"), size("d")
T, x, y = map(scalar, "Txy")

CROSS_ENTROPY = """
z[k] = sum(W[k,l]*x[l], l) + b[k]   # a linear layer
p = softmax(z)
L = -sum(y[k]*log(p[k]), k)
"""


def z(letter: Symbol) -> Expr:
    return entry("z", letter)


def s(letter: Symbol) -> Expr:
    return entry("s", letter)


def softmax_of_z(letter: Symbol, length: Symbol = n) -> Expr:
    return exp(z(letter)) / total(exp(z(k)), k, length)


def target(text: str) -> Expr:
    return parse(text).target


# -- expressions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x^2", x**2),
        ("-x^2", -(x**2)),
        ("2^-1*x", x / 2),
        ("x - y*x/2", x - x * y / 2),
        ("0.1*x", x / 10),
        (".5*x", x / 2),
        ("1e-3*x", x / 1000),
        ("1.25e2", Integer(125)),
        ("sqrt(x)", sqrt(x)),
        ("pi*x", pi * x),
        ("+x", x),
        ("tanh(x) + sigmoid(y)", tanh(x) + sigmoid(y)),
        ("ε*x", scalar("ε") * x),
        ("sum(z[k], k)", total(z(k), k, n)),
        ("mean(z[k], k)", total(z(k), k, n) / n),
        ("sum(z[k], k)/size(k)", total(z(k), k, n) / n),
        ("delta(i, j)*z[i]*z[j]", delta(i, j) * z(i) * z(j)),
        ("norm(z)", sqrt(total(z(k) ** 2, k, n))),
        ("logsumexp(z)", log(total(exp(z(k)), k, n))),
        ("softmax(z)[i]", s(i)),
        ("log_softmax(z)[i]", log(s(i))),
        ("tanh(z)[i] + z[i]", tanh(z(i)) + z(i)),
        ("relu(x)*abs(x) - sign(y)", relu(x) * absolute(x) - sign(y)),
        ("sqrt(4*x^2)*y", 2 * absolute(x) * y),
        ("(x^2)^(3/2)", absolute(x) ** 3),
        ("sqrt((-x - y)^2)", absolute(-x - y)),
        ("relu(z)[i]", relu(z(i))),
        ("max(x, 0, y)", Maximum(x, 0, y)),
        ("min(z, T)[i] + T", Minimum(z(i), T) + T),
        ("max(z[k], k)", Largest(z(k), (k, 1, n))),
        ("min(z[k]**2, k)", Smallest(z(k) ** 2, (k, 1, n))),
        ("prod(z[k], k)", Product(z(k), (k, 1, n))),
        ("where(x > 0, x, y)", Where(x, y, Gt(x, 0))),
        ("where(0 < x <= y, 1, 0)", Where(Integer(1), Integer(0), And(Lt(0, x), Le(x, y)))),
        ("where(not (x > 0 or y != 1), x, y)", Where(x, y, Not(Or(Gt(x, 0), Ne(y, 1))))),
        ("where(not x > 0, x, y)", Where(x, y, Le(x, 0))),
        ("where(z > T, z, 0)[i]", Where(z(i), Integer(0), Gt(z(i), T))),
        ("where(i <= j, z[i]*z[j], 0)", Where(z(i) * z(j), Integer(0), Le(i, j))),
        ("where(i == j + 1, z[i]*z[j], 0)", Where(z(i) * z(j), Integer(0), Eq(i, j + 1))),
        ("z[i + k]*y[2*i + 1]", entry("z", i + k) * entry("y", 2 * i + 1)),
        ("delta(i + k, j)*z[i]", delta(i + k, j) * z(i)),
    ],
)
def test_expression(text: str, expected: Expr) -> None:
    assert target(text) == expected


def test_products_of_sums_stay() -> None:
    with undistributed():
        assert target("2*(x - y)") == 2 * (x - y)
        assert target("-(x - y)") == -(x - y)
    assert target("2*(x - y)").is_Mul


def test_several_indices_of_a_sum_nest_the_last_one_innermost() -> None:
    expected = total(total(entry("A", j, k), k, size("m")), j, n)
    assert target("sum(A[j,k], j, k)") == expected


def test_extremes_and_products_over_several_indices_nest_as_sums_do() -> None:
    m = size("m")
    inner = Largest(entry("A", j, k), (k, 1, m))
    assert target("max(A[j,k], j, k)") == Largest(inner, (j, 1, n))
    inner = Product(entry("A", j, k), (k, 1, m))
    assert target("prod(A[j,k], j, k)") == Product(inner, (j, 1, n))


def test_a_letter_makes_max_run_over_it_and_a_name_does_not() -> None:
    assert target("max(z[k], T)") == Maximum(z(k), T)
    assert target("max(z[k], y[k])") == Maximum(z(k), entry("y", k))
    assert target("max(max(z[k], T), k)") == Largest(Maximum(z(k), T), (k, 1, n))
    assert target("max(where(k <= t, z[k], 0), k)*y[t]").has(Largest)


def test_what_is_compared_with_an_index_is_an_index() -> None:
    running = parse("sum(where(i <= j, z[i], 0), i)")
    assert running.axes == (j,)
    assert running.extents == {j: n}
    assert running.target == total(Where(z(i), Integer(0), Le(i, j)), i, n)
    chain = parse("where(a <= b < c, z[a], 0)")
    assert [str(axis) for axis in chain.axes] == ["a", "b", "c"]
    assert parse("where(a <= b < c, x, 0)").variables == ("a", "b", "c", "x")


def test_a_comparison_does_not_make_two_lengths_one() -> None:
    problem = parse("A[t,u] = where(u <= t, S[t,u], 0)\nsoftmax(A[t,:])[u]", ["S[a,b]"])
    assert problem.shapes["S"] == problem.shapes["A"] == (n, size("m"))
    assert target("sum(where(k <= t, 1, 0), k)*y[t]").atoms(Sum).pop().extent == n


def test_bound_letters_in_conditions_are_renamed_with_their_sum() -> None:
    nested = target("sum(sum(where(k <= t, x[k], 0), k)*x[k]*y[t], k)")
    plain = target("sum(sum(where(a <= t, x[a], 0), a)*x[b]*y[t], b)")
    assert canonical(nested) == canonical(plain)


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("softmax(max(z, 0))[i]", Maximum(z(i), 0)),
        ("softmax(max(z, T))[i] + T", Maximum(z(i), T)),
        ("softmax(max(z, y))[i]", Maximum(z(i), entry("y", i))),
        ("softmax(where(z > T, z, 0))[i]", Where(z(i), Integer(0), Gt(z(i), T))),
        ("softmax(where(T > 0, z, y))[i] + T", Where(z(i), entry("y", i), Gt(T, 0))),
        ("softmax(abs(z))[i]", absolute(z(i))),
    ],
)
def test_whole_vectors_in_choices_act_entry_by_entry(text: str, argument: Expr) -> None:
    (exponential,) = (f for f in parse(text).definitions[0].body.args if isinstance(f, exp))
    assert exponential.args[0] == argument


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("y[i] - sum(w[k]*x[i + k], k)", {"y": "n", "w": "m", "x": "m + n - 1"}),
        ("sum(w[k]*x[2*i + k + 1], k)", {"w": "n", "x": "2*m + n - 1"}),
        ("sum(abs(x[i + 1] - x[i]), i)", {"x": "n + 1"}),
        ("sum(x[i] - 2*x[i + 1] + x[i + 2], i) + sum(x[i]*a[i], i)", {"x": "n + 2", "a": "n + 2"}),
        ("r[k] = sum(x[t]*x[t + k], t)", {"r": "n", "x": "m + n - 1"}),
        ("sum(where(k <= t, w[k]*x[t - k], 0), k)", {"w": "n", "x": "m"}),
        ("where(t <= j and j < t + size(k), w[j - t], 0)*w[k]", {"w": "n"}),
        (
            "sum(K[c,d]*X[a + c,b + d], c, d) + Y[a,b]",
            {"K": "n, m", "X": "n + q - 1, m + r - 1", "Y": "q, r"},
        ),
    ],
)
def test_a_sum_of_indices_says_how_long_an_array_is(text: str, shapes: dict[str, str]) -> None:
    found = parse(text).shapes
    assert {name: ", ".join(map(str, found[name])) for name in found} == shapes


def test_an_index_beside_its_shift_runs_as_far_as_that_allows() -> None:
    problem = parse("y[i] = x[i + 1] - x[i]", ["x[j]"])
    (n,), (longer,) = problem.shapes["y"], problem.shapes["x"]
    assert longer == n + 1
    assert problem.extents == {i: n, index("j"): longer}
    assert parse("y[i] = x[i + 1] - x[i]", ["x[i]"]).extents == {i: n}


def test_numbers_are_exact() -> None:
    assert target("0.1 + 0.2") == Rational(3, 10)
    assert target("0.30000000000000000001") == Rational(30000000000000000001, 10**20)


def test_a_bracket_may_span_lines_and_comments_end_with_theirs() -> None:
    assert target("sum(z[k], # over all\n  k)  # done") == total(z(k), k, n)


def test_statements_by_line_or_semicolon() -> None:
    assert parse("h[i] = x*z[i]; h[j]").target == parse("h[i] = x*z[i]\n\n  h[j]").target


# -- softmax -------------------------------------------------------------------------------


def test_softmax_is_a_definition_of_the_parsers_own() -> None:
    problem = parse("softmax(z)[i]", ["z[j]"])
    (found,) = problem.definitions
    assert (found.head, found.body) == (s(i), softmax_of_z(i))
    assert (found.source, found.given) == ("softmax(z)", False)
    assert (problem.axes, problem.wrt_axes) == ((i,), (j,))
    assert problem.shapes == {"z": (n,), "s": (n,)}
    assert problem.extents == {i: n, j: n}
    assert problem.variables == ("z",)


def test_softmax_takes_the_users_name_even_if_given_later() -> None:
    for text in ("p = softmax(z)\nlogsumexp(z) + p[i]", "L = logsumexp(z)\np = softmax(z)\nL*p[i]"):
        found = [d for d in parse(text).definitions if d.source]
        assert [(d.name, d.given) for d in found] == [("p", True)]


def test_a_softmax_used_twice_has_one_definition() -> None:
    problem = parse("softmax(z)[i]*log_softmax(z)[j] + logsumexp(z)")
    assert [d.source for d in problem.definitions] == ["softmax(z)"]
    rows = parse("softmax(Z[b,:])[i] + softmax(Z[c,:])[j]")
    assert len(rows.definitions) == 1
    assert rows.target == s2(b, i) + s2(c, j)
    assert len(parse("softmax(z)[i] + softmax(2*z)[i]").definitions) == 2


def s2(row: Symbol, column: Symbol) -> Expr:
    return entry("s", row, column)


def test_softmax_finds_a_definition_written_out() -> None:
    problem = parse("q[a] = exp(z[a])/sum(exp(z[l]), l)\nsoftmax(z)[i]")
    assert problem.target == entry("q", i)
    assert len(problem.definitions) == 1


def test_softmax_takes_a_letter_that_is_free() -> None:
    assert parse("s*softmax(z)[i]").definitions[0].name == "p"
    assert parse("s*p*q*r*softmax(z)[i]").definitions[0].name == "s1"


def test_softmax_of_a_row() -> None:
    problem = parse("softmax(Z[b,:])[k]", ["Z[a,j]"])
    (found,) = problem.definitions
    row = total(exp(entry("Z", b, k)), k, size("m"))
    assert found.head == s2(b, i)
    assert found.body == exp(entry("Z", b, i)) / row
    assert problem.axes == (b, k)
    named = parse("P[b,k] = softmax(Z[b,:])[k]\nP[b,k]")
    assert [(d.head, d.given) for d in named.definitions] == [(entry("P", b, k), True)]


@pytest.mark.parametrize(
    ("text", "wrt", "argument"),
    [
        ("softmax(z/T)[i]", "z[j]", z(i) / T),
        ("softmax(z/T)[i]", "T", z(i) / T),
        ("softmax(T*z)[i]", "z[j]", T * z(i)),
        ("softmax(z*T)[i]", "T", T * z(i)),
        ("softmax((log(p) + g)/T)[i]", "T", (log(entry("p", i)) + entry("g", i)) / T),
        ("softmax(-z)[i]", "z[j]", -z(i)),
        ("softmax(log(z) - z)[i]", "z[j]", log(z(i)) - z(i)),
    ],
)
def test_which_name_is_the_vector(text: str, wrt: str, argument: Expr) -> None:
    problem = parse(text, [wrt])
    (exponential,) = (f for f in problem.definitions[0].body.args if isinstance(f, exp))
    assert exponential.args[0] == argument


# -- definitions ---------------------------------------------------------------------------


def test_the_last_definition_is_the_target() -> None:
    assert target("L = x**2") == scalar("L")
    assert target("h[a] = x*z[a]") == entry("h", index("a"))
    assert target("s = softmax(z)") == s(i)


def test_the_letter_of_a_whole_vector_is_none_that_wrt_uses() -> None:
    problem = parse("s = softmax(z)", ["z[i]"])
    assert problem.target == s(j)
    assert problem.wrt_axes == (i,)
    assert parse("softmax(z)[i]", ["z[i]"]).wrt_axes == ()


def test_a_number_with_a_free_index_becomes_a_family() -> None:
    problem = parse("p = softmax(z); L = -log(p[c])", ["z[j]"])
    assert problem.target == entry("L", c)
    assert problem.axes == (c,)
    assert problem.shapes["L"] == (n,)
    with pytest.raises(ProblemError, match=r"c is free in this definition: write L\[c\] = "):
        parse("p = softmax(z); L = -log(p[c]); 2*L")


def test_a_defined_variable_replaces_its_definition() -> None:
    problem = parse(CROSS_ENTROPY, ["z[j]"], ["sum(y[k], k) == 1", "x[l] > 0"])
    assert [d.name for d in problem.definitions] == ["p", "L"]
    assert set(problem.shapes) == {"p", "z", "L", "y"}
    assert problem.assumptions == (Eq(total(entry("y", k), k, n), 1, evaluate=False),)
    whole = parse(CROSS_ENTROPY, ["W[i,j]"])
    assert [d.name for d in whole.definitions] == ["z", "p", "L"]
    assert whole.variables == ("W", "x", "b", "y")
    assert whole.shapes["W"] == (n, size("m"))


def test_a_definition_that_nothing_uses_is_kept() -> None:
    assert [d.name for d in parse("s = softmax(z)\nL = sum(z[k], k)").definitions] == ["s", "L"]


# -- scopes and lengths --------------------------------------------------------------------


def test_bound_and_free_letters_are_two_things() -> None:
    problem = parse("sum(x[k]**2, k)*x[k]", ["x[k]"])
    assert problem.target == Sum(entry("x", k) ** 2, (k, 1, n)) * entry("x", k)
    assert (problem.axes, problem.wrt_axes) == ((k,), ())
    assert parse("sum(x[k]**2, k)", ["x[k]"]).wrt_axes == (k,)


def test_an_inner_sum_over_the_same_letter_is_renamed() -> None:
    nested = target("sum(sum(x[k], k)*y[k], k)")
    assert canonical(nested) == canonical(target("sum(sum(x[a], a)*y[b], b)"))
    assert target("sum(norm(x)*y[k], k)").atoms(Sum).pop().body.has(entry("x", k)) is False


def test_entries_of_an_expression_do_not_capture() -> None:
    found = target("(sum(W[:,i]*x[i], i))[i]")
    free = target("sum(W[i,k]*x[k], k)")
    assert canonical(found) == canonical(free)


def test_lengths_are_joined_through_use_and_named_in_order() -> None:
    problem = parse("sum(A[i,k]*B[k,j], k) + u[j]*0")
    assert problem.shapes["A"] == (n, size("m"))
    assert problem.shapes["B"] == (size("m"), d)
    assert problem.shapes["u"] == (d,)
    assert parse("n*z[m]").shapes["z"] == (d,)


def test_axes_are_in_the_order_of_the_text() -> None:
    assert parse("y[j]*softmax(Z[b,:])[i]").axes == (j, b, i)
    assert parse("sum(x[k], k)*y[i]*x[k]").axes == (i, k)


def test_size_belongs_to_the_index_in_force() -> None:
    assert target("sum(x[k]/size(k), k)") == total(entry("x", k) / n, k, n)
    mean = parse("a = mean(x[k], k)\nsum((x[k] - a)**2, k)/size(k)")
    assert mean.target.has(Pow(n, -1))


def test_assumptions() -> None:
    problem = parse("log(x[i]) + T", assume=["x[k] > 0", "T > 0"])
    assert problem.assumptions == (Gt(entry("x", k), 0), Gt(T, 0))


# -- what is refused, beside what is not ---------------------------------------------------

WRONG = [
    # (refused, place, part of the message, read)
    ("x + + * y", 6, "cannot read", "x + y"),
    ("sum(z[k], k", 3, "not closed", "sum(z[k], k)"),
    ("z[k)", 3, "does not close", "z[k]"),
    ("x $ y", 2, "no meaning", "x * y"),
    ("2x", 0, "'*' is missing", "2*x"),
    ("'x'", 0, "no meaning", "x"),
    ("x.y", 0, "not part of the language", "x*y"),
    ("[x]", 0, "not part of the language", "(x)"),
    ("lambda*x", 0, "choose another name, such as lam$", "lam*x"),
    ("Class + in", 8, "such as in_$", "Class + in_"),
    ("_x", 0, "starts with a letter", "x_"),
    ("0x1F", 0, "number", "31"),
    ("x // y", 0, "only \\+ - \\* /", "x / y"),
    ("x; y", 0, "only the last statement", "h = x; y"),
    ("a = b = 1", 0, "left of '='", "a = 1"),
    ("2 = x", 0, "left of", "y = x"),
    ("h[i,i] = x[i]", 0, "different index letters", "h[i,j] = x[i]*x[j]"),
    ("sum = 2; x", 0, "has a meaning", "sums = 2; x"),
    ("sum", 0, "is a function", "sums"),
    ("z[0]", 2, "only index letters", "z[o]"),
    ("z[pi]", 2, "cannot be an index", "z[p]"),
    ("sofmax(z)[i]", 0, "did you mean softmax", "softmax(z)[i]"),
    ("ln(x)", 0, "did you mean log", "log(x)"),
    ("f(x)", 0, "no function f", "f*(x)"),
    ("(x + 1)(y)", 0, "'\\*' is missing", "(x + 1)*(y)"),
    ("diff(x, x)", 0, "wrt", "x"),
    ("exp(x, y)", 0, "takes 1 argument, not 2", "exp(x)"),
    ("log(x, 2)", 0, r"it is log\(x\)/log\(b\)", "log(x)/log(2)"),
    ("delta(i)", 0, "takes 2 index letters, not 1", "delta(i, j)"),
    ("sum(z[k])", 0, "needs its index", "sum(z[k], k)"),
    ("sum(z[k], 3)", 10, "index letter is wanted", "sum(z[k], k)"),
    ("sum(z[k], k=1)", 0, "plain arguments", "sum(z[k], k)"),
    ("sum(z[i], k)", 10, "does not stand in", "sum(z[i], i)"),
    ("sum(k*z[k], k)", 4, "k is an index", "sum(a*z[k], k)"),
    ("x + x[i]", 0, "x has 1 index and a number is wanted", "x[i] + x[i]"),
    ("x[i] + x[i,j]", 7, "2 indices here and 1 index elsewhere", "x[i] + y[i,j]"),
    ("softmax(z)", 0, r"write softmax\(\.\.\.\)\[i\]", "softmax(z)[i]"),
    ("softmax(z[i])[i]", 8, "whole vector", "softmax(z)[i]"),
    ("softmax(2)[i]", 8, "whole vector", "softmax(2*z)[i]"),
    ("Z[b,:]", 4, "':' marks the axis", "Z[b,k]"),
    ("softmax(Z[:,:])[i]", 8, "only one ':'", "softmax(Z[b,:])[i]"),
    ("softmax(Z)[i] + Z[a,b]", 8, r"write Z\[b, :\]", "softmax(Z[b,:])[i] + Z[a,b]"),
    ("softmax(a*b)[i]", 8, "which is the vector", "softmax(a*b)[i] + b[i]"),
    ("(2 + 1)[i]", 0, "only a whole vector", "(z + 1)[i] + z[j]"),
    ("h = h + 1; h", 4, "used before", "h = g + 1; h"),
    ("h = g; g = 1; h", 4, "used before", "g = 1; h = g; h"),
    ("h = 1; h = 2; h", 7, "defined twice", "h = 1; g = 2; h"),
    ("h[i] = x[i]*y[c]; h[j]", 0, r"write h\[i, c\] = ", "h[i,c] = x[i]*y[c]; h[j,k]"),
    ("p = softmax(Z[b,:]); p[i]", 0, r"write p\[b, i\] = ", "p[b,i] = softmax(Z[b,:])[i]"),
    ("1/(x - x)", 0, "divides by zero", "1/(x - y)"),
    ("sqrt(-4)", 0, "not a real number", "sqrt(4)"),
    ("e^x", 0, r"write exp", "e^2"),
    ("9^9^9", 0, "too large", "9^9"),
    ("x > 0", 0, "not a number", "x"),
    ("2*(x > 0)", 3, "not a number: write where", "2*where(x > 0, 1, 0)"),
    ("x and y", 0, "not a number", "where(x > 0 and y > 0, x, y)"),
    ("not x", 0, "not a number", "where(not x > 0, x, y)"),
    ("where(x, 1, 0)", 6, "condition is wanted", "where(x > 0, 1, 0)"),
    ("where(x > 0, 1)", 0, "a condition and 2 expressions, not 2", "where(x > 0, 1, 0)"),
    ("where(x is y, 1, 0)", 8, "reserved word", "where(x == y, 1, 0)"),
    ("where(x > 0, y > 0, 1)", 13, "not a number", "where(x > 0, y, 1)"),
    ("where(i == 1.5, z[i], 0)", 11, "1.5 is no index", "where(i == 1, z[i], 0)"),
    ("where(i < k*2, z[i], 0)", 10, "no index", "where(i < 2*k, z[i], 0)"),
    ("where(i < T, z[i], T)", 10, "i is an index and T is not", "where(i < t, z[i], T)"),
    ("where(2*(i + t) < t, z[i], 0)", 6, "no index: write i", "where(2*i + t < t, z[i], 0)"),
    ("max(z)", 0, r"max takes two or more numbers, or an index", "max(z[k], k)"),
    ("max(z[k], 0, k)", 13, "k is an index", "max(max(z[k], 0), k)"),
    ("max(z[i], k) + y[k]", 10, "k does not stand in what max", "max(z[i], i) + y[k]"),
    ("prod(z[k])", 0, "needs its index", "prod(z[k], k)"),
    ("relu(x, y)", 0, "takes 1 argument, not 2", "relu(x)"),
    ("x if x else y", 2, "write where", "where(x > 0, x, y)"),
    ("z[i + 0.5]", 2, "a sum such as i", "z[i + 5]"),
    ("z[1*i]", 2, "a sum such as i", "z[2*i]"),
    ("z[i + 1001]", 2, "a shift is at most 1000", "z[i + 1000]"),
    ("h[i + 1] = x[i]; h[j]", 0, "different index letters", "h[i] = x[i]; h[j + 1]"),
    ("log(0)", 0, "not a real number", "log(1)"),
    ("x × y", 2, r"write \*", "x*y"),
    ("size(k)", 0, "nothing says how far k", "size(k)*z[k]"),
    ("sum(x[k],k)*sum(y[k],k)/size(k)", 24, "two lengths", "sum(x[k],k)*sum(y[l],l)/size(k)"),
]


@pytest.mark.parametrize(("text", "column", "message", "fine"), WRONG)
def test_refused_beside_a_near_miss(text: str, column: int, message: str, fine: str) -> None:
    with pytest.raises(DeriveError, match=message) as caught:
        parse(text)
    assert (caught.value.source, caught.value.column) == (text, column)
    assert caught.value.exit_status == 2
    assert "\n" not in caught.value.message
    parse(fine)


@pytest.mark.parametrize(
    ("text", "column", "message", "fine"),
    [
        ("z[i - 1]", 2, r"where\(1 <= i, ..., 0\)", "where(1 <= i, z[i - 1], 0)"),
        ("z[i - k]*y[k]", 2, r"where\(k <= i, ..., 0\)", "where(i < k, 0, z[i - k])*y[k]"),
        ("where(i <= k, z[i - k], 0)", 16, "before the first", "where(not i < k, z[i - k], 0)"),
        ("sum(y[i]*z[i], i) + y[i]*z[i + 1]", 27, "i runs over all of y", "z[i] - z[i + 1]"),
        ("x[i + 1]*x[i + k]", 11, "reaches further", "x[i + k]*x[i + k + 1]"),
        ("where(j - k < size(i), x[i]*y[j - k], 0)", 30, "before", "x[i]*y[j + k]"),
        ("softmax(z)[i + 1]", 0, "write p = softmax", "p = softmax(z); p[i + 1]"),
    ],
)
def test_unsupported_beside_a_near_miss(text: str, column: int, message: str, fine: str) -> None:
    with pytest.raises(UnsupportedError, match=message) as caught:
        parse(text)
    assert caught.value.column == column
    assert caught.value.exit_status == 3
    parse(fine)


@pytest.mark.parametrize(
    ("wrt", "message", "fine"),
    [
        ("q[j]", "not in the problem; it has zeta, T", "zeta[j]"),
        ("zet[j]", "did you mean zeta", "zeta[j]"),
        ("zeta", r"zeta has 1 index: write zeta\[j\]", "zeta[j]"),
        ("zeta[j,k]", "2 indices here and 1 index elsewhere", "zeta[j]"),
        ("T[j]", "1 index here|1 index and a number", "T"),
        ("2*T", "wrt is one variable", "T"),
        ("pi", "wrt is one variable", "T"),
        ("zeta[:]", "wrt is one variable", "zeta[j]"),
        ("T; T", "one expression", "T"),
        ("", "one expression", "T"),
    ],
)
def test_wrt_refused_beside_a_near_miss(wrt: str, message: str, fine: str) -> None:
    text = "sum(zeta[k]*T, k)"
    with pytest.raises(DeriveError, match=message):
        parse(text, [wrt])
    parse(text, [fine])


def test_wrt_may_not_be_the_target_nor_a_diagonal() -> None:
    with pytest.raises(ProblemError, match="L is what is differentiated"):
        parse("L = x**2", ["L"])
    with pytest.raises(UnsupportedError, match="one index at two places"):
        parse("sum(W[a,b], a, b)", ["W[i,i]"])
    assert parse("sum(W[a,b], a, b)", ["W[i,j]"]).wrt_axes == (i, j)


@pytest.mark.parametrize(
    ("assume", "message", "fine"),
    [
        ("q > 0", "not in the problem", "T > 0"),
        ("T", "an assumption is a comparison", "T >= 0"),
        ("0 < T < 1", "one comparison at a time", "T < 1"),
        ("1 == 1", "says nothing", "T == 1"),
        ("sum(z[k], k) = 1", "equality is '=='", "sum(z[k], k) == 1"),
    ],
)
def test_assumption_refused_beside_a_near_miss(assume: str, message: str, fine: str) -> None:
    with pytest.raises(DeriveError, match=message):
        parse("T*sum(z[k], k)", assume=[assume])
    assert len(parse("T*sum(z[k], k)", assume=[fine]).assumptions) == 1


def test_an_error_points_into_the_users_own_text() -> None:
    with pytest.raises(ProblemError) as caught:
        parse("h = x^2\n  g = αβ^2 + y^3*lg(x)  # note\ng")
    assert caught.value.source == "  g = αβ^2 + y^3*lg(x)  # note"
    assert caught.value.source[caught.value.column :].startswith("lg(x)")
    assert caught.value.pointer().splitlines()[1].index("^") == 4 + caught.value.column


# -- expressions in a problem's words ------------------------------------------------------


def test_parse_expression_shares_symbols_and_lengths() -> None:
    problem = parse("softmax(z)[i]", ["z[j]"])
    with undistributed():
        expected = s(i) * (delta(i, j) - s(j))
    assert parse_expression("s[i]*(delta(i,j) - s[j])", problem) == expected
    assert parse_expression("softmax(z)[i]*(delta(i,j) - softmax(z)[j])", problem) == expected
    assert (
        parse_expression("sum(z[a], a)/size(a)", problem) == total(z(index("a")), index("a"), n) / n
    )
    assert parse_expression("1/size(j)", problem) == 1 / n
    assert parse_expression("1/size(k)", problem) == 1 / n


def test_parse_expression_writes_out_an_unknown_softmax() -> None:
    problem = parse("sum(z[k], k)", ["z[j]"])
    assert parse_expression("softmax(z)[j]", problem) == softmax_of_z(j)


@pytest.mark.parametrize(
    ("text", "message", "fine"),
    [
        ("q[j]", "the expression names q, which is not in the problem", "z[j]"),
        ("z[a]", "a is not bound; free indices: i, j", "z[i]"),
        ("z[i,j]", "2 indices here and 1 index elsewhere", "z[i]*z[j]"),
        ("sum(A[k,l]*z[l], k, l)", "two lengths: that of", "sum(A[l,k]*z[l], k, l)"),
        ("1/size(v)", "nothing says how far v", "1/size(i)"),
        ("f = z[i]", "one expression", "z[i]"),
        ("", "one expression", "0"),
    ],
)
def test_parse_expression_refuses_beside_a_near_miss(text: str, message: str, fine: str) -> None:
    problem = parse("sum(A[i,k]*w[k], k)*z[i]", ["z[j]"])
    with pytest.raises((ParseError, ProblemError), match=message):
        parse_expression(text, problem)
    parse_expression(fine, problem)


@pytest.mark.parametrize("name", ["softmax", "cross-entropy", "layer-norm"])
def test_lines_with_pending_derivatives_read_back(name: str) -> None:
    d = derive.derive(name)
    for step in d.steps:
        read = parse_expression(text_of(step.after, d.problem), d.problem)
        assert equal(step.after, read, d.problem)[0] is Verdict.AGREES


def test_a_pending_derivative_has_its_place() -> None:
    problem = parse("softmax(z)[i]", wrt=["z[j]"])
    with pytest.raises(ParseError, match="what to differentiate by is wrt"):
        parse("diff(softmax(z)[i], z[j])", wrt=["z[j]"])
    with pytest.raises(ParseError, match="a variable is wanted here"):
        parse_expression("diff(softmax(z)[i], 2)", problem)
