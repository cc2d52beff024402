"""A page of working to its rows: Markdown and LaTeX with formulas in them, or plain lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from derive.reader.page import Excerpt
from derive.reader.vocabulary import Vocabulary
from derive.reader.words import FUNCTIONS, GREEK, LEADING, LEADING_SIGNS, PHRASES

Row = tuple[Excerpt, str]
"""A line of working, and the words beside it."""

_DISPLAYS = "align|alignat|flalign|gather|multline|equation|eqnarray|displaymath|math|split"
_OPENING = re.compile(
    rf"(?P<env>\\begin\s*\{{(?P<name>({_DISPLAYS})\*?)\}}(\{{\d+\}})?)"
    r"|(?P<square>(?<!\\)\\\[)|(?P<round>(?<!\\)\\\()|(?P<fence>```+[ \t]*math[^\n]*)|(?P<code>```+[^\n]*)"
    r"|(?P<two>\$\$)|(?P<one>(?<!\\)\$)"
)
_CLOSING = {"square": r"\\\]", "round": r"\\\)", "fence": "```+", "code": "```+", "two": r"\$\$"}
_CLOSING |= {"one": r"(?<!\\)\$"}
_INNER = rf"\\(begin|end)\s*\{{({_DISPLAYS}|aligned|gathered|alignedat)\*?\}}(\{{\d+\}})?"
_UNSAID = re.compile(rf"(?<!\\)%[^\n]*|{_INNER}|\\(short)?intertext\s*\{{[^{{}}]*\}}")
_GROUPS = r"(?P<open>\{|\\begin\b)|(?P<close>\}|\\end\b)"
_BREAK = re.compile(rf"{_GROUPS}|(?P<it>\\\\(\*|\s*\[\s*-?[\d.]+\s*[a-z]{{2}}\s*\])?)")
_EQUALS = re.compile(r"(?P<open>[([{])|(?P<close>[)\]}])|(?P<it>(?<![<>!=])=(?![=>]))")
_IMPLIES = "Rightarrow|Longrightarrow|implies|iff|Leftrightarrow|Longleftrightarrow|therefore"
_ARROW = re.compile(rf"{_GROUPS}|(?P<it>\\({_IMPLIES})\b|[⇒⟹⇔⟺∴]|=>|^\s*(\\to\b|->|→))")
_EMPTY = re.compile(r"(\\(nonumber|notag)|[\s&]|\\label\{[^{}]*\})*")
_LINE_END = re.compile(r"\n|\\\\(?=\s*(\n|$))|$")
_BULLET = re.compile(r"\s*([*•]|\d+[.)]|\(\d+\))\s+")
_MAYBE_BULLET = re.compile(r"\s*([-+]|\([a-z]\))\s+")
"""What is a bullet before an equation, and a part of it before another formula."""
_LEADING = re.compile(rf"(({'|'.join(sorted(LEADING))})\b[\s,:]*|[{LEADING_SIGNS}，：])+", re.I)
_LABEL = re.compile(r"[^\W\d_]{2,}( [^\W\d_]{2,})*:\s+(?=\S)")
_NUMBERED = re.compile(r"(\s{2,}|(\\q?quad\s*)+|\\hfill\s*)\(\d+[a-z]?\)$")
"""The number of an equation at its end."""
_ASIDE = re.compile(r"\s\(([^()]*)\)$|:$")
_GOES_ON = re.compile(r"(&|\s|\\q?quad\b|\\[,;:! ]|\{\})*([-+−]|\\(cdot|times|odot|left\.)\b|[·×])")
_STAYS = re.compile(r"(=|[-+*/·]|\\(cdot|times|odot))\s*(&|\s)*$")
_COMMENT = re.compile(r"(?<![\\&])(#|//|%)\s*(.*)$")
_WORD = re.compile(r"(?<![\w\\])[^\W\d_]{2,}(?![\w(\[])")
_WIDE = re.compile("[\u3040-\u9fff\uff00-\uffef]")
_MAX_ROWS = 400


def _outside(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Where a pattern finds `it` outside all that it finds to `open` and `close`."""
    depth = 0
    for found in pattern.finditer(text):
        depth += bool(found["open"]) - bool(found["close"])
        if found["it"] and depth == 0:
            yield found


def equals(text: str) -> list[int]:
    """Where "=" stands outside all brackets."""
    return [found.start() for found in _outside(_EQUALS, text)]


def implied(row: Excerpt) -> list[Excerpt]:
    """The formulas that the arrows of a row hold apart, without the numbers of equations."""
    cuts = [(0, 0), *(found.span() for found in _outside(_ARROW, row.text)), (len(row.text), 0)]
    parts = [row.part(a, b).stripped() for (_, a), (b, _) in pairwise(cuts)]
    numbers = (_NUMBERED.search(part.text) for part in parts)
    bare = [p.part(0, n.start()) if n else p for p, n in zip(parts, numbers, strict=True)]
    return [part for part in bare if part.text.strip("& \n")]


def undressed(excerpt: Excerpt) -> Excerpt:
    """A formula without the dollar signs, or the environment, around it."""
    found = _OPENING.match(excerpt.text)
    if not found or found["code"]:
        return excerpt
    inside, end = _inside(excerpt, found)
    if excerpt.text[end:].strip(" .,;\n"):
        raise excerpt.error("one formula is wanted", end)
    return _said(inside).stripped()


def rows(page: Excerpt, known: Vocabulary) -> list[Row]:
    """The rows of a page; one that goes on is joined with the one before. Raises ReadingError."""
    marked_up = _opening(page.text, 0)
    joined = _marked_up(page) if marked_up else _together(_plain(page, known))
    found = [(part, comment) for row, comment in joined for part in implied(row)]
    if marked_up and not found and len(every := list(_inline(page))) == 1:
        found = [(every[0], "")]
    if len(found) > _MAX_ROWS:
        raise found[_MAX_ROWS][0].error(f"there are more than {_MAX_ROWS} lines", 0)
    return found


def _together(parts: Iterable[Row]) -> Iterator[Row]:
    pending: Row | None = None
    for part, comment in parts:
        goes_on = _GOES_ON.match(part.text) and not equals(part.text)
        if pending and (goes_on or _STAYS.search(pending[0].text)):
            words = "; ".join(filter(None, [pending[1], comment]))
            pending = (pending[0].joined(part), words)
            continue
        if pending:
            yield pending
        pending = (part, comment)
    if pending:
        yield pending


def _opening(text: str, at: int) -> re.Match[str] | None:
    """Where the next formula begins; a dollar sign in \\text{if $i = j$} begins none."""
    while found := _OPENING.search(text, at):
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if not found["one"] or line.count("{") <= line.count("}"):
            break
        at = found.end()
    return found


def _inside(page: Excerpt, opening: re.Match[str]) -> tuple[Excerpt, int]:
    """What stands between an opening and its closing, and where that ends."""
    kind = next(kind for kind in ("env", *_CLOSING) if opening[kind])
    closing = _CLOSING.get(kind, rf"\\end\s*\{{{re.escape(opening['name'] or '')}\}}")
    found = re.compile(closing).search(page.text, opening.end())
    if not found:
        raise page.error("this is not closed", opening.start())
    return page.part(opening.end(), found.start()), found.end()


def _marked_up(page: Excerpt) -> Iterator[Row]:
    """The formulas of Markdown or LaTeX; the words between them are no formulas. A formula among
    words on its line counts where it has an "="."""
    at = 0
    while found := _opening(page.text, at):
        inside, end = _inside(page, found)
        alone = not found["one"] and not found["round"]
        if not found["code"] and (alone or _stands_alone(page.text, found.start(), end, inside)):
            yield from _together(_broken(inside))
        at = end


def _inline(page: Excerpt) -> Iterator[Excerpt]:
    """The formulas in lines of words."""
    at = 0
    while found := _opening(page.text, at):
        inside, at = _inside(page, found)
        if found["one"] or found["round"]:
            yield inside.stripped()


def _stands_alone(text: str, start: int, end: int, inside: Excerpt) -> bool:
    """Whether a formula in a line of words is meant as a line of working."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    after = text[end:].split("\n", 1)[0]
    words = _BULLET.sub("", before) + after
    return bool(equals(inside.text)) or not re.search(r"\w", words)


def _broken(block: Excerpt) -> Iterator[Row]:
    """The rows of a display, at every \\\\ that is not inside something."""
    block = _said(block)
    cuts = [(0, 0), *(found.span() for found in _outside(_BREAK, block.text))]
    for (_, start), (end, _) in pairwise([*cuts, (len(block.text), 0)]):
        part = block.part(start, end).stripped()
        if not _EMPTY.fullmatch(part.text):
            yield part, ""


def _said(part: Excerpt) -> Excerpt:
    """An excerpt without remarks, inner environments and words between its rows."""
    gone = {n for found in _UNSAID.finditer(part.text) for n in range(*found.span())}
    kept = [n for n in range(len(part.text)) if n not in gone]
    text = "".join(part.text[n] for n in kept)
    return Excerpt(part.source, text, tuple(part.places[n] for n in kept))


def _plain(page: Excerpt, known: Vocabulary) -> Iterator[Row]:
    """The lines of plain text, without comments, bullets and sentences."""
    at = 0
    for end in _LINE_END.finditer(page.text):
        part, comment = page.part(at, end.start()).stripped(), ""
        at = end.end()
        if found := _COMMENT.search(part.text):
            part, comment = part.part(0, found.start()).stripped(), found[2].strip()
        if part.text and not _is_prose(part.text, known):
            yield _bare(part, known), comment


def _bare(part: Excerpt, known: Vocabulary) -> Excerpt:
    """A line without what stands around its formula: a bullet, words, an aside."""
    for around in (_BULLET, _MAYBE_BULLET, _LABEL, _LEADING):
        found = around.match(part.text)
        if found and (around in (_BULLET, _LABEL) or equals(part.text[found.end() :])):
            part = part.part(found.end(), len(part.text))
    if (aside := _ASIDE.search(part.text)) and _is_prose(aside[1] or ":", known):
        part = part.part(0, aside.start())
    return part.stripped()


def _is_prose(text: str, known: Vocabulary) -> bool:
    """Whether a line is words and no formula."""
    if "\\" in text or equals(text):
        return False
    if _WIDE.search(text) or text.endswith(":"):
        return True
    meant = {*known.words, *FUNCTIONS, *GREEK, *PHRASES}
    unknown = [word for word in _WORD.findall(text) if word not in meant]
    return len(unknown) >= 2 or (bool(unknown) and text.strip(" .,;!") == unknown[0])
