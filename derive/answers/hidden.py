"""Names that nobody chose: the s of "softmax(z)[i]". An author may give them another meaning."""

from __future__ import annotations

import re
from dataclasses import replace

from sympy import Expr

from derive.nodes import entry, indices_of, is_head, name_of, scalar
from derive.problem import Definition, Problem

_HEAD = r"(\[[^\]\n=]*\]|_\{?[^=\n]*?\}?)?"


def freed(problem: Problem, text: str) -> Problem:
    """The problem with other names for those of its own choice that a text defines."""
    for definition in problem.definitions:
        own = rf"(?m)^[^\w\n]*{re.escape(definition.name)}{_HEAD}\s*&?="
        if not definition.given and re.search(own, text):
            problem = _renamed(problem, definition.name, _new(definition.name, problem))
    return problem


def _new(name: str, problem: Problem) -> str:
    taken = {*problem.shapes, *map(str, problem.extents)}
    # No underscore and no digit: the reader would take these for an index below.
    return next(
        new for n in range(len(taken) + 1) if (new := "hidden" + n * "n" + name) not in taken
    )


def _renamed(problem: Problem, old: str, new: str) -> Problem:
    def turned(expr: Expr) -> Expr:
        return expr.replace(lambda node: _is(node, old), lambda node: _head(node, new))

    def defined(definition: Definition) -> Definition:
        return replace(definition, head=turned(definition.head), body=turned(definition.body))

    return replace(
        problem,
        target=turned(problem.target),
        definitions=tuple(map(defined, problem.definitions)),
        shapes={new if name == old else name: shape for name, shape in problem.shapes.items()},
    )


def _is(node: Expr, name: str) -> bool:
    return is_head(node) and name_of(node) == name


def _head(node: Expr, name: str) -> Expr:
    places = indices_of(node)
    return entry(name, *places) if places else scalar(name)
