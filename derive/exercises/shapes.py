"""Questions on shapes and layouts, with answers to choose from."""

from __future__ import annotations

from sympy import Expr

from derive.exercises import sentences
from derive.exercises.model import Choice, Exercise, Kind
from derive.exercises.subject import Subject
from derive.nodes import name_of
from derive.render.matrix_view import extent_of
from derive.render.page import Formula, Sentence, filled, joined
from derive.render.tree import separated

Shape = tuple[Expr, ...]

_CHOICES = 4


def shape_or_layout(subject: Subject) -> Exercise | None:
    """What rows and columns are, where that can be confused, or else the shape; None where there
    are not at least two answers to choose from."""
    layout, matrix = subject.chance.random() < 0.5, subject.derivation.matrix
    if layout and matrix is not None and matrix.convention and len(matrix.sides) == 2:
        return _layout(subject, matrix.convention, matrix.sides)
    return _shape(subject)


def _shape(subject: Subject) -> Exercise | None:
    choices = _shapes(subject)
    if len(choices) < 2:
        return None
    right = choices[0]
    shown = [(shape, Choice(_said(subject, shape), shape == right)) for shape in choices]
    shown.sort(key=lambda pair: (len(pair[0]), str(pair[0])))
    return subject.exercise(
        Kind.SHAPE,
        subject.say(sentences.SHAPE, derivative=subject.view.start),
        given=(*subject.view.definitions, *_together(subject.view.shapes)),
        note=subject.say(sentences.CHOICE_NOTE),
        choices=tuple(choice for _, choice in shown),
    )


def _shapes(subject: Subject) -> list[Shape]:
    """The right shape first, then wrong ones: turned, an axis too few or too many."""
    problem = subject.problem
    axes = (*problem.axes, *problem.wrt_axes)
    right = tuple(problem.extents[axis] for axis in axes)
    wrt = problem.shapes.get(name_of(problem.wrt[-1]), ()) if problem.wrt else ()
    every = sorted({n for shape in problem.shapes.values() for n in shape}, key=str)
    wrong: list[Shape] = [right[::-1], right[1:], right[:-1], wrt, (*right, *wrt), ()]
    for place in range(len(right)):
        wrong += [(*right[:place], n, *right[place + 1 :]) for n in every]
    wrong += [(n,) for n in every] + [(n, m) for n in every for m in every]
    return list(dict.fromkeys([right, *wrong]))[:_CHOICES]


def _together(formulas: tuple[Formula, ...]) -> tuple[Formula, ...]:
    """Several formulas as one, with commas between."""
    if not formulas:
        return ()
    text = ", ".join(formula.text for formula in formulas)
    return (Formula(separated(formula.node for formula in formulas), text),)


def _said(subject: Subject, shape: Shape) -> Sentence:
    extent = extent_of(shape)
    return (extent,) if extent else subject.say(sentences.NUMBER_ALONE)


def _layout(subject: Subject, convention: str, sides: tuple[tuple[str, str, str], ...]) -> Exercise:
    (_, first, above), (_, second, beside) = sides
    right = _sides(subject, (first, above), (second, beside))
    wrong = _sides(subject, (second, beside), (first, above))
    choices = [Choice(right, True), Choice(wrong)]
    subject.chance.shuffle(choices)
    name = subject.words.say(convention)
    return subject.exercise(
        Kind.SHAPE,
        subject.say(sentences.LAYOUT, convention=name, derivative=subject.view.start),
        note=subject.say(sentences.CHOICE_NOTE),
        choices=tuple(choices),
    )


def _sides(subject: Subject, row: tuple[str, str], column: tuple[str, str]) -> Sentence:
    """ "rows: i of s, columns: j of z"."""
    words = subject.words
    parts = []
    for (letter, owner), named, alone in (
        (row, words.rows_of, words.rows),
        (column, words.columns_of, words.columns),
    ):
        parts.append(filled(named if owner else alone, {"index": letter, "name": owner}))
    return joined(parts, words.listed)
