"""Tree -> Typst's maths. Nothing can be taken for something else: scripts stand in brackets,
brackets are called by name, and every word is a string."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.render.spacing import Gap, applied, between
from derive.render.tree import (
    Accent,
    Apply,
    Big,
    Cases,
    Fenced,
    Frac,
    Function,
    Grid,
    Marked,
    Name,
    Node,
    Number,
    Op,
    Product,
    Root,
    Row,
    Script,
    Terms,
    Word,
    holds,
    tall,
)


def typst(node: Node, display: bool = True) -> str:
    """A tree as what stands between two dollar signs; `display` says whether it has a line of
    its own."""
    return _WRITERS[type(node)](node, display)


def string(text: str) -> str:
    """Any text, such as a title, as a string of Typst's that prints just that text."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    return letter if letter.isprintable() else f"\\u{{{ord(letter):x}}}"


_GAPS = {Gap.NONE: " ", Gap.THIN: " thin ", Gap.DOT: " dot "}
_ACCENTS = {"hat": "hat", "bar": "macron", "tilde": "tilde"}
_FENCES = {
    "(": "paren.l",
    ")": "paren.r",
    "[": "bracket.l",
    "]": "bracket.r",
    "|": "bar.v",
}
# Brackets of a fixed height: round a sum, whose limits they do not cover, or on one side only.
_LARGE = "1.8em"
# What means itself among the symbols; anything else is a word.
_SIGNS = frozenset("+-=<>≠≤≥≈∈×⊙⊘∂∞ℝ⊤∑∏′⇒")
_ONES = {"𝟏": "bold(1)", "𝟙": "bb(1)"}  # as letters they would have a word's space around them
_OPS = {",": 'class("normal", comma)', ", ": "comma", "/": "slash", "−": "-"}


def _sign(text: str) -> str:
    if text in _ONES:
        return _ONES[text]
    letter = len(text) == 1 and text.isalnum()
    return text if letter or text in _SIGNS else string(text)


def _name(node: Name, _: bool) -> str:
    return f"upright({string(node.text)})" if len(node.text) > 1 else _sign(node.text)


def _number(node: Number, _: bool) -> str:
    plain = node.text.removeprefix("-").replace(".", "", 1).isdecimal()
    return node.text if plain else string(node.text)


def _op(node: Op, _: bool) -> str:
    return _OPS.get(node.text) or _sign(node.text.strip())


def _row(node: Row, display: bool) -> str:
    parts = [typst(part, display) for part in node.parts]
    if node.parts and isinstance(node.parts[0], Op) and node.parts[0].text in "+-":
        parts = ['""', *parts]  # a sign between two parts, not one that belongs to the second
    return " ".join(parts)


def _terms(node: Terms, display: bool) -> str:
    return " ".join(f"{sign} {typst(part, display)}".strip() for sign, part in node.parts)


def _product(node: Product, display: bool) -> str:
    out = typst(node.factors[0], display)
    for before, factor in zip(node.factors, node.factors[1:], strict=False):
        out += _GAPS[between(before, factor)] + typst(factor, display)
    return out


def _frac(node: Frac, _: bool) -> str:
    return f"frac({typst(node.over, False)}, {typst(node.under, False)})"


def _script(node: Script, display: bool) -> str:
    out = typst(node.base, display)
    out += f"_({typst(node.sub, False)})" if node.sub else ""
    return out + (f"^({typst(node.sup, False)})" if node.sup else "")


def _big(node: Big, display: bool) -> str:
    sign = node.symbol if len(node.symbol) == 1 else f"op({string(node.symbol)}, limits: #true)"
    above = f"^({typst(node.above, False)})" if node.above else ""
    return f"{sign}_({typst(node.below, False)}){above} {typst(node.body, display)}"


def _fenced(node: Fenced, display: bool) -> str:
    body = typst(node.body, display)
    if not (node.left and node.right):
        return " ".join(filter(None, (_open(node, "left"), body, _open(node, "right"))))
    content = f"{_FENCES[node.left]} {body} {_FENCES[node.right]}"
    if not tall(node.body):
        return f"lr(size: #1em, {content})" if node.left == "|" else content
    only_a_sum = display and not holds(node.body, Frac, Cases, Grid)
    return f"lr(size: #{_LARGE}, {content})" if only_a_sum else f"lr({content})"


def _open(node: Fenced, side: str) -> str:
    """One bracket of two that stand on different lines."""
    sign = node.left if side == "left" else node.right
    if not sign:
        return ""
    large = f"stretch({_FENCES[sign]}, size: #{_LARGE})" if tall(node.body) else _FENCES[sign]
    kind = "opening" if side == "left" else "closing"
    return f'class("{kind}", {large})'


def _apply(node: Apply, display: bool) -> str:
    gap = _GAPS[applied(node)]
    return typst(node.function, display) + gap + typst(node.argument, display)


def _cases(node: Cases, _: bool) -> str:
    rows = [f"& {typst(value)} && quad {typst(when)}" for value, when in node.rows]
    return f"cases(gap: #0.6em, {', '.join(rows)})"


def _grid(node: Grid, _: bool) -> str:
    rows = [", ".join(typst(cell, False) for cell in row) for row in node.rows]
    return f'mat(delim: "[", align: #right, column-gap: #0.9em, {"; ".join(rows)})'


_WRITERS: dict[type[Node], Callable[[Any, bool], str]] = {
    Name: _name,
    Function: lambda node, _: f"op({string(node.text)})",
    Number: _number,
    Word: lambda node, _: string(node.text),
    Op: _op,
    Row: _row,
    Terms: _terms,
    Product: _product,
    Frac: _frac,
    Script: _script,
    Accent: lambda node, display: f"{_ACCENTS[node.mark]}({typst(node.base, display)})",
    Root: lambda node, display: f"sqrt({typst(node.body, display)})",
    Big: _big,
    Fenced: _fenced,
    Apply: _apply,
    Cases: _cases,
    Grid: _grid,
    Marked: lambda node, display: f"changed({typst(node.body, display)})",
}
