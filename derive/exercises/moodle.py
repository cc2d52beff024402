"""A question bank for Moodle: its XML format, LaTeX between \\( and \\).

Moodle's importer reads no schema and reports little, so that all here is what its own exporter
writes: a <quiz> of <question>s, texts as HTML in CDATA sections, names without markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from html import escape
from xml.dom.minidom import Document, Element

from derive.exercises import sentences
from derive.exercises.model import Exercise, Kind, Mark, Paper, Row
from derive.render.page import Formula, Sentence, filled

# The numbers of lines that Moodle offers for an answer.
_LINES = (5, 10, 15, 20, 25, 30, 35, 40)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile(r'([\\}#~/"])')  # in an answer among the text


def questions(paper: Paper) -> str:
    """A <question> for every exercise of a paper, its code in their names."""
    maker = _Maker(Document())
    numbered = enumerate(paper.exercises, 1)
    made = (maker.question(exercise, f"{paper.code} {number}") for number, exercise in numbered)
    return "".join(question.toprettyxml(indent="  ") for question in made)


def quiz(category: str, parts: Iterable[str]) -> str:
    """A whole file of what `questions` made.

    Args:
        category: what Moodle files them under, below the course's own questions.
    """
    first = _Maker(Document()).category(category).toprettyxml(indent="  ")
    return "".join(['<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n', first, *parts, "</quiz>\n"])


class _Maker:
    """Makes elements of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def category(self, name: str) -> Element:
        question = self.element("question", type="category")
        path = "/".join(("$course$", "top", name.replace("/", "//")))
        question.appendChild(self.texted("category", path))
        return question

    def question(self, exercise: Exercise, name: str) -> Element:
        kind, body, fill = _WRITERS[exercise.kind]
        if exercise.kind is Kind.NUMBERS and len(exercise.values) == 1:
            kind, body, fill = "numerical", _asked, _Maker.numerical
        question = self.element("question", type=kind)
        title = exercise.task
        if exercise.title:
            title = exercise.words.labelled.format(label=exercise.title, text=title)
        question.appendChild(self.texted("name", f"{name} {title}"))
        question.appendChild(self.html("questiontext", body(exercise)))
        question.appendChild(self.html("generalfeedback", _key(exercise)))
        if kind != "cloze":  # there, the gaps say what they are worth
            points = 1 if kind == "multichoice" else exercise.points
            question.appendChild(self.plain("defaultgrade", points))
        question.appendChild(self.plain("penalty", "0.3333333"))
        question.appendChild(self.plain("hidden", 0))
        fill(self, question, exercise)
        return question

    def essay(self, question: Element, exercise: Exercise) -> None:
        lines = next((n for n in _LINES if n >= exercise.room + 4), _LINES[-1])
        settings = {
            "responseformat": "editor",
            "responserequired": 1,
            "responsefieldlines": lines,
            "attachments": 1,
            "attachmentsrequired": 0,
        }
        for name, value in settings.items():
            question.appendChild(self.plain(name, value))
        note = f"{_key(exercise)}\n<p>{_said(exercise.note)}</p>"
        question.appendChild(self.html("graderinfo", note))
        question.appendChild(self.html("responsetemplate", ""))

    def choice(self, question: Element, exercise: Exercise) -> None:
        answers = [(choice.text, choice.right) for choice in exercise.choices]
        self.one_of(question, answers, in_order=False)

    def line(self, question: Element, exercise: Exercise) -> None:
        say = exercise.words.say(sentences.LINE)
        numbered = [((say.format(number=r.number),), r) for r in exercise.solution]
        answers = [(text, row.mark is Mark.WRONG) for text, row in numbered]
        self.one_of(question, answers, in_order=True)

    def one_of(
        self, question: Element, answers: Iterable[tuple[Sentence, bool]], in_order: bool
    ) -> None:
        """One right answer of several."""
        settings = {
            "single": "true",
            "shuffleanswers": "false" if in_order else "true",
            "answernumbering": "none" if in_order else "abc",
        }
        for name, value in settings.items():
            question.appendChild(self.plain(name, value))
        for text, right in answers:
            answer = self.html("answer", _said(text), fraction="100" if right else "0")
            answer.appendChild(self.html("feedback", ""))
            question.appendChild(answer)

    def numerical(self, question: Element, exercise: Exercise) -> None:
        (value,) = exercise.values
        answer = self.texted("answer", f"{value.value:.12g}", fraction="100")
        answer.appendChild(self.html("feedback", ""))
        answer.appendChild(self.plain("tolerance", f"{value.tolerance:g}"))
        question.appendChild(answer)

    def gaps(self, question: Element, exercise: Exercise) -> None:
        """Nothing more: they are in the text."""

    def element(self, name: str, **attributes: str) -> Element:
        made = self.document.createElement(name)
        for key, value in attributes.items():
            made.setAttribute(key, value)
        return made

    def plain(self, name: str, value: object) -> Element:
        made = self.element(name)
        made.appendChild(self.document.createTextNode(str(value)))
        return made

    def texted(self, name: str, text: str, **attributes: str) -> Element:
        made = self.element(name, **attributes)
        made.appendChild(self.plain("text", _NOT_XML.sub("", text)))
        return made

    def html(self, name: str, text: str, **attributes: str) -> Element:
        """An element with marked-up text; where the text has the end of a CDATA section in it, in
        two of them."""
        made = self.element(name, format="html", **attributes)
        inside = made.appendChild(self.element("text"))
        parts = _NOT_XML.sub("", text).split("]]>")
        for place, part in enumerate(parts):
            before, after = ">" if place else "", "]]" if place < len(parts) - 1 else ""
            if part or before or after:
                inside.appendChild(self.document.createCDATASection(before + part + after))
        return made


def _question(exercise: Exercise) -> str:
    """What is asked, and what it needs."""
    parts = [f"<p>{_said(exercise.question)}</p>"]
    parts += [f"<p>{_shown(formula)}</p>" for formula in exercise.given]
    if exercise.known:
        parts.append(f"<p>{_said(exercise.known)}</p>")
    return "\n".join(parts)


def _asked(exercise: Exercise) -> str:
    """The question with the lines as a table, what is asked for left out."""
    parts = [_question(exercise)]
    if exercise.rows:
        parts.append(_table(exercise, exercise.rows, lambda _: _DOTS))
    return "\n".join(parts)


def _which_line(exercise: Exercise) -> str:
    """Of a mistake, only its line can be chosen: what went wrong, the feedback says."""
    which = exercise.words.say(sentences.WHICH_LINE)
    return _asked(replace(exercise, question=filled(which, {"derivative": exercise.start or ""})))


_DOTS = "………"


def _named(exercise: Exercise) -> str:
    """The lines with a list to choose each missing name from."""

    def listed(row: Row) -> str:
        names = [f"{'=' if name == row.rule else ''}{_safe(name)}" for name in exercise.bank]
        return "{1:MULTICHOICE:" + "~".join(names) + "}"

    return f"{_question(exercise)}\n{_table(exercise, exercise.rows, listed)}"


def _numbered(exercise: Exercise) -> str:
    """A field for each number."""
    fields = [
        f"<p>{_shown(v.label)} = {{1:NUMERICAL:={v.value:.12g}:{v.tolerance:g}}}</p>"
        for v in exercise.values
    ]
    return "\n".join([_question(exercise), *fields])


def _key(exercise: Exercise) -> str:
    """The answer."""
    answers = (*exercise.answer, *(choice.text for choice in exercise.choices if choice.right))
    parts = [f"<p>{_said(sentence)}</p>" for sentence in answers if sentence]
    if exercise.solution:
        parts.append(_table(exercise, exercise.solution, None))
    return "\n".join(parts)


def _table(exercise: Exercise, rows: Iterable[Row], gap: Callable[[Row], str] | None) -> str:
    """Lines with their numbers and rules. `gap` says what stands where a name is asked for; with
    None, nothing is left out."""
    found: list[str] = []
    left = _shown(exercise.start) if exercise.start else ""
    for row in rows:
        formula, name = row.asked if gap else (False, False)
        right = _DOTS if formula else _shown(row.formula)
        rule = gap(row) if gap and name else escape(row.rule, quote=False)
        mark = " ✗" if gap is None and row.mark else ""
        cells = (str(row.number), left, f"= {right}{mark}", rule)
        found.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        left = ""
    return "<table>\n" + "\n".join(found) + "\n</table>"


def _said(sentence: Sentence) -> str:
    return "".join(
        escape(part, quote=False) if isinstance(part, str) else _shown(part) for part in sentence
    )


def _shown(formula: Formula) -> str:
    return f"\\({escape(formula.inline_latex, quote=False)}\\)"


def _safe(name: str) -> str:
    """An answer among the text: signs that would end it have a backslash in front."""
    return _SPECIAL.sub(r"\\\1", escape(name, quote=False))


_Writer = tuple[str, Callable[[Exercise], str], Callable[[_Maker, Element, Exercise], None]]
_WRITERS: Mapping[Kind, _Writer] = {
    Kind.DERIVE: ("essay", _asked, _Maker.essay),
    Kind.GAPS: ("essay", _asked, _Maker.essay),
    Kind.RULES: ("cloze", _named, _Maker.gaps),
    Kind.MISTAKE: ("multichoice", _which_line, _Maker.line),
    Kind.NUMBERS: ("cloze", _numbered, _Maker.gaps),
    Kind.SHAPE: ("multichoice", _asked, _Maker.choice),
}
