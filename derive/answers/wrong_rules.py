"""Wrong rules: what people do in place of a right one. The engine derives with one of them in
front of all others, so that a mistake is made wherever it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Pow, S, Symbol

from derive.context import Context, bottleneck, unfold
from derive.functions import Elementary, sigmoid, tanh
from derive.indices import substitute
from derive.nodes import Derivative, Sum, Where, delta, indices_of, name_of, rebuild
from derive.rules import RULES
from derive.rules.parts import fraction
from derive.steps import Chain, Rewrite, Rule

Wrong = Callable[[Derivative, Context], Expr | None]


@dataclass
class Counted:
    """A wrong rule in one derivation.

    Attributes:
        wrong: the rule.
        only: at which one of the places where it applies it is used, from 0; None for all.
        places: at how many it applied so far.
    """

    wrong: Wrong
    only: int | None = None
    places: int = 0

    def __call__(self, node: Derivative, context: Context) -> Expr | None:
        made = self.wrong(node, context)
        if made is None:
            return None
        self.places += 1
        return made if self.only in (None, self.places - 1) else None


def planted(wrong: Wrong, rules: tuple[Rule, ...] = RULES) -> tuple[Rule, ...]:
    """Rules with a wrong one in front of them."""

    def rewrite(node: Derivative, context: Context) -> Rewrite | None:
        made = wrong(node, context)
        return None if made is None else Rewrite(made)

    return (Rule("planted", "", "", "", (Derivative,), rewrite), *rules)


def factors_apart(node: Derivative, context: Context) -> Expr | None:
    """d(f g) = df dg."""
    factors = _product(node, context)
    return factors and Mul(*(Derivative(factor, node.variable) for factor in factors))


def first_factor_only(node: Derivative, context: Context) -> Expr | None:
    """d(f g) = df g."""
    factors = _product(node, context)
    return factors and Mul(Derivative(factors[0], node.variable), *factors[1:])


def _product(node: Derivative, context: Context) -> tuple[Expr, ...] | None:
    """The factors of a product that all depend on the variable, and are no fraction."""
    if not isinstance(node.expr, Mul) or fraction(node.expr)[1] != 1:
        return None
    factors = context.reading.factors_in_order(node.expr)
    return factors if all(context.depends(f, node.variable) for f in factors) else None


def quotient_with_plus(node: Derivative, context: Context) -> Expr | None:
    """d(f/g) = (df g + f dg)/g^2."""
    return _quotient(node, context, lambda f, df, g, dg: (df * g + f * dg) / g**2)


def quotient_reversed(node: Derivative, context: Context) -> Expr | None:
    """d(f/g) = (f dg - df g)/g^2."""
    return _quotient(node, context, lambda f, df, g, dg: (f * dg - df * g) / g**2)


def quotient_without_square(node: Derivative, context: Context) -> Expr | None:
    """d(f/g) = (df g - f dg)/g."""
    return _quotient(node, context, lambda f, df, g, dg: (df * g - f * dg) / g)


def quotient_of_derivatives(node: Derivative, context: Context) -> Expr | None:
    """d(f/g) = df/dg."""
    return _quotient(node, context, lambda _f, df, _g, dg: df / dg)


def _quotient(
    node: Derivative, context: Context, make: Callable[[Expr, Expr, Expr, Expr], Expr]
) -> Expr | None:
    over, g = fraction(node.expr)
    f, x = Mul(*over), node.variable
    if not (context.depends(f, x) and context.depends(g, x)):
        return None
    return make(f, Derivative(f, x), g, Derivative(g, x))


def power_kept(node: Derivative, context: Context) -> Expr | None:
    """d(f^a) = a f^a df."""
    f = _power(node, context)
    return f and f.exp * f * Derivative(f.base, node.variable)


def power_without_exponent(node: Derivative, context: Context) -> Expr | None:
    """d(f^a) = f^(a - 1) df."""
    f = _power(node, context)
    return f and Pow(f.base, f.exp - 1) * Derivative(f.base, node.variable)


def _power(node: Derivative, context: Context) -> Pow | None:
    f = node.expr
    return f if isinstance(f, Pow) and not context.depends(f.exp, node.variable) else None


def numerator_only(node: Derivative, context: Context) -> Expr | None:
    """d(f/g) = df."""
    return _quotient(node, context, lambda _f, df, _g, _dg: df)


def outer_derivative_lost(node: Derivative, context: Context) -> Expr | None:
    """d f(u) = du: only the inner derivative is taken."""
    f, x = node.expr, node.variable
    if isinstance(f, Elementary) and context.depends(f, x):
        return Derivative(f.args[0], x)
    return None


def inner_derivative_lost(node: Derivative, context: Context) -> Expr | None:
    """d f(u) = f'(u), as if u were the variable itself: what stands beside it there is lost."""
    f, x = node.expr, node.variable
    if isinstance(f, Pow) and not context.depends(f.exp, x):
        slope, u = f.exp * Pow(f.base, f.exp - 1), f.base
    elif isinstance(f, Elementary):
        slope, u = f.fdiff(), f.args[0]
    else:
        return None
    bare = _bare(u, x, context)
    return slope * Derivative(bare, x) if bare != u else None


def slope_alone(node: Derivative, context: Context) -> Expr | None:
    """d f(u)/dx = f'(u): nothing of the inner derivative is left."""
    f, x = node.expr, node.variable
    if not isinstance(f, Elementary | Pow) or f.args[0] == x or not context.depends(f, x):
        return None
    if isinstance(x, Indexed) and not _is_other(f.args[0], x):
        return None
    if isinstance(f, Elementary):
        return f.fdiff()
    return None if context.depends(f.exp, x) else f.exp * Pow(f.base, f.exp - 1)


def _is_other(node: Expr, x: Indexed) -> bool:
    """Whether it is an entry of another name."""
    return isinstance(node, Indexed) and name_of(node) != name_of(x)


def layer_input_lost(node: Derivative, context: Context) -> Expr | None:
    """dL/dW = dL/dz, without what stands beside W in z."""
    through = bottleneck(node.expr, node.variable, context)
    if through is None or not context.is_question(node):
        return None
    letters = [*through.indices]
    head, body = through.head, through.body
    bare = _bare(body, node.variable, context)
    if bare == body or any(letter in context.letters for letter in letters):
        return None
    made = Derivative(node.expr, head) * Derivative(bare, node.variable)
    for letter, extent in zip(letters, context.problem.shapes[through.name], strict=True):
        made = Sum(made, (letter, Integer(1), extent))
    return made


def _bare(u: Expr, x: Expr, context: Context) -> Expr:
    """An expression without the factors and terms in it that do not depend on the variable."""
    if isinstance(u, Add | Mul):
        kept = [_bare(part, x, context) for part in u.args if context.depends(part, x)]
        return u.func(*kept)
    if isinstance(u, Sum):
        return rebuild(u, (_bare(u.body, x, context),))
    return u


def slope_at_the_wrong_place(node: Derivative, _: Context) -> Expr | None:
    """sigma'(u) = u (1 - u): the slope is written with u where f(u) belongs."""
    f = node.expr
    if not isinstance(f, Elementary):
        return None
    u, slope = f.args[0], f.fdiff()
    wrong = slope.xreplace({f: u})
    return wrong * Derivative(u, node.variable) if wrong != slope else None


def slope_of_another(node: Derivative, _: Context) -> Expr | None:
    """tanh'(u) = tanh(u) (1 - tanh(u)): the slope of a function of like shape."""
    f = node.expr
    other = {tanh: sigmoid, sigmoid: tanh}.get(type(f))
    if other is None:
        return None
    u = f.args[0]
    return other(u).fdiff().xreplace({other(u): f}) * Derivative(u, node.variable)


def constant_kept(node: Derivative, context: Context) -> Expr | None:
    """d(f + c) = df + c."""
    f, x = node.expr, node.variable
    if not isinstance(f, Add) or all(context.depends(term, x) for term in f.args):
        return None
    return Add(*(Derivative(t, x) if context.depends(t, x) else t for t in f.args))


def sum_held_constant(node: Derivative, context: Context) -> Expr | None:
    """d sum_k f_k = 0 for a sum inside: a mean, a variance, a denominator."""
    f = node.expr
    if context.is_question(node):
        return None
    definition = context.problem.definition(f)
    if definition is not None and not definition.indices:
        f = unfold(definition, f)
    elif not isinstance(f, Sum):
        return None
    return S.Zero if f.has(Sum) else None


def held_constant(name: str) -> Wrong:
    """ds/dx = 0 for one name that sums over the variable: a mean, or a variance."""

    def wrong(node: Derivative, context: Context) -> Expr | None:
        definition = context.problem.definition(node.expr)
        named = definition is not None and definition.name == name
        return S.Zero if named and not context.is_question(node) else None

    return wrong


def only_the_same_entry(node: Derivative, context: Context) -> Expr | None:
    """d p_k/dz_j = 0 for j other than k: every entry is taken to depend on its own alone."""
    problem = context.problem
    definition = problem.definition(node.expr)
    if definition is None or not isinstance(node.variable, Indexed):
        return None
    shapes = [problem.shapes.get(name_of(n)) for n in (node.expr, node.variable)]
    if node.expr == problem.target or shapes[0] != shapes[1]:
        return None
    pairs = zip(indices_of(node.expr), indices_of(node.variable), strict=True)
    same = Mul(*(delta(i, j) for i, j in pairs))
    if same == 1 or context.is_question(node):
        return None
    proved = context.prove(problem, node.expr, node.variable)
    return same * _diagonal(proved, node)


def _diagonal(proved: Chain, node: Derivative) -> Expr:
    """What was derived for two different letters, at the node's own, both written as the first."""
    own = indices_of(node.expr)
    generic = (*proved.problem.axes, *proved.problem.wrt_axes)
    found = substitute(proved.result, dict(zip(generic, (*own, *own), strict=True)))
    ones = {d: S.One for d in found.atoms(KroneckerDelta) if d.args[0] == d.args[1]}
    return found.xreplace(ones)


def sum_of_one_term(node: Derivative, context: Context) -> Expr | None:
    """d sum_k f_k = df_j: only the term with the variable's own index is kept."""
    f = node.expr
    if not isinstance(f, Sum):
        return None
    letter = _same_length(node.variable, f.extent, context)
    if letter is None:
        return None
    return Derivative(substitute(f.body, {f.letter: letter}), node.variable)


def _same_length(variable: Expr, extent: Expr, context: Context) -> Symbol | None:
    """The variable's index that takes as many values."""
    shape = context.problem.shapes.get(name_of(variable), ())
    found = (i for i, n in zip(indices_of(variable), shape, strict=False) if n == extent)
    return next(found, None)


def delta_lost(node: Derivative, _: Context) -> Expr | None:
    """dx_i/dx_j = 1."""
    f, x = node.expr, node.variable
    if isinstance(f, Indexed) and isinstance(x, Indexed) and name_of(f) == name_of(x):
        return S.One
    return None


def other_branch(node: Derivative, _: Context) -> Expr | None:
    """The slope of one case is taken in the other."""
    f, x = node.expr, node.variable
    if not isinstance(f, Where):
        return None
    return Where(Derivative(f.no, x), Derivative(f.yes, x), f.condition)
