"""The options that several commands have."""

from __future__ import annotations

from argparse import ArgumentParser

from derive.console import given
from derive.locale import ENGLISH, LANGUAGES

TARGET = "a catalogue name, an expression, a .toml problem file, or - for standard input"


def add_problem(parser: ArgumentParser) -> None:
    """One target, and what to differentiate it by."""
    parser.add_argument("target", type=given, metavar="TARGET", help=TARGET)
    add_derivation(parser)


def add_problems(parser: ArgumentParser, several: str, least: str) -> None:
    """Targets: `least` is argparse's sign for how many there are at least, "+" or "*"."""
    told = f"{TARGET}; {several}"
    parser.add_argument("targets", nargs=least, type=given, metavar="TARGET", help=told)


def add_derivation(parser: ArgumentParser) -> None:
    """What to differentiate by, and in which way."""
    add_variable(parser)
    parser.add_argument(
        "--by", choices=("quotient", "product", "log"), help="how a quotient is taken apart"
    )


def add_variable(parser: ArgumentParser) -> None:
    """What to differentiate by, and what is assumed."""
    parser.add_argument(
        "--wrt", action="append", default=[], metavar='"z[j]"', help="repeat for higher derivatives"
    )
    parser.add_argument(
        "--assume", action="append", default=[], metavar='"sum(y[k],k)==1"', help="repeatable"
    )


def add_numbers(parser: ArgumentParser) -> None:
    """Numbers for the variables."""
    parser.add_argument(
        "--at", action="append", default=[], metavar='"z=1,2,3"', help="numbers; repeatable"
    )


def add_language(parser: ArgumentParser) -> None:
    """The language of the words around the formulas."""
    parser.add_argument("--lang", choices=LANGUAGES, default=ENGLISH, help="of the words")


def add_output(parser: ArgumentParser) -> None:
    """A file instead of standard output."""
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of printing")
