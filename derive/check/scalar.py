"""SymPy's own scalar derivative at small sizes: index notation written out over plain symbols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Expr, Indexed, Integer, KroneckerDelta, Piecewise, Symbol

from derive.check.ground import Uncheckable
from derive.nodes import Derivative, Sum, indices_of, is_index, is_size, name_of, scalar
from derive.problem import Problem

_DIGITS = 30

Env = Mapping[Symbol, int]


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
        entries = [
            self._derivative(dict(zip(letters, values, strict=True))) for values in product(*spans)
        ]
        self._symbols = list(self._places)
        self._evaluate = sympy.lambdify(self._symbols, entries, modules="mpmath", cse=True)

    def at(self, number: Any) -> NDArray[np.float64]:
        """The derivative where an entry's value is number(name, place), a Fraction.

        Returns:
            An array with the target's axes, then those of wrt.
        """
        with mpmath.workdps(_DIGITS):
            values = [_real(number(*self._places[symbol])) for symbol in self._symbols]
            found = [float(value) for value in self._evaluate(*values)]
        return np.array(found, dtype=np.float64).reshape(self._shape)

    def extent(self, size: Expr) -> int:
        return int(size.xreplace({s: Integer(v) for s, v in self.sizes.items()}))

    def _derivative(self, env: Env) -> Expr:
        found = self.written_out(self.problem.target, env)
        for variable in self.problem.wrt:
            found = found.diff(self.written_out(variable, env))
        return found

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
        if isinstance(expr, Sum):
            values = range(1, self.extent(expr.extent) + 1)
            return sympy.Add(
                *(self.written_out(expr.body, {**env, expr.letter: v}) for v in values)
            )
        if isinstance(expr, KroneckerDelta):
            first, second = (self.written_out(arg, env) for arg in expr.args)
            return Integer(int(first == second))
        if isinstance(expr, Piecewise):
            return self._case(expr, env)
        if isinstance(expr, Derivative | sympy.Sum | sympy.Product):
            raise Uncheckable(f"{type(expr).__name__} cannot be written out")
        if not expr.args:
            return expr
        return expr.func(*(self.written_out(arg, env) for arg in expr.args)).doit()

    def _entry(self, head: Expr, env: Env) -> Expr:
        place = tuple(int(self.written_out(index, env)) for index in indices_of(head))
        name, definition = name_of(head), self.problem.definition(head)
        if definition is None:
            symbol = scalar("_".join([name, *map(str, place)]) + "_")
            self._places[symbol] = (name, place)
            return symbol
        if (name, place) not in self._defined:
            inner = dict(zip(definition.indices, place, strict=True))
            self._defined[name, place] = self.written_out(definition.body, inner)
        return self._defined[name, place]

    def _case(self, cases: Piecewise, env: Env) -> Expr:
        for value, condition in cases.args:
            letters = {s: Integer(env[s]) for s in condition.free_symbols if s in env}
            if condition.subs(letters) is sympy.true:
                return self.written_out(value, env)
        raise Uncheckable("no case applies, or the cases depend on values")


def _real(exact: Fraction) -> Any:
    return mpmath.mpf(exact.numerator) / exact.denominator
