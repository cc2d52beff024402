"""What a reader knows before it reads: the problem's names, its letters, how long they run."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sympy import Expr

from derive.errors import listed
from derive.language.sizes import lengths
from derive.nodes import name_of
from derive.problem import Problem
from derive.reader.words import GREEK

Key = tuple[str, tuple[str, ...], str]
"""How a name looks on paper: its letter or word, its accents, what stands below as a label."""
_MARKS = ("hat", "bar", "tilde")


@dataclass(frozen=True)
class Vocabulary:
    """The names in whose terms a text is read.

    Attributes:
        shapes: for every name, the names of its axes' lengths; () for a scalar.
        letters: the index letters that are free in the answer, with their lengths.
        axes: the answer's axes in order: the target's letters, then those of the variable.
        rows: how many of `axes` are the target's.
        lengths: for every length, the letters that are that long.
        depends: for every defined name, the names it is made of, directly or not.
        wrt: what is differentiated by, in the input language.
        softmaxes: whether the problem has a softmax (a σ of a whole vector is then unclear).
    """

    shapes: Mapping[str, tuple[str, ...]]
    letters: Mapping[str, str] = field(default_factory=dict)
    axes: tuple[str, ...] = ()
    rows: int = 0
    lengths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    depends: Mapping[str, frozenset[str]] = field(default_factory=dict)
    wrt: tuple[str, ...] = ()
    softmaxes: bool = False

    @cached_property
    def spelled(self) -> dict[Key, tuple[str, ...]]:
        """The names by how they look."""
        found: dict[Key, tuple[str, ...]] = {}
        for name in self.shapes:
            found[look(name)] = (*found.get(look(name), ()), name)
        return found

    @cached_property
    def words(self) -> frozenset[str]:
        """Everything that a letter or word by itself may mean: names and lengths."""
        return frozenset([*self.shapes, *self.lengths])

    @cached_property
    def stems(self) -> frozenset[str]:
        """The letters and words that names begin with, by their look."""
        return frozenset([*(key[0] for key in self.spelled), *self.lengths])

    def nearest(self, word: str) -> str:
        """A hint: the most similar name, or the names there are."""
        close = difflib.get_close_matches(word, list(self.shapes), 1, 0.6)
        if close and close[0] != word:
            return f" (did you mean {close[0]}?)"
        return f"; the names here are {listed(self.shapes)}" if self.shapes else ""

    def defining(self, name: str, shape: tuple[str, ...], uses: Iterable[str]) -> Vocabulary:
        """The same with one more name, which is no length's from here on."""
        every = frozenset(uses).union(*(self.depends.get(used, frozenset()) for used in uses))
        depends = {**self.depends, name: every}
        lengths = {length: found for length, found in self.lengths.items() if length != name}
        shapes = {**self.shapes, name: shape}
        return replace(self, shapes=shapes, lengths=lengths, depends=depends)


def vocabulary_of(problem: Problem) -> Vocabulary:
    """The vocabulary of a problem."""
    lasting: dict[str, list[str]] = {}
    for letter, found in lengths(problem).items():
        if len(found) == 1:
            lasting.setdefault(str(next(iter(found))), []).append(letter)
    uses: dict[str, frozenset[str]] = {}
    for definition in problem.definitions:
        direct = frozenset(_names(definition.body) & set(problem.shapes))
        uses[definition.name] = direct.union(*(uses.get(name, frozenset()) for name in direct))
    return Vocabulary(
        shapes={name: tuple(map(str, shape)) for name, shape in problem.shapes.items()},
        letters={str(letter): str(length) for letter, length in problem.extents.items()},
        axes=tuple(map(str, (*problem.axes, *problem.wrt_axes))),
        rows=len(problem.axes),
        lengths={length: tuple(found) for length, found in lasting.items()},
        depends=uses,
        wrt=tuple(map(str, problem.wrt)),
        softmaxes=any(definition.source for definition in problem.definitions),
    )


def look(name: str) -> Key:
    """How a name looks: W1 is W with a 1 below, y_hat has a hat, sigma is σ."""
    base, _, tail = name.partition("_")
    found = re.fullmatch(r"(\D+?)(\d+)", base)
    stem, digits = (found[1], found[2]) if found else (base, "")
    marks = [part for part in tail.split("_") if part]
    accents = tuple(part for part in marks if part in _MARKS)
    below = [digits, *(part for part in marks if part not in _MARKS)]
    return GREEK.get(stem, stem), accents, ",".join(GREEK.get(p, p) for p in below if p)


def _names(expr: Expr) -> set[str]:
    found = {name_of(symbol) for symbol in expr.free_symbols}
    return found | {str(getattr(symbol, "base", symbol)) for symbol in expr.free_symbols}
