"""What can go wrong with input: one base class, three kinds, each with a place in the text."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_NAMES = 12


def listed(names: Iterable[str]) -> str:
    """Names for a message that stays one line: "a, b, c", of many the first ones."""
    every = list(names)
    shown = every if len(every) <= _MOST_NAMES else [*every[:_MOST_NAMES], "..."]
    return ", ".join(shown) or "none"


class DeriveError(Exception):
    """Input that is wrong, or that is not supported.

    Attributes:
        message: one line that says what is wrong and what to do.
        source: the line of text the message is about, or "".
        column: 0-based place in `source`, or None.
        exit_status: what the command line exits with.
    """

    exit_status = 2

    def __init__(self, message: str, source: str = "", column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.column = column

    def pointer(self) -> str:
        """The offending line with a caret under the place, or "" where no place is known."""
        if not self.source or self.column is None:
            return ""
        start = max(0, self.column - 60)
        line = self.source[start : start + 76]
        return f"    {line}\n    {' ' * (self.column - start)}^"


class ParseError(DeriveError):
    """The text is not in the input language."""


class ProblemError(DeriveError):
    """The text reads well, but does not make a problem: names, sizes, `wrt`."""


class UnsupportedError(DeriveError):
    """The input is fine, but this version cannot do it."""

    exit_status = 3
