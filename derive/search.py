"""Simplification: a best-first search for the shortest line, then the shortest way there."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from sympy import Add, Expr, Mul

from derive.context import Context
from derive.nodes import Binder, Path, Sum, at, replace_at
from derive.steps import Rewrite, Rule

# How many lines are looked at in all, and in a row without finding a shorter one.
MAX_LINES = 400
PATIENCE = 12
# How many letters they may have, together, and times those of the line to begin with. What people
# write takes a fifth of that.
MAX_LETTERS = 12_000
TIMES_AS_LONG = 5
# Between what lengths of a line its parts are worth a search of their own: in a shorter one the
# search of the whole finds all, and a longer one has too many.
LONG, TOO_LONG = 30, 200

Use = tuple[Rule, Rewrite]
Uses = dict[Expr, tuple[Use, ...]]


@dataclass(frozen=True)
class Move:
    """A rule used at a place."""

    rule: Rule
    path: Path
    rewrite: Rewrite


@dataclass
class _Map:
    """The lines found so far, one for each canonical form, and the moves between them.

    What rules make of a node does not depend on where it stands, and two lines differ in few
    nodes: so that is kept for every node met.
    """

    context: Context
    rules: tuple[Rule, ...]
    lines: dict[Expr, Expr] = field(default_factory=dict)
    moves: dict[Expr, list[tuple[Move, Expr]]] = field(default_factory=dict)
    letters: float = 0.0
    _uses: Uses = field(default_factory=dict)
    _eager: dict[Expr, Move | None] = field(default_factory=dict)

    def uses(self, expr: Expr, path: Path = ()) -> Iterator[Move]:
        """Every rule at every place, as one reads."""
        if expr not in self._uses:
            self._uses[expr] = tuple(self._used_on(expr, self.rules))
        for rule, rewrite in self._uses[expr]:
            yield Move(rule, path, rewrite)
        for place, part in self.context.reading.children(expr):
            yield from self.uses(part, (*path, place))

    def eager(self, expr: Expr) -> Move | None:
        """The first of the eager rules at the first place where one applies."""
        if expr not in self._eager:
            self._eager[expr] = self._first_eager(expr)
        return self._eager[expr]

    def _first_eager(self, expr: Expr) -> Move | None:
        for rule, rewrite in self._used_on(expr, self._eager_rules):
            return Move(rule, (), rewrite)
        for place, part in self.context.reading.children(expr):
            if (move := self.eager(part)) is not None:
                return replace(move, path=(place, *move.path))
        return None

    def _used_on(self, node: Expr, rules: tuple[Rule, ...]) -> Iterator[Use]:
        for rule in rules:
            if isinstance(node, rule.on) and (rewrite := rule.rewrite(node, self.context)):
                yield rule, rewrite

    @cached_property
    def _eager_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.eager)

    def add(self, source: Expr, move: Move) -> Expr | None:
        """Enter the line a move leads to; its form if it is new."""
        line = replace_at(self.lines[source], move.path, move.rewrite.after)
        form = _form(line, self.context)
        new = form not in self.lines
        if new:
            self.lines[form] = line
            self.letters += self.context.reading.length(form)
        if self.lines[form] == line:  # else a later move's path would not fit
            self.moves.setdefault(source, []).append((move, form))
        return form if new else None


def _form(line: Expr, context: Context) -> Expr:
    """What a line is known by: its canonical form, unless sums cancel there that have different
    letters in the line and are still to be joined."""
    form = context.canonical(line)
    sums = line.atoms(Binder)
    length = context.reading.length
    if len(set(map(context.canonical, sums))) < len(sums) and length(form) < length(line):
        return line
    return form


def simplified(expr: Expr, rules: tuple[Rule, ...], context: Context) -> list[Move]:
    """The moves that lead to the shortest line found: of the whole line, and of a long one's parts,
    each by itself, as what could be done elsewhere leaves no patience for it in the whole."""
    uses: Uses = {}
    moves: list[Move] = []
    found = shortest(expr, rules, context, uses)
    while True:
        moves += found
        expr = _after(expr, found)
        if not LONG <= context.reading.length(expr) <= TOO_LONG:
            return moves
        found = _of_parts(expr, rules, context, uses)
        if not found:
            return moves
        found += shortest(_after(expr, found), rules, context, uses)


def _after(line: Expr, moves: list[Move]) -> Expr:
    for move in moves:
        line = replace_at(line, move.path, move.rewrite.after)
    return line


def _of_parts(line: Expr, rules: tuple[Rule, ...], context: Context, uses: Uses) -> list[Move]:
    """The moves that make one of a line's parts shorter, and the line; none where no part is."""
    length = context.reading.length
    for path, part in _parts(line, (), context):
        moves = _inside(line, path, shortest(part, rules, context, uses))
        if moves and length(_after(line, moves)) < length(line):
            return moves
    return []


def _inside(line: Expr, path: Path, moves: list[Move]) -> list[Move]:
    """The moves of a part as moves of the line. One of a part that was merged with what stands
    around it is a move of that whole sum or product."""
    part, above = at(line, path), path[:-1]
    around = at(line, above)

    def filled(new: Expr) -> Expr:
        return around.func(*(*around.args[: path[-1]], new, *around.args[path[-1] + 1 :]))

    found: list[Move] = []
    for move in moves:
        after = _after(part, [move])
        if _stands(part, line, path):
            found.append(replace(move, path=(*path, *move.path)))
        elif _stands(filled(part), line, above):
            rewrite = replace(move.rewrite, after=filled(after), loose=None)
            found.append(Move(move.rule, above, rewrite))
        else:
            break
        line, part = _after(line, found[-1:]), after
    return found


def _stands(part: Expr, line: Expr, path: Path) -> bool:
    for place in path:
        if place >= len(line.args):
            return False
        line = line.args[place]
    return bool(line == part)


def _parts(expr: Expr, path: Path, context: Context) -> Iterator[tuple[Path, Expr]]:
    """What stands inside a line and is made of more than one thing, from the outside in."""
    for place, part in context.reading.children(expr):
        if isinstance(part, Add | Mul | Sum):
            yield (*path, place), part
        yield from _parts(part, (*path, place), context)


def shortest(expr: Expr, rules: tuple[Rule, ...], context: Context, uses: Uses) -> list[Move]:
    """The moves that lead to the shortest line found; none where the line is as short as any.

    The work is bounded by a count of lines and letters: what is the shortest when that is used up
    is the answer.
    """
    length = context.reading.length
    start = _form(expr, context)
    found = _Map(context, rules, {start: expr}, _uses=uses)
    settled = _settled(found, start)
    best = start if settled is None else settled
    shortest_yet = length(best)
    enough = found.letters + MAX_LETTERS + TIMES_AS_LONG * shortest_yet
    waiting = [(shortest_yet, 0, best)]
    idle = 0
    while waiting and idle < PATIENCE:
        _, _, source = heapq.heappop(waiting)
        idle += 1
        for move in found.uses(found.lines[source]):
            if len(found.lines) >= MAX_LINES or found.letters >= enough:
                return _way(found, start, best)
            reached = found.add(source, move)
            form = None if reached is None else _settled(found, reached)
            if form is None:
                continue
            size = length(form)
            heapq.heappush(waiting, (size, len(found.lines), form))
            if size < shortest_yet:
                best, shortest_yet, idle = form, size, 0
    return _way(found, start, best)


def _settled(found: _Map, form: Expr) -> Expr | None:
    """The line that eager rules make of one, each used as soon as it applies; None if that line
    was found before."""
    while (move := found.eager(found.lines[form])) is not None:
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
            far = letters + found.context.reading.length(form)
            heapq.heappush(waiting, (steps + 1, far, order, form, [*way, move]))
    raise AssertionError("the goal was found by moves from the start")
