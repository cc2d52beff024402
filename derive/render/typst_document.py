"""A handout as Typst's source: what a PDF is made of where there is no TeX."""

from __future__ import annotations

from functools import partial

from derive.render.page import Formula, Sentence, StepView, View, equal
from derive.render.templates import environment
from derive.render.typst import string, typst
from derive.render.words import Words

# About how many signs of a formula go on a line beside the rule's name.
_WIDTH = 54
_WIDEST_LEFT_SIDE = 16


def document(view: View) -> str:
    """A complete document: notation, steps, result, cases, matrix form, example, code."""
    language, _, region = "en".partition("-")
    return (
        environment("typst")
        .get_template("handout.typ.j2")
        .render(
            view=view,
            words=view.words,
            title=view.title or spoken(view.heading),
            language=language,
            region=region,
            said=said,
            why=why,
            formula=formula,
            small=partial(formula, display=False),
            maths=maths,
            width=_WIDTH,
            left_stands_alone=len(view.start.inline()) > _WIDEST_LEFT_SIDE,
            case_answer=equal(view.start, view.cases.after) if view.cases else None,
        )
    )


def formula(shown: Formula, display: bool = True) -> str:
    """The arguments of the template's functions for maths: what is read aloud, and the maths."""
    return f"{string(shown.inline())}, {maths(shown, display)}"


def maths(shown: Formula, display: bool = True) -> str:
    return f"${typst(shown.node, display)}$"


def said(sentence: Sentence) -> str:
    """A sentence as content: strings with formulas between them."""
    parts = [string(p) if isinstance(p, str) else f"m({formula(p, False)})" for p in sentence]
    return "{ " + "; ".join(parts) + " }"


def why(step: StepView, words: Words) -> str:
    """Why a step holds, and what it cites."""
    if step.lemma is None:
        return said(step.explanation)
    before, _, after = words.lemma.partition("{}")
    return said((*step.explanation, f" ({before}", step.lemma, f"{after})"))


def spoken(sentence: Sentence) -> str:
    """A sentence as a line of text."""
    return "".join(part if isinstance(part, str) else part.inline() for part in sentence)
