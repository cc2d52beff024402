"""Expressions to SymPy: one walk that builds them and joins the lengths it meets."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from sympy import Expr, Integer, Mul, pi
from sympy.core.relational import Relational

from derive.errors import ProblemError, UnsupportedError
from derive.functions import Maximum, Minimum, exp, log
from derive.indices import bounds, free_indices, substitute
from derive.language.arithmetic import Arithmetic
from derive.language.conditions import RELATIONS, condition
from derive.language.places import Places
from derive.language.ranks import count, is_whole
from derive.language.syntax import (
    VECTORS,
    WHOLE,
    base_name,
    binds,
    free_letters,
    function,
    on_indices,
    subscripts,
    written,
)
from derive.language.vocabulary import BOUND_LETTERS, Env, Letter, Vector, Vocabulary
from derive.nodes import Derivative, Largest, Product, Smallest, Sum, Where, index, scalar

_BINDERS: dict[str, Any] = {
    "sum": Sum,
    "mean": Sum,
    "prod": Product,
    "max": Largest,
    "min": Smallest,
}
_CHOICES: dict[str, Any] = {"max": Maximum, "min": Minimum}


class Builder:
    """Builds expressions over one vocabulary."""

    def __init__(self, names: Vocabulary) -> None:
        self.names = names
        self.places = Places(names)
        self.lengths = self.places.lengths
        self._arithmetic = Arithmetic()

    def build(self, node: ast.expr, env: Env) -> Expr:
        """The expression of a node; entry `env.at` of it where it is a whole vector."""
        if isinstance(node, ast.Constant):
            return self._arithmetic.number(node, env)
        if isinstance(node, ast.Name):
            return self._name(node, env)
        if isinstance(node, ast.UnaryOp):
            operand = self.build(node.operand, env)
            return -operand if isinstance(node.op, ast.USub) else operand
        if isinstance(node, ast.BinOp):
            return self._operation(node, env)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, env)
        if isinstance(node, ast.Call):
            return self._call(node, env)
        raise env.error(ProblemError, "a condition is not a number: write where(x > 0, 1, 0)", node)

    def relation(self, node: ast.expr, env: Env) -> Relational:
        """An assumption."""
        if not isinstance(node, ast.Compare) or on_indices(node):
            message = "an assumption is a comparison, such as sum(y[k], k) == 1 or x[i] > 0"
            raise env.error(ProblemError, message, node)
        if len(node.ops) > 1:
            message = "an assumption is one comparison at a time: write 0 < T and T < 1 as two"
            raise env.error(ProblemError, message, node)
        sides = self._sides(node, env)
        if not any(side.free_symbols for side in sides):
            raise env.error(ProblemError, "this assumption says nothing of the problem", node)
        return RELATIONS[type(node.ops[0])](*sides, evaluate=False)

    def vector(self, node: ast.expr, env: Env) -> Vector:
        """A whole-vector expression. What it depends on follows from its entry."""
        mark = Letter(index("_"), self.names.sizes.new())
        made = self.build(node, replace(env, at=mark))
        free = free_indices(made)
        outer: dict[Letter, None] = {}
        for name in free_letters(node):
            letter = env.find(name)
            if letter and letter.symbol in free:
                outer[letter] = None
        return Vector(written(node), made, mark, tuple(outer))

    def _rank(self, name: str, env: Env, node: ast.expr) -> int:
        if name in self.names.upcoming:
            raise env.error(ProblemError, f"{name} is used before its definition is complete", node)
        return self.names.ranks[name]

    def _name(self, node: ast.Name, env: Env) -> Expr:
        if node.id == "pi":
            return pi
        rank = self._rank(node.id, env, node)
        if rank == 0:
            self.names.shapes.setdefault(node.id, ())
            return scalar(node.id)
        if rank == 1 and env.at:
            return self.places.entry(node.id, [ast.Slice()], env, node)
        letters = ", ".join("klmrq"[:rank])
        if env.at:
            letters = ", ".join([*"bcde"[: rank - 1], ":"])
        wanted = "a vector" if env.at else "a number"
        message = f"{node.id} has {count(rank)} and {wanted} is wanted: write {node.id}[{letters}]"
        raise env.error(ProblemError, message, node)

    def _operation(self, node: ast.BinOp, env: Env) -> Expr:
        if isinstance(node.op, ast.Pow) and isinstance(node.left, ast.Name):
            _check_exponential(node.left, node.right, env)
        left, right = self.build(node.left, env), self.build(node.right, env)
        return self._arithmetic.combine(left, right, env, node)

    def _subscript(self, node: ast.Subscript, env: Env) -> Expr:
        inside = subscripts(node)
        name = base_name(node)
        if name:
            self._rank(name, env, node)
            if sum(isinstance(n, ast.Slice) for n in inside) > 1:
                raise env.error(ProblemError, "only one ':' marks the axis to work along", node)
            return self.places.entry(name, inside, env, node)
        if not is_whole(node.value, self.names.ranks):
            raise env.error(ProblemError, "only a whole vector has entries: softmax(z)[i]", node)
        if isinstance(inside[0], ast.BinOp):
            message = "only a name has shifted entries: write p = softmax(z), then p[i + k]"
            raise env.error(UnsupportedError, message, node)
        return self.build(node.value, replace(env, at=self.places.axis(inside[0], env)))

    def _call(self, node: ast.Call, env: Env) -> Expr:
        name = function(node)
        if binds(node):
            return self._over(node, env)
        if name in WHOLE:
            return self._of_vector(node, env)
        if name == "size":
            return self.places.size(node, env)
        if name == "delta":
            return self.places.delta(node, env)
        if name == "where":
            holds = condition(node.args[0], env, self._sides)
            yes, no = (
                self.build(branch, replace(env, holds=(*env.holds, *bounds(holds, negated))))
                for branch, negated in zip(node.args[1:], (False, True), strict=True)
            )
            return Where(yes, no, holds)
        arguments = [self.build(argument, env) for argument in node.args]
        if name == "diff":
            return Derivative(*arguments)
        if name in _CHOICES:
            return _CHOICES[name](*arguments)
        return self._arithmetic.apply(name, arguments[0], env, node)

    def _sides(self, node: ast.Compare, env: Env) -> list[Expr]:
        """The sides of a comparison."""
        if on_indices(node):
            return self.places.compared(node, env)
        return [self.build(side, env) for side in (node.left, *node.comparators)]

    def _over(self, node: ast.Call, env: Env) -> Expr:
        """A sum, mean, ... over one or more indices, the last one innermost."""
        bound = dict(env.bound)
        letters: list[tuple[Letter, ast.expr]] = []
        for place in node.args[1:]:
            assert isinstance(place, ast.Name)
            letters.insert(0, (self.places.bind(place.id, bound, env), place))
        result = self.build(node.args[0], replace(env, bound=bound))
        for letter, place in letters:
            if not self.lengths.is_used(letter):
                message = f"{written(place)} does not stand in what {function(node)} runs over"
                raise env.error(ProblemError, message, place)
            result = _BINDERS[function(node)](result, (letter.symbol, Integer(1), letter.size))
        if function(node) == "mean":
            result = result / Mul(*(letter.size for letter, _ in letters))
        return result

    def _of_vector(self, node: ast.Call, env: Env) -> Expr:
        name, argument = function(node), node.args[0]
        if not is_whole(argument, self.names.ranks):
            form = f"{name}(z)[i]" if name in VECTORS else f"{name}(z)"
            message = f"{name} works on a whole vector, not on a number or one entry: {form}"
            if any(
                len(subscripts(n)) > 1 for n in ast.walk(argument) if isinstance(n, ast.Subscript)
            ):
                message += "; in a matrix ':' marks its axis, as in W[:, d]"
            raise env.error(ProblemError, message, argument)
        if name in VECTORS and env.at is None:
            message = f"a number is wanted: write {name}(...)[i] for one entry"
            raise env.error(ProblemError, message, node)
        vector = self.vector(argument, env)
        around = frozenset(str(letter.symbol) for letter in env.bound.values())
        if name == "norm":
            letter = index(self.names.letter_name(BOUND_LETTERS, vector.entry, around))
            squares = self._arithmetic.power(vector.at(letter), Integer(2), env, node)
            return self._arithmetic.apply("sqrt", vector.summed(squares, letter), env, node)
        head, own = self.names.softmax(vector)
        if name == "logsumexp":
            letter = index(self.names.letter_name(BOUND_LETTERS, vector.entry, around))
            return log(vector.summed(exp(vector.at(letter)), letter))
        assert env.at
        self.lengths.join(env.at, vector.mark.size, env, node)
        found = substitute(head, {own: env.at.symbol})
        return log(found) if name == "log_softmax" else found


def _check_exponential(base: ast.Name, exponent: ast.expr, env: Env) -> None:
    if base.id == "e" and not isinstance(exponent, ast.Constant):
        raise env.error(ProblemError, "e is a variable, not Euler's number: write exp(...)", base)
