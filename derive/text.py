"""Expressions and problems back to the input language."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from itertools import chain

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

from derive.functions import Maximum, Minimum, log
from derive.indices import free_indices, substitute
from derive.language.sizes import lengths
from derive.language.softmaxes import Denominators, argument
from derive.language.spelling import condition_text, place_text
from derive.language.vocabulary import OWN_LETTERS
from derive.nodes import (
    Binder,
    Derivative,
    Largest,
    Product,
    Smallest,
    Sum,
    Where,
    children,
    index,
    indices_of,
    is_size,
    name_of,
    rebuild,
    undistributed,
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


def text_of(expr: Expr, problem: Problem) -> str:
    """An expression in the input language.

    Names that the parser chose are written out; a length is size(k) of an index that has it. Apart
    from pending derivatives (`diff(f, z[j])`), `parse_expression` reads it back.
    """
    return _Writer(problem, problem.extents, expr, Denominators(problem)).whole_text()


def result_text(expr: Expr, problem: Problem) -> str:
    """An expression in the names the user knows: adjoints are written out."""
    with undistributed():
        known = _without_adjoints(expr, problem)
    return text_of(known, problem)


def _without_adjoints(expr: Expr, problem: Problem) -> Expr:
    if isinstance(expr, Indexed | Symbol):
        definition = problem.definition(expr)
        if definition is None or not definition.adjoint:
            return expr
        places = dict(zip(definition.indices, indices_of(expr), strict=True))
        return _without_adjoints(substitute(definition.body, places), problem)
    parts = tuple(_without_adjoints(part, problem) for part in children(expr))
    return rebuild(expr, parts) if parts else expr


def problem_text(problem: Problem) -> str:
    """Definitions and target as statements that `parse` reads as the same problem."""
    chosen = next((name for name in OWN_LETTERS if name not in _given_names(problem)), "")
    denominators = Denominators(problem)
    lines: list[str] = []
    shown: Expr = None
    for definition in (d for d in problem.definitions if d.given):
        whole = bool(definition.source) and [str(i) for i in definition.indices] == [chosen]
        lines.append(_definition_text(definition, problem, whole, denominators))
        shown = None if whole else definition.head
    if shown != problem.target:
        free = {axis: problem.extents[axis] for axis in problem.axes}
        lines.append(_Writer(problem, free, problem.target, denominators).whole_text())
    return "\n".join(lines)


def with_sources(problem: Problem) -> Problem:
    """The problem with the `source` of every softmax written as everything else is."""
    denominators = Denominators(problem)
    made: list[Definition] = []
    for definition in problem.definitions:
        if definition.source:
            writer = _Writer(problem, problem.extents, definition.body, denominators)
            source = writer.softmax(definition, definition.indices[:-1])
            definition = replace(definition, source=source)
        made.append(definition)
    return replace(problem, definitions=tuple(made))


def _given_names(problem: Problem) -> set[str]:
    return set(problem.shapes) - {d.name for d in problem.definitions if not d.given}


def _definition_text(
    definition: Definition, problem: Problem, whole: bool, denominators: Denominators
) -> str:
    axes = () if whole else zip(definition.indices, problem.shapes[definition.name], strict=True)
    writer = _Writer(problem, dict(axes), definition.body, denominators)
    if whole:
        return f"{definition.name} = {writer.softmax(definition, ())}"
    body = writer.whole_text()
    if definition.source:
        body = f"{writer.softmax(definition, definition.indices[:-1])}[{definition.indices[-1]}]"
    return f"{writer.text(definition.head)} = {body}"


@dataclass(frozen=True)
class _Writer:
    """Writes what stands inside one expression.

    Attributes:
        free: the lengths of the letters that are free where it stands.
        context: the whole expression.
        denominators: the problem's.
        bound: the lengths of the letters bound in what has been written so far.
        around: the letters bound around what is being written, with their lengths.
    """

    problem: Problem
    free: dict[Symbol, Expr]
    context: Expr
    denominators: Denominators
    bound: dict[str, set[Expr]] = field(default_factory=dict)
    around: list[tuple[str, Expr]] = field(default_factory=list)

    @cached_property
    def reading(self) -> Reading:
        return Reading(self.problem.axes, self.problem.wrt_axes)

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
            return _number(expr)
        if isinstance(expr, Symbol | NumberSymbol):
            return (f"size({self._letter(expr)})" if is_size(expr) else str(expr)), _Bind.ATOM
        if isinstance(expr, Indexed):
            return self._entry(expr), _Bind.ATOM
        if isinstance(expr, Add):
            return self._sum_of_terms(expr)
        if isinstance(expr, Mul) or _is_reciprocal(expr):
            return self._product(expr)
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, Boolean):
            return condition_text(expr, self.text), _Bind.SUM
        return self._call(expr), _Bind.ATOM

    def _call(self, expr: Expr) -> str:
        if isinstance(expr, KroneckerDelta):
            return f"delta({', '.join(place_text(i) for i in self.reading.delta_indices(expr))})"
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
        holds = condition_text(condition, self.text)
        return f"where({holds}, {self.text(value)}, {self._cases(rest)})"

    def _entry(self, expr: Indexed) -> str:
        name, indices = name_of(expr), indices_of(expr)
        definition = self.problem.definition(expr)
        if definition and definition.source and not definition.given:
            name, indices = self.softmax(definition, indices[:-1]), indices[-1:]
        if indices == (_WHOLE,):
            return name
        return f"{name}[{', '.join(':' if i == _WHOLE else place_text(i) for i in indices)}]"

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
        if number.p != 1 or not above:
            above.insert(0, str(number.p))
        if number.q != 1:
            below.insert(0, str(number.q))
        text = "*".join(above)
        if below:
            text += "/" + (below[0] if len(below) == 1 else f"({'*'.join(below)})")
        if found.negative:
            return f"-{text}", _Bind.SUM
        return text, _Bind.PRODUCT

    def _power(self, expr: Pow) -> _Piece:
        base, exponent = expr.args
        if exponent == Rational(1, 2):
            return f"sqrt({self.text(base)})", _Bind.ATOM
        return f"{self.text(base, _Bind.ATOM)}**{self.text(exponent, _Bind.ATOM)}", _Bind.POWER

    def _logsumexp(self, total: Expr) -> str:
        """logsumexp(z), where that is how the language names the sum under this logarithm."""
        found = self.denominators.find(total)
        return f"logsumexp({self._vector(*found)})" if found else ""

    def _letter(self, length: Symbol) -> str:
        """An index that is `length` long wherever it stands: one that is free here, else one bound
        here, else any other of the problem's, else one that is so long in this place. Without one,
        the length's own name."""
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
        return next(chain(others, inner, [str(length)]))


def _is_reciprocal(expr: Expr) -> bool:
    return isinstance(expr, Pow) and isinstance(expr.exp, Number) and bool(expr.exp < 0)


def _number(number: Number) -> _Piece:
    if number < 0:
        return str(number), _Bind.SUM
    return str(number), _Bind.ATOM if number.is_Integer else _Bind.PRODUCT
