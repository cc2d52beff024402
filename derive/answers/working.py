"""Marking a page of working: every line against the truth and against the line before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr

from derive.answers.lines import Line
from derive.answers.question import Question
from derive.answers.report import Mark, Marked
from derive.errors import DeriveError
from derive.steps import Evidence, Verdict

_MARKS = {
    Verdict.AGREES: Mark.RIGHT,
    Verdict.REFUTED: Mark.WRONG,
    Verdict.UNDECIDED: Mark.UNDECIDED,
}


@dataclass(frozen=True)
class Judged:
    """A line that was read, and what became of it.

    Attributes:
        said: its right-hand side.
        question: what it answers, in its letters and with the names known by then.
        evidence: how the mark is known.
        final: whether it answers the question as it was put.
    """

    marked: Marked
    said: Expr
    question: Question
    evidence: Evidence
    final: bool


def judge(lines: Sequence[Line], question: Question) -> tuple[Judged, ...]:
    """Every line with its mark.

    A line that gives a new name to something is known from then on. One whose left-hand side is a
    name of the problem, or a derivative of one, is held against that; one without a left-hand side
    against what the line before was. A line that is wrong as the one before it was, and equal to
    it, follows from it: one slip is charged once.

    Raises:
        DeriveError: a line cannot be read; the message names it.
    """
    found: list[Judged] = []
    for line in lines:
        try:
            if question.names_something(line):
                question = question.naming(line)
                continue
            found.append(_judged(line, found[-1] if found else None, question))
        except DeriveError as error:
            raise _placed(error, line, alone=len(lines) == 1) from error
    return tuple(found)


def _judged(line: Line, before: Judged | None, question: Question) -> Judged:
    if line.left is not None:
        asked = question.about(line.left)
    elif before is not None:
        asked = Question(before.question.problem.knowing(()), question.asked)
    else:
        asked = question
    said = asked.read(line)
    verdict, evidence = asked.judge(asked.truth, said)
    mark, note = _MARKS[verdict], ""
    bad = before is not None and before.marked.mark in (Mark.WRONG, Mark.FOLLOWS)
    if mark is Mark.WRONG and bad and line.left is None and before is not None:
        if asked.judge(before.said, said)[0] is Verdict.AGREES:
            mark, note = Mark.FOLLOWS, "follows from the line before, which is wrong"
        else:
            note = "does not follow from the line before either"
    marked = Marked(line.number, line.source, mark, note, _counterexample(mark, evidence))
    return Judged(marked, said, asked, evidence, asked.is_asked())


def _counterexample(mark: Mark, evidence: Evidence) -> Mapping[str, str]:
    """A witness in the words of somebody who marks: what the answer gives, and what it should."""
    if mark is not Mark.WRONG:
        return {}
    words = {"before": "truth", "after": "answer"}
    return {words.get(key, key): value for key, value in evidence.witness.items()}


def _placed(error: DeriveError, line: Line, alone: bool) -> DeriveError:
    """An error that names its line."""
    where = "" if alone else f"line {line.number}: "
    return type(error)(where + error.message, error.source, error.column)
