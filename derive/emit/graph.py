"""Array operations as a graph, whatever the language they will be written in.

A node is one operation on arrays. Its `rank` is how many axes of its own the result has; in front
of these, every array may have any number of leading axes, over samples, which broadcast. Axes are
therefore counted from the back: 0 is the last, as `axis=-1 - 0`.

Two equal operations are one node, so what is computed once is written once: exp(z[i]) and the
exp(z[k]) in its denominator are one "exp" of one "argument".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

# Operations and what `data` holds for each. Operands are arrays of one rank that broadcast, unless
# it says something else; a rank of 0 is a number (for each sample).
OPERATIONS = {
    # leaves
    "argument": "(name,)",
    "size": "(name,): how many values an index takes, a whole number",
    "number": "(number,), positive, whole or not",
    "constant": "(name,): pi, -inf or nan",
    "places": "(): the whole numbers 0, 1, ..., n - 1 for the operand n",
    "identity": "(argument,): n by n, in the argument's dtype",
    # entry by entry
    **dict.fromkeys(("add", "subtract", "multiply", "divide", "power", "negative", "sqrt"), "()"),
    **dict.fromkeys(("maximum", "minimum", "and", "or", "not"), "()"),
    "where": "(): condition, what stands where it holds, what stands elsewhere",
    "compare": "(sign,): ==, !=, <, <=, > or >=",
    "function": "(name,): an elementary function, by its name in the input language",
    "exp_difference": "(): exp(x - shift), `shift` the result of the function of that name",
    "deviation": "(axis,): x, shares p and, if known, the largest: x - sum(x*p) along an axis, "
    "counted from the back",
    "exactly": "(name, argument): a function of an argument that is made of the operands",
    "exact_sum": "(count, sum): a sum, its terms that are arrays, and what it is made of",
    "together": "(name,): two arrays: sigmoids, sigmoid(x) and sigmoid(-x), or normal, the normal "
    "distribution function and its density",
    "item": "(place,): one of several arrays",
    "cast": "(argument,): true and false as 1 and 0 of the argument's dtype",
    # axes
    "expand": "(kept,): True for each axis of the operand, False for a new one of length 1",
    "transpose": "(order,): the operand's axes in the result's order",
    "diagonal": "(letters, result letters): letters for axes, one of them twice",
    "slice": "(axis,): an array, a start and a size of an axis, counted from the back",
    "window": "(axis, signs): an array, a start and the sizes of one or two axes in place of one, "
    "counted from the back; at (t, k) is the entry at start + sign*t + sign*k, 0 beyond",
    # reductions and contractions
    **dict.fromkeys(("sum", "prod", "max", "min", "norm"), "(axes,), counted from the front"),
    "rest": "(axes,), of which there is one: a sum without one of the largest entries",
    "others": "(add or multiply,): the sum or product of all other entries along the last axis",
    "dot": "(): two vectors",
    "matvec": "(): a matrix and a vector",
    "matmul": "(): two matrices",
    "einsum": "(letters of each operand..., result letters)",
    # results
    "fill": "(argument,): a number, then the sizes of the result's axes",
    "broadcast": "(): an array, then the sizes of the result's axes; a copy",
    "copy": "()",
    "onto_diagonal": "(letters, result letters): an array, and what to put where letters agree",
    "from_diagonal": "the same, with zeros elsewhere: what to put, then the sizes of all axes",
    "spread": "(rank of each other,): an array, then others whose leading axes it is to have",
}

_VIEWS = frozenset({"expand", "transpose", "diagonal", "slice"})
_ARITHMETIC = frozenset(
    {"add", "subtract", "multiply", "divide", "power", "negative", "sqrt", "function", "exactly"}
) | {"exact_sum", "exp_difference", "deviation", "matmul", "matvec", "einsum"}
_ENTRYWISE = _ARITHMETIC - {"matmul", "matvec", "einsum"} | {
    *("maximum", "minimum", "and", "or", "not", "where", "compare", "cast"),
    *("together", "item"),
}
_RESULTS = frozenset({"broadcast", "onto_diagonal", "from_diagonal"})
_NO_NUMBERS = frozenset({"places", "identity", "fill", "cast"})
REDUCTIONS = frozenset({"sum", "prod", "max", "min", "norm", "rest"})
_LETTERED = frozenset({"diagonal", "einsum", "onto_diagonal", "from_diagonal"})


@dataclass(frozen=True, eq=False)
class Node:
    """One operation. Nodes are made by `Graph.node` only, and equal ones are the same object.

    Attributes:
        op: one of `OPERATIONS`.
        args: the operands.
        data: what else belongs to the operation, as `OPERATIONS` says.
        rank: how many axes of its own the result has.
        weak: whether it is a number without a dtype, which takes that of what it meets.
        sources: the arguments that the result's numbers depend on.
        hint: what to call it.
    """

    op: str
    args: tuple[Node, ...] = ()
    data: tuple[Hashable, ...] = ()
    rank: int = 0
    weak: bool = False
    sources: frozenset[str] = frozenset()
    hint: str = "t"

    @property
    def cheap(self) -> bool:
        """Whether it may be written out more than once: a name, a number, 1/n, a view."""
        if self.weak:
            return not any(arg.args for arg in self.args)
        return not self.args or (self.op in _VIEWS and not self.keeps)

    @property
    def keeps(self) -> bool:
        """Whether it puts back, with length 1, the axes that a reduction took away."""
        if self.op != "expand" or self.args[0].op not in REDUCTIONS:
            return False
        axes = self.args[0].data[0]
        return axes == tuple(k for k, kept in enumerate(self.kept) if not kept)

    @property
    def kept(self) -> tuple[bool, ...]:
        """Of "expand": which axes are the operand's."""
        return self.data[0]  # type: ignore[return-value]

    @cached_property
    def filled(self) -> tuple[bool, ...]:
        """False for each axis that was put in with length 1 to broadcast."""
        if self.op == "expand":
            return self.kept
        if self.op in _ENTRYWISE:
            wide = [arg.filled for arg in self.args if arg.rank == self.rank and not arg.weak]
            return tuple(any(parts) for parts in zip(*wide, strict=True))
        return (True,) * self.rank

    @property
    def leaves(self) -> tuple[Node, ...]:
        """The operands by which `data` tells how something is made."""
        before = 1 + int(str(self.data[0])) if self.op == "exact_sum" else 0
        return self.args[2 if self.op == "exp_difference" else before :]

    @property
    def is_fresh(self) -> bool:
        """Whether the result is an array of its own, in the dtype of the arguments."""
        return not self.weak and self.op in _ARITHMETIC | _RESULTS

    @property
    def is_view(self) -> bool:
        """Whether the result shares its memory with an operand or argument."""
        return self.op in ("argument", "window") or (
            self.op in _VIEWS | {"spread"} and self.args[0].is_view
        )


def uses(root: Node) -> Counter[Node]:
    """How often each node is read for a root; what is read through a view is read itself."""
    found, pending = Counter[Node](), [root]
    while pending:
        node = pending.pop()
        found[node] += 1
        if found[node] == 1 or node.cheap:
            pending += node.args
    return found


@dataclass
class Graph:
    """All nodes of one function.

    Attributes:
        names: nodes that a definition names.
    """

    names: dict[Node, str] = field(default_factory=dict)
    _known: dict[tuple[str, tuple[Node, ...], tuple[Hashable, ...]], Node] = field(
        default_factory=dict
    )
    _turned: dict[Node, Node] = field(default_factory=dict)

    def node(
        self,
        op: str,
        *args: Node,
        data: tuple[Hashable, ...] = (),
        rank: int | None = None,
        weak: bool | None = None,
        hint: str = "t",
    ) -> Node:
        """The node with this operation, operands and data. It has the rank of its widest operand
        and is weak if all operands are, unless told. A matrix of which the transpose is known is
        that, turned."""
        key = (op, args, _any_letters(data) if op in _LETTERED else data)
        if key not in self._known and (twin := self._twin(op, args, data)) is not None:
            self._known[key] = self.transpose(twin, (1, 0))
        if key not in self._known:
            weak = bool(args) and all(arg.weak for arg in args) if weak is None else weak
            rank = max((arg.rank for arg in args), default=0) if rank is None else rank
            sources = frozenset[str]()
            if op not in _NO_NUMBERS or op in ("cast", "fill"):
                sources = sources.union(*(arg.sources for arg in args))
            if op == "argument":
                sources = frozenset([str(data[0])])
            hint = "c" if weak and hint == "t" else hint
            self._known[key] = Node(op, args, data, rank, weak, sources, hint)
        return self._known[key]

    def _twin(self, op: str, args: tuple[Node, ...], data: tuple[Hashable, ...]) -> Node | None:
        """What is known with the same operation on the transposes of two operands or more."""
        parts = [a if a.weak or not a.rank else self._turned.get(a) for a in args]
        if op not in _ENTRYWISE | {"matmul"} or any(isinstance(part, Node) for part in data):
            return None
        found = tuple(part for part in parts if part is not None)
        key = (op, found[::-1] if op == "matmul" else found, data)
        return self._known.get(key) if len(found) == len(args) else None

    def _pair(self, a: Node, b: Node) -> Node:
        """Note that two matrices are each other's transposes; the first."""
        self._turned[a], self._turned[b] = b, a
        return a

    # Leaves

    def argument(self, name: str, rank: int) -> Node:
        return self.node("argument", data=(name,), rank=rank)

    def number(self, value: int) -> Node:
        """A whole number."""
        if value < 0:
            return self.negative(self.number(-value))
        return self.node("number", data=(value,), weak=True)

    def decimal(self, value: float) -> Node:
        """A positive number that is not whole."""
        return self.node("number", data=(value,), weak=True)

    def constant(self, name: str) -> Node:
        return self.node("constant", data=(name,), weak=True)

    def size(self, name: str) -> Node:
        return self.node("size", data=(name,), weak=True)

    # Arithmetic

    def add(self, a: Node, b: Node) -> Node:
        if b.op == "negative":
            return self.node("subtract", a, b.args[0])
        return self.node("add", a, b)

    def subtract(self, a: Node, b: Node) -> Node:
        if b.op == "negative":
            return self.node("add", a, b.args[0])
        return self.node("subtract", a, b)

    def multiply(self, a: Node, b: Node) -> Node:
        if a.op == "negative" and a.args[0] is self.number(1):
            return self.negative(b)
        return b if a is self.number(1) else self.node("multiply", a, b)

    def divide(self, a: Node, b: Node) -> Node:
        return self.node("divide", a, b)

    def negative(self, a: Node) -> Node:
        return a.args[0] if a.op == "negative" else self.node("negative", a)

    def power(self, base: Node, exponent: Node) -> Node:
        """base**exponent; a cube is a product, which takes a tenth of the time."""
        if exponent.op == "number" and exponent.data == (3,) and not base.weak:
            return self.multiply(self.power(base, self.number(2)), base)
        return self.node("power", base, exponent)

    # Axes

    def expand(self, a: Node, kept: Sequence[bool]) -> Node:
        """New axes of length 1; none for a number without a dtype."""
        if a.weak or all(kept):
            return a
        shift = a.op == "function" and a.data == ("shift",)
        if a.op == "negative" or shift:  # -s[:, None] rather than (-s)[:, None]
            return self.node(a.op, self.expand(a.args[0], kept), data=a.data, hint=a.hint)
        made = self.node("expand", a, data=(tuple(kept),), rank=len(kept), hint=a.hint)
        turned = self._known.get(("expand", (a,), (tuple(kept)[::-1],))) if a.rank < 2 else None
        return self._pair(made, turned) if turned is not None and len(kept) == 2 else made

    def transpose(self, a: Node, order: Sequence[int]) -> Node:
        """The operand's axes in this order."""
        if a.op == "transpose":
            inner: Sequence[int] = a.data[0]  # type: ignore[assignment]
            return self.transpose(a.args[0], [inner[place] for place in order])
        if tuple(order) == tuple(range(len(order))):
            return a
        made = self.node("transpose", a, data=(tuple(order),), hint=a.hint)
        return self._pair(made, a) if len(order) == 2 else made

    def reduce(self, op: str, a: Node, axes: Sequence[int], hint: str) -> Node:
        """A reduction over axes, counted from the front; of a transpose, that of what is turned if
        the other axes keep their order."""
        if a.op == "transpose":
            order: Sequence[int] = a.data[0]  # type: ignore[assignment]
            rest = [axis for place, axis in enumerate(order) if place not in axes]
            if rest == sorted(rest):
                return self.reduce(op, a.args[0], sorted(order[k] for k in axes), hint)
        return self.node(op, a, data=(tuple(axes),), rank=a.rank - len(axes), hint=hint)


def _any_letters(data: tuple[Hashable, ...]) -> tuple[str, ...]:
    """Letters of axes as other letters, those of equal operations as the same."""
    order = dict.fromkeys("".join(map(str, data)))
    names = {letter: chr(97 + place) for place, letter in enumerate(order)}
    return tuple("".join(names[letter] for letter in str(part)) for part in data)
