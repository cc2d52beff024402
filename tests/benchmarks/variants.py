"""How long papers of exercises take.

Run: python tests/benchmarks/variants.py

Prints the processor time of a plan (once a run), of one more paper with its key, in each format as
a ratio to making the paper, and of one exercise of each kind; then the wall time of a run on one
core and on all of them, which is where other work on the machine counts. Every paper in it is
checked by machine, as all are.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from derive.api import Derivation
from derive.exercises import run
from derive.exercises.make import MAKERS, exercise
from derive.exercises.model import Kind, Paper
from derive.exercises.papers import Plan, Source, paper, plan
from derive.exercises.sheets import sheets
from derive.known import find

TOPICS = ("sigmoid", "softmax", "cross-entropy", "linear")
PAPERS = 20
FORMATS = {"html": None, "tex": None, "pdf": "typst"}


def seconds(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def planned() -> Plan:
    entries = [find(name) for name in TOPICS]
    return plan("exam", [Source(entry) for entry in entries if entry], PAPERS, 1)


def printed(papers: Sequence[Paper], form: str, engine: str | None) -> None:
    for each in papers:
        sheets(each, "exam", (form,), engine)


def asked(derivation: Derivation, kind: Kind) -> None:
    for seed in range(5):
        exercise(derivation, kind, seed=str(seed))


def main() -> None:
    made = planned()
    print(f"plan of {len(TOPICS)} topics: {seconds(planned):.2f} s, with what it keeps")
    papers = [paper(made, number) for number in range(1, 6)]
    each = seconds(lambda: [paper(made, number) for number in range(6, 16)]) / 10
    print(f"one more paper of {len(papers[0].exercises)} exercises: {each:.3f} s")
    for form, engine in FORMATS.items():
        written = seconds(partial(printed, papers, form, engine))
        print(f"  its sheet and key as {form}: {written / len(papers) / each:.2f} of that")
    source = made.tasks[2].sources[0].derivation()
    for kind in MAKERS:
        took = seconds(partial(asked, source, kind)) / 5
        print(f"  {kind.value} of cross-entropy: {took:.3f} s")
    for workers in (1, None):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            run.write([made], Path(folder), ("html",), workers=workers)
            wall = time.perf_counter() - start
        print(f"{PAPERS} papers with keys on {workers or 'all'} cores: {wall:.1f} s")


if __name__ == "__main__":
    main()
