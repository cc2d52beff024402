"""What a normal form is made of: rational numbers times powers of atoms, added up.

An atom is what algebra cannot take apart: an entry, a size, a delta, e to a product, a function of
normal forms, a closed sum over indices. Atoms are numbered as they are met, so that a product is a
short tuple of numbers, and equal products are equal tuples.

An index is a string: "i" for a letter of the problem, "=3" for a number, "~0:n" for a letter that
a sum of extent n is being opened or closed over, and "<0:n>" for one that is bound in a `Total`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Number = int | Fraction
Monomial = tuple[tuple[int, Number], ...]  # (the number of an atom, its exponent), sorted
Poly = dict[Monomial, Number]  # the coefficient of each product, not 0; never changed once made
Frozen = tuple[tuple[Monomial, Number], ...]

ONE: Poly = {(): 1}


class Unprovable(Exception):
    """There is no normal form within the limits, or none that is known to be sound."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a variable or defined name; a scalar has no indices."""

    name: str
    indices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """How many values an index takes."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """pi, or a prime under a root."""

    value: str | int


@dataclass(frozen=True, slots=True)
class Position:
    """An index as a number."""

    index: str


@dataclass(frozen=True, slots=True)
class Delta:
    """1 where two indices are equal, else 0."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Exp:
    """e to a product. The number in front of the product is the atom's exponent instead."""

    argument: Monomial


@dataclass(frozen=True, slots=True)
class Call:
    """Another function of normal forms."""

    function: Any
    arguments: tuple[Frozen, ...]


@dataclass(frozen=True, slots=True)
class Bracket:
    """A sum of terms under the bar or under a root; its leading coefficient is 1 or -1."""

    body: Frozen


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over all values of its marks. Every factor of the body has one of them."""

    marks: tuple[str, ...]
    body: Monomial


Atom = Entry | Size | Constant | Position | Delta | Exp | Call | Bracket | Total


class IsPositive:
    """1 where what stands in it is greater than 0, else 0: the function of a `Call`."""


class IsZero:
    """1 where what stands in it is 0, else 0: the function of a `Call`."""


def is_indicator(atom: Atom) -> bool:
    """Whether an atom is 1 where a condition on numbers holds, else 0."""
    return isinstance(atom, Call) and atom.function in (IsPositive, IsZero)


def inside(atom: Atom) -> list[Monomial]:
    """The products that an atom holds."""
    match atom:
        case Total(_, body):
            return [body]
        case Exp(argument):
            return [argument]
        case Bracket(terms):
            return [m for m, _ in terms]
        case Call(_, arguments):
            return [m for argument in arguments for m, _ in argument]
    return []


def own_letters(atom: Atom) -> frozenset[str]:
    """The indices that an atom names itself."""
    match atom:
        case Entry(_, indices):
            return frozenset(i for i in indices if not is_numeral(i))
        case Position(index):
            return frozenset([index])
        case Delta(first, second):
            return frozenset(i for i in (first, second) if not is_numeral(i))
    return frozenset()


def is_numeral(index: str) -> bool:
    return index.startswith("=")


def rank(index: str) -> tuple[int, str]:
    """Numbers first, then letters of the problem, then bound ones."""
    return {"=": 0, "<": 2, "~": 3}.get(index[0], 1), index


def extent_of(bound: str) -> str:
    """The extent in the name of an opened or bound letter: "n" for "~0:n"."""
    return bound.partition(":")[2].removesuffix(">")


# --- polynomials -------------------------------------------------------------------------------


def added(left: Poly, right: Poly, c: Number = 1) -> Poly:
    """left + c*right."""
    found = dict(left)
    for m, d in right.items():
        add_to(found, m, c * d)
    return found


def add_to(poly: Poly, m: Monomial, c: Number) -> None:
    """Add a term to a polynomial in the making."""
    value = poly.get(m, 0) + c
    if value:
        poly[m] = value
    else:
        poly.pop(m, None)


def scaled(poly: Poly, c: Number) -> Poly:
    return poly if c == 1 else {m: exact(c * d) for m, d in poly.items() if c}


def frozen(poly: Poly) -> Frozen:
    return tuple(sorted(poly.items()))


def product_of(powers: Mapping[int, Number]) -> Monomial:
    return tuple(sorted((a, e) for a, e in powers.items() if e))


def leading(poly: Poly) -> tuple[Monomial, Number]:
    """The term of the highest degree; of several, the first in the order of the atoms."""
    return max(poly.items(), key=lambda term: _degree_first(term[0]))


def _degree_first(m: Monomial) -> tuple[Number, list[tuple[int, Number]]]:
    return sum(e for _, e in m), [(-a, e) for a, e in m]


def exact(c: Number) -> Number:
    """A whole number as an int."""
    return c.numerator if c.denominator == 1 else c


@dataclass(frozen=True, slots=True)
class Divisor:
    """A bracket by which products may be divided.

    Attributes:
        lead: its leading term.
        shared: the atoms that all of its terms have but the number, if there is one.
    """

    lead: Monomial
    shared: frozenset[int]


def divisor(body: Poly) -> Divisor | None:
    """None where something in the bracket stands under a bar itself."""
    if any(p < 0 for m in body for _, p in m):
        return None
    others = [frozenset(b for b, p in m if p > 0) for m in body if m]
    shared = frozenset.intersection(*others) if () in body and others else frozenset()
    return Divisor(leading(body)[0], shared)
