"""What the commands share: lists with commas, a line of progress, and the exit status."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.api import Derivation


def status(derivation: Derivation) -> int:
    """0 if every step agrees, 1 if one is refuted, 3 if one is open or the derivation stopped; what
    is wrong goes to standard error."""
    from derive.steps import Verdict

    if derivation.verified:
        return 0
    refuted = any(step.verdict is Verdict.REFUTED for step in derivation.steps)
    what = "a step is refuted" if refuted else "not every step could be decided"
    if derivation.status.value != "done":
        what = f"the derivation stopped ({derivation.status.value}) at {derivation.chain.where}"
    print(f"derive: {what}", file=sys.stderr)
    return 1 if refuted else 3


def several(option: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a list with commas, each once.

    Raises:
        DeriveError: there is none, or one that is not known.
    """
    parts = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [part for part in parts if part not in known]
    if unknown or not parts:
        raise DeriveError(f"{option} takes {', '.join(known)}, not {', '.join(unknown) or '-'}")
    return parts


def progress(done: int, total: int, name: str) -> None:
    """A line that is overwritten, on a terminal only and only where there is something to count."""
    if total > 1 and sys.stderr.isatty():
        print(f"\r\033[K{done + 1}/{total} {name}", end="", file=sys.stderr, flush=True)
        if done + 1 == total:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
