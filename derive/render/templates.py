"""How the templates of documents are read."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from derive.render.latex import escape
from derive.render.typst import string
from derive.templates import folder

# LaTeX is full of braces and per cent signs, so its templates have delimiters of their own.
_LATEX_SYNTAX: dict[str, Any] = {
    "block_start_string": r"\BLOCK{",
    "block_end_string": "}",
    "variable_start_string": r"\VAR{",
    "variable_end_string": "}",
    "comment_start_string": r"\#{",
    "comment_end_string": "}",
}
KINDS = ("latex", "html", "markdown", "typst")


@cache
def environment(kind: str) -> Environment:
    """How templates of a kind, one of `KINDS`, are read. A name that a template is not given is
    an error.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no templates of kind {kind!r}; there are {', '.join(KINDS)}")
    made = Environment(
        loader=FileSystemLoader(folder()),
        undefined=StrictUndefined,
        autoescape=kind == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **(_LATEX_SYNTAX if kind == "latex" else {}),
    )
    made.filters["tex"] = escape
    made.filters["typ"] = string
    made.filters["maths"] = Markup
    return made
