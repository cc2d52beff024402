"""What is new in a line: the parts of its tree that the line before does not have, marked."""

from __future__ import annotations

from dataclasses import fields, replace
from difflib import SequenceMatcher
from typing import Any

from derive.render.tree import Leaf, Marked, Node, Product, Script, Terms

# A term with its sign, or a factor without one.
_Part = tuple[str, Node]


def marked(before: Node, after: Node) -> Node:
    """`after`, with what is not in `before` marked; unmarked where that would be all of it."""
    match found := _compared(before, after):
        case Marked() | Terms(((_, Marked()),)):
            return after
    return found


def _compared(before: Node, after: Node) -> Node:
    if before == after:
        return after
    if isinstance(after, Terms | Product) and not isinstance(before, Leaf):
        return _aligned(_parts(before, type(after)), after)
    if type(before) is not type(after) or isinstance(after, Leaf):
        return Marked(after)
    if isinstance(after, Script) and isinstance(before, Script) and _is_entry(before, after):
        return Marked(after)
    return _field_by_field(before, after)


def _is_entry(before: Script, after: Script) -> bool:
    """Whether another letter stands below a name: z_l for z_k is marked as a whole."""
    return before.base != after.base or before.sub != after.sub


def _field_by_field(before: Node, after: Node) -> Node:
    """A node of the same kind: only those of its parts that differ are marked, unless all do."""
    pairs = {f.name: (getattr(before, f.name), getattr(after, f.name)) for f in fields(after)}
    if not all(_alike(*pair) for pair in pairs.values()):
        return Marked(after)
    values = {name: _value(*pair) for name, pair in pairs.items()}
    nodes = [value for value in values.values() if isinstance(value, Node)]
    if nodes and all(isinstance(node, Marked) for node in nodes):
        return Marked(after)
    return replace(after, **values)


def _alike(before: object, after: object) -> bool:
    """Whether what stands in a field can be compared part by part."""
    if isinstance(before, tuple) and isinstance(after, tuple):
        return len(before) == len(after) and all(map(_alike, before, after))
    return before == after or (isinstance(before, Node) and isinstance(after, Node))


def _value(before: Any, after: Any) -> Any:
    """What stands in a field, its new parts marked."""
    if isinstance(after, tuple):
        return tuple(map(_value, before, after))
    return after if before == after else _compared(before, after)


def _parts(node: Node, kind: type[Node]) -> tuple[_Part, ...]:
    """The terms or factors of a node, of another kind of node itself alone."""
    if not isinstance(node, kind):
        return (("", node),)
    if isinstance(node, Terms):
        return tuple((sign or "+", part) for sign, part in node.parts)
    return tuple(("", factor) for factor in node.factors) if isinstance(node, Product) else ()


def _aligned(before: tuple[_Part, ...], after: Terms | Product) -> Node:
    """Terms or factors that are not in the line before; where some are only gone, all of them."""
    parts = _parts(after, type(after))
    found: list[_Part] = []
    gone = False
    for what, i, k, j, m in SequenceMatcher(None, before, parts, autojunk=False).get_opcodes():
        gone = gone or what == "delete"
        if what == "replace" and k - i == m - j:
            pairs = zip(before[i:k], parts[j:m], strict=True)
            found += [(new[0], _pair(old, new)) for old, new in pairs]
        else:
            found += [(s, p if what == "equal" else Marked(p)) for s, p in parts[j:m]]
    news = [isinstance(part, Marked) for _, part in found]
    if (all(news) and len(news) > 1) or (gone and found == list(parts)):
        return Marked(after)
    if isinstance(after, Product):
        return Product(tuple(part for _, part in found))
    signs = (sign for sign, _ in after.parts)
    return Terms(tuple((sign, part) for sign, (_, part) in zip(signs, found, strict=True)))


def _pair(before: _Part, after: _Part) -> Node:
    """A term in the place of another; one with another sign is new."""
    return Marked(after[1]) if before[0] != after[0] else _compared(before[1], after[1])
