"""A formula as it stands on paper: a small tree that every output format is written from.

All decisions of typesetting (order, signs, brackets, fractions) are made when the tree is built,
in `layout`; a writer only spells it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Leaf:
    """What is written as it stands."""

    text: str


class Name(Leaf):
    """A variable or a letter: z, σ, loss. Longer ones stand upright."""


class Function(Leaf):
    """The name of a function: log, tanh, softplus."""


class Number(Leaf):
    """Digits."""


class Word(Leaf):
    """Words among the symbols: "if", "otherwise"."""


class Op(Leaf):
    """A relation or separator: = ≠ ∈ / and the comma, with a space after it (", ") or without."""


@dataclass(frozen=True)
class Row:
    """Parts side by side, with no space but that of the operators."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Terms:
    """A sum of terms, each with its sign: "+", "-", or "" for a first one without."""

    parts: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Product:
    """Factors side by side."""

    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Frac:
    over: Node
    under: Node


@dataclass(frozen=True)
class Script:
    """A base with what is lowered and what is raised."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None


@dataclass(frozen=True)
class Accent:
    """A hat, bar or tilde over a name."""

    base: Node
    mark: str


@dataclass(frozen=True)
class Root:
    body: Node


@dataclass(frozen=True)
class Big:
    """An operator with its index: ∑ ∏ max min over k of body; `above` is None where no limit
    shows."""

    symbol: str
    below: Node
    above: Node | None
    body: Node


@dataclass(frozen=True)
class Fenced:
    """Brackets; an empty string leaves one side open (a bracket broken over two lines)."""

    body: Node
    left: str = "("
    right: str = ")"


@dataclass(frozen=True)
class Apply:
    """A function or a ∂/∂x and what it applies to; without brackets, it reaches to the right."""

    function: Node
    argument: Node


@dataclass(frozen=True)
class Cases:
    """Rows of a value and its condition."""

    rows: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True)
class Grid:
    """A matrix of numbers, or a column, in square brackets."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Marked:
    """What a reader should look at: in colour and underlined; plain where text is plain."""

    body: Node


Node = (
    Name
    | Function
    | Number
    | Word
    | Op
    | Row
    | Terms
    | Product
    | Frac
    | Script
    | Accent
    | Root
    | Big
    | Fenced
    | Apply
    | Cases
    | Grid
    | Marked
)


# What stands in front of [x > 0] for 1 where that holds and 0 where it does not.
INDICATOR = Name("𝟙")


def walk(node: Node) -> Iterator[Node]:
    """The node and all nodes in it."""
    yield node
    for field in fields(node):
        yield from _walk_value(getattr(node, field.name))


def _walk_value(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for part in value:
            yield from _walk_value(part)
    elif isinstance(value, Node):
        yield from walk(value)


def holds(node: Node, *kinds: type[Node]) -> bool:
    return any(isinstance(part, kinds) for part in walk(node))


def bare(node: Node) -> Node:
    """The node without a mark around the whole of it."""
    return bare(node.body) if isinstance(node, Marked) else node


def tall(node: Node) -> bool:
    """Whether it is higher than a line of text, so that brackets must grow."""
    return holds(node, Frac, Cases, Grid) or any(
        isinstance(part, Big) and len(part.symbol) == 1 for part in walk(node)
    )


def bracketed(node: Node) -> bool:
    """Whether it begins with a bracket, so that no space is needed in front."""
    shown = bare(node)
    return isinstance(bare(shown.base) if isinstance(shown, Script) else shown, Fenced)


def equation(left: Node, sign: str, right: Node) -> Row:
    return Row((left, Op(sign), right))


def separated(nodes: Iterable[Node], sign: str = ", ") -> Node:
    """Nodes in a row with a sign between them."""
    parts: list[Node] = []
    for node in nodes:
        parts += [Op(sign), node] if parts else [node]
    return Row(tuple(parts)) if len(parts) != 1 else parts[0]


def pieces(node: Node) -> tuple[Node, ...]:
    """Where a line may be broken: in front of a + or -, also in a bracket at the right end, which
    is then left open. Written one after the other, the pieces are the node."""
    match node:
        case Terms(((first, second), *rest)) if rest:
            return (Terms(((first, second),)), *(Row((Op(sign), part)) for sign, part in rest))
        case Terms(((sign, part),)):
            return _opened(part, lambda first: Terms(((sign, first),)))
        case Row((*head, Op("=") as relation, right)):
            return _opened(right, lambda first: Row((*head, relation, first)))
        case Product(factors):
            return _opened(factors[-1], lambda first: Product((*factors[:-1], first)))
        case Big(body=body):
            return _opened(body, lambda first: replace(node, body=first))
        case Apply(function, argument):
            return _opened(argument, lambda first: Apply(function, first))
        case Marked(body):
            return tuple(map(_marked, pieces(body)))
        case Fenced(body, left, right):
            *front, last = pieces(body)
            if not front:
                return (node,)
            return (Fenced(front[0], left, ""), *front[1:], _closed(last, right))
    return (node,)


def _opened(part: Node, wrap: Callable[[Node], Node]) -> tuple[Node, ...]:
    first, *rest = pieces(part)
    return (wrap(first), *rest)


def _marked(part: Node) -> Node:
    """A piece with its mark, which leaves the sign in front of it alone."""
    match part:
        case Row((Op() as sign, *rest)) if rest:
            return Row((sign, *map(Marked, rest)))
    return Marked(part)


def _closed(part: Node, right: str) -> Node:
    match part:
        case Row((*front, last)):
            return Row((*front, Fenced(last, "", right)))
    return Fenced(part, "", right)


def lines(node: Node, fits: Callable[[Node], bool]) -> tuple[Node, ...]:
    """The node broken into as few lines as fit; a piece that does not fit alone stays whole."""
    if fits(node):
        return (node,)
    first, *rest = pieces(node)
    found: list[Node] = [first]
    for part in rest:
        longer = Row((*_parts(found[-1]), *_parts(part)))
        if fits(longer):
            found[-1] = longer
        else:
            found.append(part)
    return tuple(found)


def _parts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Row) else (node,)
