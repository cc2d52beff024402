"""A derivation as data: rules, steps, verdicts, and the chain they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from sympy import Expr

from derive.nodes import Path
from derive.problem import Definition, Problem

if TYPE_CHECKING:
    from derive.context import Context


class Verdict(StrEnum):
    """What the checker says of a step."""

    AGREES = "agrees"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Evidence:
    """Why a verdict was given.

    Attributes:
        method: how it was found out: "normal form" where it is proved for every size, "sampled"
            where it was only tried at some, or "" where it was not tried.
        detail: a sentence: how many points and sizes, or why nothing could be decided.
        witness: for a refuted step: sizes, index values, numbers and what the two sides give.
    """

    method: str = ""
    detail: str = ""
    witness: Mapping[str, str] = field(default_factory=dict)


class Level(IntEnum):
    """How much is written down. A rule's level is the least at which it has a line of its own;
    below that, it is told in one line with the step before it. A DETAIL is not even named there."""

    BRIEF = 1
    NORMAL = 2
    FULL = 3
    DETAIL = 4


class Status(StrEnum):
    """How a derivation ended."""

    DONE = "done"
    STUCK = "stuck"
    STEP_LIMIT = "step-limit"
    LOOP = "loop"


@dataclass(frozen=True)
class Rewrite:
    """What a rule makes of a node.

    Attributes:
        after: the replacement.
        bindings: the expressions that fill the named blanks of the rule's reason.
        lemma: the derivation that is cited, if one is.
        title: what to call this step instead of the rule's title, if not "".
        loose: `after` before anything cancels, where a reader should see that first.
        definitions: names that `after` uses and the problem does not have yet.
    """

    after: Expr
    bindings: Mapping[str, Expr] = field(default_factory=dict)
    lemma: Chain | None = None
    title: str = ""
    loose: Expr | None = None
    definitions: tuple[Definition, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One law.

    Attributes:
        name: a slug from the closed vocabulary (`quotient-rule`).
        title: its name for people ("Quotient rule").
        law: schematic LaTeX.
        reason: a sentence with named blanks ({f}) that a rewrite's bindings fill.
        on: the node types it looks at.
        rewrite: one node and the context to a replacement, or None where it does not apply.
        level: the least level of detail at which it has a line of its own.
        eager: while simplifying, used wherever it applies, before others are thought of.
    """

    name: str
    title: str
    law: str
    reason: str
    on: tuple[type[Expr], ...]
    rewrite: Callable[[Expr, Context], Rewrite | None]
    level: Level = Level.NORMAL
    eager: bool = False


@dataclass(frozen=True)
class Step:
    """One application of a rule at one place, or several joined for a shorter telling.

    Attributes:
        rule: the rule's slug; of joined steps, that of the one that matters most.
        title: the rule's name; of joined steps, all of their names.
        before, after: the whole expression.
        local_before, local_after: the part that changed.
        path: where it stands in `before`.
        reason: the rule's sentence, with its blanks, and `bindings`, what fills them.
        lemma: the derivation this step cites, if any.
        parts: the single steps that were joined; () for a single one.
    """

    rule: str
    title: str
    before: Expr
    after: Expr
    local_before: Expr
    local_after: Expr
    path: Path
    reason: str
    bindings: Mapping[str, Expr] = field(default_factory=dict)
    level: Level = Level.NORMAL
    lemma: Chain | None = None
    verdict: Verdict = Verdict.UNDECIDED
    evidence: Evidence = Evidence()
    parts: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Chain:
    """Single steps from a problem's question to its answer.

    Attributes:
        problem: the question; `start` is it as an expression with pending derivatives.
        steps: each one's `before` is the `after` of the one in front of it.
        status: how it ended; `where` is the node it is stuck at.
        cases: the result split into i = j and i != j, where it has a delta.
        evidence: for the result as a whole against `start`.
    """

    problem: Problem
    start: Expr
    steps: tuple[Step, ...]
    status: Status
    where: Expr | None = None
    cases: Step | None = None
    evidence: Evidence = Evidence()

    @property
    def result(self) -> Expr:
        return self.steps[-1].after if self.steps else self.start

    @property
    def verified(self) -> bool:
        """True only if every step, the lemmas' and the cases too, was checked and agreed."""
        steps = self.steps + ((self.cases,) if self.cases else ())
        return self.status is Status.DONE and all(
            s.verdict is Verdict.AGREES and (s.lemma is None or s.lemma.verified) for s in steps
        )
