"""What array operations look like in NumPy. Every array may have leading axes, over samples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from derive.emit import exactly, sums
from derive.emit.exactly import of_difference
from derive.emit.graph import REDUCTIONS, Node
from derive.emit.numpycalls import CALLS, Call, larger_shape, reduced_axes
from derive.emit.special import FUNCTIONS
from derive.emit.writer import Level, Source

_WITH_OUT = ("exp_difference", "deviation")  # functions of the module that take an `out`
_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}


@dataclass
class NumPy:
    """Writes operations as NumPy.

    Attributes:
        library, constants: where functions and where constants are found.
        cast, transposed: what an array says for another dtype, and with its last axes exchanged.
        calls: what operations look like.
        statements, named: as for a `Printer`.
        helpers: the functions of the module that have been called so far.
    """

    library: ClassVar[str] = "np"
    constants: ClassVar[str] = "np"
    cast: ClassVar[str] = "astype"
    transposed: ClassVar[str] = "swapaxes(-1, -2)"
    calls: ClassVar[Mapping[str, Call]] = CALLS
    statements: ClassVar[frozenset[str]] = frozenset(
        {"onto_diagonal", "from_diagonal", "exactly", "exact_sum"}
    )
    named: ClassVar[Mapping[str, tuple[int, ...]]] = {
        "broadcast": (0,),
        "from_diagonal": (0,),
        "deviation": (0, 2),
    }
    helpers: set[str] = field(default_factory=set)

    def compose(self, node: Node, operands: Sequence[Source], keep: bool = False) -> Source:
        """An operation on operands; with `keep`, a reduction that leaves axes of length 1."""
        if node.op in REDUCTIONS:
            found = Source(self.reduced(node, operands[0], keep))
        elif node.op in _WITH_OUT:
            found = Source(f"{self._called(node)}({', '.join(self._arguments(node, operands))})")
        else:
            found = self.calls[node.op](self, node, operands)
        self.helpers |= helpers_in(found.text)
        return found

    def reduced(self, node: Node, operand: Source, keep: bool) -> str:
        """A reduction; with `keep`, it leaves axes of length 1."""
        axes, kept = reduced_axes(node), ", keepdims=True" if keep else ""
        if node.op in ("norm", "rest"):
            return f"_{node.op}({operand.text}, axis={axes}{kept})"
        if node.op == "sum" and axes == "-1":  # faster than `sum`, as exact as its sums by parts
            return f'np.einsum("...i->...", {operand.text})' + ("[..., None]" if keep else "")
        return f"{operand.at(Level.ATOM)}.{node.op}(axis={axes}{kept})"

    def kind(self, node: Node) -> str:
        """The arguments that make a new array like the one that an operation names."""
        return f"dtype={node.data[0]}.dtype"

    def assigned(self, name: str, node: Node, operands: Sequence[Source]) -> list[str]:
        """The statements that give an operation's result a name."""
        if node.op not in self.statements:
            return [f"{name} = {self.compose(node, operands).text}"]
        first = operands[0].text
        if node.op == "onto_diagonal":
            kept = first.isidentifier() or node.args[0].is_view or node.args[0].op == "spread"
            start = [] if first == name else [f"{name} = {first}{'.copy()' if kept else ''}"]
            return [*start, _put(name, node, operands[1])]
        if node.op == "from_diagonal":
            zeros = f"np.zeros(({larger_shape(node, operands)}), {first}.dtype)"
            return [f"{name} = {zeros}", _put(name, node, operands[0])]
        self.helpers |= {f"_{node.op}", "_Unrounded"}
        if node.op == "exact_sum":
            return sums.assignment(name, node, operands, self.compose)
        function = FUNCTIONS[str(node.data[0])].numpy.removesuffix("({0})")
        self.helpers |= helpers_in(function)
        return exactly.assignment(name, function, node, operands, self.compose)

    def into(
        self, name: str, node: Node, operands: Sequence[Source], own: int, *, fits: bool
    ) -> list[str]:
        """The same, with the result in the memory of operand number `own`, if that fits."""
        text = operands[own].text
        if not fits:
            self.helpers.add("_room")
            room = f"_room({text}, {self._arguments(node, operands)[1 - own]})"
            return [f"{name} = {self.with_out(node, operands, room)}"]
        if name == text and node.op in _SIGNS and (own == 0 or node.op in ("add", "multiply")):
            return [f"{name} {_SIGNS[node.op]}= {operands[1 - own].text}"]
        bind = f"{name} = " if text != name else ""
        return [f"{bind}{self.with_out(node, operands, text)}"]

    def with_out(self, node: Node, operands: Sequence[Source], out: str) -> str:
        """The operation with its result in an array; only if it `fills` one."""
        return f"{self._called(node)}({', '.join(self._arguments(node, operands))}, out={out})"

    def fills(self, node: Node) -> bool:
        """Whether it can put its result into other memory."""
        return bool(_ufunc(node)) or node.op == "matmul"

    def _called(self, node: Node) -> str:
        """The function of an operation that takes an `out`."""
        function = _ufunc(node) or f"np.{node.op}"
        self.helpers |= helpers_in(function)
        if node.op == "exp_difference" and node.data:
            self.helpers.add("_Unrounded")
        return function

    def _arguments(self, node: Node, operands: Sequence[Source]) -> list[str]:
        if node.op == "exp_difference":
            return of_difference(node, operands, self.compose)
        axis = [f"axis={node.data[0]}"] if node.op == "deviation" and node.data[0] != -1 else []
        return [*(operand.text for operand in operands), *axis]

    def reuses(self, node: Node) -> bool:
        """Whether an operation can put its result into the memory of an operand."""
        return bool(_ufunc(node))


def helpers_in(text: str) -> set[str]:
    """The functions of the module that a text names: no other name starts with _."""
    return set(re.findall(r"\b_\w+", text))


def _ufunc(node: Node) -> str:
    """The function of an operation that takes an `out`; "" if there is none."""
    if node.op in _WITH_OUT:
        return f"_{node.op}"
    if node.weak or node.op not in ("function", "sqrt", "negative", *_SIGNS):
        return ""
    if node.op == "function":
        text = FUNCTIONS[str(node.data[0])].numpy
        return text.removesuffix("({0})") if text.startswith("np.") and "," not in text else ""
    return f"np.{node.op}"


def _put(name: str, node: Node, source: Source) -> str:
    """The entries of an array where letters agree, overwritten."""
    letters, kept = node.data
    return f'np.einsum("...{letters}->...{kept}", {name})[...] = {source.text}'
