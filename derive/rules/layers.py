"""Rules that differentiate names: what a definition stands for, what was derived before, and the
chain rule through a layer."""

from __future__ import annotations

from sympy import Expr, Symbol

from derive.context import Context, bottleneck, unfold
from derive.indices import bound_indices, fresh, letters, rename_all, substitute
from derive.nodes import Derivative, entry, indices_of, total
from derive.problem import Definition
from derive.steps import Chain, Level, Rewrite, Rule


def _intermediate(node: Derivative, context: Context) -> Rewrite | None:
    """df/dx = sum_r df/dz_r dz_r/dx where f depends on x only through z. The way from f to x is
    cut in two shorter ones."""
    through = bottleneck(node.expr, node.variable, context)
    if through is None or not context.is_question(node):
        return None
    used = context.letters | letters(node)
    new: list[Symbol] = []
    for letter in through.indices:
        free = letter not in used and letter not in new
        new.append(letter if free else fresh(letter, used | set(new)))
    z = substitute(through.head, dict(zip(through.indices, new, strict=True)))
    after = Derivative(node.expr, z) * Derivative(z, node.variable)
    for letter, extent in zip(new, context.problem.shapes[through.name], strict=True):
        after = total(after, letter, extent)
    return Rewrite(after, {"f": node.expr, "z": z, "x": node.variable})


def _definition(node: Derivative, context: Context) -> Rewrite | None:
    """ds/dx with s = f is df/dx. A name goes, and definitions never lead back to it."""
    definition = context.problem.definition(node.expr)
    if definition is None or not context.is_question(node):
        return None
    body = unfold(definition, node.expr)
    return Rewrite(Derivative(body, node.variable), {"s": node.expr, "f": body})


def _lemma(node: Derivative, context: Context) -> Rewrite | None:
    """ds/dx is what was derived for s and x before. A derivative goes and none comes."""
    definition = context.problem.definition(node.expr)
    if definition is None:
        return None
    chain = context.prove(context.problem, node.expr, node.variable)
    generic = (*chain.problem.axes, *chain.problem.wrt_axes)
    actual = indices_of(node.expr) + indices_of(node.variable)
    result, named = _adjoint(chain, context)
    result = substitute(result, dict(zip(generic, actual, strict=True)))
    for letter in sorted(bound_indices(result) & context.letters, key=str):
        result = rename_all(result, letter, fresh(letter, context.letters | letters(result)))
    bindings = {"f": node.expr, "x": node.variable, "g": result}
    return Rewrite(result, bindings, chain, chain.problem.title, definitions=named)


def _adjoint(chain: Chain, context: Context) -> tuple[Expr, tuple[Definition, ...]]:
    """What a lemma's result is written as, and the names that brings along.

    The derivative of a scalar by a layer gets a name of its own (the adjoint z_bar of z) if it is
    more than a line's part, so that a derivation grows with the number of layers and no line with
    the layers above it.
    """
    known = {definition.name for definition in context.problem.definitions}
    new = tuple(d for d in chain.problem.definitions if d.name not in known)
    variable = chain.problem.wrt[0]
    layer = context.problem.definition(variable)
    if layer is None or chain.problem.axes or not bound_indices(chain.result):
        return chain.result, new
    taken = set(context.problem.shapes) | {d.name for d in new}
    names = (f"{layer.name}_bar{'_' * more}" for more in range(len(taken) + 1))
    name = next(name for name in names if name not in taken)
    head = entry(name, *indices_of(variable))
    return head, (*new, Definition(head, chain.result, given=False, adjoint=layer.name))


_D = (Derivative,)

INTERMEDIATE = Rule(
    "chain-rule-through",
    "Chain rule through a layer",
    r"\frac{\partial f}{\partial x} = \sum_r \frac{\partial f}{\partial z_r}"
    r"\frac{\partial z_r}{\partial x}",
    "{f} depends on {x} only through {z}; the contributions of all its entries are added up.",
    _D,
    _intermediate,
    Level.BRIEF,
)
DEFINITION = Rule(
    "definition",
    "Insert the definition",
    r"s = f",
    "{s} is defined as {f}.",
    _D,
    _definition,
    Level.BRIEF,
)
LEMMA = Rule(
    "lemma",
    "Lemma",
    r"\frac{\partial s}{\partial x} = g",
    "The derivative of {f} by {x} was found in a derivation of its own.",
    _D,
    _lemma,
    Level.BRIEF,
)
