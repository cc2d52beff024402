"""A matrix form's text ("diag(s) - s*s.T") -> tree.

The notation is `derive.matrices.notation`'s: `*` is the matrix product, `.*` `./` `.^` work entry
by entry, as functions and `where(x > 0, a, b)` do; `.T` transposes, and `1` where an array must
stand is the column of ones.
"""

from __future__ import annotations

import re

from derive.errors import UnsupportedError
from derive.functions import ELEMENTARY
from derive.render.brackets import closed, raised
from derive.render.names import function_node, symbol
from derive.render.tree import (
    INDICATOR,
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
    equation,
    separated,
)

_TOKEN = re.compile(r"\s*(\.T\b|\.[*/^]|\*\*|[<>=!]=|[<>]|\d+(?:\.\d+)?|\w+|[-+*/()\[\],])")
_BINDING = {"+": 1, "-": 1, ".*": 2, "./": 2, "*": 3, "/": 3, "**": 4, ".^": 4}
_CIRCLES = {".*": "⊙", "./": "⊘"}
_RELATIONS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "<": "<", ">": ">"}


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
            node = closed(node, Product)
            self.take(")")
        elif token[0].isdigit():
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
            return self.called(word)
        if self.next() == "[":
            return Script(symbol(word), sub=separated(self.listed("[", "]"), ","))
        return symbol(word)

    def called(self, word: str) -> Node:
        """A function; among whole arrays a 1 by itself is the number."""
        arguments = self.listed("(", ")")
        if len(arguments) > 1:
            arguments = [Number("1") if part == Name("𝟏") else part for part in arguments]
        if word == "where" and arguments[1:] == [Number("1"), Number("0")]:
            return Apply(INDICATOR, Fenced(arguments[0], "[", "]"))
        if word == "sqrt":
            return Root(arguments[0])
        if word == "abs":
            return Fenced(arguments[0], "|", "|")
        known = ELEMENTARY.get(word)
        function = function_node(known) if known else Function(word)
        return Apply(function, Fenced(separated(arguments)))

    def argument(self) -> Node:
        """An expression, or two that are compared."""
        left = self.expression(0)
        if self.next() not in _RELATIONS:
            return left
        sign = _RELATIONS[self.take()]
        return equation(left, sign, self.expression(0))

    def listed(self, left: str, right: str) -> list[Node]:
        self.take(left)
        found = [self.argument()]
        while self.next() == ",":
            self.take()
            found.append(self.argument())
        self.take(right)
        return found


def _joined(left: Node, sign: str, right: Node) -> Node:
    if sign in "+-":
        terms = left.parts if isinstance(left, Terms) else (("", left),)
        return Terms((*terms, (sign, closed(right, Terms))))
    if sign in _CIRCLES:
        return Row((closed(left, Terms), Op(_CIRCLES[sign]), closed(right, Terms, Product)))
    if sign == "/":
        return Frac(_opened(left), _opened(right))
    if sign == "*":
        front = left.factors if isinstance(left, Product) else (closed(left, Terms, Row),)
        return Product((*front, closed(right, Terms, Row)))
    return raised(left, Row((Name("⊙"), right)) if sign == ".^" else right)


def _opened(node: Node) -> Node:
    """Over and under a bar no brackets are needed."""
    return node.body if isinstance(node, Fenced) and node.left == "(" else node
