"""Exercises of a derivation, by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from derive.exercises.lines import derive_this, fill_gaps, name_rules
from derive.exercises.mistake import find_mistake
from derive.exercises.model import Exercise, Kind
from derive.exercises.numbers import in_numbers
from derive.exercises.shapes import shape_or_layout
from derive.exercises.subject import Subject
from derive.locale import ENGLISH

if TYPE_CHECKING:
    from derive.api import Derivation

MAKERS: Mapping[Kind, Callable[[Subject], Exercise | None]] = {
    Kind.DERIVE: derive_this,
    Kind.GAPS: fill_gaps,
    Kind.RULES: name_rules,
    Kind.MISTAKE: find_mistake,
    Kind.NUMBERS: in_numbers,
    Kind.SHAPE: shape_or_layout,
}


def exercise(
    derivation: Derivation, kind: Kind, language: str = ENGLISH, seed: str = "0"
) -> Exercise | None:
    """One exercise of a kind; None where the derivation does not give one: because it was not
    confirmed, has one line only, or no numbers were found.

    Args:
        seed: the same one gives the same exercise.
    """
    return next(iter(exercises(derivation, (kind,), language, seed)), None)


def exercises(
    derivation: Derivation,
    kinds: Sequence[Kind] = tuple(MAKERS),
    language: str = ENGLISH,
    seed: str = "0",
) -> tuple[Exercise, ...]:
    """Exercises of several kinds, without those that the derivation does not give."""
    if not (derivation.verified and derivation.steps):
        return ()
    subject = Subject.of(derivation, language)
    made = (MAKERS[kind](subject.seeded(f"{seed} {kind} {subject.view.name}")) for kind in kinds)
    return tuple(found for found in made if found is not None)
