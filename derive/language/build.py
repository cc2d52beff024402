"""Expressions to SymPy: one walk that builds them and joins the lengths it meets."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sympy import Abs, Expr, Integer, Number, Pow, Rational, S, Symbol, pi
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational

from derive.errors import ParseError, ProblemError, UnsupportedError
from derive.functions import ELEMENTARY, exp, log
from derive.indices import free_indices, fresh, substitute
from derive.language.scope import count, is_whole
from derive.language.syntax import (
    BINDERS,
    VECTORS,
    WHOLE,
    Written,
    base_name,
    free_letters,
    function,
    subscripts,
    written,
)
from derive.language.vocabulary import BOUND_LETTERS, Env, Letter, Scope, Vector, Vocabulary
from derive.nodes import delta, entry, index, scalar, total

_RELATIONS: dict[type[ast.cmpop], type[Relational]] = {
    ast.Eq: Eq,
    ast.NotEq: Ne,
    ast.Lt: Lt,
    ast.LtE: Le,
    ast.Gt: Gt,
    ast.GtE: Ge,
}
_MAX_BITS = 4096
_BROKEN = (S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN)


@dataclass
class Builder:
    """Builds expressions over one vocabulary."""

    names: Vocabulary
    _used: set[Symbol] = field(default_factory=set)
    _pending: list[tuple[Symbol, str, Env, ast.expr]] = field(default_factory=list)
    _scopes: list[Scope] = field(default_factory=list)

    def enter(self, scope: Scope) -> Env:
        """Begin a statement."""
        self._scopes.append(scope)
        for name, letter in scope.free.items():
            scope.every.setdefault(name, []).append(letter)
        return Env(scope)

    def build(self, node: ast.expr, env: Env) -> Expr:
        """The expression of a node; entry `env.at` of it where it is a whole vector."""
        if isinstance(node, ast.Constant):
            assert isinstance(node.value, Written)
            return Rational(node.value.numerator, node.value.denominator)
        if isinstance(node, ast.Name):
            return self._name(node, env)
        if isinstance(node, ast.UnaryOp):
            operand = self.build(node.operand, env)
            return -operand if isinstance(node.op, ast.USub) else operand
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node, env)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, env)
        if isinstance(node, ast.Call):
            return self._call(node, env)
        raise env.error(ProblemError, "a comparison is not a number", node)

    def relation(self, node: ast.expr, env: Env) -> Relational:
        """An assumption."""
        if not isinstance(node, ast.Compare):
            message = "an assumption is a comparison, such as sum(y[k], k) == 1 or x[i] > 0"
            raise env.error(ProblemError, message, node)
        sides = [self.build(side, env) for side in (node.left, node.comparators[0])]
        if not any(side.free_symbols for side in sides):
            raise env.error(ProblemError, "this assumption says nothing of the problem", node)
        return _RELATIONS[type(node.ops[0])](*sides, evaluate=False)

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

    def settle_sizes(self, known: Mapping[str, Iterable[Symbol]]) -> None:
        """Give every size(k) whose k was not in force there the length of the k elsewhere: in the
        same statement, else in another one, else the `known` ones."""
        find = self.names.sizes.find
        for length, name, env, node in self._pending:
            near = [letter.size for letter in env.scope.every.get(name, ())]
            far = [letter.size for s in self._scopes for letter in s.every.get(name, ())]
            roots = {find(size): None for size in near or far or known.get(name, ())}
            if not roots:
                raise env.error(ProblemError, f"nothing says how far {name} runs", node)
            if len(roots) > 1:
                two = " and ".join(self.names.describe(root) for root in list(roots)[:2])
                raise env.error(ProblemError, f"index {name} has two lengths here: {two}", node)
            self.names.sizes.join(length, next(iter(roots)))

    def join(self, letter: Letter, length: Symbol, env: Env, node: ast.expr) -> None:
        """An index runs over an axis: it is as long."""
        self._used.add(letter.size)
        if not self.names.sizes.join(letter.size, length):
            one, other = self.names.describe(letter.size), self.names.describe(length)
            message = f"index {letter.symbol} runs over two lengths: {one} and {other}"
            raise env.error(ProblemError, message, node)

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
            return self._entry(node.id, (env.at,), env, node)
        letters = ", ".join("klmrq"[:rank])
        if env.at:
            letters = ", ".join([*"bcde"[: rank - 1], ":"])
        wanted = "a vector" if env.at else "a number"
        message = f"{node.id} has {count(rank)} and {wanted} is wanted: write {node.id}[{letters}]"
        raise env.error(ProblemError, message, node)

    def _arithmetic(self, node: ast.BinOp, env: Env) -> Expr:
        if isinstance(node.op, ast.Pow) and isinstance(node.left, ast.Name):
            _check_exponential(node.left, node.right, env)
        left, right = self.build(node.left, env), self.build(node.right, env)
        if isinstance(node.op, ast.Pow):
            return _power(left, right, env, node)
        if isinstance(node.op, ast.Div):
            made = left * _power(right, Integer(-1), env, node)
        elif isinstance(node.op, ast.Mult):
            made = left * right
        else:
            made = left + (right if isinstance(node.op, ast.Add) else -right)
        if any(_bits(n) > _MAX_BITS for n in (made, *made.args) if isinstance(n, Rational)):
            raise env.error(ParseError, "this number is too large", node)
        return made

    def _subscript(self, node: ast.Subscript, env: Env) -> Expr:
        inside = subscripts(node)
        name = base_name(node)
        if not name:
            if not is_whole(node.value, self.names.ranks):
                raise env.error(
                    ProblemError, "only a whole vector has entries: softmax(z)[i]", node
                )
            return self.build(node.value, replace(env, at=self._index(inside[0], env)))
        self._rank(name, env, node)
        if sum(isinstance(n, ast.Slice) for n in inside) > 1:
            raise env.error(ProblemError, "only one ':' marks the axis to work along", node)
        return self._entry(name, tuple(self._index(n, env) for n in inside), env, node)

    def _index(self, node: ast.expr, env: Env) -> Letter:
        """What stands in brackets; a free letter is new at its first use."""
        if not isinstance(node, ast.Name):
            if env.at is None:
                message = "':' marks the axis of a whole vector, as in softmax(Z[b, :])[i]"
                raise env.error(ProblemError, message, node)
            return env.at
        found = env.find(node.id)
        if found is None:
            if env.scope.closed:
                known = ", ".join(env.scope.free) or "none"
                raise env.error(
                    ProblemError, f"{node.id} is not bound; free indices: {known}", node
                )
            found = Letter(index(node.id), self.names.sizes.new())
            env.scope.free[node.id] = found
            env.scope.every.setdefault(node.id, []).append(found)
        self._used.add(found.size)
        return found

    def _entry(self, name: str, letters: tuple[Letter, ...], env: Env, node: ast.expr) -> Expr:
        if name not in self.names.shapes:
            self.names.shapes[name] = tuple(self.names.sizes.new() for _ in letters)
        for letter, length in zip(letters, self.names.shapes[name], strict=True):
            self.join(letter, length, env, node)
        return entry(name, *(letter.symbol for letter in letters))

    def _call(self, node: ast.Call, env: Env) -> Expr:
        name = function(node)
        if name in BINDERS:
            return self._over(node, env)
        if name in WHOLE:
            return self._of_vector(node, env)
        if name == "size":
            return self._size(node, env)
        if name == "delta":
            one, other = (self._index(letter, env) for letter in node.args)
            self.join(one, other.size, env, node)
            return delta(one.symbol, other.symbol)
        argument = self.build(node.args[0], env)
        if name == "sqrt":
            return _power(argument, Rational(1, 2), env, node)
        return ELEMENTARY[name](argument)

    def _over(self, node: ast.Call, env: Env) -> Expr:
        """A sum or mean over one or more indices, the last one innermost."""
        bound = dict(env.bound)
        letters: list[tuple[Letter, ast.expr]] = []
        for place in node.args[1:]:
            assert isinstance(place, ast.Name)
            letters.insert(0, (self._bind(place.id, bound, env), place))
        result = self.build(node.args[0], replace(env, bound=bound))
        for letter, place in letters:
            if letter.size not in self._used:
                message = f"{written(place)} does not stand in what is summed"
                raise env.error(ProblemError, message, place)
            result = total(result, letter.symbol, letter.size)
            if function(node) == "mean":
                result = result / letter.size
        return result

    def _bind(self, name: str, bound: dict[str, Letter], env: Env) -> Letter:
        """A bound letter, renamed where it already means something around it."""
        around = {letter.symbol for letter in bound.values()}
        around |= {env.at.symbol} if env.at else set()
        symbol = index(name)
        if symbol in around:
            symbol = fresh(symbol, around | {index(taken) for taken in self.names.taken})
            self.names.taken.add(symbol.name)
        bound[name] = Letter(symbol, self.names.sizes.new())
        env.scope.every.setdefault(name, []).append(bound[name])
        return bound[name]

    def _size(self, node: ast.Call, env: Env) -> Expr:
        name = written(node.args[0])
        found = env.find(name)
        if found:
            self._used.add(found.size)
            return found.size
        length = self.names.sizes.new()
        self._pending.append((length, name, env, node))
        return length

    def _of_vector(self, node: ast.Call, env: Env) -> Expr:
        name, argument = function(node), node.args[0]
        if not is_whole(argument, self.names.ranks):
            form = f"{name}(z)[i]" if name in VECTORS else f"{name}(z)"
            message = f"{name} works on a whole vector, not on a number or one entry: {form}"
            raise env.error(ProblemError, message, argument)
        if name in VECTORS and env.at is None:
            message = f"a number is wanted: write {name}(...)[i] for one entry"
            raise env.error(ProblemError, message, node)
        vector = self.vector(argument, env)
        around = frozenset(str(letter.symbol) for letter in env.bound.values())
        if name == "norm":
            letter = index(self.names.letter_name(BOUND_LETTERS, vector.entry, around))
            squares = _power(vector.at(letter), Integer(2), env, node)
            return _power(vector.summed(squares, letter), Rational(1, 2), env, node)
        head, own = self.names.softmax(vector)
        if name == "logsumexp":
            letter = index(self.names.letter_name(BOUND_LETTERS, vector.entry, around))
            return log(vector.summed(exp(vector.at(letter)), letter))
        assert env.at
        self.join(env.at, vector.mark.size, env, node)
        found = substitute(head, {own: env.at.symbol})
        return log(found) if name == "log_softmax" else found


def _check_exponential(base: ast.Name, exponent: ast.expr, env: Env) -> None:
    if base.id == "e" and not isinstance(exponent, ast.Constant):
        raise env.error(ProblemError, "e is a variable, not Euler's number: write exp(...)", base)


def _power(base: Expr, exponent: Expr, env: Env, node: ast.expr) -> Expr:
    """base**exponent, refused where SymPy would make something else than a real number of it."""
    if isinstance(exponent, Number):
        bits = max((_bits(n) for n in base.atoms(Rational)), default=0)
        if bits * abs(exponent) > _MAX_BITS:
            raise env.error(ParseError, "this number is too large", node)
    made = Pow(base, exponent)
    if made.has(*_BROKEN):
        raise env.error(ProblemError, "this divides by zero", node)
    if made.has(S.ImaginaryUnit):
        raise env.error(ProblemError, "this is not a real number", node)
    if made.has(Abs):
        raise env.error(
            UnsupportedError, "this is an absolute value, which is not supported yet", node
        )
    return made


def _bits(number: Rational) -> int:
    return max(abs(int(number.p)).bit_length(), int(number.q).bit_length()) - 1
