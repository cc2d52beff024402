"""Plain text: when it is the input language already, and when it is mathematics in Unicode."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from derive.errors import DeriveError
from derive.language.ranks import is_whole
from derive.language.statements import statements
from derive.language.syntax import Statement, letters_of, names_of
from derive.reader.layouts import Form
from derive.reader.lines import Line, Reading
from derive.reader.page import Excerpt
from derive.reader.vocabulary import Vocabulary
from derive.reader.words import AND_WORDS, FUNCTIONS, IF_WORDS

Found = tuple[list[Line], Vocabulary]

_LATEX = re.compile(r"\\|[_^]\s*\{")
_OWN = re.compile(r"\*|\w\s*\[|\b(sum|prod|mean|where|delta|size)\(")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_WIDE = re.compile("[\u3040-\u9fff\uff00-\uffef]")


def is_latex(text: str) -> bool:
    """Whether a text is surely LaTeX."""
    return bool(_LATEX.search(text))


def may_be_latex(text: str) -> bool:
    """Whether a text without commands may be LaTeX: s_is_j."""
    return not _OWN.search(text) and text.isascii()


def is_prose(text: str, known: Vocabulary) -> bool:
    """Whether a line is words and no formula."""
    if equals(text):
        return False
    if _WIDE.search(text) or text.endswith(":"):
        return True
    words = [word for word in _WORDS.findall(text) if not _means_something(word, known)]
    return len(words) >= 2


def _means_something(word: str, known: Vocabulary) -> bool:
    return word in known.words or word in FUNCTIONS or word in AND_WORDS or word in IF_WORDS


def equals(text: str) -> list[int]:
    """Where "=" stands outside all brackets."""
    found: list[int] = []
    depth = 0
    for place, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        around = text[max(0, place - 1) : place + 2]
        if char == "=" and depth == 0 and not re.search(r"[<>!=]=|==", around):
            found.append(place)
    return found


def lines(excerpt: Excerpt, known: Vocabulary, comment: str) -> Found | None:
    """The lines of a row that is in the input language as it stands; else None."""
    if is_latex(excerpt.text):
        return None
    cuts = [-1, *equals(excerpt.text), len(excerpt.text)]
    parts = [excerpt.part(a + 1, b).stripped() for a, b in pairwise(cuts)]
    continues = len(parts) > 1 and not parts[0].text
    sides = parts[1:] if continues else parts
    if not sides or not all(side.text for side in sides):
        return None
    if not continues and len(sides) > 1 and (head := _head(sides[0], known)):
        return _defining(excerpt, head, sides, known, comment)
    if not all(_in_language(side, known) for side in sides):
        return None
    lhs = sides[0].text if len(sides) > 1 and not continues else ""
    rest = sides[1:] if lhs else sides
    made = [
        _line(excerpt, "" if n else lhs, "", continues or n > 0, side, comment)
        for n, side in enumerate(rest)
    ]
    return made, known


def _line(
    excerpt: Excerpt, lhs: str, defines: str, continues: bool, side: Excerpt, comment: str
) -> Line:
    reading = Reading((Form(side.text, side.places),), excerpt.source, side.place(0))
    number = excerpt.source.locate(excerpt.place(0))[0] + 1
    return Line(number, excerpt.text, lhs, defines, continues, reading, comment)


def _statement(text: str) -> Statement | None:
    try:
        found = statements(text)
    except (DeriveError, RecursionError):
        return None
    return found[0] if len(found) == 1 and not found[0].head else None


def _in_language(side: Excerpt, known: Vocabulary, letters: frozenset[str] = frozenset()) -> bool:
    """Whether a side is a number of the input language in the names of the vocabulary."""
    found = _statement(_without_slopes(side.text))
    if found is None or isinstance(found.value, ast.Compare):
        return False
    here = {n.id for n in letters_of(found.value)} | {*known.letters} | letters
    if not all(name in known.shapes or name in here for name, _ in names_of(found.value)):
        return False
    return not is_whole(found.value, {name: len(shape) for name, shape in known.shapes.items()})


def _without_slopes(text: str) -> str:
    """diff(f, x) has the form of max(f, x)."""
    return re.sub(r"\bdiff\(", "max(", text)


def _head(side: Excerpt, known: Vocabulary) -> tuple[str, tuple[str, ...]] | None:
    """The name and letters of S or a[i] where that is not known yet."""
    found = re.fullmatch(r"([A-Za-z]\w*)(\[\s*(\w+(\s*,\s*\w+)*)\s*\])?", side.text, re.A)
    if not found or found[1] in known.words or found[1] in FUNCTIONS:
        return None
    if "_" in found[1] and found[1].split("_")[0] in known.words:
        return None  # p_i
    return found[1], tuple(re.findall(r"\w+", found[3] or ""))


def _defining(
    excerpt: Excerpt,
    head: tuple[str, tuple[str, ...]],
    sides: list[Excerpt],
    known: Vocabulary,
    comment: str,
) -> Found | None:
    name, letters = head
    first, *rest = sides[1:]
    inside = _in_language(first, known, frozenset(letters))
    if not inside or not all(_in_language(side, known) for side in rest):
        return None
    statement = _statement(_without_slopes(first.text))
    assert statement
    uses = {used for used, _ in names_of(statement.value)} & {*known.shapes}
    lengths = tuple(known.letters.get(letter, f"?{name}{letter}") for letter in letters)
    made = [_line(excerpt, sides[0].text, name, False, first, comment)]
    made += [_line(excerpt, "", "", True, side, comment) for side in rest]
    return made, known.defining(name, lengths, uses)
