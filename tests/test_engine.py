"""Derivations: their results, ways, levels, and that no index is ever captured."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import sympy
from sympy import Rational

import derive
from derive import known
from derive.api import Derivation
from derive.checker.finite import equal
from derive.engine import derive as answer
from derive.functions import exp
from derive.parse import parse, parse_expression
from derive.rules import RULES, calculus
from derive.steps import Level, Rewrite, Rule, Status

Asked = tuple[str, str | list[str], str]

TEXTBOOK: dict[str, tuple[str, ...]] = {
    "sigmoid": ("s*(1 - s)",),
    "softmax": ("s[i]*(delta(i, j) - s[j])",),
    "log-softmax": ("delta(i, j) - s[j]",),
    "log-sum-exp": ("s[j]",),
    "cross-entropy": ("p[j] - y[j]", "(p[m] - y[m])*x[l]", "p[m] - y[m]"),
    "cross-entropy-hessian": ("p[i]*(delta(i, j) - p[j])",),
    "linear-cross-entropy": ("(p[m] - y[m])*x[l]", "p[m] - y[m]"),
    "negative-log-likelihood": ("p[j] - delta(c, j)",),
    "binary-cross-entropy": ("p - y",),
    "tanh": ("1 - t**2",),
    "softplus": ("sigmoid(x)",),
    "mean-squared-error": ("2*(a[j] - t[j])/size(j)",),
    "two-class-softmax": ("s*(1 - s)",),
}


@pytest.mark.parametrize(("name", "texts"), TEXTBOOK.items())
def test_results_are_the_textbooks(name: str, texts: tuple[str, ...]) -> None:
    entry = known.find(name)
    assert entry is not None
    asked = [list(entry.wrt), *([variable] for variable in entry.also)]
    assert tuple(derive.derive(name, wrt=w).result_text for w in asked[: len(texts)]) == texts


@pytest.mark.parametrize("way", ["quotient", "product", "log"])
def test_all_ways_of_softmax_end_alike(way: str) -> None:
    d = derive.derive("softmax", by=way)
    assert d.verified
    assert d.result_text == "s[i]*(delta(i, j) - s[j])"
    rules = [step.rule for step in d.at_level("full").steps]
    own = {"quotient": "quotient-rule", "product": "product-rule"}
    assert own.get(way, "logarithmic-differentiation") in rules
    assert d.cases is not None
    assert d.cases.verdict == "agrees"
    (same, _), (different, _) = d.cases.after.args
    assert same.subs({}) == derive.derive("softmax").cases.after.args[0][0]
    assert -different == sympy.Mul(*(f for f in (-different).args))


def test_the_product_way_is_the_one_of_the_forum_answer() -> None:
    """Product rule on e^z_i (sum)^-1, then the power rule; no quotient rule anywhere."""
    rules = [step.rule for step in derive.derive("softmax", by="product", level="full").steps]
    assert "quotient-rule" not in rules
    places = [rules.index(r) for r in ("product-rule", "power-rule", "sum-rule", "sifting")]
    assert places == sorted(places)


def test_a_way_that_does_not_apply_is_an_error() -> None:
    with pytest.raises(derive.ProblemError, match="never came to use"):
        derive.derive("softplus", by="log")
    with pytest.raises(ValueError, match="by is one of"):
        derive.derive("softmax", by="magic")


@pytest.mark.parametrize("name", ["softmax", "cross-entropy", "linear-cross-entropy", "tanh"])
def test_each_step_starts_where_the_last_one_ended(name: str) -> None:
    whole = derive.derive(name)
    for level in ("brief", "normal", "full"):
        d = whole.at_level(level)
        lines = [d.chain.start, *(step.after for step in d.steps)]
        assert [step.before for step in d.steps] == lines[:-1]
        assert lines[-1] == d.result


def test_levels_tell_less_or_more() -> None:
    softmax, entropy = derive.derive("softmax"), derive.derive("cross-entropy")
    assert 8 <= len(softmax.steps) <= 14
    assert 6 <= len(entropy.steps) <= 12
    for d in (softmax, entropy):
        brief, full = d.at_level("brief"), d.at_level("full")
        assert len(brief.steps) < len(d.steps) < len(full.steps)
    assert any(step.lemma for step in entropy.steps)
    assert "Jacobian of softmax" in {step.title.partition(";")[0] for step in entropy.steps}
    assert not any(step.lemma for step in entropy.at_level("full").steps)
    assert "quotient-rule" in {step.rule for step in entropy.at_level("full").steps}


def test_the_assumption_is_used_in_one_marked_step_and_only_if_made() -> None:
    text = "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)"
    assumed = derive.derive(text, wrt="z[j]", assume="sum(y[k], k) == 1")
    assert sum(step.rule == "assumption" for step in assumed.steps) == 1
    plain = derive.derive(text, wrt="z[j]")
    assert not any(step.rule == "assumption" for step in plain.steps)
    assert plain.verified
    assert plain.result_text == "p[j]*sum(y[k], k) - y[j]"


def test_sum_of_squares_times_an_entry_is_not_captured() -> None:
    d = derive.derive("sum(x[k]**2, k)*x[k]", wrt="x[k]")
    assert d.verified
    assert d.steps[0].rule == "rename-index"
    values = d.function()(x=[1.0, 2.0, 3.0])
    assert values.tolist() == [16.0, 22.0, 32.0]  # 2 x_k^2 + sum of squares


def test_softmax_by_the_letter_that_is_bound_in_it() -> None:
    d = derive.derive("softmax(z)[i]", wrt="z[k]")
    assert d.verified
    assert "rename-index" in [step.rule for step in d.steps]
    usual = derive.derive("softmax(z)[i]", wrt="z[j]")
    z = [0.3, -1.0, 2.0]
    assert d.function()(z=z).tolist() == usual.function()(z=z).tolist()


def test_the_diagonal_where_letters_coincide() -> None:
    d = derive.derive("softmax(z)[j]", wrt="z[j]")
    assert d.verified
    full = derive.derive("softmax(z)[i]", wrt="z[j]").function()(z=[0.3, -1.0, 2.0])
    assert d.function()(z=[0.3, -1.0, 2.0]) == pytest.approx(full.diagonal())


def test_a_defined_name_as_variable_is_held_fixed() -> None:
    """By p itself, softmax is not looked into."""
    d = derive.derive("p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)", wrt="p[j]")
    assert d.verified
    assert d.result_text == "-y[j]/p[j]"


def test_nothing_depends_on_the_hash_seed() -> None:
    program = "import derive; print(derive.derive('softmax-temperature', wrt='T').to_text())"
    outputs = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(run.stdout)
    assert len(outputs) == 1


def test_letters_do_not_matter() -> None:
    first = derive.derive("p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)", wrt="z[j]")
    other = derive.derive("b = softmax(v)\nQ = -sum(g[m]*log(b[m]), m)", wrt="v[a]")
    assert [s.rule for s in first.steps] == [s.rule for s in other.steps]
    assert [s.title for s in first.steps] == [s.title for s in other.steps]


def test_users_rules_come_first() -> None:
    def rewrite(node: sympy.Expr, _: object) -> Rewrite | None:
        known = isinstance(node.expr, sympy.Function) and node.expr.func.__name__ == "tanh"
        return Rewrite(Rational(1, 2) * exp(node.variable)) if known else None

    mine = replace(calculus.CHAIN, name="my-rule", rewrite=rewrite)
    d = derive.derive("tanh(x)", wrt="x", rules=(mine, *RULES))
    assert d.chain.steps[0].rule == "my-rule"
    assert d.chain.steps[0].verdict == "refuted"
    assert not d.verified


def test_it_says_how_it_ended() -> None:
    problem = parse("exp(x)", wrt=["x"])
    assert answer(problem, ()).status is Status.STUCK
    assert answer(problem, ()).where is not None

    def forever(node: sympy.Expr, _: object) -> Rewrite | None:
        return Rewrite(node)

    loop = Rule("again", "Again", "", "", calculus.CHAIN.on, forever, Level.NORMAL)
    assert answer(problem, (loop,)).status is Status.LOOP


def test_a_sympy_expression_is_as_good_as_text() -> None:
    i, j, k, n = sympy.symbols("i j k n", integer=True)
    z = sympy.IndexedBase("z")
    softmax = sympy.exp(z[i]) / sympy.Sum(sympy.exp(z[k]), (k, 1, n))
    d = derive.derive(softmax, wrt=z[j])
    assert d.verified
    usual = derive.derive("softmax(z)[i]", wrt="z[j]")
    point = [0.5, 1.5, -1.0]
    assert d.function()(z=point) == pytest.approx(usual.function()(z=point))
    with pytest.raises(derive.UnsupportedError, match="Integral"):
        derive.derive(sympy.Integral(sympy.exp(k), k), wrt="k")


def test_the_result_reads_back() -> None:
    for name in (*TEXTBOOK, "mlp" if known.find("mlp") else "softmax"):
        d: Derivation = derive.derive(name)
        read = parse_expression(d.result_text, d.problem)
        assert equal(read, d.result, d.problem)[0] == "agrees"


def test_a_network_is_derived_layer_by_layer() -> None:
    """Backpropagation comes out: one named adjoint for each layer, lines that do not grow."""
    lines, below = [], "x"
    lengths, adjoints = [], []
    for layer in range(1, 5):
        lines.append(f"h{layer}[i] = tanh(sum(W{layer}[i,k]*{below}[k], k))")
        below = f"h{layer}"
        text = "\n".join([*lines, f"L = sum(v[i]*{below}[i], i)"])
        d = derive.derive(text, wrt="W1[m,l]")
        assert d.verified
        lengths.append(len(d.steps))
        adjoints.append([q.name for q in d.problem.definitions if q.adjoint])
    assert lengths[1:] == [lengths[1]] * 3
    assert adjoints[3] == ["h3_bar", "h2_bar", "h1_bar"]
    inputs = {f"W{layer}": [[0.1 * layer, 0.2], [-0.3, 0.4]] for layer in range(1, 5)}
    gradient = d.function()(**inputs, x=[1.0, -1.0], v=[0.5, 2.0])
    value, step = d.function("value"), 1e-6
    moved = {**inputs, "W1": [[0.1 + step, 0.2], [-0.3, 0.4]]}
    point = {"x": [1.0, -1.0], "v": [0.5, 2.0]}
    slope = (value(**moved, **point) - value(**inputs, **point)) / step
    assert gradient[0, 0] == pytest.approx(slope, rel=1e-5)


def test_a_second_derivative_uses_the_first_as_a_lemma() -> None:
    d = derive.derive("s = softmax(z)\ns[i]", wrt=["z[j]", "z[k]"])
    assert d.verified
    assert d.result_text == (
        "s[i]*((delta(i, j) - s[j])*(delta(i, k) - s[k]) - s[j]*(delta(j, k) - s[k]))"
    )


def test_a_zero_that_sympy_sees_through_makes_no_nan() -> None:
    found = derive.derive("where(x > 0, x, 0)/(2 + (x*erf(0))**2)", wrt="x")
    assert found.verified
    assert not found.chain.result.has(sympy.nan)
