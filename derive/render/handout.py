"""Documents: PDF, LaTeX, Markdown, and a page for the browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.locale import ENGLISH
from derive.render import html, latex_document, markdown, pictures, typesetters, typst_document
from derive.render.files import write_bytes, write_text
from derive.render.formats import view_of
from derive.render.page import Picture, View

if TYPE_CHECKING:
    from derive.api import Derivation

_TEXTS = {"tex": latex_document.document, "html": html.render, "md": markdown.render}


def write(
    derivation: Derivation,
    directory: Path,
    formats: tuple[str, ...] = ("pdf", "tex", "html"),
    engine: str | None = None,
    languages: tuple[str, ...] = (ENGLISH,),
) -> tuple[Path, ...]:
    """Write the documents of one derivation, named after it: notation, steps, result, cases,
    matrix form, a worked example (where the problem comes with numbers) and code. Returns where
    they are.

    Args:
        formats: any of "pdf", "tex", "html" and "md".
        engine: what makes the PDF, one of `typesetters.ENGINES`; a TeX engine where there is one
            and else "typst" if none is asked for.
        languages: any of `derive.locale.LANGUAGES`; all but English show in the files' names.

    Raises:
        DeriveError: a format or engine is unknown, the folder cannot be written, or typesetting
            fails.
    """
    finished = derivation.status.value == "done"
    example = derivation.target.at if finished else None
    code = derivation.source() if finished else ""
    paths: list[Path] = []
    for language in languages:
        view = view_of(derivation, example, code, language)
        view = replace(view, plot=_plot(derivation, language) if finished else None)
        paths += write_view(view, directory, formats, engine)
    return tuple(paths)


def _plot(derivation: Derivation, language: str) -> Picture | None:
    """The plot, where there can be one: not of three axes, nor without numbers for all letters."""
    from derive.render.plots import plot

    try:
        return plot([derivation], language=language)
    except DeriveError:
        return None


def write_view(
    view: View, directory: Path, formats: tuple[str, ...], engine: str | None = None
) -> tuple[Path, ...]:
    """The same for a view."""
    if unknown := [form for form in formats if form != "pdf" and form not in _TEXTS]:
        raise DeriveError(f"no such format: {', '.join(unknown)}; there are pdf, tex, html and md")
    if engine and "pdf" not in formats:
        raise DeriveError(f"the engine {engine} makes PDFs, and none is asked for")
    language = view.words.language
    usable = typesetters.TEX if language == ENGLISH else typesetters.CHINESE_TEX
    needed = "tcolorbox.sty" if language == ENGLISH else "ctex.sty"  # a small TeX has neither
    if "pdf" in formats and engine is None and not typesetters.has_package(needed):
        engine = "typst"
    chosen = typesetters.engine_for(engine, usable)
    name = view.name if language == ENGLISH else f"{view.name}.{language}"
    paths: list[Path] = []
    if view.plot and "tex" in formats:
        paths.append(directory / latex_document.plot_name(view))
        write_bytes(paths[0], pictures.picture(view.plot, "pdf"))
    for form in formats:
        path = directory / f"{name}.{form}"
        if form == "pdf":
            write_bytes(path, pdf(view, chosen))
        else:
            write_text(path, _TEXTS[form](view))
        paths.append(path)
    return tuple(paths)


def pdf(view: View, engine: str) -> bytes:
    """A view as a PDF; the same view gives the same bytes.

    Raises:
        DeriveError: typesetting fails.
    """
    if engine == "typst":
        _, _, region = view.words.language.partition("-")
        return typesetters.typst_pdf(typst_document.document(view), region)
    plot = pictures.picture(view.plot, "pdf") if view.plot else None
    files = {latex_document.plot_name(view): plot} if plot else {}
    return typesetters.tex_pdf(latex_document.document(view), engine, files)
