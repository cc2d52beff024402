"""A paper and its key as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from derive.exercises.command import MOODLE
from derive.exercises.model import Paper
from derive.exercises.moodle import questions
from derive.handouts.document import Document, Exercises, Form, Section
from derive.handouts.write import write_document


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
        formats: any of `derive.exercises.command.FORMATS`.
        engine: what makes the PDF, as for `derive.handouts.write.write_document`.
    """
    files: dict[str, bytes] = {}
    printed = tuple(form for form in formats if form != MOODLE)
    with TemporaryDirectory() as folder:  # a worker on another machine sends back what it wrote
        for form in (Form.BLANKS, Form.ANSWERS):
            made = write_document(document(paper, name, form), Path(folder), printed, engine)
            files.update({path.name: path.read_bytes() for path in made})
    bank = questions(paper) if MOODLE in formats else ""
    return Sheets(tuple(files.items()), bank, paper.words.language)


def document(paper: Paper, name: str, form: Form) -> Document:
    """A paper as a handout that has nothing but exercises."""
    words = paper.words
    section = Section("exercises", "", (), (Exercises(words.exercises, paper.exercises),))
    title = f"{paper.title} {paper.code}".strip()
    return Document(
        name=f"{name}-{paper.code}",
        title=title,
        sections=(section,),
        course=paper.course,
        date=paper.date,
        name_line=True,
        form=form,
        words=words,
    )
