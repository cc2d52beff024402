"""Text in the input language that remembers where each of its characters comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

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

    def within(self, bind: Bind) -> Text:
        """In brackets unless it holds together at least as tightly."""
        if self.bind >= bind:
            return self
        first, last = (self.places[0], self.places[-1]) if self.places else (0, 0)
        return Text(f"({self.text})", (first, *self.places, last))


def piece(text: str, place: int, bind: Bind = Bind.ATOM) -> Text:
    """A text that comes from one place."""
    return Text(text, (place,) * len(text), bind)


def glued(place: int, *parts: str | Text, bind: Bind = Bind.ATOM) -> Text:
    """Parts side by side; those that are plain strings come from `place`."""
    made = [piece(part, place) if isinstance(part, str) else part for part in parts]
    text = "".join(part.text for part in made)
    if len(text) > MAX_LENGTH:
        raise TooLong
    return Text(text, tuple(p for part in made for p in part.places), bind)


def listed(place: int, parts: list[Text], between: str = ", ") -> Text:
    """Parts with something between them."""
    found: list[str | Text] = []
    for part in parts:
        found += [between, part] if found else [part]
    return glued(place, *found)


def called(name: str, place: int, *arguments: Text) -> Text:
    return glued(place, f"{name}(", listed(place, list(arguments)), ")")


def negative(part: Text, place: int) -> Text:
    return glued(place, "-", part.within(Bind.PRODUCT), bind=Bind.SUM)


def plus(first: Text, sign: str, last: Text, place: int) -> Text:
    """first + last, first - last."""
    return glued(place, first, f" {sign} ", last.within(Bind.PRODUCT), bind=Bind.SUM)


def times(first: Text, last: Text, place: int) -> Text:
    left, right = first.within(Bind.PRODUCT), last.within(Bind.POWER)
    return glued(place, left, "*", right, bind=Bind.PRODUCT)


def over(first: Text, last: Text, place: int) -> Text:
    left, right = first.within(Bind.PRODUCT), last.within(Bind.POWER)
    return glued(place, left, "/", right, bind=Bind.PRODUCT)


def power(base: Text, exponent: Text, place: int) -> Text:
    parts = base.within(Bind.ATOM), exponent.within(Bind.ATOM)
    return glued(place, parts[0], "**", parts[1], bind=Bind.POWER)
