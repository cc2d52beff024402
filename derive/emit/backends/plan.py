"""One function of a module before it is written in any language, and written by any printer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sympy import Expr, Indexed, Symbol

from derive.emit.graph import Node
from derive.emit.lower import Lowering
from derive.emit.module import (
    _RESERVED,
    Code,
    _names,
    _own_argument,
    _prologue,
    _question,
    _shape,
    _shapes,
    _signature,
)
from derive.emit.results import returned
from derive.emit.sizes import Sizes
from derive.emit.writer import Printer, Writer
from derive.problem import Problem
from derive.text import text_of


@dataclass(frozen=True)
class Plan:
    """What a function computes.

    Attributes:
        problem: the question that it belongs to.
        kind: "value", "derivative", "vjp", "jvp" or "hvp".
        expr: what it computes, and `axes`, the letters of what it returns.
        names: how every variable, size and defined name is spelled.
        lowering: its graph, and the arguments' shapes; `root` is the node it returns.
    """

    problem: Problem
    kind: str
    expr: Expr
    axes: tuple[Symbol, ...]
    names: Mapping[str, str]
    lowering: Lowering
    root: Node

    @property
    def used(self) -> tuple[str, ...]:
        """The arguments that are read, by the problem's names."""
        return tuple(name for name in self.lowering.shapes if name in self.lowering.used)

    @property
    def read(self) -> tuple[str, ...]:
        """The same, and those whose samples count although they are not read."""
        spread = self.root.args[1:] if self.root.op == "spread" else ()
        seen = {str(node.data[0]) for node in spread}
        shapes = self.lowering.shapes
        return tuple(n for n in shapes if n in self.used or self.names[n] in seen)

    @property
    def taken(self) -> set[str]:
        """Names that no local variable may have."""
        return {*self.names.values(), *_RESERVED}

    def code(self, lines: Iterable[str], last: str, helpers: Iterable[str]) -> Code:
        """The function with these statements after those that read its arguments."""
        names, shapes = self.names, self.lowering.shapes
        is_name = isinstance(self.expr, Symbol | Indexed)
        reading = Sizes(self.lowering).lines
        return Code(
            self.kind,
            _signature(self.used, self.problem.variables, names),
            "" if is_name else text_of(self.expr, self.problem),
            _shape(self.problem.extents[letter] for letter in self.axes),
            tuple((names[name], _shape(shapes[name])) for name in self.used),
            (*_prologue(self.used, self.root, self.lowering), *reading, *lines),
            last,
            frozenset(helpers),
        )


def plan(problem: Problem, result: Expr, kind: str) -> Plan:
    """What a function computes, as a graph.

    Raises:
        UnsupportedError: an expression has no array operations, or a size cannot be known.
    """
    own = _own_argument(problem, kind)
    expr, axes = _question(problem, result, kind, own)
    names = _names(problem, kind, own)
    lowering = Lowering(problem, names, _shapes(problem, kind, own))
    lowering.used.update({own} - {""})
    root = returned(lowering, expr, axes)
    Sizes(lowering)  # notes the arguments that sizes are read from
    return Plan(problem, kind, expr, axes, names, lowering, root)


class Language(Printer, Protocol):
    """A printer that notes the module functions it calls."""

    helpers: set[str]


def written(problem: Problem, result: Expr, kind: str, printers: Callable[[str], Language]) -> Code:
    """A function in another language.

    Args:
        printers: makes a printer, given the spelling of an argument that the function reads, or "".
    """
    found = plan(problem, result, kind)
    printer = printers(found.names[found.used[0]] if found.used else "")
    *lines, last = Writer(printer, found.lowering.graph.names, found.taken).write(found.root)
    return found.code(lines, last, printer.helpers)
