"""Files in TOML that people write: how they are read, and what their keys may hold."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.errors import ProblemError
from derive.locale import LANGUAGES

Numbers = float | list[Any]
"""A number, or numbers in nested lists, one level for each index."""
Prose = Mapping[str, Mapping[str, str]]
"""Texts by language, and then by key."""


@dataclass(frozen=True)
class Kind:
    """What a key may hold.

    Attributes:
        wanted: that, in words.
        fits: whether a value is of the kind.
        made: what becomes of a value that is.
    """

    wanted: str
    fits: Callable[[Any], bool]
    made: Callable[[Any], Any]


def content(path: Path, most: int) -> bytes:
    """What a file holds, but no more than one byte over `most`.

    Raises:
        ProblemError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror or error}") from None
    except ValueError:  # a name that no file can have
        raise ProblemError(f"{str(path)!r} is not the name of a file") from None


def table(text: bytes, filename: str, what: str, most: int) -> dict[str, Any]:
    """The keys of a file.

    Args:
        what: how messages call such a file.
        most: how many bytes it may have.

    Raises:
        ProblemError: it has more, or it is not TOML.
    """
    if len(text) > most:
        raise ProblemError(f"{filename}: {what} has at most {most} bytes")
    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except RecursionError:
        raise ProblemError(f"{filename}: not a TOML file: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError, a number too long
        raise ProblemError(f"{filename}: not a TOML file: {error}") from None


def file_name(path: Path) -> str:
    """The last part of a path as text: bytes in it that are no signs are replaced, so that it can
    be written into any document."""
    return os.fsencode(path.name).decode(errors="replace")


def checked(data: Mapping[str, Any], kinds: Mapping[str, Kind], where: str) -> dict[str, Any]:
    """The values of some keys, each made what its kind says.

    Raises:
        ProblemError: a key is unknown, or its value of another kind; `where` is put in front.
    """
    found: dict[str, Any] = {}
    for key, value in data.items():
        if key not in kinds:
            raise ProblemError(f"{where}: unknown key '{key}'; known are {', '.join(kinds)}")
        kind = kinds[key]
        if not kind.fits(value):
            raise ProblemError(f"{where}: '{key}' must be {kind.wanted}")
        found[key] = kind.made(value)
    return found


def one_of(*known: str) -> Kind:
    return Kind(f"one of {', '.join(known)}", lambda value: value in known, str)


def any_of(*known: str) -> Kind:
    """One or more of some texts, each once."""

    def fits(value: Any) -> bool:
        return _is_texts(value) and bool(value) and {*_several(value)} <= {*known}

    return Kind(
        f"any of {', '.join(known)}", fits, lambda value: tuple(dict.fromkeys(_several(value)))
    )


def prose(*keys: str) -> Kind:
    """Texts in several languages under some keys."""

    def fits(value: Any) -> bool:
        return isinstance(value, dict) and all(
            language in LANGUAGES and _is_table_of(_is_text, texts) and {*texts} <= {*keys}
            for language, texts in value.items()
        )

    return Kind(f"tables {', '.join(LANGUAGES)}, each with {' and '.join(keys)}", fits, dict)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, list) and all(map(_is_text, value)))


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _is_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_is_numbers, value))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= sys.float_info.max  # False for NaN too


def _is_table_of(fits: Callable[[Any], bool], value: Any) -> bool:
    return isinstance(value, dict) and all(map(fits, value.values()))


TEXT = Kind("text", _is_text, str)
TEXTS = Kind("text or a list of texts", _is_texts, _several)
YES_OR_NO = Kind("true or false", lambda value: isinstance(value, bool), bool)
LETTERS = Kind("a table of letters", lambda value: _is_table_of(_is_text, value), dict)
NUMBERS = Kind(
    "a table of numbers and lists of numbers", lambda value: _is_table_of(_is_numbers, value), dict
)
