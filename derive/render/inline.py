"""Tree -> one line of text, for formulas inside sentences: ∂sᵢ/∂zⱼ, e^zᵢ/∑ₖ e^zₖ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.render.glyphs import UNICODE, Glyphs
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
    bracketed,
)


def inline(node: Node, glyphs: Glyphs = UNICODE) -> str:
    return _WRITERS[type(node)](node, glyphs)


_TIGHT = ("/", ",", ", ")


def _op(node: Op, glyphs: Glyphs) -> str:
    if node.text in _TIGHT:
        return node.text
    return f" {glyphs.sign(node.text)} "


def _terms(node: Terms, glyphs: Glyphs) -> str:
    (sign, first), *rest = node.parts
    out = sign.replace("-", glyphs.minus) + inline(first, glyphs)
    return out + "".join(f" {glyphs.sign(s)} {inline(part, glyphs)}" for s, part in rest)


def _product(node: Product, glyphs: Glyphs) -> str:
    out = _factor(node.factors[0], glyphs)
    for before, factor in zip(node.factors, node.factors[1:], strict=False):
        tight = bracketed(factor) or isinstance(before, Number)
        out += ("" if tight else " ") + _factor(factor, glyphs)
    return out


def _factor(node: Node, glyphs: Glyphs) -> str:
    """A fraction among factors gets brackets, (2/n)(a - t); ds/dz does not need them."""
    text = inline(node, glyphs)
    return f"({text})" if isinstance(node, Frac) and not isinstance(node.over, Row) else text


def _frac(node: Frac, glyphs: Glyphs) -> str:
    over, under = inline(node.over, glyphs), inline(node.under, glyphs)
    over = f"({over})" if _reaches(node.over) else over
    needs = isinstance(node.under, Product) or _reaches(node.under)
    return f"{over}/({under})" if needs else f"{over}/{under}"


def _reaches(node: Node) -> bool:
    """Whether a slash beside it would be read as a part of it."""
    if isinstance(node, Apply):
        return not isinstance(node.argument, Fenced)
    return isinstance(node, Terms | Big | Frac)


def _root(node: Root, glyphs: Glyphs) -> str:
    body = inline(node.body, glyphs)
    sign = glyphs.sign("√")
    return sign + (body if len(sign) == 1 and needs_no_brackets(node) else f"({body})")


def needs_no_brackets(root: Root) -> bool:
    """√2 and √vₖ; √(2π) does."""
    body = root.body
    return isinstance(body, Name | Number | Accent) or (isinstance(body, Script) and not body.sup)


def _script(node: Script, glyphs: Glyphs) -> str:
    return inline(node.base, glyphs) + lowered(node.sub, glyphs) + raised(node.sup, glyphs)


def lowered(node: Node | None, glyphs: Glyphs) -> str:
    """A subscript on the line, ᵢ or _c; "" for none."""
    if node is None:
        return ""
    return glyphs.lowered(node) or f"_{_grouped(node, glyphs)}"


def raised(node: Node | None, glyphs: Glyphs) -> str:
    """An exponent on the line, ² or ^zᵢ; "" for none."""
    if node is None:
        return ""
    return glyphs.raised(node) or f"^{_grouped(node, glyphs)}"


def _grouped(node: Node, glyphs: Glyphs) -> str:
    text = inline(node, glyphs)
    simple = isinstance(node, Name | Number | Script) or text.replace(",", "").isalnum()
    return text if simple else f"({text})"


def _big(node: Big, glyphs: Glyphs) -> str:
    head = glyphs.sign(node.symbol) + lowered(node.below, glyphs) + raised(node.above, glyphs)
    return f"{head} {inline(node.body, glyphs)}"


def _apply(node: Apply, glyphs: Glyphs) -> str:
    gap = "" if isinstance(node.argument, Fenced) else " "
    return inline(node.function, glyphs) + gap + inline(node.argument, glyphs)


def _cases(node: Cases, glyphs: Glyphs) -> str:
    rows = (f"{inline(v, glyphs)} {inline(when, glyphs).strip()}" for v, when in node.rows)
    return "{" + "; ".join(rows) + "}"


def _grid(node: Grid, glyphs: Glyphs) -> str:
    rows = ["[" + ", ".join(inline(cell, glyphs) for cell in row) + "]" for row in node.rows]
    return rows[0] if len(rows) == 1 else "[" + ", ".join(rows) + "]"


_WRITERS: dict[type[Node], Callable[[Any, Glyphs], str]] = {
    Name: lambda node, glyphs: glyphs.sign(node.text),
    Function: lambda node, glyphs: glyphs.sign(node.text),
    Number: lambda node, _: node.text,
    Word: lambda node, _: f" {node.text} ",
    Op: _op,
    Row: lambda node, glyphs: "".join(inline(part, glyphs) for part in node.parts).strip(),
    Terms: _terms,
    Product: _product,
    Frac: _frac,
    Script: _script,
    Accent: lambda node, glyphs: inline(node.base, glyphs) + glyphs.accents[node.mark],
    Root: _root,
    Big: _big,
    Fenced: lambda node, glyphs: f"{node.left}{inline(node.body, glyphs)}{node.right}",
    Apply: _apply,
    Cases: _cases,
    Grid: _grid,
    Marked: lambda node, glyphs: inline(node.body, glyphs),
}
