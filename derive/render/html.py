"""A self-contained page: MathML, its style inside, no script, nothing from the network."""

from __future__ import annotations

from markupsafe import Markup, escape

from derive.render.page import Sentence, View
from derive.render.templates import environment

# About how many signs of a formula go on a line beside the rule's name.
_WIDTH = 60
_ENDS = tuple(".,;:)")


def render(view: View) -> str:
    template = environment("html").get_template("page.html.j2")
    return template.render(view=view, words=view.words, said=said, width=_WIDTH)


def said(sentence: Sentence) -> Markup:
    """A sentence with its formulas as MathML; no line begins with what ends a sentence."""
    out = Markup("")
    for place, part in enumerate(sentence):
        if isinstance(part, str):
            out += escape(part[1:] if place and part[:1] in _ENDS else part)
            continue
        after = sentence[place + 1] if place + 1 < len(sentence) else ""
        mark = after[:1] if isinstance(after, str) and after[:1] in _ENDS else ""
        out += Markup('<span class="kept">{}{}</span>').format(Markup(part.inline_mathml), mark)
    return out
