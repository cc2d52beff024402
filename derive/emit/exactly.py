"""Functions that magnify the rounding of their argument, told how the argument is made.

exp(x/a) is off by |x/a| units in the last place where x/a is rounded. Where arithmetic and
logarithms make an argument of numbers that are exact, what rounding loses can be worked out, and
put right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from fractions import Fraction
from textwrap import wrap
from typing import Any

from derive.emit.graph import Graph, Node
from derive.emit.writer import Source

_LINE = 80  # what is longer is written on several lines


class Care(IntEnum):
    """What is done where rounding is magnified: nothing, as in a textbook; moderate exponents are
    not shifted; and functions of numbers, and exponentials of rows, are told how their arguments
    are made."""

    NONE = 0
    SHIFTS = 1
    ARGUMENTS = 2


# The slopes of a function's logarithm far before and far after 0: how it magnifies there.
SLOPES = {
    "exp": (1, 1),
    "expm1": (0, 1),
    "sigmoid": (1, 0),
    "sigmoid_slope": (1, -1),
    "softplus": (1, 0),
    "log1mexp": (1, 0),
    "sinh": (-1, 1),
    "cosh": (-1, 1),
}
SUMS = frozenset({"add", "subtract"})
_PRODUCTS = frozenset({"multiply", "divide"})
_ARITHMETIC = SUMS | _PRODUCTS | {"negative", "where", "exact_sum"}
_CHOICES = frozenset({"expand", "transpose", "diagonal", "slice", "window", "max", "min"}) | {
    *("maximum", "minimum", "negative", "where")
}


def exactly(graph: Graph, name: str, argument: Node) -> Node | None:
    """A function of an argument whose rounding shows, with the leaves that the argument is made of
    as operands; None where the argument is exact, made of what is not, or of numbers alone."""
    if name not in SLOPES or is_exact(argument):
        return None
    leaves = exact_leaves(argument)
    if not leaves:
        return None
    hint = "e" if name == "exp" else name
    data = (name, unpowered(graph, argument))
    return graph.node("exactly", *leaves, data=data, rank=argument.rank, weak=False, hint=hint)


def exp_of_difference(graph: Graph, argument: Node) -> Node | None:
    """exp(x - shift) as one operation, if the shift is the same for whole rows of x; where x is
    rounded, the leaves that it is made of are operands too."""
    if argument.op != "subtract" or argument.args[1].data != ("shift",):
        return None
    x, shift = argument.args
    if not (0 < x.rank == argument.rank and all(x.filled) and x.sources >= shift.sources):
        return None
    leaves = None if is_exact(x) else exact_leaves(x)
    data = (unpowered(graph, x),) if leaves else ()
    return graph.node("exp_difference", x, shift, *(leaves or ()), data=data, hint="e")


def is_exponential(node: Node) -> bool:
    """Whether an array is made of exponentials as they are."""
    return node.op == "exp_difference" or (node.op == "function" and node.data == ("exp",))


def is_exact(node: Node) -> bool:
    """Whether a node has no rounding error: what is given, a choice of that, or twice or half."""
    if node.op == "number":
        return float(str(node.data[0])) % 2**-10 == 0
    if node.op in _PRODUCTS:
        first, second = node.args
        twice = node.op == "multiply" and _is_power_of_two(first) and is_exact(second)
        return twice or (is_exact(first) and _is_power_of_two(second))
    if node.op in _CHOICES:
        return all(map(is_exact, _values(node)))
    return node.op in ("argument", "size")


def _is_power_of_two(node: Node) -> bool:
    return node.op == "number" and float(str(node.data[0])).hex().startswith("0x1.0000000000000p")


def _values(node: Node) -> tuple[Node, ...]:
    """The operands whose values the result has, or is worked out from."""
    start = 1 if node.op == "where" else 0
    return node.args[start : 1 if node.op in ("slice", "window", "exact_sum") else None]


def _is_square(node: Node) -> bool:
    return node.op == "power" and node.args[1].op == "number" and node.args[1].data == (2,)


def is_logarithm(node: Node) -> bool:
    return node.op == "function" and node.data == ("log",)


def _ratio(node: Node) -> Fraction | None:
    """A number, if it is a quotient of whole ones."""
    if node.op == "number":
        return Fraction(str(node.data[0]))
    parts = [_ratio(arg) for arg in node.args if node.op in ("negative", "divide")]
    match parts:
        case [Fraction() as x]:
            return -x
        case [Fraction() as x, Fraction() as y]:
            return x / y
    return None


def parts(node: Node) -> Iterator[Node]:
    """What arithmetic and logarithms make a node of, itself first, down to what is exact, numbers
    without a dtype, and results of anything else."""
    pending = [node]
    while pending:
        part = pending.pop()
        yield part
        if _is_worked_out(part):
            pending.extend(reversed(_values(part)))


def _is_worked_out(node: Node) -> bool:
    arithmetic = node.op in _ARITHMETIC or _is_square(node) or is_logarithm(node)
    return arithmetic and not (node.weak or is_exact(node))


def exact_leaves(node: Node) -> tuple[Node, ...] | None:
    """The exact arrays, and conditions, that arithmetic and logarithms make a node of, each once;
    None if it is made of others too."""
    found = dict[Node, None]()
    for part in parts(node):
        if _is_worked_out(part):
            known, leaves = True, part.args[:1] if part.op == "where" else ()
        else:
            known = is_exact(part) or (part.weak and _ratio(part) is not None)
            leaves = () if part.weak else (part,)
        if not known:
            return None
        found |= dict.fromkeys(leaves)
    return tuple(found)


def unpowered(graph: Graph, node: Node) -> Node:
    """Squares as products, and fractions times x as whole numbers times x over whole numbers, down
    to the leaves."""
    if node.weak or is_exact(node):
        return node
    if node.op == "exact_sum":
        return unpowered(graph, node.args[0])
    if node.op in _PRODUCTS:
        number, x = node.args if node.op == "multiply" else node.args[::-1]
        ratio = _ratio(number) if number.weak and not is_exact(number) else None
        if ratio is not None:
            over, under = (ratio if node.op == "multiply" else 1 / ratio).as_integer_ratio()
            above = graph.multiply(graph.number(over), unpowered(graph, x))
            return graph.divide(above, graph.number(under))
    # The condition of `where` is a leaf.
    first = len(node.args) - len(_values(node))
    args = (*node.args[:first], *(unpowered(graph, arg) for arg in node.args[first:]))
    if _is_square(node):
        return graph.multiply(args[0], args[0])
    return graph.node(node.op, *args, data=node.data, rank=node.rank, hint=node.hint)


# In source, the argument is a function of the leaves: it is worked out once in plain arithmetic,
# and where that is not enough, in arithmetic that notes what it loses.

Compose = Callable[[Node, Sequence[Source]], Source]


def assignment(
    name: str, function: str, node: Node, operands: Sequence[Source], compose: Compose
) -> list[str]:
    """The statement that gives the result a name:
    e = _exactly(np.exp, (1, 1), 8, lambda x, a: x / a, x, a).
    """
    slopes = SLOPES[str(node.data[0])]
    bound, *made = making(node.data[1], node.args, operands, compose)
    return statement(name, "_exactly", [f"{function}, {slopes}, {bound}", *made])


def statement(name: str, helper: str, given: Sequence[str]) -> list[str]:
    """A call's result under a name, on several lines if it is long."""
    text = f"{name} = {helper}({', '.join(given)})"
    if len(text) <= _LINE:
        return [text]
    lines = [line for part in given for line in _wrapped(f"{part},")]
    return [f"{name} = {helper}(", *(f"    {line}" for line in lines), ")"]


def _wrapped(text: str) -> list[str]:
    return wrap(text, _LINE, break_on_hyphens=False, break_long_words=False)


def of_difference(node: Node, operands: Sequence[Source], compose: Compose) -> list[str]:
    """What `_exp_difference` is called with: x, shift, 8, lambda z, T: z / T, z, T."""
    texts = [operand.text for operand in operands]
    made = making(node.data[0], node.args[2:], operands[2:], compose) if node.data else []
    return [*texts[:2], *made]


def making(
    argument: Any, leaves: Sequence[Node], operands: Sequence[Source], compose: Compose
) -> list[str]:
    """From where on the rounding of an argument shows, how it is made of leaves, and these.

    Up to 8, a rounding of the argument makes 4 units in the last place at most.
    """
    names: dict[Node, str] = {}
    for leaf, operand in zip(leaves, operands, strict=True):
        stem = operand.text.partition("[")[0]
        own = stem if stem.isidentifier() else leaf.hint
        names[leaf] = f"{own}{len(names) + 1}" if own in names.values() else own
    made = _of_names(names, argument, compose).text
    texts = ", ".join(operand.text for operand in operands)
    return [
        str(8 // min(_roundings(argument), 8)),
        f"lambda {', '.join(names.values())}: {made}",
        texts,
    ]


def _roundings(node: Any) -> int:
    """How often an argument is rounded on the way."""
    if is_exact(node):
        return 0
    scales = node.args if node.op == "multiply" else node.args[1:]  # 1/x is rounded, x/2 is not
    exact = node.op in _PRODUCTS and any(map(_is_power_of_two, scales))
    rounds = (node.op in SUMS | _PRODUCTS and not exact) or is_logarithm(node)
    return rounds + sum(map(_roundings, node.args))


def _of_names(names: Mapping[Node, str], node: Any, compose: Compose) -> Source:
    """A node, with names for the leaves that it is made of."""
    if node in names:
        return Source(names[node])
    return compose(node, [_of_names(names, arg, compose) for arg in node.args])
