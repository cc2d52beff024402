"""What plain text has and LaTeX has not: ** and .T, z[i] and ^(...), raised and lowered letters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from derive.reader import words

if TYPE_CHECKING:
    from derive.reader.lexer import Lexer

_LETTERS = re.compile(r"[A-Za-z]{2,}")
_EXPONENT = re.compile(r"-?(\d+(\.\d+)?|[^\W\d]\w*(([₀-ₜᵢ-ᵥⱼ])+|\[[\w, ]*\])?)")
_SIGNS = {"**": "^", ".*": "OP", "./": "OP", ".^": "^"}
_SUBSCRIPTABLE = frozenset(["NAME", "RPAR", "RBRACE"])


def sign(lexer: Lexer, start: int) -> bool:
    """Read a sign that only plain text has; whether there was one."""
    two, char = lexer.text[start : start + 2], lexer.text[start]
    if two == ".T" and not lexer.text[start + 2 : start + 3].isalnum():
        lexer.at += 2
        lexer.add("SUP", "^", start)
        lexer.add("TOP", "T", start)
    elif two in (".*", "./"):
        lexer.at += 2
        lexer.add("OP", two, start)
    elif char == "^" or two in ("**", ".^"):
        lexer.at += len(two) if two in ("**", ".^") else 1
        _raised(lexer, start, entrywise=two == ".^")
    elif char == "_":
        lexer.at += 1
        _below(lexer, start)
    elif char == "[" and _takes_index(lexer):
        lexer.at += 1
        lexer.add("SUB", "_", start)
        lexer.open("LBRACE", "[", start)
    elif char == "@":
        lexer.at += 1
        lexer.add("OP", "*", start)
    else:
        return False
    return True


def _takes_index(lexer: Lexer) -> bool:
    """Whether a bracket that opens now holds an index: in z[i], not in s_i [i = j]."""
    below = len(lexer.tokens) > 1 and lexer.tokens[-2].type in ("SUB", "SUP")
    return lexer.last() in _SUBSCRIPTABLE and not below


def _raised(lexer: Lexer, start: int, entrywise: bool) -> None:
    """^ takes a bracket, or a name with what is below it, or a number."""
    from derive.reader.lexer import SPACE

    lexer.add("SUP", "^", start)
    lexer.match(SPACE)
    first = lexer.at
    found = _EXPONENT.match(lexer.text, first)
    if entrywise or (found and lexer.text[first : first + 1] != "("):
        lexer.open("LBRACE", "^", first)
        if entrywise:
            lexer.add("OP", ".*", start)
        end = found.end() if found else first
        while lexer.at < end:
            lexer.step()
        if entrywise and not found:
            lexer.step()
        lexer.shut("LBRACE", "RBRACE", max(first, end - 1))
    elif lexer.text[first : first + 1] == "(":
        lexer.at += 1
        lexer.open("LBRACE", "(", first)


def _below(lexer: Lexer, start: int) -> None:
    """_ij below a name: letters side by side."""
    lexer.add("SUB", "_", start)
    first = lexer.at
    letters = lexer.match(_LETTERS)
    if not letters:
        return
    lexer.open("LBRACE", "_", first)
    for offset, letter in enumerate(letters):
        lexer.add("NAME", letter, first + offset)
    lexer.shut("LBRACE", "RBRACE", lexer.at - 1)


def small(lexer: Lexer, char: str, start: int) -> None:
    """Raised or lowered letters and digits: xᵢ², xᵀ."""
    if char == "ᵀ":
        lexer.add("SUP", "^", start)
        lexer.add("TOP", "T", start)
        return
    table = words.RAISED if char in words.RAISED else words.LOWERED
    lexer.add("SUP" if table is words.RAISED else "SUB", char, start)
    lexer.open("LBRACE", char, start)
    lexer.at = start
    while lexer.at < len(lexer.text) and lexer.text[lexer.at] in table:
        _plain(lexer, table[lexer.text[lexer.at]], lexer.at)
        lexer.at += 1
    lexer.shut("LBRACE", "RBRACE", lexer.at - 1)


def _plain(lexer: Lexer, char: str, start: int) -> None:
    if char.isdigit():
        lexer.add("NUMBER", char, start)
    elif char in "+-":
        lexer.add("SIGN", char, start)
    elif char in "()":
        lexer.add("LPAR" if char == "(" else "RPAR", char, start)
    else:
        lexer.add("NAME", char, start)
