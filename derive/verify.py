"""The cross-check of whole problems: every step of the derivation, and the code made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from derive.api import derivation_of
from derive.checker.libraries import compare
from derive.checker.numeric import SEEDS, SIZES, Report, table, verify
from derive.known import entries, find
from derive.problemfile import ProblemFile
from derive.target import resolve

_LEGEND = f"""
Worst relative errors: of the emitted derivative against central differences and
the complex step of the emitted value, and against SymPy's scalar diff at n = 3;
of vjp and jvp against the derivative. Every step of the derivations was checked
as well. Seeds {SEEDS}, smallest sizes {SIZES}; where a target has
cases, more seeds until each of them was met.
Where numba or torch is installed, all functions written for it against NumPy's,
and torch's autograd of the value against the derivative, for named targets."""

Progress = Callable[[int, int, str], None]


def report_on(target: str, wrt: str | None = None, libraries: bool = False) -> Report:
    """The comparisons for one target, by the variable it comes with or another one; with
    `libraries` also those of the code for each library that is installed.

    Raises:
        DeriveError: the target cannot be read, or there is no code for it.
    """
    derivation = derivation_of(resolve(target, wrt))
    report = verify(derivation.problem, derivation.chain.result)
    variables = ", ".join(str(variable) for variable in derivation.problem.wrt)
    name = f"{report.name} by {variables.replace(', ', ',')}"
    more = compare(derivation.problem, derivation.chain.result, SEEDS) if libraries else ()
    return replace(
        report,
        name=name,
        comparisons=(*report.comparisons, *more),
        steps_agree=derivation.verified,
    )


def reports(targets: Sequence[str], progress: Progress) -> Iterator[Report]:
    """The comparisons for targets, or for the whole catalogue where there are none; an entry by
    every variable its file names."""
    known = [(entry.name, entry) for entry in entries()]
    asked = [(target, find(target)) for target in targets] if targets else known
    questions = [question for target, entry in asked for question in _questions(target, entry)]
    for place, (target, wrt) in enumerate(questions):
        progress(place, len(questions), target)
        yield report_on(target, wrt, libraries=bool(targets))


def _questions(target: str, entry: ProblemFile | None) -> list[tuple[str, str | None]]:
    return [(target, None), *((target, variable) for variable in (entry.also if entry else ()))]


def verify_all(targets: Sequence[str], progress: Progress) -> int:
    """Print the table of worst errors; 1 if one is off, else 0."""
    found = list(reports(targets, progress))
    print(table(found))
    print(_LEGEND)
    wrong = [report.name for report in found if not report.passed]
    if wrong:
        print(f"\nwrong: {', '.join(wrong)}")
    return 1 if wrong else 0
