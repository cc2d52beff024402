"""Markdown with maths blocks, as GitHub and notebooks show it."""

from __future__ import annotations

import re

from derive.render.latex_document import aligned
from derive.render.page import Sentence, View
from derive.render.templates import environment


def render(view: View) -> str:
    template = environment("markdown").get_template("markdown.md.j2")
    return template.render(view=view, words=view.words, aligned=aligned(view), said=said, md=escape)


def said(sentence: Sentence) -> str:
    """A sentence with its formulas between dollar signs."""
    return "".join(escape(p) if isinstance(p, str) else f"${p.inline_latex}$" for p in sentence)


def escape(text: str) -> str:
    """Any text as Markdown that shows just that text."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|$~-])", r"\\\1", text.replace("\n", " "))
