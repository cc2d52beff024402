"""Which known mistake gives an answer: found by making it and comparing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

from sympy import Expr

from derive.answers import wrong_rules
from derive.answers.mistakes import MISTAKES, Mistake
from derive.answers.question import Question
from derive.answers.report import Misconception
from derive.check.finite import Checker
from derive.engine import derive
from derive.nodes import Sum, undistributed
from derive.problem import Definition, Problem
from derive.rules import RULES
from derive.steps import Chain, Step, Verdict

Names = tuple[Definition, ...]


@dataclass(frozen=True)
class Wrong:
    """A wrong result, and by which mistakes one gets it.

    Attributes:
        names: what it uses besides the problem's own names.
        derived: whether it was derived, by a wrong rule or from an assumption.
    """

    result: Expr
    mistakes: tuple[Mistake, ...]
    names: Names = ()
    derived: bool = False


@dataclass
class Diagnosis:
    """The wrong results of one problem. They are made when they are asked for, and kept."""

    problem: Problem
    _first: list[Wrong] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._more = self._single()
        self._right = derive(self.problem)

    def of(self, answer: Expr, question: Question) -> tuple[Misconception, ...]:
        """The mistakes that give an answer: one, or two together; none where none is known.

        Args:
            answer: a wrong one.
            question: what it answers, the problem with the author's own names.
        """
        for wrong in self.wrongs():
            if _same(answer, wrong, question.problem):
                return self.told(wrong)
        return ()

    def wrongs(self) -> Iterator[Wrong]:
        """All wrong results that are known, the likely ones first."""
        return chain(self._singles(), self._pairs())

    def told(self, wrong: Wrong) -> tuple[Misconception, ...]:
        """The mistakes behind a wrong result, for people."""
        return tuple(_told(mistake, self._right) for mistake in wrong.mistakes)

    def _singles(self) -> Iterator[Wrong]:
        yield from self._first
        for wrong in self._more:
            self._first.append(wrong)
            yield wrong

    def _single(self) -> Iterator[Wrong]:
        for mistake in MISTAKES:
            for result in self._changed(mistake, self._right.result):
                yield Wrong(result, (mistake,), _names(self._right))
            for made in self._derived(mistake):
                yield Wrong(made.result, (mistake,), _names(made), derived=True)

    def _pairs(self) -> Iterator[Wrong]:
        """A small slip on top of a result that was derived wrongly."""
        slips = [mistake for mistake in MISTAKES if mistake.small]
        for wrong in [w for w in self._first if w.derived]:
            for mistake in slips:
                for result in self._changed(mistake, wrong.result):
                    yield Wrong(result, (*wrong.mistakes, mistake), wrong.names)

    def _changed(self, mistake: Mistake, result: Expr) -> Iterator[Expr]:
        with undistributed():
            yield from (r for change in mistake.changes for r in change(result, self.problem))

    def _derived(self, mistake: Mistake) -> Iterator[Chain]:
        names = [d.name for d in self.problem.definitions if not d.indices and d.body.has(Sum)]
        held = [wrong_rules.held_constant(name) for name in names] if mistake.held else []
        for rule in (*mistake.rules, *held):
            yield derive(self.problem, wrong_rules.planted(rule))
        for assumption in mistake.assumed(self.problem):
            if assumption not in self.problem.assumptions:
                assumptions = (*self.problem.assumptions, assumption)
                yield derive(replace(self.problem, assumptions=assumptions), RULES)


def _names(made: Chain) -> Names:
    return tuple(d for d in made.problem.definitions if d.adjoint)


def _same(answer: Expr, wrong: Wrong, problem: Problem) -> bool:
    checker = Checker(problem.knowing(wrong.names))
    return checker.compare(answer, wrong.result)[0] is Verdict.AGREES


def _told(mistake: Mistake, right: Chain) -> Misconception:
    found = (n for slug in mistake.steps for n, s in enumerate(right.steps, 1) if _uses(s, slug))
    return Misconception(mistake.slug, mistake.title, mistake.why, mistake.mend, next(found, None))


def _uses(step: Step, slug: str) -> bool:
    return step.rule == slug or any(_uses(part, slug) for part in step.parts)
