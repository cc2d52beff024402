"""Known misconceptions. Each is a way to get wrong results, and is found by getting them: by a
wrong rule in front of the right ones, by what is done to the right result, or by an assumption
that was never made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sympy import Eq, Expr

from derive.answers import wrong_algebra as algebra
from derive.answers import wrong_results as results
from derive.answers import wrong_rules as rules
from derive.answers.wrong_rules import Wrong
from derive.nodes import entry, index, indices_of, name_of, total
from derive.problem import Problem

# From the right result to wrong ones.
Change = Callable[[Expr, Problem], Iterator[Expr]]


@dataclass(frozen=True)
class Mistake:
    """A misconception.

    Attributes:
        slug: its name, of the closed list in this module.
        title: its name for people.
        why: one sentence on why it is wrong.
        mend: one sentence on what would mend it.
        rules: wrong rules that make it.
        held: whether it also takes each name that stands for a sum, by itself, to be constant.
        changes: what it does to a right result.
        instead: for each problem, those that are solved in its place.
        steps: the rules' slugs of the steps where it happens.
        small: whether it is easily made on top of another one.
    """

    slug: str
    title: str
    why: str
    mend: str
    rules: tuple[Wrong, ...] = ()
    held: bool = False
    changes: tuple[Change, ...] = ()
    instead: Callable[[Problem], Iterator[Problem]] = lambda _: iter(())
    steps: tuple[str, ...] = ()
    small: bool = False


def targets_sum_to_one(problem: Problem) -> Iterator[Problem]:
    """sum_k y_k = 1 for each variable of one axis that is not what is differentiated by."""
    asked = {name_of(variable) for variable in problem.wrt}
    for name in problem.variables:
        shape = problem.shapes[name]
        if len(shape) == 1 and name not in asked:
            k = index("k")
            fact = Eq(total(entry(name, k), k, shape[0]), 1, evaluate=False)
            if fact not in problem.assumptions:
                yield replace(problem, assumptions=(*problem.assumptions, fact))


def by_an_intermediate(problem: Problem) -> Iterator[Problem]:
    """The derivative by a name on the way, of the variable's shape: dL/dp for dL/dz."""
    if len(problem.wrt) != 1:
        return
    (variable,) = problem.wrt
    shape = problem.shapes[name_of(variable)]
    for place, definition in enumerate(problem.definitions):
        letters = indices_of(variable)
        if problem.shapes[definition.name] == shape and definition.head != problem.target:
            head = entry(definition.name, *letters) if letters else definition.head
            kept = (*problem.definitions[:place], *problem.definitions[place + 1 :])
            yield replace(problem, wrt=(head,), definitions=kept)


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "sign",
        "Sign",
        "The size is right, but the whole result or one of its terms has the other sign.",
        "Follow the minus signs from the loss on: each stays in front until something cancels it.",
        changes=(results.sign_flipped,),
        steps=(
            "chain-rule",
            "quotient-rule",
            "constant-factor",
            "chain-rule-through",
            "product-rule",
            "linearity",
        ),
        small=True,
    ),
    Mistake(
        "transposed",
        "Rows and columns changed places",
        "The two indices are swapped, so the array is the transpose of the right one.",
        "Write the indices out: the result has the indices of the variable, in its order.",
        changes=(results.transposed, results.matrix_transposed),
        steps=("kronecker-delta", "chain-rule-through"),
        small=True,
    ),
    Mistake(
        "diagonal-only",
        "Only the diagonal",
        "This holds for equal indices only; with different ones the entry is another, and it is "
        "not 0 where the outputs share a sum.",
        "Differentiate by an input with an index of its own, and keep both cases, equal and "
        "different.",
        rules=(rules.only_the_same_entry,),
        changes=(results.diagonal_only,),
        steps=("kronecker-delta", "lemma", "quotient-rule", "sifting"),
    ),
    Mistake(
        "shared-reduction",
        "A shared sum held constant",
        "The mean, variance or normalising sum depends on the variable too; here it was treated "
        "as a constant.",
        "Differentiate the sum as well, by the product or quotient rule.",
        rules=(rules.sum_held_constant,),
        held=True,
        steps=("quotient-rule", "product-rule", "chain-rule-through", "sum-rule"),
    ),
    Mistake(
        "p-minus-y",
        "A condition that was not given",
        "This holds only where the targets sum to 1, and that was not assumed.",
        "Keep the sum of the targets as a factor, or state the assumption.",
        instead=targets_sum_to_one,
        steps=("assumption", "sifting"),
    ),
    Mistake(
        "chain-rule-missing",
        "Chain rule forgotten",
        "The derivative of what stands inside the function is missing.",
        "Multiply by the derivative of the inner expression.",
        rules=(
            rules.inner_derivative_lost,
            rules.slope_alone,
            rules.layer_input_lost,
            rules.outer_derivative_lost,
        ),
        instead=by_an_intermediate,
        steps=("chain-rule", "power-rule", "chain-rule-through"),
    ),
    Mistake(
        "chain-rule-missing",
        "Slope at the wrong place",
        "The slope is written in terms of the function's value, but its argument was put in.",
        "Put the value of the function where the formula has it, as in s(1 - s) with s the "
        "sigmoid's value.",
        rules=(rules.slope_at_the_wrong_place,),
        changes=(results.argument_for_value,),
        steps=("elementary-derivative", "chain-rule"),
    ),
    Mistake(
        "wrong-slope",
        "Slope of another function",
        "The slope is that of a function of like shape: 1 - t^2 belongs to tanh, and s(1 - s) to "
        "the sigmoid.",
        "Derive the slope of this very function once, and keep it with its name.",
        rules=(rules.slope_of_another,),
        steps=("elementary-derivative", "chain-rule"),
    ),
    Mistake(
        "lost-sum",
        "A sum or a delta is lost",
        "The contributions of all indices have to be added up, each where its delta is not 0; "
        "here a sum or a delta is missing, or one index stands for another.",
        "Keep the sum until a delta picks one of its terms, and the result's indices until the "
        "end.",
        rules=(rules.sum_of_one_term, rules.delta_lost),
        changes=(
            results.sum_lost,
            results.delta_lost,
            results.off_diagonal_only,
            results.index_confused,
        ),
        steps=("sum-rule", "chain-rule-through", "sifting", "kronecker-delta"),
    ),
    Mistake(
        "constant-factor",
        "A constant factor",
        "A factor such as 2, or a number of entries, is missing, was put in twice, or is that of "
        "another axis.",
        "Carry the factor in front of the sum along, and check it at one small size.",
        changes=(results.factor_lost,),
        steps=("power-rule", "constant-factor", "sum-of-constant"),
        small=True,
    ),
    Mistake(
        "product-rule",
        "Product rule",
        "The derivative of a product is neither the product of the derivatives nor one term alone.",
        "Differentiate each factor in turn, leave the others, and add up.",
        rules=(rules.factors_apart, rules.first_factor_only),
        steps=("product-rule",),
    ),
    Mistake(
        "quotient-rule",
        "Quotient rule",
        "The derivative of f/g is (f' g - f g')/g^2, in this order and over the square.",
        "Write down f, g, f' and g' first, then put them in.",
        rules=(
            rules.quotient_with_plus,
            rules.quotient_reversed,
            rules.quotient_without_square,
            rules.quotient_of_derivatives,
            rules.numerator_only,
        ),
        steps=("quotient-rule",),
    ),
    Mistake(
        "power-rule",
        "Power rule",
        "The exponent comes down in front, and what stays above is one less.",
        "Write the power with its exponent before differentiating: 1/x is x^(-1).",
        rules=(rules.power_kept, rules.power_without_exponent),
        steps=("power-rule",),
    ),
    Mistake(
        "wrong-branch",
        "Wrong branch",
        "The slope of one case stands where the other case holds.",
        "Take each case with its condition, on either side of the kink.",
        rules=(rules.other_branch,),
        changes=(results.branch_swapped,),
        steps=("case-by-case", "maximum", "maximum-over-index"),
    ),
    Mistake(
        "algebra-slip",
        "Slip of algebra",
        "A bracket, a power, a quotient or a function of a sum was taken apart wrongly.",
        "Multiply every term in a bracket, and split only numerators: 1/(a + b) stays whole.",
        changes=(
            algebra.bracket_lost,
            algebra.quotient_split,
            algebra.power_slip,
            algebra.function_split,
        ),
    ),
    Mistake(
        "complement",
        "1 minus it",
        "A value stands where 1 minus it belongs, or the other way round.",
        "Keep p and 1 - p apart: sigmoid(-x) is 1 - sigmoid(x).",
        changes=(algebra.complement,),
        steps=("elementary-derivative", "chain-rule"),
    ),
    Mistake(
        "constant-kept",
        "A constant is kept",
        "A term that does not depend on the variable has the derivative 0, and here it is still "
        "there.",
        "Leave out every term without the variable when differentiating a sum.",
        rules=(rules.constant_kept,),
        changes=(algebra.constant_kept,),
        steps=("linearity", "constant"),
    ),
    Mistake(
        "missing-term",
        "A term is missing",
        "One of the terms of the result was left out.",
        "Add up the contributions of all places where the variable stands.",
        changes=(results.term_forgotten,),
        steps=("linearity", "product-rule", "quotient-rule", "chain-rule-through"),
    ),
    Mistake(
        "missing-factor",
        "A factor is missing",
        "One of the factors of the result was left out.",
        "Collect the factors of all links of the chain before simplifying.",
        changes=(results.factor_forgotten,),
        steps=("chain-rule", "chain-rule-through", "product-rule"),
    ),
)

_BY_SLUG = {mistake.slug: mistake for mistake in MISTAKES}
SIGN, CONSTANT_FACTOR, LOST_SUM = (
    _BY_SLUG[slug] for slug in ("sign", "constant-factor", "lost-sum")
)
