"""A handout as Typst's source: what a PDF is made of where there is no TeX."""

from __future__ import annotations

from functools import partial

from derive.render.page import Formula, Sentence, View, equal
from derive.render.templates import environment
from derive.render.typst import string, typst

# About how many signs of a formula go on a line beside the rule's name.
_WIDTH = 54
_WIDEST_LEFT_SIDE = 16
# How many signs of a formula among words are kept together.
_LONGEST_WHOLE = 24


def document(view: View) -> str:
    """A complete document: notation, steps, result, cases, matrix form, example, code."""
    language, _, region = view.words.language.partition("-")
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
    parts = [string(part) if isinstance(part, str) else _among(part) for part in sentence]
    return "{ " + "; ".join(parts) + " }"


def _among(shown: Formula) -> str:
    """A formula among words; a short one is not broken."""
    maths = f"m({formula(shown, False)})"
    return f"box({maths})" if len(shown.inline()) <= _LONGEST_WHOLE else maths


def spoken(sentence: Sentence) -> str:
    """A sentence as a line of text."""
    return "".join(part if isinstance(part, str) else part.inline() for part in sentence)
