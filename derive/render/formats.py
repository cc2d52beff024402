"""A derivation in a format by name."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.render import terminal as screen
from derive.render.page import View
from derive.render.view import view
from derive.render.words import words_in

if TYPE_CHECKING:
    from derive.api import Derivation

# Imported when they are needed: the terminal form should not wait for the templates.
_MODULES = {
    "text": "text",
    "latex": "latex_document",
    "markdown": "markdown",
}


def render(
    derivation: Derivation,
    form: str,
    example: Mapping[str, object] | None = None,
    terminal: bool = False,
    lang: str = "en",
) -> str:
    """A derivation as text.

    Args:
        form: "terminal", "text", "latex", "markdown", "html" or "json".
        example: numbers for the variables, to work the result out with.
        terminal: whether the text goes to standard output, so that the terminal form may use its
            width and its colours; otherwise it has 80 columns and none.
        lang: "en", "zh-CN" or "zh-TW".

    Raises:
        DeriveError: the numbers do not fit the problem, or standard output cannot show the
            language.
        ValueError: there is no such format or language.
    """
    if terminal:
        screen.check_signs(sys.stdout, words_in(lang))
    if form == "json":
        import json

        from derive.render.data import to_dict

        data = to_dict(derivation, example, lang)
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    shown = view_of(derivation, example, lang=lang)
    if form == "html":
        from derive.handouts.single import single
        from derive.render.html import page

        return page(single(derivation, shown))
    if form == "terminal":
        reasons = derivation.level.name == "FULL"
        own = screen.Terminal.of(sys.stdout, reasons) if terminal else None
        return screen.render(shown, own or screen.Terminal(reasons=reasons))
    if form not in _MODULES:
        raise ValueError(f"form is terminal, json, html, {', '.join(_MODULES)}, not {form!r}")
    text: str = importlib.import_module(f"derive.render.{_MODULES[form]}").render(shown)
    return text


def view_of(
    derivation: Derivation,
    example: Mapping[str, object] | None = None,
    code: str = "",
    lang: str = "en",
) -> View:
    """What documents show of a derivation, at its level and in a language."""
    try:
        worked = derivation.steps_at(**example) if example else None
    except (ValueError, TypeError) as error:
        raise DeriveError(f"the numbers do not fit: {error}") from error
    title, description = derivation.target.told(lang)
    chain = replace(derivation.chain, steps=derivation.steps)
    shown = view(
        chain,
        matrix=derivation.matrix,
        example=worked,
        code=code,
        words=words_in(lang),
        title=title,
        description=description,
    )
    if worked is None:
        return shown
    from derive.render.playground import playground  # these import NumPy
    from derive.render.trial import trial

    tried = trial(chain.problem, worked.inputs)
    return replace(shown, playground=playground(chain, worked), trial=tried)
