"""A report as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from enum import IntEnum

from derive.answers.report import Mark, Marked, Report

_SIGNS = {
    Mark.RIGHT: "✓",
    Mark.WRONG: "✗",
    Mark.UNDECIDED: "?",
    Mark.FOLLOWS: "↳",
    Mark.DEFINES: "·",
}
_ASCII = {"✓": "ok", "✗": "X", "?": "?", "↳": "->", "·": " "}
_COLOURS = {"✓": "32", "✗": "1;31", "?": "33", "↳": "33", "·": "2"}


class Hint(IntEnum):
    """How much is given away: where, what kind of mistake, or all."""

    LINE = 1
    RULE = 2
    ALL = 3


class Show:
    """Writes reports.

    Attributes:
        width: columns.
        unicode, colour: what the terminal can show.
        hint: how much is given away.
    """

    def __init__(
        self, width: int = 80, unicode: bool = True, colour: bool = False, hint: Hint = Hint.ALL
    ) -> None:
        self.width = width
        self.unicode = unicode
        self.colour = colour
        self.hint = hint

    def text(self, report: Report) -> str:
        """The lines with their marks, the verdict, and what is behind it; a newline at the end."""
        blocks = [[self.line(line) for line in report.lines], list(self.verdict(report))]
        if report.verdict is Mark.WRONG and self.hint >= Hint.RULE:
            blocks += [list(self.misconceptions(report))]
        if report.verdict is Mark.WRONG and self.hint >= Hint.ALL:
            blocks += [list(self.counterexample(report)), self.wrapped(report.parts)]
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def line(self, line: Marked) -> str:
        sign = _SIGNS[line.mark]
        note = f"   ({line.note})" if line.note and self.hint >= Hint.RULE else ""
        return f"{line.number:>4}  {self.signed(sign)} {line.source.strip()}{note}"

    def verdict(self, report: Report) -> Iterator[str]:
        wrong = report.first_wrong_line
        if report.verdict is Mark.WRONG and wrong is not None:
            where = f" from line {wrong.number} on" if len(report.lines) > 1 else ""
            yield self.signed("✗", f"wrong{where}")
        elif report.verdict is Mark.RIGHT:
            yield self.signed("✓", f"right: {report.evidence}")
        else:
            yield self.signed("?", f"undecided: {report.evidence}")
        if report.layout:
            yield f"  written in {report.layout}"

    def misconceptions(self, report: Report) -> Iterator[str]:
        for mistake in report.misconceptions:
            where = f", see step {mistake.step} of the derivation" if mistake.step else ""
            yield self.signed("", f"{mistake.title} ({mistake.slug}{where})")
            if self.hint >= Hint.ALL:
                yield from self.wrapped(mistake.why)
                yield from self.wrapped(mistake.mend)

    def counterexample(self, report: Report) -> Iterator[str]:
        found = report.counterexample
        if found:
            given = [found[key] for key in ("sizes", "indices", "point") if key in found]
            yield from self.wrapped("For example, with " + ", ".join(given))
            yield f"    the answer gives  {found['answer']}"
            yield f"    it should be      {found['truth']}"

    def wrapped(self, text: str) -> list[str]:
        return textwrap.wrap(text, self.width, initial_indent="  ", subsequent_indent="  ")

    def signed(self, sign: str, text: str = "") -> str:
        shown = sign if self.unicode else _ASCII.get(sign, sign)
        whole = f"{shown} {text}".strip() if text else shown
        code = _COLOURS.get(sign, "1")
        return f"\x1b[{code}m{whole}\x1b[0m" if self.colour else whole
