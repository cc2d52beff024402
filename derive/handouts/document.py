"""A handout as plain data, in one language. The templates of all formats print from this, and
decide nothing but how it looks.

A document is a list of sections, and a section a list of blocks. Each kind of block is a class
here, with a `kind` by which a template picks what prints it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from derive.render.page import Formula, MatrixView, Picture, Sentence, StepView, View
from derive.render.words import ENGLISH, Words

if TYPE_CHECKING:
    from derive.exercises.model import Exercise


class Form(StrEnum):
    """Which of the versions of a handout it is. All have the same pages."""

    FULL = "full"  # everything is printed
    BLANKS = "blanks"  # what is to be filled in is left blank
    ANSWERS = "answers"  # and here it stands in its place, in another colour


class Hidden(StrEnum):
    """What may be left blank in a line of a derivation."""

    RIGHT = "right"  # the right-hand side
    RULE = "rule"  # the rule's name, its law and why it holds


@dataclass(frozen=True)
class Law:
    """What a rule says in general, in schematic letters."""

    rule: str
    title: str
    formula: Formula


@dataclass(frozen=True)
class Line:
    """One line of a derivation.

    Attributes:
        step: the rule, its name, and why the line follows.
        right: the right-hand side, what is new in it marked (`derive.render.tree.Marked`).
        laws: of the rules that are used here for the first time on this handout.
        hidden: what is left blank in the student's version.
    """

    step: StepView
    right: Formula
    laws: tuple[Law, ...] = ()
    hidden: frozenset[Hidden] = frozenset()


@dataclass(frozen=True)
class Text:
    """The lecturer's own words, a paragraph each."""

    kind: ClassVar[str] = "text"
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Notation:
    """What the letters stand for; the heading is `words.notation`.

    Attributes:
        definitions: s_i = ..., with the limits of all sums.
        shapes: z ∈ Rⁿ.
        given: what is assumed, () if nothing is.
    """

    kind: ClassVar[str] = "notation"
    definitions: tuple[Formula, ...]
    shapes: tuple[Formula, ...]
    given: Sentence = ()


@dataclass(frozen=True)
class Derivation:
    """The lines, from `start` = the first right-hand side on."""

    kind: ClassVar[str] = "derivation"
    start: Formula
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Result:
    """The answer, on one line. `hidden` here and below: whether it is left blank."""

    kind: ClassVar[str] = "result"
    title: str
    start: Formula
    right: Formula
    verified: bool
    hidden: bool = False


@dataclass(frozen=True)
class Cases:
    """The result where the indices are equal and where they differ."""

    kind: ClassVar[str] = "cases"
    title: str
    start: Formula
    right: Formula
    warning: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Matrix:
    """The whole array at once, and how it is laid out."""

    kind: ClassVar[str] = "matrix"
    title: str
    matrix: MatrixView
    hidden: bool = False


@dataclass(frozen=True)
class Formulas:
    """Formulas under a heading: the results that are cited, the result written out at a small
    size, a worked example.

    Attributes:
        name: "lemmas", "written-out" or "example".
        remark: a sentence above them, or ().
    """

    kind: ClassVar[str] = "formulas"
    name: str
    title: str
    formulas: tuple[Formula, ...]
    remark: Sentence = ()
    hidden: bool = False


@dataclass(frozen=True)
class Facts:
    """What is always true of the result, a sentence each; every one was checked by machine."""

    kind: ClassVar[str] = "facts"
    title: str
    facts: tuple[Sentence, ...]


@dataclass(frozen=True)
class Slip:
    """The usual mistake.

    Attributes:
        name: its name ("Only the diagonal").
        wrong: the wrong result it leads to, left-hand side and sign (≠) included.
        why, mend: what is wrong about it, and what mends it.
        witness: numbers at which it can be seen.
    """

    kind: ClassVar[str] = "slip"
    title: str
    name: str
    wrong: Formula
    why: str
    mend: str
    witness: Sentence


@dataclass(frozen=True)
class Code:
    """A Python module."""

    kind: ClassVar[str] = "code"
    title: str
    text: str


@dataclass(frozen=True)
class Plot:
    """A picture; `name` is its file's, without an ending."""

    kind: ClassVar[str] = "plot"
    picture: Picture
    name: str


@dataclass(frozen=True)
class Exercises:
    """Exercises. In the full version and in the answers their answers stand on pages of their own
    at the end, never beside the question. Their title is "" where the section's says it."""

    kind: ClassVar[str] = "exercises"
    title: str
    exercises: tuple[Exercise, ...]


Block = (
    Text
    | Notation
    | Derivation
    | Result
    | Cases
    | Matrix
    | Formulas
    | Facts
    | Slip
    | Code
    | Plot
    | Exercises
)


@dataclass(frozen=True)
class Section:
    """One topic.

    Attributes:
        name: as a slug that no other section has, for links and files.
        title: its heading, "" for none of its own.
        heading: what is asked, in words and formulas.
        blocks: what is shown, in order.
        view: the derivation that all of it comes from; None for a section of text or exercises.
        ending: how the derivation ended if it did not come to an end; "" if it did.
        summary: one line on how many steps there are and whether all were checked.
    """

    name: str
    title: str
    heading: Sentence
    blocks: tuple[Block, ...]
    description: str = ""
    view: View | None = None
    ending: str = ""
    summary: str = ""

    @property
    def verified(self) -> bool:
        return self.view is None or self.view.verified


@dataclass(frozen=True)
class Row:
    """A line of the table of results."""

    name: str
    answer: Formula
    matrix: Formula | None


@dataclass(frozen=True)
class Document:
    """A handout.

    Attributes:
        name: as a slug: its files' name.
        title, course, date: as the lecturer gave them; "" for what is not given.
        name_line: whether there is a line for the student's name.
        conventions: sentences on layout, indices and signs; () for none.
        summary: the table of results, () for none.
        references: where to read on.
        form: which version it is.
    """

    name: str
    title: str
    sections: tuple[Section, ...]
    course: str = ""
    date: str = ""
    name_line: bool = False
    conventions: tuple[Sentence, ...] = ()
    summary: tuple[Row, ...] = ()
    references: tuple[str, ...] = ()
    form: Form = Form.FULL
    words: Words = field(default=ENGLISH)

    @property
    def closed(self) -> bool:
        """Whether the results are to be filled in, and so the table of them."""
        blocks = (block for section in self.sections for block in section.blocks)
        return any(isinstance(block, Result) and block.hidden for block in blocks)

    @property
    def plots(self) -> tuple[Plot, ...]:
        blocks = (block for section in self.sections for block in section.blocks)
        return tuple(block for block in blocks if isinstance(block, Plot))

    @property
    def verified(self) -> bool:
        return all(section.verified for section in self.sections)
