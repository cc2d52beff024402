"""Text to statements, read with `ast` and a whitelist of nodes. Nothing is ever executed.

An error points at its place in the user's own text even where `^` was read as `**` or a statement
spans lines.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.errors import DeriveError, ParseError, ProblemError, UnsupportedError
from derive.language.syntax import (
    BINDERS,
    FUNCTIONS,
    LATER,
    RESERVED,
    Statement,
    Written,
    base_name,
    function,
    nearest,
    parts,
    subscripts,
)

_MEANT = {"ln": "log", "logistic": "sigmoid", "lse": "logsumexp", "arctan": "atan"}
_MEANT |= {"arcsin": "asin", "arccos": "acos", "kronecker": "delta", "average": "mean"}

_MAX_LENGTH = 20_000
_MAX_DEPTH = 100
_NUMBER = re.compile(r"([0-9]{1,1300}(\.[0-9]{0,100})?|\.[0-9]{1,100})([eE][+-]?[0-9]{1,3})?")
_NUMBER_START = re.compile(r"(?<![\w.])[0-9]|\.[0-9]")
_ASSIGNS = re.compile(r"(?<![=<>!])=(?!=)")
_SIGNS = frozenset("0123456789.,;:+-*/^=<>!()[] _")
_CLOSING = {"(": ")", "[": "]"}


@dataclass(frozen=True)
class _Chunk:
    """The text of one statement on one line, and where in the user's text each letter stood."""

    text: str
    offsets: tuple[int, ...]


def statements(text: str) -> tuple[Statement, ...]:
    """The statements of a text. Raises ParseError or UnsupportedError with the place."""
    if len(text) > _MAX_LENGTH:
        raise ParseError(f"the text is longer than {_MAX_LENGTH} characters")
    return tuple(_statement(text, chunk) for chunk in _chunks(text))


def _chunks(text: str) -> Iterator[_Chunk]:
    """Split at line ends and semicolons outside brackets; drop comments; write ^ as **."""
    kept: list[tuple[str, int]] = []
    opened: list[tuple[str, int]] = []
    comment = False
    for place, char in enumerate([*text, "\n"]):
        ends_line = char in "\n\r"
        comment = (comment or char == "#") and not ends_line
        if comment:
            continue
        if (ends_line or char == ";") and not opened:
            yield from _stripped(kept)
            kept = []
            continue
        _check_character(text, place, char, opened)
        kept += [("*", place)] * 2 if char == "^" else [(" " if char.isspace() else char, place)]
    if opened:
        raise _error(ParseError, "this bracket is not closed", text, opened[-1][1])


def _check_character(text: str, place: int, char: str, opened: list[tuple[str, int]]) -> None:
    """Keep `opened`, the stack of open brackets, and refuse what the language does not have."""
    if char in _CLOSING:
        opened.append((char, place))
        if len(opened) > _MAX_DEPTH:
            raise _error(ParseError, "brackets are nested too deeply", text, place)
    elif char in ")]":
        if not opened or _CLOSING[opened[-1][0]] != char:
            raise _error(ParseError, f"'{char}' does not close a bracket", text, place)
        opened.pop()
    elif char == ";":
        raise _error(ParseError, "a bracket before this ';' is not closed", text, place)
    elif not (char in _SIGNS or char.isspace() or ("a" + char).isidentifier()):
        raise _error(ParseError, f"{char!r} has no meaning here", text, place)


def _stripped(kept: list[tuple[str, int]]) -> Iterator[_Chunk]:
    text = "".join(char for char, _ in kept)
    start = len(text) - len(text.lstrip())
    body = text.strip()
    if body:
        yield _Chunk(body, tuple(place for _, place in kept[start : start + len(body)]))


def _error(kind: type[DeriveError], message: str, text: str, place: int) -> DeriveError:
    line, column = _locate(text, place)
    return kind(message, _lines(text)[line], column)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\r", "\n").split("\n"))


def _locate(text: str, place: int) -> tuple[int, int]:
    before = text[:place].replace("\r", "\n")
    return before.count("\n"), place - (before.rfind("\n") + 1)


def _statement(text: str, chunk: _Chunk) -> Statement:
    for word in re.finditer(r"[^\W\d]\w*", chunk.text):
        _check_word(text, chunk, word.group(), word.start())
    for number in _NUMBER_START.finditer(chunk.text):
        _check_number(text, chunk, number.start())
    parsed = _parsed(text, chunk)
    _place(text, chunk, parsed)
    lines = _lines(text)
    if len(parsed.body) == 1 and isinstance(parsed.body[0], ast.Expr):
        found = Statement(lines, parsed.body[0].value)
    elif len(parsed.body) == 1 and isinstance(parsed.body[0], ast.Assign):
        found = _definition(text, chunk, lines, parsed.body[0])
    else:
        message = "this is neither an expression nor `name = expression`"
        raise _error(ParseError, message, text, chunk.offsets[0])
    _check(found, found.value, 0)
    return found


def _check_word(text: str, chunk: _Chunk, word: str, start: int) -> None:
    if word.startswith("_"):
        message = "a name starts with a letter"
    elif keyword.iskeyword(word) and word not in {"and", "or", "not"}:
        message = f"'{word}' is a reserved word: choose another name, such as {word[:3].lower()}_"
    else:
        return
    raise _error(ParseError, message, text, chunk.offsets[start])


def _check_number(text: str, chunk: _Chunk, start: int) -> None:
    found = _NUMBER.match(chunk.text, start)
    end = found.end() if found else start
    if re.match(r"[\w.]", chunk.text[end:]):
        message = "this number is too long, or a '*' is missing after it"
        raise _error(ParseError, message, text, chunk.offsets[start])


def _parsed(text: str, chunk: _Chunk) -> ast.Module:
    try:
        return ast.parse(chunk.text)
    except SyntaxError as error:
        column = min(max((error.offset or 1) - 1, 0), len(chunk.text) - 1)
        message = "cannot read this: is an operator, an operand or a comma missing?"
        if _ASSIGNS.search(chunk.text):
            message = "left of '=' stands a name, as in L = ... or h[i] = ...; equality is '=='"
        raise _error(ParseError, message, text, chunk.offsets[column]) from None
    except (RecursionError, MemoryError, ValueError):
        message = "this is too large or too deeply nested: name parts of it"
        raise _error(ParseError, message, text, chunk.offsets[0]) from None


def _place(text: str, chunk: _Chunk, parsed: ast.Module) -> None:
    """Give every node its place in the user's text, and every number its exact value."""
    encoded = chunk.text.encode()
    for node in ast.walk(parsed):
        if not isinstance(node, ast.expr):
            continue
        start = len(encoded[: node.col_offset].decode())
        end = len(encoded[: node.end_col_offset].decode())
        line, node.col_offset = _locate(text, chunk.offsets[start])
        node.lineno = line + 1
        if isinstance(node, ast.Constant):
            written = chunk.text[start:end]
            if not _NUMBER.fullmatch(written):
                message = f"{written[:30]!r} is not a number of this language"
                raise _error(ParseError, message, text, chunk.offsets[start])
            node.value = Written(written)  # type: ignore[assignment]


def _definition(text: str, chunk: _Chunk, lines: tuple[str, ...], node: ast.Assign) -> Statement:
    head = node.targets[0]
    if len(node.targets) > 1 or not isinstance(head, ast.Name | ast.Subscript):
        message = "left of '=' stands one name, as in L = ... or h[i] = ..."
        raise _error(ParseError, message, text, chunk.offsets[0])
    made = Statement(lines, node.value, head)
    if isinstance(head, ast.Subscript):
        _check_subscript(made, head)
        if not made.name or len({n.id for n in made.letters}) < len(subscripts(head)):
            raise made.error(
                ParseError, "write a name and different index letters, as in h[i, j]", head
            )
    if made.name in RESERVED:
        raise made.error(
            ProblemError, f"{made.name} has a meaning already: choose another name", head
        )
    return made


def _check(statement: Statement, node: ast.expr, depth: int) -> None:
    """Refuse every node that is not in the language."""
    if depth > _MAX_DEPTH:
        raise statement.error(
            ParseError, "this is too long or too deeply nested: name parts of it", node
        )
    if isinstance(node, ast.Compare):
        _check_comparison(statement, node, depth)
    elif isinstance(node, ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    ):
        raise statement.error(UnsupportedError, "'and', 'or' and 'not' are not supported yet", node)
    elif isinstance(node, ast.BinOp):
        if not isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow):
            raise statement.error(ParseError, "only + - * / and ** combine numbers", node)
    elif isinstance(node, ast.UnaryOp):
        if not isinstance(node.op, ast.USub | ast.UAdd):
            raise statement.error(ParseError, "this operator has no meaning here", node)
    elif isinstance(node, ast.Call):
        _check_call(statement, node)
    elif isinstance(node, ast.Subscript):
        _check_subscript(statement, node)
    elif isinstance(node, ast.Name):
        if node.id in RESERVED - {"pi"}:
            message = f"{node.id} is a function: it needs brackets, as in {node.id}(...)"
            raise statement.error(ParseError, message, node)
    elif not isinstance(node, ast.Constant):
        raise statement.error(ParseError, "this form is not part of the language", node)
    for part in parts(node):
        _check(statement, part, depth + 1)


def _check_comparison(statement: Statement, node: ast.Compare, depth: int) -> None:
    signs = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    if depth > 0:
        raise statement.error(
            UnsupportedError, "comparisons in expressions are not supported yet", node
        )
    if len(node.ops) > 1 or not isinstance(node.ops[0], signs):
        raise statement.error(ParseError, "write one comparison at a time: == != < <= > >=", node)


def _check_call(statement: Statement, node: ast.Call) -> None:
    name = function(node)
    if name not in FUNCTIONS:
        raise statement.error(*_unknown_function(name), node)
    if name in LATER:
        raise statement.error(UnsupportedError, f"{name}(...) is not supported yet", node)
    if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
        raise statement.error(ParseError, f"{name} takes plain arguments, without '=' or '*'", node)
    count = len(node.args)
    if name in BINDERS:
        if count < 2:
            raise statement.error(ParseError, f"{name} needs its index: {name}(x[k], k)", node)
        _check_letters(statement, node.args[1:], f"{name}(body, k)")
    elif name == "size" or name == "delta":
        wanted = 1 if name == "size" else 2
        if count != wanted:
            message = f"{name} takes {wanted} index letter{'s' * (wanted > 1)}, not {count}"
            raise statement.error(ParseError, message, node)
        _check_letters(statement, node.args, "size(k)" if wanted == 1 else "delta(i, j)")
    elif count != 1:
        raise statement.error(ParseError, f"{name} takes 1 argument, not {count}", node)


def _unknown_function(name: str) -> tuple[type[DeriveError], str]:
    if not name:
        return ParseError, "a '*' is missing, or this is not a function's name"
    if name == "diff":
        return ParseError, "write the function itself here; what to differentiate by is wrt"
    hint = f" (did you mean {_MEANT[name]}?)" if name in _MEANT else nearest(name, FUNCTIONS)
    hint = hint or f": write {name}[i] for an entry, {name}*(...) for a product"
    return ProblemError, f"there is no function {name}{hint}"


def _check_letters(statement: Statement, nodes: list[ast.expr], form: str) -> None:
    for node in nodes:
        if not isinstance(node, ast.Name):
            raise statement.error(ParseError, f"an index letter is wanted here, as in {form}", node)
        if node.id in RESERVED:
            raise statement.error(
                ParseError, f"{node.id} cannot be an index: it has a meaning", node
            )


def _check_subscript(statement: Statement, node: ast.Subscript) -> None:
    letters: list[ast.expr] = []
    for inside in subscripts(node):
        if isinstance(inside, ast.Slice):
            if inside.lower or inside.upper or inside.step:
                raise statement.error(ParseError, "only a bare ':' marks an axis", node)
        elif isinstance(inside, ast.Constant):
            message = "only index letters stand in brackets, as in z[i]: a length is never a number"
            raise statement.error(ParseError, message, inside)
        elif isinstance(inside, ast.BinOp):
            message = "shifted indices such as x[i + k] are not supported yet"
            raise statement.error(UnsupportedError, message, inside)
        else:
            letters.append(inside)
    _check_letters(statement, letters, "z[i]")
    if base_name(node) in RESERVED:
        message = f"{base_name(node)} needs an argument first, as in softmax(z)[i]"
        raise statement.error(ParseError, message, node)
    if not base_name(node) and len(subscripts(node)) != 1:
        raise statement.error(
            ParseError, "a vector expression has one index, as in softmax(z)[i]", node
        )
