"""Cases with one normal form have one value: at ties too, and whatever stands under a bar."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations_with_replacement, permutations, product

from sympy import Eq, Expr, Integer, Pow

from derive.checker.atoms import Frozen, Unprovable, frozen
from derive.checker.letters import Letters
from derive.checker.normal import Normal
from derive.functions import Maximum, Minimum, relu
from derive.nodes import Where, scalar, undistributed
from derive.problem import Problem

SEED = 20250714
T, a = scalar("T"), scalar("a")
PLAIN = (T, a, Integer(1), Integer(0), -T, T - a)
CONDITIONS = (
    T > 0,
    T < 0,
    T >= 0,
    a > 0,
    a < T,
    a >= T,
    Eq(T, a),
    (T > 0) & (a > 0),
    (T > 0) | (a > 0),
)
NUMBERS = tuple(map(Fraction, ("-3", "-1", "0", "1/2", "2")))


def value(expr: Expr, at: Mapping[Expr, Fraction]) -> Fraction:
    """What an expression is at a point; ZeroDivisionError where it has no value."""
    if expr in at:
        return at[expr]
    if expr.is_Rational:
        return Fraction(expr.p, expr.q)
    if isinstance(expr, Where):
        return value(expr.yes if expr.condition.subs(at) else expr.no, at)
    if isinstance(expr, Pow):
        return value(expr.base, at) ** int(expr.exp)
    parts = [value(part, at) for part in expr.args]
    if isinstance(expr, relu):
        return max(parts[0], Fraction(0))
    if isinstance(expr, Maximum | Minimum):
        return max(parts) if isinstance(expr, Maximum) else min(parts)
    found = parts[0]
    for part in parts[1:]:
        found = found + part if expr.is_Add else found * part
    return found


def simple() -> list[Expr]:
    """Choices between two of a few numbers."""
    found: list[Expr] = [*PLAIN, *map(relu, PLAIN)]
    for u, v in permutations(PLAIN, 2):
        found += [Maximum(u, v), Minimum(u, v), *(Where(u, v, c) for c in CONDITIONS)]
    return found


def composed(chance: random.Random, parts: list[Expr]) -> Expr:
    """Two choices put together, often with one of them under a bar."""
    u, v = chance.choice(parts), chance.choice(parts)
    c = chance.choice(CONDITIONS)
    under = u if u == 0 else 1 / u
    return chance.choice(
        [
            *(u * v, u + v, u - v, v * under, v**2 * under, relu(u) * v, Maximum(u, v) - u),
            *(Where(u, v, c), Where(1, v * under, c), Where(v * under, 1, c)),
            Where(1, under, c) * u,
        ]
    )


def by_form(made: set[Expr]) -> dict[Frozen, list[Expr]]:
    problem = Problem(target=T, wrt=(T,), shapes={"T": (), "a": ()})
    normal = Normal(problem, Letters())
    found: dict[Frozen, list[Expr]] = defaultdict(list)
    for expr in made:
        normal.left = 5000
        try:
            found[frozen(normal.read(expr, {}))].append(expr)
        except Unprovable:
            continue
    return found


def test_what_has_one_normal_form_has_one_value() -> None:
    print("seed", SEED)
    chance = random.Random(SEED)
    with undistributed():
        parts = simple()
        made = {*parts, *(composed(chance, parts) for _ in range(900))}
        groups = [group for group in by_form(made).values() if len(group) > 1]
    compared = 0
    for first, *others in groups:
        for other, (p, q) in product(others, combinations_with_replacement(NUMBERS, 2)):
            for at in ({T: p, a: q}, {T: q, a: p}):
                try:
                    left, right = value(first, at), value(other, at)
                except ZeroDivisionError:
                    continue
                assert left == right, (first, other, at)
                compared += 1
    assert compared > 300
