"""Alignment, commas and stops: what stands between formulas and not in them."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from derive.language.source import Source
from derive.reader.page import error

_ENDING = "NAME NUMBER RPAR RSQ RSET RBRACE RBAR RNORM RANGLE INDICATOR TOP PRIME ENDCASES COLON"
ENDS = frozenset(_ENDING.split())
"""The kinds of token with which something ends."""
_ROW_ENDS = frozenset(["ROW", "ENDCASES", "COMMENT", ""])
_JOINS = frozenset(["REL", "SIGN", "OP"])
_DROPPED = frozenset(["STOP", "ALIGN"])


def tidied(tokens: Sequence[Token], source: Source) -> list[Token]:
    """The tokens without alignment, and without what ends a row, a case or the formula.

    Raises ReadingError for a stop, or an alignment, in the middle of a formula.
    """
    kept: list[Token] = []
    before, after = "", _following(tokens)
    for token, next_kind in zip(tokens, after, strict=True):
        ends = next_kind in _ROW_ENDS
        aligned = ends or before not in ENDS or next_kind in _JOINS
        if not ends if token.type == "STOP" else token.type == "ALIGN" and not aligned:
            raise error(source, f"{str(token)!r} has no meaning here", token.start_pos or 0)
        if token.type not in _DROPPED and not (token.type == "COMMA" and ends):
            kept.append(token)
        before = token.type
    return kept


def _following(tokens: Sequence[Token]) -> list[str]:
    """For each token, the kind of the next one that is kept; "" at the end."""
    found: list[str] = []
    after = ""
    for token in reversed(tokens):
        found.append(after)
        after = after if token.type in _DROPPED else token.type
    return found[::-1]
