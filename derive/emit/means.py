"""Deviations from a mean by shares, so that a share next to 1 leaves them their digits.

x[j] - sum(p[k]*x[k], k) with shares p[k] = e[k]/sum(e[k], k) is the same for x[k] - c, whatever c.
Where one share is next to 1, the mean is next to its x[k], and what is left of that has no digits.
Measured from this x[k], the mean is small.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import compress, permutations

from sympy import Symbol

from derive.emit.again import made_again
from derive.emit.arrays import Array, aligned
from derive.emit.graph import Graph, Node

_LETTERS = {"dot": ("k", "k", ""), "matvec": ("ik", "k", "i"), "matmul": ("ik", "kj", "ij")}


def with_deviations(graph: Graph, root: Node) -> Node:
    """The root with each such difference as one operation."""

    def replaced(node: Node, again: Callable[[Node], Node]) -> Node | None:
        if node.op != "subtract":
            return None
        x, mean = node.args
        if (found := _deviation(graph, x, mean)) is not None:
            return again(found)
        turned = _deviation(graph, mean, x)
        return None if turned is None else graph.negative(again(turned))

    return made_again(graph, root, replaced)


def _deviation(graph: Graph, x: Node, mean: Node) -> Node | None:
    """x minus a mean of x by shares as one operation; None if it is another difference."""
    if mean.op != "expand" or mean.kept.count(False) != 1:
        return None
    place = mean.kept.index(False)
    found = _shares(x, mean.args[0], place)
    if found is None:
        return None
    share, axes = found
    most = _largest(graph, share.node)
    known = [share] if most is None else [share, Array(most, share.axes)]
    operands = (aligned(graph, array, axes) for array in known)
    return graph.node("deviation", x, *operands, data=(place - len(axes),), hint=x.hint)


def _shares(x: Node, mean: Node, place: int) -> tuple[Array, tuple[Symbol, ...]] | None:
    """The shares by which a mean of x along an axis is taken, and letters for the axes of x."""
    letters = mean.data if mean.op == "einsum" else _LETTERS.get(mean.op)
    if letters is None:
        return None
    first, second, kept = (tuple(map(Symbol, str(part))) for part in letters)
    summed = {*first, *second} - {*kept}
    if len(summed) != 1:
        return None
    (letter,) = summed
    axes = (*kept[:place], letter, *kept[place:])
    parts = [_plain(Array(*part)) for part in zip(mean.args, (first, second), strict=True)]
    for share, values in permutations(parts):
        if _is_share(share, letter) and values == _plain(Array(x, axes)):
            return share, axes
    return None


def _plain(array: Array) -> Array:
    """An array without the views that are made of it: its own axes in their order."""
    node = array.node
    if node.op == "expand":
        return _plain(Array(node.args[0], tuple(compress(array.axes, node.kept))))
    return _plain(array.unturned) if node.op == "transpose" else array


def _is_share(array: Array, letter: Symbol) -> bool:
    """Whether it is e/sum(e) with the sum over this letter."""
    if array.node.op != "divide" or letter not in array.axes or not array.node.args[1].keeps:
        return False
    e, under = array.node.args
    (total,) = under.args
    return (
        total.op == "sum"
        and total.args == (e,)
        and under.kept.index(False) == array.axes.index(letter)
    )


def _largest(graph: Graph, share: Node) -> Node | None:
    """The largest of e/sum(e) along the axis that it is summed over, told from the largest exponent
    if e is made of exponentials of x minus a shift; else None."""
    e, under = share.args
    difference = e.args[0] if e.op == "function" and e.data == ("exp",) else e
    if difference.op != ("subtract" if difference is not e else "exp_difference"):
        return None
    x, shift = difference.args[:2]
    largest = graph.reduce("max", x, (under.kept.index(False),), "largest")
    top = graph.expand(largest, under.kept)
    if shift is top:
        return graph.node("divide", graph.number(1), under, hint="most")
    if shift.data != ("shift",) or shift.args != (top,):
        return None
    over = graph.node("exp_difference", top, shift, hint="e")
    return graph.node("divide", over, under, hint="most")
