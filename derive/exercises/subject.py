"""What exercises are made of: a derivation, its lines in one language, and chance."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from derive.exercises.model import Blank, Difficulty, Exercise, Kind, Mark, Row
from derive.exercises.sentences import TASKS
from derive.render.page import Formula, Sentence, StepView, View, filled
from derive.render.view import Writer, view
from derive.render.words import Words, words_in
from derive.steps import Step

if TYPE_CHECKING:
    from derive.api import Derivation
    from derive.problem import Problem


@dataclass(frozen=True)
class Subject:
    """One derivation as the source of exercises.

    Attributes:
        derivation: a verified one.
        view: its lines, in one language.
        writer: writes other formulas like those.
        chance: all that is left to chance is drawn from this, so that the same seed gives the same
            exercise.
    """

    derivation: Derivation
    view: View
    writer: Writer
    chance: random.Random

    @staticmethod
    def of(derivation: Derivation, language: str) -> Subject:
        words = words_in(language)
        chain = replace(derivation.chain, steps=derivation.steps, cases=None)
        title, description = derivation.target.told(language)
        shown = view(chain, words=words, title=title, description=description)
        return Subject(derivation, shown, Writer(chain.problem, words), random.Random(0))

    def seeded(self, seed: str) -> Subject:
        """The same, what is left to chance drawn anew."""
        return replace(self, chance=random.Random(seed))

    @property
    def words(self) -> Words:
        return self.view.words

    @property
    def problem(self) -> Problem:
        return self.derivation.problem

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.derivation.steps

    def say(self, message: str, **blanks: str | Formula | Sentence) -> Sentence:
        """A fixed sentence in this language, its blanks filled."""
        return filled(self.words.say(message), blanks)

    @property
    def difficulty(self) -> Difficulty:
        rules = {step.rule for step in self.steps}
        return Difficulty(len(self.steps), len(rules), len(self.derivation.result_text))

    def exercise(self, kind: Kind, question: Sentence, **more: Any) -> Exercise:
        """An exercise of this problem; `more` are the fields that its kind fills."""
        made = Exercise(
            kind=kind,
            subject=self.view.name,
            task=self.words.say(TASKS[kind]),
            title=self.view.title,
            question=question,
            given=self.view.definitions,
            known=self.view.given if self.view.assumptions else (),
            points=1,
            note=(),
            difficulty=self.difficulty,
            words=self.words,
        )
        return replace(made, **more)


def rows(
    lines: Iterable[StepView],
    blanks: Mapping[int, Blank] | None = None,
    marks: Mapping[int, Mark] | None = None,
) -> tuple[Row, ...]:
    """Lines as rows, with blanks and marks by the place of a line, from 0."""
    blanks, marks = blanks or {}, marks or {}
    return tuple(
        Row(
            number=place + 1,
            formula=line.after,
            rule=line.title,
            blank=blanks.get(place, Blank.NONE),
            mark=marks.get(place, Mark.NONE),
        )
        for place, line in enumerate(lines)
    )
