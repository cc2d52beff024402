"""A document of a view alone: what a derivation shows without a handout's extras."""

from __future__ import annotations

from collections.abc import Iterable

from derive.handouts import document as paper
from derive.render.changes import marked
from derive.render.page import Formula, View


def plain(view: View) -> paper.Document:
    """One section with the derivation, its result, and what else the view has."""
    title = view.title or spoken(view)
    return paper.Document(
        view.name, title, (section_of(view, "", _blocks(view)),), words=view.words
    )


def section_of(view: View, title: str, blocks: Iterable[paper.Block]) -> paper.Section:
    """The section of a derivation, with its heading, how it ended, and these blocks."""
    return paper.Section(
        name=view.name,
        title=title,
        heading=view.heading,
        blocks=tuple(blocks),
        description=view.description,
        view=view,
        ending=view.ending,
        summary=view.summary,
    )


def _blocks(view: View) -> list[paper.Block]:
    lines = tuple(
        paper.Line(s, Formula(marked(s.before.node, s.after.node), s.after.spelling))
        for s in view.steps
    )
    made = [notation(view), paper.Derivation(view.start, lines)]
    if view.finished:
        made += [result(view), cases(view), matrix(view)]
    made += [
        lemmas(view),
        example(view),
        paper.Plot(view.plot, f"{view.name}-plot") if view.plot else None,
        paper.Code(view.words.code, view.code.rstrip()) if view.code else None,
    ]
    return [block for block in made if block is not None]


def notation(view: View) -> paper.Block | None:
    if not (view.definitions or view.shapes):
        return None
    given = view.given if view.assumptions else ()
    return paper.Notation(view.definitions, view.shapes, given)


def result(view: View) -> paper.Block | None:
    return paper.Result(view.result_title, view.start, view.result, view.verified)


def cases(view: View) -> paper.Block | None:
    found = view.cases
    return paper.Cases(view.words.cases, view.start, found.after, found.warning) if found else None


def matrix(view: View) -> paper.Block | None:
    return paper.Matrix(view.words.matrix, view.matrix) if view.matrix else None


def lemmas(view: View) -> paper.Block | None:
    found = view.lemmas
    return paper.Formulas("lemmas", view.words.lemmas, found) if found else None


def example(view: View) -> paper.Block | None:
    found = view.example
    return paper.Formulas("example", view.words.example, found) if found else None


def spoken(view: View) -> str:
    """What is asked, as a line of text."""
    return "".join(part if isinstance(part, str) else part.inline() for part in view.heading)
