"""Index form to matrix notation, node by node.

How a product is read, for rows r and columns c: what has no free index is a number in front; a
delta makes a diagonal; f(r)*g(c) is an outer product; f(r)*M(r,c) scales rows. A sum over k of
A(r,k)*B(k,c) is a matrix product. What fits none of these has no matrix form, and none is made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sympy import (
    Add,
    Expr,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    NumberSymbol,
    Pow,
    Rational,
    Symbol,
    latex,
)
from sympy.core.relational import Relational

from derive.decimals import ratio
from derive.functions import Elementary, Maximum, Minimum
from derive.indices import free_indices, fresh, letters, rename, substitute
from derive.matrices.factors import divided, is_under, number, pulled, spread, twice, with_number
from derive.matrices.notation import (
    IDENTITY,
    ONES,
    Bind,
    Form,
    add,
    applied,
    chosen,
    diagonal,
    entry,
    entrywise,
    name,
    negated,
    power,
    related,
    root,
    times,
    transposed,
)
from derive.nodes import (
    Binder,
    Largest,
    Product,
    Smallest,
    Sum,
    Where,
    indices_of,
    is_index,
    name_of,
    total,
)
from derive.reading import Reading

Axes = tuple[Symbol, ...]
Shape = tuple[Expr, ...]
Exprs = tuple[Expr, ...]


# What is worked out from all entries of a column, or from several numbers.
_REDUCTIONS: dict[type, str] = {Product: "prod", Largest: "max", Smallest: "min"}
_CHOICES: dict[type, str] = {Maximum: "max", Minimum: "min"}


class NoForm(Exception):
    """The expression has no matrix form."""


@dataclass
class Converter:
    """Forms of expressions.

    Attributes:
        reading: the order of terms and factors.
        extents: how many values each letter takes.
        decimals: whether numbers are written in decimals.
        constants: the identities and columns of ones that were needed, with their shapes.
    """

    reading: Reading
    extents: dict[Symbol, Expr]
    decimals: bool = False
    constants: list[tuple[str, Shape]] = field(default_factory=list)

    def form(self, expr: Expr, axes: Axes) -> Form:
        """The number, column or matrix with an axis for each letter of `axes`."""
        used = free_indices(expr)
        if not used <= set(axes):
            raise NoForm
        if any(letter not in used for letter in axes):
            return self._stretched(expr, axes, used)
        if isinstance(expr, Add):
            return add([self.form(term, axes) for term in self.reading.terms(expr)])
        if isinstance(expr, Sum):
            return self.contracted(expr, axes)
        if isinstance(expr, Binder):
            return self._reduced(expr, axes)
        if isinstance(expr, Where):
            return self._chosen(expr, axes)
        if isinstance(expr, Maximum | Minimum):
            word = _CHOICES[type(expr)]
            return applied(word, "\\" + word, *(self._alike(arg, axes) for arg in expr.args))
        if isinstance(expr, Elementary):
            word = type(expr).__name__
            return applied(word, expr.latex_name, self.form(expr.args[0], axes))
        if isinstance(expr, Pow) and not is_under(expr):
            return self._power(expr, axes)
        if isinstance(expr, Mul | Pow | Rational):
            return self._product(expr, axes)
        return self._leaf(expr, axes)

    def _stretched(self, expr: Expr, axes: Axes, used: frozenset[Symbol]) -> Form:
        """An expression that is the same along an axis: a multiple of ones."""
        if len(axes) == 2 and isinstance(expr, Add):
            return add([self.form(term, axes) for term in self.reading.terms(expr)])
        if len(axes) == 2:
            left, right = (
                self._ones(axis)
                if axis not in used and (used or place)
                else self.form(expr, (axis,))
                for place, axis in enumerate(axes)
            )
            return times([left, transposed(right)])
        number, ones = self.form(expr, ()), self._ones(axes[0])
        if number.text == "1":
            return replace(ones, negative=number.negative)
        return times([number, ones])

    def _leaf(self, expr: Expr, axes: Axes) -> Form:
        """A variable, whole or transposed, a size, or a delta."""
        if isinstance(expr, KroneckerDelta) and set(expr.args) == set(axes):
            return self._identity(axes[0])
        if isinstance(expr, NumberSymbol):
            return Form(str(expr), latex(expr))
        if isinstance(expr, Symbol) and not is_index(expr):
            return name(str(expr))
        if not isinstance(expr, Indexed):
            raise NoForm
        places = indices_of(expr)
        if not axes and all(isinstance(place, Integer) for place in places):
            return entry(name_of(expr), [str(place) for place in places])
        if places == axes:
            return name(name_of(expr))
        if places == axes[::-1]:
            return transposed(name(name_of(expr)))
        raise NoForm

    def _alike(self, expr: Expr, axes: Axes) -> Form:
        """A number, or an array of all axes: what may stand beside such arrays, entry by entry."""
        return self.form(expr, axes if free_indices(expr) else ())

    def _chosen(self, expr: Where, axes: Axes) -> Form:
        """A distinction by one comparison, made for every entry."""
        if not isinstance(expr.condition, Relational):
            raise NoForm
        condition, cases = expr.condition, (expr.yes, expr.no)
        if cases == (0, 1):
            condition, cases = condition.negated, (expr.no, expr.yes)
        if condition.lhs.is_number:
            condition = condition.reversed
        left, right, yes, no = (self._alike(part, axes) for part in (*condition.args, *cases))
        return chosen(related(left, condition.rel_op, right), yes, no)

    def _reduced(self, expr: Binder, axes: Axes) -> Form:
        """The product, the largest or the smallest of a column's entries."""
        if axes or expr.letter not in free_indices(expr.body):
            raise NoForm
        self.extents[expr.letter] = expr.extent
        word = _REDUCTIONS[type(expr)]
        latex_name = r"\operatorname{prod}" if word == "prod" else "\\" + word
        return applied(word, latex_name, self.form(expr.body, (expr.letter,)))

    def _power(self, expr: Pow, axes: Axes) -> Form:
        base = self.form(expr.base, axes)
        if expr.exp == Rational(1, 2):
            return root(base)
        return power(base, self.form(expr.exp, ()), bool(axes))

    def _product(self, expr: Expr, axes: Axes) -> Form:
        """Numbers in front, then what has indices."""
        return self.numbered(expr, lambda over, under: self._arrays(over, under, axes))

    def numbered(self, expr: Expr, arrays: Callable[[Exprs, Exprs], Form]) -> Form:
        """A product with its numbers in front; `arrays` makes a form of what has indices."""
        read = self.reading.factors(expr)
        over, under = divided(read.numerator), divided(read.denominator)
        top, bottom = ([self.form(f, ()) for f in part.numbers] for part in (over, under))
        front, divisor = ratio(read.coefficient, self.decimals)
        if front != "1":
            top.insert(0, number(front))
        if divisor != "1":
            bottom.insert(0, number(divisor))
        some = bool(over.arrays or under.arrays)
        found = with_number(top, bottom, [arrays(over.arrays, under.arrays)] if some else [])
        return negated(found) if read.negative else found

    def _arrays(self, over: Sequence[Expr], under: Sequence[Expr], axes: Axes) -> Form:
        """A product of factors that all have indices."""
        if len(axes) == 1:
            return entrywise(
                [self.form(f, axes) for f in over], [self.form(f, axes) for f in under]
            )
        row, column = axes
        if KroneckerDelta(row, column) in over:
            return self._diagonal(over, under, axes)
        for factor in over:
            if isinstance(factor, Add) and free_indices(factor) == set(axes):
                return self.form(spread(factor, over, under), axes)
        rows, columns, both = (
            self._group(over, under, letters) for letters in ((row,), (column,), axes)
        )
        if both is None:
            return times([rows or self._ones(row), transposed(columns or self._ones(column))])
        parts = [rows and diagonal(rows), both, columns and diagonal(columns)]
        return times([part for part in parts if part])

    def _group(self, over: Sequence[Expr], under: Sequence[Expr], axes: Axes) -> Form | None:
        """The product of the factors that depend on just these letters."""
        parts = [[f for f in part if free_indices(f) == set(axes)] for part in (over, under)]
        if not parts[0] and not parts[1]:
            return None
        top, bottom = ([self.form(f, axes) for f in part] for part in parts)
        return entrywise(top, bottom)

    def _diagonal(self, over: Sequence[Expr], under: Sequence[Expr], axes: Axes) -> Form:
        """A product with a delta: only the diagonal is left."""
        row, column = axes
        rest = [f for f in over if f != KroneckerDelta(row, column)]
        whole = Mul(*rest, *(Pow(f, -1) for f in under))
        along = substitute(whole, {column: row})
        return diagonal(self.form(along, (row,))) if along != 1 else self._identity(row)

    def contracted(self, expr: Sum, axes: Axes, row: bool = False) -> Form:
        """A sum over k: of u(k)*v(k), of A(r,k)*v(k) or as a row v(k)*A(k,r), or of
        A(r,k)*B(k,c)."""
        if expr.letter in (*self.reading.first, *self.reading.last, *axes):
            expr = rename(expr, fresh(expr.letter, letters(expr) | {*axes}))
        letter, body = expr.letter, expr.body
        self.extents[letter] = expr.extent
        if isinstance(body, Add) and len(free_indices(body)) > 1:
            return self.form(Add(*(pulled(total(t, letter, expr.extent)) for t in body.args)), axes)
        factors = Mul.make_args(body)
        inner = [f for f in factors if free_indices(f) == {letter}]
        if any(letter not in free_indices(f) for f in factors):
            raise NoForm  # a number times a sum is not left inside by pulled
        if not axes:
            return self._inner_product(Mul(*inner), letter)
        if len(axes) == 1:
            column = self.form(Mul(*inner), (letter,)) if inner else self._ones(letter)
            if row:
                return times([transposed(column), self._side(factors, (letter, *axes))])
            return times([self._side(factors, (*axes, letter)), column])
        left = self._side(factors, (axes[0], letter))
        middle = [diagonal(self.form(Mul(*inner), (letter,)))] if inner else []
        return times([left, *middle, self._side(factors, (letter, axes[1]))])

    def _side(self, factors: Iterable[Expr], axes: Axes) -> Form:
        """The matrix that the factors in two letters make."""
        found = [f for f in factors if free_indices(f) == set(axes)]
        if not found:
            raise NoForm
        return self.form(Mul(*found), axes)

    def _inner_product(self, product: Expr, letter: Symbol) -> Form:
        """u.T*v; a square is a vector times itself, a lone vector is summed up."""
        read = self.reading.factors(product)
        over = [part for f in read.numerator for part in twice(f)]
        if len(over) < 2:
            return applied("sum", r"\operatorname{sum}", self.form(product, (letter,)))
        first, *rest = (self.form(f, (letter,)) for f in over)
        right = entrywise(rest, [self.form(f, (letter,)) for f in read.denominator])
        # In brackets inside a longer product: (x.T*x)*y, not x.T*x*y.
        return replace(times([transposed(first), right]), bind=Bind.ENTRYWISE)

    def _identity(self, letter: Symbol) -> Form:
        size = self.extents[letter]
        return self._constant(IDENTITY, (size, size))

    def _ones(self, letter: Symbol) -> Form:
        return self._constant(ONES, (self.extents[letter],))

    def _constant(self, form: Form, shape: Shape) -> Form:
        if (form.text, shape) not in self.constants:
            self.constants.append((form.text, shape))
        return form
