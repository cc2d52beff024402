"""A counterexample that can be checked by hand: few entries, small integers or short decimals."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from mpmath import nstr
from sympy import Expr, Indexed, Symbol

from derive.answers.question import Question, extents_of
from derive.checker.ground import CONTEXT, Ground, OutOfDomain, Real, Uncheckable
from derive.checker.letters import Letters
from derive.checker.sample import Constraints, Point, constraints, least_size
from derive.checker.witness import listed
from derive.nodes import name_of
from derive.problem import Problem

_POINTS = 12  # for each choice of sizes
_ENOUGH = 3  # examples to choose the plainest of
_DIGITS = 5
_VISIBLE = Fraction(1, 500)  # two values this near, relatively, look alike when rounded

_REACH = (3, 4, 6)
_INTEGERS = (0, 1, 2, -1, 3, -2)
_POSITIVE = (1, 2, 3, 4, 5, 6)
_SHARES: tuple[tuple[Fraction, ...], ...] = (
    (Fraction(1),),
    (Fraction(1, 4), Fraction(3, 4)),
    (Fraction(1, 5), Fraction(3, 10), Fraction(1, 2)),
)


@dataclass
class Plain(Point):
    """A point of small numbers: integers where the bounds allow, else fractions of ten.

    Attributes:
        reach: how many different integers there are to draw from.
    """

    reach: int = 3

    def exact(self, name: str, where: tuple[int, ...]) -> Fraction:
        fixed = self.constraints.sums.get(name)
        if fixed is None or (name, where) in self.numbers:
            return super().exact(name, where)
        places = self.row(where, fixed)
        chance = random.Random(f"{self.seed} {name} {places[0]}")
        shares = self._shares(name, len(places), chance)
        self.numbers[(name, where)] = self._exact(fixed.total) * shares[places.index(where)]
        return self.numbers[(name, where)]

    def _shares(self, name: str, count: int, chance: random.Random) -> list[Fraction]:
        """Shares of 1: one entry that has it all where 0 is allowed, else all of them positive."""
        chosen = [Fraction(1), *[Fraction(0)] * (count - 1)]
        if self.positive or name in self.constraints.bounds:
            known = count <= len(_SHARES)
            chosen = list(_SHARES[count - 1]) if known else [Fraction(1, count)] * count
        chance.shuffle(chosen)
        return chosen

    def _draw(self, name: str, where: tuple[int, ...]) -> Fraction:
        chance = random.Random(f"{self.seed} {name}")
        low, high = self.constraints.bounds.get(name, (None, None))
        at = self._flat(where)
        if low is not None and high is not None:
            tenths = chance.sample(range(1, 10), 9)
            return low + (high - low) * Fraction(tenths[at % 9], 10)
        if low is not None or high is not None or self.positive:
            size = Fraction(chance.sample(_POSITIVE[: self.reach], self.reach)[at % self.reach])
            return (low or Fraction(0)) + size if high is None else high - size
        return Fraction(chance.sample(_INTEGERS[: self.reach], self.reach)[at % self.reach])


@dataclass(frozen=True)
class _Example:
    ground: Ground
    point: Plain
    env: Mapping[Symbol, int]
    answer: Real
    truth: Real

    def cost(self) -> tuple[int, int]:
        """How much there is to work out."""
        numbers = self.point.numbers.values()
        results = len(short(self.answer)) + len(short(self.truth))
        digits = sum(len(decimal(n)) + (n < 0) for n in numbers)
        return sum(self.point.sizes.values()), 2 * digits + results


def example(question: Question, answer: Expr) -> Mapping[str, str]:
    """Where a wrong answer gives another value than it should: sizes, indices, point, names,
    answer, truth; empty where none was found with small numbers."""
    found: list[_Example] = []
    try:
        for made in _examples(question, answer):
            found.append(made)
            if len(found) == _ENOUGH:
                break
    except Uncheckable:
        pass
    return _told(min(found, key=_Example.cost), question, answer) if found else {}


def _examples(question: Question, answer: Expr) -> Iterator[_Example]:
    """One for each choice of sizes and point that shows the difference, the smallest sizes first,
    and no two of them the same."""
    problem = question.problem
    known = constraints(problem.assumptions)
    if known.unmet:
        return
    letters, extents = Letters(), extents_of(question, answer)
    for sizes in _sizes(problem):
        for number in range(_POINTS):
            made = _shown(question, answer, known, sizes, number, letters, extents)
            if made is not None:
                yield made


def _sizes(problem: Problem) -> Iterator[dict[Symbol, int]]:
    """All sizes 2, then all different, then 3."""
    names, least = problem.sizes, least_size(problem.expressions)
    yield dict.fromkeys(names, least)
    if len(names) > 1:
        yield {name: least + place % 2 for place, name in enumerate(names)}
        yield {name: least + (place + 1) % 2 for place, name in enumerate(names)}
    if names:
        yield dict.fromkeys(names, least + 1)


def _shown(
    question: Question,
    answer: Expr,
    known: Constraints,
    sizes: Mapping[Symbol, int],
    number: int,
    letters: Letters,
    extents: Mapping[Symbol, Expr],
) -> _Example | None:
    """The first place of a point at which the difference is plain to see."""
    problem = question.problem
    point = Plain(
        known,
        sizes,
        f"plain {number}",
        positive=number % 3 == 2,
        reach=_REACH[number * len(_REACH) // _POINTS],
    )
    ground = Ground(sizes, point, {d.name: d for d in problem.definitions}, letters, problem.shapes)
    spans = [range(1, ground.extent(extent) + 1) for extent in extents.values()]
    try:
        for where in product(*spans):
            env = dict(zip(extents, where, strict=True))
            made, wanted = ground.value(answer, env), ground.value(question.truth, env)
            if abs(made - wanted) > float(_VISIBLE) * max(1, abs(made), abs(wanted)):
                return _Example(ground, point, env, made, wanted)
    except OutOfDomain:
        pass
    return None


def _told(made: _Example, question: Question, answer: Expr) -> Mapping[str, str]:
    """An example in words; of the names that stand for something, those that the answer uses."""
    problem = question.problem
    used = problem.variables_in(answer, question.truth)
    arrays = {name: _array(made, problem, name) for name in used}
    named = {name_of(head) for head in answer.atoms(Indexed, Symbol) if problem.definition(head)}
    values = {name: _array(made, problem, name) for name in problem.shapes if name in named}
    names = {name.removesuffix("_"): value for name, value in values.items()}  # of delta_
    found = {
        "sizes": listed(made.ground.sizes),
        "indices": listed(made.env),
        "point": listed(arrays),
        "names": listed(names),
        "answer": short(made.answer),
        "truth": short(made.truth),
    }
    return {key: text for key, text in found.items() if text}


def _array(made: _Example, problem: Problem, name: str) -> str:
    """An array as nested lists: a variable's numbers, or a defined name's values, rounded."""
    shape = [made.ground.extent(size) for size in problem.shapes[name]]
    defined = name in made.ground.definitions

    def nested(at: tuple[int, ...]) -> str:
        if len(at) < len(shape):
            inside = (nested((*at, k)) for k in range(1, shape[len(at)] + 1))
            return f"[{', '.join(inside)}]"
        if defined:
            return short(made.ground.entry(name, at))
        return decimal(made.point.exact(name, at))

    return nested(())


def short(value: Real) -> str:
    """A number with few digits: 0.26894, 2."""
    text: str = nstr(value, _DIGITS)
    return text.removesuffix(".0")


def decimal(value: Fraction) -> str:
    """A fraction as a decimal where that is short, 0.25, else as it is, 1/3."""
    if value.denominator == 1:
        return str(value.numerator)
    scaled = value * 1000
    return f"{float(value):g}" if scaled.denominator == 1 else str(value)


def plainer(witness: Mapping[str, str]) -> Mapping[str, str]:
    """A checker's witness in the words of somebody who marks: answer and truth, with as many digits
    as it takes to tell them apart."""
    found = {key: text for key, text in witness.items() if key not in ("before", "after")}
    values = [CONTEXT.mpf(witness[key]) for key in ("after", "before")]
    digits = next((n for n in range(_DIGITS, 15) if nstr(values[0], n) != nstr(values[1], n)), 15)
    answer, truth = (nstr(value, digits).removesuffix(".0") for value in values)
    return {**found, "answer": answer, "truth": truth}
