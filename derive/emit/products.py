"""Products of exponentials, of sums of them and of their quotients, that only fit into a number
together: one factor could overflow where another vanishes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, Pow, S, Symbol

from derive.emit.degrees import degree, divided, opened
from derive.emit.heights import height, moderate
from derive.emit.logistic import difference_as_product, logistic_argument, powers_of
from derive.functions import cosh, exp, sinh
from derive.nodes import Product, Sum, Where, children, index, is_index

if TYPE_CHECKING:
    from derive.emit.stable import Stable


def one_exponential(node: Expr, stable: Stable) -> Expr | None:
    """exp(a)*sum(exp(b[k])*f[k], k)**c = exp(a + c*m)*sum(exp(b[k] - m)*f[k], k)**c, m the largest
    b[k], with any number of such factors; for roots, and where no other rewrite brings together
    what could overflow and what could vanish."""
    if not isinstance(node, Mul | Pow | Product):
        return None
    needed = any(_is_root(factor, stable) for factor in Mul.make_args(node))
    needed = needed or _factors(node, stable).are_apart(stable)
    return moderate(node, S.Zero, stable) if needed else None


def _is_root(factor: Expr, stable: Stable) -> bool:
    """Whether it is a product over an index, or a root or an unknown power, of exponentials that
    might be in range when they are not themselves."""
    if isinstance(factor, Product):
        return bool(degree(opened(factor.body, stable)))
    if not isinstance(factor, Pow) or factor.exp.is_Integer:
        return False
    if logistic_argument(factor.base, stable) is not None:
        return bool(factor.exp.is_Rational)
    if isinstance(factor.base, Add):
        first, *others = sorted(factor.base.args, key=lambda term: term.could_extract_minus_sign())
        if any(t.could_extract_minus_sign() for t in others) and (len(others) > 1 or first == 1):
            return False
    return bool(height(opened(factor.base, stable), stable) != 0)


@dataclass
class _Factors:
    """What a product is made of, each with its power.

    Attributes:
        over: exponentials, and sums of them that are not divided by.
        under: sums of exponentials that are divided by.
        quotients: sigmoids, their differences, and names for quotients of exponentials.
    """

    over: Counter[Expr] = field(default_factory=Counter)
    under: Counter[Expr] = field(default_factory=Counter)
    quotients: Counter[Expr] = field(default_factory=Counter)

    def are_apart(self, stable: Stable) -> bool:
        """Whether there are some that could overflow and others that could vanish, not every one
        of them beside the sum that it is a term of."""
        # exp(a)/(1 + exp(x)*exp(y))
        if any(_is_mixed(base, stable) for base in self.under) or (
            self.under and None in map(degree, self.over)
        ):
            return True
        # p[i]/q[i] of two softmaxes, exp(x)/sinh(x)
        divided_by = [base for base, count in self.quotients.items() if count < 0]
        if divided_by:
            alone = len(self.over) + len(self.quotients) == 1
            return not alone or isinstance(divided_by[0], sinh | cosh)
        # exp(a)*exp(b)/sum(exp(z[k]), k), exp(a)/(exp(x) + exp(y)); one stranger can be shifted
        # with the terms of a sum
        if self.under:
            pairs = any(isinstance(base, Add) and len(base.args) == 2 for base in self.under)
            sums = not all(isinstance(base, exp) for base in self.over)
            return self._strangers() > (0 if pairs else 1) or (pairs and sums)
        # exp(x)*exp(-y), sigmoid(x)*exp(y)
        sigmoids = any(logistic_argument(base, stable) is not None for base in self.quotients)
        return len(self.over) + sigmoids > 1 and bool(self.over)

    def _strangers(self) -> int:
        """How many there are over the bar that are no terms of the sums under it."""
        home = {_pattern(e) for base in self.under for e in base.atoms(exp)}
        home |= {_pattern(e) for base in self.under for e in divided(base).atoms(exp)}
        room = -sum(count * (degree(base) or 0) for base, count in self.under.items())
        found = _content(Mul(*(Pow(base, count) for base, count in self.over.items())), home)
        return len(set(found) - home) + (sum(found[e] for e in home) > room)


def _content(x: Expr, home: set[Expr]) -> Counter[Expr]:
    """The exponentials that are multiplied in a product; of a sum, in the term with the most that
    are not at home."""
    if isinstance(x, exp):
        parts = {x: 1} if _pattern(x) in home else powers_of(divided(x))
        return Counter({_pattern(e): n for e, n in parts.items() if e != exp(S.Zero)})
    if isinstance(x, Mul):
        return sum((_content(factor, home) for factor in x.args), Counter[Expr]())
    if isinstance(x, Pow):
        inverse = isinstance(x.base, exp) and x.exp < 0
        inner = _content(exp(-x.base.args[0]) if inverse else x.base, home)
        return Counter({e: n * abs(int(x.exp)) for e, n in inner.items()})
    if isinstance(x, Add | Sum | Where | Product):
        found = [_content(part, home) for part in children(x)]
        return max(found, key=lambda content: len(set(content) - home))
    return Counter()


def _factors(node: Expr, stable: Stable) -> _Factors:
    found = _Factors()
    for base, count in powers_of(node).items():
        hyperbolic = isinstance(base, sinh | cosh)
        if is_quotient(base, stable) or (hyperbolic and count < 0):
            found.quotients[base] = count
            continue
        whole = exp(base.args[0]) + exp(-base.args[0]) if hyperbolic else opened(base, stable)
        if degree(whole) != 0 and (whole.has(exp)):
            (found.over if count > 0 or isinstance(whole, exp) else found.under)[whole] = count
    return found


def is_quotient(x: Expr, stable: Stable) -> bool:
    """Whether it is a sigmoid, a difference of two, or a name for a quotient of exponentials."""
    if logistic_argument(x, stable) is not None or difference_as_product(x) is not None:
        return True
    body = stable.unfolded(x)
    powers = powers_of(body) if body is not None else {}
    return any(count < 0 and degree(opened(b, stable)) for b, count in powers.items())


def _is_mixed(x: Expr, stable: Stable) -> bool:
    """Whether a term of a sum has two different exponentials, sums of them or sigmoids as
    factors."""
    if degree(x) is None:
        return True
    terms = [powers_of(term) for term in Add.make_args(x)]
    ones = exp(S.Zero)
    large = [[f for f in term if degree(f) and f != ones] for term in terms]
    small = [any(logistic_argument(f, stable) is not None for f in term) for term in terms]
    mixed = (len(above) + below > 1 for above, below in zip(large, small, strict=True) if above)
    return len(terms) > 1 and any(mixed)


def _pattern(x: Expr) -> Expr:
    """The same with one letter in the place of every index."""
    return x.xreplace({s: index("_") for s in x.atoms(Symbol) if is_index(s)})
