"""Which entry of an array a question asks for: one text, or one for each layout that fits."""

from __future__ import annotations

from dataclasses import dataclass

from derive.reader.meaning import Meaning
from derive.reader.page import ShapeError
from derive.reader.values import Value

NUMERATOR = "numerator layout"
DENOMINATOR = "denominator layout"
_LAYOUTS = {0: (DENOMINATOR, NUMERATOR), 1: (NUMERATOR, DENOMINATOR)}
"""A matrix as it is, and transposed, by how many of its axes are the target's."""


@dataclass(frozen=True)
class Form:
    """An expression of the input language.

    Attributes:
        text: it parses in the names and letters of the problem.
        places: for each character of it, the place in the page it comes from.
        layout: for matrix notation, the layout in which it is this entry, as `derive.matrix` names
            them: NUMERATOR or DENOMINATOR; "" for a formula with indices, and where rows and
            columns are the target's own.
        at: for matrix notation, the letters of this entry: its row, its column; one for a line.
    """

    text: str
    places: tuple[int, ...]
    layout: str = ""
    at: tuple[str, ...] = ()

    @property
    def matrix(self) -> bool:
        """Whether it was written in matrix notation."""
        return bool(self.at)


def forms(m: Meaning, value: Value) -> tuple[Form, ...]:
    """The forms of a value. Raises ShapeError where an array has not the shape asked for."""
    if value.is_number:
        return (_form(value, "", ""),)
    _check_whole(m)
    axes = m.known.axes
    if len(axes) == 1:
        made = _of_line(m, value, axes[0])
    elif len(axes) == 2:
        made = _of_matrix(m, value, axes[0], axes[1])
    else:
        made = []
    if not made:
        wanted = " by ".join(m.known.letters[letter] for letter in axes) or "a number"
        message = f"this is {m.arrays.described(value)}, and {wanted} is asked for"
        raise m.arrays.misfit(message, value.place)
    return tuple(made)


def _check_whole(m: Meaning) -> None:
    """An index letter beside whole arrays would be taken for one of theirs."""
    if m.loose:
        message = "whole vectors stand here beside single entries: write all indices"
        raise m.error(message, m.loose[0])


def _of_line(m: Meaning, value: Value, letter: str) -> list[Form]:
    """A gradient as a column is in denominator layout; so is a derivative by a number as a row."""
    length = m.known.letters[letter]
    column, row = (NUMERATOR, DENOMINATOR) if m.known.rows else (DENOMINATOR, NUMERATOR)
    if not value.is_line or not m.arrays.join(value.rows or value.columns, length):
        return []
    made = _form(value, letter, "", column) if value.rows else _form(value, "", letter, row)
    return [made]


def _of_matrix(m: Meaning, value: Value, row: str, column: str) -> list[Form]:
    """As it is and transposed; only one of them where rows and columns are not equally many."""
    if not value.is_matrix:
        return []
    straight, turned = _LAYOUTS.get(m.known.rows, ("", ""))
    found: list[Form] = []
    for a, b, layout in ((row, column, straight), (column, row, turned)):
        if _long(m, value.rows, a) and _long(m, value.columns, b):
            found.append(_form(value, a, b, layout))
    return found


def _long(m: Meaning, length: str, letter: str) -> bool:
    """Whether a length is, or may be, that of a letter."""
    own = m.arrays.find(length)
    return own.startswith("?") or own == m.known.letters[letter]


def _form(value: Value, row: str, column: str, layout: str = "") -> Form:
    text = value.entry(row, column)
    return Form(text.text, text.places, layout, tuple(filter(None, (row, column))))


def fits(m: Meaning, value: Value) -> bool:
    """Whether a value has a shape that is asked for."""
    try:
        return bool(forms(m, value))
    except ShapeError:
        return False


def at_letters(m: Meaning, values: list[Value]) -> list[Form]:
    """Arrays of one shape, all at the same letters: those of the question where they fit."""
    _check_whole(m)
    first, *rest = values
    for value in rest:
        if not m.arrays.fits(first, value):
            told = f"{m.arrays.described(first)} and {m.arrays.described(value)}"
            raise m.arrays.misfit(f"the sides have not one shape: {told}", value.place)
    row = _letter(m, first.rows, "") if first.rows else ""
    column = _letter(m, first.columns, row) if first.columns else ""
    return [_form(value, row, column) for value in values]


def _letter(m: Meaning, length: str, used: str) -> str:
    """A letter of the question that is so long, else a new one."""
    length = m.arrays.find(length)
    here = (k for k, n in m.known.letters.items() if n == length and k != used)
    return next(here, "") or m.arrays.letter()
