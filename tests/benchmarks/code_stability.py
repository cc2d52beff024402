"""How exact the emitted NumPy code is, from ordinary inputs to extreme ones.

Run: python tests/benchmarks/code_stability.py [NAME]...

For every entry of the catalogue, what it is differentiated by is set to numbers of several kinds:
ordinary, wide (up to 100), huge (up to 10000), all equal, one far ahead, tiny, denormal. Value and
derivative are compared with the same formulas worked out with 800 digits and more. For float64
and float32 the table shows the worst error of any entry in units in its last place ("entry"), and
in units of the result's largest entry ("array"), then what went wrong where: "nan" or "inf" where
the true value can be represented, "warns" where NumPy warned of an overflow on the way.

Beside an error of more than 8 units stands what half a unit of every input makes of that entry: at
most so much is lost already where the inputs were rounded. Last comes how many are within 8 units,
and how many of the others are within that.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from derive.api import Derivation, derivation_of
from derive.checker.ground import Ground, Located
from derive.checker.reals import CONTEXT, OutOfDomain, Uncheckable
from derive.checker.sample import Point, constraints
from derive.emit import function
from derive.emit.module import argument_names
from derive.errors import DeriveError
from derive.known import entries
from derive.nodes import is_size, name_of
from derive.target import resolve

Array = NDArray[Any]
DTYPES: tuple[type[np.floating[Any]], ...] = (np.float64, np.float32)
_DRAWS = 8  # of each kind for a function of numbers, which is tried at one number at a time
_DIGITS = (400, 1000, 10000)
_AIM = 8  # units in the last place
_STEP = CONTEXT.mpf(10) ** -60  # of a unit, in difference quotients


def _far(count: int, _: np.random.Generator) -> Array:
    return np.where(np.arange(count) == count // 2, 1000.0, 0.0)


KINDS: dict[str, Callable[[int, np.random.Generator], Array]] = {
    "ordinary": lambda count, chance: chance.standard_normal(count),
    "wide": lambda count, chance: chance.uniform(-100, 100, count),
    "huge": lambda count, chance: chance.uniform(-10000, 10000, count),
    "high": lambda count, chance: 10000 + chance.standard_normal(count),
    "low": lambda count, chance: -10000 + chance.standard_normal(count),
    "equal": lambda count, _: np.full(count, 1000.0),
    "far": _far,
    "tiny": lambda count, chance: 1e-9 * chance.standard_normal(count),
    "denormal": lambda count, chance: 1e-310 * chance.standard_normal(count),
}


@dataclass
class Findings:
    """What was found for one function of one entry and one dtype.

    Attributes:
        entry, array: the worst errors, in units in the last place of each entry and of the
            largest entry.
        faults: what went wrong, with the kind of numbers it was at.
        worst: the kind of numbers at which an entry was worst.
        point, place: these numbers, and which entry it was.
        inputs: what half a unit of every input makes there, in units of that entry; 0 where the
            error is small.
    """

    entry: float = 0.0
    array: float = 0.0
    faults: list[str] = field(default_factory=list)
    worst: str = ""
    point: dict[str, Array] = field(default_factory=dict)
    place: int = 0
    inputs: float = 0.0


def findings(derivation: Derivation, kind: str, dtype: Any) -> Findings:
    """All kinds of numbers tried for one function."""
    trial, found = _Trial(derivation), Findings()
    draws = 1 if derivation.problem.wrt_axes else _DRAWS
    for place, name in enumerate(KINDS):
        for seed in range(place, place + draws * len(KINDS), len(KINDS)):
            point = trial.inputs(name, seed, dtype)
            wanted = trial.wanted(kind, point)
            if wanted is not None and _compare(
                found, trial.called(kind, point), wanted, dtype, name
            ):
                found.worst, found.point = name, point
    found.faults = list(dict.fromkeys(found.faults))
    if found.entry > _AIM:
        found.inputs = trial.moved(kind, found.point, found.place, dtype)
    return found


def _compare(found: Findings, result: Any, wanted: Array, dtype: Any, name: str) -> bool:
    """Notes what is worse than before; whether an entry is."""
    array, warned = result
    limits = np.finfo(dtype)
    known = np.array([abs(w) <= float(limits.max) for w in wanted.ravel()])
    if warned and known.all():  # a warning is right where the true value is beyond the dtype
        found.faults.append(f"warns {name}")
    got = np.asarray(array).ravel()
    bad = ~np.isfinite(got) & known
    if bad.any():
        found.faults.append(f"{'nan' if np.isnan(got[bad]).any() else 'inf'} {name}")
    use = np.flatnonzero(known & ~bad)
    errors = [abs(CONTEXT.mpf(float(got[k])) - wanted.ravel()[k]) for k in use]
    units = [_unit(wanted.ravel()[k], dtype) for k in use]
    if units:
        found.array = max(found.array, float(max(errors) / max(units)))
    ratios = [float(e / u) for e, u in zip(errors, units, strict=True)]
    worse = max(ratios, default=0.0) > found.entry
    if worse:
        found.entry, found.place = max(ratios), int(use[np.argmax(ratios)])
    return worse


def _unit(wanted: Any, dtype: Any) -> Any:
    """The last place of a number in a dtype, at least that of the smallest one."""
    return CONTEXT.mpf(float(np.spacing(np.abs(dtype(float(wanted))))))


class _Exact(Ground):
    """Values that differ are not equal, however small they are."""

    def _equal(self, left: Located, right: Located) -> bool:
        return bool(self.value(*left) == self.value(*right))


class _Trial:
    """Inputs for one derivation, and what its functions give and should give there."""

    def __init__(self, derivation: Derivation) -> None:
        self.problem, self.result = derivation.problem, derivation.chain.result
        self.functions = {
            kind: function(self.problem, self.result, kind) for kind in ("value", "derivative")
        }
        extents = [*self.problem.extents.values(), *sum(self.problem.shapes.values(), ())]
        symbols = {s for extent in extents for s in extent.free_symbols if is_size(s)}
        self.sizes = {s: 3 + k for k, s in enumerate(sorted(symbols, key=str))}

    def inputs(self, name: str, seed: int, dtype: Any) -> dict[str, Array]:
        """Ordinary numbers that meet the assumptions, but for what is differentiated by."""
        point = Point(constraints(self.problem.assumptions), self.sizes, str(seed), positive=True)
        chance, found = np.random.default_rng(seed), {}
        for variable in self.problem.variables:
            shape = tuple(int(s.xreplace(self.sizes)) for s in self.problem.shapes[variable])
            places = product(*(range(1, length + 1) for length in shape))
            numbers = np.array([float(point.exact(variable, place)) for place in places])
            if variable == name_of(self.problem.wrt[0]):
                scale = 1e-30 if name == "denormal" and dtype is np.float32 else 1.0
                drawn = KINDS[name](numbers.size, chance) / scale
                bounded = constraints(self.problem.assumptions).bounds.get(variable)
                numbers = np.abs(drawn) if bounded else drawn
            with np.errstate(all="ignore"):
                found[variable] = numbers.astype(dtype).reshape(shape)
        return found

    def called(self, kind: str, inputs: dict[str, Array]) -> tuple[Array, bool]:
        """What the emitted code gives, and whether NumPy warned."""
        names = argument_names(self.problem, kind)
        compute = self.functions[kind]
        with (
            warnings.catch_warnings(record=True) as caught,
            np.errstate(all="warn", under="ignore"),
        ):
            warnings.simplefilter("always")
            found = compute(**{names[name]: array for name, array in inputs.items()})
        return np.asarray(found), bool(caught)

    def wanted(self, kind: str, inputs: dict[str, Array]) -> Array | None:
        """The formula's value at exactly these numbers; None where it has none."""
        expr, places = self._formula(kind)
        before: Array | None = None
        for digits in _DIGITS:
            with _digits(digits):
                try:
                    ground = self._ground(inputs)
                    values = [ground.value(expr, place) for place in places]
                except (OutOfDomain, Uncheckable, ZeroDivisionError, ValueError, OverflowError):
                    return None
            found = np.array(values, dtype=object)
            if before is not None and _settled(before, found):
                return found
            before = found
        return found

    def moved(self, kind: str, inputs: dict[str, Array], entry: int, dtype: Any) -> float:
        """What half a unit in the last place of every input makes of one entry at most, to first
        order, in units of that entry."""
        expr, places = self._formula(kind)
        with _digits(_DIGITS[1]):
            true = self._ground(inputs).value(expr, places[entry])
            found = CONTEXT.mpf(0)
            for name, array in inputs.items():
                for place in np.ndindex(array.shape):
                    beside = self._ground(inputs, (name, place)).value(expr, places[entry])
                    found += abs(beside - true)
            return float(found / _STEP / 2 / _unit(true, dtype))

    def _formula(self, kind: str) -> tuple[Expr, list[dict[Symbol, int]]]:
        """What is computed, and the places of its entries."""
        problem = self.problem
        expr = problem.target if kind == "value" else self.result
        axes = problem.axes if kind == "value" else (*problem.axes, *problem.wrt_axes)
        spans = [range(1, int(problem.extents[k].xreplace(self.sizes)) + 1) for k in axes]
        return expr, [dict(zip(axes, place, strict=True)) for place in product(*spans)]

    def _ground(
        self, inputs: dict[str, Array], moved: tuple[str, tuple[int, ...]] | None = None
    ) -> Ground:
        """The point of these inputs, with one of them a small part of a unit off."""

        def number(name: str, place: tuple[int, ...]) -> Any:
            at = tuple(k - 1 for k in place)
            entry = inputs[name][at]
            exact = Fraction(float(entry))
            off = float(np.spacing(np.abs(entry))) * _STEP if (name, at) == moved else 0
            return CONTEXT.mpf(exact.numerator) / exact.denominator + off

        definitions = {d.name: d for d in self.problem.definitions}
        return _Exact(self.sizes, number, definitions, strict=False, limit=10**7)


def _settled(before: Array, found: Array) -> bool:
    """Whether more digits made no difference that a float could show."""
    return all(
        abs(a - b) <= CONTEXT.mpf(10) ** -20 * abs(b) or max(abs(a), abs(b)) < 1e-340
        for a, b in zip(before, found, strict=True)
    )


@contextmanager
def _digits(count: int) -> Iterator[None]:
    outer, CONTEXT.dps = CONTEXT.dps, count
    yield
    CONTEXT.dps = outer


def main(names: Sequence[str]) -> None:
    wanted = names or [entry.name for entry in entries()]
    print(
        f"{'':28}{'float64':>22}{'float32':>22}\n{'':28}{'entry   array':>22}{'entry   array':>22}"
    )
    rows: list[list[Findings]] = []
    for name in wanted:
        try:
            derivation = derivation_of(resolve(name))
        except DeriveError as error:
            print(f"{name}: {error}")
            continue
        for kind in ("value", "derivative"):
            found = [findings(derivation, kind, dtype) for dtype in DTYPES]
            figures = "".join(f"{f.entry:14.3g}{f.array:8.2g}" for f in found)
            print(f"{name[:20]:20} {kind[:6]:7}{figures}   {_remarks(found)}".rstrip(), flush=True)
            rows.append(found)
    for dtype, column in zip(DTYPES, zip(*rows, strict=True), strict=True):
        near = [f for f in column if f.entry <= _AIM]
        moved = [f for f in column if _AIM < f.entry <= f.inputs]
        print(
            f"{np.dtype(dtype).name}: of {len(column)}, {len(near)} are within {_AIM} units, and "
            f"{len(moved)} of the others within what half a unit of every input makes"
        )


def _remarks(found: Sequence[Findings]) -> str:
    """Where errors are large, what half a unit of every input makes there, and what went wrong."""
    parts = []
    for dtype, f in zip(DTYPES, found, strict=True):
        large = [f"at {f.worst}, inputs {f.inputs:.2g}"] if f.entry > _AIM else []
        if large or f.faults:
            parts.append(f"{np.dtype(dtype).name}: {', '.join([*large, *f.faults])}")
    return "; ".join(parts)


if __name__ == "__main__":
    main(sys.argv[1:])
