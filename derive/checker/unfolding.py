"""Names in normal form: unfolded one after the other, and no more of them than a proof takes.

What two sides share stays folded in their difference. So a step in a deep network is proved by the
one layer it is about, and not by the layers below and above it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from functools import partial

from derive.checker.atoms import Bracket, Call, Entry, Exp, Poly, Total
from derive.checker.given import Given
from derive.checker.sums import Sums
from derive.problem import Definition

_ASSUMED = ""  # no name: what is left to do is to put assumed sums in


class Unfolding(Sums):
    """Arithmetic in a problem with definitions."""

    def __init__(self, known: Given, definitions: Iterable[Definition]) -> None:
        super().__init__(known)
        self.definitions: Mapping[str, Definition] = {d.name: d for d in definitions}
        # What a problem defines itself goes first, then adjoints; in each the latest first, since
        # a definition uses earlier ones only.
        by_layer = sorted(self.definitions.values(), key=lambda d: not d.adjoint)
        self._ranks = {d.name: rank for rank, d in enumerate(by_layer)}
        self._settled: dict[tuple[int, str], Poly] = {}

    @abstractmethod
    def body(self, entry: Entry) -> Poly | None:
        """What the entry of a defined name stands for; None for a variable."""

    @abstractmethod
    def assumed(self, name: str) -> Poly:
        """What every row of a name sums to, as the assumption says it."""

    def row_value(self, name: str) -> Poly:
        return self.settled(self.assumed(name), _ASSUMED)

    def vanishes(self, poly: Poly) -> bool:
        """Whether it is 0, with as many names unfolded as that takes and all assumed sums put in.

        This must come after differentiation: an assumption says what a sum is, not what it does
        when one entry moves.
        """
        poly = self.settled(poly, _ASSUMED)
        while not self.is_zero(poly):
            name = max(self.names(poly), key=self._rank, default="")
            if name not in self._ranks:
                return False
            poly = self.settled(poly, name)
        return True

    def _rank(self, name: str) -> int:
        return self._ranks.get(name, -1)

    def settled(self, poly: Poly, name: str) -> Poly:
        """With one name unfolded, and all assumed sums put in where that makes a difference."""
        return self._changed(poly, partial(self._settled_atom, name=name))

    def _settled_atom(self, a: int, name: str) -> Poly | None:
        if name and name not in self.kept[a].names:
            return None
        key = (a, name)
        if key not in self._settled:
            self._settled[key] = self._in_other_names(a, name)
        found = self._settled[key]
        return None if found == {((a, 1),): 1} else found

    def _in_other_names(self, a: int, name: str) -> Poly:
        atom = self.kept[a].atom
        match atom:
            case Entry() if atom.name == name:
                body = self.body(atom)
                return {((a, 1),): 1} if body is None else self.settled(body, _ASSUMED)
            case Total():
                letters, body = self.opened(atom)
                return self.closed(self.settled(body, name), letters, facts=True)
            case Exp() | Bracket() | Call():
                return self._rebuilt(atom, partial(self.settled, name=name))
        return {((a, 1),): 1}
