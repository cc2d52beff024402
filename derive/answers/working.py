"""Marking a page of working: every line against the truth and against the line before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sympy import Expr

from derive.answers.consequences import Stated, consequences
from derive.answers.question import Question, name_and_letters
from derive.answers.report import Mark
from derive.answers.sentences import (
    FOLLOWS,
    FOLLOWS_FROM,
    NOT_AS_BEFORE,
    NOT_FROM_BEFORE,
)
from derive.answers.trials import difference
from derive.errors import DeriveError, ProblemError
from derive.indices import substitute
from derive.nodes import indices_of
from derive.phrases import Phrase
from derive.reader.reading import Form, Line, ReadingError
from derive.steps import Evidence, Verdict

_MARKS = {
    Verdict.AGREES: Mark.RIGHT,
    Verdict.REFUTED: Mark.WRONG,
    Verdict.UNDECIDED: Mark.UNDECIDED,
}
_BAD = (Mark.WRONG, Mark.FOLLOWS)


@dataclass(frozen=True)
class Judged:
    """A line that was read, and what became of it.

    Attributes:
        said: its right-hand side; of several forms the one that is right, else the first.
        question: what it answers, in its letters and with the names known by then.
        mark, note: what is said of it.
        evidence: how the mark is known.
        layouts: for matrix notation, the layouts in which it is right.
        others: what it says in other layouts.
    """

    line: Line
    said: Expr
    question: Question
    mark: Mark
    note: str = ""
    evidence: Evidence = field(default_factory=Evidence)
    layouts: tuple[str, ...] = ()
    others: tuple[Expr, ...] = ()

    @property
    def layout(self) -> str:
        """The layout that was seen: the first in which it is right."""
        return self.layouts[0] if self.layouts else ""

    @property
    def is_answer(self) -> bool:
        """Whether it states the result that was asked for."""
        return self.mark is not Mark.DEFINES and self.question.is_asked


def judge(lines: Sequence[Line], question: Question) -> tuple[Judged, ...]:
    """Every line with its mark.

    A line that gives a new name to something is known from then on. One whose left-hand side is a
    name of the problem, or a derivative of one, is held against that; one that begins with "="
    against what the line before was. A line that is wrong as an earlier one was, and equal to it or
    what follows from it, is charged to that one. Where no line states the result, the last one that
    defines a name is taken for it: J = ...

    Raises:
        ReadingError: a line cannot be read; the message points at the place.
    """
    found = _judged_all(lines, question)
    if any(judged.is_answer for judged in found):
        return found
    fits = [n for n, judged in enumerate(found) if _can_answer(judged, question)]
    return _judged_all(lines, question, fits[-1]) if fits else found


def _can_answer(judged: Judged, question: Question) -> bool:
    return judged.mark is Mark.DEFINES and len(judged.question.letters) == len(question.letters)


def _judged_all(
    lines: Sequence[Line], question: Question, answering: int | None = None
) -> tuple[Judged, ...]:
    """Every line; the one at a place is taken for the answer, though it only defines a name."""
    found: list[Judged] = []
    for place, line in enumerate(lines):
        if line.defines and place != answering:
            question, judged = _defined(line, question)
        else:
            judged = _judged(line, found, question, place == answering)
        found.append(judged)
    return tuple(found)


def _defined(line: Line, question: Question) -> tuple[Question, Judged]:
    """The question with one more name, and what the lines below may go on from."""
    text = line.reading.text
    try:
        known = question.naming(line.lhs, text)
        definition = known.problem.definitions[-1]
        extents = dict(zip(definition.indices, known.problem.shapes[line.defines], strict=True))
        about = known.stating(definition.head, extents)
    except DeriveError as error:
        raise placed(error, line) from error
    return known, Judged(line, definition.body, about, Mark.DEFINES)


def _judged(line: Line, found: Sequence[Judged], question: Question, answers: bool) -> Judged:
    before = found[-1] if line.continues and found else None
    asked = _asked(line, before, question, answers)
    forms = _forms(line, before)
    tried = [(form, *_held(line, form, asked)) for form in forms]
    order = (Verdict.AGREES, Verdict.UNDECIDED, Verdict.REFUTED)
    _, said, verdict, evidence = min(tried, key=lambda one: order.index(one[2]))
    layouts = tuple(form.layout for form, _, held, _ in tried if held is Verdict.AGREES)
    others = tuple(other for _, other, _, _ in tried if other is not said)
    seen = tuple(filter(None, layouts))
    if verdict is Verdict.REFUTED:
        _check_name(line, asked)
    judged = Judged(line, said, asked, _MARKS[verdict], "", evidence, seen, others)
    return _charged(judged, before, found)


def _check_name(line: Line, asked: Question) -> None:
    """An author's δ_j that is not the δ_k above may be meant as another δ."""
    head = asked.stated
    own = asked.problem.definition(head) if head is not None else None
    if own is None or own in asked.asked.definitions or indices_of(own.head) == indices_of(head):
        return
    name = own.name.removesuffix("_")
    message = f"{name} stands for something else from above: give this another name"
    raise placed(ProblemError(message), line)


def _asked(line: Line, before: Judged | None, question: Question, answers: bool) -> Question:
    """What a line states."""
    try:
        if answers:
            return question.lettered(name_and_letters(line.lhs)[1])
        if line.lhs:
            return question.about(line.lhs, line.reading.forms[0].at)
    except DeriveError as error:
        raise placed(error, line) from error
    return before.question if before is not None else question


def _forms(line: Line, before: Judged | None) -> list[Form]:
    """The forms of a line, in the layout of the line that it goes on from."""
    forms = list(line.reading.forms)
    if before is not None and before.layouts:
        forms = [form for form in forms if form.layout in before.layouts] or forms
    return forms


def _held(line: Line, form: Form, asked: Question) -> tuple[Expr, Verdict, Evidence]:
    """A form of a line against what it should equal."""
    try:
        said = asked.read(form.text)
    except DeriveError as error:
        raise placed(error, line, line.reading.forms.index(form)) from error
    verdict, evidence = asked.checker.judge(asked.truth, said)
    if verdict is Verdict.AGREES and evidence.method != "normal form":
        found = difference(asked, said)
        if found is not None:
            witness = found.witness(asked.problem)
            return said, Verdict.REFUTED, replace(evidence, witness=witness)
    return said, verdict, evidence


def _charged(judged: Judged, before: Judged | None, found: Sequence[Judged]) -> Judged:
    """The same with a note; a wrong line that follows from an earlier wrong one says so."""
    bad_before = before is not None and before.mark in _BAD
    if judged.mark is Mark.RIGHT and bad_before:
        return _noted(judged, Mark.RIGHT, NOT_AS_BEFORE)
    if judged.mark is not Mark.WRONG:
        return judged
    wrong = [earlier for earlier in found if earlier.mark in _BAD]
    for earlier in reversed(wrong):
        if _same(earlier, judged):
            near = earlier is before
            note = FOLLOWS if near else Phrase(FOLLOWS_FROM, line=str(earlier.line.number))
            return _noted(judged, Mark.FOLLOWS, note)
    stated = [Stated(earlier.said, earlier.question) for earlier in wrong]
    checker = judged.question.checker
    for made in consequences(stated, judged.question):
        if checker.compare(made, judged.said)[0] is Verdict.AGREES:
            note = Phrase(FOLLOWS_FROM, line=str(wrong[0].line.number))
            return _noted(judged, Mark.FOLLOWS, note)
    return _noted(judged, Mark.WRONG, NOT_FROM_BEFORE if bad_before else "")


def _noted(judged: Judged, mark: Mark, note: str) -> Judged:
    return replace(judged, mark=mark, note=note)


def _same(earlier: Judged, later: Judged) -> bool:
    """Whether two lines say the same of the same thing."""
    letters = dict(zip(earlier.question.letters, later.question.letters, strict=False))
    if len(earlier.question.letters) != len(later.question.letters):
        return False
    if substitute(earlier.question.truth, letters) != later.question.truth:
        return False
    said = substitute(earlier.said, letters)
    return later.question.checker.compare(said, later.said)[0] is Verdict.AGREES


def placed(error: DeriveError, line: Line, form: int = 0) -> DeriveError:
    """An error at its place in the page."""
    if isinstance(error, ReadingError):
        return error
    return line.reading.error(error, form)
