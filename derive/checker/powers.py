"""Powers, exponentials and logarithms of normal forms."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

import sympy

from derive.checker.atoms import (
    ONE,
    Bracket,
    Call,
    Constant,
    Delta,
    Entry,
    Exp,
    IsPositive,
    IsZero,
    Monomial,
    Number,
    Poly,
    Unprovable,
    added,
    exact,
    frozen,
    is_indicator,
    leading,
    product_of,
    scaled,
)
from derive.checker.terms import Terms

_HIGHEST = 1000
_LARGEST = 10**12  # numbers that are taken apart into primes


class VariablePower:
    """f**g with a g that is no number: the function of a `Call`."""


class Powers(Terms):
    """What is under a bar or a root is a product of atoms and brackets."""

    def power(self, poly: Poly, e: Number) -> Poly:
        if not -_HIGHEST <= e <= _HIGHEST:
            raise Unprovable("too high a power")
        whole = Fraction(e).denominator == 1
        if whole and e >= 0:
            return self._multiplied_out(poly, int(e))
        if not poly and e > 0:
            return {}
        c, outside, rest = self.content(poly, every=whole)
        number: Poly = {(): Fraction(c) ** int(e)} if whole else self._root(c, Fraction(e))
        front = self.tidy({a: p * e for a, p in outside})
        return self.times(number, front, self._bracket(rest, e))

    def _multiplied_out(self, poly: Poly, e: int) -> Poly:
        if len(poly) == 1:
            ((m, c),) = poly.items()
            return self.tidy({a: p * e for a, p in m}, c**e)
        found = ONE
        for _ in range(e):
            found = self.times(found, poly)
        return found

    def _bracket(self, body: Poly, e: Number) -> Poly:
        if body == ONE:
            return ONE
        if body == {(): -1}:
            raise Unprovable("the root of a negative number")
        (m, c), *more = body.items()
        if not more and c == 1 and len(m) == 1 and m[0][1] == 1:
            return self.tidy({m[0][0]: e})
        return self.tidy({self.number(Bracket(frozen(body))): e})

    def _root(self, c: Number, e: Fraction) -> Poly:
        """A power of a positive number, by its primes."""
        return self.tidy({self.number(Constant(p)): k * e for p, k in _primes(c).items()})

    def content(self, poly: Poly, every: bool) -> tuple[Number, Monomial, Poly]:
        """A number, powers that all terms share, and the rest: their product is `poly`.

        Args:
            every: take out all atoms, and the sign; else only what is known to be positive.
        """
        poly, outside = self._cleared(poly, every)
        tables = [dict(m) for m in poly]
        for a in dict.fromkeys(a for table in tables for a in table):
            lowest = min(table.get(a, 0) for table in tables)
            if lowest and self._comes_out(a, every):
                outside[a] = outside.get(a, 0) + lowest
                for table in tables:
                    table[a] = table.get(a, 0) - lowest
        rest = {product_of(t): c for t, c in zip(tables, poly.values(), strict=True)}
        if not rest:
            raise Unprovable("a power of 0")
        lead = Fraction(leading(rest)[1])
        c = lead if every else abs(lead)
        return c, product_of(outside), {m: exact(d / c) for m, d in rest.items()}

    def _comes_out(self, a: int, every: bool) -> bool:
        atom = self.kept[a].atom
        return self.kept[a].positive or (
            every and not (isinstance(atom, Delta) or is_indicator(atom))
        )

    def _cleared(self, poly: Poly, every: bool = True) -> tuple[Poly, dict[int, Number]]:
        """What stands over a common denominator, and the brackets in it (exponents below 0)."""
        under: dict[int, Number] = {}
        while (a := self._bracket_under(poly, every)) is not None:
            lowest = min(dict(m).get(a, 0) for m in poly)
            under[a] = under.get(a, 0) + lowest
            found: Poly = {}
            for m, c in poly.items():
                powers = dict(m)
                powers[a] = powers.get(a, 0) - lowest
                found = added(found, self.tidy(powers, c))
            poly = found
        return poly, under

    def _bracket_under(self, poly: Poly, every: bool) -> int | None:
        for m in poly:
            for a, e in m:
                if e < 0 and isinstance(self.kept[a].atom, Bracket) and self._comes_out(a, every):
                    return a
        return None

    def is_zero(self, poly: Poly) -> bool:
        """Whether nothing is left over a common denominator."""
        return not self._cleared(poly)[0]

    def regular(self, poly: Poly) -> Poly:
        """The same with fractions added up and divided anew: f/(f + g) + g/(f + g) is 1."""
        over, under = self._cleared(poly)
        return self.times(over, self.tidy(under)) if under else poly

    def exp(self, poly: Poly) -> Poly:
        """e to a sum is a product; e**(c log f) is f**c."""
        found = ONE
        for m, c in self.regular(poly).items():
            body = self._under_logarithm(m)
            if body is None:
                found = self.times(found, {((self.number(Exp(m)), c),): 1})
            else:
                found = self.times(found, self.power(body, c))
        return found

    def _under_logarithm(self, m: Monomial) -> Poly | None:
        """f where the product is log(f), else None."""
        if len(m) != 1 or m[0][1] != 1:
            return None
        atom = self.kept[m[0][0]].atom
        if not isinstance(atom, Call) or atom.function is not sympy.log:
            return None
        return dict(atom.arguments[0])

    def log(self, poly: Poly) -> Poly:
        """The logarithm of a product, taken apart where the factors are positive."""
        if not poly:
            raise Unprovable("the logarithm of 0")
        c, outside, rest = self.content(poly, every=False)
        found: Poly = {}
        for p, k in _primes(c).items():
            found = added(found, self._log_atom({(): p}, k))
        for a, e in outside:
            found = added(found, self._log_of(a), e)
        return found if rest == ONE else added(found, self._log_atom(rest, 1))

    def _log_of(self, a: int) -> Poly:
        match self.kept[a].atom:
            case Exp(argument):
                return {argument: 1}
            case Bracket(body):
                return self._log_atom(dict(body), 1)
            case Constant(int() as value):
                return self._log_atom({(): value}, 1)
        return self._log_atom({((a, 1),): 1}, 1)

    def _log_atom(self, body: Poly, c: Number) -> Poly:
        return scaled(self.atom(Call(sympy.log, (frozen(body),))), c)

    # --- other functions ------------------------------------------------------------------------

    def call(self, function: Any, *arguments: Poly) -> Poly:
        """A function of normal forms."""
        if function is sympy.log:
            return self.log(*arguments)
        if function is VariablePower:
            return self.variable_power(*arguments)
        if function in (IsPositive, IsZero):
            return self.indicator(function, *arguments)
        if function is sympy.Abs and self.positive(*arguments):
            return arguments[0]
        return self.atom(Call(function, tuple(frozen(self.regular(p)) for p in arguments)))

    def indicator(self, function: Any, poly: Poly) -> Poly:
        """1 where a sum is greater than 0 (or is 0), else 0; positive factors do not count."""
        poly = self.regular(poly)
        if not poly:
            return ONE if function is IsZero else {}
        _, _, rest = self.content(poly, every=False)
        opposite = scaled(rest, -1)
        if self.positive(rest):
            return {} if function is IsZero else ONE
        if self.positive(opposite):
            return {}
        if function is IsZero:
            rest = min(rest, opposite, key=frozen)
        return self.atom(Call(function, (frozen(rest),)))

    def variable_power(self, base: Poly, exponent: Poly) -> Poly:
        """f**g = e**(g log f) where f is known to be positive."""
        if not exponent.keys() - {()}:
            return self.power(base, exponent.get((), 0))
        if self.positive(base):
            return self.exp(self.times(exponent, self.log(base)))
        whole = floor(exponent.get((), 0)) if self._is_variable(base) else 0
        rest = added(exponent, ONE, -whole)
        call = self.atom(Call(VariablePower, (frozen(base), frozen(rest))))
        return self.times(self.power(base, whole), call)

    def _is_variable(self, poly: Poly) -> bool:
        """Whether it is an entry alone, which is not 0 but here and there."""
        atoms = [self.kept[a].atom for m in poly for a, _ in m]
        return len(atoms) == 1 and poly == self.atom(atoms[0]) and isinstance(atoms[0], Entry)


def _primes(c: Number) -> dict[int, int]:
    value = Fraction(c)
    if max(value.numerator, value.denominator) > _LARGEST:
        raise Unprovable("too large a number")
    found = {int(p): int(k) for p, k in sympy.factorint(value.numerator).items()}
    for p, k in sympy.factorint(value.denominator).items():
        found[int(p)] = found.get(int(p), 0) - int(k)
    return found
