"""What a reader gives back."""

from __future__ import annotations

from dataclasses import dataclass

from derive.errors import DeriveError
from derive.language.source import Source
from derive.reader.layouts import Form
from derive.reader.page import ReadingError, error


@dataclass(frozen=True)
class Reading:
    """An expression that was read.

    Attributes:
        forms: what it says in the input language: one form for a formula with indices; for one in
            matrix notation, one for each layout in which it has the shape that is asked for.
        source: the page.
        place: where in the page it begins.
    """

    forms: tuple[Form, ...]
    source: Source
    place: int

    @property
    def text(self) -> str:
        """The first form's text."""
        return self.forms[0].text

    def error(self, found: DeriveError, form: int = 0) -> ReadingError:
        """An error that `derive.parse` found in a form's text, at its place in the page."""
        places = self.forms[form].places
        place = self.place
        if found.column is not None and places:
            place = places[min(max(found.column, 0), len(places) - 1)]
        return error(self.source, found.message, place)


@dataclass(frozen=True)
class Line:
    """One line of somebody's working: `lhs = ...`, `= ...` or an expression to begin with.

    Attributes:
        number: its line in the text, from 1.
        source: the line as it was written.
        lhs: what stands left of "=", in the input language: an expression, `diff(L, z[j])`, a
            whole derivative such as `diff(L, z)`, or the head of a definition, `S`, `a[i]`; ""
            for none. An array is shown at the letters of the first form.
        defines: the name that this line gives a meaning to, or "".
        continues: whether it begins with "=", and so goes on from the line before.
        reading: the right-hand side.
        comment: the words beside it, or "".
    """

    number: int
    source: str
    lhs: str
    defines: str
    continues: bool
    reading: Reading
    comment: str = ""
