"""Find the mistake: a derivation with one wrong line, and what follows from it."""

from __future__ import annotations

from derive.answers.example import example
from derive.answers.question import Question
from derive.exercises import sentences
from derive.exercises.model import Exercise, Kind, Mark
from derive.exercises.slips import Slip, slip
from derive.exercises.subject import Subject, rows
from derive.handouts.settings import settings, value
from derive.render.page import Formula, Sentence, filled, joined
from derive.render.view import Writer


def find_mistake(subject: Subject) -> Exercise | None:
    """A wrong line among right ones; None where no misconception gives exactly one."""
    found = slip(subject.derivation.chain, subject.steps, subject.chance)
    if found is None:
        return None
    shown = Writer(found.problem, subject.words).steps(found.steps)
    last = found.place == len(found.steps) - 1
    follows = range(found.place + 1, len(found.steps))
    marks = {**dict.fromkeys(follows, Mark.FOLLOWS), found.place: Mark.WRONG}
    lines = rows(shown, marks=marks)
    note = sentences.LAST_MISTAKE_NOTE if last else sentences.MISTAKE_NOTE
    return subject.exercise(
        Kind.MISTAKE,
        subject.say(sentences.MISTAKE, derivative=subject.view.start),
        points=3,
        note=subject.say(note),
        answer=_answer(subject, found),
        start=subject.view.start,
        rows=rows(shown),
        solution=lines,
        room=4,
    )


def _answer(subject: Subject, found: Slip) -> tuple[Sentence, ...]:
    """Which line, what it should be, why it is wrong, what mends it, and numbers to see it by."""
    said, mistake = subject.words, found.mistake
    right = subject.writer.formula(found.right)
    which = subject.say(sentences.NO_LINE, number=str(found.place + 1), formula=right)
    why: Sentence = (said.led.format(title=said.say(mistake.title), reason=said.say(mistake.why)),)
    return (which, why, (said.say(mistake.mend),), _counterexample(subject, found))


def _counterexample(subject: Subject, found: Slip) -> Sentence:
    """Small numbers at which the wrong line and the one before it differ; () where there are none
    that can be told from one another when they are rounded."""
    step, words = found.steps[found.place], subject.words
    asked = Question(found.problem, found.problem, stated=step.before, open=False)
    told = example(asked, step.after)
    if not told:
        return ()
    parts = [told[key] for key in ("sizes", "point", "indices") if told.get(key)]
    numbers = [formula for part in parts for formula in settings(part)]
    blanks: dict[str, Formula | Sentence] = {
        "numbers": joined([(number,) for number in numbers], words.listed),
        "answer": value(told["answer"]),
        "truth": value(told["truth"]),
    }
    return filled(words.at_numbers, blanks)
