"""The lines of a row: what is left of "=", and what it defines."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from derive.reader import indexing, names, slopes
from derive.reader.layouts import Form, at_letters, fits, forms
from derive.reader.lines import Line, Reading
from derive.reader.meaning import Meaning
from derive.reader.page import Excerpt
from derive.reader.syntax import Name, Node, Scripted, bare
from derive.reader.values import Value
from derive.reader.vocabulary import Vocabulary


@dataclass(frozen=True)
class Head:
    """A name that is defined, with its letters: a[i]."""

    name: str
    letters: tuple[str, ...]

    def text(self) -> str:
        return f"{self.name}[{', '.join(self.letters)}]" if self.letters else self.name


Found = tuple[list[Line], Vocabulary]


def lines(m: Meaning, sides: list[Node], continues: bool, excerpt: Excerpt, comment: str) -> Found:
    """A line for every side but the first, or for all of them where it begins with "="."""
    if continues or len(sides) == 1:
        made = [_line(excerpt, "", "", forms(m, m.value(s)), s, comment) for s in sides]
        return [_joined(line, continues or n > 0) for n, line in enumerate(made)], m.known
    first, *rest = sides
    if head := _head(m, first):
        return _defined(m, head, rest, excerpt, comment)
    if (whole := slopes.whole_slope(m, first)) is not None:
        lhs = whole.text
        made = [_line(excerpt, lhs, "", forms(m, m.value(s)), s, comment) for s in rest]
    else:
        left = m.value(first)
        made = [_equal(m, left, side, excerpt, comment) for side in rest]
    return [_joined(line, n > 0) for n, line in enumerate(made)], m.known


def _joined(line: Line, continues: bool) -> Line:
    return replace(line, lhs="" if continues else line.lhs, continues=continues)


def _equal(m: Meaning, left: Value, side: Node, excerpt: Excerpt, comment: str) -> Line:
    right = m.value(side)
    if left.is_number and right.is_number:
        return _line(excerpt, left.number.text, "", forms(m, right), side, comment)
    head, form = at_letters(m, [left, right])
    return _line(excerpt, head.text, "", (form,), side, comment)


def _line(
    excerpt: Excerpt, lhs: str, defines: str, found: tuple[Form, ...], side: Node, comment: str
) -> Line:
    reading = Reading(found, excerpt.source, side.place)
    number = excerpt.source.locate(excerpt.place(0))[0] + 1
    return Line(number, excerpt.text.strip(), lhs, defines, False, reading, comment)


def _head(m: Meaning, node: Node) -> Head | None:
    """A name that is not known yet, with different letters below it."""
    node = bare(node)
    base = bare(node.base) if isinstance(node, Scripted) else node
    if not isinstance(base, Name) or names.known(m, base):
        return None
    scripts = node.scripts if isinstance(node, Scripted) else ()
    if any(script.kind != "_" for script in scripts) or len(scripts) > 1:
        return None
    items = indexing.split(scripts[0].items) if scripts else []
    letters = tuple(indexing.letter(item) for item in items)
    if not all(letters) or len(set(letters)) < len(letters):
        return None
    return Head(indexing.identifier(base.text), letters)


def _defined(m: Meaning, head: Head, sides: list[Node], excerpt: Excerpt, comment: str) -> Found:
    """S = ...: the name is known from here on. Further sides are compared with it."""
    first, *rest = sides
    end = indexing.bound(m, list(head.letters))
    value = m.value(first)
    met = {letter: next(iter(m.bound[letter]), "") for letter in head.letters}
    end()
    if value.is_number:
        found = forms(m, value)
        lengths = [n or m.known.letters.get(k, f"?{head.name}{k}") for k, n in met.items()]
    else:
        if head.letters:
            raise m.error(f"{head.text()} is a number, and an array stands here", first)
        found = forms(m, value) if fits(m, value) else tuple(at_letters(m, [value]))
        head = Head(head.name, found[0].at)
        lengths = [m.arrays.find(n) for n in (value.rows, value.columns) if n]
    made = _line(excerpt, head.text(), head.name, found, first, comment)
    uses = {name for name in m.known.shapes if re.search(rf"\b{name}\b", found[0].text)}
    known = m.known.defining(head.name, tuple(lengths), uses)
    others = [_line(excerpt, "", "", forms(m, m.value(s)), s, comment) for s in rest]
    return [made, *(_joined(line, True) for line in others)], known
