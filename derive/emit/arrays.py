"""Arrays with a letter for each axis: lined up to broadcast, turned, repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_letters
from typing import Any

from sympy import Symbol

from derive.emit.graph import Graph, Node


@dataclass(frozen=True)
class Array:
    """An operation and the letter of each of its axes; () for a number."""

    node: Node
    axes: tuple[Symbol, ...] = ()

    def transposed(self, graph: Graph, axes: tuple[Symbol, ...]) -> Array:
        """The same array with its axes in this order."""
        order = [self.axes.index(letter) for letter in axes]
        return Array(graph.transpose(self.node, order), axes)

    @property
    def unturned(self) -> Array:
        """The same array with the axes of what was transposed to make it."""
        if self.node.op != "transpose":
            return self
        order: Any = self.node.data[0]
        letters = dict(zip(order, self.axes, strict=True))
        return Array(self.node.args[0], tuple(letters[place] for place in range(len(order))))


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

    The axes are those of an array that has them all, if there is one; else they are sorted, those
    of one rank as they come.
    """
    widest = max((a.axes for a in arrays), key=len, default=())
    letters = dict.fromkeys(letter for a in arrays for letter in a.axes)
    axes = widest if len(widest) == len(letters) else tuple(sorted(letters, key=order))
    return axes, [aligned(graph, a, axes) for a in arrays]


def aligned(graph: Graph, array: Array, axes: tuple[Symbol, ...]) -> Node:
    """The array with its axes in this order, and one of length 1 for each that it lacks."""
    wanted = tuple(letter for letter in axes if letter in array.axes)
    node = array.transposed(graph, wanted).node
    return graph.expand(node, [letter in wanted for letter in axes])


def marks(letters: Sequence[Symbol]) -> dict[Symbol, str]:
    """One character for each letter, its own where it is one."""
    wanted = [k.name for k in letters if k.name in ascii_letters]
    spare = (c for c in ascii_letters if c not in wanted)
    return {k: k.name if k.name in wanted else next(spare) for k in letters}


def diagonal(graph: Graph, array: Array) -> Array:
    """An array in which a letter stands for two axes, as one in which it stands for one."""
    letters = tuple(dict.fromkeys(array.axes))
    if letters == array.axes:
        return array
    names = marks(letters)
    data = ("".join(names[k] for k in array.axes), "".join(names.values()))
    return Array(graph.node("diagonal", array.node, data=data, rank=len(letters)), letters)
