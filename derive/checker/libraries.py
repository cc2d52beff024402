"""Modules emitted for other libraries than NumPy, held against the NumPy functions, and autograd's
derivative of the value against the emitted one: for what is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from sympy import Expr

from derive.checker.differences import Array, Inputs
from derive.checker.numeric import Comparison, Trial, relative_error
from derive.emit import BACKENDS, source
from derive.emit.backends.loading import is_installed, loaded
from derive.errors import UnsupportedError
from derive.nodes import name_of
from derive.problem import Problem

AUTOGRAD = "autograd of torch"
_TOLERANCES = {"numba": 1e-10, "torch": 1e-10, AUTOGRAD: 1e-9}
_SIZE = 3


def compare(problem: Problem, result: Expr, seeds: Sequence[int]) -> tuple[Comparison, ...]:
    """The worst error of each installed library's functions, all of them, at points drawn with
    these seeds; a library that has no code for the problem is left out."""
    trial = Trial(problem, result)
    points = [(trial.inputs(trial.place(_SIZE, seed).point), seed) for seed in seeds]
    found = [
        (method, error)
        for name in ("numba", "torch")
        if is_installed(BACKENDS[name].library)
        for method, error in _errors(name, trial, result, points)
    ]
    return tuple(Comparison(method, error, _TOLERANCES[method]) for method, error in found)


def _errors(
    name: str, trial: Trial, result: Expr, points: Sequence[tuple[Inputs, int]]
) -> Iterator[tuple[str, float]]:
    try:
        text = source(trial.problem, result, name)
    except UnsupportedError:
        return
    with loaded(text) as module:
        convert = _tensor if name == "torch" else np.asarray
        yield (
            name,
            max(_of_functions(module, trial, inputs, seed, convert) for inputs, seed in points),
        )
        if name == "torch":
            yield AUTOGRAD, max(_of_autograd(module, trial, inputs) for inputs, _ in points)


def _of_functions(
    module: ModuleType, trial: Trial, inputs: Inputs, seed: int, convert: Callable[[Array], Any]
) -> float:
    """The worst error of all functions, one sample at a time and several at once."""
    chance, worst = np.random.default_rng(seed), 0.0
    for kind in trial.kinds:
        own = trial.directions(kind, inputs, chance)
        given = trial.spelled(kind, inputs) | own
        several = {k: np.stack([a, a]) for k, a in given.items()}
        for arguments in (given, several):
            wanted = trial.call_with(kind, arguments)
            converted = {k: convert(a) for k, a in arguments.items()}
            found = np.asarray(getattr(module, kind)(**converted))
            worst = max(worst, relative_error(found, wanted))
    return worst


def _of_autograd(module: ModuleType, trial: Trial, inputs: Inputs) -> float:
    """The emitted derivative against what autograd makes of the value."""
    names = trial.spelled_names("value")
    slope: Callable[..., Any] = module.value
    for variable in trial.problem.wrt:
        slope = _jacobian(slope, names[name_of(variable)])
    full = slope(**{k: _tensor(a) for k, a in trial.spelled("value", inputs).items()})
    return relative_error(trial.call("derivative", inputs), trial.picked(full.detach().numpy()))


def _jacobian(value: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The derivative of a function of tensors by one of them; its axes come last."""
    import torch

    def slope(**given: Any) -> Any:
        return torch.func.jacrev(lambda x: value(**{**given, name: x}))(given[name])

    return slope


def _tensor(array: Array) -> Any:
    import torch

    return torch.as_tensor(array)
