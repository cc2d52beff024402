"""A paper and its key as files."""

from __future__ import annotations

from dataclasses import dataclass

from derive.exercises import markdown
from derive.exercises.model import Paper
from derive.exercises.moodle import questions
from derive.locale import ENGLISH

MOODLE = "moodle"
FORMATS = ("md", MOODLE)


@dataclass(frozen=True)
class Sheets:
    """What is written of a paper.

    Attributes:
        files: by name.
        questions: for a question bank, which all papers of a language share; "" for none.
        language: of the bank.
    """

    files: tuple[tuple[str, bytes], ...]
    questions: str
    language: str


def sheets(paper: Paper, name: str, formats: tuple[str, ...], engine: str | None = None) -> Sheets:
    """A paper by format: a sheet, and a key that has the same code in its name.

    Args:
        name: what all papers of a run are called.
        formats: any of `FORMATS`.
        engine: what makes the PDF.
    """
    language = paper.words.language
    end = "" if language == ENGLISH else f".{language}"
    stem = f"{name}-{paper.code}"
    found: list[tuple[str, str]] = []
    if "md" in formats:
        found.append((f"{stem}{end}.md", markdown.sheet(paper)))
        found.append((f"{stem}-key{end}.md", markdown.key(paper)))
    bank = questions(paper) if MOODLE in formats else ""
    return Sheets(tuple((file, text.encode()) for file, text in found), bank, language)
