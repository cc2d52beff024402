"""What a user may name as the target: a catalogue entry, a problem file, text, SymPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from sympy import Expr

from derive import known
from derive.errors import ProblemError
from derive.parse import parse
from derive.problem import Problem
from derive.problemfile import ProblemFile, load
from derive.tomlfile import Prose

Wrt: TypeAlias = str | Expr | Sequence[str | Expr] | None


@dataclass(frozen=True)
class Target:
    """A problem and what comes with it.

    Attributes:
        problem: what is asked.
        at: example numbers for its variables, as a file gives them.
        description: a sentence on what it is, or "".
        prose: the title and the description in other languages.
    """

    problem: Problem
    at: Mapping[str, object] = field(default_factory=dict)
    description: str = ""
    prose: Prose = field(default_factory=dict)

    def told(self, language: str) -> tuple[str, str]:
        """The problem's title and description in a language, or else as the file has them; ""
        for what nobody says."""
        own = self.prose.get(language, {})
        return own.get("title", self.problem.title), own.get("description", self.description)


def resolve(target: str | Expr, wrt: Wrt = None, assume: str | Sequence[str] = ()) -> Target:
    """Read a target.

    Raises:
        DeriveError: for an unknown name (the nearest one is suggested), text that is not in the
            language, or a variable that is not in the problem.
        TypeError: for anything but text and SymPy expressions.
    """
    variables = _texts(wrt)
    assumed = [_text(one, "an assumption") for one in _several(assume)]
    if isinstance(target, Expr):
        from derive.fromsympy import text_of_sympy

        return Target(parse(text_of_sympy(target), wrt=variables or (), assume=assumed))
    target = _text(target, "target")
    if target.endswith(".toml"):
        return _from_file(load(Path(target)), variables, assumed)
    if (entry := known.find(target)) is not None:
        return _from_file(entry, variables, assumed)
    if _is_only_a_name(target):
        near = known.nearest(target)
        hint = f"did you mean {near!r}?" if near else "`derive list` shows what it knows by name"
        name = target.strip()
        shown = name if len(name) <= 40 else f"{name[:40]}..."
        raise ProblemError(f"there is nothing known by the name {shown!r}; {hint}")
    return Target(parse(target, wrt=variables or (), assume=assumed))


def _texts(wrt: Wrt) -> list[str] | None:
    """The variables in the input language; None where none were given."""
    if wrt is None:
        return None
    texts = [str(one) if isinstance(one, Expr) else _text(one, "wrt") for one in _several(wrt)]
    return texts or None


def _several(given: object) -> Sequence[object]:
    return given if isinstance(given, list | tuple) else [given]


def _text(given: object, what: str) -> str:
    if not isinstance(given, str):
        raise TypeError(f"{what} is text or a SymPy expression, not {type(given).__name__}")
    return given


def _from_file(entry: ProblemFile, wrt: list[str] | None, assume: list[str]) -> Target:
    problem = entry.problem(wrt=wrt, assume=[*entry.assume, *assume])
    return Target(problem, entry.at, entry.description, entry.prose)


def _is_only_a_name(text: str) -> bool:
    """Whether a target is a lone word such as `sofmax` or `cross-entropi`: but for pi, no formula
    is."""
    word = text.strip().replace("-", "").replace("_", "")
    return len(word) > 1 and word.isalpha() and word != "pi"
