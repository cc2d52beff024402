"""Index letters, what may stand where one does, how many values they take; and conditions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from derive.language.syntax import RESERVED
from derive.reader.grammar import Node, bare, base_of, linked
from derive.reader.texts import Bind, Pattern, Text, between, called, piece
from derive.reader.values import ONE, Value, number
from derive.reader.words import SPELLED

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_HOLDS = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "==": "=", "!=": "<>"}
"""On which side of each other two numbers are where a comparison holds."""
_JOINED = {"both": "and", "either": "or"}
_NOT = Pattern("not {2}", Bind.SUM)

_MULTIPLE = Pattern("{0}*{0}", Bind.PRODUCT)


def identifier(text: str) -> str:
    """A letter as the input language writes it: alpha for α."""
    stem, *marks = text.split("_")
    made = "_".join([SPELLED.get(stem, stem), *marks])
    return f"{made}_" if made in RESERVED else made


def letter(node: Node) -> str:
    """The index letter that a node is, or ""; k' is a letter too."""
    node = bare(node)
    base = base_of(node)
    if base.kind != "name" or "_" in base.text or any(s.text != "'" for s in node.scripts):
        return ""
    return identifier(base.text) + "prime" * len(node.scripts)


def is_letter(m: Meaning, node: Node) -> bool:
    """Whether a node is an index here, and not a length."""
    name = letter(node)
    return m.is_letter(name) and name not in m.known.lengths


def index(m: Meaning, node: Node) -> Text:
    """What stands where an index does: i, i + k, 2i + 1."""
    node = bare(node)
    if found := letter(node):
        if found in m.known.lengths and not m.is_letter(found):
            return size(m, found, node.place).number
        m.loose += [] if found in m.bound else [node.place]
        return piece(found, node.place)
    if node.kind == "number":
        return piece(node.text, node.place)
    if node.kind == "call" and node.text == "size":
        return m.value(node).number
    (sign, first), *rest = linked(node)
    if node.kind == "product" and len(rest) == 1:
        operator, last = rest[0]
        if bare(first).kind == "number" and letter(last) and operator in ("", "*"):
            return _MULTIPLE(node.place, index(m, first), index(m, last))
    if node.kind == "terms" and not sign:
        made = index(m, first)
        for sign, part in rest:
            made = Pattern(f"{{0}} {sign} {{0}}", Bind.SUM)(node.place, made, index(m, part))
        return made
    raise m.error("an index is wanted here: i, i + k or i + 1", node)


def split(items: tuple[Node, ...]) -> list[Node]:
    """What stands below a name, one by one: ij is i and j."""
    found: list[Node] = []
    for item in map(bare, items):
        factors = linked(item) if item.kind == "product" else []
        together = bool(factors) and all(operator == "" for operator, _ in factors)
        found += [bare(factor) for _, factor in factors] if together else [item]
    return found


def sides(node: Node) -> list[Node]:
    """The letters, numbers and multiples of which a sum of indices is made."""
    node = bare(node)
    if node.kind in ("terms", "signed", "product"):
        return [side for _, part in linked(node) for side in sides(part)]
    return [node]


@contextmanager
def bound(m: Meaning, letters: list[str]) -> Iterator[None]:
    """Letters are bound; what they turn out to run over is noted in `m.bound`."""
    before = dict(m.bound)
    m.bound.update({letter: [] for letter in letters})
    yield
    for letter in letters:
        m.every.setdefault(letter, set()).update(m.bound[letter])
    m.bound.clear()
    m.bound.update(before)


def size(m: Meaning, name: str, place: int) -> Value:
    """How many values an index takes, by the name of that length: size(k). Which letter has it is
    known when all has been read."""
    around = set(m.bound)

    def entry(_: str, __: str) -> Text:
        letter = m.limits.get(name, "")
        lengths = {name} if name in m.known.lengths else m.every.get(letter, set())
        choice = [k for k, n in m.known.letters.items() if n in lengths and k not in around]
        if not choice:
            others = [k for n in sorted(lengths) for k in m.known.lengths.get(n, ())]
            choice = [k for k in (*others, letter) if k and m.every.get(k, set()) <= lengths]
        if not choice:
            raise m.error(f"no index here is {name} long", place)
        return called("size", place, piece(choice[0], place))

    return Value(ONE, ONE, entry, place)


# Conditions


def is_condition(node: Node) -> bool:
    return bare(node, brackets=True).kind in ("chain", "negated", *_JOINED)


def condition(m: Meaning, node: Node) -> Value:
    """A condition of the input language; of arrays, one for every entry."""
    node = bare(node, brackets=True)
    if node.kind == "chain":
        return _comparison(m, node)
    if not is_condition(node):
        raise m.error("a condition is wanted here, such as i = j or x > 0", node)
    parts = [condition(m, part) for part in node.parts]
    words = [_JOINED[node.kind]] * (len(parts) - 1) if node.kind in _JOINED else []
    return m.arrays.mapped(between(words, Bind.POWER) if words else _NOT, node.place, *parts)


def single(m: Meaning, node: Node) -> Text:
    """A condition on indices or numbers."""
    found = condition(m, node)
    if not found.is_number:
        raise m.error("a condition on numbers is wanted here", node)
    return found.number


def _comparison(m: Meaning, node: Node) -> Value:
    (_, first), *rest = linked(node)
    relations, sides = [relation for relation, _ in rest], [first, *(side for _, side in rest)]
    if "in" in relations:
        raise m.error("membership in a set cannot be read", node)
    if any(_is_index(m, side) for side in sides):
        values = [number(index(m, side), side.place) for side in sides]
    else:
        values = [m.value(side) for side in sides]
    return m.arrays.mapped(between(relations), node.place, *values)


def _is_index(m: Meaning, node: Node) -> bool:
    letters = [letter(part) for part in sides(node)]
    mine = [n for n in letters if n and n not in m.known.lengths]
    return bool(mine) and all(m.is_letter(n) or n not in m.known.shapes for n in mine)


def indicator(m: Meaning, node: Node, place: int) -> Value:
    """1 where a condition holds, 0 elsewhere; a delta for two"""
    node = bare(node, brackets=True)
    links = linked(node)
    sides = [side for _, side in links]
    equal = node.kind == "chain" and len(links) == 2 and links[1][0] == "=="
    if equal and all(letter(side) and _is_index(m, side) for side in sides):
        return number(called("delta", place, *(index(m, side) for side in sides)), place)
    one, zero = (number(piece(text, place), place) for text in "10")
    return m.arrays.applied("where", place, condition(m, node), one, zero)


def by_case(m: Meaning, node: Node) -> Value:
    """where(c, a, where(d, b, ...)): the last row holds otherwise."""
    rows = [row.parts for row in node.parts]
    if len(rows) == 1:
        raise m.error("a single case is none: say what holds otherwise", node)
    *front, last = rows
    if len(last) > 1:
        if not _covers([row[1] for row in rows if len(row) > 1]):
            message = "these cases may leave something out: write \\text{otherwise}"
            raise m.error(message, last[1])
        condition(m, last[1])
    if unreached := next((row for row in front if len(row) == 1), None):
        raise m.error("'otherwise' stands last", unreached[0])
    found = m.value(last[0])
    for branch, when in reversed(front):
        made = condition(m, when), m.value(branch), found
        found = m.arrays.applied("where", node.place, *made)
    return found


def _covers(conditions: list[Node]) -> bool:
    """Whether comparisons of the same two sides leave nothing out."""
    found = ""
    wanted: list[Node] = []
    for node in map(bare, conditions):
        links = linked(node)
        if node.kind != "chain" or len(links) != 2 or links[1][0] not in _HOLDS:
            return False
        sides = [bare(side) for _, side in links]
        wanted = wanted or sides
        if sides != wanted:
            return False
        found += _HOLDS[links[1][0]]
    return set(found) == set("<=>")
