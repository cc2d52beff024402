"""The names of a problem while it is being read: lengths, definitions, letters still to be had."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr, Integer, Symbol

from derive.errors import DeriveError
from derive.functions import exp
from derive.indices import canonical, free_indices, fresh, substitute
from derive.language.sizes import Sizes
from derive.language.syntax import Statement, free_letters
from derive.nodes import entry, index, is_size, total
from derive.problem import Definition

OWN_LETTERS = "ijklmrqtuvabc"
"""For the entry of a vector that was written without a letter."""
BOUND_LETTERS = "klmrqtuvjiabc"
_SOFTMAX_NAMES = "spqr"
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


@dataclass(frozen=True)
class Letter:
    """An index where it is in force: its symbol and how far it runs."""

    symbol: Symbol
    size: Expr


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

    @property
    def axes(self) -> tuple[Letter, ...]:
        """The free letters of its expression, in the order of the text."""
        return tuple(self.free[name] for name in dict.fromkeys(free_letters(self.statement.value)))


@dataclass(frozen=True)
class Env:
    """Where an expression stands: the letters bound around it, and, inside a whole-vector
    expression, the letter of the entry that is meant. By the conditions around it on indices, all
    of `holds` are 0 or more."""

    scope: Scope
    bound: Mapping[str, Letter] = field(default_factory=dict)
    at: Letter | None = None
    holds: tuple[Expr, ...] = ()

    def error(self, kind: type[DeriveError], message: str, node: ast.expr) -> DeriveError:
        return self.scope.statement.error(kind, message, node)

    def find(self, name: str) -> Letter | None:
        """The index a letter means here, if it is in force."""
        return self.bound.get(name) or self.scope.free.get(name)


@dataclass(frozen=True)
class Vector:
    """A whole-vector expression.

    Attributes:
        source: as it was written.
        entry: its entry at the letter `mark`.
        mark: a letter that stands nowhere else.
        outer: the indices it depends on, in the order of the text.
    """

    source: str
    entry: Expr
    mark: Letter
    outer: tuple[Letter, ...]

    def at(self, letter: Symbol) -> Expr:
        """The entry at another letter."""
        return substitute(self.entry, {self.mark.symbol: letter})

    def summed(self, what: Expr, letter: Symbol) -> Expr:
        """The sum of `what`, an expression in `letter`, over the vector's entries."""
        return total(what, letter, self.mark.size)


@dataclass
class Vocabulary:
    """What names mean.

    Attributes:
        ranks: how many indices each name has.
        taken: names and letters that may not be chosen for anything else.
        upcoming: names of definitions still to come, which may not be used yet.
        planned: by the text of a softmax, the name that the user gives it.
        shapes: the lengths of every name's axes, in order of first appearance.
        definitions: so far, the parser's own too.
        extend: whether a softmax may be given a name of the parser's own.
    """

    ranks: dict[str, int]
    taken: set[str]
    upcoming: set[str] = field(default_factory=set)
    planned: Mapping[str, str] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=Sizes)
    shapes: dict[str, tuple[Expr, ...]] = field(default_factory=dict)
    definitions: list[Definition] = field(default_factory=list)
    extend: bool = True
    _files: dict[Expr, list[tuple[Definition, Expr]]] = field(default_factory=dict)
    _filed: int = 0

    def describe(self, length: Expr) -> str:
        """A length in words: whose it is."""
        root = self.sizes.find(length)
        for name, shape in self.shapes.items():
            roots = [self.sizes.find(size) for size in shape]
            if root in roots:
                which = f"'s {_ordinal(roots.index(root) + 1)} index" if len(roots) > 1 else ""
                return f"that of {name}{which}"
        return "one of its own"

    def letter_name(self, choice: str, body: Expr, avoid: frozenset[str] = frozenset()) -> str:
        """The first letter of `choice` that is no variable and does not stand free in `body`."""
        used = {symbol.name for symbol in free_indices(body)} | set(self.ranks) | avoid
        chosen = next((name for name in choice if name not in used), "")
        chosen = chosen or str(fresh(index("k"), map(index, used)))
        self.taken.add(chosen)
        return chosen

    def softmax(
        self, vector: Vector, name: str = "", own: Symbol | None = None
    ) -> tuple[Expr, Symbol]:
        """An entry of softmax of a vector and its letter, `own` or one that is free.

        The softmax gets a definition if it has none yet: under `name`, the user's name for it, or
        one of the parser's own. Where no name may be added it is written out.
        """
        own = own or index(self.letter_name(OWN_LETTERS, vector.entry))
        bound = index(self.letter_name(BOUND_LETTERS, vector.entry, frozenset([own.name])))
        made = exp(vector.at(own)) / vector.summed(exp(vector.at(bound)), bound)
        letters = (*(letter.symbol for letter in vector.outer), own)
        if known := self._known(made, letters):
            return substitute(known.head, dict(zip(known.indices, letters, strict=True))), own
        if not self.extend:
            return made, own
        source = f"softmax({vector.source})"
        given = name or ("" if vector.outer else self.planned.get(source, ""))
        final = given or self._softmax_name()
        self.taken.add(final)
        self.upcoming.discard(final)
        self.shapes[final] = (*(letter.size for letter in vector.outer), vector.mark.size)
        self.definitions.append(Definition(entry(final, *letters), made, source, bool(given)))
        return self.definitions[-1].head, own

    def _known(self, made: Expr, letters: tuple[Symbol, ...]) -> Definition | None:
        """The definition of the same entry, if there is one. Lengths may still turn out to be one:
        definitions are filed by all that is certain, and compared in full only then."""
        for definition in self.definitions[self._filed :]:
            if definition.body.func == made.func and len(definition.body.args) == len(made.args):
                key = _form(definition.indices, definition.body)
                self._files.setdefault(_without_lengths(key), []).append((definition, key))
        self._filed = len(self.definitions)
        key = _form(letters, made)
        for definition, other in self._files.get(_without_lengths(key), ()):
            if self._settled(key) == self._settled(other):
                return definition
        return None

    def _settled(self, expr: Expr) -> Expr:
        """The expression with one symbol for all lengths that are one."""
        return expr.xreplace({s: self.sizes.find(s) for s in expr.free_symbols if is_size(s)})

    def _softmax_name(self) -> str:
        choice: list[str] = [*_SOFTMAX_NAMES, *(f"s{k}" for k in range(1, len(self.taken) + 2))]
        return next(name for name in choice if name not in self.taken)


def _ordinal(place: int) -> str:
    return f"{place}{_ENDINGS.get(place, 'th')}"


def _form(letters: tuple[Symbol, ...], body: Expr) -> Expr:
    """A form in which two definitions that differ in their letters only are equal."""
    marks = {letter: index(f"_a{place}") for place, letter in enumerate(letters)}
    return canonical(substitute(body, marks))


def _without_lengths(form: Expr) -> Expr:
    return form.xreplace({s: Integer(1) for s in form.free_symbols if is_size(s)})
