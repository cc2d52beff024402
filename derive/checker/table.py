"""The table of atoms that the expressions of one proof share, and what is known of each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from derive.checker.atoms import (
    ONE,
    Atom,
    Bracket,
    Constant,
    Delta,
    Divisor,
    Entry,
    Exp,
    Monomial,
    Poly,
    Size,
    Total,
    Unprovable,
    add_to,
    divisor,
    inside,
    is_indicator,
    is_numeral,
    own_letters,
    rank,
)

LIMIT = 5_000  # products of terms that one proof may take


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of an atom.

    Attributes:
        letters: the indices it depends on.
        names: the names of the entries in it.
        height: one more than the greatest number of a mark that is bound inside.
        positive: it is greater than 0 wherever it has a value.
    """

    atom: Atom
    letters: frozenset[str]
    names: frozenset[str]
    height: int
    positive: bool


class Table(ABC):
    """Atoms by number.

    Args:
        positive: names whose entries are all greater than 0.
    """

    def __init__(self, positive: Collection[str]) -> None:
        self.kept: list[Kept] = []
        self.left = LIMIT
        self.special: set[int] = set()  # atoms whose powers simplify
        self._positive_names = positive
        self._numbers: dict[Atom, int] = {}
        self._divisors: dict[int, Divisor | None] = {}  # of brackets

    @abstractmethod
    def renamed(self, poly: Poly, same: Mapping[str, str]) -> Poly:
        """With other indices, all put in at once."""

    def spend(self, work: int) -> None:
        """Count work; there is an end to it."""
        self.left -= work
        if self.left < 0:
            raise Unprovable("too long")

    def number(self, atom: Atom) -> int:
        """The number of an atom, the same for equal ones."""
        found = self._numbers.get(atom)
        if found is None:
            if isinstance(atom, Bracket) and self._vanishes_somewhere(dict(atom.body)):
                raise Unprovable("a bracket that may vanish with what is 0 or 1 in it")
            kept = self._know(atom)
            found = self._numbers[atom] = len(self.kept)
            self.kept.append(kept)
            if isinstance(atom, Delta | Bracket | Constant) or is_indicator(atom):
                self.special.add(found)
        return found

    def atom(self, atom: Atom) -> Poly:
        return {((self.number(atom), 1),): 1}

    def delta(self, first: str, second: str) -> Poly:
        if first == second:
            return ONE
        if is_numeral(first) and is_numeral(second):
            return {}
        return self.atom(Delta(*sorted((first, second))))

    def letters(self, monomial: Monomial) -> frozenset[str]:
        """The indices that a product depends on."""
        return frozenset[str]().union(*(self.kept[a].letters for a, _ in monomial))

    def names(self, poly: Poly) -> frozenset[str]:
        """The names of the entries in it."""
        return frozenset[str]().union(*(self.kept[a].names for m in poly for a, _ in m))

    def height(self, monomial: Monomial) -> int:
        return max((self.kept[a].height for a, _ in monomial), default=0)

    def positive(self, poly: Poly) -> bool:
        """Whether no term can be less than 0, and one is greater."""
        return all(c > 0 and self._at_least_zero(m) for m, c in poly.items()) and any(
            all(self.kept[a].positive for a, _ in m) for m in poly
        )

    def _at_least_zero(self, monomial: Monomial) -> bool:
        return all(self.kept[a].positive or e % 2 == 0 for a, e in monomial)

    def _vanishes_somewhere(self, poly: Poly) -> bool:
        """Whether it is 0 for some values of its deltas and indicators, whatever the numbers. Under
        the bar of a case that does not apply, this would make anything equal to anything."""
        for a in (a for m in poly for a, _ in m):
            atom = self.kept[a].atom
            if isinstance(atom, Delta) or is_indicator(atom):
                self.spend(len(poly))
                apart = {m: c for m, c in poly.items() if a not in dict(m)}
                return any(map(self._vanishes_somewhere, (apart, self._where_one(a, poly))))
        return not poly

    def _where_one(self, a: int, poly: Poly) -> Poly:
        """What is left of a sum of products where a delta or indicator in it is 1."""
        atom = self.kept[a].atom
        if isinstance(atom, Delta):
            new, old = sorted((atom.first, atom.second), key=rank)
            return self.renamed(poly, {old: new})
        found: Poly = {}
        for m, c in poly.items():
            add_to(found, tuple(factor for factor in m if factor[0] != a), c)
        return found

    def _know(self, atom: Atom) -> Kept:
        parts = inside(atom)
        letters = own_letters(atom).union(*(self.letters(m) for m in parts))
        own = frozenset([atom.name] if isinstance(atom, Entry) else [])
        names = own.union(*(self.kept[a].names for m in parts for a, _ in m))
        height = max((self.height(m) for m in parts), default=0)
        if isinstance(atom, Total):
            letters -= set(atom.marks)
            height += len(atom.marks)
        return Kept(atom, letters, names, height, self._is_positive(atom))

    def _is_positive(self, atom: Atom) -> bool:
        match atom:
            case Size() | Constant() | Exp():
                return True
            case Entry(name):
                return name in self._positive_names
            case Total(_, body):
                return all(self.kept[a].positive for a, _ in body)
            case Bracket(body):
                return self.positive(dict(body))
        return False

    def divisor(self, a: int, bracket: Bracket) -> Divisor | None:
        """By what a bracket divides products, given its number; None where it does not."""
        if a not in self._divisors:
            self._divisors[a] = divisor(dict(bracket.body))
        return self._divisors[a]
