"""The command line. Results go to standard output, everything else to standard error.

Exit status: 0 done; 1 something is refuted; 2 bad usage or input; 3 not supported or not decided.
Nothing here imports SymPy before a command needs it: --help and list answer at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from derive.answers import command as answers
from derive.console import close_output, prepare_streams, progress, spaced, status
from derive.errors import DeriveError
from derive.handouts import command as handouts
from derive.options import (
    add_derivation,
    add_language,
    add_numbers,
    add_output,
    add_problem,
    add_problems,
    add_variable,
)

if TYPE_CHECKING:
    from derive.api import Derivation

FORMATS = ("terminal", "text", "latex", "markdown", "html", "json")
BACKENDS = ("numpy", "numba", "torch", "lightgbm", "xgboost")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    prepare_streams()
    words = spaced(sys.argv[1:] if arguments is None else arguments)
    try:
        options = _parser().parse_args(handouts.levelled(words))
        command: Callable[[argparse.Namespace], int] = options.command
        found = command(options)
        sys.stdout.flush()
    except DeriveError as error:
        print(f"derive: {error.message}", file=sys.stderr)
        if pointer := error.pointer():
            print(pointer, file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:  # the reader went away, as `head` does
        close_output()
        return 0
    except OSError as error:  # a full disk, mostly
        close_output()
        place = error.filename or "standard output"
        print(f"derive: {place}: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return found


class _Parser(argparse.ArgumentParser):
    """argparse, with one line for a mistake instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (try {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    from derive import __version__

    parser = _Parser(
        prog="derive",
        description="Step-by-step partial derivatives in index notation, every step checked.",
        epilog='Try: derive show softmax, or: derive show "log(softmax(z)[i])" --wrt "z[j]"',
    )
    parser.add_argument("--version", action="version", version=f"derive {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    commands.add_parser("list", help="what it knows by name").set_defaults(command=_list)
    _add_show(commands)
    _add_code(commands)
    _add_verify(commands)
    handouts.add(commands)
    _add_plot(commands)
    answers.add(commands)
    return parser


def _add_show(commands: Any) -> None:
    show = commands.add_parser("show", help="derive, and show every step")
    add_problem(show)
    show.add_argument("--level", choices=("brief", "normal", "full"), default="normal")
    add_numbers(show)
    show.add_argument("--format", choices=FORMATS, default="terminal")
    add_language(show)
    add_output(show)
    show.set_defaults(command=_show)


def _add_code(commands: Any) -> None:
    code = commands.add_parser("code", help="a Python module: value, derivative, vjp, jvp")
    add_problem(code)
    code.add_argument("--backend", choices=BACKENDS, default="numpy")
    add_output(code)
    code.set_defaults(command=_code)


def _add_verify(commands: Any) -> None:
    verify = commands.add_parser("verify", help="cross-check the emitted code against the loss")
    add_problems(verify, "none: all names", "*")
    add_variable(verify)
    verify.set_defaults(command=_verify)


def _add_plot(commands: Any) -> None:
    plot = commands.add_parser("plot", help="draw a function and its derivative, or a Jacobian")
    add_problems(plot, "several are drawn together", "+")
    add_derivation(plot)
    add_numbers(plot)
    plot.add_argument(
        "-o", "--output", metavar="FILE", help="a .svg, .pdf or .png; default: output/NAME.svg"
    )
    plot.set_defaults(command=_plot)


def _list(_: argparse.Namespace) -> int:
    from derive.known import entries

    group = ""
    width = max(len(entry.name) for entry in entries())
    for entry in entries():
        if entry.group != group:
            print(f"\n{entry.group}" if group else entry.group)
            group = entry.group
        print(f"  {entry.name:<{width}}  {entry.title}")
    return 0


def _show(options: argparse.Namespace) -> int:
    from derive.render.formats import render

    derivation = _derivation(options)
    example = _numbers(options.at) or None
    on_screen = options.output is None
    text = render(derivation, options.format, example, on_screen, options.lang)
    _deliver(text, options.output)
    return status(derivation)


def _code(options: argparse.Namespace) -> int:
    from derive.emit import backends
    from derive.emit.backends.loading import is_installed

    derivation = _derivation(options)
    _deliver(derivation.source(options.backend), options.output)
    library = backends.BACKENDS[options.backend].library
    if not is_installed(library):
        advice = f"to use the module: pip install 'derive[{options.backend}]'"
        print(f"derive: {library} is not installed here; {advice}", file=sys.stderr)
    return status(derivation)


def _plot(options: argparse.Namespace) -> int:
    from derive.render import pictures
    from derive.render.files import write_bytes
    from derive.render.plots import plot

    form = pictures.form_of(options.output or ".svg")
    derivations = [_derived(text, options) for text in options.targets]
    names = "-".join(derivation.problem.name or "plot" for derivation in derivations)
    path = Path(options.output or f"output/{names}.svg")
    write_bytes(path, pictures.picture(plot(derivations, _numbers(options.at)), form))
    print(path)
    return max(map(status, derivations))


def _derivation(options: argparse.Namespace) -> Derivation:
    return _derived(options.target, options)


def _derived(target: str, options: argparse.Namespace) -> Derivation:
    from derive.api import derivation_of
    from derive.target import resolve

    found = resolve(target, options.wrt or None, options.assume)
    return derivation_of(found, options.by, getattr(options, "level", "normal"))


def _numbers(settings: list[str]) -> dict[str, object]:
    """--at "z=1,2,3" --at "W=1,2;3,4": a comma between entries, a semicolon between rows."""
    found: dict[str, object] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not (equals and name.strip().isidentifier()):
            raise DeriveError("write --at as NAME=NUMBERS, such as z=1,2,3", setting, 0)
        if name.strip() in found:
            raise DeriveError(f"--at gives {name.strip()} twice", setting, 0)
        rows = [[_number(n, setting) for n in row.split(",")] for row in text.split(";")]
        one = rows[0][0] if len(rows) == len(rows[0]) == 1 else rows[0]
        found[name.strip()] = one if len(rows) == 1 else rows
    return found


def _number(text: str, setting: str) -> float:
    try:
        return float(text)
    except ValueError:
        column = max(setting.find(text), 0)
        raise DeriveError(f"{text.strip()!r} is not a number", setting, column) from None


def _verify(options: argparse.Namespace) -> int:
    from derive.verify import verify_all

    return verify_all(options.targets, options.wrt, options.assume, progress)


def _deliver(text: str, output: str | None) -> None:
    if output is None:
        print(text.rstrip("\n"))
    else:
        from derive.render.files import write_text

        write_text(Path(output), text if text.endswith("\n") else text + "\n")
