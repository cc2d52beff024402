"""Rules of differentiation for exponentials and logarithms."""

from __future__ import annotations

from sympy import Add, Expr, Mul, Pow

from derive.context import Context, unfold
from derive.functions import exp, log, sigmoid
from derive.nodes import Derivative, Product, total
from derive.rules.parts import exponent_of, fraction
from derive.steps import Level, Rewrite, Rule


def _logarithmic(node: Derivative, context: Context) -> Rewrite | None:
    """df = f d(log f). Only a product or quotient, and the logarithm is none."""
    definition = context.problem.definition(node.expr)
    root = definition is not None and context.is_question(node)
    body = unfold(definition, node.expr) if definition and root else node.expr
    dependent = [f for f in Mul.make_args(body) if context.depends(f, node.variable)]
    if len(dependent) < 2:
        return None
    after = node.expr * Derivative(log(body), node.variable)
    return Rewrite(after, {"f": node.expr, "g": body})


def _logarithm_laws(node: Derivative, _: Context) -> Rewrite | None:
    """log(f g) = log f + log g, log f^a = a log f, log e^f = f, also over an index. The logarithms
    get smaller."""
    if not isinstance(node.expr, log):
        return None
    inside = node.expr.args[0]
    if isinstance(inside, Product):
        apart = total(log(inside.body), inside.letter, inside.extent)
    elif isinstance(inside, Mul):
        apart = Add(*(_log_of(factor) for factor in inside.args))
    elif isinstance(inside, Pow | exp):
        apart = _log_of(inside)
    else:
        return None
    return Rewrite(Derivative(apart, node.variable), {"f": node.expr, "g": apart})


def _log_of(factor: Expr) -> Expr:
    if isinstance(factor, exp):
        return factor.args[0]
    return factor.exp * log(factor.base) if isinstance(factor, Pow) else log(factor)


def _two_exponentials(node: Derivative, _: Context) -> Rewrite | None:
    """e^a/(e^a + e^b) = sigma(a - b). Three exponentials become one function."""
    over, under = fraction(node.expr)
    if len(over) != 1 or not isinstance(under, Add) or len(under.args) != 2:
        return None
    powers = [exponent_of(term) for term in under.args]
    if over[0] not in under.args or not all(isinstance(t, exp) for t in under.args):
        return None
    a = over[0].args[0]
    b = powers[1] if powers[0] == a else powers[0]
    after = Derivative(sigmoid(a - b), node.variable)
    return Rewrite(after, {"f": node.expr, "g": sigmoid(a - b)})


def _variable_exponent(node: Derivative, context: Context) -> Rewrite | None:
    """d(f^g) = f^g (dg log f + g df/f). Base and exponent are smaller than the power."""
    f, x = node.expr, node.variable
    if not isinstance(f, Pow) or not context.depends(f.exp, x):
        return None
    inner = Derivative(f.exp, x) * log(f.base)
    if context.depends(f.base, x):
        inner += f.exp * Derivative(f.base, x) / f.base
    return Rewrite(f * inner, {"f": f.base, "g": f.exp})


_D = (Derivative,)

LOGARITHMIC = Rule(
    "logarithmic-differentiation",
    "Logarithmic differentiation",
    r"\partial f = f\, \partial \log f",
    "The derivative of the logarithm of {f} is the derivative of {f} divided by {f}; so the "
    "derivative sought is {f} times that of its logarithm.",
    _D,
    _logarithmic,
    Level.BRIEF,
)
LOGARITHM_LAWS = Rule(
    "logarithm-laws",
    "Laws of logarithms",
    r"\log\frac{f}{g} = \log f - \log g,\quad \log e^f = f",
    "By the laws of logarithms, {f} is {g}.",
    _D,
    _logarithm_laws,
)
TWO_EXPONENTIALS = Rule(
    "two-exponentials",
    "Sigmoid of a difference",
    r"\frac{e^a}{e^a + e^b} = \frac{1}{1 + e^{-(a - b)}} = \sigma(a - b)",
    "Dividing numerator and denominator by the same exponential turns {f} into {g}.",
    _D,
    _two_exponentials,
    Level.BRIEF,
)
VARIABLE_EXPONENT = Rule(
    "exponential-rule",
    "Exponential rule",
    r"\partial f^g = f^g \left(\partial g \log f + \frac{g}{f} \partial f\right)",
    "The variable stands in the exponent {g} of {f}, so the power is differentiated as an "
    "exponential.",
    _D,
    _variable_exponent,
)
