"""How long papers of exercises take.

Run: python tests/benchmarks/variants.py

Prints the processor time of a plan (once a run), of one more paper with its key, in each format as
a ratio to making the paper, and of one exercise of each kind; then the wall time of a run on one
core and on all of them, which is where other work on the machine counts. Every paper in it is
checked by machine, as all are.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from derive.exercises import run
from derive.exercises.make import MAKERS, exercise
from derive.exercises.papers import Plan, Source, paper, plan
from derive.exercises.sheets import sheets
from derive.known import find

TOPICS = ("sigmoid", "softmax", "cross-entropy", "linear")
PAPERS = 20
FORMATS = ("html", "md", "pdf")


def seconds(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def planned() -> Plan:
    entries = [find(name) for name in TOPICS]
    return plan("exam", [Source(entry) for entry in entries if entry], PAPERS, 1)


def main() -> None:
    made = planned()
    print(f"plan of {len(TOPICS)} topics: {seconds(planned):.2f} s, with what it keeps")
    papers = [paper(made, number) for number in range(1, 6)]
    each = seconds(lambda: [paper(made, number) for number in range(6, 16)]) / 10
    print(f"one more paper of {len(papers[0].exercises)} exercises: {each:.3f} s")
    for form in FORMATS:
        engine = "typst" if form == "pdf" else None
        written = seconds(lambda f=form, e=engine: [sheets(p, "exam", (f,), e) for p in papers])  # type: ignore[misc]
        print(f"  its sheet and key as {form}: {written / len(papers) / each:.2f} of that")
    source = made.tasks[2].sources[0].derivation()
    for kind in MAKERS:
        took = seconds(lambda k=kind: [exercise(source, k, seed=str(s)) for s in range(5)]) / 5  # type: ignore[misc]
        print(f"  {kind.value} of cross-entropy: {took:.3f} s")
    walls = {}
    for cores in (1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2):
        run.cores = lambda n=cores: n  # type: ignore[attr-defined, misc]
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            run.write([replace(made)], Path(folder), ("html",))
            walls[cores] = time.perf_counter() - start
        print(f"{PAPERS} papers with keys on {cores} cores: {walls[cores]:.1f} s")


if __name__ == "__main__":
    main()
