"""Papers in numbers: alike in difficulty, different in all else, the same for the same seed, on
this machine's cores and on a cluster."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from derive.cli import main
from derive.errors import DeriveError
from derive.exercises import papers, run
from derive.exercises.families import alike, family
from derive.exercises.letters import in_other_letters
from derive.exercises.markdown import answered, asked
from derive.exercises.model import Kind, Paper
from derive.exercises.order import order
from derive.exercises.papers import Plan, Source, paper
from derive.exercises.sheets import sheets
from derive.known import find
from derive.problemfile import ProblemFile
from tests.fonts import chinese_font

TOPICS = ("softmax", "sigmoid")
CHEAP = ("relu", "linear-form")


@cache
def plan(seed: int = 1, count: int = 6, topics: tuple[str, ...] = TOPICS) -> Plan:
    return papers.plan("exam", [Source(entry(name)) for name in topics], count, seed)


@cache
def made(seed: int = 1) -> tuple[Paper, ...]:
    return tuple(paper(plan(seed), number) for number in range(1, 5))


def entry(name: str) -> ProblemFile:
    found = find(name)
    assert found is not None
    return found


def sheet(found: Paper) -> str:
    return "\n\n".join(block for each in found.exercises for block in asked(each))


def text(found: Paper) -> str:
    """All of a paper but its code."""
    return sheet(found) + "".join(b for each in found.exercises for b in answered(each))


class TestPapers:
    def test_all_are_worth_the_same_and_as_hard(self) -> None:
        first, *others = made()
        for other in others:
            assert other.points == first.points
            for one, two in zip(first.exercises, other.exercises, strict=True):
                assert (one.kind, one.points) == (two.kind, two.points)
        for found in made():
            topics = [e for e in found.exercises if e.kind not in (Kind.NUMBERS, Kind.SHAPE)]
            for exercise, task in zip(topics, plan().tasks, strict=True):
                assert alike(exercise.difficulty, task.difficulty)

    def test_no_two_are_the_same(self) -> None:
        assert len({text(found) for found in made()}) == 4
        assert len({found.code for found in made()}) == 4

    def test_letters_numbers_blanks_and_functions_differ(self) -> None:
        columns = list(zip(*(found.exercises for found in made()), strict=True))
        gaps = [e for e in columns[0] if e.kind is Kind.GAPS]
        assert len({e.start.text for e in gaps if e.start}) > 1
        assert len({tuple(row.asked for row in e.rows) for e in gaps}) > 1
        assert len({e.subject for e in gaps}) > 1
        assert len({tuple(v.text for v in e.values) for e in columns[1]}) > 2

    def test_the_same_seed_gives_the_same_papers_and_another_one_others(self) -> None:
        again = papers.plan("exam", [Source(entry(name)) for name in TOPICS], 6, 1)
        assert text(paper(again, 3)) == text(made()[2])
        assert paper(again, 3).code == made()[2].code
        assert text(paper(plan(2), 3)) != text(made()[2])
        assert paper(plan(2), 3).code != made()[2].code

    def test_a_paper_does_not_depend_on_how_many_there_are(self) -> None:
        assert text(paper(replace(plan(), count=5000), 2)) == text(made()[1])

    def test_no_exercise_gives_away_another_ones_answer(self) -> None:
        for found in made():
            shown = sheet(found)
            for exercise in found.exercises:
                gaps = [row.formula.latex for row in exercise.rows if row.asked[0]]
                assert not [latex for latex in gaps if f"= {latex} &&" in shown]

    def test_topics_of_one_family_are_not_on_one_function(self) -> None:
        near = plan(count=3, topics=("softmax", "softmin", "softmax-temperature"))
        subjects = {e.subject for e in paper(near, 2).exercises}
        assert len(subjects) == 3

    def test_a_family_has_one_group_and_difficulty(self) -> None:
        assert "softmax" in family("softmax")
        assert {"softmin", "softmax-temperature"} <= {*family("softmax")}
        assert family("linear") == ("linear",)
        assert all(entry(name).group == "softmax" for name in family("softmax"))
        assert family("no such entry") == ("no such entry",)

    def test_letters_are_changed_all_at_once(self) -> None:
        import random

        file = entry("cross-entropy")
        found = {in_other_letters(file, random.Random(seed)).text for seed in range(20)}
        assert len(found) > 5
        changed = [in_other_letters(file, random.Random(seed)) for seed in range(20)]
        assert all(each.problem().title == file.title for each in changed)
        assert all(set(each.at) <= {*each.problem().variables} for each in changed)

    def test_a_lecturers_letters_and_questions_stay(self, tmp_path: Path) -> None:
        text = (
            'title = "Exam"\ncourse = "ML"\n[[section]]\ntarget = "softmax"\n'
            '[section.notation]\nlogits = "o"\noutput = "y"\n'
            '[[section]]\ntarget = "linear"\nwrt = "b[m]"\n[[section]]\ntext = "Bye."\n'
        )
        path = tmp_path / "lecture.toml"
        path.write_text(text, encoding="utf-8")
        ordered = order([str(path)])
        assert ordered.name == "lecture"
        (own,) = ordered.plans(2, 0, ["en"])
        assert (own.title, own.course) == ("Exam", "ML")
        assert [len(task.sources) for task in own.tasks] == [1, 1]
        for number in (1, 2):
            first = paper(own, number).exercises[0]
            assert first.start is not None
            assert first.start.text == "diff(y[i], o[j])"

    def test_what_gives_no_exercise_is_refused(self) -> None:
        with pytest.raises(DeriveError, match="no exercise can be made of x"):
            papers.plan("exam", [Source(ProblemFile("", "x + y"))], 1, 0)


class TestRun:
    def test_files_do_not_depend_on_processes(self, tmp_path: Path) -> None:
        small = replace(plan(topics=CHEAP), count=2, title="Exam")
        both = [small, replace(small, language="zh-TW")]
        told: list[tuple[int, int, str]] = []
        paths = run.write(both, tmp_path, ("html", "moodle"), progress=lambda *p: told.append(p))
        assert [done for done, _, _ in told] == [1, 2]
        assert {total for _, total, _ in told} == {2}
        assert len(paths) == len({*paths}) == 2 * 2 * 2 + 2
        for number in (1, 2):
            for own in both:
                for name, content in sheets(paper(own, number), "exam", ("html",)).files:
                    assert (tmp_path / name).read_bytes() == content
                    assert papers.code(own, number) in name
                    assert papers.code(own, number).encode() in content

    def test_every_format(self, tmp_path: Path) -> None:
        small = replace(plan(topics=CHEAP), count=1, title="Exam", language="zh-TW")
        formats = ("pdf", "tex", "html", "md", "ipynb")
        with chinese_font():
            paths = run.write([small], tmp_path, formats, engine="typst")
        ends = [f"{form}.zh-TW.{end}" for form in ("answers", "blanks") for end in sorted(formats)]
        assert sorted(path.name.split(".", 1)[1] for path in paths) == ends
        told = "答案"  # the heading of the key
        for path in paths:
            if path.suffix in (".tex", ".md", ".html"):
                assert (told in path.read_text("utf-8")) == (".answers." in path.name), path.name

    def test_a_worker_that_fails_ends_the_run(self, tmp_path: Path) -> None:
        own = plan(topics=CHEAP)
        task = replace(own.tasks[0], points=(99, 99))
        with pytest.raises(DeriveError, match="no exercise as hard as relu"):
            run.write([replace(own, tasks=(task,), count=2)], tmp_path, ("html",))

    def test_a_cluster_makes_the_same_files(self, tmp_path: Path) -> None:
        distributed = pytest.importorskip("distributed")
        small = replace(plan(topics=CHEAP), count=3)
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster:
            address = cluster.scheduler_address
            there = run.write([small], tmp_path / "a", ("html", "moodle"), scheduler=address)
        here = run.write([small], tmp_path / "b", ("html", "moodle"))
        assert [path.name for path in there] == [path.name for path in here]
        for one, other in zip(there, here, strict=True):
            assert one.read_bytes() == other.read_bytes()

    def test_without_dask_it_says_what_is_missing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(DeriveError, match=r"pip install 'derive\[dask\]'"):
            run.write([plan()], tmp_path, ("html",), scheduler="tcp://127.0.0.1:1")

    def test_a_scheduler_that_does_not_answer(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pytest.importorskip("distributed")
        monkeypatch.setattr(run, "_SECONDS", 0.5)
        with pytest.raises(DeriveError, match="no Dask scheduler answers at 'tcp://127"):
            run.write([plan()], tmp_path, ("html",), scheduler="tcp://127.0.0.1:9")


class TestCommand:
    def test_papers_and_a_bank(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        arguments = ["handout", "relu", "linear-form", "--variants", "2", "--seed", "4"]
        assert main([*arguments, "--format", "html,moodle", "-o", str(tmp_path)]) == 0
        captured = capsys.readouterr()
        names = [Path(line).name for line in captured.out.splitlines()]
        assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
        assert names[-1] == "relu-linear-form.xml"
        code = re.compile(r"relu-linear-form-[A-Z2-7]{4}-00[12]\.(blanks|answers)\.html")
        assert all(code.fullmatch(name) for name in names[:-1])
        assert len(names) == 5
        assert captured.err == ""  # progress is for terminals

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--seed", "3"], "--seed is for --variants"),
            (["--scheduler", "tcp://x"], "--scheduler is for --variants"),
            (["--variants", "2", "--blanks", "few"], "--blanks is for handouts"),
            (["--variants", "2", "--format", "slides"], "--format takes pdf, "),
        ],
    )
    def test_options_that_do_not_go_together(
        self, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["handout", "relu", *arguments]) == 2
        assert told in capsys.readouterr().err

    @pytest.mark.parametrize("count", ["0", "-1", "x", "1.5"])
    def test_a_number_of_papers(self, count: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stopped:
            main(["handout", "relu", f"--variants={count}"])
        assert stopped.value.code == 2
        assert "a whole number from 1" in capsys.readouterr().err

    def test_a_bank_of_every_kind(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["handout", "softmax", "--format", "moodle", "-o", str(tmp_path)]) == 0
        assert capsys.readouterr().out == f"{tmp_path / 'softmax.xml'}\n"
        content = (tmp_path / "softmax.xml").read_text("utf-8")
        assert content.count('<question type="') == 1 + len(Kind)
