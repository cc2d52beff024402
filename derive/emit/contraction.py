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
    every axis were equally long; what only one has is summed before. The result's axes are those
    of `kept`, in an order that needs the fewest transpositions.
    """
    if len(arrays) == 1:
        return _summed(graph, arrays[0], kept)
    axes = [array.axes for array in arrays]
    arrays = [
        _summed(graph, array, _needed(axes[k : k + 1], axes[:k] + axes[k + 1 :], kept))
        for k, array in enumerate(arrays)
    ]
    taken = _cheapest([array.axes for array in arrays], kept)
    first, second = (arrays[k] for k in taken)
    rest = [array for k, array in enumerate(arrays) if k not in taken]
    if not rest:
        return _of_two(graph, first, second, kept)
    needed = _needed([first.axes, second.axes], [array.axes for array in rest], kept)
    return contraction(graph, [*rest, _of_two(graph, first, second, needed)], kept)


def steps(axes: Sequence[Letters], kept: Letters) -> list[int]:
    """Over how many letters each step of a contraction of arrays with these axes passes."""
    if len(axes) < 2:
        return [len(letters) for letters in axes]
    taken = _cheapest(axes, kept)
    pair, rest = [axes[k] for k in taken], [a for k, a in enumerate(axes) if k not in taken]
    return [len({*pair[0], *pair[1]}), *steps([*rest, _needed(pair, rest, kept)], kept)]


def _cheapest(axes: Sequence[Letters], kept: Letters) -> tuple[int, int]:
    """The places of the two arrays to begin with."""

    def cost(places: tuple[int, int]) -> tuple[int, int]:
        pair, rest = [axes[k] for k in places], [a for k, a in enumerate(axes) if k not in places]
        return len({*pair[0], *pair[1]}), len(_needed(pair, rest, kept))

    return min(combinations(range(len(axes)), 2), key=cost)


def _needed(pair: Sequence[Letters], rest: Sequence[Letters], kept: Letters) -> Letters:
    """The letters of a pair's product that are still needed."""
    later = {letter for letters in rest for letter in letters} | set(kept)
    return tuple(dict.fromkeys(k for letters in pair for k in letters if k in later))


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
    """(A + A.T) @ x as A @ x + A.T @ x: a sum of matrices takes longer than both products."""
    (row,) = (k for k in matrix.axes if k != letter)
    turned = matrix.transposed(graph, (row, letter)).node
    parts = matrix.node.args
    if matrix.node.op == "add" and parts[1] is graph.transpose(parts[0], (1, 0)):
        left, right = (graph.node("matvec", part, vector.node, rank=1) for part in parts)
        return Array(graph.add(left, right), (row,))
    return Array(graph.node("matvec", turned, vector.node, rank=1), (row,))


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
