"""Rules that write one term the way another one is written, so that they can be joined."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Expr, Pow
from sympy.core.relational import Eq, Ne

from derive.context import Context
from derive.functions import abs as absolute
from derive.functions import sign
from derive.steps import Level, Rewrite, Rule

_TURNED = (Pow, absolute, sign, Eq, Ne)

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
    """What can be written in two ways: powers, absolute values and signs of differences, and
    whether two are equal."""
    for form in sorted((f for f in written if isinstance(f.args[0], Add)), key=str):
        minus = Add(*(-part for part in form.args[0].args))
        other = form.func(minus, *form.args[1:])
        if isinstance(form, absolute) or (isinstance(form, Pow) and form.exp.is_even):
            yield form, other, form
        elif isinstance(form, sign) or (isinstance(form, Pow) and form.exp.is_odd):
            yield form, other, -form
    for relation in sorted((r for r in written if isinstance(r, Eq | Ne)), key=str):
        yield relation, relation.reversed, relation


ALIKE = Rule(
    "write-alike",
    "Write alike",
    r"(f - g)^2 = (g - f)^2, \quad \operatorname{sign}(f - g) = -\operatorname{sign}(g - f)",
    "{f} is {g}, as another term has it.",
    (Add,),
    _alike,
    Level.FULL,
    eager=True,
)
