"""LaTeX: a fragment to paste, and a whole document from the template."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.locale import FONTS
from derive.render.latex import escape
from derive.render.names import LATEX_OF_GREEK
from derive.render.page import Sentence, StepView, View
from derive.render.templates import environment
from derive.render.typst_document import answer, ending_place, stands_alone

if TYPE_CHECKING:
    from derive.handouts.document import Document

# About how many signs of a formula go on a line beside the rule's name.
WIDTH = 54


def render(view: View) -> str:
    """The derivation as an align* environment, for a document that uses amsmath."""
    return "\\begin{align*}\n" + aligned(view) + "\n\\end{align*}\n"


def aligned(view: View) -> str:
    """The lines of the derivation, each with its rule: what goes into align or aligned."""
    lines: list[str] = []
    left = view.start.latex
    for step in view.steps:
        first, *rest = step.after.broken(WIDTH)
        lines.append(f"{left} &= {first.latex}")
        lines += [f"&\\quad {part.latex}" for part in rest]
        lines[-1] += f" && \\text{{{named(step)}}}"
        left = ""
    return " \\\\\n".join(lines or [left]).strip()


def named(step: StepView, words: Callable[[str], str] = escape) -> str:
    """A rule's name, with the warning of a step that was not confirmed. `words` says how a text is
    written inside of maths."""
    return words(f"{step.title} [{step.warning}]" if step.warning else step.title)


def document(document: Document) -> str:
    """A complete LaTeX document."""
    template = environment("latex").get_template("handout.tex.j2")
    return template.render(
        document=document,
        words=document.words,
        fonts=FONTS.get(document.words.language, ""),
        blank=document.form != "answers",
        said=said,
        answer=answer,
        stands_alone=stands_alone,
        ending_place=ending_place,
        width=WIDTH,
        greek=LATEX_OF_GREEK,
    )


def said(sentence: Sentence) -> str:
    """A sentence with its formulas between dollar signs."""
    return "".join(escape(p) if isinstance(p, str) else f"${p.inline_latex}$" for p in sentence)
