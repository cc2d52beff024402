"""The SymPy nodes of index notation. Every symbol of the package is made here.

Two symbols with one name and different assumptions are different to SymPy, and the derivative of
one by the other is a silent 0; so nothing else in the package calls `Symbol` or `IndexedBase`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import sympy
from sympy import Expr, Indexed, IndexedBase, Integer, KroneckerDelta, S, Symbol, Tuple
from sympy.core.parameters import distribute
from sympy.core.sympify import _sympify  # takes numbers, never text
from sympy.logic.boolalg import Boolean

Path = tuple[int, ...]


def index(name: str) -> Symbol:
    """An index letter, such as the i of z[i]."""
    return Symbol(name, integer=True)


def size(name: str) -> Symbol:
    """How many values an index takes, such as n."""
    return Symbol(name, integer=True, positive=True)


def scalar(name: str) -> Symbol:
    """A real number, such as T."""
    return Symbol(name, real=True)


def entry(name: str, *indices: Expr) -> Indexed:
    """One entry of a real vector, matrix or tensor.

    An index is a letter, or a sum such as i + k or i + 1, in which every letter counts from 0, as
    in NumPy: x[i + 1] is the entry after x[i], and where both letters are at their first value,
    x[i + k] is the first entry.
    """
    return Indexed(IndexedBase(name, real=True), *indices)


def is_index(symbol: object) -> bool:
    return isinstance(symbol, Symbol) and bool(symbol.is_integer) and symbol.is_positive is None


def is_size(symbol: object) -> bool:
    return isinstance(symbol, Symbol) and bool(symbol.is_integer) and bool(symbol.is_positive)


def is_scalar(symbol: object) -> bool:
    return isinstance(symbol, Symbol) and not symbol.is_integer


def is_on_indices(condition: Boolean) -> bool:
    """Whether a condition compares indices and lengths, and not numbers."""
    return all(symbol.is_integer for symbol in condition.free_symbols)


def is_head(node: object) -> bool:
    """Whether it is a variable or a name, or one entry of it: T, z[i]."""
    return isinstance(node, Indexed) or is_scalar(node)


def name_of(head: Expr) -> str:
    """The name of a variable: "z" for z[i], "T" for T."""
    return str(head.base.label.name) if isinstance(head, Indexed) else str(head)


def indices_of(head: Expr) -> tuple[Expr, ...]:
    """What stands in the brackets: (i,) for z[i], () for T."""
    return tuple(head.indices) if isinstance(head, Indexed) else ()


class Binder(Expr):
    """A node over all values of an index: args are the body and (index, 1, size)."""

    is_commutative = True

    def __new__(cls, body: Expr, limit: Tuple | tuple[Expr, ...]) -> Expr:
        return Expr.__new__(cls, body, Tuple(*limit))

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def letter(self) -> Symbol:
        return self.args[1].args[0]

    @property
    def extent(self) -> Expr:
        return self.args[1].args[2]

    @cached_property
    def free_symbols(self) -> set[Symbol]:
        """As SymPy has it, which puts new letters in first, in every sum inside again."""
        inside: set[Symbol] = self.body.free_symbols
        around: set[Symbol] = self.extent.free_symbols
        return (inside - {self.letter}) | around

    @property
    def is_number(self) -> bool:
        return not self.free_symbols


class Sum(Binder, sympy.Sum):
    """A sum over one index. SymPy's own joins nested sums into one, which hides a step."""

    def __new__(cls, body: Expr, limit: Tuple | tuple[Expr, ...]) -> Expr:
        return S.Zero if body == 0 else super().__new__(cls, body, limit)


class Product(Binder, sympy.Product):
    """A product over one index."""


class _Extreme(Binder):
    """The largest or smallest value over one index; of what does not have it, that itself."""

    is_real = True

    def __new__(cls, body: Expr, limit: Tuple | tuple[Expr, ...]) -> Expr:
        found = super().__new__(cls, body, limit)
        return found if found.letter in body.free_symbols else body


class Largest(_Extreme):
    """max(body, k): over all values of k."""


class Smallest(_Extreme):
    """min(body, k): over all values of k."""


class Where(Expr):
    """One expression where a condition on values or indices holds, another where it does not.

    SymPy's Piecewise reorders its conditions and folds what stands around it. The condition is the
    last argument: rules work in the two expressions only (see `children`).
    """

    is_commutative = True

    def __new__(cls, yes: Expr, no: Expr, condition: Boolean) -> Expr:
        if condition in (S.true, S.false) or yes == no:
            return no if condition == S.false else yes
        return Expr.__new__(cls, _sympify(yes), _sympify(no), condition)

    @property
    def yes(self) -> Expr:
        return self.args[0]

    @property
    def no(self) -> Expr:
        return self.args[1]

    @property
    def condition(self) -> Boolean:
        return self.args[2]

    def _eval_is_real(self) -> bool | None:
        return True if self.yes.is_real and self.no.is_real else None


def total(body: Expr, letter: Symbol, extent: Expr) -> Expr:
    """sum(body, letter), the letter running from 1 to extent."""
    return Sum(body, (letter, Integer(1), extent))


class Derivative(sympy.Derivative):
    """A derivative still to be worked out. SymPy's own becomes 0 for a name it cannot see into,
    and joins a second derivative with the first."""

    def __new__(cls, expr: Expr, variable: Expr | Tuple) -> Expr:
        pair = variable if isinstance(variable, Tuple) else Tuple(variable, Integer(1))
        return Expr.__new__(cls, expr, pair)

    @property
    def variable(self) -> Expr:
        return self.args[1].args[0]


def delta(i: Expr, j: Expr) -> Expr:
    """Kronecker's delta: 1 where i = j, else 0."""
    return KroneckerDelta(i, j)


@contextmanager
def undistributed() -> Iterator[None]:
    """Inside, 2*(a + b) stays as it is; SymPy would make it 2*a + 2*b unasked."""
    with distribute(False):
        yield


def children(node: Expr) -> tuple[Expr, ...]:
    """The subexpressions in which rules may work; an entry z[i] is one leaf."""
    if isinstance(node, Indexed | KroneckerDelta) or not node.args:
        return ()
    parts: tuple[Expr, ...] = node.args
    if isinstance(node, Where):
        return parts[:2]
    return parts[:1] if isinstance(node, Binder | Derivative) else parts


def rebuild(node: Expr, parts: tuple[Expr, ...]) -> Expr:
    """The same node with other `children`."""
    return node.func(*parts, *node.args[len(parts) :])


def at(expr: Expr, path: Path) -> Expr:
    """The subexpression at a path."""
    for step in path:
        expr = expr.args[step]
    return expr


def replace_at(expr: Expr, path: Path, new: Expr) -> Expr:
    """`expr` with the subexpression at `path` replaced."""
    if not path:
        return new
    parts = list(expr.args)
    parts[path[0]] = replace_at(parts[path[0]], path[1:], new)
    return expr.func(*parts)
