"""What the commands share: streams, arguments, a line of progress, and the exit status."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.api import Derivation


_OPTION = re.compile(r"--|-[oh]?$")


def prepare_streams() -> None:
    """Signs that a stream's encoding lacks are replaced; a stream that is closed reads as empty and
    takes what is written."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, StringIO())
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def close_output() -> None:
    """Let go of a standard output that takes no more, so that nothing is written to it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def spaced(arguments: Sequence[str]) -> list[str]:
    """The arguments with a space before a formula that starts with a minus, "-x": without it
    argparse would take it for an option."""
    return [
        f" {one}" if one.startswith("-") and not _OPTION.match(one) else one for one in arguments
    ]


def given(text: str) -> str:
    """A target as the command line names it; of "-" what stands on standard input.

    Raises:
        DeriveError: that is no text.
    """
    if text != "-":
        return text
    try:
        found = sys.stdin.read()
        found.encode()  # bytes that a lenient encoding has let pass are no signs
    except UnicodeError:
        raise DeriveError(f"standard input is not text in {sys.stdin.encoding}") from None
    return found


def status(derivation: Derivation) -> int:
    """0 if every step agrees, 1 if one is refuted, 3 if one is open or the derivation stopped; what
    is wrong goes to standard error."""
    from derive.steps import Verdict

    if derivation.verified:
        return 0
    refuted = any(step.verdict is Verdict.REFUTED for step in derivation.steps)
    what = "a step is refuted" if refuted else f"not every step could be decided{_why(derivation)}"
    if derivation.status.value != "done":
        what = f"the derivation stopped ({derivation.status.value}) at {derivation.chain.where}"
    print(f"derive: {what}", file=sys.stderr)
    return 1 if refuted else 3


def _why(derivation: Derivation) -> str:
    """What a user can do about it, where that is known."""
    from derive.poles import without_slope

    problem = derivation.problem
    lines = (problem.target, *(definition.body for definition in problem.definitions))
    pair = next(filter(None, map(without_slope, lines)), None)
    if pair is None:
        return ""
    i, k = sorted(map(str, pair))
    return f": no derivative where {i} = {k}, leave it out as in where({i} != {k}, ..., 0)"


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
        end = "\r\033[K" if done == total else ""
        print(f"\r\033[K{done}/{total} {name}{end}", end="", file=sys.stderr, flush=True)
