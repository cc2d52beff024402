"""Finding a definition or a known sum inside an expression, up to the names of its indices.

Patterns and subjects are in canonical form (derive.indices.canonical), so bound letters agree and
only the pattern's own free indices, the wild ones, are open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sympy import Add, Expr, KroneckerDelta, Mul, Pow, Rational, S, Symbol

from derive.indices import free_indices
from derive.nodes import is_index

Binding = Mapping[Symbol, Expr]
Form = Callable[[Expr], Expr]  # derive.indices.canonical, or one that remembers


def match(pattern: Expr, subject: Expr, wild: frozenset[Symbol], canonical: Form) -> Binding | None:
    """The values of the wild indices for which the pattern is the subject, or None."""
    if pattern.func != subject.func:
        return None
    return next(_match(canonical(pattern), canonical(subject), wild, {}), None)


def _match(
    pattern: Expr, subject: Expr, wild: frozenset[Symbol], found: Binding
) -> Iterator[Binding]:
    if pattern in wild:
        if pattern in found:
            if found[pattern] == subject:
                yield found
        elif is_index(subject):
            yield {**found, pattern: subject}
    elif not free_indices(pattern) & wild:
        if pattern == subject:
            yield found
    elif pattern.func == subject.func and len(pattern.args) == len(subject.args):
        if isinstance(pattern, Add | Mul | KroneckerDelta):
            yield from _match_any_order(pattern.args, subject.args, wild, found)
        else:
            yield from _match_in_order(pattern.args, subject.args, wild, found)


def _match_in_order(
    patterns: Sequence[Expr], subjects: Sequence[Expr], wild: frozenset[Symbol], found: Binding
) -> Iterator[Binding]:
    if not patterns:
        yield found
        return
    for first in _match(patterns[0], subjects[0], wild, found):
        yield from _match_in_order(patterns[1:], subjects[1:], wild, first)


def _match_any_order(
    patterns: Sequence[Expr], subjects: Sequence[Expr], wild: frozenset[Symbol], found: Binding
) -> Iterator[Binding]:
    if not patterns:
        yield found
        return
    for place, subject in enumerate(subjects):
        rest = [*subjects[:place], *subjects[place + 1 :]]
        for first in _match(patterns[0], subject, wild, found):
            yield from _match_any_order(patterns[1:], rest, wild, first)


def find_factors(
    pattern: Expr, factors: Sequence[Expr], wild: frozenset[Symbol], canonical: Form
) -> tuple[Binding, Expr, int] | None:
    """Where a product (or power) stands among the factors of another; those that are read first
    are taken first.

    Returns the wild indices' values, what is left over, and how many times the pattern was taken
    out: subject = pattern**times * rest. A lone power is found in any whole multiple of it, 1/r in
    the root r too. None if it is not there.
    """
    wanted = [_base_and_power(canonical(f)) for f in Mul.make_args(pattern)]
    available = [_base_and_power(canonical(f)) for f in factors]
    lone = len(wanted) == 1
    for binding, places in _assign(wanted, available, wild, lone, {}, ()):
        times = min(
            _times(available[place][1], power, lone)
            for (_, power), place in zip(wanted, places, strict=True)
        )
        rest = list(factors)
        for (_, power), place in zip(wanted, places, strict=True):
            base = rest[place].base if isinstance(rest[place], Pow) else rest[place]
            rest[place] = Pow(base, available[place][1] - times * power)
        return binding, Mul(*rest), times
    return None


def _base_and_power(factor: Expr) -> tuple[Expr, Expr]:
    return (factor.base, factor.exp) if isinstance(factor, Pow) else (factor, S.One)


def _assign(
    wanted: Sequence[tuple[Expr, Expr]],
    available: Sequence[tuple[Expr, Expr]],
    wild: frozenset[Symbol],
    lone: bool,
    found: Binding,
    taken: tuple[int, ...],
) -> Iterator[tuple[Binding, tuple[int, ...]]]:
    if not wanted:
        yield found, taken
        return
    base, power = wanted[0]
    for place, (other, have) in enumerate(available):
        if place in taken or _times(have, power, lone) == 0:
            continue
        for first in _match(base, other, wild, found):
            yield from _assign(wanted[1:], available, wild, lone, first, (*taken, place))


def _times(have: Expr, power: Expr, lone: bool) -> int:
    """How many times base**power is a factor of base**have: both above or both below the bar,
    unless it is a lone one, of which have must be a multiple."""
    if have == power:
        return 1
    if not (isinstance(have, Rational) and isinstance(power, Rational)):
        return 0
    ratio = have / power
    if lone:
        return int(ratio) if ratio.is_Integer else 0
    return max(0, int(ratio))


def find_terms(
    pattern: Expr, terms: Sequence[Expr], wild: frozenset[Symbol], canonical: Form
) -> tuple[Binding, Expr, int] | None:
    """Where a sum stands among the terms of another: subject = sign * pattern + rest."""
    available = [canonical(term) for term in terms]
    for sign in (1, -1):
        wanted = [canonical(sign * term) for term in Add.make_args(pattern)]
        for binding, places in _choose(wanted, available, wild, {}, ()):
            rest = Add(*(term for place, term in enumerate(terms) if place not in places))
            return binding, rest, sign
    return None


def _choose(
    wanted: Sequence[Expr],
    available: Sequence[Expr],
    wild: frozenset[Symbol],
    found: Binding,
    taken: tuple[int, ...],
) -> Iterator[tuple[Binding, tuple[int, ...]]]:
    if not wanted:
        yield found, taken
        return
    for place, term in enumerate(available):
        if place not in taken:
            for first in _match(wanted[0], term, wild, found):
                yield from _choose(wanted[1:], available, wild, first, (*taken, place))
