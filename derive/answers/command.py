"""The commands `check` and `check-batch`. SymPy is imported only when one of them runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.console import given, progress
from derive.errors import DeriveError
from derive.options import TARGET, add_language, add_variable

if TYPE_CHECKING:
    from derive.answers.batch import Row
    from derive.answers.report import Report

_PAGES = (".txt", ".md", ".tex")
_STATUS = {"right": 0, "wrong": 1, "undecided": 3}
_NO_SANDBOX = (
    "run the file, which --function needs: it gets a process of its own with limits on time, "
    "memory and output, but this is no sandbox; the code can read and write what you can"
)


def add(commands: Any) -> None:
    """Register both commands with the subparsers of the command line."""
    _add_check(commands)
    _add_batch(commands)


def _add_check(commands: Any) -> None:
    check = commands.add_parser(
        "check",
        help="is somebody's answer right? else the first wrong line, and why",
        epilog="Exit status: 0 right, 1 wrong, 2 bad usage or input, 3 not decided.",
    )
    check.add_argument(
        "answer",
        metavar="ANSWER",
        help="a formula; a page of working as a .txt, .md or .tex file; a .py file with "
        "--function; or - for standard input",
    )
    _add_question(check)
    check.add_argument("--format", choices=("terminal", "json"), default="terminal")
    check.add_argument(
        "--hint",
        type=int,
        choices=(1, 2, 3),
        help="give away only this much of what is wrong: the line, the rule, the right line",
    )
    check.add_argument("--function", metavar="NAME", help="the function of a .py file to try")
    check.add_argument("--run", action="store_true", help=_NO_SANDBOX)
    check.set_defaults(command=run_check)


def _add_batch(commands: Any) -> None:
    batch = commands.add_parser("check-batch", help="check many answers to one question")
    batch.add_argument(
        "source",
        metavar="DIR|CSV",
        help="a folder of .txt, .md and .tex files, or a .csv with the columns name and answer",
    )
    _add_question(batch)
    batch.add_argument(
        "-o", "--output", metavar="FILE", help="a .csv or .html; default: CSV on standard output"
    )
    batch.add_argument("--workers", type=int, default=1, metavar="N", help="processes; default: 1")
    batch.set_defaults(command=run_batch)


def _add_question(parser: argparse.ArgumentParser) -> None:
    told = f"what was asked: {TARGET}"
    parser.add_argument("--target", required=True, type=given, metavar="TARGET", help=told)
    add_variable(parser)
    add_language(parser)


def run_check(options: argparse.Namespace) -> int:
    """`derive check`: 0 right, 1 wrong, 3 undecided."""
    if options.hint is not None and options.format == "json":
        raise DeriveError("--hint is for people, and --format json says everything")
    _check_signs(options)
    report = _report(options)
    if options.format == "json":
        print(json.dumps(report.to_dict(options.lang), ensure_ascii=False, indent=2))
    else:
        print(_shown(report, options), end="")
    return _STATUS[report.verdict.value]


def _report(options: argparse.Namespace) -> Report:
    path = Path(options.answer)
    if options.function or path.suffix == ".py":
        return _of_function(path, options)
    if options.run:
        raise DeriveError("--run is for a .py file with --function")
    from derive.answers.api import check

    text = _text(options.answer, path)
    return check(text, options.target, options.wrt or None, options.assume)


def _of_function(path: Path, options: argparse.Namespace) -> Report:
    if path.suffix != ".py" or not options.function:
        raise DeriveError("a .py file needs --function NAME, and --function a .py file")
    if not options.run:
        raise DeriveError("trying a function runs the file: say --run (this is no sandbox)")
    from derive.answers.api import check_function

    question = (options.target, options.wrt or None, options.assume)
    return check_function(path, options.function, *question)


def _text(answer: str, path: Path) -> str:
    """What is to be checked: standard input, a file's text, or the formula itself."""
    if answer == "-":
        return given(answer)
    if path.suffix.lower() not in _PAGES:
        return answer
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise DeriveError(f"{path} cannot be read: {reason}") from error


def _check_signs(options: argparse.Namespace) -> None:
    from derive.render.terminal import check_signs
    from derive.render.words import words_in

    check_signs(sys.stdout, words_in(options.lang))


def _shown(report: Report, options: argparse.Namespace) -> str:
    from derive.answers.show import Show
    from derive.render.terminal import Terminal
    from derive.render.words import words_in

    screen = Terminal.of(sys.stdout)
    words = words_in(options.lang)
    return Show(words, screen.width, screen.unicode, screen.colour, options.hint).text(report)


def run_batch(options: argparse.Namespace) -> int:
    """`derive check-batch`: 0 when every answer has its row."""
    from derive.answers.batch import Asked, answers_of, check_many

    _check_signs(options)
    if options.workers < 1:
        raise DeriveError("--workers is a number from 1 on")
    output = Path(options.output) if options.output else None
    if output is not None and output.suffix.lower() not in (".csv", ".html"):
        raise DeriveError(f"-o takes a .csv or .html file, not {output}")
    asked = Asked(options.target, tuple(options.wrt), tuple(options.assume))
    kept = output.with_name(output.name + ".partial") if output else None
    answers = answers_of(Path(options.source))
    rows = check_many(answers, asked, options.workers, kept, progress)
    _deliver(rows, output, options)
    if kept is not None:
        kept.unlink(missing_ok=True)
    _print_counts(rows, sys.stdout if output else sys.stderr, options.lang)
    return 0


def _deliver(rows: list[Row], output: Path | None, options: argparse.Namespace) -> None:
    """The table: a page, or CSV with the line ends that files and standard output have."""
    from derive.answers.batch import csv_text
    from derive.answers.table import page
    from derive.render.files import write_text
    from derive.render.words import words_in

    if output is None:
        print(csv_text(rows, "\n"), end="")
    elif output.suffix.lower() == ".csv":
        write_text(output, csv_text(rows, "\r\n"))
    else:
        title = " ".join([options.target, *options.wrt])
        write_text(output, page(rows, title, words_in(options.lang)))


def _print_counts(rows: list[Row], stream: Any, language: str) -> None:
    from derive.answers.batch import counts
    from derive.answers.sentences import ERROR
    from derive.render.words import words_in

    say = words_in(language).say
    for verdict, number in counts(rows, lambda row: row.verdict):
        print(f"{number:>6}  {say(ERROR if verdict == 'error' else verdict)}", file=stream)
    for slugs, number in counts(rows, lambda row: row.misconceptions):
        print(f"{number:>10}  {slugs}", file=stream)
