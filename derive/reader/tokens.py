"""Characters to tokens: what a piece of LaTeX, or of plain mathematics, is made of.

A token's value is what it says (a letter, a function's name); its `start_pos` is its place in the
page. Spacing, sizes and fonts are dropped here; what is neither dropped nor understood is an error.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from lark import Token

from derive.reader import words
from derive.reader.page import MAX_FORMULA, Excerpt, ReadingError, error
from derive.reader.vocabulary import Vocabulary

_MAX_DEPTH = 60
_MAX_TOKENS = 4000
_SPACE = re.compile(r"(\s|~|\\[,;:!> \n]|\\\s|[\u200b\ufeff]|%[^\n]*)+")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?|\\(.)", re.S)
_NUMBER = re.compile(r"\d{1,400}(\.\d{1,100})?|\.\d{1,100}")
_RUN = re.compile(r"[A-Za-z]+")
_WORD = re.compile(r"[A-Za-z]\w*", re.A)
_LETTERED = re.compile(r"[^\W\d_]", re.U)
_INDICATOR = re.compile(
    r"\\(mathbf|mathbb|mathds|mathbbm|boldsymbol|bm|mathrm)\s*(\{\s*1\s*\}|1)"
    r"|\\mathbb\s*(\{\s*I\s*\}|I)|\\(ind|indicator|one)\b"
)
_ONE_BRACKETED = re.compile(r"\\(mathbf|mathbb|mathds|mathbbm|boldsymbol|bm|mathrm)")
_OPEN = {"(": "LPAR", "[": "LSQ", "\\{": "LSET"}
_CLOSE = {")": ("LPAR", "RPAR"), "]": ("LSQ", "RSQ"), "\\}": ("LSET", "RSET")}
_ENDS = frozenset(
    "NAME NUMBER RPAR RSQ RSET RBRACE RBAR RNORM INDICATOR TOP PRIME ENDCASES COLON".split()
)
_BARS = {"|": "BAR", "‖": "NORM", "||": "NORM"}
_PRESUPERSCRIPT = frozenset(["SUB", "SUP", "FRAC", "SQRT"])


class Lexer:
    """Reads one formula.

    Attributes:
        comments: words that stand around the formula.
    """

    def __init__(self, excerpt: Excerpt, known: Vocabulary, latex: bool) -> None:
        self.excerpt, self.text, self.known, self.latex = excerpt, excerpt.text, known, latex
        self.at = 0
        self.tokens: list[Token] = []
        self.comments: list[str] = []
        self.opened: list[str] = []
        self.starts: list[int] = []
        self.needed = 0  # arguments that the command before wants: each is one sign or a group
        self.waiting: list[int] = []

    def run(self) -> list[Token]:
        """The tokens. Raises ReadingError."""
        if len(self.text) > MAX_FORMULA:
            raise self.error(f"a formula is at most {MAX_FORMULA} characters long", 0)
        while self.at < len(self.text):
            self.step()
        if self.opened:
            raise self.error("this is not closed", self.starts[-1])
        while self.tokens and self.tokens[-1].type in ("COMMA", "STOP"):
            self.tokens.pop()
        for token in self.tokens:
            if token.type == "STOP":
                raise error(self.excerpt.source, f"{token} has no meaning here", token.start_pos)
        return self.tokens

    def error(self, message: str, start: int) -> ReadingError:
        return error(self.excerpt.source, message, self.excerpt.place(start))

    def add(self, kind: str, value: str, start: int) -> None:
        """One more token; words are no longer around the formula but in it."""
        if len(self.tokens) >= _MAX_TOKENS:
            raise self.error("this formula is too long", start)
        token = Token(kind, value)
        token.start_pos = self.excerpt.place(start)
        self.tokens.append(token)
        if kind in ("SUB", "SUP", "SQRT"):
            self.needed += 1
        elif kind == "FRAC":
            self.needed += 2
        elif kind not in ("LBRACE", "RBRACE") and self.needed:
            self.needed -= 1

    def step(self) -> None:
        """Read what stands at `at`."""
        start = self.at
        if space := self.match(_SPACE):
            if not self.latex and "%" in space:
                raise self.error("'%' has no meaning here", start + space.index("%"))
            return
        char = self.text[start]
        if self.match(_INDICATOR):
            self.add("INDICATOR", "1", start)
        elif char == "\\":
            self.command(start)
        elif char.isascii() and (char.isdigit() or char == "."):
            self.number(start)
        elif char.isascii() and char.isalpha():
            self.word(start)
        else:
            self.sign(char, start)

    def match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found[0]

    # numbers, letters and words

    def number(self, start: int) -> None:
        found = _NUMBER.match(self.text, start)
        if not found:
            self.at += 1
            self.add("STOP", ".", start)
            return
        if self.needed and self.latex:
            self.at += 1  # x_12 is x_1 2
        else:
            self.at = found.end()
        self.add("NUMBER", self.text[start : self.at], start)

    def word(self, start: int) -> None:
        """A letter, or a run of them that is a word here."""
        run = self.match(_RUN if self.latex else _WORD)
        whole = run.rstrip("_")
        if self.latex and not (self._is_word(run) and not self.needed):
            self.at = start + 1
            self.name(run[0], start)
            return
        if not self.latex and not (whole in self.known.words or whole in words.FUNCTIONS):
            whole = whole.split("_")[0]
        self.at = start + len(whole)
        self.named(whole, start)

    def _is_word(self, run: str) -> bool:
        """Whether letters side by side are one word and not a product."""
        if len(run) == 1:
            return False
        known = run in self.known.words or run in words.FUNCTIONS or run in words.AND_WORDS
        return known and (len(run) > 2 or not all(letter in self.known.words for letter in run))

    def named(self, word: str, start: int) -> None:
        """A word: a name, a function, a Greek letter's name."""
        function = words.FUNCTIONS.get(word)
        if word in self.known.words:
            self.name(word, start)
        elif word in words.BIG and self._lowered():
            self.add("BIG", words.BIG[word], start)
        elif function:
            self.add("FUNC", function, start)
        elif word in ("and", "or", "not"):
            self.add(word.upper(), word, start)
        else:
            self.name(words.GREEK.get(word, word), start)

    def name(self, word: str, start: int) -> None:
        """A letter or a word that is no function, with the accents of Unicode."""
        letter = unicodedata.normalize("NFD", word)
        marks = [words.COMBINING[mark] for mark in letter[1:] if mark in words.COMBINING]
        while self.at < len(self.text) and self.text[self.at] in words.COMBINING:
            marks.append(words.COMBINING[self.text[self.at]])
            self.at += 1
        stem = letter[0] if marks else word
        stem = words.LETTER_FORMS.get(stem, stem)
        word = "_".join([stem, *marks])
        if word == "d" and "d" not in self.known.words and not self.opened[-1:] == ["SUB"]:
            self.add("PARTIAL", "d", start)
        elif word == "σ" and "σ" not in self.known.stems:
            self.add("FUNC", "sigma", start)
        else:
            self.add("NAME", words.GREEK.get(word, word), start)

    def _lowered(self) -> bool:
        """Whether an index stands below what comes now."""
        rest = re.match(r"(\s|\\(no)?limits\b)*", self.text[self.at :])
        after = self.text[self.at + (rest.end() if rest else 0) :][:1]
        return after in ("_", "^") or (after != "" and after in words.LOWERED)

    # signs

    def sign(self, char: str, start: int) -> None:
        self.at += 1
        two = self.text[start : start + 2]
        if not self.latex and two == "**":
            self.at += 1
            char = "^"
        if two in ("<=", ">=", "!=", "=="):
            self.at += 1
            self.add("REL", words.RELATIONS[two], start)
        elif char in "_^":
            self.script(char, start)
        elif char in words.RAISED or char in words.LOWERED or char == "ᵀ":
            self.small(char, start)
        elif char in "{([":
            self.open("LBRACE" if char == "{" else _OPEN[char], char, start)
        elif char in "})]":
            self.close(char, start)
        elif char in _BARS:
            self.bar(char, start)
        elif char in words.RELATIONS:
            self.add("REL", words.RELATIONS[char], start)
        elif char in words.OPERATORS:
            self.add("OP", words.OPERATORS[char], start)
        elif char in _SIGNS:
            self.add(*_SIGNS[char], start)
        elif char in "∑Σ∏Π" and self._lowered():
            self.add("BIG", "sum" if char in "∑Σ" else "prod", start)
        elif _LETTERED.fullmatch(char) and char not in "∂":
            self.name(char, start)
        elif char != "&" or not self.latex:
            shown = char if char.isprintable() else f"character {ord(char):#x}"
            raise self.error(f"{shown!r} has no meaning here", start)
        elif "CASES" in self.opened:
            self.add("AMP", "&", start)

    def script(self, char: str, start: int) -> None:
        """_ or ^; in plain text, ^ takes a bracket, or a name with what is below it."""
        self.add("SUB" if char == "_" else "SUP", char, start)
        if self.latex:
            return
        self.match(_SPACE)
        if char == "_":
            letters = _RUN.match(self.text, self.at)
            if letters and len(letters[0]) > 1 and letters[0] not in words.FUNCTIONS:
                self._grouped(letters[0])
        elif self.text[self.at : self.at + 1] == "(":
            self.open("LBRACE", "(", self.at)
            self.at += 1
        elif found := re.match(r"-?\w+([₀-ₜᵢ-ᵥⱼ]|_\w+)*(\[[\w, ]*\])?", self.text[self.at :]):
            self._wrapped(found.end())

    def _grouped(self, letters: str) -> None:
        """ij below a name: letters side by side."""
        self.add("LBRACE", "{", self.at)
        for offset, letter in enumerate(letters):
            self.add("NAME", letter, self.at + offset)
        self.at += len(letters)
        self.add("RBRACE", "}", self.at - 1)
        self.needed = max(0, self.needed - 1)

    def _wrapped(self, length: int) -> None:
        end = self.at + length
        self.open("LBRACE", "^", self.at)
        while self.at < end:
            self.step()
        self._shut("LBRACE", "RBRACE", end - 1)

    def small(self, char: str, start: int) -> None:
        """Raised or lowered letters and digits."""
        if char == "ᵀ":
            self.add("SUP", "^", start)
            self.add("TOP", "T", start)
            return
        table = words.RAISED if char in words.RAISED else words.LOWERED
        self.add("SUP" if table is words.RAISED else "SUB", "_", start)
        self.open("LBRACE", "{", start)
        self.at = start
        while self.at < len(self.text) and self.text[self.at] in table:
            plain = table[self.text[self.at]]
            self._plain(plain, self.at)
            self.at += 1
        self._shut("LBRACE", "RBRACE", self.at - 1)

    def _plain(self, char: str, start: int) -> None:
        if char.isdigit():
            self.add("NUMBER", char, start)
        elif char in "+-":
            self.add("SIGN", char, start)
        elif char in "()":
            self.add("LPAR" if char == "(" else "RPAR", char, start)
        else:
            self.add("NAME", char, start)

    # brackets

    def open(self, kind: str, char: str, start: int) -> None:
        """An opening bracket. In plain text z[ opens a subscript."""
        if char == "[" and not self.latex and self._after_operand():
            self.add("SUB", "_", start)
            kind = "LBRACE"
        if len(self.opened) >= _MAX_DEPTH:
            raise self.error("this is nested too deeply", start)
        self.add(kind, char, start)
        self.opened.append(f"{kind}{char}")
        self.starts.append(start)
        self.waiting.append(self.needed)
        self.needed = 0

    def _after_operand(self) -> bool:
        return bool(self.tokens) and self.tokens[-1].type in ("NAME", "RPAR", "RBRACE")

    def close(self, char: str, start: int) -> None:
        if char == "}" or (not self.latex and self.opened[-1:] in (["LBRACE["], ["LBRACE("])):
            pairs = {"LBRACE{": "}", "LBRACE[": "]", "LBRACE(": ")"}
            if not self.opened or pairs.get(self.opened[-1]) != char:
                raise self.error(f"{char!r} closes nothing here", start)
            self._shut("LBRACE", "RBRACE", start)
        else:
            self._shut(*_CLOSE[char], start)

    def _shut(self, kind: str, closing: str, start: int) -> None:
        if not self.opened or not self.opened[-1].startswith(kind):
            raise self.error(f"{self.text[start]!r} closes nothing here", start)
        self.opened.pop()
        self.starts.pop()
        self.needed = 0
        self.add(closing, closing, start)
        self.needed = max(0, self.waiting.pop() - 1)

    def bar(self, char: str, start: int) -> None:
        """|x|, ‖x‖: an opening one, unless one is open and something stands before it."""
        kind = _BARS[char]
        if char == "|" and self.text[start : start + 2] == "||" and not self._closes("BAR"):
            kind = "NORM"
            self.at = start + 2
        if self._closes(kind):
            self._shut(f"L{kind}", f"R{kind}", start)
        else:
            self.open(f"L{kind}", char, start)

    def _closes(self, kind: str) -> bool:
        inside = bool(self.opened) and self.opened[-1].startswith(f"L{kind}")
        return inside and self.tokens[-1].type in _ENDS

    # commands

    def command(self, start: int) -> None:
        found = _COMMAND.match(self.text, start)
        if not found:
            raise self.error("a command is cut off here", start)
        self.at = found.end()
        name = found[1] or found[2]
        if handler := _COMMANDS.get(name):
            handler(self, name, start)
        elif name in words.SPACES:
            if name == "right":
                self._null_delimiter()
        elif name in words.FRACTIONS:
            self.add("FRAC", name, start)
        elif name in words.RELATIONS and found[1]:
            self.add("REL", words.RELATIONS[name], start)
        elif name in words.OPERATORS and found[1]:
            self.add("OP", words.OPERATORS[name], start)
        elif name in words.ACCENTS:
            self.add("ACCENT", words.ACCENTS[name], start)
        elif name in words.UPRIGHT:
            self.upright(name, start)
        elif name in words.BIG and (name in ("sum", "prod") or self._lowered()):
            self.add("BIG", words.BIG[name], start)
        elif name in words.COMMAND_FUNCTIONS:
            self.add("FUNC", words.FUNCTIONS[name], start)
        elif name in words.GREEK:
            self.name(words.GREEK[name], start)
        elif name in words.WITH_ARGUMENT:
            self.argument(start)
        else:
            raise self.unknown(found[0], name, start)

    def unknown(self, written: str, name: str, start: int) -> ReadingError:
        if name in words.FORBIDDEN:
            return self.error(f"{written} is refused: only mathematics is read here", start)
        return self.error(f"{written[:30]} has no meaning here", start)

    def _null_delimiter(self) -> None:
        self.match(_SPACE)
        if self.text[self.at : self.at + 1] == ".":
            self.at += 1

    def argument(self, start: int) -> str:
        """The text of a command's {argument}, which is not mathematics."""
        self.match(_SPACE)
        if self.text[self.at : self.at + 1] != "{":
            raise self.error("this command wants {...}", start)
        depth, first = 0, self.at + 1
        while self.at < len(self.text):
            depth += {"{": 1, "}": -1}.get(self.text[self.at], 0)
            self.at += 1
            if not depth:
                return self.text[first : self.at - 1]
        raise self.error("this is not closed", start)

    def upright(self, command: str, start: int) -> None:
        """A word: a function, a name, a conjunction; in \\text, also a comment."""
        self.match(_SPACE)
        braced = self.text[self.at : self.at + 1] == "{"
        if not braced:
            self.at += 1
        inside = self.argument(start) if braced else self.text[self.at - 1 : self.at]
        word = inside.replace("\\_", "_").replace("-", "_").strip(" ~:;,.，、；：")
        if self.phrase(inside, start):
            return
        if word == "d" and command == "mathrm":
            self.add("PARTIAL", "d", start)
        elif word in ("T", "⊤") and self.tokens[-1:] and self.tokens[-1].type in ("SUP", "LBRACE"):
            self.add("TOP", "T", start)
        elif command.startswith(("math", "operator")) or self._is_label() or self._known(word):
            self.labelled(word, start)
        else:
            self.comments.append(inside.strip())
            self.add("COMMENT", inside.strip(), start)

    def _known(self, word: str) -> bool:
        return word in self.known.words or word in words.FUNCTIONS

    def _is_label(self) -> bool:
        return bool(self.tokens) and (self.needed > 0 or "LBRACE" in self.opened[-1:])

    def labelled(self, word: str, start: int) -> None:
        if word in words.BIG and self._lowered():
            self.add("BIG", words.BIG[word], start)
        elif word.startswith("\\"):
            self.name(words.GREEK.get(word[1:], word[1:]), start)
        elif not re.fullmatch(r"\w+", word):
            raise self.error(f"{word[:30]!r} is no name", start)
        elif word == "e":
            self.add("NAME", "𝑒", start)
        elif word == "not":
            self.add("NOT", word, start)
        else:
            self.named(word, start)

    def phrase(self, inside: str, start: int) -> bool:
        """if, otherwise, and, or: what tells cases apart. `$` in it is mathematics again."""
        texts = inside.split("$")
        word = texts[0].strip(" ~:;,.，").lower()
        kind = next((kind for kind, known in _PHRASES if word in known), "")
        if not kind or "CASES" not in "".join(self.opened) and not self.opened:
            return False
        self.add(kind, word, start)
        if len(texts) == 3 and not texts[2].strip():
            place = self.text.index(texts[1], start)
            end, self.at = self.at, place
            while self.at < place + len(texts[1]):
                self.step()
            self.at = end
        elif len(texts) != 1:
            raise self.error("this text with mathematics in it cannot be read", start)
        return True

    def environment(self, name: str, start: int) -> None:
        kind = self.argument(start)
        if name == "begin" and kind == "array" and self.opened[-1:] == ["LSET\\{"]:
            self.argument(start)  # the columns of \left\{ \begin{array}{ll}
            self.tokens.pop()
            self.opened.pop()
            self.starts.pop()
            self.waiting.pop()
            self.open("CASES", "array", start)
        elif name == "begin" and kind in ("cases", "dcases", "rcases"):
            self.open("CASES", kind, start)
        elif name == "end" and self.opened[-1:] == [f"CASES{kind}"]:
            if self.tokens[-1].type == "ROW":
                self.tokens.pop()
            self._shut("CASES", "ENDCASES", start)
        elif kind.rstrip("*").endswith("matrix"):
            raise self.error("a matrix written out entry by entry cannot be read", start)
        elif kind not in ("aligned", "split", "gathered"):
            raise self.error(f"\\{name}{{{kind[:20]}}} has no meaning here", start)

    def row(self, name: str, start: int) -> None:
        if "CASES" in "".join(self.opened):
            found = re.match(r"\s*\[[^\]\n]{0,20}\]", self.text[self.at :])
            self.at += found.end() if found and re.search(r"\d\s*\w\w\]", found[0]) else 0
            self.add("ROW", "\\\\", start)
        elif self.text[self.at :].strip():
            raise self.error("a line ends here, and one formula is wanted", start)


def _delimiter(self: Lexer, name: str, start: int) -> None:
    if name in ("{", "}"):
        if name == "{":
            self.open("LSET", "\\{", start)
        else:
            self._shut("LSET", "RSET", start)
    elif name in ("|", "Vert", "lVert", "rVert"):
        self.bar("‖", start)
    else:
        self.bar("|", start)


def _fixed(kind: str, value: str) -> Callable[[Lexer, str, int], None]:
    return lambda self, _, start: self.add(kind, value, start)


_SIGNS = {"+": ("SIGN", "+"), "-": ("SIGN", "-"), "−": ("SIGN", "-"), "–": ("SIGN", "-")}
_SIGNS |= {",": ("COMMA", ","), "，": ("COMMA", ","), ";": ("STOP", ";"), "。": ("STOP", "。")}
_SIGNS |= {":": ("COLON", ":"), "'": ("PRIME", "'"), "′": ("PRIME", "'"), "’": ("PRIME", "'")}
_SIGNS |= {"∂": ("PARTIAL", "∂"), "𝟏": ("INDICATOR", "1"), "𝟙": ("INDICATOR", "1")}
_SIGNS |= {"⊤": ("TOP", "T"), "∇": ("NABLA", "∇"), "∧": ("AND", "and"), "∨": ("OR", "or")}
_SIGNS |= {"√": ("FUNC", "sqrt"), "¬": ("NOT", "not"), "∑": ("BIG", "sum"), "∏": ("BIG", "prod")}
_PHRASES = [
    ("IF", words.IF_WORDS),
    ("ELSE", words.ELSE_WORDS),
    ("AND", words.AND_WORDS),
    ("OR", words.OR_WORDS),
]
_COMMANDS: dict[str, Callable[[Lexer, str, int], None]] = {
    "begin": Lexer.environment,
    "end": Lexer.environment,
    "\\": Lexer.row,
    "cr": Lexer.row,
    "sqrt": _fixed("SQRT", "sqrt"),
    "partial": _fixed("PARTIAL", "∂"),
    "top": _fixed("TOP", "T"),
    "intercal": _fixed("TOP", "T"),
    "prime": _fixed("PRIME", "'"),
    "nabla": _fixed("NABLA", "∇"),
    "land": _fixed("AND", "and"),
    "wedge": _fixed("AND", "and"),
    "lor": _fixed("OR", "or"),
    "vee": _fixed("OR", "or"),
    "lnot": _fixed("NOT", "not"),
    "neg": _fixed("NOT", "not"),
    "colon": _fixed("COLON", ":"),
    "lbrack": _fixed("LSQ", "["),
    "dots": _fixed("DOTS", "..."),
}
_COMMANDS |= dict.fromkeys(
    ["{", "}", "|", "vert", "lvert", "rvert", "Vert", "lVert", "rVert"], _delimiter
)
