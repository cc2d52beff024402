"""The exercises of a lecture: on functions akin to those that it derives, whose lines it does not
show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from derive.api import Derivation
from derive.errors import ProblemError
from derive.exercises.families import family
from derive.exercises.make import exercises
from derive.exercises.model import Exercise, Kind
from derive.exercises.papers import WITHOUT, Source
from derive.handouts.spec import EXERCISES, Spec, Topic
from derive.handouts.targets import problem_file
from derive.locale import ENGLISH


@dataclass(frozen=True)
class Drill:
    """One exercise, to be written in any language; the same seed gives the same one."""

    derivation: Derivation
    kind: Kind
    seed: str

    def exercise(self, language: str) -> Exercise:
        (made,) = self.made(language)
        return made

    def made(self, language: str = ENGLISH) -> tuple[Exercise, ...]:
        """The exercise; () where the derivation gives none of this kind."""
        return exercises(self.derivation, (self.kind,), language, self.seed)


def drills(spec: Spec, topic: Topic, number: int) -> tuple[Drill, ...]:
    """The exercises that a section asks for; of each kind at most one.

    Args:
        number: of the section, from 1.

    Raises:
        ProblemError: there are not so many, or none of this kind, with the file and the section.
    """
    asked = topic.exercises
    kinds, count = (EXERCISES, asked) if isinstance(asked, int) else (asked, len(asked))
    if not count:
        return ()
    sources = _akin(spec, topic)
    found: list[Drill] = []
    for kind in map(Kind, kinds):
        if len(found) < count:
            # Two that show lines of one derivation would give each other away.
            told = [drill for drill in found if drill.kind not in WITHOUT]
            found += _first(_turned(sources, len(told)), kind, f"{spec.name} {number}")
    if len(found) < count:
        of = ", ".join(drill.kind for drill in found) or "none"
        where = spec.where(number)
        raise ProblemError(f"{where}: 'exercises': {count} are asked for, and there is only: {of}")
    return tuple(found)


def _akin(spec: Spec, topic: Topic) -> tuple[Source, ...]:
    """Problems as hard as a section's, in the lecturer's letters; its own where there is none, or
    where the section asks a question of its own."""
    own = problem_file(spec, topic)
    near = () if topic.wrt or topic.assume else family(own.name)
    others = [problem_file(spec, Topic(target=name)) for name in near if name != own.name]
    return tuple(Source(file, topic.by) for file in others or [own])


def _turned(sources: tuple[Source, ...], place: int) -> Iterable[Source]:
    start = place % len(sources)
    return (*sources[start:], *sources[:start])


def _first(sources: Iterable[Source], kind: Kind, seed: str) -> list[Drill]:
    """An exercise of a kind on the first of several problems that gives one, or none."""
    made = (Drill(source.derivation(), kind, seed) for source in sources)
    return list(islice((drill for drill in made if drill.made()), 1))
