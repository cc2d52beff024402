"""Functions of numbers, of whole vectors and of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.functions import ELEMENTARY
from derive.reader import indices, names, slopes
from derive.reader.grammar import Node, only
from derive.reader.products import norm
from derive.reader.texts import OPERATORS, Pattern, Text, called, piece
from derive.reader.values import ONE, Value, number

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_VECTOR = frozenset(["softmax", "log_softmax"])
_RECIPROCALS = {
    **{"sech": "cosh", "csch": "sinh", "coth": "tanh"},
    **{"sec": "cos", "csc": "sin", "cot": "tan"},
}
"""Functions that the input language has not, by what they are one over."""
_REDUCED = frozenset(["sum", "prod", "mean", "max", "min"])


def arguments(node: Node) -> tuple[Node, ...]:
    """What a function is applied to; without brackets, one factor or what follows."""
    (inside,) = node.others
    return inside.parts if inside.kind == "bracket" else (inside,)


def call(m: Meaning, node: Node) -> Value:
    """A function with its arguments, and what stands below and above its name."""
    name = "sigmoid" if node.text == "sigma" else node.text
    kinds = [script.text for script in node.scripts]
    if len(set(kinds)) < len(kinds):
        raise m.error("too much stands below or above this function", node)
    scripts = dict(zip(kinds, node.scripts, strict=True))
    if "_" in scripts and name not in _VECTOR:
        raise m.error(f"what stands below {name} here cannot be read", scripts["_"])
    if "'" in scripts:
        value = slopes.slope_of(m, name, _single(m, node), node)
    else:
        value = _applied(m, name, node)
    if "_" in scripts:
        value = names.entry_of(m, value, indices.split(scripts["_"].parts), node)
    return _power(m, value, scripts["^"]) if "^" in scripts else value


def _power(m: Meaning, value: Value, script: Node) -> Value:
    """tanh^2 x is the square of tanh x; sin^{-1} is unclear."""
    exponent = only(script)
    if exponent.kind != "number" or not exponent.text.isdigit():
        raise m.error("this may be a power or an inverse: write brackets", script)
    return m.arrays.mapped(OPERATORS["^"], script.place, value, m.value(exponent))


def _applied(m: Meaning, name: str, node: Node) -> Value:
    if made := _SPECIAL.get(name):
        return made(m, node)
    if name in _REDUCED and len(arguments(node)) > 1:
        return _of_several(m, name, node)
    argument = _single(m, node)
    if name in _REDUCED:
        return m.arrays.reduced(name, argument, node.place)
    if node.text == "sigma" and m.known.softmaxes and not argument.is_number:
        raise m.error("is this σ a sigmoid or a softmax? Write its name", node)
    if name in _VECTOR or name == "logsumexp":
        return _of_vector(m, name, argument, node)
    if name in _RECIPROCALS:
        under = m.arrays.applied(_RECIPROCALS[name], node.place, argument)
        return m.arrays.divided(number(piece("1", node.place), node.place), under, node.place)
    assert name in ELEMENTARY or name == "sqrt"
    return m.arrays.applied(name, node.place, argument)


def _single(m: Meaning, node: Node) -> Value:
    return m.value(_wanted(m, node, 1, "1 argument")[0])


def _wanted(m: Meaning, node: Node, count: int, words: str) -> tuple[Node, ...]:
    """As many arguments as a function takes."""
    found = arguments(node)
    if len(found) != count:
        raise m.error(f"{node.text} takes {words}", node)
    return found


def _of_several(m: Meaning, name: str, node: Node) -> Value:
    """max(a, b); sum(x[k], k) as the input language has it."""
    first, *rest = arguments(node)
    letters = [indices.letter(argument) for argument in rest]
    if name in ("max", "min") and not all(n and n not in m.known.words for n in letters):
        return m.arrays.applied(name, node.place, m.value(first), *map(m.value, rest))
    if not all(letters):
        raise m.error(f"{name} is written {name}(body, k)", node)
    with indices.bound(m, letters):
        body = m.value(first)
    make = Pattern(f"{name}({{0}}, {', '.join(letters)})")
    return m.arrays.mapped(make, node.place, body)


def _of_vector(m: Meaning, name: str, value: Value, node: Node) -> Value:
    """softmax, log_softmax and logsumexp of a column or a row."""
    place = node.place
    if not value.is_line:
        shown = m.arrays.described(value)
        raise m.error(f"{name} works on a whole vector, and this is {shown}", node)
    line = value.upright()

    def total() -> Text:
        return m.arrays.over("sum", place, lambda k: called("exp", place, line.entry(k, "")))

    def entry(row: str, column: str) -> Text:
        if line.whole:
            made = called(name, place, piece(line.whole, line.place))
            at = Pattern("{3}[{0}]")
            return at(place, made, piece(row or column, place)) if row or column else made
        if name == "logsumexp":
            return called("log", place, total())
        own = line.entry(row or column, "")
        if name == "log_softmax":
            return OPERATORS["-"](place, own, called("log", place, total()))
        return OPERATORS["/"](place, called("exp", place, own), total())

    if name == "logsumexp":
        return Value(ONE, ONE, entry, place)
    return Value(value.rows, value.columns, entry, place)


def _where(m: Meaning, node: Node) -> Value:
    holds, yes, no = _wanted(m, node, 3, "a condition and 2 expressions")
    values = indices.condition(m, holds), m.value(yes), m.value(no)
    return m.arrays.applied("where", node.place, *values)


def _delta(m: Meaning, node: Node) -> Value:
    found = arguments(node)
    if len(found) == 1 and found[0].kind == "chain":
        return indices.indicator(m, found[0], node.place)
    places = (indices.index(m, part) for part in _wanted(m, node, 2, "2 indices"))
    return number(called("delta", node.place, *places), node.place)


def _size(m: Meaning, node: Node) -> Value:
    letter = indices.letter(_wanted(m, node, 1, "1 index letter")[0])
    if not letter:
        raise m.error("size takes 1 index letter", node)
    return number(called("size", node.place, piece(letter, node.place)), node.place)


def _outer(m: Meaning, node: Node) -> Value:
    first, last = map(m.value, _wanted(m, node, 2, "2 vectors"))
    if not (first.is_line and last.is_line):
        raise m.error("outer takes 2 vectors", node)
    return m.arrays.outer(first, last, node.place)


def _diff(m: Meaning, node: Node) -> Value:
    found = _wanted(m, node, 2, "an expression and a variable")
    return m.arrays.applied("diff", node.place, *(m.scalar(argument) for argument in found))


_SPECIAL: dict[str, Callable[[Meaning, Node], Value]] = {
    "where": _where,
    "delta": _delta,
    "size": _size,
    "norm": lambda m, node: norm(m, _single(m, node), "2", node),
    "diag": lambda m, node: m.arrays.diagonal(_single(m, node), node.place),
    "diff": _diff,
    "outer": _outer,
    "trace": lambda m, node: m.arrays.trace(_single(m, node), node.place),
}
