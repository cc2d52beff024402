"""Index form to matrix form: s[i]*(delta(i, j) - s[j]) to diag(s) - s*s.T.

Rows are the target's axes, columns the variable's (numerator layout); the gradient of a scalar has
the variable's own shape. Vectors are columns.
"""

from __future__ import annotations

import re

from sympy import Expr

from derive.indices import free_indices
from derive.matrices.arrays import Axes, Converter, NoForm, Shape, pulled
from derive.matrices.notation import signed
from derive.nodes import indices_of, name_of, undistributed
from derive.problem import Problem
from derive.reading import Reading


class MatrixForm(str):
    """A result without its indices, such as "diag(s) - s*s.T": `*` is the matrix product, and `.*`
    `./` `.^` work entry by entry (see `derive.matrices.notation`).

    Attributes:
        text: the string itself.
        latex: the same in LaTeX.
        shape: the sizes of its axes, (n, n); () for a number.
        layout: what the rows and columns are: "rows: i of s, columns: j of z"; "" for a number.
        legend: every name in `text` with its shape, in order of appearance.
    """

    latex: str
    shape: Shape
    layout: str
    legend: tuple[tuple[str, Shape], ...]

    def __new__(
        cls,
        text: str,
        latex: str,
        shape: Shape,
        layout: str,
        legend: tuple[tuple[str, Shape], ...],
    ) -> MatrixForm:
        made = super().__new__(cls, text)
        made.latex, made.shape, made.layout, made.legend = latex, shape, layout, legend
        return made

    @property
    def text(self) -> str:
        return str(self)


def matrix_form(expr: Expr, problem: Problem) -> MatrixForm | None:
    """The matrix form of a result, or None where it has more than two free indices or no form.

    Of three axes and more, those along which the result is the same are left out, and `layout`
    says so.

    Args:
        expr: a result in index form; its free indices are the problem's axes and those of wrt.
        problem: what was asked.
    """
    every = (*problem.axes, *problem.wrt_axes)
    used = free_indices(expr)
    axes = every if len(every) <= 2 else tuple(a for a in every if a in used)
    if len(axes) > 2:
        return None
    converter = Converter(Reading(problem.axes, problem.wrt_axes), dict(problem.extents))
    try:
        with undistributed():
            found = signed(converter.form(pulled(expr), axes))
    except NoForm:
        return None
    if any(name in problem.shapes for name, _ in converter.constants):
        return None  # a variable is called I, as the identity is
    return MatrixForm(
        text=found.text,
        latex=found.latex,
        shape=tuple(problem.extents[letter] for letter in axes),
        layout=_layout(problem, axes, every),
        legend=_legend(found.text, [*problem.shapes.items(), *converter.constants]),
    )


def _legend(text: str, known: list[tuple[str, Shape]]) -> tuple[tuple[str, Shape], ...]:
    """The names in a text with their shapes, in order of appearance."""
    words = re.findall(r"\w+", text)
    return tuple(sorted((k for k in known if k[0] in words), key=lambda k: words.index(k[0])))


def _layout(problem: Problem, axes: Axes, every: Axes) -> str:
    """Where each axis comes from, and which ones are left out."""
    heads = [problem.target, *problem.wrt]
    owners = {
        letter: next((f" of {name_of(h)}" for h in heads if letter in indices_of(h)), "")
        for letter in axes
    }
    words = ("entries",) if len(axes) == 1 else ("rows", "columns")
    parts = [f"{w}: {a}{owners[a]}" for w, a in zip(words, axes, strict=False)]
    return ", ".join([*parts, *(f"the same for every {a}" for a in every if a not in axes)])
