"""Statements that fill an array with a node's entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.emit.backends.blocks import Call, Chain, Place, at_places
from derive.emit.backends.entries import VIEWS, call_of
from derive.emit.graph import Node
from derive.emit.writer import Level

if TYPE_CHECKING:
    from derive.emit.backends.loops import Loops

# Axes that are given by the loops around, counted from the front.
Fixed = dict[int, Place]

# Products that a library computes, and operations that are their first operand.
PRODUCTS = frozenset({"matmul", "matvec"})
PASSED = frozenset({"broadcast", "copy", "spread", "fill"})


def fill(loops: Loops, target: str, node: Node, fixed: Fixed, chain: Chain) -> None:
    """Fill the array of this name with what a node has along the axes that are not fixed."""
    if node.op in PRODUCTS and not fixed:
        first, second = (loops.whole(arg, chain) for arg in node.args)
        chain[-1].lines.append(f"np.dot({first}, {second}, {target})")
    elif node.op == "others":
        _others(loops, target, node, fixed, chain)
    elif node.op in ("onto_diagonal", "from_diagonal"):
        _with_diagonal(loops, target, node, fixed, chain)
    else:
        _by_entries(loops, target, node, fixed, chain)


def _by_entries(loops: Loops, target: str, node: Node, fixed: Fixed, chain: Chain) -> None:
    places, inner = _places(loops, node, node.rank, fixed, chain)
    free = [place for axis, place in enumerate(places) if axis not in fixed]
    entry, call = at_places(target, free), call_of(node)
    if free and call:
        function, operands = call
        numbers = [loops.at(arg, tuple(places), inner).real for arg in operands]
        inner[-1].last = Call(entry, function, numbers)
    else:
        passed = node.op in PASSED or node.op in VIEWS or node.op == "argument"
        value = (loops.at if passed else loops.computed)(node, tuple(places), inner)
        inner[-1].lines.append(f"{entry} = {value.real.text}")
    loops.close(inner, len(chain))


def _places(
    loops: Loops, node: Node, count: int, fixed: Fixed, chain: Chain
) -> tuple[list[Place], Chain]:
    """The places of a node's first axes, with a loop for each that is not fixed."""
    places: list[Place] = []
    for axis in range(count):
        if axis not in fixed:
            chain = loops.loop("ijl"[min(axis, 2)], loops.extents(node, axis), chain)
        places.append(fixed.get(axis) or chain[-1].place)
    return places, chain


def _with_diagonal(loops: Loops, target: str, node: Node, fixed: Fixed, chain: Chain) -> None:
    """Everything first, then what stands on the diagonal of two axes."""
    if node.op == "onto_diagonal":
        fill(loops, target, node.args[0], fixed, chain)
    else:
        chain[-1].lines.append(f"{target}[...] = real(0)")
    entries = node.args[1] if node.op == "onto_diagonal" else node.args[0]
    letters, kept = map(str, node.data)
    env, inner = {letters[axis]: place for axis, place in fixed.items()}, chain
    for letter in kept:
        if letter not in env:
            inner = loops.loop("i", loops.extents(node, letters.index(letter)), inner)
            env[letter] = inner[-1].place
    value = loops.at(entries, tuple(env[letter] for letter in kept), inner)
    free = [env[letter] for axis, letter in enumerate(letters) if axis not in fixed]
    inner[-1].lines.append(f"{at_places(target, free)} = {value.real.text}")
    loops.close(inner, len(chain))


def _others(loops: Loops, target: str, node: Node, fixed: Fixed, chain: Chain) -> None:
    """All entries along the last axis but one, from what is before and what is after it."""
    start, sign = {"add": ("real(0)", "+"), "multiply": ("real(1)", "*")}[str(node.data[0])]
    last = loops.extents(node, node.rank - 1)
    places, rows = _places(loops, node, node.rank - 1, fixed, chain)
    running = loops.fresh("others")
    for backwards in (False, True):
        rows[-1].lines.append(f"{running} = {start}")
        inner = loops.loop("k", last, rows)
        place = inner[-1].place
        if backwards:
            place = Place(f"{last} - 1 - {place.text}", place.loops)
        at = at_places(target, [p for k, p in enumerate([*places, place]) if k not in fixed])
        value = loops.at(node.args[0], (*places, place), inner).real.at(Level.POWER)
        old = f"{at} {sign} " if backwards else ""
        inner[-1].lines.append(f"{at} = {old}{running}")
        inner[-1].lines.append(f"{running} = {running} {sign} {value}")
        loops.close(inner, len(rows))
    loops.close(rows, len(chain))
