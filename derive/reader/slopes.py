"""Derivatives: ∂L/∂z_j, d/dx of what follows, σ'(x), ∇_z L."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from derive.functions import ELEMENTARY
from derive.nodes import scalar
from derive.problem import Problem
from derive.reader.grammar import Node, bare, base_of, linked, only
from derive.reader.texts import Bind, Pattern, Text, called, piece
from derive.reader.values import Value, number

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_ORDERS = ("1", "2", "3", "4")


def is_slope(m: Meaning, node: Node) -> bool:
    """Whether a fraction is a derivative, or the sign ∂/∂x of one."""
    if node.kind != "frac":
        return False
    (first, *_), below = (_factors(part) for part in node.parts)
    if below[0].kind == "partial":
        return True
    if first.kind == "partial":
        raise m.error("below ∂ stands ∂ with a variable", node.parts[1])
    if all(n.kind == "name" and n.text == "d" for n in (first, below[0])) and len(below) > 1:
        raise m.error("d is a name of this problem: write \\partial or \\mathrm{d}", node)
    return False


def _factors(node: Node) -> list[Node]:
    return [bare(factor) for _, factor in linked(bare(node))]


def is_operator(m: Meaning, node: Node) -> bool:
    """Whether a fraction is ∂/∂x without what is differentiated."""
    return is_slope(m, node) and not _upper(m, node).others


def slope(m: Meaning, node: Node, body: Node | None = None) -> Value:
    """∂L/∂z_j, or ∂/∂z_j and what stands behind it, as diff(L, z[j])."""
    inside = body or next(iter(_upper(m, node).others), None)
    if inside is None:
        raise m.error("what is differentiated here?", node)
    found = m.scalar(inside)
    for variable in _variables(m, node):
        found = m.arrays.applied("diff", node.place, found, m.scalar(variable))
    return found


def _upper(m: Meaning, node: Node) -> Node:
    first, *rest = _factors(node.parts[0])
    if first.kind != "partial":
        raise m.error("above ∂x stands ∂ with what is differentiated", node.parts[0])
    if rest:
        raise m.error("put what is differentiated in brackets, behind the fraction", rest[0])
    return first


def _variables(m: Meaning, node: Node) -> list[Node]:
    """What is differentiated by, as often as its exponent says."""
    found: list[Node] = []
    for operator, factor in linked(bare(node.parts[1])):
        part = bare(factor)
        if part.kind != "partial" or not part.others or part.scripts or operator:
            raise m.error("below the line stands ∂ with a variable", part)
        variable, count = _repeated(m, bare(part.others[0]))
        found += [variable] * count
    order = _order(m, _upper(m, node).scripts, node)
    if order != len(found):
        raise m.error(f"above stands ∂ to the power {order}, below {len(found)} of them", node)
    return found


def _repeated(m: Meaning, node: Node) -> tuple[Node, int]:
    """z_i^2 below the line is z_i, twice."""
    if node.kind != "scripted":
        return node, 1
    kept = tuple(part for part in node.parts if part.kind != "script" or part.text != "^")
    powers = tuple(script for script in node.scripts if script.text == "^")
    variable = Node("scripted", "", kept, node.place) if len(kept) > 1 else kept[0]
    return variable, _order(m, powers, node)


def _order(m: Meaning, scripts: tuple[Node, ...], node: Node) -> int:
    if not scripts:
        return 1
    inside = only(scripts[0])
    if len(scripts) == 1 and inside.kind == "number" and inside.text in _ORDERS:
        return int(inside.text)
    raise m.error("this order of a derivative cannot be read", node)


def slope_of(m: Meaning, name: str, argument: Value, node: Node) -> Value:
    """σ'(x): the slope of an elementary function, written out."""
    if name not in ELEMENTARY:
        raise m.error(f"the derivative of {name} has no prime: write \\frac{{\\partial}}", node)

    def make(at: int, inside: Text) -> Text:
        pattern = _slope(name)
        return pattern(at, *[inside] * pattern.text.count("{"))

    return m.arrays.mapped(make, node.place, argument)


@cache
def _slope(name: str) -> Pattern:
    """The slope of a function, in brackets, with slots for what it is a function of."""
    from derive.text import text_of

    x = scalar("x")
    text = text_of(ELEMENTARY[name](x).fdiff(), Problem(x, (), shapes={"x": ()}))
    text = re.sub(r"(?<=\()x(?=\))", "{0}", text)
    return Pattern(re.sub(r"\bx\b", f"{{{int(Bind.ATOM)}}}", f"({text})"))


def primed(m: Meaning, value: Value, count: int, base: Node) -> Value:
    """f': the derivative of a name by the problem's one variable, where that is a scalar."""
    by = next(iter(m.known.wrt), "")
    if len(set(m.known.wrt)) != 1 or m.known.shapes.get(by) != () or not value.is_number:
        raise m.error(
            "f' has no certain meaning here: write \\frac{\\partial f}{\\partial x}", base
        )
    variable = number(piece(by, base.place), base.place)
    for _ in range(count):
        value = m.arrays.applied("diff", base.place, value, variable)
    return value


def whole_slope(m: Meaning, node: Node) -> Text | None:
    """∂L/∂z or ∇_z L with a whole vector or matrix, as it can stand left of '='; else None."""
    node = bare(node)
    if node.kind == "nabla":
        head, by = _head(m, node.others[0]), _gradient_by(m, node)
    elif is_slope(m, node):
        body, variables = _upper(m, node).others, _variables(m, node)
        if not body or len(variables) != 1:
            return None
        head, by = _head(m, body[0]), _head(m, variables[0])
    else:
        return None
    return called("diff", node.place, head, by) if head and by else None


def _gradient_by(m: Meaning, node: Node) -> Text | None:
    if node.scripts:
        return _head(m, only(node.scripts[0]))
    variables = {re.sub(r"\[.*", "", variable) for variable in m.known.wrt}
    return piece(variables.pop(), node.place) if len(variables) == 1 else None


def _head(m: Meaning, node: Node) -> Text | None:
    """A name, whole or with its indices."""
    node = bare(node)
    if base_of(node).kind != "name":
        return None
    value = m.value(node)
    if value.is_number:
        return value.number
    name = re.sub(r"\[.*", "", value.entry("i", "j").text)
    return piece(name, node.place)
