"""Step-by-step partial derivatives in index notation, every step checked by machine.

    import derive
    d = derive.derive("softmax(z)[i]", wrt="z[j]")

The names are imported on first use, so that `import derive` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "derive": "derive.api",
    "Derivation": "derive.api",
    "catalogue": "derive.known",
    "check": "derive.answers.api",
    "check_function": "derive.answers.api",
    "DeriveError": "derive.errors",
    "ParseError": "derive.errors",
    "ProblemError": "derive.errors",
    "UnsupportedError": "derive.errors",
}

__all__ = [
    "Derivation",
    "DeriveError",
    "ParseError",
    "ProblemError",
    "UnsupportedError",
    "__version__",
    "catalogue",
    "check",
    "check_function",
    "derive",
]

if TYPE_CHECKING:
    from derive.answers.api import check, check_function
    from derive.api import Derivation, derive
    from derive.errors import DeriveError, ParseError, ProblemError, UnsupportedError
    from derive.known import catalogue


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'derive' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
