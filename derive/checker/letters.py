"""Which letters an expression depends on, and which expressions are the same."""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Expr, Indexed, KroneckerDelta, Number, Symbol

from derive.nodes import Binder, indices_of, is_index, name_of, scalar

# What stands for the argument in the formula of an elementary function; bound to a number.
ARGUMENT = scalar("_argument")

_LEAVES = (Indexed, Symbol, Number, KroneckerDelta)


@dataclass(frozen=True)
class Known:
    """An expression that was met.

    Attributes:
        number: the same for equal ones.
        letters: those that are free in it.
        head: the name and the letters of an entry such as W[i, k], else None.
        kept: whether its value is worth remembering: not that of a leaf.
    """

    number: int
    letters: tuple[Symbol, ...]
    head: tuple[str, tuple[Symbol, ...]] | None
    kept: bool


@dataclass
class Letters:
    """Expressions as they are met.

    SymPy tells two equal trees that are not one object apart only by walking both, so every object
    is looked up by what it equals just once, and by its identity from then on.
    """

    _by_identity: dict[int, tuple[Expr, Known]] = field(default_factory=dict)
    _by_value: dict[Expr, Known] = field(default_factory=dict)

    def __call__(self, node: Expr) -> Known:
        found = self._by_identity.get(id(node))
        if found is None:
            if node not in self._by_value:
                free = self._free(node)  # meets the parts, and so comes before this one's number
                kept = not isinstance(node, _LEAVES)
                self._by_value[node] = Known(len(self._by_value), free, _head(node), kept)
            # The node is kept, so that no other object can come to have its identity.
            found = self._by_identity[id(node)] = (node, self._by_value[node])
        return found[1]

    def _free(self, node: Expr) -> tuple[Symbol, ...]:
        """The letters a value depends on, in a fixed order."""
        if isinstance(node, Symbol):
            return (node,) if is_index(node) or node == ARGUMENT else ()
        parts = node.args[1:] if isinstance(node, Indexed) else node.args
        found = {letter for part in parts for letter in self(part).letters}
        if isinstance(node, Binder):
            found.discard(node.letter)
        return tuple(sorted(found, key=str))


def _head(node: Expr) -> tuple[str, tuple[Symbol, ...]] | None:
    """The name and the letters of an entry, where nothing but letters stands in the brackets."""
    letters = indices_of(node)
    if not isinstance(node, Indexed) or not all(map(is_index, letters)):
        return None
    return name_of(node), letters
