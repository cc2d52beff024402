"""The arithmetic of normal forms: products are merged, and what simplifies in them is simplified.

Nothing that is done here makes an expression undefined where it was defined: sqrt(x)**2 is x, but
sqrt(x**2) stays, and log(x*y) is only split where a factor is known to be positive.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

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
    Number,
    Poly,
    Size,
    Total,
    Unprovable,
    add_to,
    added,
    divisor,
    exact,
    inside,
    is_indicator,
    is_numeral,
    own_letters,
    product_of,
    rank,
    scaled,
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


class Terms(ABC):
    """Sums and products over one table of atoms.

    Args:
        positive: names whose entries are all greater than 0.
    """

    def __init__(self, positive: Collection[str]) -> None:
        self.kept: list[Kept] = []
        self.left = LIMIT
        self._positive_names = positive
        self._numbers: dict[Atom, int] = {}
        self._special: set[int] = set()  # atoms whose powers simplify
        self._divisors: dict[int, Divisor | None] = {}  # of brackets

    @abstractmethod
    def renamed(self, poly: Poly, same: Mapping[str, str]) -> Poly:
        """With other indices, all put in at once."""

    @abstractmethod
    def power(self, poly: Poly, e: Number) -> Poly:
        """A power with a rational exponent."""

    def spend(self, work: int) -> None:
        """Count work; there is an end to it."""
        self.left -= work
        if self.left < 0:
            raise Unprovable("too long")

    # --- atoms ---------------------------------------------------------------------------------

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
                self._special.add(found)
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

    # --- products ------------------------------------------------------------------------------

    def times(self, *polys: Poly) -> Poly:
        found, *others = polys
        for other in others:
            found = self._product(found, other)
        return found

    def _product(self, left: Poly, right: Poly) -> Poly:
        self.spend(len(left) * len(right))
        found: Poly = {}
        for m, c in left.items():
            for other, d in right.items():
                if not m or not other:
                    add_to(found, m or other, c * d)
                    continue
                powers = dict(m)
                for a, e in other:
                    powers[a] = powers.get(a, 0) + e
                for term, value in self.tidy(powers, c * d).items():
                    add_to(found, term, value)
        return found

    def tidy(self, powers: Mapping[int, Number], c: Number = 1) -> Poly:
        """A product of powers, with what simplifies in it simplified."""
        left = {a: e for a, e in powers.items() if e}
        if not self._special.isdisjoint(left):
            self.spend(1)
            c *= self._whole_constants_out(left)
            left |= {a: 1 for a in left if is_indicator(self.kept[a].atom)}  # 0 or 1, as its powers
            for simplify in (self._deltas_joined, self._bracket_expanded, self._bracket_divided):
                found = simplify(left)
                if found is not None:
                    return scaled(found, c)
        return {product_of(left): c} if c else {}

    def _whole_constants_out(self, powers: dict[int, Number]) -> Number:
        """2**(3/2) = 2 * 2**(1/2): take whole powers of numbers out, and return them."""
        c: Number = 1
        for a, e in list(powers.items()):
            atom = self.kept[a].atom
            if isinstance(atom, Constant) and isinstance(atom.value, int) and (whole := floor(e)):
                c *= Fraction(atom.value) ** whole
                powers[a] = e - whole
        return c

    def _bracket_expanded(self, powers: Mapping[int, Number]) -> Poly | None:
        """(f + g)**1 h = f h + g h."""
        for a, e in powers.items():
            atom = self.kept[a].atom
            if isinstance(atom, Bracket) and e >= 1:
                whole = floor(e)
                rest = self.tidy({**powers, a: e - whole})
                return self.times(self.power(dict(atom.body), whole), rest)
        return None

    def _bracket_divided(self, powers: Mapping[int, Number]) -> Poly | None:
        """f/(f + g) = 1 - g/(f + g), as long as it goes."""
        for a, e in powers.items():
            atom = self.kept[a].atom
            if not isinstance(atom, Bracket) or e >= 0:
                continue
            term = self._term_to_divide_by(a, powers)
            if term is not None:
                body = dict(atom.body)
                c = Fraction(body.pop(term))
                less = _times(powers, term, -1)
                found = self.tidy({**less, a: e + 1}, exact(1 / c))
                for m, d in body.items():
                    found = added(found, self.tidy(_times(less, m, 1), exact(-d / c)))
                return found
        return None

    def _term_to_divide_by(self, a: int, powers: Mapping[int, Number]) -> Monomial | None:
        """The term of a bracket under the bar for which a product is divided: the leading one if
        it is in the product, or 1 if what else is in the bracket goes into the product's
        denominator."""
        if a not in self._divisors:
            atom = self.kept[a].atom
            assert isinstance(atom, Bracket)
            self._divisors[a] = divisor(dict(atom.body))
        found = self._divisors[a]
        if found is None:
            return None
        if all(powers.get(b, 0) >= p for b, p in found.lead):
            return found.lead
        return () if any(powers.get(b, 0) < 0 for b in found.shared) else None

    def _deltas_joined(self, powers: Mapping[int, Number]) -> Poly | None:
        """delta_ij delta_jk f_k = delta_ij delta_ik f_i, and so 1/delta_ij is delta_ij where it has
        a value."""
        deltas = {a: e for a, e in powers.items() if isinstance(self.kept[a].atom, Delta)}
        if not deltas:
            return None
        same = self._same(deltas)
        joined = [self.delta(old, new) for old, new in same.items()]
        if not all(joined):
            return {}
        front = {m[0][0]: 1 for delta in joined for m in delta}
        rest = {a: e for a, e in powers.items() if a not in deltas}
        stale = any(not self.kept[a].letters.isdisjoint(same) for a in rest)
        if front == deltas and not stale:
            return None
        other = self.renamed({product_of(rest): 1}, same) if stale else self.tidy(rest)
        return self.times({product_of(front): 1}, other)

    def _same(self, deltas: Collection[int]) -> dict[str, str]:
        """For the letters that deltas make equal, the one that is written for all of them."""
        groups: list[set[str]] = []
        for a in deltas:
            atom = self.kept[a].atom
            assert isinstance(atom, Delta)
            pair = {atom.first, atom.second}
            touched = [group for group in groups if not group.isdisjoint(pair)]
            groups = [group for group in groups if group.isdisjoint(pair)]
            groups.append(pair.union(*touched))
        firsts = [(min(group, key=rank), group) for group in groups]
        return {old: first for first, group in firsts for old in group if old != first}


def _times(powers: Mapping[int, Number], m: Monomial, e: int) -> dict[int, Number]:
    """powers * m**e."""
    found = dict(powers)
    for a, p in m:
        found[a] = found.get(a, 0) + e * p
    return found
