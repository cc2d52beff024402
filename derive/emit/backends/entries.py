"""What operations look like for one entry of their result, in compiled Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from derive.emit.backends.blocks import Chain, Place, Places, Value, called, varying
from derive.emit.graph import Node
from derive.emit.numpycalls import OPERATORS, diagonal_axes
from derive.emit.numpycode import NumPy
from derive.emit.special import FUNCTIONS
from derive.emit.writer import Level, Source
from derive.errors import UnsupportedError

if TYPE_CHECKING:
    from derive.emit.backends.loops import Loops

# What is worth storing rather than computing again.
HEAVY = frozenset({"function", "divide", "sqrt", "power"})

# Elementary functions that are the module's own: compilers turn them into vector instructions.
_OWN = (
    *("exp", "expm1", "tanh", "erf", "sigmoid", "softplus", "sigmoid_slope", "log1mexp"),
    *("log_cosh", "sign", "relu", "erfc", "normal_cdf", "normal_pdf", "log_normal_cdf"),
    *("inverse_mills", "gelu_slope", "tanhshrink", "shift"),
)
FUNCTION_TEXTS = {"abs": "abs", **{name: f"_{name}" for name in _OWN}}


def weak_text(node: Node) -> Source:
    """A number without a dtype, written as for NumPy, but with this module's functions."""
    parts = [weak_text(arg) for arg in node.args]
    if node.op == "function" and (name := str(node.data[0])) in FUNCTION_TEXTS:
        return Source(f"{FUNCTION_TEXTS[name]}(float({parts[0].text}))")
    return NumPy().compose(node, parts)


def _operator(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    text, level, *needs = OPERATORS[node.op]
    values = [loops.at(arg, places, chain).real for arg in node.args]
    parts = [value.at(need) for value, need in zip(values, needs, strict=True)]
    return Value(Source(text.format(*parts), level))


def _negative(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    inner = loops.at(node.args[0], places, chain).real
    return Value(Source(f"-{inner.at(Level.PRODUCT)}", Level.SUM))


def _sqrt(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    return Value(Source(f"math.sqrt({loops.at(node.args[0], places, chain).real.text})"))


def _power(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    base, exponent = node.args
    below = loops.at(base, places, chain).real
    if exponent.op == "number" and exponent.data == (2,):
        return Value(called("_square", below))
    above = loops.at(exponent, places, chain).real
    return Value(Source(f"{below.at(Level.ATOM)} ** {above.at(Level.ATOM)}", Level.POWER))


def _extreme(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    values = [loops.at(arg, places, chain).real for arg in node.args]
    return Value(called(f"_{node.op}", *values))


def _logic(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    parts = [loops.at(arg, places, chain).source.at(Level.ATOM) for arg in node.args]
    return Value(Source(f" {node.op} ".join(parts), Level.COMPARISON), "truth")


def _not(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    inner = loops.at(node.args[0], places, chain).source.at(Level.ATOM)
    return Value(Source(f"not {inner}", Level.COMPARISON), "truth")


def _compare(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    values = [loops.at(arg, places, chain) for arg in node.args]
    whole = all(value.kind in ("whole", "weak") for value in values)
    left, right = ((v.source if whole else v.real).at(Level.SUM) for v in values)
    return Value(Source(f"{left} {node.data[0]} {right}", Level.COMPARISON), "truth")


def _where(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    condition, yes, no = (loops.at(arg, places, chain) for arg in node.args)
    test, other = condition.source.at(Level.SUM), no.real.at(Level.SUM)
    return Value(Source(f"{yes.real.at(Level.SUM)} if {test} else {other}", Level.COMPARISON))


def _cast(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    return Value(loops.at(node.args[0], places, chain).real)


def call_of(node: Node) -> tuple[str, tuple[Node, ...]] | None:
    """The function of the module that computes an entry of a node, and what it is called with."""
    name = str(node.data[0]) if node.op == "function" else ""
    if name not in FUNCTION_TEXTS:
        return None
    (argument,) = node.args
    if name == "exp" and argument.op == "subtract" and _is_largest(argument.args[1]):
        return "_exp_difference", argument.args
    return FUNCTION_TEXTS[name], node.args


def _is_largest(node: Node) -> bool:
    """Whether a number is the largest of several, or what is subtracted instead."""
    if node.op in VIEWS:
        return _is_largest(node.args[0])
    return node.op in ("max", "maximum") or (node.op == "function" and node.data == ("shift",))


def _function(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    if call := call_of(node):
        function, operands = call
        return Value(called(function, *(loops.at(arg, places, chain).real for arg in operands)))
    name = str(node.data[0])
    argument = loops.at(node.args[0], places, chain).real
    if FUNCTIONS[name].numpy.startswith("_"):
        raise UnsupportedError(f"no loops for {name}: backends numpy and torch have code for it")
    return Value(Source(FUNCTIONS[name].numpy.format(argument.text)))


def _place(_: Loops, __: Node, places: Places, ___: Chain) -> Value:
    level = Level.ATOM if places[0].text.isidentifier() else Level.SUM
    return Value(Source(places[0].text, level), "whole")


def _identity(_: Loops, __: Node, places: Places, ___: Chain) -> Value:
    first, second = (place.text for place in places)
    return Value(Source(f"{first} == {second}", Level.COMPARISON), "truth")


def _window(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    axis, signs = node.data
    array, start, *_ = node.args
    first = node.rank + int(str(axis)) + 1 - len(signs)  # type: ignore[arg-type]
    letters = places[first : first + len(signs)]  # type: ignore[arg-type]
    place = _sum_of(start, [(sign, p) for sign, p in zip(signs, letters, strict=True)])  # type: ignore[call-overload]
    inner = (*places[:first], place, *places[first + len(letters) :])
    length = loops.extents(array, first)
    if _is_argument(array):
        entry = loops.at(array, inner, chain)
    else:  # what is beyond the ends must not be computed, not even to be thrown away
        entry = loops.entry(array, inner, chain, first)
    value = entry.real.at(Level.SUM)
    text = f"{value} if 0 <= {place.text} < {length} else real(0)"
    return Value(Source(text, Level.COMPARISON))


def _is_argument(node: Node) -> bool:
    return node.op == "argument" or (node.op in VIEWS and _is_argument(node.args[0]))


def _sum_of(start: Node, letters: Sequence[tuple[int, Place]]) -> Place:
    text = weak_text(start).at(Level.SUM)
    text = "" if text == "0" else text
    for sign, place in letters:
        mark = "-" if sign < 0 else "+"
        text += f" {mark} {place.text}" if text or sign < 0 else place.text
    return Place(text.strip(), varying([place for _, place in letters]))


def _on_diagonal(loops: Loops, node: Node, places: Places, chain: Chain) -> Value:
    """An entry of an array with another diagonal, where it is not filled all at once."""
    letters, kept = map(str, node.data)
    env = dict(zip(letters, places, strict=True))
    first, second = (places[axis].text for axis in diagonal_axes(node))
    entries = node.args[1] if node.op == "onto_diagonal" else node.args[0]
    inside = loops.at(entries, tuple(env[letter] for letter in kept), chain).real.at(Level.SUM)
    outside = "real(0)"
    if node.op == "onto_diagonal":
        outside = loops.at(node.args[0], places, chain).real.at(Level.SUM)
    text = f"{inside} if {first} == {second} else {outside}"
    return Value(Source(text, Level.COMPARISON))


Entry = Callable[["Loops", Node, Places, Chain], Value]
ENTRIES: dict[str, Entry] = {
    **dict.fromkeys(("add", "subtract", "multiply", "divide"), _operator),
    **dict.fromkeys(("maximum", "minimum"), _extreme),
    **dict.fromkeys(("and", "or"), _logic),
    **dict.fromkeys(("onto_diagonal", "from_diagonal"), _on_diagonal),
    "negative": _negative,
    "sqrt": _sqrt,
    "power": _power,
    "not": _not,
    "compare": _compare,
    "where": _where,
    "cast": _cast,
    "function": _function,
    "places": _place,
    "identity": _identity,
    "window": _window,
}


# Views: where an entry is found in the operand.


def _expanded(node: Node, places: Places) -> Places:
    return tuple(place for place, kept in zip(places, node.kept, strict=True) if kept)


def _transposed(node: Node, places: Places) -> Places:
    order: Any = node.data[0]
    return tuple(places[order.index(axis)] for axis in range(len(places)))


def _diagonal(node: Node, places: Places) -> Places:
    letters, kept = map(str, node.data)
    return tuple(places[kept.index(letter)] for letter in letters)


def _sliced(node: Node, places: Places) -> Places:
    axis = len(places) + int(str(node.data[0]))
    moved = _sum_of(node.args[1], [(1, places[axis])])
    return (*places[:axis], moved, *places[axis + 1 :])


VIEWS: dict[str, Callable[[Node, Places], Places]] = {
    "expand": _expanded,
    "transpose": _transposed,
    "diagonal": _diagonal,
    "slice": _sliced,
}
