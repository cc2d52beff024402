"""A target and its derivative at small sizes: index notation written out over plain symbols, and
SymPy's own scalar derivative of that, or JAX's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import product
from typing import Any

import mpmath
import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Expr, Indexed, Integer, KroneckerDelta, Not, Piecewise, Symbol
from sympy.logic.boolalg import Boolean

from derive.checker.ground import Uncheckable
from derive.functions import Maximum, Minimum, abs, relu, sign
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
    scalar,
)
from derive.problem import Problem

_DIGITS = 30

Env = Mapping[Symbol, int]
Array = NDArray[np.float64]
Number = Callable[[str, tuple[int, ...]], Fraction]


class _Case(Expr):
    """One expression where a condition holds, another where not. SymPy's Piecewise would solve
    the condition, and its Max has a derivative that cannot be put in numbers."""

    is_commutative = True

    def __new__(cls, condition: Boolean, yes: Expr, no: Expr) -> Expr:
        if condition in (sympy.true, sympy.false) or yes == no:
            return no if condition == sympy.false else yes
        return Expr.__new__(cls, condition, yes, no)

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        condition, yes, no = self.args
        return _Case(condition, yes.diff(symbol), no.diff(symbol))

    def _mpmathcode(self, printer: Any) -> str:
        condition, yes, no = map(printer._print, self.args)
        return f"(({yes}) if ({condition}) else ({no}))"

    def _jaxcode(self, printer: Any) -> str:
        where = printer._module_format("jax.numpy.where")
        return f"{where}({', '.join(map(printer._print, self.args))})"


@dataclass
class ScalarDerivative:
    """A problem's derivative, entry by entry, from `sympy.diff` of the target written out.

    Attributes:
        sizes: how many values each size symbol stands for.
    """

    problem: Problem
    sizes: Mapping[Symbol, int]
    _defined: dict[tuple[str, tuple[int, ...]], Expr] = field(default_factory=dict)
    _places: dict[Symbol, tuple[str, tuple[int, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        letters = (*self.problem.axes, *self.problem.wrt_axes)
        spans = [range(1, self.extent(self.problem.extents[letter]) + 1) for letter in letters]
        self._shape = tuple(len(span) for span in spans)
        self._axes = self._shape[: len(self.problem.axes)]
        envs = [dict(zip(letters, values, strict=True)) for values in product(*spans)]
        # The letters of the target come first, so these are its entries in order.
        every = math.prod(self._shape[len(self._axes) :])
        self._values = [self.written_out(self.problem.target, env) for env in envs[::every]]
        self._moved = [[self.written_out(v, env) for v in self.problem.wrt] for env in envs]
        slopes = [
            reduce(lambda found, symbol: found.diff(symbol), moved, self._values[place // every])
            for place, moved in enumerate(self._moved)
        ]
        self._symbols = list(self._places)
        self._evaluate = sympy.lambdify(
            self._symbols, [*self._values, *slopes], modules="mpmath", cse=True
        )

    def at(self, number: Number) -> tuple[Array, Array]:
        """The value and the derivative where an entry's value is number(name, place).

        Returns:
            An array with the target's axes, and one with those and then the axes of wrt.
        """
        with mpmath.workdps(_DIGITS):
            values = [_real(number(*self._places[symbol])) for symbol in self._symbols]
            found = np.array([float(value) for value in self._evaluate(*values)])
        count = len(self._values)
        return found[:count].reshape(self._axes), found[count:].reshape(self._shape)

    def by_jax(self, number: Number) -> Array:
        """The same derivative, from JAX's autodiff of the target written out."""
        import jax
        from jax.scipy.special import erf

        places = {symbol: place for place, symbol in enumerate(self._symbols)}
        written = sympy.lambdify(
            self._symbols, self._values, modules=[{"erf": erf}, "jax"], cse=True
        )
        slope: Callable[[Any], Any] = lambda x: jax.numpy.stack(written(*x))  # noqa: E731
        for _ in self.problem.wrt:
            slope = jax.jacfwd(slope)
        with jax.enable_x64(True):
            numbers = [float(number(*self._places[symbol])) for symbol in self._symbols]
            full = np.asarray(slope(jax.numpy.array(numbers)))
        each = len(self._moved) // len(self._values)
        entries = [
            full[(row // each, *(places[symbol] for symbol in moved))]
            for row, moved in enumerate(self._moved)
        ]
        return np.array(entries).reshape(self._shape)

    def extent(self, size: Expr) -> int:
        return int(size.xreplace({s: Integer(v) for s, v in self.sizes.items()}))

    def written_out(self, expr: Expr, env: Env) -> Expr:
        """The expression with every sum and every name written out, over plain symbols.

        Raises:
            Uncheckable: there is a node that cannot be written out.
        """
        if isinstance(expr, Symbol) and is_index(expr):
            return Integer(env[expr])
        if is_size(expr):
            return Integer(self.sizes[expr])
        if isinstance(expr, Indexed | Symbol):
            return self._entry(expr, env)
        if isinstance(expr, Where):
            yes, no = (self.written_out(part, env) for part in (expr.yes, expr.no))
            return _Case(self._condition(expr.condition, env), yes, no)
        if isinstance(expr, Piecewise):
            return self._cases(expr, env)
        if not expr.args:
            return expr
        parts = self._parts(expr, env)
        for kind, meaning in _WRITTEN.items():
            if isinstance(expr, kind):
                return meaning(*parts)
        if isinstance(expr, Derivative | Binder | sympy.Sum | sympy.Product):
            raise Uncheckable(f"{type(expr).__name__} cannot be written out")
        return expr.func(*parts).doit()

    def _parts(self, expr: Expr, env: Env) -> list[Expr]:
        """The arguments of a node, or what one over an index runs over."""
        if not isinstance(expr, Binder):
            return [self.written_out(arg, env) for arg in expr.args]
        values = range(1, self.extent(expr.extent) + 1)
        return [self.written_out(expr.body, {**env, expr.letter: value}) for value in values]

    def _entry(self, head: Expr, env: Env) -> Expr:
        place = tuple(self._place(index, env) for index in indices_of(head))
        name, definition = name_of(head), self.problem.definition(head)
        if definition is None:
            symbol = scalar("_".join([name, *map(str, place)]) + "_")
            self._places[symbol] = (name, place)
            return symbol
        if (name, place) not in self._defined:
            inner = dict(zip(definition.indices, place, strict=True))
            self._defined[name, place] = self.written_out(definition.body, inner)
        return self._defined[name, place]

    def _place(self, index: Expr, env: Env) -> int:
        """The place of an index, from 1; in a sum such as t + k, letters count from 0."""
        return env[index] if is_index(index) else 1 + int(self._counted(index, env))

    def _counted(self, form: Expr, env: Env) -> Expr:
        """A sum of letters, which count from 0, sizes and numbers."""
        return self.written_out(form, {letter: place - 1 for letter, place in env.items()})

    def _cases(self, cases: Piecewise, env: Env) -> Expr:
        found: Expr = sympy.nan
        for value, condition in reversed(cases.args):
            found = _Case(self._condition(condition, env), self.written_out(value, env), found)
        return found

    def _condition(self, condition: Boolean, env: Env) -> Boolean:
        """A condition over plain symbols; true or false if it is on indices."""
        if isinstance(condition, sympy.And | sympy.Or | Not):
            return condition.func(*(self._condition(part, env) for part in condition.args))
        written = self._counted if is_on_indices(condition) else self.written_out
        return condition.func(*(written(side, env) for side in condition.args))


def _larger(a: Expr, b: Expr) -> Expr:
    return _Case(a >= b, a, b)


def _smaller(a: Expr, b: Expr) -> Expr:
    return _Case(a <= b, a, b)


_WRITTEN: dict[Any, Callable[..., Expr]] = {
    Sum: sympy.Add,
    Product: sympy.Mul,
    KroneckerDelta: lambda a, b: Integer(int(a == b)),
    Largest: lambda *parts: reduce(_larger, parts),
    Smallest: lambda *parts: reduce(_smaller, parts),
    Maximum: lambda *parts: reduce(_larger, parts),
    Minimum: lambda *parts: reduce(_smaller, parts),
    abs: lambda x: _Case(x >= 0, x, -x),
    sign: lambda x: _Case(x > 0, Integer(1), _Case(x < 0, Integer(-1), Integer(0))),
    relu: lambda x: _Case(x > 0, x, Integer(0)),
}


def _real(exact: Fraction) -> Any:
    return mpmath.mpf(exact.numerator) / exact.denominator
