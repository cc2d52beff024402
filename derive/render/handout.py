"""Documents: LaTeX, PDF where there is a TeX engine, and a page for the browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.render import html, latex_document, markdown
from derive.render.files import write_bytes, write_text
from derive.render.formats import view_of
from derive.render.page import View

if TYPE_CHECKING:
    from derive.api import Derivation

ENGINES = ("pdflatex", "lualatex", "xelatex")
_TEXTS = {"tex": latex_document.document, "html": html.render, "md": markdown.render}
_SECONDS = 120


@dataclass(frozen=True)
class Written:
    """What was written, and what there is to say about it."""

    paths: tuple[Path, ...]
    messages: tuple[str, ...] = ()


def write(
    derivation: Derivation, directory: Path, formats: tuple[str, ...] = ("pdf", "tex", "html")
) -> Written:
    """Write the documents of one derivation, named after it: notation, steps, result, cases,
    matrix form, a worked example (where the problem comes with numbers) and code.

    Args:
        formats: any of "pdf", "tex", "html" and "md".

    Raises:
        DeriveError: a format is unknown, the folder cannot be written, or TeX fails.
    """
    finished = derivation.status.value == "done"
    example = derivation.target.at if finished else None
    code = derivation.source() if finished else ""
    return write_view(view_of(derivation, example, code), directory, formats)


def write_view(view: View, directory: Path, formats: tuple[str, ...]) -> Written:
    """The same for a view."""
    if unknown := [form for form in formats if form != "pdf" and form not in _TEXTS]:
        raise DeriveError(f"no such format: {', '.join(unknown)}; there are pdf, tex, html and md")
    engine = next(filter(shutil.which, ENGINES), None) if "pdf" in formats else None
    messages: tuple[str, ...] = ()
    if "pdf" in formats and engine is None:
        instead = tuple(form for form in ("tex", "html") if form not in formats)
        formats = (*(form for form in formats if form != "pdf"), *instead)
        messages = (
            f"no TeX engine found ({', '.join(ENGINES)}): "
            f"wrote {view.name}.tex and {view.name}.html instead of a PDF",
        )
    paths: list[Path] = []
    for form in formats:
        path = directory / f"{view.name}.{form}"
        if form == "pdf" and engine:
            write_bytes(path, typeset(latex_document.document(view), engine))
        else:
            write_text(path, _TEXTS[form](view))
        paths.append(path)
    return Written(tuple(paths), messages)


def typeset(source: str, engine: str) -> bytes:
    """A PDF from LaTeX; the same source gives the same bytes.

    Raises:
        DeriveError: the engine fails, with the first error in its log.
    """
    with tempfile.TemporaryDirectory(prefix="derive-") as folder:
        Path(folder, "handout.tex").write_text(source, encoding="utf-8")
        options = ["-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error"]
        try:
            done = subprocess.run(
                [engine, *options, "handout.tex"],
                cwd=folder,
                env={**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise DeriveError(f"{engine} did not finish within {_SECONDS} seconds") from error
        log = done.stdout.decode("utf-8", errors="replace")
        made = Path(folder, "handout.pdf")
        if done.returncode or not made.is_file():
            raise DeriveError(f"{engine} failed: {first_error(log)}")
        return made.read_bytes()


def first_error(log: str) -> str:
    """The first error of a TeX log, with the line of the source it is about."""
    lines = log.splitlines()
    at = next((place for place, line in enumerate(lines) if line.startswith("!")), None)
    if at is None:
        return lines[-1] if lines else "it said nothing"
    where = next((line for line in lines[at:] if line.startswith("l.")), "")
    return " ".join(part for part in (lines[at].removeprefix("! "), where) if part)
