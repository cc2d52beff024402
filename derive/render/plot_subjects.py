"""A derivation with numbers for its variables: what is plotted, and what it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Integer

from derive.api import Derivation
from derive.errors import DeriveError, UnsupportedError
from derive.nodes import Derivative, indices_of, name_of, scalar
from derive.problem import Problem
from derive.reading import Reading
from derive.render.inline import inline
from derive.render.layout import Style, layout
from derive.render.names import symbol
from derive.render.numbers import array_node
from derive.render.plot_samples import Array, Function
from derive.render.tree import Node, equation

_LONGEST_NAME = 24


@dataclass(frozen=True)
class Subject:
    """What is plotted. `at` are numbers for variables, before those that the problem has."""

    derivation: Derivation
    at: Mapping[str, object]

    @property
    def problem(self) -> Problem:
        return self.derivation.problem

    @cached_property
    def variable(self) -> Expr:
        """What the derivative is taken by.

        Raises:
            UnsupportedError: nothing, or something that cannot be varied by itself.
        """
        wrt = self.problem.wrt
        if not wrt or name_of(wrt[0]) not in self.problem.variables:
            raise UnsupportedError("this cannot be plotted: it has no variable that can be varied")
        return wrt[0]

    @cached_property
    def name(self) -> str:
        return name_of(self.variable)

    @property
    def of_one_number(self) -> bool:
        """Whether it is a number by a number."""
        axes = self.problem.axes or self.problem.wrt_axes
        return not axes and not indices_of(self.variable)

    # its numbers

    @cached_property
    def given(self) -> dict[str, Array]:
        """The numbers that are known, by name.

        Raises:
            DeriveError: a name is not a variable, or has the wrong number of axes.
        """
        found = {**self.derivation.target.at, **self.at}
        try:
            arrays = {name: np.asarray(value, dtype=np.float64) for name, value in found.items()}
        except ValueError as error:
            raise DeriveError(f"the numbers do not fit: {error}") from error
        for name, array in arrays.items():
            if name not in self.problem.variables:
                known = ", ".join(self.problem.variables)
                raise DeriveError(f"{name} is not a variable of this problem; it has {known}")
            axes = len(self.problem.shapes[name])
            if array.ndim != axes:
                raise DeriveError(f"{name} has {axes} axes, but {array.ndim} in the numbers given")
        return arrays

    def numbers(self, *names: str) -> dict[str, Array]:
        """The numbers of these variables.

        Raises:
            DeriveError: some are not known.
        """
        if missing := [name for name in names if name not in self.given]:
            example = "1,2,3" if self.problem.shapes[missing[0]] else "1"
            raise DeriveError(
                f"to plot this, say what {' and '.join(missing)} should be: "
                f'--at "{missing[0]}={example}"'
            )
        return {name: self.given[name] for name in names}

    @cached_property
    def others(self) -> dict[str, Array]:
        """The numbers of all variables but the one that is varied."""
        return self.numbers(*(name for name in self.problem.variables if name != self.name))

    @property
    def near(self) -> float | None:
        """The example's number for the variable, if it is one and there is one."""
        value = self.given.get(self.name)
        return float(value) if value is not None and value.ndim == 0 else None

    def result(self) -> Array:
        """The derivative at the numbers that are known."""
        return self._called("derivative", **self.numbers(*self.problem.variables))

    def along(self, kind: str, place: int | None = None, entry: int | None = None) -> Function:
        """The "value" or the "derivative" as a function of one number.

        Args:
            place: which entry of it, where it is a vector.
            entry: which entry of the variable varies, where that is a vector.
        """

        def values(places: Array) -> Array:
            given: Array = places
            if entry is not None:
                given = np.tile(self.numbers(self.name)[self.name], (len(places), 1))
                given[:, entry] = places
            found = self._called(kind, **self.others, **{self.name: given})
            return np.broadcast_to(found if place is None else found[..., place], places.shape)

        return values

    def _called(self, kind: str, **given: Array) -> Array:
        try:
            with np.errstate(all="ignore"):
                return np.asarray(self._functions[kind](**given), dtype=np.float64)
        except ValueError as error:
            raise DeriveError(f"the numbers do not fit: {error}") from error

    @cached_property
    def _functions(self) -> dict[str, Callable[..., Any]]:
        return {kind: self.derivation.function(kind) for kind in ("value", "derivative")}

    # its names

    @cached_property
    def target(self) -> Expr:
        """The target, or a letter for one that is long."""
        short = len(inline(self.laid_out(self.problem.target))) <= _LONGEST_NAME
        return self.problem.target if short else scalar("f")

    def slope(self, target: Expr) -> Expr:
        """The derivative of something by the variables, still to be worked out."""
        for variable in self.problem.wrt:
            target = Derivative(target, variable)
        return target

    def laid_out(self, expr: Expr, number: int | None = None) -> Node:
        """A formula on one line, with a number in place of its index if one is given."""
        if number is not None:
            letters = {*self.problem.axes, *self.problem.wrt_axes}
            expr = expr.xreplace({letter: Integer(number) for letter in letters})
        plain = len(self.problem.variables) == 1 and not indices_of(self.variable)
        d = "d" if plain else "∂"
        style = Style(inline=True, d=d, decimals=self.problem.decimals)
        return layout(expr, Reading(self.problem.axes, self.problem.wrt_axes), style)

    def caption(self, names: Mapping[str, Array]) -> list[Node]:
        """t = 1 and d = 1"""
        return [equation(symbol(n), "=", array_node(value)) for n, value in names.items()]
