"""Arrays of numbers -> trees: short numbers as they are, others to four decimals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.render.tree import Fenced, Grid, Node, Number, Op, Row, Script, separated

Array = NDArray[np.float64]

_DECIMALS = 4


def is_rounded(value: Array) -> bool:
    """Whether an array is not written exactly."""
    return _exact_decimals(np.asarray(value)) is None


def array_node(value: Array) -> Node:
    """A number, a row (1, 2, 3), a matrix; of more axes, a row of matrices."""
    return _node(np.asarray(value), _decimals(np.asarray(value)))


def array_text(value: Array) -> str:
    """The same as nested lists on one line."""
    return _text(np.asarray(value), _decimals(np.asarray(value)))


def _decimals(array: NDArray[Any]) -> int:
    exact = _exact_decimals(array)
    return _DECIMALS if exact is None else exact


def _exact_decimals(array: NDArray[Any]) -> int | None:
    """The fewest decimals that write every entry exactly, if four are enough."""
    if np.all(np.abs(array) < 1e9):
        for decimals in range(_DECIMALS + 1):
            if np.all(array == np.round(array, decimals)):
                return decimals
    return None


def _number(value: float, decimals: int) -> str:
    """No -0.0000; a number too small or too large for four decimals in powers of ten."""
    size = abs(value)
    if decimals and size and not 0.5 * 10**-decimals <= size < 1e7:
        return f"{value:.{decimals - 1}e}"
    return f"{value + 0.0:.{decimals}f}"


def _node(array: NDArray[Any], decimals: int) -> Node:
    if array.ndim == 0:
        return _written(_number(float(array), decimals))
    if array.ndim == 2:
        return Grid(tuple(tuple(_node(entry, decimals) for entry in row) for row in array))
    return Fenced(separated(_node(part, decimals) for part in array))


def _written(text: str) -> Node:
    """1.5e-05 as 1.5 times a power of ten."""
    digits, power, exponent = text.partition("e")
    if not power:
        return Number(text)
    return Row((Number(digits), Op("×"), Script(Number("10"), sup=Number(str(int(exponent))))))


def _text(array: NDArray[Any], decimals: int) -> str:
    if array.ndim == 0:
        return _number(float(array), decimals)
    return "[" + ", ".join(_text(part, decimals) for part in array) + "]"
