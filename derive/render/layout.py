"""SymPy expression -> tree of what stands on paper. Every decision of typesetting is made here.

The order of terms and factors is `Reading`'s. Nothing is merged, cancelled or rewritten: a line
shows the expression it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol
from sympy.logic.boolalg import Boolean

from derive.decimals import ratio
from derive.errors import UnsupportedError
from derive.functions import Elementary, abs, exp
from derive.length import has_minus
from derive.nodes import (
    Binder,
    Derivative,
    Largest,
    Smallest,
    Sum,
    Where,
    indices_of,
    is_index,
    name_of,
)
from derive.nodes import Product as ProductOver
from derive.reading import Reading
from derive.render.brackets import (
    POWER_ON_NAME,
    before_slash,
    can_stand_open,
    closed,
    closed_if_open,
    is_bracket,
    length,
    product_of,
    raised,
)
from derive.render.conditions import condition_node, piecewise_node, where_node
from derive.render.derivatives import derivative_node
from derive.render.names import function_node, letter, name, subscript, symbol
from derive.render.roots import gathered
from derive.render.tree import (
    Apply,
    Big,
    Cases,
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
    holds,
    separated,
    tall,
)


@dataclass(frozen=True)
class Style:
    """What may be chosen.

    Attributes:
        limits: write the limits of a sum (k = 1 to n) and not only its letter.
        start: the first value of an index: 0 where indices are added up, as in x[t + k].
        inline: fractions with a slash, for exponents and sentences.
        d: the letter of derivatives: ∂, or d where there is one scalar variable.
        decimals: 0.25 instead of 1/4, where that is exact.
    """

    limits: bool = False
    start: int = 1
    inline: bool = False
    d: str = "∂"
    decimals: bool = False


PLAIN_ORDER = Reading()
DISPLAY = Style()


def layout(expr: Expr, reading: Reading = PLAIN_ORDER, style: Style = DISPLAY) -> Node:
    """The tree of an expression.

    Raises:
        UnsupportedError: a kind of expression that has no form on paper here.
    """
    return _Typesetter(reading, style).node(expr)


_BIG: dict[type, str] = {Sum: "∑", ProductOver: "∏", Largest: "max", Smallest: "min"}
_LONGEST_EXPONENT = 16


class _Typesetter:
    def __init__(self, reading: Reading, style: Style) -> None:
        self.reading = reading
        self.style = style

    def node(self, expr: Expr) -> Node:
        for kind in type(expr).__mro__:
            if kind in _KINDS:
                return _KINDS[kind](self, expr)
        raise UnsupportedError(f"no way to typeset {type(expr).__name__}: {expr}")

    # names and numbers

    def symbol(self, expr: Symbol) -> Node:
        return symbol(expr.name)

    def entry(self, expr: Indexed) -> Node:
        base, below = name(name_of(expr))
        return Script(base, sub=self.places(indices_of(expr), below))

    def delta(self, expr: KroneckerDelta) -> Node:
        return Script(Name("δ"), sub=self.places(self.reading.delta_indices(expr)))

    def places(self, indices: tuple[Expr, ...], first: str = "") -> Node:
        """Indices below a name: ij, but 1,2 and i,j + 1 and 1,ij."""
        small = self.inline()
        nodes = [small.place(i) for i in indices]
        letters = all(is_index(i) and len(letter(i.name)) == 1 for i in indices)
        node = Row(tuple(nodes)) if letters and len(nodes) > 1 else separated(nodes, ",")
        return separated([subscript(first), node], ",") if first else node

    def place(self, index: Expr) -> Node:
        """An index: a letter, or a sum in the order of indices."""
        first, *others = self.reading.place(index)
        if not others:
            return self.node(first)
        signs = [(has_minus(term), term) for term in others]
        parts = [("-" if minus else "+", self.node(-t if minus else t)) for minus, t in signs]
        return Terms((("", self.node(first)), *parts))

    def number(self, expr: Expr) -> Node:
        if expr < 0:
            return self.negated(expr)
        over, under = ratio(expr, self.style.decimals)
        return Number(over) if under == "1" else self.fraction(Number(over), Number(under))

    def constant(self, expr: Expr) -> Node:
        return Name({sympy.pi: "π", sympy.E: "e", sympy.oo: "∞"}[expr])

    # sums of terms, products, fractions

    def terms(self, expr: Expr) -> Node:
        parts: list[tuple[str, Node]] = []
        for term in self.reading.terms(expr):
            sign = "-" if self.reading.factors(term).negative else "+" if parts else ""
            parts.append((sign, self.unsigned(term)))
        *front, last = parts
        return Terms((*((sign, closed_if_open(part)) for sign, part in front), last))

    def negated(self, expr: Expr) -> Node:
        return Terms((("-", closed(self.unsigned(expr), Terms)),))

    def unsigned(self, expr: Expr) -> Node:
        """A term without its minus sign."""
        if not self.reading.factors(expr).negative:
            return closed(self.node(expr), Terms)
        if isinstance(expr, Mul):
            return closed(self.product(expr), Terms)
        return self.node(-expr)

    def signed_product(self, expr: Expr) -> Node:
        return self.negated(expr) if self.reading.factors(expr).negative else self.product(expr)

    def product(self, expr: Expr) -> Node:
        """A product without its sign, as a fraction where it has a denominator."""
        factors = gathered(self.reading.factors(expr))
        over, under = factors.numerator, factors.denominator
        top, bottom = ratio(factors.coefficient, self.style.decimals)
        if not under and bottom == "1":
            return self.juxtaposed(top, over)
        if self.style.inline:
            front = over
        elif all(map(_is_plain, under)) and self.belongs_behind(top, over):
            front = tuple(f for f in over if _is_plain(f))
        else:
            front = tuple(f for f in over if not isinstance(f, Derivative))
        bar = self.fraction(self.juxtaposed(top, front), self.juxtaposed(bottom, under))
        return product_of([bar, *(self.node(f) for f in over if f not in front)])

    def belongs_behind(self, coefficient: str, over: tuple[Expr, ...]) -> bool:
        """Whether factors are too large to stand over a plain denominator: a bracket, a sum."""
        nodes = [self.node(factor) for factor in over]
        if coefficient == "1" and len(nodes) == 1 and isinstance(nodes[0], Terms):
            return tall(nodes[0])
        return any(is_bracket(node) or tall(node) for node in nodes)

    def juxtaposed(self, coefficient: str, factors: tuple[Expr, ...]) -> Node:
        number: list[Node] = [] if coefficient == "1" and factors else [Number(coefficient)]
        return product_of([*number, *map(self.node, factors)])

    def fraction(self, over: Node, under: Node) -> Node:
        if not self.style.inline:
            return Frac(over, under)
        return Row((before_slash(over), Op("/"), closed(under, Terms, Product)))

    def power(self, expr: Pow) -> Node:
        base, exponent = expr.base, expr.exp
        if self.reading.factors(expr).denominator:
            return self.product(expr)
        if exponent == sympy.Rational(1, 2):
            return Root(self.node(base))
        small = self.inline().node(exponent)
        if isinstance(base, Elementary) and type(base).__name__ in POWER_ON_NAME:
            function, argument = self.call_parts(base)
            return Apply(Script(function, sup=small), argument)
        return raised(self.node(base), small)

    # functions and operators

    def exponential(self, expr: Expr) -> Node:
        (argument,) = expr.args
        small = self.inline().node(argument)
        if holds(small, Big, Cases, Frac, Root) or length(small) > _LONGEST_EXPONENT:
            return Apply(Function("exp"), Fenced(self.node(argument)))
        return Script(Name("e"), sup=small)

    def call(self, expr: Expr) -> Node:
        return Apply(*self.call_parts(expr))

    def call_parts(self, expr: Expr) -> tuple[Node, Node]:
        """A function's name, and its argument in brackets unless it is short."""
        function = function_node(type(expr))
        parts = [self.node(arg) for arg in expr.args]
        if len(parts) == 1 and isinstance(function, Function) and can_stand_open(function, parts):
            return function, parts[0]
        return function, Fenced(separated(parts))

    def absolute(self, expr: Expr) -> Node:
        return Fenced(self.node(expr.args[0]), "|", "|")

    def big(self, expr: Binder) -> Node:
        below, above = self.node(expr.letter), None
        if self.style.limits and isinstance(expr, Sum | ProductOver):
            last = expr.extent - 1 + self.style.start
            below, above = equation(below, "=", Number(str(self.style.start))), self.node(last)
        body = closed(self.node(expr.body), Terms)
        return Big(_BIG[type(expr)], below, above, body)

    def derivative(self, expr: Derivative) -> Node:
        return derivative_node(expr, self.node, self.fraction, self.style.d)

    def inline(self) -> _Typesetter:
        return _Typesetter(self.reading, replace(self.style, inline=True))


_KINDS: dict[type, Callable[[_Typesetter, Any], Node]] = {
    Symbol: _Typesetter.symbol,
    Indexed: _Typesetter.entry,
    KroneckerDelta: _Typesetter.delta,
    sympy.Rational: _Typesetter.number,
    sympy.NumberSymbol: _Typesetter.constant,
    type(sympy.oo): _Typesetter.constant,
    sympy.Add: _Typesetter.terms,
    Mul: _Typesetter.signed_product,
    Pow: _Typesetter.power,
    exp: _Typesetter.exponential,
    sympy.Abs: _Typesetter.absolute,
    abs: _Typesetter.absolute,
    sympy.Function: _Typesetter.call,
    sympy.Max: _Typesetter.call,
    sympy.Min: _Typesetter.call,
    Binder: _Typesetter.big,
    sympy.Derivative: _Typesetter.derivative,
    Where: lambda self, expr: where_node(expr, self.node, self.style.inline),
    sympy.Piecewise: lambda self, expr: piecewise_node(expr, self.node),
    Boolean: lambda self, expr: condition_node(expr, self.node),
}


def _is_plain(expr: Expr) -> bool:
    """A number or scalar, or a power of one: what may stand in front as 2/n."""
    base = expr.base if isinstance(expr, Pow) else expr
    return isinstance(base, Symbol) or bool(base.is_Number)
