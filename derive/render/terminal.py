"""The terminal form: maths in two dimensions, the rule's name at the right."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TextIO

from derive.errors import DeriveError
from derive.render.boxes import Box, beside, box, columns, line
from derive.render.glyphs import ASCII, UNICODE, Glyphs
from derive.render.inline import inline
from derive.render.page import Formula, MatrixView, Sentence, StepView, View
from derive.render.tree import Node, lines
from derive.render.words import Words
from derive.render.wrapping import wrapped

_BOLD, _DIM, _RED, _YELLOW, _GREEN, _BLUE = "1", "2", "1;31", "33", "32", "36"
_GAP = 3  # between a formula and the rule's name
_NARROWEST, _WIDEST = 60, 100
_PROBE = "∑∂ᵢⱼₖδ─╭⎛−̂"


@dataclass(frozen=True)
class Terminal:
    """What a terminal can show.

    Attributes:
        width: columns.
        unicode: whether it can print mathematical signs; if not, ASCII is written.
        colour: whether to colour with ANSI sequences.
        reasons: whether to write under each step why it holds.
    """

    width: int = 80
    unicode: bool = True
    colour: bool = False
    reasons: bool = False

    @staticmethod
    def of(stream: TextIO, reasons: bool = False) -> Terminal:
        """What a stream can show: a terminal's own width within limits, and colour where it has any
        and NO_COLOR is not set; what is no terminal has 80 columns."""
        if not stream.isatty():
            return Terminal(80, can_print(stream), False, reasons)
        width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return Terminal(width, can_print(stream), not plain, reasons)


def can_print(stream: TextIO, signs: str = _PROBE) -> bool:
    """Whether a stream's encoding has the mathematical signs, or others."""
    try:
        signs.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def check_signs(stream: TextIO, words: Words) -> None:
    """Raises DeriveError where a stream lacks a language's signs: question marks help nobody."""
    if not can_print(stream, words.derivation):
        raise DeriveError(
            f"standard output is in {stream.encoding}, which has no signs for {words.language}: "
            "set PYTHONIOENCODING=utf-8, or write to a file with -o"
        )


def render(view: View, terminal: Terminal = Terminal()) -> str:
    """A derivation as text of at most `terminal.width` columns, a newline at its end."""
    page = _Page(view, terminal)
    return page.text()


class _Page:
    def __init__(self, view: View, terminal: Terminal) -> None:
        self.view = view
        self.words = view.words
        self.terminal = terminal
        self.width = terminal.width
        self.glyphs: Glyphs = UNICODE if terminal.unicode else ASCII

    def text(self) -> str:
        view = self.view
        parts = [self.header(), self.notation(), self.derivation()]
        if view.finished:
            parts.append(self.result())
            parts += [self.section(self.words.cases, [view.cases.after])] if view.cases else []
            parts += [self.warning(view.cases)] if view.cases and view.cases.warning else []
        parts += [self.matrix(view.matrix)] if view.matrix and view.finished else []
        parts += [self.section(self.words.lemmas, list(view.lemmas))] if view.lemmas else []
        if view.example:
            parts.append(self.section(self.words.example, list(view.example)))
        parts += [self.heading(self.words.code) + "\n\n" + view.code.rstrip()] if view.code else []
        return "\n\n".join([*parts, self.ending()]) + "\n"

    def header(self) -> str:
        title = [self.paint(text, _BOLD) for text in self.wrapped(self.view.title)]
        return "\n".join([*title, *self.wrapped(self.sentence(self.view.heading))])

    def notation(self) -> str:
        """The definitions, below each other, then sizes and assumptions on one line."""
        view = self.view
        blocks = [self.block(d, indent=2) for d in view.definitions]
        shapes = [s.inline(self.glyphs) for s in view.shapes]
        notes = [self.note(",  ".join(shapes))] if shapes else []
        notes += [self.note(self.sentence(view.given))] if view.assumptions else []
        return "\n\n".join([self.heading(self.words.notation), *blocks, *notes])

    def derivation(self) -> str:
        start = box(self.view.start.node, self.glyphs)
        if start.width > self.width // 2 or not self.view.steps:
            left, first = Box(("  ",)), [self.block(self.view.start, indent=2)]
        else:
            left, first = start, []
        rows = list(first)
        for step in self.view.steps:
            rows.append(self.step(step, left))
            left = line(" " * left.width)
        return "\n\n".join([self.heading(self.words.derivation), *rows])

    def step(self, step: StepView, left: Box) -> str:
        """One line of the derivation: `left` = formula, and the rule's name at the right edge."""
        lead = beside([line("  "), left, line("  =  ")])
        blank = line(" " * lead.width)
        found = self.broken(step.after.node, self.width - lead.width)
        boxes = [beside([blank if at else lead, part]) for at, part in enumerate(found)]
        out = [part.text() for part in boxes]
        out[-1] = self.named(boxes[-1], step.title)
        if step.citation:
            out += self.flushed(self.sentence(step.citation))
        if self.terminal.reasons and step.explanation:
            indent = " " * (lead.width + 2)
            said = self.wrapped(self.sentence(step.explanation), indent)
            out += [self.paint(text, _DIM) for text in said]
        out += [self.warning(step)] if step.warning else []
        return "\n".join(out)

    def named(self, formula: Box, title: str) -> str:
        """A formula with a name level with it, or below it where there is no room."""
        rows = formula.text().split("\n")
        if formula.width + _GAP + columns(title) <= self.width:
            row = rows[formula.axis]
            gap = " " * (self.width - columns(row) - columns(title))
            rows[formula.axis] = row + gap + self.paint(title, _BLUE)
        else:
            rows += self.flushed(title)
        return "\n".join(rows)

    def flushed(self, text: str) -> list[str]:
        """A name on lines of its own, at the right edge."""
        rows = self.wrapped(text)
        return [" " * (self.width - columns(row)) + self.paint(row, _BLUE) for row in rows]

    def warning(self, step: StepView) -> str:
        mark = self.glyphs.sign("✗") if step.verdict == "refuted" else "?"
        said = f"{mark} {step.alarm}"
        colour = _RED if step.verdict == "refuted" else _YELLOW
        return "\n".join(self.paint(text, colour) for text in self.wrapped(said, "    "))

    def result(self) -> str:
        """The answer in a frame."""
        first, *rest = self.broken(self.view.answer.node, self.width - 12)
        boxes = [first, *(beside([line("    "), part]) for part in rest)]
        width = max(part.width for part in boxes)
        top_left, top_right, low_left, low_right, across, down = self.glyphs.frame
        edge = across * (width + 4)
        title = [] if self.view.verified else [self.paint(self.view.result_title, _RED), ""]
        rows = [*title, f"  {top_left}{edge}{top_right}"]
        for part in boxes:
            rows += [
                f"  {down}  {text}{' ' * (width - columns(text))}  {down}" for text in part.lines
            ]
        return "\n".join([*rows, f"  {low_left}{edge}{low_right}"])

    def matrix(self, matrix: MatrixView) -> str:
        parts = [self.heading(self.words.matrix), self.block(matrix.formula, indent=2)]
        notes = [self.note(self.sentence(note)) for note in (matrix.note, matrix.other) if note]
        return "\n\n".join([*parts, "\n".join(notes)])

    def section(self, title: str, formulas: list[Formula]) -> str:
        blocks = [self.block(formula, indent=2) for formula in formulas]
        gap = "\n" if all("\n" not in block for block in blocks) else "\n\n"
        return self.heading(title) + "\n\n" + gap.join(blocks)

    def heading(self, text: str) -> str:
        return self.paint(text, _BOLD)

    def ending(self) -> str:
        if self.view.ending:
            return self.paint(f"{self.glyphs.sign('✗')} {self.view.ending}", _RED)
        good = self.view.verified
        mark = self.glyphs.sign("✓") if good else "?"
        return self.paint(f"{mark} {self.view.summary}", _GREEN if good else _YELLOW)

    def note(self, text: str) -> str:
        return "\n".join(self.wrapped(text, "  "))

    def block(self, formula: Formula, indent: int) -> str:
        margin = line(" " * indent)
        parts = self.broken(formula.node, self.width - indent)
        return "\n".join(beside([margin, part]).text() for part in parts)

    def broken(self, node: Node, width: int) -> list[Box]:
        """A formula in boxes that fit; one that cannot be broken so is written on plain lines."""
        parts = lines(node, lambda part: box(part, self.glyphs).width <= width)
        boxes = [box(part, self.glyphs) for part in parts]
        if all(part.width <= width for part in boxes):
            return boxes
        return [line(row) for row in wrapped(inline(node, self.glyphs), width, later="  ")]

    def sentence(self, sentence: Sentence) -> str:
        return "".join(p if isinstance(p, str) else p.inline(self.glyphs) for p in sentence)

    def wrapped(self, text: str, indent: str = "") -> list[str]:
        return wrapped(text, self.width, indent)

    def paint(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self.terminal.colour and text else text
