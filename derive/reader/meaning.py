"""A formula's tree to its value, in the terms of a vocabulary: one walk, one line for each node.

The parts are in modules of their own: products, names, functions, what runs over an index,
derivatives, indices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from derive.language.source import Source
from derive.reader import functions, indices, names, products, ranges, slopes
from derive.reader.grammar import Node, walk
from derive.reader.page import ReadingError, error
from derive.reader.texts import NEGATIVE, OPERATORS, piece
from derive.reader.values import Arrays, Value, number
from derive.reader.vocabulary import Vocabulary


@dataclass
class Meaning:
    """What the parts of one formula are worth.

    Attributes:
        latex: whether it is in LaTeX, where a function may stand without brackets.
        arrays: the algebra of vectors and matrices.
        bound: the letters that a sum around runs over, each with the lengths met so far.
        every: the same for all letters of the formula that are or were bound.
        limits: for a length that a sum gives a name (k = 1 to K), the letter.
        loose: where index letters stand that no sum runs over.
    """

    source: Source
    known: Vocabulary
    latex: bool
    arrays: Arrays
    bound: dict[str, list[str]] = field(default_factory=dict)
    every: dict[str, set[str]] = field(default_factory=dict)
    limits: dict[str, str] = field(default_factory=dict)
    loose: list[int] = field(default_factory=list)

    def error(self, message: str, node: Node | int) -> ReadingError:
        return error(self.source, message, node if isinstance(node, int) else node.place)

    def value(self, node: Node) -> Value:
        """What a node is worth. Raises ReadingError where that is not certain."""
        return _VALUES[node.kind](self, node)

    def scalar(self, node: Node, what: str = "a number is wanted here") -> Value:
        found = self.value(node)
        if not found.is_number:
            shown = self.arrays.described(found)
            raise self.error(f"{what}, and this is {shown}: write its indices", node)
        return found

    def is_letter(self, name: str) -> bool:
        """Whether a letter is an index here."""
        return name in self.bound or name in self.known.letters


def begin(source: Source, known: Vocabulary, trees: list[Node], latex: bool) -> Meaning:
    """Ready to read the sides of a line."""
    nodes = [node for tree in trees for node in walk(tree)]
    letters = {indices.identifier(node.text) for node in nodes if node.kind == "name"}
    lasting = {letter for group in known.lengths.values() for letter in group}
    taken = {*known.shapes, *known.letters, *known.lengths, *known.axes, *letters, *lasting}
    made = Meaning(source, known, latex, Arrays(source, taken))
    for node in nodes:
        if node.kind == "big":
            ranges.note_limit(made, node)
    return made


def _number(_: Meaning, node: Node) -> Value:
    text = f"0{node.text}" if node.text.startswith(".") else node.text
    return number(piece(text, node.place), node.place, literal=True)


def _mark(m: Meaning, node: Node) -> Value:
    if node.text == "1":
        return m.arrays.ones(node.place)
    raise m.error(f"{node.text!r} cannot stand here by itself", node)


def _bracket(m: Meaning, node: Node) -> Value:
    if len(node.parts) != 1:
        raise m.error("one expression is wanted in this bracket", node)
    (inside,) = node.parts
    if node.text == "[" and indices.is_condition(inside):
        return indices.indicator(m, inside, node.place)
    return m.value(inside)


def _terms(m: Meaning, node: Node) -> Value:
    first, *rest = node.parts
    found = m.value(first)
    for term in rest:
        (inside,) = term.parts
        found = m.arrays.added(found, term.text, m.value(inside), inside.place)
    return found


def _signed(m: Meaning, node: Node) -> Value:
    value = m.value(node.parts[0])
    return value if node.text == "+" else m.arrays.mapped(NEGATIVE, value.place, value)


def _frac(m: Meaning, node: Node) -> Value:
    if slopes.is_slope(m, node):
        return slopes.slope(m, node)
    over, under = map(m.value, node.parts)
    return m.arrays.divided(over, under, node.place)


def _root(m: Meaning, node: Node) -> Value:
    *degree, body = node.parts
    value, place = m.value(body), node.place
    if not degree:
        return m.arrays.applied("sqrt", place, value)
    one = number(piece("1", place), place)
    exponent = m.arrays.divided(one, m.scalar(degree[0]), place)
    return m.arrays.mapped(OPERATORS["^"], place, value, exponent)


def _bars(m: Meaning, node: Node) -> Value:
    body = m.value(node.parts[0])
    if not body.is_number:
        raise m.error("is this a norm, or of every entry? Write \\|x\\| or abs(x)", node)
    return m.arrays.applied("abs", node.place, body)


def _inner(m: Meaning, node: Node) -> Value:
    first, last = map(m.value, node.parts)
    return m.arrays.inner(first, last, node.place)


def _refused(message: str) -> Callable[[Meaning, Node], Value]:
    def refuse(m: Meaning, node: Node) -> Value:
        raise m.error(message, node)

    return refuse


_CONDITION = _refused("a condition is no number: write \\mathbf{1}[i = j]")
_VALUES: dict[str, Callable[[Meaning, Node], Value]] = {
    "number": _number,
    "name": lambda m, node: names.named(m, node, [], node),
    "mark": _mark,
    "bracket": _bracket,
    "group": _bracket,
    "scripted": names.scripted,
    "call": functions.call,
    "frac": _frac,
    "root": _root,
    "bars": _bars,
    "norm": lambda m, node: products.norm(m, m.value(node.parts[0]), "2", node),
    "inner": _inner,
    "cases": indices.by_case,
    "terms": _terms,
    "signed": _signed,
    "product": products.product,
    "chain": _CONDITION,
    "either": _CONDITION,
    "both": _CONDITION,
    "negated": _CONDITION,
    "big": ranges.big,
    "partial": slopes.partial,
    "nabla": _refused("a gradient can stand only left of '='"),
    "accent": lambda m, node: m.value(names.under(m, node)),
    "entrywise": _refused("a sign without its left side stands here"),
}
