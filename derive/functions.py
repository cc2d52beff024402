"""The elementary functions, one entry each: slope, LaTeX, NumPy, meaning.

They are inert: SymPy's own merge e**a * e**b and rewrite log(exp(x)) unasked, so a reader would
not see the step. `doit()` gives SymPy's functions back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Expr, Function, Integer, Pow, Rational, pi

from derive.nodes import Where

Formula = Callable[[Expr], Expr]


class Elementary(Function):
    """A function of one real number that stays as written."""

    nargs = 1
    latex_name: str
    numpy: str
    _slope: Formula
    _meaning: Formula

    @classmethod
    def eval(cls, _: Expr) -> None:
        """Never evaluate on construction."""

    def fdiff(self, _: int = 1) -> Expr:
        return type(self)._slope(self.args[0])

    def doit(self, **hints: Any) -> Expr:
        return type(self)._meaning(self.args[0].doit(**hints))

    def _eval_evalf(self, prec: int) -> Expr:
        return self.doit().evalf(sympy.core.evalf.prec_to_dps(prec))

    def _eval_is_real(self) -> bool | None:
        return True if self.args[0].is_real else None


def _entry(name: str, slope: Formula, meaning: Formula, numpy: str, latex: str = "") -> Any:
    body = {
        "_slope": staticmethod(slope),
        "_meaning": staticmethod(meaning),
        "numpy": numpy,
        "latex_name": latex or "\\" + name,
        "__module__": __name__,
    }
    made: Any = type(name, (Elementary,), body)
    return made


def _one_over(x: Expr) -> Expr:
    return Pow(x, -1)


# `numpy` is a source template; a name with a leading underscore is a helper of the emitted module.
exp: Any = _entry("exp", lambda x: exp(x), sympy.exp, "np.exp({0})")
log: Any = _entry("log", _one_over, sympy.log, "np.log({0})")
sin: Any = _entry("sin", lambda x: cos(x), sympy.sin, "np.sin({0})")
cos: Any = _entry("cos", lambda x: -sin(x), sympy.cos, "np.cos({0})")
tan: Any = _entry("tan", lambda x: 1 + tan(x) ** 2, sympy.tan, "np.tan({0})")
asin: Any = _entry(
    "asin", lambda x: (1 - x**2) ** Rational(-1, 2), sympy.asin, "np.arcsin({0})", r"\arcsin"
)
acos: Any = _entry(
    "acos", lambda x: -((1 - x**2) ** Rational(-1, 2)), sympy.acos, "np.arccos({0})", r"\arccos"
)
atan: Any = _entry("atan", lambda x: _one_over(1 + x**2), sympy.atan, "np.arctan({0})", r"\arctan")
sinh: Any = _entry("sinh", lambda x: cosh(x), sympy.sinh, "np.sinh({0})")
cosh: Any = _entry("cosh", lambda x: sinh(x), sympy.cosh, "np.cosh({0})")
tanh: Any = _entry("tanh", lambda x: 1 - tanh(x) ** 2, sympy.tanh, "np.tanh({0})")
asinh: Any = _entry(
    "asinh",
    lambda x: (1 + x**2) ** Rational(-1, 2),
    sympy.asinh,
    "np.arcsinh({0})",
    r"\operatorname{arsinh}",
)
acosh: Any = _entry(
    "acosh",
    lambda x: (x**2 - 1) ** Rational(-1, 2),
    sympy.acosh,
    "np.arccosh({0})",
    r"\operatorname{arcosh}",
)
atanh: Any = _entry(
    "atanh",
    lambda x: _one_over(1 - x**2),
    sympy.atanh,
    "np.arctanh({0})",
    r"\operatorname{artanh}",
)
erf: Any = _entry(
    "erf",
    lambda x: 2 * exp(-(x**2)) / sympy.sqrt(pi),
    sympy.erf,
    "_erf({0})",
    r"\operatorname{erf}",
)
sigmoid: Any = _entry(
    "sigmoid",
    lambda x: sigmoid(x) * (1 - sigmoid(x)),
    lambda x: 1 / (1 + sympy.exp(-x)),
    "_sigmoid({0})",
    r"\sigma",
)
softplus: Any = _entry(
    "softplus",
    lambda x: sigmoid(x),
    lambda x: sympy.log(1 + sympy.exp(x)),
    "_softplus({0})",
    r"\operatorname{softplus}",
)

abs: Any = _entry("abs", lambda x: sign(x), sympy.Abs, "_abs({0})", r"\operatorname{abs}")
sign: Any = _entry("sign", lambda _: Integer(0), sympy.sign, "_sign({0})", r"\operatorname{sign}")
relu: Any = _entry(
    "relu",
    lambda x: Where(Integer(1), Integer(0), x > 0),
    lambda x: sympy.Max(0, x),
    "np.maximum({0}, 0)",
    r"\operatorname{ReLU}",
)


class _Choice(Function):
    """The largest or smallest of two or more numbers, as written."""

    @classmethod
    def eval(cls, *_: Expr) -> None:
        """Never evaluate on construction."""

    def _eval_is_real(self) -> bool | None:
        return True if all(arg.is_real for arg in self.args) else None


class Maximum(_Choice):
    """max(a, b, ...)."""

    def doit(self, **hints: Any) -> Expr:
        return sympy.Max(*(arg.doit(**hints) for arg in self.args))


class Minimum(_Choice):
    """min(a, b, ...)."""

    def doit(self, **hints: Any) -> Expr:
        return sympy.Min(*(arg.doit(**hints) for arg in self.args))


_ALL = [exp, log, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh]
_ALL += [erf, sigmoid, softplus, abs, sign, relu]
ELEMENTARY: dict[str, type[Elementary]] = {f.__name__: f for f in _ALL}

_OURS = {getattr(sympy, name): f for name, f in ELEMENTARY.items() if hasattr(sympy, name)}


def from_sympy(expr: Expr) -> Expr:
    """The same expression with SymPy's elementary functions replaced by the inert ones."""
    if isinstance(expr, sympy.Indexed) or not expr.args:
        return exp(Integer(1)) if expr is sympy.E else expr
    parts = [from_sympy(arg) for arg in expr.args]
    return _OURS.get(expr.func, expr.func)(*parts)
