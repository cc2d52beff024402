"""Tree -> LaTeX (amsmath)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from derive.render.names import LATEX_OF_GREEK, LOWERED_DIGITS
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
    bare,
    holds,
    tall,
)


def latex(node: Node, display: bool = True) -> str:
    """A tree as LaTeX for maths mode; `display` says whether it stands in a line of its own. What
    is marked is in a \\changed{...}, which the document defines."""
    return _WRITERS[type(node)](node, display)


_SIGNS = {
    "≠": r"\ne",
    "≤": r"\le",
    "≥": r"\ge",
    "≈": r"\approx",
    "∈": r"\in",
    "×": r"\times",
    "∑": r"\sum",
    "∏": r"\prod",
    "max": r"\max",
    "min": r"\min",
    "∂": r"\partial",
    "∞": r"\infty",
    "ℝ": r"\mathbb{R}",
    "⊙": r"\odot",
    "⊘": r"\oslash",
    "𝟏": r"\mathbf{1}",
    "𝟙": r"\mathbf{1}",  # \mathbb has no digits in amssymb
    "⊤": r"\top",
    "−": "-",
    "′": r"\prime",
    "⇒": r"\Rightarrow",
}
_GAPS = {Gap.NONE: " ", Gap.THIN: r" \, ", Gap.DOT: r" \cdot "}
_OPEN_END = re.compile(r"(\\[A-Za-z]+|\^\w)$")
_ACCENTS = {"hat": r"\hat", "bar": r"\bar", "tilde": r"\tilde"}
_OPERATORS = frozenset(
    [
        r"\log",
        r"\exp",
        r"\max",
        r"\min",
        r"\sin",
        r"\cos",
        r"\tan",
        r"\sinh",
        r"\cosh",
        r"\tanh",
        r"\arcsin",
        r"\arccos",
        r"\arctan",
    ]
)
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "\u00a0": "~",
}


def escape(text: str) -> str:
    """Any text, such as a title or a file's name, as LaTeX that prints just that text."""
    return "".join(_escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    if letter in LATEX_OF_GREEK or letter in _SIGNS:
        return rf"\ensuremath{{{_sign(letter)}}}"
    if letter in LOWERED_DIGITS:
        return rf"\textsubscript{{{LOWERED_DIGITS.index(letter)}}}"
    if letter in "\r\n\t":
        return " "
    return _ESCAPES.get(letter, letter)


def _sign(text: str) -> str:
    if text in LATEX_OF_GREEK:
        return "\\" + LATEX_OF_GREEK[text]
    return _SIGNS.get(text, text)


def _name(node: Name, _: bool) -> str:
    word = len(node.text) > 1
    sign = escape(node.text) if word else _sign(node.text)
    return rf"\mathrm{{{sign}}}" if word else sign


def _function(node: Function, _: bool) -> str:
    command = "\\" + node.text
    return command if command in _OPERATORS else rf"\operatorname{{{escape(node.text)}}}"


def _op(node: Op, _: bool) -> str:
    if node.text.strip() == ",":
        return node.text
    return node.text if node.text == "/" else f" {_sign(node.text)} "


def _joined(parts: list[str]) -> str:
    """Side by side, with a space only where two would run together (\\partial x)."""
    out = ""
    for part in parts:
        apart = bool(_OPEN_END.search(out)) and part[:1].isalnum()
        out += " " + part if apart else part
    return out


def _row(node: Row, display: bool) -> str:
    parts = [latex(part, display) for part in node.parts]
    if node.parts and isinstance(node.parts[0], Op) and node.parts[0].text in "+-":
        parts = ["{}", *parts]
    return _joined(parts).strip()


def _terms(node: Terms, display: bool) -> str:
    first, *rest = node.parts
    return (
        first[0]
        + latex(first[1], display)
        + "".join(f" {sign} {latex(part, display)}" for sign, part in rest)
    )


def _product(node: Product, display: bool) -> str:
    out = latex(node.factors[0], display)
    for before, factor in zip(node.factors, node.factors[1:], strict=False):
        out += _GAPS[between(before, factor)] + latex(factor, display)
    return out


def _frac(node: Frac, _: bool) -> str:
    return rf"\frac{{{latex(node.over, False)}}}{{{latex(node.under, False)}}}"


def _script(node: Script, display: bool) -> str:
    out = latex(node.base, display)
    if isinstance(node.base, Fenced) and not display and tall(node.base):
        out = f"{{{out}}}"
    out += f"_{_group(node.sub)}" if node.sub else ""
    return out + (f"^{_group(node.sup)}" if node.sup else "")


def _group(node: Node) -> str:
    inside = latex(node, False)
    return inside if len(inside) == 1 else f"{{{inside}}}"


def _accent(node: Accent, display: bool) -> str:
    return f"{_ACCENTS[node.mark]}{{{latex(node.base, display)}}}"


def _root(node: Root, display: bool) -> str:
    return rf"\sqrt{{{latex(node.body, display)}}}"


def _big(node: Big, display: bool) -> str:
    above = f"^{_group(node.above)}" if node.above else ""
    return f"{_sign(node.symbol)}_{_group(node.below)}{above} {latex(node.body, display)}"


def _fenced(node: Fenced, display: bool) -> str:
    body = latex(node.body, display)
    if not tall(node.body):
        return f"{node.left}{body}{node.right}"
    if node.left and node.right and holds(node.body, Frac, Cases, Grid):
        return rf"\left{node.left}{body}\right{node.right}"
    size = "Big" if display else "big"  # a line may end between these
    left = rf"\{size}l{node.left}" if node.left else ""
    right = rf"\{size}r{node.right}" if node.right else ""
    return f"{left}{body}{right}"


def _apply(node: Apply, display: bool) -> str:
    function, argument = latex(node.function, display), latex(node.argument, display)
    if isinstance(bare(node.argument), Fenced):
        return function + argument
    return function + _GAPS[applied(node)] + argument


def _cases(node: Cases, _: bool) -> str:
    rows = [f"{latex(value)} & {latex(when)}" for value, when in node.rows]
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def _grid(node: Grid, _: bool) -> str:
    rows = [" & ".join(latex(cell, False) for cell in row) for row in node.rows]
    return r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"


def _word(node: Word, _: bool) -> str:
    """A word with a space on either side; beside a Chinese one, TeX leaves out a plain space."""
    if node.text.isascii():
        return rf"\text{{ {escape(node.text)} }}"
    return rf"\ \text{{{escape(node.text)}}}\ "


_WRITERS: dict[type[Node], Callable[[Any, bool], str]] = {
    Name: _name,
    Function: _function,
    Number: lambda node, _: node.text,
    Word: _word,
    Op: _op,
    Row: _row,
    Terms: _terms,
    Product: _product,
    Frac: _frac,
    Script: _script,
    Accent: _accent,
    Root: _root,
    Big: _big,
    Fenced: _fenced,
    Apply: _apply,
    Cases: _cases,
    Grid: _grid,
    Marked: lambda node, display: rf"\changed{{{latex(node.body, display)}}}",
}
