"""Arrays with a letter for each axis: lined up to broadcast, and contracted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_letters
from typing import Any

from sympy import Symbol

from derive.emit.dag import Graph, Node


@dataclass(frozen=True)
class Array:
    """An operation and the letter of each of its axes; () for a number."""

    node: Node
    axes: tuple[Symbol, ...] = ()

    def transposed(self, graph: Graph, axes: tuple[Symbol, ...]) -> Array:
        """The same array with its axes in this order."""
        if axes == self.axes:
            return self
        if len(axes) == 2:
            return Array(graph.view(".T", self.node), axes)
        order = ", ".join(str(self.axes.index(letter)) for letter in axes)
        return Array(graph.view(f".transpose({order})", self.node), axes)


def grouped(
    over: Sequence[Array], under: Sequence[Array]
) -> dict[frozenset[Symbol], tuple[list[Array], list[Array]]]:
    """Factors and divisors by their axes."""
    groups: dict[frozenset[Symbol], tuple[list[Array], list[Array]]] = {}
    for place, arrays in enumerate((over, under)):
        for array in arrays:
            groups.setdefault(frozenset(array.axes), ([], []))[place].append(array)
    return groups


def lined_up(
    graph: Graph, arrays: Sequence[Array], order: Callable[[Symbol], Any]
) -> tuple[tuple[Symbol, ...], list[Node]]:
    """Axes that all arrays have in common, and the arrays made to broadcast along them.

    The axes are those of an array that has them all, if there is one; else they are sorted.
    """
    widest = max((a.axes for a in arrays), key=len, default=())
    letters = {letter for a in arrays for letter in a.axes}
    axes = widest if len(widest) == len(letters) else tuple(sorted(letters, key=order))
    return axes, [aligned(graph, a, axes) for a in arrays]


def aligned(graph: Graph, array: Array, axes: tuple[Symbol, ...]) -> Node:
    """The array with its axes in this order, and one of length 1 for each that it lacks."""
    wanted = tuple(letter for letter in axes if letter in array.axes)
    node = array.transposed(graph, wanted).node
    if not wanted or len(wanted) == len(axes):
        return node
    slots = ", ".join(":" if letter in wanted else "None" for letter in axes)
    return graph.view(f"[{slots}]", node)


def contraction(graph: Graph, arrays: Sequence[Array], kept: tuple[Symbol, ...]) -> Array:
    """The product of arrays, summed over every letter that is not kept.

    Axes are those of `kept`, in an order that needs the fewest transpositions.
    """
    if len(arrays) == 1 and len(set(arrays[0].axes)) == len(arrays[0].axes):
        return _summed(graph, arrays[0], kept)
    return _matrix_product(graph, arrays, kept) or _einsum(graph, arrays, kept)


def _summed(graph: Graph, array: Array, kept: tuple[Symbol, ...]) -> Array:
    axes = [str(place) for place, letter in enumerate(array.axes) if letter not in kept]
    rest = tuple(letter for letter in array.axes if letter in kept)
    if not axes:
        return array
    text = axes[0] if len(axes) == 1 else f"({', '.join(axes)})"
    argument = f"axis={text}" if rest else ""
    return Array(graph.method(f".sum({argument})", array.node, "total"), rest)


def _matrix_product(
    graph: Graph, arrays: Sequence[Array], kept: tuple[Symbol, ...]
) -> Array | None:
    """a @ b, where two arrays of one or two axes have the summed letter in common and no other."""
    if len(arrays) != 2 or any(len(a.axes) > 2 for a in arrays):
        return None
    common = set(arrays[0].axes) & set(arrays[1].axes)
    summed = {letter for a in arrays for letter in a.axes} - set(kept)
    if len(common) != 1 or common != summed:
        return None
    (letter,) = common

    def moved(a: Array, b: Array) -> int:
        return int(a.axes[-1] != letter) + int(b.axes[0] != letter)

    first, second = min((tuple(arrays), tuple(arrays[::-1])), key=lambda pair: moved(*pair))
    rows = tuple(k for k in first.axes if k != letter)
    columns = tuple(k for k in second.axes if k != letter)
    left = first.transposed(graph, (*rows, letter))
    right = second.transposed(graph, (letter, *columns))
    return Array(graph.matmul(left.node, right.node), (*rows, *columns))


def _einsum(graph: Graph, arrays: Sequence[Array], kept: tuple[Symbol, ...]) -> Array:
    """A diagonal (a letter twice in one array) keeps its letter unless that is summed."""
    letters = list(dict.fromkeys(letter for a in arrays for letter in a.axes))
    wanted = [k.name for k in letters if k.name in ascii_letters]
    spare = (c for c in ascii_letters if c not in wanted)
    marks = {k: k.name if k.name in wanted else next(spare) for k in letters}
    inputs = ",".join("".join(marks[k] for k in a.axes) for a in arrays)
    output = "".join(marks[k] for k in kept)
    blanks = ", ".join(f"{{{place}}}" for place in range(len(arrays)))
    fast = ", optimize=True" if len(arrays) > 2 else ""
    text = f'np.einsum("{inputs}->{output}", {blanks}{fast})'
    return Array(graph.node(text, *(a.node for a in arrays), weak=False, hint="total"), kept)
