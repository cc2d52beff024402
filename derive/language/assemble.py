"""Statements to Problem: definitions in order, then target, variables, assumptions, lengths."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sympy import Expr, Symbol
from sympy.core.relational import Relational

from derive.errors import DeriveError, ParseError, ProblemError
from derive.language.build import Builder
from derive.language.ranks import count, ranks
from derive.language.syntax import (
    Statement,
    free_letters,
    function,
    letters_of,
    names_in,
    parts,
    subscripts,
    written,
)
from derive.language.vocabulary import OWN_LETTERS, Env, Letter, Scope, Vocabulary
from derive.nodes import entry, index, name_of, scalar
from derive.problem import Definition, Problem
from derive.text import with_sources

Axes = tuple[Letter, ...]


class Assembly:
    """Builds a problem, statement by statement."""

    def __init__(
        self,
        given: Sequence[Statement],
        variables: Sequence[Statement],
        relations: Sequence[Statement],
    ) -> None:
        everything = (*given, *variables, *relations)
        letters = {n.id for s in everything for n in (*s.letters, *letters_of(s.value))}
        self.given, self.variables, self.relations = given, variables, relations
        self.wrt_letters = frozenset(n.id for s in variables for n in letters_of(s.value))
        self.names = Vocabulary(
            ranks(given, variables, relations),
            taken=letters | set(names_in(everything)),
            upcoming={s.name for s in given if s.name},
            planned=_planned(given),
        )
        self.builder = Builder(self.names)
        self.lengths = self.builder.lengths
        self.done: set[str] = set()

    def problem(self) -> Problem:
        for statement in self.given[:-1]:
            if not statement.head:
                message = "only the last statement stands without a name"
                raise statement.error(ParseError, message, statement.value)
            self._define(statement, last=False)
        target, axes = self._target(self.given[-1])
        free = {str(axis.symbol): axis for axis in axes}
        wrt = tuple(self._variable(v, free) for v in self.variables)
        assumptions = tuple(
            self.builder.relation(r.value, self.lengths.enter(Scope(r))) for r in self.relations
        )
        self.lengths.settle({})
        draft = Problem(target, wrt, (), assumptions, decimals=_in_decimals(self.given))
        return self._final(draft, axes, free)

    def _final(self, draft: Problem, axes: Axes, free: Mapping[str, Letter]) -> Problem:
        """The problem with every length under its name."""
        names = self.names
        order = [length for shape in names.shapes.values() for length in shape]
        final = names.sizes.named(order, names.taken)
        made = replace(
            draft,
            target=draft.target.xreplace(final),
            definitions=tuple(replace(d, body=d.body.xreplace(final)) for d in names.definitions),
            assumptions=tuple(_renamed(r, final) for r in draft.assumptions),
            axes=tuple(axis.symbol for axis in axes),
            shapes={n: tuple(final[s] for s in shape) for n, shape in names.shapes.items()},
            extents={letter.symbol: final[letter.size] for letter in free.values()},
        )
        return with_sources(made)

    def _variable(self, statement: Statement, free: dict[str, Letter]) -> Expr:
        """One wrt. Its letters that are free in the target are the same indices."""
        node = statement.value
        rank = self.names.ranks[node.id] if isinstance(node, ast.Name) else 0
        if rank:
            example = f"{written(node)}[{', '.join('jklmr'[:rank])}]"
            message = f"wrt is one entry, and {written(node)} has {count(rank)}: write {example}"
            raise statement.error(ProblemError, message, node)
        return self.builder.build(node, self.lengths.enter(Scope(statement, free)))

    def _target(self, statement: Statement) -> tuple[Expr, Axes]:
        if statement.head:
            return self._define(statement, last=True)
        scope = Scope(statement)
        target = self.builder.build(statement.value, self.lengths.enter(scope))
        return target, scope.axes

    def _define(self, statement: Statement, last: bool) -> tuple[Expr, Axes]:
        """Add a definition; its head and the indices of that."""
        assert statement.head
        name = statement.name
        if name in self.done:
            raise statement.error(ProblemError, f"{name} is defined twice", statement.head)
        self.done.add(name)
        if statement.letters:
            head, axes = self._by_entry(statement)
        elif self.names.ranks[name]:
            head, axes = self._whole(statement)
        else:
            head, axes = self._scalar(statement, last)
        self.names.upcoming.discard(name)
        return head, axes

    def _add(self, head: Expr, body: Expr) -> Expr:
        self.names.definitions.append(Definition(head, body))
        return head

    def _scalar(self, statement: Statement, last: bool) -> tuple[Expr, Axes]:
        """L = expr. A free index makes it a family of numbers, L[c]: only as the target."""
        name = statement.name
        free = dict.fromkeys(free_letters(statement.value))
        if free and last:
            self.names.ranks[name] = len(free)
            letters = ast.Tuple([ast.Name(letter) for letter in free])
            return self._by_entry(replace(statement, head=ast.Subscript(ast.Name(name), letters)))
        if free:
            raise self._open(statement, free)
        self.names.shapes[name] = ()
        body = self.builder.build(statement.value, self.lengths.enter(Scope(statement)))
        return self._add(scalar(name), body), ()

    def _open(self, statement: Statement, free: Iterable[str]) -> DeriveError:
        """A definition with an index that its head does not have."""
        assert statement.head
        heads = [letter.id for letter in statement.letters]
        extra = [name for name in free if name not in heads]
        one = "is" if len(extra) == 1 else "are"
        head = f"{statement.name}[{', '.join([*heads, *extra])}]"
        message = f"{', '.join(extra)} {one} free in this definition: write {head} = ..."
        return statement.error(ProblemError, message, statement.head)

    def _by_entry(self, statement: Statement) -> tuple[Expr, Axes]:
        """h[i] = expr, P[b, k] = expr."""
        assert statement.head
        name = statement.name
        axes = tuple(Letter(index(n.id), self.names.sizes.new()) for n in statement.letters)
        self.names.shapes[name] = tuple(axis.size for axis in axes)
        scope = Scope(statement, {str(axis.symbol): axis for axis in axes})
        env = self.lengths.enter(scope)
        head = entry(name, *(axis.symbol for axis in axes))
        if not self._named_softmax(statement, axes, env):
            body = self.builder.build(statement.value, env)
            if len(scope.free) > len(axes):
                raise self._open(statement, scope.free)
            self._add(head, body)
        return head, axes

    def _named_softmax(self, statement: Statement, axes: Axes, env: Env) -> bool:
        """P[b, k] = softmax(Z[b, :])[k] gives the softmax itself the name P."""
        node = statement.value
        if not (isinstance(node, ast.Subscript) and function(node.value) == "softmax"):
            return False
        letters = [getattr(letter, "id", ":") for letter in subscripts(node)]
        if letters != [str(axes[-1].symbol)]:
            return False
        vector = self.builder.vector(parts(node.value)[0], env)
        if vector.outer != axes[:-1] or len(env.scope.free) > len(axes):
            return False
        self.lengths.join(axes[-1], vector.mark.size, env, node)
        head, _ = self.names.softmax(vector, statement.name, axes[-1].symbol)
        return name_of(head) == statement.name

    def _whole(self, statement: Statement) -> tuple[Expr, Axes]:
        """p = softmax(z), h = z/T: the entry's letter is chosen here."""
        name, node = statement.name, statement.value
        axis = self.names.sizes.new()
        self.names.shapes[name] = (axis,)
        scope = Scope(statement)
        env = self.lengths.enter(scope)
        softmax = function(node) == "softmax"
        vector = self.builder.vector(parts(node)[0] if softmax else node, env)
        own = index(self.names.letter_name(OWN_LETTERS, vector.entry))
        if scope.free:
            raise self._open(statement, [*scope.free, str(own)])
        self.lengths.join(Letter(own, axis), vector.mark.size, env, node)
        body = self.names.softmax(vector, name, own)[0] if softmax else vector.at(own)
        if name_of(body) != name:
            self._add(entry(name, own), body)
        return self._chosen(name, own, Letter(own, axis))

    def _chosen(self, name: str, own: Symbol, axis: Letter) -> tuple[Expr, Axes]:
        """The head of a vector that was written without a letter: as the target it is no
        particular entry, so that its letter is none of those of wrt."""
        if own.name in self.wrt_letters:
            own = index(self.names.letter_name(OWN_LETTERS, own, self.wrt_letters))
        return entry(name, own), (Letter(own, axis.size),)


def _planned(given: Sequence[Statement]) -> dict[str, str]:
    """The names of whole softmaxes (p = softmax(z)), by their text."""
    found: dict[str, str] = {}
    for statement in given:
        if isinstance(statement.head, ast.Name) and function(statement.value) == "softmax":
            found.setdefault(written(statement.value), statement.name)
    return found


def _in_decimals(given: Iterable[Statement]) -> bool:
    """Whether a number with a decimal point stands in some statements."""
    numbers = (n for s in given for n in ast.walk(s.value) if isinstance(n, ast.Constant))
    return any(number.value.denominator != 1 for number in numbers)  # type: ignore[union-attr]


def _renamed(relation: Relational, final: Mapping[Symbol, Symbol]) -> Relational:
    sides = (side.xreplace(final) for side in relation.args)
    return relation.func(*sides, evaluate=False)
