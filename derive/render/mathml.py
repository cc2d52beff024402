"""Tree -> MathML Core, for pages that need no script."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from derive.render.inline import inline
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


def mathml(node: Node, display: bool = True) -> str:
    """A whole <math> element; `display` puts it on a line of its own. What reads it aloud without
    knowing MathML has the formula as a line of text."""
    kind = ' display="block"' if display else ""
    spoken = f' alttext="{escape(inline(node))}"'
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"{kind}{spoken}>{_write(node)}</math>'


_TIMES = "<mo>\N{INVISIBLE TIMES}</mo>"
_APPLY = "<mo>\N{FUNCTION APPLICATION}</mo>"
_THIN = '<mspace width="0.17em"/>'
# Browsers hang the sign of a root from its top: over a low letter it would sink below the line.
_STRUT = '<mspace height="0.65em" depth="0.15em"/>'
_ACCENTS = {"hat": "^", "bar": "‾", "tilde": "~"}
_TIGHT = ' lspace="0" rspace="0"'


def _write(node: Node) -> str:
    return _WRITERS[type(node)](node)


def _mo(sign: str, attributes: str = "") -> str:
    return f"<mo{attributes}>{escape(sign.replace('-', '−'))}</mo>"


def _mrow(*parts: str) -> str:
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _name(node: Name) -> str:
    return _mo("∂", _TIGHT) if node.text == "∂" else f"<mi>{escape(node.text)}</mi>"


def _op(node: Op) -> str:
    if node.text == "/":
        return _mo("/", _TIGHT)
    if node.text == ",":
        return _mo(",", _TIGHT)
    return _mo(node.text.strip(), ' separator="true"' if node.text == ", " else "")


def _terms(node: Terms) -> str:
    parts: list[str] = []
    for sign, part in node.parts:
        if sign:
            parts.append(_mo(sign) if parts else _mo(sign, ' form="prefix"'))
        parts.append(_write(part))
    return _mrow(*parts)


def _product(node: Product) -> str:
    parts = [_write(node.factors[0])]
    for before, factor in zip(node.factors, node.factors[1:], strict=False):
        if isinstance(factor, Number):
            parts.append(_mo("·"))
        else:
            apart = isinstance(before, Frac | Apply | Big) or isinstance(factor, Apply | Big)
            parts += [_TIMES, _THIN] if apart else [_TIMES]
        parts.append(_write(factor))
    return _mrow(*parts)


def _script(node: Script) -> str:
    base = _write(node.base)
    if node.sub and node.sup:
        return f"<msubsup>{base}{_write(node.sub)}{_write(node.sup)}</msubsup>"
    if node.sub:
        return f"<msub>{base}{_write(node.sub)}</msub>"
    return f"<msup>{base}{_write(node.sup)}</msup>" if node.sup else base


def _accent(node: Accent) -> str:
    mark = _mo(_ACCENTS[node.mark], ' stretchy="false"')
    return f'<mover accent="true">{_write(node.base)}{mark}</mover>'


def _big(node: Big) -> str:
    kind = 'largeop="true"' if len(node.symbol) == 1 else 'form="prefix" movablelimits="true"'
    sign = _mo(node.symbol, f' {kind} lspace="0" rspace="0.17em"')
    below = _write(node.below)
    if node.above:
        head = f"<munderover>{sign}{below}{_write(node.above)}</munderover>"
    else:
        head = f"<munder>{sign}{below}</munder>"
    return _mrow(head, _write(node.body))


def _fenced(node: Fenced) -> str:
    """Brackets grow with fractions; round a sum they have a fixed height, without its limits."""
    if not tall(node.body):
        size = ' stretchy="false"'
    elif holds(node.body, Frac, Cases, Grid):
        size = ""
    else:
        size = ' minsize="1.5em" maxsize="1.5em"'
    left = _mo(node.left, f' form="prefix" fence="true"{size}') if node.left else ""
    right = _mo(node.right, f' form="postfix" fence="true"{size}') if node.right else ""
    return _mrow(left, _write(node.body), right)


def _apply(node: Apply) -> str:
    space = "" if isinstance(bare(node.argument), Fenced) else _THIN
    return _mrow(_write(node.function), _APPLY, space, _write(node.argument))


def _cases(node: Cases) -> str:
    rows = [
        f"<mtr><mtd>{_write(value)}</mtd><mtd>{_write(when)}</mtd></mtr>"
        for value, when in node.rows
    ]
    table = f'<mtable class="cases">{"".join(rows)}</mtable>'
    return _mrow(_mo("{", ' form="prefix" fence="true"'), table)


def _grid(node: Grid) -> str:
    rows = [
        f"<mtr>{''.join(f'<mtd>{_write(cell)}</mtd>' for cell in row)}</mtr>" for row in node.rows
    ]
    left, right = _mo("[", ' form="prefix" fence="true"'), _mo("]", ' form="postfix" fence="true"')
    return _mrow(left, f'<mtable class="numbers">{"".join(rows)}</mtable>', right)


_WRITERS: dict[type[Node], Callable[[Any], str]] = {
    Name: _name,
    Function: lambda node: f"<mi>{escape(node.text)}</mi>",
    Number: lambda node: f"<mn>{escape(node.text.replace('-', '−'))}</mn>",
    Word: lambda node: f"<mtext>\N{NO-BREAK SPACE}{escape(node.text)}\N{NO-BREAK SPACE}</mtext>",
    Op: _op,
    Row: lambda node: _mrow(*map(_write, node.parts)),
    Terms: _terms,
    Product: _product,
    Frac: lambda node: f"<mfrac>{_write(node.over)}{_write(node.under)}</mfrac>",
    Script: _script,
    Accent: _accent,
    Root: lambda node: f"<msqrt>{_write(node.body)}{_STRUT}</msqrt>",
    Big: _big,
    Fenced: _fenced,
    Apply: _apply,
    Cases: _cases,
    Grid: _grid,
    Marked: lambda node: f'<mrow class="changed">{_write(node.body)}</mrow>',
}
