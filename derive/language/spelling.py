"""Conditions and sums of indices back to the input language."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Add, And, Expr, Mul, Or
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational
from sympy.logic.boolalg import Boolean

from derive.nodes import is_index
from derive.reading import Reading

_SIGNS = {Eq: "==", Ne: "!=", Lt: "<", Le: "<=", Gt: ">", Ge: ">="}


def place_text(place: Expr, reading: Reading, text: Callable[[Expr], str] = str) -> str:
    """An index, or a sum such as i + k, i + 1, j - i. `text` writes a term."""
    return " + ".join(map(text, reading.place(place))).replace("+ -", "- ")


def condition_text(
    condition: Boolean, text: Callable[[Expr], str], reading: Reading, inside: str = "or"
) -> str:
    """A condition.

    Args:
        text: writes a number.
        inside: the word that joins it with others: `or` needs no brackets around an `and`.
    """
    if isinstance(condition, Relational):
        sides = [place_text(s, reading, text) if _is_place(s) else text(s) for s in condition.args]
        return f" {_SIGNS[type(condition)]} ".join(sides)
    if not isinstance(condition, And | Or):
        return f"not {condition_text(condition.args[0], text, reading, 'not')}"
    word = "and" if isinstance(condition, And) else "or"
    joined = f" {word} ".join(condition_text(part, text, reading, word) for part in condition.args)
    return joined if inside == "or" else f"({joined})"


def _is_place(side: Expr) -> bool:
    return is_index(side) or (isinstance(side, Add | Mul) and any(map(_is_place, side.args)))
