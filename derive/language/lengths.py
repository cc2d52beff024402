"""How far each index runs, as its uses are met one after the other."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Symbol

from derive.errors import ProblemError, UnsupportedError
from derive.language.syntax import free_letters, written
from derive.language.vocabulary import Env, Letter, Scope, Vocabulary
from derive.nodes import index


@dataclass
class Lengths:
    """Joins the lengths of axes and indices of one vocabulary.

    What runs over an axis is as long as that axis. A comparison says so of an index that nothing
    else tells the length of; a sum of indices, as in x[i + k], says nothing.
    """

    names: Vocabulary
    _used: set[Symbol] = field(default_factory=set)
    _compared: list[tuple[Letter, ...]] = field(default_factory=list)
    _shifted: list[tuple[tuple[Letter, ...], Symbol, Env, ast.expr]] = field(default_factory=list)
    _wanted: list[tuple[Symbol, str, Env, ast.expr]] = field(default_factory=list)
    _scopes: list[Scope] = field(default_factory=list)

    def enter(self, scope: Scope) -> Env:
        """Begin a statement: its free letters are in force from the start."""
        self._scopes.append(scope)
        if not scope.closed:
            for name in free_letters(scope.statement.value):
                if name not in scope.free:
                    scope.free[name] = Letter(index(name), self.names.sizes.new())
        for name, letter in scope.free.items():
            scope.every.setdefault(name, []).append(letter)
        return Env(scope)

    def use(self, letter: Letter) -> None:
        """An index stands somewhere."""
        self._used.add(letter.size)

    def is_used(self, letter: Letter) -> bool:
        return letter.size in self._used or any(letter in group for group in self._compared)

    def join(self, letter: Letter, length: Symbol, env: Env, node: ast.expr) -> None:
        """An index runs over an axis."""
        self.use(letter)
        if not self.names.sizes.join(letter.size, length):
            one, other = self.names.describe(letter.size), self.names.describe(length)
            message = f"index {letter.symbol} runs over two lengths: {one} and {other}"
            raise env.error(ProblemError, message, node)

    def shift(self, letters: Sequence[Letter], axis: Symbol, env: Env, node: ast.expr) -> None:
        """A sum of indices stands where an index of an axis does."""
        self._shifted.append((tuple(letters), axis, env, node))

    def compare(self, letters: Sequence[Letter]) -> None:
        """Indices are compared."""
        self._compared.append(tuple(letters))

    def wanted(self, name: str, env: Env, node: ast.expr) -> Symbol:
        """The length of a letter that is not in force here: known when all is read."""
        length = self.names.sizes.new()
        self._wanted.append((length, name, env, node))
        return length

    def settle(self, known: Mapping[str, Iterable[Symbol]]) -> None:
        """Settle what was left open; `known` are the lengths of an existing problem's letters."""
        for letters in self._compared:
            for letter in letters:
                if letter.size not in self._used:
                    other = next((one for one in letters if one.size in self._used), letters[0])
                    self.names.sizes.join(letter.size, other.size)
            self._used.update(letter.size for letter in letters)
        for length, name, env, node in self._wanted:
            self._settle_wanted(length, name, env, node, known)
        for letters, axis, env, node in self._shifted:
            self._check_shift(letters, axis, env, node)

    def _settle_wanted(
        self,
        length: Symbol,
        name: str,
        env: Env,
        node: ast.expr,
        known: Mapping[str, Iterable[Symbol]],
    ) -> None:
        """size(k) with a k that was not in force there is the length of the k elsewhere: in the
        same statement, else in another one, else the `known` ones."""
        near = [letter.size for letter in env.scope.every.get(name, ())]
        far = [letter.size for s in self._scopes for letter in s.every.get(name, ())]
        roots = {self.names.sizes.find(size): None for size in near or far or known.get(name, ())}
        if not roots:
            raise env.error(ProblemError, f"nothing says how far {name} runs", node)
        if len(roots) > 1:
            two = " and ".join(self.names.describe(root) for root in list(roots)[:2])
            raise env.error(ProblemError, f"index {name} has two lengths here: {two}", node)
        self.names.sizes.join(length, next(iter(roots)))

    def _check_shift(
        self, letters: Sequence[Letter], axis: Symbol, env: Env, node: ast.expr
    ) -> None:
        """x[i + 1] where i runs over all of x has no last entry."""
        find = self.names.sizes.find
        for letter in letters:
            if find(letter.size) == find(axis):
                over = self.names.describe(axis).removeprefix("that of ")
                message = f"{letter.symbol} runs over all of {over}, so that {written(node)} goes"
                raise env.error(UnsupportedError, f"{message} beyond its end", node)
