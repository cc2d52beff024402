"""A self-contained page: MathML, its style, its font and its script inside, nothing from the
network. Without a script all of it is shown at once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache

from markupsafe import Markup, escape

from derive.handouts.document import Block, Derivation, Document, Form, Law, Line
from derive.render.boxes import box
from derive.render.fonts import math_font
from derive.render.labels import PAGE
from derive.render.page import Formula, Sentence, View, equal
from derive.render.templates import environment
from derive.render.words import Words

# About how many signs of a formula go on a line beside the rule's name.
_WIDTH = 60
_ENDS = tuple(".,;:)，。；：、）」”")
_STARTS = tuple("(（「“")
# Where the page's font goes, once it is known which signs it needs.
_FONT = "/* font */"


def render(view: View) -> str:
    """The page of one derivation."""
    from derive.handouts.plain import plain

    return page(plain(view))


def page(document: Document) -> str:
    """The page of a handout."""
    words = document.words
    labels = {name: words.say(label) for name, label in PAGE.items()}
    template = environment("html").get_template("page.html.j2")
    made = template.render(
        document=document,
        words=words,
        labels=labels,
        laws=_laws(document, words),
        blank=document.form == Form.BLANKS,
        answers=document.form == Form.ANSWERS,
        said=said,
        source=_source,
        parted=_parted,
        room=_room,
        data=_data,
        drawing=_drawing,
        equal=equal,
        width=_WIDTH,
    )
    return made.replace(_FONT, _font_face(math_font(made)))


def said(sentence: Sentence) -> Markup:
    """A sentence with its formulas as MathML; no line begins with what ends a sentence, or ends
    with a bracket that opens."""
    out = Markup("")
    for place, part in enumerate(sentence):
        if isinstance(part, str):
            start = 1 if place and part[:1] in _ENDS else 0
            end = len(part) - 1 if place + 1 < len(sentence) and part[-1:] in _STARTS else None
            out += escape(part[start:end])
            continue
        before, after = _words(sentence, place - 1), _words(sentence, place + 1)
        opening = before[-1:] if before[-1:] in _STARTS else ""
        mark = after[:1] if after[:1] in _ENDS else ""
        kept = Markup('<span class="kept">{}{}{}</span>')
        out += kept.format(opening, Markup(part.inline_mathml), mark)
    return out


def _words(sentence: Sentence, place: int) -> str:
    """The words at a place of a sentence, "" where there are none."""
    part = sentence[place] if 0 <= place < len(sentence) else ""
    return part if isinstance(part, str) else ""


def _laws(document: Document, words: Words) -> dict[str, tuple[Law, ...]]:
    """The laws of a step by its title. The document has each law once; here every line that uses
    it has it again."""
    lines = [line for s in document.sections for b in s.blocks for line in _lines(b)]
    every = [law for line in lines for law in line.laws]
    known = {law.title: law for law in every} | {law.rule: law for law in every}
    between = words.joined.format(first="", second="")
    found: dict[str, dict[Law, None]] = {}
    for line in lines:
        step = line.step
        named = [known[n] for n in (step.rule, *step.title.split(between)) if n in known]
        found.setdefault(step.title, {}).update(dict.fromkeys((*line.laws, *named)))
    return {title: tuple(laws) for title, laws in found.items()}


def _lines(block: Block) -> tuple[Line, ...]:
    return block.lines if isinstance(block, Derivation) else ()


def _parted(blocks: Sequence[Block]) -> tuple[Sequence[Block], Sequence[Block]]:
    """What is shown from the beginning, and what when all lines of the derivation are."""
    kinds = [block.kind for block in blocks]
    end = kinds.index(Derivation.kind) + 1 if Derivation.kind in kinds else len(kinds)
    return blocks[:end], blocks[end:]


def _room(formula: Formula) -> str:
    """How wide a blank for a formula is, in CSS."""
    return f"{max(4, 0.6 * box(formula.node).width):.1f}em"


def _drawing(svg: str, anchor: str) -> Markup:
    """A picture whose names no other on the page has."""
    return Markup(re.sub(r'( id="|url\(#)', rf"\1{anchor}-", svg))


def _data(value: object) -> Markup:
    """Data for the page's script; nothing in it ends the script."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", r"\u003c"))


@cache
def _source(name: str) -> Markup:
    """A file among the templates as it stands: a style sheet or a script."""
    environment_ = environment("html")
    assert environment_.loader is not None
    return Markup(environment_.loader.get_source(environment_, name)[0])


def _font_face(font: str) -> str:
    if not font:
        return ""
    where = f'url("data:font/woff;base64,{font}") format("woff")'
    return f'@font-face {{ font-family: "Formulas"; src: {where}; }}'
