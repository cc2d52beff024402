"""Exercises: their answers hold by plain NumPy, planted mistakes are mistakes, and nothing gives
its own answer away."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Expr

import derive
from derive.api import Derivation
from derive.exercises import sentences
from derive.exercises.make import MAKERS, exercise, exercises
from derive.exercises.markdown import answered, asked
from derive.exercises.model import Blank, Exercise, Kind, Mark
from derive.exercises.slips import slip
from derive.locale import LANGUAGES
from derive.nodes import name_of
from derive.problem import Problem
from derive.render.inline import inline
from derive.render.page import Formula, Sentence
from derive.steps import Verdict
from derive.text import text_of
from derive.worked import worked
from tests import oracles
from tests.test_scope import points

ENTRIES = (
    *("sigmoid", "tanh", "swish", "softplus-beta", "huber", "hinge", "focal"),
    *("softmax", "cross-entropy", "entropy", "log-sum-exp"),
    *("linear", "layer-norm", "l2-normalize", "quadratic-form"),
)
# A number has no shape to choose from.
SCALAR = ("sigmoid", "tanh", "swish", "softplus-beta", "huber", "hinge", "focal")
NOT_GIVEN = [(name, Kind.SHAPE) for name in SCALAR]
EVERY_ENTRY = pytest.mark.parametrize("name", ENTRIES)
SEEDS = ("1", "2")


@cache
def derivation(name: str) -> Derivation:
    return derive.derive(name)


@cache
def made(name: str, kind: Kind, seed: str = "1", language: str = "en") -> Exercise:
    found = exercise(derivation(name), kind, language, seed)
    assert found is not None, f"{name} has no exercise of the kind {kind}"
    return found


def all_of(name: str, language: str = "en") -> list[Exercise]:
    return [made(name, kind, "1", language) for kind in MAKERS if (name, kind) not in NOT_GIVEN]


def sheet(*found: Exercise) -> str:
    return "\n\n".join(block for each in found for block in asked(each))


def key(*found: Exercise) -> str:
    return "\n\n".join(block for each in found for block in answered(each))


def said(sentence: Sentence) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in sentence)


def values(
    lines: Sequence[Expr], problem: Problem, d: Derivation
) -> list[list[NDArray[np.float64]]]:
    """What each line is at some random points, and last, what it should be."""
    found: list[list[NDArray[np.float64]]] = []
    variables = [name_of(variable) for variable in d.problem.wrt]
    scalar = not any(d.problem.shapes.values())
    for inputs in list(points(d.problem.name, d))[: 12 if scalar else 2]:
        wanted = oracles.derivative(d.problem.name, inputs, variables)
        found.append([*(value(line, problem, inputs, wanted) for line in lines), wanted])
    return found


def value(
    line: Expr, problem: Problem, inputs: Mapping[str, Any], like: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A line's value; nan where it has none, such as the logarithm of a negative number."""
    try:
        return worked(problem, line, inputs).result
    except ValueError:
        return np.full(like.shape, np.nan)


def same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return one.shape == other.shape and np.allclose(one, other, 1e-6, 1e-8, equal_nan=True)


class TestAnswers:
    @EVERY_ENTRY
    def test_every_line_of_the_key_holds(self, name: str) -> None:
        d = derivation(name)
        told = [text_of(step.after, d.chain.problem) for step in d.steps]
        for kind in (Kind.DERIVE, Kind.GAPS, Kind.RULES):
            assert [row.formula.text for row in made(name, kind).solution] == told
        for *lines, wanted in values([s.after for s in d.steps], d.chain.problem, d):
            assert all(same(line, wanted) for line in lines)

    @EVERY_ENTRY
    @pytest.mark.parametrize("seed", SEEDS)
    def test_numbers_hold(self, name: str, seed: str) -> None:
        found, d = made(name, Kind.NUMBERS, seed), derivation(name)
        given = [part.text for part in found.question if isinstance(part, Formula)][1:]
        pairs = [text.partition(" = ") for text in given]
        inputs = {left: np.asarray(ast.literal_eval(right), float) for left, _, right in pairs}
        assert set(inputs) == set(d.problem.variables)
        variables = [name_of(variable) for variable in d.problem.wrt]
        wanted = oracles.derivative(name, inputs, variables)
        assert 1 <= len(found.values) == found.points <= 3
        for value in found.values:
            place = tuple(
                int(n) - 1 for n in re.findall(r"(?<=[\[ ])\d+(?=[\],])", value.label.text)
            )
            assert len(place) == wanted.ndim, value.label.text
            assert value.value == pytest.approx(wanted[place], rel=1e-6, abs=1e-8)
            assert abs(float(value.text.replace("−", "-")) - value.value) <= value.tolerance / 2

    def test_a_number_is_given_to_the_decimals_that_were_asked_for(self) -> None:
        (label,) = made("sigmoid", Kind.NUMBERS).values
        told = {-1.0: "−1", 0.25: "0.25", 0.09003: "0.090", -0.3348: "−0.335", -1e-9: "0.000"}
        assert {number: replace(label, value=number).text for number in told} == told

    @pytest.mark.parametrize("seed", SEEDS)
    def test_numbers_lie_where_the_problem_has_values(self, seed: str) -> None:
        """KL has the logarithm of p, and a temperature is no label that stays at 1."""
        for name in ("kl-divergence", "gumbel-softmax", "swiglu"):
            found = exercise(derivation(name), Kind.NUMBERS, seed=seed)
            assert found is not None, name

    @pytest.mark.parametrize("seed", SEEDS)
    def test_labels_stay_labels(self, seed: str) -> None:
        told = dict(
            t.split(" = ") for t in _formulas(made("multi-label", Kind.NUMBERS, seed).question)[1:]
        )
        assert {*ast.literal_eval(told["y"])} <= {0, 1}

    def test_numbers_are_asked_for_where_they_tell_something(self) -> None:
        for seed in range(30):
            found = made("hinge", Kind.NUMBERS, str(seed))
            told = dict(text.split(" = ") for text in _formulas(found.question)[1:])
            assert float(told["y"]) * float(told["x"]) != 1, "that is at the kink"

    @EVERY_ENTRY
    def test_the_shape_is_that_of_the_array(self, name: str) -> None:
        d = derivation(name)
        shapes = [e for s in range(6) if (e := exercise(d, Kind.SHAPE, seed=str(s)))]
        lengths = [str(d.problem.extents[i]) for i in (*d.problem.axes, *d.problem.wrt_axes)]
        for found in shapes:
            (right,) = [choice for choice in found.choices if choice.right]
            assert len({said(choice.text) for choice in found.choices}) == len(found.choices) >= 2
            if said(found.question).startswith("In "):
                assert said(right.text) == d.matrix.layout  # type: ignore[union-attr]
            else:
                assert said(right.text) == (" x ".join(lengths) or sentences.NUMBER_ALONE)
        assert bool(shapes) == (len(d.problem.shapes[name_of(d.problem.wrt[0])]) > 0)

    @EVERY_ENTRY
    def test_points_are_what_is_asked_for(self, name: str) -> None:
        gaps, rules = made(name, Kind.GAPS), made(name, Kind.RULES)
        assert gaps.points == len([row for row in gaps.rows if row.blank is Blank.RIGHT]) > 0
        assert rules.points == len([row for row in rules.rows if row.blank is Blank.RULE]) > 0
        assert {row.rule for row in rules.rows if row.asked[1]} < set(rules.bank)
        places = [row.number for row in gaps.rows if row.asked[0]]
        assert all(b - a > 1 for a, b in pairwise(places))

    def test_a_derivation_that_was_not_confirmed_gives_none(self) -> None:
        d = derivation("softmax")
        first, *rest = d.chain.steps
        doubtful = (replace(first, verdict=Verdict.UNDECIDED), *rest)
        chain = replace(d.chain, steps=doubtful)
        assert exercises(Derivation(chain, d.level, d.target)) == ()


class TestMistakes:
    @EVERY_ENTRY
    @pytest.mark.parametrize("seed", SEEDS)
    def test_one_line_is_wrong_and_the_rest_follows(self, name: str, seed: str) -> None:
        d = derivation(name)
        found = slip(d.chain, d.steps, random.Random(seed))
        assert found is not None
        place = found.place
        told = 0
        for *lines, wanted in values([s.after for s in found.steps], found.problem, d):
            assert all(same(line, wanted) for line in lines[:place])
            assert all(same(line, lines[place]) for line in lines[place:])
            told += not same(lines[place], wanted)
        assert told, "it is not wrong at any of these points"

    @EVERY_ENTRY
    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_wrong_line_is_marked_and_what_follows(self, name: str, seed: str) -> None:
        found = made(name, Kind.MISTAKE, seed)
        marks = [row.mark for row in found.solution]
        place = marks.index(Mark.WRONG)
        assert marks[:place] == [Mark.NONE] * place
        assert set(marks[place + 1 :]) <= {Mark.FOLLOWS}
        assert {row.mark for row in found.rows} == {Mark.NONE}
        assert [row.formula for row in found.rows] == [row.formula for row in found.solution]

    @EVERY_ENTRY
    def test_the_key_says_which_and_what_it_should_be(self, name: str) -> None:
        found = made(name, Kind.MISTAKE)
        place = next(row.number for row in found.solution if row.mark is Mark.WRONG)
        which, why, mend, *_ = found.answer
        assert said(which).startswith(f"Line {place} is wrong")
        assert said(why)
        assert said(mend)
        (right,) = [part for part in which if isinstance(part, Formula)]
        lines = made(name, Kind.DERIVE).solution
        wanted = {inline(lines[n].formula.node) for n in (min(place, len(lines)) - 1, -1)}
        assert inline(right.node) in wanted

    def test_kinds_of_mistakes_are_mixed(self) -> None:
        d = derivation("softmax")
        found = [slip(d.chain, d.steps, random.Random(seed)) for seed in range(16)]
        slugs = {each.mistake.slug for each in found if each}
        assert len(slugs) >= 4
        assert "quotient-rule" in slugs

    def test_an_assumption_that_was_not_made(self) -> None:
        d = derive.derive("p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)", wrt="z[j]")
        found = [slip(d.chain, d.steps, random.Random(seed)) for seed in range(30)]
        (taken, *_) = [each for each in found if each and each.mistake.slug == "p-minus-y"]
        assert taken.steps[taken.place].rule == "assumption"
        assert taken.right == d.result

    def test_vectors_of_unlike_lengths_have_no_diagonal(self) -> None:
        d = derivation("least-squares")
        found = [slip(d.chain, d.steps, random.Random(str(seed))) for seed in (2, 3)]
        lines = [text_of(step.after, each.problem) for each in found if each for step in each.steps]
        assert lines
        assert not [line for line in lines if re.search(r"A\[(\w), \1\]", line)]

    def test_what_is_not_wrong_is_not_planted(self) -> None:
        """d(x y)/dx has no factor that could be lost without changing it."""
        d = derive.derive("x + y", wrt="x")
        found = exercise(d, Kind.MISTAKE)
        assert found is None or found.solution[-1].formula.text != "1"


def _formulas(sentence: Sentence) -> list[str]:
    return [part.text for part in sentence if isinstance(part, Formula)]


class TestSheets:
    @EVERY_ENTRY
    def test_no_exercise_shows_its_answer(self, name: str) -> None:
        language = LANGUAGES[ENTRIES.index(name) % len(LANGUAGES)]
        for found in all_of(name, language):
            shown = sheet(found)
            hidden = {
                Kind.DERIVE: [row.formula.latex for row in found.solution],
                Kind.GAPS: [f"= {r.formula.latex} &&" for r in found.rows if r.asked[0]],
                Kind.RULES: [f"text{{{r.number}. {r.rule}" for r in found.rows if r.asked[1]],
                Kind.MISTAKE: ["✗", *(said(s) for s in found.answer)],
                Kind.NUMBERS: [f"{v.label.inline_latex}$ = {v.text}" for v in found.values],
                Kind.SHAPE: ["☑"],
            }[found.kind]
            assert hidden
            assert not [text for text in hidden if text and text in shown]
            assert said(found.note)[:10] not in shown

    @EVERY_ENTRY
    def test_the_key_has_every_answer(self, name: str) -> None:
        for found in all_of(name):
            answers = key(found)
            assert all(row.formula.latex in answers for row in found.solution)
            assert all(value.text in answers for value in found.values)
            assert ("☑" in answers) == bool(found.choices)

    def test_gaps_of_every_level_of_blank_are_told(self) -> None:
        row = made("softmax", Kind.GAPS).rows[0]
        asked = {blank: replace(row, blank=blank).asked for blank in Blank}
        assert asked == {
            Blank.NONE: (False, False),
            Blank.RIGHT: (True, False),
            Blank.RULE: (False, True),
        }

    @pytest.mark.parametrize("language", LANGUAGES[1:])
    def test_no_english_is_left(self, language: str) -> None:
        for name in ("softmax", "cross-entropy", "tanh"):
            shown = all_of(name, language)
            for text in (sheet(*shown), key(*shown)):
                prose = re.sub(r"```math.*?```|\$[^$]+\$|<br>", "", text, flags=re.S)
                words = set(re.findall(r"[A-Za-z]{2,}", prose)) - {"softmax", "tanh", "sigmoid"}
                assert not words

    @pytest.mark.parametrize("language", LANGUAGES[1:])
    def test_rules_of_a_wrong_line_are_told_in_its_language(self, language: str) -> None:
        found = [made("softplus-beta", Kind.MISTAKE, str(seed), language) for seed in range(1, 7)]
        wrong = {row.rule for each in found for row in each.solution if row.mark is Mark.WRONG}
        assert any("；" in rule for rule in wrong)
        assert not [rule for rule in wrong if re.search("[A-Za-z]", rule.replace("sigmoid", ""))]


class TestChance:
    @pytest.mark.parametrize("kind", MAKERS)
    def test_the_same_seed_gives_the_same_exercise(self, kind: Kind) -> None:
        one, other = (made.__wrapped__("softmax", kind, "1") for _ in range(2))
        assert (sheet(one), key(one)) == (sheet(other), key(other))

    @pytest.mark.parametrize("kind", [Kind.GAPS, Kind.RULES, Kind.MISTAKE, Kind.NUMBERS])
    def test_another_seed_gives_another_one(self, kind: Kind) -> None:
        found = {key(made("softmax", kind, str(seed))) for seed in range(1, 5)}
        assert len(found) >= 2

    @pytest.mark.parametrize("kind", MAKERS)
    def test_a_language_changes_the_words_alone(self, kind: Kind) -> None:
        one, other = (made("softmax", kind, "1", language) for language in ("en", "zh-TW"))
        assert [r.formula.text for r in one.rows] == [r.formula.text for r in other.rows]
        assert [r.asked for r in one.rows] == [r.asked for r in other.rows]
        assert [v.value for v in one.values] == [v.value for v in other.values]
        assert [c.right for c in one.choices] == [c.right for c in other.choices]
        assert len(one.bank) == len(other.bank)
        assert one.question != other.question
