"""The commands of LaTeX: what they stand for, and which are refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.reader import words

if TYPE_CHECKING:
    from derive.reader.lexer import Lexer

_COMMAND = re.compile(r"\\([A-Za-z]+)\*?|\\(.)", re.S)
_SPACES = re.compile(r"\s*")
_ROW_SPACE = re.compile(r"\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]")
_IDENTITY = re.compile(r"\{\s*I\s*\}|I")
_INNER = frozenset(["aligned", "split", "gathered", "alignedat"])
_CASES = frozenset(["cases", "dcases", "rcases"])
_PHRASES = (
    ("IF", words.IF_WORDS),
    ("ELSE", words.ELSE_WORDS),
    ("AND", words.AND_WORDS),
    ("OR", words.OR_WORDS),
)


def command(lexer: Lexer, start: int) -> None:
    """Read a command."""
    found = _COMMAND.match(lexer.text, start)
    if not found:
        raise lexer.error("a command is cut off here", start)
    lexer.at = found.end()
    name = found[1] or found[2]
    if handler := _HANDLERS.get(name):
        handler(lexer, name, start)
    elif name in words.SPACES:
        if name in ("left", "right"):
            _null_delimiter(lexer, name, start)
    elif name in words.GREEK:
        lexer.name(words.GREEK[name], start)
    elif name in words.FORBIDDEN:
        raise lexer.error(f"{found[0]} is refused: only mathematics is read here", start)
    elif not (found[1] and _by_table(lexer, name, start)):
        raise lexer.error(f"{found[0][:30]} has no meaning here", start)


def _by_table(lexer: Lexer, name: str, start: int) -> bool:
    """Read a command that is one token; whether it is."""
    if name in words.FRACTIONS:
        lexer.add("FRAC", name, start)
    elif name in words.RELATIONS:
        lexer.add("REL", words.RELATIONS[name], start)
    elif name in words.OPERATORS:
        lexer.add("OP", words.OPERATORS[name], start)
    elif name in words.ACCENTS:
        lexer.add("ACCENT", words.ACCENTS[name], start)
    elif name in words.BIG and (name in ("sum", "prod") or lexer.lowered()):
        lexer.add("BIG", words.BIG[name], start)
    elif name in words.COMMAND_FUNCTIONS:
        lexer.add("FUNC", words.FUNCTIONS[name], start)
    else:
        return False
    return True


def _null_delimiter(lexer: Lexer, name: str, start: int) -> None:
    r"""\right. after cases; \left. opens nothing that could be read."""
    lexer.match(_SPACES)
    if lexer.text[lexer.at : lexer.at + 1] == ".":
        lexer.at += 1
        if name == "left" or lexer.last() != "ENDCASES":
            raise lexer.error(f"\\{name}. has no meaning here", start)


def _argument(lexer: Lexer, start: int) -> tuple[str, int]:
    """The text of a command's {argument}, which is not mathematics, and where it begins."""
    lexer.match(_SPACES)
    if lexer.text[lexer.at : lexer.at + 1] != "{":
        raise lexer.error("this command wants {...}", start)
    depth, first = 0, lexer.at + 1
    while lexer.at < len(lexer.text):
        depth += {"{": 1, "}": -1}.get(lexer.text[lexer.at], 0)
        lexer.at += 1
        if not depth:
            return lexer.text[first : lexer.at - 1], first
    raise lexer.error("this is not closed", start)


def _dropped(lexer: Lexer, _: str, start: int) -> None:
    _argument(lexer, start)


def _upright(lexer: Lexer, name: str, start: int) -> None:
    r"""A word: a function, a name, a conjunction; in \text, also a comment."""
    lexer.match(_SPACES)
    if lexer.text[lexer.at : lexer.at + 1] == "{":
        inside, first = _argument(lexer, start)
    else:
        inside, first = lexer.text[lexer.at : lexer.at + 1], lexer.at
        lexer.at += 1
    word = inside.replace("\\_", "_").replace("-", "_").strip(" ~:;,.，、；：")
    function = word == "where" and not name.startswith("text")
    if lexer.opened and not function and _phrase(lexer, inside, first, start):
        return
    if name.startswith("text") and word.lower() in words.IF_WORDS:
        lexer.add("COMMENT", inside, start)
        return
    mathematical = name.startswith(("math", "operator")) or lexer.needed or lexer.below()
    if mathematical or word in lexer.known.words or word in words.FUNCTIONS:
        _labelled(lexer, word, start)
    else:
        lexer.comments.append(inside.strip())
        lexer.add("COMMENT", inside, start)


def _labelled(lexer: Lexer, word: str, start: int) -> None:
    """A word that is part of the mathematics."""
    if word == "d":
        lexer.add("PARTIAL", "d", start)
    elif word == "e":
        lexer.add("NAME", "𝑒", start)
    elif word == "T" and (lexer.needed or lexer.last() == "LBRACE"):
        lexer.add("TOP", "T", start)
    elif word.startswith("\\") and word[1:] in words.GREEK:
        lexer.name(words.GREEK[word[1:]], start)
    elif not re.fullmatch(r"\w+", word):
        raise lexer.error(f"{word[:30]!r} is no name", start)
    else:
        lexer.named(word, start)


def _phrase(lexer: Lexer, inside: str, first: int, start: int) -> bool:
    """if, otherwise, and, or: what tells cases apart. `$` in it is mathematics again."""
    texts = inside.split("$")
    word = texts[0].strip(" ~:;,.，").lower()
    kind = next((kind for kind, known in _PHRASES if word in known), "")
    if not kind:
        return False
    lexer.add(kind, word, start)
    if len(texts) == 3 and not texts[2].strip(" ,."):
        end, lexer.at = lexer.at, first + len(texts[0]) + 1
        while lexer.at < first + len(texts[0]) + 1 + len(texts[1]):
            lexer.step()
        lexer.at = end
    elif len(texts) != 1:
        raise lexer.error("this text with mathematics in it cannot be read", start)
    return True


def _environment(lexer: Lexer, name: str, start: int) -> None:
    kind, _ = _argument(lexer, start)
    if name == "begin" and kind == "array" and lexer.last() == "LSET":
        _argument(lexer, start)  # the columns of \left\{ \begin{array}{ll}
        lexer.tokens.pop()
        lexer.needed = lexer.opened.pop().needed
        lexer.open("CASES", kind, start)
    elif name == "begin" and kind in _CASES:
        lexer.open("CASES", kind, start)
    elif name == "end" and lexer.opened and lexer.opened[-1].sign == kind:
        if lexer.last() == "ROW":
            lexer.tokens.pop()
        lexer.shut("CASES", "ENDCASES", start)
    elif kind.rstrip("*").endswith("matrix"):
        raise lexer.error("a matrix written out entry by entry cannot be read", start)
    elif kind not in _INNER:
        raise lexer.error(f"\\{name}{{{kind[:20]}}} has no meaning here", start)


def _row(lexer: Lexer, _: str, start: int) -> None:
    if any(one.kind == "CASES" for one in lexer.opened):
        lexer.match(_ROW_SPACE)
        lexer.add("ROW", "\\\\", start)
    elif lexer.text[lexer.at :].strip():
        raise lexer.error("a line ends here, and one formula is wanted", start)


def _set_bracket(lexer: Lexer, name: str, start: int) -> None:
    if name == "{":
        lexer.open("LSET", "\\{", start)
    else:
        lexer.shut("LSET", "RSET", start)


def _double_bar(lexer: Lexer, _: str, start: int) -> None:
    lexer.bar("‖", start)


def _single_bar(lexer: Lexer, _: str, start: int) -> None:
    lexer.bar("|", start)


def _double_struck(lexer: Lexer, _: str, start: int) -> None:
    lexer.match(_SPACES)
    found = _IDENTITY.match(lexer.text, lexer.at)
    if not found:
        raise lexer.error("this letter has no meaning here", start)
    lexer.at = found.end()
    lexer.add("NAME", "I", start)


def _angle(lexer: Lexer, name: str, start: int) -> None:
    if name == "langle":
        lexer.open("LANGLE", name, start)
    else:
        lexer.shut("LANGLE", "RANGLE", start)


def _token(kind: str, value: str) -> Callable[[Lexer, str, int], None]:
    return lambda lexer, _, start: lexer.add(kind, value, start)


def _refused(message: str) -> Callable[[Lexer, str, int], None]:
    def refuse(lexer: Lexer, _: str, start: int) -> None:
        raise lexer.error(message, start)

    return refuse


_HANDLERS: dict[str, Callable[[Lexer, str, int], None]] = {
    "begin": _environment,
    "end": _environment,
    "\\": _row,
    "{": _set_bracket,
    "}": _set_bracket,
    "sqrt": _token("SQRT", "sqrt"),
    "partial": _token("PARTIAL", "∂"),
    "top": _token("TOP", "T"),
    "intercal": _token("TOP", "T"),
    "prime": _token("PRIME", "'"),
    "nabla": _token("NABLA", "∇"),
    "infty": _token("NAME", "∞"),
    "land": _token("AND", "and"),
    "wedge": _token("AND", "and"),
    "lor": _token("OR", "or"),
    "vee": _token("OR", "or"),
    "lnot": _token("NOT", "not"),
    "neg": _token("NOT", "not"),
    "langle": _angle,
    "rangle": _angle,
    "colon": _token("COLON", ":"),
    "mathbb": _double_struck,
    "approx": _refused("'≈' is no equality"),
}
_HANDLERS |= dict.fromkeys(["|", "Vert", "lVert", "rVert"], _double_bar)
_HANDLERS |= dict.fromkeys(["vert", "lvert", "rvert", "mid"], _single_bar)
_HANDLERS |= dict.fromkeys(words.WITH_ARGUMENT, _dropped)
_HANDLERS |= dict.fromkeys(words.UPRIGHT, _upright)
