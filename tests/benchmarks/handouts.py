"""How long a handout takes, beside the typesetter alone.

Run: python tests/benchmarks/handouts.py

Each line is a whole process, from nothing to a PDF without TeX: the least of a few runs, and its
ratio to a process that does no more than typeset the same source. The last line is one more version
of a handout in a process that has made one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from derive.handouts.build import Lecture, lecture
from derive.handouts.document import Form
from derive.handouts.spec import load
from derive.handouts.write import pdf
from derive.render.typst_document import document

_RUNS = 3
_TOPICS = ("sigmoid", "softmax", "cross-entropy")
_BARE = "import sys, typst; typst.compile(sys.argv[1], output=sys.argv[2])"


def seconds(work: Callable[[], object]) -> float:
    """The least time of a few runs."""
    found = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def process(*arguments: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "basics.toml")
        file.write_text("".join(f"[[section]]\ntarget = '{name}'\n" for name in _TOPICS))
        made: Lecture = lecture(load(file))
        source = Path(folder, "bare.typ")
        source.write_text(document(made.document("en")), encoding="utf-8")
        bare = seconds(process("-c", _BARE, str(source), str(Path(folder, "bare.pdf"))))
        options = ["--format", "pdf", "--engine", "typst", "-o", folder]
        whole = seconds(process("-m", "derive", "handout", str(file), *options))
        again = seconds(lambda: pdf(made.document("en", Form.BLANKS), "typst"))
    print(f"typesetter alone        {bare:6.2f} s")
    print(f"three topics, cold      {whole:6.2f} s   x{whole / bare:.1f}")
    print(f"one more version, warm  {again:6.2f} s   x{again / bare:.1f}")


if __name__ == "__main__":
    main()
