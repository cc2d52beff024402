"""What array operations look like in NumPy. Every array may have leading axes, over samples."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from derive.emit.exactly import broken, call
from derive.emit.graph import REDUCTIONS, Node
from derive.emit.special import FUNCTIONS
from derive.emit.writer import Level, Source

_OPERATORS = {
    "add": ("{} + {}", Level.SUM, Level.SUM, Level.PRODUCT),
    "subtract": ("{} - {}", Level.SUM, Level.SUM, Level.PRODUCT),
    "multiply": ("{} * {}", Level.PRODUCT, Level.PRODUCT, Level.POWER),
    "divide": ("{} / {}", Level.PRODUCT, Level.PRODUCT, Level.POWER),
    "matmul": ("{} @ {}", Level.PRODUCT, Level.POWER, Level.POWER),
    "and": ("({}) & ({})", Level.COMPARISON, Level.COMPARISON, Level.COMPARISON),
    "or": ("({}) | ({})", Level.COMPARISON, Level.COMPARISON, Level.COMPARISON),
}
_CALLS = {
    "sqrt": "np.sqrt({})",
    "maximum": "np.maximum({}, {})",
    "minimum": "np.minimum({}, {})",
    "not": "np.logical_not({})",
    "where": "np.where({}, {}, {})",
    "matvec": "_matvec({}, {})",
    "dot": 'np.einsum("...i,...i->...", {}, {})',
    "copy": "{}.copy()",
}
_OF_NUMBERS = {"maximum": "max({}, {})", "minimum": "min({}, {})"}
_UFUNCS = {op: f"np.{op}" for op in ("add", "subtract", "multiply", "divide")}
_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_CONSTANTS = {"pi": "np.pi", "-inf": "-np.inf", "nan": "np.nan"}
# The functions that a module defines where they are called.
_MATHS = (
    *("_sigmoid", "_sigmoid_slope", "_softplus", "_log1mexp", "_log_cosh", "_tanhshrink"),
    *("_erf", "_erfc", "_normal_cdf", "_shift"),
)
HELPERS = (
    "_spread",
    "_matvec",
    "_windows",
    "_norm",
    "_others",
    "_room",
    "_abs",
    "_sign",
    "_exactly",
    *_MATHS,
)
_STATEMENTS = frozenset({"onto_diagonal", "from_diagonal", "exactly"})
_REPEATED = frozenset({"broadcast", "from_diagonal"})


@dataclass
class NumPy:
    """Writes operations as NumPy.

    Attributes:
        helpers: the functions of the module that have been called so far.
    """

    helpers: set[str] = field(default_factory=set)

    def compose(self, node: Node, operands: Sequence[Source], keep: bool = False) -> Source:
        """An operation on operands; with `keep`, a reduction that leaves axes of length 1."""
        if _is_decimal(node):
            above, below = (int(str(arg.data[0])) for arg in node.args)
            return Source(repr(above / below))
        if node.op in _OPERATORS:
            text, level, *needs = _OPERATORS[node.op]
            parts = [operand.at(need) for operand, need in zip(operands, needs, strict=True)]
            if level is Level.PRODUCT and node.args[0].op == "negative":
                parts[0] = operands[0].text  # (-a) * b is -a * b
            return Source(text.format(*parts), level)
        if node.op in _CALLS:
            text = _OF_NUMBERS.get(node.op, "") if node.weak else ""
            text = text or _CALLS[node.op]
            self._note(text)
            first = Level.ATOM if text.startswith("{") else Level.COMPARISON
            parts = [operand.at(first) for operand in operands]
            return Source(text.format(*parts))
        if node.op in REDUCTIONS:
            text = _reduction(node, operands[0], keep)
            self._note(text)
            return Source(text)
        found = _COMPOSE[node.op](node, operands)
        self._note(found.text)
        return found

    def assigned(self, name: str, node: Node, operands: Sequence[Source]) -> list[str]:
        """The statements that give an operation's result a name."""
        if node.op == "onto_diagonal":
            first = operands[0].text
            kept = first.isidentifier() or node.args[0].is_view or node.args[0].op == "spread"
            start = [] if first == name else [f"{name} = {first}{'.copy()' if kept else ''}"]
            return [*start, _put(name, node, operands[1])]
        if node.op == "from_diagonal":
            sizes = ", ".join(size.text for size in operands[1:])
            lead = _leading(operands[0].text, node.args[0].rank)
            zeros = f"np.zeros(({lead}{sizes}), {operands[0].text}.dtype)"
            return [f"{name} = {zeros}", _put(name, node, operands[0])]
        text = f"{name} = {self.compose(node, operands).text}"
        return broken(text) if node.op == "exactly" else [text]

    def into(
        self, name: str, node: Node, operands: Sequence[Source], own: int, *, fits: bool
    ) -> list[str]:
        """The same, with the result in the memory of operand number `own`, if that fits."""
        text, lines = operands[own].text, []
        if not text.isidentifier():
            text, lines = name, [f"{name} = {text}"]
        parts = [text if place == own else part.text for place, part in enumerate(operands)]
        if not fits:
            out = f"_room({text}, {parts[1 - own]})"
            self._note(out)
            return [*lines, f"{name} = {_ufunc(node)}({', '.join(parts)}, out={out})"]
        if name == text and len(parts) == 2 and (own == 0 or node.op in ("add", "multiply")):
            return [*lines, f"{name} {_SIGNS[node.op]}= {parts[1 - own]}"]
        bind = f"{name} = " if text != name else ""
        return [*lines, f"{bind}{_ufunc(node)}({', '.join(parts)}, out={text})"]

    def reuses(self, node: Node) -> bool:
        """Whether an operation can put its result into the memory of an operand."""
        return bool(_ufunc(node))

    def repeats(self, node: Node) -> bool:
        """Whether the first operand is written out more than once."""
        return node.op in _REPEATED

    def is_statement(self, node: Node) -> bool:
        """Whether an operation can only be written as statements of its own."""
        return node.op in _STATEMENTS

    def _note(self, text: str) -> None:
        self.helpers.update(set(HELPERS).intersection(re.findall(r"\w+", text)))


def _ufunc(node: Node) -> str:
    """The NumPy function of an operation that takes an `out`; "" if there is none."""
    if node.weak or node.op not in ("function", "sqrt", *_UFUNCS):
        return ""
    if node.op == "function":
        text = FUNCTIONS[str(node.data[0])].numpy
        return text.removesuffix("({0})") if text.startswith("np.") and "," not in text else ""
    return _UFUNCS.get(node.op, "np.sqrt")


def _is_decimal(node: Node) -> bool:
    """Whether it is a fraction such as 3/8, which is short and exact as a decimal."""
    if node.op != "divide" or any(arg.op != "number" for arg in node.args):
        return False
    return node.args[1].data[0] in (2, 4, 8) and int(str(node.args[0].data[0])) < 1000


def _put(name: str, node: Node, source: Source) -> str:
    """The entries of an array where letters agree, overwritten."""
    letters, kept = node.data
    return f'np.einsum("...{letters}->...{kept}", {name})[...] = {source.text}'


def _leading(name: str, rank: int) -> str:
    """The leading axes of an array, as the start of a shape."""
    return f"*{name}.shape[:-{rank}], " if rank else f"*{name}.shape, "


def _reduction(node: Node, operand: Source, keep: bool) -> str:
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


def _exactly(node: Node, operands: Sequence[Source]) -> Source:
    function = FUNCTIONS[str(node.data[0])].numpy.removesuffix("({0})")
    return Source(call(function, node, operands, NumPy().compose))


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
    shape = _leading(array, node.args[0].rank) + ", ".join(sizes)
    return Source(f"np.broadcast_to({array}, ({shape})).copy()")


def _spread(node: Node, operands: Sequence[Source]) -> Source:
    found, *others = (operand.text for operand in operands)
    pairs = [f"({other}, {rank})" for other, rank in zip(others, node.data, strict=True)]
    return Source(f"_spread({found}, {node.rank}, {', '.join(pairs)})")


def _tuple(sizes: Sequence[str]) -> str:
    return f"{sizes[0]}," if len(sizes) == 1 else ", ".join(sizes)


_COMPOSE: dict[str, Callable[[Node, Sequence[Source]], Source]] = {
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
    "cast": _cast,
    "exactly": _exactly,
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
