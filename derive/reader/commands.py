"""The commands of LaTeX: what they stand for, and which are refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.reader.words import (
    BIG,
    COMMANDS,
    EULER,
    GREEK,
    LOOKS,
    PHRASES,
    UPRIGHT,
    WITH_ARGUMENT,
)

if TYPE_CHECKING:
    from derive.reader.lexer import Lexer

_COMMAND = re.compile(r"\\([A-Za-z]+)\*?|\\(.)", re.S)
_SPACES = re.compile(r"\s*")
_SCRIPT = re.compile(r"\s*[_^]")
_ROW_SPACE = re.compile(r"\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]")
_LEFT_ARRAY = re.compile(r"\\left\s*\\\{\s*\\begin\s*\{(array)\}\s*(\{[^{}]*\})?")
_INNER = frozenset(["aligned", "split", "gathered", "alignedat"])
_CASES = frozenset(["cases", "dcases", "rcases"])
_AROUND = " ~:;,.，、；："


def command(lexer: Lexer, start: int) -> None:
    """Read a command."""
    if lexer.match(_LEFT_ARRAY):
        lexer.open("CASES", "array", start)
        return
    found = _COMMAND.match(lexer.text, start)
    if not found:
        raise lexer.error("a command is cut off here", start)
    lexer.at = found.end()
    name = found[1] or found[2]
    if handler := _HANDLERS.get(name):
        handler(lexer, name, start)
    elif name in GREEK:
        lexer.name(GREEK[name], start)
    elif name in BIG and lexer.lowered():
        lexer.add("BIG", name, start)
    elif name in COMMANDS:
        lexer.add(*COMMANDS[name], start)
    elif name not in LOOKS:
        raise lexer.error(f"{found[0][:30]} has no meaning here", start)


def _argument(lexer: Lexer, start: int) -> tuple[str, int]:
    """The text of a command's argument, which is not mathematics, and where it begins."""
    lexer.match(_SPACES)
    depth, first = 0, lexer.at
    while lexer.at < len(lexer.text):
        depth += {"{": 1, "}": -1}.get(lexer.text[lexer.at], 0)
        lexer.at += 1
        if not depth:
            inside = lexer.text[first : lexer.at]
            return (inside[1:-1], first + 1) if inside[0] == "{" else (inside, first)
    raise lexer.error("this is not closed", start)


def _dropped(lexer: Lexer, _: str, start: int) -> None:
    _argument(lexer, start)


def _sized(lexer: Lexer, name: str, start: int) -> None:
    r"""\left and \right change nothing; \right. closes an array of cases."""
    lexer.match(_SPACES)
    if lexer.text[lexer.at : lexer.at + 1] == ".":
        lexer.at += 1
        if name == "left" or lexer.last() != "ENDCASES":
            raise lexer.error(f"\\{name}. has no meaning here", start)


def _upright(lexer: Lexer, name: str, start: int) -> None:
    """A word that is a function, a name or a conjunction; else a comment."""
    inside, first = _argument(lexer, start)
    word = inside.replace("\\_", "_").replace("-", "_").strip(_AROUND)
    spoken = name.startswith("text") or name == "mbox"
    if lexer.opened and (spoken or word != "where") and _phrase(lexer, inside, first, start):
        return
    if spoken and PHRASES.get(word.lower()) == "IF":
        lexer.add("COMMENT", inside, start)
    elif not spoken or lexer.needed or lexer.below() or lexer.means_something(word):
        _labelled(lexer, word, start)
    else:
        lexer.add("COMMENT", inside, start)


def _labelled(lexer: Lexer, word: str, start: int) -> None:
    """A word that is part of the mathematics."""
    if word == "d":
        lexer.add("PARTIAL", "d", start)
    elif word == "e":
        lexer.add("NAME", EULER, start)
    elif word == "T" and (lexer.needed or lexer.last() == "LBRACE"):
        lexer.add("TOP", "T", start)
    elif word.startswith("\\") and word[1:] in GREEK:
        lexer.name(GREEK[word[1:]], start)
    elif not re.fullmatch(r"\w+", word):
        raise lexer.error(f"{word[:30]!r} is no name", start)
    else:
        lexer.named(word, start)


def _phrase(lexer: Lexer, inside: str, first: int, start: int) -> bool:
    """if, otherwise, and, or: what tells cases apart. `$` in it is mathematics again."""
    words, *formula = inside.split("$")
    kind = PHRASES.get(words.strip(_AROUND).lower())
    if not kind:
        return False
    lexer.add(kind, words, start)
    if len(formula) == 2 and not formula[1].strip(_AROUND):
        _within(lexer, first + len(words) + 1, len(formula[0]))
    elif formula:
        raise lexer.error("this text with mathematics in it cannot be read", start)
    return True


def _within(lexer: Lexer, first: int, length: int) -> None:
    """Read the mathematics in an argument that was passed already."""
    end, lexer.at = lexer.at, first
    lexer.until(first + length)
    lexer.at = end


def _braced(lexer: Lexer, _: str, start: int) -> None:
    """What a brace stands below or above; the words on the brace are dropped."""
    inside, first = _argument(lexer, start)
    lexer.open("LBRACE", "brace", start)
    _within(lexer, first, len(inside))
    lexer.close("brace", start)
    if lexer.match(_SCRIPT):
        _argument(lexer, start)


def _environment(lexer: Lexer, name: str, start: int) -> None:
    kind, _ = _argument(lexer, start)
    if name == "begin" and kind in _CASES:
        lexer.open("CASES", kind, start)
    elif name == "end" and lexer.opened and lexer.opened[-1].closer == kind:
        if lexer.last() == "ROW":
            lexer.tokens.pop()
        lexer.close(kind, start)
    elif kind.rstrip("*").endswith("matrix"):
        raise lexer.error("a matrix written out entry by entry cannot be read", start)
    elif kind not in _INNER:
        raise lexer.error(f"\\{name}{{{kind[:20]}}} has no meaning here", start)


def _row(lexer: Lexer, _: str, start: int) -> None:
    if lexer.below():
        lexer.add("COMMA", ",", start)
    elif lexer.inside("CASES"):
        lexer.match(_ROW_SPACE)
        lexer.add("ROW", "\\\\", start)
    elif lexer.text[lexer.at :].strip():
        raise lexer.error("a line ends here, and one formula is wanted", start)


def _opening(kind: str, closer: str) -> Callable[[Lexer, str, int], None]:
    return lambda lexer, _, start: lexer.open(kind, closer, start)


def _closing(lexer: Lexer, name: str, start: int) -> None:
    lexer.close(f"\\{name}", start)


def _bar(kind: str) -> Callable[[Lexer, str, int], None]:
    return lambda lexer, _, start: lexer.bar(kind, start)


_HANDLERS: dict[str, Callable[[Lexer, str, int], None]] = {
    "begin": _environment,
    "end": _environment,
    "left": _sized,
    "right": _sized,
    "\\": _row,
    "{": _opening("LSET", "\\}"),
    "}": _closing,
    "lbrace": _opening("LSET", "\\rbrace"),
    "langle": _opening("LANGLE", "\\rangle"),
    "llbracket": _opening("LSQ", "\\rrbracket"),
    **dict.fromkeys(["rbrace", "rangle", "rrbracket"], _closing),
    **dict.fromkeys(["underbrace", "overbrace"], _braced),
    **dict.fromkeys(["|", "Vert", "lVert", "rVert"], _bar("NORM")),
    **dict.fromkeys(["vert", "lvert", "rvert", "mid"], _bar("BAR")),
    **dict.fromkeys(WITH_ARGUMENT, _dropped),
    **dict.fromkeys(UPRIGHT, _upright),
}
