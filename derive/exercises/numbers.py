"""Exercises in numbers: small ones are put in, and entries of the result are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sympy import Integer, Symbol

from derive.answers.example import Plain
from derive.checker.ground import Ground, OutOfDomain, Uncheckable
from derive.checker.letters import Letters
from derive.checker.sample import Constraints, constraints
from derive.exercises import sentences
from derive.exercises.model import Exercise, Kind, Value
from derive.exercises.subject import Subject
from derive.indices import substitute
from derive.nodes import is_size, name_of
from derive.problem import Problem
from derive.render.page import Sentence, joined
from derive.worked import worked

Place = dict[Symbol, int]

_TRIES = 40
_ASKED = 3
_REACH = 6  # different integers to draw from
_DECIMALS = 3
_LEAST, _MOST = 0.02, 1000.0  # of a value that is not 0
_CLOSE = 1e-12  # two ways to the same value, relatively


@dataclass(frozen=True)
class _Draw:
    """Numbers for all variables, and entries of the result at them."""

    inputs: Mapping[str, NDArray[np.float64]]
    values: tuple[tuple[Place, float], ...]


def in_numbers(subject: Subject) -> Exercise | None:
    """Up to three entries of the result at small numbers, which meet the assumptions and lie at no
    kink; None where none were found."""
    draw = _drawn(subject)
    if draw is None:
        return None
    found = worked(subject.problem, subject.derivation.result, draw.inputs)
    lines = subject.writer.example(subject.derivation.chain.start, found)
    given, workings = lines[: len(draw.inputs)], lines[len(draw.inputs) :]
    numbers: Sentence = joined([(line,) for line in given], subject.words.listed)
    question = sentences.NUMBERS if draw.values[0][0] else sentences.NUMBER
    return subject.exercise(
        Kind.NUMBERS,
        subject.say(question, derivative=subject.view.start, numbers=numbers),
        points=len(draw.values),
        note=subject.say(sentences.NUMBERS_NOTE),
        answer=tuple((line,) for line in (subject.view.answer, *workings)),
        values=tuple(_value(subject, place, value) for place, value in draw.values),
        room=4,
    )


def _value(subject: Subject, place: Place, value: float) -> Value:
    """An entry's label: ∂s₁/∂z₂, its indices as they are counted on paper."""
    first = subject.writer.style.start
    at = {letter: Integer(number - 1 + first) for letter, number in place.items()}
    label = subject.writer.formula(substitute(subject.derivation.chain.start, at))
    return Value(label, value, _DECIMALS)


def _drawn(subject: Subject) -> _Draw | None:
    problem = subject.problem
    known = _constraints(subject)
    if known.unmet:
        return None
    definitions = {d.name: d for d in problem.definitions}
    letters, sizes = Letters(), _sizes(problem)
    for _ in range(_TRIES):
        seed = str(subject.chance.getrandbits(64))
        point = Plain(known, sizes, seed, subject.chance.random() < 0.5, reach=_REACH)
        ground = Ground(sizes, point, definitions, letters)
        try:
            values = _values(subject, ground)
            inputs = {name: _array(problem, ground, point, name) for name in problem.variables}
        except (OutOfDomain, Uncheckable):
            continue
        if values and any(value for _, value in values):
            return _Draw(inputs, values)
    return None


def _constraints(subject: Subject) -> Constraints:
    """The assumptions; and a single number that is positive in the problem's own example, such as a
    temperature, stays so unless it is what is differentiated by."""
    known = constraints(subject.problem.assumptions)
    asked = {name_of(variable) for variable in subject.problem.wrt}
    bounds = dict(known.bounds)
    for name, number in subject.derivation.target.at.items():
        if isinstance(number, int | float) and number > 0 and name not in asked:
            bounds.setdefault(name, (Fraction(0), None))
    return replace(known, bounds=bounds)


def _sizes(problem: Problem) -> dict[Symbol, int]:
    """Three entries where there is one size; else 2, 3, 2, ... so that neighbours differ."""
    groups = [*problem.shapes.values(), tuple(problem.extents.values())]
    every = {s for group in groups for extent in group for s in extent.free_symbols}
    names = sorted((s for s in every if is_size(s)), key=str)
    first = 3 if len(names) == 1 else 2
    return {name: first + place % 2 for place, name in enumerate(names)}


def _values(subject: Subject, ground: Ground) -> tuple[tuple[Place, float], ...]:
    """Entries of the result, each worked out by the result and by difference quotients of the
    target; () where one of them is no number to ask for."""
    chain = subject.derivation.chain
    axes = (*subject.problem.axes, *subject.problem.wrt_axes)
    spans = [range(1, ground.extent(subject.problem.extents[axis]) + 1) for axis in axes]
    places = [dict(zip(axes, at, strict=True)) for at in product(*spans)]
    if len(places) > _ASKED:
        chosen = sorted(subject.chance.sample(range(len(places)), _ASKED))
        places = [places[number] for number in chosen]
    found: list[tuple[Place, float]] = []
    for place in places:
        value, truth = (float(ground.value(e, place)) for e in (chain.result, chain.start))
        fits = value == 0 or _LEAST <= abs(value) <= _MOST
        if not fits or abs(value - truth) > _CLOSE * max(1.0, abs(truth)):
            return ()
        found.append((place, value))
    return tuple(found)


def _array(problem: Problem, ground: Ground, point: Plain, name: str) -> NDArray[np.float64]:
    shape = tuple(ground.extent(size) for size in problem.shapes[name])
    places = product(*(range(1, length + 1) for length in shape))
    return np.array([float(point.exact(name, place)) for place in places]).reshape(shape)
