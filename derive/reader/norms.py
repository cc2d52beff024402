"""Norms of vectors, and Frobenius's of a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.reader import pieces
from derive.reader.pieces import called, piece
from derive.reader.values import Value, number

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning


def norm(m: Meaning, value: Value, order: str, place: int) -> Value:
    """The norm of a column or row, or Frobenius's of a matrix."""
    if value.is_number:
        return m.arrays.applied("abs", value, place)
    if value.is_matrix and order != "F":
        raise m.error("which norm of a matrix is this? Write \\|A\\|_F for Frobenius's", place)
    if order == "1":
        return m.arrays.reduced("sum", m.arrays.applied("abs", value, place), place)
    if order == "∞":
        return m.arrays.reduced("max", m.arrays.applied("abs", value, place), place)
    if order not in ("2", "F"):
        raise m.error("this norm is not known here: 1, 2, F or \\infty", place)
    if value.whole:
        return number(called("norm", place, piece(value.whole, value.place)), place)
    two = piece("2", place)
    squares = m.arrays.mapped(lambda part: pieces.power(part, two, place), [value], place)
    return m.arrays.applied("sqrt", m.arrays.reduced("sum", squares, place), place)
