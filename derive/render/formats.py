"""A derivation in a format by name."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.render import terminal as screen
from derive.render.page import View
from derive.render.view import view

if TYPE_CHECKING:
    from derive.api import Derivation

# Imported when they are needed: the terminal form should not wait for the templates.
_MODULES = {
    "text": "text",
    "latex": "latex_document",
    "markdown": "markdown",
    "html": "html",
}
_NARROWEST, _WIDEST = 60, 100


def render(
    derivation: Derivation,
    form: str,
    example: Mapping[str, object] | None = None,
    terminal: bool = False,
) -> str:
    """A derivation as text.

    Args:
        form: "terminal", "text", "latex", "markdown", "html" or "json".
        example: numbers for the variables, to work the result out with.
        terminal: whether the text goes to standard output, so that the terminal form may use its
            width and its colours; otherwise it has 80 columns and none.

    Raises:
        DeriveError: the numbers do not fit the problem.
        ValueError: there is no such format.
    """
    if form == "json":
        import json

        from derive.render.data import to_dict

        return json.dumps(to_dict(derivation, example), indent=2, ensure_ascii=False) + "\n"
    shown = view_of(derivation, example)
    if form == "terminal":
        return _terminal(shown, terminal, derivation.level.name == "FULL")
    if form not in _MODULES:
        raise ValueError(f"form is terminal, json, {', '.join(_MODULES)}, not {form!r}")
    text: str = importlib.import_module(f"derive.render.{_MODULES[form]}").render(shown)
    return text


def view_of(
    derivation: Derivation, example: Mapping[str, object] | None = None, code: str = ""
) -> View:
    """What documents show of a derivation, at its level."""
    try:
        worked = derivation.steps_at(**example) if example else None
    except (ValueError, TypeError) as error:
        raise DeriveError(f"the numbers do not fit: {error}") from error
    return view(
        replace(derivation.chain, steps=derivation.steps),
        matrix=derivation.matrix,
        example=worked,
        code=code,
    )


def _terminal(shown: View, on_screen: bool, reasons: bool) -> str:
    if not on_screen:
        return screen.render(shown, screen.Terminal(reasons=reasons))
    width = 80
    if sys.stdout.isatty():
        width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    return screen.render(shown, screen.Terminal.of(sys.stdout, width, reasons))
