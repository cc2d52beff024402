"""One derivation as a document, with what its view has and nothing more to find out."""

from __future__ import annotations

from derive.api import Derivation
from derive.handouts.blocks import Shown, blocks
from derive.handouts.document import Document, Section
from derive.handouts.laws import once
from derive.render.page import View

_PARTS = ("notation", "derivation", "result", "cases", "matrix", "lemmas", "example", "code")


def single(derivation: Derivation, view: View) -> Document:
    """A derivation, at the level of its view, as a document of one section."""
    section = Section(
        name=view.name,
        title=view.title,
        heading=view.heading,
        blocks=tuple(once(blocks(Shown(derivation, view), _PARTS))),
        description=view.description,
        view=view,
        ending=view.ending,
        summary=view.summary,
    )
    return Document(view.name, view.title, (section,), words=view.words)


def _blocks(view: View) -> list[paper.Block]:
    words = view.words
    lines = tuple(
        paper.Line(s, Formula(marked(s.before.node, s.after.node), s.after.spelling))
        for s in view.steps
    )
    made: list[paper.Block | None] = [
        paper.Notation(view.definitions, view.shapes, view.given if view.assumptions else ())
        if view.definitions or view.shapes
        else None,
        paper.Derivation(view.start, lines),
    ]
    if view.finished:
        cases, matrix = view.cases, view.matrix
        made += [
            paper.Result(view.result_title, view.start, view.result, view.verified),
            paper.Cases(words.cases, view.start, cases.after, cases.warning) if cases else None,
            paper.Matrix(words.matrix, matrix) if matrix else None,
        ]
    made += [
        paper.Formulas("lemmas", words.lemmas, view.lemmas) if view.lemmas else None,
        paper.Formulas("example", words.example, view.example) if view.example else None,
        paper.Plot(view.plot, f"{view.name}-plot") if view.plot else None,
        paper.Code(words.code, view.code.rstrip()) if view.code else None,
    ]
    return [block for block in made if block is not None]


def spoken(view: View) -> str:
    """What is asked, as a line of text."""
    return "".join(part if isinstance(part, str) else part.inline() for part in view.heading)
