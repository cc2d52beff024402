"""Numba modules without numba: the same loops, run by Python itself."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np

from tests.backends import loaded


def _unchanged(*_: Any, **__: Any) -> Callable[[Any], Any]:
    return lambda function: function


def _decorator(*given: Any, **_: Any) -> Any:
    """njit, with options or without."""
    return given[0] if given and callable(given[0]) else _unchanged()


def _module(name: str, **contents: Any) -> dict[str, ModuleType]:
    made = ModuleType(name)
    vars(made).update(contents)
    return {name: made}


def _controller() -> Any:
    unlimited = SimpleNamespace(limit=lambda **_: nullcontext())
    return SimpleNamespace(select=lambda **_: unlimited)


_STAND_INS = {
    **_module("numba", njit=_decorator, prange=range, types=SimpleNamespace(BaseTuple=tuple)),
    **_module("numba.extending", intrinsic=_decorator, overload=_unchanged),
    **_module("scipy", __path__=[]),
    **_module("scipy.linalg", __path__=[]),
    **_module("scipy.linalg.cython_blas"),
    **_module("threadpoolctl", ThreadpoolController=_controller),
}


def _exp(x: Any) -> Any:
    return type(x)(math.exp(x) if x < 700 else math.inf)


def _normal_cdf(x: Any) -> Any:
    return type(x)(math.erfc(-x * math.sqrt(0.5)) / 2)


def _normal_pdf(x: Any) -> Any:
    return type(x)(math.exp(-x * x / 2) / math.sqrt(2 * math.pi))


# What is made of instructions: here by other means.
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "_larger": lambda a, b: a if a > b else b,
    "_smaller": lambda a, b: a if a < b else b,
    "_exp": _exp,
    "_low_exp": _exp,
    "_expm1": lambda x: type(x)(math.expm1(x)),
    "_tanh": lambda x: type(x)(math.tanh(x)),
    "_erf": lambda x: type(x)(math.erf(x)),
    "_erfc": lambda x: type(x)(math.erfc(x)),
    "_normal_cdf": _normal_cdf,
    "_normal_pdf": _normal_pdf,
    "_gelu_slope": lambda x: _normal_cdf(x) + x * _normal_pdf(x),
    "_log_normal_cdf": lambda x: type(x)(math.log(_normal_cdf(x))),
    "_inverse_mills": lambda x: _normal_pdf(x) / _normal_cdf(x),
}


@contextmanager
def interpreted(text: str, folder: Path) -> Iterator[Any]:
    """A numba module, its kernels run by Python."""
    with patch.dict(sys.modules, _STAND_INS), np.errstate(all="ignore"):
        made = loaded(text, folder)
        for name, function in _FUNCTIONS.items():
            if hasattr(made, name):
                setattr(made, name, function)
        yield made
