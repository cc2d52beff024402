"""Lines of text for a terminal, where a Chinese sign takes two columns and a line may end after
it."""

from __future__ import annotations

import re
import textwrap

from derive.render.boxes import columns

_WIDE = r"\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff01-\uff60"
_OPENING = r"(（「『“"
_CLOSING = r"，。、；：！？）」』”"
# What stays together: a word or one wide sign, with the brackets and stops that belong to it.
_PIECE = re.compile(
    rf"[{_OPENING}]*(?:[^\s{_WIDE}{_CLOSING}]+|[{_WIDE}])[{_CLOSING}]*|[{_OPENING}{_CLOSING}]+|\s+"
)


def wrapped(text: str, width: int, first: str = "", later: str | None = None) -> list[str]:
    """A text in lines of at most `width` columns: the first line after one indent, the others
    after another, or the same."""
    later = first if later is None else later
    if columns(text) <= len(text):
        return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=later)
    rows = [first]
    empty = True
    for piece in _pieces(text, width - len(later)):
        if not empty and columns(rows[-1] + piece.rstrip()) > width:
            rows[-1] = rows[-1].rstrip()
            rows.append(later)
            empty = True
        rows[-1] += piece.lstrip() if empty else piece
        empty = empty and not piece.strip()
    return rows if not empty else rows[:-1]


def _pieces(text: str, room: int) -> list[str]:
    """What no line ends within; only a piece that fits on no line at all is cut."""
    found: list[str] = []
    for piece in _PIECE.findall(text):
        fits = columns(piece) <= room
        found += [piece] if fits else textwrap.wrap(piece, max(room // 2, 1))
    return found
