"""Objectives for gradient boosting: gradient and Hessian by the raw score of every sample."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Expr

from derive.emit.module import apart, argument_names
from derive.emit.pieces import code
from derive.emit.selftest import self_test
from derive.errors import UnsupportedError
from derive.nodes import indices_of, name_of
from derive.problem import Problem

_LABELS = ("y", "t")
# What the objective calls its own arguments and results, and what it calls.
_OWN = frozenset({"preds", "data", "score", "label", "found", "weight"})
_TAKEN = _OWN | {"derivative", "vjp", "hessian"}


def booster_module(
    library: str, problem: Problem, result: Expr, second: tuple[Problem, Expr] | None
) -> dict[str, Any]:
    """What the template of an objective is filled with.

    The loss is that of one sample. The variable it is differentiated by is the raw score, a number
    or a vector with an entry for each class; the label is called y or t. A label with an entry for
    each class is 1 at the true class. Where there is no label, the target's own axis is the true
    class. All other variables are parameters.

    Raises:
        UnsupportedError: the problem is no such loss.
    """
    if len(problem.wrt) != 1 or second is None:
        raise UnsupportedError(f"{library} takes a loss by its raw score: differentiate once")
    score = problem.wrt[0]
    classes = indices_of(score)
    if len(classes) > 1 or classes != problem.wrt_axes:
        raise UnsupportedError(
            f"{library} takes the loss of one sample, by a raw score that is a number or a vector "
            f"with an entry for each class, not by {score}"
        )
    label = _label(library, problem)
    kind = "derivative" if label else "vjp"
    made = [code(problem, problem.target, "value"), code(problem, result, kind)]
    hessian = replace(code(*second, kind), name="hessian")
    names = argument_names(problem, kind)
    own = name_of(score)
    spelled = apart((names[v] for v in problem.variables), _TAKEN)
    inside = {v: spelled[names[v]] for v in problem.variables}
    given = {names[v]: inside[v] for v in problem.variables} | {names[own]: "score"}
    given[names[label] if label else "g"] = "label"
    return {
        "library": library,
        "functions": made,
        "hessian": hessian,
        "gradient": kind,
        "helpers": frozenset[str]().union(*(f.helpers for f in (*made, hessian))),
        "test": self_test(problem, {kind: (kind, problem), "hessian": (kind, second[0])}),
        "classes": bool(classes),
        "one_hot": not label or bool(problem.shapes[label]),
        "parameters": [inside[v] for v in problem.variables if v not in (own, label)],
        "given": ", ".join(f"{name}={value}" for name, value in given.items()),
    }


def _label(library: str, problem: Problem) -> str:
    """The label's name, or "" where the target's own axis is the true class."""
    axes = [problem.extents[letter] for letter in problem.axes]
    classes = [problem.extents[letter] for letter in problem.wrt_axes]
    others = set(problem.variables) - {name_of(problem.wrt[0])}
    found = [name for name in _LABELS if name in others]
    if not axes and len(found) == 1:
        if list(problem.shapes[found[0]]) in ([], classes):
            return found[0]
        raise UnsupportedError(
            f"{library}: the label {found[0]} has to be a number, or have an entry for each class"
        )
    if axes and axes == classes and not found:
        return ""
    raise UnsupportedError(
        f"{library} takes a loss that is one number, with a label that is called y or t"
    )
