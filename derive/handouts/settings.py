"""Numbers as text ("z = [2, 0], i = 1") -> formulas."""

from __future__ import annotations

from collections.abc import Iterator

from derive.render.names import symbol
from derive.render.page import Formula
from derive.render.tree import Fenced, Grid, Node, Number, equation, separated


def settings(text: str) -> tuple[Formula, ...]:
    """A formula for each "name = value"; a value is a number, or numbers in nested brackets."""
    pairs = (part.partition(" = ") for part in _parts(text))
    return tuple(
        Formula(equation(symbol(name), "=", _node(told)), f"{name} = {told}")
        for name, _, told in pairs
    )


def value(text: str) -> Formula:
    return Formula(_node(text), text)


def _node(text: str) -> Node:
    """A number, a row (1, 2, 3), a matrix."""
    if not text.startswith("["):
        return Number(text)
    parts = tuple(_parts(text[1:-1]))
    if all(part.startswith("[") for part in parts):
        return Grid(tuple(tuple(map(_node, _parts(part[1:-1]))) for part in parts))
    return Fenced(separated(map(_node, parts)))


def _parts(text: str) -> Iterator[str]:
    """What stands between the commas that are in no bracket."""
    depth, start = 0, 0
    for place, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if sign == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    yield text[start:].strip()
