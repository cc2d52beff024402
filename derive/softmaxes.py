"""A softmax that the user wrote out, exp(x[j])/sum(exp(x[k]), k): a name of its own for it, as the
parser gives one to the s of "softmax(x)[j]", so that a result can be told by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace

from sympy import Expr, Mul, Pow, Symbol

from derive.functions import exp
from derive.indices import canonical, free_indices, fresh, letters, substitute
from derive.matching import match
from derive.nodes import Binder, Sum, entry, index
from derive.problem import Definition, Problem
from derive.reading import Reading
from derive.text import with_sources

Extents = Mapping[Symbol, Expr]

_NAMES = "spqr"  # as the parser's


def with_softmaxes(problem: Problem, expr: Expr, reading: Reading) -> Problem:
    """The problem with a name for every softmax whose denominator stands in an expression and has
    no name yet."""
    for total, extents in _denominators(expr, problem.extents, reading):
        if not _is_named(total, problem) and free_indices(total) <= extents.keys():
            outer = sorted(free_indices(total), key=reading.rank)
            ranges = {letter: extents[letter] for letter in outer}
            problem = _naming(total, ranges, problem, letters(expr))
    return problem


def without(problem: Problem, unused: Set[str]) -> Problem:
    """The problem without some of its names."""
    kept = tuple(d for d in problem.definitions if d.name not in unused)
    shapes = {name: shape for name, shape in problem.shapes.items() if name not in unused}
    return replace(problem, definitions=kept, shapes=shapes)


def _denominators(expr: Expr, extents: Extents, reading: Reading) -> Iterator[tuple[Sum, Extents]]:
    """The sums of exponentials under a bar, as one reads, and how far the letters around run."""
    if isinstance(expr, Pow) and expr.exp.is_negative and isinstance(expr.base, Sum):
        total = expr.base
        if isinstance(total.body, exp) and total.letter in free_indices(total.body):
            yield total, extents
    if isinstance(expr, Binder):
        extents = {**extents, expr.letter: expr.extent}
    for _, part in reading.children(expr):
        yield from _denominators(part, extents, reading)


def _is_named(total: Sum, problem: Problem) -> bool:
    """Whether a definition is this sum, or divides by it."""
    for definition in problem.definitions:
        wild = frozenset(definition.indices)
        for factor in Mul.make_args(definition.body):
            if match(factor.as_base_exp()[0], total, wild, canonical) is not None:
                return True
    return False


def _naming(total: Sum, outer: Extents, problem: Problem, around: frozenset[Symbol]) -> Problem:
    """The problem with a name for the softmax that divides by a sum, unlike all letters around."""
    used = around | {index(name) for name in problem.shapes} | set(problem.extents)
    sizes = {index(str(size)) for shape in problem.shapes.values() for size in shape}
    own = index("i") if index("i") not in used else fresh(index("i"), used | sizes)
    taken = {letter.name for letter in used | sizes} | {own.name}
    names = (*_NAMES, *(f"s{k}" for k in range(1, len(taken) + 2)))
    name = next(name for name in names if name not in taken)
    numerator = substitute(total.body, {total.letter: own})
    head, shape = entry(name, *outer, own), (*outer.values(), total.extent)
    made = Definition(head, numerator / total, "softmax", given=False, shape=shape)
    definitions = (*problem.definitions, made)
    return with_sources(
        replace(problem, definitions=definitions, shapes={**problem.shapes, name: shape})
    )
