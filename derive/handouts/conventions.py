"""How a handout is to be read: indices, deltas, layouts, marks."""

from __future__ import annotations

from collections.abc import Iterable

from derive.handouts.document import Section
from derive.matrix import DENOMINATOR, NUMERATOR
from derive.nodes import delta, index
from derive.render.layout import layout
from derive.render.page import Formula, Sentence, filled
from derive.render.tree import Name, Script, equation, walk
from derive.render.words import Words


def conventions(sections: Iterable[Section], words: Words) -> tuple[Sentence, ...]:
    """How indices, deltas, arrays and marks are to be read, as far as the sections have them."""
    views = [section.view for section in sections if section.view]
    nodes = [node for view in views for step in view.steps for node in walk(step.after.node)]
    layouts = {view.matrix.layout for view in views if view.matrix}
    found: list[Sentence] = []
    if any(isinstance(node, Script) for node in nodes):
        found.append((words.about_indices,))
    if any(node == Name("δ") for node in nodes):
        found.append(_about_delta(words))
    found += [(words.about_jacobians,)] if NUMERATOR in layouts else []
    found += [(words.about_gradients,)] if DENOMINATOR in layouts else []
    return (*found, (words.about_marks,)) if views else ()


def _about_delta(words: Words) -> Sentence:
    i, j = index("i"), index("j")
    same = Formula(equation(layout(i), "=", layout(j)), "i = j")
    blanks = {"delta": Formula(layout(delta(i, j)), "delta(i, j)"), "equal": same}
    return filled(words.about_delta, blanks)
