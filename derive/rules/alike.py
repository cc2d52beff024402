"""Rules that write one term the way another one is written, so that they can be joined."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Expr, Mul, Pow
from sympy.core.relational import Eq, Ne

from derive import functions
from derive.context import Context
from derive.steps import Level, Rewrite, Rule

_EVEN = (functions.abs, functions.cos, functions.cosh)
_ODD = (
    *(functions.sign, functions.erf, functions.sin, functions.tan, functions.sinh, functions.tanh),
    *(functions.asin, functions.atan, functions.asinh, functions.atanh),
)
_TURNED = (*_EVEN, *_ODD, Pow, Eq, Ne)

# Two ways to write the same: as one term has it, as another one has it, and that in the first way.
Ways = tuple[Expr, Expr, Expr]


def _alike(node: Add, context: Context) -> Rewrite | None:
    """(f - g)^2 + h (g - f)^2 = (f - g)^2 + h (f - g)^2. What is written in two ways is written in
    one, the earlier term's."""
    terms = context.reading.terms(node)
    written = {term: term.atoms(*_TURNED) for term in terms}
    for model in terms:
        for form, other, instead in _turned(written[model]):
            for term in terms:
                if other in written[term] - written[model] and form not in written[term]:
                    after = Add(*(t.xreplace({other: instead}) if t == term else t for t in terms))
                    return Rewrite(after, {"f": other, "g": instead})
    return None


def _turned(written: set[Expr]) -> Iterator[Ways]:
    """What can be written in two ways: powers, even and odd functions of differences, and whether
    two are equal."""
    for form in sorted((f for f in written if _turn(f.args[0]) is not None), key=str):
        other = form.func(_turn(form.args[0]), *form.args[1:])
        if isinstance(form, _EVEN) or (isinstance(form, Pow) and form.exp.is_even):
            yield form, other, form
        elif isinstance(form, _ODD) or (isinstance(form, Pow) and form.exp.is_odd):
            yield form, other, -form
    for relation in sorted((r for r in written if isinstance(r, Eq | Ne)), key=str):
        yield relation, relation.reversed, relation


def _turn(expr: Expr) -> Expr | None:
    """The opposite of a difference, or of a product with one: f - g for g - f."""
    for factor in Mul.make_args(expr):
        if isinstance(factor, Add):
            return expr / factor * Add(*(-term for term in factor.args))
    return None


ALIKE = Rule(
    "write-alike",
    "Write alike",
    r"(f - g)^2 = (g - f)^2",
    "{f} is {g}, as another term has it.",
    (Add,),
    _alike,
    Level.FULL,
    eager=True,
)
