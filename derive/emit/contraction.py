"""Products of arrays summed over letters, two arrays at a time: matrix products where possible."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from sympy import Symbol

from derive.emit.arrays import Array, lined_up, marks
from derive.emit.graph import Graph

Letters = tuple[Symbol, ...]


def contraction(graph: Graph, arrays: Sequence[Array], kept: Letters) -> Array:
    """The product of arrays, summed over every letter that is not kept.

    Of more than two, those are taken first that make the least work and the smallest array, as if
    every axis were equally long. The result's axes are those of `kept`, in an order that needs the
    fewest transpositions.
    """
    if len(arrays) == 1:
        return _summed(graph, arrays[0], kept)
    first, second = min(combinations(arrays, 2), key=lambda pair: _cost(pair, arrays, kept))
    rest = [a for a in arrays if a is not first and a is not second]
    if not rest:
        return _of_two(graph, first, second, kept)
    product = _of_two(graph, first, second, _needed((first, second), rest, kept))
    return contraction(graph, [*rest, product], kept)


def _cost(pair: Sequence[Array], every: Sequence[Array], kept: Letters) -> tuple[int, int]:
    rest = [a for a in every if all(a is not taken for taken in pair)]
    letters = {letter for a in pair for letter in a.axes}
    return len(letters), len(_needed(pair, rest, kept))


def _needed(pair: Sequence[Array], rest: Sequence[Array], kept: Letters) -> Letters:
    """The letters of a pair's product that are still needed."""
    later = {letter for a in rest for letter in a.axes} | set(kept)
    return tuple(dict.fromkeys(k for a in pair for k in a.axes if k in later))


def _summed(graph: Graph, array: Array, kept: Letters) -> Array:
    axes = [place for place, letter in enumerate(array.axes) if letter not in kept]
    rest = tuple(letter for letter in array.axes if letter in kept)
    return Array(graph.reduce("sum", array.node, axes, "total"), rest) if axes else array


def _of_two(graph: Graph, first: Array, second: Array, kept: Letters) -> Array:
    common = [k for k in first.axes if k in second.axes]
    summed = [k for k in (*first.axes, *second.axes) if k not in kept]
    if not summed:
        axes, (left, right) = lined_up(graph, (first, second), lambda _: 0)
        return Array(graph.multiply(left, right), axes)
    if len(common) == 1 and set(summed) == set(common):
        (letter,) = common
        if len(first.axes) == len(second.axes) == 1:
            return Array(graph.node("dot", first.node, second.node, rank=0, hint="total"))
        if len(first.axes) + len(second.axes) == 3:
            matrix, vector = (first, second) if len(first.axes) == 2 else (second, first)
            return _matvec(graph, matrix, vector, letter)
        if len(first.axes) == len(second.axes) == 2:
            return _matmul(graph, first, second, letter)
    return _einsum(graph, first, second, kept)


def _matvec(graph: Graph, matrix: Array, vector: Array, letter: Symbol) -> Array:
    (row,) = (k for k in matrix.axes if k != letter)
    turned = matrix.transposed(graph, (row, letter))
    return Array(graph.node("matvec", turned.node, vector.node, rank=1, hint="t"), (row,))


def _matmul(graph: Graph, first: Array, second: Array, letter: Symbol) -> Array:
    def moved(a: Array, b: Array) -> int:
        return int(a.axes[-1] != letter) + int(b.axes[0] != letter)

    left, right = min(((first, second), (second, first)), key=lambda pair: moved(*pair))
    (row,) = (k for k in left.axes if k != letter)
    (column,) = (k for k in right.axes if k != letter)
    left, right = left.transposed(graph, (row, letter)), right.transposed(graph, (letter, column))
    return Array(graph.node("matmul", left.node, right.node), (row, column))


def _einsum(graph: Graph, first: Array, second: Array, kept: Letters) -> Array:
    letters = tuple(dict.fromkeys((*first.axes, *second.axes)))
    names = marks(letters)
    inside = tuple(k for k in kept if k in letters)
    data = tuple("".join(names[k] for k in axes) for axes in (first.axes, second.axes, inside))
    node = graph.node("einsum", first.node, second.node, data=data, rank=len(inside), hint="total")
    return Array(node, inside)
