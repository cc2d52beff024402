"""Which problems of the catalogue are as hard as one another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from derive import known
from derive.engine import derive
from derive.exercises.model import Difficulty
from derive.levels import tell
from derive.nodes import indices_of
from derive.problem import Problem
from derive.problemfile import ProblemFile
from derive.steps import Level, Status
from derive.text import result_text

_STEPS, _RULES = 1, 2  # how many more or fewer are as hard
_LENGTH = 2  # how many times longer or shorter the result may be, in signs


def alike(one: Difficulty, other: Difficulty) -> bool:
    """Whether two are about as hard: the same number of lines and rules, but for a few, and
    results of about one length."""
    return (
        abs(one.steps - other.steps) <= _STEPS
        and abs(one.rules - other.rules) <= _RULES
        and max(one.length, other.length) <= _LENGTH * min(one.length, other.length)
    )


@cache
def family(name: str) -> tuple[str, ...]:
    """The entries of the catalogue that may stand in for one, itself among them: of the same group,
    with as many indices, and about as hard. Each one is derived, so that this takes a moment."""
    levels = _comparable(name)
    own = levels.get(name)
    return tuple(other for other in levels if own and alike(own, levels[other])) or (name,)


@cache
def akin(name: str) -> tuple[str, ...]:
    """The others of an entry's group with as many indices: its family, and then those that are
    less and less like it."""
    levels = _comparable(name)
    own, near = levels.get(name), family(name)
    if own is None:
        return ()

    def distance(other: str) -> tuple[bool, int]:
        return other not in near, abs(levels[other].steps - own.steps) if other not in near else 0

    return tuple(sorted((other for other in levels if other != name), key=distance))


@cache
def _comparable(name: str) -> Mapping[str, Difficulty]:
    """How hard the entries are that have an entry's group and as many indices, if it has one."""
    entry = known.find(name)
    if entry is None:
        return {}
    wanted = _ranks(entry.problem())
    near = [other for other in known.entries() if other.group == entry.group]
    found = [other.name for other in near if _ranks(other.problem()) == wanted]
    hard = {other: _difficulty(other) for other in found}
    return {other: level for other, level in hard.items() if level}


def _ranks(problem: Problem) -> tuple[int, ...]:
    """How many indices the target and each variable have."""
    return len(problem.axes), *(len(indices_of(variable)) for variable in problem.wrt)


@cache
def _difficulty(name: str) -> Difficulty | None:
    """None for what is not in the catalogue or does not come to an end."""
    entry: ProblemFile | None = known.find(name)
    if entry is None:
        return None
    chain = derive(entry.problem())
    steps = tell(chain, Level.NORMAL)
    if chain.status is not Status.DONE or not steps:
        return None
    rules = {step.rule for step in steps}
    return Difficulty(len(steps), len(rules), len(result_text(chain.result, chain.problem)))
