"""Differences of roots that almost cancel: sqrt(a) - b = (a - b**2)/(sqrt(a) + b)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from sympy import Add, Expr, Indexed, Integer, Mul, Pow, S, Symbol

from derive.functions import abs as absolute
from derive.nodes import Where

if TYPE_CHECKING:
    from derive.emit.stable import Stable

# A factor, a root and what is subtracted from it.
Split = tuple[Expr, Expr, Expr]


def difference_of_roots(node: Expr, stable: Stable) -> Expr | None:
    """sqrt(a) - sqrt(b) = (a - b)/(sqrt(a) + sqrt(b)), sqrt(a) - b = (a - b**2)/(sqrt(a) + b) for
    positive b, where a - b**2 is simpler than both; with any factor, also under a bar."""
    if not isinstance(node, Add):
        return None
    for pair in combinations(node.args, 2):
        for factor, root, other in (*_plain(*pair), *_under(*pair)):
            found = _quotient(root, other, stable)
            if found is not None:
                rest = Add(*(term for term in node.args if term not in pair))
                made = stable(factor) * found
                return made + stable(rest) if rest != 0 else made
    return None


def _plain(first: Expr, second: Expr) -> Iterator[Split]:
    """c*sqrt(a) - c*b, either way round."""
    for term, other in ((first, second), (second, first)):
        for root in _roots(term, S.Half):
            yield term / root, root, -other / (term / root)


def _under(first: Expr, second: Expr) -> Iterator[Split]:
    """c*b/sqrt(a) - c = -c/sqrt(a)*(sqrt(a) - b), and c/sqrt(a) - c/sqrt(b) likewise."""
    for term, other in ((first, second), (second, first)):
        for under in _roots(term, -S.Half):
            root = Pow(under.base, S.Half)
            yield other / root, root, -term * root / other


def _roots(term: Expr, power: Expr) -> list[Pow]:
    """The roots, or those under a bar, among the factors of a term."""
    return [f for f in Mul.make_args(term) if isinstance(f, Pow) and f.exp == power]


def _quotient(root: Expr, other: Expr, stable: Stable) -> Expr | None:
    """root - other, if the difference of their squares has fewer terms than the larger square."""
    if not other.atoms(Symbol, Indexed) <= root.base.atoms(Symbol, Indexed):
        return None  # what is not under the root would be left over
    square = (other**2).expand()
    rest = (root.base - square).expand()
    most = max(len(Add.make_args(part)) for part in (root.base.expand(), square))
    if rest == 0 or len(Add.make_args(rest)) >= most:
        return None
    if _is_positive(other):
        return stable(rest) / (stable(root) + stable(other))
    minus = other.could_extract_minus_sign()
    size = -other if minus else other
    below, holds = stable(root) + absolute(stable(size)), size < 0 if minus else size > 0
    harmless = below if rest.is_number else Where(below, Integer(1), holds)
    return Where(stable(rest) / harmless, below, holds)


def _is_positive(expr: Expr) -> bool:
    root = isinstance(expr, Pow) and expr.exp in (S.Half, -S.Half)
    return root or bool(expr.is_number and expr > 0)
