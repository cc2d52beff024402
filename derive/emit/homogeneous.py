"""Sums of products of sigmoid(x) and sigmoid(-x), as one fraction that is homogeneous in both.

The slopes of x*sigmoid(x) and x*tanh(softplus(x)) are such sums, and 0 where their terms cancel.
With sigmoid(x) + sigmoid(-x) put for numbers that stand beside sigmoids, 1 + x*sigmoid(-x) is
sigmoid(x) + (1 + x)*sigmoid(-x): what is left of it there depends on the ratio of both alone, which
is as exact as exp(x), and on numbers that are exact.
"""

from __future__ import annotations

from collections import Counter
from math import comb
from typing import TYPE_CHECKING

import sympy
from sympy import Add, Dummy, Expr, Mul, Poly, Pow, S

from derive.emit.special import sigmoid_slope
from derive.functions import sigmoid
from derive.nodes import children, rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable

_ABOVE, _BELOW, _X = Dummy("s", positive=True), Dummy("q", positive=True), Dummy("x")
# Coefficients by the powers of sigmoid(x) and sigmoid(-x) beside them.
_Terms = dict[tuple[int, int], Expr]


def with_homogeneous_sums(expr: Expr, stable: Stable) -> Expr:
    """An expression in stable form with all such sums of a given x."""
    parts = children(expr)
    if not parts:
        return expr
    found = rebuild(expr, tuple(with_homogeneous_sums(part, stable) for part in parts))
    made = homogeneous(found, stable) if isinstance(found, Add) else None
    return found if made is None else made


def homogeneous(node: Expr, stable: Stable) -> Expr | None:
    """A sum of numbers and of products of x, sigmoid(x) and sigmoid(-x) as one fraction, whose
    numerator is homogeneous in the last two, or None if it is another sum or cannot cancel. Powers
    of x are left alone: multiplied out, they cancel or overflow by themselves."""
    x = _argument(node, stable)
    if x is None:
        return None
    signs = {sigmoid(x): _ABOVE, sigmoid(-x): _BELOW}
    slopes = {sigmoid_slope(side): _ABOVE * _BELOW for side in (x, -x)}
    plain = node.xreplace({**signs, **slopes}).xreplace({x: _X})
    alone = (term for term in Add.make_args(plain) if not term.has(_ABOVE, _BELOW))
    if not _is_rational(plain) or any(term.has(_X) for term in alone):
        return None
    over, under = sympy.together(plain).as_numer_denom()
    if under.has(_X) or Poly(over, _X).degree() > 1:
        return None
    terms: _Terms = Poly(over, _ABOVE, _BELOW).as_dict(native=False)
    degrees = {i + j for i, j in terms}
    if len(degrees) == 1 or all(c.is_positive for c in terms.values()):
        return None
    found = _nested(_of_degree(max(degrees), terms)) / under
    return found.xreplace({_X: x}).xreplace({letter: side for side, letter in signs.items()})


def _argument(node: Expr, stable: Stable) -> Expr | None:
    """The x of all sigmoids in a sum, if it is given: another one's rounding has more to lose."""
    found = {node.args[0] for node in node.atoms(sigmoid, sigmoid_slope)}
    given = {x for side in found for x in (side, -side) if stable.is_given(x)}
    return given.pop() if len(given) == 1 and found <= {*given, *(-x for x in given)} else None


def _is_rational(plain: Expr) -> bool:
    """Whether an expression is a quotient of polynomials in x and the sigmoids."""
    if isinstance(plain, Pow):
        return bool(plain.exp.is_Integer) and _is_rational(plain.base)
    if isinstance(plain, Add | Mul):
        return all(map(_is_rational, plain.args))
    return isinstance(plain, sympy.Rational) or plain in (_ABOVE, _BELOW, _X)


def _of_degree(degree: int, terms: _Terms) -> _Terms:
    """The same with powers of sigmoid(x) + sigmoid(-x) = 1 beside terms of a lower degree."""
    found: Counter[tuple[int, int]] = Counter()
    for (i, j), coefficient in terms.items():
        more = degree - i - j
        for k in range(more + 1):
            found[i + k, j + more - k] += comb(more, k) * coefficient
    return {powers: c for powers, total in found.items() if (c := sympy.expand(total)) != 0}


def _nested(terms: _Terms) -> Expr:
    """A homogeneous polynomial, by Horner's rule in sigmoid(-x)."""
    if not terms:
        return S.Zero
    least = [min(powers[side] for powers in terms) for side in (0, 1)]
    coefficients = {j - least[1]: (c, _ABOVE ** (i - least[0])) for (i, j), c in terms.items()}
    found = S.Zero
    for j in range(max(coefficients), -1, -1):
        coefficient, power = coefficients.get(j, (S.Zero, S.One))
        found = found * _BELOW + coefficient * power
    return _ABOVE ** least[0] * _BELOW ** least[1] * found
