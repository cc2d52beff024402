"""Differentiation of normal forms, by scalar calculus and by what opens a sum.

The slope of a function is SymPy's derivative of the formula that says what the function means; no
table of slopes is used.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from functools import cache
from typing import Any

import sympy
from sympy import Expr, diff

from derive.checker.atoms import (
    ONE,
    Bracket,
    Call,
    Entry,
    Exp,
    IsPositive,
    IsZero,
    Poly,
    Total,
    Unprovable,
    added,
    own_letters,
)
from derive.checker.given import Given
from derive.checker.letters import ARGUMENT
from derive.checker.powers import VariablePower
from derive.checker.unfolding import Unfolding
from derive.problem import Definition


class Slopes(Unfolding):
    """Normal forms with derivatives. Names are still folded: a name that depends on the variable
    through its definition is followed there, and one that is the variable is held free."""

    def __init__(self, known: Given, definitions: Iterable[Definition]) -> None:
        super().__init__(known, definitions)
        self._slopes: dict[tuple[int, Entry], Poly] = {}

    @abstractmethod
    def formula(self, formula: Expr, argument: Poly) -> Poly:
        """The normal form of a formula in `ARGUMENT` at an argument."""

    def slope(self, poly: Poly, by: Entry) -> Poly:
        """The derivative by an entry."""
        found: Poly = {}
        for m, c in poly.items():
            for a, e in m:
                inner = self._slope_of(a, by)
                if inner:
                    outer = self.tidy({**dict(m), a: e - 1}, c * e)
                    found = added(found, self.times(outer, inner))
        return found

    def _slope_of(self, a: int, by: Entry) -> Poly:
        key = (a, by)
        if key not in self._slopes:
            self._slopes[key] = self._slope_of_atom(a, by)
        return self._slopes[key]

    def _slope_of_atom(self, a: int, by: Entry) -> Poly:
        atom = self.kept[a].atom
        match atom:
            case Entry(name, indices) if name == by.name:
                pairs = zip(indices, by.indices, strict=True)
                return self.times(ONE, *(self.delta(i, j) for i, j in pairs))
            case Entry():
                body = self.body(atom)
                return {} if body is None else self.slope(body, by)
            case Exp(argument):
                return self.times(self.slope({argument: 1}, by), {((a, 1),): 1})
            case Bracket(body):
                return self.slope(dict(body), by)
            case Total():
                letters, inner = self.opened(atom, own_letters(by))
                return self.closed(self.slope(inner, by), letters)
            case Call(function, arguments):
                return self._slope_of_call({((a, 1),): 1}, function, *map(dict, arguments), by=by)
        return {}

    def _slope_of_call(self, call: Poly, function: Any, *arguments: Poly, by: Entry) -> Poly:
        slopes = [self.slope(argument, by) for argument in arguments]
        if not any(slopes) or function in (
            IsPositive,
            IsZero,
        ):  # a step is flat where it has a slope
            return {}
        if function is VariablePower:
            (base, exponent), (f, g) = arguments, slopes
            by_base = self.times(exponent, f, self.power(base, -1)) if f else {}
            by_exponent = self.times(g, self.log(base)) if g else {}
            return self.times(call, added(by_base, by_exponent))
        if len(arguments) > 1:
            raise Unprovable(f"the slope of {function}")
        return self.times(self.formula(_slope_formula(function), arguments[0]), slopes[0])


@cache
def _slope_formula(function: Any) -> Expr:
    """The derivative of a function of SymPy's, as a formula in ARGUMENT."""
    if not issubclass(function, sympy.Function):
        raise Unprovable(f"the slope of {function}")
    return diff(function(ARGUMENT), ARGUMENT)
