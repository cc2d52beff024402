"""What people do to a right result: a sign, a factor, a sum or a delta is lost, indices change
places, a branch is taken for the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Pow, Rational, S, Symbol
from sympy.core.sorting import ordered

from derive.answers.wrong_algebra import everywhere
from derive.indices import free_indices, substitute
from derive.nodes import (
    Binder,
    Sum,
    Where,
    children,
    entry,
    indices_of,
    is_head,
    name_of,
    rebuild,
    scalar,
    total,
)
from derive.problem import Problem

Change = Callable[[Expr], Iterator[Expr]]

FACTORS = (Integer(2), Rational(1, 2))
_MOST_FACTORS = 6


def sign_flipped(result: Expr, _: Problem) -> Iterator[Expr]:
    """The whole, one term of it or one case, with the other sign."""
    yield -result
    yield from everywhere(result, _scaled(Integer(-1)))


def _scaled(*factors: Expr) -> Change:
    """One term of a sum, or what holds in one case, times a factor."""

    def scaled(node: Expr) -> Iterator[Expr]:
        parts = children(node) if isinstance(node, Add | Where) else ()
        for place, part in enumerate(parts):
            for factor in factors if part != 0 else ():
                yield rebuild(node, (*parts[:place], factor * part, *parts[place + 1 :]))

    return scaled


def factor_lost(result: Expr, problem: Problem) -> Iterator[Expr]:
    """2, or a size, too often or not at all, in the whole or in one part of it; the size of another
    axis."""
    sizes = problem.sizes
    for factor in (*sizes, *FACTORS):
        yield factor * result
        yield result / factor
    for number in FACTORS:
        for size in sizes:
            yield number * size * result
            yield number * result / size
    yield from everywhere(result, _scaled(*FACTORS, *sizes, *(1 / size for size in sizes)))
    for wrong in sizes:
        for right in sizes:
            if right != wrong and right in result.free_symbols:
                yield _with_size(result, right, wrong)


def _with_size(node: Expr, right: Expr, wrong: Expr) -> Expr:
    """A size in front written for another; how far sums run stays."""
    if node == right:
        return wrong
    parts = children(node)
    return rebuild(node, tuple(_with_size(p, right, wrong) for p in parts)) if parts else node


def diagonal_only(result: Expr, problem: Problem) -> Iterator[Expr]:
    """Only the case of equal indices is kept, for all entries or with zeros beside it."""
    for own, other in _alike(problem):
        diagonal = substitute(result, {other: own}).replace(_is_one, lambda _: S.One)
        if diagonal != result:
            yield diagonal
            yield KroneckerDelta(own, other) * diagonal
            yield substitute(diagonal, {own: other})


def _is_one(node: Expr) -> bool:
    return isinstance(node, KroneckerDelta) and node.args[0] == node.args[1]


def off_diagonal_only(result: Expr, _: Problem) -> Iterator[Expr]:
    """The term with the delta is lost."""
    yield from everywhere(result, lambda n: iter([S.Zero] if isinstance(n, KroneckerDelta) else []))


def delta_lost(result: Expr, _: Problem) -> Iterator[Expr]:
    """A delta is left out."""
    yield from everywhere(result, _delta_as(S.One))


def _delta_as(value: Expr) -> Change:
    return lambda node: iter([value] if isinstance(node, KroneckerDelta) else [])


def sum_lost(result: Expr, problem: Problem) -> Iterator[Expr]:
    """A sum is left out, or everything is added up."""
    free = sorted(free_indices(result) | set(problem.extents), key=str)

    def opened(node: Expr) -> Iterator[Expr]:
        if isinstance(node, Sum):
            for letter in free:
                if problem.extents.get(letter) == node.extent:
                    yield substitute(node.body, {node.letter: letter})

    yield from everywhere(result, opened)
    for letter in free:
        if letter in problem.extents:
            yield total(result, letter, problem.extents[letter])


def transposed(result: Expr, problem: Problem) -> Iterator[Expr]:
    """Two indices have changed places."""
    for own, other in _alike(problem):
        yield substitute(result, {own: other, other: own})


def matrix_transposed(result: Expr, problem: Problem) -> Iterator[Expr]:
    """A matrix is written for its transpose, wherever it stands or at one place."""

    def square(node: Expr) -> bool:
        shape = problem.shapes.get(name_of(node), ()) if isinstance(node, Indexed) else ()
        return len(shape) == 2 and shape[0] == shape[1]

    def turned(node: Expr) -> Expr:
        return entry(name_of(node), *reversed(indices_of(node)))

    for name in sorted({name_of(head) for head in result.atoms(Indexed) if square(head)}):
        yield result.replace(
            lambda node, own=name: isinstance(node, Indexed) and name_of(node) == own, turned
        )
    yield from everywhere(result, lambda node: iter([turned(node)] if square(node) else []))


def factor_forgotten(result: Expr, _: Problem) -> Iterator[Expr]:
    """One factor of a product is left out, or several of the whole."""

    def without(node: Expr) -> Iterator[Expr]:
        if isinstance(node, Mul):
            for place, factor in enumerate(node.args):
                if not factor.is_number and not isinstance(factor, KroneckerDelta):
                    yield Mul(*node.args[:place], *node.args[place + 1 :])
        elif isinstance(node, Pow) and node.exp.is_Integer and node.exp != -1:
            yield Pow(node.base, node.exp - (1 if node.exp > 0 else -1))

    yield from everywhere(result, without)
    factors = [factor for factor in Mul.make_args(result) if not factor.is_number]
    for count in range(1, min(len(factors), _MOST_FACTORS) - 1):
        yield from (Mul(*kept) for kept in combinations(factors, count))


def term_forgotten(result: Expr, _: Problem) -> Iterator[Expr]:
    """One term of a sum is left out."""

    def without(node: Expr) -> Iterator[Expr]:
        if isinstance(node, Add):
            for term in node.args:
                yield Add(*(t for t in node.args if t != term))

    yield from everywhere(result, without)


def index_confused(result: Expr, problem: Problem) -> Iterator[Expr]:
    """At one place, an index is written for another that takes the same values, be it one that a
    sum runs over."""
    extents = {node.letter: node.extent for node in ordered(result.atoms(Binder))}
    extents |= {i: problem.extents[i] for i in (*problem.axes, *problem.wrt_axes)}

    def confused(node: Expr) -> Iterator[Expr]:
        for own in indices_of(node) if isinstance(node, Indexed) else ():
            for other, extent in extents.items():
                if other != own and extent == extents.get(own):
                    yield substitute(node, {own: other})

    yield from everywhere(result, confused)


def argument_for_value(result: Expr, problem: Problem) -> Iterator[Expr]:
    """The variable is written where the value of the function belongs: x (1 - x)."""
    by = {name_of(variable): len(indices_of(variable)) for variable in problem.wrt}
    for definition in problem.definitions:
        for name, rank in by.items():
            if rank == len(definition.indices):
                yield result.replace(
                    lambda node, own=definition.name: _is_head(node, own),
                    lambda node, new=name: _head(new, indices_of(node)),
                )


def _is_head(node: Expr, name: str) -> bool:
    return is_head(node) and name_of(node) == name


def _head(name: str, indices: tuple[Expr, ...]) -> Expr:
    return entry(name, *indices) if indices else scalar(name)


def branch_swapped(result: Expr, _: Problem) -> Iterator[Expr]:
    """What holds in one case is written in the other."""

    def swapped(node: Expr) -> Iterator[Expr]:
        if isinstance(node, Where):
            yield Where(node.no, node.yes, node.condition)
            yield node.yes
            yield node.no

    yield from everywhere(result, swapped)


def _alike(problem: Problem) -> Iterator[tuple[Symbol, Symbol]]:
    """Pairs of free letters that take the same values."""
    free = [*problem.axes, *problem.wrt_axes]
    for place, own in enumerate(free):
        for other in free[place + 1 :]:
            if problem.extents.get(own) == problem.extents.get(other):
                yield own, other
