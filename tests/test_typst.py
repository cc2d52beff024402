"""PDFs without TeX: Typst's source, the typesetter, and what comes out."""

from __future__ import annotations

import json
import re
import shutil
import struct
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
import typst as compiler

from derive.api import Derivation, derive
from derive.errors import DeriveError
from derive.handouts.plain import plain
from derive.handouts.study import Study
from derive.handouts.write import write
from derive.known import entries
from derive.locale import LANGUAGES
from derive.render import typesetters, typst_document
from derive.render.formats import view_of
from derive.render.page import Formula, View
from derive.render.tree import (
    INDICATOR,
    Accent,
    Apply,
    Big,
    Cases,
    Fenced,
    Frac,
    Function,
    Grid,
    Marked,
    Name,
    Node,
    Number,
    Op,
    Product,
    Root,
    Row,
    Script,
    Terms,
    Word,
    equation,
    separated,
    walk,
)
from derive.render.typst import string, typst
from tests.fonts import chinese_font

A, B, K, TWO = Name("a"), Name("b"), Name("k"), Number("2")
SUM = Big("∑", equation(K, "=", Number("1")), Name("n"), Script(A, sub=K))
NODES: dict[str, tuple[Node, str]] = {
    "letter": (A, "a"),
    "Greek": (Name("σ"), "σ"),
    "word": (Name("loss"), 'upright("loss")'),
    "function": (Function("softplus"), 'op("softplus")'),
    "number": (Number("-1.5"), "-1.5"),
    "power of ten": (Number("1e9"), '"1e9"'),
    "words": (Row((A, Word("if"), B)), 'a "if" b'),
    "slash": (Row((A, Op("/"), B)), "a slash b"),
    "comma between indices": (Row((A, Op(","), B)), 'a class("normal", comma) b'),
    "comma": (separated([A, B]), "a comma b"),
    "a line that goes on": (Row((Op("-"), A)), '"" - a'),
    "terms": (Terms((("-", A), ("+", B))), "- a + b"),
    "product": (Product((A, B, TWO)), "a b dot 2"),
    "product of words": (Product((Name("loss"), A)), 'upright("loss") thin a'),
    "fraction": (Frac(A, B), "frac(a, b)"),
    "scripts": (Script(A, sub=Row((K, B)), sup=TWO), "a_(k b)^(2)"),
    "no bracket becomes a script": (
        Product((Script(A, sub=K), Fenced(B))),
        "a_(k) paren.l b paren.r",
    ),
    "hat": (Accent(A, "hat"), "hat(a)"),
    "bar": (Accent(A, "bar"), "macron(a)"),
    "tilde": (Accent(A, "tilde"), "tilde(a)"),
    "root": (Root(A), "sqrt(a)"),
    "sum": (SUM, "∑_(k = 1)^(n) a_(k)"),
    "largest": (Big("max", K, None, A), 'op("max", limits: #true)_(k) a'),
    "bracket round a sum": (Fenced(SUM), "lr(size: #1.8em, paren.l ∑_(k = 1)^(n) a_(k) paren.r)"),
    "bracket round a fraction": (Fenced(Frac(A, B)), "lr(paren.l frac(a, b) paren.r)"),
    "absolute value": (Fenced(A, "|", "|"), "lr(size: #1em, bar.v a bar.v)"),
    "left half of a bracket": (Fenced(A, "(", ""), 'class("opening", paren.l) a'),
    "right half of a large one": (
        Fenced(Frac(A, B), "", "]"),
        'frac(a, b) class("closing", stretch(bracket.r, size: #1.8em))',
    ),
    "nothing in a bracket": (Fenced(Row(())), "paren.l  paren.r"),
    "indicator": (Apply(INDICATOR, Fenced(A, "[", "]")), "bb(1) bracket.l a bracket.r"),
    "ones": (Script(Name("𝟏"), sup=Name("⊤")), "bold(1)^(⊤)"),
    "derivative": (Apply(Frac(Name("∂"), A), B), "frac(∂, a) thin b"),
    "cases": (
        Cases(((A, Word("if")), (B, Word("otherwise")))),
        'cases(gap: #0.6em, & a && quad "if", & b && quad "otherwise")',
    ),
    "mark": (Product((Marked(A), B)), "changed(a) b"),
    "matrix": (
        Grid(((A, B), (TWO, K))),
        'mat(delim: "[", align: #right, column-gap: #0.9em, a, b; 2, k)',
    ),
}
HOSTILE = [
    r"#panic(1) \input{/etc/passwd} $x$ 100% *b* _i_ `c` <l> @r",
    '"quoted" \\ backslash \\" both',
    "// comment /* and */ = heading\n- list\t~ -- --- ... [x](y) {z}",
    "é σ ∂ ≤",
]


@cache
def derived(name: str) -> Derivation:
    return derive(name)


def view(name: str, language: str = "en") -> View:
    derivation = derived(name)
    return view_of(derivation, derivation.target.at, "x = 1\n", language)


def source(*lines: str) -> str:
    head = '#set document(title: "t"); #let changed(body) = math.underline(body)\n'
    return head + "\n".join(lines) + "\n"


def problems(text: str) -> list[str]:
    """What the typesetter warns of, such as a font that is not there."""
    fonts = compiler.Fonts(include_system_fonts=False)
    _, warnings = compiler.Compiler(font_paths=fonts).compile_with_warnings(
        text.encode(), format="pdf", pdf_standards="ua-1"
    )
    return [warning.message for warning in warnings]


class TestFormulas:
    @pytest.mark.parametrize("name", NODES)
    def test_every_node(self, name: str) -> None:
        node, written = NODES[name]
        assert typst(node) == written

    def test_every_kind_of_node_is_among_them(self) -> None:
        assert {type(part) for node, _ in NODES.values() for part in walk(node)} == {
            *get_args(Node)
        }

    @pytest.mark.parametrize("display", [True, False])
    def test_all_of_them_are_typst(self, display: bool) -> None:
        lines = [
            f"#math.equation(alt: {string(name)}, ${typst(node, display)}$)"
            for name, (node, _) in NODES.items()
        ]
        assert problems(source(*lines)) == []

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_string_prints_just_that_text(self, text: str) -> None:
        measured = compiler.query(
            source(f"#metadata({string(text)}) <it>").encode(), "<it>", field="value", one=True
        )
        assert json.loads(measured) == text


class TestTypesetter:
    def test_the_same_bytes_each_time(self) -> None:
        text = typst_document.document(plain(view("softmax")))
        made = typesetters.typst_pdf(text)
        assert made.startswith(b"%PDF")
        typesetters._compiler.cache_clear()
        assert typesetters.typst_pdf(text) == made

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ("#nonsense", r"^typst failed: unknown variable: nonsense \(line 3\)$"),
            ("$sum_$", r"^typst failed: expected expression \(line 3\)$"),
            ("\N{GRINNING FACE}", "could not be displayed with font .* \\(line 3\\)$"),
        ],
    )
    def test_an_error_is_one_line_with_its_place(self, wrong: str, message: str) -> None:
        with pytest.raises(DeriveError, match=message):
            typesetters.typst_pdf(source("text", wrong))

    def test_chinese_without_a_font_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bare = typesetters._compiler(system=False)
        monkeypatch.setattr(typesetters, "_compiler", lambda _: bare)
        with pytest.raises(DeriveError, match=r"no Chinese font found .*TC.*fonts-noto-cjk.*pip"):
            typesetters.typst_pdf(source("導數"), "TW")

    def test_engines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        installed = {"lualatex", "xelatex"}
        monkeypatch.setattr(shutil, "which", lambda name: name if name in installed else None)
        assert typesetters.engine_for() == "lualatex"
        assert typesetters.engine_for("typst") == "typst"
        with pytest.raises(DeriveError, match=r"^pdflatex is not installed"):
            typesetters.engine_for("pdflatex")
        with pytest.raises(DeriveError, match=r"^no such engine: word; there are pdflatex"):
            typesetters.engine_for("word")
        installed.clear()
        assert typesetters.engine_for() == "typst"


class TestDocument:
    SAMPLE = ("softmax", "cross-entropy", "huber", "mlp", "gaussian-mixture")

    @pytest.mark.parametrize("name", SAMPLE)
    def test_a_sample_is_typeset_without_a_warning(self, name: str) -> None:
        assert problems(typst_document.document(plain(view(name)))) == []

    @pytest.mark.slow
    @pytest.mark.parametrize("name", [entry.name for entry in entries()])
    def test_the_whole_catalogue(self, name: str, tmp_path: Path) -> None:
        (path,) = write(Study(derived(name), {}), tmp_path, ("pdf",), "typst")
        assert path.read_bytes().startswith(b"%PDF")
        assert problems(typst_document.document(plain(view(name)))) == []

    @pytest.mark.parametrize("title", HOSTILE)
    def test_a_title_is_printed_and_never_run(self, title: str) -> None:
        text = typst_document.document(plain(replace(view("relu"), title=title, description=title)))
        assert problems(text) == []
        paragraphs = compiler.query(text.encode(), "par", field="body")
        assert json.dumps(title, ensure_ascii=False) in paragraphs

    def test_for_those_who_do_not_see_it(self) -> None:
        """Tagged, with its language, title and bookmarks; formulas have a text."""
        made = typesetters.typst_pdf(typst_document.document(plain(view("softmax"))))
        unpacked = b"".join(_streams(made)) + made
        assert b"/Lang(en)" in unpacked.replace(b" ", b"")
        assert b"/Outlines" in unpacked
        assert b"/StructTreeRoot" in unpacked
        assert b"pdfuaid" in unpacked
        assert b"/Alt" in unpacked

    @pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
    def test_chinese(self, language: str) -> None:
        shown = view("sigmoid", language)
        region = language.partition("-")[2]
        with chinese_font():
            made = typesetters.typst_pdf(typst_document.document(plain(shown)), region)
        assert {"zh-CN": b"CJKsc", "zh-TW": b"CJKtc"}[language] in b"".join(_fonts(made))

    def test_a_wide_formula_is_made_to_fit(self) -> None:
        """Nothing sticks out: the widest thing measured on each page is inside its margins."""
        wide = Formula(Product((A,) * 120), "")
        shown = view("relu")
        steps = tuple(replace(step, after=wide) for step in shown.steps)
        text = typst_document.document(plain(replace(shown, steps=steps, result=wide)))
        (page, *_) = typesetters.typst_pages(text, ppi=40)
        assert _ink_reaches(page) < 1 - 2.0 / 21


def _streams(pdf: bytes) -> list[bytes]:
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return found


def _fonts(pdf: bytes) -> list[bytes]:
    return re.findall(rb"/(?:BaseFont|FontName)\s*/([^\s/]+)", b"".join([pdf, *_streams(pdf)]))


def _ink_reaches(png: bytes) -> float:
    """How far to the right a PNG has ink, as a part of its width."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    channels = {2: 3, 6: 4}[kind]
    chunks = re.finditer(rb"IDAT", png)
    data = b""
    for chunk in chunks:
        (size,) = struct.unpack(">I", png[chunk.start() - 4 : chunk.start()])
        data += png[chunk.end() : chunk.end() + size]
    raw, stride = zlib.decompress(data), width * channels
    before = bytearray(stride)
    furthest = 0
    for row in range(height):
        start = row * (stride + 1)
        line = _unfiltered(
            raw[start], bytearray(raw[start + 1 : start + 1 + stride]), before, channels
        )
        dark = [x for x in range(width) if min(line[x * channels : x * channels + 3]) < 128]
        furthest = max([furthest, *dark])
        before = line
    return furthest / width


def _unfiltered(kind: int, line: bytearray, before: bytearray, step: int) -> bytearray:
    for at in range(len(line)):
        left = line[at - step] if at >= step else 0
        corner = before[at - step] if at >= step else 0
        up = before[at]
        near = min(
            (abs(up - corner), 0, left),
            (abs(left - corner), 1, up),
            (abs(left + up - 2 * corner), 2, corner),
        )
        line[at] = (line[at] + (0, left, up, (left + up) // 2, near[2])[kind]) % 256
    return line
