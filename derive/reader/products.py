"""Products: what stands side by side, and which of it is a function with its argument."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from derive.reader import conditions, pieces, powers, slopes
from derive.reader.functions import applied_to
from derive.reader.syntax import (
    Big,
    Bracket,
    Call,
    Frac,
    Mark,
    Name,
    Node,
    Num,
    Partial,
    Product,
    Scripted,
    Terms,
    bare,
)
from derive.reader.values import Value
from derive.reader.vocabulary import look

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

Factors = list[tuple[str, Node]]


@dataclass(frozen=True)
class _Step:
    """A factor with what stands before it."""

    operator: str
    value: Value


def product(m: Meaning, node: Product) -> Value:
    """Factors side by side; ⊙ and ⊘ hold less tightly than that."""
    steps = _steps(m, list(node.factors))
    groups: list[list[_Step]] = [[steps[0]]]
    for step in steps[1:]:
        if step.operator in (".*", "./"):
            groups.append([step])
        else:
            groups[-1].append(step)
    found = _multiplied(m, groups[0])
    for group in groups[1:]:
        value, place = _multiplied(m, group), group[0].value.place
        make = pieces.times if group[0].operator == ".*" else pieces.over
        found = m.arrays.mapped(partial(make, place=place), [found, value], place)
    return found


def _multiplied(m: Meaning, steps: list[_Step]) -> Value:
    found = steps[0].value
    for step in steps[1:]:
        place = step.value.place
        if step.operator == "/":
            found = m.arrays.divided(found, step.value, place)
        elif step.operator == "x" and found.columns == step.value.columns == "":
            found = m.arrays.multiplied(found, m.arrays.transposed(step.value), place)
        else:
            found = m.arrays.multiplied(found, step.value, place)
    return found


def _steps(m: Meaning, factors: Factors) -> list[_Step]:
    """The factors, with those joined that are one thing: ∂/∂x f, 1[i = j], f(x), log 2x."""
    found: list[_Step] = []
    while factors:
        operator, node = factors.pop(0)
        if not operator and found and isinstance(node, Num) and found[-1].value.literal:
            raise m.error("two numbers stand side by side here", node)
        if operator == "/":
            _check_slash(m, node, factors)
        found.append(_Step(operator, _taken(m, node, factors)))
    return found


def _taken(m: Meaning, node: Node, factors: Factors) -> Value:
    """The value of a factor and of what belongs to it of those behind, which is taken away."""
    if isinstance(node, Partial) and factors and factors[0][0] == "/":
        under = _under(m, factors)
        node = Frac(node, under, node.place)
    if slopes.is_operator(m, node):
        assert isinstance(node, Frac)
        return _operated(m, node, factors)
    if not factors or factors[0][0] != "":
        return m.value(node)
    after = factors[0][1]
    if _is_indicator(node) and conditions.is_condition(_unpowered(after)):
        factors.pop(0)
        return _indicator(m, after, node.place)
    if isinstance(node, Call) and not node.bracketed:
        node = _with_number(m, node, factors)
    if (names_in := applied_to(after)) is not None and _is_defined(m, node, names_in):
        factors.pop(0)
    else:
        _check_application(m, node, after)
    return m.value(node)


def _under(m: Meaning, factors: Factors) -> Node:
    _, under = factors.pop(0)
    if not isinstance(under, Partial):
        raise m.error("below ∂ stands ∂ with a variable", under)
    return under


def _operated(m: Meaning, node: Frac, factors: Factors) -> Value:
    """∂/∂x before a bracket, or before all that follows in the product."""
    if not factors or factors[0][0] != "":
        raise m.error("what is differentiated here?", node)
    first = factors[0][1]
    if isinstance(first, Bracket):
        factors.pop(0)
        return slopes.differentiated(m, node, m.scalar(first))
    rest = Product((("", first), *factors[1:]), first.place)
    factors.clear()
    return slopes.differentiated(m, node, m.scalar(rest))


def _is_indicator(node: Node) -> bool:
    return (isinstance(node, Mark) and node.kind == "1") or (
        isinstance(node, Name) and node.text in ("I", "𝟙")
    )


def _unpowered(node: Node) -> Node:
    return node.base if isinstance(node, Scripted) else node


def _indicator(m: Meaning, node: Node, place: int) -> Value:
    made = conditions.indicator(m, _unpowered(node), place)
    if isinstance(node, Scripted):
        return powers.raised(m, made, list(node.scripts), node)
    return made


def _with_number(m: Meaning, node: Call, factors: Factors) -> Call:
    """log 2x is the logarithm of 2x; log x y may be read in two ways."""
    (argument,) = node.arguments
    after = factors[0][1]
    if isinstance(bare(argument), Num) and isinstance(_unpowered(after), Name):
        factors.pop(0)
        whole = Product((("", argument), ("", after)), argument.place)
        node = Call(node.name, node.scripts, (whole,), False, node.place)
    if factors and factors[0][0] == "" and not _begins_anew(m, factors[0][1]):
        message = f"does this belong to {node.name}? Write brackets"
        raise m.error(message, factors[0][1])
    return node


def _begins_anew(m: Meaning, node: Node) -> bool:
    """Whether a factor cannot belong to the function without brackets before it."""
    return isinstance(node, Call | Big | Mark) or slopes.is_operator(m, node)


def _check_slash(m: Meaning, node: Node, after: Factors) -> None:
    """a/b c may be read in two ways; a/(b) c and 1/n Σ not."""
    if not after or after[0][0] != "" or isinstance(node, Bracket):
        return
    following = after[0][1]
    if not isinstance(following, Big) and not slopes.is_operator(m, following):
        raise m.error("does this stand below the line too? Write \\frac or brackets", following)


def _is_defined(m: Meaning, node: Node, inside: tuple[str, ...]) -> bool:
    """Whether f(x) is the name f with what it depends on, and no product."""
    uses = _uses(m, node)
    every = {name for text in inside for name in m.known.spelled.get(look(text), ())}
    return bool(uses) and len(every) == len(inside) > 0 and every <= uses


def _uses(m: Meaning, node: Node) -> frozenset[str]:
    base = node.base if isinstance(node, Scripted) else node
    found = m.known.spelled.get(look(base.text), ()) if isinstance(base, Name) else ()
    return m.known.depends.get(found[0], frozenset()) if found else frozenset()


def _check_application(m: Meaning, node: Node, after: Node) -> None:
    """f(-x) may be f at -x, or f times -x."""
    if not isinstance(after, Bracket) or after.kind != "(" or len(after.items) != 1:
        return
    (inside,) = after.items
    if isinstance(inside, Terms) and len(inside.parts) == 1:
        inside = inside.parts[0][1]
    last = inside.factors[-1][1] if isinstance(inside, Product) else inside
    single = inside is last or (isinstance(inside, Product) and len(inside.factors) == 2)
    text = last.text if isinstance(last, Name) else ""
    if single and set(m.known.spelled.get(look(text), ())) & _uses(m, node):
        raise m.error("is this a value at another place, or a product?", after)
