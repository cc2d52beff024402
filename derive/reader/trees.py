"""The grammar's rules to nodes: one method a rule, from the leaves up."""

from __future__ import annotations

from typing import Any

from lark import Token, Transformer

from derive.reader.syntax import (
    Accent,
    Bars,
    Big,
    Bracket,
    Call,
    Cases,
    Chain,
    Frac,
    Inner,
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


def _place(token: Token) -> int:
    return token.start_pos or 0


class Trees(Transformer[Token, Node]):
    """A method for every rule of `derive.reader.grammar`."""

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

    def listed(self, parts: list[Any]) -> list[Node]:
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

    def inner(self, parts: list[Any]) -> Inner:
        return Inner(parts[1], parts[3], _place(parts[0]))

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
