"""A column's transpose: a row, with the transpose taken of what is in a product."""

from __future__ import annotations

from sympy import Add, Expr, Mul, Pow, Symbol

from derive.matrices.arrays import Converter, Exprs
from derive.matrices.notation import Form, add, transposed
from derive.nodes import Sum


def row(converter: Converter, expr: Expr, axis: Symbol) -> Form:
    """The row with an entry for each value of `axis`: (p - y).T, 2/n*(a - t).T, y.T*W.

    Raises:
        NoForm: the expression has no matrix form.
    """

    def rest(over: Exprs, under: Exprs) -> Form:
        found = Mul(*over, *(Pow(f, -1) for f in under))
        return plain(expr) if found == expr else row(converter, found, axis)

    def plain(whole: Expr) -> Form:
        return transposed(converter.form(whole, (axis,)))

    if isinstance(expr, Add) and expr.has(Sum):
        return add([row(converter, term, axis) for term in converter.reading.terms(expr)])
    if isinstance(expr, Sum) and not isinstance(expr.body, Add):
        return converter.contracted(expr, (axis,), row=True)
    return converter.numbered(expr, rest) if isinstance(expr, Mul) else plain(expr)
