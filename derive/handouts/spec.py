"""What a lecturer asks for: a handout as TOML. A file has the keys of `Spec`, and for each topic a
table [[section]] with those of `Topic`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derive.errors import ProblemError
from derive.locale import ENGLISH, LANGUAGES
from derive.problemfile import Numbers

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

# By language: texts by key.
Prose = Mapping[str, Mapping[str, str]]


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
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror or error}") from None
    if len(content) > _MAX_BYTES:
        raise ProblemError(f"{path.name}: a handout's file has at most {_MAX_BYTES} bytes")
    try:
        data = tomllib.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise ProblemError(f"{path.name}: not a TOML file: nested too deeply") from None
    except ValueError as error:
        raise ProblemError(f"{path.name}: not a TOML file: {error}") from None
    return read(data, path)


def read(data: dict[str, Any], path: Path) -> Spec:
    """The handout of a file's content; see `load`."""
    sections = data.pop("section", None)
    if not isinstance(sections, list) or not sections:
        raise ProblemError(f"{path.name}: 'section' must be tables: write [[section]]")
    found = _checked(data, _OF_SPEC, path.name)
    topics = tuple(
        _topic(section, f"{path.name}: section {number}")
        for number, section in enumerate(sections, 1)
    )
    return Spec(name=path.name.removesuffix(".toml"), place=path.parent, topics=topics, **found)


def _topic(section: object, where: str) -> Topic:
    if not isinstance(section, dict):
        raise ProblemError(f"{where}: it must be a table: write [[section]]")
    found = Topic(**_checked(section, _OF_TOPIC, where))
    if not found.target and not found.text:
        raise ProblemError(f"{where}: the key 'target' is missing, or a 'text'")
    if found.exercises and not found.target:
        raise ProblemError(f"{where}: 'exercises' need a 'target'")
    return found


_Kind = tuple[str, Callable[[object], bool], Callable[[Any], Any]]


def _checked(data: Mapping[str, Any], kinds: Mapping[str, _Kind], where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in data.items():
        if key not in kinds:
            raise ProblemError(f"{where}: unknown key '{key}'; known are {', '.join(kinds)}")
        wanted, fits, made = kinds[key]
        if not fits(value):
            raise ProblemError(f"{where}: '{key}' must be {wanted}")
        found[key] = made(value)
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return _is_text(value) or (isinstance(value, list) and all(map(_is_text, value)))


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))


def _is_numbers(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_is_numbers, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _table_of(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def _prose(*keys: str) -> _Kind:
    def fits(value: object) -> bool:
        return isinstance(value, dict) and all(
            language in LANGUAGES and _table_of(_is_text)(texts) and {*texts} <= {*keys}
            for language, texts in value.items()
        )

    return f"tables {', '.join(LANGUAGES)}, each with texts: {', '.join(keys)}", fits, dict


def _one_of(*known: str) -> _Kind:
    return f"one of {', '.join(known)}", lambda value: value in known, str


def _any_of(*known: str) -> _Kind:
    def fits(value: object) -> bool:
        return _is_texts(value) and bool(value) and {*_several(value)} <= {*known}  # type: ignore[arg-type]

    return f"any of {', '.join(known)}", fits, _several


def _exercises() -> _Kind:
    told, fits, made = _any_of(*EXERCISES)

    def counted(value: object) -> bool:
        return type(value) is int and 1 <= value <= len(EXERCISES)

    return (
        f"a number from 1 to {len(EXERCISES)}, or {told}",
        lambda value: counted(value) or fits(value),
        lambda value: value if counted(value) else made(value),
    )


def _in_order(value: str | list[str]) -> tuple[str, ...]:
    return tuple(sorted(_several(value), key=PARTS.index))


_TEXT: _Kind = ("text", _is_text, str)
_TEXTS: _Kind = ("text or a list of texts", _is_texts, _several)
_BOOL: _Kind = ("true or false", lambda value: isinstance(value, bool), bool)
_LETTERS: _Kind = ("a table of letters", _table_of(_is_text), dict)
_OF_SPEC: dict[str, _Kind] = {
    **dict.fromkeys(("title", "course", "date", "text"), _TEXT),
    **dict.fromkeys(("name_line", "summary"), _BOOL),
    "lang": _any_of(*LANGUAGES),
    "level": _one_of(*LEVELS),
    "blanks": _one_of(*BLANKS),
    "notation": _LETTERS,
    "references": _TEXTS,
    "prose": _prose("title", "course", "date", "text"),
}
_OF_TOPIC: dict[str, _Kind] = {
    **dict.fromkeys(("target", "title", "text"), _TEXT),
    **dict.fromkeys(("wrt", "assume"), _TEXTS),
    "by": _one_of(*WAYS),
    "level": _one_of(*LEVELS),
    "at": ("a table of numbers and lists of numbers", _table_of(_is_numbers), dict),
    "show": (*_any_of(*PARTS)[:2], _in_order),
    "exercises": _exercises(),
    "notation": _LETTERS,
    "prose": _prose("title", "text"),
}
