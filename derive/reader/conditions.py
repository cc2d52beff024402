"""Conditions, indicators and what is told case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.reader import indexing
from derive.reader.pieces import Bind, Text, called, glued, piece
from derive.reader.syntax import Bracket, Cases, Chain, Logic, Node, bare
from derive.reader.values import Value, number

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_HOLDS = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "==": "=", "!=": "<>"}
"""On which side of each other two numbers are where a comparison holds."""


def is_condition(node: Node) -> bool:
    node = bare(node)
    if isinstance(node, Bracket) and len(node.items) == 1:
        return is_condition(node.items[0])
    return isinstance(node, Chain | Logic)


def condition(m: Meaning, node: Node) -> Text:
    """A condition of the input language."""
    node = bare(node)
    if isinstance(node, Bracket) and len(node.items) == 1:
        return condition(m, node.items[0])
    if isinstance(node, Logic):
        parts = [condition(m, part).within(Bind.POWER) for part in node.parts]
        if node.word == "not":
            return glued(node.place, "not ", parts[0], bind=Bind.SUM)
        found = parts[0]
        for part in parts[1:]:
            found = glued(node.place, found, f" {node.word} ", part, bind=Bind.SUM)
        return found
    if not isinstance(node, Chain):
        raise m.error("a condition is wanted here, such as i = j or x > 0", node)
    return _comparison(m, node)


def _comparison(m: Meaning, node: Chain) -> Text:
    of_indices = any(_is_index(m, side) for side in (node.first, *(s for _, s in node.rest)))

    def text(side: Node) -> Text:
        return indexing.place(m, side) if of_indices else m.scalar(side).number

    found = text(node.first)
    for relation, side in node.rest:
        if relation == "in":
            raise m.error("membership in a set cannot be read", side)
        found = glued(side.place, found, f" {relation} ", text(side), bind=Bind.SUM)
    return found


def _is_index(m: Meaning, node: Node) -> bool:
    letters = [indexing.letter(part) for part in indexing.sides(node)]
    mine = [n for n in letters if n and m.known.length(n) not in m.known.lengths]
    return bool(mine) and all(m.is_letter(n) or n not in m.known.shapes for n in mine)


def indicator(m: Meaning, node: Node, place: int) -> Value:
    """1 where a condition holds, 0 elsewhere; a delta for two indices."""
    node = bare(node)
    while isinstance(node, Bracket) and len(node.items) == 1:
        node = node.items[0]
    if isinstance(node, Chain) and len(node.rest) == 1 and node.rest[0][0] == "==":
        sides = (node.first, node.rest[0][1])
        if all(indexing.letter(side) and _is_index(m, side) for side in sides):
            return number(called("delta", place, *(indexing.place(m, s) for s in sides)), place)
    one, zero = piece("1", place), piece("0", place)
    return number(called("where", place, condition(m, node), one, zero), place)


def by_case(m: Meaning, node: Cases) -> Value:
    """where(c, a, where(d, b, ...)): the last row holds otherwise."""
    rows = list(node.rows)
    if len(rows) == 1:
        raise m.error("a single case is none: say what holds otherwise", node)
    *front, (value, last) = rows
    if last is not None and not _covers([when for _, when in rows]):
        raise m.error("these cases may leave something out: write \\text{otherwise}", last)
    if unreached := next((v for v, when in front if when is None), None):
        raise m.error("'otherwise' stands last", unreached)
    if last is not None:
        condition(m, last)
    found = m.value(value)
    for branch, when in reversed(front):
        assert when is not None
        holds = condition(m, when)
        found = m.arrays.mapped(
            lambda yes, no, holds=holds: called("where", node.place, holds, yes, no),
            [m.value(branch), found],
            node.place,
        )
    return found


def _covers(conditions: list[Node | None]) -> bool:
    """Whether comparisons of the same two sides leave nothing out."""
    found = ""
    sides: tuple[object, object] | None = None
    for node in conditions:
        node = bare(node) if node else None
        if not isinstance(node, Chain) or len(node.rest) != 1 or node.rest[0][0] not in _HOLDS:
            return False
        relation, last = node.rest[0]
        here = (_look(node.first), _look(last))
        sides = sides or here
        if here != sides:
            relation = _FLIPPED[relation]
            if here[::-1] != sides:
                return False
        found += _HOLDS[relation]
    return set(found) == set("<=>")


def _look(node: Node) -> object:
    """A tree without the places in it."""
    return _without_places(node)


def _without_places(node: object) -> object:
    if isinstance(node, tuple):
        return tuple(_without_places(part) for part in node)
    if hasattr(node, "place"):
        named = {k: v for k, v in vars(node).items() if k != "place"}
        return (type(node).__name__, *map(_without_places, named.values()))
    return node
