"""Expressions and problems back to the input language."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Indexed, Symbol

from derive.indices import substitute
from derive.language.softmaxes import Denominators
from derive.language.vocabulary import OWN_LETTERS
from derive.language.writer import Writer
from derive.nodes import children, indices_of, rebuild, undistributed
from derive.problem import Definition, Problem


def text_of(expr: Expr, problem: Problem) -> str:
    """An expression in the input language.

    Names that the parser chose are written out; a length is size(k) of an index that has it. A
    pending derivative is diff(f, z[j]). `parse_expression` reads it back.
    """
    return Writer(problem, problem.extents, expr, Denominators(problem), True).whole_text()


def result_text(expr: Expr, problem: Problem) -> str:
    """An expression in the names the user knows: adjoints are written out."""
    with undistributed():
        known = _without_adjoints(expr, problem)
    return text_of(known, problem)


def _without_adjoints(expr: Expr, problem: Problem) -> Expr:
    if isinstance(expr, Indexed | Symbol):
        definition = problem.definition(expr)
        if definition is None or not definition.adjoint:
            return expr
        places = dict(zip(definition.indices, indices_of(expr), strict=True))
        return _without_adjoints(substitute(definition.body, places), problem)
    parts = tuple(_without_adjoints(part, problem) for part in children(expr))
    return rebuild(expr, parts) if parts else expr


def problem_text(problem: Problem) -> str:
    """Definitions and target as statements that `parse` reads as the same problem."""
    chosen = next((name for name in OWN_LETTERS if name not in _given_names(problem)), "")
    denominators = Denominators(problem)
    lines: list[str] = []
    shown: Expr = None
    for definition in (d for d in problem.definitions if d.given):
        whole = bool(definition.source) and [str(i) for i in definition.indices] == [chosen]
        lines.append(_definition_text(definition, problem, whole, denominators))
        shown = None if whole else definition.head
    if shown != problem.target:
        free = {axis: problem.extents[axis] for axis in problem.axes}
        lines.append(Writer(problem, free, problem.target, denominators).whole_text())
    return "\n".join(lines)


def with_sources(problem: Problem) -> Problem:
    """The problem with the `source` of every softmax written as everything else is."""
    denominators = Denominators(problem)
    made: list[Definition] = []
    for definition in problem.definitions:
        if definition.source:
            writer = Writer(problem, problem.extents, definition.body, denominators)
            source = writer.softmax(definition, definition.indices[:-1])
            definition = replace(definition, source=source)
        made.append(definition)
    return replace(problem, definitions=tuple(made))


def _given_names(problem: Problem) -> set[str]:
    return set(problem.shapes) - {d.name for d in problem.definitions if not d.given}


def _definition_text(
    definition: Definition, problem: Problem, whole: bool, denominators: Denominators
) -> str:
    axes = () if whole else zip(definition.indices, problem.shapes[definition.name], strict=True)
    writer = Writer(problem, dict(axes), definition.body, denominators)
    if whole:
        return f"{definition.name} = {writer.softmax(definition, ())}"
    body = writer.whole_text()
    if definition.source:
        body = f"{writer.softmax(definition, definition.indices[:-1])}[{definition.indices[-1]}]"
    return f"{writer.text(definition.head)} = {body}"
