"""Slides: LaTeX beamer, one step a slide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.locale import FONTS
from derive.render.latex_document import said
from derive.render.templates import environment
from derive.render.typst_document import answer

if TYPE_CHECKING:
    from derive.handouts.document import Document

# About how many signs of a formula go on a line of a slide.
_WIDTH = 60


def document(document: Document) -> str:
    """A complete beamer document: for each topic its notation, its steps, each with the line before
    it, the result, and the usual slip; and exercises without their answers."""
    template = environment("latex").get_template("slides.tex.j2")
    return template.render(
        document=document,
        words=document.words,
        fonts=FONTS.get(document.words.language, ""),
        said=said,
        answer=answer,
        width=_WIDTH,
    )
