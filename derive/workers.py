"""Processes that share work."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def processes(count: int) -> ProcessPoolExecutor:
    """So many processes, each a fresh interpreter.

    A forked one would lack the threads that the typesetter and NumPy's libraries keep, and wait
    for them forever.
    """
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))
