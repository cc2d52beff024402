"""Arrays that take over the memory of others, which nothing reads any more: so less has to go
through the cache."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from derive.emit.backends.blocks import Block

Shapes = Mapping[str, Sequence[str]]


def rooms(body: Block, shapes: Shapes) -> dict[str, str]:
    """The array whose memory each array of several axes has, its own or that of another one with
    the same shape."""
    found: dict[str, str] = {}
    for name in (name for name, shape in shapes.items() if len(shape) > 1):
        homes = [home for home in found if found[home] == home and shapes[home] == shapes[name]]
        apart = (h for h in homes if all(_apart(body, n, name) for n in found if found[n] == h))
        found[name] = next(apart, name)
    return found


def _apart(body: Block, first: str, second: str) -> bool:
    return any(_is_over(body, *pair, (), True) for pair in ((first, second), (second, first)))


def _is_over(body: Block, first: str, second: str, fixed: tuple[str, ...], inside: bool) -> bool:
    """Whether nothing reads the first array any more once the second one gets entries.

    Args:
        body: where they are read and get entries.
        fixed: letters of loops around it that both arrays have at their first places, wherever
            they are mentioned: in a pass over i, only the rows first[i] and second[i] count.
        inside: whether nobody mentions them outside, so that every pass fills both anew, as `Loops`
            fills an array where it is first needed.
    """
    ends = [k for k, statement in enumerate(body.statements) if _mentions(statement, first)]
    starts = [k for k, statement in enumerate(body.statements) if _mentions(statement, second)]
    last = body.statements[ends[-1]]
    if ends[-1] != starts[0]:
        return ends[-1] < starts[0]
    if isinstance(last, str):
        entry = f"[{', '.join(fixed)}]"
        alike = {places for name in (first, second) for places in _places(last, name)}
        return last.startswith(f"{second}{entry} = ") and alike == {fixed}
    inside = inside and len(ends) == len(starts) == 1
    deeper = (*fixed, last.letter)
    found = [places for name in (first, second) for places in _places(last, name)]
    if all(places[: len(deeper)] == deeper for places in found):
        return _is_over(last, first, second, deeper, inside)
    return inside and _is_over(last, first, second, fixed, inside)


def _mentions(statement: str | Block, name: str) -> bool:
    return next(_places(statement, name), None) is not None


def _places(statement: str | Block, name: str) -> Iterator[tuple[str, ...]]:
    """Where an array's entries are read or written; () for all at once, or what is not plain."""
    if isinstance(statement, Block):
        yield from (places for line in statement.statements for places in _places(line, name))
        return
    for found in re.finditer(rf"(?<!\.)\b{name}\b(?:\[([^\[\]]*)\])?", statement):
        yield tuple((found[1] or "").split(", ")) if found[1] else ()
