"""Products in which one factor could overflow where another vanishes, with one exponential for all.

Whatever is made of exponentials is exp(h)*f, where h, its height, is the largest exponent in it,
and f is moderate. So a product is the exponential of the sum of all heights times moderate factors,
and a power of it likewise, however the exponentials are spread over sums, roots and quotients.
"""

from __future__ import annotations

from functools import reduce
from itertools import permutations
from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, Pow, S, sign

from derive.emit.degrees import degree, opened
from derive.emit.logistic import difference_as_product, logistic_argument
from derive.emit.shifts import Larger, Peak, Shifted, minus_shift, peak
from derive.emit.special import (
    difference_of_exponentials,
    log1p,
    row_shift,
    with_one_exponential,
)
from derive.functions import Maximum, cosh, exp, log, sinh
from derive.indices import free_indices, fresh, letters, rename, substitute
from derive.nodes import Product, Sum, Where, rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def height(x: Expr, stable: Stable) -> Expr:
    """The largest exponent in what is made of exponentials; 0 for the rest."""
    return Add(*_heights(x, stable))


def moderate(x: Expr, shift: Expr, stable: Stable) -> Expr:
    """x/exp(shift), with one exponential for every product in it."""
    if isinstance(x, Add):
        return Add(*(moderate(term, shift, stable) for term in x.args))
    if isinstance(x, Where):
        yes, no = (moderate(part, shift, stable) if part != 0 else part for part in x.args[:2])
        return Where(yes, no, x.condition)
    if isinstance(x, Sum):
        if x.letter in free_indices(shift):
            x = rename(x, fresh(x.letter, letters(shift) | letters(x)))
        return rebuild(x, (moderate(x.body, shift, stable),))
    exponent = _together([*_heights(x, stable), *(-term for term in Add.make_args(shift))])
    parts = [_moderate_power(base, power, stable) for base, power in powers(x, stable).items()]
    return Mul(*parts, S.One if exponent == 0 else exp(exponent))


def log_by_height(node: Expr, stable: Stable) -> Expr | None:
    """log(x) = h + log(x/exp(h)), h the height of x; log(1 + x) likewise where h is large;
    log(exp(a) - exp(b)) = a + log(1 - exp(b - a))."""
    x = node.args[0] if isinstance(node, log) else S.Zero
    terms = x.args if isinstance(x, Add) else ()
    rest = Add(*(term for term in terms if term != 1))
    if S.One in terms and isinstance(with_one_exponential(-rest, stable), exp):
        return None
    if isinstance(x, sinh) or (terms and degree(opened(rest, stable)) != 0):
        return _log_of_one_more(rest, stable) if S.One in terms else _log(x, stable)
    return None


def _log(x: Expr, stable: Stable) -> Expr:
    for first, second in permutations(x.args, 2) if len(x.args) == 2 else ():
        above, below = (with_one_exponential(part, stable) for part in (first, -second))
        if isinstance(above, exp) and isinstance(below, exp):
            a, b = above.args[0], below.args[0]
            return stable(a) + stable(log(1 - exp((b - a).expand())))
    shift = height(x, stable)
    return shift + log(moderate(x, shift, stable))


def _log_of_one_more(x: Expr, stable: Stable) -> Expr:
    found = height(x, stable)
    shift = row_shift(Larger(found, S.Zero))
    rest = moderate(x, found, stable) * exp(Shifted(found, shift))
    return Where(log1p(rest), shift + log(rest + exp(-shift)), shift <= 0)


def powers(x: Expr, stable: Stable) -> dict[Expr, Expr]:
    """The factors of a product, each with its power: those of names that stand for exponentials
    too, and sigmoid(a) as (exp(0) + exp(-a))**-1."""
    found: dict[Expr, Expr] = {}
    for factor in Mul.make_args(x):
        base, power = factor.args if isinstance(factor, Pow) else (factor, S.One)
        inside = _written_out(base, stable)
        product = power.is_Integer and (isinstance(base, Mul) or inside != base)
        for part, inner in powers(inside, stable).items() if product else [(inside, S.One)]:
            found[part] = found.get(part, S.Zero) + inner * power
    return {base: power for base, power in found.items() if power != 0}


def _written_out(x: Expr, stable: Stable) -> Expr:
    argument = logistic_argument(x, stable)
    if argument is not None:
        return Pow(exp(S.Zero) + exp(-argument), -1)
    if isinstance(x, sinh | cosh):
        minus = -1 if isinstance(x, sinh) else 1
        return S.Half * _written_out(exp(x.args[0]) + minus * exp(-x.args[0]), stable)
    apart = difference_as_product(x) or _difference_as_product(x, stable)
    if apart is not None:
        return apart
    body = stable.unfolded(x)
    if body is not None:
        inside = _written_out(body, stable)
        return inside if height(inside, stable) != 0 else x
    return opened(x, stable) if isinstance(x, Sum | Add | Where) else x


def _difference_as_product(x: Expr, stable: Stable) -> Expr | None:
    """f*exp(a) - f*exp(b) as exp(m) times what does not cancel, m the larger of a and b."""
    found = difference_of_exponentials(x, stable)
    if found is None:
        return None
    rest, a, b = found
    return rest * exp(Maximum(a, b))


def _heights(x: Expr, stable: Stable) -> list[Expr]:
    """The heights of the factors, each multiplied by its power."""
    return [
        power * term
        for base, power in powers(x, stable).items()
        for term in Add.make_args(_height(base, stable))
        if term != 0
    ]


def _height(x: Expr, stable: Stable) -> Expr:
    """The same of a factor."""
    if isinstance(x, exp):
        return stable(x.args[0])
    if isinstance(x, Sum | Add) and degree(x) == 0:
        return S.Zero
    if isinstance(x, Sum | Product):
        inside = height(x.body, stable)
        if isinstance(x, Product):
            return Sum(inside, x.args[1]) if inside != 0 else inside
        return peak(inside, x.args[1]) if x.letter in free_indices(inside) else inside
    if isinstance(x, Add):
        return reduce(
            lambda a, b: a if a == b else Larger(a, b), (height(t, stable) for t in x.args)
        )
    if isinstance(x, Where):
        found = [height(part, stable) for part in x.args[:2]]
        least = S.NegativeInfinity if any(found) else S.Zero
        yes, no = (
            least if part == 0 else inner for part, inner in zip(x.args, found, strict=False)
        )
        return Where(yes, no, x.condition)
    return S.Zero if not isinstance(x, Pow | Mul) else height(x, stable)


def _moderate_power(base: Expr, power: Expr, stable: Stable) -> Expr:
    """The power of a factor without its height."""
    if isinstance(base, exp):
        return S.One
    found = _height(base, stable)
    if found == 0:
        return stable(Pow(base, power))
    if isinstance(base, Product):
        body = moderate(base.body, height(base.body, stable), stable)
        return Pow(rebuild(base, (body,)), power) if body != 1 else S.One
    return Pow(moderate(base, found, stable), stable(power))


def _together(terms: list[Expr]) -> Expr:
    """The sum of exponents and shifts, where every shift is subtracted from an exponent that it is
    the largest of, if there is one, and what is left of them at last."""
    number: dict[Expr, Expr] = {}
    for term in terms:
        count, rest = term.as_coeff_Mul()
        number[rest] = number.get(rest, S.Zero) + count
    made = []
    shifts = [rest for rest in number if rest.has(Peak, Larger)]
    for shift in shifts:
        for other in [rest for rest in number if rest not in shifts and _is_under(rest, shift)]:
            if number[shift] * number[other] < 0:
                size = min(abs(number[shift]), abs(number[other]))
                count = size * sign(number[other])
                made.append(count * minus_shift(other, shift))
                number[shift], number[other] = number[shift] + count, number[other] - count
    first = Add(*(count * rest for rest, count in number.items() if rest not in shifts))
    last = Add(*(-number[rest] * rest for rest in shifts))
    return Add(*made, Shifted(first, last) if first != 0 and last != 0 else first - last)


def _is_under(x: Expr, shift: Expr) -> bool:
    """Whether a shift is the largest value of an exponent over one of its indices."""
    return any(
        substitute(found.body, {found.letter: letter}) == part
        for found in shift.atoms(Peak)
        for part in (x, *Mul.make_args(x))
        for letter in free_indices(part)
    )
