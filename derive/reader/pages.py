"""A page of working to its rows: Markdown and LaTeX with formulas in them, or plain lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain, groupby, islice

from derive.reader.page import MAX_FORMULA, Excerpt
from derive.reader.vocabulary import Vocabulary
from derive.reader.words import COMMANDS, FUNCTIONS, GREEK, LEADING, LEADING_SIGNS, PHRASES

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
_AFTER = re.compile(r"[,;.]\s+([^\W\d_]{2,}[\s,:.]*)+$")
_GOES_ON = re.compile(r"(&|\s|\\q?quad\b|\\[,;:! ]|\{\})*([-+−]|\\(cdot|times|odot|left\.)\b|[·×])")
_STAYS = re.compile(r"(=|[-+*/·]|\\(cdot|times|odot))[\s&]*$")
_COMMENT = re.compile(r"(?<![\\&])(#|//|%)")
_WORD = re.compile(r"(?<![\w\\])[^\W\d_]{2,}(?![\w(\[])")
_WIDE = re.compile("[\u3040-\u9fff\uff00-\uffef]")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_SIGN = re.compile(r"[^\W\d_]\[|[\w)\]]\s*[-+*/^−·⊙]\s*[\w(]")
"""An index, or a sign between two things."""
_TEXT = re.compile(r"`+\s*(text|txt|plain)?\s*$")
"""What opens a block that is in no programming language."""
_STRETCH = re.compile(r"[^\n]+|\n+")
_IN_LINE, _ON_ITS_OWN = "\ue000", "\n"
"""What stands for a formula where the words around it are looked at."""
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
    made = _marked_up(page, formulas, known) if formulas else _together(_plain(page, known))
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


def _marked_up(page: Excerpt, formulas: Iterable[Formula], known: Vocabulary) -> Iterator[Excerpt]:
    """The rows of formulas, and those of lines that are mathematics beyond their formulas."""
    stretches = _stretches(page, {formula[0].start(): formula for formula in formulas}, known)
    for typed, group in groupby(stretches, lambda stretch: stretch[0]):
        found = chain.from_iterable(made for _, made in group)
        yield from _together(found) if typed else found


def _stretches(
    page: Excerpt, formulas: Mapping[int, Formula], known: Vocabulary
) -> Iterator[tuple[bool, Iterable[Excerpt]]]:
    """The rows of each line, or of the formulas between two lines; whether it was typed as plain
    text. A line of words counts for its formulas; one such as `$p$ = softmax($z$)` as a whole."""
    words = list(page.text)
    for start, (opening, _, end) in formulas.items():
        words[start:end] = (_IN_LINE if _in_line(opening) else _ON_ITS_OWN) * (end - start)
    for found in _STRETCH.finditer("".join(words)):
        own = [formulas[n] for n in range(*found.span()) if n in formulas]
        if found[0][0] != _ON_ITS_OWN:
            line = _typed(page.part(*found.span()), found, own, known)
            yield (True, [line]) if line else (False, _of_words(own, found[0]))
        elif own:
            yield False, chain.from_iterable(_on_its_own(*formula[:2], known) for formula in own)


def _in_line(opening: re.Match[str]) -> bool:
    return bool(opening["one"] or opening["round"])


def _typed(
    line: Excerpt, found: re.Match[str], own: Iterable[Formula], known: Vocabulary
) -> Excerpt | None:
    """A line without its dollar signs, if what stands beyond them is mathematics too."""
    around = _bare(_uncommented(line.with_text(found[0])), known)
    if not _is_mathematical(around.text, known):
        return None
    gone = {
        n - found.start()
        for opening, _, end in own
        for n in (*range(*opening.span()), *range(end - len(opening[0]), end))
    }
    return _bare(_uncommented(_without(line, gone)), known)


def _is_mathematical(text: str, known: Vocabulary) -> bool:
    """Whether something is calculated in a text; where no "=" stands, it has no other words."""
    if "\\" in text or has_equals(text):
        commands = _COMMAND.findall(text)
        return has_equals(text) or any(name in COMMANDS or name in GREEK for name in commands)
    letters = re.search(r"[^\W\d_]", text)
    meant = all(_means_something(word, known) for word in _WORD.findall(text))
    return meant and bool(letters and _SIGN.search(text))


def _on_its_own(opening: re.Match[str], inside: Excerpt, known: Vocabulary) -> Iterator[Excerpt]:
    """The rows of a displayed formula, or of a block of plain text."""
    if not opening["code"]:
        yield from _rows(inside)
    elif _TEXT.match(opening[0]):
        yield from _together(_plain(inside, known))


def _of_words(formulas: list[Formula], line: str) -> Iterator[Excerpt]:
    """The rows of the formulas in a line; one among words counts where it has an "="."""
    among = len(formulas) > 1 or bool(re.search(r"\w", _BULLET.sub("", line)))
    for _, inside, _ in formulas:
        if not among or has_equals(inside.text):
            yield from _rows(inside)


def _rows(formula: Excerpt) -> Iterator[Excerpt]:
    block = _said(formula)
    yield from _together(p for p in _parted(_BREAK, block) if not _EMPTY.fullmatch(p.text))


def _said(part: Excerpt) -> Excerpt:
    """An excerpt without remarks, inner environments and words between its rows."""
    return _without(
        part, {n for found in _UNSAID.finditer(part.text) for n in range(*found.span())}
    )


def _without(part: Excerpt, gone: Collection[int]) -> Excerpt:
    kept = [n for n in range(len(part.text)) if n not in gone]
    text = "".join(part.text[n] for n in kept)
    return Excerpt(part.source, text, tuple(part.places[n] for n in kept))


def _plain(page: Excerpt, known: Vocabulary) -> Iterator[Excerpt]:
    """The lines of plain text, without comments, bullets and sentences."""
    at = 0
    for end in _LINE_END.finditer(page.text):
        part = _uncommented(page.part(at, end.start()))
        at = end.end()
        if part.text and not _is_prose(part.text, known):
            yield _bare(part, known)


def _uncommented(line: Excerpt) -> Excerpt:
    found = _COMMENT.search(line.text)
    return line.part(0, found.start() if found else len(line.text)).stripped()


def _bare(part: Excerpt, known: Vocabulary) -> Excerpt:
    """A line without what stands around its formula: a bullet, words, an aside."""
    for around in (_BULLET, _MAYBE_BULLET, _LABEL, _LEADING):
        found = around.match(part.text)
        if found and (around in (_BULLET, _LABEL) or has_equals(part.text[found.end() :])):
            part = part.part(found.end(), len(part.text))
    if (aside := _ASIDE.search(part.text)) and _is_prose(aside[1] or ":", known):
        part = part.part(0, aside.start())
    if (after := _AFTER.search(part.text)) and not _means_something(after[0], known):
        part = part.part(0, after.start())
    return part.stripped()


def _is_prose(text: str, known: Vocabulary) -> bool:
    """Whether a line is words and no formula."""
    if "\\" in text or has_equals(text):
        return False
    if _WIDE.search(text) or text.endswith(":"):
        return True
    unknown = [word for word in _WORD.findall(text) if not _means_something(word, known)]
    return len(unknown) >= 2 or (bool(unknown) and text.strip(" .,;!") == unknown[0])


def _means_something(text: str, known: Vocabulary) -> bool:
    """Whether any word of a text is one of mathematics."""
    meant = {*known.words, *FUNCTIONS, *GREEK, *PHRASES}
    return any(word in meant for word in re.findall(r"\w+", text))
