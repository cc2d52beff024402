"""How many entries the arrays of a graph have along their axes, as text."""

from __future__ import annotations

from typing import Any

from derive.emit.backends.entries import weak_text
from derive.emit.graph import REDUCTIONS, Node
from derive.emit.plan import Plan


class Extents:
    """Called with a node and an axis, counted from the front; "1" for an axis that was put in to
    broadcast."""

    def __init__(self, found: Plan) -> None:
        self._lowering = found.lowering
        self._variables = {found.names[v]: v for v in found.lowering.shapes}

    def __call__(self, node: Node, axis: int) -> str:
        if node.op == "argument":
            name = self._variables[str(node.data[0])]
            return weak_text(self._lowering.size(self._lowering.shapes[name][axis])).text
        if node.op in ("places", "identity"):
            return weak_text(node.args[0]).text
        if node.op in ("fill", "broadcast", "from_diagonal"):
            return weak_text(node.args[1 + axis]).text
        return self._of_operand(node, axis)

    def _of_operand(self, node: Node, axis: int) -> str:
        """The same for an operation whose operands say it."""
        data: Any = node.data
        first = node.args[0]
        if node.op == "expand":
            return self(first, sum(data[0][:axis])) if data[0][axis] else "1"
        if node.op == "transpose":
            return self(first, data[0][axis])
        if node.op == "diagonal":
            return self(first, data[0].index(data[1][axis]))
        if node.op in REDUCTIONS:
            return self(first, [k for k in range(first.rank) if k not in data[0]][axis])
        if node.op in ("slice", "window"):
            return self._of_window(node, axis)
        if node.op in ("matvec", "matmul"):
            return self(node.args[axis], axis)
        if node.op == "einsum":
            *operands, wanted = data
            place = next(k for k, letters in enumerate(operands) if wanted[axis] in letters)
            return self(node.args[place], operands[place].index(wanted[axis]))
        alike = [arg for arg in node.args if arg.rank == node.rank and not arg.weak]
        return next((t for t in (self(arg, axis) for arg in alike) if t != "1"), "1")

    def _of_window(self, node: Node, axis: int) -> str:
        array, _, *sizes = node.args
        first = array.rank + int(str(node.data[0]))
        if first <= axis < first + len(sizes):
            return weak_text(sizes[axis - first]).text
        return self(array, axis if axis < first else axis - len(sizes) + 1)
