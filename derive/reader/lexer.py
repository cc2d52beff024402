"""Characters to tokens: what a piece of LaTeX, or of plain mathematics, is made of.

A token's value is what it says (a letter, a function's name); its `start_pos` is its place in the
page. Spacing, sizes and fonts are dropped here; what is neither dropped nor understood is an error.
"""

from __future__ import annotations

import re
import unicodedata

from lark import Token

from derive.reader import commands
from derive.reader.page import MAX_FORMULA, Excerpt
from derive.reader.tokens import Tokens
from derive.reader.vocabulary import Vocabulary
from derive.reader.words import (
    BIG,
    COMBINING,
    FUNCTIONS,
    GREEK,
    LETTER_FORMS,
    LOWERED,
    RAISED,
    SIGNS,
)

_QED = r"(\\(blacksquare|square|qed|Box)\b|[∎■□])(?=[\s.]*$)"
_SPACE = re.compile(rf"(\s|~|\\[,;:!>]|\\\s|[\u200b\ufeff]|{_QED})+")
_REMARK = re.compile(r"%[^\n]*")
_NUMBER = re.compile(r"(\d{1,300}(\.\d{1,100})?|\.\d{1,100})([eE][-+]?\d{1,4}(?![\d.]))?", re.A)
_MORE_DIGITS = re.compile(r"\.?\d", re.A)
_RUN = re.compile(r"[A-Za-z]+")
_WORD = re.compile(r"[A-Za-z]\w*", re.A)
_LETTER = re.compile(r"[^\W\d_]")
_SIDE_BY_SIDE = re.compile(r"[A-Za-z]{2,}")
_EXPONENT = re.compile(r"-?(\d+(\.\d+)?|[^\W\d]\w*(([₀-ₜᵢ-ᵥⱼ])+|\[[\w, ]*\])?)")
_DEFINED = re.compile(r"[\s&]*=")
_APPLIED = re.compile(r"\s*(\(|\[[^\]]*[=<>≤≥≠])")
"""What follows Kronecker's delta where it is written as a function: (i, j), [i = j]."""
_SHORT = r"([\w\s^,'()]|\\(?![dt]?frac)([a-zA-Z]+|,)|\{[\w\s,+-]*\}){0,40}?(/|\}\s*\{)\s*"
_ABOVE = re.compile(rf"{_SHORT}d")
_BELOW = re.compile(rf"(?<![\w\\])d{_SHORT}$")
"""What stands behind the first d, and before the second, of dL/dz."""
_SMALL = [
    (re.compile(f"[{''.join(RAISED)}]+"), "SUP", RAISED),
    (re.compile(f"[{''.join(LOWERED)}]+"), "SUB", LOWERED),
]
_ALIGNS = re.compile(r"([\s&]|\\q?quad\b)*($|[-+=<>]|\\(text|[lg]eq?|neq?|cdot|times|odot)\b)")
"""What follows an & that only aligns, where one follows a formula."""
_FONTS = "mathbf|mathbb|mathds|mathbbm|boldsymbol|bm|mathrm"
_WHOLE = [
    (re.compile(rf"\\({_FONTS})\s*(\{{\s*1\s*\}}|1)|\\(ind|indicator)\b"), "INDICATOR", "1"),
    (re.compile(r"\\mathbb\s*(\{\s*I\s*\}|I)"), "NAME", "I"),
    (re.compile(r"\\not\s*="), "REL", "!="),
    (re.compile(r"\\(overset|stackrel)\s*\{[^{}]*\}\s*\{\s*=\s*\}"), "REL", "=="),
]
"""Commands that are one token together with their argument."""
_BRACKETS = {"(": ("LPAR", ")"), "[": ("LSQ", "]"), "{": ("LBRACE", "}")}


class Lexer(Tokens):
    """Reads one formula.

    Attributes:
        latex: whether letters side by side are factors, as in LaTeX, or words.
    """

    def __init__(self, excerpt: Excerpt, known: Vocabulary, latex: bool) -> None:
        super().__init__(excerpt, known)
        self.latex = latex

    def run(self) -> list[Token]:
        """The tokens. Raises ReadingError."""
        if len(self.text) > MAX_FORMULA:
            raise self.error(f"a formula is at most {MAX_FORMULA} characters long", 0)
        self.until(len(self.text))
        if self.opened:
            raise self.error("this is not closed", self.opened[-1].start)
        return self.tokens

    def until(self, end: int) -> None:
        """Read what stands before a place."""
        while self.at < end:
            self._step()

    def _step(self) -> None:
        start, char = self.at, self.text[self.at]
        if self.match(_SPACE) or (self.latex and self.match(_REMARK)):
            return
        if char == "\\":
            self._command(start)
        elif not self.latex and self._typed(start):
            return
        elif char.isascii() and (char.isdigit() or char == "."):
            self._number(start)
        elif char.isascii() and char.isalpha():
            self._word(start)
        else:
            self._sign(char, start)

    def _command(self, start: int) -> None:
        for pattern, kind, value in _WHOLE:
            if self.match(pattern):
                self.add(kind, value, start)
                return
        commands.command(self, start)

    def _number(self, start: int) -> None:
        """A number; one digit of it where a command in LaTeX wants its argument."""
        if not (written := self.match(_NUMBER)):
            self.at += 1
            self.add("STOP", ".", start)
            return
        if self.latex and not written.replace(".", "").isdigit():
            raise self.error("is this a power of ten? Write 10^{...}", start)
        if self.needed and self.latex:
            written, self.at = written[0], start + 1
        if _MORE_DIGITS.match(self.text, self.at) and self.needed < 2:
            raise self.error("this number needs braces, or is too long", start)
        self.add("NUMBER", written, start)

    # letters and words

    def _word(self, start: int) -> None:
        """A letter, or a run of them that is a word here."""
        run = self.match(_RUN if self.latex else _WORD)
        if self.latex and (self.needed or not self._is_word(run)):
            self.at = start + 1
            self.name(run[0], start)
            return
        if not self.latex and not self.means_something(run):
            run = run.split("_")[0]
            if self._is_differential(run):
                self.at = start + 1
                self.add("PARTIAL", "d", start)
                return
            self.at = start + len(run)
        self.named(run, start)

    def means_something(self, word: str) -> bool:
        """Whether a word is a name or a function."""
        return word in self.known.words or word in FUNCTIONS

    def _is_differential(self, word: str) -> bool:
        """Whether a word is the dL of dL/dz. There may be a length d too: d times L has a sign."""
        apart = word[0] == "d" and word[1:] in self.known.words
        return apart and self.known.shapes.get("d") != () and word not in GREEK

    def _is_word(self, run: str) -> bool:
        """Whether letters side by side are one word and not a product."""
        if len(run) == 1 or not self.means_something(run):
            return False
        return len(run) > 2 or not all(letter in self.known.words for letter in run)

    def named(self, word: str, start: int) -> None:
        """A word: a name, a function, a Greek letter's name, a conjunction."""
        if word in self.known.words:
            self.add("NAME", word, start)
        elif word in BIG and self.lowered():
            self.add("BIG", word, start)
        elif word in FUNCTIONS and (word != "delta" or _APPLIED.match(self.text, self.at)):
            self.add("FUNC", FUNCTIONS[word], start)
        elif word in ("and", "or", "not"):
            self.add(word.upper(), word, start)
        else:
            self.name(GREEK.get(word, word), start)

    def name(self, word: str, start: int) -> None:
        """A letter or a word that is no function, with the accents of Unicode."""
        first, *marks = list(unicodedata.normalize("NFD", word))
        while self.text[self.at : self.at + 1] in COMBINING:
            marks.append(self.text[self.at])
            self.at += 1
        accents = [COMBINING[mark] for mark in marks if mark in COMBINING]
        stem = first if accents else unicodedata.normalize("NFC", word)
        stem = LETTER_FORMS.get(stem, stem)
        if stem == "d" and self._differentiates(start):
            self.add("PARTIAL", "d", start)
        elif stem == "σ" and not accents and "σ" not in self.known.stems and not self._named():
            self.add("FUNC", "sigma", start)
        else:
            self.add("NAME", "_".join([stem, *accents]), start)

    def _differentiates(self, start: int) -> bool:
        """Whether a d just read is that of dL/dz, and neither an index nor a length, a number d or
        an entry of a vector d."""
        if "d" in self.known.shapes and (not self.known.shapes["d"] or self.lowered()):
            return False
        before = self.text[max(0, start - 100) : start]
        found = _ABOVE.match(self.text, self.at) or _BELOW.search(before)
        return bool(found) and not self.below()

    def _named(self) -> bool:
        """Whether a letter just read begins a row that gives it a meaning."""
        return not self.tokens and bool(_DEFINED.match(self.text, self.at))

    # what plain text has and LaTeX has not

    def _typed(self, start: int) -> bool:
        """Read a sign that only plain text has, .T, z[i], ^(...), _ij; whether there was one."""
        two, char = self.text[start : start + 2], self.text[start]
        if two == ".T" and not self.text[start + 2 : start + 3].isalnum():
            self.at += 2
            self.add("SUP", "^", start)
            self.add("TOP", "T", start)
        elif two in (".*", "./"):
            self.at += 2
            self.add("OP", two, start)
        elif char == "^" or two == "**":
            self.at += 1 if char == "^" else 2
            self._raised(start)
        elif char == "_":
            self.at += 1
            self.add("SUB", "_", start)
            if letters := _SIDE_BY_SIDE.match(self.text, self.at):
                self._small(letters[0])
        elif char == "[" and self._takes_index():
            self.at += 1
            self.add("SUB", "_", start)
            self.open("LBRACE", "]", start)
        else:
            return False
        return True

    def _takes_index(self) -> bool:
        """Whether a bracket that opens now holds an index: in z[i], not in s_i [i = j]."""
        below = len(self.tokens) > 1 and self.tokens[-2].type in ("SUB", "SUP")
        return self.last() in ("NAME", "RPAR") and not below

    def _raised(self, start: int) -> None:
        """^ takes a bracket, or a name with what is below it, or a number."""
        self.add("SUP", "^", start)
        self.match(_SPACE)
        first = self.at
        if found := _EXPONENT.match(self.text, first):
            self.open("LBRACE", "^", first)
            self.until(found.end())
            self.close("^", self.at - 1)
        elif self.text[first : first + 1] == "(":
            self.at += 1
            self.open("LBRACE", ")", first)

    def _small(self, signs: str) -> None:
        """Letters, digits and signs below or above, side by side."""
        start = self.at
        self.open("LBRACE", "_", start)
        for found in re.finditer(r"\d+|.", signs):
            self.at, sign = start + found.end(), found[0]
            kind, value = ("NUMBER", sign) if sign.isdigit() else SIGNS.get(sign, ("NAME", sign))
            self.add(kind, value, start + found.start())
        self.close("_", self.at - 1)

    # signs and brackets

    def _sign(self, char: str, start: int) -> None:
        """What is neither letter nor digit nor command."""
        for pattern, kind, table in _SMALL:
            if small := pattern.match(self.text, start):
                self.add(kind, "_" if kind == "SUB" else "^", start)
                self._small("".join(table[one] for one in small[0]))
                return
        two = self.text[start : start + 2]
        self.at += 2 if two in SIGNS or two == "||" else 1
        if found := SIGNS.get(two) or SIGNS.get(char):
            self.add(*found, start)
        elif char in "_^":
            self.add("SUB" if char == "_" else "SUP", char, start)
        elif char in _BRACKETS:
            self.open(*_BRACKETS[char], start)
        elif char in ")]}":
            self.close(char, start)
        elif char in "|‖":
            self._bar(two, start)
        elif char in "ΣΠ" and self.lowered():
            self.add("BIG", "sum" if char == "Σ" else "prod", start)
        elif _LETTER.fullmatch(char):
            self.name(char, start)
        elif char == "&" and self.inside("CASES"):
            self.add("AMP", "&", start)
        elif not self._aligns(char):
            shown = repr(char) if char.isprintable() else f"the character {ord(char):#x}"
            raise self.error(f"{shown} has no meaning here", start)

    def _aligns(self, char: str) -> bool:
        """Whether a sign is an & that only aligns: no formula stands on both sides of it."""
        if char != "&" or not self.latex:
            return False
        return not self.ended() or bool(_ALIGNS.match(self.text, self.at))

    def _bar(self, two: str, start: int) -> None:
        """| or ‖; two single ones may be a double one."""
        if two == "||" and self.closes("BAR") and not self.closes("NORM"):
            self.at = start + 1
            two = "|"
        self.bar("NORM" if two == "||" or two[0] == "‖" else "BAR", start)
