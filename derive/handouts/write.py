"""The files of a handout: PDF, LaTeX, a page for the browser, Markdown, slides."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from derive.errors import DeriveError
from derive.handouts.build import handout
from derive.handouts.document import Document, Form
from derive.handouts.plain import plain
from derive.handouts.study import Study
from derive.locale import ENGLISH
from derive.render import pictures, typesetters
from derive.render.files import write_bytes, write_text
from derive.render.page import View

# Imported when they are asked for.
_TEXTS = {
    "tex": ("latex_document", "document"),
    "html": ("html", "page"),
    "md": ("markdown", "document"),
    "ipynb": ("notebook", "render"),
}
FORMATS = ("pdf", *_TEXTS, "slides")


def text_of(document: Document, form: str) -> str:
    """A document as text, in one of the `FORMATS` that are text."""
    module, function = _TEXTS[form]
    made: str = getattr(import_module(f"derive.render.{module}"), function)(document)
    return made


def write(
    study: Study,
    directory: Path,
    formats: tuple[str, ...] = ("pdf", "tex", "html"),
    engine: str | None = None,
    languages: tuple[str, ...] = (ENGLISH,),
    forms: tuple[Form, ...] = (Form.FULL,),
    blanks: str = "half",
) -> tuple[Path, ...]:
    """Write the documents of one derivation, named after it, with all there is to show. Returns
    where they are. The arguments are those of `write_document`, and

    Args:
        languages: any of `derive.locale.LANGUAGES`.
        forms: the versions that are written.
        blanks: how much is left blank, where something is: "few", "half" or "all".
    """
    return tuple(
        path
        for language in languages
        for form in forms
        for path in write_document(
            handout(study, language, form, blanks), directory, formats, engine
        )
    )


def write_view(
    view: View, directory: Path, formats: tuple[str, ...], engine: str | None = None
) -> tuple[Path, ...]:
    """The same of a view alone."""
    return write_document(plain(view), directory, formats, engine)


def write_document(
    document: Document, directory: Path, formats: tuple[str, ...], engine: str | None = None
) -> tuple[Path, ...]:
    """Write a document in several formats. Its version and, if it is not English, its language
    show in the files' names.

    Args:
        formats: any of `FORMATS`.
        engine: what makes the PDF, one of `typesetters.ENGINES`; a TeX engine where there is one
            and else "typst" if none is asked for.

    Raises:
        DeriveError: a format or engine is unknown, the folder cannot be written, or typesetting
            fails.
    """
    if unknown := [form for form in formats if form not in FORMATS]:
        raise DeriveError(f"no such format: {', '.join(unknown)}; there are {', '.join(FORMATS)}")
    if engine and not {"pdf", "slides"} & {*formats}:
        raise DeriveError(f"the engine {engine} makes PDFs, and none is asked for")
    if "slides" in formats and document.form is not Form.FULL:
        raise DeriveError("slides have no blanks: ask for them without --blanks and --answers")
    chosen = _engine(document, engine)
    stem = stem_of(document)
    paths: list[Path] = []
    if "tex" in formats or "slides" in formats:
        for name, picture in _pictures(document).items():
            paths.append(directory / name)
            write_bytes(paths[-1], picture)
    for form in formats:
        if form == "slides":
            paths += _write_slides(document, directory, chosen)
            continue
        paths.append(directory / f"{stem}.{form}")
        if form == "pdf":
            write_bytes(paths[-1], pdf(document, chosen))
        else:
            write_text(paths[-1], text_of(document, form))
    return tuple(paths)


def stem_of(document: Document) -> str:
    """What a document's files are called: lecture.answers.zh-CN."""
    form = "" if document.form is Form.FULL else f".{document.form.value}"
    language = document.words.language
    return f"{document.name}{form}{'' if language == ENGLISH else '.' + language}"


def _engine(document: Document, engine: str | None) -> str:
    english = document.words.language == ENGLISH
    needed = "tcolorbox.sty" if english else "ctex.sty"  # a small TeX has neither
    if engine is None and not typesetters.has_package(needed):
        engine = "typst"
    usable = typesetters.TEX if english else typesetters.CHINESE_TEX
    return typesetters.engine_for(engine, usable)


def _pictures(document: Document) -> dict[str, bytes]:
    return {f"{p.name}.pdf": pictures.picture(p.picture, "pdf") for p in document.plots}


def _write_slides(document: Document, directory: Path, engine: str) -> list[Path]:
    """The slides' source, and their PDF where there is a TeX with beamer."""
    from derive.render.slides import document as slides

    source = slides(document)
    stem = f"{stem_of(document)}.slides"
    paths = [directory / f"{stem}.tex"]
    write_text(paths[0], source)
    if engine in typesetters.TEX and typesetters.has_package("beamer.cls"):
        paths.append(directory / f"{stem}.pdf")
        write_bytes(paths[1], typesetters.tex_pdf(source, engine, _pictures(document)))
    return paths


def pdf(document: Document, engine: str) -> bytes:
    """A document as a PDF; the same document gives the same bytes.

    Raises:
        DeriveError: typesetting fails.
    """
    if engine == "typst":
        _, _, region = document.words.language.partition("-")
        from derive.render.typst_document import document as source

        return typesetters.typst_pdf(source(document), region)
    return typesetters.tex_pdf(text_of(document, "tex"), engine, _pictures(document))
