"""The public face: formulas and pages of working to the input language.

What is written is read in the terms of a vocabulary (`vocabulary_of(problem)`). What cannot be read
for certain is a ReadingError that points at its place; nothing is guessed, and nothing is executed.
"""

from __future__ import annotations

import re
from contextlib import suppress

from lark import Token

from derive.reader import definitions, pages, plain
from derive.reader.grammar import Unexpected, parsed
from derive.reader.layouts import DENOMINATOR, NUMERATOR, Form
from derive.reader.lexer import Lexer
from derive.reader.lines import Line, Reading
from derive.reader.meaning import begin
from derive.reader.page import Excerpt, ReadingError, ShapeError, error, whole
from derive.reader.pieces import TooLong
from derive.reader.syntax import Chain, Logic, Node
from derive.reader.vocabulary import Vocabulary, vocabulary_of

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

_ARROWS = re.compile(r"\s*((&|\\(Rightarrow|implies|iff|Leftrightarrow|therefore|to)\b|[⇒⟹∴])\s*)+")


def read_formula(text: str, known: Vocabulary) -> Reading:
    """A single formula, in LaTeX, with or without dollar signs, or in plain text. What stands left
    of one "=" is read too, and left out.

    Raises:
        ReadingError: where it cannot be read; a ShapeError where vectors or matrices do not fit.
    """
    excerpt = pages.undressed(whole(text).stripped())
    if not excerpt.text:
        raise ReadingError("there is nothing here: a formula is wanted")
    found, _ = _lines(excerpt, known, "")
    if len(found) != 1:
        raise error(excerpt.source, "one formula is wanted, not a chain of them", excerpt.place(0))
    return found[0].reading


def read_working(text: str, known: Vocabulary) -> tuple[Line, ...]:
    """A page of working, line by line: plain text, Markdown or LaTeX. A name that a line defines
    is known to the lines after it.

    Raises:
        ReadingError: for the first line that cannot be read; its `line` says which.
    """
    found: list[Line] = []
    for excerpt, comment in pages.rows(whole(text), known):
        lines, known = _lines(excerpt, known, comment)
        found += lines
    if not found:
        raise ReadingError("there is no formula here")
    return tuple(found)


def _lines(excerpt: Excerpt, known: Vocabulary, comment: str) -> definitions.Found:
    """The lines of one row, a = b = c being two, and what is known after them."""
    arrow = _ARROWS.match(excerpt.text)
    excerpt = excerpt.part(arrow.end() if arrow else 0, len(excerpt.text)).stripped()
    if (found := plain.lines(excerpt, known, comment)) is not None:
        return found
    if plain.is_latex(excerpt.text):
        return _by_grammar(excerpt, known, comment, latex=True)
    try:
        return _by_grammar(excerpt, known, comment, latex=False)
    except ReadingError:
        if not plain.may_be_latex(excerpt.text):
            raise
        with suppress(ReadingError):
            return _by_grammar(excerpt, known, comment, latex=True)
        raise


def _by_grammar(
    excerpt: Excerpt, known: Vocabulary, comment: str, latex: bool
) -> definitions.Found:
    lexer = Lexer(excerpt, known, latex)
    try:
        tokens = lexer.run()
        while tokens and tokens[0].type == "COMMENT":
            tokens.pop(0)
        continues = bool(tokens) and tokens[0].type == "REL" and tokens[0] == "=="
        tree = parsed(tokens[1:] if continues else tokens)
        sides = _sides(excerpt, tree)
        words = "; ".join(filter(None, [comment, *lexer.comments]))
        return definitions.lines(
            begin(excerpt.source, known, tree), sides, continues, excerpt, words
        )
    except Unexpected as found:
        raise _unexpected(excerpt, found.token) from None
    except (RecursionError, TooLong):
        message = "this is too long or too deeply nested"
        raise error(excerpt.source, message, excerpt.place(0)) from None


def _unexpected(excerpt: Excerpt, token: Token | None) -> ReadingError:
    if token is None:
        place = excerpt.place(max(0, len(excerpt.text) - 1))
        return error(excerpt.source, "something is missing at the end", place)
    return error(excerpt.source, "this cannot stand here", token.start_pos or 0)


def _sides(excerpt: Excerpt, tree: Node) -> list[Node]:
    """The sides of a = b = c."""
    if isinstance(tree, Logic):
        raise error(excerpt.source, "one formula is wanted, not a condition", tree.place)
    if not isinstance(tree, Chain):
        return [tree]
    for relation, side in tree.rest:
        if relation != "==":
            raise error(excerpt.source, "only '=' joins the sides of a formula", side.place)
    return [tree.first, *(side for _, side in tree.rest)]
