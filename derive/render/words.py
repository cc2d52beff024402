"""The words that documents put around the maths, in one place so that they can be translated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Every fixed word of every format. `{}` is where a name or number goes."""

    derivative_of: str = "Derivative of "
    second_derivative_of: str = "Second derivative of "
    higher_derivative_of: str = "Derivative of order {} of "
    by: str = " with respect to "
    and_: str = " and "
    simplified: str = "Simplifying "
    notation: str = "Notation"
    where: str = "where"
    given: str = "assuming"
    derivation: str = "Derivation"
    result: str = "Result"
    unconfirmed_result: str = "Result, not confirmed"
    cases: str = "Case by case"
    matrix: str = "Matrix form"
    shape: str = "shape"
    same_form: str = "the same"
    same_for_every: str = ", the same for every "
    example: str = "Worked example"
    lemmas: str = "Used here"
    lemma: str = "by {}"
    reasons: str = "Why each step holds"
    code: str = "In NumPy"
    checked: str = "{} steps, each one checked by machine"
    checked_one: str = "1 step, checked by machine"
    unchecked: str = "{} steps, not all confirmed"
    unchecked_one: str = "1 step, not confirmed"
    no_steps: str = "nothing to do"
    refuted: str = "WRONG: the check refutes this step"
    undecided: str = "unconfirmed: the check could not decide this step"
    stuck: str = "not finished: no rule applies any more"
    step_limit: str = "not finished: the limit on the number of steps was reached"
    loop: str = "not finished: the derivation came back to an earlier line"


ENGLISH = Words()
