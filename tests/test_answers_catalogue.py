"""Right answers in unusual form and wrong ones, to every entry of the catalogue, and what is said
of them. Which is which an oracle says that knows nothing of the package."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from derive.answers.marking import Marking
from derive.answers.report import Mark
from derive.known import entries
from tests import oracles
from tests.answer_corpus import Made, planted, result, right, subject, wrong
from tests.formulas import Array

SAMPLE = ("softmax", "cross-entropy", "mean-squared-error", "huber", "layer-norm", "linear", "l1")
REST = tuple(e.name for e in entries() if e.name not in SAMPLE)
EVERY = (*SAMPLE, *(pytest.param(name, marks=pytest.mark.slow) for name in REST))
EACH = 5
# Their oracles know -1 and 1, or 0 and 1 only, and a counterexample may have other numbers.
DISCRETE = {
    entry for (entry, _), draw in oracles.DRAWS.items() if draw in (oracles.sign, oracles.yes_or_no)
}


def marking(entry: str) -> Marking:
    return Marking(subject(entry).derivation.problem)


@pytest.mark.parametrize("entry", EVERY)
def test_right_answers_are_right(entry: str) -> None:
    answers, mark = list(right(entry)), marking(entry)
    assert len(answers) >= EACH
    for answer in answers:
        found = mark.page(answer)
        assert found.verdict is Mark.RIGHT, (answer, found.to_text())


@pytest.mark.parametrize("entry", EVERY)
def test_wrong_answers_are_wrong_and_shown_to_be(entry: str) -> None:
    answers, mark = wrong(entry), marking(entry)
    assert len(answers) >= EACH
    for answer in answers:
        found = mark.page(answer.text)
        assert found.verdict is Mark.WRONG, answer
        assert found.misconceptions or found.parts or found.counterexample
        _confirm(answer, dict(found.counterexample))


@pytest.mark.parametrize("entry", EVERY)
def test_the_line_of_a_planted_slip_is_found(entry: str) -> None:
    mark = marking(entry)
    for page, number in planted(entry):
        found = mark.page(page)
        assert found.verdict is Mark.WRONG
        first = found.first_wrong_line
        assert first is not None
        assert first.number == number, found.to_text()
        assert all(line.mark is Mark.RIGHT for line in found.lines[: number - 1])
        assert sum(line.mark is Mark.WRONG for line in found.lines) == 1


def _confirm(answer: Made, shown: dict[str, str]) -> None:
    """The numbers of a counterexample, worked out by the oracle and by NumPy."""
    it = subject(answer.entry)
    problem = it.derivation.problem
    inputs = {name: _numbers(shown["point"], name) for name in _names(shown["point"])}
    place = tuple(int(_numbers(shown["indices"], letter)) - 1 for letter in it.letters)
    missing = set(problem.variables) - set(inputs)
    if missing:  # neither side depends on it
        return
    shape = _shape(shown, answer.entry)
    given = it.value(answer.text, inputs, shape)
    assert given is not None, shown
    assert _like(shown["answer"], given[place]), (answer, shown, given[place])
    variables = [re.sub(r"\[.*", "", str(variable)) for variable in problem.wrt]
    with np.errstate(all="ignore"):
        wanted = oracles.derivative(answer.entry, inputs, variables)
    if np.isfinite(wanted).all() and answer.entry not in DISCRETE:
        assert _like(shown["truth"], wanted[place]), (answer, shown, wanted[place])


def _like(told: str, value: float) -> bool:
    return bool(np.isclose(float(told), value, rtol=2e-3, atol=2e-4))


def _names(text: str) -> list[str]:
    return re.findall(r"(\w+) = ", text)


def _numbers(text: str, name: str) -> Array:
    """An array as it is printed: nested lists of integers, decimals and fractions."""
    found = re.search(rf"\b{name} = (.*?)(?=, \w+ = |$)", text)
    assert found, (text, name)
    rows = re.sub(r"-?\d+/\d+", _decimal, found[1])
    return np.array(json.loads(rows), dtype=float)


def _decimal(fraction: re.Match[str]) -> str:
    over, under = fraction[0].split("/")
    return repr(int(over) / int(under))


def _shape(shown: dict[str, str], entry: str) -> tuple[int, ...]:
    """The lengths of the result's axes at the sizes that are shown."""
    problem = subject(entry).derivation.problem
    sizes = {s: int(_numbers(shown["sizes"], str(s))) for s in _sizes(entry)}
    axes = (*problem.axes, *problem.wrt_axes)
    return tuple(int(problem.extents[axis].subs(sizes)) for axis in axes)


def _sizes(entry: str) -> list[object]:
    problem = subject(entry).derivation.problem
    return sorted({s for n in problem.extents.values() for s in n.free_symbols}, key=str)


def test_the_oracle_refuses_what_is_wrong() -> None:
    it = subject("softmax")
    assert it.apart(result("softmax")) < 1e-6
    assert it.apart("s[i]*(delta(i, j) + s[j])") > 1e-2
    assert it.apart("s[j]*(delta(i, j) - s[j])") > 1e-2
