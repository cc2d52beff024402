"""The table of many answers as a page of HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from derive.answers import sentences
from derive.answers.batch import ERROR, Row, counts
from derive.answers.html import COLOURS
from derive.render.words import Words

_COLOURS = {ERROR: "#5d6678", **{mark.value: colour for mark, colour in COLOURS.items()}}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .8rem;border-top:1px solid #dfe4ed}"
    "td.line{font-family:monospace}td.number{text-align:right}"
)


def page(rows: Sequence[Row], title: str, words: Words) -> str:
    """Counts by verdict and by misconception, then a row for each answer."""
    say = words.say
    head = [say(w) for w in (sentences.VERDICT, sentences.COUNTED)]
    mistakes = [say(w) for w in (sentences.MISCONCEPTION, sentences.COUNTED)]
    names = (
        sentences.ANSWER,
        sentences.VERDICT,
        sentences.FIRST_WRONG_LINE,
        sentences.MISCONCEPTION,
    )
    parts = [
        _table(head, (_counted(_said(v, words), n) for v, n in counts(rows, _verdict))),
        _table(mistakes, (_counted(v, n) for v, n in counts(rows, lambda r: r.misconceptions))),
        _table([*map(say, names), ""], (_row(row, words) for row in rows)),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{words.language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _table(head: Sequence[str], rows: Iterable[str]) -> str:
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    return f"<table>\n<tr>{cells}</tr>\n" + "\n".join(rows) + "\n</table>"


def _verdict(row: Row) -> str:
    return row.verdict


def _said(verdict: str, words: Words) -> str:
    return words.say(sentences.ERROR if verdict == ERROR else verdict)


def _counted(name: str, number: int) -> str:
    return f'<tr><td>{escape(name)}</td><td class="number">{number}</td></tr>'


def _row(row: Row, words: Words) -> str:
    verdict = escape(_said(row.verdict, words))
    return (
        f'<tr><td>{escape(row.name)}</td><td style="color:{_COLOURS[row.verdict]}">{verdict}</td>'
        f'<td class="line">{escape(row.first_wrong_line)}</td>'
        f"<td>{escape(row.misconceptions)}</td><td>{escape(row.remark)}</td></tr>"
    )
