"""The problems of a handout's sections, in the reader's letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from derive import known
from derive.errors import DeriveError, ProblemError, UnsupportedError
from derive.handouts.spec import Spec, Topic
from derive.handouts.study import Study, study
from derive.notation import letters
from derive.problemfile import ProblemFile
from derive.problemfile import load as load_problem
from derive.render.formats import view_of
from derive.target import Target, resolve

_Made = TypeVar("_Made")


def study_of(spec: Spec, topic: Topic, number: int) -> Study | None:
    """The derivation of a section; None for one of text alone.

    Raises:
        DeriveError: the target, a letter or a number is wrong, with the file, section and key.
    """
    if not topic.target:
        return None
    where = spec.where(number)
    target = _located(where, "target", _target, spec, topic)
    found = _located(where, "by", study, target, topic.by, topic.level or spec.level)
    if topic.at:
        found = replace(found, at=topic.at)
    if found.at and found.finished and "example" in topic.show:
        _located(where, "at", view_of, found.derivation, found.at)
    return found


def _located(where: str, key: str, make: Callable[..., _Made], *arguments: object) -> _Made:
    """What is made, or an error that says where in the file it comes from."""
    try:
        return make(*arguments)
    except DeriveError as error:
        if error.message.startswith("'"):  # it names the key itself
            message = f"{where}: {error.message}"
        else:
            message = f"{where}: '{key}': {error.message}"
        kind = type(error) if isinstance(error, UnsupportedError) else ProblemError
        raise kind(message, error.source, error.column) from None


def problem_file(spec: Spec, topic: Topic) -> ProblemFile:
    """The problem of a section as a file, in the reader's letters and with the section's own
    question; also of an expression.

    Raises:
        DeriveError: there is no such problem or letter.
    """
    file = _file(spec, topic)
    if file is None:
        resolve(topic.target, topic.wrt or None, topic.assume)  # says what is wrong with it
        return _bare(topic)
    return replace(file, wrt=topic.wrt or file.wrt, assume=(*file.assume, *topic.assume))


def _target(spec: Spec, topic: Topic) -> Target:
    """The problem of a section, in the reader's letters."""
    file = _file(spec, topic)
    if file is None:
        return resolve(topic.target, topic.wrt or None, topic.assume)
    assume = [*file.assume, *topic.assume]
    problem = file.problem(topic.wrt or None, assume)
    return Target(problem, file.at, file.description, file.prose)


def _file(spec: Spec, topic: Topic) -> ProblemFile | None:
    """The problem as a file, its letters renamed; None for an expression without new letters."""
    if topic.target.endswith(".toml"):
        file: ProblemFile | None = load_problem(spec.place / topic.target)
    else:
        file = known.find(topic.target)
    if file is None and (_known(spec.notation, _bare(topic)) or topic.notation):
        file = _bare(topic)
    if file is None:
        return None
    return file.renamed({**_known(spec.notation, file), **topic.notation})


def _bare(topic: Topic) -> ProblemFile:
    return ProblemFile("", topic.target, topic.wrt, assume=topic.assume)


def _known(notation: Mapping[str, str], file: ProblemFile) -> dict[str, str]:
    """The part of a handout's notation that is about a problem."""
    own = letters((file.text, *file.wrt, *file.assume, *file.also, *file.at))
    return {k: new for k, new in notation.items() if k in own or file.roles.get(k) in own}


def check_notation(spec: Spec) -> None:
    """Raises ProblemError for a letter of a handout's notation that no section has."""
    unused = dict(spec.notation)
    for number, topic in enumerate(spec.topics, 1):
        if topic.target and unused:
            bare = replace(spec, notation={})
            without = replace(topic, notation={})
            file = _located(spec.where(number), "target", _file, bare, without)
            for key in _known(unused, file or _bare(topic)):
                del unused[key]
    if unused:
        raise ProblemError(f"{spec.name}.toml: 'notation.{next(iter(unused))}': no section has it")
