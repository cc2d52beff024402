"""The question bank: read back as Moodle's importer reads it, by what its format documents."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html import unescape
from xml.etree.ElementTree import Element

import pytest

import derive
from derive.exercises import sentences
from derive.exercises.make import exercises
from derive.exercises.model import Exercise, Kind, Mark, Paper
from derive.exercises.moodle import questions, quiz
from derive.render.words import words_in

# As Moodle's question type for gaps takes a text apart.
GAP = re.compile(r"\{(\d*):([A-Z_]+):((?:\\.|[^}])*)\}")
TYPES = {
    Kind.DERIVE: "essay",
    Kind.GAPS: "essay",
    Kind.RULES: "cloze",
    Kind.MISTAKE: "multichoice",
    Kind.NUMBERS: "cloze",
    Kind.SHAPE: "multichoice",
}
# What an essay's settings may be.
ESSAY = {
    "responseformat": {"editor"},
    "responserequired": {"0", "1"},
    "responsefieldlines": {"5", "10", "15", "20", "25", "30", "35", "40"},
    "attachments": {"0", "1", "2", "3", "-1"},
    "attachmentsrequired": {"0", "1", "2", "3"},
}
ENTRIES = ("softmax", "cross-entropy", "sigmoid", "hinge", "linear", "layer-norm")


@cache
def paper(name: str, language: str = "en") -> Paper:
    found = exercises(derive.derive(name), language=language)
    return Paper("CODE-7", "Exam", 7, 9, found, found[0].words)


def read(*papers: Paper, category: str = "Exam") -> list[Element]:
    root = ElementTree.fromstring(quiz(category, [questions(each) for each in papers]))
    assert root.tag == "quiz"
    assert {child.tag for child in root} == {"question"}
    return list(root)


def pairs(name: str, language: str = "en") -> Iterator[tuple[Exercise, Element]]:
    made = paper(name, language)
    return zip(made.exercises, read(made)[1:], strict=True)


def text(element: Element, path: str) -> str:
    found = element.find(f"{path}/text")
    assert found is not None, path
    return found.text or ""


def shown(html: str) -> str:
    """What a reader sees: no marks, and no signs written otherwise."""
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
class TestQuestions:
    def test_what_all_of_them_have(self, name: str, language: str) -> None:
        for number, (exercise, question) in enumerate(pairs(name, language), 1):
            single = exercise.kind is Kind.NUMBERS and len(exercise.values) == 1
            assert question.get("type") == ("numerical" if single else TYPES[exercise.kind])
            assert text(question, "name").startswith(f"CODE-7 {number} ")
            assert exercise.task in text(question, "name")
            for part in ("questiontext", "generalfeedback"):
                element = question.find(part)
                assert element is not None
                assert element.get("format") == "html"
            if question.get("type") != "cloze":
                points = 1 if question.get("type") == "multichoice" else exercise.points
                assert question.findtext("defaultgrade") == str(points)
            assert question.findtext("hidden") == "0"

    def test_texts_are_html_with_latex_in_it(self, name: str, language: str) -> None:
        for exercise, question in pairs(name, language):
            html = text(question, "questiontext")
            ElementTree.fromstring(f"<div>{html}</div>")  # well-formed in itself
            for part in exercise.question if exercise.kind is not Kind.MISTAKE else ():
                if not isinstance(part, str):
                    assert f"\\({part.inline_latex}\\)" in shown(html)
            assert shown(html).count("\\(") == shown(html).count("\\)")

    def test_a_choice_has_one_right_answer(self, name: str, language: str) -> None:
        for exercise, question in pairs(name, language):
            if question.get("type") == "multichoice":
                fractions = [answer.get("fraction") for answer in question.findall("answer")]
                right = [choice.right for choice in exercise.choices]
                right += [row.mark is Mark.WRONG for row in exercise.rows and exercise.solution]
                assert fractions == ["100" if each else "0" for each in right]
                assert fractions.count("100") == 1
                assert question.findtext("single") == "true"
                assert question.findtext("answernumbering") in ("abc", "none")
                lines_in_order = exercise.kind is Kind.MISTAKE
                assert (question.findtext("shuffleanswers") == "false") == lines_in_order

    def test_gaps_can_be_read_and_are_worth_their_points(self, name: str, language: str) -> None:
        for exercise, question in pairs(name, language):
            gaps = GAP.findall(text(question, "questiontext"))
            if question.get("type") != "cloze":
                assert not gaps
                continue
            assert sum(int(weight) for weight, _, _ in gaps) == exercise.points
            if exercise.kind is Kind.NUMBERS:
                for (_, kind, inside), value in zip(gaps, exercise.values, strict=True):
                    number, tolerance = re.fullmatch(r"=([-\d.e]+):([\d.e-]+)", inside).groups()  # type: ignore[union-attr]
                    assert kind == "NUMERICAL"
                    assert float(number) == pytest.approx(value.value, rel=1e-9)
                    assert float(tolerance) == value.tolerance
            else:
                names = [row.rule for row in exercise.rows if row.asked[1]]
                for (_, kind, inside), name_asked in zip(gaps, names, strict=True):
                    options = [unescape(o) for o in re.split(r"(?<!\\)~", inside)]
                    assert kind == "MULTICHOICE"
                    plain = [re.sub(r"\\(.)", r"\1", option) for option in options]
                    assert [o for o in plain if o.startswith("=")] == [f"={name_asked}"]
                    assert {o.removeprefix("=") for o in plain} == {*exercise.bank}

    def test_of_a_mistake_only_the_line_is_asked_for(self, name: str, language: str) -> None:
        before, after = words_in(language).say(sentences.WHICH_LINE).split("{derivative}")
        for exercise, question in pairs(name, language):
            if exercise.kind is Kind.MISTAKE:
                asked = shown(text(question, "questiontext")).split("\n")[0]
                assert asked == f"{before}\\({exercise.start.inline_latex}\\){after}"  # type: ignore[union-attr]
                told = shown(text(question, "generalfeedback"))
                assert all(str(part) in told for part in (*exercise.answer[1], *exercise.answer[2]))

    def test_an_essay_tells_its_grader_the_answer(self, name: str, language: str) -> None:
        for exercise, question in pairs(name, language):
            if question.get("type") == "essay":
                for setting, allowed in ESSAY.items():
                    assert question.findtext(setting) in allowed, setting
                told = shown(text(question, "graderinfo"))
                assert all(row.formula.inline_latex in told for row in exercise.solution)
                assert text(question, "responsetemplate") == ""

    def test_no_question_shows_its_answer(self, name: str, language: str) -> None:
        for exercise, question in pairs(name, language):
            html = shown(GAP.sub("", text(question, "questiontext")))
            if exercise.kind is Kind.DERIVE:
                assert exercise.solution[-1].formula.inline_latex not in html
            for row in exercise.rows:
                if row.asked[0]:
                    assert f"= \\({row.formula.inline_latex}\\)" not in html
            assert "✗" not in html


class TestHostileTexts:
    @pytest.mark.parametrize(
        "title",
        [
            "]]>",
            "]]>]]>",
            "<script>alert(1)</script>",
            "a & b < c",
            "\x00\x1b[31m",
            "$x$ \\input{y}",
        ],
    )
    def test_a_title_is_only_text(self, title: str) -> None:
        made = paper("softmax")
        hostile = tuple(
            replace(e, title=title, question=(title, *e.question)) for e in made.exercises
        )
        plain = re.sub("[\x00-\x08\x0b-\x1f]", "", title)
        found = read(replace(made, exercises=hostile), category=title)[1:]
        for exercise, question in zip(hostile, found, strict=True):
            assert plain in text(question, "name")
            html = text(question, "questiontext")
            assert shown(html).startswith(plain) == (exercise.kind is not Kind.MISTAKE)
            assert "<script" not in html

    def test_a_slash_in_a_category_makes_no_other_one(self) -> None:
        first = read(paper("softmax"), category="A/B")[0]
        assert first.get("type") == "category"
        assert text(first, "category") == "$course$/top/A//B"

    def test_signs_that_end_a_gap_are_escaped(self) -> None:
        made = paper("softmax")
        (rules,) = [e for e in made.exercises if e.kind is Kind.RULES]
        asked = next(row.rule for row in rules.rows if row.asked[1])
        odd = "a} ~b# {1:X:=c}"
        rows = tuple(replace(r, rule=odd) if r.rule == asked else r for r in rules.rows)
        bank = tuple(odd if name == asked else name for name in rules.bank)
        changed = replace(rules, rows=rows, bank=bank)
        (_, question) = read(replace(made, exercises=(changed,)))
        gaps = GAP.findall(text(question, "questiontext"))
        assert len(gaps) == rules.points
        assert any(r"a\} \~b\# {1:X:=c\}" in inside for _, _, inside in gaps)


def test_papers_share_a_bank() -> None:
    found = read(paper("softmax"), paper("sigmoid"))
    assert len(found) == 1 + len(paper("softmax").exercises) + len(paper("sigmoid").exercises)
    assert [question.get("type") for question in found].count("category") == 1
