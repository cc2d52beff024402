"""Marking answers to one question: what is worked out for one of them serves the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

from sympy import Expr

from derive.answers import sentences
from derive.answers.diagnosis import Diagnosis
from derive.answers.example import example, plainer
from derive.answers.hidden import freed
from derive.answers.parting import parts
from derive.answers.question import Question
from derive.answers.report import Mark, Marked, Report
from derive.answers.working import Judged, judge
from derive.errors import DeriveError
from derive.nodes import Derivative
from derive.phrases import Phrase
from derive.problem import Problem
from derive.reader.reading import (
    Vocabulary,
    read_working,
    vocabulary_of,
)
from derive.text import result_text

_KEPT = 32  # questions about other names, whose wrong results are kept


@dataclass
class Marking:
    """Marks answers to a problem.

    Attributes:
        problem: what is asked.
    """

    problem: Problem
    _diagnoses: dict[object, Diagnosis] = field(default_factory=dict)

    @cached_property
    def question(self) -> Question:
        return Question.of(self.problem)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return vocabulary_of(self.problem)

    def page(self, text: str) -> Report:
        """What is said of a formula or a page of working.

        Raises:
            DeriveError: a line cannot be read; the message points at the place.
        """
        own = freed(self.problem, text)
        if own is not self.problem:
            return Marking(own).page(text)
        try:
            return self._marked(text)
        except DeriveError as error:
            square = _square(self.problem)
            with suppress(DeriveError):
                report = Marking(square)._marked(text) if square is not None else None
                if report is not None and report.verdict is Mark.WRONG:
                    reason = Phrase(sentences.SHAPES, reason=error.message.rstrip("."))
                    return replace(report, parts=(reason,))
            raise

    def diagnosis(self, question: Question) -> Diagnosis:
        """The wrong results of a question, which are kept."""
        problem = question.problem
        key = (problem.target, problem.wrt, question.stated, problem.definitions, question.letters)
        if question.is_asked:
            key, question = self.question.letters, self.question
        if key not in self._diagnoses:
            if len(self._diagnoses) > _KEPT:
                self._diagnoses.clear()
            self._diagnoses[key] = Diagnosis(question)
        return self._diagnoses[key]

    def _marked(self, text: str) -> Report:
        judged = judge(read_working(text, self.vocabulary), self.question)
        wrong = next((one for one in judged if one.mark is Mark.WRONG), None)
        if wrong is not None:
            return self._wrong(judged, wrong)
        answer = next((one for one in reversed(judged) if one.is_answer), None)
        lines = _lines(judged)
        if answer is None:
            return Report(Mark.UNDECIDED, lines, sentences.NO_ANSWER)
        open_ = next((one for one in judged if one.mark is Mark.UNDECIDED), None)
        if open_ is not None:
            return Report(Mark.UNDECIDED, lines, open_.evidence.detail)
        if answer.said.has(Derivative):
            return Report(Mark.UNDECIDED, lines, sentences.PENDING)
        proved = answer.evidence.method == "normal form"
        evidence = sentences.PROVED if proved else sentences.TRIED
        return Report(Mark.RIGHT, lines, evidence, layout=answer.layout)

    def _wrong(self, judged: Sequence[Judged], wrong: Judged) -> Report:
        """The first wrong line: numbers, the mistake behind it, what it should say."""
        diagnosis = self.diagnosis(wrong.question)
        said, mistakes = wrong.said, diagnosis.of(wrong.said, wrong.question)
        for other in () if mistakes else wrong.others:
            if mistakes := diagnosis.of(other, wrong.question):
                said = other
                break
        shown = example(wrong.question, said) or plainer(wrong.evidence.witness)
        told = () if mistakes else parts(diagnosis, said, wrong.question)
        return Report(
            Mark.WRONG,
            _lines(judged, wrong, shown),
            sentences.DIFFERS,
            mistakes,
            told,
            right_line=_right_line(diagnosis),
        )


def _right_line(diagnosis: Diagnosis) -> str:
    return result_text(diagnosis.right.result, diagnosis.right.problem)


def _lines(
    judged: Sequence[Judged], wrong: Judged | None = None, shown: Mapping[str, str] | None = None
) -> tuple[Marked, ...]:
    return tuple(
        Marked(
            one.line.number,
            one.line.source,
            one.mark,
            one.note,
            shown or {} if one is wrong else {},
        )
        for one in judged
    )


def _square(problem: Problem) -> Problem | None:
    """The same problem with all sizes alike; None where they are already. There a matrix that
    should have been transposed has values, and they can be compared."""
    if len(problem.sizes) < 2:
        return None
    first, *others = problem.sizes
    one = dict.fromkeys(others, first)

    def alike(expr: Expr) -> Expr:
        return expr.xreplace(one)

    return replace(
        problem,
        target=alike(problem.target),
        definitions=tuple(replace(d, body=alike(d.body)) for d in problem.definitions),
        assumptions=tuple(map(alike, problem.assumptions)),
        shapes={name: tuple(map(alike, shape)) for name, shape in problem.shapes.items()},
        extents={letter: alike(extent) for letter, extent in problem.extents.items()},
    )
