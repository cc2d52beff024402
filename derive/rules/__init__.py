"""Every rule there is, in the order in which it is tried: the order is the pedagogy."""

from __future__ import annotations

from derive.rules import (
    algebra,
    alike,
    calculus,
    cases,
    deltas,
    exponentials,
    folding,
    fractions,
    indicators,
    layers,
    names,
    shifts,
    sums,
)
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
    exponentials.LOGARITHM_LAWS,
    exponentials.TWO_EXPONENTIALS,
    calculus.QUOTIENT,
    calculus.PRODUCT,
    calculus.POWER,
    exponentials.VARIABLE_EXPONENT,
    calculus.ELEMENTARY,
    calculus.CHAIN,
)
SIMPLIFICATION: tuple[Rule, ...] = (
    sums.SIFT,
    shifts.SIFT_INSIDE,
    sums.EXPAND_TO_DELTA,
    sums.SPLIT_OFF_DELTA,
    sums.EXPAND_TO_KNOWN,
    sums.SPLIT_OFF_KNOWN,
    names.KNOWN_SUM,
    names.DEVIATIONS,
    names.ASSUMPTION,
    cases.DELTA_OUT,
    cases.ABSOLUTE,
    indicators.COMPARE,
    indicators.REDUNDANT,
    indicators.NEST,
    indicators.TURN,
    sums.CONSTANT_BODY,
    sums.SAME_SUMS,
    alike.ALIKE,
    folding.ALIAS,
    folding.FOLD,
    folding.FOLD_MULTIPLE,
    folding.FOLD_IN_SUM,
    names.SIGMOID,
    names.SIGMOID_OF_MINUS,
    names.COMPLEMENT,
    names.COMPLEMENTS,
    names.RATIO,
    algebra.SIGN,
    algebra.JOIN_POWERS,
    algebra.JOIN_FRACTION,
    sums.CONSTANT_OUT,
    sums.SPLIT,
    fractions.SPLIT_FRACTION,
    fractions.COMMON_DENOMINATOR,
    algebra.FACTOR,
    algebra.FACTOR_COMPLEMENT,
    deltas.SAME_INDEX,
    algebra.SAME_FACTOR,
    cases.FACTOR_OUT,
    cases.ALL_FACTORS,
    indicators.BOTH,
    indicators.INTO,
    indicators.JOIN_CASES,
    algebra.EXPAND,
    fractions.ADD_AND_SUBTRACT,
    sums.JOIN,
    sums.SWAP_LETTERS,
)
RULES: tuple[Rule, ...] = DIFFERENTIATION + SIMPLIFICATION
CASES: Rule = deltas.CASES
CANCEL: Rule = fractions.CANCEL

# The ways to take a product or quotient apart.
WAYS: dict[str, tuple[Rule, ...]] = {
    "quotient": RULES,
    "product": tuple(rule for rule in RULES if rule is not calculus.QUOTIENT),
    "log": (calculus.RENAME, exponentials.LOGARITHMIC, *RULES[1:]),
}
WAY_RULES: dict[str, Rule] = {
    "quotient": calculus.QUOTIENT,
    "product": calculus.PRODUCT,
    "log": exponentials.LOGARITHMIC,
}
