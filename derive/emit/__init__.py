"""NumPy code for a problem and its derivative: `source` the text, `function` the callable."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap
from typing import Any

from sympy import Expr

from derive.emit.kinks import conventions
from derive.emit.module import functions, kinds
from derive.errors import UnsupportedError
from derive.problem import Problem
from derive.templates import environment
from derive.text import problem_text, text_of

BACKENDS = ("numpy", "numba", "torch", "lightgbm", "xgboost")


def source(problem: Problem, result: Expr, backend: str = "numpy") -> str:
    """A Python module with `value`, `derivative`, `vjp` and `jvp`, and `hvp` for a second
    derivative; only `value` if the problem has no variable to differentiate by.

    Args:
        problem: the question.
        result: its answer, with axes problem.axes and then problem.wrt_axes.
        backend: "numpy".

    Raises:
        ValueError: for an unknown backend.
        UnsupportedError: for another backend, or where an expression has no array operations.
    """
    if backend not in BACKENDS:
        raise ValueError(f"backend is one of {', '.join(BACKENDS)}, not {backend!r}")
    if backend != "numpy":
        raise UnsupportedError(f"no code for {backend} yet: backend numpy is there")
    made = functions(problem, result)
    template = environment().get_template("module.py.j2")
    return template.render(
        statements=problem_text(problem).splitlines(),
        title=_plain(problem.title or problem.name),
        wrt=[text_of(variable, problem) for variable in problem.wrt],
        result=text_of(result, problem),
        functions=made,
        kinks=conventions(problem) if problem.wrt else (),
        helpers=frozenset[str]().union(*(f.helpers for f in made)),
        wrap=lambda text, indent: wrap(text, 96 - indent, break_long_words=False),
    )


def _plain(title: str) -> str:
    """A title that can stand in a docstring: no quotes, backslashes or control characters."""
    return "".join(c if c.isprintable() and c not in '"\\' else " " for c in title)


def function(problem: Problem, result: Expr, kind: str = "derivative") -> Callable[..., Any]:
    """A function of the module that `source` writes.

    It takes the problem's variables by keyword (a name that Python or NumPy needs has a trailing
    underscore), "vjp" also `g` (the target's axes), "jvp" also `v` (the shape of wrt) and "hvp"
    also `v` (the shape of the last of wrt). All arrays may have more axes in front, over samples,
    which broadcast; the result has them too, and each sample's result is its own.

    Raises:
        ValueError: for an unknown kind, or if there is nothing to differentiate by.
    """
    if kind not in kinds(problem):
        raise ValueError(f"kind is one of {', '.join(kinds(problem))}, not {kind!r}")
    namespace: dict[str, Any] = {"__name__": "derive.emitted"}
    # The text is this package's own: of the user's input it holds only checked identifiers and,
    # in strings and comments, formulas printed from the parsed expression.
    exec(compile(source(problem, result), "<derive>", "exec"), namespace)
    made: Callable[..., Any] = namespace[kind]
    return made
