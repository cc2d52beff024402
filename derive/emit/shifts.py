"""Exponentials made small: numerator and denominator divided by the largest exponential."""

from __future__ import annotations

from functools import partial, reduce
from typing import TYPE_CHECKING

from sympy import Add, Expr, Function, Mul, Pow, S, Tuple

from derive.emit.degrees import degree, divided, opened
from derive.emit.exactly import Care
from derive.emit.logistic import logistic_argument, powers_of
from derive.emit.special import difference_of_exponentials, log1p, row_shift
from derive.functions import exp, log
from derive.indices import free_indices, fresh, letters, names, rename, substitute
from derive.nodes import Binder, Sum, Where, children, rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable


class Peak(Binder):
    """The largest value of the body over one index, held fixed in derivatives.

    It is only ever used where the result does not depend on it, as a shift.
    """


class Trough(Peak):
    """The smallest value, likewise."""


class Larger(Function):
    """The larger of two values, as a shift like `Peak`."""

    nargs = 2


class Shifted(Function):
    """The first minus the second: an exponent minus its shift, which is subtracted last."""

    nargs = 2


def is_logarithm_of_shifted(term: Expr) -> bool:
    """Whether a term of a sum is log(sum(exp(a - m))). It is added last: a - m has lost no digits,
    but m - log(...) may have."""
    logs = [f for f in Mul.make_args(term) if isinstance(f, log | log1p)]
    return any(f.has(Peak, Larger) for f in logs)


def shifted_quotients(node: Expr, stable: Stable) -> Expr | None:
    """exp(a[i])/sum(exp(a[k]), k) = exp(a[i] - m)/sum(exp(a[k] - m), k), m a shift for all a[k].

    Numerators are given to the denominator they belong to; if they are too many or too few, what is
    left of the shift is subtracted from their exponents, or is a factor exp(c*m). Sigmoids are
    stable as they are: without other exponentials, they stay.
    """
    if not isinstance(node, Mul | Pow):
        return None
    if not opened(_without_sigmoids(node, stable), stable).has(exp):
        return None
    written = opened(node, stable)
    powers = powers_of(_balanced(written))
    under = [b for b, c in powers.items() if c < 0 and isinstance(b, Sum | Add) and degree(b)]
    if not under:
        return None
    room = {base: -powers[base] * (degree(base) or 0) for base in under}
    # Of many exponentials that are not small, the product might be large.
    many = sum(room.values()) > 2 or (degree(divided(written)) or 0) > 0
    shifts = {base: (largest if many else shift_for)(base, stable) for base in under}
    parts = [Pow(shifted(base, shifts[base], stable), powers.pop(base)) for base in under]
    over: list[tuple[Expr, Expr]] = []  # numerators, each with its shift
    for base, count in powers.items():
        if not degree(base):
            parts.append(stable(Pow(base, count)))
            continue
        for _ in range(abs(count)):
            home = max(under, key=partial(_belongs, base, room))
            inverse = exp(-base.args[0]) if isinstance(base, exp) else 1 / base
            over.append((base if count > 0 else inverse, shifts[home]))
            room[home] -= degree(over[-1][0]) or 0
    left = Add(*(count * shifts[base] for base, count in room.items()))
    return Mul(*parts, *_numerators(over, left, stable))


def _without_sigmoids(node: Expr, stable: Stable) -> Expr:
    """A product without its factors, and powers of them, that are sigmoids or stand for one."""
    return Mul(
        *(f for f in Mul.make_args(node) if logistic_argument(f.as_base_exp()[0], stable) is None)
    )


def _numerators(over: list[tuple[Expr, Expr]], left: Expr, stable: Stable) -> list[Expr]:
    """Numerators divided by their shifts, and by exp(left). If anything is left, there is one
    exponential for all of them: many might overflow where others vanish."""
    found = [(f, shift) for f, shift in over if left == 0 or not isinstance(f, exp)]
    parts = [shifted(f, shift, stable) for f, shift in found]
    others = [pair for pair in over if pair not in found]
    exponent = stable(Add(*(f.args[0] for f, _ in others)))
    shift = Add(*(shift for _, shift in others), left)
    exponent = exponent if shift == 0 else minus_shift(exponent, shift)
    return parts if exponent == 0 else [*parts, exp(exponent)]


def _balanced(x: Expr) -> Expr:
    """The same with as many exponentials above as below, if it can be written so."""
    apart = divided(x) if degree(x) else x
    return apart if degree(apart) == 0 else x


def _belongs(over: Expr, room: dict[Expr, int], under: Expr) -> tuple[bool, bool, int]:
    """How well a numerator goes with a denominator: its variables, its row, and room left."""
    row = free_indices(under) <= free_indices(over)
    return names(under) == names(over), row, room[under]


def largest(x: Expr, stable: Stable, whole: bool = False) -> Expr:
    """The largest exponent in an expression of a degree other than 0. With `whole`, it is not
    taken apart where what rounding makes of it can be worked out."""
    if isinstance(x, exp):
        return stable(x.args[0])
    inner = [largest(part, stable, whole) for part in children(x) if degree(part)]
    if isinstance(x, Sum) and x.letter in free_indices(inner[0]):
        return (Peak if whole and _is_arithmetic(inner[0], stable) else peak)(inner[0], x.args[1])
    return reduce(lambda a, b: a if a == b else Larger(a, b), inner)


def _is_arithmetic(x: Expr, stable: Stable) -> bool:
    """Whether sums, products, quotients and logarithms make an expression of variables."""
    if isinstance(x, Add | Mul | log) or (isinstance(x, Pow) and x.exp in (-2, -1, 2)):
        return all(_is_arithmetic(part, stable) for part in x.args)
    return x.is_Rational or stable.is_given(x)


def shift_for(x: Expr, stable: Stable) -> Expr:
    """A shift for the exponents in a denominator: the largest, or 0 if that is small enough, and
    is no exponential itself, of which the difference is taken otherwise."""
    single = degree(x) == 1
    found = largest(x, stable, single and stable.care is Care.ARGUMENTS)
    plain = type(found) is Peak and not found.has(exp)
    return row_shift(found) if plain and single else found


def peak(exponent: Expr, limit: Tuple) -> Expr:
    """The largest value of an exponent, as c times that of b if it is c*b with a constant c: b
    minus its largest value loses no digits, c*b minus its own does. If the sign of c is not known,
    it is told from c whether b has to be the largest or the smallest."""
    parts = _signed_factors(exponent)
    constant = [f for f in parts if limit[0] not in free_indices(f) and f != -1]
    c, b = Mul(*constant), Mul(*(f for f in parts if f not in constant))
    bases = [f.base if isinstance(f, Pow) else f for f in constant if not _is_positive(f)]
    if not bases:
        return c * Peak(b, limit)
    return c * Where(Peak(b, limit), Trough(b, limit), Mul(*bases) > 0)


def _signed_factors(x: Expr) -> list[Expr]:
    """The factors of a product, a negative number as -1 and a positive one."""
    found = []
    for factor in Mul.make_args(x):
        minus = factor.is_Rational and factor < 0
        found += [S.NegativeOne, -factor] if minus and factor != -1 else [factor]
    return found


def _is_positive(factor: Expr) -> bool:
    """Whether a factor is surely not negative."""
    if isinstance(factor, Pow):
        return not (factor.exp.is_Integer and factor.exp % 2) or _is_positive(factor.base)
    return bool(factor.is_nonnegative) or isinstance(factor, exp)


def _is_shift(x: Expr) -> bool:
    return isinstance(x, Peak | Larger | row_shift) or (
        isinstance(x, Where) and isinstance(x.yes, Peak)
    )


def minus_shift(x: Expr, shift: Expr) -> Expr:
    """c*b minus c times the largest b as c*(b minus the largest b)."""
    if x == 0:
        return -shift
    rest, parts = _signed_factors(x), Mul.make_args(shift)
    constant = [f for f in parts if not _is_shift(f)]
    if not all(f in rest for f in constant):
        return Shifted(x, shift)
    for factor in constant:
        rest.remove(factor)
    return Mul(*constant, Shifted(Mul(*rest), Mul(*(f for f in parts if _is_shift(f)))))


def with_shifts_inside(terms: list[Expr]) -> Expr:
    """The sum of terms, c*b and -c times the largest b among them taken together."""
    for shift in terms:
        peaks = {p for f in Mul.make_args(shift) if _is_shift(f) for p in f.atoms(Peak)}
        for other in terms if peaks else []:
            if any(is_counterpart(factor, peaks) for factor in Mul.make_args(other)):
                found = minus_shift(other, -shift)
                return Add(found, *(t for t in terms if t not in (shift, other)))
    return Add(*terms)


def is_counterpart(b: Expr, peaks: set[Peak]) -> bool:
    """Whether one of the peaks is the largest value of b over one of its indices."""
    pairs = [(peak, letter) for peak in peaks for letter in free_indices(b)]
    return any(substitute(peak.body, {peak.letter: letter}) == b for peak, letter in pairs)


def shifted(x: Expr, shift: Expr, stable: Stable) -> Expr:
    """x divided by exp(shift) to the power of its degree."""
    if not degree(x):
        return stable(x)
    if isinstance(x, exp):
        return exp(minus_shift(stable(x.args[0]), shift))
    if isinstance(x, Add) and (apart := _difference(x, shift, stable)) is not None:
        return apart
    if isinstance(x, Sum) and x.letter in free_indices(shift):
        x = rename(x, fresh(x.letter, letters(shift) | letters(x)))
    return rebuild(x, tuple(shifted(part, shift, stable) for part in children(x)))


def _difference(x: Add, shift: Expr, stable: Stable) -> Expr | None:
    """f*exp(a) - f*exp(b), divided by exp(shift): it does not cancel where a is almost b."""
    found = difference_of_exponentials(x, stable) if degree(x) == 1 else None
    if found is None:
        return None
    rest, most = stable(found[0]), largest(x, stable)
    return rest if most == shift else rest * exp(Shifted(most, shift))
