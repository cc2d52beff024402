"""Random expressions: derived, checked, and compared with a derivative worked out by brute force.

The oracle knows numbers only: it writes every sum out with mpmath at 60 digits and takes a
difference quotient. It shares nothing with the engine, the checker or the emitted code.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace

import mpmath
import pytest
from sympy import Add, And, Expr, Indexed, Integer, KroneckerDelta, Mul, Number, Or, Pow, Symbol
from sympy.logic.boolalg import Boolean

from derive.checker.finite import check
from derive.engine import derive
from derive.functions import Elementary, cos, exp, sigmoid, sin, softplus, tanh
from derive.indices import free_indices
from derive.nodes import Sum, Where, entry, index, scalar, size, total, undistributed
from derive.problem import Problem
from derive.steps import Chain, Status

N = 2
SIZE = size("n")
LONG = 2 * SIZE - 1
LETTERS = [index(name) for name in "ijklm"]
FUNCTIONS = [exp, sigmoid, tanh, softplus, sin, cos]
Place = tuple[str, tuple[int, ...]]


def expression(rng: random.Random, depth: int, scope: tuple[Symbol, ...]) -> Expr:
    """A random expression in the letters of the scope, with sums, quotients and functions."""
    if depth == 0 or rng.random() < 0.15:
        return _leaf(rng, scope)
    part: Callable[[], Expr] = lambda: expression(rng, depth - 1, scope)  # noqa: E731
    kind = rng.randrange(9)
    if kind < 2:
        return part() + part()
    if kind == 2:
        return part() - part()
    if kind < 5:
        return part() * part()
    if kind == 5:
        return part() / (2 + exp(part()))
    if kind == 6:
        return rng.choice(FUNCTIONS)(part())
    letter = rng.choice(LETTERS)
    inside = tuple(sorted({*scope, letter}, key=str))
    return total(expression(rng, depth - 1, inside), letter, SIZE)


def _leaf(rng: random.Random, scope: tuple[Symbol, ...]) -> Expr:
    kind = rng.randrange(5)
    if kind == 0 or not scope:
        return Integer(rng.choice([1, 2, 3])) if kind else scalar("a")
    if kind == 1:
        return scalar(rng.choice("ab"))
    if kind == 4:
        return entry("W", rng.choice(scope), rng.choice(scope))
    return entry(rng.choice("xy"), rng.choice(scope))


def problem(seed: int) -> Problem:
    """A random question; its wrt letter may be free, bound, both, or neither in the target."""
    rng = random.Random(seed)
    with undistributed():
        i, j = LETTERS[0], rng.choice(LETTERS[:3])
        target = expression(rng, 4, (i,))
    variable = rng.choice([entry("x", j), entry("W", i, j), scalar("a")])
    shapes = {"x": (SIZE,), "y": (SIZE,), "W": (SIZE, SIZE), "a": (), "b": ()}
    axes = tuple(sorted(free_indices(target), key=str))
    extents = dict.fromkeys(LETTERS, SIZE)
    return Problem(target, (variable,), axes=axes, shapes=shapes, extents=extents)


def shifted_problem(seed: int) -> Problem:
    """The same with every W[k, l] replaced by x[k + l]; x is as long as that takes, and what stands
    in a single x[k] does not run over all of it."""
    asked = problem(seed)
    with undistributed():
        target = _antidiagonal(asked.target)
    j = index("j")
    extents = asked.extents | ({j: LONG} if j not in asked.axes else {})
    axes = tuple(sorted(free_indices(target), key=str))
    return replace(
        asked,
        target=target,
        wrt=(entry("x", j),),
        axes=axes,
        shapes={"x": (LONG,), "y": (SIZE,), "a": (), "b": ()},
        extents=extents,
    )


def _antidiagonal(expr: Expr) -> Expr:
    if isinstance(expr, Indexed):
        return entry("x", Add(*expr.indices)) if len(expr.indices) == 2 else expr
    return expr.func(*map(_antidiagonal, expr.args)) if expr.args else expr


def value(expr: Expr, point: dict[Place, mpmath.mpf], letters: dict[Symbol, int]) -> mpmath.mpf:
    """The value of an expression, by its definition."""
    if isinstance(expr, Number):
        return mpmath.mpf(expr.p) / expr.q
    if expr in letters:
        return mpmath.mpf(letters[expr])
    if expr == SIZE:
        return mpmath.mpf(N)
    if isinstance(expr, Symbol):
        return point[(str(expr), ())]
    if isinstance(expr, Indexed):
        return point[(str(expr.base.label), tuple(_counted(i, letters) + 1 for i in expr.indices))]
    if isinstance(expr, KroneckerDelta):
        first, second = (_counted(i, letters) for i in expr.args)
        return mpmath.mpf(first == second)
    if isinstance(expr, Sum):
        extent = int(expr.extent.subs(SIZE, N))
        inside = ({**letters, expr.letter: k} for k in range(1, extent + 1))
        return mpmath.fsum(value(expr.body, point, each) for each in inside)
    if isinstance(expr, Where):
        return value(expr.yes if _holds(expr.condition, letters) else expr.no, point, letters)
    parts = [value(arg, point, letters) for arg in expr.args]
    if isinstance(expr, Add):
        return mpmath.fsum(parts)
    if isinstance(expr, Mul):
        return mpmath.fprod(parts)
    if isinstance(expr, Pow):
        return parts[0] ** parts[1]
    assert isinstance(expr, Elementary)
    return _apply(expr.func.__name__, parts[0])


def _counted(place: Expr, letters: dict[Symbol, int]) -> int:
    """An index, counted from 0."""
    numbers = {letter: number - 1 for letter, number in letters.items()}
    return int(place.subs({**numbers, SIZE: N}))


def _holds(condition: Boolean, letters: dict[Symbol, int]) -> bool:
    if isinstance(condition, And | Or):
        found = [_holds(part, letters) for part in condition.args]
        return all(found) if isinstance(condition, And) else any(found)
    sides = (Integer(_counted(side, letters)) for side in condition.args)
    return bool(condition.func(*sides))


def _apply(name: str, x: mpmath.mpf) -> mpmath.mpf:
    if name == "sigmoid":
        return 1 / (1 + mpmath.exp(-x))
    return mpmath.log1p(mpmath.exp(x)) if name == "softplus" else getattr(mpmath, name)(x)


def disagreement(chain: Chain, seed: int) -> mpmath.mpf:
    """The largest relative difference between the result and a difference quotient."""
    asked = chain.problem
    rng = random.Random(seed)
    places = [("a", ()), ("b", ())]
    places += [(name, (i,)) for name in "xy" for i in range(1, 2 * N)]
    places += [("W", pair) for pair in itertools.product(range(1, N + 1), repeat=2)]
    point = {place: mpmath.mpf(rng.randint(-20, 20)) / 23 for place in places}
    variable = asked.wrt[0]
    indices = getattr(variable, "indices", ())
    name = str(variable.base.label) if indices else str(variable)
    letters = sorted({*asked.axes, *indices}, key=str)
    worst = mpmath.mpf(0)
    spans = [range(1, int(asked.extents[letter].subs(SIZE, N)) + 1) for letter in letters]
    for numbers in itertools.product(*spans):
        where = dict(zip(letters, numbers, strict=True))
        place = (name, tuple(where[i] for i in indices))
        step = mpmath.mpf(10) ** -20
        up = value(asked.target, {**point, place: point[place] + step}, where)
        down = value(asked.target, {**point, place: point[place] - step}, where)
        slope, found = (up - down) / (2 * step), value(chain.result, point, where)
        worst = max(worst, abs(slope - found) / (1 + abs(slope)))
    return worst


def _agrees(seed: int, asked: Problem) -> None:
    chain = check(derive(asked))
    assert chain.status is Status.DONE, f"seed {seed}: {chain.where}"
    wrong = [(s.rule, s.local_before, s.local_after) for s in chain.steps if s.verdict != "agrees"]
    assert chain.verified, f"seed {seed}: {chain.start}: {wrong}"
    with mpmath.workdps(60):
        assert disagreement(chain, seed) < 1e-25, f"seed {seed}: {chain.start}"


@pytest.mark.parametrize("seed", range(40))
def test_random_derivatives_agree_with_brute_force(seed: int) -> None:
    _agrees(seed, problem(seed))


@pytest.mark.parametrize("seed", range(40))
def test_random_derivatives_with_shifts_agree_with_brute_force(seed: int) -> None:
    _agrees(seed, shifted_problem(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 400))
def test_many_random_derivatives_agree_with_brute_force(seed: int) -> None:
    _agrees(seed, problem(seed))
    _agrees(seed, shifted_problem(seed))


@pytest.mark.parametrize("seed", range(12))
def test_letters_and_order_do_not_matter(seed: int) -> None:
    """Renaming all variables and indices gives the same derivation, up to the names."""
    first = problem(seed)
    other = Problem(
        target=_renamed(first.target),
        wrt=(_renamed(first.wrt[0]),),
        axes=tuple(_renamed(axis) for axis in first.axes),
        shapes={_NEW.get(name, name): shape for name, shape in first.shapes.items()},
        extents={_renamed(letter): extent for letter, extent in first.extents.items()},
    )
    with undistributed():
        one, two = derive(first), derive(other)
        difference = _renamed(one.result) - two.result
    assert one.status is two.status
    rng = random.Random(seed)
    names = [("c", ()), ("d", ())]
    names += [(name, (i,)) for name in "uv" for i in range(1, N + 1)]
    names += [("M", pair) for pair in itertools.product(range(1, N + 1), repeat=2)]
    point = {place: mpmath.mpf(rng.randint(-20, 20)) / 23 for place in names}
    letters = dict.fromkeys(map(_renamed, LETTERS), 1)
    assert abs(value(difference, point, letters)) < 1e-9


_NEW = {"x": "v", "y": "u", "W": "M", "a": "d", "b": "c"}
_LETTERS = dict(zip("ijklm", "qprts", strict=True))


def _renamed(expr: Expr) -> Expr:
    if isinstance(expr, Indexed):
        return entry(_NEW[str(expr.base.label)], *map(_renamed, expr.indices))
    if isinstance(expr, Symbol):
        if expr in LETTERS:
            return index(_LETTERS[expr.name])
        return scalar(_NEW[expr.name]) if expr.name in _NEW else expr
    return expr.func(*map(_renamed, expr.args)) if expr.args else expr
