"""What each name is, and how far each index runs: both follow from use.

`ranks` finds how many indices every name has; `Sizes` joins the lengths of axes as they turn out to
be one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Expr, Symbol

from derive.errors import ProblemError
from derive.language.syntax import (
    BINDERS,
    ELEMENTWISE,
    VECTORS,
    WHOLE,
    Statement,
    base_name,
    function,
    letters_of,
    names_of,
    parts,
    subscripts,
)
from derive.nodes import Binder, size
from derive.problem import Definition, Problem

# The order in which people name lengths.
_SIZE_NAMES = ("n", "m", "d", "q", "r", "h", "u", "v", "N", "M", "D")


def is_whole(node: ast.expr, known: Mapping[str, int]) -> bool:
    """Whether an expression is a whole vector."""
    if isinstance(node, ast.Name):
        return known.get(node.id, 0) > 0
    if isinstance(node, ast.Subscript):
        return any(isinstance(n, ast.Slice) for n in subscripts(node))
    name = function(node)
    if name:
        passes = name in ELEMENTWISE or name in BINDERS
        return name in VECTORS or (passes and is_whole(parts(node)[0], known))
    return any(is_whole(part, known) for part in parts(node))


def ranks(
    given: Sequence[Statement],
    wrt: Sequence[Statement] = (),
    assume: Sequence[Statement] = (),
    known: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """How many indices each name has; `known` are those of an existing problem.

    Raises ProblemError for a name that is used in two ways, and where it cannot be told which of
    the names in `softmax(a*b)` is a vector.
    """
    finder = _Ranks(dict(known or {}))
    everything = (*given, *wrt, *assume)
    for statement in (*given, *assume):
        finder.read_brackets(statement)
    for statement in given:
        finder.read_plain(statement)
    for statement in wrt:
        finder.read_brackets(statement)
        if isinstance(statement.value, ast.Name):
            finder.known.setdefault(statement.value.id, 0)
    for statement in everything:
        finder.read_bare(statement)
    for statement, argument in finder.arguments:
        finder.settle(statement, argument)
    finder.check_letters(everything)
    return finder.known


@dataclass
class _Ranks:
    """The ranks found so far.

    Attributes:
        known: by name.
        arguments: the whole-vector expressions met, in which unknown names are settled last.
    """

    known: dict[str, int] = field(default_factory=dict)
    arguments: list[tuple[Statement, ast.expr]] = field(default_factory=list)

    def note(self, statement: Statement, name: str, rank: int, node: ast.expr) -> None:
        before = self.known.setdefault(name, rank)
        if before != rank:
            message = f"{name} has {count(rank)} here and {count(before)} elsewhere"
            raise statement.error(ProblemError, message, node)

    def read_brackets(self, statement: Statement) -> None:
        """What is written with indices."""
        for node in _every(statement.value):
            if isinstance(node, ast.Subscript) and base_name(node):
                self.note(statement, base_name(node), len(subscripts(node)), node)
        if statement.letters and statement.head:
            self.note(statement, statement.name, len(statement.letters), statement.head)

    def read_plain(self, statement: Statement) -> None:
        """What is plainly a whole vector, the z of softmax(z)."""
        for node in _every(statement.value):
            argument = parts(node)[0] if function(node) in WHOLE else None
            if isinstance(argument, ast.Name):
                self.known.setdefault(argument.id, 1)

    def read_bare(self, statement: Statement) -> None:
        """Names without brackets: numbers, unless they stand where a whole vector does."""
        whole = not statement.letters and is_whole(statement.value, self.known)
        if statement.head and not statement.letters:
            self.note(statement, statement.name, int(whole), statement.head)
        if whole:
            self.arguments.append((statement, statement.value))
        self._mark(statement, statement.value, whole)

    def _mark(self, statement: Statement, node: ast.expr, whole: bool) -> None:
        if isinstance(node, ast.Name) and not whole and node.id != "pi":
            self.known.setdefault(node.id, 0)
        if function(node) in WHOLE:
            self.arguments.append((statement, parts(node)[0]))
        inside = isinstance(node, ast.Subscript) or function(node) in WHOLE
        if isinstance(node, ast.Subscript) and not base_name(node):
            self.arguments.append((statement, node.value))
        for part in parts(node):
            self._mark(statement, part, whole or inside)

    def settle(self, statement: Statement, node: ast.expr) -> None:
        """Decide the unknown names of a whole-vector expression."""
        if isinstance(node, ast.Name):
            if node.id != "pi":
                self.known.setdefault(node.id, 1)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            self.settle(statement, node.left)
            self.settle(statement, node.right)
        elif isinstance(node, ast.BinOp):
            self._settle_product(statement, node)
        elif isinstance(node, ast.UnaryOp) or function(node) in ELEMENTWISE:
            self.settle(statement, parts(node)[0])
        else:
            self._as_numbers(node)

    def _settle_product(self, statement: Statement, node: ast.BinOp) -> None:
        """In a product one factor is the vector and the others are numbers that scale it."""
        factors = list(_factors(node)) if isinstance(node.op, ast.Mult) else [node.left, node.right]
        if not any(is_whole(factor, self.known) for factor in factors):
            open_ones = [factor for factor in factors if self._unknown(factor)]
            if not isinstance(node.op, ast.Mult):
                open_ones = open_ones[:1]
            if len(open_ones) > 1:
                first, second = (self._unknown(factor)[0] for factor in open_ones[:2])
                message = f"{first} or {second}: which is the vector? Write a line such as"
                raise statement.error(ProblemError, f"{message} h[i] = ... and use h", node)
            for factor in open_ones:
                self.settle(statement, factor)
        for factor in factors:
            if is_whole(factor, self.known):
                self.settle(statement, factor)
            else:
                self._as_numbers(factor)

    def _unknown(self, node: ast.expr) -> list[str]:
        return [name for name in _plain_names(node) if name not in self.known]

    def _as_numbers(self, node: ast.expr) -> None:
        for name in self._unknown(node):
            self.known[name] = 0

    def check_letters(self, everything: Iterable[Statement]) -> None:
        """An index letter is no variable."""
        letters: dict[str, None] = {}
        for statement in everything:
            letters |= dict.fromkeys(
                n.id for n in (*statement.letters, *letters_of(statement.value))
            )
        for statement in everything:
            places = list(names_of(statement.value))
            if statement.head:
                places.insert(0, (statement.name, statement.head))
            for name, node in places:
                if name in letters:
                    message = f"{name} is an index: it cannot be used as a number or variable too"
                    raise statement.error(ProblemError, message, node)


def _every(node: ast.expr) -> Iterator[ast.expr]:
    yield node
    for part in parts(node):
        yield from _every(part)


def _plain_names(node: ast.expr) -> Iterator[str]:
    """The names without brackets, but for those inside softmax(...) and its like."""
    if isinstance(node, ast.Name) and node.id != "pi":
        yield node.id
    if function(node) not in WHOLE:
        for part in parts(node):
            yield from _plain_names(part)


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def lengths(problem: Problem) -> dict[str, set[Expr]]:
    """For every index letter of a problem, bound ones too, the lengths it runs over. The letters
    inside a softmax count only where nothing else has them: nobody wrote those."""
    written = [d for d in problem.definitions if not d.source]
    found: dict[str, set[Expr]] = {}
    for symbol, length in problem.extents.items():
        found.setdefault(str(symbol), set()).add(length)
    _add_lengths(found, problem, written)
    for expr in (problem.target, *problem.assumptions):
        _add_bound(found, expr)
    hidden: dict[str, set[Expr]] = {}
    _add_lengths(hidden, problem, [d for d in problem.definitions if d.source])
    return hidden | found


def _add_lengths(
    found: dict[str, set[Expr]], problem: Problem, definitions: Iterable[Definition]
) -> None:
    for definition in definitions:
        axes = zip(definition.indices, problem.shapes[definition.name], strict=True)
        for symbol, length in axes:
            found.setdefault(str(symbol), set()).add(length)
        _add_bound(found, definition.body)


def _add_bound(found: dict[str, set[Expr]], expr: Expr) -> None:
    for binder in expr.atoms(Binder):
        found.setdefault(str(binder.letter), set()).add(binder.extent)


def count(rank: int) -> str:
    """ "2 indices"."""
    return "no index" if rank == 0 else f"{rank} ind{'ex' if rank == 1 else 'ices'}"


@dataclass
class Sizes:
    """Lengths of axes, joined as they turn out to be one. A length is a stand-in symbol until
    `named` gives it a name; those of an existing problem are fixed from the start."""

    fixed: frozenset[Symbol] = frozenset()
    _parent: dict[Symbol, Symbol] = field(default_factory=dict)

    def new(self) -> Symbol:
        made = size(f"_{len(self._parent)}")
        self._parent[made] = made
        return made

    def find(self, length: Symbol) -> Symbol:
        while (parent := self._parent.get(length, length)) != length:
            length = parent
        return length

    def join(self, one: Symbol, other: Symbol) -> bool:
        """Make two lengths one; False where they are known to differ."""
        a, b = self.find(one), self.find(other)
        if a == b:
            return True
        if a in self.fixed and b in self.fixed:
            return False
        keep, drop = (b, a) if b in self.fixed else (a, b)
        self._parent[drop] = keep
        return True

    def named(self, order: Iterable[Symbol], taken: Iterable[str]) -> dict[Symbol, Symbol]:
        """Every stand-in with its final symbol: n, m, d, ... in the given order, then the rest."""
        used = set(taken) | {length.name for length in self.fixed}
        free = [name for name in _SIZE_NAMES if name not in used]
        free += [f"n{k}" for k in range(1, len(self._parent) + len(used) + 1)]
        names = iter(name for name in free if name not in used)
        final: dict[Symbol, Symbol] = {length: length for length in self.fixed}
        for length in (*order, *self._parent):
            root = self.find(length)
            if root not in final:
                final[root] = size(next(names))
        return {length: final[self.find(length)] for length in self._parent}
