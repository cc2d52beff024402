"""Exercises and papers as plain data, in one language, for any format to print.

How to print an exercise, on the sheet:

1. its number, `task` ("Find the mistake"), `title` ("Softmax") and `points`; then `question`, a
   sentence with formulas;
2. each of `given` on a line of its own (definitions), and `known` (assumptions) as a sentence;
3. `rows`, where there are any: `start` = the first row's formula, then "= ..." line by line, the
   rule's name beside each. What `Row.blank` names is not printed, but left as a blank as wide as it
   would be; `Row.asked` tells which parts these are. `bank` has names to choose from, in a row;
4. `choices`, lettered a, b, c in their order, each with a box to tick;
5. each of `values` as a line "label = ____";
6. `room` empty lines to write on.

In the key: the number, task, title and points again, then `answer` (a sentence each), `solution`
(rows without blanks; those whose `blank` is set were asked for, and `mark` tells a wrong line and
what follows from it), the right one of `choices`, the numbers of `values`, and `note` for whoever
marks.
Nothing of the key (`answer`, `solution`, `note`, `Choice.right`, `Value.value`) belongs on a sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from derive.render.page import Formula, Sentence
from derive.render.words import ENGLISH, Words


class Kind(StrEnum):
    """What is asked for."""

    DERIVE = "derive"
    GAPS = "gaps"
    RULES = "rules"
    MISTAKE = "mistake"
    NUMBERS = "numbers"
    SHAPE = "shape"


class Blank(StrEnum):
    """What is left out of a row."""

    NONE = "none"
    RIGHT = "right"  # the formula; the rule's name is printed
    RULE = "rule"  # the rule's name; the formula is printed


class Mark(StrEnum):
    """What the key says of a row."""

    NONE = ""
    WRONG = "wrong"
    FOLLOWS = "follows"  # wrong too, but follows from the wrong line


@dataclass(frozen=True)
class Row:
    """A line of a derivation.

    Attributes:
        number: of the line on the sheet, from 1.
        formula: what stands right of the equals sign.
        rule: the name of the rule that leads here from the line before.
        blank: what the sheet leaves out.
        mark: what the key says of it.
    """

    number: int
    formula: Formula
    rule: str
    blank: Blank = Blank.NONE
    mark: Mark = Mark.NONE

    @property
    def asked(self) -> tuple[bool, bool]:
        """Whether the formula is left out, and whether the rule's name is."""
        return self.blank is Blank.RIGHT, self.blank is Blank.RULE


@dataclass(frozen=True)
class Choice:
    """One of several answers to choose from."""

    text: Sentence
    right: bool = False


@dataclass(frozen=True)
class Value:
    """A number that is asked for.

    Attributes:
        label: what it is the value of.
        value: the number itself, not rounded.
        decimals: to how many it is to be given; an answer is right within one of the last.
    """

    label: Formula
    value: float
    decimals: int

    @property
    def tolerance(self) -> float:
        return 10.0**-self.decimals

    @property
    def text(self) -> str:
        """The number as the key has it, with a minus sign and never "−0": to all decimals that were
        asked for, unless it is exact with fewer."""
        rounded = round(self.value, self.decimals) + 0.0
        text = f"{rounded:g}" if rounded == self.value else f"{rounded:.{self.decimals}f}"
        return text.replace("-", "−")


@dataclass(frozen=True)
class Difficulty:
    """How hard an exercise is: the steps to take, the different rules among them, and how much
    there is to write, in signs of the input language."""

    steps: int
    rules: int
    length: int


@dataclass(frozen=True)
class Exercise:
    """One exercise with its answer; the module says how to print it.

    Attributes:
        kind: what is asked for.
        subject: the name of the problem it is about, as a slug.
        task: what kind it is, in words.
        title: the problem's title, or "".
        question: what to do.
        given: the definitions it needs, one a line.
        known: what may be assumed, as a sentence, or ().
        start: the left-hand side of the first row; None where there are no rows.
        rows: lines with blanks.
        bank: the names of rules to fill in, and some more, or ().
        choices: answers to choose one from, or ().
        values: numbers asked for.
        answer: sentences for the key.
        solution: the lines as they should be.
        points: at least 1.
        note: how to give the points.
        room: lines to leave for writing; 0 where the blanks are all.
        difficulty: to compare two exercises of one kind.
    """

    kind: Kind
    subject: str
    task: str
    title: str
    question: Sentence
    given: tuple[Formula, ...]
    known: Sentence
    points: int
    note: Sentence
    difficulty: Difficulty
    answer: tuple[Sentence, ...] = ()
    start: Formula | None = None
    rows: tuple[Row, ...] = ()
    bank: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    values: tuple[Value, ...] = ()
    solution: tuple[Row, ...] = ()
    room: int = 0
    words: Words = ENGLISH


@dataclass(frozen=True)
class Paper:
    """Exercises handed out together; the key is the same object.

    Attributes:
        code: what tells papers of one run apart, printed on the sheet and on its key.
        title, course, date: for the head of the page, or "".
        number, of: which paper this is of how many; from 1.
    """

    code: str
    title: str
    number: int
    of: int
    exercises: tuple[Exercise, ...]
    words: Words = ENGLISH
    course: str = ""
    date: str = ""

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)
