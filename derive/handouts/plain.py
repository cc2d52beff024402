"""A document of a view alone: what a derivation shows without a handout's extras."""

from __future__ import annotations

from derive.handouts import document as paper
from derive.render.changes import marked
from derive.render.page import Formula, View


def plain(view: View) -> paper.Document:
    """One section with the derivation, its result, and what else the view has."""
    section = paper.Section(
        name=view.name,
        title="",
        heading=view.heading,
        blocks=tuple(_blocks(view)),
        description=view.description,
        view=view,
        ending=view.ending,
        summary=view.summary,
    )
    title = view.title or spoken(view)
    return paper.Document(view.name, title, (section,), words=view.words)


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
