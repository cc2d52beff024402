"""What is left blank in a derivation, by how much a student is to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from derive.handouts.document import (
    Block,
    Cases,
    Code,
    Derivation,
    Formulas,
    Hidden,
    Matrix,
    Result,
)

_NOTHING = frozenset[Hidden]()
_RIGHT, _RULE = frozenset([Hidden.RIGHT]), frozenset([Hidden.RULE])

# From a line's number, counted from 0, to what is left blank in it. The first line is always there
# to start from. Where the result is printed, the last line's right-hand side is too.
_IN_LINES: Mapping[str, Callable[[int], frozenset[Hidden]]] = {
    "few": lambda at: _RIGHT if at % 3 == 2 else _NOTHING,
    "half": lambda at: (_NOTHING, _RIGHT, _NOTHING, _RULE)[at % 4],
    "all": lambda at: frozenset(Hidden) if at else _NOTHING,
}


def gives_away(block: Block, level: str) -> bool:
    """Whether a block would give away what is blank, and so is left out: the code of the result."""
    return level == "all" and isinstance(block, Code)


def with_blanks(block: Block, level: str) -> Block:
    """A block with what is left blank at a level.

    "few": every third right-hand side. "half": every second line, in turn its right-hand side and
    its rule; of the last line its rule in place of its right-hand side, which is the result. "all":
    all lines but the first, and the result. What would give a blank away is blank too.
    """
    if isinstance(block, Derivation):
        hidden = [_IN_LINES[level](at) for at in range(len(block.lines))]
        hidden = [*hidden[:-1], *(_RULE if last == _RIGHT else last for last in hidden[-1:])]
        lines = zip(block.lines, hidden, strict=True)
        return replace(block, lines=tuple(replace(line, hidden=part) for line, part in lines))
    if isinstance(block, Result):
        return replace(block, hidden=level == "all")
    if isinstance(block, Cases | Matrix):
        return replace(block, hidden=level != "few")
    if isinstance(block, Formulas) and block.name == "written-out":
        return replace(block, hidden=level == "all")
    return block
