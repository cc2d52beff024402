"""Loops that come to one number: sums, products, extremes, norms and contractions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from derive.emit.backends.blocks import Block, Chain, Place, Places, Value, called
from derive.emit.graph import REDUCTIONS, Node
from derive.emit.writer import Level, Source

if TYPE_CHECKING:
    from derive.emit.backends.loops import Loops

# The number that is added, multiplied or compared, as text for the innermost loop.
Body = Callable[[Chain], Source]

_CONTRACTIONS = frozenset({"dot", "einsum"})
LOOPED = REDUCTIONS | _CONTRACTIONS
# How a variable begins, and what is done to it.
STEPS = {
    "sum": ("real(0)", "_plus"),
    "prod": ("real(1)", "*"),
    "max": ("real(-np.inf)", "_larger"),
    "min": ("real(np.inf)", "_smaller"),
}


def looped(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    """An entry of a reduction or contraction."""
    if node.op in _CONTRACTIONS:
        return _summed(loops, node, places, chain)
    (body,) = node.args
    axes: Any = node.data[0]
    kept, inner, chain_ = iter(places), list[Place](), chain
    for axis in range(body.rank):
        if axis in axes:
            chain_ = loops.loop("k", loops.extents(body, axis), chain_)
            inner.append(chain_[-1].place)
        else:
            inner.append(next(kept))
    found = tuple(inner)
    if node.op == "norm":
        return _norm(loops, body, found, chain_, len(chain))

    def entry(within: Chain) -> Source:
        return loops.at(body, found, within).real

    return accumulated(loops, loops.name(node), node.op, entry, chain_, len(chain))


def _summed(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    """A sum of products of entries."""
    data = ("k", "k", "") if node.op == "dot" else tuple(map(str, node.data))
    *operands, wanted = data
    env, inner = dict(zip(wanted, places, strict=True)), chain
    for arg, letters in zip(node.args, operands, strict=True):
        for axis, letter in enumerate(letters):
            if letter not in env:
                inner = loops.loop("k", loops.extents(arg, axis), inner)
                env[letter] = inner[-1].place

    def product(within: Chain) -> Source:
        parts = [
            loops.at(arg, tuple(env[letter] for letter in letters), within).real
            for arg, letters in zip(node.args, operands, strict=True)
        ]
        first, *others = parts
        texts = [first.at(Level.PRODUCT), *(part.at(Level.POWER) for part in others)]
        return Source(" * ".join(texts), Level.PRODUCT) if others else first

    return accumulated(loops, loops.name(node), "sum", product, inner, len(chain))


def accumulated(loops: Loops, name: str, op: str, body: Body, chain: Chain, outer: int) -> Value:
    """A variable that the loops beyond the first `outer` add to, multiply or enlarge."""
    start, step = STEPS[op]
    chain[outer - 1].lines.append(f"{name} = {start}")
    text = body(chain)
    if step.startswith("_"):
        line = called(step, Source(name), text).text
    else:
        line = f"{name} {step} {text.at(Level.POWER)}"
    chain[-1].lines.append(f"{name} = {line}")
    loops.close(chain, outer)
    return Value(Source(name))


def _norm(loops: Loops, body: Node, places: Places, chain: Chain, outer: int) -> Value:
    """sqrt(sum(x**2)), with x divided by its largest entry, so that no square overflows."""

    def size(within: Chain) -> Source:
        return Source(f"abs({loops.at(body, places, within).real.text})")

    largest = accumulated(loops, loops.fresh("largest"), "max", size, chain, outer)
    scale = loops.fresh("scale")
    chain[outer - 1].lines.append(f"{scale} = {called('_scale', largest.source).text}")
    again = (*chain[:outer], *(Block(b.letter, b.extent, b.alike) for b in chain[outer:]))

    def square(within: Chain) -> Source:
        part = loops.at(body, places, within).real
        return called("_square", Source(f"{part.at(Level.PRODUCT)} / {scale}"))

    total = accumulated(loops, loops.fresh("total"), "sum", square, again, outer)
    return Value(Source(f"math.sqrt({total.text}) * {scale}", Level.PRODUCT))
