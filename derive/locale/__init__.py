"""The languages of documents. Each but English has a gettext catalogue here, from the English
sentences of the source to its own; a sentence keeps its blanks ("{f}") in every language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

ENGLISH = "en"
LANGUAGES = (ENGLISH, "zh-CN", "zh-TW")
# What the Noto CJK fonts call a language's own forms of the signs that it shares with others.
FONTS = {"zh-CN": "SC", "zh-TW": "TC"}


@cache
def messages(language: str) -> Mapping[str, str]:
    """English to a language, sentence by sentence; nothing for English itself.

    Raises:
        ValueError: there is no such language.
    """
    check(language)
    if language == ENGLISH:
        return {}
    import polib  # not for English, which most commands start with

    file = Path(__file__).parent / f"{language.replace('-', '_')}.po"
    return {entry.msgid: entry.msgstr for entry in polib.pofile(file) if entry.translated()}


def check(language: str) -> None:
    """Raises ValueError for a language that there is not."""
    if language not in LANGUAGES:
        raise ValueError(f"lang is one of {', '.join(LANGUAGES)}, not {language!r}")
