"""Case distinctions and the conditions in them -> trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy
from sympy import Expr, Integer, Piecewise
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from derive.nodes import Where
from derive.render.brackets import closed_if_open, product_of
from derive.render.tree import (
    INDICATOR,
    Apply,
    Cases,
    Fenced,
    Function,
    Node,
    Row,
    Word,
    equation,
)

Write = Callable[[Expr], Node]

_RELATIONS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "<": "<", ">": ">"}
_OTHERWISE = Word("otherwise")


def where_node(expr: Where, write: Write, inline: bool = False) -> Node:
    """An indicator 𝟙[x > 0] for 1 or 0, else case below case; in a line of words, one case and 0
    are an indicator and a factor."""
    if (indicated := _indicated(expr)) is not None:
        return Apply(INDICATOR, Fenced(condition_node(indicated, write), "[", "]"))
    if inline and expr.no == 0:
        chosen = where_node(Where(Integer(1), Integer(0), expr.condition), write)
        return product_of([chosen, write(expr.yes)])
    return Cases(tuple(_rows(expr, write)))


def _indicated(expr: Where) -> Boolean | None:
    """The condition under which an expression is 1 and not 0."""
    if (expr.yes, expr.no) == (1, 0):
        return expr.condition
    if (expr.yes, expr.no) == (0, 1) and isinstance(expr.condition, Relational):
        return expr.condition.negated
    return None


def _rows(expr: Expr, write: Write) -> Iterator[tuple[Node, Node]]:
    """A row for each case; a distinction in the last of them goes on with rows of its own."""
    if isinstance(expr, Where):
        yield write(expr.yes), _if(expr.condition, write)
        yield from _rows(expr.no, write)
    else:
        yield write(expr), _OTHERWISE


def piecewise_node(expr: Piecewise, write: Write) -> Node:
    return Cases(tuple(row for value, when in expr.args for row in _case(value, when, write)))


def _case(value: Expr, when: Boolean, write: Write) -> Iterator[tuple[Node, Node]]:
    """One row; two for a distinction by one comparison inside a case."""
    if when == sympy.true:
        yield write(value), _OTHERWISE
    elif _is_by_one_comparison(value):
        yield write(value.yes), _both(when, value.condition, write)
        yield write(value.no), _both(when, value.condition.negated, write)
    else:
        yield write(value), _if(when, write)


def _is_by_one_comparison(value: Expr) -> bool:
    if not isinstance(value, Where) or _indicated(value) is not None:
        return False
    nested = isinstance(value.yes, Where) or isinstance(value.no, Where)
    return isinstance(value.condition, Relational) and not nested


def _both(first: Boolean, second: Boolean, write: Write) -> Node:
    return Row((_if(first, write), Word("and"), condition_node(second, write)))


def _if(condition: Boolean, write: Write) -> Node:
    return Row((Word("if"), condition_node(condition, write)))


def condition_node(condition: Any, write: Write) -> Node:
    """x > 0; x > 0 and y > 0; not(x > 0 or y > 0)."""
    if isinstance(condition, Relational):
        if condition.lhs.is_number and not condition.rhs.is_number:
            condition = condition.reversed  # x > 0 and not 0 < x
        left, right = (closed_if_open(write(side)) for side in condition.args)
        return equation(left, _RELATIONS[condition.rel_op], right)
    if isinstance(condition, sympy.Not):
        return Apply(Function("not"), Fenced(condition_node(condition.args[0], write)))
    word = Word("and" if isinstance(condition, sympy.And) else "or")
    parts: list[Node] = []
    for part in sympy.ordered(condition.args):
        mixed = isinstance(part, sympy.And | sympy.Or)
        node = condition_node(part, write)
        parts += [word] * bool(parts) + [Fenced(node) if mixed else node]
    return Row(tuple(parts))
