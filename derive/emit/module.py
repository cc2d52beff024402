"""A problem and its result as the functions of a module: value, derivative, vjp, jvp."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sympy import Expr, Indexed, Symbol

from derive.emit.contract import contracted, product_over
from derive.emit.graph import Node
from derive.emit.lower import Lowering
from derive.emit.numpycode import HELPERS, NumPy
from derive.emit.results import returned
from derive.emit.sizes import Sizes
from derive.emit.windows import over_the_window
from derive.emit.writer import Printer, Writer
from derive.nodes import entry, indices_of, is_size, scalar, undistributed
from derive.problem import Problem
from derive.text import text_of

_OWN = {"vjp": "g", "jvp": "v", "hvp": "v"}
# What modules use themselves, in any of the languages: a name is spelled the same in all of them.
_RESERVED = {*keyword.kwlist, "np", "math", "float", "range", "torch", "numba", "_inputs", *HELPERS}


def kinds(problem: Problem) -> tuple[str, ...]:
    """The functions of a problem's module: "value"; "derivative", "vjp" and "jvp" if it has a
    variable to differentiate by; "hvp" if it is differentiated more than once."""
    found = ("value", "derivative", "vjp", "jvp") if problem.wrt else ("value",)
    return (*found, "hvp") if len(problem.wrt) > 1 else found


@dataclass(frozen=True)
class Code:
    """One function of a module.

    Attributes:
        name: "value", "derivative", "vjp", "jvp" or "hvp".
        signature: what stands between the brackets of its `def`.
        formula: what it computes, in the input language; "" if that is one name.
        shape: of what it returns, such as "(n, m)".
        arguments: name and shape of each argument.
        lines: the statements before the last, and `last`, which returns.
        helpers: the module functions it calls.
    """

    name: str
    signature: str
    formula: str
    shape: str
    arguments: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    last: str
    helpers: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """One function before it is written in any language.

    Attributes:
        problem: the question that it belongs to.
        kind: "value", "derivative", "vjp", "jvp" or "hvp".
        expr: what it computes, and `axes`, the letters of what it returns.
        names: how every variable, size and defined name is spelled.
        lowering: its graph, and the arguments' shapes; `root` is the node it returns.
        sizes: the statements that read sizes off the arguments' shapes.
    """

    problem: Problem
    kind: str
    expr: Expr
    axes: tuple[Symbol, ...]
    names: Mapping[str, str]
    lowering: Lowering
    root: Node
    sizes: tuple[str, ...]

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
    sizes = Sizes(lowering).lines
    return Plan(problem, kind, expr, axes, names, lowering, root, tuple(sizes))


class Language(Printer, Protocol):
    """A printer that notes the module functions it calls."""

    helpers: set[str]


def _numpy(_: str) -> Language:
    return NumPy()


# Makes the printer of one function, given the spelling of an argument that it reads, or "".
Printers = Callable[[str], Language]


def functions(problem: Problem, result: Expr, printers: Printers = _numpy) -> tuple[Code, ...]:
    """The functions of a problem's module."""
    return tuple(code(problem, result, kind, printers) for kind in kinds(problem))


def code(problem: Problem, result: Expr, kind: str, printers: Printers = _numpy) -> Code:
    """One function: what it computes, and its statements.

    Raises:
        UnsupportedError: an expression has no array operations, or a size cannot be known.
    """
    found = plan(problem, result, kind)
    names, shapes, used = found.names, found.lowering.shapes, found.used
    printer = printers(names[used[0]] if used else "")
    writer = Writer(printer, found.lowering.graph.names, found.taken)
    *lines, last = writer.write(found.root)
    return Code(
        kind,
        signature(found),
        formula(found),
        shape_text(problem.extents[letter] for letter in found.axes),
        tuple((names[name], shape_text(shapes[name])) for name in used),
        (*prologue(found), *found.sizes, *lines),
        last,
        frozenset(printer.helpers),
    )


def formula(found: Plan) -> str:
    """What a function computes, in the input language; "" if that is one name."""
    is_name = isinstance(found.expr, Symbol | Indexed)
    return "" if is_name else text_of(found.expr, found.problem)


def signature(found: Plan) -> str:
    """Keyword arguments only; those that are not used may be left out."""
    names = found.names
    others = [f"{names[name]}=None" for name in found.problem.variables if name not in found.used]
    return ", ".join(["*", *(names[name] for name in found.used), *others])


def _own_argument(problem: Problem, kind: str) -> str:
    """The name of the vector that is multiplied by: g or v, unless the problem has such a name."""
    own = _OWN.get(kind, "")
    return f"{own}_direction" if own in problem.shapes else own


def _question(
    problem: Problem, result: Expr, kind: str, own: str
) -> tuple[Expr, tuple[Symbol, ...]]:
    """The expression a function returns and the letters of its axes."""
    if kind == "value":
        return problem.target, problem.axes
    if kind == "derivative":
        return over_the_window(contracted(result, problem.extents), problem), (
            *problem.axes,
            *problem.wrt_axes,
        )
    given = _own_letters(problem, kind)
    kept = _letters(problem.wrt) if kind == "vjp" else problem.axes
    if kind == "hvp":
        kept = tuple(dict.fromkeys((*problem.axes, *_letters(problem.wrt[:-1]))))
    with undistributed():
        expr = (entry(own, *given) if given else scalar(own)) * contracted(result, problem.extents)
        for letter in reversed([i for i in given if i not in kept]):
            expr = product_over(expr, letter, problem.extents)
    return over_the_window(expr, problem), kept


def _own_letters(problem: Problem, kind: str) -> tuple[Symbol, ...]:
    """The letters of g: the target's; of v: those of what is differentiated by, in a product with
    a Hessian by the last variable."""
    if kind == "vjp":
        return problem.axes
    return _letters(problem.wrt[-1:] if kind == "hvp" else problem.wrt)


def _letters(variables: Iterable[Expr]) -> tuple[Symbol, ...]:
    """The letters of variables, each once."""
    return tuple(dict.fromkeys(i for variable in variables for i in indices_of(variable)))


def argument_names(problem: Problem, kind: str) -> dict[str, str]:
    """How the problem's variables are spelled as arguments of a function."""
    names = _names(problem, kind, _own_argument(problem, kind))
    return {name: names[name] for name in problem.variables}


def own_shape(problem: Problem, kind: str) -> dict[str, tuple[Expr, ...]]:
    """The spelling and shape of the vector that a function multiplies by; {} if there is none."""
    own = _own_argument(problem, kind)
    return {_OWN[kind]: _shapes(problem, kind, own)[own]} if own else {}


def _names(problem: Problem, kind: str, own: str) -> dict[str, str]:
    """How every name is spelled: as it is, or with a trailing _ where Python or this module has
    another use for it."""
    every = [*problem.shapes, *(str(s) for s in _sizes(problem))]
    reserved = _RESERVED | {_OWN.get(kind, "")}
    taken = {name for name in every if name not in reserved} | reserved
    names = {own: _OWN[kind]} if own else {}
    for name in every:
        spelled = name
        while spelled in reserved or (spelled != name and spelled in taken):
            spelled += "_"
        taken.add(spelled)
        names[name] = spelled
    return names


def _sizes(problem: Problem) -> list[Symbol]:
    extents = [*(size for shape in problem.shapes.values() for size in shape)]
    found = {s for e in [*extents, *problem.extents.values()] for s in e.free_symbols}
    return sorted((s for s in found if is_size(s)), key=str)


def _shapes(problem: Problem, kind: str, own: str) -> dict[str, tuple[Expr, ...]]:
    """The shapes of all arguments, the function's own first."""
    shapes: dict[str, tuple[Expr, ...]] = {}
    if own:
        shapes[own] = tuple(problem.extents[letter] for letter in _own_letters(problem, kind))
    return shapes | {name: problem.shapes[name] for name in problem.variables}


def prologue(found: Plan) -> list[str]:
    """The statement that makes arrays of the arguments."""
    if not found.read:
        return []
    spelled = [found.names[name] for name in found.read]
    shapes = found.lowering.shapes
    texts = [" ".join(str(s).replace(" ", "") for s in shapes[n]) for n in found.read]
    given = ", ".join(f'{s}=({s}, "{text}")' for s, text in zip(spelled, texts, strict=True))
    left = ", ".join(spelled) if len(spelled) > 1 else f"({spelled[0]},)"
    return [f"{left} = _inputs({given})"]


def shape_text(sizes: Iterable[Expr]) -> str:
    """A shape as Python writes it."""
    texts = [str(size) for size in sizes]
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
