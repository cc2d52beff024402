"""The public object: a derivation with everything that can be made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sympy import Expr

from derive.checker.finite import check
from derive.engine import derive as answer
from derive.errors import ProblemError, UnsupportedError
from derive.levels import tell
from derive.problem import Problem
from derive.rules import RULES, WAY_RULES, WAYS
from derive.steps import Chain, Level, Rule, Status, Step
from derive.target import Target, resolve

if TYPE_CHECKING:
    from derive.matrix import MatrixForm
    from derive.worked import Worked

_LEVELS = {"brief": Level.BRIEF, "normal": Level.NORMAL, "full": Level.FULL}


def derive(
    target: str | Expr,
    wrt: str | Expr | Sequence[str | Expr] | None = None,
    assume: str | Sequence[str] = (),
    by: str | None = None,
    level: str = "normal",
    rules: tuple[Rule, ...] | None = None,
) -> Derivation:
    """Derive a partial derivative, step by step, and check every step.

    Args:
        target: a catalogue name ("softmax"), text in the input language, or a SymPy expression.
        wrt: the variable ("z[j]"), or several to differentiate by in turn. A catalogue entry
            brings its own.
        assume: what may be used, such as "sum(y[k], k) == 1".
        by: "quotient", "product" or "log": how products and quotients are taken apart. None is
            "quotient", but does not insist that there is a quotient.
        level: "brief", "normal" or "full".
        rules: rules to try in this order instead of `derive.rules.RULES`; not together with `by`.

    Raises:
        DeriveError: if the text or the problem is wrong or not supported.
        ValueError: for an unknown `by` or `level`.
    """
    return derivation_of(resolve(target, wrt, assume), by, level, rules)


def derivation_of(
    target: Target,
    by: str | None = None,
    level: str = "normal",
    rules: tuple[Rule, ...] | None = None,
) -> Derivation:
    """The derivation of a target that is already read; see `derive`."""
    if by is not None and (by not in WAYS or rules is not None):
        raise ValueError(f"by is one of {', '.join(WAYS)}, and not given together with rules")
    if level not in _LEVELS:
        raise ValueError(f"level is one of {', '.join(_LEVELS)}, not {level!r}")
    if rules is None:
        rules = WAYS[by] if by else RULES
    chain = answer(target.problem, rules)
    if by is not None and not _uses(chain, WAY_RULES[by].name):
        raise ProblemError(
            f"by={by!r} never came to use: there is no {_APPLIES[by]} of the variable here; "
            "leave it out"
        )
    return Derivation(check(chain), _LEVELS[level], target)


_APPLIES = {
    "quotient": "quotient with numerator and denominator that are both functions",
    "product": "product of functions",
    "log": "product or quotient of functions",
}


def _uses(chain: Chain, rule: str) -> bool:
    return any(
        step.rule == rule or (step.lemma is not None and _uses(step.lemma, rule))
        for step in chain.steps
    )


class Derivation:
    """A derivation whose steps were checked.

    Attributes:
        chain: all single steps, as data.
        problem: what was asked.
        level: how much `steps` tells.
        target: where the problem came from, with its example numbers.
    """

    def __init__(self, chain: Chain, level: Level, target: Target) -> None:
        self.chain = chain
        self.level = level
        self.target = target

    @property
    def problem(self) -> Problem:
        return self.chain.problem

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps at this derivation's level; each one's `before` is the previous `after`."""
        return tell(self.chain, self.level)

    @property
    def cases(self) -> Step | None:
        """The result split into i = j and i != j, where it has a delta; checked like a step."""
        return self.chain.cases

    @property
    def status(self) -> Status:
        return self.chain.status

    @property
    def result(self) -> Expr:
        """The last line; names in it are those of `problem.definitions`."""
        return self.chain.result

    @property
    def verified(self) -> bool:
        """True only if every step was checked and agreed."""
        return self.chain.verified

    @cached_property
    def result_text(self) -> str:
        """The result in the input language; it parses back to an equal expression."""
        from derive.text import result_text

        return result_text(self.result, self.problem)

    @cached_property
    def matrix(self) -> MatrixForm | None:
        """The result in matrix form, or None where it has none."""
        from derive.matrix import matrix_form

        return matrix_form(self.result, self.problem) if self.status is Status.DONE else None

    def at_level(self, level: str) -> Derivation:
        """The same derivation told at another level."""
        if level not in _LEVELS:
            raise ValueError(f"level is one of {', '.join(_LEVELS)}, not {level!r}")
        return Derivation(self.chain, _LEVELS[level], self.target)

    def function(self, kind: str = "derivative") -> Callable[..., Any]:
        """A NumPy callable: "derivative", "value", "vjp" or "jvp".

        It takes the problem's variables by keyword. The derivative has one axis for each free
        index of the target, then one for each index of wrt that is not free in the target.

        Raises:
            ValueError: for another kind.
            UnsupportedError: if the derivation did not come to an end.
        """
        from derive.emit import function

        return function(self.problem, self._done(), kind)

    def source(self, backend: str = "numpy") -> str:
        """The text of a Python module with value, derivative, vjp and jvp, for "numpy", "numba" or
        "torch"; for "lightgbm" and "xgboost" one with an objective.

        Raises:
            ValueError: for another back end.
            UnsupportedError: where the back end has no code for the problem.
        """
        from derive.emit import BACKENDS, source

        curved = backend in BACKENDS and BACKENDS[backend].curved
        return source(self.problem, self._done(), backend, self._again() if curved else None)

    def _again(self) -> tuple[Problem, Expr] | None:
        """The result differentiated once more by the same variable, and checked; None where there
        is none, or more than one."""
        if len(self.problem.wrt) != 1:
            return None
        chain = check(answer(replace(self.problem, wrt=self.problem.wrt * 2), RULES))
        if chain.status is not Status.DONE or not chain.verified:
            raise UnsupportedError("the second derivative could not be derived and checked")
        return chain.problem, chain.result

    def steps_at(self, **values: Any) -> Worked:
        """The result worked out in numbers: `d.steps_at(z=[1, 2, 3])`.

        Raises:
            ValueError: for an unknown or missing variable, or sizes that do not fit.
        """
        from derive.worked import worked

        return worked(self.problem, self._done(), values)

    def _done(self) -> Expr:
        if self.status is not Status.DONE:
            raise UnsupportedError(f"the derivation did not come to an end ({self.status.value})")
        return self.result

    def to_text(self, lang: str = "en") -> str:
        """One plain line a step, in the input language; the words in `lang`: "en", "zh-CN" or
        "zh-TW" (here and below)."""
        from derive.render.formats import render

        return render(self, "text", lang=lang)

    def to_latex(self, lang: str = "en") -> str:
        """The derivation as aligned LaTeX."""
        from derive.render.formats import render

        return render(self, "latex", lang=lang)

    def to_markdown(self, lang: str = "en") -> str:
        """Markdown with formulas that GitHub typesets."""
        from derive.render.formats import render

        return render(self, "markdown", lang=lang)

    def to_html(self, lang: str = "en") -> str:
        """One self-contained page."""
        from derive.render.formats import render

        return render(self, "html", lang=lang)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """Plain data, as `derive show --format json` prints it."""
        from derive.render.data import to_dict

        return to_dict(self, lang=lang)

    def _repr_latex_(self) -> str:
        return self.to_latex()

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        state = "every step checked" if self.verified else f"not verified ({self.status.value})"
        return f"<Derivation {self.result_text}: {len(self.steps)} steps, {state}>"
