"""Expressions as numbers: one value for every node, at one point.

Sums are written out term by term, deltas are 0 or 1, a defined name is its body, and a pending
derivative is a difference quotient at a precision where its error is far below 30 digits. So no
table of slopes is used at all, and a wrong one in the rules or functions cannot confirm itself.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, singledispatch
from math import prod
from typing import Any

import sympy
from mpmath.ctx_mp import MPContext
from mpmath.libmp import ComplexResult
from sympy import Expr, Indexed, KroneckerDelta, Piecewise, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from derive.check.letters import ARGUMENT, Letters
from derive.functions import Elementary
from derive.nodes import Derivative, Sum, indices_of, is_index, is_size, name_of
from derive.problem import Definition

Real = Any  # an mpf of the context below
Place = tuple[str, tuple[int, ...]]  # ("z", (1,)): the first entry of z
Env = Mapping[Symbol, Any]  # the values of the letters, counted from 1

CONTEXT: Any = MPContext()
CONTEXT.dps = 130
CONTEXT.trap_complex = True

# A central difference is off by its step squared (1e-49) and by the rounding over the step. Each
# level of nesting costs 25 of the 130 digits, so that three leave more than 50.
LEVELS = 3
_STEP = CONTEXT.ldexp(1, -81)


class OutOfDomain(ArithmeticError):
    """A value is not real, not finite, or too large to compare."""


class Uncheckable(Exception):
    """A node that has no value here: the checker says so and decides nothing."""


@dataclass
class Ground:
    """A point at which expressions are evaluated.

    Attributes:
        sizes: how many values an index runs over, for each size symbol.
        number: the value of a variable's entry (1-based places).
        definitions: by name; such a name has no number of its own.
        letters: shared by all points at which the same expressions are looked at.
        limit: values beyond 2**limit are refused as out of the domain.
        shifts: entries moved, in steps, to take a difference.
        peak: the exponent of the largest value met, in bits: [bits], shared with moved points.
    """

    sizes: Mapping[Symbol, int]
    number: Callable[[str, tuple[int, ...]], Real]
    definitions: Mapping[str, Definition]
    letters: Letters = field(default_factory=Letters)
    limit: int = 60
    shifts: Mapping[Place, int] = field(default_factory=dict)
    peak: list[int] = field(default_factory=lambda: [0])
    _memo: dict[tuple[int, tuple[Any, ...]], Real] = field(default_factory=dict)
    _moved: dict[frozenset[tuple[Place, int]], Ground] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._moved.setdefault(frozenset(), self)

    def value(self, node: Expr, env: Env) -> Real:
        """The value of a node, with its free letters as `env` has them.

        Raises:
            OutOfDomain: a value is not real or not finite at this point.
            Uncheckable: a node is of a kind that has no value here.
        """
        known = self.letters(node)
        key = (known.number, tuple(env[letter] for letter in known.letters))
        found = self._memo.get(key)
        if found is None:
            try:
                found = CONTEXT.mpf(_evaluate(node, env, self))
            except ComplexResult as error:
                raise OutOfDomain(str(error)) from error
            except ZeroDivisionError as error:
                raise OutOfDomain("division by zero") from error
            self._memo[key] = self._bounded(found)
        return found

    def entry(self, name: str, where: tuple[int, ...]) -> Real:
        """The value of one entry of a variable or defined name, moved if it is held moved."""
        definition = self.definitions.get(name)
        if definition is None:
            found = self.number(name, where)
        else:
            found = self.value(definition.body, dict(zip(definition.indices, where, strict=True)))
        steps = self.shifts.get((name, where), 0)
        return found + steps * _STEP if steps else found

    def slope(self, node: Expr, place: Place, env: Env) -> Real:
        """The derivative of a node by one entry. What is defined through a moved name follows it;
        other defined names are seen through."""
        up, down = self._shifted(place, 1), self._shifted(place, -1)
        return (up.value(node, env) - down.value(node, env)) / (2 * _STEP)

    def extent(self, size: Expr) -> int:
        """How many values there are: a size symbol or a number."""
        return self.sizes[size] if isinstance(size, Symbol) else int(size)

    def _shifted(self, place: Place, step: int) -> Ground:
        shifts = {**self.shifts, place: self.shifts.get(place, 0) + step}
        key = frozenset(item for item in shifts.items() if item[1])
        if key not in self._moved:
            self._moved[key] = Ground(
                self.sizes,
                self.number,
                self.definitions,
                self.letters,
                self.limit,
                shifts=dict(key),
                peak=self.peak,
                _moved=self._moved,
            )
        return self._moved[key]

    def _bounded(self, found: Real) -> Real:
        if not CONTEXT.isfinite(found):
            raise OutOfDomain("a value is not finite")
        _, mantissa, exponent, bits = found._mpf_
        if mantissa and exponent + bits > self.peak[0]:
            if exponent + bits > self.limit:
                raise OutOfDomain("a value is too large")
            self.peak[0] = exponent + bits
        return found


@singledispatch
def _evaluate(node: Any, _env: Env, _ground: Ground) -> Real:
    raise Uncheckable(f"{type(node).__name__} has no value that could be compared")


@_evaluate.register
def _(node: sympy.Number, _env: Env, _ground: Ground) -> Real:
    if not node.is_Rational:
        raise Uncheckable(f"{node} is not an exact number")
    return CONTEXT.mpf(node.p) / node.q


@_evaluate.register
def _(node: sympy.NumberSymbol, _env: Env, _ground: Ground) -> Real:
    return node._as_mpf_val(CONTEXT.prec)


@_evaluate.register
def _(node: Symbol, env: Env, ground: Ground) -> Real:
    if is_index(node) or node == ARGUMENT:
        return env[node]
    return ground.extent(node) if is_size(node) else ground.entry(name_of(node), ())


@_evaluate.register
def _(node: Indexed, env: Env, ground: Ground) -> Real:
    return ground.entry(name_of(node), _places(node, env, ground))


@_evaluate.register
def _(node: sympy.Add, env: Env, ground: Ground) -> Real:
    return sum(ground.value(term, env) for term in node.args)


@_evaluate.register
def _(node: sympy.Mul, env: Env, ground: Ground) -> Real:
    return prod(ground.value(factor, env) for factor in node.args)


@_evaluate.register
def _(node: sympy.Pow, env: Env, ground: Ground) -> Real:
    base = ground.value(node.base, env)
    if node.exp.is_Integer:
        return base ** int(node.exp)
    return base ** ground.value(node.exp, env)


@_evaluate.register
def _(node: KroneckerDelta, env: Env, ground: Ground) -> Real:
    first, second = (_whole(index, env, ground) for index in node.args)
    return int(first == second)


@_evaluate.register
def _(node: Sum, env: Env, ground: Ground) -> Real:
    count = ground.extent(node.extent)
    return sum(ground.value(node.body, {**env, node.letter: k}) for k in range(1, count + 1))


@_evaluate.register
def _(node: Derivative, env: Env, ground: Ground) -> Real:
    place = (name_of(node.variable), _places(node.variable, env, ground))
    return ground.slope(node.expr, place, env)


@_evaluate.register
def _(node: Piecewise, env: Env, ground: Ground) -> Real:
    for value, condition in node.args:
        if holds(condition, env, ground):
            return ground.value(value, env)
    raise OutOfDomain("no case applies")


@_evaluate.register
def _(node: Elementary, env: Env, ground: Ground) -> Real:
    return _meaning(type(node), ground.value(node.args[0], env), ground)


@_evaluate.register
def _(node: sympy.Function, env: Env, ground: Ground) -> Real:
    known = _KNOWN.get(node.func)
    if known is None:
        raise Uncheckable(f"{node.func} is not a known function")
    return known(*(ground.value(arg, env) for arg in node.args))


@_evaluate.register(sympy.Max)
@_evaluate.register(sympy.Min)
def _(node: Any, env: Env, ground: Ground) -> Real:
    choose = max if isinstance(node, sympy.Max) else min
    return choose(ground.value(arg, env) for arg in node.args)


_NAMES = "exp log sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf sign"
_KNOWN: dict[Any, Callable[..., Real]] = {
    getattr(sympy, name): getattr(CONTEXT, name) for name in _NAMES.split()
} | {sympy.Abs: abs}


def _meaning(function: Any, argument: Real, ground: Ground) -> Real:
    """An elementary function, by the SymPy formula that says what it means."""
    formula = _formula(function)
    if formula.args == (ARGUMENT,):
        return _KNOWN[formula.func](argument)
    return ground.value(formula, {ARGUMENT: argument})


@cache
def _formula(function: Any) -> Expr:
    return function(ARGUMENT).doit()


def holds(condition: Any, env: Env, ground: Ground) -> bool:
    """Whether a condition on indices or values holds."""
    if isinstance(condition, BooleanTrue | BooleanFalse):
        return bool(condition)
    if isinstance(condition, sympy.Not):
        return not holds(condition.args[0], env, ground)
    if isinstance(condition, sympy.And | sympy.Or):
        every = all if isinstance(condition, sympy.And) else any
        return every(holds(part, env, ground) for part in condition.args)
    if not isinstance(condition, Relational):
        raise Uncheckable(f"{condition} is not a condition that could be decided")
    left, right = (ground.value(side, env) for side in condition.args)
    return bool(_RELATIONS[condition.rel_op](left, right))


_RELATIONS: dict[str, Callable[[Real, Real], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _places(head: Expr, env: Env, ground: Ground) -> tuple[int, ...]:
    return tuple(_whole(index, env, ground) for index in indices_of(head))


def _whole(index: Expr, env: Env, ground: Ground) -> int:
    """An index as a number: a letter, a number, or a sum such as i + k."""
    return int(env[index] if is_index(index) else ground.value(index, env))
