"""Rules of plain algebra: none of them does two things at once."""

from __future__ import annotations

from dataclasses import replace

from sympy import Add, Expr, Integer, KroneckerDelta, Mul, Number, Pow, S, gcd

from derive.context import Context
from derive.indices import difference, substitute
from derive.length import complements, has_minus
from derive.nodes import Binder
from derive.rules.deltas import SAME_INDEX
from derive.rules.parts import bracket, is_under
from derive.steps import Level, Rewrite, Rule


def _factor(node: Add, context: Context) -> Rewrite | None:
    """c f + c g = c (f + g). Common factors are written once."""
    terms = context.reading.terms(node)
    common = _common(terms)
    if not common:
        return None
    c = Mul(*common)
    inner = Add(*(term / c for term in terms))
    return Rewrite(c * inner, {"c": c, "f": inner})


def _factor_complement(node: Add, context: Context) -> Rewrite | None:
    """f - f g + h = f (1 - g) + h. A factor of two terms is written once where 1 - g is left."""
    if (pair := complements(node)) is None:
        return None
    f, product = pair
    inner = Add(*(term / f for term in pair))
    rest = Add(*(t for t in context.reading.terms(node) if t not in pair))
    return Rewrite(f * inner + rest, {"c": f, "f": inner}) if product != f else None


def _common(terms: tuple[Expr, ...]) -> list[Expr]:
    """The factors that every term has, each to the power that every term has of it."""
    tables = [_powers(term) for term in terms]
    found: list[Expr] = [S.NegativeOne] if all(map(has_minus, terms)) else []
    number = gcd([table.pop(S.One, S.One) for table in tables])
    if number not in (0, 1) and isinstance(number, Integer | Number):
        found.append(number)
    for base, power in tables[0].items():
        powers = [table.get(base, S.Zero) for table in tables]
        if not all(isinstance(p, Number) for p in powers):
            more = [difference(p, power) for p in powers]
            whole = all(
                p != 0 and isinstance(m, Integer) for p, m in zip(powers, more, strict=True)
            )
            shared = Add(power, min(more)) if whole else S.Zero
        elif all(p > 0 for p in powers):
            shared = min(powers)
        else:
            shared = max(powers) if all(p < 0 for p in powers) else S.Zero
        if shared != 0:
            found.append(Pow(base, shared))
    return found


def _powers(term: Expr) -> dict[Expr, Expr]:
    """The bases of a product with their powers; the number in front is that of base 1."""
    table: dict[Expr, Expr] = {}
    for factor in Mul.make_args(term):
        if isinstance(factor, Number):
            table[S.One] = abs(factor)
        elif isinstance(factor, Pow):
            table[factor.base] = factor.exp
        else:
            table[factor] = S.One
    return table


def _same_factor(node: Add, context: Context) -> Rewrite | None:
    """delta_ij f_i g + f_j h = delta_ij f_j g + f_j h. A factor becomes one that all terms have."""
    for term in context.reading.terms(node):
        factors = context.reading.factors_in_order(term)
        for d in (f for f in factors if isinstance(f, KroneckerDelta)):
            others = [_powers(t) for t in node.args if t != term]
            indices = context.reading.delta_indices(d)
            for factor in reversed(factors):  # what stands under the bar is worth the most
                for i, j in (indices, indices[::-1]):
                    f = substitute(factor, {i: j}) if factor != d else factor
                    base, power = f.as_base_exp()
                    if f != factor and all(table.get(base) == power for table in others):
                        after = Add(term / factor * f, *(t for t in node.args if t != term))
                        return Rewrite(after, {"i": j, "j": i, "d": d})
    return None


def _expand(node: Mul, context: Context) -> Rewrite | None:
    """c (f + g) = c f + c g. A bracket goes."""
    inner = bracket(node, context)
    if inner is None or any(is_under(f) for f in node.args):
        return None
    c = Mul(*(f for f in node.args if f != inner))
    if c == -1:
        return None
    return Rewrite(Add(*(c * term for term in inner.args)), {"c": c, "f": inner})


def _join_powers(node: Mul, context: Context) -> Rewrite | None:
    """f^a f^b = f^(a + b). Two factors become one."""
    factors = context.reading.factors_in_order(node)
    for place, first in enumerate(factors):
        base, power = first.as_base_exp()
        for second in factors[place + 1 :]:
            other, more = second.as_base_exp()
            sums = isinstance(base, Binder) and isinstance(other, Binder)
            same = base == other or (sums and context.canonical(base) == context.canonical(other))
            if same and not isinstance(base, Number):
                rest = Mul(*(f for f in node.args if f not in (first, second)))
                return Rewrite(rest * Pow(base, power + more), {"f": base})
    return None


def _join_fraction(node: Mul, context: Context) -> Rewrite | None:
    """(f/g)^a f/g = (f/g)^(a + 1). All factors of a base become one with its power."""
    for power in context.reading.factors_in_order(node):
        base = power.as_base_exp()[0]
        if isinstance(base, Mul) and all(f in node.args for f in base.args):
            after = node / power / base * Pow(base, power.exp + 1)
            return Rewrite(after, {"f": base})
    return None


def _sign(node: Mul, context: Context) -> Rewrite | None:
    """-(f - g) = g - f. A sign in front of a bracket goes."""
    brackets = [f for f in context.reading.factors_in_order(node) if isinstance(f, Add)]
    if not brackets or not has_minus(node):
        return None
    turned = {f: Add(*(-term for term in f.args)) for f in brackets}
    length = context.reading.length
    inner = min(brackets, key=lambda f: length(turned[f]) - length(f))
    rest = Mul(*(f for f in node.args if f != inner))
    return Rewrite(-rest * turned[inner], {"f": inner, "g": turned[inner]})


FACTOR = Rule(
    "factor",
    "Factor",
    r"c f + c g = c (f + g)",
    "{c} is common to all terms and is written once, in front.",
    (Add,),
    _factor,
)
FACTOR_COMPLEMENT = replace(FACTOR, rewrite=_factor_complement)
SAME_FACTOR = replace(SAME_INDEX, on=(Add,), rewrite=_same_factor)
EXPAND = Rule(
    "expand",
    "Expand",
    r"c (f + g) = c f + c g",
    "{c} is multiplied into every term of {f}.",
    (Mul,),
    _expand,
)
JOIN_POWERS = Rule(
    "join-powers",
    "Add the exponents",
    r"f^a f^b = f^{a + b}",
    "Powers of {f} are multiplied by adding their exponents.",
    (Mul,),
    _join_powers,
    Level.FULL,
    eager=True,
)
JOIN_FRACTION = replace(JOIN_POWERS, rewrite=_join_fraction)
SIGN = Rule(
    "sign",
    "Move the sign inside",
    r"-(f - g) = g - f",
    "With the minus sign taken inside, {f} becomes {g}.",
    (Mul,),
    _sign,
)
