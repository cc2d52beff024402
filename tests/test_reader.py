"""Mathematics as people write it: what is read, what is refused, and where an error points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache

import pytest
from sympy import Expr

import derive
from derive.answers.hidden import freed
from derive.answers.question import Question
from derive.answers.working import Judged, judge
from derive.checker.finite import equal
from derive.errors import DeriveError
from derive.indices import canonical
from derive.language.statements import statements
from derive.nodes import undistributed
from derive.parse import parse, parse_expression
from derive.problem import Problem
from derive.reader.reading import (
    DENOMINATOR,
    NUMERATOR,
    ReadingError,
    ShapeError,
    Vocabulary,
    read_formula,
    read_working,
    vocabulary_of,
)
from derive.steps import Verdict
from derive.target import resolve
from tests.reader_corpus import READ, REFUSED
from tests.reader_lines import UNCLEAR, WRITTEN

CROSS_ENTROPY = "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)"
PROBLEMS: dict[str, Problem] = {
    "sm": parse("s = softmax(z)\ns[i]", wrt=["z[j]"]),
    "ce": parse(CROSS_ENTROPY, wrt=["z[j]"], assume=["sum(y[k], k) == 1"]),
    "lin": parse(f"z[k] = sum(W[k, r]*x[r], r) + b[k]\n{CROSS_ENTROPY}", wrt=["W[m, l]"]),
    "sig": parse("s = 1/(1 + exp(-x))", wrt=["x"]),
    "mse": parse("L = mean((a[k] - t[k])**2, k)", wrt=["a[j]"]),
    "temp": parse("s = softmax(z/T)\ns[i]", wrt=["z[j]"]),
    "names": parse(
        "h[i] = sum(W1[i, k]*x[k], k) + y_hat[i]*alpha + lam*mu[i] + v_max", wrt=["x[j]"]
    ),
    "relu": parse("where(x > 0, x, a*x)", wrt=["x"]),
    "batch": parse(
        "P[b, k] = softmax(Z[b, :])[k]\nL = -mean(sum(Y[b, k]*log(P[b, k]), k), b)", wrt=["Z[c, j]"]
    ),
    "quad": parse("sum(sum(x[i]*A[i, k]*x[k], k), i)", wrt=["x[j]"]),
}
KNOWN = {name: vocabulary_of(problem) for name, problem in PROBLEMS.items()}


def texts(name: str, formula: str) -> tuple[str, ...]:
    return tuple(form.text for form in read_formula(formula, KNOWN[name]).forms)


# Formulas


@pytest.mark.parametrize(("name", "formula", "wanted"), READ)
def test_it_reads(name: str, formula: str, wanted: tuple[str, ...]) -> None:
    assert texts(name, formula) == wanted


@pytest.mark.parametrize(("name", "formula", "wanted"), READ)
def test_what_it_gives_is_in_the_input_language(
    name: str, formula: str, wanted: tuple[str, ...]
) -> None:
    for text in wanted:
        if "[1]" not in text:  # one entry by number is the language's to refuse
            assert len(statements(text, pending=True)) == 1


@pytest.mark.parametrize(("name", "formula", "message", "column"), REFUSED)
def test_it_refuses(name: str, formula: str, message: str, column: int) -> None:
    with pytest.raises(ReadingError) as found:
        read_formula(formula, KNOWN[name])
    assert str(found.value).startswith(message)
    assert "\n" not in str(found.value)
    assert found.value.column == column
    assert found.value.pointer().splitlines()[1].index("^") == 4 + column


TRUTH = {
    "sm": "s[i]*(delta(i, j) - s[j])",
    "ce": "p[j] - y[j]",
    "lin": "(p[m] - y[m])*x[l]",
    "sig": "s*(1 - s)",
    "mse": "2*(a[j] - t[j])/size(j)",
    "quad": "sum((A[j, k] + A[k, j])*x[k], k)",
    "relu": "where(x > 0, 1, a)",
}
RIGHT = [
    ("sm", r"s_i\left(\mathbb{1}[i=j] - s_j\right)"),
    ("sm", r"\operatorname{diag}(s) - s s^\top"),
    ("sm", r"(I - \mathbf{1} s^\top)^\top \operatorname{diag}(s)"),
    ("sm", r"\operatorname{diag}(s)(I - \mathbf{1}s^T)"),
    ("sm", r"\begin{cases} s_i(1-s_i) & i=j \\ -s_i s_j & i \ne j\end{cases}"),
    ("sm", r"\frac{e^{z_i}\delta_{ij}\sum_k e^{z_k} - e^{z_i}e^{z_j}}{(\sum_k e^{z_k})^2}"),
    ("sm", r"s_i \delta_{ij} \sum_{k \ne i} s_k - s_i s_j [i \ne j]"),
    ("sm", "sᵢ(δᵢⱼ − sⱼ)"),
    ("ce", r"\operatorname{softmax}(z) - y"),
    ("ce", r"(\operatorname{diag}(p) - p p^\top)(-y \oslash p)"),
    ("ce", r"-y_j(1 - p_j) + \sum_{k \neq j} y_k p_j"),
    ("ce", r"\frac{e^{z_j}}{\sum_{k=1}^{K} e^{z_k}} - y_j"),
    ("mse", r"\frac{2}{n}(a - t)"),
    ("mse", r"\frac{1}{N}\sum_{k=1}^N 2(a_k - t_k)\delta_{jk}"),
    ("quad", r"(A + A^\top) x"),
    ("quad", r"x^T (A + A^T)"),
    ("relu", r"\mathbf{1}[x > 0] + a\,\mathbf{1}[x \le 0]"),
    ("relu", r"\begin{cases} a & x \le 0 \\ 1 & x > 0 \end{cases}"),
    ("sig", r"\frac{e^{-x}}{(1+e^{-x})^2}"),
    ("sig", r"\sigma'(x)"),
    ("sig", r"\sigma(x)\,\sigma(-x)"),
]


@pytest.mark.parametrize(("name", "formula"), RIGHT)
def test_a_right_answer_is_right_when_it_is_read(name: str, formula: str) -> None:
    problem = PROBLEMS[name]
    truth = parse_expression(TRUTH[name], problem)
    made = parse_expression(texts(name, formula)[0], problem)
    assert equal(truth, made, problem)[0] is Verdict.AGREES


@pytest.mark.parametrize("formula", [r"s_i(1 - s_j)", r"s \mathbf{1}^\top - s s^\top"])
def test_a_wrong_answer_is_wrong_when_it_is_read(formula: str) -> None:
    problem = PROBLEMS["sm"]
    truth = parse_expression(TRUTH["sm"], problem)
    made = parse_expression(texts("sm", formula)[0], problem)
    assert equal(truth, made, problem)[0] is Verdict.REFUTED


def test_matrix_notation_says_in_which_layout_it_fits() -> None:
    def layouts(name: str, formula: str) -> list[str]:
        return [form.layout for form in read_formula(formula, KNOWN[name]).forms]

    assert layouts("sm", r"\operatorname{diag}(s) - s s^\top") == [NUMERATOR, DENOMINATOR]
    assert layouts("lin", r"(p - y) x^\top") == [DENOMINATOR]
    assert layouts("lin", r"x (p - y)^\top") == [NUMERATOR]
    assert layouts("ce", "p - y") == [DENOMINATOR]
    assert layouts("ce", r"p^\top - y^\top") == [NUMERATOR]
    assert layouts("ce", "p_j - y_j") == [""]


@pytest.mark.parametrize(
    ("name", "formula"),
    [("lin", "(p - y) x"), ("lin", r"W^\top x"), ("sm", "s"), ("quad", "A x^T"), ("ce", "p y^T")],
)
def test_shapes_that_do_not_fit_are_an_error_of_their_own(name: str, formula: str) -> None:
    with pytest.raises(ShapeError):
        read_formula(formula, KNOWN[name])


# Lines of many hands


def last(entry: str, page: str) -> Judged:
    """The last line of a page, as it is held against a known problem."""
    problem = freed(subject(entry), page)
    return judge(read_working(page, vocabulary_of(problem)), Question.of(problem))[-1]


@cache
def subject(entry: str) -> Problem:
    return resolve(entry).problem


@pytest.mark.parametrize(
    ("entry", "page", "meaning"),
    [
        pytest.param(*case, marks=pytest.mark.slow) if place % 5 else case
        for place, case in enumerate(WRITTEN)
    ],
)
def test_a_line_means_what_its_author_meant(entry: str, page: str, meaning: str) -> None:
    line = last(entry, page)
    meant = line.question.read(meaning)
    every = [line.question.checker.compare(one, meant)[0] for one in (line.said, *line.others)]
    assert Verdict.AGREES in every, (line.said, *line.others)


@pytest.mark.parametrize(("entry", "page", "message", "line", "column"), UNCLEAR)
def test_what_is_unclear_is_not_guessed(
    entry: str, page: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(ReadingError) as found:
        last(entry, page)
    assert str(found.value).startswith(message)
    assert (found.value.line, found.value.column) == (line, column)


# Names


def vocabulary(**shapes: tuple[str, ...]) -> Vocabulary:
    return Vocabulary(shapes, {"i": "n", "j": "n"}, ("i",), 1, {"n": ("i", "j")})


@pytest.mark.parametrize("name", ["alpha", "α"])
@pytest.mark.parametrize("written", [r"\alpha", "α", r"\boldsymbol{\alpha}"])
def test_a_greek_letter_is_the_name_the_problem_has_for_it(name: str, written: str) -> None:
    assert read_formula(written, vocabulary(**{name: ()})).text == name


def test_sigma_is_the_problems_name_where_it_has_one() -> None:
    known = vocabulary(sigma=(), x=())
    assert read_formula(r"\sigma(x - 1)", known).text == "sigma*(x - 1)"
    assert read_formula(r"\sigma(x - 1)", vocabulary(x=())).text == "sigmoid(x - 1)"


def test_delta_is_kroneckers_unless_the_problem_has_such_a_matrix() -> None:
    assert read_formula(r"\delta_i \delta_{ij}", vocabulary(delta=("n",))).text == (
        "delta[i]*delta(i, j)"
    )


def test_e_is_not_guessed() -> None:
    with pytest.raises(ReadingError, match="e is a name"):
        read_formula("e^{x}", vocabulary(e=(), x=()))
    assert read_formula(r"\mathrm{e}^{x}", vocabulary(e=(), x=())).text == "exp(x)"


def test_d_is_not_guessed() -> None:
    with pytest.raises(ReadingError, match="d is a name"):
        read_formula(r"\frac{d}{d x} (x)", vocabulary(d=(), x=()))


def test_two_names_that_look_alike_are_not_guessed() -> None:
    with pytest.raises(ReadingError, match="may be"):
        read_formula(r"\epsilon", vocabulary(eps=(), epsilon=()))


def test_an_error_in_the_text_points_into_the_formula() -> None:
    formula = r"\frac{1}{2} s_i \left(\delta_{ij} - s_q\right)"
    reading = read_formula(formula, KNOWN["sm"])
    with pytest.raises(DeriveError) as found:
        parse_expression(reading.text, PROBLEMS["sm"])
    assert reading.error(found.value).column == formula.index("s_q") + 2


def test_every_character_of_a_text_has_a_place() -> None:
    for name, formula, _ in READ:
        for form in read_formula(formula, KNOWN[name]).forms:
            assert len(form.places) == len(form.text)
            assert all(0 <= place <= len(formula) for place in form.places)


# Pages


def told(name: str, page: str) -> list[tuple[int, str, str, bool, str]]:
    return [
        (line.number, line.lhs, line.defines, line.continues, line.reading.text)
        for line in read_working(page, KNOWN[name])
    ]


def test_a_latex_page() -> None:
    page = r"""Let me derive the gradient of $L$.
\begin{align*}
\frac{\partial L}{\partial z_j} &= -\sum_k y_k \frac{\partial \log p_k}{\partial z_j}
    && \text{(definition of $L$)}\\
 &= -\sum_k y_k (\delta_{kj} - p_j) \label{eq:a} \\[2pt] % sift \\ now
 &= -y_j
    + p_j \sum_k y_k \\
 &\quad + 0 \\
 &= p_j - y_j. \nonumber
\end{align*}
"""
    assert told("ce", page) == [
        (3, "diff(L, z[j])", "", False, "-sum(y[k]*diff(log(p[k]), z[j]), k)"),
        (5, "", "", True, "-sum(y[k]*(delta(k, j) - p[j]), k)"),
        (6, "", "", True, "-y[j] + p[j]*sum(y[k], k) + 0"),
        (9, "", "", True, "p[j] - y[j]"),
    ]


def test_a_markdown_page() -> None:
    page = r"""# Solution
With $S = \sum_k e^{z_k}$ we have

$$p_i = \frac{e^{z_i}}{S}$$

where $z_j$ is a logit.

1. $\frac{\partial L}{\partial z_j} = -\sum_k y_k(\delta_{kj} - p_j)$
2. $= p_j \sum_k y_k - y_j = p_j - y_j$

```math
\nabla_z L = p - y
```
```python
print("not a formula")
```
"""
    assert told("ce", page) == [
        (2, "S", "S", False, "sum(exp(z[k]), k)"),
        (4, "p[i]", "", False, "exp(z[i])/S"),
        (8, "diff(L, z[j])", "", False, "-sum(y[k]*(delta(k, j) - p[j]), k)"),
        (9, "", "", True, "p[j]*sum(y[k], k) - y[j]"),
        (9, "", "", True, "p[j] - y[j]"),
        (12, "diff(L, z)", "", False, "p[j] - y[j]"),
    ]


def test_mathematics_around_the_formulas_of_a_page_is_read_too() -> None:
    page = r"""# Case study: the well-known loss
With $p$ = softmax($z$)
we have, where $z_j$ is a logit (and/or a score),
$$L = -\sum_k y_k \log p_k$$
- dp[k]/dz[j] = p[k]*delta(k, j)
    - p[k]*p[j]  # sifted
\section*{The end}
```
= p[k]*(delta(k, j) - p[j])
```
```python
x = "no formula"
```
Finally: p[j] - y[j]
"""
    assert told("ce", page) == [
        (2, "p[j]", "", False, "softmax(z)[j]"),
        (4, "L", "", False, "-sum(y[k]*log(p[k]), k)"),
        (5, "diff(p[k], z[j])", "", False, "p[k]*delta(k, j) - p[k]*p[j]"),
        (9, "", "", True, "p[k]*(delta(k, j) - p[j])"),
        (14, "", "", False, "p[j] - y[j]"),
    ]


def test_a_plain_page() -> None:
    page = """S = sum(exp(z[k]), k)   # a name of my own
q[i] = exp(z[i])/S
dL/dz_j = -sum(y[k]*(delta(k, j) - q[j]), k)
Now the targets sum to one
⇒ = q_j Σ_k y_k
    − y_j
= q[j] - y[j]
"""
    assert told("ce", page) == [
        (1, "S", "S", False, "sum(exp(z[k]), k)"),
        (2, "q[i]", "q", False, "exp(z[i])/S"),
        (3, "diff(L, z[j])", "", False, "-sum(y[k]*(delta(k, j) - q[j]), k)"),
        (5, "", "", True, "q[j]*sum(y[k], k) - y[j]"),
        (7, "", "", True, "q[j] - y[j]"),
    ]


def test_a_page_that_is_only_rows() -> None:
    page = r"\frac{\partial s_i}{\partial z_j} = s_i\delta_{ij} - s_i s_j \\" + "\n"
    page += r"= s_i(\delta_{ij} - s_j)"
    assert [line[4] for line in told("sm", page)] == [
        "s[i]*delta(i, j) - s[i]*s[j]",
        "s[i]*(delta(i, j) - s[j])",
    ]


def test_vectors_can_be_named_on_the_way() -> None:
    page = r"\[ g = p - y \] and so \[ \frac{\partial L}{\partial W} = g x^\top \]"
    assert told("lin", page)[1:] == [(1, "diff(L, W)", "", False, "g[m]*x[l]")]
    assert told("lin", page)[0][1:3] == ("g[m]", "g")


@pytest.mark.parametrize(
    ("page", "line", "column"),
    [
        ("= p[j] - y[j]\n\n= p_j - \\foo", 3, 8),
        ("\\begin{align}\np_j &= y_j \\\\\n &= \\frac{1}{p_j\n\\end{align}", 3, 12),
        ("text\n$$ p_j - y_j", 2, 0),
        ("$$\np_j - q_j\n$$", 2, 6),
    ],
)
def test_an_error_names_the_line(page: str, line: int, column: int) -> None:
    with pytest.raises(ReadingError) as found:
        read_working(page, KNOWN["ce"])
    assert (found.value.line, found.value.column) == (line, column)


def test_a_page_without_a_formula_is_an_error() -> None:
    with pytest.raises(ReadingError, match="no formula"):
        read_working("I do not know how to do this.\nSorry about that.", KNOWN["ce"])


# Hostile input

HOSTILE = {
    "brackets": "(" * 4000 + "s_i" + ")" * 4000,
    "open": r"\left(" * 55,
    "closed": "}" * 4000,
    "powers": "s_i" + "^{2" * 58 + "}" * 57,
    "functions": r"\log" * 900 + " s_i",
    "sums": r"\sum_k" * 900 + " s_k",
    "derivatives": r"\frac{\partial}{\partial z_j}" * 300 + " s_i",
    "negations": "[" + r"\lnot " * 900 + " i=j]",
    "terms": "+".join(["s_i"] * 2500),
    "softmaxes": r"\operatorname{softmax}(" * 25 + "z+z" + ")" * 25 + "_i",
    "digits": "s_i + " + "9" * 5000,
    "bars": "|" * 4000,
    "dollars": "$" * 4001,
    "cases": r"\begin{cases}" * 70,
    "huge": "s_i+" * 100_000,
    "one line": "s_i+" * 250_000,
    "lines": "s_i\n" * 40_000,
    "rows": "= s_i\n" * 30_000,
    "spaces": "s_i" + " " * 190_000 + "s_j",
    "spaces behind": "s_i =" + " " * 190_000 + "(1x",
    "quads": "s_i" + r"\quad " * 30_000 + "(1",
    "joined": "s_i +\n" * 30_000,
    "arrows": r"s_i \implies " * 13_000,
    "formulas": "a $s_i$ " * 23_000,
    "dollars in braces": "{$a" * 60_000,
    "environments": r"\begin{align}s_i\end{align}" * 6_000,
    "labels": "ab " * 60_000 + ":",
    "braces": r"\underbrace{" * 800 + "s_i" + "}_{a}" * 800,
    "differentials": "d^" * 4000,
    "newcommand": r"\newcommand{\a}{s_i} \a",
    "verbatim": r"\verb|s_i|",
    "lua": r"\directlua{os.execute('ls')}",
    "surrogate": "s_i \ud800",
    "nothing": "",
    "null": "s_i\x00",
    "right to left": "s_i \u202e",
    "backslash": "\\",
    "accents": "s" + "\u0302" * 3000 + "_i",
    "input": r"\input{/etc/passwd}",
    "write": r"\immediate\write18{ls}",
    "def": r"\def\a{s_i}\a",
    "catcode": r"\catcode`\%=12",
    "csname": r"\csname input\endcsname",
    "code": "__import__('os').system('ls')",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("read", [read_formula, read_working])
def test_hostile_input_is_refused_in_one_line(
    name: str, read: Callable[[str, Vocabulary], object]
) -> None:
    with pytest.raises(ReadingError) as found:
        read(HOSTILE[name], KNOWN["sm"])
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("cut", range(1, 60, 3))
def test_a_formula_cut_short_is_read_or_refused(cut: int) -> None:
    formula = r"\frac{\partial L}{\partial z_j} = \left(\sum_{k=1}^{n} \hat{s}_k\right)^2"
    with suppress(DeriveError):
        read_formula(formula[:cut], KNOWN["sm"])


# Our own output

SAMPLE = ["softmax", "cross-entropy", "layer-norm", "mlp", "gelu-tanh", "residual", "max-pooling"]
SAMPLE += ["softshrink", "attention", "gumbel-softmax", "rms-norm", "batch-cross-entropy"]


def expression(text: str, problem: Problem) -> Expr:
    with undistributed():
        return canonical(parse_expression(text, problem))


def steps(name: str) -> Iterator[tuple[Problem, str, str]]:
    """The lines of an entry's derivation in LaTeX and in the input language."""
    made = derive.derive(name)
    for step in made.to_dict()["steps"]:
        yield made.problem, step["after"]["latex"], step["after"]["text"]


def check_round_trip(name: str) -> None:
    compared = 0
    for problem, latex, text in steps(name):
        try:
            wanted = expression(text, problem)
        except DeriveError:
            continue  # a line that the language itself does not read back
        assert expression(read_formula(latex, vocabulary_of(problem)).text, problem) == wanted
        compared += 1
    assert compared


@pytest.mark.parametrize("name", SAMPLE)
def test_our_own_latex_is_read_back(name: str) -> None:
    check_round_trip(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in derive.catalogue() if n not in SAMPLE])
def test_all_our_own_latex_is_read_back(name: str) -> None:
    check_round_trip(name)


@pytest.mark.parametrize("name", ["softmax", "linear-cross-entropy", "l2-normalize", "max-pooling"])
def test_our_own_matrix_notation_is_read_back(name: str) -> None:
    made = derive.derive(name)
    assert made.matrix
    form = read_formula(made.matrix.latex, vocabulary_of(made.problem)).forms[0]
    assert form.layout == made.matrix.convention
    found = parse_expression(form.text, made.problem)
    assert equal(made.result, found, made.problem)[0] is Verdict.AGREES
