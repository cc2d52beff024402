"""Functions that lose fewer digits than what they stand for. Only emitted code has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Add, Expr, Integer, Mul, Pow, S

from derive.functions import ELEMENTARY, Elementary, cosh, erf, exp, log, sigmoid
from derive.nodes import Binder, Sum

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def _special(name: str, meaning: Callable[[Expr], Expr], numpy: str) -> Any:
    body = {"_meaning": staticmethod(meaning), "numpy": numpy, "__module__": __name__}
    return type(name, (Elementary,), body)


expm1: Any = _special("expm1", lambda x: exp(x) - 1, "np.expm1({0})")
log1p: Any = _special("log1p", lambda x: log(1 + x), "np.log1p({0})")
log1mexp: Any = _special("log1mexp", lambda x: log(1 - exp(x)), "_log1mexp({0})")
sigmoid_slope: Any = _special(
    "sigmoid_slope", lambda x: sigmoid(x) * (1 - sigmoid(x)), "_sigmoid_slope({0})"
)
erfc: Any = _special("erfc", lambda x: 1 - erf(x), "_erfc({0})")
log_cosh: Any = _special("log_cosh", lambda x: log(cosh(x)), "_log_cosh({0})")

# Every function that code may call, by name.
FUNCTIONS: dict[str, type[Elementary]] = {
    **ELEMENTARY,
    **{f.__name__: f for f in (expm1, log1p, log1mexp, log_cosh, erfc, sigmoid_slope)},
}


class Norm(Binder):
    """sqrt(sum(body**2, k)), without squares that overflow or vanish."""


def exp_minus_one(node: Expr, stable: Stable) -> Expr | None:
    """exp(a) - 1 = expm1(a), with any factor: T*exp(a) - T = T*expm1(a)."""
    if not isinstance(node, Add):
        return None
    for term in node.args:
        powers = [f for f in Mul.make_args(term) if isinstance(f, exp)]
        if len(powers) != 1:
            continue
        rest = Mul(*(f for f in Mul.make_args(term) if f != powers[0]))
        if -rest in node.args:
            others = Add(*(t for t in node.args if t not in (term, -rest)))
            found = stable(rest) * expm1(stable(powers[0].args[0]))
            return found + stable(others) if others != 0 else found
    return None


def complement_of_erf(node: Expr, stable: Stable) -> Expr | None:
    """1 - erf(x) = erfc(x) and 1 + erf(x) = erfc(-x), with any factor."""
    if not isinstance(node, Add):
        return None
    for term in node.args:
        found = [f for f in Mul.make_args(term) if isinstance(f, erf)]
        rest = Mul(*(f for f in Mul.make_args(term) if f not in found))
        for sign in (1, -1):
            if len(found) == 1 and sign * rest in node.args:
                others = Add(*(t for t in node.args if t not in (term, sign * rest)))
                part = stable(sign * rest) * erfc(stable(-sign * found[0].args[0]))
                return part + stable(others) if others != 0 else part
    return None


def log_of_one_more(node: Expr, stable: Stable) -> Expr | None:
    """log(1 + x) = log1p(x), and log(1 - exp(a)) = log1mexp(a)."""
    if not isinstance(node, log) or not isinstance(node.args[0], Add):
        return None
    if S.One not in node.args[0].args:
        return None
    rest = Add(*(t for t in node.args[0].args if t != 1))
    return log1mexp(stable((-rest).args[0])) if isinstance(-rest, exp) else log1p(stable(rest))


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


def _norm(base: Expr, stable: Stable) -> Expr | None:
    if not isinstance(base, Sum):
        return None
    body = base.body
    if isinstance(body, Pow) and body.exp == 2:
        return Norm(stable(body.base), base.args[1])
    inner = _norm(body, stable)
    return None if inner is None else Norm(inner, base.args[1])
