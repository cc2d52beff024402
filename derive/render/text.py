"""Plain text: one step a line, in the input language."""

from __future__ import annotations

from derive.render.page import MatrixView, Sentence, StepView, View, filled
from derive.render.words import Words


def render(view: View) -> str:
    """A derivation as plain lines, ASCII where the problem's names are."""
    words = view.words
    lines = [view.title] if view.title else []
    lines += [plain(view.heading), ""]
    lines += [plain(filled(words.where, {"formula": d})) for d in view.definitions]
    lines += [plain(filled(words.given, {"facts": a})) for a in view.assumptions]
    lines += ["", view.start.text] if view.definitions or view.assumptions else [view.start.text]
    for step in view.steps:
        lines += _step(step, words)
    lines.append("")
    if view.finished:
        lines.append(_labelled(view.result_title, view.result.text, words))
        lines += [_labelled(words.cases, view.cases.after.text, words)] if view.cases else []
        lines += [f"  !! {view.cases.warning}"] if view.cases and view.cases.warning else []
        lines += _matrix(view.matrix, words) if view.matrix else []
    example = "; ".join(f.text for f in view.example)
    lines += [_labelled(words.example, example, words)] if example else []
    lines += [view.ending or view.summary]
    lines += ["", view.code.rstrip()] if view.code else []
    return "\n".join(lines) + "\n"


def _matrix(matrix: MatrixView, words: Words) -> list[str]:
    notes = [f"  {plain(note)}" for note in (matrix.note, matrix.other) if note]
    return [_labelled(words.matrix, matrix.formula.text, words), *notes]


def _labelled(label: str, text: str, words: Words) -> str:
    return words.labelled.format(label=label, text=text)


def plain(sentence: Sentence) -> str:
    """A sentence with its formulas in the input language."""
    return "".join(part if isinstance(part, str) else part.text for part in sentence)


def _step(step: StepView, words: Words) -> list[str]:
    name = step.title
    if step.citation:
        name = words.joined.format(first=name, second=plain(step.citation))
    lines = [f"  = {step.after.text}    [{name}]"]
    return [*lines, f"  !! {step.alarm}"] if step.alarm else lines
