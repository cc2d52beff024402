"""The checker: right steps agree, wrong ones are refuted with a witness that can be worked out by
hand, and what cannot be decided is not."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import exp as e
from typing import Any

import mpmath
import pytest
import sympy
from sympy import Eq, Expr, Ge, Gt, Lt, Ne, Piecewise, Rational, Symbol

from derive import functions as f
from derive.checker.finite import check, check_step, equal
from derive.checker.ground import CONTEXT, Ground, OutOfDomain, one_sided
from derive.checker.letters import Letters
from derive.checker.sample import Constraints, Point, assignments, constraints, size_choices
from derive.nodes import (
    Derivative,
    Where,
    delta,
    entry,
    index,
    scalar,
    size,
    total,
    undistributed,
)
from derive.parse import parse
from derive.problem import Definition, Problem
from derive.steps import Chain, Evidence, Status, Step, Verdict
from tests.kinks import KINKS, WRONG_IN_A_CASE, kinked

i, j, k, ell, n, m, T, eps = (
    *map(index, "ijkl"),
    size("n"),
    size("m"),
    scalar("T"),
    scalar("eps"),
)


def z(at: Expr) -> Any:
    return entry("z", at)


def s(at: Expr) -> Any:
    return entry("s", at)


def y(at: Expr) -> Any:
    return entry("y", at)


def W(at: Expr, to: Expr) -> Any:
    return entry("W", at, to)


S = total(f.exp(z(k)), k, n)
SOFTMAX = Definition(s(i), f.exp(z(i)) / S)
PROBLEM = Problem(
    target=s(i),
    wrt=(z(j),),
    definitions=(SOFTMAX,),
    axes=(i,),
    shapes={"z": (n,), "y": (n,), "x": (m,), "W": (n, m), "T": (), "eps": (), "s": (n,)},
    extents={i: n, j: n},
)
LOSS = replace(PROBLEM, target=-total(y(k) * f.log(s(k)), k, n), axes=(), extents={j: n})


def verdict(before: Expr, after: Expr, problem: Problem = PROBLEM) -> Verdict:
    return equal(before, after, problem)[0]


with undistributed():
    LINES: list[Expr] = [
        Derivative(s(i), z(j)),
        Derivative(f.exp(z(i)) / S, z(j)),
        (Derivative(f.exp(z(i)), z(j)) * S - f.exp(z(i)) * Derivative(S, z(j))) / S**2,
        (f.exp(z(i)) * delta(i, j) * S - f.exp(z(i)) * Derivative(S, z(j))) / S**2,
        (
            f.exp(z(i)) * delta(i, j) * S
            - f.exp(z(i)) * total(f.exp(z(k)) * Derivative(z(k), z(j)), k, n)
        )
        / S**2,
        (f.exp(z(i)) * delta(i, j) * S - f.exp(z(i)) * f.exp(z(j))) / S**2,
        s(i) * delta(i, j) - s(i) * s(j),
        s(i) * (delta(i, j) - s(j)),
    ]
    CASES = Piecewise((s(i) * (1 - s(i)), Eq(i, j)), (-s(i) * s(j), Ne(i, j)), evaluate=False)


def a_step(before: Expr, after: Expr, **changes: Any) -> Step:
    whole = Step("rule", "Rule", before, after, before, after, (), "")
    return replace(whole, **changes)


def a_chain(lines: list[Expr], problem: Problem = PROBLEM, **changes: Any) -> Chain:
    steps = tuple(a_step(*pair) for pair in pairwise(lines))
    return replace(Chain(problem, lines[0], steps, Status.DONE), **changes)


# --- right and wrong -------------------------------------------------------------------------


def test_a_right_derivation_is_verified() -> None:
    checked = check(a_chain(LINES, cases=a_step(LINES[-1], CASES)))
    assert [step.verdict for step in checked.steps] == [Verdict.AGREES] * (len(LINES) - 1)
    assert checked.verified
    assert checked.steps[0].evidence.method == "normal form"
    assert "for every size" in checked.steps[0].evidence.detail
    assert "m = 2, n = 3 and m = 3, n = 2" in checked.steps[0].evidence.detail


WRONG = {
    "sign": s(i) * (delta(i, j) + s(j)),
    "dropped delta": s(i) * (1 - s(j)),
    "dropped term": s(i) * delta(i, j),
    "only the diagonal": s(i) * (1 - s(i)),
    "only off the diagonal": -s(i) * s(j),
    "swapped index": s(j) * (delta(i, j) - s(j)),
    "missing factor": delta(i, j) - s(j),
    "extra factor": 2 * s(i) * (delta(i, j) - s(j)),
    "sum over the wrong thing": s(i) * (delta(i, j) - total(s(k), k, n)),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_result_is_refuted(mistake: str) -> None:
    assert verdict(LINES[0], WRONG[mistake]) is Verdict.REFUTED


def test_a_wrong_line_is_found_where_it_stands() -> None:
    lines = [*LINES[:5], LINES[5].subs(f.exp(z(j)), f.exp(z(i))), *LINES[6:]]
    verdicts = [step.verdict for step in check(a_chain(lines)).steps]
    assert [place for place, v in enumerate(verdicts) if v is Verdict.REFUTED] == [4, 5]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # a sum that was dropped, and one over the wrong letter
        (total(y(k) * s(k), k, n), y(k) * s(k)),
        (Derivative(total(z(k) ** 2, k, n), z(j)), 2 * total(z(k), k, n)),
        # a captured letter: the k of the sum is not the k outside
        (Derivative(S, z(k)), S),
        (total(z(i) * y(k), k, n), total(z(k) * y(k), k, n)),
        # a transposed matrix, in a square and in an oblong one
        (total(W(i, k) * entry("x", k), k, m), total(W(k, i) * entry("x", k), k, m)),
        (Derivative(W(i, ell), W(j, k)), delta(i, j)),
        # slopes of functions
        (Derivative(f.tanh(T), T), 1 + f.tanh(T) ** 2),
        (Derivative(f.sigmoid(T), T), f.sigmoid(T) * f.sigmoid(T)),
        (Derivative(f.log(T), T), T),
        (Derivative(T**3, T), 3 * T),
        # right only for T > 0
        ((T**2) ** Rational(1, 2), T),
        (n, m),
    ],
)
def test_refuted(before: Expr, after: Expr) -> None:
    assert verdict(before, after) is Verdict.REFUTED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Derivative(S, z(k)), f.exp(z(k))),
        (total(z(i) * y(k), k, n), z(i) * total(y(ell), ell, n)),
        (Derivative(W(i, ell), W(j, k)), delta(i, j) * delta(ell, k)),
        (total(s(k), k, n), sympy.Integer(1)),
        (Derivative(Derivative(T**4, T), T), 12 * T**2),
        (Derivative(Derivative(Derivative(T**4, T), T), T), 24 * T),
        (Derivative(f.log(S), z(j)), s(j)),
        (Derivative(total(z(k) ** 2, k, n), z(j)), 2 * total(z(k) * delta(k, j), k, n)),
        (Derivative(f.acosh(T), T), (T**2 - 1) ** Rational(-1, 2)),
        (sympy.pi * f.erf(T), f.erf(T) * sympy.pi),
        (f.log(T) + f.log(y(i)), f.log(T * y(i))),
        (sympy.Max(T, 0) - sympy.Max(-T, 0), T),
        (sympy.Abs(T), T * sympy.sign(T)),
        (total(sympy.Integer(1), k, n), n),
    ],
)
def test_agrees(before: Expr, after: Expr) -> None:
    problem = replace(PROBLEM, assumptions=(Gt(T, 1),)) if before.has(f.acosh) else PROBLEM
    assert equal(before, after, problem)[0] is Verdict.AGREES


def test_a_part_is_checked_in_the_range_of_a_sum_around_it() -> None:
    before, after = total(delta(k, ell) * 2, k, m), total(delta(ell, k) + delta(k, ell), k, m)
    problem = replace(PROBLEM, extents={**PROBLEM.extents, ell: m})
    step = a_step(before, after, local_before=delta(k, ell) * 2, local_after=2 * delta(ell, k))
    assert check_step(step, problem).verdict is Verdict.AGREES


def test_a_right_part_put_in_the_wrong_place_is_refuted() -> None:
    part, new = Derivative(z(i), z(j)), delta(i, j)
    step = a_step(part * y(i), new * y(j) + 1, local_before=part, local_after=new)
    assert check_step(step, PROBLEM).verdict is Verdict.REFUTED


def test_a_wrong_part_is_refuted_even_where_the_whole_agrees() -> None:
    step = a_step(0 * s(i), 0 * s(j), local_before=s(i), local_after=s(j))
    found = check_step(step, PROBLEM)
    assert found.verdict is Verdict.REFUTED
    assert found.evidence.detail.startswith("the part that changed: ")


def test_a_wrong_joined_step_is_refuted() -> None:
    parts = (a_step(LINES[0], -LINES[1]), a_step(-LINES[1], LINES[2]))
    found = check_step(a_step(LINES[0], LINES[2], parts=parts), PROBLEM)
    assert found.verdict is Verdict.REFUTED
    assert [part.verdict for part in found.parts] == [Verdict.REFUTED] * 2


def test_a_chain_that_does_not_hang_together_is_not_verified() -> None:
    steps = (a_step(LINES[0], LINES[1]), a_step(s(i), s(i)))
    checked = check(replace(a_chain(LINES[:2]), steps=steps))
    assert not checked.verified
    assert checked.steps[-1].evidence.detail.startswith("the result: ")


def test_lemmas_are_checked_in_their_own_problem_and_once() -> None:
    lemma = a_chain(LINES)
    gradient = -total(y(k) * f.log(s(k)), k, n)
    lines = [
        Derivative(gradient, z(j)),
        -total(y(k) / s(k) * Derivative(s(k), z(j)), k, n),
        -total(y(k) / s(k) * s(k) * (delta(k, j) - s(j)), k, n),
    ]
    chain = a_chain(lines, LOSS)
    cited = tuple(replace(step, lemma=lemma) for step in chain.steps)
    checked = check(replace(chain, steps=cited))
    first, second = (step.lemma for step in checked.steps)
    assert first is second
    assert first is not None
    assert first.verified
    assert checked.verified
    wrong = replace(cited[0], lemma=a_chain([LINES[0], WRONG["sign"]]))
    assert not check(replace(chain, steps=(wrong, *cited[1:]))).verified


# --- the witness -----------------------------------------------------------------------------


def test_a_witness_can_be_worked_out_by_hand() -> None:
    evidence = equal(LINES[0], WRONG["dropped delta"], PROBLEM)[1]
    witness = evidence.witness
    assert set(witness) == {"sizes", "indices", "point", "before", "after"}
    places = {name: int(value) for name, value in re.findall(r"(\w) = (\d)", witness["indices"])}
    numbers = [Fraction(text) for text in re.findall(r"-?\d+(?:/\d+)?", witness["point"])]
    assert f"n = {len(numbers)}" in witness["sizes"]
    exps = [e(number) for number in numbers]
    soft = [value / sum(exps) for value in exps]
    row, column = soft[places["i"] - 1], soft[places["j"] - 1]
    right = row * ((places["i"] == places["j"]) - column)
    assert float(witness["before"]) == pytest.approx(right, rel=1e-12)
    assert float(witness["after"]) == pytest.approx(row * (1 - column), rel=1e-12)
    assert all(number.denominator <= 40 for number in numbers)


def test_a_witness_names_only_what_matters() -> None:
    witness = equal(W(i, ell) * T, W(i, ell), PROBLEM)[1].witness
    assert re.fullmatch(r"T = [-\d/]+, W = \[\[.*\]\]", witness["point"])
    assert equal(T, -T, replace(PROBLEM, shapes={"T": ()}, extents={}, definitions=()))[
        1
    ].witness.keys() == {"point", "before", "after"}


# --- assumptions -----------------------------------------------------------------------------

SUMS_TO_ONE = Eq(total(y(k), k, n), 1)


@pytest.mark.parametrize("relation", [SUMS_TO_ONE, Eq(sympy.Integer(1), total(y(ell), ell, n))])
def test_an_assumed_sum_holds(relation: Any) -> None:
    assumed = replace(LOSS, assumptions=(relation,))
    by_chain = Derivative(LOSS.target, z(j))
    assert verdict(by_chain, s(j) - y(j), assumed) is Verdict.AGREES
    assert verdict(by_chain, s(j) - y(j), LOSS) is Verdict.REFUTED
    assert verdict(y(1), sympy.Rational(1, 2), assumed) is Verdict.REFUTED


def test_an_assumed_sum_of_every_row() -> None:
    rows = Eq(total(W(i, k), k, m), T)
    assumed = replace(PROBLEM, assumptions=(rows,))
    assert verdict(total(W(j, ell), ell, m), T, assumed) is Verdict.AGREES
    assert verdict(total(W(ell, i), ell, n), T, assumed) is Verdict.REFUTED


def test_positive_entries_with_an_assumed_sum() -> None:
    assumed = replace(PROBLEM, assumptions=(SUMS_TO_ONE, Gt(y(i), 0)))
    assert verdict(total((y(k) ** 2) ** Rational(1, 2), k, n), sympy.Integer(1), assumed) is (
        Verdict.AGREES
    )


@pytest.mark.parametrize(
    "relation", [Gt(T, 0), Lt(sympy.Integer(0), T), Ge(T, Rational(1, 3)), Gt(T, 2)]
)
def test_an_assumed_bound(relation: Any) -> None:
    root = (T**2) ** Rational(1, 2)
    assert verdict(root, T, replace(PROBLEM, assumptions=(relation,))) is Verdict.AGREES
    assert verdict(root, -T, replace(PROBLEM, assumptions=(relation,))) is Verdict.REFUTED


def test_bounds_on_both_sides() -> None:
    found = constraints([Gt(T, -2), Lt(T, -1), Gt(T, -3)])
    assert found.bounds == {"T": (-2, -1)}
    point = Point(found, {}, "seed")
    assert -2 < point.exact("T", ()) < -1


def test_an_assumption_that_cannot_be_met_decides_nothing() -> None:
    assumed = replace(PROBLEM, assumptions=(Eq(T**2, eps),))
    assert verdict(T**2 + 1, eps + 1, assumed) is Verdict.UNDECIDED
    assert verdict(T + T, 2 * T, assumed) is Verdict.AGREES


# --- what cannot be decided ------------------------------------------------------------------


class Unknown(sympy.Function):  # type: ignore[misc]
    """A function that nobody has said the meaning of."""


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (f.log(-(T**2)), "no point found"),
        (1 / (T - T * f.exp(T - T)), "no point found"),
        (f.exp(f.exp(f.exp(f.exp(10 + T**2)))), "too large"),
        (Unknown(T), "is not a known function"),
        (sympy.Sum(z(k), (k, 1, n)), "Sum has no value"),
        (delta(k, ell), "the range of k, l is not known"),
        (Derivative(Derivative(Derivative(Derivative(T, T), T), T), T), "nested"),
        (sympy.Float(0.5) * T, "not an exact number"),
    ],
)
def test_undecided_with_a_reason(before: Expr, reason: str) -> None:
    found, evidence = equal(before, before + T, PROBLEM)
    assert found is Verdict.UNDECIDED
    assert reason in evidence.detail
    assert not evidence.witness


def test_an_undecided_step_leaves_a_chain_unverified() -> None:
    checked = check(a_chain([f.log(-(T**2)), f.log(-(T**2))]))
    assert checked.steps[0].verdict is Verdict.UNDECIDED
    assert not checked.verified


# --- derivatives -----------------------------------------------------------------------------


def test_a_derivative_by_a_name_holds_that_name_free() -> None:
    loss = -total(y(k) * f.log(s(k)), k, n)
    named = replace(LOSS, definitions=(*LOSS.definitions, Definition(entry("q", i), s(i) ** 2)))
    named = replace(named, shapes={**named.shapes, "q": (n,)})
    assert verdict(Derivative(loss, s(ell)), -y(ell) / s(ell), named) is Verdict.AGREES
    assert verdict(Derivative(loss, z(ell)), -y(ell) / s(ell), named) is Verdict.REFUTED
    through = Derivative(total(entry("q", k), k, n), s(ell))
    assert verdict(through, 2 * s(ell), named) is Verdict.AGREES
    assert verdict(Derivative(S, s(ell)), sympy.Integer(0), named) is Verdict.AGREES
    chain_rule = total(Derivative(loss, s(k)) * Derivative(s(k), z(j)), k, n)
    assert verdict(Derivative(loss, z(j)), chain_rule, named) is Verdict.AGREES


def plain(expr: Expr, env: dict[Symbol, int], width: int) -> Expr:
    """An index expression written out over z_1, z_2, ... in SymPy's own functions."""
    if isinstance(expr, sympy.Indexed):
        place = expr.indices[0]
        return Symbol(f"z_{env.get(place, place)}", real=True)
    if expr.func is type(S):
        return sum(plain(expr.body, {**env, expr.letter: at}, width) for at in range(1, width + 1))
    if isinstance(expr, f.Elementary):
        x = sympy.Dummy(real=True)
        return type(expr)(x).doit().subs(x, plain(expr.args[0], env, width))
    return expr.func(*(plain(arg, env, width) for arg in expr.args)) if expr.args else expr


def some_expression(chance: random.Random, depth: int) -> Expr:
    """A random smooth expression in z[i] and a sum over z[k]."""
    if depth == 0:
        return chance.choice([z(i), Rational(chance.randint(1, 5), 3), total(z(k) ** 2, k, n)])
    first, second = (some_expression(chance, depth - 1) for _ in range(2))
    function = chance.choice(
        [f.exp, f.sin, f.cos, f.tanh, f.atan, f.sigmoid, f.softplus, f.erf, f.asinh]
    )
    return chance.choice([first + second, first * second, function(first), first / (2 + second**2)])


@pytest.mark.parametrize("seed", range(12))
def test_derivatives_are_those_of_scalar_calculus(seed: int) -> None:
    print("seed", seed)
    chance = random.Random(seed)
    expr = some_expression(chance, 3)
    point = Point(Constraints({}, {}, ()), {n: 3}, str(seed))
    ground = Ground({n: 3}, point, {})
    numbers = {
        Symbol(f"z_{at}", real=True): Rational(str(point.exact("z", (at,)))) for at in (1, 2, 3)
    }
    env = {i: 2, j: 3}
    for node in (Derivative(expr, z(i)), Derivative(Derivative(expr, z(j)), z(i))):
        try:
            ours = ground.value(node, env)
        except OutOfDomain:
            pytest.skip("too large here")
        theirs = plain(expr, env, 3).diff(Symbol("z_2", real=True))
        if isinstance(node.expr, Derivative):
            theirs = theirs.diff(Symbol("z_3", real=True))
        exact = theirs.subs(numbers).evalf(45)
        with mpmath.workdps(45):
            assert abs(mpmath.mpf(str(exact)) - mpmath.mpf(CONTEXT.nstr(ours, 45))) <= (
                mpmath.mpf(10) ** -32 * max(1, abs(mpmath.mpf(str(exact))))
            )


def test_equal_expressions_are_one_and_others_are_not() -> None:
    letters = Letters()
    twin = f.exp(z(i)) / total(f.exp(z(k)), k, n)
    assert twin is not SOFTMAX.body
    assert letters(twin) is letters(SOFTMAX.body)
    assert letters(twin).letters == (i,)
    parts = [S, S.body, z(k), z(i), twin, Derivative(S, z(j)), delta(i, j), n, T]
    assert len({letters(part).number for part in parts}) == len(parts)
    assert letters(Derivative(S, z(k))).letters == (k,)


# --- where it looks --------------------------------------------------------------------------


def test_every_size_takes_two_values_and_no_two_sizes_are_the_same() -> None:
    for names in ([n], [n, m], [n, m, size("d")], [n, m, size("d"), size("h")]):
        first, second = size_choices(names, 2)
        assert all(first[name] != second[name] for name in names)
        assert all(len(set(chosen.values())) == len(names) for chosen in (first, second))
        assert min(min(first.values()), min(second.values())) >= 2


@pytest.mark.parametrize("count", [5, 6, 7, 24, 25, 60])
def test_any_two_of_many_sizes_differ_somewhere(count: int) -> None:
    names = [size(f"n{place}") for place in range(count)]
    tried = [tuple(chosen[name] for chosen in size_choices(names, 2)) for name in names]
    assert len(set(tried)) == count
    assert all(len(set(values)) > 1 for values in tried)
    assert {value for values in tried for value in values} == {2, 3}


def test_entries_named_by_number_exist_at_every_size() -> None:
    third = Derivative(S, z(sympy.Integer(3)))
    problem = replace(PROBLEM, target=S, wrt=(z(sympy.Integer(3)),), axes=(), extents={})
    assert verdict(third, f.exp(z(sympy.Integer(3))), problem) is Verdict.AGREES


@pytest.mark.parametrize("letters", [(i,), (i, j), (i, j, k), (i, j, k, ell)])
def test_letters_both_coincide_and_differ(letters: tuple[Symbol, ...]) -> None:
    places = assignments(dict.fromkeys(letters, 3))
    assert len(places) <= 16
    assert len({tuple(p.items()) for p in places}) == len(places)
    for one, other in pairwise(letters):
        assert any(p[one] == p[other] for p in places)
        assert any(p[one] != p[other] for p in places)


def test_the_same_seed_gives_the_same_numbers() -> None:
    first, second, third = (equal(T, 2 * T, PROBLEM, seed=seed)[1] for seed in (5, 5, 6))
    assert first == second
    assert first != third
    assert isinstance(first, Evidence)


# Kinks, cases, extremes and products

x = scalar("x")


@pytest.mark.parametrize(("text", "wrt", "result"), KINKS)
def test_derivatives_with_kinks_agree(text: str, wrt: str, result: str) -> None:
    asked, slope = kinked(text, wrt, result)
    pending = Derivative(asked.target, asked.wrt[0])
    verdict, evidence = equal(pending, slope, asked)
    assert verdict is Verdict.AGREES, evidence


WRONG_WITH_KINKS = [
    ("abs(x)", "x", "-sign(x)"),
    ("relu(z[i])", "z[j]", "delta(i, j)"),
    ("max(z[k], k)", "z[j]", "where(z[j] == min(z[k], k), 1, 0)"),
    ("min(W[i,k], k)", "W[a,b]", "where(W[i,b] == min(W[i,k], k), 1, 0)"),
    ("sum(abs(x[k] - x[l]), k, l)", "x[j]", "sum(sign(x[j] - x[k]), k)"),
    ("prod(x[k], k)", "x[j]", "prod(x[k], k)"),
    ("sum(where(k <= i, z[k], 0), k)", "z[j]", "where(j < i, 1, 0)"),
    ("sum(where(k != i, z[k]**2, 0), k)", "z[j]", "2*z[j]"),
]


@pytest.mark.parametrize(("text", "wrt", "result"), [*WRONG_WITH_KINKS, *WRONG_IN_A_CASE])
def test_wrong_derivatives_with_kinks_are_refuted(text: str, wrt: str, result: str) -> None:
    asked, slope = kinked(text, wrt, result)
    verdict, evidence = equal(Derivative(asked.target, asked.wrt[0]), slope, asked)
    assert verdict is Verdict.REFUTED, evidence


def at_numbers(**numbers: float) -> Ground:
    return Ground({}, lambda name, _: CONTEXT.mpf(numbers[name]), {})


def test_a_point_at_a_kink_is_refused() -> None:
    """So no difference is taken across it, and no convention is put to the test."""
    for kink in (f.abs(x), f.sign(x), f.relu(x), f.Maximum(x, T), Where(x, T, x > T), f.abs(x - T)):
        for near in (0.0, 1e-20, -1e-20):
            with pytest.raises(OutOfDomain, match="kink"):
                at_numbers(x=near, T=0.0).value(kink, {})
        assert at_numbers(x=1e-3, T=0.0).value(Derivative(kink, x), {}) in (0, 1)


def test_a_tie_that_always_holds_is_no_kink() -> None:
    ground = at_numbers(x=0.5, T=2.0)
    nothing = f.sigmoid(x) + f.sigmoid(-x) - 1
    assert f.Maximum(nothing, 0) != 0
    assert ground.value(f.sign(nothing), {}) == 0
    assert abs(ground.value(Derivative(f.abs(nothing), x), {})) < 1e-30
    assert ground.value(f.Maximum(T, T), {}) == 2
    assert ground.value(Where(T, x, Eq(f.sigmoid(-x), 1 - f.sigmoid(x))), {}) == 2


def test_without_strictness_a_kink_has_a_value() -> None:
    ground = Ground({}, lambda *_: CONTEXT.mpf(0), {}, strict=False)
    assert ground.value(f.sign(x) + f.abs(x) + f.relu(x) + Where(x, T + 3, x > T), {}) == 3
    with pytest.raises(OutOfDomain, match="kink"):
        ground.value(Derivative(f.relu(x), x), {})


def test_what_was_met_in_one_case_only() -> None:
    letters = Letters()
    low, high = (
        Ground({}, lambda _, __, at=at: CONTEXT.mpf(at), {}, letters)  # type: ignore[misc]
        for at in (-1, 1)
    )
    assert not one_sided([low, high])
    low.value(f.relu(x), {})
    assert one_sided([low, high])
    high.value(Derivative(f.relu(x), x), {})
    assert not one_sided([low, high])
    assert one_sided([high])


def test_the_entries_of_a_small_array_are_different() -> None:
    for seed in ("0", "1"):
        point = Point(constraints(()), {n: 4, m: 5}, seed)
        drawn = [abs(point.exact("W", (a, b))) for a in range(1, 5) for b in range(1, 5)]
        assert len(set(drawn)) == 16, seed
        assert len({point.exact("z", (a,)) for a in range(1, 6)}) == 5


def test_larger_numbers() -> None:
    small, large = (Point(constraints(()), {}, "0", scale=scale) for scale in (1, 16))
    assert large.exact("x", ()) == 16 * small.exact("x", ())
    positive = Point(constraints(()), {}, "0", positive=True, scale=16)
    assert 0 < positive.exact("x", ()) < 1


def test_shifted_indices() -> None:
    point = Point(constraints(()), {n: 3}, "0")
    ground = Ground({n: 3}, point, {}, shapes={"z": (n,)})
    assert ground.value(entry("z", i + k), {i: 2, k: 2}) == ground.value(entry("z", i), {i: 3})
    with pytest.raises(OutOfDomain, match="before the first entry"):
        ground.value(entry("z", i - k), {i: 1, k: 2})
    with pytest.raises(OutOfDomain, match="beyond the last entry"):
        ground.value(entry("z", i + k), {i: 2, k: 3})


@pytest.mark.parametrize(
    "text", ["where(x > 0, 1, 0)*where(x < 1, 1, 0)", "relu(x)**3*relu(y)**3*relu(v)"]
)
def test_conditions_must_hold_together_somewhere(text: str) -> None:
    problem = parse(text)
    wrong = equal(problem.target, -problem.target, problem)
    assert wrong[0] is Verdict.REFUTED
    assert equal(problem.target, problem.target, problem)[0] is Verdict.AGREES
