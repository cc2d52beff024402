"""What a part of a formula is worth: a number, a column, a row or a matrix, known by its entries.

An array is a function from index letters to the text of that entry, so matrix notation comes out
as index notation: entry i, j of diag(s) - s sᵀ is s[i]*delta(i, j) - s[i]*s[j].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from derive.language.source import Source
from derive.reader import pieces
from derive.reader.page import ReadingError, ShapeError, error
from derive.reader.pieces import Text, called, piece

ONE = ""
"""The length of an axis that is none: a column has one column."""
Entry = Callable[[str, str], Text]
_LETTERS = "klmrqtuvabcijnops"


@dataclass(frozen=True)
class Value:
    """A number or an array.

    Attributes:
        rows, columns: the lengths of its axes, by name; ONE for none.
        entry: the text of the entry at two index letters ("" for an axis that is none).
        place: where it stands in the page.
        literal: whether it is a number written out.
        whole: the input language's name for a whole vector, or "".
    """

    rows: str
    columns: str
    entry: Entry
    place: int
    literal: bool = False
    whole: str = ""

    @property
    def is_number(self) -> bool:
        return self.rows == self.columns == ONE

    @property
    def is_line(self) -> bool:
        """Whether it is a column or a row."""
        return (self.rows == ONE) != (self.columns == ONE)

    @property
    def is_matrix(self) -> bool:
        return self.rows != ONE and self.columns != ONE

    @property
    def number(self) -> Text:
        return self.entry("", "")


def number(text: Text, place: int, literal: bool = False) -> Value:
    return Value(ONE, ONE, lambda _, __: text, place, literal)


@dataclass
class Arrays:
    """The algebra of arrays in one formula.

    Attributes:
        taken: names and letters that may not be chosen for a sum.
    """

    source: Source
    taken: set[str]
    _parents: dict[str, str] = field(default_factory=dict)

    def misfit(self, message: str, place: int) -> ReadingError:
        return error(self.source, message, place, ShapeError)

    # lengths

    def length(self) -> str:
        """A length that is not known yet."""
        name = f"?{len(self._parents)}"
        self._parents[name] = name
        return name

    def find(self, length: str) -> str:
        parent = self._parents.get(length, length)
        return length if parent == length else self.find(parent)

    def join(self, one: str, other: str) -> bool:
        """Two lengths are one; False where they cannot be."""
        one, other = self.find(one), self.find(other)
        if one != other and one.startswith("?") and other != ONE:
            self._parents[one] = other
        elif one != other and other.startswith("?") and one != ONE:
            self._parents[other] = one
        return self.find(one) == self.find(other)

    def fits(self, one: Value, other: Value) -> bool:
        """Whether two values have one shape."""
        rows, columns = (one.rows, other.rows), (one.columns, other.columns)
        if any((a == ONE) != (b == ONE) for a, b in (rows, columns)):
            return False
        return self.join(*rows) and self.join(*columns)

    def described(self, value: Value) -> str:
        if value.is_number:
            return "a number"
        rows, columns = (self.find(n) if n else "1" for n in (value.rows, value.columns))
        shown = [("n" if n.startswith("?") else n) for n in (rows, columns)]
        kind = "a matrix" if value.is_matrix else "a column" if value.rows else "a row"
        return f"{kind} ({shown[0]} by {shown[1]})"

    def letter(self) -> str:
        """An index letter that stands nowhere else."""
        choice = [*_LETTERS, *(f"k{n}" for n in range(1, len(self.taken) + 2))]
        chosen: str = next(letter for letter in choice if letter not in self.taken)
        self.taken.add(chosen)
        return chosen

    # entry by entry

    def mapped(self, make: Callable[..., Text], values: list[Value], place: int) -> Value:
        """A function of entries, entry by entry; a number stands for an array of it."""
        arrays = [value for value in values if not value.is_number]
        if not arrays:
            return number(make(*(value.number for value in values)), place)
        first = arrays[0]
        for value in arrays[1:]:
            if not self.fits(first, value):
                told = f"{self.described(first)} and {self.described(value)}"
                raise self.misfit(f"these do not have one shape: {told}", place)

        def entry(row: str, column: str) -> Text:
            at = [v.number if v.is_number else v.entry(row, column) for v in values]
            return make(*at)

        return Value(first.rows, first.columns, entry, place)

    def applied(self, name: str, value: Value, place: int) -> Value:
        """An elementary function."""
        return self.mapped(lambda part: called(name, place, part), [value], place)

    def added(self, first: Value, sign: str, last: Value, place: int) -> Value:
        """first + last. A number is added to every entry of a column, and to every entry of a
        matrix where it is written out as a number."""
        for one, other in ((first, last), (last, first)):
            if one.is_matrix and other.is_number and not other.literal:
                message = "a number and a matrix are added here: write what matrix is meant"
                raise self.misfit(message, place)
        return self.mapped(lambda a, b: pieces.plus(a, sign, b, place), [first, last], place)

    def scaled(self, first: Value, last: Value, place: int) -> Value:
        return self.mapped(lambda a, b: pieces.times(a, b, place), [first, last], place)

    def divided(self, first: Value, last: Value, place: int) -> Value:
        """A quotient; by a column, entry by entry."""
        if last.is_matrix or (first.is_matrix and not last.is_number):
            raise self.misfit("a matrix is no denominator", place)
        return self.mapped(lambda a, b: pieces.over(a, b, place), [first, last], place)

    # matrices

    def multiplied(self, first: Value, last: Value, place: int) -> Value:
        """A number times anything, or the matrix product."""
        if first.is_number or last.is_number:
            return self.scaled(first, last, place)
        inner_ones = first.columns == last.rows == ONE
        if (not inner_ones and (ONE in (first.columns, last.rows))) or not self.join(
            first.columns, last.rows
        ):
            told = f"{self.described(first)} times {self.described(last)}"
            hint = ": write \\odot for entry by entry, or transpose one" if first.is_line else ""
            raise self.misfit(f"this product does not exist, {told}{hint}", place)

        def entry(row: str, column: str) -> Text:
            if inner_ones:
                return pieces.times(first.entry(row, ""), last.entry("", column), place)
            letter = self.letter()
            body = pieces.times(first.entry(row, letter), last.entry(letter, column), place)
            return called("sum", place, body, piece(letter, place))

        return Value(first.rows, last.columns, entry, place)

    def transposed(self, value: Value) -> Value:
        return replace(
            value,
            rows=value.columns,
            columns=value.rows,
            entry=lambda row, column: value.entry(column, row),
            whole="",
        )

    def diagonal(self, value: Value, place: int) -> Value:
        """The matrix with a column on its diagonal; of a matrix, its diagonal."""
        if value.is_matrix and self.join(value.rows, value.columns):
            return Value(value.rows, ONE, lambda row, _: value.entry(row, row), place)
        if not value.is_line:
            raise self.misfit(f"diag of {self.described(value)}", place)
        line = value if value.rows else self.transposed(value)

        def entry(row: str, column: str) -> Text:
            where = (piece(row, place), piece(column, place))
            return pieces.times(line.entry(row, ""), called("delta", place, *where), place)

        return Value(line.rows, line.rows, entry, place)

    def identity(self, place: int) -> Value:
        length = self.length()
        made: Entry = lambda i, j: called("delta", place, piece(i, place), piece(j, place))  # noqa: E731
        return Value(length, length, made, place)

    def ones(self, place: int) -> Value:
        return Value(self.length(), ONE, lambda _, __: piece("1", place), place)

    def reduced(self, name: str, value: Value, place: int) -> Value:
        """sum, prod, max, min, mean over all entries."""

        def entry(_: str, __: str) -> Text:
            letters = [self.letter() if length else "" for length in (value.rows, value.columns)]
            body = value.entry(*letters)
            return called(name, place, body, *(piece(n, place) for n in letters if n))

        if value.is_number:
            raise self.misfit(f"{name} of a single number", place)
        return Value(ONE, ONE, entry, place)

    def inner(self, first: Value, last: Value, place: int) -> Value:
        """⟨x, y⟩ of two columns, or two rows."""
        if not (first.is_line and last.is_line and self.fits(first, last)):
            told = f"{self.described(first)} and {self.described(last)}"
            raise self.misfit(f"this inner product does not exist, {told}", place)
        left = self.transposed(first) if first.rows else first
        return self.multiplied(left, last if last.rows else self.transposed(last), place)

    def trace(self, value: Value, place: int) -> Value:
        if not value.is_matrix or not self.join(value.rows, value.columns):
            raise self.misfit(f"the trace of {self.described(value)}", place)

        def entry(_: str, __: str) -> Text:
            letter = self.letter()
            return called("sum", place, value.entry(letter, letter), piece(letter, place))

        return Value(ONE, ONE, entry, place)
