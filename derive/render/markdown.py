"""Markdown with maths blocks, as GitHub and notebooks show it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from jinja2 import Template

from derive.render.boxes import box
from derive.render.latex import escape as escape_latex
from derive.render.latex_document import WIDTH, named
from derive.render.names import LATEX_OF_GREEK
from derive.render.page import Formula, Sentence, StepView, View, filled
from derive.render.templates import environment
from derive.render.words import Words

if TYPE_CHECKING:
    from derive.handouts.document import Block, Derivation, Document, Law


def render(view: View) -> str:
    """One derivation."""
    from derive.handouts.plain import plain

    return document(plain(view), () if view.title else view.heading)


def document(document: Document, heading: Sentence = ()) -> str:
    """A handout.

    Args:
        heading: what stands at the top in place of the document's title.
    """
    made = _template().render(_given(document, heading))
    return _tidied(made).strip() + "\n"


def writer(document: Document) -> Callable[[Block], str]:
    """What writes a single block of a document, for formats that put them apart."""
    kinds = _template().make_module(_given(document, ())).print  # type: ignore[attr-defined]
    return lambda block: _tidied(kinds[block.kind](block)).strip()


def answers(document: Document) -> list[str]:
    """The answers to the exercises of a document; none on a sheet to fill in."""
    if document.form == "blanks":
        return []
    written = _template().make_module(_given(document, ())).answers  # type: ignore[attr-defined]
    blocks = [block for section in document.sections for block in section.blocks]
    return [_tidied(written(block)).strip() for block in blocks if block.kind == "exercises"]


def _template() -> Template:
    return environment("markdown").get_template("markdown.md.j2")


def _given(document: Document, heading: Sentence) -> dict[str, Any]:
    """What the template prints from."""
    from derive.exercises import markdown as drill

    blank = document.form != "answers"
    return {
        "document": document,
        "heading": heading,
        "words": document.words,
        "blank": blank,
        "drill": drill,
        "aligned": partial(_aligned, blank=blank),
        "asked": partial(asked, blank=blank),
        "said": said,
        "why": why,
        "md": escape,
    }


def _tidied(text: str) -> str:
    """No more than one empty line at a time. A marked part is underlined: the macro of the LaTeX
    documents is not known here."""
    return re.sub(r"\n{3,}", "\n\n", text).replace(r"\changed{", r"\underline{")


def asked(shown: Formula, hidden: bool, inline: bool = False, blank: bool = False) -> str:
    """A formula, or a box as wide as it is about to be."""
    if hidden and blank:
        return rf"\boxed{{\hspace{{{max(3, box(shown.node).width // 2)}em}}}}"
    return shown.inline_latex if inline else shown.latex


def _aligned(block: Derivation, blank: bool) -> str:
    """The lines of a derivation, each with its rule's name."""
    lines: list[str] = []
    left = block.start.latex
    for line in block.lines:
        no_right = blank and "right" in line.hidden
        first, *rest = [""] if no_right else [p.latex for p in line.right.broken(WIDTH)]
        lines.append(f"{left} &= {asked(line.right, True, blank=True) if no_right else first}")
        lines += [f"&\\quad {part}" for part in rest]
        name = "" if blank and "rule" in line.hidden else named(line.step, in_maths)
        lines[-1] += f" && \\text{{{name}}}" if name else ""
        left = ""
    return " \\\\\n".join(lines or [left]).strip()


def why(step: StepView, words: Words, laws: Iterable[Law] = ()) -> str:
    """A rule's name in bold, why the line follows, and laws that are new. The name comes first in
    every language."""
    reason = filled(words.led, {"title": "", "reason": step.told})
    new = "".join(f" ${law.formula.inline_latex}$" for law in laws)
    return f"**{escape(step.title)}**{said(reason)}{new}"


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


def in_maths(text: str) -> str:
    """Words among formulas: browsers know Greek letters there, and no LaTeX for them."""
    return "".join(sign if sign in LATEX_OF_GREEK else escape_latex(sign) for sign in text)


def escape(text: str) -> str:
    """Any text as Markdown that shows just that text."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|$~-])", r"\\\1", text.replace("\n", " "))
