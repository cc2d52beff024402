"""Rules that put names back for what they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol

from derive.context import Context, unfold
from derive.functions import Elementary
from derive.indices import free_indices, substitute
from derive.matching import Binding, find_factors, find_terms, match
from derive.nodes import Binder, Sum, total
from derive.problem import Definition
from derive.rules.conditions import is_positive
from derive.rules.names import other_form
from derive.rules.parts import is_under, numeric_sign
from derive.steps import Level, Rewrite, Rule


def _fold(node: Expr, context: Context) -> Rewrite | None:
    """f = s for a definition s = f. A name is shorter than what it stands for."""
    for definition in _known(context):
        if not definition.body.args or (found := _find(definition, node, context)) is None:
            continue
        head, after = found
        return Rewrite(after, {"s": head, "f": unfold(definition, head)})
    return None


def _alias(node: Indexed, context: Context) -> Rewrite | None:
    """s = p where the user names p what the parser named s. A name of the parser's goes."""
    own = context.problem.definition(node)
    if own is None or own.given or own.adjoint:
        return None
    for definition in context.problem.definitions:
        if definition.given and isinstance(definition.body, Indexed):
            wild = frozenset(definition.indices)
            if (binding := match(definition.body, node, wild, context.canonical)) is not None:
                head = _occurrence(definition, binding)
                return Rewrite(head, {"s": head, "f": node})
    return None


def _known(context: Context) -> Iterator[Definition]:
    """The definitions, also as they read with a function for their body's exponentials."""
    for definition in context.problem.definitions:
        yield definition
        if (form := other_form(definition.body, context)) is not None:
            yield replace(definition, body=form)


def _find(definition: Definition, node: Expr, context: Context) -> tuple[Expr, Expr] | None:
    """The name's occurrence, and the node with it put in."""
    number, body = numeric_sign(definition.body)
    wild = frozenset(definition.indices)
    product = isinstance(node, Mul | Pow) and isinstance(body, Mul | Pow)
    if product or isinstance(body, Pow):
        factors = find_factors(
            body, context.reading.factors_in_order(node), wild, context.canonical
        )
        if factors is not None and not _left_over(body, factors):
            head = _occurrence(definition, factors[0])
            return head, Pow(head / number, factors[2]) * factors[1]
    elif isinstance(node, Add) and isinstance(body, Add):
        terms = find_terms(body, context.reading.terms(node), wild, context.canonical)
        if terms is not None:
            head = _occurrence(definition, terms[0])
            return head, terms[2] * head + terms[1]
    elif (binding := match(body, node, wild, context.canonical)) is not None:
        head = _occurrence(definition, binding)
        return head, head / number
    return None


def _left_over(body: Expr, found: tuple[Binding, Expr, int]) -> bool:
    """Whether a function that a name stands for is left beside the name: o tanh(c)^2 is not to be
    read as h tanh(c) for h = o tanh(c)."""
    functions = [substitute(f, found[0]) for f in Mul.make_args(body) if isinstance(f, Elementary)]
    return any(f.as_base_exp()[0] in functions for f in Mul.make_args(found[1]))


def _may_divide(factor: Expr, context: Context) -> bool:
    """Whether a factor is a name that is not 0: already under a bar, or known to be positive."""
    base = factor.as_base_exp()[0]
    return isinstance(base, Symbol | Indexed) and (is_under(factor) or is_positive(base, context))


def _fold_multiple(node: Expr, context: Context) -> Rewrite | None:
    """f = s/c for a definition s = c f, c not 0. What is left of s when c is differentiated
    away."""
    for definition in context.problem.definitions:
        number, body = numeric_sign(definition.body)
        c = Mul(*(f for f in Mul.make_args(body) if _may_divide(f, context)))
        f = body / c
        if c == 1 or not f.has(Elementary, Binder) or _find(definition, node, context):
            continue
        wild = frozenset(definition.indices)
        factors = context.reading.factors_in_order(node)
        found = find_factors(f, factors, wild, context.canonical)
        if found is None or len(found[0]) < len(wild):
            continue
        head = _occurrence(definition, found[0])
        multiple = head / number / substitute(c, found[0])
        bindings = {"s": head, "f": substitute(f, found[0]), "g": multiple}
        return Rewrite(Pow(multiple, found[2]) * found[1], bindings)
    return None


def _fold_in_sum(node: Mul, context: Context) -> Rewrite | None:
    """c sum_k f_k = sum_k s_k where c f_k = s_k. Like a fold, with c taken into the sum."""
    for around in context.reading.factors_in_order(node):
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
            factors = context.reading.factors_in_order(inside)
            found = find_factors(pattern, factors, wild, context.canonical)
            if found is None or around.letter not in found[0].values():
                continue
            head = _occurrence(definition, found[0])
            named = Mul.make_args(Pow(head / number, found[2]) * found[1])
            apart = [f for f in named if around.letter not in free_indices(f)]
            body = Mul(*(f for f in named if f not in apart))
            after = Mul(*apart, total(body, around.letter, around.extent))
            return Rewrite(after, {"s": head, "f": unfold(definition, head)})
    return None


def _fold_scaled(node: Add, context: Context) -> Rewrite | None:
    """c f + c g = c s for a definition s = f + g. Like a fold, with every term times c."""
    for definition in context.problem.definitions:
        number, body = numeric_sign(definition.body)
        wild = frozenset(definition.indices)
        first, *others = Add.make_args(body)
        for term in context.reading.terms(node) if others else ():
            factors = context.reading.factors_in_order(term)
            found = find_factors(first, factors, wild, context.canonical)
            if found is None or len(found[0]) < len(wild) or found[2] != 1:
                continue
            binding, c, _ = found
            wanted = [term, *(c * substitute(other, binding) for other in others)]
            if all(part in node.args for part in wanted):
                head = _occurrence(definition, binding)
                rest = Add(*(t for t in node.args if t not in wanted))
                return Rewrite(c * head / number + rest, {"s": head, "f": unfold(definition, head)})
    return None


def _occurrence(definition: Definition, binding: Binding) -> Expr:
    return substitute(definition.head, binding)


FOLD = Rule(
    "fold-definition",
    "Recognise the definition",
    r"f = s",
    "{f} is {s} by definition.",
    (Expr,),
    _fold,
    Level.BRIEF,
)
ALIAS = replace(FOLD, on=(Indexed,), rewrite=_alias, eager=True)
FOLD_SCALED = replace(FOLD, on=(Add,), rewrite=_fold_scaled)
FOLD_MULTIPLE = Rule(
    "fold-multiple",
    "Recognise a part of the definition",
    r"s = c f \;\Rightarrow\; f = \frac{s}{c}",
    "By the definition of {s}, {f} is {g}.",
    (Mul, Pow, Elementary),
    _fold_multiple,
)
FOLD_IN_SUM = Rule(
    "fold-in-sum",
    "Recognise the definition in the sum",
    r"c \sum_k f_k = \sum_k s_k",
    "With the factor in front taken into the sum, {f} is {s} by definition.",
    (Mul,),
    _fold_in_sum,
)
