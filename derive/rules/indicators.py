"""Rules that make one readable case distinction of several: their conditions, and what stands in
front of them. None of them looks into what is chosen."""

from __future__ import annotations

from itertools import combinations

from sympy import Add, And, Expr, KroneckerDelta, Mul, Ne, Or, S
from sympy.core.relational import Gt, Lt, Relational
from sympy.logic.boolalg import Boolean

from derive.context import Context
from derive.functions import Maximum, relu
from derive.length import is_cases
from derive.nodes import Where
from derive.rules.conditions import negation, tidy
from derive.steps import Level, Rewrite, Rule


def _compare(node: Where, context: Context) -> Rewrite | None:
    """1[f - g > 0] = 1[f > g]. The condition gets shorter, or its number comes to the right."""
    condition = tidy(node.condition, context)
    if condition == node.condition:
        return None
    return Rewrite(Where(node.yes, node.no, condition), {"c": node.condition})


def _turn(node: Where, _: Context) -> Rewrite | None:
    """where(c, 0, f) = where(not c, f, 0). What is 0 comes last, and stays there."""
    if node.yes != 0 or is_cases(node.no):
        return None
    return Rewrite(Where(node.no, S.Zero, negation(node.condition)), {"f": node.no})


def _nest(node: Where, _: Context) -> Rewrite | None:
    """where(c, where(d, f, g), g) = where(c and d, f, g), where(c, g, where(d, g, f)) =
    where(c or d, g, f). A distinction goes."""
    c, yes, no = node.condition, node.yes, node.no
    inside = yes if isinstance(yes, Where) and no in yes.args[:2] else no
    g = no if inside == yes else yes
    if not isinstance(inside, Where) or g not in inside.args[:2]:
        return None
    f, d = inside.yes, inside.condition
    if g == inside.yes:
        f, d = inside.no, negation(d)
    if inside == yes or g == 0:
        after = Where(f, g, And(c if inside == yes else negation(c), d))
    else:
        after = Where(g, f, Or(c, negation(d)))
    return Rewrite(after, {"f": f})


def _both(node: Mul, _: Context) -> Rewrite | None:
    """1[c] 1[d] = 1[c and d]. Two distinctions become one."""
    found = [f for f in node.args if isinstance(f, Where) and f.no == 0]
    if len(found) < 2:
        return None
    rest = Mul(*(f for f in node.args if f not in found))
    chosen = Mul(*(f.yes for f in found))
    after = rest * Where(chosen, S.Zero, And(*(f.condition for f in found)))
    return Rewrite(after, {"f": found[0], "g": found[1]})


def _into(node: Mul, context: Context) -> Rewrite | None:
    """a where(c, f, g) = where(c, a f, a g). What is in the cases may cancel, or be one of them."""
    if node.has(KroneckerDelta):
        return None
    for factor in context.reading.factors_in_order(node):
        if isinstance(factor, Where):
            a = Mul(*(f for f in node.args if f != factor))
            after = Where(a * factor.yes, a * factor.no, factor.condition)
            return Rewrite(after, {"a": a})
    return None


def _redundant(node: Mul, context: Context) -> Rewrite | None:
    """relu(u) where(u > 0, 1, 0) = relu(u): where the indicator is 0, so is the other. A factor
    goes."""
    for factor in context.reading.factors_in_order(node):
        if not (isinstance(factor, Where) and factor.no == 0):
            continue
        for other in context.reading.factors_in_order(node):
            if (own := _positive_where(other)) is None:
                continue
            written = [c for c in (own, tidy(own, context)) if isinstance(c, Relational)]
            forms = [form for c in written for form in (c, c.reversed)]
            conditions = And.make_args(factor.condition)
            rest = [c for c in conditions if c not in forms]
            if len(rest) < len(conditions):
                after = node / factor * Where(factor.yes, S.Zero, And(*rest))
                return Rewrite(after, {"f": other, "g": factor})
    return None


def _positive_where(factor: Expr) -> Relational | None:
    """u > 0 for relu(u) and max(0, u), which are 0 elsewhere."""
    if isinstance(factor, relu):
        return factor.args[0] > 0
    if isinstance(factor, Maximum) and len(factor.args) == 2 and S.Zero in factor.args:
        return next(u for u in factor.args if u != 0) > 0
    return None


def _join(node: Add, context: Context) -> Rewrite | None:
    """where(c, f, g) + where(c, h, k) = where(c, f + h, g + k). Two distinctions become one."""
    cases = [term for term in context.reading.terms(node) if isinstance(term, Where)]
    for place, first in enumerate(cases):
        for second in cases[place + 1 :]:
            if first.condition == second.condition:
                joined = Where(first.yes + second.yes, first.no + second.no, first.condition)
                rest = Add(*(term for term in node.args if term not in (first, second)))
                return Rewrite(rest + joined, {"f": joined})
    return None


def _either(node: Add, context: Context) -> Rewrite | None:
    """where(i < j, f, 0) + where(i > j, f, 0) = where(i != j, f, 0). A distinction goes."""
    cases = [term for term in context.reading.terms(node) if isinstance(term, Where)]
    for first, second in combinations(cases, 2):
        apart = _either_side(first.condition, second.condition)
        if apart is not None and first.args[:2] == second.args[:2] == (first.yes, S.Zero):
            rest = Add(*(term for term in node.args if term not in (first, second)))
            return Rewrite(rest + Where(first.yes, S.Zero, apart), {"f": first.yes})
    return None


def _either_side(first: Boolean, second: Boolean) -> Boolean | None:
    """Of two conditions that never hold together, what one of them says: i < j, i > j."""
    strict = isinstance(first, Lt | Gt) and isinstance(second, Lt | Gt)
    if strict and (first.lts, first.gts) == (second.gts, second.lts):
        return Ne(first.lts, first.gts)
    return None


COMPARE = Rule(
    "compare",
    "Compare the two sides",
    r"\mathbb{1}[f - g > 0] = \mathbb{1}[f > g]",
    "The condition {c} is written without what both of its sides have in common, or what is known "
    "anyway.",
    (Where,),
    _compare,
    Level.FULL,
    eager=True,
)
TURN = Rule(
    "other-case-first",
    "Other case first",
    r"\begin{cases} 0 & c \\ f & \text{else} \end{cases} ="
    r" \begin{cases} f & \text{not } c \\ 0 & \text{else} \end{cases}",
    "The case that is not 0, {f}, is written first.",
    (Where,),
    _turn,
    Level.FULL,
    eager=True,
)
NEST = Rule(
    "both-conditions",
    "Both conditions at once",
    r"\begin{cases} \begin{cases} f & d \\ g & \text{else} \end{cases} & c \\ g & \text{else}"
    r" \end{cases} = \begin{cases} f & c \text{ and } d \\ g & \text{else} \end{cases}",
    "Only where both conditions hold is it {f}.",
    (Where,),
    _nest,
    eager=True,
)
BOTH = Rule(
    "product-of-indicators",
    "Product of indicators",
    r"\mathbb{1}[c]\, \mathbb{1}[d] = \mathbb{1}[c \text{ and } d]",
    "The product is not 0 only where neither {f} nor {g} is.",
    (Mul,),
    _both,
)
INTO = Rule(
    "factor-into-cases",
    "Factor into the cases",
    r"a \begin{cases} f & c \\ g & \text{else} \end{cases} ="
    r" \begin{cases} a f & c \\ a g & \text{else} \end{cases}",
    "{a} is multiplied into each of the cases.",
    (Mul,),
    _into,
)
REDUNDANT = Rule(
    "redundant-indicator",
    "Redundant indicator",
    r"\operatorname{relu}(u)\, \mathbb{1}[u > 0] = \operatorname{relu}(u)",
    "Where {g} is 0, so is {f}.",
    (Mul,),
    _redundant,
    eager=True,
)
EITHER = Rule(
    "either-condition",
    "Either condition",
    r"\mathbb{1}[i < j] + \mathbb{1}[i > j] = \mathbb{1}[i \ne j]",
    "It is {f} in both, and the two conditions never hold together: one that says either of them "
    "is enough.",
    (Add,),
    _either,
    eager=True,
)
JOIN_CASES = Rule(
    "join-cases",
    "Join the cases",
    r"\begin{cases} f & c \\ g & \text{else} \end{cases} +"
    r" \begin{cases} h & c \\ k & \text{else} \end{cases} ="
    r" \begin{cases} f + h & c \\ g + k & \text{else} \end{cases}",
    "Both distinguish the same cases, so they are written as one: {f}.",
    (Add,),
    _join,
)
