"""A problem and its result as the functions of a module: value, derivative, vjp, jvp."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Indexed, Symbol

from derive.emit.contract import contracted, product_over
from derive.emit.graph import Node
from derive.emit.interchange import interchanged
from derive.emit.lower import Lowering
from derive.emit.numpycode import HELPERS, NumPy
from derive.emit.results import returned
from derive.emit.sizes import Sizes
from derive.emit.windows import over_the_window
from derive.emit.writer import Writer
from derive.nodes import entry, indices_of, is_size, scalar, undistributed
from derive.problem import Problem
from derive.text import text_of

_OWN = {"vjp": "g", "jvp": "v", "hvp": "v"}
# What modules use themselves, in any language: a name is spelled the same in all of them.
_RESERVED = {
    *keyword.kwlist,
    "np",
    "math",
    "float",
    "torch",
    "numba",
    "range",
    "real",
    "_self_test",
}
_RESERVED |= {"_inputs", "_in_blocks", "_self_test", *HELPERS}


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

    @property
    def blocks(self) -> tuple[str, ...]:
        """The arguments, if all are numbers, so that long arrays of them can be taken in pieces,
        and if something is gained by that: more than one statement, or a function of the
        module's. Else ()."""
        shapes = {self.shape, *(shape for _, shape in self.arguments)}
        busy = len(self.lines) > 1 or self.helpers
        plain = shapes == {"()"} and "_spread" not in self.helpers
        return tuple(name for name, _ in self.arguments) if busy and plain else ()


def functions(problem: Problem, result: Expr) -> tuple[Code, ...]:
    """The functions of a problem's module."""
    return tuple(code(problem, result, kind) for kind in kinds(problem))


def code(problem: Problem, result: Expr, kind: str) -> Code:
    """One function: what it computes, and its statements.

    Raises:
        UnsupportedError: an expression has no array operations, or a size cannot be known.
    """
    own = _own_argument(problem, kind)
    expr, axes = _question(problem, result, kind, own)
    names = _names(problem, kind, own)
    shapes = _shapes(problem, kind, own)
    lowering = Lowering(problem, names, shapes)
    lowering.used.update({own} - {""})
    root = returned(lowering, expr, axes)
    sizes = Sizes(lowering).lines
    used = [name for name in shapes if name in lowering.used]
    printer = NumPy()
    *lines, last = Writer(printer, lowering.graph.names, {*names.values(), *_RESERVED}).write(root)
    return Code(
        kind,
        _signature(used, problem.variables, names),
        "" if isinstance(expr, Symbol | Indexed) else text_of(expr, problem),
        _shape(problem.extents[letter] for letter in axes),
        tuple((names[name], _shape(shapes[name])) for name in used),
        (*_prologue(used, root, lowering), *sizes, *lines),
        last,
        frozenset(printer.helpers),
    )


def _signature(used: Sequence[str], variables: Iterable[str], names: Mapping[str, str]) -> str:
    """Keyword arguments only; those that are not used may be left out."""
    others = [f"{names[name]}=None" for name in variables if name not in used]
    return ", ".join(["*", *(names[name] for name in used), *others])


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
    return over_the_window(interchanged(expr, problem), problem), kept


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


def _prologue(used: Sequence[str], root: Node, lowering: Lowering) -> list[str]:
    """The statement that makes arrays of the arguments."""
    spread = root.args[1:] if root.op == "spread" else ()
    seen = {str(node.data[0]) for node in spread}
    read = [n for n in lowering.shapes if n in used or lowering.names[n] in seen]
    if not read:
        return []
    spelled = [lowering.names[name] for name in read]
    shapes = [" ".join(str(s).replace(" ", "") for s in lowering.shapes[n]) for n in read]
    given = ", ".join(f'{s}=({s}, "{shape}")' for s, shape in zip(spelled, shapes, strict=True))
    left = ", ".join(spelled) if len(spelled) > 1 else f"({spelled[0]},)"
    return [f"{left} = _inputs({given})"]


def _shape(sizes: Iterable[Expr]) -> str:
    texts = [str(size) for size in sizes]
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
