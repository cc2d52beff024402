"""The input language's statements as checked `ast` nodes: what stands where in them.

Every node carries the line and column (0-based) of the user's own text. Grammar leaves open whether
`a <= t` compares indices or numbers, and whether `max(f, k)` runs over an index or compares two
numbers: `derive.language.letters` settles it once and `mark`s the names `a`, `t`, `max`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.errors import DeriveError
from derive.functions import ELEMENTARY

WHOLE = frozenset({"softmax", "log_softmax", "logsumexp", "norm"})
"""Functions of a whole vector."""
VECTORS = frozenset({"softmax", "log_softmax"})
"""Those of them that give a vector back."""
SUMS = frozenset({"sum", "mean", "prod"})
"""Functions over all values of an index."""
EXTREMES = frozenset({"max", "min"})
"""Functions of several numbers, or over all values of an index."""
ELEMENTWISE = frozenset(ELEMENTARY) | {"sqrt"}
FUNCTIONS = WHOLE | SUMS | EXTREMES | ELEMENTWISE | {"where", "size", "delta"}
RESERVED = FUNCTIONS | {"pi", "diff"}


class Written(Fraction):
    """A number's exact value that remembers how it was written."""

    text: str

    def __new__(cls, text: str) -> Written:
        made: Any = super().__new__(cls, text)
        made.text = text
        return made  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Statement:
    """One statement: `value`, or `head = value`.

    Attributes:
        lines: the user's whole text, by lines, for errors.
        value: the checked expression.
        head: what stands left of `=` (`L`, `h[i]`), or None.
        pending: whether derivatives may stand in it.
    """

    lines: tuple[str, ...]
    value: ast.expr
    head: ast.Name | ast.Subscript | None = None
    pending: bool = False

    @property
    def name(self) -> str:
        """The name it defines, or ""."""
        if self.head is None:
            return ""
        return self.head.id if isinstance(self.head, ast.Name) else base_name(self.head)

    @property
    def letters(self) -> tuple[ast.Name, ...]:
        """The index letters of its head."""
        inside = subscripts(self.head) if isinstance(self.head, ast.Subscript) else ()
        return tuple(letter for letter in inside if isinstance(letter, ast.Name))

    def error(self, kind: type[DeriveError], message: str, node: ast.expr) -> DeriveError:
        """An error that points at a node."""
        return kind(message, self.lines[node.lineno - 1], node.col_offset)


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint such as " (did you mean log?)", or ""."""
    import difflib  # for mistakes only

    found = difflib.get_close_matches(word, sorted(known), 1, 0.6)
    return f" (did you mean {found[0]}?)" if found else ""


def base_name(node: ast.Subscript) -> str:
    """The z of z[i]; "" where a vector expression stands in its place."""
    return node.value.id if isinstance(node.value, ast.Name) else ""


def subscripts(node: ast.Subscript) -> tuple[ast.expr, ...]:
    """What stands in the brackets: names of letters, and a Slice for `:`."""
    inside = node.slice
    return tuple(inside.elts if isinstance(inside, ast.Tuple) else [inside])


def function(node: ast.expr) -> str:
    """The name of the function that is called, or ""."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return ""


def mark(name: ast.Name) -> None:
    """Note that a name is about an index. Its context, which an expression has no use for, holds
    the note."""
    name.ctx = ast.Store()


def marked(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def binds(node: ast.expr) -> bool:
    """Whether a node runs over all values of an index: sum(f, k), max(f, k)."""
    return function(node) in SUMS or (isinstance(node, ast.Call) and marked(node.func))


def on_indices(node: ast.Compare) -> bool:
    """Whether a comparison is one of indices."""
    return any(marked(name) for side in (node.left, *node.comparators) for name in letters_in(side))


def letters_in(place: ast.expr) -> Iterator[ast.Name]:
    """The letters of what stands where an index does: i, i + k, 2*i + k."""
    if isinstance(place, ast.Name):
        yield place
    elif isinstance(place, ast.BinOp):
        yield from letters_in(place.left)
        yield from letters_in(place.right)


def is_place(node: ast.expr) -> bool:
    """Whether an expression is an index, or a sum of indices, their multiples and integers."""
    if isinstance(node, ast.Name):
        return True
    if not isinstance(node, ast.BinOp):
        return False
    sides = (node.left, node.right)
    if isinstance(node.op, ast.Mult):
        return _is_integer(node.left, 2) and isinstance(node.right, ast.Name)
    if not isinstance(node.op, ast.Add | ast.Sub) or all(map(_is_integer, sides)):
        return False
    return all(_is_integer(side) or is_place(side) for side in sides)


def _is_integer(node: ast.expr, least: int = 1) -> bool:
    value = node.value if isinstance(node, ast.Constant) else None
    return isinstance(value, Written) and value.denominator == 1 and value >= least


def is_bound(node: ast.expr) -> bool:
    """Whether an index can be compared with an expression: j, j - 1, 0, t + size(k)."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return is_bound(node.left) and is_bound(node.right)
    return is_place(node) or _is_integer(node, 0) or function(node) == "size"


def shifted(node: ast.expr) -> Iterator[tuple[str, int]]:
    """The axes, by name and place, that a sum of indices stands on: x[i + k]."""
    if isinstance(node, ast.Subscript) and base_name(node):
        for place, inside in enumerate(subscripts(node)):
            if isinstance(inside, ast.BinOp):
                yield base_name(node), place
    for part in parts(node):
        yield from shifted(part)


def parts(node: ast.expr) -> tuple[ast.expr, ...]:
    """The subexpressions of a node; letters and function names are not among them."""
    if isinstance(node, ast.BinOp):
        return (node.left, node.right)
    if isinstance(node, ast.UnaryOp):
        return (node.operand,)
    if isinstance(node, ast.BoolOp):
        return tuple(node.values)
    if isinstance(node, ast.Compare):
        return () if on_indices(node) else (node.left, *node.comparators)
    if isinstance(node, ast.Call):
        return () if function(node) in {"size", "delta"} else tuple(node.args[: _width(node)])
    if isinstance(node, ast.Subscript) and not base_name(node):
        return (node.value,)
    return ()


def _width(node: ast.Call) -> int:
    return 1 if binds(node) else len(node.args)


def letters_of(node: ast.expr) -> Iterator[ast.Name]:
    """Every index letter in an expression, in the order of the text, bound ones too."""
    for part in parts(node):
        yield from letters_of(part)
    yield from letters_at(node)


def letters_at(node: ast.expr) -> list[ast.Name]:
    """The index letters that belong to a node itself."""
    found: list[ast.expr] = []
    if isinstance(node, ast.Subscript):
        found += subscripts(node)
    elif isinstance(node, ast.Call):
        found += node.args[len(parts(node)) :]
    elif isinstance(node, ast.Compare) and on_indices(node):
        found += [node.left, *node.comparators]
    return [letter for place in found for letter in letters_in(place)]


def free_letters(node: ast.expr) -> Iterator[str]:
    """The letters that nothing binds, in the order of the text, some more than once."""
    taken = {n.id for n in letters_at(node)} if binds(node) else set()
    for part in parts(node):
        yield from (name for name in free_letters(part) if name not in taken)
    if not binds(node) and function(node) != "size":
        yield from (n.id for n in letters_at(node))


def names_of(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Every variable in an expression with its place, in the order of the text."""
    if isinstance(node, ast.Name) and node.id != "pi":
        yield node.id, node
    elif isinstance(node, ast.Subscript) and base_name(node):
        yield base_name(node), node
    for part in parts(node):
        yield from names_of(part)


def written(node: ast.expr) -> str:
    """A node as text, in the way this package writes: a*b, a/b, a**b, a + b."""
    return re.sub(r" (\*\*?|/) ", r"\1", ast.unparse(node))


def names_in(given: Iterable[Statement]) -> dict[str, None]:
    """The names in some statements, defined ones too, in the order of the text."""
    found: dict[str, None] = {}
    for statement in given:
        found |= {statement.name: None} if statement.head else {}
        found |= {name: None for name, _ in names_of(statement.value)}
    return found
