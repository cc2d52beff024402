"""A formula's tree to its value, in the terms of a vocabulary: one walk, one line for each node.

The parts are in modules of their own: names, functions, what runs over an index, products,
derivatives, conditions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from derive.language.source import Source
from derive.reader import (
    bigs,
    conditions,
    functions,
    indexing,
    names,
    norms,
    pieces,
    products,
    slopes,
)
from derive.reader.page import ReadingError, error
from derive.reader.pieces import piece
from derive.reader.syntax import (
    Accent,
    Bars,
    Big,
    Bracket,
    Call,
    Cases,
    Chain,
    Frac,
    Inner,
    Logic,
    Mark,
    Nabla,
    Name,
    Node,
    Num,
    Partial,
    Product,
    Root,
    Scripted,
    Terms,
    walk,
)
from derive.reader.values import Arrays, Value, number
from derive.reader.vocabulary import Vocabulary


@dataclass
class Meaning:
    """What the parts of one formula are worth.

    Attributes:
        arrays: the algebra of vectors and matrices.
        bound: the letters that a sum around runs over, each with the lengths met so far.
        every: the same for all letters of the formula that are or were bound.
        loose: where index letters stand that no sum runs over.
        limits: for a length that a sum gives a name (k = 1 to K), the letter.
    """

    source: Source
    known: Vocabulary
    arrays: Arrays
    bound: dict[str, list[str]] = field(default_factory=dict)
    every: dict[str, set[str]] = field(default_factory=dict)
    limits: dict[str, str] = field(default_factory=dict)
    loose: list[int] = field(default_factory=list)

    def error(self, message: str, node: Node | int) -> ReadingError:
        return error(self.source, message, node if isinstance(node, int) else node.place)

    def value(self, node: Node) -> Value:
        """What a node is worth. Raises ReadingError where that is not certain."""
        return _VALUES[type(node)](self, node)

    def scalar(self, node: Node, what: str = "a number is wanted here") -> Value:
        found = self.value(node)
        if not found.is_number:
            shown = self.arrays.described(found)
            raise self.error(f"{what}, and this is {shown}: write its indices", node)
        return found

    def is_letter(self, name: str) -> bool:
        """Whether a letter is an index here."""
        return name in self.bound or name in self.known.letters


def begin(source: Source, known: Vocabulary, tree: Node) -> Meaning:
    """Ready to read a tree."""
    written = {node.text for node in walk(tree) if isinstance(node, Name)}
    letters = {indexing.identifier(name) for name in written}
    lasting = {letter for group in known.lengths.values() for letter in group}
    taken = {*known.shapes, *known.letters, *known.lengths, *known.axes, *letters, *lasting}
    made = Meaning(source, known, Arrays(source, taken))
    for node in walk(tree):
        if isinstance(node, Big):
            bigs.note_limit(made, node)
    return made


def _num(_: Meaning, node: Num) -> Value:
    text = node.text if not node.text.startswith(".") else f"0{node.text}"
    return number(piece(text, node.place), node.place, literal=True)


def _mark(m: Meaning, node: Mark) -> Value:
    if node.kind == "1":
        return m.arrays.ones(node.place)
    raise m.error(f"{node.kind!r} cannot stand here by itself", node)


def _bracket(m: Meaning, node: Bracket) -> Value:
    if len(node.items) != 1:
        raise m.error("one expression is wanted in this bracket", node)
    (inside,) = node.items
    if isinstance(inside, Chain | Logic):
        if node.kind == "[":
            return conditions.indicator(m, inside, node.place)
        raise m.error("a condition is no number: write \\mathbf{1}[i = j]", inside)
    return m.value(inside)


def _terms(m: Meaning, node: Terms) -> Value:
    found: Value | None = None
    for sign, part in node.parts:
        made = m.value(part)
        if found is None:
            found = _signed(m, sign, made)
        else:
            found = m.arrays.added(found, sign, made, part.place)
    assert found
    return found


def _signed(m: Meaning, sign: str, value: Value) -> Value:
    if sign == "+":
        return value
    return m.arrays.mapped(lambda part: pieces.negative(part, value.place), [value], value.place)


def _root(m: Meaning, node: Root) -> Value:
    body = m.value(node.body)
    if node.degree is None:
        return m.arrays.applied("sqrt", body, node.place)
    degree = m.scalar(node.degree).number
    one = piece("1", node.place)
    exponent = pieces.over(one, degree, node.place)
    return m.arrays.mapped(
        lambda part: pieces.power(part, exponent, node.place), [body], node.place
    )


def _bars(m: Meaning, node: Bars) -> Value:
    body = m.value(node.body)
    if node.kind == "NORM":
        return norms.norm(m, body, "2", node.place)
    if not body.is_number:
        raise m.error("is this a norm, or of every entry? Write \\|x\\| or abs(x)", node)
    return m.arrays.applied("abs", body, node.place)


def _cases(m: Meaning, node: Cases) -> Value:
    return conditions.by_case(m, node)


def _frac(m: Meaning, node: Frac) -> Value:
    if slopes.is_slope(m, node):
        return slopes.slope(m, node)
    return m.arrays.divided(m.value(node.over), m.value(node.under), node.place)


def _accent(m: Meaning, node: Accent) -> Value:
    return m.value(names.accented(m, node))


def _no_number(message: str) -> Callable[[Meaning, Any], Value]:
    def refuse(m: Meaning, node: Any) -> Value:
        raise m.error(message, node)

    return refuse


_VALUES: dict[type, Callable[[Meaning, Any], Value]] = {
    Num: _num,
    Name: lambda m, node: names.named(m, node, (), node),
    Mark: _mark,
    Bracket: _bracket,
    Scripted: lambda m, node: names.scripted(m, node),
    Call: lambda m, node: functions.call(m, node),
    Frac: _frac,
    Root: _root,
    Bars: _bars,
    Inner: lambda m, node: m.arrays.inner(m.value(node.left), m.value(node.right), node.place),
    Cases: _cases,
    Terms: _terms,
    Product: lambda m, node: products.product(m, node),
    Chain: _no_number("a relation stands here, and a number is wanted"),
    Logic: _no_number("a condition stands here, and a number is wanted"),
    Big: lambda m, node: bigs.big(m, node),
    Partial: _no_number("a derivative is written \\frac{\\partial f}{\\partial x}"),
    Nabla: _no_number("a gradient can stand only left of '='"),
    Accent: _accent,
}
