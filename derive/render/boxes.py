"""Tree -> text in two dimensions, for terminals."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from derive.render.glyphs import ASCII, UNICODE, Glyphs
from derive.render.inline import lowered, needs_no_brackets
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

_TIGHT = ("/", ",", ", ")


def columns(text: str) -> int:
    """How many columns a line takes; a combining mark takes none, a Chinese sign two."""
    wide = sum(1 for letter in text if unicodedata.east_asian_width(letter) in "WF")
    return sum(1 for letter in text if not unicodedata.combining(letter)) + wide


@dataclass(frozen=True)
class Box:
    """Lines of equal width; `axis` is the line that stands level with its neighbours."""

    lines: tuple[str, ...]
    axis: int = 0

    @property
    def width(self) -> int:
        return columns(self.lines[0])

    @property
    def above(self) -> int:
        return self.axis

    @property
    def below(self) -> int:
        return len(self.lines) - 1 - self.axis

    def padded(self, above: int, below: int) -> Box:
        """With blank lines so that this many stand above and below the axis."""
        blank = (" " * self.width,)
        top, bottom = blank * (above - self.above), blank * (below - self.below)
        return Box(top + self.lines + bottom, above)

    def centred(self, width: int) -> Box:
        left = (width - self.width) // 2
        right = width - self.width - left
        return Box(tuple(" " * left + line + " " * right for line in self.lines), self.axis)

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)


def box(node: Node, glyphs: Glyphs = UNICODE) -> Box:
    """A tree as a block of text lines."""
    return _WRITERS[type(node)](node, glyphs)


def line(text: str) -> Box:
    return Box((text,))


def beside(parts: Iterable[Box]) -> Box:
    """Boxes in a row, level with each other."""
    boxes = list(parts)
    above, below = max(b.above for b in boxes), max(b.below for b in boxes)
    padded = [b.padded(above, below).lines for b in boxes]
    return Box(tuple("".join(row) for row in zip(*padded, strict=True)), above)


def stacked(boxes: list[Box], axis: int) -> Box:
    """Boxes one below the other, centred; `axis` is that of the whole."""
    width = max(b.width for b in boxes)
    return Box(tuple(text for b in boxes for text in b.centred(width).lines), axis)


def _op(node: Op, glyphs: Glyphs) -> Box:
    if node.text in _TIGHT:
        return line(node.text)
    return line(f" {glyphs.sign(node.text)} ")


def _terms(node: Terms, glyphs: Glyphs) -> Box:
    (sign, first), *rest = node.parts
    parts = [line(glyphs.sign(sign))] if sign else []
    if isinstance(first, Frac) and sign:
        parts.append(line(" "))
    parts.append(box(first, glyphs))
    for sign, part in rest:
        parts += [line(f" {glyphs.sign(sign)} "), box(part, glyphs)]
    return beside(parts)


def _product(node: Product, glyphs: Glyphs) -> Box:
    parts = [box(node.factors[0], glyphs)]
    for before, factor in zip(node.factors, node.factors[1:], strict=False):
        tight = bracketed(factor) and not isinstance(before, Frac)
        tight = tight or (isinstance(before, Number) and not isinstance(factor, Number | Frac))
        parts += [] if tight else [line(" ")]
        parts.append(box(factor, glyphs))
    return beside(parts)


def _frac(node: Frac, glyphs: Glyphs) -> Box:
    over, under = box(node.over, glyphs), box(node.under, glyphs)
    widest = max(over.width, under.width)
    nested = any(isinstance(part, Frac) for part in (node.over, node.under))
    bar = line(glyphs.bar * (widest + (2 if nested else 0)))
    return stacked([over, bar, under], len(over.lines))


def _script(node: Script, glyphs: Glyphs) -> Box:
    """Subscripts stand on the line; an exponent too where it has raised signs, else it stands
    above the line."""
    base = box(node.base, glyphs)
    low = lowered(node.sub, glyphs)
    high = glyphs.raised(node.sup) if node.sup else ""
    above = box(node.sup, glyphs).lines if node.sup and high is None else ()
    beside_base = [""] * len(base.lines)
    beside_base[-1] += low
    beside_base[0] += high or ""
    indent = " " * columns(low) if len(base.lines) == 1 else ""
    rows = [*(indent + text for text in above), *beside_base]
    width = max(columns(row) for row in rows)
    column = tuple(row + " " * (width - columns(row)) for row in rows)
    return beside([base, Box(column, len(above) + base.axis)])


def _root(node: Root, glyphs: Glyphs) -> Box:
    """√v; brackets show how far a root over more than that reaches."""
    body = box(node.body, glyphs)
    short = needs_no_brackets(node) and len(body.lines) == 1 and glyphs is not ASCII
    return beside([line(glyphs.sign("√")), body if short else _with_fences(body, "(", ")", glyphs)])


def _big(node: Big, glyphs: Glyphs) -> Box:
    body = box(node.body, glyphs)
    sign = glyphs.sign(node.symbol)
    if node.above is None:
        return beside([line(sign + lowered(node.below, glyphs) + " "), body])
    below = box(node.below, glyphs)
    compact = Box(tuple(row.replace(" ", "") for row in below.lines), below.axis)
    head = stacked([box(node.above, glyphs), line(sign), compact], 1)
    return beside([head, line(" "), body])


def _fenced(node: Fenced, glyphs: Glyphs) -> Box:
    return _with_fences(box(node.body, glyphs), node.left, node.right, glyphs)


def _with_fences(body: Box, left: str, right: str, glyphs: Glyphs) -> Box:
    """Brackets as high as what they hold."""
    sides = [_fence(sign, body, glyphs) if sign else None for sign in (left, right)]
    return beside([side for side in (sides[0], body, sides[1]) if side])


def _fence(sign: str, body: Box, glyphs: Glyphs) -> Box:
    height = len(body.lines)
    if height == 1:
        return line(sign)
    top, middle, bottom, _ = glyphs.fences[sign]
    return Box((top, *[middle] * (height - 2), bottom), body.axis)


def _apply(node: Apply, glyphs: Glyphs) -> Box:
    tight = isinstance(node.argument, Fenced) and not isinstance(node.function, Frac)
    gap = "" if tight else " "
    return beside(
        [box(node.function, glyphs), *([line(gap)] if gap else []), box(node.argument, glyphs)]
    )


def _cases(node: Cases, glyphs: Glyphs) -> Box:
    values = [box(value, glyphs) for value, _ in node.rows]
    width = max(value.width for value in values)
    rows: list[str] = []
    for value, (_, when) in zip(values, node.rows, strict=True):
        flush = Box(tuple(text + " " * (width - value.width) for text in value.lines), value.axis)
        if rows and len(flush.lines) > 1:
            rows.append("")
        rows += beside([flush, line("  "), box(when, glyphs)]).lines
    if len(rows) == 2:
        rows.insert(1, "")
    widest = max(map(columns, rows))
    padded = tuple(row + " " * (widest - columns(row)) for row in rows)
    axis = len(rows) // 2
    top, middle, bottom, centre = glyphs.fences["{"]
    brace = [top, *[middle] * (len(rows) - 2), bottom]
    brace[axis] = centre
    return beside([Box(tuple(brace), axis), line(" "), Box(padded, axis)])


def _grid(node: Grid, glyphs: Glyphs) -> Box:
    cells = [[box(cell, glyphs).lines[0] for cell in row] for row in node.rows]
    widths = [max(columns(row[at]) for row in cells) for at in range(len(cells[0]))]
    rows = tuple(
        "  ".join(" " * (w - columns(cell)) + cell for w, cell in zip(widths, row, strict=True))
        for row in cells
    )
    return _with_fences(Box(rows, (len(rows) - 1) // 2), "[", "]", glyphs)


_WRITERS: dict[type[Node], Callable[[Any, Glyphs], Box]] = {
    Name: lambda node, glyphs: line(glyphs.sign(node.text)),
    Function: lambda node, glyphs: line(glyphs.sign(node.text)),
    Number: lambda node, _: line(node.text),
    Word: lambda node, _: line(f" {node.text} "),
    Op: _op,
    Row: lambda node, glyphs: beside(box(part, glyphs) for part in node.parts),
    Terms: _terms,
    Product: _product,
    Frac: _frac,
    Script: _script,
    Accent: lambda node, glyphs: line(box(node.base, glyphs).text() + glyphs.accents[node.mark]),
    Root: _root,
    Big: _big,
    Fenced: _fenced,
    Apply: _apply,
    Cases: _cases,
    Grid: _grid,
    Marked: lambda node, glyphs: box(node.body, glyphs),
}
