"""A report as a piece of HTML, for notebooks and pages."""

from __future__ import annotations

from html import escape

from derive.answers.report import Mark, Marked, Report
from derive.answers.sentences import said
from derive.answers.show import SIGNS, Show
from derive.render.words import Words

COLOURS = {
    Mark.RIGHT: "#1d7a46",
    Mark.WRONG: "#b3261e",
    Mark.UNDECIDED: "#8a6100",
    Mark.FOLLOWS: "#8a6100",
    Mark.DEFINES: "#5d6678",
}
_CELL = "padding:.15em .6em;text-align:left;vertical-align:top;white-space:pre-wrap"


def fragment(report: Report, words: Words) -> str:
    """The lines with their marks, then the verdict and what is behind it."""
    rows = "".join(_row(line, words) for line in report.lines)
    below = "".join(f"<p>{part}</p>" for part in _paragraphs(report, words))
    return f'<div class="derive-answer"><table>{rows}</table>{below}</div>'


def _row(line: Marked, words: Words) -> str:
    cells = [
        f'<td style="{_CELL};color:#5d6678">{line.number}</td>',
        f'<td style="{_CELL};color:{COLOURS[line.mark]};font-weight:bold">{SIGNS[line.mark]}</td>',
        f'<td style="{_CELL};font-family:monospace">{escape(line.source)}</td>',
        f'<td style="{_CELL};color:#5d6678">{escape(said(line.note, words.say))}</td>',
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _paragraphs(report: Report, words: Words) -> list[str]:
    """The blocks of the text below the lines, with the verdict in its colour."""
    _, *blocks = Show(words, width=10_000).blocks(report)
    told = ["<br>".join(escape(row.strip()) for row in block) for block in blocks]
    told[0] = f'<b style="color:{COLOURS[report.verdict]}">{told[0]}</b>'
    return [text for text in told if text]
