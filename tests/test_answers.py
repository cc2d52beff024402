"""Somebody's answer: what is right is never flagged, what is wrong is shown by numbers that can be
checked, one slip is charged once, and the mistake behind it is named."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest

from derive.answers.api import check
from derive.answers.marking import Marking
from derive.answers.mistakes import MISTAKES
from derive.answers.report import Mark, Report
from derive.errors import DeriveError
from derive.matrix import DENOMINATOR, NUMERATOR
from derive.target import resolve

CE = "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)"
LAYER = f"z[k] = sum(W[k, r]*x[r], r) + b[k]\n{CE}"
CASES = "where(i == j, s[i]*(1 - s[i]), -s[i]*s[j])"
NUMERATOR_OF_SOFTMAX = "exp(z[i])*delta(i, j)*sum(exp(z[k]), k) - exp(z[i])*exp(z[j])"
SHIFTED = "exp(z[i] - max(z[k], k))/sum(exp(z[l] - max(z[k], k)), l)"

# What was asked (target, by what, assuming what), and answers to it.
Question = tuple[str, str | None, tuple[str, ...]]
SOFTMAX: Question = ("softmax", None, ())
ENTROPY: Question = ("cross-entropy", None, ())
WEIGHTS: Question = ("cross-entropy", "W[m, l]", ())
SIGMOID: Question = ("sigmoid", None, ())
SQUARES: Question = ("mean-squared-error", None, ())
BARE: Question = ("softmax(z)[i]", "z[j]", ())
QUADRATIC: Question = ("sum(sum(x[i]*A[i, k]*x[k], k), i)", "x[j]", ())
TWO_SLOPES: Question = ("t = tanh(b*x)\nexp(x)*t", "x", ())
RECTANGLE: Question = ("y[i] = sum(W[i, k]*x[k], k)\nL = sum(g[i]*y[i], i)", "x[j]", ())

RIGHT: list[tuple[Question, str]] = [
    (SOFTMAX, "s[i]*(delta(i, j) - s[j])"),
    (SOFTMAX, "(delta(j, i) - s[j])*s[i]"),
    (SOFTMAX, "-s[i]*(s[j] - delta(i, j))"),
    (SOFTMAX, "s_i (1[i = j] - s_j)"),
    (SOFTMAX, CASES),
    (SOFTMAX, "where(i != j, -s[i]*s[j], s[i] - s[i]^2)"),
    (SOFTMAX, f"{SHIFTED}*(delta(i, j) - s[j])"),
    (SOFTMAX, "exp(z[i] - 7)/sum(exp(z[q] - 7), q)*(delta(i, j) - s[j])"),
    (SOFTMAX, "(exp(z[i])*delta(i,j)*sum(exp(z[k]),k) - exp(z[i])*exp(z[j]))/sum(exp(z[k]),k)^2"),
    (SOFTMAX, "s[i]*delta(i, j)*sum(s[m], m) - s[i]*s[j]"),
    (SOFTMAX, "s[i]*delta(i, j) - s[i]*s[j] + sum(s[k], k) - 1"),
    (SOFTMAX, "sum(s[i]*(delta(i, k) - s[k])*delta(k, j), k)"),
    (SOFTMAX, "s[i]/size(i)/size(i)*size(i)*size(i)*(delta(i, j) - s[j])"),
    (SOFTMAX, "ds[a]/dz[b] = s[a]*(delta(a, b) - s[b])"),
    (SOFTMAX, "ds[j]/dz[i] = s[j]*(delta(i, j) - s[i])"),
    (SOFTMAX, "a = softmax(z)\nda[m]/dz[l] = a[m]*(delta(m, l) - a[l])"),
    (SOFTMAX, "o[c] = exp(z[c])/sum(exp(z[v]), v)\ndo[m]/dz[l] = o[m]*(delta(m, l) - o[l])"),
    (SOFTMAX, r"\operatorname{diag}(s) - s s^\top"),
    (SOFTMAX, "J = diag(s) - s s^T"),
    (SOFTMAX, r"\frac{\partial s_i}{\partial z_j} = s_i(\delta_{ij} - s_j)"),
    (ENTROPY, "p[j] - y[j]"),
    (ENTROPY, "-(y[j] - p[j])"),
    (ENTROPY, "p[j]*sum(y[k], k) - y[j]"),
    (ENTROPY, "-y[j]*(1 - p[j]) + sum(where(k != j, y[k]*p[j], 0), k)"),
    (ENTROPY, "g = p - y"),
    (ENTROPY, r"g = \operatorname{softmax}(z) - y"),
    (ENTROPY, "S = sum(exp(z[k]), k)\ndL/dz[j] = exp(z[j])/S - y[j]"),
    (WEIGHTS, "(p[m] - y[m])*x[l]"),
    (WEIGHTS, "dL/dW[i, j] = (p[i] - y[i])*x[j]"),
    (WEIGHTS, "(p - y) x^T"),
    (WEIGHTS, "x (p - y)^T"),
    (SIGMOID, "s*(1 - s)"),
    (SIGMOID, "exp(-x)/(1 + exp(-x))^2"),
    (SIGMOID, "1/(2 + exp(x) + exp(-x))"),
    (SQUARES, "2/size(j)*(a[j] - t[j])"),
    (SQUARES, r"\frac{1}{n}\sum_k 2(a_k - t_k)\delta_{kj}"),
    (SQUARES, "a[j]/size(j)*2 - t[j]*2/size(j)"),
    (BARE, "softmax(z)[i]*(delta(i, j) - softmax(z)[j])"),
    (BARE, "s = softmax(z)\nds[i]/dz[j] = s[i]*(delta(i, j) - s[j])"),
    (BARE, "s = sum(exp(z[k]), k)\nexp(z[i])/s*(delta(i, j) - exp(z[j])/s)"),
    (QUADRATIC, "sum((A[j, k] + A[k, j])*x[k], k)"),
    (QUADRATIC, "(A + A^T) x"),
    (QUADRATIC, "x^T (A + A^T)"),
    (RECTANGLE, "sum(g[i]*W[i, j], i)"),
    (RECTANGLE, "W^T g"),
]


def report(question: Question, answer: str) -> Report:
    target, wrt, assume = question
    return check(answer, target, wrt, assume)


@pytest.mark.parametrize(("question", "answer"), RIGHT)
def test_what_is_right_is_not_flagged(question: Question, answer: str) -> None:
    found = report(question, answer)
    assert found.verdict is Mark.RIGHT, found.to_text()
    assert all(line.mark in (Mark.RIGHT, Mark.DEFINES) for line in found.lines)
    assert found.misconception is None
    assert not found.counterexample


def test_the_layout_that_was_seen_is_told() -> None:
    assert report(WEIGHTS, "(p - y) x^T").layout == DENOMINATOR
    assert report(WEIGHTS, "x (p - y)^T").layout == NUMERATOR
    assert report(WEIGHTS, "(p[m] - y[m])*x[l]").layout == ""


# The misconceptions of shared/demand.md, and more.
NAMED: list[tuple[Question, str, str]] = [
    (RECTANGLE, "sum(g[i]*W[j, i], i)", "transposed"),
    (("y[i] = sum(W[i, k]*x[k], k)", "x[j]", ()), "W[j, i]", "transposed"),
    (SOFTMAX, "s[i]*(1 - s[i])", "diagonal-only"),
    (SOFTMAX, "delta(i, j)*s[i]*(1 - s[i])", "diagonal-only"),
    (("layer-norm", None, ()), "delta(i, j)/sqrt(v)", "shared-reduction"),
    (("layer-norm", None, ()), "(delta(i, j) - 1/size(i))/sqrt(v)", "shared-reduction"),
    (SOFTMAX, "s[i]*delta(i, j)", "shared-reduction"),
    (SQUARES, "2*(a[j] - t[j])", "constant-factor"),
    (SQUARES, "(a[j] - t[j])/size(j)", "constant-factor"),
    (SIGMOID, "x*(1 - x)", "chain-rule-missing"),
    (ENTROPY, "-y[j]/p[j]", "chain-rule-missing"),
    (WEIGHTS, "p[m] - y[m]", "chain-rule-missing"),
    (("exp(a*x**2)", "x", ()), "exp(a*x**2)", "chain-rule-missing"),
    (SOFTMAX, "s[i]*(1 - s[j])", "lost-sum"),
    (QUADRATIC, "(A[j, k] + A[k, j])*x[k]", "lost-sum"),
    (("(a + b)**2*x", "x", ()), "a**2 + b**2", "algebra-slip"),
    (("x*sqrt(a + b)", "x", ()), "sqrt(a) + sqrt(b)", "algebra-slip"),
    (ENTROPY, "y[j] - p[j]", "sign"),
    (SOFTMAX, "s[i]*(delta(i, j) + s[j])", "sign"),
    ((CE, "z[j]", ()), "p[j] - y[j]", "p-minus-y"),
    (("where(x > 0, x, a*x)", "x", ()), "where(x > 0, a, 1)", "wrong-branch"),
    (("huber", None, ()), "a - t", "wrong-branch"),
    (("x**2*exp(x)", "x", ()), "2*x*exp(x)", "product-rule"),
    (("x/(1 + x**2)", "x", ()), "1/(2*x)", "quotient-rule"),
    (("x**3", "x", ()), "3*x**3", "power-rule"),
    (ENTROPY, "p[j]", "missing-term"),
    (("tanh(x)", "x", ()), "tanh(x)*(1 - tanh(x))", "wrong-slope"),
    (SIGMOID, "1 - s*(1 - s)", "complement"),
    (("log(1 + x**2)", "x", ()), "(1 + 2*x)/(1 + x**2)", "constant-kept"),
    # one term, one case, one place
    (("ridge", None, ()), "2*sum((sum(X[n,k]*w[k],k)-t[n])*X[n,j],n) + l*w[j]", "constant-factor"),
    (("huber", None, ()), "where(abs(a-t) < d, 2*(a-t), d*sign(a-t))", "constant-factor"),
    (QUADRATIC, "2*sum(A[j, k]*x[k], k)", "transposed"),
    (QUADRATIC, "sum((A[j, k] + A[j, j])*x[k], k)", "lost-sum"),
    (TWO_SLOPES, "exp(x)*t + exp(x)*(1 - (b*x)**2)*b", "chain-rule-missing"),
    (("bilinear", None, ()), "v[r]", "missing-factor"),
    # in another form of the right result: unsimplified, by cases, with names written out
    (SOFTMAX, "where(i == j, s[i]*(1 - s[i]), s[i]*s[j])", "sign"),
    (SOFTMAX, f"({NUMERATOR_OF_SOFTMAX})/sum(exp(z[k])**2, k)", "algebra-slip"),
    (("least-squares", None, ()), "2*sum(sum(A[i,k]*x[k],k)*A[i,j],i)", "missing-term"),
    (("silu", None, ()), "sigmoid(x) - x*sigmoid(x)*(1 - sigmoid(x))", "sign"),
]


@pytest.mark.parametrize(("question", "answer", "slug"), NAMED)
def test_a_misconception_is_named(question: Question, answer: str, slug: str) -> None:
    found = report(question, answer)
    assert found.verdict is Mark.WRONG
    assert found.misconception is not None, found.to_text()
    assert found.misconception.slug == slug
    assert len(found.misconceptions) == 1


def test_two_mistakes_together_are_both_named() -> None:
    found = report((CE, "z[j]", ()), "y[j] - p[j]")
    assert [mistake.slug for mistake in found.misconceptions] == ["p-minus-y", "sign"]
    found = report(SQUARES, "t[j] - a[j]")
    assert {mistake.slug for mistake in found.misconceptions} == {"constant-factor", "sign"}


def test_every_misconception_of_the_list_has_a_sentence_of_each_kind() -> None:
    wanted = "transposed diagonal-only shared-reduction constant-factor chain-rule-missing"
    wanted += " lost-sum algebra-slip sign p-minus-y wrong-branch"
    assert {*wanted.split()} <= {mistake.slug for mistake in MISTAKES}
    for mistake in MISTAKES:
        for text in (mistake.why, mistake.mend):
            assert re.fullmatch(r"[A-Z].*[a-z0-9)]\.", text), text


def test_a_misconception_points_at_a_step_of_the_right_derivation() -> None:
    import derive

    found = report(SOFTMAX, "s[i]*(1 - s[i])").misconception
    assert found is not None
    assert found.step is not None
    step = derive.derive("softmax").steps[found.step - 1]
    assert step.title == found.rule


# Wrong answers of no known kind


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        (SOFTMAX, "s[i]*delta(i, j) - 5*s[i]*s[j]", "It has -5*s[i]*s[j] where"),
        (SOFTMAX, "3*s[i]*(delta(i, j) - s[j])", "It is 3 times the right result."),
        (("gaussian-nll", None, ()), "(m - t)/v + 1/(2*v)", "The right result has no term 1/(2*v)"),
        (SOFTMAX, "s[i]*(delta(i, j) - s[j]) + z[i]*(1 - delta(i, j))", "It is right where i = j"),
        (("relu", None, ()), "where(x > 1, 1, 0)", "It has the condition x > 1 where"),
        (ENTROPY, "dL/dz[j] = p[j]*y[k]", "The index k stands on the right only"),
    ],
)
def test_else_it_says_where_the_answer_parts_from_the_truth(
    question: Question, answer: str, told: str
) -> None:
    found = report(question, answer)
    assert found.verdict is Mark.WRONG
    assert found.misconception is None
    assert any(part.startswith(told) for part in found.parts), found.parts


# Counterexamples


def numbers(text: str, name: str) -> np.ndarray:
    found = re.search(rf"\b{name} = (\[.*?\](?=, \w+ =|$)|[-\d./]+)", text)
    assert found, text
    return np.array(ast.literal_eval(found[1]))


@pytest.mark.parametrize("answer", ["s[i]*(1 - s[i])", "-s[i]*s[j]", "s[i]*(1 - s[j])"])
def test_a_counterexample_can_be_worked_out_by_hand(answer: str) -> None:
    shown = report(SOFTMAX, answer).counterexample
    assert shown["sizes"] == "n = 2"
    z = numbers(shown["point"], "z")
    assert len(shown["point"]) < 20
    assert np.array_equal(z, np.round(z))
    s = np.exp(z) / np.exp(z).sum()
    i, j = (int(numbers(shown["indices"], letter)) - 1 for letter in "ij")
    values = {"s[i]*(1 - s[i])": s[i] * (1 - s[i]), "-s[i]*s[j]": -s[i] * s[j]}
    given = values.get(answer, s[i] * (1 - s[j]))
    assert np.allclose(numbers(shown["names"], "s"), s, atol=1e-4)
    assert float(shown["answer"]) == pytest.approx(given, abs=1e-4)
    assert float(shown["truth"]) == pytest.approx(s[i] * ((i == j) - s[j]), abs=1e-4)


def test_a_counterexample_meets_the_assumptions_and_has_the_answers_letters() -> None:
    shown = report(ENTROPY, "dL/dz[q] = p[q]").counterexample
    assert numbers(shown["point"], "y").sum() == pytest.approx(1)
    assert shown["indices"].startswith("q = ")
    shown = check("log(p)", "p*log(p)", "p", ["p > 0", "p < 1"]).counterexample
    assert re.fullmatch(r"p = 0\.\d", shown["point"])


# Pages

PAGE = """S = sum(exp(z[k]), k)
s[i] = exp(z[i])/S
ds[i]/dz[j] = (exp(z[i])*delta(i,j)*S - exp(z[i])*exp(z[j]))/S^2
= s[i]*delta(i,j) - s[i]*s[j]
= s[i]*(delta(i,j) - s[j])"""


def marks(text: str, question: Question = SOFTMAX) -> str:
    """The marks of a page by their first letters."""
    return "".join(line.mark.value[0] for line in report(question, text).lines)


def test_a_right_page() -> None:
    assert marks(PAGE) == "drrrr"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("exp(z[i])/S\n", "exp(z[i])*S\n", "dwrrr"),
        ("S - exp(z[i])", "S + exp(z[i])", "drwrr"),
        ("delta(i,j) - s[i]*s[j]", "delta(i,j) + s[i]*s[j]", "drrwr"),
        ("(delta(i,j) - s[j])", "(1 - s[j])", "drrrw"),
    ],
)
def test_the_line_of_a_planted_slip_is_found(old: str, new: str, wanted: str) -> None:
    page = PAGE.replace(old, new)
    assert page != PAGE
    assert marks(page) == wanted
    found = report(SOFTMAX, page).first_wrong_line
    assert found is not None
    assert found.number == wanted.index("w") + 1


def test_one_slip_is_charged_once() -> None:
    page = PAGE.replace("S - exp(z[i])", "S + exp(z[i])").replace("- s", "+ s")
    assert marks(page) == "drwff"


def test_what_follows_by_the_chain_rule_is_charged_to_the_slip() -> None:
    page = """dL/dp[k] = y[k]/p[k]
dp[k]/dz[j] = p[k]*(delta(k,j) - p[j])
dL/dz[j] = sum(y[k]/p[k]*p[k]*(delta(k,j) - p[j]), k)
= y[j] - p[j]"""
    assert marks(page, ENTROPY) == "wrff"
    found = report(ENTROPY, page)
    assert found.misconception is not None
    assert found.misconception.slug == "sign"
    assert found.lines[2].note == "follows from line 1, which is wrong"
    both = page.replace("delta(k,j) - p", "delta(k,j) + p").replace("y[j] - p[j]", "y[j] + p[j]")
    assert marks(both, ENTROPY) == "wwff"


def test_a_step_of_another_derivation_says_of_which() -> None:
    found = report(ENTROPY, "dp[k]/dz[j] = p[k]*(1 - p[k])").misconception
    assert found is not None
    assert found.slug == "diagonal-only"
    assert found.question == "diff(p[k], z[j])"
    asked = report(ENTROPY, "p[j]").misconception
    assert asked is not None
    assert asked.question == ""


def test_a_second_slip_is_charged_too() -> None:
    page = PAGE.replace("S - exp(z[i])", "S + exp(z[i])").replace("(delta(i,j) - s[j])", "(7)")
    found = report(SOFTMAX, page)
    assert [line.mark.value[0] for line in found.lines] == [*"drwrw"]


def test_a_right_line_below_a_wrong_one_is_right_but_does_not_follow() -> None:
    found = report(SOFTMAX, PAGE.replace("S - exp(z[i])", "S + exp(z[i])"))
    assert found.verdict is Mark.WRONG
    assert found.lines[3].note == "right, but not equal to the line before"


def test_a_page_in_latex() -> None:
    page = r"""\begin{align}
\frac{\partial L}{\partial p_k} &= -\frac{y_k}{p_k} \\
\frac{\partial L}{\partial z_j} &= \sum_k \frac{\partial L}{\partial p_k} \cdot
  p_k (\delta_{kj} - p_j) \\
 &= -y_j + p_j \sum_k y_k \\
 &= %s
\end{align}"""
    assert marks(page % "p_j - y_j", ENTROPY) == "rrrr"
    assert marks(page % "p_j + y_j", ENTROPY) == "rrrw"


def test_a_page_without_the_result_is_undecided() -> None:
    found = report(ENTROPY, "dL/dp[k] = -y[k]/p[k]")
    assert found.verdict is Mark.UNDECIDED
    assert found.evidence == "no line states the result that is asked for"


@pytest.mark.parametrize("answer", ["diff(s[i], z[j])", r"\frac{\partial s_i}{\partial z_j}"])
def test_the_question_is_no_answer_to_itself(answer: str) -> None:
    found = report(SOFTMAX, answer)
    assert found.verdict is Mark.UNDECIDED
    assert "derivative is still to be worked out" in found.evidence


def test_the_layout_may_not_change_within_a_chain() -> None:
    question = ("y[i] = sum(W[i, k]*x[k], k)", "x[j]", ())
    square = ("y[i] = sum(W[i, k]*x[k], k) + x[i]", "x[j]", ())
    assert marks("W", question) == "r"
    assert marks("J = W + I", square) == "r"
    assert marks("W + I\n= W^T + I", square) == "rw"


# Seeds


def test_seed_c1_weight_gradients() -> None:
    """a_i (1 - a_j) o_j and a_i a_j o_j for the loss -ln a_c; it is (a_i - y_i) o_j."""
    target = "z[k] = sum(W[k, m]*o[m], m)\na = softmax(z)\n-sum(y[k]*log(a[k]), k)"
    question: Question = (target, "W[i, j]", ("sum(y[k], k) == 1",))
    assert report(question, "(a[i] - y[i])*o[j]").verdict is Mark.RIGHT
    for answer in ("a[i]*(1 - a[i])*o[j]", "a[i]*y[i]*o[j]", "-a[i]*sum(y[k]*a[k], k)*o[j]"):
        found = report(question, answer)
        assert found.verdict is Mark.WRONG
        assert {"point", "answer", "truth"} <= set(found.counterexample)


def test_seed_d2_only_the_diagonal() -> None:
    found = report(SOFTMAX, "s*(1 - s)".replace("s", "s[i]"))
    assert found.misconception is not None
    assert found.misconception.slug == "diagonal-only"


# Soundness


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (("margin-ranking", None, ()), "where(m > y*a, -y, 0)"),
        (("ppo", None, ()), "where(A <= g, A*r, 0)"),
        (("smooth-l1", None, ()), "where(abs(a) < b, (a - t)/b, sign(a - t))"),
        (("hinge", None, ()), "where(x < 1, -y, 0)"),
        (SOFTMAX, "s[i]*(delta(i, j) - s[j]) + (size(i) - 2)*(size(i) - 3)"),
        (SQUARES, "2*(a[j] - t[j])/size(j) + 1/1000000000000"),
    ],
)
def test_what_is_wrong_at_few_places_only_is_not_right(question: Question, answer: str) -> None:
    found = report(question, answer)
    assert found.verdict is Mark.WRONG
    assert found.counterexample["answer"] != found.counterexample["truth"]


# What cannot be read


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("s[k]*(delta(k, m) - s[m])", "the result's letters are i, j, and here is k, m"),
        ("ds[i]/dz[j] = q*s[i]", "there is no q here"),
        ("g[k] = s[k]\ng[m] = 2*s[m]", "g stands for something else from above"),
        ("s[i]*(", ""),
        ("", "there is no formula here"),
        (r"\input{/etc/passwd}", ""),
        (r"\write18{ls}", ""),
        ("__import__('os').system('ls')", ""),
        ("().__class__", ""),
        ("(" * 500 + "s[i]" + ")" * 500, ""),
        ("s[i]*" * 3000 + "s[j]", ""),
        ("9^9^9^9^9", ""),
        ("\x00", ""),
        ("= = =", ""),
        (r"\begin{align} s_i", ""),
    ],
)
def test_what_cannot_be_read_is_an_error_in_one_line(answer: str, message: str) -> None:
    with pytest.raises(DeriveError) as found:
        check(answer, "softmax")
    assert message in found.value.message
    assert "\n" not in found.value.message
    assert len(found.value.message) < 200


# What is shown


def test_hints_give_away_more_and_more() -> None:
    page = PAGE.replace("S - exp(z[i])", "S + exp(z[i])")
    found = report(SOFTMAX, page)
    first, second, third = (found.to_text(hint=hint) for hint in (1, 2, 3))
    assert "Look at line 3." in first
    assert "sign" not in first
    assert "sign" in second
    assert "s[i]*(delta(i, j) - s[j])" not in second
    assert "s[i]*(delta(i, j) - s[j])" in third
    with pytest.raises(ValueError, match="hint"):
        found.to_text(hint=4)


def test_the_report_as_data() -> None:
    data = report(SOFTMAX, "s[i]*(1 - s[i])").to_dict()
    assert data["verdict"] == "wrong"
    assert data["first_wrong_line"] == {"number": 1, "text": "s[i]*(1 - s[i])"}
    assert set(data["counterexample"]) >= {"sizes", "indices", "point", "answer", "truth"}
    assert set(data["misconception"]) >= {"slug", "why", "mend", "step"}
    assert report(SOFTMAX, CASES).to_dict()["counterexample"] is None


def test_a_notebook_shows_marked_lines_and_escapes_what_was_written() -> None:
    page = report(("where(x > 0, x, a*x)", "x", ()), "where(x<0, 1, a)")._repr_html_()
    assert "where(x&lt;0, 1, a)" in page
    assert "<script" not in page
    assert "✗" in page


def test_the_verdict_does_not_depend_on_what_was_marked_before() -> None:
    answers = [answer for question, answer in RIGHT if question == SOFTMAX]
    answers += [answer for question, answer, _ in NAMED if question == SOFTMAX]
    problem = resolve("softmax").problem
    alone = [Marking(problem).page(answer).to_dict() for answer in answers]
    one = Marking(problem)
    together = [one.page(answer).to_dict() for answer in reversed(answers)]
    assert together[::-1] == alone
