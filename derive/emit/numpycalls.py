"""Array operations as calls of NumPy, with slices and subscripts, where it has no operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from derive.emit.graph import Node
from derive.emit.special import FUNCTIONS
from derive.emit.writer import Level, Source

_CONSTANTS = {"pi": "np.pi", "-inf": "-np.inf", "nan": "np.nan"}


def leading(name: str, rank: int) -> str:
    """The leading axes of an array, as the start of a shape."""
    return f"*{name}.shape[:-{rank}], " if rank else f"*{name}.shape, "


def reduction(node: Node, operand: Source, keep: bool) -> str:
    axes = [place - node.args[0].rank for place in node.data[0]]  # type: ignore[attr-defined]
    text = str(axes[0]) if len(axes) == 1 else f"({', '.join(map(str, axes))})"
    kept = ", keepdims=True" if keep else ""
    if node.op == "norm":
        return f"_norm({operand.text}, axis={text}{kept})"
    if node.op == "sum" and axes == [-1]:  # faster than `sum`, as exact as its sums by parts
        return f'np.einsum("...i->...", {operand.text})' + ("[..., None]" if keep else "")
    return f"{operand.at(Level.ATOM)}.{node.op}(axis={text}{kept})"


def _name(node: Node, _: Sequence[Source]) -> Source:
    return Source(str(node.data[0]))


def _constant(node: Node, _: Sequence[Source]) -> Source:
    text = _CONSTANTS[str(node.data[0])]
    return Source(text, Level.SUM if text.startswith("-") else Level.ATOM)


def _places(_: Node, operands: Sequence[Source]) -> Source:
    return Source(f"np.arange({operands[0].text})")


def _identity(node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"np.eye({operands[0].text}, dtype={node.data[0]}.dtype)")


def _negative(node: Node, operands: Sequence[Source]) -> Source:
    product = node.args[0].op in ("matmul", "matvec", "dot")
    return Source(f"-{operands[0].at(Level.POWER if product else Level.PRODUCT)}", Level.SUM)


def _power(_: Node, operands: Sequence[Source]) -> Source:
    below, above = (operand.at(Level.ATOM) for operand in operands)
    sign = "**" if below.isidentifier() and above.isalnum() else " ** "
    return Source(f"{below}{sign}{above}", Level.POWER)


def _compare(node: Node, operands: Sequence[Source]) -> Source:
    left, right = (operand.at(Level.SUM) for operand in operands)
    return Source(f"{left} {node.data[0]} {right}", Level.COMPARISON)


def _function(node: Node, operands: Sequence[Source]) -> Source:
    text, argument = FUNCTIONS[str(node.data[0])].numpy, operands[0].text
    if not node.weak:
        return Source(text.format(argument))
    number = f"np.float64({argument})" if text.startswith("_") else argument
    return Source(f"float({text.format(number)})")


def _together(node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"_{node.data[0]}({operands[0].text})")


def _item(node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"{operands[0].at(Level.ATOM)}[{node.data[0]}]")


def _cast(node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"{operands[0].at(Level.ATOM)}.astype({node.data[0]}.dtype)")


def _expand(node: Node, operands: Sequence[Source]) -> Source:
    slots = [":" if kept else "None" for kept in node.kept]
    if not node.sources:  # it has no leading axes, and NumPy puts new ones in front by itself
        slots = slots[node.kept.index(True) :]
        text = f"{operands[0].at(Level.ATOM)}[{', '.join(slots)}]"
        return Source(text) if slots[1:] else operands[0]
    first = node.kept.index(False)
    slots = slots if any(node.kept[first:]) else slots[first:]
    return Source(f"{operands[0].at(Level.ATOM)}[{', '.join(['...', *slots])}]")


def _transpose(node: Node, operands: Sequence[Source]) -> Source:
    order: Any = node.data[0]
    if len(order) == 2:
        return Source(f"{operands[0].at(Level.ATOM)}.swapaxes(-1, -2)")
    letters = "abcdefghijklmnopqrstuvwxyz"[: len(order)]
    wanted = "".join(letters[place] for place in order)
    return Source(f'np.einsum("...{letters}->...{wanted}", {operands[0].text})')


def _others(node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"_others({operands[0].text}, np.{node.data[0]})")


def _slice(node: Node, operands: Sequence[Source]) -> Source:
    array, start, size = operands
    first = "" if start.text == "0" else f"{start.text} "
    last = size.text if not first else f" {start.text} + {size.at(Level.SUM)}"
    after = ", :" * (-1 - int(str(node.data[0])))
    return Source(f"{array.at(Level.ATOM)}[..., {first}:{last}{after}]")


def _window(node: Node, operands: Sequence[Source]) -> Source:
    axis, signs = node.data
    array, start, *sizes = (operand.text for operand in operands)
    return Source(f"_windows({array}, {axis}, {start}, ({_tuple(sizes)}), {signs})")


def _einsum(node: Node, operands: Sequence[Source]) -> Source:
    *letters, wanted = (f"...{marks}" for marks in node.data)
    arrays = ", ".join(operand.text for operand in operands)
    fast = ", optimize=True" if len(operands) > 1 and _by_blas(node) else ""
    return Source(f'np.einsum("{",".join(letters)}->{wanted}", {arrays}{fast})')


def _by_blas(node: Node) -> bool:
    """Whether a contraction of two arrays has axes of both in its result, and none that is in
    both: it can be a matrix product."""
    first, second, wanted = (set(str(marks)) for marks in node.data)
    return bool(first & wanted and second & wanted) and not first & second & wanted


def _fill(node: Node, operands: Sequence[Source]) -> Source:
    value, *sizes = (operand.text for operand in operands)
    return Source(f"np.full(({_tuple(sizes)}), {value}, dtype={node.data[0]}.dtype)")


def _broadcast(node: Node, operands: Sequence[Source]) -> Source:
    array, *sizes = (operand.text for operand in operands)
    shape = leading(array, node.args[0].rank) + ", ".join(sizes)
    return Source(f"np.broadcast_to({array}, ({shape})).copy()")


def _spread(node: Node, operands: Sequence[Source]) -> Source:
    found, *others = (operand.text for operand in operands)
    pairs = [f"({other}, {rank})" for other, rank in zip(others, node.data, strict=True)]
    return Source(f"_spread({found}, {node.rank}, {', '.join(pairs)})")


def _tuple(sizes: Sequence[str]) -> str:
    return f"{sizes[0]}," if len(sizes) == 1 else ", ".join(sizes)


CALLS: dict[str, Callable[[Node, Sequence[Source]], Source]] = {
    "argument": _name,
    "size": _name,
    "number": _name,
    "constant": _constant,
    "places": _places,
    "identity": _identity,
    "negative": _negative,
    "power": _power,
    "compare": _compare,
    "function": _function,
    "together": _together,
    "item": _item,
    "cast": _cast,
    "expand": _expand,
    "transpose": _transpose,
    "diagonal": _einsum,
    "einsum": _einsum,
    "others": _others,
    "slice": _slice,
    "window": _window,
    "fill": _fill,
    "broadcast": _broadcast,
    "spread": _spread,
}
