"""Sums, products, maxima and minima over an index, with what stands below and above the sign."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from derive.reader.grammar import Node, bare, linked, only
from derive.reader.indices import bound, index, is_letter, letter, sides, single, split
from derive.reader.texts import Bind, Pattern, Text, between, called, piece
from derive.reader.values import Value

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_NEUTRAL = {"sum": "0", "prod": "1"}


@dataclass
class _Range:
    """What a sign runs over.

    Attributes:
        lower: where a letter begins, by letter.
        conditions: what else is asked of the letters.
        upper: what stands above the sign.
    """

    letters: list[str] = field(default_factory=list)
    lower: dict[str, Node] = field(default_factory=dict)
    conditions: list[Node] = field(default_factory=list)
    upper: Node | None = None


def big(m: Meaning, node: Node) -> Value:
    """A sum as sum(body, k); what k must fulfil is told by where(...)."""
    found = _range(m, node)
    with bound(m, found.letters):
        holds = [single(m, condition) for condition in found.conditions]
        holds += _limits(m, node, found)
        body = m.value(node.others[0])
        _check_length(m, found)
    if holds and node.text not in _NEUTRAL:
        raise m.error(f"{node.text} over a part of the indices cannot be read", node)
    letters = [piece(letter, node.place) for letter in found.letters]

    def make(at: int, inside: Text) -> Text:
        if holds:
            every = holds[0]
            for part in holds[1:]:
                every = between(["and"], Bind.POWER)(part.places[0], every, part)
            inside = called("where", at, every, inside, piece(_NEUTRAL[node.text], at))
        return called(node.text, at, inside, *letters)

    return m.arrays.mapped(make, node.place, body)


def _range(m: Meaning, node: Node) -> _Range:
    below = [script for script in node.scripts if script.text == "_"]
    above = [script for script in node.scripts if script.text == "^"]
    if len(below) != 1 or len(above) > 1 or len(below) + len(above) != len(node.scripts):
        raise m.error("one index, or a range, is wanted below this sign", node)
    found = _Range()
    items = below[0].parts
    if len(items) == 1 and items[0].kind == "group":
        items = items[0].parts
    for item in items:
        _add(m, found, bare(item))
    if above:
        if len(above[0].parts) != 1 or len(found.letters) != 1:
            raise m.error("this upper limit cannot be read", above[0])
        found.upper = only(above[0])
    if not found.letters or len(set(found.letters)) < len(found.letters):
        raise m.error("different index letters are wanted below this sign", below[0])
    return found


def _add(m: Meaning, found: _Range, item: Node) -> None:
    """One of the things below a sign: k, j k, k = 1, k ≠ i."""
    if item.kind == "chain" and len(item.parts) == 2:
        _add_relation(m, found, item)
        return
    for part in split((item,)):
        if not letter(part):
            raise m.error("an index letter, or one relation, is wanted here", part)
        if found.conditions:
            raise m.error("is this one more index of the sum, or of the condition?", part)
        found.letters.append(letter(part))


def _add_relation(m: Meaning, found: _Range, item: Node) -> None:
    (_, first), (relation, last) = linked(item)
    left, right = letter(first), letter(last)
    if relation == "in":
        raise m.error("a sum over a set cannot be read", item)
    if relation != "==" and {left, right} & set(found.letters):
        found.conditions.append(item)
        return
    if not left:
        raise m.error("an index letter is wanted here", item)
    if relation == "==":
        found.letters.append(left)
        found.lower[left] = last
        return
    turned = bool(right) and not m.is_letter(right)
    if turned and not m.is_letter(left):
        raise m.error(f"does this run over {left} and {right}, or is one of them fixed?", item)
    found.letters.append(right if turned else left)
    found.conditions.append(item)


def _limits(m: Meaning, node: Node, found: _Range) -> list[Text]:
    """The conditions that a range makes, if it is not all values of the index."""
    upper = found.upper
    if upper is not None and not found.lower:
        raise m.error("where does this sum begin? Write k = 1 below it", node)
    made: list[Text] = []
    for name, lower in found.lower.items():
        start = lower.text if lower.kind == "number" else ""
        if start == "0":
            last = _less_one(upper) if upper is not None else None
            if last is None or is_letter(m, last):
                raise m.error("a sum from 0 ends at n - 1 here", lower)
        elif start not in ("", "1"):
            raise m.error("a sum begins at 1, or at an index: a length is never a number", lower)
        elif not start and upper is None:
            raise m.error("where does this sum end?", lower)
        made += [] if start else [_compared(m, name, ">=", lower)]
        whole = upper is None or (upper.kind == "name" and not is_letter(m, upper))
        if upper is not None and not whole and start != "0":
            made.append(_compared(m, name, "<=", upper))
    return made


def _compared(m: Meaning, name: str, relation: str, side: Node) -> Text:
    if not any(m.is_letter(letter(part)) for part in sides(side)):
        raise m.error("a sum ends at a length, or at an index", side)
    make = Pattern(f"{{0}} {relation} {{0}}", Bind.SUM)
    return make(side.place, piece(name, side.place), index(m, side))


def _less_one(node: Node) -> Node | None:
    """The n of n - 1."""
    (sign, first), *rest = linked(node)
    if sign or len(rest) != 1 or rest[0][0] != "-":
        return None
    first, last = bare(first), bare(rest[0][1])
    return first if first.kind == "name" and last == Node("number", "1", (), 0) else None


def note_limit(m: Meaning, node: Node) -> None:
    """Before all else is read: the n of k = 1 to n is the length of k."""
    above = [only(script) for script in node.scripts if script.text == "^"]
    below = [only(script) for script in node.scripts if script.text == "_"]
    if len(above) != 1 or len(below) != 1 or below[0].kind != "chain":
        return
    name = _less_one(above[0]) or above[0]
    if name.kind == "name" and name.text not in m.known.words and not m.is_letter(letter(name)):
        m.limits.setdefault(name.text, letter(linked(below[0])[0][1]))


def _check_length(m: Meaning, found: _Range) -> None:
    """The upper limit is the length of what the letter runs over."""
    name = found.upper and (_less_one(found.upper) or found.upper)
    if not name or name.kind != "name":
        return
    runs, met = found.letters[0], m.bound[found.letters[0]]
    if is_letter(m, name):
        other = m.known.letters.get(letter(name), "")
        if met and other and other not in met:
            raise m.error(f"is {name.text} an index here, or a length?", name)
        return
    if name.text in m.known.shapes:
        raise m.error(f"{name.text} is a name of this problem, and no length", name)
    if name.text in m.known.lengths and met and name.text not in met:
        raise m.error(f"{runs} runs over {met[0]} values here, not {name.text}", name)
