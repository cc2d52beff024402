"""Simplification: a best-first search for the shortest line, then the shortest way there."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from sympy import Expr

from derive.context import Context
from derive.length import length
from derive.nodes import Binder, Path, replace_at
from derive.steps import Rewrite, Rule

# How many lines are looked at in all, and in a row without finding a shorter one.
MAX_LINES = 400
PATIENCE = 12


@dataclass(frozen=True)
class Move:
    """A rule used at a place."""

    rule: Rule
    path: Path
    rewrite: Rewrite


@dataclass
class _Map:
    """The lines found so far, one for each canonical form, and the moves between them."""

    context: Context
    lines: dict[Expr, Expr] = field(default_factory=dict)
    moves: dict[Expr, list[tuple[Move, Expr]]] = field(default_factory=dict)

    def add(self, source: Expr, move: Move) -> Expr | None:
        """Enter the line a move leads to; its form if it is new."""
        line = replace_at(self.lines[source], move.path, move.rewrite.after)
        form = _form(line, self.context)
        new = form not in self.lines
        if new:
            self.lines[form] = line
        if self.lines[form] == line:  # else a later move's path would not fit
            self.moves.setdefault(source, []).append((move, form))
        return form if new else None


def _form(line: Expr, context: Context) -> Expr:
    """What a line is known by: its canonical form, unless sums cancel there that have different
    letters in the line and are still to be joined."""
    form = context.canonical(line)
    sums = line.atoms(Binder)
    if len(set(map(context.canonical, sums))) < len(sums) and length(form) < length(line):
        return line
    return form


def shortest(expr: Expr, rules: tuple[Rule, ...], context: Context) -> list[Move]:
    """The moves that lead to the shortest line found; none where the line is as short as any."""
    start = _form(expr, context)
    found = _Map(context, {start: expr})
    eager = tuple(rule for rule in rules if rule.eager)
    best = _settled(found, start, eager) or start
    shortest_yet = length(best)
    waiting = [(shortest_yet, 0, best)]
    idle = 0
    while waiting and idle < PATIENCE and len(found.lines) < MAX_LINES:
        _, _, source = heapq.heappop(waiting)
        idle += 1
        for move in _uses(found.lines[source], rules, context):
            reached = found.add(source, move)
            form = _settled(found, reached, eager) if reached else None
            if form is None:
                continue
            size = length(form)
            heapq.heappush(waiting, (size, len(found.lines), form))
            if size < shortest_yet:
                best, shortest_yet, idle = form, size, 0
    return _way(found, start, best)


def _settled(found: _Map, form: Expr, eager: tuple[Rule, ...]) -> Expr | None:
    """The line that eager rules make of one, each used as soon as it applies; None if that line
    was found before."""
    while (move := next(_uses(found.lines[form], eager, found.context), None)) is not None:
        after = found.add(form, move)
        if after is None:
            return None
        form = after
    return form


def _way(found: _Map, start: Expr, goal: Expr) -> list[Move]:
    """The way with the fewest moves from one line to another; of several, the shortest to read."""
    order = 0
    waiting: list[tuple[int, float, int, Expr, list[Move]]] = [(0, 0.0, 0, start, [])]
    done: set[Expr] = set()
    while waiting:
        steps, letters, _, source, way = heapq.heappop(waiting)
        if source == goal:
            return way
        if source in done:
            continue
        done.add(source)
        for move, form in found.moves.get(source, []):
            order += 1
            entry = (steps + 1, letters + length(form), order, form, [*way, move])
            heapq.heappush(waiting, entry)
    raise AssertionError("the goal was found by moves from the start")


def _uses(expr: Expr, rules: tuple[Rule, ...], context: Context) -> Iterator[Move]:
    """Every rule at every place, as one reads."""
    for path, node in _places(expr, (), context):
        for rule in rules:
            if isinstance(node, rule.on) and (rewrite := rule.rewrite(node, context)):
                yield Move(rule, path, rewrite)


def _places(expr: Expr, path: Path, context: Context) -> Iterator[tuple[Path, Expr]]:
    yield path, expr
    for place, part in context.reading.children(expr):
        yield from _places(part, (*path, place), context)
