"""Products, with those factors joined that are one thing; powers, transposes and norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.reader import indices, slopes
from derive.reader.grammar import Node, bare, base_of, joined, linked, only, walk
from derive.reader.texts import OPERATORS, called, piece
from derive.reader.values import Value, number
from derive.reader.vocabulary import look

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_REDUCED = {"1": "sum", "∞": "max"}
"""The norms that are a sum, or the largest, of the entries without their signs."""
Factors = list[tuple[str, Node]]
Steps = list[tuple[str, Value]]
"""Factors with the sign before each."""


def product(m: Meaning, node: Node) -> Value:
    """Factors side by side; ⊙ and ⊘ hold less tightly than that."""
    groups: list[Steps] = [[]]
    for operator, value in _steps(m, linked(node)):
        if operator in (".*", "./"):
            groups.append([])
        groups[-1].append((operator, value))
    found = _multiplied(m, groups[0])
    for group in groups[1:]:
        operator, first = group[0]
        made = found, _multiplied(m, group)
        found = m.arrays.mapped(OPERATORS[operator[1]], first.place, *made)
    return found


def _multiplied(m: Meaning, steps: Steps) -> Value:
    (_, found), *rest = steps
    for operator, value in rest:
        if operator == "/":
            found = m.arrays.divided(found, value, value.place)
        elif operator == "x" and found.columns == value.columns == "":
            found = m.arrays.multiplied(found, value.transposed(), value.place)
        else:
            found = m.arrays.multiplied(found, value, value.place)
    return found


def _steps(m: Meaning, factors: Factors) -> Steps:
    """The factors, with those joined that are one thing: ∂/∂x f, 1[i = j], f(x)."""
    found: Steps = []
    while factors:
        operator, node = factors.pop(0)
        if not operator and found and node.kind == "number" and found[-1][1].literal:
            raise m.error("two numbers stand side by side here", node)
        if not operator and found and not factors and _is_number_in_brackets(node):
            raise m.error("is this the number of an equation, or a factor?", node)
        if operator == "/":
            _check_slash(m, node, factors)
        found.append((operator, _taken(m, node, factors)))
    return found


def _is_number_in_brackets(node: Node) -> bool:
    return node.kind == "bracket" and node.text == "(" and only(node).kind == "number"


def _taken(m: Meaning, node: Node, factors: Factors) -> Value:
    """The value of a factor and of what belongs to it of those behind, which is taken away."""
    if node.kind == "partial" and factors and factors[0][0] == "/":
        node = Node("frac", "/", (node, factors.pop(0)[1]), node.place)
    if slopes.is_operator(m, node):
        return slopes.slope(m, node, _differentiated(m, node, factors))
    if not factors or factors[0][0] != "":
        return m.value(node)
    after = factors[0][1]
    if _is_indicator(node) and indices.is_condition(base_of(after)):
        factors.pop(0)
        made = indices.indicator(m, base_of(after), node.place)
        return raised(m, made, list(after.scripts), after)
    if node.kind == "call" and node.others[0].kind != "bracket" and not _begins_anew(m, after):
        raise m.error(f"does this belong to {node.text}? Write brackets", after)
    if _is_dependence(m, node, base_of(after)):
        factors.pop(0)
        if after.scripts:
            node = Node("scripted", "", (node, *after.scripts), node.place)
    else:
        _check_application(m, node, after)
    return m.value(node)


def _differentiated(m: Meaning, node: Node, factors: Factors) -> Node:
    """What stands behind ∂/∂x: a bracket, or all that follows in the product."""
    if not factors or factors[0][0] != "":
        raise m.error("what is differentiated here?", node)
    first = factors.pop(0)[1]
    if first.kind in ("bracket", "group") or not factors:
        return first
    made = joined([("", first), *factors])
    factors.clear()
    return made


def _is_indicator(node: Node) -> bool:
    return (node.kind, node.text) in (("mark", "1"), ("number", "1"), ("name", "I"))


def _begins_anew(m: Meaning, node: Node) -> bool:
    """Whether a factor cannot belong to the function without brackets before it."""
    return node.kind in ("call", "big", "mark") or slopes.is_operator(m, node)


def _check_slash(m: Meaning, node: Node, after: Factors) -> None:
    """a/b c may be read in two ways; a/(b) c and 1/n Σ not."""
    if not after or after[0][0] != "" or node.kind in ("bracket", "group"):
        return
    following = after[0][1]
    if following.kind != "big" and not slopes.is_operator(m, following):
        raise m.error("does this stand below the line too? Write \\frac or brackets", following)


def _is_dependence(m: Meaning, node: Node, after: Node) -> bool:
    """Whether f(x) is the name f with what it depends on, and no product."""
    inside, uses = names_in(after), _uses(m, node)
    if not inside or not uses:
        return False
    every = {name for text in inside for name in m.known.spelled.get(look(text), ())}
    return len(every) == len(inside) and every <= uses


def names_in(node: Node) -> tuple[str, ...] | None:
    """The names in a bracket that holds nothing but names, as in f(x, y); None for another."""
    found = [bare(item) for item in node.parts]
    if node.kind != "bracket" or node.text != "(" or any(n.kind != "name" for n in found):
        return None
    return tuple(name.text for name in found)


def _uses(m: Meaning, node: Node) -> frozenset[str]:
    """The names that a name is made of."""
    base = base_of(node)
    found = m.known.spelled.get(look(base.text), ()) if base.kind == "name" else ()
    return m.known.depends.get(found[0], frozenset()) if found else frozenset()


def _check_application(m: Meaning, node: Node, after: Node) -> None:
    """f(-x) and f(1 - x) may be values of f, or f times -x; f(1 - f) is a product."""
    if after.kind != "bracket" or after.text != "(" or any(n.scripts for n in walk(after)):
        return
    texts = {part.text for part in walk(after) if part.kind == "name"}
    inside = {name for text in texts for name in m.known.spelled.get(look(text), ())}
    by = {variable.partition("[")[0] for variable in m.known.wrt}
    if inside and inside <= by & _uses(m, node):
        raise m.error("is this a value at another place, or a product?", after)


# Powers and norms


def raised(m: Meaning, value: Value, scripts: list[Node], node: Node) -> Value:
    """A value with what stands above it."""
    if not scripts:
        return value
    if len(scripts) > 1:
        raise m.error("two superscripts stand here: write brackets", node)
    (script,) = scripts
    if script.text == "'":
        raise m.error("a prime stands after a function's name only", script)
    if not _transposes(m, value, script):
        return _power(m, value, script, node)
    if value.is_number:
        raise m.error("a number is transposed here: write (W^\\top)_{ij}", script)
    return value.transposed()


def _transposes(m: Meaning, value: Value, script: Node) -> bool:
    inside = only(script)
    if inside.text != "T" or inside.kind not in ("mark", "name"):
        return False
    return inside.kind == "mark" or not value.is_number or "T" not in m.known.words


def _of_matrix(m: Meaning, node: Node) -> bool:
    """Whether a name with something below it is that of a matrix."""
    names = m.known.spelled.get(look(base_of(node).text), ())
    return base_of(node).kind == "name" and any(len(m.known.shapes[name]) > 1 for name in names)


def _power(m: Meaning, value: Value, script: Node, node: Node) -> Value:
    inside = only(script)
    entrywise = inside.kind == "entrywise" and inside.text == ".*"
    if value.is_number and inside.text == "-" and _of_matrix(m, node):
        raise m.error("an entry of the inverse, or one over this entry? Write brackets", script)
    exponent = m.scalar(inside.parts[0] if entrywise else inside, "an exponent is a number")
    if not value.is_number and not entrywise:
        shown = m.arrays.described(value)
        message = f"{shown} has no power here: write ^{{\\odot 2}} for its entries, or \\|x\\|^2"
        raise m.error(message, script)
    return m.arrays.mapped(OPERATORS["^"], script.place, value, exponent)


def norm(m: Meaning, value: Value, order: str, node: Node) -> Value:
    """The norm of a column or row, or Frobenius's of a matrix."""
    place = node.place
    if value.is_number:
        return m.arrays.applied("abs", place, value)
    if value.is_matrix and order != "F":
        raise m.error("which norm of a matrix is this? Write \\|A\\|_F for Frobenius's", node)
    if order in _REDUCED:
        return m.arrays.reduced(_REDUCED[order], m.arrays.applied("abs", place, value), place)
    if order not in ("2", "F"):
        raise m.error("this norm is not known here: 1, 2, F or \\infty", node)
    if value.whole:
        return number(called("norm", place, piece(value.whole, value.place)), place)
    squares = m.arrays.mapped(OPERATORS["^"], place, value, number(piece("2", place), place))
    return m.arrays.applied("sqrt", place, m.arrays.reduced("sum", squares, place))
