"""Writes one expression in the input language."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from itertools import chain, permutations

from sympy import (
    Add,
    Expr,
    Indexed,
    KroneckerDelta,
    Mul,
    Number,
    NumberSymbol,
    Piecewise,
    Pow,
    Rational,
    Symbol,
)
from sympy.logic.boolalg import Boolean

from derive.decimals import ratio
from derive.functions import Maximum, Minimum, log
from derive.indices import difference, free_indices, substitute
from derive.language.norms import norm_of
from derive.language.sizes import lengths
from derive.language.softmaxes import Denominators, argument
from derive.language.spelling import condition_text, place_text
from derive.nodes import (
    Binder,
    Derivative,
    Largest,
    Product,
    Smallest,
    Sum,
    Where,
    index,
    indices_of,
    is_size,
    name_of,
)
from derive.problem import Definition, Problem
from derive.reading import Reading

_BINDERS = {Sum: "sum", Product: "prod", Largest: "max", Smallest: "min"}
_CHOICES = {Maximum: "max", Minimum: "min"}
_WHOLE = index("_")  # the letter of a vector's entry that is written as the whole vector


class _Bind(IntEnum):
    """How tightly a piece of text holds together."""

    SUM = 0
    PRODUCT = 1
    POWER = 2
    ATOM = 3


_Piece = tuple[str, _Bind]


@dataclass(frozen=True)
class Writer:
    """Writes what stands inside one expression.

    Attributes:
        free: the lengths of the letters that are free where it stands.
        context: the whole expression.
        denominators: the problem's.
        ranked: whether who reads it knows how many indices each name has.
        bound: the lengths of the letters bound in what has been written so far.
        around: the letters bound around what is being written, with their lengths.
    """

    problem: Problem
    free: dict[Symbol, Expr]
    context: Expr
    denominators: Denominators
    ranked: bool = False
    bound: dict[str, set[Expr]] = field(default_factory=dict)
    around: list[tuple[str, Expr]] = field(default_factory=list)

    @cached_property
    def reading(self) -> Reading:
        return Reading(self.problem.axes, self.problem.wrt_axes)

    @cached_property
    def roots(self) -> frozenset[Expr]:
        """What stands under a root somewhere."""
        powers = self.context.atoms(Pow)
        return frozenset(power.base for power in powers if (2 * power.exp).is_odd)

    def whole_text(self) -> str:
        """The text of the whole expression. A length is written by a letter that runs over it, and
        which letters there are is known only once all of it has been written."""
        self.text(self.context)
        return self.text(self.context)

    def text(self, expr: Expr, bind: _Bind = _Bind.SUM) -> str:
        """In brackets unless it holds together at least as tightly as `bind`."""
        text, own = self._piece(expr)
        return text if own >= bind else f"({text})"

    def softmax(self, definition: Definition, outer: tuple[Expr, ...]) -> str:
        """A definition's whole vector, such as softmax(z/T)."""
        return f"softmax({self._vector(definition, outer)})"

    def _vector(self, definition: Definition, outer: tuple[Expr, ...]) -> str:
        places = dict(zip(definition.indices, (*outer, _WHOLE), strict=True))
        return self.text(substitute(argument(definition), places))

    def _piece(self, expr: Expr) -> _Piece:
        if isinstance(expr, Number):
            return self._number(expr)
        if isinstance(expr, Symbol | NumberSymbol):
            return self._length(expr) if is_size(expr) else (str(expr), _Bind.ATOM)
        if isinstance(expr, Indexed):
            return self._entry(expr), _Bind.ATOM
        if isinstance(expr, Add):
            return self._sum_of_terms(expr)
        if isinstance(expr, Mul) or _is_reciprocal(expr):
            return self._product(expr)
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, Sum) and (norm := self._norm(expr)):
            return f"{norm}**2", _Bind.POWER
        if isinstance(expr, Boolean):
            return condition_text(expr, self.text, self.reading), _Bind.SUM
        return self._call(expr), _Bind.ATOM

    def _call(self, expr: Expr) -> str:
        if isinstance(expr, KroneckerDelta):
            return f"delta({', '.join(map(self._place, self.reading.delta_indices(expr)))})"
        if isinstance(expr, Binder):
            return self._over(expr)
        if isinstance(expr, Derivative):
            return f"diff({self.text(expr.expr)}, {self.text(expr.variable)})"
        if isinstance(expr, Where):
            return self._cases([(expr.yes, expr.condition), (expr.no, None)])
        if isinstance(expr, Piecewise):
            return self._cases(list(expr.args))
        if isinstance(expr, log) and (found := self._logsumexp(expr.args[0])):
            return found
        inside = ", ".join(self.text(part) for part in expr.args)
        return f"{_CHOICES.get(type(expr)) or type(expr).__name__.lower()}({inside})"

    def _over(self, binder: Binder) -> str:
        letter = str(binder.letter)
        self.bound.setdefault(letter, set()).add(binder.extent)
        self.around.append((letter, binder.extent))
        body = self.text(binder.body)
        self.around.pop()
        return f"{_BINDERS[type(binder)]}({body}, {letter})"

    def _cases(self, branches: list[Expr]) -> str:
        (value, condition), *rest = branches
        if not rest:
            return self.text(value)
        holds = condition_text(condition, self.text, self.reading)
        return f"where({holds}, {self.text(value)}, {self._cases(rest)})"

    def _entry(self, expr: Indexed) -> str:
        name, indices = name_of(expr), indices_of(expr)
        definition = self.problem.definition(expr)
        if definition and definition.source and not definition.given:
            name, indices = self.softmax(definition, indices[:-1]), indices[-1:]
        if indices == (_WHOLE,):
            return name
        return f"{name}[{', '.join(':' if i == _WHOLE else self._place(i) for i in indices)}]"

    def _sum_of_terms(self, expr: Add) -> _Piece:
        text = ""
        for term in self.reading.terms(expr):
            written = self.text(term)
            if not text:
                text = written
            elif written.startswith("-"):
                text += f" - {written[1:]}"
            else:
                text += f" + {written}"
        return text, _Bind.SUM

    def _product(self, expr: Expr) -> _Piece:
        found = self.reading.factors(expr)
        number = Rational(found.coefficient)
        above = [self.text(factor, _Bind.POWER) for factor in found.numerator]
        below = [self.text(factor, _Bind.POWER) for factor in found.denominator]
        front, divisor = ratio(number, self.problem.decimals)
        if front != "1" or not above:
            above.insert(0, front)
        if divisor != "1":
            below.insert(0, divisor)
        text = "*".join(above)
        if below:
            text += "/" + (below[0] if len(below) == 1 else f"({'*'.join(below)})")
        if found.negative:
            return f"-{text}", _Bind.SUM
        return text, _Bind.PRODUCT

    def _power(self, expr: Pow) -> _Piece:
        base, exponent = expr.args
        if (2 * exponent).is_Integer and (norm := self._norm(base)):
            return (
                (norm, _Bind.ATOM) if exponent.p == 1 else (f"{norm}**{2 * exponent}", _Bind.POWER)
            )
        if exponent == Rational(1, 2):
            return f"sqrt({self.text(base)})", _Bind.ATOM
        return f"{self.text(base, _Bind.ATOM)}**{self.text(exponent, _Bind.ATOM)}", _Bind.POWER

    def _logsumexp(self, total: Expr) -> str:
        """logsumexp(z), where that is how the language names the sum under this logarithm."""
        found = self.denominators.find(total)
        return f"logsumexp({self._vector(*found)})" if found else ""

    def _norm(self, total: Expr) -> str:
        """norm(x), where this sum stands under a root and that is how the language names it."""
        if total not in self.roots:
            return ""
        found = norm_of(total, self.problem, self.ranked)
        if found is None or _WHOLE in free_indices(found):
            return ""
        return f"norm({self.text(substitute(found, {total.letter: _WHOLE}))})"

    def _number(self, number: Number) -> _Piece:
        if number < 0:
            return f"-{self._number(-number)[0]}", _Bind.SUM
        front, divisor = ratio(number, self.problem.decimals)
        return (front, _Bind.ATOM) if divisor == "1" else (f"{front}/{divisor}", _Bind.PRODUCT)

    def _place(self, index: Expr) -> str:
        return place_text(index, self.reading)

    def _letter(self, length: Symbol) -> str:
        """An index that is `length` long wherever it stands: one that is free here, else one bound
        here, else any other of the problem's, else one that is so long in this place; "" without
        one."""
        standing = free_indices(self.context)
        here: dict[str, set[Expr]] = {}
        for free in sorted(self.free, key=lambda free: free not in standing):
            here[str(free)] = {self.free[free]}
        for name in sorted(self.bound):
            here[name] = here.get(name, set()) | self.bound[name]
        for letter, found in here.items():
            if found == {length}:
                return letter
        elsewhere = lengths(self.problem).items()
        others = (name for name, found in elsewhere if name not in here and found == {length})
        in_force = {str(free): self.free[free] for free in self.free} | dict(self.around)
        inner = (name for name, found in in_force.items() if found == length)
        return next(chain(others, inner), "")

    def _length(self, length: Symbol) -> _Piece:
        """size(k); where no letter is as long, by one or two that tell: size(k) - 1,
        size(j) - size(t) + 1. Without these, the length's own name."""
        if letter := self._letter(length):
            return f"size({letter})", _Bind.ATOM
        in_force = [*self.free.items(), *self.around]
        told = [(f"size({letter})", difference(length, own)) for letter, own in in_force]
        for (long, longer), (short, shorter) in permutations(in_force, 2):
            told.append((f"size({long}) - size({short})", difference(length + shorter, longer)))
        for text, rest in told:
            if rest.is_Integer:
                text = f"{text} + {rest}".replace("+ -", "- ")
                return text.removesuffix(" + 0"), _Bind.SUM
        return f"size({length})", _Bind.ATOM


def _is_reciprocal(expr: Expr) -> bool:
    return isinstance(expr, Pow) and isinstance(expr.exp, Number) and bool(expr.exp < 0)
