"""The names that a PyTorch module's `torch.autograd.Function` is written with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.emit.backends.torchcode import Torch
from derive.emit.module import apart, argument_names, kinds
from derive.emit.plan import written
from derive.emit.writer import listed
from derive.nodes import indices_of, name_of
from derive.problem import Problem
from derive.text import text_of

# What the methods call their own arguments, and what they call.
_TAKEN = frozenset({"ctx", "g", "slope", "value", "vjp", "jvp", "any"})


def autograd(problem: Problem, required: Sequence[str]) -> dict[str, Any] | None:
    """What the template needs for it, or None where there is nothing that autograd could call.

    That is so for second derivatives, and for a part of a derivative only: of softmax(z)[j] by
    z[j], say, which is a diagonal.

    Args:
        required: the variables that `value`, `vjp` or `jvp` reads.
    """
    if len(problem.wrt) != 1 or indices_of(problem.wrt[0]) != problem.wrt_axes:
        return None
    variables, own = problem.variables, name_of(problem.wrt[0])
    outside = argument_names(problem, "value")
    spelled = apart(outside.values(), _TAKEN)
    inside = {v: spelled[name] for v, name in outside.items()}
    tangents = apart((f"{name}_tangent" for name in inside.values()), inside.values())
    tangent = {v: tangents[f"{name}_tangent"] for v, name in inside.items()}
    others = [v for v in variables if v != own]
    return {
        "wrt": text_of(problem.wrt[0], problem),
        "names": [inside[v] for v in variables],
        "call": _keywords(outside, inside),
        "vjp": _keywords(argument_names(problem, "vjp"), inside),
        "jvp": _keywords(argument_names(problem, "jvp"), inside),
        "unpacked": listed([inside[v] for v in variables]),
        "backward": listed([_slope(inside[v]) if v == own else "None" for v in variables]),
        "nothing": ", ".join("None" for _ in variables),
        "tangents": ", ".join(tangent[v] for v in variables),
        "tangent": tangent[own],
        "others": listed([tangent[v] for v in others]),
        "fixed": ", ".join(f"{outside[v]}={inside[v]}" for v in others),
        "signature": _signature(outside, required),
        "prologue": _prologue(problem, outside, inside),
    }


def printer(like: str) -> Torch:
    """The printer of one function, given the spelling of an argument that it reads."""
    return Torch(like=like)


def torch_module(problem: Problem, result: Any) -> dict[str, Any]:
    """What the template of a PyTorch module is filled with."""
    made = [written(problem, result, kind, printer) for kind in kinds(problem)]
    first = argument_names(problem, "value")
    read = {name for f in made if f.name == "value" for name, _ in f.arguments}
    for f in made:
        names = argument_names(problem, f.name)
        read |= {first[v] for v in names if names[v] in dict(f.arguments)}
    return {
        "functions": made,
        "helpers": frozenset[str]().union(*(f.helpers for f in made)),
        "autograd": autograd(problem, [v for v in problem.variables if first[v] in read]),
    }


def _keywords(names: dict[str, str], values: dict[str, str]) -> str:
    return ", ".join(f"{names[v]}={values[v]}" for v in names)


def _slope(name: str) -> str:
    return f"slope.sum_to_size({name}.shape)"


def _signature(names: dict[str, str], required: Sequence[str]) -> str:
    needed = [names[v] for v in names if v in required]
    return ", ".join(["*", *needed, *(f"{names[v]}=None" for v in names if v not in required)])


def _prologue(problem: Problem, outside: dict[str, str], inside: dict[str, str]) -> str:
    shapes = {v: " ".join(str(s).replace(" ", "") for s in problem.shapes[v]) for v in outside}
    given = ", ".join(f'{outside[v]}=({outside[v]}, "{shapes[v]}")' for v in outside)
    left = listed([inside[v] for v in outside])
    return f"{f'({left})' if len(outside) == 1 else left} = _inputs({given})"
