"""The public face: formulas and pages of working to the input language.

What is written is read in the terms of a vocabulary (`vocabulary_of(problem)`). What cannot be read
for certain is a ReadingError that points at its place; nothing is guessed, and nothing is executed.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

from derive.reader import indices, names, pages
from derive.reader.grammar import (
    Node,
    Unexpected,
    accented,
    bare,
    base_of,
    linked,
    only,
    parsed,
)
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


def read_formula(text: str, known: Vocabulary) -> Reading:
    """A single formula, in LaTeX, with or without dollar signs, or in plain text. What stands left
    of one "=" is read too, and left out.

    Raises:
        ReadingError: where it cannot be read; a ShapeError where vectors or matrices do not fit.
    """
    excerpt = pages.undressed(whole(text).stripped())
    if not excerpt.text:
        raise ReadingError("there is nothing here: a formula is wanted")
    parts = list(pages.implied(excerpt))
    found = _lines_of(parts[0], known)[0] if len(parts) == 1 else []
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


def _lines_of(row: Excerpt, known: Vocabulary) -> Found:
    """The lines of one row, a = b = c being two, and what is known after them."""
    latex = bool(_LATEX.search(row.text))
    try:
        return _read(row, known, latex)
    except ReadingError:
        if not latex and not _TYPED.search(row.text):
            with suppress(ReadingError):  # s_is_j is LaTeX too
                return _read(row, known, latex=True)
        raise


def _read(row: Excerpt, known: Vocabulary, latex: bool) -> Found:
    try:
        tokens = Lexer(row, known, latex).run()
        while tokens and tokens[0].type == "COMMENT":
            del tokens[0]
        continues = bool(tokens) and tokens[0].type == "REL" and tokens[0] == "=="
        sides = _sides(row, parsed(tokens[1:] if continues else tokens))
        head = _head(sides[0], known) if len(sides) > 1 and not continues else None
        stated = Sides(row, latex, continues, head, sides)
        named = _head(sides[1], known) if len(sides) > 2 and not (continues or head) else None
        return _named_between(stated, named, known) if named else lines(stated, known)
    except Unexpected as found:
        if found.token is None:
            raise row.error("something is missing at the end", max(0, len(row.text) - 1)) from None
        raise error(row.source, "this cannot stand here", found.token.start_pos or 0) from None
    except (RecursionError, TooLong):
        raise row.error("this is too long or too deeply nested", 0) from None


def _named_between(row: Sides, head: Head, known: Vocabulary) -> Found:
    r"""The lines of dL/dz_j = \delta_j = p_j - y_j: a definition and a statement."""
    first, name, *rest = row.sides
    try:
        made, known = lines(replace(row, head=head, sides=[name, first]), known)
    except ReadingError:  # the derivative by a whole vector stands only left of "="
        made, known = lines(replace(row, head=head, sides=[name, rest[0]]), known)
    more, known = lines(replace(row, sides=[first, *rest]), known)
    return [*made, *more], known


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
    label, below = _label(scripts)
    if base.kind != "name" or any(script.text != "_" for script in below) or len(below) > 1:
        return None
    items = indices.split(below[0].parts) if below else []
    letters = tuple(map(indices.letter, items))
    if not all(letters) or len(set(letters)) < len(letters):
        return None
    if names.is_known(known, base, items, label) or (not scripts and base.text in known.letters):
        return None
    name = indices.identifier(base.text) + label
    if len(letters) == 1 and letters[0] in known.shapes and letters[0] not in known.letters:
        return Head(f"{name}_{letters[0]}", ())
    return Head(name, letters)


def _label(scripts: tuple[Node, ...]) -> tuple[str, tuple[Node, ...]]:
    """The 2 of δ^{(2)}_k, and the scripts without it."""
    for script in scripts:
        if names.is_label(script) and only(script.parts[0]).kind == "number":
            return only(script.parts[0]).text, tuple(s for s in scripts if s is not script)
    return "", scripts


def _applied(node: Node, known: Vocabulary) -> Node:
    """The f of f(x, y)."""
    parts = linked(node) if node.kind == "product" else []
    inside = names_in(parts[1][1]) if len(parts) == 2 else ()
    return parts[0][1] if inside and all(look(name) in known.spelled for name in inside) else node
