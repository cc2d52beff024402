"""Somebody's answer, checked: the public functions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sympy import Expr

from derive.answers.marking import Marking
from derive.answers.report import Report
from derive.target import Wrt, resolve


def check(
    answer: str,
    target: str | Expr,
    wrt: Wrt = None,
    assume: str | Sequence[str] = (),
) -> Report:
    """Whether an answer is right; if not, the first wrong line and the mistake behind it.

    Args:
        answer: a formula or a page of working, in plain text, Markdown or LaTeX: lines
            `= expression` or `lhs = expression`. It may use the names and letters of the problem,
            names that it introduces (`S = sum(exp(z[k]), k)`), and letters of its own that its
            left-hand side declares (`ds[a]/dz[b] = ...`).
        target, wrt, assume: the question; see `derive.derive`.

    Raises:
        DeriveError: the question or the answer cannot be read; the message points at the place.
    """
    return Marking(resolve(target, wrt, assume).problem).page(answer)


def check_function(
    file: str | Path,
    name: str,
    target: str | Expr,
    wrt: Wrt = None,
    assume: str | Sequence[str] = (),
) -> Report:
    """Whether a function of a Python file computes the derivative, with NumPy arrays in and out.

    This runs the file, in a process of its own with limits on time, memory and output. That is no
    sandbox: the code can read and write what its user can.

    Raises:
        DeriveError: the question cannot be read, or the function cannot be run.
    """
    from derive.answers.functions import try_function
    from derive.api import derivation_of

    derivation = derivation_of(resolve(target, wrt, assume))
    return try_function(Path(file), name, derivation)
