"""The exercises of a lecture: on functions akin to those that it derives, whose lines it does not
show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from derive.api import Derivation
from derive.errors import ProblemError
from derive.exercises.families import akin
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


def practice(spec: Spec) -> tuple[Drill, ...]:
    """The exercises of all sections; of each kind at most one for a section. No function has a
    second one that shows its lines before all that are akin have one: they would give each other
    away.

    Raises:
        ProblemError: there are not so many, or none of this kind, with the file and the section.
    """
    found: list[Drill] = []
    for number, topic in enumerate(spec.topics, 1):
        if topic.exercises:
            found += _of_section(spec, topic, number, found)
    return tuple(found)


def _of_section(spec: Spec, topic: Topic, number: int, before: list[Drill]) -> list[Drill]:
    asked = topic.exercises
    kinds, count = (EXERCISES, asked) if isinstance(asked, int) else (asked, len(asked))
    sources = _akin(spec, topic)
    found: list[Drill] = []
    for kind in map(Kind, kinds):
        if len(found) < count:
            spread = _least_used(sources, kind, [*before, *found])
            found += _first(spread, kind, f"{spec.name} {number}")
    if len(found) < count:
        of = ", ".join(drill.kind for drill in found) or "none"
        where = spec.where(number)
        raise ProblemError(f"{where}: 'exercises': {count} are asked for, and there is only: {of}")
    return found


def _akin(spec: Spec, topic: Topic) -> tuple[Source, ...]:
    """Problems about as hard as a section's that no section derives, in the lecturer's letters;
    its own where there is none, or where the section asks a question of its own."""
    own = problem_file(spec, topic)
    near = () if topic.wrt or topic.assume else akin(own.name)
    shown = {other.target for other in spec.topics}
    others = [problem_file(spec, Topic(target=name)) for name in near if name not in shown]
    return tuple(Source(file, topic.by) for file in others or [own])


def _least_used(sources: tuple[Source, ...], kind: Kind, made: list[Drill]) -> list[Source]:
    """Those first that have the fewest exercises so far which show lines, if this one does, or
    which do not."""
    lines = kind not in WITHOUT
    used = Counter(
        drill.derivation.problem.name for drill in made if lines is (drill.kind not in WITHOUT)
    )
    return sorted(sources, key=lambda source: used[source.file.name])


def _first(sources: Iterable[Source], kind: Kind, seed: str) -> list[Drill]:
    """An exercise of a kind on the first of several problems that gives one, or none."""
    made = (Drill(source.derivation(), kind, seed) for source in sources)
    return list(islice((drill for drill in made if drill.made()), 1))
