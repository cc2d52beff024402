"""Text to `ast`, statement by statement: the letters of the language, its words and numbers.

An error points at its place in the user's own text even where `^` was read as `**` or a statement
spans lines.
"""

from __future__ import annotations

import ast
import keyword
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from derive.errors import DeriveError, ParseError
from derive.language.syntax import Written

MAX_LENGTH = 10_000
MAX_DEPTH = 100
_BYTE_ORDER_MARK = "\ufeff"
_NUMBER = re.compile(r"([0-9]{1,400}(\.[0-9]{0,100})?|\.[0-9]{1,100})([eE][+-]?[0-9]{1,3})?")
_NUMBER_START = re.compile(r"(?<![\w.])[0-9]|\.[0-9]")
_ASSIGNS = re.compile(r"(?<![=<>!])=(?!=)")
_SIGNS = frozenset("0123456789.,;:+-*/^=<>!()[] _")
_CLOSING = {"(": ")", "[": "]"}
_OPERATORS = frozenset({"and", "or", "not"})
_INSTEAD = {"lambda": "lam"}
_MEANT = {"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "≤": "<=", "≥": ">="}
_MEANT |= {"≠": "!=", "√": "sqrt(...)", "∑": "sum(..., k)", "∏": "prod(..., k)", "|": "abs(...)"}
_MEANT |= {"²": "**2", "³": "**3", "{": "(", "}": ")", "∞": "no infinity, but a large number"}


class Source:
    """The user's text.

    Attributes:
        text: as it was given.
        lines: as a terminal can show them: a tab is a space, other unprintable signs are marked.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        broken = text.replace("\r", "\n").split("\n")
        self.lines = tuple("".join(map(_shown, line)) for line in broken)
        self._starts = [0, *accumulate(len(line) + 1 for line in broken)]

    def locate(self, place: int) -> tuple[int, int]:
        """The line, from 0, and column of a place in the text."""
        line = min(bisect_right(self._starts, place), len(self.lines)) - 1
        return line, place - self._starts[line]

    def error(self, message: str, place: int) -> DeriveError:
        """An error that points at a place."""
        line, column = self.locate(place)
        return ParseError(message, self.lines[line], column)


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    return " " if char.isspace() or char == _BYTE_ORDER_MARK else "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Chunk:
    """The text of one statement on one line, and where in the user's text each letter stood."""

    source: Source
    text: str
    offsets: tuple[int, ...]

    def error(self, message: str, start: int = 0) -> DeriveError:
        """An error that points at a place in the statement."""
        return self.source.error(message, self.offsets[start])


def chunks(text: str) -> Iterator[Chunk]:
    """Split at line ends and semicolons outside brackets; drop comments; write ^ as **."""
    if len(text) > MAX_LENGTH:
        raise ParseError(f"the text is longer than {MAX_LENGTH} characters")
    source = Source(text)
    kept: list[tuple[str, int]] = []
    opened: list[tuple[str, int]] = []
    comment = False
    for place, char in enumerate([*text, "\n"]):
        ends_line = char in "\n\r"
        comment = (comment or char == "#") and not ends_line
        if comment:
            continue
        if (ends_line or char == ";") and not opened:
            yield from _stripped(source, kept)
            kept = []
            continue
        if place or char != _BYTE_ORDER_MARK:
            _check_character(source, place, char, opened)
            kept += [("*", place)] * 2 if char == "^" else [(_spaced(char), place)]
    if opened:
        raise source.error("this bracket is not closed", opened[-1][1])


def _spaced(char: str) -> str:
    return " " if char.isspace() else char


def _check_character(source: Source, place: int, char: str, opened: list[tuple[str, int]]) -> None:
    """Keep `opened`, the stack of open brackets, and refuse what the language does not have."""
    if char in _CLOSING:
        opened.append((char, place))
        if len(opened) > MAX_DEPTH:
            raise source.error("brackets are nested too deeply", place)
    elif char in ")]":
        if not opened or _CLOSING[opened[-1][0]] != char:
            raise source.error(f"'{char}' does not close a bracket", place)
        opened.pop()
    elif char == ";":
        raise source.error("a bracket before this ';' is not closed", place)
    elif not (char in _SIGNS or char.isspace() or ("a" + char).isidentifier()):
        hint = f": write {_MEANT[char]}" if char in _MEANT else ""
        raise source.error(f"{char!r} has no meaning here{hint}", place)


def _stripped(source: Source, kept: list[tuple[str, int]]) -> Iterator[Chunk]:
    text = "".join(char for char, _ in kept)
    start = len(text) - len(text.lstrip())
    body = text.strip()
    if body:
        yield Chunk(source, body, tuple(place for _, place in kept[start : start + len(body)]))


def tree(chunk: Chunk) -> ast.Module:
    """The `ast` of a statement: every node at its place in the user's text (`lineno` from 1,
    `col_offset` from 0), every number exact. Raises ParseError."""
    for word in re.finditer(r"[^\W\d]\w*", chunk.text):
        _check_word(chunk, word.group(), word.start())
    for number in _NUMBER_START.finditer(chunk.text):
        _check_number(chunk, number.start())
    parsed = _parsed(chunk)
    _place(chunk, parsed)
    return parsed


def _check_word(chunk: Chunk, word: str, start: int) -> None:
    if word.startswith("_"):
        raise chunk.error("a name starts with a letter", start)
    if word in {"if", "else"}:
        raise chunk.error("write where(x > 0, a, b) to tell two cases apart", start)
    if keyword.iskeyword(word) and word not in _OPERATORS:
        instead = _INSTEAD.get(word, f"{word.lower()}_")
        message = f"'{word}' is a reserved word: choose another name, such as {instead}"
        raise chunk.error(message, start)


def _check_number(chunk: Chunk, start: int) -> None:
    found = _NUMBER.match(chunk.text, start)
    end = found.end() if found else start
    if re.match(r"[\w.]", chunk.text[end:]):
        raise chunk.error("this number is too long, or a '*' is missing after it", start)


def _parsed(chunk: Chunk) -> ast.Module:
    try:
        return ast.parse(chunk.text)
    except SyntaxError as error:
        column = min(max((error.offset or 1) - 1, 0), len(chunk.text) - 1)
        message = "cannot read this: is an operator, an operand or a comma missing?"
        if _ASSIGNS.search(chunk.text, column):
            message = "left of '=' stands a name, as in L = ... or h[i] = ...; equality is '=='"
        raise chunk.error(message, column) from None
    except (RecursionError, MemoryError, ValueError):
        message = "this is too large or too deeply nested: name parts of it"
        raise chunk.error(message) from None


def _place(chunk: Chunk, parsed: ast.Module) -> None:
    # `ast` counts bytes, the user letters.
    letters = [place for place, char in enumerate(chunk.text) for _ in char.encode()]
    letters.append(len(chunk.text))
    for node in ast.walk(parsed):
        if not isinstance(node, ast.expr):
            continue
        start, end = letters[node.col_offset], letters[node.end_col_offset or 0]
        line, node.col_offset = chunk.source.locate(chunk.offsets[start])
        node.lineno = line + 1
        if isinstance(node, ast.Constant):
            written = chunk.text[start:end]
            if not _NUMBER.fullmatch(written):
                raise chunk.error(f"{written[:30]!r} is not a number of this language", start)
            node.value = Written(written)  # type: ignore[assignment]
        elif isinstance(node, ast.Name) and keyword.iskeyword(node.id):
            raise chunk.error(f"this spells '{node.id}', a reserved word", start)
