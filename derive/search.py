"""Simplification: a best-first search for the shortest line."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr

from derive.context import Context
from derive.indices import canonical
from derive.nodes import Path, replace_at
from derive.reading import length
from derive.steps import Rewrite, Rule

# How many lines are looked at in all, and in a row without finding a shorter one.
MAX_LINES = 400
PATIENCE = 16


@dataclass(frozen=True)
class Move:
    """A rule used at a place."""

    rule: Rule
    path: Path
    rewrite: Rewrite


@dataclass(frozen=True)
class _Line:
    """An expression that was reached, and how."""

    expr: Expr
    before: _Line | None = None
    move: Move | None = None
    depth: int = 0

    def moves(self) -> list[Move]:
        if self.before is None or self.move is None:
            return []
        return [*self.before.moves(), self.move]


def shortest(expr: Expr, rules: tuple[Rule, ...], context: Context) -> list[Move]:
    """The moves that lead to the shortest line found; none where the line is as short as any."""
    best = start = _Line(expr)
    best_length = length(expr)
    waiting: list[tuple[float, int, int, _Line]] = [(best_length, 0, 0, start)]
    seen = {canonical(expr)}
    idle = count = 0
    while waiting and idle < PATIENCE and count < MAX_LINES:
        _, _, _, line = heapq.heappop(waiting)
        idle += 1
        for move in _moves(line.expr, rules, context):
            after = replace_at(line.expr, move.path, move.rewrite.after)
            key = canonical(after)
            if key in seen:
                continue
            seen.add(key)
            count += 1
            new = _Line(after, line, move, line.depth + 1)
            size = length(after)
            heapq.heappush(waiting, (size, new.depth, count, new))
            if size < best_length:
                best, best_length, idle = new, size, 0
    return best.moves()


def _moves(expr: Expr, rules: tuple[Rule, ...], context: Context) -> Iterator[Move]:
    for path, node in _places(expr, (), context):
        for rule in rules:
            if isinstance(node, rule.on) and (rewrite := rule.rewrite(node, context)):
                yield Move(rule, path, rewrite)


def _places(expr: Expr, path: Path, context: Context) -> Iterator[tuple[Path, Expr]]:
    yield path, expr
    for place, part in context.reading.children(expr):
        yield from _places(part, (*path, place), context)
