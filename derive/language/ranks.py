"""How many indices each name has: this follows from use."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from derive.errors import ProblemError
from derive.language.syntax import (
    ELEMENTWISE,
    VECTORS,
    WHOLE,
    Statement,
    base_name,
    binds,
    function,
    letters_of,
    names_of,
    parts,
    subscripts,
)


def is_whole(node: ast.expr, known: Mapping[str, int]) -> bool:
    """Whether an expression is a whole vector."""
    if isinstance(node, ast.Name):
        return known.get(node.id, 0) > 0
    if isinstance(node, ast.Subscript):
        return any(isinstance(n, ast.Slice) for n in subscripts(node))
    if function(node) in WHOLE:
        return function(node) in VECTORS
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
        whole = not statement.letters and (
            is_whole(statement.value, self.known) or self._is_used_whole(statement)
        )
        if statement.head and not statement.letters:
            self.note(statement, statement.name, int(whole), statement.head)
        if whole:
            self.arguments.append((statement, statement.value))
        self._mark(statement, statement.value, whole)

    def _is_used_whole(self, statement: Statement) -> bool:
        """Whether a name is a vector elsewhere, and its definition can be one: h = z/T, h[i]."""
        return self.known.get(statement.name) == 1 and bool(self._unknown(statement.value))

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
        elif function(node) in {"max", "min", "where"} and not binds(node):
            self._settle_choice(statement, node)
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

    def _settle_choice(self, statement: Statement, node: ast.expr) -> None:
        """max(a, b), where(a > b, c, d): beside a vector, names are numbers; else all that is
        chosen from are vectors."""
        condition = parts(node)[0] if function(node) == "where" else None
        whole = is_whole(node, self.known)
        for part in parts(node):
            if part is not condition:
                self._settle_part(statement, part, whole)
        for side in _compared(condition) if condition else ():
            self._settle_part(statement, side, is_whole(node, self.known))

    def _settle_part(self, statement: Statement, part: ast.expr, beside_vector: bool) -> None:
        if beside_vector and not is_whole(part, self.known):
            self._as_numbers(part)
        else:
            self.settle(statement, part)

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
                    message = (
                        f"{name} is an index, so it cannot be a number or variable too: "
                        f"rename one, or give the values of {name} as a vector, a[{name}]"
                    )
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


def _compared(condition: ast.expr) -> Iterator[ast.expr]:
    """The numbers that a condition compares."""
    for part in parts(condition):
        if isinstance(condition, ast.Compare):
            yield part
        else:
            yield from _compared(part)


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def count(rank: int) -> str:
    """ "2 indices"."""
    return "no index" if rank == 0 else f"{rank} ind{'ex' if rank == 1 else 'ices'}"
