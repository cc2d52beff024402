"""Rules that write one term the way another one is written, so that they can be joined."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from sympy import Add, Expr, Pow
from sympy.core.relational import Eq, Ne

from derive.context import Context
from derive.steps import Level, Rewrite, Rule


def _alike(node: Add, context: Context) -> Rewrite | None:
    """(f - g)^2 + h (g - f)^2 = (f - g)^2 + h (f - g)^2. What is written in two ways is written in
    one, the earlier term's."""
    for model, term in permutations(context.reading.terms(node), 2):
        for form, other in _turned(model):
            if term.has(form) or not term.has(other) or model.has(other):
                continue
            after = term.xreplace({other: form})
            return Rewrite(
                Add(*(after if t == term else t for t in node.args)), {"f": other, "g": form}
            )
    return None


def _turned(term: Expr) -> Iterator[tuple[Expr, Expr]]:
    """What can be written in two ways: an even power of a difference, and whether two are equal."""
    for power in sorted(term.atoms(Pow), key=str):
        if isinstance(power.base, Add) and power.exp.is_even:
            yield power, Pow(Add(*(-part for part in power.base.args)), power.exp)
    for relation in sorted(term.atoms(Eq, Ne), key=str):
        yield relation, relation.reversed


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
