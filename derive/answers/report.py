"""What is said of an answer, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Mark(StrEnum):
    """What is said of an answer, or of one line of it."""

    RIGHT = "right"
    WRONG = "wrong"
    UNDECIDED = "undecided"
    FOLLOWS = "follows"  # wrong, but the line before it was, and it says the same
    DEFINES = "defines"  # it only gives a name to something


@dataclass(frozen=True)
class Misconception:
    """A known mistake whose result is the answer.

    Attributes:
        slug: from a closed list ("diagonal-only").
        title: its name for people.
        why: one sentence on why it is wrong.
        mend: one sentence on what would mend it.
        step: the number of the step of the right derivation where it happens, or None.
    """

    slug: str
    title: str
    why: str
    mend: str
    step: int | None = None


@dataclass(frozen=True)
class Marked:
    """A line with its mark.

    Attributes:
        number: in the file, from 1.
        source: as it was written.
        note: what there is to say of it, or "".
        counterexample: for a wrong line: sizes, indices, point, answer, truth.
    """

    number: int
    source: str
    mark: Mark
    note: str = ""
    counterexample: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What is said of a whole answer.

    Attributes:
        verdict: right, wrong or undecided.
        lines: every line with its mark.
        evidence: how it is known.
        misconceptions: the known mistakes that give the answer: one, or two together.
        parts: where the answer first parts from the truth, where no known mistake explains it.
        layout: for a matrix, the layout it was written in, or "".
    """

    verdict: Mark
    lines: tuple[Marked, ...]
    evidence: str = ""
    misconceptions: tuple[Misconception, ...] = ()
    parts: str = ""
    layout: str = ""

    @property
    def first_wrong_line(self) -> Marked | None:
        return next((line for line in self.lines if line.mark is Mark.WRONG), None)

    @property
    def counterexample(self) -> Mapping[str, str]:
        """Numbers to see it by: sizes, indices, point, answer, truth; empty if none is wrong."""
        wrong = self.first_wrong_line
        return wrong.counterexample if wrong else {}

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `derive check --format json` prints it."""
        wrong = self.first_wrong_line
        return {
            "verdict": self.verdict.value,
            "evidence": self.evidence,
            "first_wrong_line": wrong and {"number": wrong.number, "text": wrong.source},
            "counterexample": dict(self.counterexample) or None,
            "misconception": [
                {"slug": m.slug, "title": m.title, "why": m.why, "mend": m.mend, "step": m.step}
                for m in self.misconceptions
            ],
            "parts": self.parts,
            "layout": self.layout,
            "lines": [
                {
                    "number": line.number,
                    "text": line.source,
                    "mark": line.mark.value,
                    "note": line.note,
                }
                for line in self.lines
            ],
        }
