"""What makes a PDF: a TeX engine where there is one, else the typesetter that pip installs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from derive.errors import DeriveError

if TYPE_CHECKING:
    from typst import Compiler, TypstError

TEX = ("pdflatex", "lualatex", "xelatex")
CHINESE_TEX = ("xelatex", "lualatex")  # those that take fonts of the machine
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
    if asked in TEX and asked not in usable:
        raise DeriveError(f"{asked} cannot set Chinese; {', '.join(usable)} and typst can")
    if asked in TEX and not shutil.which(asked):
        raise DeriveError(f"{asked} is not installed; the engine typst needs no TeX")
    return asked


def has_package(file: str) -> bool:
    """Whether the TeX on this machine, if there is one, has a package's file."""
    finder = shutil.which("kpsewhich")
    return finder is not None and bool(
        subprocess.run([finder, file], capture_output=True, check=False).stdout
    )


def tex_pdf(source: str, engine: str, files: Mapping[str, bytes] | None = None) -> bytes:
    """A PDF from LaTeX; the same source gives the same bytes.

    Args:
        files: what the source includes, by name.

    Raises:
        DeriveError: the engine fails, with the first error in its log.
    """
    with tempfile.TemporaryDirectory(prefix="derive-") as folder:
        Path(folder, "handout.tex").write_text(source, encoding="utf-8")
        for name, content in (files or {}).items():
            Path(folder, name).write_bytes(content)
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
            raise DeriveError(f"{engine} failed: {first_error(log)}{_missing(log)}")
        # TeX leaves out a sign that its font lacks, and calls that a success.
        whole = Path(folder, "handout.log").read_text(encoding="utf-8", errors="replace")
        if lost := re.search(r"Missing character: (.*)", whole):
            raise DeriveError(f"{engine} printed a blank: {lost[1]}")
        return made.read_bytes()


def _missing(log: str) -> str:
    """What to install, where the log says that something for Chinese is not there."""
    if not re.search(r"ctex\.sty|Noto \w+( \w+)? CJK", first_error(log)):
        return ""
    return "; Chinese needs the package ctex and the Noto CJK fonts, sans and serif"


def first_error(log: str) -> str:
    """The first error of a TeX log, with the line of the source it is about."""
    lines = log.splitlines()
    at = next((place for place, line in enumerate(lines) if line.startswith("!")), None)
    if at is None:
        return lines[-1] if lines else "it said nothing"
    where = next((line for line in lines[at:] if line.startswith("l.")), "")
    return " ".join(part for part in (lines[at].removeprefix("! "), where) if part)


def typst_pdf(source: str, region: str = "") -> bytes:
    """A PDF from Typst's language, for screen readers too (PDF/UA-1: title, headings, a text for
    every formula, a glyph for every sign); the same source gives the same bytes.

    Args:
        region: "TW" where Chinese is to have its traditional forms.

    Raises:
        DeriveError: the source is wrong, with the line, or a sign is in none of the fonts.
    """
    (made,) = _typst(source, region, "pdf", pdf_standards="ua-1")
    return made


def typst_pages(source: str, region: str = "", ppi: float = 144) -> tuple[bytes, ...]:
    """The same as pictures: PNG, one a page, without the checks of a PDF."""
    return _typst(source, region, "png", ppi=ppi)


def _typst(
    source: str, region: str, form: Literal["pdf", "png"], **options: Any
) -> tuple[bytes, ...]:
    chinese = bool(_CHINESE.search(source))
    compiler, families = _compiler(chinese)
    inputs = {"chinese": _chinese_font(region, families)} if chinese else None
    from typst import TypstError

    try:
        made = compiler.compile(
            source.encode(), format=form, timestamp=0, sys_inputs=inputs, **options
        )
    except TypstError as error:
        raise DeriveError(f"typst failed: {_first_line(error)}") from error
    return (made,) if isinstance(made, bytes) else tuple(made or ())


def _first_line(error: TypstError) -> str:
    """What is wrong, and in which line of the source."""
    place = re.search(r":(\d+):\d+$", error.diagnostic, re.MULTILINE)
    where = f" (line {place[1]})" if place else ""
    return error.message.removeprefix("PDF/UA-1 error: ").replace("`", "") + where


@cache
def _compiler(system: bool) -> tuple[Compiler, frozenset[str]]:
    """A compiler, made once for many documents, and the fonts it knows. Those of the machine are
    left out unless they are needed, so that a document is the same everywhere."""
    try:
        from typst import Compiler, Fonts
    except ImportError as error:
        raise DeriveError(f"typst cannot be used here ({error}): pip install typst") from error
    fonts = Fonts(include_system_fonts=system, font_paths=_packaged_fonts() if system else [])
    return Compiler(font_paths=fonts), frozenset(fonts.families())


def _packaged_fonts() -> list[str]:
    """The folder of the Chinese font that pip installs, if it did."""
    spec = find_spec("noto_cjk_sans_otc")
    return list(spec.submodule_search_locations or ()) if spec else []


def _chinese_font(region: str, families: frozenset[str]) -> str:
    wanted = CHINESE_FONTS.get(region, CHINESE_FONTS["CN"])
    found = next((family for family in wanted if family in families), None)
    if found is None:
        raise DeriveError(
            f"no Chinese font found ({' or '.join(wanted)}): install Debian's fonts-noto-cjk, "
            "or pip install 'derive[cjk]'"
        )
    return found
