"""How long derivations take, and how that grows.

Run: python tests/benchmarks/derivations.py

Prints the time to derive and to check each catalogue entry, the growth with the depth of a
multi-layer network (by its first weight), and the growth with the number of terms. Times are
processor time, so that what else runs counts little: the least of three runs in one process, of the
larger problems one run. The ratios are what carries over to another machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from derive.checker.finite import check
from derive.engine import derive
from derive.known import entries
from derive.parse import parse
from derive.problem import Problem
from derive.steps import Chain, Step


def least(action: Callable[[], object], runs: int = 3) -> float:
    found = []
    for _ in range(runs):
        start = time.process_time()
        action()
        found.append(time.process_time() - start)
    return min(found)


def measure(problem: Problem, runs: int = 3) -> tuple[float, float, int]:
    """Seconds to derive, seconds to check, and the number of single steps, lemmas' included."""
    chain = derive(problem)
    deriving = least(lambda: derive(problem), runs)
    return deriving, least(lambda: check(chain), runs), len(single_steps(chain, {}))


def single_steps(chain: Chain, found: dict[int, Step]) -> dict[int, Step]:
    """Every step of a derivation and its lemmas, each once, by its identity."""
    for step in chain.steps:
        if id(step) not in found:
            found[id(step)] = step
            if step.lemma:
                single_steps(step.lemma, found)
    return found


def network(depth: int) -> Problem:
    """A network of tanh layers with softmax and cross-entropy, by its first weight."""
    lines = []
    below = "x"
    for layer in range(1, depth + 1):
        inner = f"sum(W{layer}[i,k]*{below}[k], k) + b{layer}[i]"
        lines.append(f"h{layer}[i] = tanh({inner})")
        below = f"h{layer}"
    lines.append(f"z[i] = sum(V[i,k]*{below}[k], k)")
    lines += ["p = softmax(z)", "L = -sum(y[k]*log(p[k]), k)"]
    return parse("\n".join(lines), wrt=["W1[m,l]"], assume=["sum(y[k], k) == 1"])


def terms(count: int) -> Problem:
    """A sum of products of many terms, by one of its vectors."""
    text = " + ".join(f"a{t}*sum(x[k]**{t % 5 + 2}*y[k], k)" for t in range(1, count + 1))
    return parse(text, wrt=["x[j]"])


def growth(title: str, make: Callable[[int], Problem], sizes: Sequence[int]) -> None:
    print(f"\n{title:>10}{'derive s':>12}{'check s':>12}{'steps':>8}{'ratio / linear':>16}")
    first = None
    for size in sizes:
        seconds, checking, steps = measure(make(size), runs=1)
        first = first or (seconds + checking) / size
        ratio = (seconds + checking) / size / first
        print(f"{size:>10}{seconds:12.3f}{checking:12.3f}{steps:8}{ratio:16.2f}")


def main() -> None:
    print(f"{'entry':32}{'derive ms':>10}{'check ms':>10}{'steps':>7}")
    rows = [(entry.name, *measure(entry.problem())) for entry in entries()]
    sums = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    for name, seconds, checking, steps in (*rows, (f"all {len(rows)}", *sums)):
        print(f"{name:32}{seconds * 1e3:10.1f}{checking * 1e3:10.1f}{steps:7}")
    growth("layers", network, (1, 2, 4, 8, 16, 32))
    growth("terms", terms, (2, 4, 8, 16, 32))


if __name__ == "__main__":
    main()
