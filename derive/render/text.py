"""Plain text: one step a line, in the input language."""

from __future__ import annotations

from derive.render.page import MatrixView, Sentence, StepView, View
from derive.render.words import Words


def render(view: View) -> str:
    """A derivation as plain lines, ASCII where the problem's names are."""
    words = view.words
    lines = [view.title] if view.title else []
    lines += [plain(view.heading), ""]
    lines += [f"{words.where} {d.text}" for d in view.definitions]
    lines += [f"{words.given} {a.text}" for a in view.assumptions]
    lines += ["", view.start.text] if view.definitions or view.assumptions else [view.start.text]
    for step in view.steps:
        lines += _step(step, words.lemma)
    lines.append("")
    if view.finished:
        lines.append(f"{view.result_title}: {view.result.text}")
        lines += [f"{words.cases}: {view.cases.after.text}"] if view.cases else []
        lines += [f"  !! {view.cases.warning}"] if view.cases and view.cases.warning else []
        lines += _matrix(view.matrix, words) if view.matrix else []
    lines += (
        [f"{words.example}: " + "; ".join(f.text for f in view.example)] if view.example else []
    )
    lines += [view.ending or view.summary]
    lines += ["", view.code.rstrip()] if view.code else []
    return "\n".join(lines) + "\n"


def _matrix(matrix: MatrixView, words: Words) -> list[str]:
    shape = f"{words.shape} {matrix.shape.text}; " if matrix.shape else ""
    other = [f"  {plain(matrix.other)}"] if matrix.other else []
    return [f"{words.matrix}: {matrix.formula.text}", f"  {shape}{plain(matrix.layout)}", *other]


def plain(sentence: Sentence) -> str:
    """A sentence with its formulas in the input language."""
    return "".join(part if isinstance(part, str) else part.text for part in sentence)


def _step(step: StepView, citing: str) -> list[str]:
    cited = "; " + citing.format(step.lemma.text) if step.lemma else ""
    lines = [f"  = {step.after.text}    [{step.title}{cited}]"]
    if step.warning:
        witness = f" ({step.witness})" if step.witness else ""
        lines.append(f"  !! {step.warning}{witness}")
    return lines
