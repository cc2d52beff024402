"""Markdown with maths blocks, as GitHub and notebooks show it."""

from __future__ import annotations

import re

from derive.render.latex import escape as escape_latex
from derive.render.latex_document import aligned
from derive.render.names import LATEX_OF_GREEK
from derive.render.page import Sentence, StepView, View, filled
from derive.render.templates import environment
from derive.render.words import Words


def render(view: View) -> str:
    template = environment("markdown").get_template("markdown.md.j2")
    return template.render(
        view=view, words=view.words, aligned=aligned(view, _named), said=said, why=why, md=escape
    )


def why(step: StepView, words: Words) -> str:
    """A rule's name in bold, and why the line follows. The name comes first in every language."""
    reason = filled(words.led, {"title": "", "reason": step.told})
    return f"**{escape(step.title)}**{said(reason)}"


def said(sentence: Sentence) -> str:
    """A sentence with its formulas between dollar signs. In front of one there must be a space, or
    it is not typeset; a Chinese comma will not do."""
    out = ""
    for part in sentence:
        if isinstance(part, str):
            out += escape(part)
        else:
            out += f"{'' if out[-1:].isascii() else ' '}${part.inline_latex}$"
    return out


def _named(text: str) -> str:
    """A rule's name for maths: browsers know Greek letters among words, and no LaTeX for them."""
    return "".join(sign if sign in LATEX_OF_GREEK else escape_latex(sign) for sign in text)


def escape(text: str) -> str:
    """Any text as Markdown that shows just that text."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|$~-])", r"\\\1", text.replace("\n", " "))
