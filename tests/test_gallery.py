"""The gallery in `output/` shows what the program makes today.

`python -m pytest tests/test_gallery.py --update` writes it anew.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest

from derive.cli import main

GALLERY = Path(__file__).parent.parent / "output" / "gallery"

MADE = {
    "softmax.txt": ["show", "softmax"],
    "cross-entropy.txt": ["show", "cross-entropy"],
    "layer-norm.txt": [
        "show",
        "m = mean(x[k], k); v = mean((x[k] - m)**2, k); h[i] = (x[i] - m)/sqrt(v)",
        "--wrt",
        "x[j]",
        "--level",
        "brief",
    ],
    "softmax.md": ["show", "softmax", "--format", "markdown", "--at", "z=1,2,3"],
    "softmax.zh-CN.txt": ["show", "softmax", "--lang", "zh-CN"],
    "softmax.zh-TW.md": ["show", "softmax", "--lang", "zh-TW", "--format", "markdown"],
    "softmax.html": ["handout", "softmax", "--format", "html"],
    "softmax.tex": ["handout", "softmax", "--format", "tex"],
    "lecture.md": ["handout", str(GALLERY / "lecture.toml"), "--format", "md", "--lang", "en"],
    "lecture.blanks.zh-CN.md": [
        *("handout", str(GALLERY / "lecture.toml"), "--blanks"),
        *("--format", "md", "--lang", "zh-CN"),
    ],
    "softmax.py": ["code", "softmax"],
}


def test_the_marked_page_is_current(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(GALLERY / "working.txt"), "--target", "cross-entropy"]) == 1
    _compare(GALLERY / "working.marked.txt", capsys.readouterr().out, request)


@pytest.mark.parametrize("name", MADE)
def test_the_gallery_is_current(
    name: str, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = MADE[name]
    where = tmp_path if arguments[0] == "handout" else tmp_path / name
    assert main([*arguments, "-o", str(where)]) == 0
    capsys.readouterr()
    made = (tmp_path / name).read_text(encoding="utf-8")
    made = re.sub(r"@font-face {.*?}\n", "", made)  # as the installed fontTools packs it
    _compare(GALLERY / name, made, request)


def _compare(golden: Path, made: str, request: pytest.FixtureRequest) -> None:
    """A text against the one that is kept, which `--update` replaces."""
    if request.config.getoption("--update"):
        golden.write_text(made, encoding="utf-8")
    kept = golden.read_text(encoding="utf-8")
    difference = "\n".join(difflib.unified_diff(kept.splitlines(), made.splitlines(), lineterm=""))
    assert not difference, f"run with --update if this is meant:\n{difference}"
