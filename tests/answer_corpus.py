"""Right and wrong answers to every entry of the catalogue, made from its result by transformations
of the text, and confirmed by an oracle that knows nothing of the package."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from derive.api import Derivation
from derive.errors import DeriveError
from derive.nodes import name_of
from derive.text import problem_text, result_text
from tests import oracles
from tests.formulas import Array, Formulas, by_cases, rebound, relettered, reordered, spoilt
from tests.test_scope import derived, points

CLOSE = 1e-5  # right answers are nearer than this to the oracle's differences, relatively
APART = 1e-2  # and wrong ones farther than this
NEW = ("alpha", "beta", "kappa", "mu", "nu", "rho")


@dataclass(frozen=True)
class Made:
    """An answer to an entry, with the kind of slip in it."""

    entry: str
    text: str
    kind: str = ""


@dataclass(frozen=True)
class Subject:
    """An entry and what an oracle says of it at some points."""

    entry: str
    derivation: Derivation
    letters: tuple[str, ...]
    statements: str
    points: tuple[tuple[dict[str, Array], Array], ...]

    def apart(self, formula: str) -> float:
        """How far a formula is from the truth, relatively, at the point where that is most; nan
        where it has no value."""
        worst = 0.0
        for inputs, wanted in self.points:
            found = self.value(formula, inputs, wanted.shape)
            if found is None:
                return float("nan")
            worst = max(worst, float(np.abs(found - wanted).max()) / (1 + np.abs(wanted).max()))
        return worst

    def value(self, formula: str, inputs: dict[str, Array], shape: tuple[int, ...]) -> Array | None:
        """A formula's values; None where it has none."""
        made = Formulas(inputs, self.statements)
        made.spans.update(zip(self.letters, shape, strict=True))
        try:
            found = made.array(formula, self.letters, shape)
        except (ArithmeticError, ValueError, TypeError, KeyError, IndexError):
            return None
        return found if np.isfinite(found).all() else None


@cache
def subject(entry: str) -> Subject:
    d = derived(entry)
    problem = d.problem
    variables = [name_of(variable) for variable in problem.wrt]
    found = []
    for inputs in points(entry, d):
        wanted = oracles.derivative(entry, inputs, variables)
        found.append((inputs, np.asarray(wanted)))
    letters = tuple(map(str, (*problem.axes, *problem.wrt_axes)))
    return Subject(entry, d, letters, problem_text(problem), tuple(found))


def result(entry: str) -> str:
    return subject(entry).derivation.result_text


def right(entry: str) -> Iterator[str]:
    """Right answers in unusual form, each confirmed where it is a formula by itself."""
    it, text = subject(entry), result(entry)
    formulas = [text, reordered(text), rebound(text), f"-(-1)*({text})", f"2*({text}) - ({text})"]
    alike = [(a, b) for a in it.letters for b in it.letters if a < b]
    formulas += [case for a, b in alike if (case := by_cases(text, a, b)) != text]
    variable = it.derivation.problem.variables[0]
    if not it.derivation.problem.shapes[variable]:
        formulas.append(f"{text} + 3*{variable} - {variable}*3")
    for formula in dict.fromkeys(formulas):
        assert it.apart(formula) < CLOSE, (entry, formula)
        yield formula
    yield from _pages(it, text)


def _pages(it: Subject, text: str) -> Iterator[str]:
    """Letters of another convention, a name for the result, a derivation in two lines, LaTeX."""
    table = dict(zip(it.letters, NEW, strict=False))
    head = f"[{', '.join(table[i] for i in it.letters)}]" if it.letters else ""
    yield f"Result{head} = {relettered(text, table)}"
    yield f"Half{head} = ({relettered(text, table)})/2\n= ({relettered(text, table)})/2\n({text})"
    yield f"${it.derivation.to_dict()['result']['latex']}$"


def wrong(entry: str, count: int = 6, seed: int = 0) -> tuple[Made, ...]:
    """Wrong answers, confirmed; of every kind of slip that can be made, as far as `count` goes."""
    it = subject(entry)
    every = list(dict.fromkeys(spoilt(result(entry), it.letters)))
    random.Random(f"{entry} {seed}").shuffle(every)
    first = {kind: n for n, (kind, _) in reversed(list(enumerate(every)))}
    every = [every[n] for n in sorted(range(len(every)), key=lambda n: first[every[n][0]] != n)]
    found: list[Made] = []
    for kind, text in every:
        if it.apart(text) > APART and _is_language(text, it):
            found.append(Made(entry, text, kind))
        if len(found) == count:
            break
    return tuple(found)


def planted(entry: str, seed: int = 0) -> Iterator[tuple[str, int]]:
    """Pages with the lines of the entry's derivation, one of them spoilt, and its number."""
    it = subject(entry)
    lines = _lines(it)
    for place, line in enumerate(lines):
        every = list(dict.fromkeys(text for _, text in spoilt(line, it.letters)))
        random.Random(f"{entry} {place} {seed}").shuffle(every)
        bad = (text for text in every if it.apart(text) > APART and _is_language(text, it))
        if (text := next(bad, None)) is not None:
            rows = [*lines[:place], text, *lines[place + 1 :]]
            yield "\n".join(f"= {row}" for row in rows), place + 1


def _lines(it: Subject) -> list[str]:
    """The lines of a derivation with nothing left to differentiate, confirmed."""
    chain = it.derivation.chain
    texts = dict.fromkeys(result_text(step.after, chain.problem) for step in it.derivation.steps)
    plain = (text for text in texts if "diff(" not in text and _is_language(text, it))
    return [text for text in plain if it.apart(text) < CLOSE]


def _is_language(text: str, it: Subject) -> bool:
    """Whether it can be read: not where an index that was put in has another length."""
    from derive.parse import parse_expression

    try:
        parse_expression(text, it.derivation.problem)
    except DeriveError:
        return False
    return True
