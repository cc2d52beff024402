"""Whole commands against `python -c "import sympy"`, in turn, as ratios of wall time.

Run: python tests/benchmarks/startup.py [RUNS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "derive --help": ["-m", "derive", "--help"],
    "derive list": ["-m", "derive", "list"],
    "derive show softmax": ["-m", "derive", "show", "softmax"],
    "derive show cross-entropy": ["-m", "derive", "show", "cross-entropy"],
}
FLOOR = ["-c", "import sympy"]


def seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(runs: int) -> None:
    print(f"{'command':28}{'seconds':>9}{'ratio to import sympy':>24}   (medians of {runs} pairs)")
    for name, arguments in COMMANDS.items():
        seconds(arguments), seconds(FLOOR)  # warm the file cache
        pairs = [(seconds(arguments), seconds(FLOOR)) for _ in range(runs)]
        median = statistics.median(first for first, _ in pairs)
        ratio = statistics.median(first / second for first, second in pairs)
        print(f"{name:28}{median:9.3f}{ratio:24.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
