"""Which names are indices, where the grammar leaves it open: in comparisons, and in max and min."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from derive.errors import ProblemError
from derive.language.syntax import (
    EXTREMES,
    Statement,
    function,
    is_bound,
    letters_in,
    letters_of,
    mark,
    names_of,
    on_indices,
    parts,
    written,
)

Comparison = tuple[Statement, ast.Compare]


def settle(given: Sequence[Statement], known: Collection[str] = ()) -> None:
    """Mark the names that are about indices in some statements.

    A letter that stands in brackets somewhere, or that a sum runs over, or that is one of the
    `known` ones, is an index; what is compared with an index is an index too.

    Raises ProblemError for a comparison of an index with anything else.
    """
    letters = {n.id for s in given for n in (*s.letters, *letters_of(s.value))} | set(known)
    numbers = {name for s in given for name in _numbers(s.value)} | {s.name for s in given}
    waiting: dict[str, list[Comparison]] = {}
    for statement in given:
        for node in _comparisons(statement.value):
            for name in _compared(node):
                waiting.setdefault(name.id, []).append((statement, node))
    found = sorted(letters)
    while found:
        for statement, node in waiting.pop(found.pop(), ()):
            if on_indices(node):
                continue
            _check(statement, node, letters, numbers)
            for name in _compared(node):
                mark(name)
                found += [] if name.id in letters else [name.id]
                letters.add(name.id)
    for statement in given:
        for call in _every(statement.value):
            if isinstance(call, ast.Call) and function(call) in EXTREMES:
                _settle_extreme(call, letters)


def _settle_extreme(call: ast.Call, letters: Collection[str]) -> None:
    over = call.args[1:]
    if over and all(isinstance(n, ast.Name) and n.id in letters for n in over):
        assert isinstance(call.func, ast.Name)
        mark(call.func)


def _every(node: ast.expr) -> Iterator[ast.expr]:
    found = [node]
    while found:
        node = found.pop()
        yield node
        found += parts(node)


def _comparisons(node: ast.expr) -> Iterator[ast.Compare]:
    return (part for part in _every(node) if isinstance(part, ast.Compare))


def _compared(node: ast.Compare) -> list[ast.Name]:
    """The names that a comparison of indices would have."""
    return [name for side in (node.left, *node.comparators) for name in letters_in(side)]


def _numbers(node: ast.expr) -> Iterator[str]:
    """The names that cannot be indices: all but those that are compared or stand last in max."""
    open_ones = {id(name) for part in _comparisons(node) for name in _compared(part)}
    for part in _every(node):
        if function(part) in EXTREMES:
            open_ones |= {id(argument) for argument in parts(part)[1:]}
    return (name for name, place in names_of(node) if id(place) not in open_ones)


def _check(
    statement: Statement, node: ast.Compare, letters: Collection[str], numbers: Collection[str]
) -> None:
    """Both sides of a comparison with an index are indices."""
    for side in (node.left, *node.comparators):
        one = next(name.id for name in _compared(node) if name.id in letters)
        names = list(letters_in(side))
        if any(n.id in numbers and n.id not in letters for n in names):
            message = f"{one} is an index and {written(side)[:40]} is not: an index is compared"
            raise statement.error(ProblemError, f"{message} with an index, as in i <= t", side)
        if not is_bound(side):
            message = f"{written(side)[:40]} is no index: write i, i + 1, i + k, 2*i + k or 0"
            raise statement.error(ProblemError, message, side)
