"""Code for a problem and its derivative: `source` the text, `function` a NumPy callable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Any

from sympy import Expr

from derive.emit.backends import BACKENDS, Answer, numpy_module
from derive.emit.exactly import Care
from derive.emit.kinks import conventions
from derive.emit.module import kinds
from derive.emit.selftest import self_test
from derive.problem import Problem
from derive.templates import environment
from derive.text import problem_text, text_of

__all__ = ["BACKENDS", "Answer", "function", "lesson", "source"]


def source(
    problem: Problem, result: Expr, backend: str = "numpy", second: Answer | None = None
) -> str:
    """A Python module with `value`, `derivative`, `vjp` and `jvp`, and `hvp` for a second
    derivative; only `value` if the problem has no variable to differentiate by. What else is in
    it depends on the back end.

    Args:
        problem: the question.
        result: its answer, with axes problem.axes and then problem.wrt_axes.
        backend: one of `BACKENDS`.
        second: the result differentiated once more, for a back end that wants curvature.

    Raises:
        ValueError: for an unknown backend.
        UnsupportedError: where the back end cannot compute an expression, or has no use for it.
    """
    if backend not in BACKENDS:
        raise ValueError(f"backend is one of {', '.join(BACKENDS)}, not {backend!r}")
    found = BACKENDS[backend]
    return _filled(problem, result, found.template, found.fill(problem, result, second))


def lesson(problem: Problem, result: Expr) -> str:
    """A NumPy module for the page: exponents are shifted and functions called as in a textbook,
    whatever rounding makes of it. Raises what `source` raises."""
    made = numpy_module(problem, result, Care.NONE)
    return _filled(problem, result, BACKENDS["numpy"].template, made)


def _filled(problem: Problem, result: Expr, template: str, made: Mapping[str, Any]) -> str:
    return (
        environment()
        .get_template(template)
        .render(
            statements=problem_text(problem).splitlines(),
            title=_plain(problem.title or problem.name),
            wrt=[text_of(variable, problem) for variable in problem.wrt],
            result=text_of(result, problem),
            kinks=conventions(problem) if problem.wrt else (),
            wrap=lambda text, indent: wrap(text, 96 - indent, break_long_words=False),
            **{"test": self_test(problem, _differentiated(problem)), **made},
        )
    )


def _differentiated(problem: Problem) -> dict[str, tuple[str, Problem]]:
    """The functions of a module apart from `value`, as `self_test` wants them."""
    return {kind: (kind, problem) for kind in kinds(problem) if kind != "value"}


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
    made = numpy_module(problem, result, Care.ARGUMENTS, kind)
    text = _filled(problem, result, BACKENDS["numpy"].template, {**made, "test": None})
    namespace: dict[str, Any] = {"__name__": "derive.emitted"}
    # The text is this package's own: of the user's input it holds only checked identifiers and,
    # in strings and comments, formulas printed from the parsed expression.
    exec(compile(text, "<derive>", "exec"), namespace)
    found: Callable[..., Any] = namespace[kind]
    return found
