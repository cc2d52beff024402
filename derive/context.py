"""What a rule may know beyond the node it looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Add, Eq, Expr, Mul, S, Symbol

from derive.indices import Forms, canonical, free_indices, names, substitute
from derive.nodes import Derivative, Sum, indices_of, name_of, total
from derive.problem import Definition, Problem
from derive.reading import Reading
from derive.steps import Chain

LemmaSource = Callable[[Problem, Expr, Expr], Chain]


@dataclass(frozen=True)
class Fact:
    """A sum that is known: pattern = value for all values of the pattern's free indices.

    Attributes:
        source: the name it comes with ("s"), or "" for what the user assumed.
    """

    pattern: Expr
    value: Expr
    source: str = ""

    @property
    def wild(self) -> frozenset[Symbol]:
        return free_indices(self.pattern)


@dataclass(frozen=True)
class Context:
    """One problem, as rules see it.

    Attributes:
        problem: definitions, assumptions, sizes.
        question: the derivative that is being worked out, or None while simplifying.
        letters: every index letter in use anywhere in the expression at hand.
        free: those of them that stand for a fixed index in it.
        reading: the order in which terms and factors are read.
        prove: derives a lemma: the derivative of a defined name by a variable.
    """

    problem: Problem
    question: Expr | None
    letters: frozenset[Symbol]
    free: frozenset[Symbol]
    reading: Reading
    prove: LemmaSource
    _reach: dict[str, frozenset[str]] = field(default_factory=dict)
    _forms: Forms = field(default_factory=Forms)

    def canonical(self, expr: Expr) -> Expr:
        """The form that does not depend on bound letters; see `derive.indices.canonical`."""
        return self._forms[expr, 0]

    def is_question(self, node: Derivative) -> bool:
        """Whether a derivative is what is being asked, so that no lemma answers it."""
        return bool(node == self.question)

    def depends(self, expr: Expr, variable: Expr) -> bool:
        """Whether the variable's name stands in an expression, or in what its names stand for."""
        return any(name_of(variable) in self.reach(name) for name in names(expr))

    def reach(self, name: str) -> frozenset[str]:
        """A name and every name its definition leads to."""
        if name not in self._reach:
            found = frozenset([name])
            for inner in self.uses(name):
                found |= self.reach(inner)
            self._reach[name] = found
        return self._reach[name]

    def uses(self, name: str) -> frozenset[str]:
        """The names in the body of a definition; none for a variable."""
        return names(self._bodies[name]) if name in self._bodies else frozenset()

    @cached_property
    def _bodies(self) -> dict[str, Expr]:
        return {definition.name: definition.body for definition in self.problem.definitions}

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What is assumed, and what follows from the form of a definition."""
        assumed = [
            Fact(a.lhs, a.rhs)
            for a in self.problem.assumptions
            if isinstance(a, Eq) and isinstance(a.lhs, Sum)
        ]
        found = [
            fact
            for definition in self.problem.definitions
            for kind in (_normalised, _centred)
            if (fact := kind(definition, self))
        ]
        return (*assumed, *found)


def _normalised(definition: Definition, context: Context) -> Fact | None:
    """s_i = f_i / sum_k f_k implies sum_i s_i = 1: the denominator is the numerator's sum."""
    for i in definition.indices:
        for factor in Mul.make_args(definition.body):
            base = 1 / factor
            if not isinstance(base, Sum):
                continue
            numerator = definition.body * base
            extent = context.problem.shapes[definition.name][definition.indices.index(i)]
            if canonical(total(numerator, i, extent)) == canonical(base):
                return Fact(total(definition.head, i, extent), S.One, definition.name)
    return None


def _centred(definition: Definition, context: Context) -> Fact | None:
    """s_i = c (f_i - m) with m = sum_k f_k / n implies sum_i s_i = 0: deviations from a mean."""
    for i, extent in zip(definition.indices, context.problem.shapes[definition.name], strict=True):
        for inner in Mul.make_args(definition.body):
            if i in free_indices(definition.body / inner):
                continue
            terms = Add.make_args(inner)
            fixed = [_unfolded(t, context) for t in terms if i not in free_indices(t)]
            summed = [total(t, i, extent) for t in terms if i in free_indices(t)]
            rest = Add(*(extent * t for t in fixed), *summed)
            if fixed and summed and canonical(rest) == 0:
                return Fact(total(definition.head, i, extent), S.Zero, definition.name)
    return None


def _unfolded(term: Expr, context: Context) -> Expr:
    """A term with a name in it replaced by what it stands for."""
    factors = []
    for factor in Mul.make_args(term):
        definition = context.problem.definition(factor)
        factors.append(unfold(definition, factor) if definition else factor)
    return Mul(*factors)


def bottleneck(f: Expr, variable: Expr, context: Context) -> Definition | None:
    """The definition nearest to the variable that every way from f to it passes; None where there
    is none, or where it already stands in what f is defined by (then f itself is worked out)."""
    definition = context.problem.definition(f)
    if definition is None and f != context.problem.target:
        return None
    direct = context.uses(definition.name) if definition else names(f)
    goal = name_of(variable)
    for candidate in context.problem.definitions:
        if candidate.name in direct or candidate is definition:
            continue
        if goal in context.reach(candidate.name) and not _reaches(
            direct, goal, candidate.name, context
        ):
            return candidate
    return None


def _reaches(start: frozenset[str], goal: str, closed: str, context: Context) -> bool:
    """Whether a way leads from the names to the goal that does not pass the closed name."""
    return any(
        name == goal or _reaches(context.uses(name), goal, closed, context)
        for name in start
        if name != closed
    )


def unfold(definition: Definition, head: Expr) -> Expr:
    """The body of a definition at the indices of an occurrence: s[k] with i := k."""
    actual = indices_of(head)
    return substitute(definition.body, dict(zip(definition.indices, actual, strict=True)))
