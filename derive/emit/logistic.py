"""Quotients over exp(a) + exp(b), where 1 counts as exp(0): sigmoids and hyperbolic tangents."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, Pow, Rational, S

from derive.emit.special import expm1, log1mexp, one_less_exponential, paired, sigmoid_slope
from derive.functions import Maximum, Minimum, exp, log, sigmoid, softplus, tanh
from derive.nodes import rebuild

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def logistic_quotients(node: Expr, stable: Stable) -> Expr | None:
    """exp(a)/(exp(a) + exp(b)) = sigmoid(a - b); 1/(1 + exp(-x)) = sigmoid(x); powers of them."""
    split = _logistic_split(node)
    if split is None:
        return None
    found, rest = split
    return Mul(*(rebuild(f, tuple(map(stable, f.args))) for f in found)) * stable(rest)


def logistic_argument(x: Expr, stable: Stable) -> Expr | None:
    """The a for which an expression is sigmoid(a), or None: sigmoid(a) itself, 1/(1 + exp(-a)),
    exp(b)/(exp(b) + exp(c)), a name for one of these, or 1 minus one of these."""
    if isinstance(x, sigmoid):
        return x.args[0]
    if isinstance(x, Add) and len(x.args) == 2 and x.args[0] == 1:
        inner = logistic_argument(-x.args[1], stable)
        return None if inner is None else -inner
    split = _logistic_split(x)
    if split is not None:
        found, rest = split
        alone = rest == 1 and len(found) == 1 and isinstance(found[0], sigmoid)
        return found[0].args[0] if alone else None
    body = stable.unfolded(x)
    return None if body is None else logistic_argument(body, stable)


def both_sides_of_sigmoid(node: Expr, stable: Stable) -> Expr | None:
    """sigmoid(a)*(1 - sigmoid(a)) = sigmoid_slope(a), with one exponential instead of two."""
    if not isinstance(node, Mul):
        return None
    sides = [(f, logistic_argument(f, stable)) for f in node.args]
    known = [(f, a) for f, a in sides if a is not None]
    for first, a in known:
        for second, b in known:
            if second is not first and (a + b).expand() == 0:
                rest = Mul(*(f for f in node.args if f not in (first, second)))
                positive = b if a.could_extract_minus_sign() else a
                return sigmoid_slope(stable(positive)) * stable(rest)
    return None


def complement_of_sigmoid(node: Expr, stable: Stable) -> Expr | None:
    """1 - sigmoid(a) = sigmoid(-a)."""
    argument = logistic_argument(node, stable) if isinstance(node, Add) else None
    return None if argument is None else sigmoid(stable(argument))


def rest_of_sigmoid(node: Expr, stable: Stable) -> Expr | None:
    """y - y*sigmoid(a) = y*sigmoid(-a), also where y*sigmoid(a), or a part of it, has a name."""
    if not isinstance(node, Add):
        return None
    opened = Add(*(_opened(term, stable) for term in node.args))
    return paired(opened, sigmoid, lambda rest, a: [(-rest, -rest, sigmoid(-a))], stable)


def complement_of_sigmoids(node: Expr, stable: Stable) -> Expr | None:
    """f - f*sigmoid(a)*sigmoid(b)**2 = -f*(exp(-softplus(-a) - 2*softplus(-b)) - 1), and so for any
    product of sigmoids; log(1 - sigmoid(a)*sigmoid(b)) likewise."""
    inner = node.args[0] if isinstance(node, log) else node
    for term in inner.args if isinstance(inner, Add) else ():
        powers = powers_of(term)
        found = {b: a for b in powers if (a := logistic_argument(b, stable)) is not None}
        rest = _product(Counter({b: count for b, count in powers.items() if b not in found}))
        if sum(powers[b] for b in found) < 2 or -rest not in inner.args:
            continue
        exponent = Add(*(-powers[b] * softplus(stable(-a)) for b, a in found.items()))
        others = Add(*(t for t in inner.args if t not in (term, -rest)))
        if isinstance(node, log):
            return log1mexp(exponent) if rest == -1 and others == 0 else None
        made = stable(rest) * expm1(exponent)
        return made + stable(others) if others != 0 else made
    return None


def _opened(term: Expr, stable: Stable) -> Expr:
    """A term with every product that has a name written out."""
    bodies = [(f, stable.unfolded(f)) for f in Mul.make_args(term)]
    return Mul(*(body if isinstance(body, Mul) else f for f, body in bodies))


def difference_of_sigmoids(node: Expr, stable: Stable) -> Expr | None:
    """f*sigmoid(a) - f*sigmoid(b) = f*sigmoid(a)*sigmoid(-b)*(1 - exp(b - a)) for b < a, the other
    way round for a < b, and log(sigmoid(a) - sigmoid(b)), where a - b is simpler than both."""
    found = _difference(node.args[0] if isinstance(node, log) else node)
    if found is None or (isinstance(node, log) and found[0] != 1):
        return None
    factor, a, b, apart = map(stable, found)
    if isinstance(node, log):
        return log1mexp(-apart) - softplus(-a) - softplus(b)
    ends = sigmoid(Maximum(a, b)) * sigmoid(-Minimum(a, b))
    return factor * ends * one_less_exponential(apart)


def difference_as_product(node: Expr) -> Expr | None:
    """f*sigmoid(a) - f*sigmoid(b) = f*sigmoid(a)*sigmoid(-b)*(1 - exp(b - a)), whichever of a and b
    is larger, without any other rewrite."""
    found = _difference(node)
    if found is None:
        return None
    factor, a, b, apart = found
    rest = factor * exp(Maximum(S.Zero, -apart)) * one_less_exponential(apart)
    return sigmoid(a) * sigmoid(-b) * rest


def _difference(node: Expr) -> tuple[Expr, Expr, Expr, Expr] | None:
    """The f, a, b and a - b of a difference of sigmoids."""
    terms = node.args if isinstance(node, Add) and len(node.args) == 2 else ()
    for first, second in (terms, terms[::-1]) if terms else ():
        found = [f for f in Mul.make_args(first) if isinstance(f, sigmoid)]
        factor = first / found[0] if len(found) == 1 else S.Zero
        other = -second / factor if factor != 0 else S.Zero
        if isinstance(other, sigmoid) and not factor.could_extract_minus_sign():
            a, b = found[0].args[0], other.args[0]
            apart = (a - b).expand()
            if len(Add.make_args(apart)) < len(Add.make_args(a)) + len(Add.make_args(b)):
                return factor, a, b, apart
    return None


def tanh_of_softplus(node: Expr, stable: Stable) -> Expr | None:
    """tanh(softplus(a)) = s*(1 + q)/(1 + q**2), where s = sigmoid(a) and q = sigmoid(-a): all from
    one exponential."""
    half = _tanh_argument(node, stable) if isinstance(node, tanh) else None
    if not isinstance(half, softplus):
        return None
    a = stable(half.args[0])
    return sigmoid(a) * (1 + sigmoid(-a)) / (1 + sigmoid(-a) ** 2)


def complement_of_tanh(node: Expr, stable: Stable) -> Expr | None:
    """1 + tanh(a) = 2*sigmoid(2*a), 1 - tanh(a) = 2*sigmoid(-2*a) and
    1 - tanh(a)**2 = 4*sigmoid_slope(2*a), with any factor; with q = sigmoid(-b), they are
    2/(1 + q**2), 2*q**2/(1 + q**2) and 4*q**2/(1 + q**2)**2 if a = softplus(b)."""
    if not isinstance(node, Add):
        return None
    for term in node.args:
        powers = powers_of(term)
        found = [(b, a) for b in powers if (a := _tanh_argument(b, stable)) is not None]
        if len(found) != 1 or powers[found[0][0]] not in (1, 2):
            continue
        ((base, half),) = found
        square = powers.pop(base) == 2
        rest = _product(powers)
        for sign in (-1,) if square else (1, -1):
            if sign * rest in node.args:
                others = Add(*(t for t in node.args if t not in (term, sign * rest)))
                made = _slope_of_tanh(half, stable) if square else _side_of_tanh(half, sign, stable)
                part = sign * stable(rest) * made
                return part + stable(others) if others != 0 else part
    return None


def _slope_of_tanh(half: Expr, stable: Stable) -> Expr:
    """1 - tanh(half)**2."""
    if not isinstance(half, softplus):
        return 4 * sigmoid_slope(stable(2 * half))
    square = sigmoid(-stable(half.args[0])) ** 2
    return 4 * square / (1 + square) ** 2


def _side_of_tanh(half: Expr, sign: int, stable: Stable) -> Expr:
    """1 + sign*tanh(half)."""
    if not isinstance(half, softplus):
        return 2 * sigmoid(stable(2 * sign * half))
    square = sigmoid(-stable(half.args[0])) ** 2
    return 2 * (square if sign < 0 else S.One) / (1 + square)


def _tanh_argument(x: Expr, stable: Stable) -> Expr | None:
    """The a for which an expression is tanh(a): as it stands, as a quotient, or by name."""
    body = stable.unfolded(x)
    if body is not None:
        return _tanh_argument(body, stable)
    found = x if isinstance(x, tanh) else hyperbolic_tangent(x, stable)
    return found.args[0] if isinstance(found, tanh) else None


def hyperbolic_tangent(node: Expr, stable: Stable) -> Expr | None:
    """(exp(a) - exp(b))/(exp(a) + exp(b)) = tanh((a - b)/2)."""
    powers = powers_of(node)
    for base, count in powers.items():
        pair = _pair(base)
        if pair is None or count >= 0:
            continue
        for a, b in (pair, pair[::-1]):
            over = _term(a) - _term(b)
            if powers[over] > 0:
                powers.subtract([over])
                powers.update([base])
                return tanh(stable(_half(a - b))) * stable(_product(powers))
    return None


def _logistic_split(node: Expr) -> tuple[list[Expr], Expr] | None:
    """A product as sigmoids and the rest, taken from its first denominator exp(a) + exp(b)."""
    powers = powers_of(node)
    for base, count in powers.items():
        pair = _pair(base)
        if pair is not None and count < 0:
            powers[base] = 0
            found = _logistic_factors(pair, -count, powers)
            rest = _product(powers)
            return (found, rest) if 0 in pair or not rest.has(exp) else None
    return None


def _logistic_factors(pair: tuple[Expr, Expr], count: int, powers: Counter[Expr]) -> list[Expr]:
    """What (exp(a) + exp(b))**-count makes; the exponentials used up leave `powers`."""
    a, b = pair
    found: list[Expr] = []
    for over, other in ((a, b), (b, a)):
        while len(found) < count and over != 0 and powers[exp(over)] > 0:
            powers[exp(over)] -= 1
            found.append(sigmoid(over - other))
    left = count - len(found)
    if 0 in pair:
        return found + [sigmoid(-a - b)] * left
    if a + b == 0:
        found += [sigmoid(a - b), sigmoid(b - a)] * (left // 2)
        left %= 2
    return [*found, exp(-left * (a + softplus(b - a)))] if left else found


def _half(x: Expr) -> Expr:
    """x/2, multiplied out: half of 2*x is x."""
    return Add(*(Rational(1, 2) * term for term in Add.make_args(x)))


def _pair(base: Expr) -> tuple[Expr, Expr] | None:
    """The a and b of exp(a) + exp(b), where 1 counts as exp(0)."""
    if not isinstance(base, Add) or len(base.args) != 2:
        return None
    found = [t.args[0] if isinstance(t, exp) else S.Zero for t in base.args if _is_term(t)]
    return (found[0], found[1]) if len(found) == 2 else None


def _is_term(term: Expr) -> bool:
    return isinstance(term, exp) or term == 1


def _term(a: Expr) -> Expr:
    return exp(a) if a != 0 else S.One


def powers_of(node: Expr) -> Counter[Expr]:
    """The factors of a product, each with its whole-number power."""
    found: Counter[Expr] = Counter()
    for factor in Mul.make_args(node):
        whole = isinstance(factor, Pow) and factor.exp.is_Integer
        base, count = (factor.base, int(factor.exp)) if whole else (factor, 1)
        for part, inner in powers_of(base).items() if isinstance(base, Mul) else [(base, 1)]:
            found[part] += inner * count
    return found


def _product(powers: Counter[Expr]) -> Expr:
    return Mul(*(Pow(base, count) for base, count in powers.items()))
