"""Where two expressions are compared: sizes, index values and numbers that meet the assumptions."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count, product
from math import prod

from sympy import Expr, Indexed, Integer, Rational, Symbol, preorder_traversal
from sympy.core.relational import Equality, GreaterThan, LessThan, Relational
from sympy.core.relational import StrictGreaterThan as Above
from sympy.core.relational import StrictLessThan as Below

from derive.checker.ground import CONTEXT, Place, Real
from derive.nodes import Sum, indices_of, is_head, is_scalar, is_size, name_of

_ASSIGNMENTS = 16  # all of them up to here, a fixed sample beyond
_APART = 4  # so many sizes all differ from one another
_GRAIN = 20  # numbers are twentieths, so that a person can put them in


@dataclass(frozen=True)
class FixedSum:
    """The entries of a name along some axes sum to `total`, for all places on the others: every row
    of a matrix along one axis, or all of its entries. `extents` are the lengths of these axes."""

    axes: tuple[int, ...]
    total: Expr
    extents: tuple[Expr, ...]


@dataclass(frozen=True)
class Constraints:
    """Assumptions, as far as numbers can be drawn to meet them.

    Attributes:
        sums: by name.
        bounds: by name, a lower and an upper bound or None.
        unmet: the assumptions that drawn numbers may break.
    """

    sums: Mapping[str, FixedSum]
    bounds: Mapping[str, tuple[Fraction | None, Fraction | None]]
    unmet: tuple[Relational, ...]


def constraints(assumptions: Iterable[Relational]) -> Constraints:
    """Sort assumptions into fixed sums, bounds, and those that cannot be met by drawing."""
    sums: dict[str, FixedSum] = {}
    bounds: dict[str, tuple[Fraction | None, Fraction | None]] = {}
    unmet: list[Relational] = []
    for relation in assumptions:
        fixed, bound = _fixed_sum(relation), _bound(relation)
        if fixed and fixed[0] not in sums:
            sums[fixed[0]] = fixed[1]
        elif bound:
            low, high = bounds.get(bound[0], (None, None))
            lows = [b for b in (low, bound[1]) if b is not None]
            highs = [b for b in (high, bound[2]) if b is not None]
            bounds[bound[0]] = (max(lows, default=None), min(highs, default=None))
        else:
            unmet.append(relation)
    return Constraints(sums, bounds, tuple(unmet))


def _fixed_sum(relation: Relational) -> tuple[str, FixedSum] | None:
    """Eq(sum(Y[b,k], k), c) and Eq(sum(Y[b,k], b, k), c), either way round, with c a number, a size
    or a scalar variable."""
    if not isinstance(relation, Equality):
        return None
    for left, right in (relation.args, relation.args[::-1]):
        simple = isinstance(right, Rational) or is_size(right) or is_scalar(right)
        extents: dict[Symbol, Expr] = {}
        while isinstance(left, Sum) and left.letter not in extents:
            extents[left.letter] = left.extent
            left = left.body
        letters = indices_of(left)
        apart = len(set(letters)) == len(letters)
        if simple and apart and extents and extents.keys() <= set(letters):
            axes = tuple(axis for axis, letter in enumerate(letters) if letter in extents)
            return name_of(left), FixedSum(axes, right, tuple(extents[letters[a]] for a in axes))
    return None


def _bound(relation: Relational) -> tuple[str, Fraction | None, Fraction | None] | None:
    """x[i] > 0 and the like, either way round."""
    if not isinstance(relation, Above | Below | GreaterThan | LessThan):
        return None
    if isinstance(relation.lhs, Rational):
        relation = relation.reversed
    head, limit = relation.args
    if not isinstance(limit, Rational) or not is_head(head):
        return None
    value = Fraction(limit.p, limit.q)
    if isinstance(relation, Above | GreaterThan):
        return name_of(head), value, None
    return name_of(head), None, value


@dataclass
class Point:
    """Rational numbers for every entry, drawn when first asked for.

    The entries of a small array are all different, and so are their sizes without their signs:
    two that were equal would be a tie for a maximum.

    Attributes:
        sizes: the value of every size symbol.
        seed: two points with different seeds differ.
        sign: -1 turns the signs of the same draw round.
        positive: everything lies in (0, 1).
        scale: else, what has no two bounds is up to twice this far from 0 or from its bound.
        spread: each variable without two bounds has a size of its own, up to 8 times as large or as
            small: one may have to be larger than all others.
    """

    constraints: Constraints
    sizes: Mapping[Symbol, int]
    seed: str
    sign: int = 1
    positive: bool = False
    scale: int = 1
    spread: bool = False
    numbers: dict[Place, Fraction] = field(default_factory=dict)
    _reals: dict[Place, Real] = field(default_factory=dict)
    _orders: dict[str, list[int]] = field(default_factory=dict)

    def __call__(self, name: str, where: tuple[int, ...]) -> Real:
        """The value of one entry as a real number."""
        place = (name, where)
        if place not in self._reals:
            exact = self.exact(name, where)
            self._reals[place] = CONTEXT.mpf(exact.numerator) / exact.denominator
        return self._reals[place]

    def exact(self, name: str, where: tuple[int, ...]) -> Fraction:
        """The value of one entry as a fraction."""
        place = (name, where)
        if place not in self.numbers:
            fixed = self.constraints.sums.get(name)
            self.numbers[place] = (
                self._summing(name, where, fixed) if fixed else self._draw(name, where)
            )
        return self.numbers[place]

    def _summing(self, name: str, where: tuple[int, ...], fixed: FixedSum) -> Fraction:
        """An entry of a row with a fixed sum: the last is what is left, or, where signs matter,
        all are scaled."""
        total, row = self._exact(fixed.total), self.row(where, fixed)
        if (self.positive or name in self.constraints.bounds) and total > 0:
            return total * self._draw(name, where) / sum(self._draw(name, at) for at in row)
        if where != row[-1]:
            return self._draw(name, where)
        return total - sum(self._draw(name, at) for at in row[:-1])

    def row(self, where: tuple[int, ...], fixed: FixedSum) -> list[tuple[int, ...]]:
        """The places whose entries have a fixed sum together with the one at `where`."""
        spans: list[tuple[int, ...]] = [(place,) for place in where]
        for axis, extent in zip(fixed.axes, fixed.extents, strict=True):
            spans[axis] = tuple(range(1, int(self._exact(extent)) + 1))
        return list(product(*spans))

    def _exact(self, simple: Expr) -> Fraction:
        if isinstance(simple, Rational):
            return Fraction(simple.p, simple.q)
        if is_size(simple):
            return Fraction(self.sizes[simple])
        return self.exact(name_of(simple), ())

    def _draw(self, name: str, where: tuple[int, ...]) -> Fraction:
        chance = random.Random(f"{self.seed} {name} {where}")
        low, high = self.constraints.bounds.get(name, (None, None))
        unit = Fraction(2 * self._order(name)[self._flat(where) % _GRAIN] - 1, 2 * _GRAIN)
        if low is not None and high is not None:
            return low + unit * (high - low)
        if self.spread:
            unit *= Fraction(2) ** random.Random(f"{self.seed} {name} size").randint(-3, 3)
        if low is not None or high is not None:
            size = unit if self.positive else 2 * self.scale * unit
            return low + size if low is not None else (high or 0) - size
        if self.positive:
            return unit
        return self.sign * chance.choice((-1, 1)) * 2 * self.scale * unit

    def _order(self, name: str) -> list[int]:
        """The numbers 1 to _GRAIN, shuffled for one variable."""
        if name not in self._orders:
            chance = random.Random(f"{self.seed} {name}")
            self._orders[name] = chance.sample(range(1, _GRAIN + 1), _GRAIN)
        return self._orders[name]

    def _flat(self, where: tuple[int, ...]) -> int:
        """The place of an entry in an array as wide as the longest axis, counted from 0."""
        width = max(self.sizes.values(), default=1)
        return sum((at - 1) * width**axis for axis, at in enumerate(where))


def size_choices(sizes: Iterable[Symbol], least: int) -> list[dict[Symbol, int]]:
    """Sizes to try: each has two values or more, and any two differ in one of the choices at least,
    so that one in the place of another is seen. A few differ in all choices; many share two values:
    every layer of a network has a size of its own, and sums inside sums have them as factors."""
    names = sorted(set(sizes), key=str)
    if not names:
        return [{}]
    values = max(2, len(names)) if len(names) <= _APART else 2
    turns = next(k for k in count(1) if values * (values**k - 1) >= len(names))
    shifts = [shift for shift in product(range(values), repeat=turns) if any(shift)]
    chosen = [(first, *shift) for shift in shifts for first in range(values)]
    return [
        {
            name: least + (first + (shift[turn - 1] if turn else 0)) % values
            for name, (first, *shift) in zip(names, chosen, strict=False)
        }
        for turn in range(turns + 1)
    ]


def least_size(expressions: Iterable[Expr]) -> int:
    """The least size at which every entry that is named by its number (z[3]) exists."""
    found = 2
    for expr in expressions:
        for node in preorder_traversal(expr):
            if isinstance(node, Indexed):
                found = max([found, *(int(i) + 1 for i in node.indices if isinstance(i, Integer))])
    return found


def assignments(extents: Mapping[Symbol, int]) -> list[dict[Symbol, int]]:
    """Values for free letters: all of them if few; else a sample in which letters of one range
    coincide at least once and differ at least once."""
    letters: Sequence[Symbol] = sorted(extents, key=str)
    spans = [extents[letter] for letter in letters]
    if prod(spans) <= _ASSIGNMENTS:
        places = list(product(*(range(1, span + 1) for span in spans)))
    else:  # there may be far too many to list
        chance = random.Random(0)
        apart = tuple(k % span + 1 for k, span in enumerate(spans))
        found = {(1,) * len(spans): None, apart: None}
        while len(found) < _ASSIGNMENTS:
            found[tuple(chance.randint(1, span) for span in spans)] = None
        places = list(found)
    return [dict(zip(letters, values, strict=True)) for values in places]
