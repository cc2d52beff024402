"""How far each index runs, as its uses are met one after the other."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Expr

from derive.errors import ProblemError
from derive.language.shifts import Shift, Shifts
from derive.language.syntax import free_letters, shifted
from derive.language.vocabulary import Env, Letter, Scope, Vocabulary
from derive.nodes import index


@dataclass
class Lengths:
    """Joins the lengths of axes and indices of one vocabulary.

    What runs over an axis is as long as that axis. A comparison says so of an index that nothing
    else tells the length of. A sum of indices, as in x[i + k], says how long x is; an index that
    also stands alone there, as in x[i + 1] - x[i], runs as far as that allows.

    Attributes:
        slides: the axes, by name and place, that some sum of indices has been met on.
    """

    names: Vocabulary
    slides: set[tuple[str, int]] = field(default_factory=set)
    _used: set[Expr] = field(default_factory=set)
    _compared: list[tuple[Letter, ...]] = field(default_factory=list)
    _shifts: list[Shift] = field(default_factory=list)
    _wanted: list[tuple[Expr, str, Env, ast.expr]] = field(default_factory=list)
    _scopes: list[Scope] = field(default_factory=list)

    def enter(self, scope: Scope) -> Env:
        """Begin a statement: its free letters are in force from the start."""
        self._scopes.append(scope)
        self.slides.update(shifted(scope.statement.value))
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

    def join(self, letter: Letter, length: Expr, env: Env, node: ast.expr) -> None:
        """An index runs over an axis."""
        self.use(letter)
        if not self.names.sizes.fit(letter.size, length):
            one, other = self.names.describe(letter.size), self.names.describe(length)
            message = f"index {letter.symbol} runs over two lengths: {one} and {other}"
            raise env.error(ProblemError, message, node)

    def shift(self, shift: Shift) -> None:
        """A sum of indices stands where an index of an axis does, or a letter where such a sum may
        stand with it."""
        self._shifts.append(shift)

    def compare(self, letters: Sequence[Letter]) -> None:
        """Indices are compared."""
        self._compared.append(tuple(letters))

    def wanted(self, name: str, env: Env, node: ast.expr) -> Expr:
        """The length of a letter that is not in force here: known when all is read."""
        length = self.names.sizes.new()
        self._wanted.append((length, name, env, node))
        return length

    def settle(self, known: Mapping[str, Iterable[Expr]]) -> None:
        """Settle what was left open; `known` are the lengths of an existing problem's letters."""
        shifts = Shifts(self.names, self._sliding())
        for letters in self._compared:
            for letter in letters:
                if letter.size not in self._used:
                    other = next((one for one in letters if one.size in self._used), letters[0])
                    self.names.sizes.join(letter.size, other.size)
            self._used.update(letter.size for letter in letters)
        shifts.settle_known()
        for length, name, env, node in self._wanted:
            self._settle_wanted(length, name, env, node, known)
        shifts.settle()

    def _sliding(self) -> list[Shift]:
        """The shifts, without the letters that stand alone on an axis and in no sum there: those
        run over all of it."""
        sums = {(s.axis, one) for s in self._shifts if s.form.is_Add for one in s.letters}
        found: list[Shift] = []
        for shift in self._shifts:
            if shift.form.is_Symbol and (shift.axis, shift.letters[0]) not in sums:
                self.join(shift.letters[0], shift.axis, shift.env, shift.node)
            else:
                found.append(shift)
        return found

    def _settle_wanted(
        self,
        length: Expr,
        name: str,
        env: Env,
        node: ast.expr,
        known: Mapping[str, Iterable[Expr]],
    ) -> None:
        """size(k) with a k that was not in force there is the length of the k elsewhere: in the
        same statement, else in another one, else the `known` ones."""
        near = [letter.size for letter in env.scope.every.get(name, ())]
        far = [letter.size for s in self._scopes for letter in s.every.get(name, ())]
        sizes = self.names.sizes
        roots = {sizes.resolved(sizes.find(s)): None for s in near or far or known.get(name, ())}
        if not roots:
            raise env.error(ProblemError, f"nothing says how far {name} runs", node)
        if len(roots) > 1:
            two = " and ".join(self.names.describe(root) for root in list(roots)[:2])
            raise env.error(ProblemError, f"index {name} has two lengths here: {two}", node)
        sizes.be(length, next(iter(roots)))
