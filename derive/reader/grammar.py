"""The grammar of formulas, over the tokens of `derive.reader.lexer`, and the tree it gives.

A sum reaches to the next + or - of its own level, as does a function without brackets that stands
before a sum; else such a function takes one factor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.lexer import Lexer

from derive.reader.syntax import (
    Accent,
    Bars,
    Big,
    Bracket,
    Call,
    Cases,
    Chain,
    Frac,
    Logic,
    Mark,
    Nabla,
    Name,
    Node,
    Num,
    Partial,
    Product,
    Root,
    Script,
    Scripted,
    Terms,
)

GRAMMAR = r"""
start: comments item comments
comments: | comments COMMENT

?item: conj | item OR conj              -> either
?conj: neg | conj AND neg               -> both
?neg: chain | NOT neg                   -> negated
?chain: expr | chain REL expr           -> chained

?expr: term
    | SIGN term                         -> signed
    | expr SIGN term                    -> added

?term: product
    | product tail                      -> juxtaposed
    | product OP tail                   -> operated
    | product OP SIGN tail              -> operated_signed
    | tail

?product: unit
    | product unit                      -> juxtaposed
    | product OP unit                   -> operated
    | product OP SIGN unit              -> operated_signed

?tail: BIG scripts term                 -> big
    | BIG scripts SIGN term             -> big_signed
    | FUNC scripts tail                 -> open_call
    | PARTIAL scripts tail              -> partial
    | NABLA scripts tail                -> nabla

?unit: atom scripts                     -> scripted
    | FUNC scripts operand              -> open_call
    | FUNC scripts paren scripts        -> call
    | PARTIAL scripts                   -> partial
    | PARTIAL scripts unit              -> partial
    | NABLA scripts unit                -> nabla

?operand: bare scripts                  -> scripted
    | FUNC scripts operand              -> open_call
    | FUNC scripts paren scripts        -> call

scripts: | scripts script
script: SUB argument                    -> below
    | SUP argument                      -> raised
    | SUP LBRACE OP expr RBRACE         -> raised_entrywise
    | PRIME                             -> prime

argument: LBRACE list RBRACE | NAME | NUMBER | TOP | FUNC | INDICATOR | OP | PRIME | COLON
list: item | list COMMA item
    | OP                                -> lone
    | FUNC                              -> lone
    | PRIME                             -> lone

?atom: bare | paren
paren: LPAR list RPAR | LSQ list RSQ | LSET list RSET
?bare: NUMBER                           -> number
    | NAME                              -> name
    | INDICATOR                         -> mark
    | TOP                               -> mark
    | COLON                             -> mark
    | LBRACE list RBRACE                -> group
    | FRAC argument argument            -> frac
    | SQRT argument                     -> root
    | SQRT LSQ item RSQ argument        -> root_of_degree
    | LBAR item RBAR                    -> bars
    | LNORM item RNORM                  -> bars
    | ACCENT argument                   -> accent
    | CASES rows ENDCASES               -> cases

rows: row | rows ROW row
?row: expr AMP when                    -> case
    | expr COMMA when                   -> case
    | expr COMMA AMP when               -> case
    | expr IF item comma                -> case_if
    | expr ELSE comma                   -> case_else
when: IF item comma                     -> case_when
    | item comma                        -> case_when
    | ELSE comma                        -> case_otherwise
comma: | COMMA

%declare COMMENT OR AND NOT REL SIGN OP BIG FUNC PARTIAL NABLA SUB SUP PRIME NAME NUMBER TOP
%declare INDICATOR COLON COMMA LPAR RPAR LSQ RSQ LSET RSET LBRACE RBRACE LBAR RBAR LNORM RNORM
%declare FRAC SQRT ACCENT CASES ENDCASES AMP ROW IF ELSE
"""


class Tokens(Lexer):
    """Hands on the tokens it is given."""

    def __init__(self, _: Any) -> None:
        pass

    def lex(self, data: Sequence[Token]) -> Iterator[Token]:  # type: ignore[override]
        yield from data


class Unexpected(Exception):
    """A token that cannot stand where it does; None for the end."""

    def __init__(self, token: Token | None) -> None:
        super().__init__(token)
        self.token = token


def parsed(tokens: Sequence[Token]) -> Node:
    """The tree of a formula. Raises Unexpected, and RecursionError for what is nested too deeply."""
    try:
        return _parser().parse(tokens)  # type: ignore[arg-type,return-value]
    except UnexpectedInput as found:
        token = getattr(found, "token", None)
        raise Unexpected(token if token is not None and token.type != "$END" else None) from None


def _place(token: Token) -> int:
    return token.start_pos or 0


class _Trees(Transformer[Token, Node]):
    """Makes the nodes, from the leaves up."""

    def start(self, parts: list[Any]) -> Node:
        made: Node = parts[1]
        return made

    def either(self, parts: list[Any]) -> Logic:
        return _logic("or", parts[0], parts[2])

    def both(self, parts: list[Any]) -> Logic:
        return _logic("and", parts[0], parts[2])

    def negated(self, parts: list[Any]) -> Logic:
        return Logic("not", (parts[1],), _place(parts[0]))

    def chained(self, parts: list[Any]) -> Chain:
        first, relation, last = parts
        link = (str(relation), last)
        if isinstance(first, Chain):
            return Chain(first.first, (*first.rest, link), first.place)
        return Chain(first, (link,), first.place)

    def signed(self, parts: list[Any]) -> Terms:
        return Terms(((str(parts[0]), parts[1]),), _place(parts[0]))

    def added(self, parts: list[Any]) -> Terms:
        first, sign, last = parts
        term = (str(sign), last)
        if isinstance(first, Terms):
            return Terms((*first.parts, term), first.place)
        return Terms((("+", first), term), first.place)

    def juxtaposed(self, parts: list[Any]) -> Product:
        return _product(parts[0], "", parts[1])

    def operated(self, parts: list[Any]) -> Product:
        return _product(parts[0], str(parts[1]), parts[2])

    def operated_signed(self, parts: list[Any]) -> Product:
        first, operator, sign, last = parts
        signed = Terms(((str(sign), last),), _place(sign))
        return _product(first, str(operator), Bracket("", (signed,), _place(sign)))

    def big(self, parts: list[Any]) -> Big:
        return Big(str(parts[0]), parts[1], parts[2], _place(parts[0]))

    def big_signed(self, parts: list[Any]) -> Big:
        head, scripts, sign, body = parts
        signed = Terms(((str(sign), body),), _place(sign))
        return Big(str(head), scripts, signed, _place(head))

    def open_call(self, parts: list[Any]) -> Call:
        return Call(str(parts[0]), parts[1], (parts[2],), False, _place(parts[0]))

    def call(self, parts: list[Any]) -> Node:
        name, scripts, bracket, after = parts
        made = Call(str(name), scripts, bracket.items, True, _place(name))
        return Scripted(made, after, made.place) if after else made

    def partial(self, parts: list[Any]) -> Partial:
        body = parts[2] if len(parts) > 2 else None
        return Partial(parts[1], body, _place(parts[0]))

    def nabla(self, parts: list[Any]) -> Nabla:
        return Nabla(parts[1], parts[2], _place(parts[0]))

    def scripted(self, parts: list[Any]) -> Node:
        base, scripts = parts
        return Scripted(base, scripts, base.place) if scripts else base

    def scripts(self, parts: list[Any]) -> tuple[Script, ...]:
        return (*parts[0], parts[1]) if parts else ()

    def below(self, parts: list[Any]) -> Script:
        return Script("_", parts[1], _place(parts[0]))

    def raised(self, parts: list[Any]) -> Script:
        return Script("^", parts[1], _place(parts[0]))

    def raised_entrywise(self, parts: list[Any]) -> Script:
        return Script(f"{parts[2]}^", (parts[3],), _place(parts[0]))

    def prime(self, parts: list[Any]) -> Script:
        return Script("'", (), _place(parts[0]))

    def argument(self, parts: list[Any]) -> tuple[Node, ...]:
        return (_leaf(parts[0]),) if len(parts) == 1 else tuple(parts[1])

    def list(self, parts: list[Any]) -> list[Node]:
        return [parts[0]] if len(parts) == 1 else [*parts[0], parts[2]]

    def lone(self, parts: list[Any]) -> list[Node]:
        return [_leaf(parts[0])]

    def paren(self, parts: list[Any]) -> Bracket:
        kind = {"LPAR": "(", "LSQ": "[", "LSET": "{"}[parts[0].type]
        return Bracket(kind, tuple(parts[1]), _place(parts[0]))

    def group(self, parts: list[Any]) -> Node:
        return Bracket("", tuple(parts[1]), _place(parts[0]))

    def number(self, parts: list[Any]) -> Node:
        return _leaf(parts[0])

    name = mark = number

    def frac(self, parts: list[Any]) -> Frac:
        place = _place(parts[0])
        return Frac(Bracket("", parts[1], place), Bracket("", parts[2], place), place)

    def root(self, parts: list[Any]) -> Root:
        place = _place(parts[0])
        return Root(None, Bracket("", parts[1], place), place)

    def root_of_degree(self, parts: list[Any]) -> Root:
        place = _place(parts[0])
        return Root(parts[2], Bracket("", parts[4], place), place)

    def bars(self, parts: list[Any]) -> Bars:
        return Bars(parts[0].type[1:], parts[1], _place(parts[0]))

    def accent(self, parts: list[Any]) -> Accent:
        place = _place(parts[0])
        return Accent(str(parts[0]), Bracket("", parts[1], place), place)

    def rows(self, parts: list[Any]) -> list[Any]:
        return [parts[0]] if len(parts) == 1 else [*parts[0], parts[2]]

    def case(self, parts: list[Any]) -> tuple[Node, Node | None]:
        return parts[0], parts[-1][0]

    def case_if(self, parts: list[Any]) -> tuple[Node, Node | None]:
        return parts[0], parts[2]

    def case_else(self, parts: list[Any]) -> tuple[Node, Node | None]:
        return parts[0], None

    def case_when(self, parts: list[Any]) -> tuple[Node]:
        made: Node = parts[-2]
        return (made,)

    def case_otherwise(self, _: list[Any]) -> tuple[None]:
        return (None,)

    def cases(self, parts: list[Any]) -> Cases:
        return Cases(tuple(parts[1]), _place(parts[0]))

    def comma(self, _: list[Any]) -> None:
        return None


def _leaf(token: Token) -> Node:
    if token.type == "NUMBER":
        return Num(str(token), _place(token))
    if token.type in ("NAME", "FUNC"):
        return Name(str(token), _place(token))
    return Mark(str(token), _place(token))


def _logic(word: str, first: Node, last: Node) -> Logic:
    before = first.parts if isinstance(first, Logic) and first.word == word else (first,)
    return Logic(word, (*before, last), first.place)


def _product(first: Node, operator: str, last: Node) -> Product:
    before = first.factors if isinstance(first, Product) else (("", first),)
    return Product((*before, (operator, last)), first.place)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=Tokens, transformer=_Trees(), maybe_placeholders=False)
