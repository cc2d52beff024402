"""Trying somebody's Python function: shapes, values, batches, and numbers that overflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sympy import Symbol

from derive.answers import sentences
from derive.answers.diagnosis import Diagnosis
from derive.answers.process import DEFAULT, Limits, call
from derive.answers.question import Question
from derive.answers.report import Mark, Marked, Misconception, Report
from derive.answers.samples import Array, Sample, samples
from derive.checker.ground import OutOfDomain
from derive.checker.sample import constraints
from derive.errors import DeriveError
from derive.phrases import Phrase

if TYPE_CHECKING:
    from derive.api import Derivation

_SIZES = (2, 3)
_POINTS = 3
_FAR = 1000.0  # e**1000 overflows; a softmax of it does not
_CLOSE = 1e-7

UNSTABLE = Misconception(
    "unstable",
    "Overflow",
    "At large inputs it fails, or gives nan or inf, where the derivative is an ordinary number.",
    "Subtract the maximum before taking exponentials, and write the logarithm of a softmax as one.",
)


def try_function(file: Path, name: str, derivation: Derivation, limits: Limits = DEFAULT) -> Report:
    """Whether a function of a file computes a derivative. This runs the file.

    It is called with arrays by the names of the problem's variables, or in their order. It is tried
    at small numbers of several sizes, at large ones, and with a batch of samples.

    Raises:
        DeriveError: the function cannot be run (see `process.call`), or raises at small numbers.
        UnsupportedError: no inputs can be drawn for the problem.
    """
    problem, truth = derivation.problem, derivation.function()
    drawn = [s for size in _SIZES for s in samples(problem, derivation.result, _POINTS, size)]
    plain = [dict(sample.inputs) for sample in drawn]
    far = [_far(inputs, derivation) for inputs in plain]
    batch = {key: np.stack([inputs[key] for inputs in plain[:_POINTS]]) for key in plain[0]}
    tried = [*plain, *far, batch]
    with np.errstate(all="ignore"):
        wanted = [np.asarray(truth(**inputs)) for inputs in tried]
    found = call(file, name, tried, limits)
    for place, (made, right) in enumerate(zip(found[: len(plain)], wanted, strict=False)):
        if isinstance(made, str):
            raise DeriveError(f"{name} failed: {made}")
        if not _same(made, right):
            return _wrong(name, made, right, drawn[place])
    at_large = zip(found[len(plain) : -1], wanted[len(plain) : -1], strict=True)
    if any(_overflows(made, right) for made, right in at_large):
        return _report(name, Mark.WRONG, sentences.OVERFLOWS, (UNSTABLE,))
    alone = isinstance(found[-1], str) or not _same(found[-1], wanted[-1])
    note = sentences.ALONE if alone else sentences.BATCHES
    evidence = Phrase(sentences.SEVERAL_POINTS, count=str(len(plain)))
    return _report(name, Mark.RIGHT, evidence, note=note)


def _far(inputs: Mapping[str, Array], derivation: Derivation) -> dict[str, Array]:
    """The same with every variable that may be large a thousand times as far from 0."""
    known = constraints(derivation.problem.assumptions)
    kept = {*known.sums, *known.bounds}
    return {key: v if key in kept else v * _FAR for key, v in inputs.items()}


def _same(found: Array, wanted: Array) -> bool:
    return found.shape == wanted.shape and bool(np.allclose(found, wanted, rtol=_CLOSE, atol=1e-9))


def _overflows(found: Array | str, wanted: Array) -> bool:
    fails = isinstance(found, str) or not np.isfinite(found).all()
    return fails and bool(np.isfinite(wanted).all())


def _wrong(name: str, found: Array, wanted: Array, sample: Sample) -> Report:
    """What is wrong with it, at the first sample at which something is."""
    shown = {key: _numbers(value) for key, value in sample.inputs.items()}
    counterexample = {
        "point": ", ".join(f"{key} = {value}" for key, value in shown.items()),
        "answer": _numbers(found),
        "truth": _numbers(wanted),
    }
    note = sentences.DIFFERS
    if found.shape != wanted.shape:
        shapes = {"found": str(found.shape), "wanted": str(wanted.shape)}
        note = Phrase(sentences.SHAPE, **shapes)
    return _report(name, Mark.WRONG, note, _mistakes(found, sample), counterexample)


def _mistakes(found: Array, sample: Sample) -> tuple[Misconception, ...]:
    """The known mistakes that give these numbers."""
    diagnosis = Diagnosis(Question.of(sample.problem))
    axes: tuple[Symbol, ...] = (*sample.problem.axes, *sample.problem.wrt_axes)
    for wrong in diagnosis.wrongs():
        try:
            made = sample.knowing(wrong.names).values(wrong.result, axes)
        except OutOfDomain:
            continue
        if _same(found, made):
            return diagnosis.told(wrong)
    return ()


def _numbers(value: Array) -> str:
    return str(np.round(value, 6).tolist())


def _report(
    name: str,
    mark: Mark,
    evidence: str,
    mistakes: Sequence[Misconception] = (),
    counterexample: Mapping[str, str] | None = None,
    note: str = "",
) -> Report:
    note = note or evidence if mark is not Mark.RIGHT else note
    line = Marked(1, name, mark, note, counterexample or {})
    return Report(mark, (line,), evidence, tuple(mistakes))
