"""The tokens of one formula while they are read: what is open, and what ends where."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lark import Token

from derive.reader.page import Excerpt, ReadingError
from derive.reader.vocabulary import Vocabulary
from derive.reader.words import LOWERED

_MAX_DEPTH = 60
_MAX_TOKENS = 4000
_ENDING = "NAME NUMBER RPAR RSQ RSET RBRACE RBAR RNORM RANGLE INDICATOR TOP PRIME ENDCASES COLON"
_ENDS = frozenset(_ENDING.split())
"""The kinds of token with which something ends."""
_WANT = {"SUB": 1, "SUP": 1, "SQRT": 1, "FRAC": 2}
"""How many arguments a token wants."""

_UNDER = re.compile(rf"(\s|\\(no)?limits\b)*[_{''.join(LOWERED)}]")


@dataclass(frozen=True)
class Opened:
    """A bracket that is not closed yet.

    Attributes:
        kind: its token.
        closer: the sign that closes it.
        start: where it was opened.
        needed: how many arguments were wanted when it came.
        below: whether it stands below something.
    """

    kind: str
    closer: str
    start: int
    needed: int
    below: bool


class Tokens:
    """What was read so far of a text.

    Attributes:
        at: where reading goes on.
        opened: the brackets that are open, outermost first.
        needed: how many arguments the commands before want: each is one sign or a group.
    """

    def __init__(self, excerpt: Excerpt, known: Vocabulary) -> None:
        self.excerpt, self.text, self.known = excerpt, excerpt.text, known
        self.at = 0
        self.tokens: list[Token] = []
        self.opened: list[Opened] = []
        self.needed = 0

    def error(self, message: str, start: int) -> ReadingError:
        return self.excerpt.error(message, start)

    def match(self, pattern: re.Pattern[str]) -> str:
        """What a pattern finds at `at`, which is then read."""
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found[0] if found else ""

    def last(self) -> str:
        """The kind of the token before."""
        return self.tokens[-1].type if self.tokens else ""

    def inside(self, kind: str) -> bool:
        """Whether a bracket of a kind is open."""
        return any(one.kind == kind for one in self.opened)

    def below(self) -> bool:
        """Whether what comes now stands below something: there, letters are indices."""
        return self.last() == "SUB" or any(one.below for one in self.opened)

    def lowered(self) -> bool:
        """Whether something stands below what was read last."""
        return bool(_UNDER.match(self.text, self.at))

    def add(self, kind: str, value: str, start: int) -> None:
        """One more token, written at `start`."""
        if len(self.tokens) >= _MAX_TOKENS:
            raise self.error("this formula is too long", start)
        token = Token(kind, value)
        token.start_pos = self.excerpt.place(start)
        self.tokens.append(token)
        if kind in _WANT:
            self.needed += _WANT[kind]
        elif self.needed and not kind.startswith("L"):
            self.needed -= 1

    def open(self, kind: str, closer: str, start: int) -> None:
        """An opening bracket."""
        if len(self.opened) >= _MAX_DEPTH:
            raise self.error("this is nested too deeply", start)
        below = self.last() == "SUB"
        self.add(kind, "[" if kind == "LSQ" else self.text[start], start)
        self.opened.append(Opened(kind, closer, start, self.needed, below))
        self.needed = 0

    def close(self, closer: str, start: int) -> None:
        """A closing bracket, of the kind that was opened."""
        if not self.opened or self.opened[-1].closer != closer:
            raise self.error(f"{closer!r} closes nothing here", start)
        opened = self.opened.pop()
        self.needed = 0
        kind = "ENDCASES" if opened.kind == "CASES" else f"R{opened.kind[1:]}"
        self.add(kind, closer, start)
        self.needed = max(0, opened.needed - 1)

    def bar(self, kind: str, start: int) -> None:
        """|x|, ‖x‖: an opening one, unless one is open and something stands before it."""
        if self.closes(kind):
            self.close(kind, start)
        else:
            self.open(f"L{kind}", kind, start)

    def closes(self, kind: str) -> bool:
        """Whether a bar here closes one."""
        return bool(self.opened) and self.opened[-1].closer == kind and self.ended()

    def ended(self) -> bool:
        """Whether something ends with the token before."""
        return self.last() in _ENDS
