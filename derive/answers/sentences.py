"""Every sentence that is said of an answer, but for those on known mistakes. Blanks are filled when
a sentence is made a `Phrase`, so that it can be said in other languages."""

from __future__ import annotations

from collections.abc import Callable

from derive.phrases import Phrase

# verdicts
RIGHT = "right"
WRONG = "wrong"
WRONG_FROM = "wrong from line {line} on"
UNDECIDED = "undecided"

# how it is known
PROVED = "equal for every size and every value, by normal form"
TRIED = "equal at all points that were tried, to 30 digits; not proved beyond them"
DIFFERS = "the values differ"
NO_ANSWER = "no line states the result that is asked for"
PENDING = "right so far, but a derivative is still to be worked out"
SEVERAL_POINTS = "right at {count} points of several sizes"
ALONE = "it takes one sample at a time"
BATCHES = "it takes a whole batch, too"
OVERFLOWS = "right at small numbers, but it overflows at large ones"
SHAPE = "its result has shape {found}, not {wanted}"

# beside a line
FOLLOWS = "follows from the line before, which is wrong"
FOLLOWS_FROM = "follows from line {line}, which is wrong"
NOT_AS_BEFORE = "right, but not equal to the line before"
NOT_FROM_BEFORE = "does not follow from the line before either"

# below the lines
LAYOUT = "written in {layout}"
LOOK = "Look at line {line}."
SEE = "see step {step} of the derivation ({rule})"
SEE_OF = "see step {step} of the derivation of {question} ({rule})"
EXAMPLE = "For example, with {numbers}"
WHERE = "where {values}"
GIVES = "the answer gives"
SHOULD = "it should be"
RIGHT_LINE = "The right line is {line}."

# where an answer parts from the truth
ONLY_WHERE = "It is right where {right}, and wrong where {wrong}."
TIMES = "It is {factor} times the right result."
MISSING_TERM = "The term {term} of the right result is missing."
EXTRA_TERM = "The right result has no term {term}."
NO_TERM = "None of its terms is a term of the right result."
OTHER_TERM = "It has {found} where the right result has {wanted}."
OTHER_CONDITION = "It has the condition {found} where the right result has {wanted}."
AT_SIZES = "It is right at {right}, and wrong at {wrong}."
LOOSE = "The index {index} stands on the right only: a sum over it, or a delta, is missing."
SHAPES = "The shapes do not fit: {reason}."

# many answers
ANSWER = "answer"
VERDICT = "verdict"
FIRST_WRONG_LINE = "first wrong line"
MISCONCEPTION = "misconception"
COUNTED = "number of answers"
ERROR = "not readable"


def every() -> tuple[str, ...]:
    """All of them."""
    return tuple(v for k, v in globals().items() if k.isupper() and isinstance(v, str))


def said(text: str, say: Callable[[str], str]) -> str:
    """A sentence in another language, its blanks filled; those that are sentences, too."""
    if not isinstance(text, Phrase):
        return say(text)
    blanks = {key: said(value, say) for key, value in text.blanks.items()}
    return say(text.message).format_map(blanks) if blanks else say(text.message)
