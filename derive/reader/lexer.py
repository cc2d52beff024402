"""Characters to tokens: what a piece of LaTeX, or of plain mathematics, is made of.

A token's value is what it says (a letter, a function's name); its `start_pos` is its place in the
page. Spacing, sizes and fonts are dropped here; what is neither dropped nor understood is an error.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lark import Token

from derive.reader import commands, typed, words
from derive.reader.page import MAX_FORMULA, Excerpt, ReadingError, error
from derive.reader.stops import ENDS, tidied
from derive.reader.vocabulary import Vocabulary

_MAX_DEPTH = 60
_MAX_TOKENS = 4000
SPACE = re.compile(r"(\s|~|\\[,;:!>]|\\\s|[\u200b\ufeff])+")
_COMMENT = re.compile(r"%[^\n]*")
_NUMBER = re.compile(r"\d{1,300}(\.\d{1,100})?|\.\d{1,100}")
_MORE_DIGITS = re.compile(r"\.?\d")
_RUN = re.compile(r"[A-Za-z]+")
_WORD = re.compile(r"[A-Za-z]\w*", re.A)
_LETTERED = re.compile(r"[^\W\d_]")
_INDICATOR = re.compile(
    r"\\(mathbf|mathbb|mathds|mathbbm|boldsymbol|bm|mathrm)\s*(\{\s*1\s*\}|1)|\\(ind|indicator)\b"
)
_BRACKETS = {"(": "LPAR", "[": "LSQ", "{": "LBRACE", "\\{": "LSET"}
_CLOSING = {")": ("LPAR", "RPAR"), "]": ("LSQ", "RSQ"), "}": ("LBRACE", "RBRACE")}
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_BARS = {"|": "BAR", "‖": "NORM"}


@dataclass(frozen=True)
class Opened:
    """A bracket that is not closed yet.

    Attributes:
        sign: how it was written.
        start: where.
        needed: how many arguments were wanted when it came.
        below: whether what is in it stands below something.
    """

    kind: str
    sign: str
    start: int
    needed: int
    below: bool


class Lexer:
    """Reads one formula.

    Attributes:
        latex: whether letters side by side are factors, as in LaTeX, or words.
        comments: words that stand around the formula.
        needed: how many arguments the commands before want: each is one sign or a group.
    """

    def __init__(self, excerpt: Excerpt, known: Vocabulary, latex: bool) -> None:
        self.excerpt, self.text, self.known, self.latex = excerpt, excerpt.text, known, latex
        self.at = 0
        self.tokens: list[Token] = []
        self.comments: list[str] = []
        self.opened: list[Opened] = []
        self.needed = 0

    def run(self) -> list[Token]:
        """The tokens. Raises ReadingError."""
        if len(self.text) > MAX_FORMULA:
            raise self.error(f"a formula is at most {MAX_FORMULA} characters long", 0)
        while self.at < len(self.text):
            self.step()
        if self.opened:
            raise self.error("this is not closed", self.opened[-1].start)
        return tidied(self.tokens, self.excerpt.source)

    def error(self, message: str, start: int) -> ReadingError:
        return error(self.excerpt.source, message, self.excerpt.place(start))

    def match(self, pattern: re.Pattern[str]) -> str:
        """What a pattern finds at `at`, which is then read."""
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found[0] if found else ""

    def last(self) -> str:
        """The kind of the token before."""
        return self.tokens[-1].type if self.tokens else ""

    def add(self, kind: str, value: str, start: int) -> None:
        """One more token, written at `start`."""
        if len(self.tokens) >= _MAX_TOKENS:
            raise self.error("this formula is too long", start)
        token = Token(kind, value)
        token.start_pos = self.excerpt.place(start)
        self.tokens.append(token)
        if kind in ("SUB", "SUP", "SQRT", "FRAC"):
            self.needed += 2 if kind == "FRAC" else 1
        elif self.needed and not kind.startswith("L"):
            self.needed -= 1

    def step(self) -> None:
        """Read what stands at `at`."""
        start, char = self.at, self.text[self.at]
        if self.match(SPACE) or (self.latex and self.match(_COMMENT)):
            return
        if self.match(_INDICATOR):
            self.add("INDICATOR", "1", start)
        elif char == "\\":
            commands.command(self, start)
        elif not self.latex and typed.sign(self, start):
            return
        elif char.isascii() and (char.isdigit() or char == "."):
            self.number(start)
        elif char.isascii() and char.isalpha():
            self.word(start)
        else:
            self.at += 1
            self.sign(char, start)

    def number(self, start: int) -> None:
        found = _NUMBER.match(self.text, start)
        if not found:
            self.at += 1
            self.add("STOP", ".", start)
            return
        one_digit = self.needed and self.latex
        self.at = start + 1 if one_digit else found.end()
        if _MORE_DIGITS.match(self.text, self.at) and self.needed < 2:
            raise self.error("this number needs braces, or is too long", start)
        self.add("NUMBER", self.text[start : self.at], start)

    # letters and words

    def word(self, start: int) -> None:
        """A letter, or a run of them that is a word here."""
        if self.latex:
            run = self.match(_RUN)
            if self.needed or not self._is_word(run):
                self.at = start + 1
                self.name(run[0], start)
                return
        else:
            run = self.match(_WORD)
            if not (run in self.known.words or run in words.FUNCTIONS):
                run = self._undifferentiated(run.split("_")[0])
                self.at = start + len(run)
        self.named(run, start)

    def _undifferentiated(self, word: str) -> str:
        """The d of dL/dz, if that is one."""
        apart = word[0] == "d" and word[1:] in self.known.words and "d" not in self.known.words
        return "d" if apart and word not in words.GREEK else word

    def _is_word(self, run: str) -> bool:
        """Whether letters side by side are one word and not a product."""
        if len(run) == 1 or not (run in self.known.words or run in words.FUNCTIONS):
            return False
        return len(run) > 2 or not all(letter in self.known.words for letter in run)

    def named(self, word: str, start: int) -> None:
        """A word: a name, a function, a Greek letter's name, a conjunction."""
        if word in self.known.words:
            self.add("NAME", word, start)
        elif word in words.BIG and self.lowered():
            self.add("BIG", words.BIG[word], start)
        elif word in words.FUNCTIONS:
            self.add("FUNC", words.FUNCTIONS[word], start)
        elif word in ("and", "or", "not"):
            self.add(word.upper(), word, start)
        else:
            self.name(words.GREEK.get(word, word), start)

    def name(self, word: str, start: int) -> None:
        """A letter or a word that is no function, with the accents of Unicode."""
        first, *marks = list(unicodedata.normalize("NFD", word))
        while self.at < len(self.text) and self.text[self.at] in words.COMBINING:
            marks.append(self.text[self.at])
            self.at += 1
        accents = [words.COMBINING[mark] for mark in marks if mark in words.COMBINING]
        stem = first if accents else unicodedata.normalize("NFC", word)
        stem = words.LETTER_FORMS.get(stem, stem)
        if stem == "d" and "d" not in self.known.words and not self.below():
            self.add("PARTIAL", "d", start)
        elif stem == "σ" and not accents and "σ" not in self.known.stems:
            self.add("FUNC", "sigma", start)
        else:
            self.add("NAME", "_".join([stem, *accents]), start)

    def below(self) -> bool:
        """Whether what comes now stands below something: there, letters are indices."""
        return self.last() == "SUB" or any(one.below for one in self.opened)

    def lowered(self) -> bool:
        """Whether something stands below what was read last."""
        rest = re.compile(r"(\s|\\(no)?limits\b)*").match(self.text, self.at)
        after = self.text[rest.end() if rest else self.at :][:1]
        return after == "_" or (after != "" and after in words.LOWERED)

    # signs and brackets

    def sign(self, char: str, start: int) -> None:
        """What is neither letter nor digit nor command."""
        two = self.text[start : start + 2]
        if two in ("<=", ">=", "!=", "=="):
            self.at += 1
            self.add("REL", words.RELATIONS[two], start)
        elif char in "_^":
            self.add("SUB" if char == "_" else "SUP", char, start)
        elif char in words.RAISED or char in words.LOWERED or char == "ᵀ":
            typed.small(self, char, start)
        elif char in "{([":
            self.open(_BRACKETS[char], char, start)
        elif char in "})]":
            self.close(char, start)
        elif char in _BARS:
            self.bar(char, start)
        elif char in words.RELATIONS:
            self.add("REL", words.RELATIONS[char], start)
        elif char in words.OPERATORS:
            self.add("OP", words.OPERATORS[char], start)
        elif char in words.SIGNS:
            self.add(*words.SIGNS[char], start)
        elif char in "∑∏" or (char in "ΣΠ" and self.lowered()):
            self.add("BIG", "sum" if char in "∑Σ" else "prod", start)
        elif _LETTERED.fullmatch(char):
            self.name(char, start)
        else:
            self._ampersand(char, start)

    def _ampersand(self, char: str, start: int) -> None:
        if char != "&" or not self.latex:
            shown = char if char.isprintable() else f"character {ord(char):#x}"
            raise self.error(f"{shown!r} has no meaning here", start)
        inside = any(one.kind == "CASES" for one in self.opened)
        self.add("AMP" if inside else "ALIGN", "&", start)

    def open(self, kind: str, sign: str, start: int) -> None:
        """An opening bracket."""
        if len(self.opened) >= _MAX_DEPTH:
            raise self.error("this is nested too deeply", start)
        below = self.last() == "SUB"
        self.add(kind, sign, start)
        self.opened.append(Opened(kind, sign, start, self.needed, below))
        self.needed = 0

    def close(self, char: str, start: int) -> None:
        """A closing bracket, of the kind that was opened."""
        if self.opened and self.opened[-1].kind == "LBRACE":
            if _PAIRS.get(self.opened[-1].sign) != char:
                raise self.error(f"{char!r} does not close what is open here", start)
            self.shut("LBRACE", "RBRACE", start)
        else:
            self.shut(*_CLOSING[char], start)

    def shut(self, kind: str, closing: str, start: int) -> None:
        """The end of what was opened as `kind`."""
        if not self.opened or self.opened[-1].kind != kind:
            raise self.error(f"{self.text[start]!r} closes nothing here", start)
        needed = self.opened.pop().needed
        self.needed = 0
        self.add(closing, closing, start)
        self.needed = max(0, needed - 1)

    def bar(self, char: str, start: int) -> None:
        """|x|, ‖x‖: an opening one, unless one is open and something stands before it."""
        kind = _BARS[char]
        double = self.text[start : start + 2] == "||"
        if double and (self._closes("NORM") or not self._closes("BAR")):
            kind, self.at = "NORM", start + 2
        if self._closes(kind):
            self.shut(f"L{kind}", f"R{kind}", start)
        else:
            self.open(f"L{kind}", char, start)

    def _closes(self, kind: str) -> bool:
        inside = bool(self.opened) and self.opened[-1].kind == f"L{kind}"
        return inside and self.last() in ENDS
