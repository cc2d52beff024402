"""What a lecturer orders: handouts and names, from which papers and question banks are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from derive.errors import ProblemError
from derive.exercises.papers import Plan, Source, plan
from derive.handouts import spec as handout
from derive.handouts.spec import Spec, Topic
from derive.handouts.targets import problem_file
from derive.locale import ENGLISH
from derive.render.words import words_in

_LONGEST = 60  # letters of a file's name


@dataclass(frozen=True)
class Order:
    """Topics, and what to call the papers.

    Attributes:
        name: of the files.
        sources: topic by topic.
        spec: the handout that the head of the page is taken from, if there is one.
    """

    name: str
    sources: tuple[Source, ...]
    spec: Spec | None

    @property
    def languages(self) -> tuple[str, ...]:
        return self.spec.lang if self.spec else (ENGLISH,)

    def plans(self, count: int, seed: int, languages: Sequence[str]) -> tuple[Plan, ...]:
        """The same plan in every language.

        Raises:
            DeriveError: a problem is wrong, or no exercise can be made of it.
        """
        made = plan(self.name, self.sources, count, seed)
        return tuple(self._headed(replace(made, language=language)) for language in languages)

    def _headed(self, made: Plan) -> Plan:
        if self.spec is None:
            return replace(made, title=words_in(made.language).exercises)
        title, course, date = (
            self.spec.said(key, made.language) for key in ("title", "course", "date")
        )
        return replace(made, title=title, course=course, date=date)


def order(targets: Sequence[str]) -> Order:
    """Read what is ordered: one paper with the topics of all targets.

    Raises:
        DeriveError: a target cannot be read, or there is no topic to ask about.
    """
    specs: list[Spec] = []
    sources: list[Source] = []
    for target in targets:
        if target.endswith(".toml") and handout.is_spec(Path(target)):
            specs.append(handout.load(target))
            sources += _topics(specs[-1])
        else:
            sources.append(_alone(target))
    if not sources:
        raise ProblemError(f"{targets[0]}: no section has a 'target' to make exercises of")
    names = [spec.name for spec in specs] or [source.file.name for source in sources]
    name = "-".join(name for name in names if name)[:_LONGEST].strip("-")
    return Order(name or "exercises", tuple(sources), specs[0] if specs else None)


def _topics(spec: Spec) -> Iterator[Source]:
    """A handout's topics; those in letters that the lecturer chose are in these in every paper."""
    for topic in spec.topics:
        if topic.target:
            file = problem_file(spec, topic)
            yield Source(file, topic.by, fixed=bool(file.notation))


def _alone(target: str) -> Source:
    """A target that is no handout."""
    spec = Spec(name=target, place=Path(), topics=())
    return Source(problem_file(spec, Topic(target=target)))
