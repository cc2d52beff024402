"""Sums of indices in brackets, as in x[i + k]: how long they make an array, and that none of its
entries lies outside. Letters count from 0, as in NumPy."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Integer, Symbol

from derive.errors import DeriveError, UnsupportedError
from derive.indices import difference, never_negative
from derive.language.spelling import place_text
from derive.language.syntax import written
from derive.language.vocabulary import Env, Letter, Vocabulary
from derive.nodes import is_index
from derive.reading import Reading

_PLAIN = Reading()


@dataclass(frozen=True)
class Shift:
    """An index of an axis that is not simply a letter running over all of it.

    Attributes:
        form: the index.
        axis: the axis's length.
        letters: those in it.
        env, node: where it stands.
    """

    form: Expr
    axis: Expr
    letters: tuple[Letter, ...]
    env: Env
    node: ast.expr


class Shifts:
    """The shifts of one vocabulary, once all lengths are joined that are one."""

    def __init__(self, names: Vocabulary, found: Sequence[Shift]) -> None:
        self.names, self.sizes, self.found = names, names.sizes, found

    def settle_known(self) -> None:
        """How far letters run on axes whose length is known: as far as the longest sum allows."""
        for shift in self.found:
            claim = self.sizes.resolved(_least_length(shift))
            free = [s for s in claim.free_symbols if s not in self._known]
            axis = self.sizes.resolved(self.sizes.find(shift.axis))
            others = [s for s in self.found if s is not shift and s.letters == shift.letters]
            longest = all(_is_longer(shift, s) for s in others)
            if len(free) == 1 and longest and axis.free_symbols <= self._known:
                self.sizes.be(free[0], difference(axis + free[0], claim))

    @property
    def _known(self) -> set[Symbol]:
        return {symbol for length in self.sizes.fixed for symbol in length.free_symbols}

    def settle(self) -> None:
        """Work out the lengths that follow: x[t + k] has size(t) + size(k) - 1 entries.

        Raises UnsupportedError where an index may lie outside.
        """
        for shift in self.found:
            self._check_start(shift)
        for axis in dict.fromkeys(self.sizes.find(shift.axis) for shift in self.found):
            if axis not in self.sizes.fixed:
                self._tell(axis, [s for s in self.found if self.sizes.find(s.axis) == axis])
        for shift in self.found:
            if not self._ends_inside(shift, shift.axis):
                raise self._beyond(shift)

    def _tell(self, axis: Expr, shifts: Iterable[Shift]) -> None:
        """The length of an axis by the last entry that is used of it."""
        claims = {
            self.sizes.resolved(_least_length(shift)): shift
            for shift in shifts
            if not self._ends_inside(shift, axis)
        }
        for claim, shift in claims.items():
            if axis in claim.free_symbols:
                raise self._beyond(shift)
            if all(never_negative(difference(claim, other), {}) for other in claims):
                self.sizes.be(axis, claim)
                return
        if claims:
            one, other = list(claims.values())[:2]
            message = f"which of {written(one.node)} and {written(other.node)} reaches further?"
            raise other.env.error(UnsupportedError, message, other.node)

    def _check_start(self, shift: Shift) -> None:
        if self._is_known(shift.form, shift):
            return
        signs = [(t.could_extract_minus_sign(), t) for t in Add.make_args(shift.form)]
        over = Add(*(term for minus, term in signs if not minus))
        under = Add(*(-term for minus, term in signs if minus))
        message = f"{written(shift.node)} may lie before the first entry, as letters count from 0"
        guard = f"{place_text(under, _PLAIN)} <= {place_text(over, _PLAIN)}"
        message += f": write where({guard}, ..., 0) around it"
        raise shift.env.error(UnsupportedError, message, shift.node)

    def _ends_inside(self, shift: Shift, axis: Expr) -> bool:
        return self._is_known(difference(axis - 1, shift.form), shift)

    def _is_known(self, form: Expr, shift: Shift) -> bool:
        """Whether a form is 0 or more where the shift stands: always, or by a condition around."""
        in_force = (*shift.env.scope.free.values(), *shift.env.bound.values())
        extents = {one.symbol: self.sizes.resolved(one.size) for one in in_force}
        return any(
            never_negative(self.sizes.resolved(difference(form, known)), extents)
            for known in (Integer(0), *shift.env.holds)
        )

    def _beyond(self, shift: Shift) -> DeriveError:
        over = self.names.describe(shift.axis).removeprefix("that of ")
        all_of = [one for one in shift.letters if self._is_one(one.size, shift.axis)]
        reason = f"{all_of[0].symbol} runs over all of {over}, so that " if all_of else ""
        message = f"{reason}{written(shift.node)} may go beyond the end of {over}"
        return shift.env.error(UnsupportedError, message, shift.node)

    def _is_one(self, length: Expr, other: Expr) -> bool:
        return bool(self.sizes.resolved(length) == self.sizes.resolved(other))


def _least_length(shift: Shift) -> Expr:
    """How many entries there are at least: one more than the greatest value of the index."""
    last: Mapping[Symbol, Expr] = {one.symbol: one.size - 1 for one in shift.letters}
    terms = (
        term if not is_index_term(term) else term.xreplace(dict(last))
        for term in Add.make_args(shift.form)
        if not (is_index_term(term) and term.could_extract_minus_sign())
    )
    return Add(1, *terms).expand()


def _is_longer(shift: Shift, other: Shift) -> bool:
    return never_negative(difference(_least_length(shift), _least_length(other)), {})


def is_index_term(term: Expr) -> bool:
    """Whether a term of an index is a letter or a multiple of one."""
    return any(is_index(symbol) for symbol in term.free_symbols)
