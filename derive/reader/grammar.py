"""The grammar of formulas, over the tokens of `derive.reader.lexer`, and the tree it gives.

A sum reaches to the next + or - of its own level, as does a function without brackets that stands
before a sum; else such a function takes one factor. A number before a name is one factor for it:
sin 2x.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, Tree, UnexpectedInput
from lark.lexer import Lexer

GRAMMAR = r"""
start: COMMENT* item (COMMENT | _end)*
_end: COMMA | STOP

?item: either
?either: both (OR both)*
?both: negated (AND negated)*
?negated: chain | NOT negated
?chain: terms side*
side: REL terms

?terms: (product | signed) signed*
signed: SIGN (product | signed)

?product: unit factor* last? | tail
factor: unit | OP (unit | signed_unit)
last: tail                                       -> factor
    | OP (tail | signed_tail)                    -> factor
signed_unit: SIGN unit                           -> signed
signed_tail: SIGN tail                           -> signed

?tail: BIG script* (product | signed)            -> big
    | FUNC script* tail                          -> call
    | PARTIAL script* tail                       -> partial
    | NABLA script* tail                         -> nabla

?unit: scripted
    | FUNC script* operand                       -> call
    | PARTIAL script* unit?                      -> partial
    | NABLA script* unit                         -> nabla
?scripted: (bare | bracket | called) script*
called: FUNC script* bracket                     -> call

?operand: scripted_bare
    | number scripted_name                       -> product
    | FUNC script* (operand | bracket)           -> call
?scripted_bare: bare | bare script+              -> scripted
?scripted_name: name | name script+              -> scripted

script: (SUB | SUP) (LBRACE _listed RBRACE | leaf)
    | PRIME
_listed: entry (COMMA entry)*
?entry: item | FUNC -> name | OP -> mark | PRIME -> mark | OP terms -> entrywise
?leaf: number | name | mark | FUNC -> name | OP -> mark | PRIME -> mark

bracket: LPAR _listed RPAR | LSQ _listed RSQ | LSET _listed RSET
group: LBRACE _listed RBRACE
?argument: group | leaf
?bare: number | name | mark | group
    | FRAC argument argument                     -> frac
    | SQRT (LSQ item RSQ)? argument              -> root
    | LBAR item RBAR                             -> bars
    | LNORM item RNORM                           -> norm
    | LANGLE item COMMA item RANGLE              -> inner
    | ACCENT argument                            -> accent
    | CASES row (ROW row)* ENDCASES              -> cases
row: terms (COMMA | AMP | COMMA AMP) (IF? item | ELSE) _end?
    | terms (IF item | ELSE) _end?
number: NUMBER
name: NAME
mark: INDICATOR | TOP | COLON

%declare OR AND NOT REL SIGN OP BIG FUNC PARTIAL NABLA SUB SUP PRIME NAME NUMBER TOP INDICATOR
%declare COLON COMMA LPAR RPAR LSQ RSQ LSET RSET LBRACE RBRACE LBAR RBAR LNORM RNORM LANGLE RANGLE
%declare FRAC SQRT ACCENT CASES ENDCASES AMP ROW IF ELSE COMMENT STOP
"""


@dataclass(frozen=True)
class Node:
    """A part of a formula as it looks: nothing is known yet of what its names mean.

    Attributes:
        kind: what the grammar calls it.
        text: the token it begins with, if that is a sign or a word of its own.
        parts: what it is made of, from left to right.
        place: where it begins in the page.
    """

    kind: str
    text: str
    parts: tuple[Node, ...]
    place: int = field(compare=False)

    @property
    def scripts(self) -> tuple[Node, ...]:
        """What stands below and above it: for each a script `_`, `^` or `'`."""
        return tuple(part for part in self.parts if part.kind == "script")

    @property
    def others(self) -> tuple[Node, ...]:
        """Its parts without the scripts."""
        return tuple(part for part in self.parts if part.kind != "script")


def walk(node: Node) -> Iterator[Node]:
    """Every node of a tree."""
    found = [node]
    while found:
        yield (node := found.pop())
        found += reversed(node.parts)


def bare(node: Node, brackets: bool = False) -> Node:
    """A node without the invisible groups around it, or without any brackets."""
    while (node.kind == "group" or (brackets and node.kind == "bracket")) and len(node.parts) == 1:
        node = node.parts[0]
    return node


def only(node: Node) -> Node:
    """The one thing in a script or bracket; where there are more, an empty group."""
    return bare(node.parts[0]) if len(node.parts) == 1 else Node("group", "", (), node.place)


def base_of(node: Node) -> Node:
    """A node without what stands below and above it."""
    return bare(node.parts[0]) if node.kind == "scripted" else node


def linked(node: Node) -> list[tuple[str, Node]]:
    """Terms, factors or the sides of relations, each with the sign before it; "" for none."""
    if node.kind == "signed":
        return [(node.text, node.parts[0])]
    link = {"terms": "signed", "product": "factor", "chain": "side"}.get(node.kind)
    parts = node.parts if link else (node,)
    return [(p.text, p.parts[0]) if p.kind == link else ("", p) for p in parts]


def joined(factors: Sequence[tuple[str, Node]]) -> Node:
    """Factors as one product."""
    (_, first), *rest = factors
    if not rest:
        return first
    made = (Node("factor", operator, (part,), part.place) for operator, part in rest)
    return Node("product", "", (first, *made), first.place)


def accented(node: Node) -> Node | None:
    r"""\hat{y_i} as the name y_hat with i below; None where no name stands below the accent."""
    body = bare(node.parts[0])
    base = base_of(body)
    if base.kind != "name":
        return None
    name = Node("name", f"{base.text}_{node.text}", (), node.place)
    return Node("scripted", "", (name, *body.scripts), node.place) if body.scripts else name


class Unexpected(Exception):
    """A token that cannot stand where it does; None for the end."""

    def __init__(self, token: Token | None) -> None:
        super().__init__(token)
        self.token = token


def parsed(tokens: Sequence[Token]) -> Node:
    """The tree of a formula. Raises Unexpected, and RecursionError where it is too deep."""
    try:
        return _parser().parse(tokens)  # type: ignore[return-value]
    except UnexpectedInput as found:
        token = getattr(found, "token", None)
        raise Unexpected(token if token is not None and token.type != "$END" else None) from None


class _Tokens(Lexer):
    """Hands on the tokens it is given."""

    def __init__(self, _: Any) -> None:
        pass

    def lex(self, data: Sequence[Token]) -> Iterator[Token]:  # type: ignore[override]
        yield from data


class _Trees(Transformer[Token, Any]):
    """A node for every rule; what is only a list of parts is handed on as it is."""

    def start(self, children: list[Any]) -> Node:
        return next(part for part in children if isinstance(part, Node))

    def __default__(self, data: Any, children: list[Any], meta: Any) -> Any:
        if data.startswith("_"):
            return Tree(data, children)
        first, parts = children[0], tuple(part for part in children if isinstance(part, Node))
        if isinstance(first, Token):
            return Node(str(data), str(first), parts, first.start_pos or 0)
        return Node(str(data), "", parts, first.place)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=_Tokens, transformer=_Trees())
