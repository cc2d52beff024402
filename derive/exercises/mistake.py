"""Find the mistake: a derivation with one wrong line, and what follows from it."""

from __future__ import annotations

from derive.answers.example import example
from derive.answers.question import Question
from derive.exercises import sentences
from derive.exercises.model import Choice, Exercise, Kind, Mark
from derive.exercises.slips import Slip, slip
from derive.exercises.subject import Subject, rows
from derive.render.page import Sentence, joined

# What a counterexample tells, by the words that documents have for it.
_TOLD = {
    "sizes": "sizes",
    "indices": "indices",
    "point": "point",
    "truth": "before",
    "answer": "after",
}


def find_mistake(subject: Subject) -> Exercise | None:
    """A wrong line among right ones; None where no misconception gives exactly one."""
    found = slip(subject.derivation.chain, subject.steps, subject.chance)
    if found is None:
        return None
    shown = subject.shown(found.steps, found.problem)
    last = found.place == len(found.steps) - 1
    follows = range(found.place + 1, len(found.steps))
    marks = {**dict.fromkeys(follows, Mark.FOLLOWS), found.place: Mark.WRONG}
    lines = rows(shown.steps, marks=marks)
    note = sentences.LAST_MISTAKE_NOTE if last else sentences.MISTAKE_NOTE
    return subject.exercise(
        Kind.MISTAKE,
        subject.say(sentences.MISTAKE, derivative=subject.view.start),
        points=3,
        note=subject.say(note),
        answer=_answer(subject, found),
        start=subject.view.start,
        rows=rows(shown.steps),
        choices=tuple(
            Choice(subject.say(sentences.LINE, number=str(row.number)), row.mark is Mark.WRONG)
            for row in lines
        ),
        solution=lines,
        room=4,
    )


def _answer(subject: Subject, found: Slip) -> tuple[Sentence, ...]:
    """Which line, what it should be, why it is wrong and what mends it, and numbers to see it by."""
    said, mistake = subject.words, found.mistake
    right = subject.formula(found.right)
    which = subject.say(sentences.NO_LINE, number=str(found.place + 1), formula=right)
    why: Sentence = (said.led.format(title=said.say(mistake.title), reason=said.say(mistake.why)),)
    answer = (which, why, (said.say(mistake.mend),))
    witness = _witness(subject, found)
    return (*answer, subject.say(sentences.COUNTEREXAMPLE, witness=witness)) if witness else answer


def _witness(subject: Subject, found: Slip) -> Sentence:
    """Small numbers at which the wrong line and the one before it differ."""
    step = found.steps[found.place]
    asked = Question(found.problem, found.problem, stated=step.before, open=False)
    told = example(asked, step.after)
    words = subject.words
    parts = [
        (words.labelled.format(label=words.say(label), text=told[key]),)
        for key, label in _TOLD.items()
        if told.get(key)
    ]
    return joined(parts, words.joined)
