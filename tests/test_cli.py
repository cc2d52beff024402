"""The command line as a user meets it: output, exit status, one clear line for a mistake."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from derive.api import Derivation
from derive.checker.finite import check
from derive.cli import main
from derive.emit import source
from derive.emit.backends import loading
from derive.steps import Chain


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
    assert out.count(" ok") >= 2  # a row for each back end that is installed
    assert max(map(len, out.splitlines())) <= 80


def test_verify_fails_loudly_if_the_code_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def planted(derivation: Derivation, backend: str = "numpy") -> str:
        return source(derivation.problem, derivation.result / 2, backend)

    monkeypatch.setattr("derive.api.Derivation.source", planted)
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
    ([], "COMMAND"),
    (["show", "-log(x", "--wrt", "x"], "bracket"),
    (["show", "softmax", "-v"], "-v"),
    (["show", "softmax", "--at", "z=1,2", "--at", "z=3"], "twice"),
    (["show", "softmax", "-o", ""], "directory"),
    (["verify", "x**2"], "--wrt"),
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


@pytest.mark.parametrize("backend", ["numba", "torch", "lightgbm", "xgboost"])
def test_a_module_is_written_where_its_library_is_not_installed(
    backend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = Path(__file__).parents[1] / "pyproject.toml"
    extras = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert backend in extras
    advice = f"{backend} is not installed here; to use the module: pip install 'derive[{backend}]'"
    for installed, said in ((False, f"derive: {advice}\n"), (True, "")):
        monkeypatch.setattr(loading, "is_installed", lambda _, answer=installed: answer)
        assert main(["code", "cross-entropy", "--backend", backend]) == 0
        written = capsys.readouterr()
        assert "def " in written.out
        assert written.err == said


def test_what_is_not_supported_exits_with_3() -> None:
    done = run("code", "softmax-rows", "--backend", "lightgbm")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1


def test_a_caret_points_at_the_place() -> None:
    done = run("show", "exp(x) + foo(x)", "--wrt", "x")
    _, text, caret = done.stderr.splitlines()
    assert text[caret.index("^") :].startswith("foo")


def test_a_formula_may_start_with_a_minus() -> None:
    assert "Result: -1/x" in run("show", "-log(x)", "--wrt", "x", "--format", "text").stdout
    assert run("check", "-1/x", "--target", "-log(x)", "--wrt", "x").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["code", "-", "--wrt", "x"],
        ["verify", "-", "--wrt", "x"],
        ["check", "2*x", "--target", "-", "--wrt", "x"],
    ],
    ids=lambda value: value[0],
)
def test_every_target_may_stand_on_standard_input(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("x**2\n"))
    assert main(arguments) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
@pytest.mark.parametrize("arguments", [["show", "-"], ["check", "-", "--target", "softmax"]])
def test_standard_input_that_is_no_text_is_one_line(
    arguments: list[str],
    errors: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(b"x**2 + \xe9"), "utf-8", errors)
    monkeypatch.setattr("sys.stdin", stream)
    assert main(arguments) == 2
    assert capsys.readouterr().err == "derive: standard input is not text in utf-8\n"


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
@pytest.mark.parametrize("form", ["text", "html"])
def test_a_file_of_any_name_is_read(tmp_path: Path, form: str) -> None:
    file, made = tmp_path / "a\udcff.toml", tmp_path / "made"
    file.write_text('text = "x**2"\nwrt = "x"\n')
    assert main(["show", str(file), "--format", form, "-o", str(made)]) == 0
    assert "a\ufffd" in made.read_text(encoding="utf-8")


def test_a_wrong_step_exits_with_1_and_an_unfinished_derivation_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def spoiled(chain: Chain) -> Chain:
        *steps, last = chain.steps
        return check(replace(chain, steps=(*steps, replace(last, after=2 * last.after))))

    with monkeypatch.context() as patch:
        patch.setattr("derive.api.check", spoiled)
        assert main(["show", "tanh", "--format", "text"]) == 1
    shown = capsys.readouterr()
    assert "refuted" in shown.err
    assert "each one checked" not in shown.out
    monkeypatch.setattr("derive.api.RULES", ())
    assert main(["show", "tanh", "--format", "json"]) == 3
    shown = capsys.readouterr()
    assert "stuck" in shown.err
    assert json.loads(shown.out)["status"] == "stuck"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_pairs_without_a_derivative_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    stress = "(norm(x[i,:] - x[k,:]) - d[i,k])**2"
    assert main(["show", f"sum({stress}, i, k)", "--wrt", "x[a,b]"]) == 3
    shown = capsys.readouterr()
    advice = "no derivative where i = k, leave it out as in where(i != k, ..., 0)"
    assert shown.err == f"derive: not every step could be decided: {advice}\n"
    left_out = f"sum(where(i != k, {stress}, 0), i, k)"
    assert main(["show", left_out, "--wrt", "x[a,b]"]) == 0
    assert not capsys.readouterr().err


def test_what_is_written_to_a_pipe_or_a_link_leaves_it_in_place(tmp_path: Path) -> None:
    pipe, link, file = (tmp_path / name for name in ("pipe", "link", "file"))
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert main(["show", "tanh", "--format", "text", "-o", str(pipe)]) == 0
    assert b"Result: 1 - t**2" in os.read(reader, 10_000)
    os.close(reader)
    assert pipe.is_fifo()
    link.symlink_to(file)
    assert main(["show", "tanh", "-o", str(link)]) == 0
    assert link.is_symlink()
    assert "1 − t²" in file.read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no device that is full")
def test_a_full_or_closed_stream_gets_no_traceback() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "derive", "list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["derive: standard output: no space left on device"]
    shell = f"'{sys.executable}' -m derive show - --wrt x <&- >&-"
    done = subprocess.run(shell, shell=True, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["derive: there is nothing here: an expression is wanted"]
