"""The derivative of a number by a layer, where a problem has a name for it.

That the adjoint z_bar is df/dz is not taken on trust: it is proved here first, from the definition
of z_bar and by means of the adjoints of the layers above. From then on z_bar stands for df/dz, and
where f depends on x only through z, df/dx = sum_i z_bar_i dz_i/dx. So a proof about one layer of a
network does not go through the layers above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Expr, Indexed, Integer, Symbol

from derive.checker.atoms import Entry, Frozen, Poly, Unprovable, added, frozen
from derive.checker.given import Given
from derive.checker.slopes import Slopes
from derive.checker.sums import fresh
from derive.checker.table import LIMIT
from derive.nodes import is_size, name_of
from derive.problem import Definition

Shapes = Mapping[str, tuple[Expr, ...]]


class Adjoints(Slopes):
    """Normal forms with derivatives, in a problem whose layers may have adjoints."""

    def __init__(self, known: Given, definitions: Iterable[Definition], shapes: Shapes) -> None:
        super().__init__(known, definitions)
        self._shapes = shapes
        self._uses: dict[str, frozenset[str]] = {}
        self._proved: dict[Frozen, list[Definition]] = {}

    def derivative(self, poly: Poly, by: Entry) -> Poly:
        """The derivative by an entry, with the adjoint of a layer in it where one is known. Only a
        number has adjoints, not what still has letters."""
        if not any(map(self.letters, poly)):
            for adjoint in reversed(self._adjoints(poly)):
                if adjoint.adjoint == by.name:
                    return self.atom(Entry(adjoint.name, by.indices))
                if self._passes(poly, adjoint.adjoint, by.name):
                    return self._through(adjoint, by)
        return self.slope(poly, by)

    def _through(self, adjoint: Definition, by: Entry) -> Poly:
        """sum_i z_bar_i dz_i/dx."""
        letters = self._letters_of(adjoint, avoid=by.indices)
        inner = self.slope(self.atom(Entry(adjoint.adjoint, letters)), by)
        outer = self.atom(Entry(adjoint.name, letters))
        return self.closed(self.times(outer, inner), letters)

    def _adjoints(self, poly: Poly) -> list[Definition]:
        """The names that are proved to be derivatives of a number, those of upper layers first."""
        key = frozen(poly)
        if key not in self._proved:
            self._proved[key] = []  # what is found is used to prove the next
            for definition in self.definitions.values():
                if definition.adjoint and self._is_adjoint(definition, poly):
                    self._proved[key].append(definition)
        return self._proved[key]

    def _is_adjoint(self, definition: Definition, poly: Poly) -> bool:
        """Whether a name is the derivative of a number by its layer, in a proof of its own."""
        if not self._reaches(self.names(poly), definition.adjoint, without=""):
            return False
        left, self.left = self.left, LIMIT
        try:
            at = Entry(definition.name, self._letters_of(definition, avoid=()))
            body = self.body(at)
            slope = self.derivative(poly, Entry(definition.adjoint, at.indices))
            return body is not None and self.vanishes(added(slope, body, -1))
        except Unprovable:
            return False
        finally:
            self.left = left

    def _letters_of(self, adjoint: Definition, avoid: tuple[str, ...]) -> tuple[str, ...]:
        """A letter for each axis of a layer."""
        extents = self._shapes[adjoint.name]
        if not all(is_size(extent) or isinstance(extent, Integer) for extent in extents):
            raise Unprovable("an axis of another kind")
        return fresh(tuple(f"<0:{extent}>" for extent in extents), avoid)

    def _passes(self, poly: Poly, layer: str, variable: str) -> bool:
        """Whether a number depends on a variable only through a layer."""
        return not self._reaches(self.names(poly), variable, without=layer)

    def _reaches(self, names: Iterable[str], goal: str, without: str) -> bool:
        """Whether a way leads from the names to the goal through what names stand for, and not
        through the name that is left out."""
        waiting, met = list(names), {without}
        while waiting:
            name = waiting.pop()
            if name == goal:
                return True
            if name not in met:
                met.add(name)
                waiting += self._used_by(name)
        return False

    def _used_by(self, name: str) -> frozenset[str]:
        """Every name in a definition, and more: letters of indices count, which does no harm."""
        if name not in self._uses:
            defined = self.definitions.get(name)
            heads = defined.body.atoms(Indexed, Symbol) if defined else ()
            self._uses[name] = frozenset(map(name_of, heads))
        return self._uses[name]
