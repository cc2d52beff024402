"""What each function of a module is asked, and how what it is given is spelled."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Symbol

from derive.emit.contract import contracted, product_over
from derive.emit.gathering import gathered
from derive.emit.interchange import interchanged
from derive.emit.windows import over_the_window
from derive.nodes import entry, indices_of, scalar, undistributed
from derive.problem import Problem

# What a function multiplies by.
_OWN = {"vjp": "g", "jvp": "v", "hvp": "v"}
# What modules use themselves, in any language: a name is spelled the same in all of them. Their own
# functions start with _, as no name in the input language does.
_LIBRARIES = {"np", "math", "torch", "numba"}
_CALLED = {"real", "float", "range", "len", "divmod", "block", "Differentiable"}
RESERVED = frozenset({*keyword.kwlist, *_LIBRARIES, *_CALLED})


def kinds(problem: Problem) -> tuple[str, ...]:
    """The functions of a problem's module: "value"; "derivative", "vjp" and "jvp" if it has a
    variable to differentiate by; "hvp" if it is differentiated more than once."""
    found = ("value", "derivative", "vjp", "jvp") if problem.wrt else ("value",)
    return (*found, "hvp") if len(problem.wrt) > 1 else found


def argument_names(problem: Problem, kind: str) -> dict[str, str]:
    """How the problem's variables are spelled as arguments of a function."""
    names = Question(problem, kind).names
    return {name: names[name] for name in problem.variables}


def own_shape(problem: Problem, kind: str) -> dict[str, tuple[Expr, ...]]:
    """The spelling and shape of the vector that a function multiplies by; {} if there is none."""
    asked = Question(problem, kind)
    return {asked.names[asked.own]: asked.shapes[asked.own]} if asked.own else {}


@dataclass(frozen=True)
class Question:
    """One function of a problem's module.

    Attributes:
        kind: "value", "derivative", "vjp", "jvp" or "hvp".
    """

    problem: Problem
    kind: str

    def posed(self, result: Expr) -> tuple[Expr, tuple[Symbol, ...]]:
        """The expression to be computed, given the derivative, and the letters of its axes."""
        problem = self.problem
        if self.kind == "value":
            return problem.target, problem.axes
        expr = contracted(result, problem.extents)
        if self.kind == "derivative":
            return over_the_window(expr, problem), (*problem.axes, *problem.wrt_axes)
        with undistributed():
            own = entry(self.own, *self._given) if self._given else scalar(self.own)
            expr = own * expr
            for letter in reversed([i for i in self._given if i not in self._kept]):
                expr = product_over(expr, letter, problem.extents)
        return over_the_window(gathered(interchanged(expr, problem), problem), problem), self._kept

    @cached_property
    def own(self) -> str:
        """The name of the vector that is multiplied by, unlike all of the problem's, sizes too; ""
        if there is none."""
        own = _OWN.get(self.kind, "")
        while own in self._given_names:
            own += "_direction"
        return own

    @property
    def _given_names(self) -> tuple[str, ...]:
        """The names of the problem's variables and definitions, and those of sizes."""
        return (*self.problem.shapes, *map(str, self.problem.sizes))

    @property
    def _given(self) -> tuple[Symbol, ...]:
        """The letters of g: the target's; of v: those of what is differentiated by, in a product
        with a Hessian by the last variable."""
        if self.kind == "vjp":
            return self.problem.axes
        return _letters(self.problem.wrt[-1:] if self.kind == "hvp" else self.problem.wrt)

    @property
    def _kept(self) -> tuple[Symbol, ...]:
        """The letters of the product with it."""
        if self.kind == "vjp":
            return _letters(self.problem.wrt)
        others = _letters(self.problem.wrt[:-1]) if self.kind == "hvp" else ()
        return tuple(dict.fromkeys((*self.problem.axes, *others)))

    @cached_property
    def shapes(self) -> dict[str, tuple[Expr, ...]]:
        """The shapes of all arguments, the function's own first."""
        own = {self.own: tuple(self.problem.extents[letter] for letter in self._given)}
        variables = {name: self.problem.shapes[name] for name in self.problem.variables}
        return own | variables if self.own else variables

    @cached_property
    def names(self) -> dict[str, str]:
        """How every name is spelled: as it is, or with a trailing _ where Python or this module has
        another use for it."""
        reserved = RESERVED | {_OWN.get(self.kind, "")}
        own = {self.own: _OWN[self.kind]} if self.own else {}
        return own | apart(self._given_names, reserved)


def apart(names: Iterable[str], reserved: Collection[str]) -> dict[str, str]:
    """A spelling for every name, no two the same: as it is, or with a trailing _ where reserved."""
    given = tuple(names)
    taken = {*reserved, *given}
    found = {}
    for name in given:
        spelled = name
        while spelled in reserved or (spelled != name and spelled in taken):
            spelled += "_"
        taken.add(spelled)
        found[name] = spelled
    return found


def _letters(variables: Iterable[Expr]) -> tuple[Symbol, ...]:
    """The letters of variables, each once."""
    return tuple(dict.fromkeys(i for variable in variables for i in indices_of(variable)))
