"""Where brackets are needed: decided on trees, so that it holds whatever they were made from."""

from __future__ import annotations

from dataclasses import replace

from derive.render.tree import (
    Accent,
    Apply,
    Big,
    Cases,
    Fenced,
    Frac,
    Function,
    Leaf,
    Name,
    Node,
    Number,
    Product,
    Root,
    Row,
    Script,
    Terms,
    tall,
    walk,
)

# sin^2 x is written so; (log x)^2 is not.
POWER_ON_NAME = frozenset(["sin", "cos", "tan", "sinh", "cosh", "tanh"])
# Functions that are written without brackets before a short argument.
_OPEN_FUNCTIONS = POWER_ON_NAME | {"log", "arcsin", "arccos", "arctan"}
_LONGEST_OVER_DERIVATIVE = 12


def can_stand_open(function: Function, parts: list[Node]) -> bool:
    """log z and tanh x need no brackets; softplus(x) and log(2x) do."""
    (part,) = parts
    if function.text not in _OPEN_FUNCTIONS:
        return False
    if isinstance(part, Script):
        return not isinstance(part.base, Fenced)
    return isinstance(part, Name | Number | Frac | Big | Root) or (
        isinstance(part, Fenced) and part.left == "|"
    )


def product_of(factors: list[Node]) -> Node:
    """Factors side by side; what would reach over the next one gets brackets."""
    if len(factors) == 1:
        return factors[0]
    *front, last = [closed(factor, Terms) for factor in factors]
    return Product((*map(_closed_at_right, front), last))


def closed_if_open(node: Node) -> Node:
    """In brackets if it ends in case below case, which nothing closes at the right."""
    return Fenced(node) if _ends_open(node) else node


def _ends_open(node: Node) -> bool:
    match node:
        case Cases():
            return True
        case Product(factors):
            return _ends_open(factors[-1])
        case Terms((*_, (_, last))):
            return _ends_open(last)
        case Big(body=body) | Apply(argument=body):
            return _ends_open(body)
    return False


def _closed_at_right(node: Node) -> Node:
    if isinstance(node, Apply):
        return node if isinstance(node.argument, Fenced) else _with_brackets(node)
    return closed(node, Big, Cases)


def _with_brackets(node: Apply) -> Node:
    if isinstance(node.function, Frac | Row):
        return Fenced(node)
    return replace(node, argument=Fenced(node.argument))


def before_slash(node: Node) -> Node:
    """What stands left of a slash: log(p)/T, for the logarithm in log p/T may reach over it."""
    if isinstance(node, Product):
        return replace(node, factors=(*node.factors[:-1], before_slash(node.factors[-1])))
    return _closed_at_right(node) if isinstance(node, Apply | Big | Cases) else closed(node, Terms)


def closed(node: Node, *kinds: type[Node]) -> Node:
    return Fenced(node) if isinstance(node, kinds) else node


def raised(base: Node, exponent: Node) -> Node:
    """A power: x_i^2, and with brackets where the base is more than a name, σ(x) or
    max(x, y); log(2x)^2 could be read in two ways."""
    if isinstance(base, Script) and base.sup is None:
        return replace(base, sup=exponent)
    letter_of = isinstance(base, Apply) and (
        isinstance(base.function, Name)
        or (isinstance(base.function, Function) and base.function.text not in _OPEN_FUNCTIONS)
    )
    plain = isinstance(base, Name | Accent | Number) or (
        isinstance(base, Fenced) and base.left == "|"
    )
    return Script(base if plain or letter_of else Fenced(base), sup=exponent)


def is_bracket(node: Node) -> bool:
    if isinstance(node, Script):
        return isinstance(node.base, Fenced)
    return isinstance(node, Terms) or (isinstance(node, Fenced) and node.left != "|")


def is_short(node: Node) -> bool:
    """What fits over the bar of ∂s/∂z: a name, e^{z_i}, log p_k."""
    inner = node.base if isinstance(node, Script) else node
    simple = not isinstance(inner, Terms | Product | Row | Fenced | Root | Number | Big)
    return simple and not tall(node) and length(node) <= _LONGEST_OVER_DERIVATIVE


def length(node: Node) -> int:
    """Roughly how many signs a node has."""
    return sum(len(part.text) for part in walk(node) if isinstance(part, Leaf)) + sum(
        2 if isinstance(part, Fenced) else len(part.parts) - 1
        for part in walk(node)
        if isinstance(part, Fenced | Terms)
    )
