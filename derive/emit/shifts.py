"""Exponentials made small: numerator and denominator divided by the largest exponential."""

from __future__ import annotations

from functools import partial, reduce
from typing import TYPE_CHECKING

from sympy import Add, Expr, Function, Mul, Not, Pow, S, Tuple

from derive.emit.logistic import powers_of
from derive.emit.special import expm1, log1p, row_shift
from derive.functions import abs as absolute
from derive.functions import exp, log, sign
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

    Numerators are given to the denominator they belong to; what is left over of the shift is a
    factor exp(c*m).
    """
    if not isinstance(node, Mul | Pow):
        return None
    powers = powers_of(opened(node, stable))
    under = [b for b, c in powers.items() if c < 0 and isinstance(b, Sum | Add) and degree(b)]
    if not under:
        return None
    room = {base: -powers[base] * (degree(base) or 0) for base in under}
    many = sum(room.values()) > 2  # of exponentials that are not small, the product might be large
    shifts = {base: (largest if many else shift_for)(base, stable) for base in under}
    parts = [Pow(shifted(base, shifts[base], stable), powers.pop(base)) for base in under]
    for base, count in powers.items():
        height = degree(base)
        if not height:
            parts.append(stable(Pow(base, count)))
            continue
        home = max(under, key=partial(_belongs, base, room))
        room[home] -= height * count
        parts.append(Pow(shifted(base, shifts[home], stable), count))
    return Mul(*parts, *(exp(-left * shifts[base]) for base, left in room.items() if left))


def _belongs(over: Expr, room: dict[Expr, int], under: Expr) -> tuple[bool, bool, int]:
    """How well a numerator goes with a denominator: its variables, its row, and room left."""
    row = free_indices(under) <= free_indices(over)
    return names(under) == names(over), row, room[under]


def opened(x: Expr, stable: Stable) -> Expr:
    """`x` with every name that stands for exponentials written out, every mask on one in its
    exponent, and 1 + exp(a)**2 as exp(0)**2 + exp(a)**2."""
    body = stable.unfolded(x)
    if body is not None:
        inside = opened(body, stable)
        return inside if degree(inside) else x
    if isinstance(x, Sum | Add | Mul | Pow):
        parts = tuple(opened(part, stable) for part in children(x))
        made = rebuild(x, _of_one_degree(parts) if isinstance(x, Add) else parts)
        return _with_masks_inside(made) if isinstance(made, Mul) else made
    if isinstance(x, Where):
        return masked(rebuild(x, tuple(opened(part, stable) for part in children(x))))
    return x


def _of_one_degree(terms: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Terms of degree 0 and more, each multiplied by as many exp(0) as it has fewer exponentials
    than another."""
    found = [degree(term) for term in terms]
    known = [d for d in found if d is not None]
    if len(known) < len(terms) or min(known) < 0:
        return terms
    return tuple(t * exp(S.Zero) ** (max(known) - d) for t, d in zip(terms, known, strict=True))


def _with_masks_inside(x: Mul) -> Expr:
    """where(c, 1, 0)*exp(a) = exp(where(c, a, -oo))."""
    exponentials = [f for f in x.args if isinstance(f, exp)]
    masks = [f for f in x.args if isinstance(f, Where) and S.Zero in (f.yes, f.no)]
    if not exponentials or not masks:
        return x
    first, rest = masks[0], Mul(*(f for f in x.args if f not in (*exponentials, masks[0])))
    filled = tuple(Mul(*exponentials, part) if part != 0 else part for part in children(first))
    return rest * masked(rebuild(first, filled))


def degree(x: Expr) -> int | None:
    """How many exponentials are multiplied in every term: 1 for exp(a), 2 for exp(a)*exp(b),
    0 for what has none; None where the terms differ."""
    if isinstance(x, exp):
        return 1
    if isinstance(x, Sum):
        return degree(x.body)
    if isinstance(x, Mul | Add | Where):
        found = [degree(arg) for arg in children(x) if not (isinstance(x, Where) and arg == 0)]
        known = [d for d in found if d is not None]
        if isinstance(x, Mul):
            return sum(known) if len(known) == len(found) else None
        return found[0] if len(set(found)) == 1 else None
    if isinstance(x, Pow) and x.exp.is_Integer:
        inner = degree(x.base)
        return None if inner is None else inner * int(x.exp)
    return 0


def largest(x: Expr, stable: Stable) -> Expr:
    """The largest exponent in an expression of a degree other than 0."""
    if isinstance(x, exp):
        return stable(x.args[0])
    inner = [largest(part, stable) for part in children(x) if degree(part)]
    if isinstance(x, Sum) and x.letter in free_indices(inner[0]):
        return _peak(inner[0], x.args[1])
    return reduce(lambda a, b: a if a == b else Larger(a, b), inner)


def shift_for(x: Expr, stable: Stable) -> Expr:
    """A shift for the exponents in a denominator: the largest, or 0 if that is small enough."""
    found = largest(x, stable)
    return row_shift(found) if type(found) is Peak and degree(x) == 1 else found


def _peak(exponent: Expr, limit: Tuple) -> Expr:
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
            if any(_is_counterpart(factor, peaks) for factor in Mul.make_args(other)):
                found = minus_shift(other, -shift)
                return Add(found, *(t for t in terms if t not in (shift, other)))
    return Add(*terms)


def _is_counterpart(b: Expr, peaks: set[Peak]) -> bool:
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
    """f*exp(a) - f*exp(b), divided by exp(shift), as f*exp(m - shift)*sign(a - b)*(1 - exp(-|a -
    b|)) with m the larger of a and b: it does not cancel where a is almost b."""
    first, second = x.args[0], Add(*x.args[1:])
    found = [[f for f in Mul.make_args(term) if isinstance(f, exp)] for term in (first, second)]
    if [len(side) for side in found] != [1, 1]:
        return None
    ((one,), (other,)) = found
    if first / one + second / other != 0:
        return None
    apart, most = stable(one.args[0] - other.args[0]), largest(x, stable)
    size = -apart if apart.could_extract_minus_sign() else apart
    rest = -stable(first / one) * sign(apart) * expm1(-absolute(size))
    return rest if most == shift else rest * exp(Shifted(most, shift))


def masked(x: Where) -> Expr:
    """where(c, exp(a)*f, 0) = exp(where(c, a, -oo))*where(c, f, 0), either way round, and
    where(c, exp(a), exp(b)) = exp(where(c, a, b)); anything else as it is.

    So the largest exponent that is subtracted is one of those that count.
    """
    if isinstance(x.yes, exp) and isinstance(x.no, exp):
        return exp(Where(x.yes.args[0], x.no.args[0], x.condition))
    if S.Zero not in (x.yes, x.no):
        return x
    filled, condition = (x.yes, x.condition) if x.no == 0 else (x.no, Not(x.condition))
    powers = powers_of(filled)
    exponentials = [base for base, count in powers.items() if isinstance(base, exp) and count > 0]
    if not exponentials:
        return x
    parts = [
        Pow(exp(Where(base.args[0], S.NegativeInfinity, condition)), powers.pop(base))
        for base in exponentials
    ]
    rest = Mul(*(Pow(base, count) for base, count in powers.items()))
    return Mul(*parts, S.One if rest == 1 else Where(rest, S.Zero, condition))
