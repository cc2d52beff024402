"""Index form to matrix form: s[i]*(delta(i, j) - s[j]) to diag(s) - s*s.T.

Rows are the target's axes, columns the variable's (numerator layout); the gradient of a scalar has
the variable's own shape (denominator layout). Vectors are columns. The other layout is the
transpose.
"""

from __future__ import annotations

import re

from sympy import Expr

from derive.indices import free_indices
from derive.matrices.arrays import Axes, Converter, NoForm, Shape
from derive.matrices.factors import pulled
from derive.matrices.notation import Form, signed
from derive.matrices.notation import transposed as turned
from derive.matrices.rows import row
from derive.nodes import indices_of, name_of, undistributed
from derive.problem import Problem
from derive.reading import Reading

NUMERATOR = "numerator layout"
DENOMINATOR = "denominator layout"


class MatrixForm(str):
    """A result without its indices, such as "diag(s) - s*s.T": `*` is the matrix product, and `.*`
    `./` `.^` work entry by entry (see `derive.matrices.notation`).

    Attributes:
        text: the string itself.
        latex: the same in LaTeX.
        shape: the sizes of its axes, (n, n); () for a number.
        sides: what the rows and columns are: ("rows", "i", "s"), ("columns", "j", "z"); the last is
            "" for an axis without an owner.
        unused: the letters of axes that are left out, because the result is the same for every one.
        convention: which layout `text` is in, NUMERATOR or DENOMINATOR; "" where there is no such
            choice: for a number, entry by entry, and for second derivatives.
        transposed: the same in the other layout, `other`; "" where there is no choice.
        legend: every name in `text` with its shape, in order of appearance.
    """

    latex: str
    shape: Shape
    sides: tuple[tuple[str, str, str], ...]
    unused: tuple[str, ...]
    convention: str
    transposed: str
    legend: tuple[tuple[str, Shape], ...]

    def __new__(
        cls,
        text: str,
        latex: str,
        shape: Shape,
        sides: tuple[tuple[str, str, str], ...],
        unused: tuple[str, ...],
        convention: str,
        transposed: str,
        legend: tuple[tuple[str, Shape], ...],
    ) -> MatrixForm:
        made = super().__new__(cls, text)
        made.latex, made.shape, made.legend = latex, shape, legend
        made.sides, made.unused = sides, unused
        made.convention, made.transposed = convention, transposed
        return made

    @property
    def text(self) -> str:
        return str(self)

    @property
    def layout(self) -> str:
        """What the rows and columns are: "rows: i of s, columns: j of z"; "" for a number."""
        parts = [
            f"{word}: {i}" + (f" of {owner}" if owner else "") for word, i, owner in self.sides
        ]
        return ", ".join([*parts, *(f"the same for every {i}" for i in self.unused)])

    @property
    def other(self) -> str:
        """The layout that `transposed` is in."""
        return {NUMERATOR: DENOMINATOR, DENOMINATOR: NUMERATOR}.get(self.convention, "")


def matrix_form(expr: Expr, problem: Problem) -> MatrixForm | None:
    """The matrix form of a result, or None where it has more than two free indices or no form.

    Of three axes and more, those along which the result is the same are left out, and `unused`
    names them.

    Args:
        expr: a result in index form; its free indices are the problem's axes and those of wrt.
        problem: what was asked.
    """
    every = (*problem.axes, *problem.wrt_axes)
    used = free_indices(expr)
    axes = every if len(every) <= 2 else tuple(a for a in every if a in used)
    if len(axes) > 2:
        return None
    reading = Reading(problem.axes, problem.wrt_axes)
    converter = Converter(reading, dict(problem.extents), problem.decimals)
    convention = _convention(problem, axes)
    try:
        with undistributed():
            form = converter.form(pulled(expr), axes)
            other = _transposed(converter, expr, axes, form) if convention else None
    except NoForm:
        return None
    found = signed(form)
    if any(name in problem.shapes for name, _ in converter.constants):
        return None  # a variable is called I, as the identity is
    return MatrixForm(
        text=found.text,
        latex=found.latex,
        shape=tuple(problem.extents[letter] for letter in axes),
        sides=_sides(problem, axes),
        unused=tuple(str(axis) for axis in every if axis not in axes),
        convention=convention,
        transposed=signed(other).text if other else "",
        legend=_legend(found.text, [*problem.shapes.items(), *converter.constants]),
    )


def _legend(text: str, known: list[tuple[str, Shape]]) -> tuple[tuple[str, Shape], ...]:
    """The names in a text with their shapes, in order of appearance."""
    words = re.findall(r"\w+", text)
    return tuple(sorted((k for k in known if k[0] in words), key=lambda k: words.index(k[0])))


def _convention(problem: Problem, axes: Axes) -> str:
    """Which layout the forms here are in."""
    rows = [letter for letter in axes if letter in problem.axes]
    if len(problem.wrt) != 1 or not axes:
        return ""
    columns = indices_of(problem.wrt[0])
    if not problem.axes:
        return DENOMINATOR
    jacobian = len(axes) == 2 and len(rows) == 1 and not {*rows} & {*columns}
    by_scalar = axes == problem.axes and not columns
    return NUMERATOR if jacobian or by_scalar else ""


def _transposed(converter: Converter, expr: Expr, axes: Axes, form: Form) -> Form:
    """The form with rows and columns exchanged, written without a bracket where that can be."""
    try:
        if len(axes) == 1:
            return row(converter, pulled(expr), axes[0])
        return converter.form(pulled(expr), axes[::-1])
    except NoForm:
        return turned(form)


def _sides(problem: Problem, axes: Axes) -> tuple[tuple[str, str, str], ...]:
    """What each axis is called, its letter, and the variable it comes from."""
    heads = [problem.target, *problem.wrt]
    words = ("entries",) if len(axes) == 1 else ("rows", "columns")
    owners = (next((name_of(h) for h in heads if axis in indices_of(h)), "") for axis in axes)
    return tuple((w, str(a), o) for w, a, o in zip(words, axes, owners, strict=False))
