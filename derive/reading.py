"""The order in which a person writes terms and factors, and how long a line is.

SymPy's own order depends on letters and puts -y_j + p_j, (1 - s)*s. Every printer, and the engine
when it looks for the next thing to do, reads an expression in the order given here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Add, Expr, Function, Indexed, KroneckerDelta, Mul, Number, Pow, S, Symbol

from derive.functions import exp, sigmoid
from derive.indices import free_indices
from derive.length import Lengths, has_minus, is_cases, is_negative
from derive.nodes import Binder, Derivative, Where, children


@dataclass(frozen=True)
class Factors:
    """A product as written: -(3/4) * numerator / denominator.

    Attributes:
        negative: whether a minus sign stands in front.
        coefficient: the positive number in front; 1 where none is written.
        numerator, denominator: the other factors in reading order; denominators as they stand
            under the bar (x, not x**-1).
    """

    negative: bool
    coefficient: Number
    numerator: tuple[Expr, ...]
    denominator: tuple[Expr, ...]


# The parts of an expression, each with its place among the expression's arguments.
Places = tuple[tuple[int, Expr], ...]


@dataclass(frozen=True)
class Reading:
    """A reading order: the target's indices come first, the variable's last.

    It remembers the order of every expression it has put in order, and the places of every term and
    factor, for as long as it lives.
    """

    first: tuple[Symbol, ...] = ()
    last: tuple[Symbol, ...] = ()
    _known: dict[Expr, Places] = field(default_factory=dict, compare=False, repr=False)
    _keys: dict[Expr, tuple[Any, ...]] = field(default_factory=dict, compare=False, repr=False)
    _term_keys: dict[Expr, tuple[Any, ...]] = field(default_factory=dict, compare=False, repr=False)
    _lengths: Lengths = field(default_factory=Lengths, compare=False, repr=False)

    def length(self, expr: Expr) -> float:
        """How long an expression is on paper."""
        return self._lengths[expr]

    def rank(self, letter: Expr) -> tuple[int, str]:
        if letter in self.first:
            return (self.first.index(letter), "")
        if letter in self.last:
            return (1000 + self.last.index(letter), "")
        return (500, str(letter))

    def terms(self, expr: Expr) -> tuple[Expr, ...]:
        """The terms of a sum: what has a plus sign first, numbers in front."""
        return tuple(sorted(Add.make_args(expr), key=self._term_key))

    def place(self, index: Expr) -> tuple[Expr, ...]:
        """The terms of an index such as t + k - 1: letters in front, what is added first, lengths
        and numbers last."""
        return tuple(sorted(Add.make_args(index), key=self._place_key))

    def _place_key(self, term: Expr) -> tuple[Any, ...]:
        signature = self._signature(term)
        return (isinstance(term, Number), not signature, has_minus(term), signature, str(term))

    def factors(self, expr: Expr) -> Factors:
        """The factors of a product or power, sorted into a fraction."""
        number: Number = S.One
        over: list[Expr] = []
        under: list[Expr] = []
        for factor in Mul.make_args(expr):
            if isinstance(factor, Number):
                number *= factor
            elif isinstance(factor, Pow) and is_negative(factor.exp):
                under.append(Pow(factor.base, -factor.exp))
            else:
                over.append(factor)
        return Factors(
            negative=bool(number < 0),
            coefficient=abs(number),
            numerator=tuple(sorted(over, key=self._factor_key)),
            denominator=tuple(sorted(under, key=self._factor_key)),
        )

    def factors_in_order(self, expr: Expr) -> tuple[Expr, ...]:
        """The factors of a product as they are in the tree, from left to right."""
        return tuple(part for _, part in self.children(expr)) if expr.is_Mul else (expr,)

    def delta_indices(self, delta: KroneckerDelta) -> tuple[Expr, ...]:
        """The two indices of a delta: the target's before the variable's."""
        return tuple(sorted(delta.args, key=self.rank))

    def children(self, expr: Expr) -> Places:
        """The parts of a node with their places, from left to right."""
        if expr not in self._known:
            self._known[expr] = self._in_order(expr)
        return self._known[expr]

    def _in_order(self, expr: Expr) -> Places:
        places = list(enumerate(expr.args))
        if isinstance(expr, Add):
            return tuple(sorted(places, key=lambda p: self._term_key(p[1])))
        if isinstance(expr, Mul):
            return tuple(sorted(places, key=lambda p: (_is_under(p[1]), self._factor_key(p[1]))))
        if isinstance(expr, Indexed | KroneckerDelta):
            return ()
        return tuple(places[: len(children(expr))])

    def _term_key(self, term: Expr) -> tuple[Any, ...]:
        if term not in self._term_keys:
            self._term_keys[term] = self._place_of_term(term)
        return self._term_keys[term]

    def _place_of_term(self, term: Expr) -> tuple[Any, ...]:
        number = isinstance(term, Number)
        signature = self._signature(term)
        cases = any(map(is_cases, Mul.make_args(term)))
        return (
            has_minus(term),
            not number,
            cases,
            any(map(_is_complement, Mul.make_args(term))),
            -self.length(term),
            signature,
            _Spelling(term),
        )

    def _factor_key(self, factor: Expr) -> tuple[Any, ...]:
        if factor not in self._keys:
            self._keys[factor] = self._place_of(factor)
        return self._keys[factor]

    def _place_of(self, factor: Expr) -> tuple[Any, ...]:
        base = factor.base if isinstance(factor, Pow) else factor
        late = 2 if isinstance(base, Binder) else 1 if isinstance(base, Derivative) else 0
        late = 3 if is_cases(base) else late
        complement = isinstance(base, Function) and _is_complement(base)
        return (late, self._signature(base), _category(base), complement, _Spelling(factor))

    def _signature(self, expr: Expr) -> tuple[tuple[int, str], ...]:
        if isinstance(expr, Symbol) and not free_indices(expr):
            return ()
        return tuple(sorted(self.rank(i) for i in free_indices(expr)))


class _Spelling:
    """The last resort of an order: an expression's spelling, worked out only if needed."""

    def __init__(self, expr: Expr) -> None:
        self.expr = expr

    def __lt__(self, other: _Spelling) -> bool:
        return self._text < other._text

    @cached_property
    def _text(self) -> str:
        return str(self.expr)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Spelling) and bool(self.expr == other.expr)

    __hash__ = None  # type: ignore[assignment]


def _is_under(factor: Expr) -> bool:
    return isinstance(factor, Pow) and is_negative(factor.exp)


def _category(base: Expr) -> int:
    if isinstance(base, Symbol | Indexed):
        return 0
    if isinstance(base, KroneckerDelta | Where):
        return 1
    if isinstance(base, Binder):
        return 4
    if base.is_number:  # √2, π
        return -1
    if isinstance(base, Add):
        return 3
    return 2 if isinstance(base, exp | sigmoid) else 4  # log x last: what follows is not its own


def _is_complement(factor: Expr) -> bool:
    """1 - p, log(1 - p), e^-x, sigma(-x): it stands after its counterpart without the minus."""
    if isinstance(factor, Function):
        return has_minus(factor.args[0]) or _is_complement(factor.args[0])
    if not isinstance(factor, Add):
        return False
    return S.One in factor.args and all(t == 1 or has_minus(t) for t in factor.args)
