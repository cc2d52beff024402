"""Indices that may lie beyond the ends of an axis, and conditions that keep them in range."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Add, And, Expr, Indexed, Integer, Symbol

from derive.indices import never_negative
from derive.nodes import Where, is_index

Spans = Mapping[Symbol, Expr]


def guard(index: Expr, extent: Expr, spans: Spans) -> frozenset[Expr]:
    """What has to be 0 or more for an index to be in range, apart from what always is."""
    forms = (index.expand(), (extent - 1 - index).expand())
    return frozenset(form for form in forms if not never_negative(form, spans))


def is_shorter(length: Expr, extent: Expr) -> bool:
    """Whether one of two lengths is surely less than the other."""
    return bool(length != extent and never_negative(extent - length, {}))


def is_window(index: Expr) -> bool:
    """Whether an axis can become those of the letters of an index: there are two at most, 2*k
    being two."""
    counts = [index.coeff(letter) for letter in filter(is_index, index.free_symbols)]
    return all(count.is_Integer for count in counts) and sum(map(abs, counts)) <= 2


def has_windows(expr: Expr) -> bool:
    """The same for all entries in an expression."""
    return all(is_window(index) for entry in expr.atoms(Indexed) for index in entry.indices)


def kept_in_range(expr: Expr, place: Expr, letter: Symbol, spans: Spans) -> Expr:
    """An expression in which `place` stands for a letter; 0 where that is no value of it."""
    extent = spans[letter]
    if is_index(place) and not is_shorter(extent, spans.get(place, extent)):
        return expr
    if not guard(place, extent, spans):
        return expr
    terms = Add.make_args(place)
    taken = [term for term in terms if term.could_extract_minus_sign()]
    above = Add(*(term for term in terms if term not in taken))
    below = Add(*(-term for term in taken))
    return Where(expr, Integer(0), And(below <= above, above < extent + below))
