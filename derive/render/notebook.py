"""A Jupyter notebook: the handout's formulas in Markdown cells, its code in cells that run from
top to bottom, and each derivative held against difference quotients.

The file is JSON of the notebook format 4.5, written here and validated by `nbformat` in a test.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from derive.handouts.document import Code, Document, Form, Plot, Section
from derive.render import markdown, notebook_code, pictures
from derive.render.labels import DIFFERENCE, DIFFERENCES, NUMBERS
from derive.render.markdown import escape, said

Cell = dict[str, Any]

_EMPTY = "\\_" * 12
_LANGUAGE = "python"
_MATHS = re.compile(r"```math\n(.*?)\n```", re.DOTALL)


def render(document: Document) -> str:
    """A document as the text of an .ipynb file; the same document gives the same text."""
    cells = _Writer(document).cells()
    for number, cell in enumerate(cells, 1):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": _LANGUAGE, "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": _LANGUAGE}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


class _Writer:
    """Makes the cells of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.words = document.words
        self.text = markdown.writer(document)

    def cells(self) -> list[Cell]:
        document, words = self.document, self.words
        found = [_markdown(*self.head())]
        for section in document.sections:
            found += self.section(section)
        if document.summary:
            found.append(_markdown(_heading(words.summary_table), self.table()))
        if document.references:
            found.append(
                _markdown(_heading(words.references), _listed(map(escape, document.references)))
            )
        return found + [_markdown(answers) for answers in markdown.answers(document)]

    def head(self) -> Iterable[str]:
        document, words = self.document, self.words
        yield _heading(document.title)
        yield escape(" · ".join(part for part in (document.course, document.date) if part))
        if document.name_line:
            yield escape(words.labelled.format(label=words.name_line, text="")) + _EMPTY
        if document.conventions:
            yield f"{_heading(words.conventions, 2)}\n\n{_listed(map(said, document.conventions))}"

    def section(self, section: Section) -> Iterable[Cell]:
        title = _heading(section.title) if section.title else ""
        yield _markdown(title, said(section.heading), escape(section.description))
        for block in section.blocks:
            if isinstance(block, Code):
                yield _markdown(_heading(block.title, 2))
                yield _code(block.text)
                yield from self.trial(section)
            elif isinstance(block, Plot):
                yield _picture(block)
            else:
                yield _markdown(self.text(block))
        if section.ending or section.summary:
            yield _markdown(f"*{escape(section.ending or section.summary)}*")

    def trial(self, section: Section) -> Iterable[Cell]:
        """The example by the code just printed, and difference quotients beside it."""
        trial = section.view.trial if section.view else None
        if trial is None:
            return
        say = self.words.say
        yield _markdown(_heading(say(NUMBERS), 2))
        yield _code(notebook_code.example(trial))
        if trial.by:
            yield _markdown(_heading(say(DIFFERENCES), 2), escape(say(DIFFERENCE)))
            yield _code(notebook_code.check(trial))

    def table(self) -> str:
        words, closed = self.words, self.document.closed
        asked = partial(markdown.asked, inline=True, blank=self.document.form is Form.BLANKS)
        rows = [[escape(title) for title in (words.topic, words.result, words.matrix)], ["---"] * 3]
        for row in self.document.summary:
            shown = [f"${asked(f, closed)}$" if f else "" for f in (row.answer, row.matrix)]
            rows.append([escape(row.name), *(cell.replace("|", r"\vert ") for cell in shown)])
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _markdown(*paragraphs: str) -> Cell:
    """A cell of Markdown; GitHub's blocks of maths are written as those of notebooks."""
    text = "\n\n".join(part for part in paragraphs if part)
    source = _MATHS.sub(lambda found: f"$$\n{found[1]}\n$$", text)
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(text: str) -> Cell:
    empty: Cell = {"execution_count": None, "outputs": []}
    return {"cell_type": "code", "metadata": {}, "source": text, **empty}


def _picture(plot: Plot) -> Cell:
    file = f"{plot.name}.png"
    content = base64.b64encode(pictures.picture(plot.picture, "png")).decode()
    cell = _markdown(f"![{escape(plot.picture.description)}](attachment:{file})")
    return {**cell, "attachments": {file: {"image/png": content}}}


def _heading(title: str, level: int = 1) -> str:
    return f"{'#' * level} {escape(title)}"


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
