"""Rules of algebra with fractions: none of them does two things at once."""

from __future__ import annotations

from sympy import Add, Dummy, Expr, Integer, KroneckerDelta, Mul, Number, Pow, div

from derive.context import Context
from derive.nodes import Binder
from derive.rules.parts import bracket, fraction, is_under, uncancelled
from derive.steps import Level, Rewrite, Rule

# How many terms are put over one denominator; of more, no reader takes that for shorter.
_MOST_TERMS = 3
# Of how many things a polynomial is divided by another one.
_MOST_ATOMS = 6


def _common_denominator(node: Add, _: Context) -> Rewrite | None:
    """f/g + h/k = (f k + h g)/(g k). Several fractions become one."""
    if len(node.args) > _MOST_TERMS or node.has(KroneckerDelta, Binder):
        return None
    powers: dict[Expr, Number] = {}
    for term in node.args:
        for factor in filter(is_under, Mul.make_args(term)):
            powers[factor.base] = max(-factor.exp, powers.get(factor.base, 0))
    under = Mul(*(Pow(base, power) for base, power in powers.items()))
    if under == 1:
        return None
    over = Add(*(term * under for term in node.args))
    return Rewrite(over / under, {"f": over, "g": under})


def _split_fraction(node: Mul, context: Context) -> Rewrite | None:
    """(f + g)/h = f/h + g/h. A bracket goes."""
    inner = bracket(node, context)
    under = fraction(node)[1]
    if inner is None or under == 1:
        return None
    others = [f for f in node.args if f != inner]
    after = Add(*(Mul(*others, term) for term in inner.args))
    loose = Add(*(uncancelled(*others, term) for term in inner.args), evaluate=False)
    return Rewrite(after, {"f": inner, "h": under}, loose=loose)


def _cancel(node: Expr, _: Context) -> Rewrite | None:
    """(c f)/(c g) = f/g. SymPy does it by itself when a product is built anew."""
    after = node.func(*(Mul(*Mul.make_args(term)) for term in node.args))
    return Rewrite(after) if after != node else None


def _add_and_subtract(node: Mul, context: Context) -> Rewrite | None:
    """f/(f + g) = 1 - g/(f + g). What stands over the bar gets smaller."""
    over = fraction(node)[0]
    for factor in context.reading.factors_in_order(node):
        if not (
            is_under(factor) and factor.exp.is_Integer and len(Add.make_args(factor.base)) == 2
        ):
            continue
        whole = factor.base
        for f in context.reading.terms(whole):
            if f in over and not isinstance(f, Number):
                part = 1 - (whole - f) / whole
                return Rewrite(node / f * whole * part, {"f": f, "h": whole, "g": part})
    return None


def _divide(node: Mul, context: Context) -> Rewrite | None:
    """(f^2 - g^2)/(f - g) = f + g. A bracket that divides another one goes."""
    over = bracket(node, context)
    for under in context.reading.factors_in_order(node):
        if over is None or not (is_under(under) and isinstance(under.base, Add)):
            continue
        parts = {part: Dummy() for side in (over, under.base) for part in _atoms(side)}
        if not 0 < len(parts) <= _MOST_ATOMS:
            continue
        f, g = (side.xreplace(parts) for side in (over, under.base))
        found, rest = div(f, g, *parts.values())
        if rest == 0:
            names = {dummy: part for part, dummy in parts.items()}
            quotient = found.xreplace(names)
            after = node / over * under.base * quotient
            return Rewrite(after, {"f": over, "g": under.base, "h": quotient})
    return None


def _atoms(expr: Expr) -> list[Expr]:
    """What a polynomial is a polynomial of: everything in it that is no sum, product or power."""
    if isinstance(expr, Number):
        return []
    if isinstance(expr, Add | Mul):
        return [atom for part in expr.args for atom in _atoms(part)]
    if isinstance(expr, Pow) and isinstance(expr.exp, Integer) and expr.exp > 0:
        return _atoms(expr.base)
    return [expr]


COMMON_DENOMINATOR = Rule(
    "common-denominator",
    "Common denominator",
    r"\frac{f}{g} + \frac{h}{k} = \frac{f k + h g}{g k}",
    "All terms are put over {g}.",
    (Add,),
    _common_denominator,
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
ADD_AND_SUBTRACT = Rule(
    "add-and-subtract",
    "Add and subtract in the numerator",
    r"\frac{f}{f + g} = 1 - \frac{g}{f + g}",
    "The numerator {f} is the denominator {h} less the rest, so the fraction is {g}.",
    (Mul,),
    _add_and_subtract,
)
DIVIDE = Rule(
    "divide",
    "Divide",
    r"\frac{f^2 - g^2}{f - g} = f + g",
    "{f} is {g} times {h}.",
    (Mul,),
    _divide,
)
