"""Statements to SymPy: one walk that builds the expression and joins the lengths it meets."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from sympy import Abs, Expr, Integer, Number, Pow, Rational, S, Symbol, pi
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational

from derive.errors import ParseError, ProblemError, UnsupportedError
from derive.functions import ELEMENTARY, exp, log
from derive.indices import canonical, free_indices, fresh, substitute
from derive.nodes import delta, entry, index, indices_of, scalar, total
from derive.problem import Definition
from derive.scope import Sizes, is_whole
from derive.syntax import (
    BINDERS,
    VECTORS,
    WHOLE,
    Statement,
    base_name,
    function,
    letters_of,
    nearest,
    subscripts,
)

_RELATIONS: dict[type[ast.cmpop], type[Relational]] = {
    ast.Eq: Eq,
    ast.NotEq: Ne,
    ast.Lt: Lt,
    ast.LtE: Le,
    ast.Gt: Gt,
    ast.GtE: Ge,
}
OWN_LETTERS = "ijklmrqtuvabc"  # for the entry of a vector that was written without one
_BOUND_LETTERS = "klmrqtuvjiabc"
_SOFTMAX_NAMES = "spqr"
_MAX_BITS = 4096
_BROKEN = (S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN)


@dataclass(frozen=True)
class Letter:
    """An index where it is in force: its symbol and how far it runs."""

    symbol: Symbol
    size: Symbol


@dataclass(frozen=True)
class Scope:
    """The letters of one statement.

    Attributes:
        free: those not bound by a sum, by name, in order of first appearance.
        every: all of them, bound ones too.
        closed: whether only the letters already in `free` may be free.
    """

    statement: Statement
    free: dict[str, Letter] = field(default_factory=dict)
    every: dict[str, list[Letter]] = field(default_factory=dict)
    closed: bool = False


@dataclass(frozen=True)
class Env:
    """Where an expression stands: the letters bound around it, and, inside a whole-vector
    expression, the letter of the entry that is meant."""

    scope: Scope
    bound: Mapping[str, Letter] = field(default_factory=dict)
    at: Letter | None = None

    def fail(self, kind: type[ParseError] | type[Any], message: str, node: ast.expr) -> Any:
        self.scope.statement.fail(kind, message, node)


@dataclass
class Builder:
    """Builds expressions over one set of names.

    Attributes:
        ranks: how many indices each name has.
        taken: names and letters that may not be chosen for anything else.
        upcoming: names of definitions still to come, which may not be used yet.
        planned: for a softmax that the user names later, that name.
        shapes: the lengths of every name's axes, in order of first appearance.
        definitions: so far, the parser's own too.
        extend: whether a softmax may be given a name of the parser's own.
    """

    ranks: Mapping[str, int]
    taken: set[str]
    upcoming: set[str] = field(default_factory=set)
    planned: Mapping[str, str] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=Sizes)
    shapes: dict[str, tuple[Symbol, ...]] = field(default_factory=dict)
    definitions: list[Definition] = field(default_factory=list)
    extend: bool = True
    _used: set[Symbol] = field(default_factory=set)
    _pending: list[tuple[Symbol, str, Env, ast.expr]] = field(default_factory=list)
    _scopes: list[Scope] = field(default_factory=list)

    # -- expressions -----------------------------------------------------------------------

    def build(self, node: ast.expr, env: Env) -> Expr:
        """The expression of a node; entry `env.at` of it where it is a whole vector."""
        if isinstance(node, ast.Constant):
            assert isinstance(node.value, Fraction)
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
        return env.fail(ProblemError, "a comparison is not a number", node)

    def relation(self, node: ast.expr, scope: Scope) -> Relational:
        """An assumption."""
        env = self.enter(scope)
        if not isinstance(node, ast.Compare):
            message = "an assumption is a comparison, such as sum(y[k], k) == 1 or x[i] > 0"
            scope.statement.fail(ProblemError, message, node)
        sides = [self.build(side, env) for side in (node.left, node.comparators[0])]
        if not any(side.free_symbols for side in sides):
            scope.statement.fail(ProblemError, "this assumption says nothing of the problem", node)
        return _RELATIONS[type(node.ops[0])](*sides, evaluate=False)

    def enter(self, scope: Scope) -> Env:
        """Begin a statement."""
        self._scopes.append(scope)
        for name, letter in scope.free.items():
            scope.every.setdefault(name, []).append(letter)
        return Env(scope)

    def _name(self, node: ast.Name, env: Env) -> Expr:
        if node.id == "pi":
            return pi
        rank = self._rank(node.id, env, node)
        if rank == 0:
            self.shapes.setdefault(node.id, ())
            return scalar(node.id)
        if rank == 1 and env.at:
            return self._entry(node.id, (env.at,), env, node)
        if rank == 1:
            message = f"{node.id} is a vector and a number is wanted: write {node.id}[k]"
        else:
            letters = ", ".join(("b", ":", "c", "d", "e")[:rank])
            message = f"{node.id} has {rank} indices: write {node.id}[{letters}]"
        return env.fail(ProblemError, message, node)

    def _rank(self, name: str, env: Env, node: ast.expr) -> int:
        if name in self.upcoming:
            env.fail(ProblemError, f"{name} is used before its own definition is complete", node)
        if name not in self.ranks:
            known = [known for known in self.ranks if known not in self.upcoming]
            message = f"there is no {name} in the problem{nearest(name, known)}"
            env.fail(ProblemError, f"{message}; it has {', '.join(known)}", node)
        return self.ranks[name]

    def _arithmetic(self, node: ast.BinOp, env: Env) -> Expr:
        left = self.build(node.left, env)
        if isinstance(node.op, ast.Pow) and isinstance(node.left, ast.Name):
            self._check_exponential(node.left, node.right, env)
        right = self.build(node.right, env)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left + -right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            return left * self._power(right, Integer(-1), env, node)
        return self._power(left, right, env, node)

    def _check_exponential(self, base: ast.Name, exponent: ast.expr, env: Env) -> None:
        if base.id == "e" and not isinstance(exponent, ast.Constant):
            message = "e is a variable here, not Euler's number: write exp(...)"
            env.fail(ProblemError, message, base)

    def _power(self, base: Expr, exponent: Expr, env: Env, node: ast.expr) -> Expr:
        if isinstance(exponent, Number):
            bits = max((_bits(n) for n in base.atoms(Number)), default=1)
            if bits * abs(exponent) > _MAX_BITS:
                env.fail(ParseError, "this number is too large", node)
        made = Pow(base, exponent)
        if made.has(*_BROKEN):
            env.fail(ProblemError, "this divides by zero", node)
        if made.has(S.ImaginaryUnit) or made.is_real is False:
            env.fail(ProblemError, "this is not a real number", node)
        if made.has(Abs):
            env.fail(UnsupportedError, "this is an absolute value, which is not supported yet", node)
        return made

    # -- entries and letters ---------------------------------------------------------------

    def _subscript(self, node: ast.Subscript, env: Env) -> Expr:
        inside = subscripts(node)
        name = base_name(node)
        if not name:
            return self._entry_of_expression(node, env)
        rank = self._rank(name, env, node)
        if rank != len(inside):
            have = "no index" if rank == 0 else f"{rank} ind{'ex' if rank == 1 else 'ices'}"
            env.fail(ProblemError, f"{name} has {have}, not {len(inside)}", node)
        if sum(not isinstance(n, ast.Name) for n in inside) > 1:
            env.fail(ProblemError, "only one ':' marks the axis to work along", node)
        letters = tuple(
            self.letter(n, env) if isinstance(n, ast.Name) else self._axis(node, env)
            for n in inside
        )
        return self._entry(name, letters, env, node)

    def _axis(self, node: ast.expr, env: Env) -> Letter:
        if not env.at:
            message = "':' marks the axis of a whole vector, as in softmax(Z[b, :])[i]"
            env.fail(ProblemError, message, node)
        assert env.at
        self._used.add(env.at.size)
        return env.at

    def _entry_of_expression(self, node: ast.Subscript, env: Env) -> Expr:
        written = subscripts(node)[0]
        if not is_whole(node.value, self.ranks) or not isinstance(written, ast.Name):
            env.fail(ProblemError, "only a whole vector has entries, as in softmax(z)[i]", node)
        return self.build(node.value, replace(env, at=self.letter(written, env)))

    def _entry(self, name: str, letters: tuple[Letter, ...], env: Env, node: ast.expr) -> Expr:
        if name not in self.shapes:
            self.shapes[name] = tuple(self.sizes.new() for _ in letters)
        for letter, length in zip(letters, self.shapes[name], strict=True):
            self.join(letter, length, env, node)
        return entry(name, *(letter.symbol for letter in letters))

    def join(self, letter: Letter, length: Symbol, env: Env, node: ast.expr) -> None:
        self._used.add(letter.size)
        if not self.sizes.join(letter.size, length):
            one, other = self._describe(letter.size), self._describe(length)
            message = f"index {letter.symbol} runs over two lengths: {one}, and {other}"
            env.fail(ProblemError, message, node)

    def _describe(self, length: Symbol) -> str:
        root = self.sizes.find(length)
        for name, shape in self.shapes.items():
            if root in map(self.sizes.find, shape):
                return f"that of {name}"
        return "one of its own"

    def letter(self, node: ast.Name, env: Env) -> Letter:
        """The index a letter means here; a free one is new at its first use."""
        scope = env.scope
        found = env.bound.get(node.id) or scope.free.get(node.id)
        if found is None:
            if scope.closed:
                known = ", ".join(scope.free) or "none"
                env.fail(ProblemError, f"{node.id} is free here; free indices are: {known}", node)
            found = Letter(index(node.id), self.sizes.new())
            scope.free[node.id] = found
            scope.every.setdefault(node.id, []).append(found)
        self._used.add(found.size)
        return found

    # -- functions -------------------------------------------------------------------------

    def _call(self, node: ast.Call, env: Env) -> Expr:
        name = function(node)
        if name in BINDERS:
            return self._over(node, env)
        if name in WHOLE:
            return self._of_vector(node, env)
        if name == "size":
            return self._size(node, env)
        if name == "delta":
            one, other = (self.letter(n, env) for n in node.args if isinstance(n, ast.Name))
            self.join(one, other.size, env, node)
            return delta(one.symbol, other.symbol)
        argument = self.build(node.args[0], env)
        if name == "sqrt":
            return self._power(argument, Rational(1, 2), env, node)
        return ELEMENTARY[name](argument)

    def _over(self, node: ast.Call, env: Env) -> Expr:
        """A sum or mean over one or more indices, the last one innermost."""
        letters: list[Letter] = []
        bound = dict(env.bound)
        for written in node.args[1:]:
            assert isinstance(written, ast.Name)
            around = {letter.symbol for letter in bound.values()}
            around |= {env.at.symbol} if env.at else set()
            symbol = index(written.id)
            if symbol in around:
                symbol = fresh(symbol, around | {index(name) for name in self.taken})
                self.taken.add(symbol.name)
            bound[written.id] = Letter(symbol, self.sizes.new())
            env.scope.every.setdefault(written.id, []).append(bound[written.id])
            letters.append(bound[written.id])
        result = self.build(node.args[0], replace(env, bound=bound))
        for written, letter in reversed(list(zip(node.args[1:], letters, strict=True))):
            if letter.size not in self._used:
                env.fail(ProblemError, f"{_text(written)} does not stand in what is summed", written)
            result = total(result, letter.symbol, letter.size)
            if function(node) == "mean":
                result = result / letter.size
        return result

    def _size(self, node: ast.Call, env: Env) -> Expr:
        name = _text(node.args[0])
        found = env.bound.get(name) or env.scope.free.get(name)
        if found:
            self._used.add(found.size)
            return found.size
        length = self.sizes.new()
        self._pending.append((length, name, env, node))
        return length

    def settle_sizes(self, known: Mapping[str, Iterable[Symbol]]) -> None:
        """Give every size(k) whose k was not in force there the length of the k elsewhere: in the
        same statement, else in another one, else the `known` ones of the problem."""
        for length, name, env, node in self._pending:
            near = [letter.size for letter in env.scope.every.get(name, ())]
            far = [x.size for scope in self._scopes for x in scope.every.get(name, ())]
            found = near or far or list(known.get(name, ()))
            roots = {self.sizes.find(size) for size in found}
            if not roots:
                env.fail(ProblemError, f"nothing says how far {name} runs", node)
            if len(roots) > 1:
                two = " and ".join(sorted(self._describe(root) for root in roots)[:2])
                env.fail(ProblemError, f"index {name} has two lengths, {two}: which one?", node)
            self.sizes.join(length, roots.pop())

    def _of_vector(self, node: ast.Call, env: Env) -> Expr:
        name, argument = function(node), node.args[0]
        if not is_whole(argument, self.ranks):
            message = f"{name} works on a whole vector: {name}(z)"
            message += "[i]" if name in VECTORS else ""
            env.fail(ProblemError, f"{message}, not on a number or an entry", argument)
        if name in VECTORS and not env.at:
            env.fail(ProblemError, f"a number is wanted: write {name}(...)[i] for one entry", node)
        mark = Letter(index("_"), self.sizes.new())
        body = self.build(argument, replace(env, at=mark))
        bound = index(self.letter_name(_BOUND_LETTERS, body, env))
        if name == "norm":
            squares = total(substitute(body**2, {mark.symbol: bound}), bound, mark.size)
            return self._power(squares, Rational(1, 2), env, node)
        head = self.softmax(node, body, mark, env)
        if name == "logsumexp":
            return log(total(exp(substitute(body, {mark.symbol: bound})), bound, mark.size))
        assert env.at
        self.join(env.at, mark.size, env, node)
        found = substitute(head, {indices_of(head)[-1]: env.at.symbol})
        return log(found) if name == "log_softmax" else found

    def letter_name(self, choice: str, body: Expr, env: Env) -> str:
        """A letter for a vector's entries that means nothing else here."""
        used = {symbol.name for symbol in free_indices(body)} | set(self.ranks)
        used |= {letter.symbol.name for letter in env.bound.values()}
        name = next((name for name in choice if name not in used), None)
        name = name or fresh(index("k"), map(index, used)).name
        self.taken.add(name)
        return name

    def softmax(
        self,
        node: ast.expr,
        body: Expr,
        mark: Letter,
        env: Env,
        name: str = "",
        own: Symbol | None = None,
    ) -> Expr:
        """The entry, still at its own letter, of the definition that names softmax of a vector,
        which is made if there is none. `body` is the vector's entry at `mark`."""
        outer = self.outer(node, body, env)
        own = own or index(self.letter_name(OWN_LETTERS, body, env))
        bound = index(self.letter_name(_BOUND_LETTERS.replace(own.name, ""), body, env))
        over = exp(substitute(body, {mark.symbol: own}))
        under = total(exp(substitute(body, {mark.symbol: bound})), bound, mark.size)
        made = over / under
        letters = (*(letter.symbol for letter in outer), own)
        for known in self.definitions:
            if self._key(known.indices, known.body) == self._key(letters, made):
                return substitute(known.head, dict(zip(known.indices, letters, strict=True)))
        if not self.extend:
            return made
        source = ast.unparse(_call_of(node))
        planned = name or ("" if outer else self.planned.get(source, ""))
        final = planned or self._softmax_name()
        self.taken.add(final)
        self.upcoming.discard(final)
        self.shapes[final] = (*(letter.size for letter in outer), mark.size)
        head = entry(final, *letters)
        self.definitions.append(Definition(head, made, source, given=bool(planned)))
        return head

    def outer(self, node: ast.expr, body: Expr, env: Env) -> tuple[Letter, ...]:
        """The letters an expression depends on, in the order of the text."""
        free = free_indices(body)
        found: dict[Letter, None] = {}
        for written in letters_of(node):
            letter = env.bound.get(written.id) or env.scope.free.get(written.id)
            if letter and letter.symbol in free and letter != env.at:
                found[letter] = None
        return tuple(found)

    def _key(self, letters: tuple[Symbol, ...], body: Expr) -> Expr:
        marks = {letter: index(f"_a{place}") for place, letter in enumerate(letters)}
        lengths = {s: self.sizes.find(s) for s in body.free_symbols if s.is_positive}
        return canonical(substitute(body, marks)).xreplace(lengths)

    def _softmax_name(self) -> str:
        choices: Iterator[str] = iter(_SOFTMAX_NAMES)
        name = next((name for name in choices if name not in self.taken), None)
        numbered = (f"s{k}" for k in range(1, len(self.taken) + 2))
        return name or next(name for name in numbered if name not in self.taken)


def planned_names(given: Iterable[Statement]) -> dict[str, str]:
    """The names of whole softmaxes (p = softmax(z)), by their text."""
    found: dict[str, str] = {}
    for statement in given:
        if isinstance(statement.head, ast.Name) and function(statement.value) == "softmax":
            found.setdefault(ast.unparse(statement.value), statement.name)
    return found


def _call_of(node: ast.expr) -> ast.expr:
    """The softmax(...) in softmax(...), log_softmax(...) or logsumexp(...)."""
    assert isinstance(node, ast.Call)
    return ast.Call(ast.Name("softmax"), node.args, [])


def _text(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ast.unparse(node)


def _bits(number: Number) -> int:
    fraction = Rational(number)
    return max(int(abs(fraction.p)).bit_length(), int(fraction.q).bit_length()) - 1

