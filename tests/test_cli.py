"""The command line as a user meets it: output, exit status, one clear line for a mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sympy import Expr

from derive.cli import main
from derive.emit import function
from derive.problem import Problem


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "derive", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


@pytest.mark.parametrize("arguments", [["list"], ["--help"], ["show", "--help"], ["--version"]])
def test_help_and_list_do_not_import_sympy(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom derive.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "assert not {'sympy', 'numpy', 'jinja2'} & set(sys.modules), 'imported too much'"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_list_names_every_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {"activations", "softmax", "losses", "layers"} <= set(lines)
    assert any(line.split()[:1] == ["cross-entropy"] for line in lines)


def test_show_fits_a_terminal_of_80_columns() -> None:
    for name in ("softmax", "cross-entropy", "tanh", "softmax-temperature"):
        done = run("show", name)
        assert done.returncode == 0
        assert max(map(len, done.stdout.splitlines())) <= 80
        assert not done.stderr


def test_show_as_text_is_plain() -> None:
    done = run("show", "softmax", "--format", "text")
    assert done.stdout.isascii()
    assert "s[i]*(delta(i, j) - s[j])" in done.stdout


def test_show_as_json_is_the_derivation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "cross-entropy", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {"target", "wrt", "assume", "status", "verified", "result", "steps"} <= set(data)
    assert data["status"] == "done"
    assert data["verified"] is True
    assert data["result"]["text"] == "p[j] - y[j]"
    assert data["result"]["matrix"] == "p - y"
    for step in data["steps"]:
        assert {"rule", "title", "before", "after", "explanation", "verdict"} <= set(step)
        assert {"text", "latex"} <= set(step["before"])
    for first, second in zip(data["steps"], data["steps"][1:], strict=False):
        assert first["after"] == second["before"]


@pytest.mark.parametrize("form", ["terminal", "text", "latex", "markdown", "html", "json"])
def test_every_format_goes_to_a_file(form: str, tmp_path: Path) -> None:
    file = tmp_path / "out" / "x"
    file.parent.mkdir()
    assert main(["show", "softmax", "--format", form, "-o", str(file)]) == 0
    assert file.read_text(encoding="utf-8").endswith("\n")
    assert os.listdir(file.parent) == ["x"]  # no temporary file is left


def test_a_target_from_standard_input_and_from_a_file(tmp_path: Path) -> None:
    text = "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)\n"
    done = run("show", "-", "--wrt", "z[j]", "--assume", "sum(y[k],k)==1", stdin=text)
    assert done.returncode == 0
    assert "pⱼ − yⱼ" in done.stdout
    file = tmp_path / "mine.toml"
    file.write_text('title = "Mine"\ntext = "x**2*sum(y[k], k)"\nwrt = "x"\n')
    done = run("show", str(file), "--format", "text")
    assert done.returncode == 0
    assert "2*x*sum(y[k], k)" in done.stdout


def test_numbers_are_worked_out() -> None:
    done = run("show", "softmax", "--at", "z=1,2,3", "--format", "text")
    assert "0.0819" in done.stdout
    done = run("show", "linear-cross-entropy", "--at", "W=1,0;0,1;1,1", "--at", "x=1,2")
    assert done.returncode == 2  # b and y are missing
    assert "b" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_code_is_a_module_that_runs(tmp_path: Path) -> None:
    file = tmp_path / "softmax.py"
    assert main(["code", "softmax", "-o", str(file)]) == 0
    program = "import softmax; print(softmax.derivative(z=[1, 2, 3])[0, 0].round(8))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.strip() == "0.08192507"


def test_verify_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "softmax", "binary-cross-entropy"]) == 0
    out = capsys.readouterr().out
    assert out.count(" ok") == 2
    assert max(map(len, out.splitlines())) <= 80


def test_verify_fails_loudly_if_the_code_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def planted(problem: Problem, result: Expr, kind: str) -> Callable[..., Any]:
        return function(problem, result / 2 if kind == "derivative" else result, kind)

    monkeypatch.setattr("derive.checker.numeric.function", planted)
    assert main(["verify", "softmax"]) == 1
    assert "WRONG" in capsys.readouterr().out


BAD: list[tuple[list[str], str]] = [
    (["show", "sofmax"], "softmax"),
    (["show", "softmax(z)[i]", "--wrt", "w[j]"], "w"),
    (["show", "softmax(z[i]", "--wrt", "z[j]"], "bracket"),
    (["show", "sum(W[i,k]*W[k], k)", "--wrt", "W[i,j]"], "W"),
    (["show", "sofmax(z)[i]", "--wrt", "z[j]"], "softmax"),
    (["show", "__import__('os').getcwd()", "--wrt", "x"], ""),
    (["show", "softmax", "--at", "z=1,two"], "two"),
    (["show", "softmax", "--at", "1,2"], "--at"),
    (["show", "softmax", "--by", "magic"], "--by"),
    (["show", "softplus", "--by", "log"], "by="),
    (["show", "nowhere.toml"], "nowhere.toml"),
    (["show", "softmax", "-o", "/proc/none/all.txt"], "/proc/none"),
    (["handout", "softmax", "-o", "/proc/none"], "/proc"),
    (["handout", "softmax", "--format", "doc"], "doc"),
    (["frobnicate"], "frobnicate"),
    (["show", ""], ""),
]


@pytest.mark.parametrize(("arguments", "named"), BAD, ids=lambda value: " ".join(value))
def test_bad_input_gets_one_clear_line(arguments: list[str], named: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert not done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) in (1, 3), done.stderr  # the message; the text and a caret under the place
    assert named in lines[0]
    assert "Traceback" not in done.stderr
    if len(lines) == 3:
        assert lines[2].strip() == "^"


def test_what_is_not_supported_exits_with_3() -> None:
    done = run("code", "softmax-rows", "--backend", "lightgbm")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1


def test_a_caret_points_at_the_place() -> None:
    done = run("show", "exp(x) + foo(x)", "--wrt", "x")
    _, text, caret = done.stderr.splitlines()
    assert text[caret.index("^") :].startswith("foo")
