"""The cross-check of whole problems: every step of the derivation, and the code made from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from derive.api import Derivation, derivation_of
from derive.checker.numeric import SEEDS, SIZES, Report, table, verify
from derive.checker.oracles import ALONG, CENTRAL, COMPLEX, EXACT, JAX, TORCH
from derive.emit import BACKENDS
from derive.emit.backends.loading import is_installed
from derive.errors import ProblemError, UnsupportedError
from derive.known import entries, find
from derive.problemfile import ProblemFile
from derive.target import resolve
from derive.workers import Progress, cores, processes

_COLUMNS = {
    EXACT: """all of them, for one sample and for several at once, against the
           target written out at n = 3 and SymPy's scalar diff of that""",
    CENTRAL: "the derivative against central differences of the value",
    COMPLEX: "the derivative against the complex step of the value",
    ALONG: "vjp, jvp and hvp against central differences in random directions",
    TORCH: "the derivative against PyTorch's autograd of the value",
    JAX: "the derivative against JAX's autodiff of the target written out",
}

_FEW = 8  # questions that are not worth the start of processes
_MANY = 50  # questions that the same processes answer
_WIDTH = 30  # signs of a target in the table, which fits a terminal

Question = tuple[str, str | Sequence[str] | None]  # a target and what to differentiate by


def report_on(
    target: str, wrt: str | Sequence[str] | None = None, assume: Sequence[str] = ()
) -> Report:
    """The comparisons for one target, by the variable it comes with or another one, for each
    installed back end that has code for it.

    Raises:
        DeriveError: the target cannot be read, or there is no NumPy code for it.
    """
    derivation = derivation_of(resolve(target, wrt, assume))
    problem = derivation.problem
    if not problem.wrt:
        raise ProblemError("there is no variable to differentiate by: give one with --wrt")
    report = verify(problem, derivation.chain.result, modules=dict(_modules(derivation)))
    variables = ",".join(map(str, problem.wrt))
    name = f"{' '.join(report.name.split())[:_WIDTH]} by {variables}"
    return replace(report, name=name, steps_agree=derivation.verified)


def _modules(derivation: Derivation) -> Iterator[tuple[str, str]]:
    """The texts of a derivation's modules by back end."""
    yield "numpy", derivation.source()
    for name, backend in BACKENDS.items():
        if name != "numpy" and is_installed(backend.library):
            with suppress(UnsupportedError):
                yield name, derivation.source(name)


def reports(
    targets: Sequence[str], wrt: Sequence[str], assume: Sequence[str], progress: Progress
) -> Iterator[Report]:
    """The comparisons for targets, or for the whole catalogue where there are none: by `wrt`, or
    else an entry by every variable its file names."""
    known = [(entry.name, entry) for entry in entries()]
    asked = [(target, find(target)) for target in targets] if targets else known
    questions = [
        (target, variable)
        for target, entry in asked
        for variable in ([wrt] if wrt else _variables(entry))
    ]
    for start in range(0, len(questions), _MANY):
        part = questions[start : start + _MANY]
        for done, report in enumerate(_answered(part, assume), start + 1):
            progress(done, len(questions), questions[done - 1][0])
            yield report


def _answered(questions: Sequence[Question], assume: Sequence[str]) -> Iterator[Report]:
    """The reports in the questions' order. The processes end with them: compilers never let go of
    the memory of what they have compiled."""
    if len(questions) <= _FEW:
        yield from (report_on(*question, assume) for question in questions)
        return
    with processes(cores()) as pool:
        jobs = [pool.submit(report_on, *question, assume) for question in questions]
        try:
            yield from (job.result() for job in jobs)
        finally:
            pool.shutdown(cancel_futures=True)


def _variables(entry: ProblemFile | None) -> list[str | None]:
    return [None, *(entry.also if entry else ())]


def verify_all(
    targets: Sequence[str], wrt: Sequence[str], assume: Sequence[str], progress: Progress
) -> int:
    """Print the table of worst errors; 1 if one is off, else 0."""
    found = list(reports(targets, wrt, assume, progress))
    print(table(found))
    print(_legend(found))
    libraries = dict.fromkeys([*(backend.library for backend in BACKENDS.values()), "jax"])
    if missing := [library for library in libraries if not is_installed(library)]:
        print(f"Not installed here, so left out: {', '.join(missing)}.")
    wrong = [report for report in found if not report.passed]
    for report in wrong:
        what = ", ".join(map(str, report.failed)) or "steps of the derivation"
        print(f"\nwrong: {report.name}: {what}")
    return 1 if wrong else 0


def _legend(reports: Sequence[Report]) -> str:
    """What the columns of the table are."""
    shown = {comparison.method for report in reports for comparison in report.comparisons}
    columns = "".join(f"  {key:7}  {text}\n" for key, text in _COLUMNS.items() if key in shown)
    return f"""
The worst relative errors of each back end's functions (value, derivative, vjp,
jvp, hvp, objective):
{columns}Every step of the derivations was checked as well. Seeds {SEEDS}, smallest
sizes {SIZES}; where a target has cases, more seeds until each of them was met."""
