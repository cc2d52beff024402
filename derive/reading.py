"""The order in which a person writes terms and factors, and how long a line is.

SymPy's own order depends on letters and puts -y_j + p_j, (1 - s)*s. Every printer, and the engine
when it looks for the next thing to do, reads an expression in the order given here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sympy import Add, Expr, Function, Indexed, KroneckerDelta, Mul, Number, Pow, S, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, Not

from derive.functions import exp, sigmoid, tanh
from derive.indices import free_indices
from derive.nodes import Binder, Derivative, Where, children, indices_of


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

    It remembers the order of every expression it has put in order, and every factor's place in a
    product, for as long as it lives.
    """

    first: tuple[Symbol, ...] = ()
    last: tuple[Symbol, ...] = ()
    _known: dict[Expr, Places] = field(default_factory=dict, compare=False, repr=False)
    _keys: dict[Expr, tuple[Any, ...]] = field(default_factory=dict, compare=False, repr=False)

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
            elif isinstance(factor, Pow) and _is_negative(factor.exp):
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
        number = isinstance(term, Number)
        signature = self._signature(term)
        cases = any(map(is_cases, Mul.make_args(term)))
        return (
            has_minus(term),
            not number,
            cases,
            any(map(_is_complement, Mul.make_args(term))),
            -length(term),
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
        return str(self.expr) < str(other.expr)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Spelling) and bool(self.expr == other.expr)

    __hash__ = None  # type: ignore[assignment]


def _is_negative(exponent: Expr) -> bool:
    return isinstance(exponent, Number) and bool(exponent < 0)


def _is_under(factor: Expr) -> bool:
    return isinstance(factor, Pow) and _is_negative(factor.exp)


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


def is_cases(factor: Expr) -> bool:
    """Whether it is written case below case, with nothing to close it at the right."""
    if not isinstance(factor, Where) or factor.args[:2] == (1, 0):
        return False
    return factor.args[:2] != (0, 1) or not isinstance(factor.condition, Relational)


# What a delta costs that still has a term to pick: no reader takes that for a result.
_WAITING = 8.0
# What a factor costs that every term has: it should stand in front of a bracket.
_REPEATED = 1.5
# What f (1 - f) or 1 - tanh(u)^2 is easier to read than it is long.
_FAMILIAR = 3.0


def length(expr: Expr) -> float:
    """How long an expression is on paper, in letters; an index counts for half a letter."""
    if isinstance(expr, Number):
        return float(len(str(abs(expr)))) + (1.0 if expr < 0 else 0.0)
    if isinstance(expr, Symbol):
        return 1.0
    if isinstance(expr, Indexed):
        return 1.0 + 0.5 * len(indices_of(expr))
    if isinstance(expr, KroneckerDelta):
        return 2.0
    if isinstance(expr, Binder):
        factors = Mul.make_args(expr.body)
        idle = any(expr.letter not in free_indices(f) for f in factors)  # it belongs in front
        waiting = any(expr.letter in d.args for d in expr.body.atoms(KroneckerDelta))
        extra = (0.5 if idle and len(factors) > 1 else 0.0) + (_WAITING if waiting else 0.0)
        return 3.0 + _bracketed(expr.body) + extra
    if isinstance(expr, Add):
        signs = sum(1.0 for term in expr.args if has_minus(term))
        leading = 1.5 if signs == len(expr.args) else 0.0  # better in front of the bracket
        again = _REPEATED if _shares_a_factor(expr) else 0.0
        again += sum(1.0 for term in expr.args if is_cases(term))
        again -= _FAMILIAR if _is_slope_of_tanh(expr) else 0.0
        return sum(length(t) for t in expr.args) - signs + len(expr.args) - 1.0 + leading + again
    if isinstance(expr, Mul):
        known = _FAMILIAR if any(1 - f in expr.args for f in expr.args) else 0.0
        return sum(1.0 if f == -1 else _bracketed(f) for f in expr.args) - known
    if isinstance(expr, Pow):
        return _length_of_power(expr)
    if isinstance(expr, Derivative):
        return 4.0 + length(expr.expr) + length(expr.variable)
    if isinstance(expr, Where):
        return _length_of_cases(expr)
    if isinstance(expr, Boolean):
        return _length_of_condition(expr)
    return _length_of_function(expr)


def has_minus(term: Expr) -> bool:
    """Whether a term is written with a minus sign."""
    return any(isinstance(f, Number) and f < 0 for f in Mul.make_args(term))


def _shares_a_factor(expr: Add) -> bool:
    first, *others = ({_base(f) for f in Mul.make_args(t)} for t in expr.args)
    return any(not isinstance(f, Number) for f in first.intersection(*others))


def _is_slope_of_tanh(expr: Add) -> bool:
    squares = [-term for term in expr.args if term != 1]
    return len(squares) == 1 and squares[0].is_Pow and isinstance(squares[0].base, tanh)


def _base(factor: Expr) -> Expr:
    return factor.base if isinstance(factor, Pow) else factor


def _bracketed(factor: Expr) -> float:
    if is_cases(factor):
        return length(factor) + 2.0
    return length(factor) + (1.0 if isinstance(factor, Add) else 0.0)


def _length_of_power(expr: Expr) -> float:
    """x^2 is a letter, a raised one, and what raising costs a reader; 1/x is a bar and a letter."""
    under = _is_negative(expr.exp)
    exponent = -expr.exp if under else expr.exp
    bar = 0.5 if under else 0.0
    if exponent == 1:
        return length(expr.base) + bar
    brackets = 0.0 if isinstance(expr.base, Symbol | Indexed) else 1.0
    return length(expr.base) + brackets + length(exponent) + 1.5 + bar


def _length_of_cases(expr: Where) -> float:
    """An indicator is written 1[x > 0], anything else as cases, one above the other; with 0 for the
    other case it is no longer than an indicator and a factor."""
    condition = _length_of_condition(expr.condition)
    if not is_cases(expr):
        return 2.0 + condition
    if expr.no == 0 and not is_cases(expr.yes):
        return 1.5 + length(expr.yes) + condition
    brace = 0.0 if is_cases(expr.no) else 4.0  # the rows of the last case go on below
    return brace + length(expr.yes) + length(expr.no) + condition


def _length_of_condition(condition: Boolean) -> float:
    joints = 1.0 if isinstance(condition, Relational | Not) else len(condition.args) - 1.0
    return joints + sum(length(part) for part in condition.args)


def _length_of_function(expr: Expr) -> float:
    name = 1.0 if isinstance(expr, exp) else 3.0
    return name + sum(length(arg) for arg in expr.args)
