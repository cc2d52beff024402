"""The derivation as plain dictionaries, for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from derive.render.page import Formula, StepView, View
from derive.render.text import plain

if TYPE_CHECKING:
    from derive.api import Derivation


def to_dict(
    derivation: Derivation, example: Mapping[str, object] | None = None, lang: str = "en"
) -> dict[str, Any]:
    """A derivation as strings, booleans, lists, dictionaries and None only."""
    from derive.render.formats import view_of

    data = as_dict(view_of(derivation, example, lang=lang))
    data["result"]["text"] = derivation.result_text  # without names the user has not seen
    return data


def as_dict(view: View) -> dict[str, Any]:
    """The same of a view."""
    return {
        "target": view.target.text,
        "wrt": [variable.text for variable in view.wrt],
        "assume": [assumption.text for assumption in view.assumptions],
        "lang": view.words.language,
        "title": view.title,
        "description": view.description,
        "definitions": [_formula(definition) for definition in view.definitions],
        "status": view.status,
        "verified": view.verified,
        "result": {**_formula(view.result), "matrix": view.matrix_text},
        "steps": [_step(step) for step in view.steps],
        "example": [line.text for line in view.example],
        "cases": _step(view.cases) if view.cases else None,
    }


def _formula(formula: Formula) -> dict[str, str]:
    return {"text": formula.text, "latex": formula.latex}


def _step(step: StepView) -> dict[str, Any]:
    return {
        "rule": step.rule,
        "title": step.title,
        "before": _formula(step.before),
        "after": _formula(step.after),
        "explanation": plain(step.explanation),
        "verdict": step.verdict,
        "lemma": _formula(step.lemma) if step.lemma else None,
    }
