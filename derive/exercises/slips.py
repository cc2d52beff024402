"""Derivations with one wrong line: a known misconception is planted, and what follows from it is
carried on. Every one is confirmed: that line is refuted, all others follow from the one before."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from sympy import Expr

from derive.answers import wrong_rules
from derive.answers.mistakes import MISTAKES, Change, Mistake
from derive.answers.wrong_rules import Wrong
from derive.checker.finite import Checker
from derive.engine import derive
from derive.indices import free_indices
from derive.levels import tell
from derive.nodes import Binder, Derivative, Sum, undistributed
from derive.problem import Problem
from derive.steps import Chain, Level, Status, Step, Verdict
from derive.text import result_text

_LONGER = 3  # times the right result: a wrong one that is longer gives itself away
_EACH = 3  # tries with one misconception
_LATER = 0.6  # how much later the small slips come, in parts of all


@dataclass(frozen=True)
class Slip:
    """A derivation with one wrong line.

    Attributes:
        mistake: the misconception behind it.
        problem: what was asked, with the names that the wrong derivation introduced.
        steps: its lines.
        place: the wrong one, from 0.
        right: what that line should be: the next line of the right derivation, or its result where
            that has no line like the one before.
    """

    mistake: Mistake
    problem: Problem
    steps: tuple[Step, ...]
    place: int
    right: Expr


def slip(right: Chain, steps: tuple[Step, ...], chance: random.Random) -> Slip | None:
    """A slip in a derivation; None where none was found that makes exactly one line wrong.

    Args:
        right: the derivation, all of its steps right.
        steps: its lines, as they are told.
    """
    for mistake, make in _in_turn(right, steps, chance):
        made = make(chance)
        if made is not None and (found := _confirmed(mistake, made, right, steps)) is not None:
            return found
    return None


@dataclass(frozen=True)
class _Made:
    """Lines with a mistake in them, and the problem with the names they use."""

    problem: Problem
    steps: tuple[Step, ...]


Maker = Callable[[random.Random], _Made | None]


def _in_turn(
    right: Chain, steps: tuple[Step, ...], chance: random.Random
) -> Iterator[tuple[Mistake, Maker]]:
    """A few ways to make each misconception. What anybody could slip on comes later than what
    somebody has not understood."""
    makers: dict[str, list[tuple[Mistake, Maker]]] = {}
    for mistake, make in (*_by_rules(right), *_by_changes(right.problem, steps)):
        makers.setdefault(mistake.slug, []).append((mistake, make))
    turns = {slug: chance.random() + _LATER * _shallow(m[0][0]) for slug, m in makers.items()}
    for slug in sorted(turns, key=lambda slug: turns[slug]):
        yield from chance.sample(makers[slug], min(_EACH, len(makers[slug])))


def _shallow(mistake: Mistake) -> bool:
    """Whether it takes no wrong idea of a rule to make it."""
    return mistake.small or (bool(mistake.changes) and not (mistake.rules or mistake.held))


def _by_rules(right: Chain) -> Iterator[tuple[Mistake, Maker]]:
    """The whole derived anew, with a wrong rule in front of the right ones, where what it stands
    for comes up at all."""
    problem, used = right.problem, _used(right)
    sums = [d.name for d in problem.definitions if not d.indices and d.body.has(Sum)]
    for mistake in MISTAKES:
        held = [wrong_rules.held_constant(name) for name in sums] if mistake.held else []
        for rule in (*mistake.rules, *held) if used & {*mistake.steps} else ():
            yield mistake, partial(_derived, right, rule)
        for other in mistake.instead(problem):
            yield mistake, partial(_assumed, problem, other)


def _assumed(problem: Problem, other: Problem, _: random.Random) -> _Made | None:
    """The lines of another problem: this one, with what was never given."""
    made = derive(other)
    knowing = problem.knowing(made.problem.definitions)
    return _Made(knowing, tell(made, Level.NORMAL)) if made.status is Status.DONE else None


def _used(chain: Chain) -> set[str]:
    """The slugs of all rules in a derivation and in those that it cites."""
    lemmas = [step.lemma for step in chain.steps if step.lemma is not None]
    return {step.rule for step in chain.steps}.union(*map(_used, lemmas))


def _derived(right: Chain, wrong: Wrong, _: random.Random) -> _Made | None:
    made = derive(right.problem, wrong_rules.planted(wrong))
    if made.status is not Status.DONE:
        return None
    steps = list(made.steps)
    for place, step in enumerate(steps):
        if not step.title:  # the wrong rule's: it goes by the name of the one it replaced
            named = next((s for s in right.steps if s.local_before == step.local_before), None)
            if named is None or named.before != step.before:
                return None
            steps[place] = replace(step, rule=named.rule, title=named.title, level=named.level)
    return _Made(made.problem, tell(replace(made, steps=tuple(steps)), Level.NORMAL))


def _by_changes(problem: Problem, steps: tuple[Step, ...]) -> Iterator[tuple[Mistake, Maker]]:
    """One line changed as people do, and carried on from there. Lines with pending derivatives are
    left alone: a change in what is yet to be differentiated would be a misprint."""
    for mistake in MISTAKES:
        for change in mistake.changes:
            for place, step in enumerate(steps):
                if not step.after.has(Derivative):
                    yield mistake, partial(_changed, problem, steps, place, change)


def _changed(
    problem: Problem, steps: tuple[Step, ...], place: int, change: Change, chance: random.Random
) -> _Made | None:
    step = steps[place]
    with undistributed():
        options = [o for o in change(step.after, problem) if o != step.after]
    if not options:
        return None
    wrong = chance.choice(options)
    whole = replace(step, local_before=step.before, local_after=wrong, path=())
    here = replace(whole, after=wrong, reason="", bindings={}, lemma=None)
    rest = derive(problem.asking(wrong, (), problem.axes))
    return _Made(problem, (*steps[:place], here, *tell(rest, Level.NORMAL)))


def _confirmed(mistake: Mistake, made: _Made, right: Chain, steps: tuple[Step, ...]) -> Slip | None:
    """The slip, if one line is refuted and all others agree."""
    asked = free_indices(right.start)
    if len(made.steps) < 2 or not _plausible(made.steps[-1].after, right):
        return None
    if not all(free_indices(step.after) <= asked for step in made.steps):
        return None  # no numbers could be put in
    checker = Checker(made.problem)
    if checker.compare(right.start, made.steps[-1].after)[0] is not Verdict.REFUTED:
        return None
    verdicts = [checker.compare(step.before, step.after)[0] for step in made.steps]
    wrong = [place for place, v in enumerate(verdicts) if v is not Verdict.AGREES]
    if len(wrong) != 1 or verdicts[wrong[0]] is not Verdict.REFUTED:
        return None
    place = wrong[0]
    alike = place < len(steps) and steps[place].before == made.steps[place].before
    should = steps[place].after if alike else right.result
    return Slip(mistake, made.problem, made.steps, place, should)


def _plausible(result: Expr, right: Chain) -> bool:
    """Whether a result is about as long as the right one, and not 0 or a sum over a letter that is
    free on the left."""
    if {node.letter for node in result.atoms(Binder)} & free_indices(right.start):
        return False
    lengths = [len(result_text(e, right.problem)) for e in (result, right.result)]
    return result != 0 and lengths[0] <= _LONGER * max(lengths[1], 8)
