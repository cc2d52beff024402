"""What somebody wrote, and where in it an error is."""

from __future__ import annotations

from dataclasses import dataclass

from derive.errors import ParseError
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

    def part(self, start: int, end: int) -> Excerpt:
        return Excerpt(self.source, self.text[start:end], self.places[start:end])

    def stripped(self) -> Excerpt:
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, max(start, len(self.text.rstrip())))

    def joined(self, other: Excerpt) -> Excerpt:
        """Both, with a line end between them."""
        between = (self.place(len(self.text)),)
        places = (*self.places, *between, *other.places)
        return Excerpt(self.source, f"{self.text}\n{other.text}", places)


def whole(text: str) -> Excerpt:
    """A text as a page of its own. Raises ReadingError where it is too long."""
    if len(text) > MAX_PAGE:
        raise ReadingError(f"the text is longer than {MAX_PAGE} characters")
    return Excerpt(Source(text), text, tuple(range(len(text))))


def error(
    source: Source, message: str, place: int, kind: type[ReadingError] = ReadingError
) -> ReadingError:
    """An error that points at a place of a page."""
    line, column = source.locate(place)
    return kind(message, source.lines[line], column, line + 1)
