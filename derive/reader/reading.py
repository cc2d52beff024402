"""The public face: formulas and pages of working to the input language.

What is written is read in the terms of a vocabulary (`vocabulary_of(problem)`). What cannot be read
for certain is a ReadingError that points at its place; nothing is guessed, and nothing is executed.
"""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from itertools import pairwise

from derive.errors import DeriveError
from derive.language.ranks import is_whole
from derive.language.statements import statements
from derive.language.syntax import letters_of, names_of
from derive.reader import indices, names, pages
from derive.reader.grammar import Node, Unexpected, accented, bare, base_of, linked, parsed
from derive.reader.lexer import Lexer
from derive.reader.lines import DENOMINATOR, NUMERATOR, Found, Head, Sides, lines
from derive.reader.page import (
    Excerpt,
    Form,
    Line,
    Reading,
    ReadingError,
    ShapeError,
    error,
    whole,
)
from derive.reader.products import names_in
from derive.reader.texts import TooLong
from derive.reader.vocabulary import Vocabulary, look, vocabulary_of
from derive.reader.words import FUNCTIONS

__all__ = [
    "DENOMINATOR",
    "NUMERATOR",
    "Form",
    "Line",
    "Reading",
    "ReadingError",
    "ShapeError",
    "Vocabulary",
    "read_formula",
    "read_working",
    "vocabulary_of",
]

_LATEX = re.compile(r"\\|[_^]\s*\{")
_TYPED = re.compile(r"\*|\w\s*\[|\b(sum|prod|mean|where|delta|size)\(|[^\x00-\x7f]")
_HEAD = re.compile(r"([A-Za-z]\w*)(\[\s*(\w+(\s*,\s*\w+)*)\s*\])?", re.A)


def read_formula(text: str, known: Vocabulary) -> Reading:
    """A single formula, in LaTeX, with or without dollar signs, or in plain text. What stands left
    of one "=" is read too, and left out.

    Raises:
        ReadingError: where it cannot be read; a ShapeError where vectors or matrices do not fit.
    """
    excerpt = pages.undressed(whole(text).stripped())
    if not excerpt.text:
        raise ReadingError("there is nothing here: a formula is wanted")
    found = [line for part in pages.implied(excerpt) for line in _lines_of((part, ""), known)[0]]
    if len(found) != 1:
        raise excerpt.error("one formula is wanted, not a chain of them", 0)
    return found[0].reading


def read_working(text: str, known: Vocabulary) -> tuple[Line, ...]:
    """A page of working, line by line: plain text, Markdown or LaTeX. A name that a line defines
    is known to the lines after it. One line by itself is a formula, though it may look like words.

    Raises:
        ReadingError: for the first line that cannot be read; its `line` says which.
    """
    found: list[Line] = []
    for row in pages.rows(whole(text), known):
        more, known = _lines_of(row, known)
        found += more
    if found:
        return tuple(found)
    if not text.strip() or "\n" in text.strip():
        raise ReadingError("there is no formula here")
    return (Line(1, text.strip(), "", "", False, read_formula(text, known)),)


def _lines_of(row: pages.Row, known: Vocabulary) -> Found:
    """The lines of one row, a = b = c being two, and what is known after them."""
    excerpt, _ = row
    latex = bool(_LATEX.search(excerpt.text))
    if not latex and (own := _in_language(row, known)):
        return lines(own, known)
    try:
        return _by_grammar(row, known, latex)
    except ReadingError:
        if latex or _TYPED.search(excerpt.text):
            raise
        with suppress(ReadingError):  # s_is_j is LaTeX too
            return _by_grammar(row, known, latex=True)
        raise


# A row to its sides


def _in_language(row: pages.Row, known: Vocabulary) -> Sides | None:
    """The sides of a row that is in the input language as it stands; else None."""
    excerpt, comment = row
    cuts = [-1, *pages.equals(excerpt.text), len(excerpt.text)]
    sides = [excerpt.part(a + 1, b).stripped() for a, b in pairwise(cuts)]
    continues = len(sides) > 1 and not sides[0].text
    head = _typed_head(sides[0].text, known) if len(sides) > 1 else None
    letters = {*known.letters, *(head.letters if head else ())}
    wanted = sides[1:] if continues or head else sides
    if not all(_is_expression(side.text, known, letters) for side in wanted):
        return None
    return Sides(excerpt, comment, continues, head, [*(sides[1:] if continues else sides)])


def _is_expression(text: str, known: Vocabulary, letters: set[str]) -> bool:
    """Whether a text is a number of the input language in the names of the vocabulary."""
    try:
        found = statements(text, pending=True)
    except (DeriveError, RecursionError):
        return False
    if len(found) != 1 or found[0].head or isinstance(found[0].value, ast.Compare):
        return False
    value = found[0].value
    meant = {*known.shapes, *letters, *(letter.id for letter in letters_of(value))}
    if not all(name in meant for name, _ in names_of(value)):
        return False
    return not is_whole(value, {name: len(shape) for name, shape in known.shapes.items()})


def _typed_head(text: str, known: Vocabulary) -> Head | None:
    """The name and letters of S or a[i] where that is not known yet."""
    found = _HEAD.fullmatch(text)
    if not found or found[1] in known.words or found[1] in FUNCTIONS:
        return None
    if "_" in found[1] and found[1].split("_")[0] in known.words:
        return None  # p_i
    return Head(found[1], tuple(re.findall(r"\w+", found[3] or "")))


def _by_grammar(row: pages.Row, known: Vocabulary, latex: bool) -> Found:
    excerpt, comment = row
    lexer = Lexer(excerpt, known, latex)
    try:
        tokens = lexer.run()
        while tokens and tokens[0].type == "COMMENT":
            del tokens[0]
        continues = bool(tokens) and tokens[0].type == "REL" and tokens[0] == "=="
        sides = _sides(excerpt, parsed(tokens[1:] if continues else tokens))
        head = _head(sides[0], known) if len(sides) > 1 and not continues else None
        words = "; ".join(filter(None, [comment, *lexer.comments]))
        return lines(Sides(excerpt, words, continues, head, [*sides]), known)
    except Unexpected as found:
        if found.token is None:
            end = max(0, len(excerpt.text) - 1)
            raise excerpt.error("something is missing at the end", end) from None
        place = found.token.start_pos or 0
        raise error(excerpt.source, "this cannot stand here", place) from None
    except (RecursionError, TooLong):
        raise excerpt.error("this is too long or too deeply nested", 0) from None


def _sides(excerpt: Excerpt, tree: Node) -> list[Node]:
    """The sides of a = b = c."""
    if tree.kind != "chain" and tree.text != "[" and indices.is_condition(tree):
        raise error(excerpt.source, "one formula is wanted, not a condition", tree.place)
    found = linked(tree) if tree.kind == "chain" else [("", tree)]
    for relation, side in found:
        if relation not in ("", "=="):
            raise error(excerpt.source, "only '=' joins the sides of a formula", side.place)
    return [side for _, side in found]


def _head(node: Node, known: Vocabulary) -> Head | None:
    """A name that is not known yet, with different letters below it, or one name as a label, or
    with what it depends on in brackets."""
    node = _applied(bare(node), known)
    base, scripts = bare(base_of(node), brackets=True), node.scripts
    if base.kind == "accent":
        base = accented(base) or base
    if base.kind != "name" or any(script.text != "_" for script in scripts) or len(scripts) > 1:
        return None
    items = indices.split(scripts[0].parts) if scripts else []
    letters = tuple(map(indices.letter, items))
    if not all(letters) or len(set(letters)) < len(letters) or names.is_known(known, base, items):
        return None
    name = indices.identifier(base.text)
    if len(letters) == 1 and letters[0] in known.shapes and letters[0] not in known.letters:
        return Head(f"{name}_{letters[0]}", ())
    return Head(name, letters)


def _applied(node: Node, known: Vocabulary) -> Node:
    """The f of f(x, y)."""
    parts = linked(node) if node.kind == "product" else []
    inside = names_in(parts[1][1]) if len(parts) == 2 else ()
    return parts[0][1] if inside and all(look(name) in known.spelled for name in inside) else node
