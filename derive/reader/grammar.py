"""The grammar of formulas, over the tokens of `derive.reader.lexer`, and the tree it gives.

A sum reaches to the next + or - of its own level, as does a function without brackets that stands
before a sum; else such a function takes one factor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from lark import Lark, Token, UnexpectedInput
from lark.lexer import Lexer

from derive.reader.syntax import Node
from derive.reader.trees import Trees

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

argument: LBRACE listed RBRACE | NAME | NUMBER | TOP | FUNC | INDICATOR | OP | PRIME | COLON
listed: item | listed COMMA item
    | OP                                -> lone
    | FUNC                              -> lone
    | PRIME                             -> lone

?atom: bare | paren
paren: LPAR listed RPAR | LSQ listed RSQ | LSET listed RSET
?bare: NUMBER                           -> number
    | NAME                              -> name
    | INDICATOR                         -> mark
    | TOP                               -> mark
    | COLON                             -> mark
    | LBRACE listed RBRACE              -> group
    | FRAC argument argument            -> frac
    | SQRT argument                     -> root
    | SQRT LSQ item RSQ argument        -> root_of_degree
    | LBAR item RBAR                    -> bars
    | LNORM item RNORM                  -> bars
    | LANGLE item COMMA item RANGLE     -> inner
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
%declare LANGLE RANGLE FRAC SQRT ACCENT CASES ENDCASES AMP ROW IF ELSE
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
    """The tree of a formula. Raises Unexpected, and RecursionError where it is too deep."""
    try:
        return _parser().parse(tokens)  # type: ignore[return-value]
    except UnexpectedInput as found:
        token = getattr(found, "token", None)
        raise Unexpected(token if token is not None and token.type != "$END" else None) from None


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=Tokens, transformer=Trees(), maybe_placeholders=False)
