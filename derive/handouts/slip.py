"""The usual mistake in a derivation: the likeliest one that gives another result, with numbers at
which one sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Number

from derive.answers.diagnosis import Diagnosis, Wrong
from derive.answers.example import example
from derive.answers.mistakes import MISTAKES
from derive.answers.question import Question
from derive.api import Derivation
from derive.checker.finite import Checker
from derive.indices import substitute
from derive.nodes import is_size, undistributed
from derive.problem import Problem
from derive.reading import Reading
from derive.steps import Verdict

# The most frequent first, as people ask about them.
ORDER = (
    "transposed",
    "diagonal-only",
    "shared-reduction",
    "constant-factor",
    "chain-rule-missing",
    "lost-sum",
    "algebra-slip",
    "sign",
    "p-minus-y",
    "wrong-branch",
)
_LONGEST = 26  # a wrong result that is longer than this, nobody has seen


@dataclass(frozen=True)
class Mistaken:
    """A wrong result and where it differs.

    Attributes:
        slug, title, why, mend: of the mistake.
        result: what it leads to.
        problem: in whose names.
        numbers: what `derive.answers.example.example` tells.
    """

    slug: str
    title: str
    why: str
    mend: str
    result: Expr
    problem: Problem
    numbers: Mapping[str, str]


def usual(derivation: Derivation) -> Mistaken | None:
    """The first mistake of `ORDER` with a short result that numbers refute, and the shortest one
    such; None where there is none."""
    question = Question.of(derivation.problem)
    length = Reading(derivation.problem.axes, derivation.problem.wrt_axes).length
    singles = Diagnosis(question).singles
    known = [w for w in singles if w.result != 0 and length(w.result) <= _LONGEST]
    for slug in ORDER:
        own = [w for w in known if w.mistakes[0].slug == slug and _applies(w, derivation)]
        for wrong in sorted(own, key=lambda w: (MISTAKES.index(w.mistakes[0]), length(w.result))):
            if found := _refuted(wrong, question):
                return found
    return None


def _applies(wrong: Wrong, derivation: Derivation) -> bool:
    """Whether it is what its mistake says: only where a result has a factor such as 2 or 1/n is it
    usual to lose one, and with rows and columns swapped it is the transpose of the right one."""
    slug, right = wrong.mistakes[0].slug, derivation.chain.result
    if slug == "constant-factor":
        numbers = (n for n in right.atoms(Number) if n not in (0, 1, -1))
        return any(numbers) or any(map(is_size, right.free_symbols))
    return slug != "transposed" or _is_transpose(wrong.result, right, derivation.problem)


def _is_transpose(wrong: Expr, right: Expr, problem: Problem) -> bool:
    axes = (*problem.axes, *problem.wrt_axes)
    if len(axes) != 2:
        return False
    i, j = axes
    with undistributed():
        turned = substitute(right, {i: j, j: i})
    return Checker(problem).compare(turned, wrong)[0] is Verdict.AGREES


def _refuted(wrong: Wrong, question: Question) -> Mistaken | None:
    problem = question.problem.knowing(wrong.names)
    numbers = example(Question.of(problem), wrong.result)
    (mistake,) = wrong.mistakes
    if not numbers:
        return None
    told = (mistake.slug, mistake.title, mistake.why, mistake.mend)
    return Mistaken(*told, wrong.result, problem, numbers)
