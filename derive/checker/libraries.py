"""Emitted modules as functions of NumPy arrays, whatever library they are written for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from types import ModuleType
from typing import Any

import numpy as np
from sympy import Symbol

from derive.checker.differences import Array, Inputs
from derive.emit.backends import BACKENDS
from derive.emit.backends.loading import loaded
from derive.emit.module import argument_names, kinds, own_shape
from derive.nodes import name_of
from derive.problem import Problem

# What there is to know of a function: its name, its kind, of which problem, and itself.
Parts = tuple[str, str, Problem, Callable[..., Any]]


@dataclass(frozen=True)
class Function:
    """One function of a module, for NumPy arrays.

    Attributes:
        name: as the module calls it.
        kind: "value", "derivative", "vjp", "jvp" or "hvp", of `problem`.
        call: takes what `convert` makes of arrays.
        names: how the problem's variables are spelled as its arguments.
        own: the spelling of the vector that it multiplies by; "" if there is none.
    """

    name: str
    kind: str
    problem: Problem
    call: Callable[..., Any]
    convert: Callable[[Array], Any]
    names: Mapping[str, str]
    own: str

    def __call__(self, inputs: Inputs, vector: Array | None = None) -> Array:
        """What it gives for arrays by the problem's names; nan where they do not fit: a wrong
        function may mix up its axes."""
        given = {self.names[name]: self.convert(array) for name, array in inputs.items()}
        if vector is not None:
            given[self.own] = self.convert(vector)
        try:
            return np.asarray(self.call(**given))
        except (ValueError, RuntimeError):  # PyTorch's errors are of the second kind
            return np.array(np.nan)

    def drawn(self, sizes: Mapping[Symbol, int], chance: np.random.Generator) -> Array | None:
        """A vector for it to multiply by; None if it takes none."""
        for shape in own_shape(self.problem, self.kind).values():
            return np.array(chance.standard_normal([int(n.xreplace(sizes)) for n in shape]))
        return None


@dataclass(frozen=True)
class Emitted:
    """A module.

    Attributes:
        backend: what it is written for.
        functions: by name, `value` first.
        module: itself.
    """

    backend: str
    functions: Mapping[str, Function]
    module: ModuleType

    @property
    def value(self) -> Function:
        return self.functions["value"]

    @property
    def takes_complex(self) -> bool:
        """Whether its arguments may be complex: NumPy's may."""
        return self.backend not in ("numba", "torch")

    def by_autograd(self, inputs: Inputs) -> Array:
        """What PyTorch's autograd makes of the value of a module that is written for it: the
        derivative by every entry, its axes last."""
        slope: Callable[..., Any] = self.value.call
        for variable in self.value.problem.wrt:
            slope = _jacobian(slope, self.value.names[name_of(variable)])
        given = {self.value.names[name]: _tensor(array) for name, array in inputs.items()}
        return np.asarray(slope(**given).detach())


@contextmanager
def emitted(backend: str, text: str, problem: Problem) -> Iterator[Emitted]:
    """The functions of a module from its text, as long as it is in use."""
    with loaded(text) as module:
        found = _boosting(module, problem) if BACKENDS[backend].curved else _plain(module, problem)
        convert = _tensor if backend == "torch" else np.asarray
        yield Emitted(
            backend,
            {
                name: Function(
                    *(name, kind, asked, call, convert),
                    names=argument_names(asked, kind),
                    own=next(iter(own_shape(asked, kind)), ""),
                )
                for name, kind, asked, call in found
            },
            module,
        )


def _plain(module: ModuleType, problem: Problem) -> Iterator[Parts]:
    for kind in kinds(problem):
        yield kind, kind, problem, getattr(module, kind)


def _boosting(module: ModuleType, problem: Problem) -> Iterator[Parts]:
    """The functions of an objective's module, and what the objective gives."""
    twice = replace(problem, wrt=problem.wrt * 2)
    slope = "derivative" if hasattr(module, "derivative") else "vjp"
    yield "value", "value", problem, module.value
    yield slope, slope, problem, module.__dict__[slope]
    yield "hessian", slope, twice, module.hessian
    for place, (name, asked) in enumerate((("gradient", problem), ("curvature", twice))):
        yield name, slope, asked, partial(_of_objective, module, problem, slope, place)


class _Data:
    """What a library hands to an objective."""

    def __init__(self, label: Array) -> None:
        self._label = label

    def get_label(self) -> Array:
        return self._label

    def get_weight(self) -> None:
        return None


def _of_objective(
    module: ModuleType, problem: Problem, slope: str, place: int, **given: Array
) -> Array:
    """The gradient or the Hessian that an objective gives, for one sample or several."""
    names = argument_names(problem, slope)
    score = given.pop(names[name_of(problem.wrt[0])])
    labels = ("g",) if slope == "vjp" else ("y", "t")
    label = given.pop(next(name for name in labels if name in given))
    score, label = np.broadcast_arrays(score, label) if slope == "vjp" else (score, label)
    one = score.ndim == len(problem.wrt_axes)
    wanted = [*signature(module.objective).parameters][2:]
    rest = {name if name in wanted else f"{name}_": array for name, array in given.items()}
    if one:
        score, label = score[None], label[None]
    found = np.asarray(module.objective(score, _Data(label), **rest)[place])
    return found[0] if one else found


def _jacobian(value: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The derivative of a function of tensors by one of them; its axes come last."""
    import torch

    def slope(**given: Any) -> Any:
        return torch.func.jacrev(lambda x: value(**{**given, name: x}))(given[name])

    return slope


def _tensor(array: Array) -> Any:
    import torch

    return torch.as_tensor(array)
