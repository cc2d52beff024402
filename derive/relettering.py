"""The reader's letters for indices that nobody wrote: the i of s[i] where the text says s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sympy import Symbol

from derive.indices import letters
from derive.nodes import index, indices_of, undistributed
from derive.problem import Definition, Problem
from derive.text import with_sources


def relettered(problem: Problem, notation: Mapping[str, str]) -> Problem:
    """The same problem with the indices that the parser chose called as others of that name are.

    A letter stays where the new one already means something else.
    """
    new = {index(old): index(letter) for old, letter in notation.items()}
    with undistributed():
        definitions = tuple(_relettered(definition, new) for definition in problem.definitions)
        asked = {letter for variable in problem.wrt for letter in indices_of(variable)}
        taken = letters(problem.target) | set(problem.axes) | asked
        free = {old: letter for old, letter in new.items() if letter not in taken}
        axes = {old: letter for old, letter in free.items() if old not in asked}
        made = replace(
            problem,
            target=problem.target.xreplace(axes),
            axes=tuple(axes.get(axis, axis) for axis in problem.axes),
            extents={axes.get(axis, axis): extent for axis, extent in problem.extents.items()},
            definitions=definitions,
        )
        return with_sources(made)


def _relettered(definition: Definition, new: Mapping[Symbol, Symbol]) -> Definition:
    taken = letters(definition.body) | set(definition.indices)
    free = {old: letter for old, letter in new.items() if letter not in taken}
    head, body = definition.head.xreplace(free), definition.body.xreplace(free)
    return replace(definition, head=head, body=body)
