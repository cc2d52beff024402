"""Many answers to one question: a row for each, the same rows whatever the order or the number of
workers. What is finished is kept, so that a batch that was interrupted goes on where it stopped."""

from __future__ import annotations

import csv
import hashlib
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from io import StringIO
from pathlib import Path
from types import FrameType

from derive.answers.marking import Marking
from derive.answers.report import Report
from derive.errors import DeriveError
from derive.reader.reading import ReadingError
from derive.target import resolve
from derive.tomlfile import file_name
from derive.workers import Progress, processes

SUFFIXES = (".txt", ".md", ".tex")
ERROR = "error"
SECONDS = 60  # of processor time for one answer

_LARGEST = 1 << 20  # bytes of a file; a page of working has a few thousand


@dataclass(frozen=True)
class Asked:
    """A question as it is put on the command line; see `derive.derive`."""

    target: str
    wrt: tuple[str, ...] = ()
    assume: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """An answer and whose it is. `trouble` says why its text is not there, or is ""."""

    name: str
    text: str
    trouble: str = ""


@dataclass(frozen=True)
class Row:
    """What is said of one answer, as text.

    Attributes:
        verdict: right, wrong, undecided, or "error" for what cannot be read.
        first_wrong_line: "3: = s[i]*s[j]", or "".
        misconceptions: slugs with " + " between, or "".
        remark: where it parts from the truth, why it is undecided, or what cannot be read.
        key: tells question and answer apart from others.
    """

    name: str
    verdict: str
    first_wrong_line: str = ""
    misconceptions: str = ""
    remark: str = ""
    key: str = ""


COLUMNS = tuple(f.name for f in fields(Row))


def answers_of(source: Path) -> list[Answer]:
    """The answers of a folder (its .txt, .md and .tex files, by name) or of a CSV file with the
    columns `name` and `answer`.

    Raises:
        DeriveError: there is nothing of the kind.
    """
    if source.is_dir():
        files = [path for path in sorted(source.iterdir()) if path.suffix.lower() in SUFFIXES]
        found = [_from_file(path) for path in files if path.is_file()]
        wanted = f"{', '.join(SUFFIXES)} files"
    elif source.suffix.lower() == ".csv" and source.is_file():
        found, wanted = _from_csv(source), "rows below the first line"
    else:
        raise DeriveError(f"{source} is neither a folder nor a .csv file")
    if not found:
        raise DeriveError(f"there is no answer in {source}: wanted are {wanted}")
    return found


def _from_file(path: Path) -> Answer:
    name = file_name(path)
    try:
        if path.stat().st_size > _LARGEST:
            return Answer(name, "", f"the file is larger than {_LARGEST} bytes")
        return Answer(name, path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return Answer(name, "", f"the file cannot be read: {error}")


def _from_csv(path: Path) -> list[Answer]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DeriveError(f"{path} cannot be read: {error}") from error
    if rows and not {"name", "answer"} <= set(rows[0]):
        raise DeriveError(f"{path} needs the columns name and answer in its first line")
    return [Answer(row["name"] or "", row["answer"] or "") for row in rows]


def check_many(
    answers: Sequence[Answer],
    asked: Asked,
    workers: int = 1,
    kept: Path | None = None,
    progress: Progress = lambda *_: None,
) -> list[Row]:
    """A row for each answer, in their order. A bad one is a row of its own and stops nothing.

    Args:
        workers: how many processes.
        kept: a file that holds finished rows between runs; remove it when all are delivered.
        progress: told what is done, of how many, and what it was.

    Raises:
        DeriveError: the question cannot be read.
    """
    _marking(asked)  # a question that cannot be read is said once
    keys = [_key(answer, asked) for answer in answers]
    times, known = Counter(keys), _known(kept)
    missing: dict[str, Answer] = {}
    for key, answer in zip(keys, answers, strict=True):
        if key not in known:
            missing.setdefault(key, answer)
    done = sum(times[key] for key in times if key not in missing)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
    for row in _made(list(missing.values()), asked, workers):
        known[row.key] = row
        _keep(kept, row)
        done += times[row.key]
        progress(done, len(keys), row.name)
    pairs = zip(keys, answers, strict=True)
    return [replace(known[key], name=answer.name) for key, answer in pairs]


def _made(answers: Sequence[Answer], asked: Asked, workers: int) -> Iterator[Row]:
    """Rows as they are finished; the same answer is there once."""
    if workers <= 1 or len(answers) <= 1:
        yield from (checked(answer, asked) for answer in answers)
        return
    left = {_key(answer, asked): answer for answer in answers}
    with suppress(BrokenProcessPool):
        for row in _pooled(list(answers), asked, min(workers, len(answers))):
            del left[row.key]
            yield row
    for key, answer in left.items():  # one of these ended its process: each has one of its own
        try:
            yield from _pooled([answer], asked, 1)
        except BrokenProcessPool:
            yield Row(answer.name, ERROR, remark="its process ended", key=key)


def _pooled(answers: Sequence[Answer], asked: Asked, workers: int) -> Iterator[Row]:
    with processes(workers) as pool:
        tasks = [pool.submit(checked, answer, asked) for answer in answers]
        yield from (task.result() for task in as_completed(tasks))


def checked(answer: Answer, asked: Asked) -> Row:
    """The row of one answer, whatever it is."""
    key = _key(answer, asked)
    if answer.trouble:
        return Row(answer.name, ERROR, remark=answer.trouble, key=key)
    try:
        with _limited(SECONDS):
            report = _marking(asked).page(answer.text)
    except DeriveError as error:
        place = f"line {error.line}: " if isinstance(error, ReadingError) else ""
        return Row(answer.name, ERROR, remark=place + error.message, key=key)
    except TimeoutError:
        remark = f"it takes more than {SECONDS} seconds"
        return Row(answer.name, "undecided", remark=remark, key=key)
    except Exception as error:
        # Whatever one answer does, the others are marked; the row says what happened.
        return Row(answer.name, ERROR, remark=f"{type(error).__name__}: {error}", key=key)
    return _row(answer.name, report, key)


def _row(name: str, report: Report, key: str) -> Row:
    wrong = report.first_wrong_line
    remark = " ".join(report.parts) if wrong else ""
    if report.verdict.value == "undecided":
        remark = str(report.evidence)
    return Row(
        name,
        report.verdict.value,
        f"{wrong.number}: {' '.join(wrong.source.split())}" if wrong else "",
        " + ".join(mistake.slug for mistake in report.misconceptions),
        remark,
        key,
    )


@lru_cache(maxsize=4)
def _marking(asked: Asked) -> Marking:
    """What is worked out for one question, once in each process."""
    return Marking(resolve(asked.target, list(asked.wrt) or None, asked.assume).problem)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """TimeoutError after so much processor time, where the system can say so. It is that of this
    process, so that what else runs does not change a verdict."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def counts(rows: Iterable[Row], by: Callable[[Row], str]) -> list[tuple[str, int]]:
    """How many rows there are of each kind, the most frequent first; none for ""."""
    found = Counter(by(row) for row in rows)
    found.pop("", None)
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _key(answer: Answer, asked: Asked) -> str:
    from derive import __version__

    said = repr((__version__, asked, answer.text, answer.trouble))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _known(kept: Path | None) -> dict[str, Row]:
    """The rows of an earlier run; a line that was cut off is left out."""
    if kept is None or not kept.is_file():
        return {}
    with kept.open(encoding="utf-8", newline="", errors="replace") as file:
        rows = [row for row in csv.reader(file) if len(row) == len(COLUMNS)]
    return {row[-1]: Row(*row) for row in rows if len(row[-1]) == 16}


def _keep(kept: Path | None, row: Row) -> None:
    if kept is not None:
        with kept.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(asdict(row).values())


def table(rows: Sequence[Row]) -> Iterator[Mapping[str, str]]:
    """Rows for a spreadsheet, which would take a cell that begins with "=" for a formula."""
    for row in rows:
        told = {key: value for key, value in asdict(row).items() if key != "key"}
        yield {key: f"'{v}" if v[:1] in tuple("=+-@") else v for key, v in told.items()}


def csv_text(rows: Sequence[Row], end: str) -> str:
    """The table as CSV, with what ends its lines."""
    written = StringIO()
    writer = csv.DictWriter(written, [n for n in COLUMNS if n != "key"], lineterminator=end)
    writer.writeheader()
    writer.writerows(table(rows))
    return written.getvalue()
