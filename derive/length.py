"""How long an expression is on paper: what a search for the shortest line goes by."""

from __future__ import annotations

from typing import ClassVar

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Number, Pow, S, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, Not

from derive.functions import exp, tanh
from derive.indices import free_indices
from derive.nodes import Binder, Derivative, Sum, Where, indices_of

# What a delta costs that still has a term to pick: no reader takes that for a result.
_WAITING = 8.0
# What a factor costs that every term has: it should stand in front of a bracket.
_REPEATED = 1.5
# What f (1 - f) or 1 - tanh(u)^2 is easier to read than it is long.
_FAMILIAR = 3.0


def is_negative(exponent: Expr) -> bool:
    return isinstance(exponent, Number) and bool(exponent < 0)


def is_cases(factor: Expr) -> bool:
    """Whether it is written case below case, with nothing to close it at the right."""
    if not isinstance(factor, Where) or factor.args[:2] == (1, 0):
        return False
    return factor.args[:2] != (0, 1) or not isinstance(factor.condition, Relational)


def has_minus(term: Expr) -> bool:
    """Whether a term is written with a minus sign."""
    return any(isinstance(f, Number) and f < 0 for f in Mul.make_args(term))


def _shares_a_factor(expr: Add) -> bool:
    first, *others = ({_base(f) for f in Mul.make_args(t)} for t in expr.args)
    return any(not isinstance(f, Number) for f in first.intersection(*others))


def _is_slope_of_tanh(expr: Add) -> bool:
    squares = [-term for term in expr.args if term != 1]
    return len(squares) == 1 and squares[0].is_Pow and isinstance(squares[0].base, tanh)


def complements(expr: Add) -> tuple[Expr, Expr] | None:
    """f and -f g among three or more terms, for which one writes f (1 - g)."""
    if len(expr.args) < 3:
        return None
    tables = [(term, frozenset(Mul.make_args(term)) - {S.NegativeOne}) for term in expr.args]
    for f, few in tables:
        for term, many in tables:
            if few < many and has_minus(f) != has_minus(term) and not isinstance(f, Number):
                return f, term
    return None


def _base(factor: Expr) -> Expr:
    return factor.base if isinstance(factor, Pow) else factor


class Lengths(dict[Expr, float]):
    """How long expressions are on paper, in letters; an index counts for half a letter. What was
    measured once is kept."""

    def __missing__(self, expr: Expr) -> float:
        self[expr] = found = self._measured(expr)
        return found

    def _measured(self, expr: Expr) -> float:
        if isinstance(expr, Number):
            return float(len(str(abs(expr)))) + (1.0 if expr < 0 else 0.0)
        if isinstance(expr, Symbol):
            return 1.0
        if isinstance(expr, Indexed):
            return 1.0 + 0.5 * len(indices_of(expr))
        if isinstance(expr, KroneckerDelta):
            return 2.0
        if isinstance(expr, Derivative):
            return 4.0 + self[expr.expr] + self[expr.variable]
        for kind, measure in self._KINDS.items():
            if isinstance(expr, kind):
                return measure(self, expr)
        return self._of_function(expr)

    def _of_binder(self, expr: Binder) -> float:
        cases = isinstance(expr.body, Where) and expr.body.no == 0
        factors = Mul.make_args(expr.body.yes if cases else expr.body)
        idle = any(expr.letter not in free_indices(f) for f in factors)  # it belongs in front
        waiting = any(expr.letter in d.args for d in expr.body.atoms(KroneckerDelta))
        extra = (0.5 if idle and len(factors) > 1 else 0.0) + (_WAITING if waiting else 0.0)
        return 3.0 + self._bracketed(expr.body) + extra

    def _of_sum(self, expr: Add) -> float:
        signs = sum(1.0 for term in expr.args if has_minus(term))
        leading = 1.5 if signs == len(expr.args) else 0.0  # better in front of the bracket
        again = _REPEATED if _shares_a_factor(expr) or complements(expr) else 0.0
        again += sum(1.0 for term in expr.args if is_cases(term))
        again -= _FAMILIAR if _is_slope_of_tanh(expr) else 0.0
        return sum(self[t] for t in expr.args) - signs + len(expr.args) - 1.0 + leading + again

    def _of_product(self, expr: Mul) -> float:
        known = _FAMILIAR if any(1 - f in expr.args for f in expr.args) else 0.0
        return sum(1.0 if f == -1 else self._bracketed(f) for f in expr.args) - known

    def _of_power(self, expr: Pow) -> float:
        """x^2 is a letter, a raised one, and what raising costs a reader; 1/x is a bar and a
        letter."""
        under = is_negative(expr.exp)
        exponent = -expr.exp if under else expr.exp
        bar = 0.5 if under else 0.0
        if (norm := self._norm(expr.base)) and (2 * exponent).is_Integer:
            return norm + bar + (0.0 if 2 * exponent == 1 else self[2 * exponent] + 1.5)
        if exponent == 1:
            return self[expr.base] + bar
        brackets = 0.0 if isinstance(expr.base, Symbol | Indexed) else 1.0
        return self[expr.base] + brackets + self[exponent] + 1.5 + bar

    def _norm(self, base: Expr) -> float:
        """The length of |x|, the root of this sum of squares; 0 for what is no such sum."""
        square = base.body if isinstance(base, Sum) else S.One
        is_norm = square.is_Pow and square.exp == 2 and base.letter in free_indices(square)
        return 2.0 + self[square.base] if is_norm else 0.0

    def _of_cases(self, expr: Where) -> float:
        """An indicator is written 1[x > 0], anything else as cases, one above the other; with 0 for
        the other case it is no longer than an indicator and a factor."""
        condition = self._of_condition(expr.condition)
        if not is_cases(expr):
            return 2.0 + condition
        if expr.no == 0 and not is_cases(expr.yes):
            return 1.5 + self[expr.yes] + condition
        brace = 0.0 if is_cases(expr.no) else 4.0  # the rows of the last case go on below
        return brace + self[expr.yes] + self[expr.no] + condition

    def _of_condition(self, condition: Boolean) -> float:
        joints = 1.0 if isinstance(condition, Relational | Not) else len(condition.args) - 1.0
        return joints + sum(self[part] for part in condition.args)

    def _of_function(self, expr: Expr) -> float:
        name = 1.0 if isinstance(expr, exp) else 3.0
        return name + sum(self[arg] for arg in expr.args)

    def _bracketed(self, factor: Expr) -> float:
        if is_cases(factor):
            return self[factor] + 2.0
        return self[factor] + (1.0 if isinstance(factor, Add) else 0.0)

    _KINDS: ClassVar = {
        Binder: _of_binder,
        Add: _of_sum,
        Mul: _of_product,
        Pow: _of_power,
        Where: _of_cases,
        Boolean: _of_condition,
    }


def length(expr: Expr) -> float:
    """How long one expression is; see `Lengths`."""
    return Lengths()[expr]
