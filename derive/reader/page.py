"""What somebody wrote, what was read in it, and where in it an error is."""

from __future__ import annotations

from dataclasses import dataclass

from derive.errors import DeriveError, ParseError
from derive.language.source import Source

MAX_PAGE = 200_000
MAX_FORMULA = 10_000


class ReadingError(ParseError):
    """What was written cannot be read for certain.

    Attributes:
        line: the line of the text the place is in, from 1.
    """

    def __init__(
        self, message: str, source: str = "", column: int | None = None, line: int = 1
    ) -> None:
        super().__init__(message, source, column)
        self.line = line


class ShapeError(ReadingError):
    """It can be read, but vectors and matrices in it do not fit together, or not the question."""


def error(
    source: Source, message: str, place: int, kind: type[ReadingError] = ReadingError
) -> ReadingError:
    """An error that points at a place of a page."""
    line, column = source.locate(place)
    return kind(message, source.lines[line], column, line + 1)


@dataclass(frozen=True)
class Excerpt:
    """Some characters of a page, side by side, and where each of them stands in the page."""

    source: Source
    text: str
    places: tuple[int, ...]

    def place(self, start: int) -> int:
        """The place in the page of a character; of what follows the last one, the end."""
        if start < len(self.places):
            return self.places[start]
        return self.places[-1] + 1 if self.places else 0

    @property
    def number(self) -> int:
        """The line of the page where it begins, from 1."""
        return self.source.locate(self.place(0))[0] + 1

    def error(self, message: str, start: int) -> ReadingError:
        """An error that points at a character."""
        return error(self.source, message, self.place(start))

    def part(self, start: int, end: int) -> Excerpt:
        return Excerpt(self.source, self.text[start:end], self.places[start:end])

    def stripped(self) -> Excerpt:
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, max(start, len(self.text.rstrip())))

    def with_text(self, text: str) -> Excerpt:
        """Other characters, as many, at the same places."""
        return Excerpt(self.source, text, self.places)

    def joined(self, other: Excerpt) -> Excerpt:
        """Both, with a line end between them."""
        places = (*self.places, self.place(len(self.text)), *other.places)
        return Excerpt(self.source, f"{self.text}\n{other.text}", places)


def whole(text: str) -> Excerpt:
    """A text as a page of its own. Raises ReadingError where it is too long."""
    if len(text) > MAX_PAGE:
        raise ReadingError(f"the text is longer than {MAX_PAGE} characters")
    return Excerpt(Source(text), text, tuple(range(len(text))))


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
    """

    number: int
    source: str
    lhs: str
    defines: str
    continues: bool
    reading: Reading
