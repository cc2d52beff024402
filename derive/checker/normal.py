"""Is a step right for every size? Both sides are brought to one normal form.

What is proved here holds for all sizes, all index values and all numbers at which both sides have
a value. What is not proved may be right as well: then only `finite` has looked at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache, singledispatchmethod
from itertools import count
from typing import Any

import sympy
from sympy import Expr, Indexed, Integer, KroneckerDelta, Piecewise, Rational, Symbol
from sympy.core.relational import Equality, Ge, Gt, Le, Lt, Unequality
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from derive.checker.adjoints import Adjoints
from derive.checker.atoms import (
    ONE,
    Constant,
    Entry,
    Exp,
    Frozen,
    IsPositive,
    IsZero,
    Poly,
    Size,
    Unprovable,
    add_to,
    added,
    exact,
    frozen,
    scaled,
)
from derive.checker.given import given
from derive.checker.letters import ARGUMENT, Letters
from derive.checker.table import LIMIT
from derive.functions import Elementary, Maximum, Minimum
from derive.nodes import Derivative, Sum, Where, indices_of, is_index, is_size, name_of
from derive.problem import Problem

# What a letter of an expression is called in normal forms, and what stands for ARGUMENT.
Env = Mapping[Symbol, str | Frozen]


def proved_equal(before: Expr, after: Expr, problem: Problem) -> bool:
    """Whether two expressions are known to be equal for every size and all index values.

    Returns:
        True if they are, wherever both have a value and the problem's assumptions hold. False says
        only that no proof was found.
    """
    return Prover(problem).equal(before, after)


class Prover:
    """Proves equalities in one problem; what was worked out once is kept."""

    def __init__(self, problem: Problem, letters: Letters | None = None) -> None:
        self._normal = Normal(problem, letters or Letters())

    def equal(self, before: Expr, after: Expr) -> bool:
        """`proved_equal` for this problem."""
        normal = self._normal
        normal.left = LIMIT
        try:
            apart = added(normal.read(before, {}), normal.read(after, {}), -1)
            return normal.vanishes(apart)
        except (Unprovable, RecursionError):  # too long, or too deep
            return False


class Normal(Adjoints):
    """Expressions of one problem in normal form."""

    def __init__(self, problem: Problem, letters: Letters) -> None:
        super().__init__(given(problem), problem.definitions, problem.shapes)
        self._letters = letters
        self._read: dict[tuple[int, tuple[Any, ...]], Poly] = {}

    def read(self, node: Expr, env: Env) -> Poly:
        """The normal form of an expression, its names still folded.

        Raises:
            Unprovable: there is none.
        """
        known = self._letters(node)
        key = (known.number, tuple(env.get(letter) for letter in known.letters))
        if key not in self._read:
            self._read[key] = self._of(node, env)
        return self._read[key]

    def body(self, entry: Entry) -> Poly | None:
        definition = self.definitions.get(entry.name)
        if definition is None:
            return None
        return self.read(definition.body, dict(zip(definition.indices, entry.indices, strict=True)))

    def assumed(self, name: str) -> Poly:
        return self.read(self.known.sums[name].value, {})

    def formula(self, formula: Expr, argument: Poly) -> Poly:
        return self.read(formula, {ARGUMENT: frozen(argument)})

    def index(self, node: Expr, env: Env) -> str:
        """An index by its name here."""
        if isinstance(node, Integer) and node >= 0:
            return f"={node}"
        if is_index(node):
            name = env.get(node, node.name)
            if isinstance(name, str) and (node in env or name.isidentifier()):
                return name
        raise Unprovable(f"{node} as an index")

    def head(self, node: Expr, env: Env) -> Entry:
        """The entry of a variable or defined name."""
        return Entry(name_of(node), tuple(self.index(i, env) for i in indices_of(node)))

    # --- one kind of node each ------------------------------------------------------------------

    @singledispatchmethod
    def _of(self, node: Any, _env: Env) -> Poly:
        raise Unprovable(f"{type(node).__name__} has no normal form")

    @_of.register
    def _(self, node: Rational, _env: Env) -> Poly:
        return {(): exact(Fraction(node.p, node.q))} if node else {}

    @_of.register
    def _(self, node: sympy.NumberSymbol, _env: Env) -> Poly:
        if node is sympy.E:
            return self.atom(Exp(()))
        if node is sympy.pi:
            return self.atom(Constant("pi"))
        raise Unprovable(f"{node} has no normal form")

    @_of.register
    def _(self, node: Symbol, env: Env) -> Poly:
        if node == ARGUMENT:
            argument = env[node]
            assert not isinstance(argument, str)
            return dict(argument)
        if is_index(node):
            return self.position(self.index(node, env))
        return self.atom(Size(node.name) if is_size(node) else self.head(node, env))

    @_of.register
    def _(self, node: Indexed, env: Env) -> Poly:
        return self.atom(self.head(node, env))

    @_of.register
    def _(self, node: sympy.Add, env: Env) -> Poly:
        found: Poly = {}
        for term in node.args:
            for m, c in self.read(term, env).items():
                add_to(found, m, c)
        return found

    @_of.register
    def _(self, node: sympy.Mul, env: Env) -> Poly:
        return self.times(*(self.read(factor, env) for factor in node.args))

    @_of.register
    def _(self, node: sympy.Pow, env: Env) -> Poly:
        return self.variable_power(self.read(node.base, env), self.read(node.exp, env))

    @_of.register
    def _(self, node: KroneckerDelta, env: Env) -> Poly:
        first, second = (self.index(i, env) for i in node.args)
        return self.delta(first, second)

    @_of.register
    def _(self, node: Sum, env: Env) -> Poly:
        letter, start, extent = node.args[1].args
        if start != 1 or not (is_size(extent) or isinstance(extent, Integer)):
            raise Unprovable("a sum with other limits")
        names = (f"~{k}:{extent}" for k in count())
        name = next(name for name in names if name not in env.values())
        return self.closed(self.read(node.body, {**env, letter: name}), (name,))

    @_of.register
    def _(self, node: Derivative, env: Env) -> Poly:
        if node.args[1].args[1] != 1 or not isinstance(node.variable, Indexed | Symbol):
            raise Unprovable("a derivative of another kind")
        return self.derivative(self.read(node.expr, env), self.head(node.variable, env))

    @_of.register
    def _(self, node: Piecewise, env: Env) -> Poly:
        """The first case that applies, by deltas that are 1 where it does."""
        found: Poly = {}
        left = ONE
        for value, condition in node.args:
            applies = self.times(left, self._holds(condition, env))
            if applies:
                found = added(found, self.times(applies, self.read(value, env)))
            left = added(left, applies, -1)
        return found

    @_of.register
    def _(self, node: Where, env: Env) -> Poly:
        applies = self._holds(node.condition, env)
        yes, no = self.read(node.yes, env), self.read(node.no, env)
        return added(self.times(applies, yes), self.times(added(ONE, applies, -1), no))

    @_of.register
    def _(self, node: Elementary, env: Env) -> Poly:
        return self.formula(_meaning(node.func), self.read(node.args[0], env))

    @_of.register(sympy.Max)
    @_of.register(sympy.Min)
    @_of.register(Maximum)
    @_of.register(Minimum)
    def _(self, node: Any, env: Env) -> Poly:
        """max(f, g) = f + 1[g > f] (g - f), and so on from the last: the first of equal ones
        counts. SymPy has no order of its own, so numbers go first there."""
        arguments = [self.read(argument, env) for argument in node.args]
        if isinstance(node, sympy.Max | sympy.Min):
            arguments.sort(key=frozen)
        least = isinstance(node, Minimum | sympy.Min)
        *others, found = arguments
        for first in reversed(others):
            gap = added(found, first, -1)
            better = self.indicator(IsPositive, scaled(gap, -1) if least else gap)
            found = added(first, self.times(better, gap))
        return found

    @_of.register(sympy.Function)
    def _(self, node: Any, env: Env) -> Poly:
        arguments = [self.read(argument, env) for argument in node.args]
        if node.func is sympy.exp:
            return self.exp(*arguments)
        if node.func not in _KNOWN:
            raise Unprovable(f"{node.func} is not a known function")
        return self.call(node.func, *sorted(arguments, key=frozen))

    def _holds(self, condition: Any, env: Env) -> Poly:
        """1 where a condition holds, else 0."""
        if isinstance(condition, BooleanTrue | BooleanFalse):
            return ONE if condition else {}
        if isinstance(condition, And):
            return self.times(ONE, *(self._holds(part, env) for part in condition.args))
        if isinstance(condition, Not | Or | Unequality | Ge | Le):
            return added(ONE, self._holds(_negated(condition), env), -1)
        if isinstance(condition, Gt | Lt):
            small, big = condition.args if isinstance(condition, Lt) else condition.args[::-1]
            gap = added(self._side(big, env), self._side(small, env), -1)
            return self.indicator(IsPositive, gap)
        if not isinstance(condition, Equality):
            raise Unprovable("a condition of another kind")
        if any(map(is_index, condition.args)):
            return self.delta(*(self.index(side, env) for side in condition.args))
        first, second = (self._side(side, env) for side in condition.args)
        return self.indicator(IsZero, added(first, second, -1))

    def _side(self, side: Expr, env: Env) -> Poly:
        """A side of a comparison as a number. Indices that are added up have no place of their
        own."""
        if isinstance(side, sympy.Add | sympy.Mul) and any(map(is_index, side.args)):
            raise Unprovable("a comparison of sums of indices")
        return self.read(side, env)


_NAMES = "log sin cos tan asin acos atan asinh acosh atanh erf sign Abs"
_KNOWN = frozenset(getattr(sympy, name) for name in _NAMES.split())


def _negated(condition: Any) -> Any:
    """What holds where one of these does not; an `or` by all of its parts."""
    if isinstance(condition, Or):
        return And(*map(Not, condition.args), evaluate=False)
    return condition.args[0] if isinstance(condition, Not) else condition.negated


@cache
def _meaning(function: Any) -> Expr:
    """The formula of an elementary function in ARGUMENT, hyperbolic ones by exponentials."""
    formula = function(ARGUMENT).doit()
    return formula.rewrite(sympy.exp) if formula.func in _HYPERBOLIC else formula


_HYPERBOLIC = (sympy.sinh, sympy.cosh, sympy.tanh)
