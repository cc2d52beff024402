"""Definitions of a softmax: the vector it is of, and the sum that it divides by."""

from __future__ import annotations

from itertools import permutations

from sympy import Expr, Mul, Pow

from derive.functions import exp
from derive.indices import canonical, free_indices, substitute
from derive.nodes import Sum, index
from derive.problem import Definition, Problem
from derive.reading import Reading

Found = tuple[Definition, tuple[Expr, ...]]

_ANY = index("_any")
_MOST_LETTERS = 4  # of a softmax whose letters are sought: every order of them is tried


def argument(definition: Definition) -> Expr:
    """The entry of the vector whose softmax a definition is."""
    return next(f for f in Mul.make_args(definition.body) if isinstance(f, exp)).args[0]


def _denominator(definition: Definition) -> Expr:
    return next(f for f in Mul.make_args(definition.body) if isinstance(f, Pow)).base


class Denominators:
    """The sums that the softmaxes of a problem divide by; found out when first asked for."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._filed: dict[Expr, list[Definition]] | None = None
        self._found: dict[Expr, Found | None] = {}

    def find(self, total: Expr) -> Found | None:
        """The softmax of the parser's own that divides by this sum, and its outer letters."""
        if not isinstance(total, Sum) or not isinstance(total.body, exp):
            return None
        if total not in self._found:
            self._found[total] = self._search(total)
        return self._found[total]

    def _search(self, total: Sum) -> Found | None:
        reading = Reading(self._problem.axes, self._problem.wrt_axes)
        wanted = canonical(total)
        letters = sorted(free_indices(total), key=reading.rank)
        for definition in self._by_form().get(_form(total), ()):
            outer = definition.indices[:-1]
            for found in permutations(letters, len(outer)):
                places = dict(zip(outer, found, strict=True))
                if canonical(substitute(_denominator(definition), places)) == wanted:
                    return definition, found
        return None

    def _by_form(self) -> dict[Expr, list[Definition]]:
        if self._filed is None:
            self._filed = {}
            for definition in self._problem.definitions:
                few = len(definition.indices) <= _MOST_LETTERS + 1
                if few and definition.source and not definition.given:
                    form = _form(_denominator(definition))
                    self._filed.setdefault(form, []).append(definition)
        return self._filed


def _form(total: Expr) -> Expr:
    """What two sums have in common that differ in their letters only."""
    form = canonical(total)
    return substitute(form, dict.fromkeys(free_indices(form), _ANY))
