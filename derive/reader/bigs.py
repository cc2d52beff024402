"""Sums, products, maxima and minima over an index, with what stands below and above the sign."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from derive.reader import conditions, indexing
from derive.reader.pieces import Bind, Text, called, glued, piece
from derive.reader.syntax import Big, Chain, Logic, Name, Node, Num, Product, Terms, bare
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
    """

    letters: list[str] = field(default_factory=list)
    lower: dict[str, Node] = field(default_factory=dict)
    conditions: list[Node] = field(default_factory=list)
    upper: Node | None = None


def big(m: Meaning, node: Big) -> Value:
    """A sum as sum(body, k); what k must fulfil is told by where(...)."""
    found = _range(m, node)
    end = indexing.bound(m, found.letters)
    holds = [conditions.single(m, condition) for condition in found.conditions]
    holds += _limits(m, node, found)
    body = m.value(node.body)
    if found.upper is not None:
        _check_length(m, found.letters[0], found.upper)
    end()
    if holds and node.kind not in _NEUTRAL:
        raise m.error(f"{node.kind} over a part of the indices cannot be read", node)
    letters = [piece(letter, node.place) for letter in found.letters]

    def make(inside: Text) -> Text:
        if holds:
            neutral = piece(_NEUTRAL[node.kind], node.place)
            inside = called("where", node.place, _all(holds), inside, neutral)
        return called(node.kind, node.place, inside, *letters)

    return m.arrays.mapped(make, [body], node.place)


def _all(holds: list[Text]) -> Text:
    found = holds[0]
    for part in holds[1:]:
        both = (found.within(Bind.POWER), " and ", part.within(Bind.POWER))
        found = glued(part.places[0], *both, bind=Bind.SUM)
    return found


def _range(m: Meaning, node: Big) -> _Range:
    below = [script for script in node.scripts if script.kind == "_"]
    above = [script for script in node.scripts if script.kind == "^"]
    if len(below) != 1 or len(above) > 1 or len(below) + len(above) != len(node.scripts):
        raise m.error("one index, or a range, is wanted below this sign", node)
    found = _Range()
    for item in below[0].items:
        _add(m, found, bare(item))
    if above:
        if len(above[0].items) != 1 or len(found.letters) != 1:
            raise m.error("this upper limit cannot be read", above[0].place)
        found.upper = bare(above[0].items[0])
    if not found.letters or len(set(found.letters)) < len(found.letters):
        raise m.error("different index letters are wanted below this sign", below[0].place)
    return found


def _add(m: Meaning, found: _Range, item: Node) -> None:
    """One of the things below a sign: k, j k, k = 1, k ≠ i."""
    if letter := indexing.letter(item):
        if found.conditions:
            raise m.error("is this one more index of the sum, or of the condition?", item)
        found.letters.append(letter)
    elif isinstance(item, Product):
        for part in indexing.split((item,)):
            if not indexing.letter(part):
                raise m.error("an index letter is wanted here", part)
            found.letters.append(indexing.letter(part))
    elif isinstance(item, Chain) and len(item.rest) == 1:
        _add_relation(m, found, item)
    elif isinstance(item, Chain | Logic):
        raise m.error("one relation is wanted below this sign", item)
    else:
        raise m.error("an index letter is wanted here", item)


def _add_relation(m: Meaning, found: _Range, item: Chain) -> None:
    relation, last = item.rest[0]
    left, right = indexing.letter(item.first), indexing.letter(last)
    if relation == "in":
        raise m.error("a sum over a set cannot be read", item)
    if relation == "==":
        if not left:
            raise m.error("an index letter is wanted here", item)
        found.letters.append(left)
        found.lower[left] = last
        return
    if not {left, right} & set(found.letters):
        found.letters.append(_meant(m, left, right, item))
    found.conditions.append(item)


def _meant(m: Meaning, left: str, right: str, item: Chain) -> str:
    """Which letter of k ≠ i a sum runs over: the left one, unless only that one is known."""
    if right and left and not m.is_letter(right):
        if m.is_letter(left):
            return right
        raise m.error(f"does this run over {left} and {right}, or is one of them fixed?", item)
    if not left:
        raise m.error("an index letter is wanted here", item)
    return left


def _limits(m: Meaning, node: Big, found: _Range) -> list[Text]:
    """The conditions that a range makes, if it is not all values of the index."""
    if found.upper is not None and not found.lower:
        raise m.error("where does this sum begin? Write k = 1 below it", node)
    made: list[Text] = []
    for letter, lower in found.lower.items():
        made += _begun(m, letter, lower, found.upper)
        if found.upper is not None and _number(lower) != "0":
            made += _ended(m, letter, found.upper)
    return made


def _begun(m: Meaning, letter: str, lower: Node, upper: Node | None) -> list[Text]:
    """What k = 1, k = 0 or k = i below a sign says."""
    number = _number(lower)
    if number == "0":
        last = _less_one(upper) if isinstance(upper, Terms) else None
        if last is None or _is_index(m, last):
            raise m.error("a sum from 0 ends at n - 1 here", lower)
    elif number not in ("", "1"):
        raise m.error("a sum begins at 1, or at an index: a length is never a number", lower)
    elif not number and upper is None:
        raise m.error("where does this sum end?", lower)
    return [] if number else [_compared(m, letter, ">=", lower)]


def _ended(m: Meaning, letter: str, upper: Node) -> list[Text]:
    """What stands above a sign: a length, or an index up to which it runs."""
    if isinstance(upper, Name) and not _is_index(m, upper):
        return []
    return [_compared(m, letter, "<=", upper)]


def _number(node: Node) -> str:
    return node.text if isinstance(node, Num) else ""


def _compared(m: Meaning, letter: str, relation: str, side: Node) -> Text:
    if not any(m.is_letter(indexing.letter(part)) for part in indexing.sides(side)):
        raise m.error("a sum ends at a length, or at an index", side)
    parts = (piece(letter, side.place), f" {relation} ", indexing.place(m, side))
    return glued(side.place, *parts, bind=Bind.SUM)


def _is_index(m: Meaning, node: Name) -> bool:
    name = indexing.letter(node)
    return m.is_letter(name) and m.known.length(node.text) not in m.known.lengths


def _less_one(node: Terms) -> Name | None:
    """The n of n - 1."""
    if len(node.parts) == 2 and node.parts[1][0] == "-":
        first, last = (bare(part) for _, part in node.parts)
        if isinstance(first, Name) and isinstance(last, Num) and last.text == "1":
            return first
    return None


def note_limit(m: Meaning, node: Big) -> None:
    """Before all else is read: the n of k = 1 to n is the length of k."""
    above = [s for s in node.scripts if s.kind == "^"]
    below = [s for s in node.scripts if s.kind == "_"]
    if not (len(above) == len(below) == 1 and len(above[0].items) == len(below[0].items) == 1):
        return
    lower, upper = bare(below[0].items[0]), bare(above[0].items[0])
    name = _less_one(upper) if isinstance(upper, Terms) else upper
    if not isinstance(lower, Chain) or not isinstance(name, Name):
        return
    if name.text not in m.known.words and not m.is_letter(indexing.letter(name)):
        m.limits.setdefault(name.text, indexing.letter(lower.first))


def _check_length(m: Meaning, letter: str, upper: Node) -> None:
    """The upper limit is the length of what the letter runs over."""
    name = _less_one(upper) if isinstance(upper, Terms) else upper
    if not isinstance(name, Name):
        return
    met = m.bound[letter]
    if _is_index(m, name):
        other = m.known.letters.get(indexing.letter(name), "")
        if met and other and other not in met:
            raise m.error(f"is {name.text} an index here, or a length?", name)
        return
    if name.text in m.known.shapes:
        raise m.error(f"{name.text} is a name of this problem, and no length", name)
    length = m.known.length(name.text)
    if length in m.known.lengths and met and length not in met:
        message = f"{letter} runs over {met[0]} values here, not {name.text}"
        raise m.error(message, name)
