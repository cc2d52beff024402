"""Space between the factors of a product, for the formats that leave it to the writer."""

from __future__ import annotations

from enum import Enum, auto

from derive.render.tree import (
    INDICATOR,
    Apply,
    Big,
    Fenced,
    Frac,
    Name,
    Node,
    Number,
    Script,
    bare,
)


class Gap(Enum):
    """What stands between two parts that are side by side."""

    NONE = auto()
    THIN = auto()
    DOT = auto()


def between(before: Node, after: Node) -> Gap:
    """Between two factors of a product."""
    before, after = bare(before), bare(after)
    if isinstance(after.base if isinstance(after, Script) else after, Number):
        return Gap.DOT
    if isinstance(after, Fenced) and not _is_indicator(before):
        return Gap.NONE
    return Gap.THIN if _stands_alone(before) or _stands_alone(after) else Gap.NONE


def applied(node: Apply) -> Gap:
    """Between a function or a ∂/∂x and what it applies to: a sum and log bring their own space."""
    function, argument = bare(node.function), bare(node.argument)
    spaced = isinstance(function, Frac) and not isinstance(argument, Fenced | Big | Apply)
    return Gap.THIN if spaced else Gap.NONE


def _stands_alone(node: Node) -> bool:
    """What needs a little space around it in a product: a fraction, a word, an indicator."""
    base = bare(node.base) if isinstance(node, Script) else node
    if isinstance(base, Frac) or _is_indicator(base):
        return True
    if isinstance(base, Apply) and base.function == Name("∂"):
        return True
    return isinstance(base, Name) and len(base.text) > 1


def _is_indicator(node: Node) -> bool:
    return isinstance(node, Apply) and node.function == INDICATOR
