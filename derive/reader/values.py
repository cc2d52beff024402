"""What a part of a formula is worth: a number, a column, a row or a matrix, known by its entries.

An array is a function from index letters to the text of that entry, so matrix notation comes out
as index notation: entry i, j of diag(s) - s sᵀ is s[i]*delta(i, j) - s[i]*s[j].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from derive.language.source import Source
from derive.reader.page import ReadingError, ShapeError, error
from derive.reader.texts import OPERATORS, Text, called, piece

ONE = ""
"""The length of an axis that is none: a column has one column."""
Entry = Callable[[str, str], Text]
Make = Callable[..., Text]
"""A place and the entries of some arrays to a text."""
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

    @property
    def lengths(self) -> list[str]:
        """Those of its axes, as many as there are."""
        return [length for length in (self.rows, self.columns) if length]

    def transposed(self) -> Value:
        entry = self.entry
        return replace(
            self,
            rows=self.columns,
            columns=self.rows,
            entry=lambda row, column: entry(column, row),
            whole="",
        )

    def upright(self) -> Value:
        """A line as a column."""
        return self if self.rows else self.transposed()


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
        axes = ((one.rows, other.rows), (one.columns, other.columns))
        return all((a == ONE) == (b == ONE) for a, b in axes) and all(
            self.join(a, b) for a, b in axes
        )

    def described(self, *values: Value) -> str:
        """Their shapes, in words."""
        return " and ".join(map(self._described, values))

    def _described(self, value: Value) -> str:
        if value.is_number:
            return "a number"
        found = (self.find(length or "1") for length in (value.rows, value.columns))
        rows, columns = (("n" if length.startswith("?") else length) for length in found)
        kind = "a matrix" if value.is_matrix else "a column" if value.rows else "a row"
        return f"{kind} ({rows} by {columns})"

    def letter(self) -> str:
        """An index letter that stands nowhere else."""
        choice = [*_LETTERS, *(f"k{n}" for n in range(1, len(self.taken) + 2))]
        chosen: str = next(letter for letter in choice if letter not in self.taken)
        self.taken.add(chosen)
        return chosen

    # entry by entry

    def mapped(self, make: Make, place: int, *values: Value) -> Value:
        """A function of entries, entry by entry; a number stands for an array of it."""
        arrays = [value for value in values if not value.is_number]
        if not arrays:
            return number(make(place, *(value.number for value in values)), place)
        first, *rest = arrays
        for value in rest:
            if not self.fits(first, value):
                told = self.described(first, value)
                raise self.misfit(f"these do not have one shape: {told}", place)

        def entry(row: str, column: str) -> Text:
            return make(place, *(v.number if v.is_number else v.entry(row, column) for v in values))

        return Value(first.rows, first.columns, entry, place)

    def applied(self, name: str, place: int, *values: Value) -> Value:
        """A function of the input language, entry by entry."""
        return self.mapped(lambda at, *parts: called(name, at, *parts), place, *values)

    def added(self, first: Value, sign: str, last: Value, place: int) -> Value:
        """first + last. A number is added to every entry of a column, and to every entry of a
        matrix where it is written out as a number."""
        for one, other in ((first, last), (last, first)):
            if one.is_matrix and other.is_number and not other.literal:
                message = "a number and a matrix are added here: write what matrix is meant"
                raise self.misfit(message, place)
        return self.mapped(OPERATORS[sign], place, first, last)

    def divided(self, first: Value, last: Value, place: int) -> Value:
        """A quotient; by a column, entry by entry."""
        if last.is_matrix or (first.is_matrix and not last.is_number):
            raise self.misfit("a matrix is no denominator", place)
        return self.mapped(OPERATORS["/"], place, first, last)

    # matrices

    def over(self, name: str, place: int, body: Callable[..., Text], count: int = 1) -> Text:
        """sum(body, k), with letters that stand nowhere else."""
        letters = [self.letter() for _ in range(count)]
        return called(name, place, body(*letters), *(piece(n, place) for n in letters))

    def multiplied(self, first: Value, last: Value, place: int) -> Value:
        """A number times anything, or the matrix product."""
        times = OPERATORS["*"]
        if first.is_number or last.is_number:
            return self.mapped(times, place, first, last)
        outer = first.columns == last.rows == ONE
        if not outer and (
            ONE in (first.columns, last.rows) or not self.join(first.columns, last.rows)
        ):
            told = f"{self.described(first)} times {self.described(last)}"
            hint = ": write \\odot for entry by entry, or transpose one" if first.is_line else ""
            raise self.misfit(f"this product does not exist, {told}{hint}", place)

        def entry(row: str, column: str) -> Text:
            def body(k: str) -> Text:
                return times(place, first.entry(row, k), last.entry(k, column))

            return body("") if outer else self.over("sum", place, body)

        return Value(first.rows, last.columns, entry, place)

    def diagonal(self, value: Value, place: int) -> Value:
        """The matrix with a column on its diagonal; of a matrix, its diagonal."""
        if value.is_matrix and self.join(value.rows, value.columns):
            return Value(value.rows, ONE, lambda row, _: value.entry(row, row), place)
        if not value.is_line:
            raise self.misfit(f"diag of {self.described(value)}", place)
        line, identity = value.upright(), self.identity(place)

        def entry(row: str, column: str) -> Text:
            return OPERATORS["*"](place, line.entry(row, ""), identity.entry(row, column))

        return Value(line.rows, line.rows, entry, place)

    def identity(self, place: int) -> Value:
        def entry(row: str, column: str) -> Text:
            return called("delta", place, piece(row, place), piece(column, place))

        length = self.length()
        return Value(length, length, entry, place)

    def ones(self, place: int) -> Value:
        return Value(self.length(), ONE, lambda _, __: piece("1", place), place)

    def reduced(self, name: str, value: Value, place: int) -> Value:
        """sum, prod, max, min, mean over all entries."""
        if value.is_number:
            raise self.misfit(f"{name} of a single number", place)

        def body(row: str, column: str = "") -> Text:
            return value.entry(row, column) if value.rows else value.entry("", row)

        def entry(_: str, __: str) -> Text:
            return self.over(name, place, body, len(value.lengths))

        return Value(ONE, ONE, entry, place)

    def inner(self, first: Value, last: Value, place: int) -> Value:
        """⟨x, y⟩ of two columns, or two rows."""
        if not (first.is_line and last.is_line and self.fits(first, last)):
            told = self.described(first, last)
            raise self.misfit(f"this inner product does not exist, {told}", place)
        return self.multiplied(first.upright().transposed(), last.upright(), place)

    def outer(self, first: Value, last: Value, place: int) -> Value:
        """x yᵀ of two vectors."""
        return self.multiplied(first.upright(), last.upright().transposed(), place)

    def trace(self, value: Value, place: int) -> Value:
        if not value.is_matrix or not self.join(value.rows, value.columns):
            raise self.misfit(f"the trace of {self.described(value)}", place)
        return self.reduced("sum", self.diagonal(value, place), place)
