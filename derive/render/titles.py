"""What a step is called, and what is said of a wrong one, in a document's language."""

from __future__ import annotations

from derive.phrases import Phrase
from derive.render.names import plain
from derive.render.page import joined
from derive.render.words import Words
from derive.steps import Step


def title(step: Step, words: Words) -> str:
    """A step's title; of joined steps, all of theirs."""
    known: dict[str, str] = {part.title: part.title for part in step.parts}
    named = step.title.split("; ") if known else [step.title]
    titles = [(_said(known.get(name, name), words),) for name in named]
    return "".join(map(str, joined(titles, words.joined)))


def _said(title: str, words: Words) -> str:
    """A single title, names in it as they are written in formulas."""
    if not isinstance(title, Phrase):
        return words.say(title)
    names = {blank: plain(name) for blank, name in title.blanks.items()}
    return words.say(title.message).format_map(names)


def witness(step: Step, words: Words) -> str:
    """The sizes, indices and numbers that refute a step, "" if it is not refuted."""
    found = step.evidence.witness.items()
    parts = [(words.labelled.format(label=words.say(name), text=value),) for name, value in found]
    return "".join(map(str, joined(parts, words.joined)))
