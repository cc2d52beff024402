"""One derivation as a document: what its view has, with the laws of its rules."""

from __future__ import annotations

from dataclasses import replace

from derive.api import Derivation
from derive.handouts.blocks import Shown
from derive.handouts.blocks import derivation as lines
from derive.handouts.document import Block, Document
from derive.handouts.laws import once
from derive.handouts.plain import plain
from derive.render.page import View


def single(derivation: Derivation, view: View) -> Document:
    """A derivation, at the level of its view, as a document of one section."""
    document = plain(view)
    (section,) = document.sections
    told = lines(Shown(derivation, view))
    blocks: list[Block] = [told if told and b.kind == told.kind else b for b in section.blocks]
    return replace(document, sections=(replace(section, blocks=tuple(once(blocks))),))
