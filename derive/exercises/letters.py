"""Other letters for a problem, as different books have them."""

from __future__ import annotations

import random
from collections.abc import Mapping

from derive.errors import ProblemError
from derive.notation import letters
from derive.problemfile import ProblemFile

# What else books write for a letter.
_ALSO: Mapping[str, tuple[str, ...]] = {
    "x": ("u", "v", "t"),
    "z": ("a", "o", "h"),
    "s": ("p", "q", "r"),
    "p": ("q", "r", "s"),
    "y": ("t", "q"),
    "w": ("v", "a"),
    "b": ("c",),
    "W": ("A", "V", "M"),
    "X": ("Z", "U"),
    "Z": ("A", "U"),
    "L": ("J", "E"),
    "S": ("P", "Q"),
}
_CHANCE = 0.5  # for each letter
_TRIES = 8


def in_other_letters(file: ProblemFile, chance: random.Random) -> ProblemFile:
    """The same problem with some of its letters changed; as it is where none would do."""
    known = letters((file.text, *file.wrt, *file.assume, *file.also, *file.at))
    for _ in range(_TRIES):
        notation: dict[str, str] = {}
        for letter in known:
            taken = {*known, *notation.values()}
            free = [new for new in _ALSO.get(letter, ()) if new not in taken]
            if free and chance.random() < _CHANCE:
                notation[letter] = chance.choice(free)
        try:
            return file.renamed(notation)
        except ProblemError:  # a letter that the problem needs for something else
            continue
    return file
