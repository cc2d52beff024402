"""Matrix notation as text and LaTeX side by side, bracketed only where it must be.

The text form: `*` is the matrix product (also of a number with an array), `.*`, `./` and `.^` work
entry by entry, as functions do; `.T` transposes; `I` is the identity, and `1` where an array must
stand is the column of ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import sympy

from derive.nodes import scalar


class Bind(IntEnum):
    """How tightly a form holds together."""

    RELATION = 0
    SUM = 1
    ENTRYWISE = 2
    PRODUCT = 3
    POWER = 4
    ATOM = 5


@dataclass(frozen=True)
class Form:
    """A piece of matrix notation.

    Attributes:
        negative: a minus sign stands in front of `text` and `latex`.
    """

    text: str
    latex: str
    bind: Bind = Bind.ATOM
    negative: bool = False

    @property
    def plain(self) -> Form:
        """The form without its minus sign."""
        return replace(self, negative=False)

    def within(self, bind: Bind) -> Form:
        """The form as a part of something that binds like `bind`: in brackets where needed."""
        if self.bind >= bind and not self.negative:
            return self
        return Form(f"({signed(self).text})", rf"\left({signed(self).latex}\right)")


ONES = Form("1", r"\mathbf{1}")
IDENTITY = Form("I", "I")


def name(word: str) -> Form:
    """A variable: W1 is W with a 1 below, y_hat wears a hat, sigma is Greek."""
    return Form(word, sympy.latex(scalar(re.sub(r"_(hat|bar|tilde)\b", r"\1", word))))


def entry(word: str, places: Sequence[str]) -> Form:
    """One entry, by number: z[1]."""
    return Form(f"{word}[{', '.join(places)}]", f"{name(word).latex}_{{{','.join(places)}}}")


def negated(form: Form) -> Form:
    return replace(form, negative=not form.negative)


def signed(form: Form) -> Form:
    """The minus sign, if there is one, written out."""
    if not form.negative:
        return form
    part = form.plain.within(Bind.ENTRYWISE)
    return Form(f"-{part.text}", f"-{part.latex}", Bind.SUM)


def add(terms: Sequence[Form]) -> Form:
    """Terms in the order given, each with its sign."""
    first = signed(terms[0])
    text, latex = first.text, first.latex
    for term in terms[1:]:
        part = term.plain.within(Bind.ENTRYWISE)
        sign = "-" if term.negative else "+"
        text, latex = f"{text} {sign} {part.text}", f"{latex} {sign} {part.latex}"
    return Form(text, latex, Bind.SUM) if len(terms) > 1 else terms[0]


def times(factors: Sequence[Form]) -> Form:
    """The matrix product, or a number times an array."""
    parts = [factor.plain for factor in factors]
    if len(parts) == 1:
        return factors[0]
    parts = [part.within(Bind.PRODUCT) for part in parts]
    text, latex = "*".join(p.text for p in parts), " ".join(p.latex for p in parts)
    return Form(text, latex, Bind.PRODUCT, _odd(factors))


def fraction(over: Form, under: Form) -> Form:
    """A quotient of numbers."""
    text = f"{over.plain.within(Bind.PRODUCT).text}/{under.plain.within(Bind.POWER).text}"
    latex = rf"\frac{{{over.plain.latex}}}{{{under.plain.latex}}}"
    return Form(text, latex, Bind.PRODUCT, _odd([over, under]))


def entrywise(over: Sequence[Form], under: Sequence[Form]) -> Form:
    """A product of arrays of one shape, entry by entry, divided by others."""
    if len(over) == 1 and not under:
        return over[0]
    parts = [factor.plain.within(Bind.POWER) for factor in over or [ONES]]
    text, latex = " .* ".join(p.text for p in parts), r" \odot ".join(p.latex for p in parts)
    for divisor in (factor.plain.within(Bind.POWER) for factor in under):
        text, latex = f"{text} ./ {divisor.text}", rf"{latex} \oslash {divisor.latex}"
    return Form(text, latex, Bind.ENTRYWISE, _odd([*over, *under]))


def power(base: Form, exponent: Form, of_array: bool) -> Form:
    """A power; of an array, entry by entry."""
    inside, raised = base.within(Bind.ATOM), exponent.within(Bind.ATOM)
    text = f"{inside.text}{'.^' if of_array else '**'}{raised.text}"
    circle = r"\odot " if of_array else ""
    return Form(text, f"{inside.latex}^{{{circle}{signed(exponent).latex}}}", Bind.POWER)


def transposed(form: Form) -> Form:
    inside = form.plain.within(Bind.ATOM)
    return Form(f"{inside.text}.T", rf"{inside.latex}^\top", Bind.POWER, form.negative)


def diagonal(vector: Form) -> Form:
    made = applied("diag", r"\operatorname{diag}", vector.plain)
    return negated(made) if vector.negative else made


def applied(word: str, latex: str, *arguments: Form) -> Form:
    """A function of numbers, or of every entry of arrays."""
    inside = [signed(argument) for argument in arguments]
    text, printed = ", ".join(f.text for f in inside), ", ".join(f.latex for f in inside)
    return Form(f"{word}({text})", rf"{latex}({printed})")


_RELATIONS = {"==": "=", "!=": r"\ne", "<=": r"\le", ">=": r"\ge"}


def related(left: Form, relation: str, right: Form) -> Form:
    """A comparison, entry by entry."""
    left, right = signed(left), signed(right)
    sign = _RELATIONS.get(relation, relation)
    text, latex = f"{left.text} {relation} {right.text}", f"{left.latex} {sign} {right.latex}"
    return Form(text, latex, Bind.RELATION)


def chosen(condition: Form, yes: Form, no: Form) -> Form:
    """One or the other, entry by entry; 1 or 0 is an indicator in LaTeX."""
    made = applied("where", r"\operatorname{where}", condition, yes, no)
    if (yes.text, no.text, yes.negative) == ("1", "0", False):
        return replace(made, latex=rf"\mathbf{{1}}[{condition.latex}]")
    return made


def root(argument: Form) -> Form:
    inside = signed(argument)
    return Form(f"sqrt({inside.text})", rf"\sqrt{{{inside.latex}}}")


def _odd(factors: Sequence[Form]) -> bool:
    """Whether an odd number of factors is negative."""
    return sum(factor.negative for factor in factors) % 2 == 1
