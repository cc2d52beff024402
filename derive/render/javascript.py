"""Expressions as JavaScript, for numbers that change in a page while its reader looks on.

What is written uses the functions of `templates/numbers.js`, there called `n`. Letters of indices
count from 1 and carry a dollar sign, so that none is a word of the language.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import singledispatchmethod
from typing import Any

import sympy
from sympy import Expr, Indexed, KroneckerDelta, Piecewise, S, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from derive.functions import Elementary, Maximum, Minimum
from derive.nodes import (
    Binder,
    Derivative,
    Largest,
    Product,
    Smallest,
    Sum,
    Where,
    indices_of,
    is_index,
    is_on_indices,
    is_size,
    name_of,
)

# Elementary functions under the names that `Math` has for them; the others are in `n`.
_OF_MATH = {
    *("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "abs", "sign"),
}
_OVER: dict[type[Binder], str] = {
    Sum: "sum",
    Product: "product",
    Largest: "largest",
    Smallest: "smallest",
}
_RELATIONS = {"==": "===", "!=": "!=="}


class Unwritable(Exception):
    """There is no JavaScript for an expression."""


class Writer:
    """Writes the expressions of one problem, the lengths of its axes being known.

    Args:
        sizes: how many values an index runs over, for each size symbol.
    """

    def __init__(self, sizes: Mapping[Symbol, int]) -> None:
        self._sizes = dict(sizes)

    def function(self, letters: Sequence[Symbol], expr: Expr) -> str:
        """A function of some index letters.

        Raises:
            Unwritable: a part of the expression has no form here.
        """
        return f"{_parameters(letters)} => {self.write(expr)}"

    def worst(self, letter: Symbol, extent: Expr, body: str) -> str:
        """The largest value, over an index, of what is already JavaScript."""
        return f"n.largest({self.length(extent)}, {_parameters([letter])} => {body})"

    def length(self, size: Expr) -> int:
        """How many values there are."""
        return int(size.xreplace(self._sizes))

    @singledispatchmethod
    def write(self, node: Any) -> str:
        """One value, in brackets where it has parts."""
        raise Unwritable(f"there is no JavaScript for {type(node).__name__}")

    @write.register
    def _(self, node: sympy.Rational) -> str:
        return str(node.p) if node.q == 1 else f"({node.p} / {node.q})"

    @write.register
    def _(self, node: sympy.NumberSymbol) -> str:
        if node is S.Pi:
            return "Math.PI"
        raise Unwritable(f"there is no JavaScript for {node}")

    @write.register
    def _(self, node: sympy.Symbol) -> str:
        if is_index(node):
            return _letter(node)
        return str(self.length(node)) if is_size(node) else self._entry(node)

    @write.register
    def _(self, node: Indexed) -> str:
        return self._entry(node)

    @write.register
    def _(self, node: sympy.Add) -> str:
        return self._between(" + ", node.args)

    @write.register
    def _(self, node: sympy.Mul) -> str:
        return self._between(" * ", node.args)

    @write.register
    def _(self, node: sympy.Pow) -> str:
        if node.exp == S.NegativeOne:
            return f"(1 / {self.write(node.base)})"
        if node.exp == S.Half:
            return f"Math.sqrt({self.write(node.base)})"
        return f"Math.pow({self.write(node.base)}, {self.write(node.exp)})"

    @write.register
    def _(self, node: Elementary) -> str:
        name = type(node).__name__
        return f"{'Math' if name in _OF_MATH else 'n'}.{name}({self.write(node.args[0])})"

    @write.register(Maximum)
    @write.register(Minimum)
    def _(self, node: Any) -> str:
        name = "max" if isinstance(node, Maximum) else "min"
        return f"Math.{name}({', '.join(map(self.write, node.args))})"

    @write.register(Sum)
    @write.register(Product)
    @write.register(Largest)
    @write.register(Smallest)
    def _(self, node: Any) -> str:
        body = self.function([node.letter], node.body)
        return f"n.{_OVER[type(node)]}({self.length(node.extent)}, {body})"

    @write.register
    def _(self, node: KroneckerDelta) -> str:
        first, second = map(self._place, node.args)
        return f"({first} === {second} ? 1 : 0)"

    @write.register
    def _(self, node: Derivative) -> str:
        places = ", ".join(map(self._place, indices_of(node.variable)))
        name = json.dumps(name_of(node.variable))
        return f"n.slope({name}, [{places}], {self.function([], node.expr)})"

    @write.register
    def _(self, node: Where) -> str:
        yes, no = self.write(node.yes), self.write(node.no)
        return f"({self.condition(node.condition)} ? {yes} : {no})"

    @write.register
    def _(self, node: Piecewise) -> str:
        cases = [f"{self.condition(when)} ? {self.write(value)} : " for value, when in node.args]
        return f"({''.join(cases)}NaN)"

    def condition(self, node: Any) -> str:
        """Whether something holds, on values or on indices."""
        if isinstance(node, BooleanAtom):
            return "true" if node else "false"
        if isinstance(node, sympy.Not):
            return f"!{self.condition(node.args[0])}"
        if isinstance(node, sympy.And | sympy.Or):
            # Where a condition on indices decides, entries in the others may lie outside.
            parts = sorted(node.args, key=lambda part: not is_on_indices(part))
            sign = " && " if isinstance(node, sympy.And) else " || "
            return f"({sign.join(map(self.condition, parts))})"
        if not isinstance(node, Relational):
            raise Unwritable(f"there is no JavaScript for the condition {type(node).__name__}")
        write: Callable[[Expr], str] = self._counted if is_on_indices(node) else self.write
        sign = _RELATIONS.get(node.rel_op, node.rel_op)
        return f"({write(node.lhs)} {sign} {write(node.rhs)})"

    def _between(self, sign: str, parts: Sequence[Expr]) -> str:
        return f"({sign.join(map(self.write, parts))})"

    def _entry(self, head: Expr) -> str:
        places = "".join(f", {self._place(index)}" for index in indices_of(head))
        return f"n.entry({json.dumps(name_of(head))}{places})"

    def _place(self, index: Expr) -> str:
        """The place of an entry, from 1."""
        return _letter(index) if is_index(index) else f"(1 + {self._counted(index)})"

    def _counted(self, index: Expr) -> str:
        """An index from 0, as the letters of a sum such as i + k count."""
        if is_index(index):
            return f"({_letter(index)} - 1)"
        if isinstance(index, sympy.Add | sympy.Mul):
            sign = " + " if isinstance(index, sympy.Add) else " * "
            return f"({sign.join(map(self._counted, index.args))})"
        return self.write(index)


def _parameters(letters: Sequence[Symbol]) -> str:
    return f"({', '.join(map(_letter, letters))})"


def _letter(index: Expr) -> str:
    return f"${index}"
