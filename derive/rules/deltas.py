"""Rules for Kronecker's delta outside of sums."""

from __future__ import annotations

from sympy import Eq, Expr, KroneckerDelta, Mul, Ne, Piecewise, S

from derive.context import Context
from derive.indices import bound_indices, free_indices, substitute
from derive.nodes import is_index
from derive.steps import Level, Rewrite, Rule


def _same_index(node: Mul, context: Context) -> Rewrite | None:
    """delta_ij f_j = delta_ij f_i. Letters are only replaced by ones that are read earlier."""
    for factor in context.reading.factors_in_order(node):
        if not isinstance(factor, KroneckerDelta):
            continue
        i, j = context.reading.delta_indices(factor)
        rest = Mul(*(f for f in node.args if f != factor))
        if is_index(i) and j in free_indices(rest):
            after = factor * substitute(rest, {j: i})
            return Rewrite(after, {"i": i, "j": j, "d": factor})
    return None


def _cases(node: Expr, context: Context) -> Rewrite | None:
    """f(delta_ij) = f(1) where i = j, f(0) where not. Only for an expression with one delta."""
    deltas = sorted(node.atoms(KroneckerDelta), key=str)
    if len(deltas) != 1:
        return None
    i, j = context.reading.delta_indices(deltas[0])
    if not (is_index(i) and is_index(j)) or bound_indices(node) & {i, j}:
        return None
    equal = substitute(node, {j: i})
    apart = {Eq(i, j): S.false, Eq(j, i): S.false, Ne(i, j): S.true, Ne(j, i): S.true}
    other = node.xreplace({deltas[0]: S.Zero, **apart})  # none has a bound letter to capture
    after = Piecewise((equal, Eq(i, j)), (other, Ne(i, j)), evaluate=False)
    return Rewrite(after, {"i": i, "j": j, "f": equal, "g": other})


SAME_INDEX = Rule(
    "delta-substitution",
    "Same index under a delta",
    r"\delta_{ij} f_j = \delta_{ij} f_i",
    "{d} is 0 unless {j} is {i}, so beside it {j} may be written as {i}.",
    (Mul,),
    _same_index,
    Level.FULL,
)
CASES = Rule(
    "cases",
    "Two cases",
    r"f(\delta_{ij}) = \begin{cases} f(1) & i = j \\ f(0) & i \neq j \end{cases}",
    "For {i} = {j} the delta is 1, which gives {f}; for different indices it is 0, which gives "
    "{g}.",
    (Expr,),
    _cases,
)
