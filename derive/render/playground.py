"""A worked example whose numbers a reader may change, as plain data for the web page.

The values of all lines are worked out in the page, from the same expressions that are shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Indexed, Symbol
from sympy.core.relational import Eq, Ge, Gt, Relational

from derive.indices import free_indices, has_shifts
from derive.nodes import name_of
from derive.problem import Problem
from derive.render.javascript import Unwritable, Writer
from derive.render.names import name, subscript, symbol
from derive.render.page import Formula
from derive.render.tree import Node, Number, Script, separated
from derive.steps import Chain

# More numbers than this are no longer an example to play with.
_MOST_INPUTS = 64
_MOST_RESULTS = 256


class Worked(Protocol):
    """What `derive.worked` finds: the numbers given, what comes out, and how many values each index
    takes."""

    @property
    def result(self) -> NDArray[np.float64]: ...
    @property
    def inputs(self) -> Mapping[str, NDArray[np.float64]]: ...
    @property
    def sizes(self) -> Mapping[Symbol, int]: ...


@dataclass(frozen=True)
class Entry:
    """A number to change.

    Attributes:
        label: z₁.
        place: where it stands, from 1; () for a scalar.
        value: to begin with.
    """

    label: Formula
    place: tuple[int, ...]
    value: float

    @property
    def text(self) -> str:
        return f"{self.value:.15g}"


@dataclass(frozen=True)
class Input:
    """A variable and its entries."""

    name: str
    label: Formula
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Named:
    """A defined name, and how long its axes are."""

    name: str
    label: Formula
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Letter:
    """An index of the result, and its values as they are printed; the first one is place 1, and
    `chosen` the one to begin with."""

    label: Formula
    values: tuple[int, ...]
    chosen: int


@dataclass(frozen=True)
class Playground:
    """An example to play with.

    Attributes:
        source: a JavaScript function for `numbersOf` in `templates/numbers.js`.
        inputs, names, letters: what is shown, in the order of the problem.
    """

    source: str
    inputs: tuple[Input, ...]
    names: tuple[Named, ...]
    letters: tuple[Letter, ...]


def playground(chain: Chain, worked: Worked) -> Playground | None:
    """The example of a derivation; None where there is none to play with: numbers for some of the
    variables are missing, there are too many, or an expression has no form in JavaScript.

    Args:
        chain: the derivation, at the level that is shown.
        worked: the example, as `derive.worked` finds it.
    """
    problem = chain.problem
    letters = (*problem.axes, *problem.wrt_axes)
    writer = Writer(worked.sizes)
    if not set(problem.variables) <= set(worked.inputs) or _unknown(problem, worked):
        return None
    lengths = [writer.length(problem.extents[letter]) for letter in letters]
    numbers = sum(value.size for value in worked.inputs.values())
    if numbers > _MOST_INPUTS or prod(lengths) > _MOST_RESULTS:
        return None
    try:
        source = _source(chain, writer, letters, worked)
    except Unwritable:
        return None
    bodies = (problem.target, *(d.body for d in problem.definitions))
    first = 0 if any(map(has_shifts, bodies)) else 1
    return Playground(
        source,
        inputs=tuple(_input(n, worked.inputs[n], first) for n in problem.variables),
        names=tuple(
            Named(d.name, _label(d.name), tuple(map(writer.length, problem.shapes[d.name])))
            for d in problem.definitions
        ),
        letters=tuple(
            Letter(_label(str(letter)), tuple(range(first, first + length)), place)
            for letter, length, place in zip(letters, lengths, _chosen(worked.result), strict=True)
        ),
    )


def _chosen(result: NDArray[np.float64]) -> tuple[int, ...]:
    """An entry of the result to begin with, from 1: the indices differ where they can, unless there
    is a 0, which tells little; then the largest entry."""
    place = tuple(min(length - 1, axis) for axis, length in enumerate(result.shape))
    if not result[place]:
        place = tuple(map(int, np.unravel_index(np.argmax(np.abs(result)), result.shape)))
    return tuple(at + 1 for at in place)


def _unknown(problem: Problem, worked: Worked) -> bool:
    """Whether the numbers leave some length open."""
    spans = (*problem.extents.values(), *(s for shape in problem.shapes.values() for s in shape))
    return any(size not in worked.sizes for span in spans for size in span.free_symbols)


def _source(chain: Chain, writer: Writer, letters: tuple[Symbol, ...], worked: Worked) -> str:
    problem = chain.problem
    inputs = {name: worked.inputs[name].tolist() for name in problem.variables}
    names = [
        f"{json.dumps(d.name)}: {writer.function(d.indices, d.body)}" for d in problem.definitions
    ]
    lines = [
        writer.function(letters, line) for line in (chain.start, *(s.after for s in chain.steps))
    ]
    facts = [_fact(fact, problem, writer) for fact in problem.assumptions]
    parts = [
        f"inputs: {json.dumps(inputs)},",
        f"names: {{{_listed(names)}}},",
        f"lines: [{_listed(lines)}],",
        f"facts: [{_listed(facts)}],",
    ]
    return "\n".join(["(n) => ({", *parts, "})"])


def _listed(parts: Iterable[str]) -> str:
    return "".join(f"\n  {part}," for part in parts)


def _fact(fact: Relational, problem: Problem, writer: Writer) -> str:
    """How far an assumption is from holding, at the worst of its entries; 0 or less: it holds."""
    low, high = (fact.rhs, fact.lhs) if isinstance(fact, Gt | Ge) else (fact.lhs, fact.rhs)
    apart = f"({writer.write(low)} - {writer.write(high)})"
    body = f"Math.abs{apart}" if isinstance(fact, Eq) else apart
    for letter in free_indices(fact):
        body = writer.worst(letter, _span(letter, fact, problem), body)
    return f"() => {body}"


def _span(letter: Symbol, fact: Relational, problem: Problem) -> Expr:
    """How many values an index takes, by the first name that it stands at."""
    return next(
        size
        for head in sorted(fact.atoms(Indexed), key=str)
        for index, size in zip(head.indices, problem.shapes[name_of(head)], strict=True)
        if index == letter
    )


def _input(variable: str, value: NDArray[np.float64], first: int) -> Input:
    entries = tuple(
        Entry(_entry_label(variable, place, first), tuple(at + 1 for at in place), float(number))
        for place, number in np.ndenumerate(value)
    )
    return Input(variable, _label(variable), entries)


def _entry_label(variable: str, place: tuple[int, ...], first: int) -> Formula:
    """z₁, or W₁,₂."""
    base, below = name(variable)
    marks: list[Node] = [subscript(below)] if below else []
    marks += [Number(str(at + first)) for at in place]
    sub = separated(marks, ",") if marks else None
    text = ",".join(str(at + first) for at in place)
    return Formula(Script(base, sub=sub), f"{variable}[{text}]" if place else variable)


def _label(text: str) -> Formula:
    return Formula(symbol(text), text)
