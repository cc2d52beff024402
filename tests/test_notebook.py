"""The notebook: a valid file whose code runs from top to bottom and finds what it says."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derive
from derive.handouts.build import handout, lecture
from derive.handouts.document import Document, Form
from derive.handouts.spec import Spec, Topic
from derive.handouts.study import study
from derive.render import notebook, notebook_code
from derive.render.trial import Trial
from derive.target import resolve
from tests.fonts import chinese_font

PARTS = ("notation", "derivation", "result", "matrix", "example", "plot", "code")


@cache
def document(language: str = "en", form: Form = Form.FULL) -> Document:
    topics = tuple(Topic(target, show=PARTS) for target in ("softmax", "cross-entropy"))
    spec = Spec("lecture", Path(), topics, title="50% *off* $x$", references=("A <b>.",))
    return lecture(spec).document(language, form)


@cache
def cells(language: str = "en") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(notebook.render(document(language)))["cells"]
    return found


def sources(kind: str, language: str = "en") -> list[str]:
    return [cell["source"] for cell in cells(language) if cell["cell_type"] == kind]


def run(codes: list[str]) -> dict[str, Any]:
    """What names stand for when all code cells have run."""
    names: dict[str, Any] = {}
    for code in codes:
        exec(compile(code, "cell", "exec"), names)
    return names


@pytest.mark.parametrize("language", ["en", "zh-CN", "zh-TW"])
def test_the_file_is_valid(language: str) -> None:
    nbformat = pytest.importorskip("nbformat")
    with chinese_font():
        text = notebook.render(document(language))
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert text == notebook.render(document(language))
    assert text.endswith("}\n")


def test_it_runs_from_top_to_bottom() -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    book = nbformat.reads(notebook.render(document()), as_version=4)
    nbclient.NotebookClient(book, timeout=60).execute()
    outputs = [cell.outputs for cell in book.cells if cell.cell_type == "code"]
    shown = [out[0]["data"]["text/plain"] for out in outputs if out]
    assert [len(out) for out in outputs] == [0, 1, 1, 0, 1, 1]
    assert "0.08192507" in shown[0]
    assert float(shown[1]) < 1e-8
    assert float(shown[3]) < 1e-8


def test_formulas_are_between_dollars() -> None:
    for text in sources("markdown"):
        assert "```" not in text
        assert text.count("$$") % 2 == 0
        assert r"\changed" not in text
    assert any(r"\begin{aligned}" in text for text in sources("markdown"))
    first, *_ = sources("markdown")
    assert first.startswith(r"# 50% \*off\* \$x\$")
    assert sources("markdown")[-1].endswith(r"- A \<b\>.")


def test_the_parts_come_in_their_order() -> None:
    heads = [t.splitlines()[0] for t in sources("markdown") if t.startswith("#")]
    softmax = heads[
        heads.index("# Softmax") : heads.index("# Cross-entropy of a softmax".replace("-", r"\-"))
    ]
    assert softmax == [
        *("# Softmax", "## Notation", "## Derivation", "## Result", "## Matrix form"),
        *("## Worked example", "## In NumPy", "## The same from the code"),
        "## Checked by differences",
    ]


def test_pictures_are_inside() -> None:
    pictures = [cell for cell in cells() if "attachments" in cell]
    assert len(pictures) == 2
    for cell in pictures:
        ((file, content),) = cell["attachments"].items()
        assert cell["source"].endswith(f"](attachment:{file})")
        assert base64.b64decode(content["image/png"]).startswith(b"\x89PNG")


def test_a_wrong_derivative_stops_it() -> None:
    module, example, check = sources("code")[:3]
    names = run([module, example, check])
    assert np.shape(names["quotients"]) == (3, 3)
    wrong = re.sub(r"def value", "def value_", module) + "\n\ndef value(*, z):\n    return z**2\n"
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        run([wrong, example, check])


def test_an_index_on_both_sides_and_a_second_derivative() -> None:
    for target, wrt in (("softmax(z)[j]", "z[j]"), ("sum(x[k]**3, k)", ["x[i]", "x[j]"])):
        found = derive.derive(target, wrt=wrt)
        shape = found.problem.variables[0]
        trial = Trial(
            numbers={shape: [1.0, 2.0, 0.5]},
            axes=tuple(map(str, found.problem.axes)),
            by=tuple((shape, (str(v.indices[0]),)) for v in found.problem.wrt),
            result=tuple(map(str, (*found.problem.axes, *found.problem.wrt_axes))),
        )
        names = run([found.source(), notebook_code.example(trial), notebook_code.check(trial)])
        assert np.shape(names["quotients"]) == np.shape(names["derivative"](**names["at"]))


def test_blanks_stay_blank() -> None:
    shown = document(form=Form.BLANKS)
    text = json.loads(notebook.render(shown))["cells"]
    assert any(r"\boxed{\hspace" in cell["source"] for cell in text)


def test_without_numbers_there_is_nothing_to_try() -> None:
    found = study(resolve("x**2*y", "x"))
    codes = [
        cell["source"]
        for cell in json.loads(notebook.render(handout(found)))["cells"]
        if cell["cell_type"] == "code"
    ]
    assert len(codes) == 1
    assert "def derivative" in codes[0]


@pytest.mark.slow
def test_every_entry_of_the_catalogue_runs() -> None:
    for entry in derive.known.entries():
        if entry.name == "multi-class-hinge":
            continue  # its example lies at a corner
        shown = handout(study(resolve(entry.name)))
        found = json.loads(notebook.render(shown))["cells"]
        run([cell["source"] for cell in found if cell["cell_type"] == "code"])
