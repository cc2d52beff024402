"""What a problem says about its names and letters, as far as the normal form uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr, Indexed, Integer, Rational, Symbol, preorder_traversal
from sympy.core.relational import Equality, GreaterThan, LessThan, Relational
from sympy.core.relational import StrictGreaterThan as Above
from sympy.core.relational import StrictLessThan as Below

from derive.nodes import Sum, indices_of, is_head, is_index, is_scalar, is_size, name_of
from derive.problem import Problem


@dataclass(frozen=True)
class RowSum:
    """Every row along `axis` sums to `value`, over `extent` entries."""

    axis: int
    extent: str
    value: Expr


@dataclass(frozen=True)
class Given:
    """What holds in a problem.

    Attributes:
        positive: names whose entries are all greater than 0.
        ranges: how far each free letter runs, by the letter's name.
        least: for each extent, the least that it can be, by the numbers that stand for an index.
        sums: the assumed sums, by name.
    """

    positive: frozenset[str] = frozenset()
    ranges: Mapping[str, str] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, RowSum] = field(default_factory=dict)


def given(problem: Problem) -> Given:
    """Read what a problem says; an assumption of another kind is left out."""
    sums: dict[str, RowSum] = {}
    positive: set[str] = set()
    for relation in problem.assumptions:
        if (found := _row_sum(relation)) is not None:
            sums.setdefault(*found)
        elif (name := _positive(relation)) is not None:
            positive.add(name)
    ranges = {letter.name: str(extent) for letter, extent in problem.extents.items()}
    return Given(frozenset(positive), ranges, _least(problem), sums)


def _row_sum(relation: Relational) -> tuple[str, RowSum] | None:
    """Eq(sum(Y[b,k], k), c), either way round, with c a number, a size or a scalar."""
    if not isinstance(relation, Equality):
        return None
    for row, value in (relation.args, relation.args[::-1]):
        simple = isinstance(value, Rational) or is_size(value) or is_scalar(value)
        if simple and isinstance(row, Sum) and _is_general(row.body) and row.body.args[1:]:
            letters = indices_of(row.body)
            if row.letter in letters:
                axis = letters.index(row.letter)
                return name_of(row.body), RowSum(axis, str(row.extent), value)
    return None


def _positive(relation: Relational) -> str | None:
    """x[i] > 0 and what implies it, either way round."""
    if isinstance(relation, Below | LessThan):
        relation = relation.reversed
    if not isinstance(relation, Above | GreaterThan):
        return None
    head, limit = relation.args
    if not isinstance(limit, Rational) or not _is_general(head):
        return None
    enough = limit >= 0 if isinstance(relation, Above) else limit > 0
    return name_of(head) if enough else None


def _is_general(head: Expr) -> bool:
    """Whether a head stands for all entries of its name: x[i], W[k,l], T; not x[1] or W[i,i]."""
    letters = indices_of(head)
    apart = all(is_index(letter) for letter in letters) and len(set(letters)) == len(letters)
    return is_head(head) and apart


def _least(problem: Problem) -> dict[str, int]:
    """Where z[3] is used, z has at least 4 entries: indices count from 0."""
    found: dict[str, int] = {}
    bodies = [d.body for d in problem.definitions]
    for expr in (problem.target, *problem.wrt, *bodies):
        for node in preorder_traversal(expr):
            if isinstance(node, Indexed):
                shape = problem.shapes.get(name_of(node), ())
                for index, extent in zip(indices_of(node), shape, strict=False):
                    if isinstance(index, Integer) and isinstance(extent, Symbol):
                        found[extent.name] = max(int(index) + 1, found.get(extent.name, 0))
    return found
