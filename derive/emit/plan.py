"""One function of a module: what it computes as a graph, then written by any language's printer.

The way through: a `Question` says which expression is asked for and what is given; `returned` makes
a graph of it, with `Lowering`; `Sizes` says where lengths are read; a `Writer` makes statements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sympy import Expr, Indexed, Symbol

from derive.emit.exactly import Care
from derive.emit.graph import Node
from derive.emit.lower import Lowering
from derive.emit.module import RESERVED, Question
from derive.emit.powers import with_shared_powers
from derive.emit.results import returned
from derive.emit.scaling import with_scaled_operands
from derive.emit.sizes import Sizes
from derive.emit.writer import Printer, Writer, listed
from derive.problem import Problem
from derive.text import text_of

_WIDTH = 96  # of a line in a function; in a longer one, what is given to a call has its own


@dataclass(frozen=True)
class Code:
    """One function of a module, as text.

    Attributes:
        name: "value", "derivative", "vjp", "jvp" or "hvp".
        signature: what stands between the brackets of its `def`.
        formula: what it computes, in the input language; "" if that is one name.
        shape: of what it returns, such as "(n, m)".
        arguments: name and shape of each argument.
        lines: the statements before the last, and `last`, which returns.
        helpers: the module functions it calls.
        ranks: of the arguments, by name, if large arrays are taken in pieces; () if they are not.
        out: then the name of an array that has room for the result.
        pieces: whether these are pieces of arrays of numbers, for which the last statement puts the
            result there.
    """

    name: str
    signature: str
    formula: str
    shape: str
    arguments: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    last: str
    helpers: frozenset[str]
    ranks: tuple[tuple[str, int], ...] = ()
    out: str = ""
    pieces: bool = False


@dataclass(frozen=True)
class Plan:
    """What a function computes.

    Attributes:
        question: what is asked.
        expr: what it computes, and `axes`, the letters of what it returns.
        lowering: its graph, and the arguments' shapes; `root` is the node it returns.
    """

    question: Question
    expr: Expr
    axes: tuple[Symbol, ...]
    lowering: Lowering
    root: Node

    @property
    def names(self) -> dict[str, str]:
        """How every variable, size and defined name is spelled."""
        return self.question.names

    @property
    def used(self) -> tuple[str, ...]:
        """The arguments that are read, by the problem's names."""
        return tuple(name for name in self.question.shapes if name in self.lowering.used)

    @property
    def read(self) -> tuple[str, ...]:
        """The same, and those whose samples count although they are not read."""
        spread = self.root.args[1:] if self.root.op == "spread" else ()
        seen = {str(node.data[0]) for node in spread}
        shapes = self.question.shapes
        return tuple(n for n in shapes if n in self.used or self.names[n] in seen)

    @property
    def ranks(self) -> tuple[tuple[str, int], ...]:
        """The spelling and the number of axes of all that is read."""
        return tuple((self.names[name], len(self.question.shapes[name])) for name in self.read)

    @property
    def taken(self) -> set[str]:
        """Names that no local variable may have."""
        return {*self.names.values(), *RESERVED}

    def code(self, lines: Iterable[str], last: str, helpers: Iterable[str]) -> Code:
        """The function with these statements after those that read its arguments."""
        names, shapes = self.names, self.question.shapes
        sizes = Sizes(self.lowering).lines
        return Code(
            self.question.kind,
            self._signature(),
            self._formula(),
            _shape(self.question.problem.extents[letter] for letter in self.axes),
            tuple((names[name], _shape(shapes[name])) for name in self.used),
            (*self._prologue(), *sizes, *lines),
            last,
            frozenset(helpers),
        )

    def text(self, writer: Writer, root: Node) -> Code:
        """The function with the statements that a writer makes of a root."""
        *lines, last = writer.write(root)
        return self.code(lines, last, writer.printer.helpers)

    def _signature(self) -> str:
        """Keyword arguments only; those that are not used may be left out."""
        names, variables = self.names, self.question.problem.variables
        others = [f"{names[name]}=None" for name in variables if name not in self.used]
        return ", ".join(["*", *(names[name] for name in self.used), *others])

    def _prologue(self) -> list[str]:
        """The statement that makes arrays of the arguments."""
        names, shapes = self.names, self.question.shapes
        spelled = [names[name] for name in self.read]
        sizes = [" ".join(str(s).replace(" ", "") for s in shapes[n]) for n in self.read]
        given = [f'{s}=({s}, "{axes}")' for s, axes in zip(spelled, sizes, strict=True)]
        left = ", ".join(spelled) if len(spelled) > 1 else f"({spelled[0]},)" if spelled else ""
        return [f"{left} = _inputs({_wrapped(given, len(left))})"] if spelled else []

    def _formula(self) -> str:
        """What is computed, in the input language but with names as the code spells them; "" if
        that is one name."""
        if isinstance(self.expr, Symbol | Indexed):
            return ""
        text = text_of(self.expr, self.question.problem)
        return re.sub(r"[A-Za-z_]\w*", lambda found: self._spelling(found[0]), text)

    def _spelling(self, word: str) -> str:
        known = {*self.question.shapes, *self.question.problem.shapes}
        return self.names[word] if word in known else word


def _shape(sizes: Iterable[Expr]) -> str:
    return f"({listed([*map(str, sizes)])})"


def _wrapped(given: Sequence[str], before: int) -> str:
    """What is given to a call, with line breaks where it is too long, as formatters make them."""
    text = ", ".join(given)
    if before + len(f" = _inputs({text})") <= _WIDTH:
        return text
    each = text if len(text) <= _WIDTH - 4 else ",\n        ".join(given) + ","
    return f"\n        {each}\n    "


def plan(problem: Problem, result: Expr, kind: str, *, care: Care = Care.SHIFTS) -> Plan:
    """What a function computes, as a graph; `care` as for `Lowering`.

    Raises:
        UnsupportedError: an expression has no array operations, or a size cannot be known.
    """
    question = Question(problem, kind)
    expr, axes = question.posed(result)
    lowering = Lowering(problem, question.names, question.shapes, care)
    lowering.used.update({question.own} - {""})
    root = returned(lowering, expr, axes)
    if care is not Care.NONE:
        root = with_scaled_operands(lowering.graph, with_shared_powers(lowering.graph, root))
    Sizes(lowering)  # notes the arguments that sizes are read from
    return Plan(question, expr, axes, lowering, root)


def written(problem: Problem, result: Expr, kind: str, printers: Callable[[str], Printer]) -> Code:
    """A function in a language. Raises what `plan` raises.

    Args:
        printers: makes a printer, given the spelling of an argument that the function reads, or "".
    """
    found = plan(problem, result, kind)
    printer = printers(found.names[found.used[0]] if found.used else "")
    return found.text(Writer(printer, found.lowering.graph.names, found.taken), found.root)
