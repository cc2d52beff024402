"""What is asked, as frozen data: a target, what to differentiate by, names, assumptions, sizes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from sympy import Expr, Indexed, Symbol
from sympy.core.relational import Relational

from derive.nodes import indices_of, is_head, is_index, is_size, name_of


@dataclass(frozen=True)
class Definition:
    """A name and what it stands for: s[i] = exp(z[i])/sum(exp(z[k]), k).

    Attributes:
        head: `s[i]`, or `L` for a scalar.
        body: the expression, in the head's indices.
        source: how the language writes the whole vector ("softmax(z)"), or "".
        given: False for a name the user did not choose (the s of "softmax(z)[i]").
        adjoint: the name by which the target was differentiated to get the body, or "".
        shape: of a name that was made on the way and is no adjoint, the sizes of its axes.
    """

    head: Expr
    body: Expr
    source: str = ""
    given: bool = True
    adjoint: str = ""
    shape: tuple[Expr, ...] = ()

    @cached_property
    def name(self) -> str:
        return name_of(self.head)

    @property
    def indices(self) -> tuple[Symbol, ...]:
        return indices_of(self.head)


@dataclass(frozen=True)
class Problem:
    """A target and the variables to differentiate it by, one after the other.

    Attributes:
        target: an expression, often just a defined name (s[i], L).
        wrt: entries or scalars (z[j], T); none at all means "only simplify".
        definitions: in an order in which each uses only earlier ones.
        assumptions: relations such as Eq(sum(y[k], k), 1) or x[i] > 0.
        axes: the free indices of the target, in the order in which they were written.
        shapes: for every variable and defined name, the sizes of its axes (() for a scalar).
        extents: for every free index of target and wrt, how many values it takes.
        text: the input text, or "".
        name: the catalogue's or file's name, or "".
        title: a heading for people, or "".
        decimals: whether it is stated in decimals, so that numbers are written so.
    """

    target: Expr
    wrt: tuple[Expr, ...]
    definitions: tuple[Definition, ...] = ()
    assumptions: tuple[Relational, ...] = ()
    axes: tuple[Symbol, ...] = ()
    shapes: dict[str, tuple[Expr, ...]] = field(default_factory=dict)
    extents: dict[Symbol, Expr] = field(default_factory=dict)
    text: str = ""
    name: str = ""
    title: str = ""
    decimals: bool = False

    def definition(self, head: Expr) -> Definition | None:
        """The definition of a defined name's entry or scalar, if it has one. An index may have the
        name's letter."""
        if not isinstance(head, Indexed | Symbol) or is_index(head):
            return None
        return self._defined.get(name_of(head))

    @cached_property
    def _defined(self) -> dict[str, Definition]:
        return {definition.name: definition for definition in self.definitions}

    @property
    def variables(self) -> tuple[str, ...]:
        """The names that are not defined by others, in order of first appearance."""
        defined = {d.name for d in self.definitions}
        return tuple(name for name in self.shapes if name not in defined)

    @cached_property
    def sizes(self) -> tuple[Symbol, ...]:
        """The symbols for lengths, by name: n where something has n or n - 1 entries."""
        groups = [*self.shapes.values(), tuple(self.extents.values()), self.expressions]
        found = {s for group in groups for n in group for s in n.free_symbols if is_size(s)}
        return tuple(sorted(found, key=str))

    def variables_in(self, *expressions: Expr) -> tuple[str, ...]:
        """The variables that expressions depend on, also through defined names; in order."""
        waiting, met = [*expressions], set[str]()
        while waiting:
            for head in filter(is_head, waiting.pop().atoms(Indexed, Symbol)):
                definition = self.definition(head)
                if definition is not None and definition.name not in met:
                    waiting.append(definition.body)
                met.add(name_of(head))
        return tuple(name for name in self.variables if name in met)

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """The target, what it is differentiated by, and what names stand for."""
        return (self.target, *self.wrt, *(definition.body for definition in self.definitions))

    @property
    def wrt_axes(self) -> tuple[Symbol, ...]:
        """The indices of wrt that are not axes of the target, in order."""
        seen = list(self.axes)
        for variable in self.wrt:
            seen += [i for i in indices_of(variable) if i not in seen]
        return tuple(seen[len(self.axes) :])

    def knowing(self, definitions: tuple[Definition, ...]) -> Problem:
        """The same problem with names that were made on the way: adjoints of its own, softmaxes."""
        new = [d for d in definitions if self.definition(d.head) is None]
        if not new:
            return self
        shapes = {d.name: self.shapes[d.adjoint] if d.adjoint else d.shape for d in new}
        return replace(
            self, definitions=(*self.definitions, *new), shapes={**self.shapes, **shapes}
        )

    def asking(self, target: Expr, wrt: tuple[Expr, ...], axes: tuple[Symbol, ...]) -> Problem:
        """A question about the same names: another target, another variable."""
        return replace(self, target=target, wrt=wrt, axes=axes, text="", name="", title="")
