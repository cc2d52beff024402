"""A matrix form's text ("diag(s) - s*s.T") -> tree.

The notation is `derive.matrices.notation`'s: `*` is the matrix product, `.*` `./` `.^` work entry
by entry, `.T` transposes, and `1` where an array must stand is the column of ones.
"""

from __future__ import annotations

import re

from derive.errors import UnsupportedError
from derive.functions import ELEMENTARY
from derive.render.brackets import closed, raised
from derive.render.layout import function_node
from derive.render.names import symbol
from derive.render.tree import (
    Apply,
    Fenced,
    Frac,
    Function,
    Name,
    Node,
    Number,
    Op,
    Product,
    Root,
    Row,
    Script,
    Terms,
    separated,
)

_TOKEN = re.compile(r"\s*(\.T\b|\.[*/^]|\*\*|\d+|\w+|[-+*/()\[\],])")
_BINDING = {"+": 1, "-": 1, ".*": 2, "./": 2, "*": 3, "/": 3, "**": 4, ".^": 4}
_CIRCLES = {".*": "⊙", "./": "⊘"}


def matrix_node(text: str, ones: bool = False) -> Node:
    """The tree of a matrix expression; `ones` says that a 1 in it is a column of ones.

    Raises:
        UnsupportedError: the text is not in this notation.
    """
    reader = _Reader(text, ones)
    node = reader.expression(0)
    if reader.next():
        raise reader.error()
    return node


class _Reader:
    """Reads by precedence: `expression(b)` takes all that binds tighter than b."""

    def __init__(self, text: str, ones: bool) -> None:
        self.text = text
        self.ones = ones
        self.place = 0

    def next(self) -> str:
        found = _TOKEN.match(self.text, self.place)
        return found[1] if found else self.text[self.place :].strip()[:1]

    def take(self, wanted: str = "") -> str:
        found = _TOKEN.match(self.text, self.place)
        if not found or (wanted and found[1] != wanted):
            raise self.error()
        self.place = found.end()
        return found[1]

    def error(self) -> UnsupportedError:
        return UnsupportedError(f"no way to typeset the matrix form {self.text!r}")

    def expression(self, binding: int) -> Node:
        left = self.operand()
        while _BINDING.get(self.next(), 0) > binding:
            sign = self.take()
            left = _joined(left, sign, self.expression(_BINDING[sign]))
        return left

    def operand(self) -> Node:
        token = self.take()
        if token == "-":
            return Terms((("-", self.expression(_BINDING["-"])),))
        if token == "(":
            node = self.expression(0)
            self.take(")")
        elif token.isdigit():
            stands_for_ones = token == "1" and self.ones and self.next() != "/"
            node = Name("𝟏") if stands_for_ones else Number(token)
        elif token.isidentifier():
            node = self.named(token)
        else:
            raise self.error()
        while self.next() == ".T":
            self.take()
            node = raised(node, Name("⊤"))
        return node

    def named(self, word: str) -> Node:
        """A variable, a function of something, or one entry."""
        if self.next() == "(":
            (argument,) = self.listed("(", ")")
            if word == "sqrt":
                return Root(argument)
            known = ELEMENTARY.get(word)
            return Apply(function_node(known) if known else Function(word), Fenced(argument))
        if self.next() == "[":
            return Script(symbol(word), sub=separated(self.listed("[", "]"), ","))
        return symbol(word)

    def listed(self, left: str, right: str) -> list[Node]:
        self.take(left)
        found = [self.expression(0)]
        while self.next() == ",":
            self.take()
            found.append(self.expression(0))
        self.take(right)
        return found


def _joined(left: Node, sign: str, right: Node) -> Node:
    if sign in "+-":
        terms = left.parts if isinstance(left, Terms) else (("", left),)
        return Terms((*terms, (sign, closed(right, Terms))))
    if sign in _CIRCLES:
        return Row((closed(left, Terms), Op(_CIRCLES[sign]), closed(right, Terms)))
    if sign == "/":
        return Frac(left, right)
    if sign == "*":
        front = left.factors if isinstance(left, Product) else (closed(left, Terms),)
        return Product((*front, closed(right, Terms)))
    return raised(left, Row((Name("⊙"), right)) if sign == ".^" else right)
