"""What the functions of an emitted module should give: from the target written out, and from its
own value function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from sympy import Expr

from derive.checker.differences import Array, Inputs, along, central, complex_step
from derive.checker.libraries import Emitted, Function
from derive.checker.scalar import ScalarDerivative
from derive.checker.trial import Site, Trial, multiplied, picked, wrt_letters
from derive.emit.backends.loading import is_installed
from derive.nodes import name_of
from derive.problem import Problem

EXACT = "exact"
CENTRAL = "central"
COMPLEX = "complex"
ALONG = "along"
TORCH = "torch"
JAX = "jax"

_SIZE = 3
# What is 0, as the slope of a correlation of two pairs, comes out as rounding: of differences of
# values, of complex steps.
_LEAST = {CENTRAL: 1e-3, ALONG: 1e-3, COMPLEX: 1e-2}
_ZERO = 1e-20  # as a part of the value: what the target written out gives for 0

_SURE = 1e-7  # a larger error may be the step's
_SHORTER = 8  # times

# A function, how it was compared, and by how much it is off.
Error = tuple[str, str, float]


class Oracle(Protocol):
    """Something that knows what functions should give."""

    def errors(self, module: Emitted) -> Iterator[Error]:
        """By how much the functions of a module are off."""


class Differences:
    """The derivative and its products at one point, from differences of the value that the same
    module computes."""

    def __init__(self, problem: Problem, site: Site, seed: int) -> None:
        self._problem, self._site, self._seed = problem, site, seed
        self._names = [name_of(variable) for variable in problem.wrt]

    def errors(self, module: Emitted) -> Iterator[Error]:
        """Where the step may be too long, as beside 1/x**12, a shorter one may do better."""
        first = list(self._errors(module, self._site.step))
        if all(error < _SURE for *_, error in first):
            yield from first
            return
        others = self._errors(module, self._site.step / _SHORTER)
        for (function, method, error), (*_, other) in zip(first, others, strict=True):
            yield function, method, min(error, other)

    def _errors(self, module: Emitted, step: float) -> Iterator[Error]:
        problem, site, names = self._problem, self._site, self._names

        def stepped(moved: Inputs) -> Array:
            return complex_step(module.value, moved, names[0])

        if "derivative" in module.functions:
            found = module.functions["derivative"](site.inputs)
            full = central(module.value, site.inputs, names, step)
            yield "derivative", CENTRAL, _off(found, picked(problem, full), CENTRAL)
            if module.takes_complex:
                full = central(stepped, site.inputs, names[1:], step)
                yield "derivative", COMPLEX, _off(found, picked(problem, full), COMPLEX)
        letters = (*problem.axes, *wrt_letters(problem))
        if len(set(letters)) == len(letters):
            yield from self._along(module, step)

    def _along(self, module: Emitted, step: float) -> Iterator[Error]:
        """The products, in a random direction of the variable that is differentiated by last; the
        others are moved entry by entry."""
        site, (*first, last) = self._site, self._names
        chance = np.random.default_rng(self._seed)
        direction = chance.standard_normal(site.inputs[last].shape)
        direction *= np.clip(np.abs(site.inputs[last]), 0.1, 1) / np.abs(direction).sum()

        def value(moved: Inputs) -> Array:
            return central(module.value, moved, first, step)

        wanted = along(value, site.inputs, last, direction, step)
        forward = module.functions.get("hvp" if first else "jvp")
        if forward:
            yield forward.name, ALONG, _off(forward(site.inputs, direction), wanted, ALONG)
        backward = module.functions.get("vjp")
        if backward and not first:
            g = chance.standard_normal(wanted.shape)
            slope, terms = backward(site.inputs, g), g * wanted
            fits = slope.shape == direction.shape
            found = np.asarray((slope * direction).sum() if fits else np.nan)
            yield "vjp", ALONG, _off(found, np.asarray(terms.sum()), ALONG, _largest(terms))


class WrittenOut:
    """All functions at small points, from the target written out there: one sample at a time, and
    several at once."""

    def __init__(self, trial: Trial, seeds: Sequence[int]) -> None:
        self._trial, self._seed = trial, seeds[0]
        self._sites = [trial.site(_SIZE, seed) for seed in seeds]
        self._scalar: dict[tuple[Expr, ...], ScalarDerivative] = {}
        self._known: dict[tuple[Expr, ...], list[tuple[Array, Array]]] = {}

    def errors(self, module: Emitted) -> Iterator[Error]:
        for function in module.functions.values():
            yield function.name, EXACT, max(self._exact(function))
        problem = self._trial.problem
        if "derivative" not in module.functions:
            return
        slope = module.functions["derivative"]
        for site, (value, exact) in zip(self._sites, self._numbers(problem), strict=True):
            found, least = slope(site.inputs), _least(exact, value)
            known = {}
            if module.backend == "torch":
                known[TORCH] = picked(problem, module.by_autograd(site.inputs))
            if is_installed("jax"):
                known[JAX] = self._written(problem).by_jax(site.point.exact)
            for method, wanted in known.items():
                if np.isfinite(wanted).all():  # theirs of (-1)**2.0, or of a root left out, is nan
                    yield slope.name, method, relative_error(found, wanted, least)

    def _exact(self, function: Function) -> Iterator[float]:
        problem, sites = function.problem, self._sites
        chance = np.random.default_rng(self._seed)
        vectors = [function.drawn(site.point.sizes, chance) for site in sites]
        known = self._numbers(problem)
        wanted = [_wanted(function, *k, v) for k, v in zip(known, vectors, strict=True)]
        least = [_least(each, value) for each, (value, _) in zip(wanted, known, strict=True)]
        for site, vector, each, part in zip(sites, vectors, wanted, least, strict=True):
            yield relative_error(function(site.inputs, vector), each, part)
        several = {name: np.stack([s.inputs[name] for s in sites]) for name in problem.variables}
        given = None if vectors[0] is None else np.stack([v for v in vectors if v is not None])
        yield relative_error(function(several, given), np.stack(wanted), max(least))

    def _numbers(self, problem: Problem) -> list[tuple[Array, Array]]:
        """Value and derivative at every point."""
        if problem.wrt not in self._known:
            written = self._written(problem)
            self._known[problem.wrt] = [written.at(site.point.exact) for site in self._sites]
        return self._known[problem.wrt]

    def _written(self, problem: Problem) -> ScalarDerivative:
        if problem.wrt not in self._scalar:
            self._scalar[problem.wrt] = ScalarDerivative(problem, self._trial.sizes(_SIZE))
        return self._scalar[problem.wrt]


def _wanted(function: Function, value: Array, slope: Array, vector: Array | None) -> Array:
    if vector is not None:
        return multiplied(function.problem, function.kind, slope, vector)
    return value if function.kind == "value" else slope


def relative_error(found: Array, wanted: Array, least: float) -> float:
    """The largest difference, relative to the largest entry that is wanted, or to `least` if that
    is larger; inf where a shape is wrong or a number is not finite."""
    if found.shape != wanted.shape:
        return float("inf")
    error = _largest(found - wanted) / (max(_largest(wanted), least) or 1.0)
    return error if np.isfinite(error) else float("inf")


def _off(found: Array, wanted: Array, method: str, least: float = 0.0) -> float:
    return relative_error(found, wanted, max(_LEAST[method], least))


def _least(exact: Array, value: Array) -> float:
    """What an error is compared with: the value where what is wanted is 0, else nothing more."""
    return _largest(value) if _largest(exact) <= _ZERO * _largest(value) else 0.0


def _largest(array: Array) -> float:
    return float(np.abs(array).max(initial=0.0))
