"""What it takes to run a worked example with the emitted code, as plain data for the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.nodes import indices_of, name_of
from derive.problem import Problem


@dataclass(frozen=True)
class Trial:
    """An example's numbers, and how the result's axes come about.

    Attributes:
        numbers: by variable, a float or nested lists of them.
        axes: the letters of the target's axes.
        by: the variables that are differentiated by, in turn, each with the letters of its axes.
        result: the letters of the result's axes.
    """

    numbers: Mapping[str, Any]
    axes: tuple[str, ...]
    by: tuple[tuple[str, tuple[str, ...]], ...]
    result: tuple[str, ...]


def trial(problem: Problem, inputs: Mapping[str, NDArray[np.float64]]) -> Trial | None:
    """The example of a problem; None where numbers for some of its variables are missing."""
    if not set(problem.variables) <= set(inputs):
        return None
    return Trial(
        numbers={name: inputs[name].tolist() for name in problem.variables},
        axes=tuple(map(str, problem.axes)),
        by=tuple((name_of(v), tuple(map(str, indices_of(v)))) for v in problem.wrt),
        result=tuple(map(str, (*problem.axes, *problem.wrt_axes))),
    )
