"""Many papers at once, on all cores or on a cluster, and the files they are written to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from derive.errors import DeriveError
from derive.exercises import papers
from derive.exercises.command import MOODLE
from derive.exercises.moodle import quiz
from derive.exercises.papers import Plan
from derive.exercises.sheets import Sheets, sheets
from derive.locale import ENGLISH
from derive.render.files import write_bytes
from derive.workers import Progress, cores, processes

_SECONDS = 10  # that a scheduler has to answer


@dataclass(frozen=True)
class Job:
    """One paper: in each language, in each format, with its key. It needs nothing but itself, so
    that any process of any machine makes the same files of it."""

    plans: tuple[Plan, ...]
    number: int
    formats: tuple[str, ...]
    engine: str | None = None


def work(job: Job) -> tuple[Sheets, ...]:
    """The files of a job, language by language."""
    return tuple(
        sheets(papers.paper(plan, job.number), plan.name, job.formats, job.engine)
        for plan in job.plans
    )


def write(
    plans: Sequence[Plan],
    directory: Path,
    formats: tuple[str, ...],
    engine: str | None = None,
    scheduler: str | None = None,
    progress: Progress = lambda *_: None,
    workers: int | None = None,
) -> tuple[Path, ...]:
    """Write all papers of a plan and their keys; returns where they are, in order.

    Args:
        plans: the same one in several languages.
        scheduler: the address of a Dask scheduler whose workers make the papers; None makes them
            here, on all cores.
        progress: told of each paper that is done.
        workers: how many processes there are here, if not one for each core.

    Raises:
        DeriveError: a paper cannot be made or written, or the scheduler does not answer.
    """
    numbers = range(1, plans[0].count + 1)
    jobs = [Job(tuple(plans), number, formats, engine) for number in numbers]
    paths: dict[int, list[Path]] = {}
    banks: dict[tuple[str, int], str] = {}
    with _executor(scheduler, min(workers or cores(), len(jobs))) as executor:
        for job, made in _as_made(executor, jobs):
            files = [file for sheet in made for file in sheet.files]
            paths[job.number] = [_written(directory / name, content) for name, content in files]
            banks.update({(sheet.language, job.number): sheet.questions for sheet in made})
            progress(len(paths), len(jobs), papers.code(plans[0], job.number))
    found = [path for number in numbers for path in paths[number]]
    if MOODLE in formats:
        for plan in plans:
            parts = [banks[plan.language, number] for number in numbers]
            found.append(write_bank(directory, plan.name, plan.language, parts))
    return tuple(found)


def write_bank(directory: Path, name: str, language: str, parts: Sequence[str]) -> Path:
    """Write a question bank of what `derive.exercises.moodle.questions` made."""
    end = "" if language == ENGLISH else f".{language}"
    return _written(directory / f"{name}{end}.xml", quiz(name, parts).encode())


def _written(path: Path, content: bytes) -> Path:
    write_bytes(path, content)
    return path


def _as_made(executor: Executor, jobs: Sequence[Job]) -> Iterator[tuple[Job, tuple[Sheets, ...]]]:
    """Jobs with their files, whichever is done first; after an error, no more are begun."""
    pending: dict[Future[tuple[Sheets, ...]], Job] = {executor.submit(work, j): j for j in jobs}
    try:
        for future in as_completed(pending):
            yield pending[future], future.result()
    finally:
        for future in pending:
            future.cancel()


@contextmanager
def _executor(scheduler: str | None, workers: int) -> Iterator[Executor]:
    if scheduler is not None:
        with _cluster(scheduler) as cluster:
            yield cluster
        return
    with processes(workers) as pool:
        yield pool


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    """A Dask cluster as an executor."""
    try:
        from distributed import Client
    except ImportError:
        raise DeriveError("--scheduler needs Dask: pip install 'derive[dask]'") from None
    try:
        client = Client(address, timeout=_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        reason = str(error).partition("\n")[0]
        raise DeriveError(f"no Dask scheduler answers at {address[:80]!r}: {reason}") from None
    with client, client.get_executor() as executor:
        yield executor
