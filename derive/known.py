"""The catalogue: problems known by name. Each is a file in `catalogue/`, in the users' format."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from derive.problemfile import ProblemFile, read

_FOLDER = Path(__file__).parent / "catalogue"
_LONGEST = 100  # letters that a name or alias may have
_GROUPS = ("activations", "softmax", "losses", "layers", "identities")


@cache
def entries() -> tuple[ProblemFile, ...]:
    """Everything known by name: group by group, in each by name."""
    found = [read(file.read_bytes(), file.name) for file in _FOLDER.glob("*.toml")]
    return tuple(sorted(found, key=lambda entry: (_GROUPS.index(entry.group), entry.name)))


def catalogue() -> tuple[str, ...]:
    """The names `derive.derive` takes, in the order of `entries`."""
    return tuple(entry.name for entry in entries())


def find(name: str) -> ProblemFile | None:
    """The entry of a name or alias; case does not matter, nor whether words are joined by a
    hyphen, an underscore or a space."""
    if len(name) > _LONGEST:
        return None
    plain = _plain(name)
    file = _FOLDER / f"{plain}.toml"
    if plain.replace("-", "").isalnum() and file.is_file():  # most often it is an entry's own name
        return read(file.read_bytes(), file.name)
    return _by_name().get(plain)


def nearest(name: str) -> str:
    """The known name most like this one, or ""."""
    import difflib

    close = difflib.get_close_matches(_plain(name), list(_by_name()), 1)
    return _by_name()[close[0]].name if close else ""


@cache
def _by_name() -> dict[str, ProblemFile]:
    return {_plain(name): entry for entry in entries() for name in (entry.name, *entry.aliases)}


def _plain(name: str) -> str:
    return "-".join(name.lower().replace("_", " ").replace("-", " ").split())
