"""What a formula looks like, as a tree: nothing is known yet of what its names mean.

`place` is where a node begins in the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Num:
    text: str
    place: int


@dataclass(frozen=True)
class Name:
    """A letter or word: x, σ, loss, y_hat (an accent is a part of it)."""

    text: str
    place: int


@dataclass(frozen=True)
class Mark:
    """A sign by itself: "1" the bold one, "T" of transposes, ":" of a whole axis."""

    kind: str
    place: int


@dataclass(frozen=True)
class Bracket:
    """( ), [ ], { } or an invisible group: "(", "[", "{", "". Items are separated by commas."""

    kind: str
    items: tuple[Node, ...]
    place: int


@dataclass(frozen=True)
class Script:
    """What is below ("_"), raised ("^", ".^" entry by entry) or a prime ("'")."""

    kind: str
    items: tuple[Node, ...]
    place: int


@dataclass(frozen=True)
class Scripted:
    base: Node
    scripts: tuple[Script, ...]
    place: int


@dataclass(frozen=True)
class Call:
    """A function and its arguments; `bracketed` says whether brackets hold them."""

    name: str
    scripts: tuple[Script, ...]
    arguments: tuple[Node, ...]
    bracketed: bool
    place: int


@dataclass(frozen=True)
class Frac:
    over: Node
    under: Node
    place: int


@dataclass(frozen=True)
class Root:
    degree: Node | None
    body: Node
    place: int


@dataclass(frozen=True)
class Bars:
    """|x| or ‖x‖: "BAR", "NORM"."""

    kind: str
    body: Node
    place: int


@dataclass(frozen=True)
class Inner:
    """⟨x, y⟩."""

    left: Node
    right: Node
    place: int


@dataclass(frozen=True)
class Cases:
    """Rows of a value and its condition; None for "otherwise"."""

    rows: tuple[tuple[Node, Node | None], ...]
    place: int


@dataclass(frozen=True)
class Terms:
    """A sum of terms, each with its sign, "+" or "-"."""

    parts: tuple[tuple[str, Node], ...]
    place: int


@dataclass(frozen=True)
class Product:
    """Factors, each with what stands before it: "" (nothing), "*", "/", ".*", "./", "x"."""

    factors: tuple[tuple[str, Node], ...]
    place: int


@dataclass(frozen=True)
class Chain:
    """Relations one after the other: a = b < c."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    place: int


@dataclass(frozen=True)
class Logic:
    """Conditions joined by "and" or "or"; one after "not"."""

    word: str
    parts: tuple[Node, ...]
    place: int


@dataclass(frozen=True)
class Big:
    """A sum, product, maximum or minimum over what stands below it."""

    kind: str
    scripts: tuple[Script, ...]
    body: Node
    place: int


@dataclass(frozen=True)
class Partial:
    """∂ (or d) and what it stands before; None for nothing, as over the line of ∂/∂x."""

    scripts: tuple[Script, ...]
    body: Node | None
    place: int


@dataclass(frozen=True)
class Nabla:
    """∇_z L."""

    scripts: tuple[Script, ...]
    body: Node
    place: int


@dataclass(frozen=True)
class Accent:
    """A hat, bar or tilde over more than a letter."""

    mark: str
    body: Node
    place: int


Node = (
    Num
    | Name
    | Mark
    | Bracket
    | Scripted
    | Call
    | Frac
    | Root
    | Bars
    | Inner
    | Cases
    | Terms
    | Product
    | Chain
    | Logic
    | Big
    | Partial
    | Nabla
    | Accent
)


def walk(node: object) -> Iterator[object]:
    """Every node and script in a tree."""
    found = [node]
    while found:
        node = found.pop()
        if isinstance(node, tuple):
            found += reversed(node)
        elif isinstance(node, Node | Script):
            yield node
            found += [getattr(node, field.name) for field in reversed(fields(node))]


def bare(node: Node) -> Node:
    """A node without the invisible groups around it."""
    while isinstance(node, Bracket) and node.kind == "" and len(node.items) == 1:
        node = node.items[0]
    return node


def factors(node: Node) -> list[tuple[str, Node]]:
    """The factors of a product; a node that is none is its own."""
    node = bare(node)
    return list(node.factors) if isinstance(node, Product) else [("", node)]
