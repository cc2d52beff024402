"""A page of working to its rows: Markdown and LaTeX with formulas in them, or plain lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.reader import plain
from derive.reader.page import Excerpt, error
from derive.reader.vocabulary import Vocabulary

Row = tuple[Excerpt, str]

_DISPLAYS = "align alignat flalign gather multline equation eqnarray displaymath math split"
_ENVIRONMENT = rf"\\begin\s*\{{(?P<name>({_DISPLAYS.replace(' ', '|')})\*?)\}}(\{{\d+\}})?"
_OPENING = re.compile(
    rf"(?P<env>{_ENVIRONMENT})|(?P<square>\\\[)|(?P<round>\\\()|(?P<fence>```+[ \t]*math[^\n]*)"
    r"|(?P<code>```+[^\n]*)|(?P<two>\$\$)|(?P<one>(?<!\\)\$)"
)
_CLOSING = {"square": r"\\\]", "round": r"\\\)", "fence": "```+", "code": "```+", "two": r"\$\$"}
_CLOSING |= {"one": r"(?<!\\)\$"}
_DISPLAY = f"{_DISPLAYS} aligned gathered alignedat".replace(" ", "|")
_INNER = re.compile(rf"\\(begin|end)\s*\{{({_DISPLAY})\*?\}}(\{{\d+\}})?")
_REMARK = re.compile(r"(?<!\\)%[^\n]*")
_BREAK = re.compile(r"\\\\(\*|\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\])?|\\(begin|end)\b|[{}]")
_INTERTEXT = re.compile(r"\\(short)?intertext\s*\{[^{}]*\}")
_BULLET = re.compile(r"\s*([-*+•]|\d+[.)]|\(\d+\)|\([a-z]\))\s+")
_GOES_ON = re.compile(r"(&|\s|\\q?quad\b|\\[,;:! ]|\{\})*([-+−]|\\(cdot|times|odot|left\.)\b|[·×])")
_STAYS = re.compile(r"(=|[-+*/·]|\\(cdot|times|odot))\s*(&|\s)*$")
_COMMENT = re.compile(r"(?<![\\&])(#|//)\s*(.*)$")
_MAX_ROWS = 400


def undressed(excerpt: Excerpt) -> Excerpt:
    """A formula without the dollar signs, or the environment, around it."""
    found = _OPENING.match(excerpt.text)
    if not found or found.lastgroup == "code":
        return excerpt
    inside, end = _inside(excerpt, found)
    if excerpt.text[end:].strip(" .,;\n"):
        raise error(excerpt.source, "one formula is wanted", excerpt.place(end))
    return _without(inside, _INNER).stripped()


def rows(page: Excerpt, known: Vocabulary) -> Iterator[Row]:
    """The rows of a page with the words beside them. Raises ReadingError."""
    found = list(_marked_up(page) if _OPENING.search(page.text) else _plain(page, known))
    if len(found) > _MAX_ROWS:
        raise error(
            page.source, f"there are more than {_MAX_ROWS} lines", found[_MAX_ROWS][0].place(0)
        )
    yield from found


def _inside(page: Excerpt, opening: re.Match[str]) -> tuple[Excerpt, int]:
    """What stands between an opening and its closing, and where that ends."""
    if name := opening["name"]:
        closing = rf"\\end\s*\{{{re.escape(name)}\}}"
    else:
        kind = next(kind for kind in _CLOSING if opening[kind])
        closing = _CLOSING[kind]
    found = re.compile(closing).search(page.text, opening.end())
    if not found:
        raise error(page.source, "this is not closed", page.place(opening.start()))
    return page.part(opening.end(), found.start()), found.end()


def _marked_up(page: Excerpt) -> Iterator[Row]:
    """The formulas of Markdown or LaTeX; the words between them are no formulas. A formula among
    words on its line counts where it has an "="."""
    at = 0
    while found := _OPENING.search(page.text, at):
        inside, end = _inside(page, found)
        alone = not found["one"] and not found["round"]
        if not found["code"] and (alone or _stands_alone(page.text, found.start(), end, inside)):
            yield from _broken(inside)
        at = end


def _stands_alone(text: str, start: int, end: int, inside: Excerpt) -> bool:
    """Whether a formula in a line of words is meant as a line of working."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    after = text[end:].split("\n", 1)[0]
    words = _BULLET.sub("", before) + after
    return bool(plain.equals(inside.text)) or not re.search(r"\w", words)


def _broken(block: Excerpt) -> Iterator[Row]:
    """The rows of a display, at every \\\\ that is not inside something; rows that go on are joined
    with the one before."""
    block = _without(_without(_without(block, _REMARK), _INNER), _INTERTEXT)
    starts, depth, cuts = 0, 0, list[tuple[int, int]]()
    for found in _BREAK.finditer(block.text):
        if found[0].startswith("\\\\"):
            if depth == 0:
                cuts.append((starts, found.start()))
                starts = found.end()
        else:
            depth += 1 if found[0] in ("{", "\\begin") else -1
    cuts.append((starts, len(block.text)))
    parts = [block.part(a, b).stripped() for a, b in cuts]
    yield from ((part, "") for part in _together([p for p in parts if _says(p)]))


def _says(part: Excerpt) -> bool:
    """Whether a row has anything in it."""
    return bool(re.sub(r"\\(nonumber|notag)|[\s&]|\\label\{[^{}]*\}", "", part.text))


def _together(parts: list[Excerpt]) -> list[Excerpt]:
    found: list[Excerpt] = []
    for part in parts:
        goes_on = _GOES_ON.match(part.text) and not plain.equals(part.text)
        if found and (goes_on or _STAYS.search(found[-1].text)):
            found[-1] = found[-1].joined(part)
        else:
            found.append(part)
    return found


def _without(part: Excerpt, pattern: re.Pattern[str]) -> Excerpt:
    """The excerpt without what matches."""
    kept: list[int] = []
    at = 0
    for found in pattern.finditer(part.text):
        kept += range(at, found.start())
        at = found.end()
    kept += range(at, len(part.text))
    text = "".join(part.text[n] for n in kept)
    return Excerpt(part.source, text, tuple(part.places[n] for n in kept))


def _plain(page: Excerpt, known: Vocabulary) -> Iterator[Row]:
    """The lines of plain text, without comments, bullets and sentences."""
    pending: Row | None = None
    for part in _cut(page):
        part, comment = _uncommented(part)
        bullet = _BULLET.match(part.text)
        if bullet and plain.equals(part.text):
            part = part.part(bullet.end(), len(part.text)).stripped()
        if not part.text or plain.is_prose(part.text, known):
            continue
        if pending and (_continues(part.text) or _STAYS.search(pending[0].text)):
            words = "; ".join(filter(None, [pending[1], comment]))
            pending = (pending[0].joined(part), words)
            continue
        if pending:
            yield pending
        pending = (part, comment)
    if pending:
        yield pending


def _continues(text: str) -> bool:
    return bool(_GOES_ON.match(text)) and not plain.equals(text)


def _cut(page: Excerpt) -> Iterator[Excerpt]:
    at = 0
    for found in re.finditer(r"\n|\\\\(?=\s*(\n|$))|$", page.text):
        part = page.part(at, found.start()).stripped()
        at = found.end()
        if part.text:
            yield part


def _uncommented(part: Excerpt) -> tuple[Excerpt, str]:
    found = _COMMENT.search(part.text)
    if found:
        return part.part(0, found.start()).stripped(), found[2].strip()
    return part, ""
