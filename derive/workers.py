"""Processes that share work."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

# How many are done, of how many, and which was the last.
Progress = Callable[[int, int, str], None]


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processes(count: int) -> ProcessPoolExecutor:
    """So many processes, each a fresh interpreter.

    A forked one would lack the threads that the typesetter and NumPy's libraries keep, and wait
    for them forever.
    """
    return ProcessPoolExecutor(count, get_context("spawn"))
