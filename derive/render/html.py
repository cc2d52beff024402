"""A self-contained page: MathML, its style inside, no script, nothing from the network."""

from __future__ import annotations

from markupsafe import Markup, escape

from derive.render.page import Sentence, View
from derive.render.templates import environment

# About how many signs of a formula go on a line beside the rule's name.
_WIDTH = 60
_ENDS = tuple(".,;:)，。；：、）」”")
_STARTS = tuple("(（「“")


def render(view: View) -> str:
    template = environment("html").get_template("page.html.j2")
    return template.render(view=view, words=view.words, said=said, width=_WIDTH)


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
