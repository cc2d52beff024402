"""The arithmetic of normal forms: products are merged, and what simplifies in them is simplified.

Nothing that is done here makes an expression undefined where it was defined: sqrt(x)**2 is x, but
sqrt(x**2) stays, and log(x*y) is only split where a factor is known to be positive.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping
from fractions import Fraction
from math import floor

from derive.checker.atoms import (
    Bracket,
    Constant,
    Delta,
    Monomial,
    Number,
    Poly,
    add_to,
    added,
    exact,
    is_indicator,
    product_of,
    rank,
    scaled,
)
from derive.checker.table import Table


class Terms(Table):
    """Sums and products over one table of atoms."""

    @abstractmethod
    def power(self, poly: Poly, e: Number) -> Poly:
        """A power with a rational exponent."""

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
        if not self.special.isdisjoint(left):
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
            term = self._term_to_divide_by(a, atom, powers)
            if term is not None:
                body = dict(atom.body)
                c = Fraction(body.pop(term))
                less = _times(powers, term, -1)
                found = self.tidy({**less, a: e + 1}, exact(1 / c))
                for m, d in body.items():
                    found = added(found, self.tidy(_times(less, m, 1), exact(-d / c)))
                return found
        return None

    def _term_to_divide_by(
        self, a: int, bracket: Bracket, powers: Mapping[int, Number]
    ) -> Monomial | None:
        """The term of a bracket under the bar for which a product is divided: the leading one if
        it is in the product, or 1 if what else is in the bracket goes into the product's
        denominator."""
        found = self.divisor(a, bracket)
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
