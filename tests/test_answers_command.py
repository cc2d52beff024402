"""The commands: exit status, formats, functions that are run only when that is asked for, and many
answers at once."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from derive.answers import batch
from derive.answers.batch import Answer, Asked, Row, answers_of, check_many, checked
from derive.cli import main
from derive.errors import DeriveError

ASKED = Asked("softmax")
ANSWERS = [
    Answer("right", "s[i]*(delta(i, j) - s[j])"),
    Answer("diagonal", "s[i]*(1 - s[i])"),
    Answer("sign", "s[i]*(s[j] - delta(i, j))"),
    Answer("bad", "s[i]*("),
    Answer("empty", ""),
    Answer("open", "S = 3"),
    Answer("page", "ds[i]/dz[j] = s[i]*delta(i, j)\n= s[i]*delta(i, j)*sum(s[k], k)"),
    Answer("huge", "s[i]*" * 20_000),
    Answer("again", "s[i]*(1 - s[i])"),
]
VERDICTS = "right wrong wrong error error undecided wrong error wrong".split()  # noqa: SIM905

FUNCTIONS = '''
import os
import time
import numpy as np

def good(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    s = e / e.sum(axis=-1, keepdims=True)
    return s[..., None] * (np.eye(z.shape[-1]) - s[..., None, :])

def renamed(logits):
    return good(logits)

def overflows(z):
    s = np.exp(z) / np.exp(z).sum()
    return np.diag(s) - np.outer(s, s)

def fails_far(z):
    if abs(z).max() > 100:
        raise OverflowError("math range error")
    return good(z)

def complex_(z):
    return good(z) + 0.1j

def diagonal(z):
    """As on the page: the derivative of a batched softmax."""
    s = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    return s * (1 - s)

def transposed_sign(z):
    return -overflows(z)

def one_number(z):
    return 1.0

def slow(z):
    time.sleep(60)

def loud(z):
    print("x" * 10_000)
    return good(z)

def fails(z):
    raise ValueError("no")

def nothing(z):
    z.sum()

def leaves(z):
    os._exit(7)
'''


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    said = capsys.readouterr()
    return status, said.out, said.err


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    file = tmp_path / "student.py"
    file.write_text(FUNCTIONS, encoding="utf-8")
    return file


# One answer


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ("s[i]*(delta(i, j) - s[j])", 0, "right: equal for every size"),
        ("s[i]*(1 - s[i])", 1, "Only the diagonal (diagonal-only)"),
        ("S = sum(exp(z[k]), k)", 3, "undecided: no line states the result"),
    ],
)
def test_the_exit_status_is_the_verdict(
    capsys: pytest.CaptureFixture[str], answer: str, status: int, said: str
) -> None:
    found = run(capsys, "check", answer, "--target", "softmax")
    assert found[0] == status
    assert said in found[1]
    assert found[2] == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["s[i]*("], "this is not closed"),
        (["nowhere.txt"], "nowhere.txt cannot be read: No such file or directory"),
        (["s[i]", "--run"], "--run is for a .py file"),
        (["s[i]", "--hint", "1", "--format", "json"], "--hint is for people"),
        (["s[i] \udcff"], "the character 0xdcff has no meaning here"),
        (["s[i]", "--function", "f"], "--function a .py file"),
        (["x.py"], "needs --function NAME"),
        (["x.py", "--function", "f"], "say --run"),
        (["x.py", "--function", "f", "--run"], "there is no file x.py"),
    ],
)
def test_bad_input_is_status_2_with_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    status, out, err = run(capsys, "check", *arguments, "--target", "softmax")
    assert (status, out) == (2, "")
    assert message in err.splitlines()[0]
    assert "Traceback" not in err


def test_answers_from_a_file_and_from_standard_input(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("My answer:\n\n$$\\frac{\\partial L}{\\partial z_j} = p_j$$\n", "utf-8")
    status, out, _ = run(capsys, "check", str(page), "--target", "cross-entropy")
    assert status == 1
    assert "missing-term" in out
    monkeypatch.setattr(sys, "stdin", (tmp_path / "page.md").open(encoding="utf-8"))
    assert run(capsys, "check", "-", "--target", "cross-entropy")[0] == 1


@pytest.mark.parametrize(("language", "title"), [("en", "Only the diagonal"), ("zh-CN", "对角")])
def test_json(capsys: pytest.CaptureFixture[str], language: str, title: str) -> None:
    asked = ["--target", "softmax(z)[i]", "--wrt", "z[j]", "--format", "json", "--lang", language]
    status, out, _ = run(capsys, "check", "s[i]*(1 - s[i])", *asked)
    assert status == 1
    found = json.loads(out)["misconception"]
    assert found["slug"] == "diagonal-only"
    assert title in found["title"]


def test_sentences_are_as_wide_as_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    widths = []
    for is_terminal in (False, True):
        monkeypatch.setattr(sys.stdout, "isatty", lambda own=is_terminal: own)
        out = run(capsys, "check", "s[i]*(1 - s[i])", "--target", "softmax")[1]
        widths.append(max(len(re.sub(r"\x1b\[[\d;]*m", "", row)) for row in out.splitlines()))
    assert 70 < widths[0] <= 80
    assert 50 < widths[1] <= 60


@pytest.mark.parametrize("command", [["check", "s[i]"], ["check-batch", "."]])
def test_question_marks_stand_for_no_language(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "derive", *command, "--target", "softmax", "--lang", "zh-CN"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"has no signs for zh-CN" in done.stderr


def test_hints_and_languages(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", "s[i]*(1 - s[i])", "--target", "softmax"]
    assert "diagonal" not in run(capsys, *arguments, "--hint", "1")[1]
    assert "diagonal" in run(capsys, *arguments, "--hint", "2")[1]
    for language, word in (("zh-CN", "对角"), ("zh-TW", "對角")):
        assert word in run(capsys, *arguments, "--lang", language)[1]


def test_the_help_says_that_it_is_no_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    assert "no sandbox" in " ".join(capsys.readouterr().out.split())


# Functions


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("good", 0, "it takes a whole batch, too"),
        ("renamed", 0, "right at 6 points"),
        ("loud", 0, "right at 6 points"),
        ("overflows", 1, "(unstable)"),
        ("diagonal", 1, "(diagonal-only"),
        ("transposed_sign", 1, "Sign (sign)"),
        ("one_number", 1, "its result has shape (), not (2, 2)"),
        ("fails_far", 1, "(unstable)"),
        ("complex_", 2, "it returns complex numbers"),
        ("fails", 2, "ValueError: no"),
        ("nothing", 2, "it returns nothing"),
        ("leaves", 2, "its process ended with status 7"),
        ("missing", 2, "there is no function missing"),
    ],
)
def test_functions(
    capsys: pytest.CaptureFixture[str], functions: Path, name: str, status: int, said: str
) -> None:
    arguments = ["check", str(functions), "--target", "softmax", "--function", name]
    assert run(capsys, *arguments)[0] == 2  # it is not run unless that is asked for
    found = run(capsys, *arguments, "--run")
    assert found[0] == status
    assert said in found[1] + found[2]


def test_a_function_that_takes_too_long_is_stopped(functions: Path) -> None:
    import derive
    from derive.answers.functions import try_function
    from derive.answers.process import Limits

    with pytest.raises(DeriveError, match="did not come back within 1 seconds"):
        try_function(functions, "slow", derive.derive("softmax"), Limits(seconds=1))


# Many answers


def test_every_answer_has_its_row_and_a_bad_one_stops_nothing() -> None:
    rows = check_many(ANSWERS, ASKED)
    assert [row.name for row in rows] == [answer.name for answer in ANSWERS]
    assert [row.verdict for row in rows] == VERDICTS
    named = {row.name: row for row in rows}
    assert named["diagonal"].misconceptions == "diagonal-only"
    assert named["page"].first_wrong_line.startswith("1: ds[i]/dz[j] = ")
    assert named["bad"].remark.startswith("line 1: ")
    assert "not closed" in named["bad"].remark
    assert all("\n" not in row.remark for row in rows)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_rows_do_not_depend_on_the_order_or_the_workers(workers: int) -> None:
    wanted = {row.name: row for row in check_many(ANSWERS, ASKED)}
    for order in (ANSWERS[::-1], ANSWERS[3:] + ANSWERS[:3]):
        found = check_many(order, ASKED, workers)
        assert {row.name: row for row in found} == wanted


def test_an_answer_that_is_a_surprise_is_a_row_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def surprised(*_: object) -> None:
        raise RuntimeError("oh")

    monkeypatch.setattr("derive.answers.marking.Marking.page", surprised)
    row = checked(Answer("a", "s[i]"), ASKED)
    assert (row.verdict, row.remark) == ("error", "RuntimeError: oh")


def test_an_answer_that_takes_too_long_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    def forever(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr("derive.answers.marking.Marking.page", forever)
    monkeypatch.setattr(batch, "SECONDS", 0.1)
    row = checked(Answer("a", "s[i]"), ASKED)
    assert row.verdict == "undecided"
    assert "takes more than" in row.remark


def ends(answer: Answer, asked: Asked) -> Row:
    if answer.name == "bad":
        os._exit(1)
    return checked(answer, asked)


def test_an_answer_that_ends_its_process_is_a_row_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "checked", ends)
    rows = check_many(ANSWERS[:4], ASKED, workers=2)
    assert [row.verdict for row in rows] == VERDICTS[:4]
    assert rows[3].remark == "its process ended"


def test_a_batch_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    made: list[str] = []

    def stops(done: int, _total: int, name: str) -> None:
        made.append(name)
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_many(ANSWERS, ASKED, kept=kept, progress=stops)
    assert made == ["right", "diagonal"]  # the second one's answer is given twice
    with kept.open("a") as file:
        file.write("sign,wro")  # cut off
    again: list[str] = []
    rows = check_many(ANSWERS, ASKED, kept=kept, progress=lambda _d, _t, name: again.append(name))
    assert set(again).isdisjoint(made)
    assert rows == check_many(ANSWERS, ASKED)


def test_finished_rows_are_kept_until_the_table_is_written(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _text: str) -> None:
        raise OSError(28, "No space left on device")

    output = tmp_path / "marks.csv"
    command = ["check-batch", str(folder), "--target", "softmax", "-o", str(output)]
    with monkeypatch.context() as patch:
        patch.setattr("derive.render.files.write_text", full)
        assert main(command) == 2
    assert (tmp_path / "marks.csv.partial").stat().st_size > 0
    assert main(command) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["answers", "marks.csv"]


def test_rows_of_another_question_are_not_taken_over(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    row = checked(ANSWERS[1], Asked("softmax", ("z[j]",)))
    kept.write_text(",".join([*list(vars(row).values())]) + "\n")
    found = check_many(ANSWERS[1:2], ASKED, kept=kept)
    assert found[0].key != row.key


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "answers"
    place.mkdir()
    (place / "b.txt").write_text("s[i]*(1 - s[i])")
    (place / "a.tex").write_text(r"\[ s_i (\delta_{ij} - s_j) \]")
    (place / "c.md").write_bytes(b"\xff\xfe\x00")
    (place / "notes.pdf").write_bytes(b"%PDF")
    return place


def test_a_folder_to_csv(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, out, err = run(capsys, "check-batch", str(folder), "--target", "softmax")
    assert status == 0
    rows = list(csv.DictReader(out.splitlines()))
    assert [row["name"] for row in rows] == ["a.tex", "b.txt", "c.md"]
    assert [row["verdict"] for row in rows] == ["right", "wrong", "error"]
    assert "1  diagonal-only" in err
    assert "\r" not in err  # no progress where nobody watches


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
@pytest.mark.parametrize("name", ["all.csv", "all.html"])
def test_folders_are_made_and_any_name_is_written(
    capsys: pytest.CaptureFixture[str], folder: Path, name: str
) -> None:
    (folder / "d\udcff.txt").write_text("s[i]")
    output = folder / "new" / "place" / name
    arguments = ["check-batch", str(folder), "--target", "softmax", "-o", str(output)]
    assert run(capsys, *arguments)[0] == 0
    assert "d\ufffd.txt" in output.read_text(encoding="utf-8")
    assert [path.name for path in output.parent.iterdir()] == [name]


def test_a_csv_to_html(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source, page = tmp_path / "all.csv", tmp_path / "table.html"
    with source.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "answer"])
        writer.writerows([["<b>Ada</b>", "= s[i]*(1 - s[i])"], ["Bo", "s[i]*\n("]])
    arguments = ["check-batch", str(source), "--target", "softmax", "-o", str(page)]
    status, out, _ = run(capsys, *arguments)
    assert status == 0
    assert "1  diagonal-only" in out
    text = page.read_text("utf-8")
    assert "&lt;b&gt;Ada" in text
    assert "<b>Ada" not in text
    assert "diagonal-only" in text


def test_a_spreadsheet_takes_no_cell_for_a_formula() -> None:
    (row,) = batch.table([Row("=1+1", "wrong", "1: = s[i]")])
    assert row["name"] == "'=1+1"


@pytest.mark.parametrize(
    ("source", "message"),
    [("nowhere", "neither a folder nor a .csv file"), (".", "there is no answer in")],
)
def test_a_source_without_answers(source: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match=message):
        answers_of(tmp_path / source)


@pytest.mark.parametrize("extra", [["-o", "x.pdf"], ["--workers", "0"]])
def test_wrong_options_of_a_batch(
    capsys: pytest.CaptureFixture[str], folder: Path, extra: list[str]
) -> None:
    status, _, err = run(capsys, "check-batch", str(folder), "--target", "softmax", *extra)
    assert status == 2
    assert len(err.splitlines()) == 1


def test_a_question_that_cannot_be_read_is_said_once(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    status, out, err = run(capsys, "check-batch", str(folder), "--target", "sofmax")
    assert (status, out) == (2, "")
    assert "did you mean 'softmax'" in err
