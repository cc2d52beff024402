"""The words in a formula ("if", "otherwise") in another language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from derive.render.tree import Function, Leaf, Node, Word
from derive.render.words import IN_FORMULAS


def worded(node: Node, say: Callable[[str], str]) -> Node:
    """The tree with the words among its symbols as `say` says them."""
    if isinstance(node, Word | Function) and node.text in IN_FORMULAS:
        return Word(say(node.text))
    if isinstance(node, Leaf):
        return node
    parts = {part.name: _value(getattr(node, part.name), say) for part in fields(node)}
    return replace(node, **parts)


def _value(value: Any, say: Callable[[str], str]) -> Any:
    if isinstance(value, tuple):
        return tuple(_value(part, say) for part in value)
    return worded(value, say) if isinstance(value, Node) else value
