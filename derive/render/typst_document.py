"""A handout as Typst's source: what a PDF is made of where there is no TeX."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from derive.render.page import Formula, Sentence, equal
from derive.render.templates import environment
from derive.render.typst import string, typst

if TYPE_CHECKING:
    from derive.handouts.document import Cases, Derivation, Document, Result, Section

# About how many signs of a formula go on a line beside the rule's name.
_WIDTH = 54
_WIDEST_LEFT_SIDE = 16
# How many signs of a formula among words are kept together.
_LONGEST_WHOLE = 24


def document(document: Document) -> str:
    """A complete document in one file."""
    words = document.words
    language, _, region = words.language.partition("-")
    return (
        environment("typst")
        .get_template("handout.typ.j2")
        .render(
            document=document,
            words=words,
            form=document.form.value,
            blank=document.form != "answers",
            closed=document.closed,
            title=document.title,
            language=language,
            region=region,
            said=partial(said, unseen=words.blank),
            formula=partial(formula, unseen=words.blank),
            small=partial(formula, display=False),
            maths=maths,
            answer=answer,
            width=_WIDTH,
            stands_alone=stands_alone,
            ending_place=ending_place,
        )
    )


def stands_alone(block: Derivation) -> bool:
    """Whether the left-hand side is too wide to stand beside the lines."""
    return len(block.start.inline()) > _WIDEST_LEFT_SIDE


def ending_place(section: Section) -> int:
    """Behind which block it is told how the derivation ended: behind its lines, if they are shown,
    or else the last."""
    kinds = [block.kind for block in section.blocks]
    return kinds.index("derivation") if "derivation" in kinds else len(kinds) - 1


def answer(block: Result | Cases) -> Formula:
    return equal(block.start, block.right)


def formula(shown: Formula, display: bool = True, blank: bool = False, unseen: str = "") -> str:
    """The arguments of the template's functions for maths: what is read aloud, and the maths. Of
    a blank, `unseen` is read aloud."""
    return f"{string(unseen if blank else shown.inline())}, {maths(shown, display)}"


def maths(shown: Formula, display: bool = True) -> str:
    return f"${typst(shown.node, display)}$"


def said(sentence: Sentence, blank: bool = False, unseen: str = "") -> str:
    """A sentence as content: strings with formulas between them."""
    parts = [
        string(part) if isinstance(part, str) else _among(part, unseen if blank else "")
        for part in sentence
    ]
    return "{ " + "; ".join(parts) + " }"


def _among(shown: Formula, unseen: str) -> str:
    """A formula among words; a short one is not broken."""
    maths = f"m({formula(shown, False, bool(unseen), unseen)})"
    return f"box({maths})" if len(shown.inline()) <= _LONGEST_WHOLE else maths


def spoken(sentence: Sentence) -> str:
    """A sentence as a line of text."""
    return "".join(part if isinstance(part, str) else part.inline() for part in sentence)
