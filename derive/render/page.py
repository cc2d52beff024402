"""What a document shows, as plain data: strings, trees and tuples."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from derive.render.boxes import box
from derive.render.glyphs import UNICODE, Glyphs
from derive.render.inline import inline
from derive.render.tree import Node, equation, lines
from derive.render.words import ENGLISH, Words
from derive.steps import Status

if TYPE_CHECKING:
    from derive.render.playground import Playground
    from derive.render.trial import Trial


@dataclass(frozen=True)
class Formula:
    """A formula that can be written in any format.

    Attributes:
        node: the tree.
        spelling: its text, or what writes it: most formulas are shown, and never asked for it.
    """

    node: Node
    spelling: str | Callable[[], str] = field(compare=False)

    @cached_property
    def text(self) -> str:
        """The formula in the input language, or on one line where that has no form for it."""
        return self.spelling if isinstance(self.spelling, str) else self.spelling()

    # The writers of documents are imported when they are needed: a terminal should not wait.

    @property
    def latex(self) -> str:
        return self._latex(display=True)

    @property
    def inline_latex(self) -> str:
        return self._latex(display=False)

    def _latex(self, display: bool) -> str:
        from derive.render.latex import latex

        return latex(self.node, display=display)

    @property
    def mathml(self) -> str:
        return self._mathml(display=True)

    @property
    def inline_mathml(self) -> str:
        return self._mathml(display=False)

    def _mathml(self, display: bool) -> str:
        from derive.render.mathml import mathml

        return mathml(self.node, display=display)

    def broken(self, width: int) -> tuple[Formula, ...]:
        """The formula in lines of about this many signs, all but the first without a text."""
        parts = lines(self.node, lambda part: box(part).width <= width)
        return tuple(Formula(part, "" if at else self.spelling) for at, part in enumerate(parts))

    def inline(self, glyphs: Glyphs = UNICODE) -> str:
        return inline(self.node, glyphs)


# Words with formulas among them.
Sentence = tuple["str | Formula", ...]


def filled(message: str, blanks: Mapping[str, str | Formula | Sentence]) -> Sentence:
    """A message with its named blanks filled.

    Raises:
        KeyError: a blank that nothing fills.
    """
    parts: list[str | Formula] = []
    for words, blank, _, _ in string.Formatter().parse(message):
        found = blanks[blank] if blank is not None else ()
        for part in (words, *(found if isinstance(found, tuple) else (found,))):
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            elif part:
                parts.append(part)
    return tuple(parts)


def blanks_of(message: str) -> tuple[str, ...]:
    """The names of a message's blanks, in their order."""
    return tuple(blank for _, blank, _, _ in string.Formatter().parse(message) if blank)


def joined(parts: Iterable[Sentence], between: str) -> Sentence:
    """Sentences one after the other, as the message `between` joins two; none that is empty."""
    whole: Sentence = ()
    for part in parts:
        both = whole and part
        whole = filled(between, {"first": whole, "second": part}) if both else whole + part
    return whole


@dataclass(frozen=True)
class StepView:
    """One line of a derivation.

    Attributes:
        number: from 1.
        rule, title: the rule's slug and its name.
        explanation: why the line follows; `told` also names the result it cites.
        verdict: "agrees", "refuted" or "undecided".
        warning: what to say of a step that was not confirmed, "" for one that was.
        witness: for a refuted step, the numbers that refute it; `alarm` is the warning with them.
        lemma: the result it cites, if it cites one, and `citation`, how.
    """

    number: int
    rule: str
    title: str
    before: Formula
    after: Formula
    explanation: Sentence
    verdict: str
    warning: str = ""
    witness: str = ""
    alarm: str = ""
    lemma: Formula | None = None
    citation: Sentence = ()
    told: Sentence = ()


@dataclass(frozen=True)
class MatrixView:
    """The whole array at once: ∂s/∂z = diag(s) - s sᵀ, n x n.

    Attributes:
        note: its shape, and what rows and columns are.
        other: the same in the other layout, where there is one.
        layout: the name of the layout in English, "" where there is no choice.
    """

    formula: Formula
    note: Sentence
    other: Sentence = ()
    layout: str = ""


@dataclass(frozen=True)
class Picture:
    """A plot.

    Attributes:
        svg: the whole of it, on white.
        title, description: what it shows, for those who do not see it.
    """

    svg: str
    title: str
    description: str


@dataclass(frozen=True)
class View:
    """All that a document shows of one derivation.

    Attributes:
        name: the problem's name as a slug, "derivation" if it has none.
        title: the problem's title or name, "" if it has none.
        description: a sentence or two on what it is, or "".
        heading: what is asked, in words and formulas.
        source: the problem as it was typed, or "".
        target, wrt: what is differentiated, and by what.
        definitions: s_i = ..., with the limits of all sums.
        assumptions: what may be used; `given` says so, in words.
        shapes: z ∈ Rⁿ.
        start: the first line's left-hand side.
        cases: the result where two indices are equal and where they differ, if it has a delta.
        lemmas: the results that steps cite.
        matrix: the matrix form, if there is one and the result is no plain number.
        matrix_text: the matrix form in one line, of a number too; None if there is none.
        example: given numbers and what comes out, one formula a line.
        code: the text of a Python module, or "".
        plot: the function and its derivative, or a Jacobian in shades.
        playground: the example again, for numbers that readers change; `trial`, for code.
        status: how the derivation ended; `ending` says it in words if it is not done.
    """

    name: str
    title: str
    description: str
    heading: Sentence
    source: str
    target: Formula
    wrt: tuple[Formula, ...]
    definitions: tuple[Formula, ...]
    assumptions: tuple[Formula, ...]
    given: Sentence
    shapes: tuple[Formula, ...]
    start: Formula
    steps: tuple[StepView, ...]
    result: Formula
    cases: StepView | None
    lemmas: tuple[Formula, ...]
    matrix: MatrixView | None
    matrix_text: str | None
    example: tuple[Formula, ...]
    code: str
    status: str
    ending: str
    verified: bool
    words: Words = ENGLISH
    plot: Picture | None = None
    playground: Playground | None = None
    trial: Trial | None = None

    @property
    def answer(self) -> Formula:
        """The question and its result: ∂s/∂z = ..."""
        return equal(self.start, self.result)

    @property
    def result_title(self) -> str:
        """ "Result", or a warning that it was not confirmed."""
        return self.words.result if self.verified else self.words.unconfirmed_result

    @property
    def finished(self) -> bool:
        return self.status == Status.DONE

    @property
    def summary(self) -> str:
        """One line on how many steps there are and whether all were checked."""
        if not self.steps:
            return self.words.no_steps
        words = self.words
        if len(self.steps) == 1:
            return words.checked_one if self.verified else words.unchecked_one
        message = words.checked if self.verified else words.unchecked
        return message.format(count=len(self.steps))


def equal(left: Formula, right: Formula) -> Formula:
    return Formula(equation(left.node, "=", right.node), lambda: f"{left.text} = {right.text}")
