"""How far each free letter of an expression runs: at which places two sides are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Expr, Indexed, KroneckerDelta, Symbol, preorder_traversal

from derive.checker.reals import Uncheckable
from derive.nodes import Binder, indices_of, is_index, name_of
from derive.problem import Problem

Extents = dict[Symbol, Expr]


def extents(
    sides: Sequence[Expr], letters: set[Symbol], problem: Problem, around: Sequence[Expr]
) -> Extents:
    """The range of each letter: by what it indexes, by the problem, by a sum further out, by its
    delta.

    Args:
        letters: the free letters of the sides.
        around: the lines that the sides are parts of.

    Raises:
        Uncheckable: nothing says how far one runs.
    """
    used: Extents = {}
    for side in sides:
        _used(side, problem, frozenset(), used)
    found = {**problem.extents, **used}
    if not letters <= found.keys():
        found = {**_bound(around), **found}
        for delta in (d for side in sides for d in side.atoms(KroneckerDelta)):
            for one, other in (delta.args, delta.args[::-1]):
                if one in found:
                    found.setdefault(other, found[one])
    unknown = sorted(str(letter) for letter in letters if letter not in found)
    if unknown:
        raise Uncheckable(f"the range of {', '.join(unknown)} is not known")
    return {letter: found[letter] for letter in letters}


def _used(node: Expr, problem: Problem, bound: frozenset[Symbol], found: Extents) -> None:
    """Fill in the range of every free letter that indexes something of known shape. An axis whose
    length follows from others says nothing: the i of x[i + 1] - x[i] stops before its end."""
    if isinstance(node, Indexed):
        shape = problem.shapes.get(name_of(node), ())
        for letter, extent in zip(indices_of(node), shape, strict=False):
            if is_index(letter) and letter not in bound and not extent.is_Add:
                found.setdefault(letter, extent)
        return
    inner = bound | {node.letter} if isinstance(node, Binder) else bound
    for arg in node.args:
        _used(arg, problem, inner, found)


def _bound(expressions: Iterable[Expr]) -> Extents:
    """The range of every letter that some sum runs over."""
    nodes = (node for expr in expressions for node in preorder_traversal(expr))
    return {node.letter: node.extent for node in nodes if isinstance(node, Binder)}
