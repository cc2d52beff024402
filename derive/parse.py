"""Text to Problem: the input language's meaning."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from sympy import Expr

from derive.errors import ParseError, ProblemError, UnsupportedError, listed
from derive.language import letters
from derive.language.assemble import Assembly
from derive.language.build import Builder
from derive.language.ranks import ranks
from derive.language.sizes import Sizes, lengths
from derive.language.statements import statements
from derive.language.syntax import (
    Statement,
    base_name,
    letters_of,
    names_in,
    names_of,
    nearest,
    subscripts,
)
from derive.language.vocabulary import Letter, Scope, Vocabulary
from derive.nodes import undistributed
from derive.problem import Problem

_TOO_DEEP = "this is too long or too deeply nested: name parts of it"


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
        letters.settle([*given, *variables, *relations])
        for variable in variables:
            _check_wrt(given, variable)
        kept = _cut(given, variables)
        relations = _relevant(relations, given, kept)
        with undistributed():
            made = Assembly(kept, variables, relations).problem()
        return replace(made, text=text, name=name, title=title)
    except RecursionError:
        raise ParseError(_TOO_DEEP) from None


def parse_expression(text: str, problem: Problem) -> Expr:
    """An expression in the names, indices and lengths of an existing problem; derivatives may be
    pending in it: diff(s[k], z[j]).

    A softmax that the problem has a name for becomes that name, any other is written out. The free
    indices are the problem's. Raises what `parse` raises.
    """
    try:
        statement = _single(text, "the expression", pending=True)
        known = {name: len(shape) for name, shape in problem.shapes.items()}
        letters.settle([statement], {str(symbol) for symbol in problem.extents} - set(known))
        _check_names(statement, known, "the expression")
        names = Vocabulary(
            ranks([statement], known=known),
            taken={*known, *(str(symbol) for symbol in problem.extents)},
            sizes=Sizes(frozenset(_all_lengths(problem))),
            shapes=dict(problem.shapes),
            definitions=list(problem.definitions),
            extend=False,
        )
        builder = Builder(names)
        free = {str(symbol): Letter(symbol, size) for symbol, size in problem.extents.items()}
        with undistributed():
            env = builder.lengths.enter(Scope(statement, free, closed=True))
            made = builder.build(statement.value, env)
            builder.lengths.settle(lengths(problem))
            return made.xreplace(names.sizes.named((), names.taken))
    except RecursionError:
        raise ParseError(_TOO_DEEP) from None


def _all_lengths(problem: Problem) -> Iterator[Expr]:
    for length in (*chain.from_iterable(problem.shapes.values()), *problem.extents.values()):
        yield length
        yield from length.free_symbols


def _single(text: str, what: str, pending: bool = False) -> Statement:
    """The only statement of a text, which must be an expression."""
    found = statements(text, pending)
    if len(found) != 1 or found[0].head:
        raise ParseError(f"{what} is one expression, not {text.strip()[:40]!r}")
    return found[0]


def _check_names(statement: Statement, known: Iterable[str], what: str) -> None:
    for name, node in names_of(statement.value):
        if name not in known:
            message = f"{what} names {name}, which is not in the problem{nearest(name, known)}"
            raise statement.error(ProblemError, f"{message}; it has {listed(known)}", node)


def _check_wrt(given: Sequence[Statement], variable: Statement) -> None:
    """wrt is one entry or scalar that the problem has."""
    node = variable.value
    letters = subscripts(node) if isinstance(node, ast.Subscript) and base_name(node) else None
    named = isinstance(node, ast.Name) and node.id != "pi"
    if not named and not (letters and all(isinstance(n, ast.Name) for n in letters)):
        raise variable.error(ProblemError, "wrt is one variable, such as z[j], W[m, l] or T", node)
    _check_names(variable, names_in(given), "wrt")
    written = [letter.id for letter in letters_of(node)]
    if len(set(written)) < len(written):
        message = "one index at two places of a variable is not supported: use different letters"
        raise variable.error(UnsupportedError, message, node)
    if given[-1].name in names_in([variable]):
        message = f"{given[-1].name} is what is differentiated: it cannot be the variable too"
        raise variable.error(ProblemError, message, node)


def _cut(given: Sequence[Statement], variables: Sequence[Statement]) -> list[Statement]:
    """The statements without the definitions of variables, and without what only those needed."""
    wanted = names_in(variables)
    needed: set[str] = set()
    idle: set[str] = set()
    kept: list[Statement] = []
    for statement in reversed(given):
        name = statement.name
        drop = name in wanted or (name in idle and name not in needed)
        (idle if drop else needed).update(used for used, _ in names_of(statement.value))
        kept += [] if drop else [statement]
    return kept[::-1]


def _relevant(
    relations: Sequence[Statement], given: Sequence[Statement], kept: Sequence[Statement]
) -> list[Statement]:
    """The assumptions about names that are still there."""
    left = names_in(kept)
    for relation in relations:
        _check_names(relation, names_in(given), "an assumption")
    return [r for r in relations if all(name in left for name in names_in([r]))]
