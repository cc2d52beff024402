"""Problem files: a problem as TOML, in the format of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.errors import ProblemError
from derive.locale import LANGUAGES
from derive.notation import letters, renamed, renaming, retold
from derive.tomlfile import (
    LETTERS,
    NUMBERS,
    TEXT,
    TEXTS,
    Numbers,
    Prose,
    checked,
    content,
    file_name,
    prose,
    table,
)

if TYPE_CHECKING:
    from derive.problem import Problem

_MAX_BYTES = 100_000


@dataclass(frozen=True)
class ProblemFile:
    """A problem as a file states it.

    Attributes:
        name: how it is called; the file's name without `.toml` unless the file says otherwise.
        text: the statements, in the input language.
        wrt: what to differentiate by, one after the other.
        title: a heading for people.
        group: what it is listed under.
        description: one sentence.
        assume: relations that are assumed.
        also: other single variables by which the problem is worth differentiating.
        aliases: other names it goes by.
        at: example numbers for its variables.
        roles: what its letters stand for: {"logits": "z", "output": "s"}.
        notation: the letters it has been renamed to, by the letters it was written in.
        prose: title and description in other languages.
    """

    name: str
    text: str
    wrt: tuple[str, ...] = ()
    title: str = ""
    group: str = ""
    description: str = ""
    assume: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    at: Mapping[str, Numbers] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    notation: Mapping[str, str] = field(default_factory=dict)
    prose: Prose = field(default_factory=dict)

    def problem(
        self, wrt: Sequence[str] | None = None, assume: Sequence[str] | None = None
    ) -> Problem:
        """The problem, by the file's own `wrt` and under its own assumptions unless others are
        given in their stead. Raises what `derive.parse.parse` raises."""
        from derive.parse import parse
        from derive.relettering import relettered

        made = parse(
            self.text,
            self.wrt if wrt is None else wrt,
            self.assume if assume is None else assume,
            self.name,
            self.title,
        )
        return relettered(made, self.notation)

    def renamed(self, notation: Mapping[str, str]) -> ProblemFile:
        """The same in the reader's letters, and to be asked about in them.

        Args:
            notation: by letter or by role, the letter wanted: {"logits": "o", "s": "y"}.

        Raises:
            ProblemError: see `derive.notation.renaming`.
        """
        if not notation:
            return self
        texts = (self.text, *self.wrt, *self.assume, *self.also, *self.at)
        found = renaming(notation, self.roles, texts)
        told = partial(retold, found=found, known=letters(texts))
        return replace(
            self,
            text=renamed(self.text, found),
            wrt=tuple(renamed(text, found) for text in self.wrt),
            assume=tuple(renamed(text, found) for text in self.assume),
            also=tuple(renamed(text, found) for text in self.also),
            at={renamed(name, found): numbers for name, numbers in self.at.items()},
            notation=found,
            description=told(self.description),
            prose={
                language: {**prose, "description": told(prose.get("description", ""))}
                for language, prose in self.prose.items()
            },
            roles={role: renamed(letter, found) for role, letter in self.roles.items()},
        )


def load(path: str | Path) -> ProblemFile:
    """Read a problem file.

    Raises:
        ProblemError: one line that names the file, and the key where one is wrong.
    """
    path = Path(path)
    return read(content(path, _MAX_BYTES), file_name(path))


def read(text: bytes, filename: str) -> ProblemFile:
    """The problem of a file's content. Raises ProblemError."""
    data = checked(table(text, filename, "a problem file", _MAX_BYTES), _KINDS, filename)
    found = _based(data, filename)
    try:
        return found.renamed(data.get("notation", {}))
    except ProblemError as error:
        raise ProblemError(f"{filename}: {error.message}") from None


def _based(data: dict[str, Any], filename: str) -> ProblemFile:
    """The problem of some keys. What they leave open is as in the catalogue's entry they name."""
    given = {key: value for key, value in data.items() if key not in ("entry", "notation")}
    given = {"name": filename.removesuffix(".toml"), **given}
    if "entry" in data:
        from derive.known import find, nearest  # the catalogue's entries are problem files

        if "text" in data:
            raise ProblemError(f"{filename}: 'entry' brings its own text: leave 'text' out")
        base = find(data["entry"])
        if base is None:
            hint = f"; did you mean {near!r}?" if (near := nearest(data["entry"])) else ""
            message = f"nothing is known as {data['entry'][:40]!r}{hint}"
            raise ProblemError(f"{filename}: 'entry': {message}")
        return replace(base, aliases=(), **{**given, "prose": _own_prose(base, given)})
    if not data.get("text", "").strip():
        raise ProblemError(f"{filename}: the key 'text' is missing: the problem's statements")
    return ProblemFile(**{"title": given["name"], **given})


def _own_prose(base: ProblemFile, given: Mapping[str, Any]) -> Prose:
    """A file's texts over those of the entry it names; what it says of itself in no language in
    particular is said so in all."""
    own: Prose = given.get("prose", {})
    kept = {
        language: {key: text for key, text in texts.items() if key not in given}
        for language, texts in base.prose.items()
    }
    return {language: {**kept.get(language, {}), **own.get(language, {})} for language in LANGUAGES}


_KINDS = {
    **dict.fromkeys(("name", "title", "group", "description", "text"), TEXT),
    "entry": replace(TEXT, wanted="the name of an entry of the catalogue"),
    **dict.fromkeys(("wrt", "assume", "also", "aliases"), TEXTS),
    "at": NUMBERS,
    **dict.fromkeys(("roles", "notation"), LETTERS),
    "prose": prose("title", "description"),
}
