"""The value of every kind of node, from the values of its parts.

Sums are written out term by term, deltas are 0 or 1, a pending derivative is a difference
quotient. What an elementary function means is said by a formula; no table of slopes is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce, singledispatch
from operator import add, mul
from typing import Any, Protocol

import sympy
from sympy import Expr, Indexed, KroneckerDelta, Piecewise, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from derive.checker.letters import ARGUMENT
from derive.checker.reals import CONTEXT, OutOfDomain, OutOfRange, Real, Uncheckable
from derive.functions import Elementary, Maximum, Minimum, abs, relu, sign
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

Place = tuple[str, tuple[int, ...]]  # ("z", (1,)): the first entry of z
Env = Mapping[Symbol, Any]  # the values of the letters, counted from 1
Located = tuple[Expr, Env]  # an expression, with its letters as the second says


class Numbers(Protocol):
    """A point at which expressions have values; see `Ground`."""

    def value(self, node: Expr, env: Env) -> Real: ...
    def entry(self, name: str, where: tuple[int, ...]) -> Real: ...
    def slope(self, node: Expr, place: Place, env: Env) -> Real: ...
    def order(self, left: Located, right: Located) -> int: ...
    def extent(self, size: Expr) -> int: ...


@singledispatch
def evaluate(node: Any, _env: Env, _at: Numbers) -> Real:
    """The value of a node.

    Raises:
        OutOfDomain: it has no value at this point.
        Uncheckable: no node of its kind has a value.
    """
    raise Uncheckable(f"{type(node).__name__} has no value that could be compared")


@evaluate.register
def _(node: sympy.Number, _env: Env, _at: Numbers) -> Real:
    if not node.is_Rational:
        raise Uncheckable(f"{node} is not an exact number")
    return CONTEXT.mpf(node.p) / node.q


@evaluate.register
def _(node: sympy.NumberSymbol, _env: Env, _at: Numbers) -> Real:
    return node._as_mpf_val(CONTEXT.prec)


@evaluate.register
def _(node: Symbol, env: Env, at: Numbers) -> Real:
    if is_index(node) or node == ARGUMENT:
        return env[node]
    return at.extent(node) if is_size(node) else at.entry(name_of(node), ())


@evaluate.register
def _(node: Indexed, env: Env, at: Numbers) -> Real:
    return at.entry(name_of(node), _places(node, env, at))


@evaluate.register
def _(node: sympy.Add, env: Env, at: Numbers) -> Real:
    return reduce(add, [at.value(term, env) for term in node.args])


@evaluate.register
def _(node: sympy.Mul, env: Env, at: Numbers) -> Real:
    return reduce(mul, [at.value(factor, env) for factor in node.args])


@evaluate.register
def _(node: sympy.Pow, env: Env, at: Numbers) -> Real:
    base = at.value(node.base, env)
    if node.exp.is_Integer:
        return base ** int(node.exp)
    return base ** at.value(node.exp, env)


@evaluate.register
def _(node: KroneckerDelta, env: Env, at: Numbers) -> Real:
    first, second = (_whole(index, env, at) for index in node.args)
    return int(first == second)


@evaluate.register
def _(node: Derivative, env: Env, at: Numbers) -> Real:
    place = (name_of(node.variable), _places(node.variable, env, at))
    return at.slope(node.expr, place, env)


# Over an index


@evaluate.register
def _(node: Sum, env: Env, at: Numbers) -> Real:
    return reduce(add, [at.value(*term) for term in _terms(node, env, at)])


@evaluate.register
def _(node: Product, env: Env, at: Numbers) -> Real:
    return reduce(mul, [at.value(*factor) for factor in _terms(node, env, at)])


@evaluate.register(Largest)
@evaluate.register(Smallest)
def _(node: Any, env: Env, at: Numbers) -> Real:
    return _extreme(max if isinstance(node, Largest) else min, _terms(node, env, at), at)


def _terms(node: Binder, env: Env, at: Numbers) -> list[Located]:
    return [(node.body, {**env, node.letter: k}) for k in range(1, at.extent(node.extent) + 1)]


# Functions and choices


@evaluate.register
def _(node: Elementary, env: Env, at: Numbers) -> Real:
    return _meaning(type(node), at.value(node.args[0], env), at)


@evaluate.register(abs)
@evaluate.register(sympy.Abs)
def _(node: Any, env: Env, at: Numbers) -> Real:
    return at.value(node.args[0], env) * _side(node.args[0], env, at)


@evaluate.register(sign)
@evaluate.register(sympy.sign)
def _(node: Any, env: Env, at: Numbers) -> Real:
    return _side(node.args[0], env, at)


@evaluate.register(relu)
def _(node: Any, env: Env, at: Numbers) -> Real:
    return at.value(node.args[0], env) * int(_side(node.args[0], env, at) > 0)


def _side(argument: Expr, env: Env, at: Numbers) -> int:
    """On which side of 0 a value is: -1, 0 or 1."""
    return at.order((argument, env), (sympy.S.Zero, env))


@evaluate.register
def _(node: sympy.Function, env: Env, at: Numbers) -> Real:
    known = _KNOWN.get(node.func)
    if known is None:
        raise Uncheckable(f"{node.func} is not a known function")
    return known(*(at.value(arg, env) for arg in node.args))


@evaluate.register(Maximum)
@evaluate.register(Minimum)
@evaluate.register(sympy.Max)
@evaluate.register(sympy.Min)
def _(node: Any, env: Env, at: Numbers) -> Real:
    choose = max if isinstance(node, Maximum | sympy.Max) else min
    return _extreme(choose, [(arg, env) for arg in node.args], at)


def _extreme(choose: Callable[..., Any], terms: Sequence[Located], at: Numbers) -> Real:
    """The largest or smallest of some values; a point where two of these tie is refused."""
    best = choose(range(len(terms)), key=lambda place: at.value(*terms[place]))
    for place in range(len(terms)):
        if place != best:
            at.order(terms[min(place, best)], terms[max(place, best)])
    return at.value(*terms[best])


_NAMES = "exp log sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf"
_KNOWN: dict[Any, Callable[..., Real]] = {
    getattr(sympy, name): getattr(CONTEXT, name) for name in _NAMES.split()
}


def _meaning(function: Any, argument: Real, at: Numbers) -> Real:
    """An elementary function, by the SymPy formula that says what it means."""
    formula = _formula(function)
    if formula.args == (ARGUMENT,):
        return _KNOWN[formula.func](argument)
    return at.value(formula, {ARGUMENT: argument})


@cache
def _formula(function: Any) -> Expr:
    return function(ARGUMENT).doit()


# Cases


@evaluate.register
def _(node: Piecewise, env: Env, at: Numbers) -> Real:
    for value, condition in node.args:
        if _holds(condition, env, at):
            return at.value(value, env)
    raise OutOfDomain("no case applies")


@evaluate.register
def _(node: Where, env: Env, at: Numbers) -> Real:
    return at.value(node.yes if _holds(node.condition, env, at) else node.no, env)


def _holds(condition: Any, env: Env, at: Numbers) -> bool:
    """Whether a condition on indices or values holds."""
    if isinstance(condition, BooleanTrue | BooleanFalse):
        return bool(condition)
    if isinstance(condition, sympy.Not):
        return not _holds(condition.args[0], env, at)
    if isinstance(condition, sympy.And | sympy.Or):
        every = all if isinstance(condition, sympy.And) else any
        # Where a condition on indices decides, entries in the others may lie outside.
        parts = sorted(condition.args, key=lambda part: not is_on_indices(part))
        return every(_holds(part, env, at) for part in parts)
    if not isinstance(condition, Relational):
        raise Uncheckable(f"{condition} is not a condition that could be decided")
    left, right = condition.args
    if is_on_indices(condition):
        apart = _counted(left, env, at) - _counted(right, env, at)
        return (apart > 0) - (apart < 0) in _ORDERS[condition.rel_op]
    return at.order((left, env), (right, env)) in _ORDERS[condition.rel_op]


_ORDERS: dict[str, tuple[int, ...]] = {
    "==": (0,),
    "!=": (-1, 1),
    "<": (-1,),
    "<=": (-1, 0),
    ">": (1,),
    ">=": (0, 1),
}


def _places(head: Expr, env: Env, at: Numbers) -> tuple[int, ...]:
    found = tuple([_whole(index, env, at) for index in indices_of(head)])
    if min(found, default=1) < 1:
        raise OutOfRange(f"an index of {name_of(head)} lies before the first entry")
    return found


def _whole(index: Expr, env: Env, at: Numbers) -> int:
    """The place of an index, from 1."""
    place = env.get(index)
    if place is not None:
        return int(place)
    return 1 + _counted(index, env, at)


def _counted(index: Expr, env: Env, at: Numbers) -> int:
    """An index from 0: a letter, a number, or a sum such as i + k or t + n."""
    if is_index(index):
        return int(env[index]) - 1
    from_zero = {letter: env[letter] - 1 for letter in index.free_symbols if is_index(letter)}
    return int(at.value(index, from_zero))
