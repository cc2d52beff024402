"""Handouts: what a lecturer writes, what is on the pages, and what is left blank on them."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import derive
from derive.answers.api import check
from derive.answers.mistakes import MISTAKES
from derive.cli import main
from derive.emit.kinks import kinked
from derive.errors import DeriveError
from derive.exercises.families import family
from derive.handouts import spec
from derive.handouts.blanks import with_blanks
from derive.handouts.blocks import blocks
from derive.handouts.build import Lecture, handout, lecture
from derive.handouts.document import (
    Derivation,
    Document,
    Exercises,
    Form,
    Formulas,
    Hidden,
    Line,
    Matrix,
    Result,
)
from derive.handouts.excerpt import excerpt
from derive.handouts.expansion import written_out
from derive.handouts.facts import Kind, facts
from derive.handouts.laws import laws_of
from derive.handouts.settings import settings
from derive.handouts.slip import ORDER, usual
from derive.handouts.study import Study, study
from derive.handouts.write import pdf, text_of, write_document
from derive.known import catalogue
from derive.locale import LANGUAGES
from derive.nodes import entry, name_of
from derive.render import slides, typesetters, typst_document
from derive.render.changes import marked
from derive.render.formats import view_of
from derive.render.inline import inline
from derive.render.latex import latex
from derive.render.markdown import escape
from derive.render.mathml import mathml
from derive.render.schematic import schematic
from derive.render.tree import (
    Big,
    Fenced,
    Frac,
    Marked,
    Name,
    Node,
    Product,
    Row,
    Script,
    Terms,
    bare,
    pieces,
)
from derive.render.typst import typst
from derive.rules import CANCEL, CASES, WAYS
from derive.target import resolve

EXAMPLE = Path(__file__).parent.parent / "output" / "gallery" / "lecture.toml"
LAWS = sorted({rule.law for way in WAYS.values() for rule in way} | {CASES.law, CANCEL.law})
HOSTILE = r"""50% of \input{x} $_^~& #panic("x") `c` *b* <i> "q" \end{document}"""
A, B, C = Name("a"), Name("b"), Name("c")


@cache
def derived(name: str) -> derive.Derivation:
    return derive.derive(name)


@cache
def studied(name: str) -> Study:
    return study(resolve(name))


@cache
def example() -> Lecture:
    return lecture(spec.load(EXAMPLE))


def unmarked(node: Node) -> str:
    """A tree without its marks, as text."""
    return latex(node).replace(r"\changed", "")


def lines_of(document: Document) -> Iterator[Line]:
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Derivation):
                yield from block.lines


class TestSpec:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("title = 1\n[[section]]\ntarget = 'relu'", "'title' must be text"),
            ("titel = 'x'\n[[section]]\ntarget = 'relu'", "unknown key 'titel'; known are title"),
            ("title = 'x'\nsection = 3", "'section' must be tables: write [[section]]"),
            ("[[section]]\ntitle = 'x'", "section 1: the key 'target' is missing, or a 'text'"),
            (
                "[[section]]\ntarget = 'relu'\nlevel = 'x'",
                "section 1: 'level' must be one of brief",
            ),
            ("[[section]]\ntarget = 'relu'\nshow = ['x']", "section 1: 'show' must be any of nota"),
            *(
                (
                    f"[[section]]\ntarget = 'relu'\nexercises = {n}",
                    "must be a number from 1 to 6, or",
                )
                for n in ("0", "7", "true", "'essay'", "[]")
            ),
            ("[[section]]\ntext = 'x'\nexercises = 1", "section 1: 'exercises' need a 'target'"),
            (
                "[[section]]\ntarget = '3*x'\nwrt = 'x'\nexercises = 6",
                "section 1: 'exercises': 6 are asked for, and there is only: ",
            ),
            (
                "lang = ['fr']\n[[section]]\ntarget = 'relu'",
                "'lang' must be any of en, zh-CN, zh-TW",
            ),
            ("blanks = 'most'\n[[section]]\ntarget = 'relu'", "'blanks' must be one of few, half"),
            ("[[section]]\ntarget = 'relu'\n[[section]]\nfoo = 1", "section 2: unknown key 'foo'"),
            ("[[section]]\ntarget = 'relu'\nat = {x = 'a'}", "section 1: 'at' must be a table of"),
            (
                f"[[section]]\ntarget = 'relu'\nat = {{x = 1{'0' * 400}}}",
                "section 1: 'at' must be a table of",
            ),
            (
                "[[section]]\ntarget = 'sofmax'",
                "section 1: 'target': there is nothing known by the",
            ),
            ("[[section]]\ntarget = 'z[i'", "section 1: 'target': "),
            ("[[section]]\ntarget = 'relu'\nwrt = 'q'", "section 1: 'target': "),
            ("[[section]]\ntarget = 'relu'\nby = 'log'", "section 1: 'by': by='log' never came to"),
            (
                "[[section]]\ntarget = 'softmax'\nat = {q = 1}",
                "section 1: 'at': the numbers do not",
            ),
            (
                "[[section]]\ntarget = 'softmax'\nnotation = {foo = 'b'}",
                "section 1: 'notation.foo': there is no foo here",
            ),
            (
                "notation = {foo = 'b'}\n[[section]]\ntarget = 'softmax'",
                "lecture.toml: 'notation.foo': no section has it",
            ),
            (
                "notation = {output = 'y'}\n[[section]]\ntarget = 'cross-entropy'",
                "section 1: 'notation.output': y stands for something else",
            ),
        ],
    )
    def test_errors_name_file_and_key(self, content: str, message: str, tmp_path: Path) -> None:
        file = tmp_path / "lecture.toml"
        file.write_text(content, encoding="utf-8")
        with pytest.raises(DeriveError) as caught:
            lecture(spec.load(file))
        assert caught.value.message.startswith("lecture.toml: ")
        assert message in caught.value.message
        assert "\n" not in caught.value.message

    @pytest.mark.parametrize("content", ["= 1", "a = [" * 2000, "\xff"])
    def test_what_is_no_toml(self, content: str, tmp_path: Path) -> None:
        file = tmp_path / "x.toml"
        file.write_bytes(content.encode("latin-1"))
        assert not spec.is_spec(file)
        with pytest.raises(DeriveError, match="not a TOML file"):
            spec.load(file)

    def test_a_problem_file_is_no_spec(self, tmp_path: Path) -> None:
        file = tmp_path / "p.toml"
        file.write_text("text = 'x^2'\nwrt = 'x'", encoding="utf-8")
        assert not spec.is_spec(file)
        assert spec.is_spec(EXAMPLE)

    def test_targets_of_every_kind(self, tmp_path: Path) -> None:
        (tmp_path / "p.toml").write_text("text = 'x^2'\nwrt = 'x'", encoding="utf-8")
        file = tmp_path / "l.toml"
        text = "[[section]]\ntarget = 'p.toml'\n[[section]]\ntarget = 'a*x^3'\nwrt = 'x'\n"
        text += "notation = {a = 'q'}\n[[section]]\ntext = 'alone'\n"
        file.write_text(text + "[[section]]\ntarget = 'x^3'\nwrt = ['x', 'x']")
        made = lecture(spec.load(file))
        assert [d.result_text for d in made.derivations] == ["2*x", "3*q*x**2", "6*x"]
        _, _, alone, _ = made.document("en").sections
        assert alone.view is None

    def test_letters_are_carried_through(self) -> None:
        """The labels are t: in formulas, sentences, shapes and code."""
        (section,) = (s for s in example().document("en").sections if s.name == "cross-entropy")
        assert section.view is not None
        assert section.view.result.text == "p[j] - t[j]"
        kinds = {block.kind: block for block in section.blocks}
        assert re.search(r"\bt\b", str(kinds["code"]))
        assert not re.search(r"\by\b", str(kinds["code"]))
        assert "y" not in inline(kinds["slip"].wrong.node)  # type: ignore[union-attr]

    def test_prose_of_a_language(self) -> None:
        made = example().document("zh-TW")
        assert made.title == "第一個分類器的梯度"
        assert made.sections[-1].title == "回到權重"
        assert example().document("en").sections[-1].title == "Back to the weights"


class TestMarks:
    @pytest.mark.parametrize(
        ("before", "after", "wanted"),
        [
            (Terms((("", A), ("+", B))), Terms((("", A), ("+", C))), "a + [c]"),
            (Product((A, B)), Product((A, C, B)), "a [c] b"),
            (Frac(A, B), Frac(A, C), "a/[c]"),
            (Fenced(A), Fenced(A), "(a)"),
            (A, B, "b"),
            (Terms((("", A), ("-", B))), Terms((("", A), ("+", B))), "a + [b]"),
            (Product((A, Script(B, sub=A))), Product((A, Script(B, sub=C))), "a [b_c]"),
            (
                Row((A, Big("∑", A, None, Product((B, C))))),
                Row((A, Big("∑", A, None, B))),
                "a∑_a [b]",
            ),
        ],
    )
    def test_what_is_new_is_marked(self, before: Node, after: Node, wanted: str) -> None:
        found = marked(before, after)
        written = re.sub(r"\\changed\{([^{}]*(?:_\w)?)\}", r"[\1]", latex(found, display=False))
        plain = written.replace(r"\sum", "∑").replace(r"\frac{a}{[c]}", "a/[c]").replace(" ", "")
        assert plain == wanted.replace(" ", "")

    @pytest.mark.parametrize("name", catalogue()[::7])
    def test_a_mark_changes_nothing_else(self, name: str) -> None:
        for step in view_of(derived(name)).steps:
            found = marked(step.before.node, step.after.node)
            assert _stripped(found) == step.after.node
            assert not isinstance(found, Marked)  # then it would say nothing

    def test_a_broken_line_keeps_its_marks(self) -> None:
        whole = Marked(Terms((("", A), ("-", B), ("+", C))))
        assert [latex(part) for part in pieces(whole)] == [
            r"\changed{a}",
            r"{} - \changed{b}",
            r"{} + \changed{c}",
        ]

    def test_every_format_writes_it(self) -> None:
        node = Product((Marked(A), B))
        assert latex(node) == r"\changed{a} b"
        assert typst(node) == "changed(a) b"
        assert '<mrow class="changed"><mi>a</mi></mrow>' in mathml(node)
        assert inline(node) == inline(Product((A, B)))


def _stripped(node: Node) -> Node:
    node = bare(node)
    if not isinstance(node, Marked) and not hasattr(node, "__dataclass_fields__"):
        return node
    fields = {name: _value(getattr(node, name)) for name in node.__dataclass_fields__}
    return replace(node, **fields)


def _value(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_value, value))
    return _stripped(value) if isinstance(value, Node) else value


class TestLaws:
    @pytest.mark.parametrize("law", LAWS)
    def test_a_law_says_the_same_as_a_tree(self, law: str) -> None:
        assert _essence(latex(schematic(law))) == _essence(law)

    @pytest.mark.parametrize("law", [r"\frac{a}", r"a \& b", r"\begin{cases} a", "a}", r"\foo"])
    def test_what_is_no_law_is_refused(self, law: str) -> None:
        with pytest.raises(ValueError, match="the law"):
            schematic(law)

    def test_each_law_stands_where_it_is_first_used(self) -> None:
        rules = [
            law.rule
            for line in lines_of(example().document("en"))
            for law in line.laws
            if law.rule not in ("assumption", "known-sum")
        ]
        assert rules
        assert len(rules) == len(set(rules))

    def test_an_assumption_is_shown_in_its_own_letters_wherever_it_is_used(self) -> None:
        used = [
            inline(law.formula.node)
            for line in lines_of(example().document("en"))
            for law in line.laws
            if law.rule == "assumption"
        ]
        assert used == ["∑ₖ tₖ = 1"]

    def test_joined_steps_have_the_laws_of_all(self) -> None:
        from derive.render.view import Writer
        from derive.render.words import ENGLISH

        found = derived("softmax")
        step = next(step for step in found.steps if step.title == "Chain rule; Kronecker delta")
        laws = laws_of(step, Writer(found.problem, ENGLISH))
        assert {law.rule for law in laws} == {"kronecker-delta", "chain-rule"} & {
            part.rule for part in step.parts if part.title in step.title
        }


def _essence(law: str) -> str:
    """LaTeX without what only sets spaces and brackets."""
    law = law.replace(r"\neq", r"\ne").replace(r"\mathbb{1}", r"\mathbf{1}")
    law = law.replace(r"\operatorname{max}", r"\max").replace("f'", r"f^{\prime}")
    law = law.replace(r"\text{else}", "otherwise").replace(r"\text{ otherwise }", "otherwise")
    law = re.sub(r"\\(left|right|Bigl|Bigr|quad|,|;|text)(?![a-z])", "", law)
    return re.sub(r"[\s{}]|\\operatorname", "", law)


class TestFacts:
    @pytest.mark.parametrize(
        ("name", "kinds"),
        [
            ("softmax", [Kind.ROWS, Kind.COLUMNS, Kind.SYMMETRIC, Kind.RANK]),
            ("log-softmax", [Kind.ROWS, Kind.RANK]),
            ("cross-entropy", [Kind.ENTRIES, Kind.SHAPE]),
            ("sigmoid", [Kind.EVEN]),
            ("softplus", []),
            ("linear", []),
            ("least-squares", [Kind.SHAPE]),
        ],
    )
    def test_what_holds_and_no_more(self, name: str, kinds: list[Kind]) -> None:
        assert [fact.kind for fact in facts(derived(name))] == kinds

    def test_a_condition_that_is_not_assumed_is_not_used(self) -> None:
        text = "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)"
        assert Kind.ENTRIES in {fact.kind for fact in facts(derive.derive(text, "z[j]"))}
        squares = "L = sum((x[k] - y[k])**2, k)"
        assert Kind.ENTRIES not in {fact.kind for fact in facts(derive.derive(squares, "x[j]"))}


class TestWrittenOut:
    @pytest.mark.parametrize("name", ["softmax", "log-softmax", "cross-entropy", "layer-norm"])
    def test_every_entry_is_the_derivative_at_this_size(self, name: str) -> None:
        """The written out entries in numbers, against the emitted function."""
        found = derived(name)
        problem = found.problem
        shown = written_out(problem, found.result)
        assert shown is not None
        chance = np.random.default_rng(7)
        numbers = {
            n: chance.uniform(0.2, 1, [3] * len(problem.shapes[n])) for n in problem.variables
        }
        if "y" in numbers:
            numbers["y"] /= numbers["y"].sum()
        wanted = np.reshape(found.function()(**numbers), np.shape(shown.rows))
        named = found.steps_at(**numbers).definitions
        at = {
            (entry(n, *(k + 1 for k in where)) if where else derive.nodes.scalar(n)): float(
                values[where]
            )
            for n, values in {**numbers, **named}.items()
            for where in np.ndindex(np.shape(values))
        }
        made = [[float(cell.xreplace(at).doit()) for cell in row] for row in shown.rows]
        assert np.allclose(made, wanted, rtol=1e-9)

    @pytest.mark.parametrize("name", ["sigmoid", "convolution"])
    def test_nothing_where_there_is_nothing_to_write_out(self, name: str) -> None:
        assert written_out(derived(name).problem, derived(name).result) is None

    def test_nothing_where_it_would_be_too_small_to_read(self) -> None:
        found = studied("trace-bilinear").shown(["written-out"], "en")
        assert found.written is not None
        assert blocks(found, ["written-out"]) == ()
        (block,) = blocks(studied("softmax").shown(["written-out"], "en"), ["written-out"])
        assert block.kind == "formulas"

    @pytest.mark.parametrize("part", ["matrix", "written-out"])
    def test_what_has_no_name_is_an_array_of_its_entries(self, part: str) -> None:
        unnamed = study(resolve("sum(W[i,k]*x[k], k) + b[i]", "x[j]"))
        (block,) = blocks(unnamed.shown([part], "en"), [part])
        if isinstance(block, Matrix):
            shown = block.matrix.formula
        else:
            assert isinstance(block, Formulas)
            shown = block.formulas[-1]
        left, _, right = shown.inline().partition(" = ")
        assert left == "[∂/∂xⱼ(∑ₖ Wᵢₖ xₖ + bᵢ)]ᵢⱼ"
        assert right


class TestSlip:
    @pytest.mark.parametrize("name", ["hessian-of-quadratic-form", "trace-bilinear"])
    def test_no_result_with_a_factor_transposed_is_called_the_transpose(self, name: str) -> None:
        """The right result of the first is symmetric, and that of the second not square."""
        found = usual(derived(name))
        assert found is not None
        assert found.slug != "transposed"

    def test_the_transpose_is_the_usual_slip_where_it_differs(self) -> None:
        found = usual(derived("log-softmax"))
        assert found is not None
        assert found.slug == "transposed"
        assert derive.text.text_of(found.result, found.problem) == "delta(i, j) - s[i]"

    def test_the_order_names_known_mistakes(self) -> None:
        assert {*ORDER} <= {mistake.slug for mistake in MISTAKES}

    def test_softmax_by_hand(self) -> None:
        found = usual(derived("softmax"))
        assert found is not None
        assert found.slug == "diagonal-only"
        numbers = {
            name: text
            for name, _, text in (s.text.partition(" = ") for s in settings(found.numbers["point"]))
        }
        z = np.array([float(n) for n in numbers["z"].strip("[]").split(",")])
        s = np.exp(z) / np.exp(z).sum()
        i, j = (int(text.text[-1]) - 1 for text in settings(found.numbers["indices"]))
        assert i != j
        assert np.isclose(float(found.numbers["answer"]), s[i] * (1 - s[i]), atol=1e-5)
        assert np.isclose(float(found.numbers["truth"]), -s[i] * s[j], atol=1e-5)

    @pytest.mark.parametrize("name", ["softmax", "log-softmax", "cross-entropy", "sigmoid"])
    def test_it_is_wrong(self, name: str) -> None:
        found = usual(derived(name))
        assert found is not None
        answer = derive.text.text_of(found.result, found.problem)
        assert check(answer, name).verdict == "wrong"


class TestExcerpt:
    @pytest.mark.parametrize("name", ["softmax", "swish", "gelu", "sigmoid", "huber", "layer-norm"])
    def test_it_runs_as_printed(self, name: str) -> None:
        found = derived(name)
        printed = excerpt(studied(name).code)
        assert not re.search("_inputs|_in_blocks|def block", printed)
        module: dict[str, object] = {}
        exec(printed, module)
        chance = np.random.default_rng(3)
        shapes = found.problem.shapes
        numbers = {n: chance.uniform(0.2, 1, [3] * len(shapes[n])) for n in found.problem.variables}
        given = {k: np.asarray(v) for k, v in numbers.items()}
        for kind in ("value", "derivative"):
            made = module[kind](**given)  # type: ignore[operator]
            assert np.allclose(made, found.function(kind)(**numbers))


class TestBlanks:
    @pytest.mark.parametrize("level", spec.BLANKS)
    def test_the_first_line_is_there_to_start_from(self, level: str) -> None:
        (first, *rest) = lines_of(handout(studied("softmax"), "en", Form.BLANKS, level))
        assert not first.hidden
        assert any(line.hidden for line in rest)

    def test_more_is_blank_at_each_level(self) -> None:
        counts = [
            sum(
                len(line.hidden)
                for line in lines_of(handout(studied("softmax"), "en", Form.BLANKS, n))
            )
            for n in spec.BLANKS
        ]
        assert counts == sorted(set(counts))
        assert counts[-1] == 2 * (len(derived("softmax").steps) - 1)

    def test_nothing_that_is_left_gives_a_blank_away(self) -> None:
        (section,) = handout(studied("softmax"), "en", Form.BLANKS, "all").sections
        assert "code" not in {block.kind for block in section.blocks}
        (section,) = handout(studied("softmax"), "en", Form.BLANKS, "half").sections
        assert "code" in {block.kind for block in section.blocks}

    def test_the_result_is_blank_where_the_last_line_is(self) -> None:
        (section,) = handout(studied("softmax"), "en", Form.BLANKS, "all").sections
        assert all(block.hidden for block in section.blocks if isinstance(block, Result))
        (section,) = handout(studied("softmax"), "en", Form.FULL).sections
        blocks = [block for block in section.blocks if isinstance(block, Result | Formulas)]
        assert not any(block.hidden for block in blocks)
        assert with_blanks(blocks[0], "all") != blocks[0]

    @pytest.mark.parametrize("level", ["few", "half"])
    def test_the_last_line_is_not_blank_where_the_result_is_printed(self, level: str) -> None:
        for name in ("sigmoid", "softmax", "cross-entropy"):
            document = handout(studied(name), "en", Form.BLANKS, level)
            (result,) = (b for b in document.sections[0].blocks if isinstance(b, Result))
            (*others, last) = lines_of(document)
            assert not result.hidden
            assert Hidden.RIGHT not in last.hidden
            assert any(Hidden.RIGHT in line.hidden for line in others)

    @pytest.mark.parametrize("level", spec.BLANKS)
    @pytest.mark.parametrize("language", ["en", "zh-CN"])
    @pytest.mark.parametrize("engine", ["typst", pytest.param("tex", marks=pytest.mark.slow)])
    def test_the_sheet_and_its_key_have_the_same_pages(
        self, language: str, level: str, engine: str
    ) -> None:
        if engine == "tex":
            engine = "pdflatex" if language == "en" else "xelatex"
            if not typesetters.has_package("tcolorbox.sty" if language == "en" else "ctex.sty"):
                pytest.skip("no TeX here")
        sheet, key = (_pages(language, form, level, engine) for form in (Form.BLANKS, Form.ANSWERS))
        assert len(sheet) == len(key) > 5
        document = example().document(language)
        headings = {section.title for section in document.sections if section.title}
        headings |= {
            block.title for s in document.sections for block in s.blocks if hasattr(block, "title")
        }
        for page, same in zip(sheet, key, strict=True):
            # The table of results, blank on the sheet, has names that are headings elsewhere.
            assert {*_among(same, headings)} <= {*_among(page, headings)}

    def test_what_is_blank_is_nowhere_in_the_file(self) -> None:
        """Neither as text, nor as what is read aloud."""
        document = handout(studied("softmax"), "en", Form.BLANKS, "all")
        names = [line.step.title for line in lines_of(document) if Hidden.RULE in line.hidden]
        sheet, key = (
            _text(typesetters.typst_pdf(typst_document.document(replace(document, form=form))))
            for form in (Form.BLANKS, Form.ANSWERS)
        )
        assert len(names) > 5
        for name in names:
            assert name.split(";")[0] in key
            assert name.split(";")[0] not in sheet
        source = typst_document.document(document)
        hidden = next(line for line in lines_of(document) if Hidden.RIGHT in line.hidden)
        assert f'"{hidden.step.after.inline()}", $' not in source
        assert '"blank", $' in source


def _pages(language: str, form: Form, level: str, engine: str) -> list[str]:
    document = example().document(language, form, level)
    try:
        made = pdf(document, engine)
    except DeriveError as error:
        if "no Chinese font" not in error.message:
            raise
        pytest.skip(error.message)
    return _text(made).split("\f")[:-1]


def _text(made: bytes) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext here")
    command = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(command, input=made, capture_output=True, check=True).stdout.decode()


def _among(page: str, headings: set[str]) -> list[str]:
    lines = [" ".join(line.split()) for line in page.splitlines()]
    return [line for line in lines if line in headings]


class TestExercises:
    def test_as_many_as_asked_for_at_the_end(self) -> None:
        (block,) = practised().document("en").sections[-1].blocks
        assert isinstance(block, Exercises)
        assert [e.kind for e in block.exercises] == ["gaps", "numbers", "shape", "mistake"]

    def test_they_are_on_other_functions_than_the_lecture_s(self) -> None:
        shown = {study.derivation.target.problem.name for study in practised().studies if study}
        assert shown == {"softmax", "sigmoid"}
        assert all(drill.derivation.problem.name not in shown for drill in practised().drills)
        lined = [d.derivation.problem.name for d in practised().drills if d.kind in "gaps mistake"]
        assert len(lined) == len({*lined})

    def test_where_few_functions_are_akin_each_still_has_one_that_shows_lines(self) -> None:
        assert family("sigmoid") == ("sigmoid", "softplus-beta")
        topic = spec.Topic("sigmoid", show=("result",), exercises=("gaps", "mistake", "rules"))
        found = lecture(spec.Spec("practice", Path(), (topic,))).drills
        names = [drill.derivation.problem.name for drill in found]
        assert names[0] == "softplus-beta"
        assert "sigmoid" not in names
        assert len({*names}) == 3

    def test_they_are_in_the_lecturer_s_letters(self) -> None:
        assert "o" in practised().drills[0].derivation.problem.variables

    @pytest.mark.parametrize("form", ["tex", "html", "md", "ipynb"])
    def test_the_answers_are_behind_all_questions_and_not_on_the_sheet(self, form: str) -> None:
        full, sheet = (
            text_of(practised().document("en", version), form)
            for version in (Form.FULL, Form.BLANKS)
        )
        tasks = (
            "Fill the gaps",
            "Work it out in numbers",
            "Shapes and layouts",
            "Find the mistake",
        )
        note = "A point for each formula"
        for task in tasks:
            assert task in sheet
            assert full.index(task) < full.index(note)
        assert note not in sheet

    def test_slides_have_the_questions(self) -> None:
        source = slides.document(practised().document("en"))
        assert "{1. Fill the gaps: " in source
        assert "A point for each formula" not in source

    def test_the_key_has_the_pages_of_the_sheet_and_then_the_answers(self) -> None:
        sheet, key = (
            _text(pdf(practised().document("en", form, "half"), "typst")).split("\f")[:-1]
            for form in (Form.BLANKS, Form.ANSWERS)
        )
        tasks = re.compile(r"^\d\. \w.*points?\)$|^\w+$", re.MULTILINE)
        assert len(key) > len(sheet)
        for page, same in zip(sheet, key, strict=False):
            assert set(tasks.findall(page)) <= set(tasks.findall(same))
        assert "Answers" in key[len(sheet)]

    def test_the_same_spec_gives_the_same_exercises(self) -> None:
        again = lecture(practised().spec)
        assert text_of(again.document("en"), "md") == text_of(practised().document("en"), "md")


@cache
def practised() -> Lecture:
    """A lecture with exercises."""
    letters = {"logits": "o"}
    topics = (
        spec.Topic("softmax", show=("result",), exercises=("gaps", "numbers", "shape")),
        spec.Topic("sigmoid", show=("result",), exercises=("mistake",)),
    )
    return lecture(spec.Spec("practice", Path(), topics, notation=letters))


@pytest.mark.slow
@pytest.mark.parametrize("name", catalogue())
def test_no_example_of_the_catalogue_is_at_a_kink(name: str) -> None:
    """There the derivative by the left and by the right agree."""
    target = resolve(name)
    if not (target.at and target.problem.wrt and any(kinked(target.problem))):
        pytest.skip("no example, or no kink")
    value = derived(name).function("value")
    at = {letter: np.array(numbers, float) for letter, numbers in target.at.items()}
    letter, step = name_of(target.problem.wrt[0]), 1e-6
    for place in np.ndindex(at[letter].shape):
        away = np.zeros_like(at[letter])
        away[place] = step
        right, left = (
            (value(**{**at, letter: at[letter] + side * away}) - value(**at)) / (side * step)
            for side in (1, -1)
        )
        assert np.allclose(right, left, atol=1e-3), (letter, place)


class TestFormats:
    @pytest.mark.parametrize("form", ["tex", "html", "md"])
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_section_is_in_every_format(self, form: str, language: str) -> None:
        document = example().document(language)
        made = text_of(document, form)
        for section in document.sections:
            assert (escape(section.title) if form == "md" else section.title) in made
        assert document.words.slip in made
        assert document.words.summary_table in made
        assert "Bishop" in made

    @pytest.mark.parametrize("form", ["tex", "html", "md"])
    def test_the_same_document_gives_the_same_text(self, form: str) -> None:
        assert text_of(example().document("en"), form) == text_of(example().document("en"), form)

    def test_a_lecturer_s_words_are_printed_and_never_run(self) -> None:
        document = replace(
            example().document("en"),
            title=HOSTILE,
            course=HOSTILE,
            date=HOSTILE,
            references=(HOSTILE,),
        )
        assert typesetters.typst_pdf(typst_document.document(document)).startswith(b"%PDF")
        assert r"\input{x}" not in text_of(document, "tex")
        assert "<i>" not in text_of(document, "html")

    def test_conventions_stand_in_front(self) -> None:
        for document in (handout(studied("softmax")), example().document("en")):
            assert document.conventions
            for form in ("tex", "html", "md"):
                told, words = text_of(document, form), document.words
                body = told[max(0, told.find(r"\begin{document}")) :]
                assert body.index(words.conventions) < body.index(words.derivation)
            told = typst_document.document(document)
            assert told.index(f'"{words.conventions}"') < told.index(f'"{words.derivation}"')

    @pytest.mark.skipif(not typesetters.has_package("tcolorbox.sty"), reason="no TeX here")
    @pytest.mark.parametrize("form", [Form.BLANKS, Form.ANSWERS])
    def test_tex_has_nothing_that_sticks_out(self, form: Form, tmp_path: Path) -> None:
        document = replace(example().document("en", form, "half"), course=HOSTILE)
        write_document(document, tmp_path, ("tex",))
        command = [
            "pdflatex",
            "-interaction=nonstopmode",
            "-halt-on-error",
            f"lecture.{form.value}.tex",
        ]
        log = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout.decode(
            errors="replace"
        )
        assert [
            float(pt) for pt in re.findall(r"Overfull .hbox \((.*?)pt", log) if float(pt) > 5
        ] == []
        assert "Missing character" not in log
        made = _unpacked((tmp_path / f"lecture.{form.value}.pdf").read_bytes())
        assert b"/Lang(en)" in made
        for section in document.sections[1:]:  # the first one is the introduction
            assert rf"\376\377{section.title})".encode() in made, "no bookmark"

    def test_slides_have_a_frame_for_each_step(self) -> None:
        document = example().document("en")
        source = slides.document(document)
        assert source.count(r"\begin{frame}{Softmax (") == len(derived("softmax").steps)

    @pytest.mark.skipif(not typesetters.has_package("beamer.cls"), reason="no beamer here")
    def test_slides_compile(self, tmp_path: Path) -> None:
        (source, made) = write_document(
            handout(studied("linear")), tmp_path, ("slides",), "pdflatex"
        )
        assert source.name == "linear.slides.tex"
        assert made.read_bytes().startswith(b"%PDF")


def _unpacked(made: bytes) -> bytes:
    """A PDF's objects, those in packed streams too, its texts as pdfLaTeX writes them as ASCII."""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", made, re.DOTALL):
        with contextlib.suppress(zlib.error):  # a font's, which is packed otherwise or not at all
            made += zlib.decompress(stream)
    return made.replace(rb"\000", b"").replace(rb"\040", b" ")


def _small(folder: Path) -> Path:
    file = folder / "small.toml"
    text = "lang = ['zh-CN', 'zh-TW']\n[[section]]\ntarget = 'relu'\nshow = ['derivation']\n"
    file.write_text(text, encoding="utf-8")
    return file


class TestRefused:
    def test_slides_with_blanks(self, tmp_path: Path) -> None:
        with pytest.raises(DeriveError, match="slides have no blanks"):
            write_document(handout(studied("relu"), "en", Form.BLANKS), tmp_path, ("slides",))
        assert list(tmp_path.iterdir()) == []

    def test_an_engine_without_a_pdf(self, tmp_path: Path) -> None:
        with pytest.raises(DeriveError, match="none is asked for"):
            write_document(handout(studied("relu")), tmp_path, ("md",), "typst")


class TestCommand:
    def test_a_level_may_be_left_out_in_front_of_a_name(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        where = ["--format", "md", "--lang", "en", "-o", str(tmp_path)]
        assert main(["handout", "--blanks", str(_small(tmp_path)), "--answers", *where]) == 0
        assert main(["handout", "sigmoid", "relu", "--blanks", "all", *where]) == 0
        capsys.readouterr()
        assert {path.name for path in tmp_path.iterdir()} == {
            "small.toml",
            "small.blanks.md",
            "small.answers.md",
            "sigmoid.blanks.md",
            "relu.blanks.md",
        }

    def test_the_languages_are_those_of_the_file(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = _small(tmp_path)
        assert main(["handout", str(file), "--format", "md", "-o", str(tmp_path / "out")]) == 0
        capsys.readouterr()
        names = {path.name for path in (tmp_path / "out").iterdir()}
        assert names == {"small.zh-CN.md", "small.zh-TW.md"}

    def test_a_file_is_not_taken_for_a_folder(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["handout", "relu", "-o", str(tmp_path / "relu.pdf")]) == 2
        said = capsys.readouterr().err
        assert (
            said == f"derive: -o takes a folder, not {tmp_path / 'relu.pdf'}: say "
            f"-o {tmp_path} --format pdf\n"
        )
        assert not list(tmp_path.iterdir())

    def test_a_wrong_file_is_one_line(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "l.toml"
        file.write_text("[[section]]\ntarget = 'softmax'\nwrt = 'q[j]'", encoding="utf-8")
        assert main(["handout", str(file), "-o", str(tmp_path)]) == 2
        assert capsys.readouterr().err.startswith("derive: l.toml: section 1: 'target': ")
