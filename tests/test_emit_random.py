"""Random formulas of the input language: the emitted functions against plain numbers.

The oracle reads the formula's text and knows numbers only (see `tests.formulas`); derivatives are
central differences of it. It shares nothing with the engine or the emitted code.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from derive.emit import function
from derive.emit.module import argument_names, kinds, own_shape
from derive.engine import derive
from derive.nodes import indices_of, name_of
from derive.parse import parse
from derive.problem import Problem
from tests.formulas import Formulas

Array = NDArray[np.float64]
LENGTH = 3
FUNCTIONS = [
    *("exp", "sin", "cos", "tanh", "sigmoid", "softplus", "atan", "asinh", "erf", "relu", "abs"),
    *("log(2 + {}**2)", "sqrt(1 + {}**2)", "cosh(sin({}))", "atanh(sin({})/2)", "acosh(2 + {}**2)"),
]


def formula(rng: random.Random, depth: int, scope: Sequence[str]) -> str:
    """A random formula in the letters of a scope."""
    if depth == 0 or rng.random() < 0.1:
        return _leaf(rng, scope)
    part: Callable[[], str] = lambda: formula(rng, depth - 1, scope)  # noqa: E731
    kind = rng.randrange(14)
    if kind < 3:
        return f"({part()} {rng.choice('+-')} {part()})"
    if kind < 5:
        return f"{part()}*{part()}"
    if kind == 5:
        return f"{part()}/(2 + {part()}**2)"
    if kind < 9:
        name = rng.choice(FUNCTIONS)
        return name.format(f"({part()})") if "{}" in name else f"{name}(sin({part()}))"
    if kind == 9:
        return f"{rng.choice(['max', 'min'])}({part()}, {part()})"
    if kind == 10 and scope:
        return f"where({rng.choice(scope)} {rng.choice(['<=', '!='])} 1, {part()}, {part()})"
    letter = next(name for name in "klmn" if name not in scope)
    inside = f"x[{letter}]*{formula(rng, depth - 1, [*scope, letter])}"
    if kind < 13:
        over = rng.choice(["sum({}, {})", "mean({}, {})", "log(sum(exp({}), {}))"])
        return over.format(inside, letter)
    return rng.choice(["prod(1 + {}/9, {})", "max({}, {})"]).format(inside, letter)


def _leaf(rng: random.Random, scope: Sequence[str]) -> str:
    if not scope or rng.random() < 0.3:
        return rng.choice(["a", "b", "2", "0.5", "pi", "logsumexp(z)", "norm(z)"])
    first, second = rng.choice(scope), rng.choice(scope)
    return rng.choice(
        [f"x[{first}]", f"y[{first}]", f"W[{first},{second}]", f"softmax(z)[{first}]"]
    )


def differences(value: Callable[..., Array], given: Mapping[str, Array], name: str) -> Array:
    """The slopes of a value by every entry of an input: its axes, then the input's."""
    step, slopes = 1e-5, []
    for place in np.ndindex(given[name].shape):
        up, down = given[name].copy(), given[name].copy()
        up[place] += step
        down[place] -= step
        slopes.append((value({**given, name: up}) - value({**given, name: down})) / (2 * step))
    return np.stack(slopes, axis=-1).reshape(slopes[0].shape + given[name].shape)


def agrees(seed: int) -> None:
    """Every function of a random formula's module, at random numbers."""
    rng = random.Random(seed)
    text = formula(rng, 3, ["i"]) + " + x[i]*a"
    wrt = rng.choice(["x[j]", "x[i]", "a"])
    asked = derive(parse(text, wrt=[wrt]))
    problem, chance, where = (
        asked.problem,
        np.random.default_rng(seed),
        f"seed {seed}: {text}, {wrt}",
    )
    given = {v: _drawn(chance, len(problem.shapes[v])) for v in problem.variables}

    def value(numbers: Mapping[str, Array]) -> Array:
        return Formulas(numbers).array(text, ["i"], [LENGTH])

    full = differences(value, given, name_of(problem.wrt[0]))
    for kind in kinds(problem):
        compute, names = function(problem, asked.result, kind), argument_names(problem, kind)
        own = {n: _drawn(chance, len(shape)) for n, shape in own_shape(problem, kind).items()}
        inputs = {names[v]: array for v, array in given.items()} | own
        before = {name: array.copy() for name, array in inputs.items()}
        found = compute(**inputs)
        wanted = value(given) if kind == "value" else _contracted(problem, kind, full, own)
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6, err_msg=f"{where}: {kind}")
        assert all(np.array_equal(inputs[n], before[n]) for n in inputs), where
        single = compute(**{n: array.astype(np.float32) for n, array in inputs.items()})
        assert single.dtype == np.float32, where
        batch = compute(**{n: np.stack([array, array]) for n, array in inputs.items()})
        np.testing.assert_allclose(batch, [found, found], rtol=1e-12, atol=1e-14, err_msg=where)


def _drawn(chance: np.random.Generator, rank: int) -> Array:
    return np.asarray(chance.uniform(0.2, 0.9, (LENGTH,) * rank))


def _contracted(problem: Problem, kind: str, full: Array, own: Mapping[str, Array]) -> Array:
    """The full array of slopes, its diagonal where wrt shares the target's index, or its product
    with the vector of a vjp or jvp."""
    letter = {(): "", problem.axes: "i"}.get(indices_of(problem.wrt[0]), "j")
    result = {"derivative": "ij" if letter == "j" else "i", "vjp": letter, "jvp": "i"}[kind]
    vector = {"derivative": "", "vjp": "i,", "jvp": f"{letter},"}[kind]
    return np.asarray(np.einsum(f"{vector}i{letter}->{result}", *own.values(), full))


# In 7126 a row's entry is compared with the row's maximum on the diagonal.
@pytest.mark.parametrize("seed", [*range(16), 7126])
def test_random_formulas_agree_with_numbers(seed: int) -> None:
    agrees(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(16, 400))
def test_many_random_formulas_agree_with_numbers(seed: int) -> None:
    agrees(seed)
