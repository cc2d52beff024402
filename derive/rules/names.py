"""Rules that use what is known: facts about names, assumptions, and functions by other names."""

from __future__ import annotations

from dataclasses import replace

from sympy import Add, Expr, Mul, Pow, S

from derive.context import Context, Fact
from derive.functions import cos, cosh, exp, sigmoid, sin, sinh, tan, tanh
from derive.indices import substitute
from derive.matching import match
from derive.nodes import Sum
from derive.rules.parts import exponent_of, is_under
from derive.steps import Level, Rewrite, Rule


def _known_sum(node: Sum, context: Context) -> Rewrite | None:
    """sum_k s_k = 1, where it follows from s's definition. A sum goes."""
    return _use_fact(node, [f for f in context.facts if f.source and f.value == 1], context)


def _deviations(node: Sum, context: Context) -> Rewrite | None:
    """sum_k (f_k - m) = 0, where s_k names deviations from a mean m. A sum goes."""
    return _use_fact(node, [f for f in context.facts if f.source and f.value == 0], context)


def _assumed_sum(node: Sum, context: Context) -> Rewrite | None:
    """sum_k y_k = 1, where it is assumed. A sum goes."""
    return _use_fact(node, [f for f in context.facts if not f.source], context)


def is_known_sum(node: Expr, context: Context) -> bool:
    """Whether a fact or an assumption says what a sum is."""
    return isinstance(node, Sum) and _use_fact(node, list(context.facts), context) is not None


def _use_fact(node: Sum, facts: list[Fact], context: Context) -> Rewrite | None:
    for fact in facts:
        binding = match(fact.pattern, node, fact.wild, context.canonical)
        if binding is not None:
            value = substitute(fact.value, binding)
            return Rewrite(value, {"f": node, "c": value})
    return None


def _sigmoid(node: Expr, context: Context) -> Rewrite | None:
    """e^a/(e^a + e^b) = sigma(a - b), with 1 for e^0. Two exponentials become one function."""
    for under in context.reading.factors_in_order(node):
        if not (isinstance(under, Pow) and under.exp.is_Integer and under.exp < 0):
            continue
        if not isinstance(under.base, Add) or len(under.base.args) != 2:
            continue
        for over, other in (under.base.args, under.base.args[::-1]):
            a, b = exponent_of(over), exponent_of(other)
            if a is not None and b is not None and _has_factor(node, over):
                form = sigmoid(a - b)
                after = node / over * under.base * form
                return Rewrite(after, {"f": over / under.base, "g": form})
    return None


def _sigmoid_of_minus(node: Mul, context: Context) -> Rewrite | None:
    """e^-u sigma(u) = sigma(-u). Two functions become one."""
    for factor in context.reading.factors_in_order(node):
        for other in node.args if isinstance(factor, exp) else ():
            base, power = other.as_base_exp()
            opposite = isinstance(base, sigmoid) and base.args[0] == -factor.args[0]
            if opposite and power.is_positive:
                form = sigmoid(factor.args[0])
                return Rewrite(node / factor / base * form, {"f": factor * base, "g": form})
    return None


def _has_factor(node: Expr, factor: Expr) -> bool:
    if factor == 1:
        return not any(isinstance(f, exp) for f in Mul.make_args(node))
    return any(f == factor or (f.is_Pow and f.base == factor) for f in Mul.make_args(node))


def _complement(node: Add, context: Context) -> Rewrite | None:
    """1 - sigma(u) = sigma(-u). A term goes."""
    if S.One not in node.args and S.NegativeOne not in node.args:
        return None
    one = S.One if S.One in node.args else S.NegativeOne
    for term in context.reading.terms(node):
        if isinstance(-one * term, sigmoid):
            u = (-one * term).args[0]
            form = sigmoid(Add(*(-part for part in Add.make_args(u))))
            rest = Add(*(other for other in node.args if other not in (one, term)))
            return Rewrite(one * form + rest, {"f": sigmoid(u), "g": form})
    return None


def _complements(node: Add, context: Context) -> Rewrite | None:
    """c sigma(u) + c sigma(-u) = c. Two terms become one."""
    for term in context.reading.terms(node):
        for factor in context.reading.factors_in_order(term):
            if not isinstance(factor, sigmoid):
                continue
            form = sigmoid(Add(*(-part for part in Add.make_args(factor.args[0]))))
            other = term / factor * form
            if form != factor and other in node.args:
                rest = Add(*(t for t in node.args if t not in (term, other)))
                return Rewrite(term / factor + rest, {"f": 1 - factor, "g": form})
    return None


def other_form(body: Expr, context: Context) -> Expr | None:
    """A fraction of exponentials as the sigmoid it is, if it is nothing else besides."""
    found = _sigmoid(body, context) if isinstance(body, Mul | Pow) else None
    return found.after if found and isinstance(found.after, sigmoid) else None


_RATIOS = ((sin, cos, tan), (sinh, cosh, tanh))


def _ratio(node: Mul, context: Context) -> Rewrite | None:
    """sinh u/cosh u = tanh u, sin u/cos u = tan u. Two functions become one."""
    for factor in context.reading.factors_in_order(node):
        for over, under, ratio in _RATIOS:
            u = factor.args[0] if isinstance(factor, over) else None
            if u is not None and any(
                f.is_Pow and f.base == under(u) and is_under(f) for f in node.args
            ):
                after = node / factor * under(u) * ratio(u)
                return Rewrite(after, {"f": factor / under(u), "g": ratio(u)})
    return None


COMPLEMENT = Rule(
    "sigmoid-complement",
    "Complement of a sigmoid",
    r"1 - \sigma(u) = \sigma(-u)",
    "1 minus {f} is {g}.",
    (Add,),
    _complement,
)
RATIO = Rule(
    "ratio-of-functions",
    "Ratio of functions",
    r"\frac{\sinh u}{\cosh u} = \tanh u",
    "{f} is {g}.",
    (Mul,),
    _ratio,
)
KNOWN_SUM = Rule(
    "known-sum",
    "Sum of all entries",
    r"\sum_k s_k = 1",
    "{f} is {c}: by definition, the denominator is the sum of all the numerators.",
    (Sum,),
    _known_sum,
    Level.BRIEF,
    eager=True,
)
DEVIATIONS = replace(
    KNOWN_SUM,
    name="deviations",
    title="Deviations from the mean",
    law=r"\sum_k (f_k - \bar f) = 0",
    reason="{f} is {c}: deviations from a mean cancel.",
    rewrite=_deviations,
)
ASSUMPTION = Rule(
    "assumption",
    "Assumption",
    r"\sum_k y_k = 1",
    "By assumption, {f} is {c}.",
    (Sum,),
    _assumed_sum,
    Level.BRIEF,
    eager=True,
)
SIGMOID = Rule(
    "sigmoid-form",
    "Sigmoid",
    r"\frac{e^a}{e^a + e^b} = \sigma(a - b)",
    "{f} is the sigmoid {g}.",
    (Mul, Pow),
    _sigmoid,
)
SIGMOID_OF_MINUS = replace(SIGMOID, law=r"e^{-u} \sigma(u) = \sigma(-u)", rewrite=_sigmoid_of_minus)
COMPLEMENTS = replace(COMPLEMENT, rewrite=_complements)
