"""Sentences with named blanks that are filled when they are made, but can be said again in
another language."""

from __future__ import annotations

from collections.abc import Mapping


class Phrase(str):
    """An English sentence, its blanks filled: "Jacobian of softmax".

    Attributes:
        message: the sentence with its blanks: "Jacobian of {function}".
        blanks: what fills them: {"function": "softmax"}.
    """

    message: str
    blanks: Mapping[str, str]

    def __new__(cls, message: str, **blanks: str) -> Phrase:
        made = super().__new__(cls, message.format_map(blanks) if blanks else message)
        made.message, made.blanks = message, blanks
        return made
