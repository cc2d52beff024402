"""What makes a PDF: a TeX engine where there is one, else the typesetter that pip installs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from derive.errors import DeriveError

if TYPE_CHECKING:
    from typst import Compiler, Fonts

TEX = ("pdflatex", "lualatex", "xelatex")
ENGINES = (*TEX, "typst")
_SECONDS = 120

# What Chinese is set in: the first of these that is there.
CHINESE_FONTS = {
    "CN": ("Noto Serif CJK SC", "Noto Sans CJK SC"),
    "TW": ("Noto Serif CJK TC", "Noto Sans CJK TC"),
}
_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")


def engine_for(asked: str | None = None, usable: tuple[str, ...] = TEX) -> str:
    """The engine asked for; if none is, the first usable TeX engine there is, or typst.

    Raises:
        DeriveError: there is no such engine, or it is not installed.
    """
    if asked is None:
        return next(filter(shutil.which, usable), "typst")
    if asked not in ENGINES:
        raise DeriveError(f"no such engine: {asked}; there are {', '.join(ENGINES)}")
    if asked in TEX and not shutil.which(asked):
        raise DeriveError(f"{asked} is not installed; the engine typst needs no TeX")
    return asked


def tex_pdf(source: str, engine: str) -> bytes:
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


def typst_pdf(source: str, region: str = "") -> bytes:
    """A PDF from Typst's language, for screen readers too (PDF/UA-1: titles, headings, every
    formula with a text, no sign without a glyph); the same source gives the same bytes.

    Args:
        region: "TW" for the traditional forms of Chinese characters.

    Raises:
        DeriveError: the source is wrong, with the line, or a sign is in no font.
    """
    made = _typst(source, region, "pdf")
    assert isinstance(made, bytes)
    return made


def typst_pages(source: str, region: str = "", ppi: float = 144) -> tuple[bytes, ...]:
    """The same as PNG pictures, one a page."""
    made = _typst(source, region, "png", ppi)
    return (made,) if isinstance(made, bytes) else tuple(made)


def _typst(
    source: str, region: str, form: Literal["pdf", "png"], ppi: float = 144
) -> bytes | list[bytes]:
    chinese = bool(_CHINESE.search(source))
    compiler = _compiler(system=chinese)
    inputs = {"chinese": _chinese_font(region)} if chinese else {}
    standards = ["ua-1"] if form == "pdf" else []
    ...
