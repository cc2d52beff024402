"""Which known mistake gives an answer: found by making it and comparing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count

from sympy import Expr, Integer, Symbol

from derive.answers import wrong_rules
from derive.answers.fingerprints import Fingerprints, Names, Values, alike
from derive.answers.forms import forms
from derive.answers.mistakes import CONSTANT_FACTOR, LOST_SUM, MISTAKES, SIGN, Mistake
from derive.answers.question import Question, extents_of
from derive.answers.report import Misconception
from derive.answers.wrong_results import FACTORS
from derive.checker.finite import Checker
from derive.engine import derive
from derive.indices import free_indices, substitute
from derive.levels import tell
from derive.nodes import (
    Sum,
    name_of,
    total,
    undistributed,
)
from derive.problem import Problem
from derive.rules import DIFFERENTIATION, RULES
from derive.steps import Chain, Level, Status, Step, Verdict
from derive.text import text_of


@dataclass(frozen=True)
class Wrong:
    """A wrong result, and by which mistakes one gets it.

    Attributes:
        names: what it uses besides the problem's own names.
        values: its brief fingerprint.
        derived: whether it was derived, by a wrong rule or from an assumption.
    """

    result: Expr
    mistakes: tuple[Mistake, ...]
    names: Names = ()
    values: Values | None = None
    derived: bool = False


@dataclass
class Diagnosis:
    """The wrong results of one question. They are made when they are asked for, and kept.

    Attributes:
        question: what is asked, in letters of its own.
        singles: the wrong results of one mistake, made in the result or wherever it can be made on
            the way; the likely ones first.
    """

    question: Question
    _used: list[tuple[Mistake, wrong_rules.Wrong, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.problem = _standing_alone(self.question.problem)
        self.singles = _Kept(self._single())
        self._others = _Kept(self._other())
        self._pairs = _Kept(self._pair())

    @cached_property
    def right(self) -> Chain:
        """The right derivation; without steps where nothing is differentiated."""
        problem = self.problem
        if self.question.stated is not None:
            return Chain(problem, self.question.stated, (), Status.DONE)
        return derive(problem)

    @property
    def right_names(self) -> Names:
        """What the right result uses besides the problem's own names."""
        return _names(self.right)

    @cached_property
    def prints(self) -> Fingerprints:
        right = self.right
        return Fingerprints(self.problem, right.result, self.question.letters, self.right_names)

    def of(self, answer: Expr, question: Question) -> tuple[Misconception, ...]:
        """The mistakes that give an answer: one, or two together; none where none is known.

        Args:
            answer: a wrong one.
            question: what it answers, with the author's own names and letters.
        """
        loose = sorted(free_indices(answer) - set(question.letters), key=str)
        if loose:
            return self._summed(answer, loose, question)
        values = self.prints.brief(answer, self.own_names(question), question.letters)
        if values is None:
            return ()
        for wrong in self.wrongs():
            if alike(values, wrong.values) and self._same(answer, wrong, question):
                return self.told(wrong)
        return ()

    def _summed(
        self, answer: Expr, loose: list[Symbol], question: Question
    ) -> tuple[Misconception, ...]:
        """A sum was left out if with it the answer is right."""
        extents = extents_of(question, answer)
        if not all(letter in extents for letter in loose):
            return ()
        for letter in loose:
            answer = total(answer, letter, extents[letter])
        right = question.checker.compare(question.truth, answer)[0] is Verdict.AGREES
        return self.told(Wrong(answer, (LOST_SUM,))) if right else ()

    def values_of(self, answer: Expr, question: Question) -> Values | None:
        """The fingerprint of an answer."""
        return self.prints.of(answer, self.own_names(question), question.letters)

    def own_names(self, question: Question) -> Names:
        """What an author's names stand for; what is differentiated by stands for itself."""
        by = {name_of(variable) for variable in self.problem.wrt}
        return tuple(d for d in question.problem.definitions if d.name not in by)

    def wrongs(self) -> Iterator[Wrong]:
        """All wrong results that are known, the likely ones first."""
        return chain(self.singles, self._others, self._pairs)

    def told(self, wrong: Wrong) -> tuple[Misconception, ...]:
        """The mistakes behind a wrong result, for people."""
        told = (_told(mistake, self._steps, self.right.problem) for mistake in wrong.mistakes)
        return tuple(replace(mistake, question=self._about) for mistake in told)

    @cached_property
    def _about(self) -> str:
        """What is derived here, where it is not what was asked."""
        question = self.question
        return "" if question.is_asked else text_of(question.truth, question.problem)

    @cached_property
    def _steps(self) -> tuple[Step, ...]:
        return tell(self.right, Level.NORMAL)

    def _same(self, answer: Expr, wrong: Wrong, question: Question) -> bool:
        """Whether an answer is a wrong result everywhere, not only where both were looked at."""
        letters = dict(zip(self.question.letters, question.letters, strict=True))
        names = tuple(d for d in wrong.names if question.problem.definition(d.head) is None)
        checker = Checker(question.problem.knowing(names))
        with undistributed():
            return checker.compare(answer, substitute(wrong.result, letters))[0] is Verdict.AGREES

    def _single(self) -> Iterator[Wrong]:
        for mistake in MISTAKES:
            yield from self._slipped(mistake, self.right.result)
            for made in self._derived(mistake):
                yield from self._from(made, mistake)

    def _other(self) -> Iterator[Wrong]:
        """One mistake at the first or the last place where it can be made on the way, or in another
        form of the right result."""
        for mistake, rule, places in self._used:
            for place in (0, places - 1) if places > 1 else ():
                made = self._planted(wrong_rules.Counted(rule, place))
                yield from self._from(made, mistake)
        for form in forms(self.right):
            for mistake in MISTAKES:
                yield from self._slipped(mistake, form)

    def _planted(self, wrong: wrong_rules.Wrong) -> Chain:
        """Derived with a wrong rule, and not simplified: its values are all that is looked at."""
        return derive(self.problem, wrong_rules.planted(wrong, DIFFERENTIATION))

    def _slipped(self, mistake: Mistake, right: Expr) -> Iterator[Wrong]:
        for result in self._changed(mistake, right):
            yield self._wrong(result, (mistake,), self.right_names)

    def _from(self, made: Chain, mistake: Mistake) -> Iterator[Wrong]:
        """What a wrong rule or a wrong assumption leads to, where that is wrong at all."""
        if made.status is Status.DONE:
            wrong = self._wrong(made.result, (mistake,), _names(made), derived=True)
            if not self._is_right(wrong):
                yield wrong

    def _is_right(self, wrong: Wrong) -> bool:
        result, names = self.right.result, self.right_names
        return alike(wrong.values, self.prints.brief(result, names)) and alike(
            self.prints.of(wrong.result, wrong.names), self.prints.of(result, names)
        )

    @property
    def _is_derived(self) -> bool:
        return bool(self.problem.wrt) and self.question.stated is None

    def _pair(self) -> Iterator[Wrong]:
        """A factor or a sign on top of another mistake, then other small slips on top of a result
        that was derived wrongly."""
        for wrong in self.singles:
            for factor, mistakes in self._factors():
                if not set(mistakes) & set(wrong.mistakes):
                    values = wrong.values and self._times(factor, wrong.values)
                    both = (*wrong.mistakes, *mistakes)
                    with undistributed():
                        result = factor * wrong.result
                    yield replace(wrong, result=result, mistakes=both, values=values)
        slips = [mistake for mistake in MISTAKES if mistake.small]
        for wrong in (w for w in self.singles if w.derived):
            for mistake in slips:
                for result in self._changed(mistake, wrong.result):
                    yield self._wrong(result, (*wrong.mistakes, mistake), wrong.names)

    def _factors(self) -> list[tuple[Expr, tuple[Mistake, ...]]]:
        plain: list[Expr] = [*FACTORS, *(f for n in self.problem.sizes for f in (n, 1 / n))]
        found: list[tuple[Expr, tuple[Mistake, ...]]] = [(Integer(-1), (SIGN,))]
        return [*found, *((f, (CONSTANT_FACTOR,)) for f in plain)]

    def _times(self, factor: Expr, values: Values) -> Values:
        factors = [float(factor.xreplace(sizes)) for sizes in self.prints.brief_sizes]
        return tuple(f * value for f, value in zip(factors, values, strict=True))

    def _wrong(
        self, result: Expr, mistakes: tuple[Mistake, ...], names: Names, derived: bool = False
    ) -> Wrong:
        return Wrong(result, mistakes, names, self.prints.brief(result, names), derived)

    def _changed(self, mistake: Mistake, result: Expr) -> Iterator[Expr]:
        with undistributed():  # made in one go: whoever asks should not work inside
            made = [r for change in mistake.changes for r in change(result, self.problem)]
        letters = {*self.question.letters}
        yield from (changed for changed in made if free_indices(changed) <= letters)

    def _derived(self, mistake: Mistake) -> Iterator[Chain]:
        if not self._is_derived:
            return
        names = [d.name for d in self.problem.definitions if not d.indices and d.body.has(Sum)]
        held = [wrong_rules.held_constant(name) for name in names] if mistake.held else []
        for rule in (*mistake.rules, *held):
            counted = wrong_rules.Counted(rule)
            made = self._planted(counted)
            if counted.places:
                self._used.append((mistake, rule, counted.places))
                yield made
        for problem in mistake.instead(self.problem):
            yield derive(problem, RULES)


@dataclass
class _Kept:
    """Wrong results that are made as they are asked for, and known from then on."""

    more: Iterator[Wrong]
    known: list[Wrong] = field(default_factory=list)

    def __iter__(self) -> Iterator[Wrong]:
        for place in count():
            if place == len(self.known):
                found = next(self.more, None)
                if found is None:
                    return
                self.known.append(found)
            yield self.known[place]


def _standing_alone(problem: Problem) -> Problem:
    """A question as one would put it by itself: what is differentiated by is no longer defined."""
    by = {name_of(variable) for variable in problem.wrt}
    kept = tuple(d for d in problem.definitions if d.name not in by)
    return problem if len(kept) == len(problem.definitions) else replace(problem, definitions=kept)


def _names(made: Chain) -> Names:
    return tuple(d for d in made.problem.definitions if d.adjoint)


def _told(mistake: Mistake, steps: tuple[Step, ...], problem: Problem) -> Misconception:
    found = ((n, s) for slug in mistake.steps for n, s in enumerate(steps, 1) if _uses(s, slug))
    number, step = next(found, (None, None))
    rule, line = (step.title, text_of(step.after, problem)) if step else ("", "")
    return Misconception(mistake.slug, mistake.title, mistake.why, mistake.mend, number, rule, line)


def _uses(step: Step, slug: str) -> bool:
    return step.rule == slug or any(_uses(part, slug) for part in step.parts)
