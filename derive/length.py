"""How long an expression is on paper: what a search for the shortest line goes by."""

from __future__ import annotations

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Number, Pow, S, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, Not

from derive.functions import exp, tanh
from derive.indices import free_indices
from derive.nodes import Binder, Derivative, Where, indices_of

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
        again = _REPEATED if _shares_a_factor(expr) or complements(expr) else 0.0
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


def _bracketed(factor: Expr) -> float:
    if is_cases(factor):
        return length(factor) + 2.0
    return length(factor) + (1.0 if isinstance(factor, Add) else 0.0)


def _length_of_power(expr: Expr) -> float:
    """x^2 is a letter, a raised one, and what raising costs a reader; 1/x is a bar and a letter."""
    under = is_negative(expr.exp)
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
