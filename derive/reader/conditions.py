"""Conditions, indicators and what is told case by case."""

from __future__ import annotations

from functools import partial
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


def condition(m: Meaning, node: Node) -> Value:
    """A condition of the input language; of arrays, one for every entry."""
    node = bare(node)
    if isinstance(node, Bracket) and len(node.items) == 1:
        return condition(m, node.items[0])
    if isinstance(node, Logic):
        parts = [condition(m, part) for part in node.parts]
        return m.arrays.mapped(partial(_joined, node.word, node.place), parts, node.place)
    if not isinstance(node, Chain):
        raise m.error("a condition is wanted here, such as i = j or x > 0", node)
    return _comparison(m, node)


def single(m: Meaning, node: Node) -> Text:
    """A condition on indices or numbers."""
    found = condition(m, node)
    if not found.is_number:
        raise m.error("a condition on numbers is wanted here", node)
    return found.number


def _joined(word: str, place: int, *parts: Text) -> Text:
    """a and b, a or b, not a."""
    first, *rest = (part.within(Bind.POWER) for part in parts)
    if word == "not":
        return glued(place, "not ", first, bind=Bind.SUM)
    for part in rest:
        first = glued(place, first, f" {word} ", part, bind=Bind.SUM)
    return first


def _comparison(m: Meaning, node: Chain) -> Value:
    sides = (node.first, *(side for _, side in node.rest))
    relations = tuple(relation for relation, _ in node.rest)
    if "in" in relations:
        raise m.error("membership in a set cannot be read", node)
    if any(_is_index(m, side) for side in sides):
        values = [number(indexing.place(m, side), side.place) for side in sides]
    else:
        values = [m.value(side) for side in sides]
    return m.arrays.mapped(partial(_compared, relations, node.place), values, node.place)


def _compared(relations: tuple[str, ...], place: int, *sides: Text) -> Text:
    found, *rest = sides
    for relation, side in zip(relations, rest, strict=True):
        found = glued(place, found, f" {relation} ", side, bind=Bind.SUM)
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
    return m.arrays.mapped(
        lambda holds: called("where", place, holds, one, zero), [condition(m, node)], place
    )


def chosen(m: Meaning, holds: Value, yes: Value, no: Value, place: int) -> Value:
    """One or the other, by a condition."""
    return m.arrays.mapped(partial(called, "where", place), [holds, yes, no], place)


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
        found = chosen(m, condition(m, when), m.value(branch), found, node.place)
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
