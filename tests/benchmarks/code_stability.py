"""How exact the emitted NumPy code is, from ordinary inputs to extreme ones.

Run: python tests/benchmarks/code_stability.py [NAME]...

For every entry of the catalogue, what it is differentiated by is set to numbers of several kinds:
ordinary, wide (up to 100), huge (up to 10000), all equal, one far ahead, tiny, denormal. Value and
derivative are compared with the same formulas worked out with 800 digits and more. For float64
and float32 the table shows the worst error of any entry in units in its last place ("entry"), and
in units of the result's largest entry ("array"), then what went wrong where: "nan" or "inf" where
the true value can be represented, "warns" where NumPy warned of an overflow on the way.
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
    """

    entry: float = 0.0
    array: float = 0.0
    faults: list[str] = field(default_factory=list)
    worst: str = ""


def findings(derivation: Derivation, kind: str, dtype: Any) -> Findings:
    """All kinds of numbers tried for one function."""
    trial, found = _Trial(derivation), Findings()
    draws = 1 if derivation.problem.wrt_axes else _DRAWS
    for place, name in enumerate(KINDS):
        for seed in range(place, place + draws * len(KINDS), len(KINDS)):
            point = trial.inputs(name, seed, dtype)
            wanted = trial.wanted(kind, point)
            if wanted is not None:
                _compare(found, name, trial.called(kind, point), wanted, dtype)
    found.faults = list(dict.fromkeys(found.faults))
    return found


def _compare(found: Findings, name: str, result: Any, wanted: Array, dtype: Any) -> None:
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
    entry = max((float(e / u) for e, u in zip(errors, units, strict=True)), default=0.0)
    if entry > found.entry:
        found.entry, found.worst = entry, name
    if units:
        found.array = max(found.array, float(max(errors) / max(units)))


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
        problem = self.problem
        axes = problem.axes if kind == "value" else (*problem.axes, *problem.wrt_axes)
        expr = problem.target if kind == "value" else self.result
        before: Array | None = None
        for digits in _DIGITS:
            with _digits(digits):
                try:
                    found = self._worked_out(expr, axes, inputs)
                except (OutOfDomain, Uncheckable, ZeroDivisionError, ValueError, OverflowError):
                    return None
            if before is not None and _settled(before, found):
                return found
            before = found
        return found

    def _worked_out(self, expr: Expr, axes: Sequence[Symbol], inputs: dict[str, Array]) -> Array:
        def number(name: str, place: tuple[int, ...]) -> Any:
            exact = Fraction(float(inputs[name][tuple(k - 1 for k in place)]))
            return CONTEXT.mpf(exact.numerator) / exact.denominator

        definitions = {d.name: d for d in self.problem.definitions}
        ground = _Exact(self.sizes, number, definitions, strict=False, limit=10**7)
        spans = [range(1, ground.extent(self.problem.extents[k]) + 1) for k in axes]
        found = [
            ground.value(expr, dict(zip(axes, place, strict=True))) for place in product(*spans)
        ]
        return np.array(found, dtype=object)


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
    for name in wanted:
        try:
            derivation = derivation_of(resolve(name))
        except DeriveError as error:
            print(f"{name}: {error}")
            continue
        for kind in ("value", "derivative"):
            found = [findings(derivation, kind, dtype) for dtype in DTYPES]
            figures = "".join(f"{f.entry:14.3g}{f.array:8.2g}" for f in found)
            faults = "; ".join(
                f"{np.dtype(dtype).name}: {', '.join(f.faults)}"
                for dtype, f in zip(DTYPES, found, strict=True)
                if f.faults
            )
            at = f" at {found[0].worst}" if found[0].entry > 8 else ""
            print(f"{name[:20]:20} {kind[:6]:7}{figures}  {at} {faults}".rstrip(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
