r"""A rule's law -> a tree. Laws are written in a small part of LaTeX: \frac{f}{g}, \sum_k f_k,
\begin{cases} ... \end{cases}, letters, signs and brackets."""

from __future__ import annotations

import re
from collections.abc import Callable

from derive.render.names import LATEX_OF_GREEK
from derive.render.tree import (
    INDICATOR,
    Accent,
    Apply,
    Big,
    Cases,
    Fenced,
    Frac,
    Function,
    Name,
    Node,
    Number,
    Op,
    Product,
    Row,
    Script,
    Terms,
    Word,
)

_TOKEN = re.compile(r"\\begin\{cases\}|\\end\{cases\}|\\\\|\\[A-Za-z]+|\\[,;]|\S")
_NOTHING = frozenset([r"\left", r"\right", r"\quad", r"\,", r"\;"])
_BIG = {r"\sum": "∑", r"\prod": "∏", r"\max": "max"}
_FUNCTIONS = frozenset([r"\log", r"\sinh", r"\cosh", r"\tanh"])
_RELATIONS = {
    r"\ge": "≥",
    r"\le": "≤",
    r"\ne": "≠",
    r"\neq": "≠",
    r"\Rightarrow": "⇒",
    **{sign: sign for sign in "=<>"},
}
_SIGNS = ("+", "-")
_OPERATORS = _RELATIONS | {sign: sign for sign in _SIGNS} | {",": ", "}
_LETTERS = {"\\" + name: letter for letter, name in LATEX_OF_GREEK.items()} | {r"\partial": "∂"}
_CLOSING = {"(": ")", "[": "]", "|": "|"}
_WORDS = {"else": "otherwise"}
_ENDS = frozenset(["}", "&", r"\\", r"\end{cases}", *_CLOSING.values(), *_OPERATORS])


def schematic(law: str) -> Node:
    """The tree of a law.

    Raises:
        ValueError: it is not in the part of LaTeX that laws are written in.
    """
    reader = _Reader(law)
    found = reader.row("".__eq__)
    if reader.tokens:
        raise ValueError(f"{reader.tokens[0]!r} does not belong in the law {law!r}")
    return found


class _Reader:
    def __init__(self, law: str) -> None:
        self.law = law
        self.tokens: list[str] = [t for t in _TOKEN.findall(law) if t not in _NOTHING]

    @property
    def next(self) -> str:
        return next(iter(self.tokens), "")

    def take(self, wanted: str = "") -> str:
        if not self.tokens or (wanted and self.next != wanted):
            raise ValueError(f"{wanted or 'more'} is missing in the law {self.law!r}")
        return self.tokens.pop(0)

    def row(self, ends: Callable[[str], bool]) -> Node:
        """What stands side by side up to an end."""
        parts: list[Node] = []
        while self.tokens and not ends(self.next) and self.next not in (r"\\", r"\end{cases}"):
            parts.append(self.scripted())
        return _related(parts)

    def scripted(self) -> Node:
        node = self.atom()
        scripts: dict[str, Node] = {}
        while self.next in ("_", "^", "'"):
            sign = self.take()
            scripts["^" if sign == "'" else sign] = Name("′") if sign == "'" else self.argument()
        if scripts:
            node = Script(node, _letters(scripts.get("_")), scripts.get("^"))
        if node == INDICATOR:
            return Apply(node, self.scripted())
        return node

    def argument(self) -> Node:
        """What a script or a command takes: one sign, or a group."""
        return self.group() if self.next == "{" else self.atom()

    def group(self) -> Node:
        self.take("{")
        inside = self.row("}".__eq__)
        self.take("}")
        return inside

    def atom(self) -> Node:
        token = self.take()
        if token in _BIG:
            return self.big(_BIG[token])
        if token == r"\partial" and self.next not in ("}", ""):
            return Apply(Name("∂"), self.scripted())
        if token == r"\frac":
            return Frac(self.argument(), self.argument())
        if token == r"\bar":
            return Accent(self.argument(), "bar")
        if token in _FUNCTIONS:
            return Apply(Function(token[1:]), self.scripted())
        if token in (r"\text", r"\operatorname"):
            return self.named(token)
        if token in (r"\mathbf", r"\mathbb"):
            self.group()
            return INDICATOR
        if token == r"\begin{cases}":
            return self.cases()
        if token in _CLOSING:
            inside = self.row(_CLOSING[token].__eq__)
            return Fenced(inside, token, self.take(_CLOSING[token]))
        return self.leaf(token)

    def leaf(self, token: str) -> Node:
        if token in _OPERATORS:
            return Op(_OPERATORS[token])
        if token in _LETTERS:
            return Name(_LETTERS[token])
        if not token.isalnum():
            raise ValueError(f"{token!r} does not belong in the law {self.law!r}")
        return Number(token) if token.isdigit() else Name(token)

    def word(self) -> str:
        self.take("{")
        letters = []
        while self.next != "}":
            letters.append(self.take())
        self.take()
        return "".join(letters)

    def named(self, token: str) -> Node:
        word = self.word()
        if token == r"\text":
            return Word(_WORDS.get(word, word))
        return Apply(Function(word), self.scripted())

    def big(self, sign: str) -> Node:
        """An operator and the term it reaches over; max(f, g) is a function."""
        if self.next not in ("_", "^"):
            return Apply(Function(sign), self.scripted())
        limits: dict[str, Node] = {}
        while self.next in ("_", "^"):
            sign_of_limit = self.take()
            limits[sign_of_limit] = self.argument()
        return Big(sign, limits["_"], limits.get("^"), self.row(_ENDS.__contains__))

    def cases(self) -> Node:
        rows: list[tuple[Node, Node]] = []
        while self.next != r"\end{cases}":
            value = self.row("&".__eq__)
            self.take("&")
            rows.append((value, self.row(r"\\".__eq__)))
            if self.next == r"\\":
                self.take()
        self.take(r"\end{cases}")
        return Cases(tuple(rows))


def _related(parts: list[Node]) -> Node:
    """Sums and products with relations, commas and words between them."""
    found: list[Node] = []
    run: list[Node] = []
    for part in [*parts, None]:
        if part is not None and not _separates(part):
            run.append(part)
            continue
        found += [_terms(run)] if run else []
        found += [part] if part is not None else []
        run = []
    return found[0] if len(found) == 1 else Row(tuple(found))


def _letters(below: Node | None) -> Node | None:
    """The letters of a subscript: ij is no product."""
    return Row(below.factors) if isinstance(below, Product) else below


def _separates(part: Node) -> bool:
    return isinstance(part, Word) or (isinstance(part, Op) and part.text not in _SIGNS)


def _terms(parts: list[Node]) -> Node:
    terms: list[tuple[str, list[Node]]] = [("", [])]
    for part in parts:
        if isinstance(part, Op):
            terms = [*terms, (part.text, [])] if terms[-1][1] else [(part.text, [])]
        else:
            terms[-1][1].append(part)
    products = [(s, fs[0] if len(fs) == 1 else Product(tuple(fs))) for s, fs in terms]
    return products[0][1] if products[0][0] == "" and len(products) == 1 else Terms(tuple(products))
