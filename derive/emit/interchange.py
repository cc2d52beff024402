"""Sums over other sums put inside out, where what is inside is worked out anyway."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Indexed, Mul, Symbol, preorder_traversal

from derive.indices import canonical, free_indices, letters, names, rename, substitute
from derive.nodes import Sum, indices_of, total
from derive.problem import Problem


def interchanged(expr: Expr, problem: Problem) -> Expr:
    """sum(g[e]*O[a,e], e) = sum(A[a,u]*sum(g[e]*V[u,e], e), u), where O[a,e] is sum(A[a,u]*V[u,e],
    u), or stands for that sum itself, if sum(g[e]*V[u,e], e) stands in the expression too and
    O nowhere else.

    Then O, with a contraction of its own, need not be worked out.
    """
    sums = [node for node in preorder_traversal(expr) if isinstance(node, Sum)]
    known = {canonical(node) for node in sums}
    for node in sums:
        for found, inner in _inside_out(node, expr, problem):
            if canonical(inner) in known:
                return expr.xreplace({node: found})
    return expr


def _inside_out(node: Sum, expr: Expr, problem: Problem) -> Iterator[tuple[Expr, Expr]]:
    """The sum with its order interchanged, and what is inside then, for every letter that this
    could be in where it stands."""
    factors = Mul.make_args(node.body)
    for factor in factors:
        body = as_sum(factor, problem)
        if body is None or count_of(factor, expr, problem) > 1:
            continue
        rest = Mul(*(f for f in factors if f != factor))
        for letter in _candidates(body, node, expr):
            other = rename(body, letter)
            inside = [f for f in Mul.make_args(other.body) if node.letter in free_indices(f)]
            outside = [f for f in Mul.make_args(other.body) if f not in inside]
            inner = total(Mul(rest, *inside), node.letter, node.extent)
            yield total(Mul(*outside, inner), letter, other.extent), inner


def as_sum(factor: Expr, problem: Problem) -> Sum | None:
    """A sum, or the one that a defined name stands for."""
    definition = problem.definition(factor)
    if definition is None:
        return factor if isinstance(factor, Sum) else None
    places = dict(zip(definition.indices, indices_of(factor), strict=True))
    body = substitute(definition.body, places)
    return body if isinstance(body, Sum) else None


def count_of(factor: Expr, expr: Expr, problem: Problem) -> int:
    """How often a sum, or any entry of a defined name, stands in an expression and in what the
    names in it stand for."""
    definition = problem.definition(factor)
    nodes = [node for part in _read(expr, problem) for node in preorder_traversal(part)]
    if definition is None:
        sums = (node for node in nodes if isinstance(node, Sum))
        return [canonical(node) for node in sums].count(canonical(factor))
    entries = (node for node in nodes if isinstance(node, Indexed))
    return [problem.definition(node) for node in entries].count(definition)


def _read(expr: Expr, problem: Problem) -> list[Expr]:
    """An expression, and what all names in it and in these stand for, each once."""
    found = [expr]
    for definition in reversed(problem.definitions):
        if any(definition.name in names(part) for part in found):
            found.append(definition.body)
    return found


def _candidates(body: Sum, node: Sum, expr: Expr) -> Iterator[Symbol]:
    """Letters that the inner sum may have in common with one that stands in the expression."""
    taken = free_indices(node) | letters(node) | (letters(body) - {body.letter})
    yield from sorted(letters(expr) - taken, key=str)
