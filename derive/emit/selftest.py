"""What an emitted module needs to test itself: inputs, and what its functions should give there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Eq, Expr, Ge, Gt, Indexed, Le, Lt, Symbol
from sympy.core.relational import Relational

from derive.emit.arrays import marks
from derive.emit.module import argument_names, own_shape
from derive.nodes import Sum, indices_of, name_of
from derive.problem import Problem

_LEAST = 2  # entries of the shortest axis; the others have one more each


@dataclass(frozen=True)
class Check:
    """A function held against differences of the value.

    Attributes:
        function: its name, and `arguments`, what it is called with.
        own: the vector it multiplies by, with its shape; "" if there is none.
        cut: what the differences are cut by, such as "[:, :2]": a letter of the target may stop
            short of the end of an axis; "" where they are needed whole.
        spec: what `np.einsum` makes of that vector and the differences.
        by: the variables that differences are taken of, one after the other.
    """

    function: str
    arguments: str
    own: str
    shape: tuple[int, ...]
    cut: str
    spec: str
    by: tuple[str, ...]


def self_test(
    problem: Problem, functions: Mapping[str, tuple[str, Problem]]
) -> dict[str, Any] | None:
    """What the template of a self-test is filled with; None if there is nothing to test, or no
    inputs are known that meet the assumptions.

    Args:
        functions: the module's functions, apart from `value`: each with what kind of function it
            is ("derivative", "vjp", "jvp", "hvp") of which problem.
    """
    totals = [_total(a) for a in problem.assumptions if not _is_met(a)]
    if not functions or any(total is None for total in totals):
        return None
    lengths = _lengths(problem)
    names = argument_names(problem, "value")
    return {
        "shapes": {names[v]: _shape(problem.shapes[v], lengths) for v in problem.variables},
        "totals": [(names[name], axis, value) for name, axis, value in filter(None, totals)],
        "checks": [_check(name, kind, asked, lengths) for name, (kind, asked) in functions.items()],
    }


def _check(name: str, kind: str, problem: Problem, lengths: Mapping[Symbol, int]) -> Check:
    wrt = [indices_of(variable) for variable in problem.wrt]
    whole = (*problem.axes, *problem.wrt_axes)
    letters = marks(whole)
    names, inside = argument_names(problem, "value"), argument_names(problem, kind)
    full = "".join(letters[i] for i in (*problem.axes, *(i for found in wrt for i in found)))
    given, kept = _contraction(kind, problem.axes, wrt, whole)
    first = "" if kind == "derivative" else "".join(letters[i] for i in given) + ","
    ((own, shape),) = own_shape(problem, kind).items() or [("", ())]
    each = ", ".join(f'{inside[v]}=given["{names[v]}"]' for v in problem.variables)
    return Check(
        name,
        "**given" if inside == names else each,
        own,
        _shape(shape, lengths),
        _cut(problem, lengths),
        f"{first}{full}->{''.join(letters[i] for i in kept)}",
        tuple(names[name_of(variable)] for variable in problem.wrt),
    )


def _cut(problem: Problem, lengths: Mapping[Symbol, int]) -> str:
    """The differences as far as the letters of their axes run."""
    pairs = [
        (problem.extents[letter], size)
        for variable in problem.wrt
        for letter, size in zip(
            indices_of(variable), problem.shapes[name_of(variable)], strict=True
        )
    ]
    ends = [f":{_shape([own], lengths)[0]}" if own != size else ":" for own, size in pairs]
    return f"[{', '.join([':'] * len(problem.axes) + ends)}]" if set(ends) - {":"} else ""


def _contraction(
    kind: str, axes: Sequence[Symbol], wrt: Sequence[Sequence[Symbol]], whole: Sequence[Symbol]
) -> tuple[Sequence[Symbol], Sequence[Symbol]]:
    """The letters of the vector that a function multiplies by, and of what it returns."""
    every, last = _each(i for found in wrt for i in found), _each(wrt[-1])
    if kind == "vjp":
        return axes, every
    if kind == "jvp":
        return every, axes
    if kind == "hvp":
        return last, _each([*axes, *(i for found in wrt[:-1] for i in found)])
    return (), whole


def _each(letters: Iterable[Symbol]) -> tuple[Symbol, ...]:
    return tuple(dict.fromkeys(letters))


def _is_met(assumption: Relational) -> bool:
    """Whether it says of an input that it is more than 0, or less than something from 1 up: that is
    what inputs are drawn from first."""
    left, right = assumption.args
    if not isinstance(left, Indexed | Symbol) or not right.is_Number:
        return False
    if isinstance(assumption, Gt | Ge):
        return bool(right <= 0)
    return isinstance(assumption, Lt | Le) and bool(right >= 1)


def _total(assumption: Relational) -> tuple[str, int, Any] | None:
    """The input, the axis counted from the back and the number of sum(y[k], k) == 1; None for
    anything else."""
    left, right = assumption.args
    if not isinstance(assumption, Eq) or not isinstance(left, Sum) or not right.is_Number:
        return None
    if not isinstance(left.body, Indexed) or left.letter not in left.body.indices:
        return None
    place = list(left.body.indices).index(left.letter)
    return name_of(left.body), place - len(left.body.indices), right


def _lengths(problem: Problem) -> dict[Symbol, int]:
    return {size: _LEAST + place for place, size in enumerate(problem.sizes)}


def _shape(sizes: Sequence[Expr], lengths: Mapping[Symbol, int]) -> tuple[int, ...]:
    return tuple(int(size.xreplace(lengths)) for size in sizes)
