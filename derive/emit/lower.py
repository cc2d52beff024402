"""Index expressions as array operations: every node becomes an array with a letter for each axis.

z[i]*y[j] is z[:, None] * y[None, :] with axes (i, j); sum(W[i,k]*x[k], k) is W @ x with axis (i).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Pow, S, Symbol
from sympy.core.numbers import NegativeInfinity
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from derive.emit import arithmetic, cases, over, results, windows
from derive.emit.arrays import Array, lined_up
from derive.emit.contract import contracted
from derive.emit.exactly import Care, exactly, exp_of_difference
from derive.emit.graph import Graph, Node
from derive.emit.shifts import Larger, Peak, Shifted
from derive.emit.special import BOUNDS, Norm, Ratio, SumOfRest
from derive.emit.stable import Stable
from derive.errors import UnsupportedError
from derive.functions import Elementary, Maximum, Minimum
from derive.functions import abs as absolute
from derive.nodes import (
    Largest,
    Product,
    Smallest,
    Sum,
    Where,
    indices_of,
    is_index,
    is_size,
    name_of,
)
from derive.problem import Problem
from derive.reading import Reading


@dataclass
class Lowering:
    """Lowers expressions of one problem into one graph, and notes what they need.

    Attributes:
        names: how a variable or defined name is spelled in the code.
        shapes: the sizes of every variable's axes; the code's own arguments included.
        care: what is done where rounding is magnified.
        used: the variables that the code reads.
        sizes: the sizes that the code reads, such as n.
        spans: how many values each letter takes here.
    """

    problem: Problem
    names: Mapping[str, str]
    shapes: Mapping[str, tuple[Expr, ...]]
    care: Care = Care.SHIFTS
    graph: Graph = field(default_factory=Graph)
    used: set[str] = field(default_factory=set)
    sizes: set[Symbol] = field(default_factory=set)
    _defined: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reading = Reading(self.problem.axes, self.problem.wrt_axes)
        self._stable = Stable(self.problem, self.care)
        self.spans = dict(self.problem.extents)

    def of(self, expr: Expr) -> Array:
        """The array of an expression."""
        return self.array(self._stable.exact(contracted(expr, self.spans)))

    def sides(self, relation: Relational) -> list[Array]:
        """The arrays of the two sides of a comparison: one with a shift is in stable form."""
        if relation.has(Peak):
            return [self.array(side) for side in relation.args]
        left, right = (contracted(side, self.spans) for side in relation.args)
        return [self.array(side) for side in self._stable.sides(left, right)]

    def array(self, expr: Expr) -> Array:
        """The array of an expression that is already in stable form.

        Raises:
            UnsupportedError: there are no array operations for a node.
        """
        for kind in type(expr).__mro__:
            if kind in _LOWER:
                found: Array = _LOWER[kind](self, expr)
                return found
        raise UnsupportedError(f"no array code for {type(expr).__name__}: {expr}")

    # Leaves

    def number(self, expr: Any) -> Array:
        value = self.graph.number(abs(int(expr.p)))
        if expr.q != 1:
            value = self.graph.divide(value, self.graph.number(int(expr.q)))
        return Array(self.graph.negative(value) if expr.p < 0 else value)

    def _constant(self, expr: Expr) -> Array:
        if expr not in _CONSTANTS:
            raise UnsupportedError(f"no array code for the constant {expr}")
        return Array(self.graph.constant(_CONSTANTS[expr]))

    def _symbol(self, expr: Symbol) -> Array:
        if is_size(expr):
            return Array(self.size(expr))
        if is_index(expr):
            places = self.graph.node("places", self.extent(expr), rank=1, weak=False)
            return Array(places, (expr,))
        return self._entry(expr)

    def _entry(self, expr: Expr) -> Array:
        node = self._definition(expr) or self.variable(name_of(expr))
        shape = self.shapes.get(name_of(expr)) or self.problem.shapes.get(name_of(expr), ())
        return windows.picked(self, node, shape, indices_of(expr))

    def variable(self, name: str) -> Node:
        """An argument of the function."""
        self.used.add(name)
        return self.graph.argument(self.names[name], len(self.shapes[name]))

    def size(self, extent: Expr) -> Node:
        """How many values an index takes: a size, or a sum of sizes and whole numbers."""
        if is_size(extent):
            self.sizes.add(extent)
            return self.graph.size(self.names[str(extent)])
        return self.array(extent).node

    def extent(self, letter: Symbol) -> Node:
        """How many values a letter takes here."""
        return self.size(self.spans[letter])

    def like(self) -> str:
        """The spelling of an argument that is read: all of them have the same dtype.

        Raises:
            UnsupportedError: there is no argument.
        """
        names = [name for name in self.shapes if name in self.used]
        wrt = [name_of(variable) for variable in self.problem.wrt]
        name = next(iter([*names, *wrt, *self.problem.variables]), "")
        if not name:
            raise UnsupportedError("there is no variable, so there is no code to write")
        self.used.add(name)
        return self.names[name]

    def _definition(self, head: Expr) -> Node | None:
        """A defined name's array, computed once under its own name."""
        definition = self.problem.definition(head)
        if definition is None:
            return None
        name = definition.name
        if name not in self._defined:
            extents = self.problem.shapes.get(name, ())
            with self.spanning(dict(zip(definition.indices, extents, strict=False))):
                node = results.array_with(self, definition.body, definition.indices)
            self._defined[name] = node
            self.graph.names.setdefault(node, self.names[name])
        return self._defined[name]

    # Functions and axes

    def _function(self, expr: Elementary) -> Array:
        """SymPy's own Abs is what it makes of sqrt(x**2)."""
        expr = absolute(expr.args[0]) if isinstance(expr, sympy.Abs) else expr
        inner = self.array(expr.args[0]).unturned
        if type(expr) in BOUNDS:
            bound = self.graph.number(BOUNDS[type(expr)])
            return Array(self.graph.node("minimum", inner.node, bound), inner.axes)
        name = type(expr).__name__
        if name == "shift" and self.care is Care.NONE:
            return inner
        if self.care is Care.ARGUMENTS:
            made = exp_of_difference(self.graph, inner.node) if name == "exp" else None
            if not inner.axes:  # arrays would take too long
                made = exactly(self.graph, name, inner.node)
            if made is not None:
                return Array(made, inner.axes)
        hint = _HINTS.get(name, name)
        return Array(self.graph.node("function", inner.node, data=(name,), hint=hint), inner.axes)

    def _delta(self, expr: KroneckerDelta) -> Array:
        i, j = self.reading.delta_indices(expr)
        if not is_index(i) or not is_index(j) or self.spans[i] != self.spans[j]:
            return cases.as_number(self, self.array(sympy.Eq(i, j, evaluate=False)))
        node = self.graph.node("identity", self.extent(i), data=(self.like(),), rank=2, weak=False)
        return Array(node, (i, j))

    def together(self, arrays: Sequence[Array]) -> tuple[tuple[Symbol, ...], list[Node]]:
        return lined_up(self.graph, arrays, lambda letter: self.reading.rank(letter)[0])

    @contextmanager
    def spanning(self, extents: Mapping[Symbol, Expr]) -> Iterator[None]:
        """Inside, these letters have these extents."""
        outer = dict(self.spans)
        self.spans.update(extents)
        yield
        self.spans = outer


_HINTS = {"exp": "e", "abs": "magnitude"}  # a function's name, unless Python has one like it
_CONSTANTS = {S.Pi: "pi", S.NegativeInfinity: "-inf"}

_LOWER: dict[Any, Callable[[Lowering, Any], Array]] = {
    sympy.Rational: Lowering.number,
    sympy.NumberSymbol: Lowering._constant,
    NegativeInfinity: Lowering._constant,
    Symbol: Lowering._symbol,
    Indexed: Lowering._entry,
    Add: arithmetic.sum_of_terms,
    Mul: arithmetic.fraction,
    Pow: arithmetic.fraction,
    Elementary: Lowering._function,
    sympy.Abs: Lowering._function,
    Sum: over.total,
    KroneckerDelta: Lowering._delta,
    Product: over.reduction,
    Largest: over.reduction,
    Smallest: over.reduction,
    Peak: over.reduction,
    Norm: over.reduction,
    SumOfRest: over.reduction,
    Larger: cases.choice,
    Shifted: arithmetic.shifted,
    Ratio: arithmetic.ratio,
    Maximum: cases.choice,
    Minimum: cases.choice,
    Where: cases.where,
    Piecewise: cases.piecewise,
    Relational: cases.relation,
    BooleanFunction: cases.logic,
    BooleanAtom: cases.truth,
}
