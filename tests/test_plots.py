"""Plots: the right curves over the right interval, and pictures that can be read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from derive.api import Derivation, derive
from derive.cli import main
from derive.errors import DeriveError, UnsupportedError
from derive.known import entries
from derive.render import pictures, svg
from derive.render.page import Picture
from derive.render.plot_drawings import ticks
from derive.render.plot_samples import curve, heights, jumps, window
from derive.render.plots import plot
from derive.render.tree import Frac, Name, Number, Row, Script

SVG = "{http://www.w3.org/2000/svg}"


@cache
def derived(target: str, *wrt: str) -> Derivation:
    return derive(target, wrt=wrt or None)


@cache
def drawn(target: str, *wrt: str) -> Picture:
    return plot([derived(target, *wrt)])


def read(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def texts(picture: Picture) -> list[str]:
    return ["".join(node.itertext()) for node in read(picture).iter(f"{SVG}text")]


def curves(picture: Picture) -> list[np.ndarray]:
    """The points of every curve, in the picture's units."""
    found = [node.attrib["d"] for node in read(picture).iter(f"{SVG}path")]
    return [np.array([[float(n) for n in p.split()] for p in d[1:].split("L")]) for d in found]


class TestWindow:
    @pytest.mark.parametrize(
        ("function", "near", "inside", "outside"),
        [
            (np.tanh, None, (-2, 2), (-8, 8)),
            (lambda x: np.maximum(x, 0), None, (-1, 1), (-8, 8)),
            (lambda x: np.where(np.abs(x - 5) < 1, (x - 5) ** 2 / 2, np.abs(x - 5) - 0.5), None,
             (3.5, 6.5), (-2, 12)),
            (lambda x: 1 / x, 2.0, (0.1, 2), (-0.1, 20)),
            (np.log, None, (0.1, 2), (-0.1, 20)),
            (lambda x: np.log(x) + np.log(1 - x), None, (0.1, 0.9), (-0.1, 1.1)),
            (lambda x: 3 * x + 1, 50.0, (49.5, 50.5), (0, 70)),
        ],
    )  # fmt: skip
    def test_what_there_is_to_see_is_in_it(self, function, near, inside, outside) -> None:
        with np.errstate(all="ignore"):
            low, high = window(function, near)
        assert low <= inside[0] < inside[1] <= high
        assert outside[0] < low < high < outside[1]

    def test_nothing_finite(self) -> None:
        with pytest.raises(UnsupportedError, match="no finite values"):
            window(lambda x: np.full_like(x, np.nan))


class TestSamples:
    def test_a_jump_is_found_where_it_is_and_left_open(self) -> None:
        def step(x: np.ndarray) -> np.ndarray:
            return np.where(x > np.pi / 3, 1.0, -1.0)

        ((left, right),) = jumps(step, (-4, 4))
        assert left <= np.pi / 3 < right
        assert right - left < 1e-8
        first, second = curve(step, (-4, 4)).pieces
        assert set(first[:, 1]) == {-1.0}
        assert set(second[:, 1]) == {1.0}

    @pytest.mark.parametrize("function", [np.sin, np.abs, lambda x: 1 / (1 + np.exp(-9 * x))])
    def test_what_is_continuous_is_in_one_piece(self, function) -> None:
        assert jumps(function, (-4, 4)) == ()
        (piece,) = curve(function, (-4, 4)).pieces
        assert np.allclose(piece[:, 1], function(piece[:, 0]))

    def test_a_kink_is_one_of_the_points(self) -> None:
        at = np.sqrt(2)
        kinks = jumps(lambda x: np.sign(x - at), (-3, 4))
        (piece,) = curve(lambda x: np.abs(x - at), (-3, 4), kinks).pieces
        assert piece[:, 1].min() < 1e-8

    def test_a_pole_splits_a_curve_and_does_not_flatten_it(self) -> None:
        with np.errstate(all="ignore"):
            tangent = curve(np.tan, (-4, 4))
        assert len(tangent.pieces) == 3
        low, high = heights((tangent,))
        assert -60 < low < -2
        assert 2 < high < 60


class TestTicks:
    @pytest.mark.parametrize(
        ("low", "high", "names"),
        [
            (-1, 1, ["−1.0", "−0.5", "0", "0.5", "1.0"]),
            (0, 20, ["0", "5", "10", "15", "20"]),
            (0.001, 0.0024, ["0.0010", "0.0015", "0.0020"]),
        ],
    )
    def test_round_numbers(self, low: float, high: float, names: list[str]) -> None:
        assert [name for _, name in ticks(low, high, 5)] == names


class TestLabels:
    def test_scripts_are_small_and_the_line_comes_back(self) -> None:
        label = svg.maths(Row((Script(Name("s"), sub=Name("i")), Number("2"))))
        shifts = [float(n) for n in re.findall(r'dy="(-?[\d.]+)em"', label.markup)]
        sizes = [0.7, 1.0]
        assert sum(dy * size for dy, size in zip(shifts, sizes, strict=True)) == pytest.approx(
            0, abs=0.01
        )
        assert '<tspan font-style="italic">s</tspan>' in label.markup

    def test_words_are_escaped(self) -> None:
        assert svg.words("<a> & b").markup == "&lt;a&gt; &amp; b"
        assert "&lt;" in svg.maths(Frac(Name("<"), Name("a"))).markup


class TestPlots:
    def test_a_function_and_its_derivative(self) -> None:
        value, slope = curves(drawn("sigmoid"))
        assert value[0, 1] > value[-1, 1]  # it rises; SVG counts downwards
        steepest = slope[slope[:, 1].argmin(), 0]
        assert steepest == pytest.approx((slope[0, 0] + slope[-1, 0]) / 2, abs=5)
        assert {"s", "ds/dx", "x"} <= set(texts(drawn("sigmoid")))

    def test_the_points_are_those_of_the_function(self) -> None:
        """From the ticks' places back to numbers."""
        picture = read(drawn("tanh"))
        marks = {"".join(node.itertext()): node for node in picture.iter(f"{SVG}text")}
        x0, x2 = (float(marks[name].attrib["x"]) for name in ("0", "2"))
        y0, y1 = (float(marks[name].attrib["y"]) - 4 for name in ("−0.5", "0.5"))
        x0 = float(marks["−2"].attrib["x"]) / 2 + x2 / 2
        value, slope = curves(drawn("tanh"))
        x, y = (value[:, 0] - x0) / (x2 - x0) * 2, (value[:, 1] - y0) / (y1 - y0) - 0.5
        assert np.allclose(y, np.tanh(x), atol=0.01)
        x, y = (slope[:, 0] - x0) / (x2 - x0) * 2, (slope[:, 1] - y0) / (y1 - y0) - 0.5
        assert np.allclose(y, 1 - np.tanh(x) ** 2, atol=0.01)

    def test_a_derivative_that_jumps_is_drawn_in_two_pieces(self) -> None:
        value, left, right = curves(drawn("relu"))
        assert len(value) == 3  # two straight lines
        assert len(left) == len(right) == 2
        assert left[-1, 0] == pytest.approx(right[0, 0], abs=0.2)
        assert left[0, 1] == left[-1, 1] > right[0, 1] == right[-1, 1]

    def test_a_jacobian_has_its_numbers(self) -> None:
        s = np.exp([1.0, 2.0, 3.0]) / np.exp([1.0, 2.0, 3.0]).sum()
        numbers = [f"{x:.4f}".replace("-", "−") for x in (np.diag(s) - np.outer(s, s)).ravel()]
        shown = texts(drawn("softmax"))
        assert [text for text in shown if re.fullmatch(r"−?0\.\d{4}", text)] == numbers
        assert "∂si/∂zj" in shown
        assert "z = (1, 2, 3)" in shown

    def test_shades_tell_signs_and_sizes_apart(self) -> None:
        cells = [node.attrib["fill"] for node in read(drawn("softmax")).iter(f"{SVG}rect")][1:]
        red, blue = zip(*((int(c[1:3], 16), int(c[5:], 16)) for c in cells), strict=True)
        positive = [b > r for r, b in zip(red, blue, strict=True)]
        assert positive == [True, False, False, False, True, False, False, False, True]
        assert red[0] > red[4] > red[8]  # deeper the larger

    def test_a_vector_by_a_number(self) -> None:
        picture = drawn("softmax-temperature", "T")
        assert len(curves(picture)) == 6
        first, second, third = curves(picture)[:3]
        assert third[0, 1] < third[-1, 1]  # the largest one falls as it gets warmer
        assert abs(first[-1, 1] - third[-1, 1]) < abs(first[0, 1] - third[0, 1])
        assert second.shape[1] == 2
        assert {"s1", "s2", "s3", "si", "∂si/∂T"} <= set(texts(picture))

    def test_a_loss_along_the_logit_that_matters(self) -> None:
        shown = texts(drawn("cross-entropy"))
        assert {"L", "∂L/∂z2", "z2", "z = (2, z2, 4), y = (0, 1, 0)"} <= set(shown)

    def test_a_family(self) -> None:
        names = ("sigmoid", "tanh", "relu")
        picture = plot([derived(name) for name in names])
        assert {*names, "f", "df/dx"} <= set(texts(picture))
        dashes = {node.attrib.get("stroke-dasharray") for node in read(picture).iter(f"{SVG}path")}
        assert len(dashes) == 3  # told apart without colours

    def test_second_derivatives(self) -> None:
        assert any(text.startswith("d2") for text in texts(drawn("softplus", "x", "x")))

    def test_it_says_what_it_shows(self) -> None:
        picture = drawn("huber")
        (title,) = read(picture).iter(f"{SVG}title")
        (description,) = read(picture).iter(f"{SVG}desc")
        assert title.text == picture.title == "Huber loss"
        assert description.text == picture.description
        assert "t = 1, d = 1" in picture.description
        assert read(picture).attrib["role"] == "img"

    def test_the_same_each_time(self) -> None:
        assert plot([derive("softmax-temperature", wrt="T")]) == drawn("softmax-temperature", "T")

    def test_numbers_may_be_given(self) -> None:
        assert "a = 2" in texts(plot([derived("a*x", "x")], {"a": 2}))

    @pytest.mark.parametrize(
        ("targets", "at", "message"),
        [
            (["causal-attention"], {}, "^this cannot be plotted: its derivative has 4 axes$"),
            (["softmax", "sigmoid"], {}, "^only functions of one number go together, and softmax"),
            (["sigmoid"] * 9, {}, "^at most 8 fit one plot"),
            (["softmax"], {"z": list(range(20))}, "^this cannot be plotted: 20 x 20 numbers"),
        ],
    )
    def test_what_cannot_be_plotted(self, targets, at, message) -> None:
        with pytest.raises(UnsupportedError, match=message):
            plot([derived(target) for target in targets], at)

    @pytest.mark.parametrize(
        ("at", "message"),
        [
            ({}, 'say what a should be: --at "a=1"'),
            ({"q": 1}, "^q is not a variable of this problem; it has a, x"),
            ({"a": [1, 2]}, "^a has 0 axes, but 1 in the numbers given"),
        ],
    )
    def test_numbers_that_do_not_fit(self, at, message) -> None:
        with pytest.raises(DeriveError, match=message):
            plot([derived("a*x", "x")], at)

    @pytest.mark.slow
    @pytest.mark.parametrize("name", [entry.name for entry in entries()])
    def test_the_whole_catalogue(self, name: str) -> None:
        """Drawn with all its numbers inside the picture, or refused in one line."""
        try:
            picture = drawn(name)
        except UnsupportedError as error:
            assert error.message.startswith("this cannot be plotted: ")  # noqa: PT017
            return
        assert "nan" not in picture.svg
        assert "inf" not in picture.svg
        width = float(read(picture).attrib["width"])
        for points in curves(picture):
            assert (points[:, 0] >= 0).all()
            assert (points[:, 0] <= width).all()
        assert pictures.picture(picture, "pdf").startswith(b"%PDF")


class TestFiles:
    @pytest.mark.parametrize(
        ("form", "start"), [("svg", b"<svg"), ("pdf", b"%PDF"), ("png", b"\x89PNG")]
    )
    def test_every_format(
        self, form: str, start: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / f"p.{form}"
        assert main(["plot", "sigmoid", "-o", str(path)]) == 0
        assert capsys.readouterr().out == f"{path}\n"
        content = path.read_bytes()
        assert content.startswith(start)
        assert pictures.picture(drawn("sigmoid"), form) == content

    def test_the_default_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert main(["plot", "sigmoid", "tanh"]) == 0
        assert capsys.readouterr().out.strip() == str(Path("output", "sigmoid-tanh.svg"))
        assert [path.name for path in Path("output").iterdir()] == ["sigmoid-tanh.svg"]

    @pytest.mark.parametrize(
        ("arguments", "status"),
        [(["softmax", "-o", "x.gif"], 2), (["a*x", "--wrt", "x"], 2), (["causal-attention"], 3)],
    )
    def test_one_line_and_no_file(
        self, arguments, status, tmp_path, monkeypatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert main(["plot", *arguments]) == status
        assert capsys.readouterr().err.count("\n") == 1
        assert list(tmp_path.iterdir()) == []
