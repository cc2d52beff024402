"""Exercises and their answers as Markdown that GitHub typesets."""

from __future__ import annotations

from collections.abc import Iterator

from derive.exercises.model import Exercise, Mark, Row
from derive.render.markdown import escape, in_maths, said
from derive.render.page import Formula

_MARKS = {Mark.NONE: "", Mark.WRONG: " ✗", Mark.FOLLOWS: " (✗)"}
_GAP = r"\underline{\hspace{10em}}"
_BLANK = "\\_" * 12
_EMPTY_LINE = "<br>"


def heading(exercise: Exercise) -> str:
    """ "Find the mistake: Softmax (3 points)"."""
    words = exercise.words
    name = exercise.task
    if exercise.title:
        name = words.labelled.format(label=name, text=exercise.title)
    count = exercise.points
    points = words.points_one if count == 1 else words.points.format(points=count)
    return escape(words.remark.format(text=name, remark=points))


def asked(exercise: Exercise) -> Iterator[str]:
    """The blocks of a question: paragraphs and formulas."""
    yield said(exercise.question)
    yield from (_display(formula.latex) for formula in exercise.given)
    if exercise.known:
        yield said(exercise.known)
    if exercise.rows and exercise.start:
        yield _lines(exercise.rows, exercise.start, key=False)
    if exercise.bank:
        yield " · ".join(map(escape, exercise.bank))
    for letter, choice in zip("abcdefghijklmnopqrstuvwxyz", exercise.choices, strict=False):
        yield f"{letter}. ☐ {said(choice.text)}"
    yield from (f"{_inline(value.label)} = {_BLANK}" for value in exercise.values)
    if exercise.room:
        yield _EMPTY_LINE * exercise.room


def answered(exercise: Exercise) -> Iterator[str]:
    """The blocks of its answer, and how to mark it."""
    yield from (said(sentence) for sentence in exercise.answer if sentence)
    if exercise.solution and exercise.start:
        yield _lines(exercise.solution, exercise.start, key=True)
    yield from (f"☑ {said(choice.text)}" for choice in exercise.choices if choice.right)
    yield from (f"{_inline(value.label)} = {value.text}" for value in exercise.values)
    yield f"*{said(exercise.note)}*"


def _lines(rows: tuple[Row, ...], start: Formula, key: bool) -> str:
    """Lines with their rules. What is asked for is left blank, or in the key bold."""
    found: list[str] = []
    for row in rows:
        right, rule = row.formula.latex, f"{row.rule}{_MARKS[row.mark] if key else ''}"
        unsaid, unnamed = row.asked
        if unsaid:
            right = rf"\boxed{{{right}}}" if key else _GAP
        if unnamed and not key:
            rule = ""
        style = "textbf" if key and unnamed else "text"
        left = start.latex if row.number == 1 else ""
        name = in_maths(f"{row.number}. {rule}".strip())
        found.append(rf"{left} &= {right} && \{style}{{{name}}}")
    inside = " \\\\\n".join(found)
    return f"```math\n\\begin{{aligned}}\n{inside}\n\\end{{aligned}}\n```"


def _display(latex: str) -> str:
    return f"```math\n{latex}\n```"


def _inline(formula: Formula) -> str:
    return f"${formula.inline_latex}$"
