"""Telling a derivation at a level of detail: which single steps share a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sympy import Add, Mul, preorder_traversal

from derive.indices import substitute
from derive.nodes import indices_of, replace_at
from derive.rules.fractions import CANCEL
from derive.rules.parts import is_loose
from derive.steps import Chain, Level, Step, Verdict


def tell(chain: Chain, level: Level) -> tuple[Step, ...]:
    """The steps of a chain at a level.

    FULL has every step, and those of a lemma where it is used, but for what shows nothing there:
    beside what stands around a lemma, its terms may have cancelled already. NORMAL and BRIEF tell a
    step of a rule that is too small for a line of its own together with the step before it. At
    every level a step's `before` is the previous one's `after`.
    """
    if level is Level.FULL:
        return tuple(_seen(single for step in chain.steps for single in _inlined(step)))
    groups: list[list[Step]] = []
    for step in chain.steps:
        if groups and _joins(groups[-1], step, level):
            groups[-1].append(step)
        else:
            groups.append([step])
    return tuple(_join(group, level) for group in groups)


def _seen(steps: Iterable[Step]) -> list[Step]:
    """The steps without those that nothing is to be seen of: the line before such a one ends where
    it does."""
    found: list[Step] = []
    for step in steps:
        if not found or _shows_something(step):
            found.append(step)
        else:
            found[-1] = replace(found[-1], after=step.after)
    return found


def _shows_something(step: Step) -> bool:
    """Whether two lines differ, and not just in the order of their factors."""
    if step.rule != CANCEL.name:
        return bool(step.before != step.after)
    parts = preorder_traversal(step.before)
    return any(is_loose(part) for part in parts if isinstance(part, Add | Mul))


def _joins(group: list[Step], step: Step, level: Level) -> bool:
    if step.level > level:
        return True
    main = _main(group)
    return main.level > level or (main.rule == step.rule and step.lemma is None)


def _main(group: list[Step]) -> Step:
    """The step that matters most; of several, the first."""
    return min(group, key=lambda step: step.level)


def _join(group: list[Step], level: Level) -> Step:
    if len(group) == 1:
        return group[0]
    main = _main(group)
    named = [step.title for step in group if step is main or step.level < Level.DETAIL]
    titles = list(dict.fromkeys(named))
    return replace(
        main,
        title=main.title if level is Level.BRIEF else "; ".join(titles),
        before=group[0].before,
        after=group[-1].after,
        local_before=group[0].before,
        local_after=group[-1].after,
        path=(),
        verdict=joint_verdict([step.verdict for step in group]),
        parts=tuple(group),
    )


def joint_verdict(verdicts: list[Verdict]) -> Verdict:
    """The verdict of several steps told as one: a chain is as good as its worst link."""
    for verdict in (Verdict.REFUTED, Verdict.UNDECIDED):
        if verdict in verdicts:
            return verdict
    return Verdict.AGREES


def _inlined(step: Step) -> list[Step]:
    """The steps of the cited lemma, in the letters and at the place of its use."""
    if step.lemma is None:
        return [step]
    problem = step.lemma.problem
    actual = indices_of(step.local_before.expr) + indices_of(step.local_before.variable)
    letters = dict(zip((*problem.axes, *problem.wrt_axes), actual, strict=True))
    found: list[Step] = []
    whole = step.before
    for single in (s for outer in step.lemma.steps for s in _inlined(outer)):
        local = substitute(single.after, letters)
        after = replace_at(step.before, step.path, local)
        local_before = substitute(single.before, letters)
        found.append(
            replace(
                single,
                before=whole,
                after=after,
                local_before=local_before,
                local_after=local,
                path=step.path,
                bindings={name: substitute(e, letters) for name, e in single.bindings.items()},
            )
        )
        whole = after
    return _closed(found, step)


def _closed(found: list[Step], step: Step) -> list[Step]:
    """The last inlined step ends where the citing step does, before anything cancels."""
    return [*found[:-1], replace(found[-1], after=step.after)] if found else [step]
