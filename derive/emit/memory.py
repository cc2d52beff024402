"""Which operations get a name, and whose memory their results are put into."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from derive.emit.graph import Node, uses

if TYPE_CHECKING:
    from derive.emit.writer import Printer


class Memory:
    """What can be told of all operations before they are written.

    Args:
        printer: what operations look like.
        names: the names that definitions give.
        written: what has a name by now; the writer adds to it.
        root: all that is written is read for it.
        explicit: for which memory is reused by statements also where NumPy sees to it by itself.
        pieces: whether numbers stand for arrays of them.
    """

    def __init__(
        self,
        printer: Printer,
        names: Mapping[Node, str],
        written: Mapping[Node, str],
        root: Node,
        explicit: Collection[Node],
        pieces: bool,
    ) -> None:
        self._printer, self._names, self._written = printer, names, written
        self._explicit, self._pieces = explicit, pieces
        self._uses = uses(root)
        self._owns: dict[Node, int] = {}
        self._alone = self._with_new_axes_only()
        self._widest = max(node.rank for node in self._uses)

    def needs_name(self, node: Node) -> bool:
        """Whether an operation is read more than once, or only a statement can do it."""
        often = self._uses[node] > 1 and not self._is_short(node)
        return often or self.is_statement(node) or self.own(node) >= 0

    def is_statement(self, node: Node) -> bool:
        """Whether only a statement of its own can do an operation."""
        return node.op in self._printer.statements

    def is_bare(self, node: Node) -> bool:
        """Whether a node is read once only and nobody gives it a name."""
        return (self._uses[node] == 1 or node in self._alone) and node not in self._names

    def _is_short(self, node: Node) -> bool:
        """Whether it is written out wherever it is read: a name, a number, new axes of what has a
        name, and not the call for a diagonal."""
        if node.op == "expand":
            return node not in self._alone.values()
        return node in self._alone or (node.cheap and node.op != "diagonal")

    def _with_new_axes_only(self) -> dict[Node, Node]:
        """What is read nowhere but with the same new axes, and that view of it: so one name will do
        for both."""
        readers: dict[Node, list[Node]] = {}
        for node in self._uses:
            for arg in set(node.args):
                readers.setdefault(arg, []).append(node)
        pairs = ((arg, found[0]) for arg, found in readers.items() if len(found) == 1)
        return {
            arg: view
            for arg, view in pairs
            if view.op == "expand" and not arg.cheap and arg not in self._names
        }

    def takes_over(self, node: Node, arg: Node) -> bool:
        """Whether a result may have the name, and so the memory, of an operand: neither is named
        by a definition, and nobody else reads it."""
        unnamed = arg in self._written and arg not in self._names and node not in self._names
        return unnamed and arg.is_fresh and _same_shape(arg, node) and self._is_last(arg, node)

    def own(self, node: Node) -> int:
        """The operand whose memory a result can be put into: an array that was made for this
        operation only, and has its shape. -1 if there is none, or nothing is gained: NumPy itself
        reuses what has no name in sums and products of one shape."""
        if node not in self._owns:
            named = [arg for arg in node.args if arg in self._names or self.needs_name(arg)]
            own = self._place(node, named)
            self._owns[node] = own if own >= 0 else self._unnamed_place(node)
        return self._owns[node]

    def named_place(self, node: Node) -> int:
        """An operand that has a name by now whose memory a result can be put into, or -1."""
        return self._place(node, self._written.keys())

    def _place(self, node: Node, named: Collection[Node]) -> int:
        places = [k for k, arg in enumerate(node.args) if arg in named and self._can_take(node, k)]
        fitting = [place for place in places if node.args[place].sources >= node.sources]
        if fitting:
            return fitting[0]
        free = [place for place in places if self._is_free(node.args[1 - place], node)]
        return places[0] if places and not free else -1

    def _unnamed_place(self, node: Node) -> int:
        """An operand without a name whose memory NumPy would not reuse: that of a function, or of
        an operation with something smaller (of a number, it would reuse float64 only)."""
        for place, arg in enumerate(node.args):
            others = [other for other in node.args if other is not arg]
            if node.op == "negative" and node not in self._explicit:
                break
            smaller = node in self._explicit or any(
                not _same_shape(other, node) for other in others
            )
            fits = arg.sources >= node.sources
            if (smaller or not others) and fits and self._can_take(node, place):
                return place
        return -1

    def _can_take(self, node: Node, place: int) -> bool:
        """Whether a result can be put into the memory of an operand. It is not worth a statement
        where other arrays of the function have more axes."""
        arg = node.args[place]
        arrays = node.rank >= max(self._widest, 1)
        if self._pieces:  # what is made of definitions that are numbers is a number
            arrays = bool(arg.sources) and arg.sources >= node.sources
        if not arrays or not self._printer.reuses(node) or place > 1:
            return False
        return arg.is_fresh and _same_shape(arg, node) and self._is_last(arg, node)

    def _is_free(self, arg: Node, node: Node) -> bool:
        """Whether an operand without a name can take the result, as NumPy sees to by itself."""
        unnamed = not self.needs_name(arg) and arg not in self._names and arg.is_fresh
        fits = _same_shape(arg, node) and arg.sources >= node.sources
        return unnamed and fits and (arg is node.args[0] or node.op in ("add", "multiply"))

    def _is_last(self, arg: Node, node: Node) -> bool:
        """Whether all that reads an operand is read for this operation itself."""
        return uses(node)[arg] == self._uses[arg]


def _same_shape(arg: Node, node: Node) -> bool:
    """Whether an operand is as large as the result, apart from samples."""
    return arg.rank == node.rank and all(arg.filled)
