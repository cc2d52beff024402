"""Documents: every format shows the derivation, honestly, and none breaks on odd input."""

from __future__ import annotations

import io
import json
import re
import shutil
import stat
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from jinja2 import UndefinedError
from sympy import Expr

from derive.api import Derivation, derive
from derive.errors import DeriveError
from derive.handouts.plain import plain
from derive.handouts.study import study
from derive.handouts.write import write, write_view
from derive.known import entries as catalogue
from derive.nodes import entry, scalar
from derive.phrases import Phrase
from derive.problem import Definition
from derive.render import data, html, latex_document, markdown, text, typesetters
from derive.render.boxes import columns
from derive.render.files import write_text
from derive.render.formats import render
from derive.render.page import Formula, View
from derive.render.templates import KINDS, environment
from derive.render.terminal import Terminal, can_print
from derive.render.terminal import render as terminal
from derive.render.view import view
from derive.steps import Chain, Status, Verdict
from tests.chains import cross_entropy, k, mean_squared_error, n, softmax, with_verdict

CHAINS = {"softmax": softmax, "cross-entropy": cross_entropy, "mse": mean_squared_error}
EVERY = pytest.mark.parametrize("name", CHAINS)


@dataclass(frozen=True)
class Matrix:
    text: str = "diag(s) - s*s.T"
    shape: tuple[Expr, ...] = (n, n)
    sides: tuple[tuple[str, str, str], ...] = (("rows", "i", "s"), ("columns", "j", "z"))
    unused: tuple[str, ...] = ()
    convention: str = "numerator layout"
    other: str = "denominator layout"
    transposed: str = "diag(s) - s*s.T"
    legend: tuple[tuple[str, tuple[Expr, ...]], ...] = ()


@dataclass(frozen=True)
class Worked:
    inputs: dict[str, np.ndarray]
    definitions: dict[str, np.ndarray]
    result: np.ndarray


def worked() -> Worked:
    s = np.exp([1.0, 2.0, 3.0]) / np.exp([1.0, 2.0, 3.0]).sum()
    return Worked({"z": np.array([1.0, 2.0, 3.0])}, {"s": s}, np.diag(s) - np.outer(s, s))


def tex(shown: View) -> str:
    return latex_document.document(plain(shown))


def whole() -> View:
    return view(softmax(), matrix=Matrix(), example=worked(), code="def value(z):\n    return z\n")


def titled(chain: Chain, title: str) -> Chain:
    return replace(chain, problem=replace(chain.problem, title=title))


@cache
def derived() -> Derivation:
    return derive("softmax")


class TestTerminal:
    def test_softmax(self) -> None:
        shown = terminal(whole())
        assert "Softmax\nPartial derivative of sᵢ with respect to zⱼ\n" in shown
        assert "  z ∈ ℝⁿ\n" in shown
        assert re.search(r"       =  sᵢ\(δᵢⱼ − sⱼ\) +Factor out\n", shown)
        assert "  │  ─── = sᵢ(δᵢⱼ − sⱼ)  │\n" in shown
        assert "  ⎩ −sᵢ sⱼ       if i ≠ j\n" in shown
        assert "  ── = diag(s) − s sᵀ\n" in shown
        assert "  s ≈ (0.0900, 0.2447, 0.6652)\n" in shown
        assert shown.endswith("✓ 8 steps, each one checked by machine\n")

    @EVERY
    @pytest.mark.parametrize("width", [40, 60, 80, 100])
    @pytest.mark.parametrize("unicode", [True, False])
    def test_never_wider_than_asked(self, name: str, width: int, unicode: bool) -> None:
        shown = terminal(
            view(CHAINS[name](), matrix=Matrix(), example=worked()),
            Terminal(width, unicode, reasons=True),
        )
        assert max(map(columns, shown.splitlines())) <= width
        assert unicode or shown.isascii()

    def test_colour_only_on_a_terminal_without_no_color(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Screen(io.StringIO):
            encoding = "utf-8"

            def isatty(self) -> bool:
                return True

        monkeypatch.delenv("NO_COLOR", raising=False)
        assert Terminal.of(Screen()).colour
        assert not Terminal.of(io.StringIO()).colour
        monkeypatch.setenv("NO_COLOR", "1")
        assert not Terminal.of(Screen()).colour
        assert "\x1b" not in terminal(whole())
        plain = re.sub(r"\x1b\[[0-9;]*m", "", terminal(whole(), Terminal(colour=True)))
        assert plain == terminal(whole())

    def test_ascii_where_the_encoding_has_no_signs(self) -> None:
        assert can_print(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
        assert not can_print(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
        assert not can_print(io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))

    def test_a_lemma_is_cited(self) -> None:
        shown = terminal(view(cross_entropy()))
        assert "by ∂pᵢ/∂zⱼ = pᵢ(δᵢⱼ − pⱼ)" in shown
        assert "Used here" in shown


class TestHonesty:
    """A step that was not confirmed is marked in every format, and so is the result."""

    @pytest.mark.parametrize("verdict", [Verdict.REFUTED, Verdict.UNDECIDED])
    def test_every_format_says_so(self, verdict: Verdict) -> None:
        good = view(cross_entropy())
        bad = view(with_verdict(cross_entropy(), 2, verdict, z="[1, 2]"))
        warning = {"refuted": "WRONG", "undecided": "unconfirmed:"}[verdict.value]
        for written in (
            terminal,
            text.render,
            markdown.render,
            html.render,
            latex_document.render,
            tex,
        ):
            assert warning not in written(good)
            assert warning in written(bad)
        assert "Result, not confirmed" in terminal(bad)
        assert "[1, 2]" in terminal(bad)
        assert data.as_dict(bad)["verified"] is False
        assert data.as_dict(bad)["steps"][2]["verdict"] == verdict.value

    @pytest.mark.parametrize("status", [Status.STUCK, Status.STEP_LIMIT, Status.LOOP])
    def test_a_derivation_that_stopped_has_no_result(self, status: Status) -> None:
        shown = view(replace(softmax(), status=status))
        for written in (terminal, text.render, markdown.render, html.render, tex):
            assert "not finished" in written(shown)
            assert "Result" not in written(shown)

    def test_a_refuted_case_distinction_is_marked(self) -> None:
        chain = softmax()
        assert chain.cases is not None
        shown = view(replace(chain, cases=replace(chain.cases, verdict=Verdict.REFUTED)))
        for written in (terminal, text.render, markdown.render, html.render, tex):
            assert "WRONG" in written(shown)


class TestText:
    def test_one_step_a_line(self) -> None:
        lines = text.render(whole()).splitlines()
        assert "where s[i] = exp(z[i])/sum(exp(z[k]), k)" in lines
        assert len([line for line in lines if line.startswith("  = ")]) == 8
        assert "  = s[i]*(delta(i, j) - s[j])    [Factor out]" in lines
        assert "Result: s[i]*(delta(i, j) - s[j])" in lines
        assert text.render(whole()).isascii()


class TestDictionary:
    def test_the_keys_of_the_interface(self) -> None:
        found = data.as_dict(whole())
        assert json.loads(json.dumps(found)) == found
        assert found["target"] == "s[i]"
        assert found["wrt"] == ["z[j]"]
        assert found["status"] == "done"
        assert found["verified"] is True
        assert found["result"] == {
            "text": "s[i]*(delta(i, j) - s[j])",
            "latex": r"s_i (\delta_{ij} - s_j)",
            "matrix": "diag(s) - s*s.T",
        }
        keys = {"rule", "title", "before", "after", "explanation", "verdict"}
        for step in found["steps"]:
            assert keys <= set(step)
            assert set(step["before"]) == {"text", "latex"}
        assert found["steps"][6]["explanation"] == "exp(z[i])/sum(exp(z[k]), k) is s[i]."
        assert found["cases"]["after"]["text"].startswith("where(")

    def test_each_step_begins_where_the_last_ended(self) -> None:
        steps = data.as_dict(view(cross_entropy()))["steps"]
        for before, after in pairwise(steps):
            assert before["after"] == after["before"]


class TestMarkdown:
    def test_blocks_and_reasons(self) -> None:
        shown = markdown.render(whole())
        assert shown.startswith("# Softmax\n")
        assert shown.count("```") % 2 == 0
        assert r"\boxed{ \frac{\partial s_i}{\partial z_j} = s_i (\delta_{ij} - s_j) }" in shown
        assert "8. **Factor out**. $s_i$ stands in both terms." in shown
        assert "\n\n\n" not in shown

    def test_titles_are_escaped(self) -> None:
        assert r"# a\_b \*c\*" in markdown.render(view(titled(softmax(), "a_b *c*")))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


class TestHtml:
    @EVERY
    def test_self_contained(self, name: str) -> None:
        page = html.render(view(CHAINS[name](), matrix=Matrix(), example=worked()))
        parser = _Tags()
        parser.feed(page)
        assert {tag for tag, _ in parser.tags}.isdisjoint({"link", "img", "iframe"})
        assert not any({"src", "href"} & set(attributes) for _, attributes in parser.tags)
        assert not re.search(r"url\((?!\"data:)|@import", page)
        for formula in re.findall(r"<math.*?</math>", page, flags=re.DOTALL):
            ElementTree.fromstring(formula)

    def test_titles_are_escaped(self) -> None:
        page = html.render(view(titled(softmax(), "<b>&")))
        assert "<h1>&lt;b&gt;&amp;</h1>" in page
        assert "<b>&</" not in page


class TestLatex:
    def test_fragment(self) -> None:
        shown = latex_document.render(view(mean_squared_error()))
        assert shown.startswith("\\begin{align*}\n\\frac{\\partial L}{\\partial a_j} &= ")
        assert r"&= \frac{2}{n} (a_j - t_j) && \text{Delta picks one term}" in shown
        assert shown.count("&=") == 3

    def test_titles_are_escaped(self) -> None:
        shown = tex(view(titled(softmax(), r"100% \input{x} $_")))
        assert r"100\% \textbackslash{}input\{x\} \$\_" in shown
        assert r"\input{x}" not in shown

    @pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex here")
    @pytest.mark.parametrize("title", ["Softmax", r"50% of \x{} & ~ ^ _ # $ <σ> é"])
    def test_compiles_to_the_same_bytes_each_time(self, title: str) -> None:
        source = tex(replace(whole(), title=title))
        first = typesetters.tex_pdf(source, "pdflatex")
        assert first.startswith(b"%PDF")
        assert typesetters.tex_pdf(source, "pdflatex") == first

    @pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex here")
    def test_an_error_names_its_line(self) -> None:
        source = "\\documentclass{article}\n\\begin{document}\n\\nonsense\n\\end{document}\n"
        with pytest.raises(DeriveError, match=r"pdflatex failed: Undefined control sequence.*l\.3"):
            typesetters.tex_pdf(source, "pdflatex")


class TestHandout:
    def test_without_tex_there_is_a_pdf_all_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shutil, "which", lambda _: None)
        (path,) = write_view(whole(), tmp_path / "new", ("pdf",))
        assert path == tmp_path / "new" / "softmax.pdf"
        assert path.read_bytes().startswith(b"%PDF")
        assert list(path.parent.iterdir()) == [path]

    def test_an_unknown_format_writes_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(DeriveError, match="docx"):
            write_view(whole(), tmp_path, ("tex", "docx"))
        assert list(tmp_path.iterdir()) == []

    def test_a_name_is_safe_as_a_file_name(self, tmp_path: Path) -> None:
        chain = softmax()
        odd = replace(chain, problem=replace(chain.problem, name="../A b/ü"))
        (path,) = write_view(view(odd), tmp_path, ("md",))
        assert path == tmp_path / "a-b.md"


class TestFiles:
    def test_replaces_and_leaves_nothing_else(self, tmp_path: Path) -> None:
        target = tmp_path / "sub" / "x.txt"
        write_text(target, "old")
        write_text(target, "π\n")
        assert target.read_bytes() == "π\n".encode()
        assert list(target.parent.iterdir()) == [target]
        assert stat.S_IMODE(target.stat().st_mode) & 0o600 == 0o600

    def test_an_unwritable_place_is_one_line(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(DeriveError, match="cannot write") as caught:
            write_text(tmp_path / "file" / "x.txt", "text")
        assert "\n" not in caught.value.message
        (tmp_path / "folder").mkdir()
        with pytest.raises(DeriveError, match="cannot write"):
            write_text(tmp_path / "folder", "text")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


class TestTemplates:
    @pytest.mark.parametrize("kind", KINDS)
    def test_an_undefined_name_is_an_error(self, kind: str) -> None:
        made = environment(kind)
        source = made.variable_start_string + "missing" + made.variable_end_string
        with pytest.raises(UndefinedError):
            made.from_string(source).render()

    def test_an_unknown_kind_is_refused(self) -> None:
        with pytest.raises(ValueError, match="docx"):
            environment("docx")

    def test_latex_braces_are_left_alone(self) -> None:
        made = environment("latex")
        source = r"\frac{{a}}{b} {% {# \VAR{x}"
        assert made.from_string(source).render(x="1") == r"\frac{{a}}{b} {% {# 1"


class TestWithTheEngine:
    @pytest.mark.parametrize("form", ["terminal", "text", "latex", "markdown", "html", "json"])
    def test_every_format(self, form: str) -> None:
        shown = render(derived(), form, example={"z": [1, 2, 3]})
        assert "oftmax" in shown or form in ("latex", "json")
        assert shown.endswith("\n")

    def test_an_unknown_format_is_refused(self) -> None:
        with pytest.raises(ValueError, match="docx"):
            render(derived(), "docx")

    def test_numbers_that_do_not_fit_are_one_line(self) -> None:
        with pytest.raises(DeriveError, match="the numbers do not fit: w") as caught:
            render(derived(), "text", example={"w": [1]})
        assert "\n" not in caught.value.message

    @pytest.mark.slow
    @pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex here")
    @pytest.mark.parametrize("name", [known.name for known in catalogue()])
    def test_the_catalogue_fits_its_pages(self, name: str, tmp_path: Path) -> None:
        derivation = derive(name)
        assert max(map(columns, render(derivation, "terminal").splitlines())) <= 80
        written = write(study(derivation.target), tmp_path, ("pdf", "tex", "html", "md"))
        source = next(path for path in written if path.suffix == ".tex")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name]
        log = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout.decode()
        assert [float(pt) for pt in re.findall(r"Overfull .hbox \((.*?)pt", log)] == []
        assert "Missing character" not in log


class TestView:
    def test_blanks_are_filled_with_formulas(self) -> None:
        (first, *_) = view(softmax()).steps
        assert [part.text if isinstance(part, Formula) else part for part in first.explanation] == [
            "s[i]",
            " stands for ",
            "exp(z[i])/sum(exp(z[k]), k)",
            ".",
        ]

    def test_joined_steps_tell_every_reason_that_the_title_names(self) -> None:
        chain = softmax()
        first, second, third, fourth = chain.steps[:4]
        joined = replace(
            second,
            title=f"{second.title}; {fourth.title}",
            after=fourth.after,
            parts=(second, third, fourth, replace(fourth, reason="Once more.")),
        )
        shown = view(replace(chain, steps=(first, joined, *chain.steps[4:]))).steps[1]
        assert text.plain(shown.explanation) == (
            "The derivative of exp(z[i]) over sum(exp(z[k]), k) is a quotient again. "
            "The derivative of a sum is the sum of the derivatives."
        )

    def test_names_in_titles_are_written_as_in_formulas(self) -> None:
        chain = softmax()
        problem = replace(chain.problem, shapes={"mu": (n,), "W1": (n, n), "s": (n,)})
        title = Phrase("Derivative of {name} by {variable}", name="W1", variable="mu")
        steps = (replace(chain.steps[0], title=title), *chain.steps[1:])
        shown = view(replace(chain, problem=problem, steps=steps))
        assert shown.steps[0].title == "Derivative of W₁ by μ"
        assert r"W\textsubscript{1} by \ensuremath{\mu}" in tex(shown)

    @pytest.mark.parametrize(
        ("wrt", "asked"),
        [
            ("x", "Partial derivative of L with respect to x"),
            ("xx", "Second partial derivative of L with respect to x"),
            ("xy", "Second partial derivative of L with respect to x and y"),
            ("xyz", "Partial derivative of order 3 of L with respect to x, y and z"),
        ],
    )
    def test_what_is_asked(self, wrt: str, asked: str) -> None:
        chain = cross_entropy()
        problem = replace(chain.problem, wrt=tuple(map(scalar, wrt)))
        assert text.plain(view(replace(chain, problem=problem)).heading) == asked

    def test_an_adjoint_says_whose_derivative_it_is(self) -> None:
        chain = cross_entropy()
        adjoint = Definition(entry("z_bar", k), entry("p", k) - entry("y", k), "", False, "z")
        definitions = (*chain.problem.definitions, adjoint)
        problem = replace(chain.problem, definitions=definitions)
        shown = view(replace(chain, problem=problem)).definitions[-1]
        assert shown.inline() == "z̄ₖ = ∂L/∂zₖ = pₖ − yₖ"

    def test_the_other_layout_is_named(self) -> None:
        matrix = Matrix("(p - y)*x.T", convention="denominator layout", other="numerator layout")
        shown = view(cross_entropy(), matrix=replace(matrix, transposed="x*(p - y).T"))
        assert "j of z (denominator layout)\n  numerator layout: x(p − y)ᵀ\n" in terminal(shown)
        assert "  numerator layout: x*(p - y).T\n" in text.render(shown)
        assert r"numerator layout: $x (p - y)^{\top}$" in tex(shown)
        assert r"numerator layout: $x (p - y)^{\top}$" in markdown.render(shown)
        assert "numerator layout: <span" in html.render(shown)
        assert "denominator layout: the same\n" in terminal(whole())
        one = view(softmax(), matrix=Matrix(convention="", other="", transposed="")).matrix
        assert one is not None
        assert one.other == ()

    def test_a_blank_without_a_binding_is_an_error(self) -> None:
        chain = softmax()
        broken = (replace(chain.steps[0], bindings={}), *chain.steps[1:])
        with pytest.raises(KeyError):
            view(replace(chain, steps=broken))

    def test_a_scalar_has_no_matrix_form(self) -> None:
        assert view(softmax(), matrix=Matrix("s", (), "")).matrix is None

    def test_arrays_of_more_axes_are_shown_matrix_by_matrix(self) -> None:
        cube = Worked({}, {}, np.arange(8.0).reshape(2, 2, 2))
        shown = [formula.inline() for formula in view(softmax(), example=cube).example]
        assert shown == [
            "i = 1, ∂s/∂z = [[0, 1], [2, 3]]",
            "i = 2, ∂s/∂z = [[4, 5], [6, 7]]",
        ]
