"""Functions of numbers, of whole vectors and of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.functions import ELEMENTARY
from derive.reader import conditions, indexing, names, norms, pieces, slopes
from derive.reader.pieces import Text, called, glued, piece
from derive.reader.syntax import Bracket, Call, Chain, Name, Node, Num, Script, bare
from derive.reader.values import ONE, Value, number

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_VECTOR = frozenset(["softmax", "log_softmax"])
_REDUCED = {"sum": "sum", "prod": "prod", "mean": "mean", "max": "max", "min": "min"}


def call(m: Meaning, node: Call) -> Value:
    """A function with its arguments, and what stands below and above its name."""
    name = "sigmoid" if node.name == "sigma" else node.name
    below = [script for script in node.scripts if script.kind == "_"]
    above = [script for script in node.scripts if script.kind == "^"]
    primes = [script for script in node.scripts if script.kind == "'"]
    if len(below) > 1 or len(above) > 1 or len(primes) > 1:
        raise m.error("too much stands below or above this function", node)
    if below and name not in _VECTOR:
        raise m.error(f"what stands below {name} here cannot be read", below[0].place)
    if primes:
        value = slopes.slope_of(m, name, _single(m, node), node.place)
    else:
        value = _applied(m, name, node)
    if below:
        value = names.entry_of(m, value, indexing.split(below[0].items), node.place)
    return _on_name(m, value, above, node)


def _on_name(m: Meaning, value: Value, above: list[Script], node: Call) -> Value:
    """tanh^2 x is the square of tanh x; sin^{-1} is unclear."""
    if not above:
        return value
    place = above[0].place
    inside = bare(above[0].items[0]) if len(above[0].items) == 1 else None
    if not isinstance(inside, Num) or not inside.text.isdigit():
        raise m.error("this may be a power or an inverse: write brackets", place)
    exponent = piece(inside.text, inside.place)
    return m.arrays.mapped(lambda part: pieces.power(part, exponent, place), [value], node.place)


def _applied(m: Meaning, name: str, node: Call) -> Value:
    if made := _SPECIAL.get(name):
        return made(m, node)
    if name in _REDUCED and len(node.arguments) > 1:
        return _of_several(m, name, node)
    argument = _single(m, node)
    if name in _REDUCED:
        return m.arrays.reduced(_REDUCED[name], argument, node.place)
    if node.name == "sigma" and m.known.softmaxes and not argument.is_number:
        raise m.error("is this σ a sigmoid or a softmax? Write its name", node)
    if name in _VECTOR or name == "logsumexp":
        return _of_vector(m, name, argument, node)
    assert name in ELEMENTARY or name == "sqrt"
    return m.arrays.applied(name, argument, node.place)


def _single(m: Meaning, node: Call) -> Value:
    if len(node.arguments) != 1:
        raise m.error(f"{node.name} takes 1 argument, not {len(node.arguments)}", node)
    return m.value(node.arguments[0])


def _of_several(m: Meaning, name: str, node: Call) -> Value:
    """max(a, b); sum(x[k], k) as the input language has it."""
    first, *rest = node.arguments
    letters = [indexing.letter(argument) for argument in rest]
    numbers = name in ("max", "min") and not all(n and n not in m.known.words for n in letters)
    if numbers:
        values = [m.value(argument) for argument in node.arguments]
        return m.arrays.mapped(lambda *parts: called(name, node.place, *parts), values, node.place)
    if not all(letters):
        raise m.error(f"{name} is written {name}(body, k)", node)
    end = indexing.bound(m, letters)
    body = m.value(first)
    end()
    ends = [piece(letter, node.place) for letter in letters]
    return m.arrays.mapped(lambda part: called(name, node.place, part, *ends), [body], node.place)


def _of_vector(m: Meaning, name: str, value: Value, node: Call) -> Value:
    """softmax, log_softmax and logsumexp of a column or a row."""
    place = node.place
    if not value.is_line:
        shown = m.arrays.described(value)
        raise m.error(f"{name} works on a whole vector, and this is {shown}", node)
    line = value if value.rows else m.arrays.transposed(value)

    def total() -> Text:
        letter = m.arrays.letter()
        inside = called("exp", place, line.entry(letter, ""))
        return called("sum", place, inside, piece(letter, place))

    def entry(row: str, column: str) -> Text:
        if line.whole:
            made = called(name, place, piece(line.whole, line.place))
            at = piece(row or column, place)
            return made if name == "logsumexp" else glued(place, made, "[", at, "]")
        if name == "logsumexp":
            return called("log", place, total())
        own = line.entry(row or column, "")
        if name == "log_softmax":
            return pieces.plus(own, "-", called("log", place, total()), place)
        return pieces.over(called("exp", place, own), total(), place)

    if name == "logsumexp":
        return Value(ONE, ONE, entry, place)
    return Value(value.rows, value.columns, entry, place)


def _where(m: Meaning, node: Call) -> Value:
    if len(node.arguments) != 3:
        raise m.error("where takes a condition and 2 expressions", node)
    holds, *branches = node.arguments
    condition = conditions.condition(m, holds)
    yes, no = (m.value(branch) for branch in branches)
    return conditions.chosen(m, condition, yes, no, node.place)


def _delta(m: Meaning, node: Call) -> Value:
    arguments = node.arguments
    if len(arguments) == 1 and isinstance(arguments[0], Chain):
        return conditions.indicator(m, arguments[0], node.place)
    if len(arguments) != 2:
        raise m.error("delta takes 2 indices", node)
    return number(
        called("delta", node.place, *(indexing.place(m, a) for a in arguments)), node.place
    )


def _size(m: Meaning, node: Call) -> Value:
    letter = indexing.letter(node.arguments[0]) if len(node.arguments) == 1 else ""
    if not letter:
        raise m.error("size takes 1 index letter", node)
    return number(called("size", node.place, piece(letter, node.place)), node.place)


def _outer(m: Meaning, node: Call) -> Value:
    values = [m.value(argument) for argument in node.arguments]
    if len(values) != 2 or not all(value.is_line for value in values):
        raise m.error("outer takes 2 vectors", node)
    first, last = (v if v.rows else m.arrays.transposed(v) for v in values)
    return m.arrays.multiplied(first, m.arrays.transposed(last), node.place)


def _diff(m: Meaning, node: Call) -> Value:
    if len(node.arguments) != 2:
        raise m.error("diff takes an expression and a variable", node)
    body, by = (m.scalar(argument).number for argument in node.arguments)
    return number(called("diff", node.place, body, by), node.place)


def applied_to(node: Node) -> tuple[str, ...] | None:
    """The names in a bracket that holds nothing but names, as in f(x, y); None for another."""
    if not isinstance(node, Bracket) or node.kind != "(":
        return None
    found = [bare(item) for item in node.items]
    return tuple(n.text for n in found if isinstance(n, Name)) if _all_names(found) else None


def _all_names(nodes: list[Node]) -> bool:
    return all(isinstance(node, Name) for node in nodes)


_SPECIAL: dict[str, Callable[[Meaning, Call], Value]] = {
    "where": _where,
    "delta": _delta,
    "size": _size,
    "norm": lambda m, node: norms.norm(m, _single(m, node), "2", node.place),
    "diag": lambda m, node: m.arrays.diagonal(_single(m, node), node.place),
    "diff": lambda m, node: _diff(m, node),
    "outer": lambda m, node: _outer(m, node),
    "trace": lambda m, node: m.arrays.trace(_single(m, node), node.place),
}
