"""Lengths of axes: joined as they turn out to be one, worked out where others tell them, then
named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr, Symbol

from derive.indices import difference, never_negative
from derive.nodes import Binder, is_size, size
from derive.problem import Definition, Problem

# The order in which people name lengths.
_SIZE_NAMES = ("n", "m", "d", "q", "r", "h", "u", "v", "N", "M", "D")


@dataclass
class Sizes:
    """Lengths of axes, joined as they turn out to be one. A length is a stand-in symbol until
    `named` gives it a name; those of an existing problem are fixed from the start."""

    fixed: frozenset[Expr] = frozenset()
    _parent: dict[Expr, Expr] = field(default_factory=dict)
    _told: dict[Expr, Expr] = field(default_factory=dict)

    def new(self) -> Symbol:
        made = size(f"_{len(self._parent)}")
        self._parent[made] = made
        return made

    def find(self, length: Expr) -> Expr:
        """The one of some joined lengths that stands for all of them."""
        passed: list[Expr] = []
        while (parent := self._parent.get(length, length)) is not length:
            passed.append(length)
            length = parent
        self._parent |= dict.fromkeys(passed, length)  # the way is short from now on
        return length

    def join(self, one: Expr, other: Expr) -> bool:
        """Make two lengths one; False where they are known to differ."""
        a, b = self.find(one), self.find(other)
        if a == b:
            return True
        if a in self.fixed and b in self.fixed:
            return False
        keep, drop = (b, a) if b in self.fixed else (a, b)
        self._parent[drop] = keep
        return True

    def fit(self, one: Expr, other: Expr) -> bool:
        """The same; two that are known may also be one longer than the other."""
        return self.join(one, other) or any(
            never_negative(apart, {}) for apart in (difference(one, other), difference(other, one))
        )

    def be(self, length: Expr, other: Expr) -> None:
        """A length is another one, or follows from others: n + m - 1."""
        if other.is_Symbol or other in self.fixed:
            self.join(length, other)
        else:
            self._told[self.find(length)] = other

    def resolved(self, expr: Expr) -> Expr:
        """An expression with every length in it written by those from which it follows."""
        found: dict[Symbol, Expr] = {s: self.find(s) for s in expr.free_symbols if is_size(s)}
        roots = {s: self._told.get(root, root) for s, root in found.items()}
        made = expr.xreplace({s: root for s, root in roots.items() if s != root})
        return made if made == expr else self.resolved(made.expand())

    def named(self, order: Iterable[Expr], taken: Iterable[str]) -> dict[Symbol, Expr]:
        """Every stand-in with its final name, n, m, d, ... in the given order, then the rest; what
        follows from others is written by those."""
        used = set(taken) | {str(symbol) for length in self.fixed for symbol in length.free_symbols}
        free = [name for name in _SIZE_NAMES if name not in used]
        free += [f"n{k}" for k in range(1, len(self._parent) + len(used) + 1)]
        names = iter(name for name in free if name not in used)
        final: dict[Expr, Expr] = {length: length for length in self.fixed}
        for length in (*order, *self._parent):
            root = self.find(length)
            if root not in final and root not in self._told:
                final[root] = size(next(names))
        return {length: self.resolved(length).xreplace(final) for length in self._parent}


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
    return found | {name: sizes for name, sizes in hidden.items() if name not in found}


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
