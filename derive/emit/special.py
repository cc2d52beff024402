"""Functions that lose fewer digits than what they stand for. Only emitted code has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Add, Expr, Function, Integer, Mul, Pow, S

from derive.functions import ELEMENTARY, Elementary, cosh, erf, exp, log, sigmoid, tanh
from derive.functions import abs as absolute
from derive.functions import sign as sign_of
from derive.indices import free_indices, substitute
from derive.nodes import Binder, Product, Sum

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def _special(name: str, meaning: Callable[[Expr], Expr], numpy: str) -> Any:
    body = {"_meaning": staticmethod(meaning), "numpy": numpy, "__module__": __name__}
    return type(name, (Elementary,), body)


def _cdf(x: Expr) -> Expr:
    """The normal distribution function."""
    return (1 + erf(x / sympy.sqrt(2))) / 2


def _pdf(x: Expr) -> Expr:
    """Its density."""
    return exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)


expm1: Any = _special("expm1", lambda x: exp(x) - 1, "np.expm1({0})")
log1p: Any = _special("log1p", lambda x: log(1 + x), "np.log1p({0})")
log1mexp: Any = _special("log1mexp", lambda x: log(1 - exp(x)), "_log1mexp({0})")
sigmoid_slope: Any = _special(
    "sigmoid_slope", lambda x: sigmoid(x) * (1 - sigmoid(x)), "_sigmoid_slope({0})"
)
erfc: Any = _special("erfc", lambda x: 1 - erf(x), "_erfc({0})")
normal_cdf: Any = _special("normal_cdf", _cdf, "_normal_cdf({0})")
normal_pdf: Any = _special("normal_pdf", _pdf, "_normal_pdf({0})")
log_normal_cdf: Any = _special("log_normal_cdf", lambda x: log(_cdf(x)), "_log_normal_cdf({0})")
inverse_mills: Any = _special("inverse_mills", lambda x: _pdf(x) / _cdf(x), "_inverse_mills({0})")
gelu_slope: Any = _special("gelu_slope", lambda x: _cdf(x) + x * _pdf(x), "_gelu_slope({0})")
log_cosh: Any = _special("log_cosh", lambda x: log(cosh(x)), "_log_cosh({0})")
tanhshrink: Any = _special("tanhshrink", lambda x: x - tanh(x), "_tanhshrink({0})")
# What to subtract from exponents, given the largest: 0 will do if that is moderate, and loses no
# digits. It only stands where any number would do.
row_shift: Any = _special("shift", lambda x: x, "_shift({0})")
# A number that is the exponent of an exponential, where its size does not matter from 80 on:
# exp(80) is finite in float32.
bounded: Any = _special("bounded", lambda x: x, "np.minimum({0}, 80)")
# The same where its factor is not known: exp(709) is finite in float64, and exp(710) is not.
in_range: Any = _special("in_range", lambda x: x, "np.minimum({0}, 709)")
BOUNDS: dict[type[Expr], int] = {bounded: 80, in_range: 709}

# The functions that only code has.
SPECIAL = (
    *(expm1, log1p, log1mexp, log_cosh, erfc, normal_cdf, normal_pdf, log_normal_cdf),
    *(inverse_mills, gelu_slope, sigmoid_slope, tanhshrink),
    row_shift,
)

# Every function that code may call, by name.
FUNCTIONS: dict[str, type[Elementary]] = {
    **ELEMENTARY,
    **{f.__name__: f for f in SPECIAL},
}


class Norm(Binder):
    """sqrt(sum(body**2, k)), without squares that overflow or vanish."""


class SumOfRest(Binder):
    """The sum of the body over one index without one of its largest values."""


class Ratio(Function):
    """The first divided by the second, before anything is multiplied by it."""

    nargs = 2


# Of f*function(a): the term that stands beside it, and what both are together, a factor and a
# function.
Pairs = Callable[[Expr, Expr], Iterable[tuple[Expr, Expr, Expr]]]
# What is done to the parts of what is rewritten.
Rewritten = Callable[[Expr], Expr]


def paired(node: Expr, kind: Any, pairs: Pairs, stable: Rewritten) -> Expr | None:
    """A sum in which two terms, one with a function of this kind, are replaced by what both are
    together; None if there are no such terms."""
    for term in node.args if isinstance(node, Add) else ():
        factors = Mul.make_args(term)
        found = [f for f in factors if isinstance(f, kind)]
        if len(found) != 1:
            continue
        rest = Mul(*(f for f in factors if f != found[0]))
        for partner, factor, both in pairs(rest, found[0].args[0]):
            if partner in node.args:
                made = stable(factor) * both.func(*map(stable, both.args))
                others = Add(*(t for t in node.args if t not in (term, partner)))
                return made + stable(others) if others != 0 else made
    return None


def exp_minus_one(node: Expr, stable: Stable) -> Expr | None:
    """exp(a) - 1 = expm1(a), with any factor: T*exp(a) - T = T*expm1(a), also where a power, a
    product or a name stands for the exponential."""
    if not isinstance(node, Add) or len(node.args) < 2:
        return None
    terms = (with_one_exponential(term, stable) for term in node.args)
    return paired(Add(*terms), exp, lambda rest, a: [(-rest, rest, expm1(a))], stable)


def with_one_exponential(term: Expr, stable: Stable) -> Expr:
    """A term with all that stands for exponentials in it as one."""
    factors = Mul.make_args(term)
    found = {f: a for f in factors if (a := _exponent(f, stable)) is not None}
    rest = Mul(*(f for f in factors if f not in found))
    return rest * exp(Add(*found.values())) if found else term


def _exponent(factor: Expr, stable: Stable) -> Expr | None:
    """The a for which a factor is exp(a), as it stands, as a power, a product or by name."""
    base, power = factor.as_base_exp()
    body = stable.unfolded(base) or base
    if isinstance(body, exp):
        return power * body.args[0]
    found = stable(log(body)) if isinstance(body, Product) else None
    return None if found is None or found.has(log(body)) else power * found


def difference_of_exponentials(x: Expr, stable: Stable) -> tuple[Expr, Expr, Expr] | None:
    """Of f*exp(a) - f*exp(b), where 1 counts as exp(0): f*sign(a - b)*(1 - exp(-|a - b|)), which is
    left when it is divided by the larger exponential, a, and b."""
    if not isinstance(x, Add) or len(x.args) != 2:
        return None
    terms = [with_one_exponential(term, stable) for term in x.args]
    sides = [[f for f in Mul.make_args(term) if isinstance(f, exp)] or [S.One] for term in terms]
    rests = [term / side[0] for term, side in zip(terms, sides, strict=True)]
    if sides == [[S.One], [S.One]] or rests[0] + rests[1] != 0:
        return None
    a, b = (side[0].args[0] if side[0] != 1 else S.Zero for side in sides)
    return rests[0] * one_less_exponential(a - b), a, b


def one_less_exponential(x: Expr) -> Expr:
    """sign(x)*(1 - exp(-|x|))."""
    size = -x if x.could_extract_minus_sign() else x
    return -sign_of(x) * expm1(-absolute(size))


def tanh_from_its_argument(node: Expr, stable: Stable) -> Expr | None:
    """a - tanh(a) = tanhshrink(a), with any factor."""
    return paired(node, tanh, lambda rest, a: [(-rest * a, -rest, tanhshrink(a))], stable)


def complement_of_erf(node: Expr, stable: Rewritten) -> Expr | None:
    """1 - erf(x) = erfc(x) and 1 + erf(x) = erfc(-x), with any factor; for x = y/sqrt(2),
    1 + erf(x) = 2*normal_cdf(y)."""

    def pairs(rest: Expr, a: Expr) -> Iterator[tuple[Expr, Expr, Expr]]:
        normal = Pow(2, S.Half) in Mul.make_args(a)
        for sign in (1, -1):
            both = normal_cdf(sign * Pow(2, S.Half) * a) if normal else erfc(-sign * a)
            yield sign * rest, (2 if normal else 1) * sign * rest, both

    return paired(node, erf, pairs, stable)


def log_of_one_more(node: Expr, stable: Stable) -> Expr | None:
    """log(1 + x) = log1p(x), and log(1 - exp(a)) = log1mexp(a)."""
    if not isinstance(node, log) or not isinstance(node.args[0], Add):
        return None
    if S.One not in node.args[0].args:
        return None
    rest = Add(*(t for t in node.args[0].args if t != 1))
    other = with_one_exponential(-rest, stable)
    return log1mexp(stable(other.args[0])) if isinstance(other, exp) else log1p(stable(rest))


def log_of_cosh(node: Expr, stable: Stable) -> Expr | None:
    """log(cosh(x)) = log_cosh(x), which is |x| - log(2) far from 0."""
    if not isinstance(node, log) or not isinstance(node.args[0], cosh):
        return None
    return log_cosh(stable(node.args[0].args[0]))


def root_of_squares(node: Expr, stable: Stable) -> Expr | None:
    """sum(f**2, k)**(c/2) = norm(f, k)**c for odd c."""
    if not isinstance(node, Pow) or not isinstance(node.exp, sympy.Rational) or node.exp.q != 2:
        return None
    found = _norm(node.base, stable)
    return None if found is None else Pow(found, Integer(node.exp.p))


def unit_vector(node: Expr, stable: Stable) -> Expr | None:
    """y*x[i]/norm(x, k) = y*(x[i]/norm(x, k)), where y/norm(x, k) alone might overflow."""
    if not isinstance(node, Mul):
        return None
    for under in node.args:
        found = _under_norm(under, stable)
        if found is None:
            continue
        norm, spelled, count = found
        for over in node.args:
            units = (substitute(norm.body, {norm.letter: k}) for k in free_indices(over))
            if any(unit == stable(over) for unit in units):
                rest = Mul(*(f for f in node.args if f not in (over, under)))
                return Ratio(stable(over), spelled) * Pow(spelled, 1 - count) * stable(rest)
    return None


def _under_norm(factor: Expr, stable: Stable) -> tuple[Norm, Expr, int] | None:
    """The norm, as it stands or under its name, and c of a factor norm**-c."""
    if not isinstance(factor, Pow) or not factor.exp.is_Rational or factor.exp >= 0:
        return None
    name = factor.exp.is_Integer
    root = stable.unfolded(factor.base) if name else Pow(factor.base, sympy.Rational(1, 2))
    norm = None if root is None else root_of_squares(root, stable)
    if not isinstance(norm, Norm):
        return None
    return norm, factor.base if name else norm, int(-factor.exp * (1 if name else 2))


def _norm(base: Expr, stable: Stable) -> Expr | None:
    if not isinstance(base, Sum):
        return None
    body = base.body
    if isinstance(body, Pow) and body.exp == 2:
        return Norm(stable(body.base), base.args[1])
    inner = _norm(body, stable)
    return None if inner is None else Norm(inner, base.args[1])
