"""What is said of an answer, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Mark(StrEnum):
    """What is said of an answer, or of one line of it."""

    RIGHT = "right"
    WRONG = "wrong"
    UNDECIDED = "undecided"
    FOLLOWS = "follows"  # wrong, but an earlier line was, and this is what it leads to
    DEFINES = "defines"  # it only gives a name to something


@dataclass(frozen=True)
class Misconception:
    """A known mistake whose result is the answer.

    Attributes:
        slug: from a closed list ("diagonal-only").
        title: its name for people.
        why: one sentence on why it is wrong.
        mend: one sentence on what would mend it.
        step: the number of the step of the right derivation, at level "normal", where it happens;
            None where it happens at no one step.
        rule: the title of that step, or "".
        line: what that step arrives at, in the input language, or "".
        question: what that derivation is of, `diff(p[k], z[j])`; "" where it is what was asked.
    """

    slug: str
    title: str
    why: str
    mend: str
    step: int | None = None
    rule: str = ""
    line: str = ""
    question: str = ""


@dataclass(frozen=True)
class Marked:
    """A line with its mark.

    Attributes:
        number: in the page, from 1.
        source: as it was written.
        note: what there is to say of it, or "".
        counterexample: for the first wrong line; see `Report.counterexample`.
    """

    number: int
    source: str
    mark: Mark
    note: str = ""
    counterexample: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What is said of a whole answer. It shows itself in a notebook.

    Attributes:
        verdict: right, wrong or undecided.
        lines: every line with its mark.
        evidence: how it is known.
        misconceptions: the known mistakes that give the answer: one, or two together.
        parts: sentences on where the answer first parts from the truth.
        layout: for a matrix, the layout it was written in, or "".
        right_line: what the first wrong line should say, in the input language.
    """

    verdict: Mark
    lines: tuple[Marked, ...]
    evidence: str = ""
    misconceptions: tuple[Misconception, ...] = ()
    parts: tuple[str, ...] = ()
    layout: str = ""
    right_line: str = ""

    @property
    def first_wrong_line(self) -> Marked | None:
        return next((line for line in self.lines if line.mark is Mark.WRONG), None)

    @property
    def counterexample(self) -> Mapping[str, str]:
        """Numbers to see it by, as text: `sizes`, `indices`, `point` (the variables), `names` (what
        the names in the answer stand for there), `answer` (what it gives), `truth` (what it should
        give). Empty where nothing is wrong."""
        wrong = self.first_wrong_line
        return wrong.counterexample if wrong else {}

    @property
    def misconception(self) -> Misconception | None:
        """The first of the known mistakes, or None where the answer is of no known kind."""
        return self.misconceptions[0] if self.misconceptions else None

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """Plain data, as `derive check --format json` prints it.

        Args:
            lang: "en", "zh-CN" or "zh-TW": of the sentences.

        Raises:
            ValueError: for another language.
        """
        from derive.answers.show import Show
        from derive.render.words import words_in

        show = Show(words_in(lang))
        wrong = self.first_wrong_line
        told = [asdict(show.translated(mistake)) for mistake in self.misconceptions]
        return {
            "verdict": self.verdict.value,
            "evidence": show.said(self.evidence),
            "first_wrong_line": wrong and {"number": wrong.number, "text": wrong.source},
            "counterexample": dict(self.counterexample) or None,
            "misconception": told[0] if told else None,
            "misconceptions": told,
            "parts": [show.said(part) for part in self.parts],
            "layout": self.layout,
            "lines": [
                {
                    "number": n.number,
                    "text": n.source,
                    "mark": n.mark.value,
                    "note": show.said(n.note),
                }
                for n in self.lines
            ],
        }

    def to_text(self, hint: int | None = None, lang: str = "en", width: int = 80) -> str:
        """The report for people to read.

        Args:
            hint: how much is given away: 1 the line, 2 the rule, 3 the right line; None marks every
                line and explains.
            lang: "en", "zh-CN" or "zh-TW".
            width: in columns.

        Raises:
            ValueError: for another language or hint.
        """
        from derive.answers.show import Show
        from derive.render.words import words_in

        return Show(words_in(lang), width, hint=hint).text(self)

    def to_html(self, lang: str = "en") -> str:
        """The marked lines as a piece of HTML with its own styles."""
        from derive.answers.html import fragment
        from derive.render.words import words_in

        return fragment(self, words_in(lang))

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        return self.to_text().rstrip("\n")
