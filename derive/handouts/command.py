"""The command `handout`. SymPy is imported only when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.console import given, progress, several, status
from derive.errors import DeriveError
from derive.exercises import command as exercises
from derive.locale import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from derive.api import Derivation
    from derive.handouts.build import Lecture
    from derive.handouts.document import Document, Form
    from derive.handouts.study import Study

FORMATS = ("pdf", "tex", "html", "md", "ipynb", "slides", exercises.MOODLE)
_DEFAULT = ("pdf", "tex", "html")
_SUFFIXES = frozenset({".pdf", ".tex", ".html", ".md", ".ipynb", ".xml"})
ENGINES = ("pdflatex", "lualatex", "xelatex", "typst")
BLANKS = ("few", "half", "all")
_LEVELS = ("brief", "normal", "full")


def add(commands: Any) -> None:
    """Register the command with the subparsers of the command line."""
    handout = commands.add_parser("handout", help="write a document, or a lecturer's handout")
    handout.add_argument(
        "targets",
        nargs="+",
        type=given,
        metavar="SPEC|NAME",
        help="a handout's .toml file with [[section]] tables; or anything that `show` takes, each "
        "a document of its own",
    )
    handout.add_argument(
        "--format",
        default=",".join(_DEFAULT),
        metavar="F,...",
        help=f"any of {', '.join(FORMATS)}; default: {','.join(_DEFAULT)}",
    )
    handout.add_argument(
        "--lang",
        metavar="L,...",
        help=f"any of {', '.join(LANGUAGES)}; default: those of the file, else {ENGLISH}",
    )
    handout.add_argument("--level", choices=_LEVELS, help="default: that of the file, else normal")
    _add_versions(handout)
    handout.add_argument(
        "--engine",
        choices=ENGINES,
        help="what makes the PDF; by default a TeX engine if there is one, else typst",
    )
    exercises.add_options(handout)
    handout.add_argument("-o", "--output", default="output", metavar="DIR", help="default: output")
    handout.set_defaults(command=run)


def _add_versions(parser: argparse.ArgumentParser) -> None:
    told = {
        "--blanks": "leave this much blank, sized to what is missing",
        "--answers": "the same pages with the blanks filled in",
    }
    for option, what in told.items():
        parser.add_argument(
            option,
            nargs="?",
            const="",
            choices=("", *BLANKS),
            metavar="|".join(BLANKS),
            help=f"{what}; default: that of the file, else half",
        )


def levelled(arguments: Sequence[str]) -> list[str]:
    """Arguments in which the level of --blanks and --answers may be left out in front of a name."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=False)
    return [
        f"{one}=" if one in ("--blanks", "--answers") and other not in BLANKS else one
        for one, other in pairs
    ]


def run(options: argparse.Namespace) -> int:
    exercises.check_options(options)
    _check_folder(Path(options.output))
    if options.variants is not None:
        return exercises.write_variants(options)
    formats = several("--format", options.format, FORMATS)
    if exercises.MOODLE in formats:
        exercises.write_bank(options)
        formats = tuple(form for form in formats if form != exercises.MOODLE)
    return _write(options, formats) if formats else 0


def _check_folder(output: Path) -> None:
    """Raises DeriveError for what is meant as a file: documents are named after what they show."""
    if output.suffix.lower() in _SUFFIXES and not output.is_dir():
        raise DeriveError(
            f"-o takes a folder, not {output}: say -o {output.parent} --format {output.suffix[1:]}"
        )


def _write(options: argparse.Namespace, formats: tuple[str, ...]) -> int:
    from derive.handouts.write import write_document

    found = 0
    for number, target in enumerate(options.targets, 1):
        progress(number, len(options.targets), target)
        made = _Made(target, options)
        for document in made.documents():
            where = Path(options.output)
            for path in write_document(document, where, formats, options.engine):
                print(path)
        found = max([found, *map(status, made.derivations)])
    return found


class _Made:
    """What one argument asks for: a lecture, or a single derivation."""

    def __init__(self, target: str, options: argparse.Namespace) -> None:
        from derive.handouts import build, spec, study
        from derive.target import resolve

        self.options = options
        self.lecture: Lecture | None = None
        self.study: Study | None = None
        self.derivations: tuple[Derivation, ...]
        if target.endswith(".toml") and spec.is_spec(Path(target)):
            self.lecture = build.lecture(spec.load(target), options.level or "")
            self.derivations = self.lecture.derivations
        else:
            self.study = study.study(resolve(target), level=options.level or "normal")
            self.derivations = (self.study.derivation,)

    def documents(self) -> Iterator[Document]:
        """In every language and version."""
        from derive.handouts.build import handout

        for language in self._languages():
            for form, blanks in self._forms():
                if self.lecture:
                    yield self.lecture.document(language, form, blanks)
                elif self.study:
                    yield handout(self.study, language, form, blanks or "half")

    def _languages(self) -> tuple[str, ...]:
        if self.options.lang is not None:
            return several("--lang", self.options.lang, LANGUAGES)
        return self.lecture.spec.lang if self.lecture else (ENGLISH,)

    def _forms(self) -> tuple[tuple[Form, str], ...]:
        """The versions asked for, each with how much is blank."""
        from derive.handouts.document import Form

        asked = [(Form.BLANKS, self.options.blanks), (Form.ANSWERS, self.options.answers)]
        found = tuple((form, level) for form, level in asked if level is not None)
        level = next((level for _, level in found if level), "")
        return tuple((form, own or level) for form, own in found) or ((Form.FULL, ""),)
