"""The words that documents put around the maths, in English, and how to have them in another
language: see `derive.locale`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache

from derive.locale import messages


@dataclass(frozen=True)
class Words:
    """Every fixed sentence of every format, in one language. What goes into the named blanks is a
    formula, a name or another sentence; the signs between parts are sentences too.

    Attributes:
        language: "en", "zh-CN" or "zh-TW".
        messages: from English to this language.
    """

    language: str = "en"
    messages: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    # what is asked
    derivative: str = "Derivative of {target} with respect to {variables}"
    partial: str = "Partial derivative of {target} with respect to {variables}"
    second_derivative: str = "Second derivative of {target} with respect to {variables}"
    second_partial: str = "Second partial derivative of {target} with respect to {variables}"
    higher_derivative: str = "Derivative of order {order} of {target} with respect to {variables}"
    higher_partial: str = (
        "Partial derivative of order {order} of {target} with respect to {variables}"
    )
    simplified: str = "Simplifying {target}"
    # headings
    notation: str = "Notation"
    derivation: str = "Derivation"
    result: str = "Result"
    unconfirmed_result: str = "Result, not confirmed"
    cases: str = "Case by case"
    matrix: str = "Matrix form"
    lemmas: str = "Used here"
    example: str = "Worked example"
    code: str = "In NumPy"
    # below the headings
    where: str = "where {formula}"
    given: str = "assuming {facts}"
    lemma: str = "by {formula}"
    sized: str = "shape {shape}; {sides}"
    rows_of: str = "rows: {index} of {name}"
    columns_of: str = "columns: {index} of {name}"
    entries_of: str = "entries: {index} of {name}"
    rows: str = "rows: {index}"
    columns: str = "columns: {index}"
    entries: str = "entries: {index}"
    same_for_every: str = "the same for every {index}"
    same_layout: str = "{layout}: the same"
    # on a handout
    name_line: str = "Name"
    conventions: str = "Conventions"
    about_indices: str = "Indices run from 1; a sum without limits is over all values of its index."
    about_delta: str = "{delta} is 1 where {equal}, and 0 elsewhere."
    about_jacobians: str = (
        "The Jacobian of a vector has a row for each of its entries and a column for each entry of "
        "the variable (numerator layout)."
    )
    about_gradients: str = (
        "The gradient of a number has the shape of the variable (denominator layout)."
    )
    about_marks: str = (
        "What is new in a line is blue and underlined; where nothing is, all of the line is new."
    )
    written_out: str = "Written out for {sizes}"
    facts: str = "What always holds"
    slip: str = "The usual slip"
    summary_table: str = "Summary"
    topic: str = "Topic"
    references: str = "References"
    exercises: str = "Exercises"
    answers: str = "Answers"
    points: str = "{points} points"
    points_one: str = "1 point"
    blank: str = "blank"
    # what always holds
    rows_sum: str = "Every row sums to 0: {formula}."
    columns_sum: str = "Every column sums to 0: {formula}."
    entries_sum: str = "The entries sum to 0: {formula}."
    symmetric: str = "The matrix is symmetric: {formula}."
    even: str = "The slope at {minus} is the same as at {variable}."
    rank: str = "The rank is {rank}, one less than the size (tried at {sizes})."
    same_shape: str = "{derivative} has the shape of {variable}: {shape}."
    # the usual slip
    at_numbers: str = "With {numbers}, this gives {answer}, and it should be {truth}."
    # how parts are joined
    listed: str = "{first}, {second}"
    and_: str = "{first} and {last}"
    joined: str = "{first}; {second}"
    followed: str = "{first} {second}"
    labelled: str = "{label}: {text}"
    led: str = "{title}. {reason}"
    remark: str = "{text} ({remark})"
    # how it ended
    checked: str = "{count} steps, each one checked by machine"
    checked_one: str = "1 step, checked by machine"
    unchecked: str = "{count} steps, not all confirmed"
    unchecked_one: str = "1 step, not confirmed"
    no_steps: str = "Nothing to do"
    refuted: str = "WRONG: the check refutes this step"
    undecided: str = "unconfirmed: the check could not decide this step"
    stuck: str = "not finished: no rule applies any more"
    step_limit: str = "not finished: the limit on the number of steps was reached"
    loop: str = "not finished: the derivation came back to an earlier line"

    def say(self, message: str) -> str:
        """A sentence of the source in this language, its blanks still open; as it stands if it is
        not in the catalogue, such as the title of a user's own rule."""
        return self.messages.get(message, message)


ENGLISH = Words()

# Words among the symbols of a formula.
IN_FORMULAS = ("if", "otherwise", "and", "or", "not", "result")
# What a refuted step's witness tells.
IN_WITNESSES = ("sizes", "indices", "point", "before", "after")


@cache
def words_in(language: str) -> Words:
    """The words of a language. Raises ValueError for one that there is not."""
    found = messages(language)
    sentences = [f.name for f in fields(Words) if f.name not in ("language", "messages")]
    own = {name: found.get(said, said) for name in sentences if (said := getattr(ENGLISH, name))}
    return replace(ENGLISH, language=language, messages=found, **own)
