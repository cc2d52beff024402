"""A report as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce

from derive.answers import sentences
from derive.answers.report import Mark, Marked, Misconception, Report
from derive.answers.sentences import said
from derive.phrases import Phrase
from derive.render.boxes import columns
from derive.render.words import ENGLISH, Words
from derive.render.wrapping import wrapped

HINTS = (1, 2, 3)

SIGNS = {
    Mark.RIGHT: "✓",
    Mark.WRONG: "✗",
    Mark.UNDECIDED: "?",
    Mark.FOLLOWS: "↳",
    Mark.DEFINES: "·",
}
_ASCII = {"✓": "ok", "✗": "X", "?": "?", "↳": "->", "·": "  "}
_COLOURS = {"✓": "32", "✗": "1;31", "?": "33", "↳": "33", "·": "2"}


class Show:
    """Writes reports.

    Attributes:
        words: the language.
        width: columns.
        unicode, colour: what the terminal can show.
        hint: how much is given away: 1 the line, 2 the rule, 3 the right line; None explains all
            but the right line.

    Raises:
        ValueError: for another hint.
    """

    def __init__(
        self,
        words: Words = ENGLISH,
        width: int = 80,
        unicode: bool = True,
        colour: bool = False,
        hint: int | None = None,
    ) -> None:
        if hint is not None and hint not in HINTS:
            raise ValueError(f"hint is 1, 2 or 3, not {hint}")
        self.words = words
        self.width = width
        self.unicode = unicode
        self.colour = colour
        self.hint = hint

    def text(self, report: Report) -> str:
        """The lines with their marks, the verdict, and what is behind it; a newline at the end."""
        blocks = [list(block) for block in self.blocks(report)]
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def blocks(self, report: Report) -> Iterator[Iterator[str]]:
        wrong = report.verdict is Mark.WRONG
        if self.hint is None:
            yield (self.line(line) for line in report.lines)
        yield self.verdict(report)
        if wrong and self.hint is not None:
            yield self.hints(report)
        elif wrong:
            yield self.misconceptions(report)
            yield (row for part in report.parts for row in self.wrapped(self.said(part)))
            yield self.counterexample(report)

    def line(self, line: Marked) -> str:
        note = f"   ({self.said(line.note)})" if line.note else ""
        sign = self.signed(SIGNS[line.mark])
        return f"{line.number:>4}  {sign} {' '.join(line.source.split())}{note}"

    def verdict(self, report: Report) -> Iterator[str]:
        wrong = report.first_wrong_line
        if report.verdict is Mark.WRONG and wrong is not None:
            several = len(report.lines) > 1 and self.hint is None
            where = Phrase(sentences.WRONG_FROM, line=str(wrong.number)) if several else "wrong"
            yield self.signed("✗", self.said(where))
        else:
            label = self.said(report.verdict.value)
            text = self.said(report.evidence)
            told = self.words.labelled.format(label=label, text=text) if text else label
            yield self.signed(SIGNS[report.verdict], told)
        if report.layout:
            yield "  " + self.said(Phrase(sentences.LAYOUT, layout=report.layout))

    def hints(self, report: Report) -> Iterator[str]:
        """What is given away: the line, the rule, the right line."""
        wrong, hint = report.first_wrong_line, self.hint or 0
        if wrong is not None:
            yield from self.wrapped(self.said(Phrase(sentences.LOOK, line=str(wrong.number))))
        for mistake in report.misconceptions if hint > 1 else ():
            yield from self.wrapped(self.title(mistake))
        if hint > 1 and not report.misconceptions:
            yield from (row for part in report.parts[:1] for row in self.wrapped(self.said(part)))
        if hint > 2 and report.right_line:
            told = Phrase(sentences.RIGHT_LINE, line=report.right_line)
            yield from self.wrapped(self.said(told))

    def title(self, mistake: Misconception) -> str:
        """ "Quotient rule (quotient-rule): see step 2 of the derivation (Quotient rule)"."""
        told = self.words.remark.format(text=self.said(mistake.title), remark=mistake.slug)
        if mistake.step is None:
            return told
        blanks = {"step": str(mistake.step), "rule": self.rules(mistake.rule)}
        where = Phrase(sentences.SEE, **blanks)
        if mistake.question:
            where = Phrase(sentences.SEE_OF, question=mistake.question, **blanks)
        place = self.said(where)
        return self.words.labelled.format(label=told, text=place)

    def rules(self, joined: str) -> str:
        """The titles of the rules of a step, which may be several joined."""
        titles = [self.said(title) for title in joined.split("; ")]
        return reduce(lambda a, b: self.words.joined.format(first=a, second=b), titles)

    def translated(self, mistake: Misconception) -> Misconception:
        """The same with its sentences in the language."""
        title, why, mend = map(self.said, (mistake.title, mistake.why, mistake.mend))
        return replace(mistake, title=title, why=why, mend=mend, rule=self.rules(mistake.rule))

    def misconceptions(self, report: Report) -> Iterator[str]:
        for mistake in report.misconceptions:
            yield from (self.signed("", row) for row in wrapped(self.title(mistake), self.width))
            yield from self.wrapped(self.said(mistake.why))
            yield from self.wrapped(self.said(mistake.mend))

    def counterexample(self, report: Report) -> Iterator[str]:
        found = report.counterexample
        if not found:
            return
        given = [found[key] for key in ("sizes", "indices", "point") if key in found]
        yield from self.wrapped(self.said(Phrase(sentences.EXAMPLE, numbers=", ".join(given))))
        if "names" in found:
            yield from self.wrapped(self.said(Phrase(sentences.WHERE, values=found["names"])))
        if "answer" in found:
            labels = [self.said(sentences.GIVES), self.said(sentences.SHOULD)]
            width = max(map(columns, labels))
            for label, value in zip(labels, (found["answer"], found["truth"]), strict=True):
                yield f"    {label}{' ' * (width - columns(label))}  {value}"

    def said(self, text: str) -> str:
        return said(text, self.words.say)

    def wrapped(self, text: str) -> list[str]:
        return wrapped(text, self.width, "  ")

    def signed(self, sign: str, text: str = "") -> str:
        shown = sign if self.unicode else _ASCII.get(sign, sign)
        whole = f"{shown} {text}".strip() if text else shown
        code = _COLOURS.get(sign, "1")
        return f"\x1b[{code}m{whole}\x1b[0m" if self.colour else whole
