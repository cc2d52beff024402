"""What a lecturer asks for: a handout as TOML. A file has the keys of `Spec`, and for each topic a
table [[section]] with those of `Topic`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derive.errors import ProblemError
from derive.locale import ENGLISH, LANGUAGES
from derive.tomlfile import (
    LETTERS,
    NUMBERS,
    TEXT,
    TEXTS,
    YES_OR_NO,
    Kind,
    Numbers,
    Prose,
    any_of,
    checked,
    content,
    file_name,
    one_of,
    prose,
    table,
)

LEVELS = ("brief", "normal", "full")
WAYS = ("quotient", "product", "log")
BLANKS = ("few", "half", "all")
# What can be shown of a topic, in the order in which it is shown.
PARTS = (
    "notation",
    "derivation",
    "result",
    "cases",
    "matrix",
    "written-out",
    "facts",
    "example",
    "slip",
    "lemmas",
    "plot",
    "code",
)
# The kinds of exercises, in the order in which a number of them is taken.
EXERCISES = ("gaps", "numbers", "mistake", "shape", "rules", "derive")
_MAX_BYTES = 200_000


@dataclass(frozen=True)
class Topic:
    """A section: a problem, and what is shown of it; or text alone.

    Attributes:
        target: a name of the catalogue, an expression, or a problem file; "" for text alone.
        wrt, assume, by: as for `derive.derive`; () and None leave what the target comes with.
        level: how much the derivation tells.
        at: numbers for a worked example, in place of those that the target comes with.
        title: the heading, "" for the target's own.
        text: paragraphs in front, with an empty line between two.
        show: any of `PARTS`.
        exercises: how many there are at the end of the handout, or which of `EXERCISES`; they are
            on functions akin to the target, where the catalogue has some.
        notation: letters by role or by letter, before those of the handout.
        prose: title and text in other languages.
    """

    target: str = ""
    wrt: tuple[str, ...] = ()
    assume: tuple[str, ...] = ()
    by: str | None = None
    level: str = ""
    at: Mapping[str, Numbers] = field(default_factory=dict)
    title: str = ""
    text: str = ""
    show: tuple[str, ...] = PARTS
    exercises: int | tuple[str, ...] = ()
    notation: Mapping[str, str] = field(default_factory=dict)
    prose: Prose = field(default_factory=dict)

    def said(self, key: str, language: str) -> str:
        """The title or text in a language, or else as it is."""
        return self.prose.get(language, {}).get(key, str(getattr(self, key)))


@dataclass(frozen=True)
class Spec:
    """A handout.

    Attributes:
        name: what its files are called: the spec's own name without `.toml`.
        place: the folder of the file, in which problem files are looked for.
        topics: the sections.
        title, course, date: for the head of the first page.
        name_line: whether there is a line for the student's name.
        lang: the languages that are written unless others are asked for.
        level: of derivations, where a section does not say.
        blanks: how much is left blank, of `BLANKS`.
        notation: letters by role or by letter, in every section that has them.
        text: paragraphs in front of the first section.
        summary: whether a table of results is at the end.
        references: where to read on.
        prose: title, course, date and text in other languages.
    """

    name: str
    place: Path
    topics: tuple[Topic, ...]
    title: str = ""
    course: str = ""
    date: str = ""
    name_line: bool = False
    lang: tuple[str, ...] = (ENGLISH,)
    level: str = "normal"
    blanks: str = "half"
    notation: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    summary: bool = True
    references: tuple[str, ...] = ()
    prose: Prose = field(default_factory=dict)

    def said(self, key: str, language: str) -> str:
        return self.prose.get(language, {}).get(key, str(getattr(self, key)))

    def where(self, number: int) -> str:
        """How messages call a section."""
        return f"{self.name}.toml: section {number}"


def is_spec(path: Path) -> bool:
    """Whether a file is a handout and no problem: whether it has sections."""
    try:
        return "section" in tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False  # who reads it as a problem says what is wrong with it


def load(path: str | Path) -> Spec:
    """Read a handout's file.

    Raises:
        ProblemError: one line that names the file, the section and the key.
    """
    path = Path(path)
    text = content(path, _MAX_BYTES)
    return read(table(text, file_name(path), "a handout's file", _MAX_BYTES), path)


def read(data: dict[str, Any], path: Path) -> Spec:
    """The handout of a file's content; see `load`."""
    name = file_name(path)
    sections = data.pop("section", None)
    if not isinstance(sections, list) or not sections:
        raise ProblemError(f"{name}: 'section' must be tables: write [[section]]")
    found = checked(data, _OF_SPEC, name)
    topics = tuple(
        _topic(section, f"{name}: section {number}") for number, section in enumerate(sections, 1)
    )
    return Spec(name=name.removesuffix(".toml"), place=path.parent, topics=topics, **found)


def _topic(section: object, where: str) -> Topic:
    if not isinstance(section, dict):
        raise ProblemError(f"{where}: it must be a table: write [[section]]")
    found = Topic(**checked(section, _OF_TOPIC, where))
    if not found.target and not found.text:
        raise ProblemError(f"{where}: the key 'target' is missing, or a 'text'")
    if found.exercises and not found.target:
        raise ProblemError(f"{where}: 'exercises' need a 'target'")
    return found


def _exercises() -> Kind:
    named = any_of(*EXERCISES)

    def counted(value: object) -> bool:
        return type(value) is int and 1 <= value <= len(EXERCISES)

    return Kind(
        f"a number from 1 to {len(EXERCISES)}, or {named.wanted}",
        lambda value: counted(value) or named.fits(value),
        lambda value: value if counted(value) else named.made(value),
    )


def _parts() -> Kind:
    named = any_of(*PARTS)
    return replace(named, made=lambda value: tuple(sorted(named.made(value), key=PARTS.index)))


_OF_SPEC = {
    **dict.fromkeys(("title", "course", "date", "text"), TEXT),
    **dict.fromkeys(("name_line", "summary"), YES_OR_NO),
    "lang": any_of(*LANGUAGES),
    "level": one_of(*LEVELS),
    "blanks": one_of(*BLANKS),
    "notation": LETTERS,
    "references": TEXTS,
    "prose": prose("title", "course", "date", "text"),
}
_OF_TOPIC = {
    **dict.fromkeys(("target", "title", "text"), TEXT),
    **dict.fromkeys(("wrt", "assume"), TEXTS),
    "by": one_of(*WAYS),
    "level": one_of(*LEVELS),
    "at": NUMBERS,
    "show": _parts(),
    "exercises": _exercises(),
    "notation": LETTERS,
    "prose": prose("title", "text"),
}
