"""The functions of a numba module: each a Python function around a compiled kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr

from derive.emit.backends.entries import weak_text
from derive.emit.backends.extents import Extents
from derive.emit.backends.loops import Loops
from derive.emit.backends.samples import all_samples
from derive.emit.graph import Node
from derive.emit.module import kinds
from derive.emit.numpycode import helpers_in
from derive.emit.plan import Code, Plan, plan
from derive.emit.reciprocals import by_reciprocals
from derive.emit.sizes import Sizes
from derive.emit.writer import listed
from derive.problem import Problem


@dataclass(frozen=True)
class Kernel:
    """A compiled function.

    Attributes:
        name, parameters: of its `def`.
        sizes: the lengths of axes among its parameters.
        lines: its body.
    """

    name: str
    sizes: tuple[str, ...]
    parameters: str
    lines: tuple[str, ...]

    @property
    def helpers(self) -> set[str]:
        """The module functions it calls."""
        return helpers_in("\n".join(self.lines))


def numba_module(problem: Problem, result: Expr) -> dict[str, Any]:
    """What the template of a numba module is filled with.

    Raises:
        UnsupportedError: an expression has no array operations, or one of them no loops.
    """
    made = [_function(_planned(problem, result, kind)) for kind in kinds(problem)]
    helpers = frozenset[str]().union(*(code.helpers for code, _ in made))
    return {
        "functions": [code for code, _ in made],
        "kernels": [kernel for _, kernel in made],
        "helpers": _with_what_they_call(helpers),
        "products": any("np.dot(" in line for _, kernel in made for line in kernel.lines),
    }


def _planned(problem: Problem, result: Expr, kind: str) -> Plan:
    found = plan(problem, result, kind)
    return replace(found, root=by_reciprocals(found.lowering.graph, found.root, shares=True))


# The module's functions that other ones call.
_CALLS = {
    "_shift": ("_moderate",),
    "_is_beyond": ("_moderate",),
    "_parts": ("_at_least", "_at_most", "_by_type", "_split"),
    "_low_parts": ("_at_least", "_by_type", "_split"),
    "_exp": ("_parts",),
    "_expm1": ("_parts",),
    "_low_exp": ("_low_parts",),
    "_exp_difference": ("_exp", "_put_right"),
    "_tanh": ("_low_parts",),
    "_sigmoid": ("_low_exp",),
    "_sigmoid_slope": ("_low_exp",),
    "_softplus": ("_low_exp",),
    "_log_cosh": ("_low_exp",),
    "_near_0": ("_by_type",),
    "_far_off": ("_by_type",),
    "_erf": ("_at_most", "_far_off", "_low_exp", "_near_0"),
    "_bell": ("_at_most", "_low_parts"),
    "_tail": ("_at_most", "_bell", "_far_off"),
    "_erfc": ("_tail",),
    "_normal_cdf": ("_tail",),
    "_normal_pdf": ("_bell",),
    "_slope_far_off": ("_by_type",),
    "_gelu_slope": ("_at_most", "_bell", "_slope_far_off"),
    "_log_normal_cdf": ("_mills",),
    "_inverse_mills": ("_mills", "_bell"),
    "_mills": ("_tail",),
    "_tanhshrink": ("_tanh",),
}


def _with_what_they_call(helpers: frozenset[str]) -> frozenset[str]:
    more = helpers.union(*(_CALLS.get(name, ()) for name in helpers))
    return helpers if more == helpers else _with_what_they_call(more)


def _function(found: Plan) -> tuple[Code, Kernel]:
    lowering, names = found.lowering, found.names
    for name in found.used:
        for extent in lowering.shapes[name]:
            lowering.size(extent)
    shape = [weak_text(lowering.extent(letter)).text for letter in found.axes]
    Sizes(lowering)  # notes the arguments that sizes are read from
    kernel = _kernel(found, [names[str(size)] for size in sorted(lowering.sizes, key=str)])
    ranks = {names[v]: len(lowering.shapes[v]) for v in found.read}
    last = (
        f"return _run({kernel.name}, ({listed(shape)}), ({listed(kernel.sizes)}), "
        f"{_pairs(ranks, [names[v] for v in found.used])}, "
        f"{_pairs(ranks, [names[v] for v in found.read if v not in found.used])})"
    )
    return found.code((), last, kernel.helpers), kernel


def _pairs(ranks: Mapping[str, int], names: Sequence[str]) -> str:
    return f"[{', '.join(f'({name}, {ranks[name]})' for name in names)}]"


def _kernel(found: Plan, sizes: Sequence[str]) -> Kernel:
    """The loops, written again until all that is worth storing is stored."""
    stored: dict[Node, int] = {}
    while True:
        loops = _loops(found, stored)
        if loops.again() == stored:
            break
        stored = loops.again()
    names = [found.names[v] for v in found.used]
    parameters = {name: loops.fresh(f"{name}s") for name in names}
    out = loops.fresh("out")
    samples = [*all_samples(loops, parameters, out)]
    return Kernel(
        f"_{found.question.kind}",
        (*sizes,),
        ", ".join([out, *sizes, *parameters.values()]),
        (f"real = {out}.dtype.type", *loops.head, *samples),
    )


def _loops(found: Plan, stored: dict[Node, int]) -> Loops:
    taken = found.taken | {"abs"}  # kernels call it, and it is what absolute values are named
    loops = Loops(Extents(found), taken, found.lowering.graph.names, stored)
    loops.write(found.root)
    return loops
