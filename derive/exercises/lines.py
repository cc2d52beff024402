"""Exercises on a derivation's lines: derive them, fill in what is missing, name the rules."""

from __future__ import annotations

from derive.exercises import sentences
from derive.exercises.model import Blank, Exercise, Kind
from derive.exercises.subject import Subject, rows
from derive.rules import RULES

_OTHERS = 3  # names of rules to choose from that are not used


def derive_this(subject: Subject) -> Exercise | None:
    """All lines from the question alone."""
    lines = subject.view.steps
    return subject.exercise(
        Kind.DERIVE,
        subject.say(sentences.DERIVE, derivative=subject.view.start),
        points=len(lines),
        note=subject.say(sentences.DERIVE_NOTE),
        answer=(subject.say(sentences.RESULT, formula=subject.view.answer),),
        start=subject.view.start,
        solution=rows(lines),
        room=2 * len(lines) + 2,
    )


def fill_gaps(subject: Subject) -> Exercise | None:
    """A third of the formulas is missing, never two in a row; None where there is one line only."""
    lines = subject.view.steps
    if len(lines) < 2:
        return None
    places = _apart(subject, len(lines), max(1, round(len(lines) / 3)))
    shown = rows(lines, dict.fromkeys(places, Blank.RIGHT))
    return subject.exercise(
        Kind.GAPS,
        subject.say(sentences.GAPS, derivative=subject.view.start),
        points=len(places),
        note=subject.say(sentences.GAPS_NOTE),
        start=subject.view.start,
        rows=shown,
        solution=shown,
    )


def name_rules(subject: Subject) -> Exercise | None:
    """Half of the rules' names are missing, and given in a row with some that do not fit; None
    where there is one line only."""
    lines = subject.view.steps
    if len(lines) < 2:
        return None
    single = [place for place, step in enumerate(subject.steps) if "; " not in step.title]
    known = single or list(range(len(lines)))
    wanted = min(len(known), max(1, len(lines) // 2))
    places = subject.chance.sample(known, wanted)
    shown = rows(lines, dict.fromkeys(places, Blank.RULE))
    return subject.exercise(
        Kind.RULES,
        subject.say(sentences.RULES),
        points=len(places),
        note=subject.say(sentences.RULES_NOTE),
        start=subject.view.start,
        rows=shown,
        bank=_bank(subject, {lines[place].title for place in places}),
        solution=shown,
    )


def _apart(subject: Subject, count: int, wanted: int) -> list[int]:
    """Places of which no two are neighbours, as many as wanted or as fit."""
    places = list(range(count))
    subject.chance.shuffle(places)
    chosen: list[int] = []
    for place in places:
        if not {place - 1, place + 1} & {*chosen} and len(chosen) < wanted:
            chosen.append(place)
    return chosen


def _bank(subject: Subject, needed: set[str]) -> tuple[str, ...]:
    """The names that are needed and some others, in alphabetical order."""
    used = {title for step in subject.steps for title in step.title.split("; ")}
    others = sorted({rule.title for rule in RULES if rule.name != "lemma"} - used)
    added = {subject.words.say(title) for title in subject.chance.sample(others, _OTHERS)}
    return tuple(sorted(needed | added))
