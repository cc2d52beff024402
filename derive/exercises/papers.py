"""Papers: many of them, alike in kind and difficulty, different in all else."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from derive.api import Derivation, derivation_of
from derive.errors import UnsupportedError
from derive.exercises.families import alike, family
from derive.exercises.letters import in_other_letters
from derive.exercises.make import exercise, exercises
from derive.exercises.model import Difficulty, Exercise, Kind, Paper
from derive.known import find
from derive.locale import ENGLISH
from derive.problemfile import ProblemFile
from derive.target import Target

# Of one derivation, a paper has one exercise that shows its lines, or one would give the other
# away, and one that does not. Topics have them in turn; where one cannot be made, the next.
_WITH_LINES = (Kind.GAPS, Kind.MISTAKE, Kind.RULES, Kind.DERIVE)
WITHOUT = (Kind.NUMBERS, Kind.SHAPE)
_TRIES = 20


@dataclass(frozen=True)
class Source:
    """What a topic of a paper is about.

    Attributes:
        file: the problem.
        by: how quotients are taken apart, or None.
        fixed: whether it is this problem in every paper, and in these letters.
    """

    file: ProblemFile
    by: str | None = None
    fixed: bool = False

    def derivation(self) -> Derivation:
        file = self.file
        return derivation_of(Target(file.problem(), file.at, file.description, file.prose), self.by)

    def others(self) -> tuple[Source, ...]:
        """Itself, and the problems that may stand in for it."""
        entry = find(self.file.name) if self.file.name and not self.fixed else None
        if entry != self.file or self.by:
            return (self,)
        found = (find(name) for name in family(entry.name) if name != entry.name)
        return (self, *(replace(self, file=other) for other in found if other is not None))


@dataclass(frozen=True)
class Task:
    """The exercises of one topic, the same in every paper but for what is left to chance.

    Attributes:
        sources: what they may be about.
        kinds: one exercise of each, worth `points`.
        difficulty: of the problem that the lecturer named.
    """

    sources: tuple[Source, ...]
    kinds: tuple[Kind, ...]
    points: tuple[int, ...]
    difficulty: Difficulty


@dataclass(frozen=True)
class Plan:
    """All papers of one run. The same plan gives the same papers.

    Attributes:
        name: what their files are called.
        tasks: topic by topic.
        count: how many papers there are.
        seed: of all that is left to chance.
        language: of their words.
        title, course, date: for the head of the page.
    """

    name: str
    tasks: tuple[Task, ...]
    count: int
    seed: int
    language: str = ENGLISH
    title: str = ""
    course: str = ""
    date: str = ""


def plan(name: str, sources: Iterable[Source], count: int, seed: int) -> Plan:
    """What all papers have in common.

    Raises:
        DeriveError: a problem is wrong, or no exercise can be made of it.
    """
    tasks = tuple(_task(source, place, seed) for place, source in enumerate(sources))
    return Plan(name, tasks, count, seed)


def _task(source: Source, place: int, seed: int) -> Task:
    derivation = source.derivation()
    found = [
        made
        for kinds in (_WITH_LINES, WITHOUT)
        if (made := _first(derivation, _turned(kinds, place), str(seed))) is not None
    ]
    if not found:
        raise _nothing(source)
    kinds, points = tuple(e.kind for e in found), tuple(e.points for e in found)
    return Task(source.others(), kinds, points, found[0].difficulty)


def _nothing(source: Source) -> UnsupportedError:
    name = source.file.name or " ".join(source.file.text.split())[:60]
    return UnsupportedError(
        f"no exercise can be made of {name}: there is nothing to derive, or not all is confirmed"
    )


def _turned(kinds: Sequence[Kind], place: int) -> tuple[Kind, ...]:
    start = place % len(kinds)
    return (*kinds[start:], *kinds[:start])


def _first(derivation: Derivation, kinds: Iterable[Kind], seed: str) -> Exercise | None:
    made = (exercise(derivation, kind, seed=seed) for kind in kinds)
    return next((found for found in made if found is not None), None)


def paper(plan: Plan, number: int) -> Paper:
    """One of the papers of a plan, every derivation in it checked by machine.

    Args:
        number: from 1.

    Raises:
        DeriveError: no exercise as hard as the others was found; this does not happen where the
            plan was made for the same catalogue.
    """
    chance = random.Random(f"{plan.seed} {number} {plan.name}")
    used: list[str] = []
    found: list[Exercise] = []
    named = {task.sources[0].file.name for task in plan.tasks}
    for task in plan.tasks:
        made = _exercises(task, _spread(task, used, named), chance, plan.language)
        found += made
        used.append(made[0].subject)
    return Paper(
        code=code(plan, number),
        title=plan.title,
        number=number,
        of=plan.count,
        exercises=tuple(found),
        words=found[0].words,
        course=plan.course,
        date=plan.date,
    )


def every_kind(sources: Iterable[Source], language: str = ENGLISH) -> Iterator[Paper]:
    """For each topic, exercises of all kinds that it gives, for a question bank. They are not for
    one paper: some give away the answers of others.

    Raises:
        DeriveError: a problem is wrong, or gives no exercise.
    """
    for number, source in enumerate(sources, 1):
        found = exercises(source.derivation(), language=language)
        if not found:
            raise _nothing(source)
        yield Paper(found[0].subject, found[0].title, number, number, found, found[0].words)


def code(plan: Plan, number: int) -> str:
    """What tells a paper from all others of its run, and hardly repeats in another one: letters and
    digits that are not mistaken for one another, such as "K7QX-017"."""
    digest = hashlib.sha256(f"{plan.seed} {plan.name}".encode()).digest()
    own = base64.b32encode(digest).decode()[:4]
    return f"{own}-{number:0{max(3, len(str(plan.count)))}}"


def _spread(task: Task, used: list[str], named: set[str]) -> tuple[Source, ...]:
    """What a task may be about: not what another one is or was named for, as far as there is
    something else; exercises on one function would give each other away."""
    own = task.sources[0].file.name
    fresh = tuple(s for s in task.sources if s.file.name not in used)
    return tuple(s for s in fresh if s.file.name not in named - {own}) or fresh or task.sources


def _exercises(
    task: Task, fresh: tuple[Source, ...], chance: random.Random, language: str
) -> tuple[Exercise, ...]:
    for attempt in range(_TRIES):
        # What the lecturer named is always as hard as it is itself.
        source = chance.choice(fresh) if attempt < _TRIES // 2 else task.sources[0]
        seed = str(chance.getrandbits(64))
        file = source.file if source.fixed else in_other_letters(source.file, chance)
        derivation = replace(source, file=file).derivation()
        found = exercises(derivation, task.kinds, language, seed)
        if tuple(e.points for e in found) != task.points:
            continue
        if alike(found[0].difficulty, task.difficulty):
            return found
    raise UnsupportedError(f"no exercise as hard as {task.sources[0].file.name} was found")
