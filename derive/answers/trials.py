"""More points for what could not be proved: other sizes, and many points where there are cases, so
that every case is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from sympy import Abs, Expr, Max, Min, Symbol
from sympy import sign as sympy_sign

from derive.answers.question import Question, extents_of
from derive.checker.finite import close
from derive.checker.ground import Ground, OutOfDomain, Uncheckable
from derive.checker.letters import Letters
from derive.checker.sample import Point, assignments, constraints, least_size
from derive.checker.witness import Difference
from derive.functions import Maximum, Minimum, abs, relu, sign
from derive.nodes import Largest, Smallest, Where
from derive.problem import Problem

_CASES = (Where, Maximum, Minimum, Largest, Smallest, abs, sign, relu, Abs, Max, Min, sympy_sign)
_FEW = 6
_MANY, _MOST = 60, 240  # where there are cases, with entries to look at and without
_SCALES = (1, 1, 2, 5)
_PLACES = 4  # of the letters, at each point


def difference(question: Question, said: Expr) -> Difference | None:
    """Where an answer that agreed so far differs from the truth, at one of many more points."""
    try:
        return next(_differences(question, said), None)
    except Uncheckable:
        return None


def _differences(question: Question, said: Expr) -> Iterator[Difference]:
    problem, truth = question.problem, question.truth
    extents = extents_of(question, said)
    known, letters = constraints(problem.assumptions), Letters()
    definitions = {d.name: d for d in problem.definitions}
    sizes = list(_sizes(problem))
    many = _MANY if any(sizes) else _MOST
    for number in range(many if _has_cases(question, said) else _FEW):
        chosen, scale = sizes[number % len(sizes)], _SCALES[number % len(_SCALES)]
        point = Point(known, chosen, f"trial {number}", 1, number % 5 == 4, scale)
        ground = Ground(chosen, point, definitions, letters, problem.shapes)
        for env in _some(ground, extents, number):
            with suppress(OutOfDomain):
                wanted, found = ground.value(truth, env), ground.value(said, env)
                if not close(found, wanted, ground):
                    yield Difference(truth, said, point, env, wanted, found)


def _some(ground: Ground, extents: dict[Symbol, Expr], number: int) -> list[dict[Symbol, int]]:
    """A few values of the letters, others at every point."""
    every = assignments({letter: ground.extent(extent) for letter, extent in extents.items()})
    return [every[(number + n * 5) % len(every)] for n in range(min(_PLACES, len(every)))]


def _sizes(problem: Problem) -> Iterator[dict[Symbol, int]]:
    """Sizes that the checker has not tried, all different."""
    names, least = problem.sizes, least_size(problem.expressions)
    for shift in (0, 1, 3):
        yield {name: least + (place + shift) % 3 + shift for place, name in enumerate(names)}


def _has_cases(question: Question, said: Expr) -> bool:
    """Whether something depends on a condition."""
    bodies = (definition.body for definition in question.problem.definitions)
    return any(expr.has(*_CASES) for expr in (said, question.truth, *bodies))
