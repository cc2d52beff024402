"""A plot as a file: SVG as it is, PDF and PNG by the typesetter that pip installs."""

from __future__ import annotations

from derive.errors import DeriveError
from derive.render.page import Picture
from derive.render.typesetters import typst_pages, typst_pdf
from derive.render.typst import string

FORMATS = ("svg", "pdf", "png")
_PNG_PPI = 192


def form_of(path: str) -> str:
    """The format that a file's name says.

    Raises:
        DeriveError: it ends in none of `FORMATS`.
    """
    found = next((form for form in FORMATS if path.lower().endswith(f".{form}")), None)
    if found is None:
        raise DeriveError(f"a plot is written as {', '.join(FORMATS)}; not so {path!r}")
    return found


def picture(plot: Picture, form: str) -> bytes:
    """A plot as the content of a file of one of the `FORMATS`; the same plot, the same bytes."""
    if form == "svg":
        return plot.svg.encode()
    if form == "pdf":
        return typst_pdf(page(plot))
    (drawn,) = typst_pages(page(plot), ppi=_PNG_PPI)
    return drawn


def page(plot: Picture) -> str:
    """Typst's source of a page that is just the picture."""
    return f"""#set document(title: {string(plot.title)})
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes({string(plot.svg)}), format: "svg", alt: {string(plot.description)})
"""
