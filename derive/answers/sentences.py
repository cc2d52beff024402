"""Every sentence that is said of an answer, but for those on known mistakes. Blanks are filled when
a sentence is made a `Phrase`, so that it can be said in other languages."""

from __future__ import annotations

from derive.phrases import Phrase

FOLLOWS = Phrase("follows from the line before, which is wrong")
FOLLOWS_FROM = "follows from line {line}, which is wrong"
NOT_AS_BEFORE = Phrase("right, but not equal to the line before")
NOT_FROM_BEFORE = Phrase("does not follow from the line before either")
