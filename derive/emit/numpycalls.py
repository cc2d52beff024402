"""Array operations as calls, with slices and subscripts, where there is no operator.

Every call is given the printer: what is spelled differently in another library that has the same
operation, it takes from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from derive.emit.graph import Node
from derive.emit.special import FUNCTIONS
from derive.emit.writer import Level, Source, listed

if TYPE_CHECKING:
    from derive.emit.numpycode import NumPy

# A printer, an operation, and the sources of its operands.
Call = Callable[[Any, Node, Sequence[Source]], Source]

# The text, its level, and the levels that the operands need.
OPERATORS = {
    "add": ("{} + {}", Level.SUM, Level.SUM, Level.PRODUCT),
    "subtract": ("{} - {}", Level.SUM, Level.SUM, Level.PRODUCT),
    "multiply": ("{} * {}", Level.PRODUCT, Level.PRODUCT, Level.POWER),
    "divide": ("{} / {}", Level.PRODUCT, Level.PRODUCT, Level.POWER),
    "matmul": ("{} @ {}", Level.PRODUCT, Level.POWER, Level.POWER),
    "and": ("({}) & ({})", Level.COMPARISON, Level.COMPARISON, Level.COMPARISON),
    "or": ("({}) | ({})", Level.COMPARISON, Level.COMPARISON, Level.COMPARISON),
}


def _operator(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    text, level, *needs = OPERATORS[node.op]
    if _is_decimal(node):
        above, below = (int(str(arg.data[0])) for arg in node.args)
        return Source(repr(above / below))
    parts = [operand.at(need) for operand, need in zip(operands, needs, strict=True)]
    if level is Level.PRODUCT and node.args[0].op == "negative":
        parts[0] = operands[0].text  # (-a) * b is -a * b
    return Source(text.format(*parts), level)


def _is_decimal(node: Node) -> bool:
    """Whether it is a fraction such as 3/8, which is short and exact as a decimal."""
    if node.op != "divide" or any(arg.op != "number" for arg in node.args):
        return False
    return node.args[1].data[0] in (2, 4, 8) and int(str(node.args[0].data[0])) < 1000


def filled(text: str) -> Call:
    """An operation whose operands are filled into a text."""
    need = Level.ATOM if text.startswith("{") else Level.COMPARISON
    return lambda _, __, operands: Source(text.format(*(part.at(need) for part in operands)))


# Pieces of text


def axes_text(axes: Sequence[int]) -> str:
    """One axis, or a tuple of several."""
    return str(axes[0]) if len(axes) == 1 else f"({', '.join(map(str, axes))})"


def reduced_axes(node: Node) -> str:
    """The axes that a reduction takes away, counted from the back."""
    return axes_text([place - node.args[0].rank for place in node.data[0]])  # type: ignore[attr-defined]


def larger_shape(node: Node, operands: Sequence[Source]) -> str:
    """The leading axes of the first operand, then the sizes that are the others."""
    array, *sizes = (operand.text for operand in operands)
    rank = node.args[0].rank
    return ", ".join([f"*{array}.shape[:-{rank}]" if rank else f"*{array}.shape", *sizes])


def diagonal_axes(node: Node) -> tuple[int, int]:
    """The two axes that a diagonal runs along, counted from the front."""
    letters = str(node.data[0])
    first, second = (k for k, letter in enumerate(letters) if letters.count(letter) == 2)
    return first, second


# Operations that libraries have alike


def contraction(
    printer: NumPy, node: Node, operands: Sequence[Source], options: str = ""
) -> Source:
    *letters, wanted = (f"...{marks}" for marks in node.data)
    arrays = ", ".join(operand.text for operand in operands)
    text = f'{printer.library}.einsum("{",".join(letters)}->{wanted}", {arrays}{options})'
    return Source(text)


def extreme(printer: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    name = node.op[:3] if node.weak else f"{printer.library}.{node.op}"
    return Source(f"{name}({operands[0].text}, {operands[1].text})")


def _name(_: NumPy, node: Node, __: Sequence[Source]) -> Source:
    return Source(str(node.data[0]))


def _constant(printer: NumPy, node: Node, _: Sequence[Source]) -> Source:
    name = str(node.data[0])
    if name.startswith("-"):
        return Source(f"-{printer.constants}.{name[1:]}", Level.SUM)
    return Source(f"{printer.constants}.{name}")


def _identity(printer: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"{printer.library}.eye({operands[0].text}, {printer.kind(node)})")


def _negative(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    product = node.args[0].op in ("matmul", "matvec", "dot")
    text = operands[0].at(Level.POWER if product else Level.PRODUCT)
    if (first := _leading_power(text)) and not product:  # as -x**2 is -(x**2)
        text = f"({first}){text.removeprefix(first)}"
    number = node.weak and not node.args[0].args
    return Source(f"-{text}", Level.POWER if number else Level.SUM)


def _leading_power(text: str) -> str:
    """The power that a product or quotient begins with; "" if it begins with none."""
    depth, ends = 0, [len(text)]
    for place, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if not depth and text.startswith((" * ", " / ", " @ "), place):
            ends.append(place)
    first = text[: min(ends)]
    return first if _has_power(first) else ""


def _has_power(text: str) -> bool:
    """Whether a power is written outside all brackets."""
    while (inner := re.sub(r"\([^()]*\)|\[[^][]*\]", "", text)) != text:
        text = inner
    return "**" in text


def _power(_: NumPy, __: Node, operands: Sequence[Source]) -> Source:
    """Without spaces if both operands are names and numbers, as formatters have it."""
    below, above = (operand.at(Level.ATOM) for operand in operands)
    plain = all(re.fullmatch(r"[\w.]+", text) for text in (below, above))
    return Source(f"{below}{'**' if plain else ' ** '}{above}", Level.POWER)


def _compare(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    left, right = (operand.at(Level.SUM) for operand in operands)
    return Source(f"{left} {node.data[0]} {right}", Level.COMPARISON)


def _cast(printer: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"{operands[0].at(Level.ATOM)}.{printer.cast}({node.data[0]}.dtype)")


def _expand(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    slots = [":" if kept else "None" for kept in node.kept]
    if not node.sources:  # it has no leading axes, and new ones are put in front by themselves
        slots = slots[node.kept.index(True) :] if any(node.kept) else []
        text = f"{operands[0].at(Level.ATOM)}[{', '.join(slots)}]"
        return Source(text) if slots[1:] else operands[0]
    first = node.kept.index(False)
    slots = slots if any(node.kept[first:]) else slots[first:]
    return Source(f"{operands[0].at(Level.ATOM)}[{', '.join(['...', *slots])}]")


def _transpose(printer: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    order: Any = node.data[0]
    if len(order) == 2:
        return Source(f"{operands[0].at(Level.ATOM)}.{printer.transposed}")
    letters = "abcdefghijklmnopqrstuvwxyz"[: len(order)]
    wanted = "".join(letters[place] for place in order)
    return Source(f'{printer.library}.einsum("...{letters}->...{wanted}", {operands[0].text})')


def _slice(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    array, start, size = operands
    first = "" if start.text == "0" else f"{start.text} "
    last = size.text if not first else f" {start.text} + {size.at(Level.SUM)}"
    after = ", :" * (-1 - int(str(node.data[0])))
    return Source(f"{array.at(Level.ATOM)}[..., {first}:{last}{after}]")


def _window(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    axis, signs = node.data
    array, start, *sizes = (operand.text for operand in operands)
    return Source(f"_windows({array}, {axis}, {start}, ({listed(sizes)}), {signs})")


def _fill(printer: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    value, *sizes = (operand.text for operand in operands)
    return Source(f"{printer.library}.full(({listed(sizes)}), {value}, {printer.kind(node)})")


def _spread(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    found, *others = (operand.text for operand in operands)
    pairs = [f"({other}, {rank})" for other, rank in zip(others, node.data, strict=True)]
    return Source(f"_spread({found}, {node.rank}, {', '.join(pairs)})")


# Operations that are NumPy's own


def _function(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    text, argument = FUNCTIONS[str(node.data[0])].numpy, operands[0].text
    if not node.weak:
        return Source(text.format(argument))
    number = f"np.float64({argument})" if text.startswith("_") else argument
    return Source(f"float({text.format(number)})")


def _together(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"_{node.data[0]}({operands[0].text})")


def _item(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"{operands[0].at(Level.ATOM)}[{node.data[0]}]")


def _others(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"_others({operands[0].text}, np.{node.data[0]})")


def _einsum(printer: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    fast = len(operands) > 1 and _by_blas(node)
    return contraction(printer, node, operands, ", optimize=True" if fast else "")


def _matvec(printer: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    """A product of a matrix and a vector; of overlapping windows, which the fast products of
    libraries do not take, as a sum."""
    matrix, turned = node.args[0], node.args[0].op == "transpose"
    if printer.library != "np" or (matrix.args[0] if turned else matrix).op != "window":
        return Source(f"_matvec({operands[0].text}, {operands[1].text})")
    return Source(f'np.einsum("...ij,...j->...i", {operands[0].text}, {operands[1].text})')


def _by_blas(node: Node) -> bool:
    """Whether a contraction of two arrays has axes of both in its result, and none that is in
    both: it can be a matrix product."""
    first, second, wanted = (set(str(marks)) for marks in node.data)
    return bool(first & wanted and second & wanted) and not first & second & wanted


def _broadcast(_: NumPy, node: Node, operands: Sequence[Source]) -> Source:
    shape = larger_shape(node, operands)
    return Source(f"np.broadcast_to({operands[0].text}, ({shape})).copy()")


CALLS: dict[str, Call] = {
    **dict.fromkeys(OPERATORS, _operator),
    **dict.fromkeys(("argument", "size", "number"), _name),
    **dict.fromkeys(("maximum", "minimum"), extreme),
    "constant": _constant,
    "places": filled("np.arange({})"),
    "identity": _identity,
    "negative": _negative,
    "power": _power,
    "sqrt": filled("np.sqrt({})"),
    "not": filled("np.logical_not({})"),
    "where": filled("np.where({}, {}, {})"),
    "compare": _compare,
    "function": _function,
    "together": _together,
    "item": _item,
    "cast": _cast,
    "expand": _expand,
    "transpose": _transpose,
    "diagonal": contraction,
    "dot": filled('np.einsum("...i,...i->...", {}, {})'),
    "matvec": _matvec,
    "einsum": _einsum,
    "others": _others,
    "slice": _slice,
    "window": _window,
    "fill": _fill,
    "broadcast": _broadcast,
    "copy": filled("{}.copy()"),
    "spread": _spread,
}
