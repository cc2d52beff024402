"""Derivatives: ∂L/∂z_j, d/dx of what follows, σ'(x), ∇_z L."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from derive.functions import ELEMENTARY
from derive.nodes import scalar
from derive.problem import Problem
from derive.reader.grammar import Node, bare, base_of, joined, linked, only
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
    return is_slope(m, node) and _differentiated(m, node) is None


def slope(m: Meaning, node: Node, body: Node | None = None) -> Value:
    """∂L/∂z_j, or ∂/∂z_j and what stands behind it, as diff(L, z[j])."""
    inside = body or _differentiated(m, node)
    if inside is None:
        raise m.error("what is differentiated here?", node)
    return _by(m, m.scalar(inside), _variables(m, node), node)


def partial(m: Meaning, node: Node) -> Value:
    """∂_{z_j} s_i, with the variable below."""
    if not (variable := _below(node)):
        raise m.error("a derivative is written \\frac{\\partial f}{\\partial x}", node)
    return _by(m, m.scalar(node.others[0]), [variable], node)


def _by(m: Meaning, value: Value, variables: list[Node], node: Node) -> Value:
    for variable in variables:
        value = m.arrays.applied("diff", node.place, value, m.scalar(variable))
    return value


def _below(node: Node) -> Node | None:
    """What stands below a ∂ or ∇ that has something behind it."""
    below = [only(script) for script in node.scripts if script.text == "_"]
    return below[0] if len(below) == len(node.scripts) == 1 and node.others else None


def _upper(m: Meaning, node: Node) -> Node:
    first = _factors(node.parts[0])[0]
    if first.kind != "partial":
        raise m.error("above ∂x stands ∂ with what is differentiated", node.parts[0])
    return first


def _differentiated(m: Meaning, node: Node) -> Node | None:
    """What stands above the line of a derivative, behind its ∂."""
    (_, _), *rest = linked(bare(node.parts[0]))
    factors = [*(("", part) for part in _upper(m, node).others), *rest]
    return joined(factors) if factors else None


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
    taken = _taken_apart(m, bare(node))
    if taken is None:
        return None
    head, by = _head(m, taken[0]), _head(m, taken[1]) if taken[1] else _gradient_by(m, node)
    return called("diff", node.place, head, by) if head and by else None


def _taken_apart(m: Meaning, node: Node) -> tuple[Node, Node | None] | None:
    """What a derivative differentiates, and by what, if that is said; None for another thing."""
    (sign, first), *rest = linked(node)
    if sign or node.kind not in ("product", "nabla", "frac", "partial"):
        return None
    if first.kind == "partial" and len(rest) == 1 and rest[0][0] == "/":
        first, rest = Node("frac", "/", (first, rest[0][1]), first.place), []
    below = _below(first) if first.kind in ("nabla", "partial") else None
    if below or (first.kind == "nabla" and not first.scripts):
        return joined([("", first.others[0]), *rest]), below
    if not is_slope(m, first) or len(variables := _variables(m, first)) != 1:
        return None
    body = _differentiated(m, first)
    if (body is None) == (not rest):
        return None
    return body or joined(rest), variables[0]


def _gradient_by(m: Meaning, node: Node) -> Text | None:
    """The one variable of the problem, for a ∇ that does not say by what."""
    variables = {re.sub(r"\[.*", "", variable) for variable in m.known.wrt}
    return piece(variables.pop(), node.place) if len(variables) == 1 else None


def _head(m: Meaning, node: Node) -> Text | None:
    """A number, or the name of an array."""
    value = m.value(bare(node))
    if value.is_number:
        return value.number
    name = re.match(r"\w+\b(?=\[)", value.entry("i", "j").text)
    return piece(name[0], node.place) if name and base_of(bare(node)).kind == "name" else None
