"""A derivation with all that is found out about it for a handout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from derive.api import Derivation, derivation_of
from derive.emit import lesson
from derive.errors import DeriveError
from derive.handouts.blocks import Shown
from derive.handouts.expansion import WrittenOut, written_out
from derive.handouts.facts import Fact, facts
from derive.handouts.slip import Mistaken, usual
from derive.locale import ENGLISH
from derive.render.formats import view_of
from derive.render.page import Picture
from derive.target import Target


@dataclass(frozen=True)
class Study:
    """A derivation, and all that is found out about it for a handout; nothing before it is asked
    for, and nothing twice."""

    derivation: Derivation
    at: Mapping[str, object]

    @property
    def finished(self) -> bool:
        return self.derivation.status.value == "done"

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        return facts(self.derivation)

    @cached_property
    def slip(self) -> Mistaken | None:
        return usual(self.derivation)

    @cached_property
    def written(self) -> WrittenOut | None:
        return written_out(self.derivation.chain.problem, self.derivation.chain.result)

    @cached_property
    def code(self) -> str:
        return lesson(self.derivation.problem, self.derivation.chain.result)

    def plot(self, language: str) -> Picture | None:
        """Where there can be one: not of three axes, nor without numbers for all letters."""
        from derive.render.plots import plot

        try:
            return plot([self.derivation], self.at, language)
        except DeriveError:
            return None

    def shown(self, parts: Iterable[str], language: str) -> Shown:
        """What the parts need, in a language; the same whatever the others need."""
        wanted = set(parts) if self.finished else set()
        example = self.at if "example" in wanted and self.at else None
        code = self.code if "code" in wanted else ""
        view = view_of(self.derivation, example, code, language)
        ending = "" if language == ENGLISH else f"-{language}"
        return Shown(
            derivation=self.derivation,
            view=view,
            facts=self.facts if "facts" in wanted else (),
            slip=self.slip if "slip" in wanted else None,
            written=self.written if "written-out" in wanted else None,
            plot=self.plot(language) if "plot" in wanted else None,
            name=f"{view.name}-plot{ending}",
        )


def study(target: Target, by: str | None = None, level: str = "normal") -> Study:
    return Study(derivation_of(target, by, level), target.at)
