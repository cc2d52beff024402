"""Does the emitted code compute the derivative? Every function of every module is held against the
target written out, and against its own value function by differences and by autodiff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from sympy import Expr

from derive.checker.libraries import emitted
from derive.checker.oracles import (
    ALONG,
    CENTRAL,
    COMPLEX,
    EXACT,
    JAX,
    TORCH,
    Differences,
    Oracle,
    WrittenOut,
)
from derive.checker.trial import Trial
from derive.emit import source
from derive.problem import Problem

SEEDS = (0, 1, 2)
SIZES = (2, 4)

_TOLERANCES = {EXACT: 1e-12, CENTRAL: 1e-6, COMPLEX: 1e-12, ALONG: 1e-6, TORCH: 1e-9, JAX: 1e-9}
_SECOND_ORDER = 1e-9  # a complex step in one variable, differences in the others
_MORE = 16


@dataclass(frozen=True)
class Comparison:
    """One function of one back end, compared in one way.

    Attributes:
        backend: "numpy", "numba", "torch", "lightgbm" or "xgboost".
        function: its name in the emitted module.
        method: one of EXACT, CENTRAL, COMPLEX, ALONG, TORCH and JAX.
        error: the largest difference over all points, relative to the largest entry; inf where
            a number is not finite or a shape is wrong.
        tolerance: how large it may be.
    """

    backend: str
    function: str
    method: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        return self.error <= self.tolerance

    def __str__(self) -> str:
        return f"{self.backend} {self.function} ({self.method} {self.error:.0e})"


@dataclass(frozen=True)
class Report:
    """What the comparisons say of one problem.

    Attributes:
        name: the problem's.
        comparisons: one for each function of each back end, and each method.
        points: how many sets of inputs were tried.
        steps_agree: whether every step of the derivation agreed with the independent checker.
    """

    name: str
    comparisons: tuple[Comparison, ...]
    points: int
    steps_agree: bool = True

    @property
    def passed(self) -> bool:
        return self.steps_agree and not self.failed

    @property
    def failed(self) -> tuple[Comparison, ...]:
        """The comparisons that are off."""
        return tuple(comparison for comparison in self.comparisons if not comparison.passed)


def verify(
    problem: Problem,
    result: Expr,
    seeds: Sequence[int] = SEEDS,
    sizes: Sequence[int] = SIZES,
    modules: Mapping[str, str] | None = None,
) -> Report:
    """Compare the code emitted for a result with everything else that knows the derivative.

    Args:
        seeds: inputs are drawn once for each, so as to meet the problem's assumptions; where the
            target has cases, more often, until each of them has been met.
        sizes: the first axis has this many entries, the next one more, and so on.
        modules: the texts of emitted modules by back end, "numpy" among them; only that one, made
            from the result, if nothing is given.

    Raises:
        ValueError: there is nothing to differentiate by, or no seed or size.
        UnsupportedError: no code for the result, or no inputs that meet the assumptions.
    """
    if not problem.wrt or not seeds or not sizes:
        raise ValueError("verify needs a variable to differentiate by, seeds and sizes")
    texts = modules or {"numpy": source(problem, result)}
    with ExitStack() as stack:
        made = [stack.enter_context(emitted(b, text, problem)) for b, text in texts.items()]
        value = next(module.value for module in made if module.backend == "numpy")
        trial = Trial(problem, value)
        asked = [(size, seed, 1) for size in sizes for seed in seeds]
        found = [Differences(problem, trial.site(*place), place[1]) for place in asked]
        exact = WrittenOut(trial, seeds)
        for seed in range(max(seeds) + 1, max(seeds) + 1 + _MORE):
            if trial.one_sided:
                site = trial.site(sizes[0], seed, 4 ** (seed % 3))
                found.append(Differences(problem, site, seed))
        oracles: list[Oracle] = [exact, *found]
        worst: dict[tuple[str, str, str], float] = {}
        for module in made:
            for oracle in oracles:
                for function, method, error in oracle.errors(module):
                    key = (module.backend, function, method)
                    worst[key] = max(error, worst.get(key, 0.0))
    tolerances = _TOLERANCES | ({COMPLEX: _SECOND_ORDER} if len(problem.wrt) > 1 else {})
    return Report(
        problem.name or problem.text or str(problem.target),
        tuple(Comparison(*key, error, tolerances[key[2]]) for key, error in worst.items()),
        len(found) + len(seeds),
    )


def table(reports: Iterable[Report]) -> str:
    """The reports as aligned text, a line for each back end: the worst relative error of its
    functions by each method, and the verdict."""
    reports = list(reports)
    every = {c.method for report in reports for c in report.comparisons}
    methods = [method for method in _TOLERANCES if method in every]
    rows = [["", *methods, ""]]
    for report in reports:
        for place, backend in enumerate(dict.fromkeys(c.backend for c in report.comparisons)):
            own = [c for c in report.comparisons if c.backend == backend]
            name = f"  {backend}" if place else report.name
            rows.append([name, *(_cell(own, method) for method in methods), _verdict(report, own)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)


def _cell(comparisons: Sequence[Comparison], method: str) -> str:
    found = [c for c in comparisons if c.method == method]
    if not found:
        return "-"
    mark = "" if all(c.passed for c in found) else "!"
    return f"{max(c.error for c in found):.0e}{mark}"


def _verdict(report: Report, comparisons: Sequence[Comparison]) -> str:
    if not report.steps_agree:
        return "STEPS NOT CONFIRMED"
    return "ok" if all(c.passed for c in comparisons) else "WRONG"
