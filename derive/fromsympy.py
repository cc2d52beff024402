"""SymPy expressions as input, written out in the input language, which the parser then reads."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy
from sympy import Expr, Indexed, KroneckerDelta, Symbol, Tuple
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, Not, Or
from sympy.tensor.indexed import Idx

from derive.decimals import ratio
from derive.errors import DeriveError, UnsupportedError
from derive.functions import ELEMENTARY, Maximum, Minimum
from derive.language.syntax import RESERVED
from derive.nodes import Binder, Largest, Product, Smallest, Where

_INFIX: dict[type, str] = {sympy.Add: " + ", sympy.Mul: "*", And: " and ", Or: " or "}
_CALLS: dict[type, str] = {
    **{getattr(sympy, name): name for name in ELEMENTARY if hasattr(sympy, name)},
    **{function: name for name, function in ELEMENTARY.items()},
    **{sympy.Abs: "abs", sympy.Max: "max", sympy.Min: "min", Maximum: "max", Minimum: "min"},
}
_BINDERS: dict[type, str] = {
    **{sympy.Sum: "sum", sympy.Product: "prod", Product: "prod"},
    **{Largest: "max", Smallest: "min"},
}
_SIGNS = {"Equality": "==", "Unequality": "!=", "StrictLessThan": "<", "LessThan": "<="}
_SIGNS |= {"StrictGreaterThan": ">", "GreaterThan": ">="}


def text_of_sympy(expr: Expr) -> str:
    """The expression as text.

    Vectors are IndexedBase, sums run from 1 to n or from 0 to n - 1, and such an n is the size of
    what is summed over wherever else it stands. In the language a sum of indices counts from 0, so
    that x[i + k - 1] becomes x[i + k] where sums run from 1.

    Raises:
        UnsupportedError: for a node the input language has no form for.
    """
    try:
        return _Writer(_lengths(expr), _start(expr)).text(expr)
    except RecursionError:
        raise UnsupportedError("this SymPy expression is too deeply nested: name parts") from None


def _lengths(expr: Expr) -> dict[Symbol, str]:
    """The sizes that sums run to, each with a letter that runs so far and no further."""
    found: dict[str, set[Expr]] = {}
    for binder in expr.atoms(*_BINDERS):
        for limit in binder.args[1:]:
            found.setdefault(str(limit[0]), set()).add(_extent(limit))
    sizes = {size for several in found.values() for size in several}
    letters = {size: [k for k in sorted(found) if found[k] == {size}] for size in sizes}
    return {size: several[0] if several else "" for size, several in letters.items()}


def _start(expr: Expr) -> int:
    """The first value of an index: that of the sums; this package's own count from 0."""
    found = {
        int(limit[1])
        for binder in expr.atoms(*_BINDERS)
        if not isinstance(binder, Binder)
        for limit in binder.args[1:]
    }
    return min(found, default=0)


def _extent(limit: Tuple) -> Symbol:
    """The n of (k, 1, n) and (k, 0, n - 1)."""
    size = limit[2] + 1 - limit[1] if len(limit) == 3 and limit[1] in (0, 1) else None
    if not isinstance(size, Symbol):
        shown = ", ".join(str(part) for part in limit)
        message = f"a sum runs over all of an index, (k, 1, n) or (k, 0, n - 1), not ({shown})"
        raise UnsupportedError(message)
    return size


@dataclass(frozen=True)
class _Writer:
    """Writes expressions.

    Attributes:
        lengths: for every size that a sum runs to, a letter that runs so far, or "".
        start: the first value of an index.
    """

    lengths: dict[Symbol, str] = field(default_factory=dict)
    start: int = 0

    def text(self, expr: Expr) -> str:
        """In brackets unless it is a name, an entry, a call or a positive integer."""
        if isinstance(expr, Symbol | Idx):
            return self._symbol(expr)
        if isinstance(expr, sympy.Float | sympy.Rational) and expr.is_finite:
            return _number(expr)
        if expr is sympy.pi or expr is sympy.E:
            return "pi" if expr is sympy.pi else "exp(1)"
        if isinstance(expr, Indexed):
            return f"{_name(expr.base.label)}[{_places(expr.indices, self.start)}]"
        if isinstance(expr, KroneckerDelta):
            return f"delta({_places(expr.args[:2], self.start)})"
        if isinstance(expr, sympy.Piecewise | Where):
            return self._cases(expr)
        if isinstance(expr, Boolean):
            return self._condition(expr)
        return self._composite(expr)

    def _symbol(self, symbol: Expr) -> str:
        if symbol not in self.lengths:
            return _name(symbol)
        if not self.lengths[symbol]:
            message = f"no letter of a sum runs to {symbol} alone: sum over different letters"
            raise UnsupportedError(message)
        return f"size({self.lengths[symbol]})"

    def _composite(self, expr: Expr) -> str:
        kind = type(expr)
        if binder := next((_BINDERS[k] for k in kind.__mro__ if k in _BINDERS), ""):
            letters = ", ".join(_name(limit[0]) for limit in reversed(expr.args[1:]))
            return f"{binder}({self.text(expr.args[0])}, {letters})"
        if function := _CALLS.get(kind) or _undefined(expr):
            return f"{function}({', '.join(map(self.text, expr.args))})"
        if kind in _INFIX:
            return f"({_INFIX[kind].join(map(self.text, expr.args))})"
        if isinstance(expr, sympy.Pow):
            return f"({self.text(expr.base)})**({self.text(expr.exp)})"
        raise _no_form(expr)

    def _cases(self, expr: Expr) -> str:
        branches = expr.args
        if isinstance(expr, Where):
            branches = ((expr.yes, expr.condition), (expr.no, sympy.true))
        *front, (last, always) = branches
        if always != sympy.true:
            message = "a Piecewise needs a last case that always holds: (expression, True)"
            raise UnsupportedError(message)
        written = self.text(last)
        for value, condition in reversed(front):
            written = f"where({self.text(condition)}, {self.text(value)}, {written})"
        return written

    def _condition(self, expr: Expr) -> str:
        if isinstance(expr, Relational):
            left, right = map(self.text, expr.args)
            return f"{left} {_SIGNS[type(expr).__name__]} {right}"
        if isinstance(expr, And | Or):
            return f"({_INFIX[type(expr)].join(self.text(part) for part in expr.args)})"
        if isinstance(expr, Not):
            return f"(not {self.text(expr.args[0])})"
        raise _no_form(expr)


def _undefined(expr: Expr) -> str:
    """The name of a function that SymPy does not have and the language has, such as sigmoid."""
    name = expr.func.__name__ if isinstance(expr, AppliedUndef) else ""
    return name if name in ELEMENTARY else ""


def _number(number: Expr) -> str:
    """A float is the decimal number it is shown as."""
    exact = sympy.Rational(str(number)) if isinstance(number, sympy.Float) else number
    over, under = ratio(abs(exact), isinstance(number, sympy.Float))
    written = over if under == "1" else f"{over}/{under}"
    return f"(-{written})" if exact < 0 else written if under == "1" else f"({written})"


def _name(symbol: Expr) -> str:
    """A name, if it is one in the language too: nothing in it is ever read as anything else."""
    name = str(symbol)
    if not name.isidentifier() or name in RESERVED:
        reason = "has a meaning in the input language" if name in RESERVED else "is not a name"
        raise UnsupportedError(f"{name[:40]!r} {reason}: call this symbol something else")
    return name


def _places(indices: tuple[Expr, ...], start: int) -> str:
    """Indices, or sums of them, as they stand in brackets."""
    shown = []
    for place in indices:
        letters = place.atoms(Symbol, Idx)
        for symbol in letters:
            _name(symbol)
        counts = sum(place.expand().coeff(letter) for letter in letters)
        shown.append(str(place + start * (counts - 1) if letters else place))
    return ", ".join(shown)


def _no_form(expr: Expr) -> DeriveError:
    if isinstance(expr, sympy.Derivative):
        return UnsupportedError("a SymPy Derivative is not read: what to differentiate by is wrt")
    kind = type(expr).__name__[:40]
    return UnsupportedError(f"a SymPy {kind} has no form in the input language; write it as text")
