"""How many values an index takes, by the name of that length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.reader.pieces import Text, called, piece
from derive.reader.values import ONE, Value

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning


def size(m: Meaning, name: str, place: int) -> Value:
    """How many values an index takes, by the name of that length: size(k). Which letter has it is
    known when all has been read."""
    around = set(m.bound)

    def entry(_: str, __: str) -> Text:
        letter, own = m.limits.get(name, ""), m.known.length(name)
        lengths = {own} if own in m.known.lengths else m.every.get(letter, set())
        choice = [k for k, n in m.known.letters.items() if n in lengths and k not in around]
        if not choice:
            others = [k for n in sorted(lengths) for k in m.known.lengths.get(n, ())]
            choice = [k for k in (*others, letter) if k and m.every.get(k, set()) <= lengths]
        if not choice:
            raise m.error(f"no index here is {name} long", place)
        return called("size", place, piece(choice[0], place))

    return Value(ONE, ONE, entry, place)
