"""How well answers are checked, and how fast.

Run: python tests/benchmarks/answers.py [ENTRY]...

For every catalogue entry, answers in unusual form that are right and answers with a slip that are
wrong, all confirmed by an oracle: how many of each are found to be so, for how many of the wrong
ones a misconception is named, or at least where they part from the truth, and the processor
time for an answer, when the question is new and when it is not. Then 1000 submissions on two
processes, most of them different.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import median

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from derive.answers.batch import Answer, Asked, check_many, counts
from derive.answers.marking import Marking
from derive.answers.report import Report
from derive.errors import DeriveError
from derive.known import entries
from tests.answer_corpus import result, right, subject, wrong
from tests.formulas import spoilt

SUBMISSIONS = 1000


@dataclass
class Tally:
    """What was found of how many answers, and the seconds that each took."""

    right: int = 0
    flagged: int = 0
    wrong: int = 0
    detected: int = 0
    named: int = 0
    told: int = 0
    first: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)


def measure(names: Sequence[str]) -> Tally:
    tally = Tally()
    for name in names:
        marking = Marking(subject(name).derivation.problem)
        wrongs = [made.text for made in wrong(name)]
        rights = list(right(name))
        tally.first.append(_timed(marking, wrongs[0])[1])
        for text in rights:
            found, seconds = _timed(marking, text)
            tally.warm.append(seconds)
            tally.right += 1
            tally.flagged += found is None or found.verdict.value != "right"
        for text in wrongs:
            found, seconds = _timed(marking, text)
            tally.warm.append(seconds)
            tally.wrong += 1
            tally.detected += found is not None and found.verdict.value == "wrong"
            tally.named += found is not None and bool(found.misconceptions)
            tally.told += found is not None and bool(found.misconceptions or found.parts)
    return tally


def _timed(marking: Marking, text: str) -> tuple[Report | None, float]:
    start = time.process_time()
    try:
        found = marking.page(text)
    except DeriveError:
        found = None
    return found, time.process_time() - start


def shown(tally: Tally) -> str:
    return "\n".join(
        [
            f"right answers  {tally.right}, flagged {tally.flagged}",
            f"wrong answers  {tally.wrong}, detected {tally.detected}, "
            f"misconception named {tally.named}, that or the place told {tally.told}",
            f"first wrong answer to a question: median {median(tally.first):.3f} s, "
            f"most {max(tally.first):.2f} s",
            f"any later answer: median {median(tally.warm):.3f} s, most {max(tally.warm):.2f} s",
        ]
    )


def submissions(entry: str, count: int) -> list[Answer]:
    """Right and wrong answers in turn, made different from one another by a term that is 0."""
    texts = [*right(entry), *(text for _, text in spoilt(result(entry), subject(entry).letters))]
    plain = [text for text in texts if "=" not in text.replace("==", "") and "$" not in text]
    made = islice(cycle(plain), count)
    return [Answer(f"{n:04}", f"{text} + {n} - {n}") for n, text in enumerate(made)]


def main(names: Sequence[str]) -> None:
    print(shown(measure(names or [entry.name for entry in entries()])))
    answers = submissions("softmax", SUBMISSIONS)
    start = time.perf_counter()
    rows = check_many(answers, Asked("softmax"), workers=2)
    seconds = time.perf_counter() - start
    verdicts = ", ".join(f"{n} {verdict}" for verdict, n in counts(rows, lambda row: row.verdict))
    print(f"{len(rows)} submissions on two processes: {seconds:.1f} s; {verdicts}")


if __name__ == "__main__":
    main(sys.argv[1:])
