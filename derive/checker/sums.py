"""Sums over indices in normal form: opened, closed, and told apart from their letters' names.

A closed sum holds one product in which everything hangs together by what is summed over. So
sum_k y_k sum_l W_kl z_l is one sum over two indices, in whatever order it was written, while
(sum_k a_k)(sum_l b_l) is a product of two sums.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import permutations

from derive.checker.atoms import (
    Atom,
    Bracket,
    Call,
    Delta,
    Entry,
    Exp,
    Monomial,
    Poly,
    Position,
    Size,
    Total,
    Unprovable,
    add_to,
    extent_of,
    frozen,
    is_numeral,
)
from derive.checker.given import Given
from derive.checker.powers import Powers

_MOST_LETTERS = 4  # that one sum may run over, since all of their orders are tried

Letters = tuple[str, ...]


class Sums(Powers):
    """Arithmetic with sums over indices, in a problem of which something is given."""

    def __init__(self, known: Given) -> None:
        super().__init__(known.positive)
        self.known = known
        self._closed: dict[tuple[Monomial, Letters, bool], Poly] = {}
        self._renamed: dict[tuple[int, tuple[tuple[str, str], ...]], Poly] = {}

    @abstractmethod
    def row_value(self, name: str) -> Poly:
        """What every row of a name sums to, by assumption."""

    # --- putting something else in --------------------------------------------------------------

    def renamed(self, poly: Poly, same: Mapping[str, str]) -> Poly:
        return self._changed(poly, lambda a: self._renamed_atom(a, same))

    def _changed(self, poly: Poly, change: Callable[[int], Poly | None]) -> Poly:
        """With every atom for which `change` gives something replaced by that."""
        found: Poly = {}
        for m, c in poly.items():
            factors = [(a, e, change(a)) for a, e in m]
            kept = tuple((a, e) for a, e, new in factors if new is None)
            new = [self.power(new, e) for _, e, new in factors if new is not None]
            for term, value in (self.times({kept: c}, *new) if new else {m: c}).items():
                add_to(found, term, value)
        return found

    def _renamed_atom(self, a: int, same: Mapping[str, str]) -> Poly | None:
        letters = self.kept[a].letters
        if letters.isdisjoint(same):
            return None
        inner = {old: new for old, new in same.items() if old in letters}
        key = (a, tuple(sorted(inner.items())))
        if key not in self._renamed:
            self._renamed[key] = self._in_other_letters(self.kept[a].atom, inner)
        return self._renamed[key]

    def _in_other_letters(self, atom: Atom, same: dict[str, str]) -> Poly:
        match atom:
            case Entry(name, indices):
                return self.atom(Entry(name, tuple(same.get(i, i) for i in indices)))
            case Position(index):
                return self.position(same[index])
            case Delta(first, second):
                return self.delta(same.get(first, first), same.get(second, second))
            case Total(marks, body):
                letters = fresh(marks, {*self.letters(body), *same.values()})
                opened = self.renamed({body: 1}, {**same, **dict(zip(marks, letters, strict=True))})
                return self.closed(opened, letters)
            case Exp() | Bracket() | Call():
                return self._rebuilt(atom, lambda poly: self.renamed(poly, same))
        return self.atom(atom)

    def _rebuilt(self, atom: Exp | Bracket | Call, change: Callable[[Poly], Poly]) -> Poly:
        """What an atom becomes when the normal forms in it change."""
        match atom:
            case Exp(argument):
                return self.exp(change({argument: 1}))
            case Bracket(body):
                return change(dict(body))
            case Call(function, arguments):
                return self.call(function, *(change(dict(argument)) for argument in arguments))

    def position(self, index: str) -> Poly:
        """An index as a number, from 1."""
        return {(): int(index[1:]) + 1} if is_numeral(index) else self.atom(Position(index))

    def count(self, extent: str) -> Poly:
        """How many values an index of this extent takes."""
        return {(): int(extent)} if extent.isdigit() else self.atom(Size(extent))

    # --- opening and closing --------------------------------------------------------------------

    def opened(self, total: Total, avoid: Iterable[str] = ()) -> tuple[Letters, Poly]:
        """A sum's letters, named apart from what stands inside and from `avoid`, and its body."""
        letters = fresh(total.marks, {*self.letters(total.body), *avoid})
        return letters, self.renamed({total.body: 1}, dict(zip(total.marks, letters, strict=True)))

    def closed(self, poly: Poly, letters: Letters, facts: bool = False) -> Poly:
        """The sum over all values of the letters; if `facts` hold, with assumed sums put in."""
        found: Poly = {}
        for m, c in self.regular(poly).items():
            key = (m, letters, facts)
            if key not in self._closed:
                self._closed[key] = self._closed_product(m, letters, facts)
            for term, value in self._closed[key].items():
                add_to(found, term, c * value)
        return found

    def _closed_product(self, m: Monomial, letters: Letters, facts: bool) -> Poly:
        self.spend(1)
        for simplify in (self._flattened, self._sifted, *([self._by_assumption] * facts)):
            found = simplify(m, letters)
            if found is not None:
                return self.closed(*found, facts)
        groups, rest = self._connected(m, letters)
        return self.times(
            {rest: 1},
            *(self.count(extent_of(x)) for x in letters if not any(x in g for g, _ in groups)),
            *(self._total(body, group) for group, body in groups),
        )

    def _flattened(self, m: Monomial, letters: Letters) -> tuple[Poly, Letters] | None:
        """sum_k f_k sum_l g_kl = sum_kl f_k g_kl."""
        for a, e in m:
            total = self.kept[a].atom
            if not isinstance(total, Total) or e < 1 or e.denominator != 1:
                continue
            if self.kept[a].letters.isdisjoint(letters):
                continue
            inner, body = self.opened(total, {*self.letters(m), *letters})
            if len(letters) + len(inner) > _MOST_LETTERS:
                continue
            rest = tuple((b, p - (b == a)) for b, p in m if b != a or p > 1)
            return self.times({rest: 1}, body), (*letters, *inner)
        return None

    def _sifted(self, m: Monomial, letters: Letters) -> tuple[Poly, Letters] | None:
        """sum_k f_k delta_kj = f_j, where j is in the range of k."""
        for a, _ in m:
            delta = self.kept[a].atom
            if not isinstance(delta, Delta):
                continue
            pair = (delta.first, delta.second)
            for letter, other in (pair, pair[::-1]):
                if letter in letters and self._is_within(other, extent_of(letter)):
                    left = tuple(x for x in letters if x != letter)
                    return self.renamed(_without(a, m), {letter: other}), left
        return None

    def _is_within(self, index: str, extent: str) -> bool:
        """Whether an index can only be one of the `extent` numbers from 0."""
        if is_numeral(index):
            least = int(extent) if extent.isdigit() else self.known.least.get(extent, 0)
            return int(index[1:]) < least
        return (extent_of(index) or self.known.ranges.get(index)) == extent

    def _by_assumption(self, m: Monomial, letters: Letters) -> tuple[Poly, Letters] | None:
        """sum_k y_k = c."""
        for a, e in m:
            entry = self.kept[a].atom
            row = self.known.sums.get(entry.name) if isinstance(entry, Entry) else None
            if not isinstance(entry, Entry) or row is None or e != 1:
                continue
            letter = entry.indices[row.axis]
            used = sum(letter in self.kept[b].letters for b, _ in m) + entry.indices.count(letter)
            if letter in letters and used == 2 and extent_of(letter) == row.extent:
                left = tuple(x for x in letters if x != letter)
                return self.times(_without(a, m), self.row_value(entry.name)), left
        return None

    def _connected(
        self, m: Monomial, letters: Letters
    ) -> tuple[list[tuple[frozenset[str], Monomial]], Monomial]:
        """The factors that hang together by what is summed over, and those that stand alone."""
        groups: list[tuple[frozenset[str], Monomial]] = []
        rest: Monomial = ()
        for factor in m:
            used = self.kept[factor[0]].letters.intersection(letters)
            if not used:
                rest = (*rest, factor)
                continue
            body: Monomial = (factor,)
            for group in [g for g in groups if not g[0].isdisjoint(used)]:
                groups.remove(group)
                used, body = used | group[0], body + group[1]
            groups.append((used, tuple(sorted(body))))
        return groups, rest

    def _total(self, m: Monomial, letters: Collection[str]) -> Poly:
        """A closed sum, with its marks given out in the order that makes it least."""
        if len(letters) > _MOST_LETTERS:
            raise Unprovable("a sum over too many indices")
        extents = sorted(map(extent_of, letters))
        marks = tuple(f"<{self.height(m) + k}:{extent}>" for k, extent in enumerate(extents))
        if not self.letters(m).isdisjoint(set(marks) - set(letters)):
            raise Unprovable("a mark is taken")
        found = []
        for order in permutations(sorted(letters)):
            if list(map(extent_of, order)) == extents:
                found.append(self.renamed({m: 1}, dict(zip(order, marks, strict=True))))
        single = [frozen(poly) for poly in found if self._is_closed(poly, marks)]
        if not single:
            return self._closed_again(found, marks, letters)
        ((body, c),) = min(single)
        return {((self.number(Total(marks, body)), 1),): c}

    def _is_closed(self, poly: Poly, marks: Letters) -> bool:
        """Whether it is one product that hangs together by all marks."""
        if len(poly) != 1:
            return False
        groups, rest = self._connected(next(iter(poly)), marks)
        return not rest and len(groups) == 1 and len(groups[0][0]) == len(marks)

    def _closed_again(self, found: list[Poly], marks: Letters, letters: Collection[str]) -> Poly:
        """A body that fell apart in its new letters: a fraction that could be divided."""
        if set(marks) == set(letters):
            raise Unprovable("a sum that has no least form")
        return self.closed(min(found, key=frozen), marks)


def _without(a: int, m: Monomial) -> Poly:
    """A product without one of its atoms."""
    return {tuple(factor for factor in m if factor[0] != a): 1}


def fresh(marks: Letters, avoid: Collection[str]) -> Letters:
    """Letters for opening a sum, none of them in `avoid`."""
    found: list[str] = []
    for mark in marks:
        names = (f"~{k}:{extent_of(mark)}" for k in range(len(avoid) + len(marks) + 1))
        found.append(next(name for name in names if name not in avoid and name not in found))
    return tuple(found)
