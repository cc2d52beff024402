"""Every fixed sentence of exercises, in English; `derive.locale` has the others."""

from __future__ import annotations

from derive.exercises.model import Kind

TASKS: dict[Kind, str] = {
    Kind.DERIVE: "Derive this",
    Kind.GAPS: "Fill the gaps",
    Kind.RULES: "Name the rules",
    Kind.MISTAKE: "Find the mistake",
    Kind.NUMBERS: "Work it out in numbers",
    Kind.SHAPE: "Shapes and layouts",
}

DERIVE = "Derive {derivative}, one rule in a line, and name the rule."
GAPS = "This is how {derivative} is derived. Fill in the formulas that are missing."
RULES = "Each line follows from the one before by a rule. Write down the names that are missing."
MISTAKE = (
    "This derivation of {derivative} has a line that does not follow from the one before. "
    "Which line is it, what went wrong, and what should it be?"
)
WHICH_LINE = (
    "This derivation of {derivative} has a line that does not follow from the one before. "
    "Which line is it?"
)
NUMBERS = "Work out these entries of {derivative} at {numbers}, to three decimals."
NUMBER = "Work out {derivative} at {numbers}, to three decimals."
SHAPE = "What is the shape of the array of all entries of {derivative}?"
LAYOUT = "In {convention}, what do the rows and the columns of {derivative} stand for?"

LINE = "Line {number}"
NO_LINE = "Line {number} is wrong. It should be: {formula}"
RESULT = "Result: {formula}"

DERIVE_NOTE = (
    "A point for each line of the key, or for one that does its work. Another way to the same "
    "result gets all of them."
)
GAPS_NOTE = "A point for each formula, also in another form that is equal to it."
RULES_NOTE = "A point for each name."
MISTAKE_NOTE = (
    "A point for the line, one for what went wrong, one for what it should be. The lines after it "
    "follow from it, and are no mistakes of their own."
)
LAST_MISTAKE_NOTE = "A point for the line, one for what went wrong, one for what it should be."
NUMBERS_NOTE = "A point for each number. What is rounded differently in the last decimal is right."
CHOICE_NOTE = "A point for the right one, none where several are ticked."

NUMBER_ALONE = "a single number"

ALL: tuple[str, ...] = (
    *TASKS.values(),
    *(DERIVE, GAPS, RULES, MISTAKE, WHICH_LINE, NUMBERS, NUMBER, SHAPE, LAYOUT),
    *(LINE, NO_LINE, RESULT),
    *(DERIVE_NOTE, GAPS_NOTE, RULES_NOTE, MISTAKE_NOTE, LAST_MISTAKE_NOTE, NUMBERS_NOTE),
    *(CHOICE_NOTE, NUMBER_ALONE),
)
