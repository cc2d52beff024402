"""The lines of a row: what stands left of "=", what it defines, and at which letters an array is
shown: in one text, or in one for each layout in which it has the shape that is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.reader import indices, slopes
from derive.reader.grammar import Node
from derive.reader.meaning import Meaning, begin
from derive.reader.page import Excerpt, Form, Line, Reading, ShapeError
from derive.reader.values import Value
from derive.reader.vocabulary import Vocabulary

NUMERATOR = "numerator layout"
DENOMINATOR = "denominator layout"
_LAYOUTS = {0: (DENOMINATOR, NUMERATOR), 1: (NUMERATOR, DENOMINATOR)}
"""A matrix as it is, and transposed, by how many of its axes are the target's."""
_KRONECKER = re.compile(r"delta\(\w+, \w+\)")
_BY_CASE = re.compile(r"(delta|where)\(")
Found = tuple[list[Line], Vocabulary]


@dataclass(frozen=True)
class Head:
    """A name that is defined, with its letters: a[i]."""

    name: str
    letters: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"{self.name}[{', '.join(self.letters)}]" if self.letters else self.name


@dataclass(frozen=True)
class Sides:
    """What stands between the "=" of a row.

    Attributes:
        latex: whether the row is in LaTeX.
        continues: whether it begins with "=".
        head: what the first side defines, if it does.
    """

    excerpt: Excerpt
    latex: bool
    continues: bool
    head: Head | None
    sides: list[Node]


def lines(row: Sides, known: Vocabulary) -> Found:
    """A line for every side but the first, or for all of them where the row begins with "="."""
    m = begin(row.excerpt.source, known, row.sides, row.latex)
    first, *rest = row.sides
    if row.head and not (row.head.text in known.lengths and m.value(rest[0]).is_number):
        return _defined(m, row, row.head)
    if row.continues or not rest:
        return _lines(m, row, row.sides, continues=row.continues), known
    if whole := slopes.whole_slope(m, first):
        return _lines(m, row, rest, whole.text), known
    left, right = m.value(first), m.value(rest[0])
    if left.is_number and right.is_number:
        _check_kronecker(m, left, right)
        lhs, found = left.number.text, _forms(m, right)
    else:
        head, form = _at_letters(m, [left, right])
        lhs, found = head.text, (form,)
    made = _line(row, rest[0], found, lhs)
    return [made, *_lines(m, row, rest[1:], continues=True)], known


def _check_kronecker(m: Meaning, left: Value, right: Value) -> None:
    """One case of Kronecker's delta is no statement; another meaning of it is not known."""
    if _KRONECKER.fullmatch(left.number.text) and not _BY_CASE.match(right.number.text):
        message = "δ with two indices is Kronecker's: write both cases of it, or another letter"
        raise m.error(message, left.place)


def _lines(
    m: Meaning, row: Sides, sides: list[Node], lhs: str = "", continues: bool = False
) -> list[Line]:
    """Lines of which all, or all but the first, go on from the one before."""
    found: list[Line] = []
    for side in sides:
        forms, goes_on = _forms(m, m.value(side)), continues or bool(found)
        found.append(_line(row, side, forms, "" if goes_on else lhs, continues=goes_on))
    return found


def _line(
    row: Sides,
    side: Node,
    found: tuple[Form, ...],
    lhs: str = "",
    defines: str = "",
    continues: bool = False,
) -> Line:
    excerpt = row.excerpt
    reading = Reading(found, excerpt.source, side.place)
    return Line(excerpt.number, excerpt.text, lhs, defines, continues, reading)


def _defined(m: Meaning, row: Sides, head: Head) -> Found:
    """S = ...: the name is known from here on. Further sides are compared with it."""
    _, first, *rest = row.sides
    with indices.bound(m, list(head.letters)):
        value = m.value(first)
        met = {letter: next(iter(m.bound[letter]), "") for letter in head.letters}
    if value.is_number:
        found = _forms(m, value)
        lengths = [n or m.known.letters.get(k, f"?{head.name}{k}") for k, n in met.items()]
    elif head.letters:
        raise m.error(f"{head.text} is a number, and an array stands here", value.place)
    else:
        found = _of_name(m, value)
        head = Head(head.name, found[0].at)
        lengths = [m.arrays.find(length) for length in value.lengths]
    uses = {name for name in m.known.shapes if re.search(rf"\b{name}\b", found[0].text)}
    known = m.known.defining(head.name, tuple(lengths), uses)
    made = _line(row, first, found, head.text, head.name)
    return [made, *_lines(m, row, rest, continues=True)], known


# At which letters


def _forms(m: Meaning, value: Value) -> tuple[Form, ...]:
    """The forms of a value. Raises ShapeError where an array has not the shape asked for."""
    if value.is_number:
        return (_form(value, "", ""),)
    _check_whole(m)
    axes = m.known.axes
    made: list[Form] = []
    if len(axes) == 1:
        made = _of_line(m, value, axes[0])
    elif len(axes) == 2:
        made = _of_matrix(m, value, axes[0], axes[1])
    if not made:
        wanted = " by ".join(m.known.letters[letter] for letter in axes) or "a number"
        message = f"this is {m.arrays.described(value)}, and {wanted} is asked for"
        raise m.arrays.misfit(message, value.place)
    return tuple(made)


def _at_letters(m: Meaning, values: list[Value]) -> tuple[Form, ...]:
    """Arrays of one shape, all at the same letters: those of the question where they fit."""
    _check_whole(m)
    first, *rest = values
    for value in rest:
        if not m.arrays.fits(first, value):
            told = m.arrays.described(first, value)
            raise m.arrays.misfit(f"the sides have not one shape: {told}", value.place)
    row = _letter(m, first.rows, "") if first.rows else ""
    column = _letter(m, first.columns, row) if first.columns else ""
    return tuple(_form(value, row, column) for value in values)


def _of_name(m: Meaning, value: Value) -> tuple[Form, ...]:
    """What a name stands for: at the letters that are asked for, or at others."""
    try:
        return _forms(m, value)
    except ShapeError:
        return _at_letters(m, [value])


def _check_whole(m: Meaning) -> None:
    """An index letter beside whole arrays would be taken for one of theirs."""
    if m.loose:
        message = "whole vectors stand here beside single entries: write all indices"
        raise m.error(message, m.loose[0])


def _of_line(m: Meaning, value: Value, letter: str) -> list[Form]:
    """A gradient as a column is in denominator layout; so is a derivative by a number as a row."""
    column, row = (NUMERATOR, DENOMINATOR) if m.known.rows else (DENOMINATOR, NUMERATOR)
    if not value.is_line or not m.arrays.join(value.lengths[0], m.known.letters[letter]):
        return []
    return [_form(value, letter, "", column) if value.rows else _form(value, "", letter, row)]


def _of_matrix(m: Meaning, value: Value, row: str, column: str) -> list[Form]:
    """As it is and transposed; only one of them where rows and columns are not equally many."""
    if not value.is_matrix:
        return []
    straight, turned = _LAYOUTS.get(m.known.rows, ("", ""))
    return [
        _form(value, a, b, layout)
        for a, b, layout in ((row, column, straight), (column, row, turned))
        if _may_be(m, value.rows, a) and _may_be(m, value.columns, b)
    ]


def _may_be(m: Meaning, length: str, letter: str) -> bool:
    """Whether a length is, or may be, that of a letter."""
    own = m.arrays.find(length)
    return own.startswith("?") or own == m.known.letters[letter]


def _letter(m: Meaning, length: str, used: str) -> str:
    """A letter of the question that is so long, else a new one."""
    length = m.arrays.find(length)
    here = (k for k, n in m.known.letters.items() if n == length and k != used)
    return next(here, "") or m.arrays.letter()


def _form(value: Value, row: str, column: str, layout: str = "") -> Form:
    text = value.entry(row, column)
    return Form(text.text, text.places, layout, tuple(filter(None, (row, column))))
