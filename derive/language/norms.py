"""Sums of squares under a root, as the norm of a whole vector: sqrt(sum(x[k]**2, k)) is norm(x)."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Expr, Indexed, Mul, Pow, Symbol

from derive.functions import Elementary, Maximum, Minimum
from derive.indices import free_indices
from derive.nodes import Sum, children, indices_of, is_scalar, is_size, name_of
from derive.problem import Problem

_ENTRY_BY_ENTRY = (Add, Mul, Pow, Elementary, Maximum, Minimum)


def norm_of(total: Expr, problem: Problem, ranked: bool) -> Expr | None:
    """The entry of the vector whose norm the root of a sum is, where the language can say so.

    Args:
        total: what stands under the root; its letter is the entry's.
        ranked: whether a reader knows how many indices each name has. Otherwise an argument with
            two names would not tell which of them is a vector.
    """
    if not (isinstance(total, Sum) and isinstance(total.body, Pow) and total.body.exp == 2):
        return None
    found, letter = total.body.base, total.letter
    if not _is_elementwise(found, letter, problem) or not total.extent.is_Symbol:
        return None
    if not ranked and len(set(_bare(found, letter))) > 1:
        return None
    return None if total.extent in set(_lengths(problem)) else found


def _is_elementwise(expr: Expr, letter: Symbol, problem: Problem) -> bool:
    """Whether a letter stands only for the entry of vectors, each entry by itself."""
    if letter not in free_indices(expr):
        return True
    if isinstance(expr, Indexed):
        places = indices_of(expr)
        definition = problem.definition(expr)
        own = definition is not None and bool(definition.source) and not definition.given
        plain = [place for place in places if letter in place.free_symbols] == [letter]
        return plain and (not own or places[-1] == letter)
    inside = isinstance(expr, _ENTRY_BY_ENTRY)
    return inside and all(_is_elementwise(part, letter, problem) for part in expr.args)


def _bare(expr: Expr, letter: Symbol) -> Iterator[str]:
    """The names that stand without brackets where a vector is written as a whole."""
    if is_scalar(expr) or (isinstance(expr, Indexed) and indices_of(expr) == (letter,)):
        yield name_of(expr)
    for part in children(expr):
        yield from _bare(part, letter)


def _lengths(problem: Problem) -> Iterator[Symbol]:
    """The lengths that stand as numbers: written size(k), they need a letter that runs so far."""
    pending = [problem.target, *(definition.body for definition in problem.definitions)]
    while pending:
        expr = pending.pop()
        if is_size(expr):
            yield expr
        pending += children(expr)
