"""Where the Jinja2 templates are, and how they are read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def folder() -> Path:
    """The folder of templates: inside an installed package, beside the package in a checkout.

    Raises:
        FileNotFoundError: neither is there, so the installation is broken.
    """
    package = Path(__file__).resolve().parent
    for found in (package / "_templates", package.parent / "templates"):
        if found.is_dir():
            return found
    raise FileNotFoundError(f"no templates beside {package}: the installation is incomplete")


@cache
def environment() -> Environment:
    """Templates of plain text: nothing is escaped, and an undefined name is an error."""
    return Environment(
        loader=FileSystemLoader(folder()),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
