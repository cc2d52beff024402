"""The signs that a terminal writes: one set in Unicode, one in ASCII."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.render.names import LATEX_OF_GREEK
from derive.render.tree import Name, Node, Number, Op, Row, Terms


def _table(letters: str, signs: str) -> dict[str, str]:
    return dict(zip(letters, signs, strict=True))


_SUBSCRIPTS = _table(
    "0123456789+-=()aehijklmnoprstuvxβγρφχ,",
    "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ,",
)
_SUPERSCRIPTS = _table(
    "0123456789+-=()T⊤×⊙abcdefghijklmnoprstuvwxyz",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵀᵀˣ°ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
)
_ASCII = {
    **LATEX_OF_GREEK,
    "ε": "eps",
    "φ": "phi",
    "∂": "d",
    "∑": "sum",
    "∏": "prod",
    "∞": "oo",
    "ℝ": "R",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "≈": "~=",
    "∈": "in",
    "×": "x",
    "⊙": ".*",
    "⊘": "./",
    "𝟏": "1",
    "𝟙": "",  # [x > 0] says it
    "⊤": "T",
    "·": "*",
    "−": "-",
    "√": "sqrt",
    "✓": "ok",
    "✗": "!!",
}


@dataclass(frozen=True)
class Glyphs:
    """How to draw.

    Attributes:
        bar: the line of a fraction.
        minus: the sign between terms.
        fences: for each bracket its top, side, bottom and (for a brace) its centre.
        accents: what follows a letter to put a mark over it.
        subscripts, superscripts: signs that have a lowered or raised form.
        spelled: what is written for a sign that is not in the set.
        frame: top left, top right, bottom left, bottom right, across, down.
    """

    bar: str
    minus: str
    fences: Mapping[str, tuple[str, str, str, str]]
    accents: Mapping[str, str]
    subscripts: Mapping[str, str]
    superscripts: Mapping[str, str]
    spelled: Mapping[str, str]
    frame: tuple[str, ...]

    def sign(self, text: str) -> str:
        return self.spelled.get(text, text)

    def lowered(self, node: Node) -> str | None:
        """A subscript on the same line, or None where a sign has no lowered form."""
        return _mapped(node, self.subscripts)

    def raised(self, node: Node) -> str | None:
        return _mapped(node, self.superscripts)


UNICODE = Glyphs(
    bar="─",
    minus="−",
    fences={
        "(": ("⎛", "⎜", "⎝", "⎜"),
        ")": ("⎞", "⎟", "⎠", "⎟"),
        "[": ("⎡", "⎢", "⎣", "⎢"),
        "]": ("⎤", "⎥", "⎦", "⎥"),
        "|": ("│", "│", "│", "│"),
        "{": ("⎧", "⎪", "⎩", "⎨"),
    },
    accents={"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"},
    subscripts=_SUBSCRIPTS,
    superscripts=_SUPERSCRIPTS,
    spelled={"-": "−"},
    frame=("╭", "╮", "╰", "╯", "─", "│"),
)

ASCII = Glyphs(
    bar="-",
    minus="-",
    fences={
        "(": ("/", "|", "\\", "|"),
        ")": ("\\", "|", "/", "|"),
        "[": ("[", "[", "[", "["),
        "]": ("]", "]", "]", "]"),
        "|": ("|", "|", "|", "|"),
        "{": ("/", "|", "\\", "<"),
    },
    accents={"hat": "_hat", "bar": "_bar", "tilde": "_tilde"},
    subscripts={},
    superscripts={},
    spelled=_ASCII,
    frame=("+", "+", "+", "+", "-", "|"),
)


def _mapped(node: Node, table: Mapping[str, str]) -> str | None:
    text = _plain(node)
    if text is None or not all(letter in table for letter in text):
        return None
    return "".join(table[letter] for letter in text)


def _plain(node: Node) -> str | None:
    """The letters of indices and small numbers; None for anything more."""
    match node:
        case Name(text) | Number(text) | Op(text):
            return text
        case Row(parts):
            found = [_plain(part) for part in parts]
            return None if None in found else "".join(part or "" for part in found)
        case Terms(parts):
            texts = [(sign, _plain(part)) for sign, part in parts]
            if any(text is None for _, text in texts):
                return None
            return "".join(sign + (text or "") for sign, text in texts)
    return None
