"""Rules for case distinctions, extremes and products over an index."""

from __future__ import annotations

from dataclasses import replace

from sympy import Add, Eq, Expr, Integer, KroneckerDelta, Mul, Ne, Pow, S

from derive.context import Context
from derive.functions import Maximum, Minimum, sign
from derive.functions import abs as absolute
from derive.indices import fresh, letters, rename, substitute
from derive.nodes import Derivative, Largest, Product, Smallest, Where, total
from derive.poles import is_kept_finite
from derive.rules.conditions import is_positive
from derive.rules.shifts import may_lie_outside
from derive.steps import Level, Rewrite, Rule


def _case_by_case(node: Derivative, _: Context) -> Rewrite | None:
    """d where(c, f, g) = where(c, df, dg). Both cases are smaller than the distinction."""
    f, x = node.expr, node.variable
    if not isinstance(f, Where):
        return None
    after = Where(Derivative(f.yes, x), Derivative(f.no, x), f.condition)
    return Rewrite(after, {"f": f.yes, "g": f.no})


def _choice(node: Derivative, _: Context) -> Rewrite | None:
    """d max(f, g) = where(f >= g, df, dg). The chosen one is smaller than the choice."""
    f, x = node.expr, node.variable
    if not isinstance(f, Maximum | Minimum):
        return None
    first, *others = f.args
    rest = f.func(*others) if len(others) > 1 else others[0]
    holds = first >= rest if isinstance(f, Maximum) else first <= rest
    after = Where(Derivative(first, x), Derivative(rest, x), holds)
    return Rewrite(after, {"f": first, "g": rest})


def _extreme(node: Derivative, context: Context) -> Rewrite | None:
    """d max_k f_k = sum_k where(f_k == max_l f_l, 1, 0) df_k. The body is smaller."""
    f, x = node.expr, node.variable
    if not isinstance(f, Largest | Smallest):
        return None
    other = rename(f, fresh(f.letter, context.letters | letters(node)))
    attained = Where(Integer(1), Integer(0), Eq(f.body, other))
    after = total(attained * Derivative(f.body, x), f.letter, f.extent)
    return Rewrite(after, {"f": f.body, "k": f.letter})


def _product_over_index(node: Derivative, context: Context) -> Rewrite | None:
    """d prod_k f_k = sum_k prod_l where(l != k, f_l, 1) df_k. The body is smaller than the product;
    a quotient by f_k would be wrong where that is 0."""
    f, x = node.expr, node.variable
    if not isinstance(f, Product):
        return None
    others = rename(f, fresh(f.letter, context.letters | letters(node)))
    body = Where(others.body, Integer(1), Ne(others.letter, f.letter))
    without = Product(body, (others.letter, Integer(1), f.extent))
    after = total(without * Derivative(f.body, x), f.letter, f.extent)
    return Rewrite(after, {"f": f.body, "k": f.letter})


def _all_factors(node: Product, context: Context) -> Rewrite | None:
    """prod_k where(k != j, f_k, 1) = prod_k f_k / f_j for positive f_j. A distinction goes."""
    cases, k = node.body, node.letter
    apart = isinstance(cases, Where) and cases.no == 1 and isinstance(cases.condition, Ne)
    if not apart or k not in cases.condition.args or not is_positive(cases.yes, context):
        return None
    j = next(side for side in cases.condition.args if side != k)
    whole = Product(cases.yes, (k, Integer(1), node.extent))
    left_out = substitute(cases.yes, {k: j})
    return Rewrite(whole / left_out, {"f": left_out})


def _delta_out(node: Where, _: Context) -> Rewrite | None:
    """where(c, f delta, 0) = delta where(c, f, 0). A delta comes to where it can pick its term."""
    if S.Zero not in (node.yes, node.no):
        return None
    filled = node.yes if node.no == 0 else node.no
    factors = Mul.make_args(filled)
    deltas = [f for f in factors if _has_delta(f) and not is_kept_finite(f, node.condition)]
    if not deltas:
        return None
    d, rest = Mul(*deltas), Mul(*(f for f in factors if f not in deltas))
    after = d * Where(*(rest if part == filled else part for part in node.args))
    return Rewrite(after, {"d": d})


def _has_delta(factor: Expr) -> bool:
    """Whether a factor is a delta or a bracket with one."""
    if isinstance(factor, Add):
        return any(_has_delta(f) for term in factor.args for f in Mul.make_args(term))
    return isinstance(factor, KroneckerDelta)


def _factor_out(node: Where, context: Context) -> Rewrite | None:
    """where(c, a f, a g) = a where(c, f, g). A factor is written once."""
    yes, no = (set(Mul.make_args(part)) for part in (node.yes, node.no))
    common = yes & no if S.Zero not in (node.yes, node.no) else yes | no
    common = {f for f in common - {S.Zero, S.One} if not may_lie_outside(f, context)}
    if S.Zero in (node.yes, node.no):
        common = {f for f in common if not is_kept_finite(f, node.condition)}
    if not common:
        return None
    a = Mul(*(f for f in (*Mul.make_args(node.yes), *Mul.make_args(node.no)) if f in common))
    if S.Zero not in (node.yes, node.no):
        a = Mul(*(f for f in Mul.make_args(node.yes) if f in common))
    # Not divided by a: SymPy knows erf(0) to be 0, and makes 0/erf(0) a nan.
    f, g = (Mul(*(f for f in Mul.make_args(part) if f not in common)) for part in node.args[:2])
    return Rewrite(a * Where(f, g, node.condition), {"a": a})


def _absolute(node: Mul, context: Context) -> Rewrite | None:
    """u sign u = |u|; |u|^k sign u = u^k for odd k, u |u|^(k - 1) for even k > 0. A factor goes."""
    for factor in context.reading.factors_in_order(node):
        if not isinstance(factor, sign):
            continue
        u = factor.args[0]
        for power in node.args:
            base, k = power.as_base_exp()
            if base == absolute(u) and (k.is_odd or (k.is_even and k.is_positive)):
                joined = u**k if k.is_odd else u * absolute(u) ** (k - 1)
                return Rewrite(node / factor / power * joined, {"f": factor * power, "g": joined})
        if all(part in node.args for part in Mul.make_args(u)):
            return Rewrite(node / factor / u * absolute(u), {"f": u * factor, "g": absolute(u)})
    return None


def _even_power(node: Pow, _: Context) -> Rewrite | None:
    """|u|^2 = u^2. The bars go."""
    if not isinstance(node.base, absolute) or not node.exp.is_even:
        return None
    after = Pow(node.base.args[0], node.exp)
    return Rewrite(after, {"f": node, "g": after})


_D = (Derivative,)

CASE_BY_CASE = Rule(
    "case-by-case",
    "Case by case",
    r"\partial \begin{cases} f & c \\ g & \text{else} \end{cases} ="
    r" \begin{cases} \partial f & c \\ \partial g & \text{else} \end{cases}",
    "Each case is differentiated by itself. Where they meet there may be a kink without a "
    "derivative; the case that the condition selects is taken there.",
    _D,
    _case_by_case,
)
CHOICE = Rule(
    "maximum",
    "Maximum or minimum, case by case",
    r"\partial \max(f, g) = \begin{cases} \partial f & f \ge g \\ \partial g & \text{else}"
    r" \end{cases}",
    "Only the one that is chosen, {f} or {g}, counts. Where both are equal there is a kink, and "
    "the slope of the first is taken.",
    _D,
    _choice,
)
EXTREME = Rule(
    "maximum-over-index",
    "Maximum or minimum over an index",
    r"\partial \max_k f_k = \sum_k \mathbf{1}[f_k = \max_l f_l]\, \partial f_k",
    "Only the {k} at which {f} is the extreme one counts; where it is attained twice there is a "
    "kink.",
    _D,
    _extreme,
)
PRODUCT_OVER_INDEX = Rule(
    "product-rule-over-index",
    "Product rule for a product over an index",
    r"\partial \prod_k f_k = \sum_k \prod_{l \ne k} f_l\, \partial f_k",
    "Each factor {f} is differentiated in turn, with all others left as they are.",
    _D,
    _product_over_index,
)
ALL_FACTORS = Rule(
    "complete-product",
    "Complete the product",
    r"\prod_{k \ne j} f_k = \frac{1}{f_j} \prod_k f_k",
    "The factor that is left out, {f}, is not 0, so it may be multiplied in and divided by.",
    (Product,),
    _all_factors,
)
DELTA_OUT = Rule(
    "delta-out-of-cases",
    "Delta out of the cases",
    r"\begin{cases} f \delta & c \\ 0 & \text{else} \end{cases} ="
    r" \delta \begin{cases} f & c \\ 0 & \text{else} \end{cases}",
    "The other case is 0, so {d} may stand in front of both.",
    (Where,),
    _delta_out,
    Level.FULL,
    eager=True,
)
FACTOR_OUT = Rule(
    "factor-out-of-cases",
    "Factor out of the cases",
    r"\begin{cases} a f & c \\ a g & \text{else} \end{cases} ="
    r" a \begin{cases} f & c \\ g & \text{else} \end{cases}",
    "{a} stands in every case that is not 0, and is written once in front.",
    (Where,),
    _factor_out,
)
ABSOLUTE = Rule(
    "absolute-value",
    "Absolute value",
    r"u \operatorname{sign} u = |u|",
    "{f} is {g}.",
    (Mul,),
    _absolute,
    eager=True,
)
EVEN_POWER = replace(ABSOLUTE, on=(Pow,), rewrite=_even_power)
