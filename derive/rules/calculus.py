"""The rules of differentiation. Each looks at one pending derivative and leaves smaller ones."""

from __future__ import annotations

from sympy import Add, Indexed, Mul, Pow, S, Symbol

from derive.context import Context
from derive.functions import Elementary
from derive.indices import bound_indices, free_indices, fresh, letters, rename_all
from derive.nodes import Derivative, Sum, delta, name_of, total
from derive.rules.parts import fraction
from derive.steps import Level, Rewrite, Rule


def _rename_index(node: Derivative, context: Context) -> Rewrite | None:
    """sum_k f_k = sum_l f_l. Each use removes one clash between a bound and a free letter."""
    fixed = free_indices(node) | context.free
    clash = sorted(bound_indices(node.expr) & fixed, key=str)
    if not clash:
        return None
    letter = fresh(clash[0], context.letters | letters(node))
    after = Derivative(rename_all(node.expr, clash[0], letter), node.variable)
    return Rewrite(after, {"old": clash[0], "new": letter})


def _constant(node: Derivative, context: Context) -> Rewrite | None:
    """dc = 0. A derivative goes and none comes."""
    if context.depends(node.expr, node.variable):
        return None
    return Rewrite(S.Zero, {"f": node.expr, "x": node.variable})


def _variable(node: Derivative, _: Context) -> Rewrite | None:
    """dx/dx = 1. A derivative goes and none comes."""
    same = isinstance(node.expr, Symbol) and node.expr == node.variable
    return Rewrite(S.One, {"x": node.variable}) if same else None


def _kronecker(node: Derivative, _: Context) -> Rewrite | None:
    """dx_i/dx_j = delta_ij; of a matrix, one delta for each index. A derivative goes."""
    f, x = node.expr, node.variable
    if not (isinstance(f, Indexed) and isinstance(x, Indexed) and name_of(f) == name_of(x)):
        return None
    deltas = Mul(*(delta(i, j) for i, j in zip(f.indices, x.indices, strict=True)))
    return Rewrite(deltas, {"f": f, "x": x, "d": deltas})


def _linearity(node: Derivative, _: Context) -> Rewrite | None:
    """d(f + g) = df + dg. The terms are smaller than their sum."""
    if not isinstance(node.expr, Add):
        return None
    after = Add(*(Derivative(term, node.variable) for term in node.expr.args))
    return Rewrite(after, {"f": node.expr})


def _constant_factor(node: Derivative, context: Context) -> Rewrite | None:
    """d(c f) = c df. What is left to differentiate is smaller."""
    factors = Mul.make_args(node.expr)
    constant = [f for f in factors if not context.depends(f, node.variable)]
    if not constant or len(constant) == len(factors):
        return None
    rest = Mul(*(f for f in factors if f not in constant))
    c = Mul(*constant)
    return Rewrite(c * Derivative(rest, node.variable), {"c": c, "f": rest, "x": node.variable})


def _sum_rule(node: Derivative, _: Context) -> Rewrite | None:
    """d sum_k f_k = sum_k df_k. The body is smaller than the sum."""
    if not isinstance(node.expr, Sum):
        return None
    f = node.expr
    after = total(Derivative(f.body, node.variable), f.letter, f.extent)
    return Rewrite(after, {"f": f.body, "k": f.letter})


def _quotient(node: Derivative, context: Context) -> Rewrite | None:
    """d(f/g) = (df g - f dg)/g^2. Both parts are smaller than the quotient."""
    over, g = fraction(node.expr)
    f = Mul(*over)
    if not (context.depends(f, node.variable) and context.depends(g, node.variable)):
        return None
    x = node.variable
    after = (Derivative(f, x) * g - f * Derivative(g, x)) / g**2
    return Rewrite(after, {"f": f, "g": g, "x": x})


def _product(node: Derivative, context: Context) -> Rewrite | None:
    """d(f g) = df g + f dg. The factors are smaller than their product."""
    if not isinstance(node.expr, Mul):
        return None
    x = node.variable
    factors = context.reading.factors_in_order(node.expr)
    after = Add(
        *(
            Mul(*factors[:place], Derivative(factor, x), *factors[place + 1 :])
            for place, factor in enumerate(factors)
        )
    )
    return Rewrite(after, {"f": factors[0], "g": Mul(*factors[1:])})


def _power(node: Derivative, context: Context) -> Rewrite | None:
    """d(f^a) = a f^(a - 1) df. The base is smaller than the power."""
    f, x = node.expr, node.variable
    if not isinstance(f, Pow) or context.depends(f.exp, x):
        return None
    slope = f.exp * Pow(f.base, f.exp - 1)
    inner = S.One if f.base == x else Derivative(f.base, x)
    return Rewrite(slope * inner, {"f": f.base, "a": f.exp})


def _elementary(node: Derivative, _: Context) -> Rewrite | None:
    """df(x)/dx = f'(x), from the table. A derivative goes and none comes."""
    f, x = node.expr, node.variable
    if not isinstance(f, Elementary) or f.args[0] != x:
        return None
    return Rewrite(f.fdiff(), {"f": f, "g": f.fdiff(), "x": x})


def _chain(node: Derivative, _: Context) -> Rewrite | None:
    """d f(u) = f'(u) du. The argument is smaller than the function of it."""
    f, x = node.expr, node.variable
    if not isinstance(f, Elementary):
        return None
    u = f.args[0]
    return Rewrite(f.fdiff() * Derivative(u, x), {"f": f, "u": u, "g": f.fdiff()})


_D = (Derivative,)

RENAME = Rule(
    "rename-index",
    "Rename the summation index",
    r"\sum_k f_k = \sum_l f_l",
    "A summation index may have any letter. Here {old} also names a fixed index, so the sum is "
    "written over {new} instead.",
    _D,
    _rename_index,
)
CONSTANT = Rule(
    "constant-rule",
    "Constant",
    r"\partial c = 0",
    "{f} does not depend on {x}, so its derivative is 0.",
    _D,
    _constant,
    Level.DETAIL,
)
VARIABLE = Rule(
    "identity-rule",
    "Derivative of the variable",
    r"\frac{\partial x}{\partial x} = 1",
    "The derivative of {x} by itself is 1.",
    _D,
    _variable,
    Level.DETAIL,
)
KRONECKER = Rule(
    "kronecker-delta",
    "Kronecker delta",
    r"\frac{\partial x_i}{\partial x_j} = \delta_{ij}",
    "The entries are independent of one another: the derivative of {f} by {x} is {d}, which is 1 "
    "where they are the same entry and 0 where they are not.",
    _D,
    _kronecker,
    Level.FULL,
)
LINEARITY = Rule(
    "linearity",
    "Linearity",
    r"\partial (f + g) = \partial f + \partial g",
    "{f} is differentiated term by term.",
    _D,
    _linearity,
)
CONSTANT_FACTOR = Rule(
    "constant-factor",
    "Constant factor",
    r"\partial (c f) = c\, \partial f",
    "The factor {c} does not depend on {x} and stays in front.",
    _D,
    _constant_factor,
    Level.FULL,
)
SUM_RULE = Rule(
    "sum-rule",
    "Sum rule",
    r"\partial \sum_k f_k = \sum_k \partial f_k",
    "The derivative of the sum over {k} is the sum over {k} of the derivatives of {f}.",
    _D,
    _sum_rule,
)
QUOTIENT = Rule(
    "quotient-rule",
    "Quotient rule",
    r"\partial \frac{f}{g} = \frac{\partial f\, g - f\, \partial g}{g^2}",
    "Both the numerator {f} and the denominator {g} depend on {x}: the numerator's derivative "
    "times the denominator, less the numerator times the denominator's derivative, all over the "
    "denominator squared.",
    _D,
    _quotient,
    Level.BRIEF,
)
PRODUCT = Rule(
    "product-rule",
    "Product rule",
    r"\partial (f g) = \partial f\, g + f\, \partial g",
    "{f} and {g} are differentiated in turn, each while the other stays as it is.",
    _D,
    _product,
    Level.BRIEF,
)
POWER = Rule(
    "power-rule",
    "Power rule",
    r"\partial f^a = a f^{a - 1}\, \partial f",
    "The exponent {a} of {f} comes down in front and is lowered by one.",
    _D,
    _power,
)
ELEMENTARY = Rule(
    "elementary-derivative",
    "Elementary derivative",
    r"\frac{\partial f(x)}{\partial x} = f'(x)",
    "The derivative of {f} is {g}.",
    _D,
    _elementary,
)
CHAIN = Rule(
    "chain-rule",
    "Chain rule",
    r"\partial f(u) = f'(u)\, \partial u",
    "The derivative of {f} by its argument {u} is {g}; it is multiplied by the derivative of {u}.",
    _D,
    _chain,
)
