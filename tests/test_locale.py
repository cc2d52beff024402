"""Documents in every language: no sentence is missing, and what is written is right as writing."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import polib
import pytest

import derive
from derive import engine, known, locale
from derive.answers import sentences
from derive.answers.functions import UNSTABLE
from derive.answers.mistakes import MISTAKES
from derive.cli import main
from derive.errors import DeriveError
from derive.exercises import sentences as exercises
from derive.handouts.write import write_view
from derive.locale import ENGLISH, LANGUAGES, messages
from derive.matrix import DENOMINATOR, NUMERATOR
from derive.phrases import Phrase
from derive.problemfile import read
from derive.render import html, labels, markdown, terminal, typesetters
from derive.render.boxes import columns
from derive.render.formats import render, view_of
from derive.render.page import blanks_of
from derive.render.view import view
from derive.render.words import ENGLISH as ENGLISH_WORDS
from derive.render.words import IN_FORMULAS, IN_WITNESSES, Words, words_in
from derive.render.wrapping import wrapped
from derive.rules import CANCEL, CASES, WAYS
from derive.steps import Verdict
from derive.target import resolve
from tests.chains import softmax, with_verdict

CHINESE = LANGUAGES[1:]
EVERY_CHINESE = pytest.mark.parametrize("language", CHINESE)
CATALOGUES = Path(locale.__file__).parent

# The older encodings hold the signs of one of the two ways of writing, and hardly any of the other.
ENCODINGS = {"zh-CN": "gb2312", "zh-TW": "big5"}
# Words of one place that readers of the other do not use.
ELSEWHERE = {
    "zh-CN": ["機率", "资讯", "程式", "网路", "变异数", "微分法则"],
    "zh-TW": ["概率", "信息", "代碼", "網絡", "神經網絡", "方差", "似然", "默認", "歸一化", "回歸"],
}
EXAMPLES = ("softmax", "cross-entropy", "hardtanh", "layer-norm", "gru", "barlow-twins")
FORMATS = ("terminal", "text", "latex", "markdown", "html", "json")


def collected() -> list[str]:
    """Every sentence that documents may say."""
    words = [f.default for f in fields(Words) if f.name not in ("language", "messages")]
    rules = {rule for way in WAYS.values() for rule in way} | {CASES, CANCEL}
    said = [*IN_FORMULAS, *IN_WITNESSES, NUMERATOR, DENOMINATOR]
    said += [engine.JACOBIAN_OF, engine.DERIVATIVE_OF, *exercises.ALL, *labels.ALL]
    said += [text for rule in rules for text in (rule.title, rule.reason)]
    said += [text for m in (*MISTAKES, UNSTABLE) for text in (m.title, m.why, m.mend)]
    said += sentences.every()
    return sorted({str(text) for text in [*words, *said]})


def chinese(language: str) -> dict[str, str]:
    """All that is written in a language: the sentences, and the catalogue's texts."""
    texts = dict(messages(language))
    for entry in known.entries():
        for key, text in entry.prose.get(language, {}).items():
            texts[f"{entry.name}: {key}"] = text
    return texts


def foreign(text: str, language: str) -> str:
    """The Chinese signs in a text that its readers do not write."""
    signs = re.findall(r"[\u4e00-\u9fff]", text)
    return "".join(s for s in signs if not s.encode(ENCODINGS[language], errors="ignore"))


@cache
def derivation(name: str) -> derive.Derivation:
    return derive.derive(name, level="full")


class TestCatalogues:
    @EVERY_CHINESE
    def test_no_sentence_is_missing(self, language: str) -> None:
        missing = [text for text in collected() if text not in messages(language)]
        assert not missing, f"{language} has no: {missing}"

    @EVERY_CHINESE
    def test_none_is_left_over(self, language: str) -> None:
        unused = sorted(set(messages(language)) - set(collected()))
        assert not unused, f"{language}: nobody says {unused}"

    @EVERY_CHINESE
    def test_the_file_is_sound(self, language: str) -> None:
        file = polib.pofile(
            CATALOGUES / f"{language.replace('-', '_')}.po", check_for_duplicates=True
        )
        assert file.metadata["Language"] == language.replace("-", "_")
        assert file.percent_translated() == 100
        assert not file.fuzzy_entries()

    @EVERY_CHINESE
    def test_blanks_agree(self, language: str) -> None:
        for english, own in messages(language).items():
            assert set(blanks_of(own)) == set(blanks_of(english)), (english, own)

    @EVERY_CHINESE
    def test_sentences_end_as_chinese_ones_do(self, language: str) -> None:
        for english, own in chinese(language).items():
            assert not re.search(r"[,;:!?]|\.$", own.replace("1-D", "")), (english, own)
            assert own.endswith("。") or not re.search(r"\w\.$", english), (english, own)
            assert not re.search(r"[，。；：、）」] | [，。；：、（「]", own), (english, own)

    @EVERY_CHINESE
    def test_a_space_between_chinese_and_blanks(self, language: str) -> None:
        for english, own in messages(language).items():
            if english not in _JOINING:
                han = r"[\u4e00-\u9fff]"
                assert not re.search(rf"{han}[{{A-Za-z0-9]|[}}A-Za-z0-9]{han}", own), own

    @EVERY_CHINESE
    def test_signs_and_words_of_the_right_place(self, language: str) -> None:
        for english, own in chinese(language).items():
            assert not foreign(own, language), (english, own)
            assert not [word for word in ELSEWHERE[language] if word in own], own
            quotes = "「」『』" if language == "zh-CN" else "“”‘’"
            assert not set(own) & set(quotes), own

    def test_the_encodings_tell_the_two_apart(self) -> None:
        assert foreign("求導的链式法則", "zh-TW") == "链"
        assert foreign("求導的链式法則", "zh-CN") == "導則"

    @EVERY_CHINESE
    def test_every_entry_of_the_catalogue_has_its_texts(self, language: str) -> None:
        for entry in known.entries():
            texts = entry.prose.get(language, {})
            assert {*texts} == {"title", "description"}, f"{entry.name} in {language}"
            assert texts["description"].endswith("。"), entry.name
        titles = [entry.prose[language]["title"] for entry in known.entries()]
        assert len(titles) == len({*titles})


# Their blanks are filled with Chinese, or with a sentence.
_JOINING = {
    "{first} {second}",
    "{text} ({remark})",
    "written in {layout}",
    "In {convention}, what do the rows and the columns of {derivative} stand for?",
}


class TestWords:
    def test_english_needs_no_catalogue(self) -> None:
        code = (
            "import sys; from derive.render.words import words_in; words_in('en');"
            "sys.exit('polib' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

    def test_what_is_not_in_the_catalogue_stays_as_it_is(self) -> None:
        assert words_in("zh-CN").say("My own rule") == "My own rule"
        assert words_in("zh-CN").say("Quotient rule") == "商法则"
        assert words_in("zh-TW").say("Quotient rule") == "商法則"
        assert words_in(ENGLISH) == ENGLISH_WORDS

    def test_an_unknown_language_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="lang is one of en, zh-CN, zh-TW, not 'zh'"):
            derivation("softmax").to_text(lang="zh")

    def test_a_phrase_is_its_english_and_knows_its_parts(self) -> None:
        phrase = Phrase("Jacobian of {function}", function="softmax")
        assert phrase == "Jacobian of softmax"
        assert (phrase.message, phrase.blanks) == (
            "Jacobian of {function}",
            {"function": "softmax"},
        )


class TestDocuments:
    @EVERY_CHINESE
    @pytest.mark.parametrize("form", FORMATS)
    @pytest.mark.parametrize("name", EXAMPLES)
    def test_no_english_is_left(self, name: str, form: str, language: str) -> None:
        shown = render(derivation(name), form, lang=language)
        if form == "json":
            data = json.loads(shown)
            assert data["lang"] == language
            shown = "\n".join(f"{s['title']}\n{s['explanation']}" for s in data["steps"])
        tags = r"<(style|script)>.*?</\1>|<[^>]*>|\\[A-Za-z]+"  # and what TeX calls \right
        shown = re.sub(tags, " ", shown, flags=re.DOTALL)
        english = [text for text in collected() if len(text) > 3 and "{" not in text]
        left = [text for text in english if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", shown)]
        allowed = {"indices", "point", "after", "before", "sizes", "result", "right", "Sigmoid"}
        assert not {*left} - allowed

    @EVERY_CHINESE
    @pytest.mark.parametrize("by", ["quotient", "product", "log"])
    def test_every_way_is_told(self, by: str, language: str) -> None:
        found = derive.derive("softmax", by=by, level="full")
        for step in view_of(found, lang=language).steps:
            words = "".join(part for part in step.explanation if isinstance(part, str))
            assert not re.search(r"[A-Za-z]{2,}", words.replace("sigmoid", "")), words
            assert step.title
            assert not re.search(r"[A-Za-z]{2,}", step.title.replace("softmax", "")), step.title

    def test_what_is_asked_in_chinese_order(self) -> None:
        shown = derivation("softmax").to_markdown(lang="zh-CN")
        assert shown.startswith("# softmax 函数\n\n$s_i$ 对 $z_j$ 的偏导数\n")
        assert "\n把得分变成和为 1 的正数。\n" in shown
        assert "$x$ 對 $" not in shown
        sigmoid = derive.derive("sigmoid").to_text(lang="zh-TW")
        assert sigmoid.startswith("sigmoid 函數\ns 對 x 的導數\n")
        second = derive.derive("x**2*y", wrt=["x", "y"]).to_text(lang="zh-CN")
        assert "x**2*y 对 x 和 y 的二阶偏导数" in second

    def test_joined_titles_part_by_part(self) -> None:
        shown = derive.derive("cross-entropy").to_text(lang="zh-TW")
        assert "[softmax 的雅可比矩陣；約分；引用 diff(p[i], z[j]) = " in shown
        assert "[代入定義；常數倍]" in shown

    def test_a_wrong_step_is_told_with_its_witness(self) -> None:
        found = {"sizes": "n = 2", "before": "0.5", "after": "1"}
        wrong = with_verdict(softmax(), 2, Verdict.REFUTED, **found)
        shown = view(wrong, words=words_in("zh-CN"))
        told = "此步有误：验证得出反例（长度：n = 2；变换前：0.5；变换后：1）"
        assert shown.steps[2].alarm == told
        assert told in terminal.render(shown).replace("\n    ", "")
        assert told in html.render(shown)
        assert "结果（未经确认）" in markdown.render(shown)

    def test_words_in_formulas(self) -> None:
        shown = derivation("hardtanh").to_latex(lang="zh-CN")
        assert r"\ \text{若}\ x \le -1" in shown
        assert r"\text{其他}" in shown
        assert r"-1\ \text{且}\ x" in shown
        plain = derive.derive("where(not (x > 0 or y > 1), x**2, 0)", wrt="x")
        assert "otherwise" not in plain.to_html(lang="zh-TW")

    @EVERY_CHINESE
    @pytest.mark.parametrize("width", [40, 60, 80])
    @pytest.mark.parametrize("name", ["softmax", "hardtanh", "barlow-twins"])
    def test_a_wide_sign_takes_two_columns(self, name: str, width: int, language: str) -> None:
        found = view_of(derivation(name), lang=language)
        shown = terminal.render(found, terminal.Terminal(width, reasons=True))
        assert max(map(columns, shown.splitlines())) <= width

    @EVERY_CHINESE
    def test_a_page_says_its_language(self, language: str) -> None:
        shown = derivation("softmax").to_html(lang=language)
        assert f'<html lang="{language}">' in shown
        assert f":root:lang({language})" in shown
        assert '<html lang="en">' in derivation("softmax").to_html()

    def test_a_dollar_has_a_space_in_front(self) -> None:
        for name in EXAMPLES:
            shown = derivation(name).to_markdown(lang="zh-CN")
            prose = re.sub(r"```.*?```", "", shown, flags=re.DOTALL)
            around = re.split(r"\$[^$\n]+\$", prose)
            assert not [text for text in around[:-1] if text and not text[-1].isascii()]
            assert not [text for text in around[1:] if text and text[0].isalnum()]

    def test_a_terminal_without_chinese_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Screen(io.StringIO):
            encoding = "ascii"

        monkeypatch.setattr(sys, "stdout", Screen())
        with pytest.raises(DeriveError, match="ascii"):
            render(derivation("softmax"), "terminal", terminal=True, lang="zh-CN")


class TestLines:
    def test_no_line_begins_with_a_stop_or_ends_with_an_opening_bracket(self) -> None:
        text = "分子（甲、乙）与分母都依赖于它：分子的导数乘以分母，减去分子乘以分母的导数。" * 3
        for width in range(8, 40):
            rows = wrapped(text, width)
            assert "".join(rows) == text
            assert max(map(columns, rows)) <= width
            assert not [row for row in rows if row[0] in "，。：、）"]
            assert not [row for row in rows if row[-1] in "（"]

    def test_a_word_stays_whole_and_spaces_end_with_the_line(self) -> None:
        assert wrapped("对 softmax 求导，得 exp", 12, "  ") == [
            "  对 softmax",
            "  求导，得",
            "  exp",
        ]
        assert wrapped("plain words only", 8) == ["plain", "words", "only"]
        assert wrapped("导" + "x" * 30, 10)[0] == "导xxxxx"


class TestProse:
    def test_a_file_says_its_title_in_a_language(self, tmp_path: Path) -> None:
        text = "text = 'x**2'\nwrt = 'x'\ntitle = 'Square'\n[prose.zh-TW]\ntitle = '平方'\n"
        path = tmp_path / "square.toml"
        path.write_text(text, encoding="utf-8")
        target = resolve(str(path))
        assert target.told("zh-TW") == ("平方", "")
        assert target.told("zh-CN") == ("Square", "")

    def test_what_a_file_says_itself_goes_before_the_entry_it_names(self) -> None:
        plain = read(b"entry = 'softmax'\n", "a.toml")
        assert plain.prose["zh-CN"]["title"] == "softmax 函数"
        own = read("entry = 'softmax'\ntitle = '我的题目'\n".encode(), "a.toml")
        assert "title" not in own.prose["zh-CN"]
        assert own.prose["zh-CN"]["description"] == "把得分变成和为 1 的正数。"
        mine = "entry = 'softmax'\ntitle = 'Mine'\n[prose.zh-CN]\ntitle = '我的'\n"
        assert read(mine.encode(), "a.toml").prose["zh-CN"]["title"] == "我的"


class TestCommands:
    def test_several_languages_at_once(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ["handout", "sigmoid", "--format", "html", "--lang", "en,zh-CN,zh-TW"]
        assert main([*arguments, "-o", str(tmp_path)]) == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "sigmoid.html",
            "sigmoid.zh-CN.html",
            "sigmoid.zh-TW.html",
        ]
        assert "sigmoid 函數" in (tmp_path / "sigmoid.zh-TW.html").read_text(encoding="utf-8")
        assert len(capsys.readouterr().out.splitlines()) == 3

    def test_show_in_a_language(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["show", "sigmoid", "--lang", "zh-CN", "--format", "text"]) == 0
        assert "结果：s*(1 - s)" in capsys.readouterr().out

    @pytest.mark.parametrize("lang", ["fr", "", "en,fr", "zh"])
    def test_an_unknown_language_is_refused(
        self, lang: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["handout", "sigmoid", "--lang", lang]) == 2
        assert "--lang takes en, zh-CN, zh-TW, not" in capsys.readouterr().err


class TestTypesetting:
    def test_tex_without_chinese_is_passed_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(typesetters, "has_package", lambda _: False)
        monkeypatch.setattr(typesetters, "typst_pdf", lambda _, region: region.encode())
        found = view_of(derivation("softmax"), lang="zh-TW")
        (path,) = write_view(found, tmp_path, ("pdf",))
        assert path.read_bytes() == b"TW"

    def test_an_engine_that_has_no_chinese_is_refused(self) -> None:
        with pytest.raises(DeriveError, match="cannot set Chinese"):
            typesetters.engine_for("pdflatex", typesetters.CHINESE_TEX)

    @pytest.mark.skipif(not shutil.which("xelatex"), reason="no xelatex here")
    @pytest.mark.parametrize("language", CHINESE)
    def test_a_document_compiles_and_its_text_can_be_found(
        self, language: str, tmp_path: Path
    ) -> None:
        if not _has_fonts():
            pytest.skip("no ctex or no Noto CJK fonts here")
        found = view_of(derive.derive("softmax"), lang=language)
        (path,) = write_view(found, tmp_path, ("pdf",), "xelatex")
        assert path.name == f"softmax.{language}.pdf"
        if shutil.which("pdftotext"):
            text = subprocess.run(
                ["pdftotext", str(path), "-"], capture_output=True, check=True
            ).stdout.decode()
            assert found.words.derivation in text
            assert found.title in text

    @pytest.mark.skipif(not shutil.which("xelatex"), reason="no xelatex here")
    def test_a_sign_that_the_font_lacks_is_an_error(self) -> None:
        source = "\\documentclass{article}\n\\begin{document}\n說 x\n\\end{document}\n"
        with pytest.raises(DeriveError, match="xelatex printed a blank: There is no 說"):
            typesetters.tex_pdf(source, "xelatex")

    @pytest.mark.skipif(not shutil.which("xelatex"), reason="no xelatex here")
    def test_a_font_that_is_not_there_is_named(self) -> None:
        if not _has_fonts():
            pytest.skip("no ctex here")
        source = (
            "\\documentclass{article}\n\\usepackage[fontset=none]{ctex}\n"
            "\\setCJKmainfont{Noto Serif CJK XX}\n\\begin{document}\n說\n\\end{document}\n"
        )
        with pytest.raises(DeriveError, match=r"CJK XX.*Chinese needs the package ctex and the"):
            typesetters.tex_pdf(source, "xelatex")


def _has_fonts() -> bool:
    finders = [shutil.which("kpsewhich"), shutil.which("fc-list")]
    if not all(finders):
        return False
    style = subprocess.run(["kpsewhich", "ctex.sty"], capture_output=True, check=False).stdout
    fonts = subprocess.run(["fc-list"], capture_output=True, check=False).stdout
    return bool(style) and b"Noto Serif CJK TC" in fonts
