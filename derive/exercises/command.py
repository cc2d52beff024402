"""What exercises add to the command `handout`: --variants and question banks. SymPy is imported
only when one is asked for."""

from __future__ import annotations

import argparse
from pathlib import Path

from derive.console import progress, several
from derive.errors import DeriveError
from derive.locale import LANGUAGES

MOODLE = "moodle"
FORMATS = ("pdf", "tex", "html", "md", "ipynb", MOODLE)


def add_options(handout: argparse.ArgumentParser) -> None:
    """Register the options with the command's parser."""
    handout.add_argument(
        "--variants",
        type=_count,
        metavar="N",
        help="N papers of exercises on the topics instead, of equal difficulty, each with its key",
    )
    handout.add_argument(
        "--seed",
        type=int,
        metavar="S",
        help="of --variants: the same one gives the same papers; default: 0",
    )
    handout.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of --variants: let the workers of this Dask scheduler make them; default: all cores "
        "of this machine",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        given = text.strip()[:20]
        raise argparse.ArgumentTypeError(f"a whole number from 1 to 100000, not {given!r}")
    return int(text)


def check_options(options: argparse.Namespace) -> None:
    """Raises DeriveError for an option that another one leaves without a meaning."""
    if options.variants is None:
        for name in ("seed", "scheduler"):
            if getattr(options, name) is not None:
                raise DeriveError(f"--{name} is for --variants")
        return
    for name in ("blanks", "answers", "level"):
        if getattr(options, name) is not None:
            raise DeriveError(f"--{name} is for handouts, and --variants makes papers")


def write_variants(options: argparse.Namespace) -> int:
    """Papers and keys, in all languages and formats."""
    from derive.exercises import run
    from derive.exercises.order import order

    formats = several("--format", options.format, FORMATS)
    ordered = order(options.targets)
    plans = ordered.plans(
        options.variants, options.seed or 0, _languages(options, ordered.languages)
    )
    folder = Path(options.output)
    engine, scheduler = options.engine, options.scheduler
    for path in run.write(plans, folder, formats, engine, scheduler, progress):
        print(path)
    return 0


def write_bank(options: argparse.Namespace) -> int:
    """A question bank with exercises of every kind on each topic."""
    from derive.exercises import run
    from derive.exercises.moodle import questions
    from derive.exercises.order import order
    from derive.exercises.papers import every_kind

    ordered = order(options.targets)
    for language in _languages(options, ordered.languages):
        parts = [questions(paper) for paper in every_kind(ordered.sources, language)]
        print(run.write_bank(Path(options.output), ordered.name, language, parts))
    return 0


def _languages(options: argparse.Namespace, own: tuple[str, ...]) -> tuple[str, ...]:
    return several("--lang", options.lang, LANGUAGES) if options.lang is not None else own
