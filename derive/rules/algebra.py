"""Rules of plain algebra: none of them does two things at once."""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Number, Pow, S, gcd

from derive.context import Context
from derive.reading import has_minus
from derive.rules.parts import bracket, fraction, is_under, uncancelled
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
            shared = power if all(p == power for p in powers) else S.Zero
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


def _expand(node: Mul, _: Context) -> Rewrite | None:
    """c (f + g) = c f + c g. A bracket goes."""
    inner = bracket(node)
    if inner is None or any(is_under(f) for f in node.args):
        return None
    c = Mul(*(f for f in node.args if f is not inner))
    if c == -1:
        return None
    return Rewrite(Add(*(c * term for term in inner.args)), {"c": c, "f": inner})


def _split_fraction(node: Mul, _: Context) -> Rewrite | None:
    """(f + g)/h = f/h + g/h. A bracket goes."""
    inner = bracket(node)
    under = fraction(node)[1]
    if inner is None or under == 1:
        return None
    others = [f for f in node.args if f is not inner]
    after = Add(*(Mul(*others, term) for term in inner.args))
    loose = Add(*(uncancelled(*others, term) for term in inner.args), evaluate=False)
    return Rewrite(after, {"f": inner, "h": under}, loose=loose)


def _cancel(node: Expr, _: Context) -> Rewrite | None:
    """(c f)/(c g) = f/g. SymPy does it by itself when a product is built anew."""
    after = node.func(*(Mul(*Mul.make_args(term)) for term in node.args))
    return Rewrite(after) if after != node else None


def _join_powers(node: Mul, _: Context) -> Rewrite | None:
    """f^a f^b = f^(a + b). Two factors become one."""
    for place, first in enumerate(node.args):
        base, power = first.as_base_exp()
        for second in node.args[place + 1 :]:
            other, more = second.as_base_exp()
            if base == other and not isinstance(base, Number):
                rest = Mul(*(f for f in node.args if f not in (first, second)))
                return Rewrite(rest * Pow(base, power + more), {"f": base})
    return None


def _sign(node: Mul, _: Context) -> Rewrite | None:
    """-(f - g) = g - f. A sign in front of a bracket goes."""
    inner = bracket(node)
    if inner is None or not any(isinstance(f, Number) and f < 0 for f in node.args):
        return None
    turned = Add(*(-term for term in inner.args))
    rest = Mul(*(f for f in node.args if f is not inner))
    return Rewrite(-rest * turned, {"f": inner, "g": turned})


def _add_and_subtract(node: Mul, _: Context) -> Rewrite | None:
    """f/(f + g) = 1 - g/(f + g). What stands over the bar gets smaller."""
    over = fraction(node)[0]
    for factor in node.args:
        if not (
            is_under(factor) and factor.exp.is_Integer and len(Add.make_args(factor.base)) == 2
        ):
            continue
        whole = factor.base
        for f in whole.args:
            if f in over and not isinstance(f, Number):
                part = 1 - (whole - f) / whole
                return Rewrite(node / f * whole * part, {"f": f, "h": whole, "g": part})
    return None


FACTOR = Rule(
    "factor",
    "Factor",
    r"c f + c g = c (f + g)",
    "{c} is common to all terms and is written once, in front.",
    (Add,),
    _factor,
)
EXPAND = Rule(
    "expand",
    "Expand",
    r"c (f + g) = c f + c g",
    "{c} is multiplied into every term of {f}.",
    (Mul,),
    _expand,
)
SPLIT_FRACTION = Rule(
    "split-fraction",
    "Split the fraction",
    r"\frac{f + g}{h} = \frac{f}{h} + \frac{g}{h}",
    "Each term of the numerator {f} is put over {h} separately.",
    (Mul,),
    _split_fraction,
)
CANCEL = Rule(
    "cancel",
    "Cancel",
    r"\frac{c f}{c g} = \frac{f}{g}",
    "Common factors above and below the bar cancel.",
    (Add, Mul),
    _cancel,
    Level.FULL,
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
SIGN = Rule(
    "sign",
    "Move the sign inside",
    r"-(f - g) = g - f",
    "With the minus sign taken inside, {f} becomes {g}.",
    (Mul,),
    _sign,
)
ADD_AND_SUBTRACT = Rule(
    "add-and-subtract",
    "Add and subtract in the numerator",
    r"\frac{f}{f + g} = 1 - \frac{g}{f + g}",
    "The numerator {f} is the denominator {h} less the rest, so the fraction is {g}.",
    (Mul,),
    _add_and_subtract,
)
