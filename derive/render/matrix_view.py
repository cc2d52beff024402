"""A matrix form -> what documents show of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sympy import Expr

from derive.render.layout import layout
from derive.render.matrices import matrix_node
from derive.render.names import symbol
from derive.render.page import Formula, MatrixView, Sentence, filled, joined
from derive.render.tree import Node, equation, separated
from derive.render.words import Words


class MatrixForm(Protocol):
    """What `derive.matrix` finds."""

    @property
    def text(self) -> str: ...
    @property
    def shape(self) -> tuple[Expr, ...]: ...
    @property
    def unused(self) -> tuple[str, ...]: ...
    @property
    def sides(self) -> tuple[tuple[str, str, str], ...]: ...
    @property
    def convention(self) -> str: ...
    @property
    def other(self) -> str: ...
    @property
    def transposed(self) -> str: ...
    @property
    def legend(self) -> tuple[tuple[str, tuple[Expr, ...]], ...]: ...


def matrix_view(matrix: MatrixForm, left: Node | None, words: Words) -> MatrixView:
    """The whole array, what its sides are, and the other layout; `left` is what it is the value
    of, if that has a name."""
    ones = any(name == "1" for name, _ in matrix.legend)
    right = matrix_node(matrix.text, ones)
    return MatrixView(
        formula=Formula(equation(left, "=", right) if left else right, matrix.text),
        note=_note(matrix, words),
        other=_other_layout(matrix, ones, words),
        layout=matrix.convention,
    )


def _note(matrix: MatrixForm, words: Words) -> Sentence:
    """The shape, what rows and columns are, and by which convention."""
    of = {"rows": words.rows_of, "columns": words.columns_of, "entries": words.entries_of}
    alone = {"rows": words.rows, "columns": words.columns, "entries": words.entries}
    parts = [
        filled((of if owner else alone)[word], {"index": _name(letter), "name": _name(owner)})
        for word, letter, owner in matrix.sides
    ]
    parts += [filled(words.same_for_every, {"index": _name(letter)}) for letter in matrix.unused]
    sides = joined(parts, words.listed)
    if matrix.convention:
        sides = filled(words.remark, {"text": sides, "remark": words.say(matrix.convention)})
    return filled(words.sized, {"shape": extent_of(matrix.shape) or "1", "sides": sides})


def _name(text: str) -> Formula:
    return Formula(symbol(text), text)


def _other_layout(matrix: MatrixForm, ones: bool, words: Words) -> Sentence:
    if not matrix.transposed:
        return ()
    layout = words.say(matrix.other)
    if matrix.transposed == matrix.text:
        return filled(words.same_layout, {"layout": layout})
    other = Formula(matrix_node(matrix.transposed, ones), matrix.transposed)
    return filled(words.labelled, {"label": layout, "text": other})


def extent_of(sizes: Sequence[Expr]) -> Formula | None:
    """n x m; None for a scalar."""
    text = " x ".join(str(size) for size in sizes)
    return Formula(separated(map(layout, sizes), "×"), text) if sizes else None
