"""Derivatives: ∂L/∂z_j, d/dx of what follows, σ'(x), ∇_z L."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from derive.functions import ELEMENTARY
from derive.nodes import scalar
from derive.problem import Problem
from derive.reader.pieces import Bind, Text, called, glued, piece
from derive.reader.syntax import (
    Frac,
    Nabla,
    Name,
    Node,
    Num,
    Partial,
    Script,
    Scripted,
    bare,
    factors,
)
from derive.reader.values import Value, number

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_HIGHEST = 4


def is_slope(m: Meaning, node: Node) -> bool:
    """Whether a fraction is a derivative, or the sign ∂/∂x of one."""
    if not isinstance(node, Frac):
        return False
    below = [bare(factor) for _, factor in factors(node.under)]
    if isinstance(below[0], Partial):
        return True
    first = bare(factors(node.over)[0][1])
    if isinstance(first, Partial):
        raise m.error("below ∂ stands ∂ with a variable", node.under)
    if all(isinstance(n, Name) and n.text == "d" for n in (first, below[0])) and len(below) > 1:
        raise m.error("d is a name of this problem: write \\partial or \\mathrm{d}", node)
    return False


def is_operator(m: Meaning, node: Node) -> bool:
    """Whether a fraction is ∂/∂x without what is differentiated."""
    return isinstance(node, Frac) and is_slope(m, node) and _upper(m, node).body is None


def slope(m: Meaning, node: Frac) -> Value:
    """∂L/∂z_j as diff(L, z[j])."""
    body = _upper(m, node).body
    if body is None:
        raise m.error("what is differentiated here?", node)
    return differentiated(m, node, m.scalar(body))


def differentiated(m: Meaning, node: Frac, body: Value) -> Value:
    """A number differentiated by what stands below the line."""
    found = body.number
    for variable in _variables(m, node):
        found = called("diff", node.place, found, m.scalar(variable, "write an entry").number)
    return number(found, node.place)


def _upper(m: Meaning, node: Frac) -> Partial:
    first, *rest = (bare(factor) for _, factor in factors(node.over))
    if not isinstance(first, Partial):
        raise m.error("above ∂x stands ∂ with what is differentiated", node.over)
    if rest:
        raise m.error("put what is differentiated in brackets, behind the fraction", rest[0])
    return first


def _variables(m: Meaning, node: Frac) -> list[Node]:
    """What is differentiated by, as often as its exponent says."""
    found: list[Node] = []
    for operator, factor in factors(node.under):
        part = bare(factor)
        if not isinstance(part, Partial) or part.body is None or part.scripts or operator:
            raise m.error("below the line stands ∂ with a variable", part)
        variable, count = _repeated(m, part.body)
        found += [variable] * count
    order = _order(m, _upper(m, node).scripts, node)
    if order != len(found):
        raise m.error(f"above stands ∂ to the power {order}, below {len(found)} of them", node)
    return found


def _repeated(m: Meaning, node: Node) -> tuple[Node, int]:
    """z_i^2 below the line is z_i, twice."""
    node = bare(node)
    if not isinstance(node, Scripted):
        return node, 1
    kept = tuple(script for script in node.scripts if script.kind != "^")
    powers = tuple(script for script in node.scripts if script.kind == "^")
    variable = Scripted(node.base, kept, node.place) if kept else node.base
    return variable, _order(m, powers, node)


def _order(m: Meaning, scripts: tuple[Script, ...], node: Node) -> int:
    if not scripts:
        return 1
    inside = bare(scripts[0].items[0]) if len(scripts) == len(scripts[0].items) == 1 else None
    if isinstance(inside, Num) and inside.text.isdigit() and 0 < int(inside.text) <= _HIGHEST:
        return int(inside.text)
    raise m.error("this order of a derivative cannot be read", node)


def slope_of(m: Meaning, name: str, argument: Value, place: int) -> Value:
    """σ'(x): the slope of an elementary function, written out."""
    if name not in ELEMENTARY:
        raise m.error(f"the derivative of {name} has no prime: write \\frac{{\\partial}}", place)
    words = re.split(r"\bx\b", _slope_text(name))

    def make(inside: Text) -> Text:
        parts: list[str | Text] = [words[0]]
        for before, word in pairwise(words):
            closed = before.endswith("(") and word.startswith(")")
            parts += [inside if closed else inside.within(Bind.ATOM), word]
        return glued(place, "(", *parts, ")")

    return m.arrays.mapped(make, [argument], place)


@cache
def _slope_text(name: str) -> str:
    from derive.text import text_of

    x = scalar("x")
    return text_of(ELEMENTARY[name](x).fdiff(), Problem(x, (), shapes={"x": ()}))


def primed(m: Meaning, value: Value, count: int, base: Name, place: int) -> Value:
    """f': the derivative of a name by the problem's one variable, where that is a scalar."""
    variables = set(m.known.wrt)
    by = next(iter(variables), "")
    if len(variables) != 1 or m.known.shapes.get(by) != () or not value.is_number:
        raise m.error(
            "f' has no certain meaning here: write \\frac{\\partial f}{\\partial x}", base
        )
    found = value.number
    for _ in range(count):
        found = called("diff", place, found, piece(by, place))
    return number(found, place)


def whole_slope(m: Meaning, node: Node) -> Text | None:
    """∂L/∂z or ∇_z L with a whole vector or matrix, as it can stand left of '='; else None."""
    node = bare(node)
    if isinstance(node, Nabla):
        return _gradient(m, node)
    if not isinstance(node, Frac) or not is_slope(m, node):
        return None
    variables, body = _variables(m, node), _upper(m, node).body
    if body is None or len(variables) != 1:
        return None
    head, by = (_head(m, part) for part in (body, variables[0]))
    return called("diff", node.place, head, by) if head and by else None


def _gradient(m: Meaning, node: Nabla) -> Text | None:
    head = _head(m, node.body)
    if not node.scripts:
        variables = {re.sub(r"\[.*", "", variable) for variable in m.known.wrt}
        by = piece(variables.pop(), node.place) if len(variables) == 1 else None
    else:
        by = _head(m, node.scripts[0].items[0]) if len(node.scripts[0].items) == 1 else None
    return called("diff", node.place, head, by) if head and by else None


def _head(m: Meaning, node: Node) -> Text | None:
    """A name, whole or with its indices."""
    node = bare(node)
    base = node.base if isinstance(node, Scripted) else node
    if not isinstance(bare(base), Name):
        return None
    value = m.value(node)
    if value.is_number:
        return value.number
    name = re.sub(r"\[.*", "", value.entry("i", "j").text)
    return piece(name, node.place)
