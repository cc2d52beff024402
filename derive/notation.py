"""The reader's letters: a problem's text with its names and indices renamed.

The text is renamed before it is read, so that every formula, sentence and listing made of it is in
the reader's letters, and so is what is asked about it later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from derive.errors import DeriveError, ProblemError, listed

# A name, or a comment, which stays as it is. The e of 1e-3 is no name.
_WORD = re.compile(r"#[^\n\r]*|(?<![\w.])[^\W\d]\w*")

_LATIN = re.compile(r"[A-Za-z]+[0-9]*")  # letters of other scripts may stand beside them
_ARTICLES = {"a", "A", "I"}


def renaming(
    notation: Mapping[str, str], roles: Mapping[str, str], texts: Iterable[str]
) -> dict[str, str]:
    """The new letter of each letter that gets one.

    Args:
        notation: by a letter of the texts or by one of their roles, the letter wanted.
        roles: the letters by what they stand for: {"logits": "z", "output": "s"}.
        texts: statements, variables and relations.

    Raises:
        ProblemError: a letter is not in the texts, is not one the language takes, or stands for
            something else already. The message starts with the key.
    """
    known = letters(texts)
    found: dict[str, str] = {}
    for key, new in notation.items():
        old = key if key in known else roles.get(key, "")
        if old not in known:
            wanted = [*known, *(role for role, letter in roles.items() if letter in known)]
            raise ProblemError(f"'notation.{key}': there is no {key} here; it has {listed(wanted)}")
        if old in found:
            raise ProblemError(f"'notation.{key}': {old} is called {found[old]} already")
        _check(key, new)
        found[old] = new
    for old, new in found.items():
        others = [other for other in known if other != old and found.get(other, other) == new]
        if others:
            message = f"{new} stands for {_another(others[0], found)}: rename that too"
            raise ProblemError(f"'notation.{_key(old, notation, roles)}': {message}")
    return found


def renamed(text: str, found: Mapping[str, str]) -> str:
    """A text with all of its letters renamed at once, so that two may change places."""
    return _WORD.sub(lambda word: found.get(word[0], word[0]), text)


def retold(sentence: str, found: Mapping[str, str], known: Iterable[str]) -> str:
    """A sentence about a problem in the new letters; "" where it cannot be told what is a letter:
    an a may be an article, and AXB is a product without its signs."""
    words = set(_LATIN.findall(sentence))
    signs = set(known)
    joined = any(len(w) > 1 and set(w) <= signs and set(w) & set(found) for w in words - signs)
    if joined or words & set(found) & _ARTICLES:
        return ""
    return _LATIN.sub(lambda word: found.get(word[0], word[0]), sentence)


def letters(texts: Iterable[str]) -> tuple[str, ...]:
    """The names and indices of some texts, in order of first appearance."""
    from derive.language.syntax import RESERVED  # loads SymPy, which listing the names does not

    taken = RESERVED | {"and", "or", "not"}
    words = (word for text in texts for word in _WORD.findall(text))
    return tuple(dict.fromkeys(w for w in words if w[0] != "#" and w not in taken))


def _check(key: str, new: str) -> None:
    """Refuse what is not one name of the language."""
    from derive.language.statements import statements

    try:
        statements(new)
    except DeriveError as error:
        raise ProblemError(f"'notation.{key}': {error.message}") from None
    if letters([new]) != (new,):
        raise ProblemError(f"'notation.{key}': {new[:40]!r} is not a letter or name")


def _key(old: str, notation: Mapping[str, str], roles: Mapping[str, str]) -> str:
    return old if old in notation else next(k for k in notation if roles.get(k) == old)


def _another(other: str, found: Mapping[str, str]) -> str:
    return f"{other} as well" if other in found else "something else already"
