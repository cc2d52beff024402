"""What a lecturer asks for -> documents, in each language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

from derive.api import Derivation
from derive.handouts import blocks as paper
from derive.handouts import targets
from derive.handouts.blanks import gives_away, with_blanks
from derive.handouts.conventions import conventions
from derive.handouts.document import (
    Block,
    Document,
    Exercises,
    Form,
    Plot,
    Row,
    Section,
    Text,
)
from derive.handouts.laws import once
from derive.handouts.plain import section_of, spoken
from derive.handouts.practice import Drill, practice
from derive.handouts.spec import PARTS, Spec, Topic
from derive.handouts.study import Study
from derive.locale import ENGLISH
from derive.render.words import words_in


def handout(
    found: Study, language: str = ENGLISH, form: Form = Form.FULL, blanks: str = "half"
) -> Document:
    """A document of one topic, named after it, with everything there is to show."""
    shown = found.shown(PARTS, language)
    view = shown.view
    alone = section_of(view, "", paper.blocks(shown, PARTS))
    title = view.title or spoken(view)
    document = Document(
        name=view.name,
        title=title,
        sections=(alone,),
        conventions=conventions([alone], view.words),
        form=form,
        words=view.words,
    )
    return _finished(document, form, blanks)


@dataclass(frozen=True)
class Lecture:
    """A handout as a lecturer asks for it, its derivations made and its exercises chosen."""

    spec: Spec
    studies: tuple[Study | None, ...]
    drills: tuple[Drill, ...] = ()

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        return tuple(study.derivation for study in self.studies if study)

    def document(self, language: str, form: Form = Form.FULL, blanks: str = "") -> Document:
        """The handout in a language.

        Args:
            blanks: how much is left blank, in place of what the spec says.
        """
        spec, words = self.spec, words_in(language)
        sections = tuple(
            _section(topic, found, language)
            for topic, found in zip(spec.topics, self.studies, strict=True)
        )
        if intro := spec.said("text", language):
            first = Section("text", "", (), (_text(intro),))
            sections = (first, *sections)
        if asked := tuple(drill.exercise(language) for drill in self.drills):
            block = Exercises("", asked)
            sections = (*sections, Section("exercises", words.exercises, (), (block,)))
        document = Document(
            name=spec.name,
            title=spec.said("title", language) or spec.name,
            sections=_apart(sections),
            course=spec.said("course", language),
            date=spec.said("date", language),
            name_line=spec.name_line,
            conventions=conventions(sections, words),
            summary=_summary(sections) if spec.summary else (),
            references=spec.references,
            words=words,
        )
        return _finished(document, form, blanks or spec.blanks)


def lecture(spec: Spec, level: str = "") -> Lecture:
    """The derivations of a handout.

    Args:
        level: of all of them, in place of what the spec says.

    Raises:
        DeriveError: a target, letter or number is wrong, with the file, the section and the key.
    """
    targets.check_notation(spec)
    if level:
        topics = tuple(replace(topic, level=level) for topic in spec.topics)
        spec = replace(spec, topics=topics)
    return Lecture(
        spec,
        studies=tuple(
            targets.study_of(spec, topic, number) for number, topic in enumerate(spec.topics, 1)
        ),
        drills=practice(spec),
    )


def _text(said: str) -> Text:
    return Text(tuple(" ".join(part.split()) for part in said.split("\n\n") if part.strip()))


def _section(topic: Topic, found: Study | None, language: str) -> Section:
    title, said = topic.said("title", language), topic.said("text", language)
    text: tuple[Block, ...] = (_text(said),) if said else ()
    if found is None:
        return Section(_slug(title) or "text", title, (), text)
    shown = found.shown(topic.show, language)
    blocks = (*text, *paper.blocks(shown, topic.show))
    made = section_of(shown.view, title or shown.view.title, blocks)
    return replace(made, description="") if said else made


def _apart(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Sections with names of their own, and so their pictures."""
    found: list[Section] = []
    for section in sections:
        names = [other.name for other in found]
        number = next(n for n in count(1) if _numbered(section.name, n) not in names)
        name = _numbered(section.name, number)
        blocks = tuple(
            replace(block, name=block.name.replace(section.name, name, 1))
            if isinstance(block, Plot)
            else block
            for block in section.blocks
        )
        found.append(replace(section, name=name, blocks=blocks))
    return tuple(found)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _summary(sections: Iterable[Section]) -> tuple[Row, ...]:
    """The results of all derivations that came to an end."""
    return tuple(
        Row(section.title, view.answer, view.matrix.formula if view.matrix else None)
        for section in sections
        if (view := section.view) and view.finished
    )


def _finished(document: Document, form: Form, level: str) -> Document:
    """Each law once, and what is left blank."""
    sections: list[Section] = []
    blocks = once(block for section in document.sections for block in section.blocks)
    for section in document.sections:
        own = [next(blocks) for _ in section.blocks]
        if form is not Form.FULL:
            own = [with_blanks(block, level) for block in own if not gives_away(block, level)]
        sections.append(replace(section, blocks=tuple(own)))
    return replace(document, sections=tuple(sections), form=form)


def _slug(text: str) -> str:
    return "-".join("".join(sign if sign.isalnum() else " " for sign in text.lower()).split())
