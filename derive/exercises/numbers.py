"""Exercises in numbers: small ones are put in, and entries of the result are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from derive.nodes import name_of
from derive.problem import Problem
from derive.render.page import Sentence, joined
from derive.worked import Worked, worked

Place = dict[Symbol, int]

_TRIES = 40
_ASKED = 3
_REACH = 6  # different integers to draw from
_DECIMALS = 3
_LEAST, _MOST = 0.02, 1000.0  # of a value that is not 0
_CLOSE = 1e-12  # two ways to the same value, relatively


@dataclass(frozen=True)
class _Draw:
    """Numbers for all variables, what comes of them, and the entries that are asked for."""

    found: Worked
    values: tuple[tuple[Place, float], ...]


def in_numbers(subject: Subject) -> Exercise | None:
    """Up to three entries of the result at small numbers, which meet the assumptions and lie at no
    kink; None where none were found."""
    draw = _drawn(subject)
    if draw is None:
        return None
    lines = subject.writer.example(subject.derivation.chain.start, draw.found)
    count = len(draw.found.inputs)
    given, workings = lines[:count], lines[count:]
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
    letters, sizes, labels = Letters(), _sizes(problem), _labels(subject)
    for _ in range(_TRIES):
        seed = str(subject.chance.getrandbits(64))
        point = Plain(known, sizes, seed, positive=subject.chance.random() < 0.5, reach=_REACH)
        ground = Ground(sizes, point, definitions, letters)
        for name in sorted(labels.keys() - known.sums.keys()):
            for place in _places(problem, ground, name):
                point.numbers[name, place] = Fraction(subject.chance.choice(labels[name]))
        inputs = {name: _array(problem, ground, point, name) for name in problem.variables}
        try:
            found = worked(problem, subject.derivation.result, inputs)
            values = _values(subject, ground, found.result)
        except (OutOfDomain, Uncheckable, ValueError):  # no value, or no derivative
            continue
        if any(value for _, value in values):
            return _Draw(found, values)
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


def _labels(subject: Subject) -> Mapping[str, list[int]]:
    """Variables that have only -1, 0 and 1 in the problem's own example, as a class or a target
    has, and which of them; unless they are what is differentiated by."""
    asked = {name_of(variable) for variable in subject.problem.wrt}
    kinds = {
        name: np.unique(np.asarray(numbers, np.float64)).tolist()
        for name, numbers in subject.derivation.target.at.items()
        if name not in asked
    }
    return {name: [*map(int, found)] for name, found in kinds.items() if {*found} <= {-1, 0, 1}}


def _sizes(problem: Problem) -> dict[Symbol, int]:
    """Three entries where there is one size; else 2, 3, 2, ... so that neighbours differ."""
    first = 3 if len(problem.sizes) == 1 else 2
    return {size: first + place % 2 for place, size in enumerate(problem.sizes)}


def _values(
    subject: Subject, ground: Ground, result: NDArray[np.float64]
) -> tuple[tuple[Place, float], ...]:
    """Entries of the result, each confirmed by difference quotients of the target; () where too few
    are numbers to ask for."""
    axes = (*subject.problem.axes, *subject.problem.wrt_axes)
    fit = [at for at in np.ndindex(result.shape) if _fits(float(result[at]))]
    wanted = min(_ASKED, result.size)
    if len(fit) < wanted:
        return ()
    chosen = (fit[number] for number in sorted(subject.chance.sample(range(len(fit)), wanted)))
    found: list[tuple[Place, float]] = []
    for at in chosen:
        place = {axis: number + 1 for axis, number in zip(axes, at, strict=True)}
        value, truth = float(result[at]), float(ground.value(subject.derivation.chain.start, place))
        if abs(value - truth) > _CLOSE * max(1.0, abs(truth)):
            return ()
        found.append((place, value))
    return tuple(found)


def _fits(value: float) -> bool:
    """Not too small, too large, or a whole number but for what rounding takes away."""
    whole = abs(value - round(value))
    return abs(value) <= _MOST and (whole == 0 or (whole > 10**-_DECIMALS and abs(value) > _LEAST))


def _places(problem: Problem, ground: Ground, name: str) -> Iterator[tuple[int, ...]]:
    return product(*(range(1, ground.extent(size) + 1) for size in problem.shapes[name]))


def _array(problem: Problem, ground: Ground, point: Plain, name: str) -> NDArray[np.float64]:
    shape = tuple(ground.extent(size) for size in problem.shapes[name])
    numbers = [float(point.exact(name, place)) for place in _places(problem, ground, name)]
    return np.array(numbers).reshape(shape)
