"""LaTeX: a fragment to paste, and a whole document from the template."""

from __future__ import annotations

from collections.abc import Callable

from derive.locale import ENGLISH, FONTS
from derive.render.latex import escape
from derive.render.names import LATEX_OF_GREEK
from derive.render.page import Sentence, StepView, View
from derive.render.templates import environment

# About how many signs of a formula go on a line beside the rule's name.
_WIDTH = 54
_WIDEST_LEFT_SIDE = 16


def render(view: View) -> str:
    """The derivation as an align* environment, for a document that uses amsmath."""
    return "\\begin{align*}\n" + aligned(view) + "\n\\end{align*}\n"


def aligned(view: View, words: Callable[[str], str] = escape) -> str:
    """The lines of the derivation, each with its rule: what goes into align or aligned. `words`
    says how the rules' names are written inside of text."""
    lines: list[str] = []
    left = view.start.latex
    for step in view.steps:
        first, *rest = step.after.broken(_WIDTH)
        lines.append(f"{left} &= {first.latex}")
        lines += [f"&\\quad {part.latex}" for part in rest]
        lines[-1] += f" && \\text{{{words(_name(step))}}}"
        left = ""
    return " \\\\\n".join(lines or [left]).strip()


def _name(step: StepView) -> str:
    return f"{step.title} [{step.warning}]" if step.warning else step.title


def document(view: View) -> str:
    """A complete LaTeX document: notation, steps, result, cases, matrix form, example, code."""
    template = environment("latex").get_template("handout.tex.j2")
    return template.render(
        view=view,
        words=view.words,
        fonts=FONTS.get(view.words.language, ""),
        said=said,
        width=_WIDTH,
        left_stands_alone=len(view.start.inline()) > _WIDEST_LEFT_SIDE,
        greek=LATEX_OF_GREEK,
        plot_name=plot_name(view),
    )


def plot_name(view: View) -> str:
    """The file with the plot that the document shows."""
    language = view.words.language
    return f"{view.name}-plot{'' if language == ENGLISH else '-' + language}.pdf"


def said(sentence: Sentence) -> str:
    """A sentence with its formulas between dollar signs."""
    return "".join(escape(p) if isinstance(p, str) else f"${p.inline_latex}$" for p in sentence)
