"""The web page: it needs nothing but itself, everybody can use it, and its numbers are right."""

from __future__ import annotations

import base64
import io
import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp

import derive
from derive.exercises.make import exercises
from derive.exercises.model import Kind
from derive.functions import ELEMENTARY
from derive.handouts.build import lecture
from derive.handouts.document import Derivation as Lines
from derive.handouts.document import Document, Exercises, Form, Hidden, Section
from derive.handouts.single import single
from derive.handouts.spec import Spec, Topic
from derive.nodes import scalar
from derive.render import fonts, html
from derive.render.formats import view_of
from derive.render.javascript import Writer
from derive.render.playground import Playground
from derive.templates import folder
from tests.browser import browse, complaints, evaluated, needs_browser, reported

PALETTE = (folder() / "page.css").read_text(encoding="utf-8")
NUMBERS = (folder() / "numbers.js").read_text(encoding="utf-8")
# By kind: what may be written without a closing tag.
VOID = {"meta", "input", "br", "link", "img"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-CN", "zh-TW"])


@cache
def derivation(name: str, wrt: str | None = None) -> derive.api.Derivation:
    return derive.derive(name, wrt=wrt)


@cache
def page(name: str, language: str = "en") -> str:
    found = derivation(name)
    shown = view_of(found, found.target.at, found.source(), language)
    return html.page(single(found, shown))


@cache
def document(language: str = "en", form: Form = Form.FULL) -> Document:
    parts = ("notation", "derivation", "result", "matrix", "example", "lemmas", "plot", "code")
    topics = tuple(
        Topic(target, show=parts) for target in ("sigmoid", "softmax", "cross-entropy", "softmax")
    )
    head: dict[str, Any] = {"title": "Gradients", "text": "An introduction.", "name_line": True}
    topics = (*topics, Topic(title="Summary", text="A section called as one of the page's own."))
    spec = Spec("lecture", Path(), topics, blanks="all", **head)
    return lecture(spec).document(language, form)


@cache
def handout(language: str = "en", form: Form = Form.FULL) -> str:
    return html.page(document(language, form))


class Tree(HTMLParser):
    """The elements of a page: tag, attributes, and the text inside."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self.above: list[tuple[str, dict[str, str], list[str]]] = []
        self.parents: list[list[str]] = []
        self.feed(text)
        assert not self.above, "an element is left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs}, [])
        self.elements.append(element)
        self.parents.append([above[0] for above in self.above])
        if tag not in VOID:
            self.above.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))
        self.parents.append([above[0] for above in self.above])

    def handle_endtag(self, tag: str) -> None:
        assert self.above.pop()[0] == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        for element in self.above:
            element[2].append(data)

    def all(self, *tags: str) -> Iterator[tuple[str, dict[str, str], str]]:
        for tag, attributes, text in self.elements:
            if tag in tags:
                yield tag, attributes, "".join(text).strip()


PAGES = pytest.mark.parametrize("text", [page("softmax"), handout(), handout("zh-TW")])


class TestAlone:
    """It is one file that asks for nothing else."""

    @PAGES
    def test_no_address_leads_out(self, text: str) -> None:
        names = {"http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2000/svg"}
        assert {*re.findall(r"https?://[^\s\"'<>]+", text)} <= names
        for tag, attributes, _ in Tree(text).all("a", "script", "link", "img", "iframe", "form"):
            assert "src" not in attributes, tag
            assert attributes.get("href", "#").startswith("#"), attributes
        assert not re.search(r"url\((?!\"data:|#)|@import|fetch\(|XMLHttp|WebSocket", text)

    @PAGES
    def test_the_browser_is_told_to_fetch_nothing(self, text: str) -> None:
        policies = [a["content"] for _, a, _ in Tree(text).all("meta") if "http-equiv" in a]
        assert policies[0].startswith("default-src 'none'; ")

    def test_the_font_has_every_sign_of_the_formulas(self) -> None:
        pytest.importorskip("fontTools")
        from fontTools.ttLib import TTFont

        text = handout()
        packed = re.search(r'url\("data:font/woff;base64,([^"]+)"\)', text)
        assert packed
        font = TTFont(io.BytesIO(base64.b64decode(packed[1])))
        formulas = re.sub(r"<[^>]*>", "", "".join(re.findall(r"<math.*?</math>", text, re.S)))
        invisible = set(" \n\N{NO-BREAK SPACE}\N{INVISIBLE TIMES}\N{FUNCTION APPLICATION}‾")
        assert {sign for sign in formulas if ord(sign) not in font.getBestCmap()} <= invisible
        assert {ord("𝑧"), ord("ℎ"), ord("√")} <= {*font.getBestCmap(), ord("ℎ")}
        assert "MATH" in font
        assert len(packed[1]) < 80_000

    def test_without_the_font_the_page_is_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with_font = html.page(document())
        fonts._subset.cache_clear()
        monkeypatch.setattr(fonts, "find_spec", lambda _: None)
        without = html.page(document())
        fonts._subset.cache_clear()
        assert "@font-face" in with_font if find_spec("ziamath") else True
        assert "@font-face" not in without
        assert (
            re.sub(r"@font-face {.*?}\n", "", with_font).split("</style>")[1]
            == (without.split("</style>")[1])
        )

    def test_the_same_document_gives_the_same_page(self) -> None:
        assert html.page(document()) == html.page(document())


class TestEverybody:
    """Names, headings, contrast: what a screen reader and a keyboard need."""

    @PAGES
    def test_every_name_is_given_once_and_every_reference_leads_somewhere(self, text: str) -> None:
        tree = Tree(text)
        names = [a["id"] for _, a, _ in tree.elements if "id" in a]
        assert len(names) == len({*names})
        for _, attributes, _ in tree.elements:
            wanted = [attributes.get(k, "") for k in ("aria-labelledby", "for", "data-copy-from")]
            wanted.append(attributes.get("href", "").removeprefix("#"))
            assert {name for name in wanted if name} <= {*names}, attributes

    @PAGES
    def test_headings_go_down_one_level_at_a_time(self, text: str) -> None:
        levels = [int(tag[1]) for tag, _, _ in Tree(text).all("h1", "h2", "h3", "h4", "h5")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), levels

    @PAGES
    def test_whatever_can_be_used_has_a_name(self, text: str) -> None:
        for tag, attributes, inside in Tree(text).all("button", "input", "select", "a", "summary"):
            assert attributes.get("aria-label") or inside, (tag, attributes)
            assert tag != "button" or attributes["type"] in ("button", "reset")
        assert all(inside for _, _, inside in Tree(text).all("h1", "h2", "h3", "a", "li"))
        for _, attributes, _ in Tree(text).all("math"):
            assert attributes["alttext"]
        for _, attributes, _ in Tree(text).all("pre"):
            assert attributes["tabindex"] == "0"
            assert attributes["aria-labelledby"]

    @LANGUAGES
    def test_it_says_its_language(self, language: str) -> None:
        tree = Tree(handout(language))
        assert tree.elements[0][:2] == ("html", {"lang": language})
        assert [tag for tag, _, _ in tree.all("main", "header", "nav")] == ["header", "nav", "main"]

    @pytest.mark.parametrize("mode", [0, 1])
    def test_everything_can_be_read_on_its_ground(self, mode: int) -> None:
        found = re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", PALETTE)
        colours = {name: luminance(pair[mode]) for name, *pair in found}
        words = ["ink", "quiet", "rule", "good", "bad", "filled"]
        pairs = [(word, ground) for word in words for ground in ("paper", "card")]
        for first, second in [*pairs, ("paper", "rule"), ("ink", "mark"), ("rule", "mark")]:
            assert contrast(colours[first], colours[second]) >= 4.5, (first, second)
        assert contrast(colours["edge"], colours["paper"]) >= 3

    def test_the_measure_of_contrast(self) -> None:
        assert contrast(luminance("#000000"), luminance("#ffffff")) == pytest.approx(21)
        assert contrast(luminance("#777777"), luminance("#ffffff")) == pytest.approx(4.48, abs=0.01)


def luminance(colour: str) -> float:
    """How bright a colour is, from 0 to 1, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: float, other: float) -> float:
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


class TestForms:
    def test_a_blank_gives_nothing_away(self) -> None:
        text, whole = handout(form=Form.BLANKS), document(form=Form.BLANKS)
        blocks = [b for s in whole.sections for b in s.blocks if isinstance(b, Lines)]
        hidden = [line for block in blocks for line in block.lines if Hidden.RIGHT in line.hidden]
        assert len(hidden) > 5
        for line in hidden:
            assert line.right.mathml not in text
            assert f'data-copy="{line.step.after.latex}"' not in text
        assert text.count('class="blank"') > len(hidden)
        assert "playWith(" not in text.replace("function playWith(", "")

    def test_answers_stand_in_their_places(self) -> None:
        text = handout(form=Form.ANSWERS)
        assert text.count("filled") > 5
        assert "playWith(" in text.replace("function playWith(", "")

    def test_a_law_opens_at_every_line_that_uses_it(self) -> None:
        tree = Tree(handout())
        laws = [text for _, _, text in tree.all("summary")]
        assert laws.count("Chain rule; Kronecker delta") == 4  # two in each of two sections

    def test_answers_to_exercises_stand_behind_everything_else(self) -> None:
        made = exercises(derivation("softmax"), (Kind.GAPS, Kind.MISTAKE, Kind.SHAPE))
        assert len(made) == 3
        block = Exercises("Exercises", made)
        whole = document()
        asking = replace(
            whole, sections=(*whole.sections, Section("practice", "Practice", (), (block,)))
        )
        sheet, key = html.page(asking).split('class="key"')
        assert sheet.count('class="exercise"') == 3
        assert key.count('class="answer"') == 3
        assert "☑" in key
        assert "☑" not in sheet
        blanks = html.page(replace(asking, form=Form.BLANKS))
        assert blanks.count('class="exercise"') == 3
        assert 'class="key"' not in blanks
        Tree(blanks)

    def test_titles_are_text(self) -> None:
        spec = Spec("x", Path(), (Topic("sigmoid", show=("result",)),), title="</title><b>&{{ 1 }}")
        text = html.page(lecture(spec).document("en"))
        assert "<h1>&lt;/title&gt;&lt;b&gt;&amp;{{ 1 }}</h1>" in text


# Numbers in the page

EXAMPLES = (
    *("softmax", "sigmoid", "cross-entropy", "layer-norm", "gru", "gelu", "hardtanh", "attention"),
    *("logsumexp", "max-pooling", "conv1d", "linear"),
)


@cache
def ground(name: str) -> Playground:
    found = derivation(name)
    playground = view_of(found, found.target.at).playground
    assert playground, name
    return playground


def values(sources: list[str], inputs: list[list[dict[str, Any]]], folder: Path) -> Any:
    """For each problem and each of its inputs: lines by entries, and assumptions."""
    return evaluated(
        f"""{NUMBERS}
        const each = (lengths, f) => lengths.length
          ? Array.from({{ length: lengths[0] }}, (_, k) =>
              each(lengths.slice(1), (...at) => f(k + 1, ...at))).flat()
          : [f()];
        const given = {json.dumps(inputs)};
        return [{",".join(sources)}].map((source, q) => given[q].map(({{ inputs, lengths }}) => {{
          const found = numbersOf(source);
          Object.assign(found.inputs, inputs);
          const lines = found.lines.map((line) => each(lengths, line));
          return {{ lines, facts: found.facts.map((fact) => fact()) }};
        }}));""",
        folder,
    )


def moved(name: str, draw: random.Random) -> dict[str, Any]:
    """The numbers of an entry's example, those that it is differentiated by a little off."""
    found = derivation(name)
    numbers = {key: np.array(value, float) for key, value in found.target.at.items()}
    for key in {derive.nodes.name_of(variable) for variable in found.problem.wrt}:
        noise = [draw.uniform(-0.4, 0.4) for _ in range(numbers[key].size)]
        numbers[key] = numbers[key] + np.reshape(noise, numbers[key].shape)
    return numbers


def compare(names: list[str], seed: int | None, folder: Path) -> None:
    """Every line of some derivations against the emitted code, at their examples and, with a seed,
    beside them."""
    print(f"seed {seed}")
    draw = random.Random(seed)
    inputs, wanted = [], []
    for name in names:
        found = derivation(name)
        points: list[dict[str, Any]] = [dict(found.target.at)]
        points += [moved(name, draw)] if seed is not None else []
        f = found.function()
        results = [np.asarray(f(**point)) for point in points]
        plain = [{k: np.array(v, float).tolist() for k, v in point.items()} for point in points]
        inputs.append(
            [{"inputs": p, "lengths": r.shape} for p, r in zip(plain, results, strict=True)]
        )
        wanted.append(results)
    got = values([ground(name).source for name in names], inputs, folder)
    for name, tried, expected in zip(names, got, wanted, strict=True):
        for one, result in zip(tried, expected, strict=True):
            assert len(one["lines"]) == len(derivation(name).steps) + 1
            for number, line in enumerate(one["lines"]):
                where = f"{name}, line {number}"
                np.testing.assert_allclose(line, result.ravel(), 1e-7, 1e-8, err_msg=where)


class TestNumbers:
    def test_every_line_agrees_with_the_emitted_code(self, tmp_path: Path) -> None:
        names = [name for name in EXAMPLES if derive.known.find(name)]
        assert len(names) >= 9
        compare(names, 20240, tmp_path)

    @pytest.mark.slow
    def test_so_do_those_of_the_whole_catalogue(self, tmp_path: Path) -> None:
        names = [entry.name for entry in derive.known.entries()]
        names.remove("multi-class-hinge")  # its example lies at a corner
        compare(names, None, tmp_path)

    def test_a_broken_assumption_is_noticed(self, tmp_path: Path) -> None:
        inputs = [{"inputs": {"y": y}, "lengths": [3]} for y in ([0, 1, 0], [0, 1, 0.5])]
        ((fine, broken),) = values([ground("cross-entropy").source], [inputs], tmp_path)
        assert fine["facts"] == [0]
        assert broken["facts"] == [0.5]
        assert broken["lines"][0] != pytest.approx(broken["lines"][-1])

    def test_a_corner_has_no_slope(self, tmp_path: Path) -> None:
        inputs = [{"inputs": {"x": x}, "lengths": []} for x in (0, 1e-2, -1, 2)]
        (found,) = values([ground("relu").source], [inputs], tmp_path)
        assert [one["lines"][0][0] for one in found] == ["NaN", *map(pytest.approx, (1, 0, 1))]
        assert [one["lines"][-1][0] for one in found] == [0, 1, 0, 1]

    def test_every_elementary_function_can_be_written(self, tmp_path: Path) -> None:
        points = {"acosh": [1.5, 3], "log": [0.3, 4], "sqrt": [0.5], "softplus": [-40, 0.5, 800]}
        usual = [-0.9, -0.2, 0.4, 0.8]
        tried = [(f, x) for name, f in ELEMENTARY.items() for x in points.get(name, usual)]
        tried += [(ELEMENTARY["erf"], x) for x in (-7, -3, 2.5, 5.8)]
        calls = [
            f"((n) => {Writer({}).write(f(scalar('x')))})({{ ...n, entry: () => {x} }})"
            for f, x in tried
        ]
        script = f"""{NUMBERS}
        let n;
        const empty = {{ lines: [], facts: [], names: {{}} }};
        numbersOf((functions) => {{ n = functions; return empty; }});"""
        got = evaluated(f"{script}\nreturn [{', '.join(calls)}];", tmp_path)
        with mp.workdps(30):
            wanted = [float(f(x).doit().evalf(30)) for f, x in tried]
        assert got == pytest.approx(wanted, rel=1e-12)

    def test_there_is_none_where_numbers_are_missing_or_too_many(self) -> None:
        found = derive.derive("softmax")
        assert view_of(found, {"z": [0.1] * 65}).playground is None
        assert view_of(found, {"z": [0.1] * 16}).playground is not None
        assert view_of(found, {"z": [0.1] * 17}).playground is None  # 289 results
        product = derive.derive("x*y", wrt="y")
        assert view_of(product, {"x": 2}).playground is None
        assert view_of(product, {"x": 2, "y": 3}).playground is not None

    def test_an_entry_counts_as_the_formulas_do(self) -> None:
        assert [e.label.text for e in ground("softmax").inputs[0].entries] == [
            "z[1]",
            "z[2]",
            "z[3]",
        ]
        shifted = derive.derive("sum(w[k]*x[t + k], k)", wrt="w[j]")
        found = view_of(shifted, {"x": [1, 2, 3], "w": [1, 2]}).playground
        assert found
        assert [e.label.text for i in found.inputs if i.name == "w" for e in i.entries] == [
            "w[0]",
            "w[1]",
        ]


# In a browser

LOOK = """
const press = (window, key) => window.document.body.dispatchEvent(
  new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const shown = (window) => window.document.querySelectorAll(".step:not([hidden])").length;
const { wide } = frames;
const at = (selector) => wide.document.querySelector(selector);
const found = { total: wide.document.querySelectorAll(".step").length };
found.start = [shown(wide), at(".after").hidden];
at(".next").click(); found.button = shown(wide);
press(wide, "ArrowRight"); found.key = shown(wide);
press(wide, "ArrowLeft"); found.back = shown(wide);
at(".step .formula").click(); found.tap = shown(wide);
at(".step summary").click(); found.law = [shown(wide), at(".step details").open];
found.said = at("#said").textContent;
at(".all").click(); found.all = [shown(wide), at(".after").hidden, at(".next").disabled];
at(".again").click(); found.again = [shown(wide), at(".after").hidden];
at(".all").click();

const ground = () => wide.getComputedStyle(wide.document.body).backgroundColor;
found.before = ground(); at(".theme").click(); found.after = ground();
at(".theme").click(); found.back_again = ground();

const cells = ".lines tbody tr td:last-child";
const rows = () => [...wide.document.querySelectorAll(cells)].map((cell) => cell.textContent);
const change = (selector, value, kind) => {
  at(selector).value = value;
  at(selector).dispatchEvent(new wide.Event(kind, { bubbles: true }));
};
found.example = rows();
change("input[data-place='2']", "0.25", "input");
found.changed = rows();
found.slider = wide.document.querySelectorAll("input[type='range']")[1].value;
change(".letters label:last-child select", "1", "input");
found.verdict = at(".verdict").textContent;
found.here = at(".here").textContent;
at("button[type='reset']").click();
await new Promise((done) => setTimeout(done, 50));
found.reset = at("input[data-place='2']").value;
found.formulas = wide.document.querySelectorAll(".lines math").length;

at(".copy").click();
await new Promise((done) => setTimeout(done, 50));
found.copied = at(".copy").textContent;
found.loaded = wide.performance.getEntriesByType("resource").map((entry) => entry.name)
  .filter((name) => !name.startsWith("data:"));
found.font = wide.document.fonts.check('20px Formulas', 'x');

found.widths = Object.fromEntries(Object.entries(frames).map(([name, window]) => {
  window.document.querySelectorAll(".all").forEach((button) => button.click());
  window.document.querySelectorAll("details").forEach((law) => { law.open = true; });
  return [name, [window.document.documentElement.scrollWidth, window.innerWidth]];
}));
found.small = [...frames.phone.document.querySelectorAll("button, select, input")]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 24)
  .map((one) => one.outerHTML);
return found;
"""


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One visit for all that follows."""
    frames = {
        "wide": (page("softmax"), 1100),
        "phone": (page("softmax"), 360),
        "handout": (handout("zh-CN"), 360),
        "blanks": (handout(form=Form.BLANKS), 360),
        "gru": (page("gru"), 360),
        "attention": (page("attention"), 360),
    }
    found = reported(LOOK, frames, tmp_path_factory.mktemp("browser"))
    assert isinstance(found, dict)
    return found


@needs_browser
class TestBrowser:
    def test_lines_come_one_at_a_time(self, looked: dict[str, Any]) -> None:
        assert looked["start"] == [1, True]
        assert [looked[way] for way in ("button", "key", "back", "tap")] == [2, 3, 2, 3]
        assert looked["said"].startswith("line 3 of 9: Chain rule; Kronecker delta")
        assert looked["all"] == [looked["total"], False, True]
        assert looked["again"] == [1, True]

    def test_a_rule_opens_without_going_on(self, looked: dict[str, Any]) -> None:
        assert looked["law"] == [3, True]

    def test_light_and_dark(self, looked: dict[str, Any]) -> None:
        light, dark = "rgb(255, 255, 255)", "rgb(20, 23, 29)"
        assert [looked[k] for k in ("before", "after", "back_again")] == [light, dark, light]

    def test_numbers_follow_what_the_reader_types(self, looked: dict[str, Any]) -> None:
        f = derivation("softmax").function()
        for key, z in (("example", [1, 2, 3]), ("changed", [1, 0.25, 3])):
            wanted = f"{f(z=z)[0, 1]:.4f}".replace("-", "−")
            assert looked[key] == [wanted] * (looked["total"] + 1)
        assert looked["slider"] == "0.25" or float(looked["slider"]) == pytest.approx(
            0.25, abs=0.06
        )
        assert looked["here"] == f"{f(z=[1, 0.25, 3])[0, 0]:.4f}"
        assert looked["verdict"] == "Every line gives the same number."
        assert looked["reset"] == "2"
        assert looked["formulas"] == looked["total"] + 1

    def test_copying_says_so(self, looked: dict[str, Any]) -> None:
        assert looked["copied"] == "Copied"

    def test_nothing_is_loaded_but_the_font_inside(self, looked: dict[str, Any]) -> None:
        assert looked["loaded"] == []
        assert looked["font"] or not find_spec("ziamath")

    def test_a_phone_does_not_scroll_sideways(self, looked: dict[str, Any]) -> None:
        for name, (needed, width) in looked["widths"].items():
            assert needed <= width, name

    def test_everything_can_be_hit_by_a_finger(self, looked: dict[str, Any]) -> None:
        assert looked["small"] == []

    def test_dark_where_the_reader_prefers_it(self, tmp_path: Path) -> None:
        script = "return frames.page.getComputedStyle(frames.page.document.body).backgroundColor;"
        frames = {"page": (page("sigmoid"), 800)}
        dark = reported(
            f"return [await (async () => {{ {script} }})()];",
            frames,
            tmp_path,
            "--blink-settings=preferredColorScheme=0",
        )
        assert dark == ["rgb(20, 23, 29)"]


@needs_browser
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="there is no pdftotext here")
@pytest.mark.parametrize("scripts", [True, False])
def test_paper_and_a_browser_without_scripts_show_all(scripts: bool, tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    text = page("softmax")
    if not scripts:
        text = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    done = browse(text, tmp_path, f"--print-to-pdf={path}")
    assert not complaints(done)
    shown = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True).stdout
    for said in ("Insert the definition", "Recognise the definition", "Matrix form", "In NumPy"):
        assert said in shown
    for control in ("Next line", "Show all", "Try other numbers", "Copy code", "LaTeX"):
        assert control not in shown
