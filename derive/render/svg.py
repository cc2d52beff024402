"""A small writer of SVG: shapes, words, and formulas on one line with real sub- and superscripts.

Everything is a string; the same input gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from derive.render.glyphs import UNICODE, Glyphs
from derive.render.inline import inline
from derive.render.tree import Node, Row

# The one font of the PDF typesetter that has letters in italics and all signs, then machines' own.
_FONTS = "Libertinus Serif, Cambria, Georgia, serif"
INK, QUIET, FAINT = "#1d2330", "#5d6678", "#dfe4ed"


@dataclass(frozen=True)
class Label:
    """Words or a formula to be drawn.

    Attributes:
        markup: what stands inside <text>.
        length: about how many signs wide it is.
    """

    markup: str
    length: float


def words(text: str) -> Label:
    return Label(escape(text), len(text))


def beside(first: Label, second: Label) -> Label:
    return Label(f"{first.markup}, {second.markup}", first.length + 2 + second.length)


_UP, _DOWN, _BACK, _APART = "\x01", "\x02", "\x03", "\x04"
_SMALL = 0.7
_MARKS = f"{_UP}{_DOWN}{_BACK}{_APART}"
_PIECE = re.compile(f"[{_MARKS}]|[A-Za-z]+|[^A-Za-z{_MARKS}]+")


class _Marked(Glyphs):
    """Marks around what is raised or lowered, where a terminal has small letters."""

    def lowered(self, node: Node) -> str | None:
        parts = node.parts if isinstance(node, Row) else (node,)  # ij is two letters and no word
        return f"{_DOWN}{_APART.join(inline(part, self) for part in parts)}{_BACK}"

    def raised(self, node: Node) -> str | None:
        return f"{_UP}{inline(node, self)}{_BACK}"


_MARKED = _Marked(**vars(UNICODE))


def maths(node: Node) -> Label:
    """A formula on one line: single letters in italics, scripts small."""
    out, length = "", 0.0
    levels: list[float] = []
    height, drawn = 0.0, 0.0  # above the baseline: where to write, and where the last piece was
    for piece in _PIECE.findall(inline(node, _MARKED).replace("-", "−")):
        if piece in (_UP, _DOWN):
            levels.append((0.38 if piece == _UP else -0.22) * _SMALL ** len(levels))
        elif piece == _BACK:
            levels.pop()
        elif piece != _APART:
            height = sum(levels)
            size = _SMALL ** len(levels)
            out += _span(piece, size, (drawn - height) / size)
            length, drawn = length + len(piece) * size, height
    return Label(out, length)


def _span(text: str, size: float, dy: float) -> str:
    letters = text.isascii() and text.isalpha()
    italic = letters and (len(text) == 1 or (len(text) == 2 and text[0] == "d"))
    attributes = ' font-style="italic"' if italic else ""
    attributes += f' font-size="{number(size * 100)}%"' if size != 1 else ""
    attributes += f' dy="{number(dy, 2)}em"' if abs(dy) > 1e-9 else ""
    return f"<tspan{attributes}>{escape(text)}</tspan>" if attributes else escape(text)


def number(value: float, decimals: int = 1) -> str:
    """At most so many decimals, none where they are zeros."""
    text = f"{value + 0.0:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn; `dash` is SVG's pattern of dashes, "" for a solid line."""

    colour: str = INK
    width: float = 1
    dash: str = ""

    @property
    def attributes(self) -> str:
        dash = f' stroke-dasharray="{self.dash}"' if self.dash else ""
        return f'stroke="{self.colour}" stroke-width="{number(self.width)}"{dash}'


def line(start: tuple[float, float], end: tuple[float, float], stroke: Stroke) -> str:
    (x1, y1), (x2, y2) = start, end
    places = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f"<line {places} {stroke.attributes}/>"


def path(points: Iterable[tuple[float, float]], stroke: Stroke) -> str:
    """A line through points."""
    places = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return f'<path d="M{places}" fill="none" stroke-linejoin="round" {stroke.attributes}/>'


def rectangle(x: float, y: float, width: float, height: float, fill: str) -> str:
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f'<rect {place} fill="{fill}"/>'


def text(
    x: float, y: float, label: Label, anchor: str = "middle", size: float = 12, fill: str = INK
) -> str:
    """A label; `anchor` is "start", "middle" or "end", `y` its baseline."""
    return (
        f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" '
        f'font-size="{number(size)}" fill="{fill}">{label.markup}</text>'
    )


def clipped(
    name: str, box: tuple[float, float, float, float], inside: Iterable[str]
) -> tuple[str, ...]:
    """Parts of which only what is in a box is seen; `name` is its own in the picture."""
    return (
        f'<clipPath id="{name}">{rectangle(*box, fill="none")}</clipPath>',
        f'<g clip-path="url(#{name})">',
        *inside,
        "</g>",
    )


def document(
    width: float, height: float, title: str, description: str, parts: Iterable[str]
) -> str:
    """A whole picture on white, with a name and a description for those who do not see it."""
    size = f'width="{number(width)}" height="{number(height)}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {number(width)} {number(height)}" role="img" font-family="{_FONTS}">'
    )
    named = f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>"
    paper = rectangle(0, 0, width, height, "#ffffff")
    return "\n".join((head, named, paper, *parts, "</svg>")) + "\n"
