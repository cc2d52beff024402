"""The font that a page's formulas are set in: the signs that it uses, inside the page itself.

Brackets that grow and signs in their larger sizes need a font made for mathematics, and not every
reader's machine has one. STIX Two Math comes with the package `ziamath`, under the Open Font
License, which lets a document carry it.
"""

from __future__ import annotations

import base64
import io
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_FILE = "fonts/STIXTwoMath-Regular.ttf"
# What a browser puts in on its own, and what a page's script may write.
_ALWAYS = "√0123456789.,()[]=≈×−"
# Runs of letters: the first, how many there are, and the first in italics.
_ITALICS = (("A", 26, 0x1D434), ("a", 26, 0x1D44E), ("Α", 25, 0x1D6E2), ("α", 25, 0x1D6FC))
_FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)


def math_font(page: str) -> str:
    """The signs of a page's formulas as a font file (WOFF) in base64: the same signs, the same
    text. "" where the font or fontTools is not installed; readers' own fonts must do then."""
    formulas = re.sub(r"<[^>]*>", "", "".join(_FORMULA.findall(page)))
    return _subset(frozenset(_ALWAYS + formulas))


@cache
def _subset(signs: frozenset[str]) -> str:
    spec = find_spec("ziamath")
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()] if spec else []
    file = next((folder / _FILE for folder in folders if (folder / _FILE).is_file()), None)
    if file is None or find_spec("fontTools") is None:
        return ""
    from fontTools import subset

    options = subset.Options(hinting=False, layout_features=["ssty", "dtls", "flac"])
    options.flavor = "woff"
    font = subset.load_font(str(file), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(signs | set(map(_italic, signs)))))
    subsetter.subset(font)
    packed = io.BytesIO()
    subset.save_font(font, packed, options)
    return base64.b64encode(packed.getvalue()).decode()


def _italic(sign: str) -> str:
    """How a browser writes a letter that stands alone; other signs as they are."""
    if sign == "h":  # the one italic letter that Unicode had before the others
        return "ℎ"
    for first, count, italic in _ITALICS:
        if 0 <= ord(sign) - ord(first) < count:
            return chr(italic + ord(sign) - ord(first))
    return sign
