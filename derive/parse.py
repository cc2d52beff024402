"""Text to Problem: the input language's meaning."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from sympy import Expr, Symbol
from sympy.core.relational import Relational

from derive.build import OWN_LETTERS, Builder, Env, Letter, Scope, planned_names
from derive.errors import DeriveError, ParseError, ProblemError, UnsupportedError
from derive.indices import free_indices, letters, substitute
from derive.nodes import entry, index, indices_of, is_size, scalar, undistributed
from derive.problem import Definition, Problem
from derive.scope import Sizes, ranks
from derive.syntax import (
    Statement,
    function,
    letters_of,
    names_of,
    nearest,
    statements,
    subscripts,
)


def parse(
    text: str,
    wrt: Sequence[str] = (),
    assume: Sequence[str] = (),
    name: str = "",
    title: str = "",
) -> Problem:
    """The problem a text states.

    Args:
        text: statements; the last one is the target.
        wrt: what to differentiate by, one after the other: `z[j]`, `T`. A defined name becomes a
            variable: its definition, and what only that needed, is left out.
        assume: relations such as `sum(y[k], k) == 1`.
        name, title: passed on to the problem.

    Raises:
        ParseError, ProblemError: the input is wrong; they carry line and column.
        UnsupportedError: a form whose calculus is not there yet.
    """
    try:
        given = statements(text)
        if not given:
            raise ParseError("there is nothing here: an expression is wanted")
        variables = [_single(part, "wrt") for part in wrt]
        relations = [_single(part, "an assumption") for part in assume]
        kept = _cut(given, variables)
        relations = _relevant(relations, given, kept)
        with undistributed():
            return replace(
                _Assembly(kept, variables, relations).problem(), text=text, name=name, title=title
            )
    except RecursionError:
        raise ParseError("this is too long or too deeply nested: name parts of it") from None


def parse_expression(text: str, problem: Problem) -> Expr:
    """An expression in the names, indices and lengths of an existing problem.

    A softmax that the problem has a name for becomes that name, any other is written out. The free
    indices are the problem's. Raises what `parse` raises.
    """
    try:
        statement = _single(text, "the expression")
        known = {name: len(shape) for name, shape in problem.shapes.items()}
        found = _merge(ranks([statement], [], []), known, statement)
        lengths = frozenset(
            length for shape in problem.shapes.values() for length in shape
        ) | frozenset(problem.extents.values())
        builder = Builder(
            found,
            taken=set(known) | {length.name for length in lengths},
            sizes=Sizes(frozenset(s for s in lengths if is_size(s))),
            shapes=dict(problem.shapes),
            definitions=list(problem.definitions),
            extend=False,
        )
        free = {str(symbol): Letter(symbol, size) for symbol, size in problem.extents.items()}
        with undistributed():
            made = builder.build(
                statement.value, builder.enter(Scope(statement, free, closed=True))
            )
            builder.settle_sizes(_lengths(problem))
            return made.xreplace(builder.sizes.named((), builder.taken))
    except RecursionError:
        raise ParseError("this is too long or too deeply nested") from None
