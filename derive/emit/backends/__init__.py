"""Every library that modules are written for: a printer, a template and an entry in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sympy import Expr

from derive.emit.backends.autograd import torch_module
from derive.emit.backends.boosting import booster_module
from derive.emit.backends.numbacode import numba_module
from derive.emit.exactly import Care
from derive.emit.module import kinds
from derive.emit.pieces import code
from derive.problem import Problem

# A problem and its derivative.
Answer = tuple[Problem, Expr]
Fill = Callable[[Problem, Expr, Answer | None], Mapping[str, Any]]


@dataclass(frozen=True)
class Backend:
    """How modules for one library are written.

    Attributes:
        template: the file that lays a module out.
        fill: what it is filled with, apart from what it tells of the problem.
        library: the name by which the library is imported.
        curved: whether it wants the derivative differentiated once more, by the same variable.
    """

    template: str
    fill: Fill
    library: str
    curved: bool = False


def numpy_module(
    problem: Problem, result: Expr, care: Care, only: str | None = None
) -> dict[str, Any]:
    """What the template of a NumPy module is filled with: all functions, or one. `care` as for
    `Lowering`."""
    wanted = kinds(problem) if only is None else (only,)
    made = [code(problem, result, kind, care=care) for kind in wanted]
    helpers = frozenset[str]().union(*(f.helpers for f in made))
    return {"functions": made, "helpers": helpers, "plain": care is Care.NONE}


def _numpy(problem: Problem, result: Expr, _: Answer | None) -> dict[str, Any]:
    return numpy_module(problem, result, Care.ARGUMENTS)


def _numba(problem: Problem, result: Expr, _: Answer | None) -> dict[str, Any]:
    return numba_module(problem, result)


def _torch(problem: Problem, result: Expr, _: Answer | None) -> dict[str, Any]:
    return torch_module(problem, result)


BACKENDS = {
    "numpy": Backend("module.py.j2", _numpy, "numpy"),
    "numba": Backend("numba.py.j2", _numba, "numba"),
    "torch": Backend("torch.py.j2", _torch, "torch"),
    **{
        library: Backend("boosting.py.j2", partial(booster_module, library), library, curved=True)
        for library in ("lightgbm", "xgboost")
    },
}
