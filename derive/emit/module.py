"""A problem and its result as the functions of a module: value, derivative, vjp, jvp."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Indexed, KroneckerDelta, Symbol

from derive.emit.contract import contracted, sum_over
from derive.emit.dag import Writer
from derive.emit.lower import Lowering
from derive.errors import UnsupportedError
from derive.nodes import Binder, entry, indices_of, is_size, scalar, undistributed
from derive.problem import Problem
from derive.text import text_of

KINDS = ("value", "derivative", "vjp", "jvp")
_OWN = {"vjp": "g", "jvp": "v"}
_RESERVED = {*keyword.kwlist, "np", "math", "float", "_inputs", "_sigmoid", "_softplus", "_erf"}
_RESERVED |= {"_abs", "_sign"}


@dataclass(frozen=True)
class Code:
    """One function of a module.

    Attributes:
        name: "value", "derivative", "vjp" or "jvp".
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


def functions(problem: Problem, result: Expr) -> tuple[Code, ...]:
    """The functions of a problem's module; only `value` if it has no variable to derive by."""
    return tuple(code(problem, result, kind) for kind in (KINDS if problem.wrt else KINDS[:1]))


def code(problem: Problem, result: Expr, kind: str) -> Code:
    """One function: what it computes, and its statements.

    Raises:
        UnsupportedError: an expression has no array operations, or a size cannot be known.
    """
    own = _own_argument(problem, kind)
    expr, axes = _question(problem, result, kind, own)
    names = _names(problem, kind, own)
    shapes = _shapes(problem, kind, own)
    lowering = Lowering(problem, names, shapes, elementwise=is_elementwise(problem, result))
    lowering.used.update({own} - {""})
    root = lowering.returned(expr, axes)
    for size in lowering.sizes:
        _read_size(size, lowering)
    used = [name for name in shapes if name in lowering.used]
    *lines, last = Writer(lowering.graph.names, {*names.values(), *_RESERVED}).write(root)
    return Code(
        kind,
        _signature(used, problem.variables, names),
        "" if isinstance(expr, Symbol | Indexed) else text_of(expr, problem),
        _shape(problem.extents[letter] for letter in axes),
        tuple((names[name], _shape(shapes[name])) for name in used),
        (*_prologue(used, lowering), *lines),
        last,
        frozenset(lowering.helpers),
    )


def is_elementwise(problem: Problem, result: Expr) -> bool:
    """Whether a problem is about numbers only, so that arrays of them can be worked on at once."""
    parts = (problem.target, result, *(d.body for d in problem.definitions))
    indexed = any(part.has(Binder, Indexed, KroneckerDelta) for part in parts)
    return not indexed and not any(problem.shapes.values()) and not problem.axes


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
        return contracted(result), (*problem.axes, *problem.wrt_axes)
    inputs = _wrt_letters(problem)
    given, kept = (problem.axes, inputs) if kind == "vjp" else (inputs, problem.axes)
    with undistributed():
        expr = (entry(own, *given) if given else scalar(own)) * contracted(result)
        for letter in reversed([i for i in given if i not in kept]):
            expr = sum_over(expr, letter, problem.extents[letter])
    return expr, kept


def _wrt_letters(problem: Problem) -> tuple[Symbol, ...]:
    """The letters of what is differentiated by, each once."""
    return tuple(dict.fromkeys(i for variable in problem.wrt for i in indices_of(variable)))


def argument_names(problem: Problem, kind: str) -> dict[str, str]:
    """How the problem's variables are spelled as arguments of a function."""
    names = _names(problem, kind, _own_argument(problem, kind))
    return {name: names[name] for name in problem.variables}


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
        letters = problem.axes if kind == "vjp" else _wrt_letters(problem)
        shapes[own] = tuple(problem.extents[letter] for letter in letters)
    return shapes | {name: problem.shapes[name] for name in problem.variables}


def _read_size(size: Symbol, lowering: Lowering) -> None:
    """See to it that a size can be read from an argument: one that is used anyway, or another."""
    holders = [name for name, shape in lowering.shapes.items() if size in shape]
    if not holders:
        raise UnsupportedError(f"the size {size} cannot be read from the shape of any argument")
    if not lowering.used.intersection(holders):
        lowering.used.add(holders[0])


def _prologue(used: Sequence[str], lowering: Lowering) -> list[str]:
    """The statements that make arrays of the arguments and read off the sizes."""
    if not used:
        return []
    spelled = [lowering.names[name] for name in used]
    shapes = [" ".join(map(str, lowering.shapes[name])) for name in used]
    pairs = zip(spelled, shapes, strict=True)
    elementwise = lowering.elementwise
    given = ", ".join(f"{s}={s}" if elementwise else f'{s}=({s}, "{shape}")' for s, shape in pairs)
    left = ", ".join(spelled) if len(spelled) > 1 else f"({spelled[0]},)"
    lines = [f"{left} = _inputs({given})"]
    for size in sorted(lowering.sizes, key=str):
        name = next(n for n in used if size in lowering.shapes[n])
        axis = lowering.shapes[name].index(size)
        lines.append(f"{lowering.names[str(size)]} = {lowering.names[name]}.shape[{axis}]")
    return lines


def _shape(sizes: Iterable[Expr]) -> str:
    texts = [str(size) for size in sizes]
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
