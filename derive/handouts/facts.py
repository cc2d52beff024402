"""What is always true of a result: sums of rows, symmetry, rank, shape. Each is tried by machine,
and only what holds is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from sympy import Expr, Integer

from derive.api import Derivation
from derive.checker.finite import Checker
from derive.errors import DeriveError
from derive.indices import free_indices, substitute
from derive.nodes import (
    Derivative,
    children,
    delta,
    indices_of,
    is_scalar,
    rebuild,
    total,
    undistributed,
)
from derive.problem import Problem
from derive.steps import Verdict

_SIZES = (3, 4, 5)
_SEED = 20
_POINTS = 2


class Kind(StrEnum):
    """What is said; see `derive.render.words.Words` for the sentences."""

    ROWS = "rows_sum"
    COLUMNS = "columns_sum"
    ENTRIES = "entries_sum"
    SYMMETRIC = "symmetric"
    EVEN = "even"
    RANK = "rank"
    SHAPE = "same_shape"


@dataclass(frozen=True)
class Fact:
    """One fact that holds.

    Attributes:
        left, right: that these are equal, where the fact is an equation.
        sizes: at which it was tried, where it was not decided for every size.
    """

    kind: Kind
    left: Expr | None = None
    right: Expr | None = None
    sizes: tuple[int, ...] = ()


def facts(derivation: Derivation) -> tuple[Fact, ...]:
    """What holds of a derivation's result, in the order of `Kind`."""
    problem, result = derivation.chain.problem, derivation.chain.result
    finders = (_sums, _symmetry, _parity, _rank, _shape)
    checker = Checker(problem)
    return tuple(fact for find in finders for fact in find(derivation, problem, result, checker))


_Found = Iterator[Fact]


def start_of(problem: Problem) -> Expr:
    """What is asked: the target with its derivatives pending."""
    start = problem.target
    for variable in problem.wrt:
        start = Derivative(start, variable)
    return start


def _sums(_: Derivation, problem: Problem, result: Expr, checker: Checker) -> _Found:
    """Rows, columns or entries that sum to 0."""
    if len(problem.wrt) != 1 or len(problem.axes) > 1 or len(problem.wrt_axes) != 1:
        return
    by_axis = [(problem.wrt_axes[0], Kind.ROWS), *((axis, Kind.COLUMNS) for axis in problem.axes)]
    if not problem.axes:
        by_axis = [(problem.wrt_axes[0], Kind.ENTRIES)]
    for axis, kind in by_axis:
        extent = problem.extents[axis]
        if _agree(checker, total(result, axis, extent), Integer(0)):
            yield Fact(kind, total(start_of(problem), axis, extent), Integer(0))


def _symmetry(_: Derivation, problem: Problem, result: Expr, checker: Checker) -> _Found:
    """A square matrix that is its own transpose, and no diagonal one."""
    if not _is_square(problem) or not _has_off_diagonal(problem, result, checker):
        return
    i, j = (*problem.axes, *problem.wrt_axes)
    turned = {i: j, j: i}
    with undistributed():
        symmetric = _agree(checker, result, substitute(result, turned))
        start = start_of(problem)
        mirrored = substitute(start, turned)
    if symmetric:
        yield Fact(Kind.SYMMETRIC, start, mirrored)


def _is_square(problem: Problem) -> bool:
    axes = (*problem.axes, *problem.wrt_axes)
    return len(axes) == 2 and len({problem.extents[axis] for axis in axes}) == 1


def _has_off_diagonal(problem: Problem, result: Expr, checker: Checker) -> bool:
    diagonal = delta(*problem.axes, *problem.wrt_axes)
    return not _agree(checker, result * (1 - diagonal), Integer(0))


def _parity(_: Derivation, problem: Problem, result: Expr, checker: Checker) -> _Found:
    """A function of one number whose slope is the same at -x as at x."""
    if len(problem.variables) != 1 or problem.extents or len(problem.wrt) != 1:
        return
    variable = problem.wrt[0]
    if not is_scalar(variable) or variable.name not in problem.variables:
        return
    with undistributed():
        slope = _unfolded(result, problem)
        even = slope.has(variable) and _agree(checker, slope, slope.xreplace({variable: -variable}))
    if even:
        yield Fact(Kind.EVEN)


def _unfolded(expr: Expr, problem: Problem) -> Expr:
    """An expression without defined names."""
    definition = problem.definition(expr)
    if definition is not None:
        places = dict(zip(definition.indices, indices_of(expr), strict=True))
        return _unfolded(substitute(definition.body, places), problem)
    parts = children(expr)
    return rebuild(expr, tuple(_unfolded(part, problem) for part in parts)) if parts else expr


def _rank(derivation: Derivation, problem: Problem, _: Expr, __: Checker) -> _Found:
    """A square Jacobian of vectors whose rank is one less than its size, whatever the numbers."""
    shapes = [problem.shapes[name] for name in problem.variables]
    if not _is_square(problem) or any(len(shape) > 1 for shape in shapes):
        return
    try:
        if all(_one_less(derivation, problem, size) for size in _SIZES):
            yield Fact(Kind.RANK, sizes=_SIZES)
    except DeriveError:  # there is no code for it, so nothing was tried and nothing is said
        return


def _one_less(derivation: Derivation, problem: Problem, size: int) -> bool:
    function = derivation.function()
    chance = np.random.default_rng(_SEED + size)
    for _ in range(_POINTS):
        numbers = {
            name: chance.uniform(0.5, 1.5, size=[size] * len(problem.shapes[name]))
            for name in problem.variables
        }
        if np.linalg.matrix_rank(function(**numbers)) != size - 1:
            return False
    return True


def _shape(_: Derivation, problem: Problem, result: Expr, __: Checker) -> _Found:
    """The gradient of a number has the shape of the variable."""
    if not problem.axes and len(problem.wrt) == 1 and problem.wrt_axes and free_indices(result):
        yield Fact(Kind.SHAPE)


def _agree(checker: Checker, one: Expr, other: Expr) -> bool:
    return checker.judge(one, other)[0] is Verdict.AGREES
