"""Running somebody's code in a process of its own, with limits. It is no sandbox: the code can
read and write what its user can. Nothing here is called unless running was asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from derive.errors import DeriveError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_CHILD = Path(__file__).with_name("child.py")
_REFUSED = 3


@dataclass(frozen=True)
class Limits:
    """What a process may use.

    Attributes:
        seconds: of time.
        memory: bytes of address space, where the system can limit that.
        output: bytes of each file it writes.
    """

    seconds: float = 10
    memory: int = 4 << 30
    output: int = 64 << 20


DEFAULT = Limits()


def call(
    file: Path,
    function: str,
    samples: Sequence[Mapping[str, Array]],
    limits: Limits = DEFAULT,
) -> list[Array | str]:
    """What a function of a file gives for each sample of arguments; a line of text where it raises,
    or gives what is no array of numbers.

    Raises:
        DeriveError: there is no such file or function, or it takes too long; one line that says
            which.
    """
    if not file.is_file():
        raise DeriveError(f"there is no file {file}")
    with tempfile.TemporaryDirectory(prefix="derive-") as folder:
        given, found = Path(folder, "given.npz"), Path(folder, "found.npz")
        named = {f"{n}.{key}": v for n, sample in enumerate(samples) for key, v in sample.items()}
        np.savez(given, **named)  # type: ignore[arg-type]
        command = [sys.executable, "-I", str(_CHILD), str(file.resolve()), function]
        said = Path(folder, "said.txt")
        status = _run([*command, str(given), str(found)], said, limits)
        if status is None:
            message = f"{function} did not come back within {limits.seconds:g} seconds"
            raise DeriveError(message)
        if status:
            raise DeriveError(f"{function} failed: {_reason(status, said)}")
        with np.load(found, allow_pickle=False) as results:
            made = [results[str(number)] for number in range(len(samples))]
        return [str(array) if array.dtype.kind == "U" else array for array in made]


def _run(command: list[str], said: Path, limits: Limits) -> int | None:
    """A process's exit status; None for one that took too long, which is ended with all that it
    started."""
    with said.open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=said.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
            preexec_fn=_limiter(limits),
        )
        try:
            return process.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if hasattr(os, "killpg"):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()


def _reason(status: int, said: Path) -> str:
    lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    if status == _REFUSED and lines:
        return lines[-1][:300]
    return f"its process ended with status {status}"


def _limiter(limits: Limits) -> Callable[[], None] | None:
    """What sets the limits in the new process; None on a system that has none to set."""
    try:
        import resource
    except ImportError:
        return None

    def limit() -> None:
        seconds = int(limits.seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output, limits.output))

    return limit
