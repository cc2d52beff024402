"""Index letters, and the sums of them that may stand below a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.language.syntax import RESERVED
from derive.reader import lengths
from derive.reader.pieces import Bind, Text, glued, piece
from derive.reader.syntax import Name, Node, Num, Product, Scripted, Terms, bare
from derive.reader.words import GREEK, TYPED

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_SPELLED = {letter: word for word, letter in GREEK.items()} | TYPED


def identifier(text: str) -> str:
    """A letter as the input language writes it: alpha for α."""
    stem, *marks = text.split("_")
    made = "_".join([_SPELLED.get(stem, stem), *marks])
    return f"{made}_" if made in RESERVED else made


def letter(node: Node) -> str:
    """The index letter that a node is, or ""; k' is a letter too."""
    node = bare(node)
    if isinstance(node, Name) and "_" not in node.text:
        return identifier(node.text)
    if not isinstance(node, Scripted) or not isinstance(node.base, Name):
        return ""
    primed = all(script.kind == "'" for script in node.scripts)
    return identifier(node.base.text) + "prime" * len(node.scripts) if primed else ""


def place(m: Meaning, node: Node) -> Text:
    """What stands where an index does: i, i + k, 2i + 1."""
    node = bare(node)
    found = letter(node)
    if found and m.known.length(found) in m.known.lengths and not m.is_letter(found):
        return lengths.size(m, found, node.place).number
    if found:
        m.loose += [] if found in m.bound else [node.place]
        return piece(found, node.place)
    if isinstance(node, Num):
        return piece(node.text, node.place)
    if isinstance(node, Product) and len(node.factors) == 2:
        (_, first), (operator, last) = node.factors
        if isinstance(bare(first), Num) and letter(last) and operator in ("", "*"):
            return glued(node.place, place(m, first), "*", place(m, last), bind=Bind.PRODUCT)
    if isinstance(node, Terms) and node.parts[0][0] == "+":
        (_, first), *rest = node.parts
        made = place(m, first)
        for sign, part in rest:
            made = glued(node.place, made, f" {sign} ", place(m, part), bind=Bind.SUM)
        return made
    raise m.error("an index is wanted here: i, i + k or i + 1", node)


def split(items: tuple[Node, ...]) -> list[Node]:
    """What stands below a name, one by one: ij is i and j."""
    found: list[Node] = []
    for item in items:
        item = bare(item)
        if isinstance(item, Product) and all(operator == "" for operator, _ in item.factors):
            found += [bare(factor) for _, factor in item.factors]
        else:
            found.append(item)
    return found


def sides(node: Node) -> list[Node]:
    """The letters, numbers and multiples of which a sum of indices is made."""
    node = bare(node)
    if isinstance(node, Terms):
        return [side for _, part in node.parts for side in sides(part)]
    if isinstance(node, Product):
        return [side for _, part in node.factors for side in sides(part)]
    return [node]


def bound(m: Meaning, letters: list[str]) -> Callable[[], None]:
    """Letters begin to be bound; what is returned ends it."""
    before = dict(m.bound)
    for letter in letters:
        m.bound[letter] = []

    def end() -> None:
        for letter in letters:
            m.every.setdefault(letter, set()).update(m.bound[letter])
        m.bound.clear()
        m.bound.update(before)

    return end
