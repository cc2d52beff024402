"""Rules for indices that are sums of letters, as the t + k of x[t + k]."""

from __future__ import annotations

from sympy import Add, And, Expr, Ge, Indexed, KroneckerDelta, Le, Lt, Mul, S
from sympy.logic.boolalg import Boolean

from derive.context import Context
from derive.indices import bounds, difference, free_indices, never_negative, solved, substitute
from derive.nodes import Sum, Where, is_index, name_of
from derive.steps import Level, Rewrite, Rule


def picked(node: Sum, factor: Expr) -> Expr | None:
    """The index at which a delta is 1 in a sum, an integer combination of other letters; None for
    what is no delta in the summation index."""
    if not isinstance(factor, KroneckerDelta) or node.letter not in free_indices(factor):
        return None
    first, second = factor.args
    return solved(first, second, node.letter)


def inside(index: Expr, node: Sum, context: Context) -> Boolean:
    """The condition under which an index is one of the values of a sum's letter."""
    extents = context.problem.extents
    if is_index(index) and not _some_are_longer(context):
        return S.true
    terms = [(term.could_extract_minus_sign(), term) for term in Add.make_args(index)]
    over = Add(*(term for minus, term in terms if not minus))
    under = Add(*(-term for minus, term in terms if minus))
    starts = Ge(over, under) if under.is_Integer else Le(under, over)
    first = S.true if never_negative(index, extents) else starts
    end = difference(node.extent - 1, index)
    last = S.true if never_negative(end, extents) else Lt(over, Add(under, node.extent))
    return And(first, last)


def decided(condition: Boolean, context: Context) -> Boolean:
    """A comparison of indices; true or false where it is so for all values that they take."""
    for negated, truth in ((False, S.true), (True, S.false)):
        forms = bounds(condition, negated)
        if forms and all(never_negative(form, context.problem.extents) for form in forms):
            return truth
    return condition


def may_lie_outside(expr: Expr, context: Context) -> bool:
    """Whether an index in an expression may lie before the first entry or beyond the last, so that
    it needs a condition around it."""
    extents = context.problem.extents
    return any(
        not (
            never_negative(index, extents) and never_negative(difference(size - 1, index), extents)
        )
        for head in expr.atoms(Indexed)
        for index, size in zip(head.indices, context.problem.shapes[name_of(head)], strict=True)
        if index in extents or not is_index(index)
    )


def _some_are_longer(context: Context) -> bool:
    """Whether there are axes that some sums run over in part only: those whose length follows from
    others, as that of x in x[t + k]."""
    return any(size.is_Add for shape in context.problem.shapes.values() for size in shape)


def _sift_inside(node: Sum, context: Context) -> Rewrite | None:
    """sum_k f_k delta_(t + k)j = f_(j - t) where there is such a k, else 0. A sum and a delta
    go."""
    factors = context.reading.factors_in_order(node.body)
    for factor in factors:
        index = picked(node, factor)
        if index is None:
            continue
        holds = inside(index, node, context)
        if holds != S.true:
            rest = Mul(*(f for f in factors if f != factor))
            term = substitute(rest, {node.letter: index})
            after = Where(term, S.Zero, holds)
            return Rewrite(after, {"k": node.letter, "j": index, "f": term, "d": factor})
    return None


SIFT_INSIDE = Rule(
    "sifting-inside",
    "Sifting property, where it picks a term",
    r"\sum_k f_k\, \delta_{t + k, j} = \begin{cases} f_{j - t} & 0 \le j - t < n \\"
    r" 0 & \text{else} \end{cases}",
    "{d} leaves only the term with {k} = {j}, which is {f}, if {k} takes that value; else no term "
    "is left.",
    (Sum,),
    _sift_inside,
    Level.BRIEF,
    eager=True,
)
