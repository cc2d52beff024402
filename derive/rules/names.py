"""Rules that put names back for what they stand for, and use what is known about them."""

from __future__ import annotations

from sympy import Add, Expr, KroneckerDelta, Mul, Pow, S

from derive.context import Context, Fact, unfold
from derive.functions import cos, cosh, exp, sigmoid, sin, sinh, tan, tanh
from derive.indices import free_indices, substitute
from derive.matching import Binding, find_factors, find_terms, match
from derive.nodes import Sum, total
from derive.problem import Definition
from derive.rules.parts import exponent_of, is_under, numeric_sign
from derive.steps import Level, Rewrite, Rule


def _fold(node: Expr, context: Context) -> Rewrite | None:
    """f = s for a definition s = f. A name is shorter than what it stands for."""
    for definition in context.problem.definitions:
        if not definition.body.args or (found := _find(definition, node, context)) is None:
            continue
        head, after = found
        return Rewrite(after, {"s": head, "f": unfold(definition, head)})
    return None


def _find(definition: Definition, node: Expr, context: Context) -> tuple[Expr, Expr] | None:
    """The name's occurrence, and the node with it put in."""
    number, body = numeric_sign(definition.body)
    wild = frozenset(definition.indices)
    product = isinstance(node, Mul | Pow) and isinstance(body, Mul | Pow)
    if product or isinstance(body, Pow):
        if (factors := find_factors(body, node, wild, context.canonical)) is not None:
            head = _occurrence(definition, factors[0])
            return head, Pow(head / number, factors[2]) * factors[1]
    elif isinstance(node, Add) and isinstance(body, Add):
        if (terms := find_terms(body, node, wild, context.canonical)) is not None:
            head = _occurrence(definition, terms[0])
            return head, terms[2] * head + terms[1]
    elif (binding := match(body, node, wild, context.canonical)) is not None:
        head = _occurrence(definition, binding)
        return head, head / number
    return None


def _fold_in_sum(node: Mul, context: Context) -> Rewrite | None:
    """c sum_k f_k = sum_k s_k where c f_k = s_k. Like a fold, with c taken into the sum."""
    for around in Mul.make_args(node):
        if not isinstance(around, Sum) or around.has(KroneckerDelta):
            continue
        outside = node / around
        if around.letter in free_indices(outside):
            continue
        inside = outside * around.body
        for definition in context.problem.definitions:
            wild = frozenset(definition.indices)
            number, pattern = numeric_sign(definition.body)
            if not isinstance(pattern, Mul):
                continue
            found = find_factors(pattern, inside, wild, context.canonical)
            if found is None or around.letter not in found[0].values():
                continue
            head = _occurrence(definition, found[0])
            factors = Mul.make_args(Pow(head / number, found[2]) * found[1])
            apart = [f for f in factors if around.letter not in free_indices(f)]
            body = Mul(*(f for f in factors if f not in apart))
            after = Mul(*apart, total(body, around.letter, around.extent))
            return Rewrite(after, {"s": head, "f": unfold(definition, head)})
    return None


def _occurrence(definition: Definition, binding: Binding) -> Expr:
    return substitute(definition.head, binding)


def _known_sum(node: Sum, context: Context) -> Rewrite | None:
    """sum_k s_k = 1, where it follows from s's definition. A sum goes."""
    return _use_fact(node, [f for f in context.facts if f.source], context)


def _assumed_sum(node: Sum, context: Context) -> Rewrite | None:
    """sum_k y_k = 1, where it is assumed. A sum goes."""
    return _use_fact(node, [f for f in context.facts if not f.source], context)


def _use_fact(node: Sum, facts: list[Fact], context: Context) -> Rewrite | None:
    for fact in facts:
        binding = match(fact.pattern, node, fact.wild, context.canonical)
        if binding is not None:
            value = substitute(fact.value, binding)
            return Rewrite(value, {"f": node, "c": value})
    return None


def _sigmoid(node: Expr, _: Context) -> Rewrite | None:
    """e^a/(e^a + e^b) = sigma(a - b), with 1 for e^0. Two exponentials become one function."""
    for under in Mul.make_args(node):
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


def _has_factor(node: Expr, factor: Expr) -> bool:
    if factor == 1:
        return not any(isinstance(f, exp) for f in Mul.make_args(node))
    return any(f == factor or (f.is_Pow and f.base == factor) for f in Mul.make_args(node))


def _complement(node: Add, _: Context) -> Rewrite | None:
    """1 - sigma(u) = sigma(-u). A term goes."""
    if S.One not in node.args and S.NegativeOne not in node.args:
        return None
    one = S.One if S.One in node.args else S.NegativeOne
    for term in node.args:
        if isinstance(-one * term, sigmoid):
            u = (-one * term).args[0]
            form = sigmoid(Add(*(-part for part in Add.make_args(u))))
            rest = Add(*(other for other in node.args if other not in (one, term)))
            return Rewrite(one * form + rest, {"f": sigmoid(u), "g": form})
    return None


_RATIOS = ((sin, cos, tan), (sinh, cosh, tanh))


def _ratio(node: Mul, _: Context) -> Rewrite | None:
    """sinh u/cosh u = tanh u, sin u/cos u = tan u. Two functions become one."""
    for factor in node.args:
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
FOLD = Rule(
    "fold-definition",
    "Recognise the definition",
    r"f = s",
    "{f} is {s} by definition.",
    (Expr,),
    _fold,
    Level.BRIEF,
)
FOLD_IN_SUM = Rule(
    "fold-in-sum",
    "Recognise the definition in the sum",
    r"c \sum_k f_k = \sum_k s_k",
    "With the factor in front taken into the sum, {f} is {s} by definition.",
    (Mul,),
    _fold_in_sum,
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
