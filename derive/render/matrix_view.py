"""A matrix form -> what documents show of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sympy import Expr

from derive.render.layout import layout
from derive.render.matrices import matrix_node
from derive.render.names import symbol
from derive.render.page import Formula, MatrixView, Sentence
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
        shape=extent_of(matrix.shape),
        layout=_sides(matrix, words),
        other=_other_layout(matrix, ones, words),
    )


def _sides(matrix: MatrixForm, words: Words) -> Sentence:
    """What rows and columns are, and by which convention."""
    parts: list[str | Formula] = []
    for word, letter, owner in matrix.sides:
        parts += [f"{', ' if parts else ''}{word}: ", Formula(symbol(letter), letter)]
        parts += [" of ", Formula(symbol(owner), owner)] if owner else []
    for letter in matrix.unused:
        parts += [words.same_for_every, Formula(symbol(letter), letter)]
    return (*parts, f" ({matrix.convention})") if matrix.convention else tuple(parts)


def _other_layout(matrix: MatrixForm, ones: bool, words: Words) -> Sentence:
    if not matrix.transposed:
        return ()
    if matrix.transposed == matrix.text:
        return (f"{matrix.other}: {words.same_form}",)
    node = matrix_node(matrix.transposed, ones)
    return (f"{matrix.other}: ", Formula(node, matrix.transposed))


def extent_of(sizes: Sequence[Expr]) -> Formula | None:
    """n x m; None for a scalar."""
    text = " x ".join(str(size) for size in sizes)
    return Formula(separated(map(layout, sizes), "×"), text) if sizes else None
