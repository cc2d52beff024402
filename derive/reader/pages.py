"""A page of working to its rows: Markdown and LaTeX with formulas in them, or plain lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from derive.reader.page import MAX_FORMULA, Excerpt
from derive.reader.vocabulary import Vocabulary
from derive.reader.words import FUNCTIONS, GREEK, LEADING, LEADING_SIGNS, PHRASES

Formula = tuple[re.Match[str], Excerpt, int]
"""How a formula is opened, what it is, and where it ends."""
_DISPLAYS = "align|alignat|flalign|gather|multline|equation|eqnarray|displaymath|math|split|"
_DISPLAYS += "aligned|gathered|alignedat"
_OPENING = re.compile(
    rf"(?P<env>\\begin\s*\{{(?P<name>({_DISPLAYS})\*?)\}}(\{{\d+\}})?)"
    r"|(?P<square>(?<!\\)\\\[)|(?P<round>(?<!\\)\\\()|(?P<two>\$\$)|(?P<one>(?<!\\)\$)"
    r"|(?P<fence>```+[ \t]*math[^\n]*)|(?P<code>```+[^\n]*)"
)
_CLOSING = {"square": r"\\\]", "round": r"\\\)", "fence": "```+", "code": "```+", "two": r"\$\$"}
_CLOSING |= {"one": r"(?<!\\)\$"}
_INNER = rf"\\(begin|end)\s*\{{({_DISPLAYS})\*?\}}(\{{\d+\}})?"
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
_LABEL = re.compile(r"[^\W\d_]{2,}( [^\W\d_]+)*:\s+(?=\S)")
_NUMBER = re.compile(r"\(\d{1,4}[a-z]?\)$")
_GAP = re.compile(r"(\s\s|\t|\\q?quad\s?|\\hfill\s?)$")
"""What stands before the number of an equation."""
_ASIDE = re.compile(r"\s\(([^()]*)\)$|:$")
_GOES_ON = re.compile(r"(&|\s|\\q?quad\b|\\[,;:! ]|\{\})*([-+−]|\\(cdot|times|odot|left\.)\b|[·×])")
_STAYS = re.compile(r"(=|[-+*/·]|\\(cdot|times|odot))[\s&]*$")
_COMMENT = re.compile(r"(?<![\\&])(#|//|%)")
_WORD = re.compile(r"(?<![\w\\])[^\W\d_]{2,}(?![\w(\[])")
_WIDE = re.compile("[\u3040-\u9fff\uff00-\uffef]")
_MAX_ROWS = 400
_MAX_FORMULAS = 2000


def _outside(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Where a pattern finds `it` outside all that it finds to `open` and `close`."""
    depth = 0
    for found in pattern.finditer(text):
        depth += bool(found["open"]) - bool(found["close"])
        if found["it"] and depth == 0:
            yield found


def _parted(pattern: re.Pattern[str], block: Excerpt) -> Iterator[Excerpt]:
    """What stands between the places where a pattern finds `it`."""
    start = 0
    for found in _outside(pattern, block.text):
        yield block.part(start, found.start()).stripped()
        start = found.end()
    yield block.part(start, len(block.text)).stripped()


def has_equals(text: str) -> bool:
    """Whether "=" stands outside all brackets."""
    return any(_outside(_EQUALS, text))


def implied(row: Excerpt) -> Iterator[Excerpt]:
    """The formulas that the arrows of a row hold apart, without the numbers of equations."""
    for part in _parted(_ARROW, row):
        number = _NUMBER.search(part.text)
        if number and _GAP.search(part.text[: number.start()]):
            part = part.part(0, number.start()).stripped()
        if part.text.strip("& \n"):
            yield part


def undressed(excerpt: Excerpt) -> Excerpt:
    """A formula without the dollar signs, or the environment, around it."""
    found = _OPENING.match(excerpt.text)
    if not found or found["code"]:
        return excerpt
    inside, end = _inside(excerpt, found)
    if excerpt.text[end:].strip(" .,;\n"):
        raise excerpt.error("one formula is wanted", end)
    return _said(inside).stripped()


def rows(page: Excerpt, known: Vocabulary) -> list[Excerpt]:
    """The rows of a page; one that goes on is joined with the one before. Raises ReadingError."""
    formulas = list(_formulas(page))
    made = _marked_up(page, formulas) if formulas else _together(_plain(page, known))
    found = list(islice((part for row in made for part in implied(row)), _MAX_ROWS + 1))
    if len(found) > _MAX_ROWS:
        raise found[_MAX_ROWS].error(f"there are more than {_MAX_ROWS} lines", 0)
    only = [inside for opening, inside, _ in formulas if not opening["code"]]
    return found or (only if len(only) == 1 else [])


def _together(parts: Iterable[Excerpt]) -> Iterator[Excerpt]:
    pending: Excerpt | None = None
    for part in parts:
        goes_on = _GOES_ON.match(part.text) and not has_equals(part.text)
        if pending and (goes_on or _STAYS.search(pending.text)):
            pending = pending.joined(part)
            if len(pending.text) > MAX_FORMULA:
                raise pending.error(f"a formula is at most {MAX_FORMULA} characters long", 0)
            continue
        if pending:
            yield pending
        pending = part
    if pending:
        yield pending


def _formulas(page: Excerpt) -> Iterator[Formula]:
    """The formulas of Markdown or LaTeX; a dollar sign in \\text{if $i = j$} begins none."""
    at = count = 0
    while found := _OPENING.search(page.text, at):
        if (count := count + 1) > _MAX_FORMULAS:
            raise page.error(f"there are more than {_MAX_FORMULAS} formulas", at)
        line = page.text[page.text.rfind("\n", 0, found.start()) + 1 : found.start()]
        at = found.end()
        if not found["one"] or line.count("{") <= line.count("}"):
            inside, at = _inside(page, found)
            yield found, inside.stripped(), at


def _inside(page: Excerpt, opening: re.Match[str]) -> tuple[Excerpt, int]:
    """What stands between an opening and its closing, and where that ends."""
    kind = next(kind for kind in ("env", *_CLOSING) if opening[kind])
    closing = _CLOSING.get(kind, rf"\\end\s*\{{{re.escape(opening['name'] or '')}\}}")
    found = re.compile(closing).search(page.text, opening.end())
    if not found:
        raise page.error("this is not closed", opening.start())
    return page.part(opening.end(), found.start()), found.end()


def _marked_up(page: Excerpt, formulas: Iterable[Formula]) -> Iterator[Excerpt]:
    """The rows of formulas; the words between them are none. A formula among words on its line
    counts where it has an "="."""
    for opening, inside, end in formulas:
        alone = not opening["one"] and not opening["round"]
        before = page.text[: opening.start()].rpartition("\n")[2]
        words = _BULLET.sub("", before) + page.text[end:].partition("\n")[0]
        among = not alone and not has_equals(inside.text) and re.search(r"\w", words)
        if not opening["code"] and not among:
            block = _said(inside)
            yield from _together(p for p in _parted(_BREAK, block) if not _EMPTY.fullmatch(p.text))


def _said(part: Excerpt) -> Excerpt:
    """An excerpt without remarks, inner environments and words between its rows."""
    gone = {n for found in _UNSAID.finditer(part.text) for n in range(*found.span())}
    kept = [n for n in range(len(part.text)) if n not in gone]
    text = "".join(part.text[n] for n in kept)
    return Excerpt(part.source, text, tuple(part.places[n] for n in kept))


def _plain(page: Excerpt, known: Vocabulary) -> Iterator[Excerpt]:
    """The lines of plain text, without comments, bullets and sentences."""
    at = 0
    for end in _LINE_END.finditer(page.text):
        part = page.part(at, end.start()).stripped()
        at = end.end()
        if found := _COMMENT.search(part.text):
            part = part.part(0, found.start()).stripped()
        if part.text and not _is_prose(part.text, known):
            yield _bare(part, known)


def _bare(part: Excerpt, known: Vocabulary) -> Excerpt:
    """A line without what stands around its formula: a bullet, words, an aside."""
    for around in (_BULLET, _MAYBE_BULLET, _LABEL, _LEADING):
        found = around.match(part.text)
        if found and (around in (_BULLET, _LABEL) or has_equals(part.text[found.end() :])):
            part = part.part(found.end(), len(part.text))
    if (aside := _ASIDE.search(part.text)) and _is_prose(aside[1] or ":", known):
        part = part.part(0, aside.start())
    return part.stripped()


def _is_prose(text: str, known: Vocabulary) -> bool:
    """Whether a line is words and no formula."""
    if "\\" in text or has_equals(text):
        return False
    if _WIDE.search(text) or text.endswith(":"):
        return True
    meant = {*known.words, *FUNCTIONS, *GREEK, *PHRASES}
    unknown = [word for word in _WORD.findall(text) if word not in meant]
    return len(unknown) >= 2 or (bool(unknown) and text.strip(" .,;!") == unknown[0])
