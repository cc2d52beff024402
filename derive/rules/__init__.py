"""Every rule there is, in the order in which it is tried: the order is the pedagogy."""

from __future__ import annotations

from derive.rules import algebra, calculus, cases, deltas, layers, names, sums
from derive.steps import Rule

DIFFERENTIATION: tuple[Rule, ...] = (
    calculus.RENAME,
    calculus.CONSTANT,
    calculus.VARIABLE,
    calculus.KRONECKER,
    layers.INTERMEDIATE,
    layers.DEFINITION,
    layers.LEMMA,
    calculus.LINEARITY,
    calculus.CONSTANT_FACTOR,
    calculus.SUM_RULE,
    cases.PRODUCT_OVER_INDEX,
    cases.CASE_BY_CASE,
    cases.CHOICE,
    cases.EXTREME,
    calculus.LOGARITHM_LAWS,
    calculus.TWO_EXPONENTIALS,
    calculus.QUOTIENT,
    calculus.PRODUCT,
    calculus.POWER,
    calculus.VARIABLE_EXPONENT,
    calculus.ELEMENTARY,
    calculus.CHAIN,
)
SIMPLIFICATION: tuple[Rule, ...] = (
    sums.SIFT,
    sums.EXPAND_TO_DELTA,
    sums.SPLIT_OFF_DELTA,
    names.KNOWN_SUM,
    names.ASSUMPTION,
    cases.DELTA_OUT,
    cases.ABSOLUTE,
    cases.REDUNDANT,
    sums.CONSTANT_BODY,
    names.FOLD,
    names.FOLD_IN_SUM,
    names.SIGMOID,
    names.COMPLEMENT,
    names.RATIO,
    algebra.SIGN,
    algebra.JOIN_POWERS,
    sums.CONSTANT_OUT,
    sums.SPLIT,
    algebra.SPLIT_FRACTION,
    algebra.FACTOR,
    deltas.SAME_INDEX,
    cases.FACTOR_OUT,
    cases.JOIN_CASES,
    algebra.EXPAND,
    algebra.ADD_AND_SUBTRACT,
    sums.JOIN,
)
RULES: tuple[Rule, ...] = DIFFERENTIATION + SIMPLIFICATION
CASES: Rule = deltas.CASES
CANCEL: Rule = algebra.CANCEL

# The ways to take a product or quotient apart.
WAYS: dict[str, tuple[Rule, ...]] = {
    "quotient": RULES,
    "product": tuple(rule for rule in RULES if rule is not calculus.QUOTIENT),
    "log": (calculus.RENAME, calculus.LOGARITHMIC, *RULES[1:]),
}
WAY_RULES: dict[str, Rule] = {
    "quotient": calculus.QUOTIENT,
    "product": calculus.PRODUCT,
    "log": calculus.LOGARITHMIC,
}
