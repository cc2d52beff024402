"""Text in the input language that remembers where each of its characters comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from derive.language.source import MAX_LENGTH


class TooLong(Exception):
    """What is written would be longer than the language allows."""


class Bind(IntEnum):
    """How tightly a text holds together."""

    SUM = 0
    PRODUCT = 1
    POWER = 2
    ATOM = 3


@dataclass(frozen=True)
class Text:
    """An expression.

    Attributes:
        places: for each character, the place in the page that it comes from.
    """

    text: str
    places: tuple[int, ...]
    bind: Bind = Bind.ATOM

    def within(self, bind: int) -> Text:
        """In brackets unless it holds together at least as tightly."""
        if self.bind >= bind:
            return self
        first, last = (self.places[0], self.places[-1]) if self.places else (0, 0)
        return Text(f"({self.text})", (first, *self.places, last))


def piece(text: str, place: int) -> Text:
    """A word or number that comes from one place."""
    return Text(text, (place,) * len(text))


@dataclass(frozen=True)
class Pattern:
    """A text with slots, such as `{1}*{2}`: a slot's digit is how tightly must hold together what
    fills it, and `bind` how tightly the whole does."""

    text: str
    bind: Bind = Bind.ATOM

    def __call__(self, place: int, *parts: Text) -> Text:
        """The text with its slots filled; its own characters come from `place`."""
        words = _words(self.text)
        found, places = words[0], [place] * len(words[0])
        for part, bind, word in zip(parts, words[1::2], words[2::2], strict=True):
            part = part.within(int(bind))
            found += part.text + word
            places += [*part.places, *[place] * len(word)]
            if len(found) > MAX_LENGTH:
                raise TooLong
        return Text(found, tuple(places), self.bind)


@cache
def _words(text: str) -> tuple[str, ...]:
    return tuple(re.split(r"\{(\d)\}", text))


NEGATIVE = Pattern("-{1}", Bind.SUM)
OPERATORS = {
    "+": Pattern("{0} + {1}", Bind.SUM),
    "-": Pattern("{0} - {1}", Bind.SUM),
    "*": Pattern("{1}*{2}", Bind.PRODUCT),
    "/": Pattern("{1}/{2}", Bind.PRODUCT),
    "^": Pattern("{3}**{3}", Bind.POWER),
}


def listed(count: int) -> str:
    """Slots with commas between them."""
    return ", ".join(["{0}"] * count)


def entry(name: str, count: int) -> Pattern:
    """name[i, j]"""
    return Pattern(f"{name}[{listed(count)}]")


def called(name: str, place: int, *arguments: Text) -> Text:
    """name(a, b)"""
    return Pattern(f"{name}({listed(len(arguments))})")(place, *arguments)


def between(signs: list[str], least: Bind = Bind.SUM) -> Pattern:
    """One more slot than signs: a < b <= c."""
    slot = f"{{{int(least)}}}"
    return Pattern(slot + "".join(f" {sign} {slot}" for sign in signs), Bind.SUM)
