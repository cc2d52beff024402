"""SymPy expressions as input, written out in the input language, which the parser then reads."""

from __future__ import annotations

import sympy
from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, Symbol

from derive.errors import UnsupportedError

_INFIX = {sympy.Add: " + ", sympy.Mul: "*"}
_CALLS = {"exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"}
_CALLS |= {"asinh", "acosh", "atanh", "erf", "sigmoid", "softplus"}


def text_of_sympy(expr: Expr) -> str:
    """The expression as text.

    Sums run over one index each from 1 (or 0) to any size; vectors are IndexedBase.

    Raises:
        UnsupportedError: for a node the input language has no form for.
    """
    if isinstance(expr, Symbol | sympy.Integer):
        return str(expr) if expr.is_Symbol or expr >= 0 else f"({expr})"
    if isinstance(expr, sympy.Rational):
        return f"({expr.p}/{expr.q})"
    if isinstance(expr, sympy.Float):
        return text_of_sympy(sympy.Rational(str(expr)))
    if expr is sympy.pi or expr is sympy.E:
        return "pi" if expr is sympy.pi else "exp(1)"
    if isinstance(expr, Indexed):
        return f"{expr.base.label}[{', '.join(str(i) for i in expr.indices)}]"
    return _composite(expr)


def _composite(expr: Expr) -> str:
    parts = [text_of_sympy(arg) for arg in expr.args if not isinstance(arg, sympy.Tuple)]
    if type(expr) in _INFIX:
        return f"({_INFIX[type(expr)].join(parts)})"
    if isinstance(expr, sympy.Pow):
        return f"({parts[0]})**({parts[1]})"
    if isinstance(expr, KroneckerDelta):
        return f"delta({parts[0]}, {parts[1]})"
    if isinstance(expr, sympy.Sum):
        letters = ", ".join(str(limit[0]) for limit in expr.limits)
        return f"sum({parts[0]}, {letters})"
    if expr.func.__name__ in _CALLS and len(parts) == 1:
        return f"{expr.func.__name__}({parts[0]})"
    kind = "IndexedBase" if isinstance(expr, IndexedBase) else expr.func.__name__
    raise UnsupportedError(f"a SymPy {kind} has no form in the input language; write it as text")
