"""Text to statements: `ast` nodes, each checked against a whitelist. Nothing is ever executed."""

from __future__ import annotations

import ast

from derive.errors import DeriveError, ParseError, ProblemError, UnsupportedError
from derive.language.source import MAX_DEPTH, Chunk, chunks, tree
from derive.language.syntax import (
    EXTREMES,
    FUNCTIONS,
    RESERVED,
    SUMS,
    WHOLE,
    Statement,
    base_name,
    function,
    is_place,
    letters_in,
    nearest,
    parts,
    subscripts,
)

_MEANT = {"ln": "log", "logistic": "sigmoid", "lse": "logsumexp", "arctan": "atan"}
_MEANT |= {"arcsin": "asin", "arccos": "acos", "kronecker": "delta", "average": "mean"}
_MEANT |= {"maximum": "max", "minimum": "min", "product": "prod", "sgn": "sign", "ifelse": "where"}
_MAX_STATEMENTS = 300
_MAX_SHIFT = 1000
_WEIGHTS = dict.fromkeys(SUMS | EXTREMES, 3) | dict.fromkeys(WHOLE, 8)
"""As how many brackets those count that make a sum, or a sum and a name, of what is in them."""
_COUNTS = {
    "size": (1, "1 index letter"),
    "delta": (2, "2 index letters"),
    "where": (3, "a condition and 2 expressions"),
    "diff": (2, "a function and a variable"),
}
"""How many arguments a function takes, and what they are; others take 1."""
_LONG = "this is too long or too deeply nested: name parts of it"
_COMPARES = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def statements(text: str, pending: bool = False) -> tuple[Statement, ...]:
    """The statements of a text; with `pending`, derivatives may stand in them: diff(f, z[j]).

    Raises ParseError or UnsupportedError with the place.
    """
    found: list[Statement] = []
    for chunk in chunks(text):
        if len(found) == _MAX_STATEMENTS:
            raise chunk.error(f"there are more than {_MAX_STATEMENTS} statements")
        found.append(_statement(chunk, pending))
    return tuple(found)


def _statement(chunk: Chunk, pending: bool) -> Statement:
    body = tree(chunk).body
    lines = chunk.source.lines
    if len(body) == 1 and isinstance(body[0], ast.Expr):
        found = Statement(lines, body[0].value, pending=pending)
    elif len(body) == 1 and isinstance(body[0], ast.Assign):
        found = _definition(chunk, lines, body[0])
    else:
        raise chunk.error("this is neither an expression nor `name = expression`")
    if isinstance(found.value, ast.Compare) and not found.head:
        _check_condition(found, found.value, 0)  # an assumption
    else:
        _check(found, found.value, 0)
    return found


def _definition(chunk: Chunk, lines: tuple[str, ...], node: ast.Assign) -> Statement:
    head = node.targets[0]
    if len(node.targets) > 1 or not isinstance(head, ast.Name | ast.Subscript):
        raise chunk.error("left of '=' stands one name, as in L = ... or h[i] = ...")
    made = Statement(lines, node.value, head)
    if isinstance(head, ast.Subscript):
        _check_subscript(made, head)
        plain = all(isinstance(letter, ast.Name) for letter in subscripts(head))
        if not (made.name and plain and len({n.id for n in made.letters}) == len(made.letters)):
            raise made.error(
                ParseError, "write a name and different index letters, as in h[i, j]", head
            )
    if made.name in RESERVED:
        raise made.error(
            ProblemError, f"{made.name} has a meaning already: choose another name", head
        )
    return made


def _check(statement: Statement, node: ast.expr, depth: int) -> None:
    """Refuse everything that is not an expression of the language."""
    if depth > MAX_DEPTH:
        raise statement.error(ParseError, _LONG, node)
    inside = parts(node)
    if isinstance(node, ast.Compare | ast.BoolOp) or _is_not(node):
        message = "a condition is not a number: write where(x > 0, 1, 0)"
        raise statement.error(ProblemError, message, node)
    if isinstance(node, ast.BinOp):
        if not isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow):
            raise statement.error(ParseError, "only + - * / and ** combine numbers", node)
    elif isinstance(node, ast.UnaryOp):
        if not isinstance(node.op, ast.USub | ast.UAdd):
            raise statement.error(ParseError, "this operator has no meaning here", node)
    elif isinstance(node, ast.Call):
        _check_call(statement, node)
        if function(node) == "where":
            _check_condition(statement, inside[0], depth + 1)
            inside = inside[1:]
    elif isinstance(node, ast.Subscript):
        _check_subscript(statement, node)
    elif isinstance(node, ast.Name):
        if node.id in RESERVED - {"pi"}:
            message = f"{node.id} is a function: it needs brackets, as in {node.id}(...)"
            raise statement.error(ParseError, message, node)
    elif not isinstance(node, ast.Constant):
        raise statement.error(ParseError, "this form is not part of the language", node)
    for part in inside:
        _check(statement, part, depth + _WEIGHTS.get(function(node), 1))


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _check_condition(statement: Statement, node: ast.expr, depth: int) -> None:
    """Refuse everything that is not a condition of the language."""
    if depth > MAX_DEPTH or len(parts(node)) > MAX_DEPTH:
        raise statement.error(ParseError, _LONG, node)
    if isinstance(node, ast.Compare):
        if not all(isinstance(sign, _COMPARES) for sign in node.ops):
            raise statement.error(ParseError, "comparisons are == != < <= > >=", node)
        for side in parts(node):
            _check(statement, side, depth + 1)
    elif isinstance(node, ast.BoolOp) or _is_not(node):
        for part in parts(node):
            _check_condition(statement, part, depth + 1)
    else:
        message = "a condition is wanted here, such as x > 0 or i <= t"
        raise statement.error(ParseError, message, node)


def _check_call(statement: Statement, node: ast.Call) -> None:
    name = function(node)
    if name not in FUNCTIONS and not (name == "diff" and statement.pending):
        raise statement.error(*_unknown_function(name), node)
    if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
        raise statement.error(ParseError, f"{name} takes plain arguments, without '=' or '*'", node)
    if len(node.args) > MAX_DEPTH:
        raise statement.error(ParseError, _LONG, node)
    _check_count(statement, node, name)
    if name in SUMS:
        _check_letters(statement, node.args[1:], f"{name}(body, k)")
    elif name == "size":
        _check_letters(statement, node.args, "size(k)")
    elif name == "delta":
        for place in node.args:
            _check_place(statement, place, "delta(i, j)")
    elif name == "diff":
        _check_variable(statement, node.args[1])


def _check_count(statement: Statement, node: ast.Call, name: str) -> None:
    count = len(node.args)
    if name in SUMS | EXTREMES:
        message = f"{name} takes two or more numbers, or an index: {name}(x[k], k)"
        if name in SUMS:
            message = f"{name} needs its index: {name}(x[k], k)"
        right = count >= 2
    else:
        wanted, words = _COUNTS.get(name, (1, "1 argument"))
        message = f"{name} takes {words}, not {count}"
        message += ": to base b it is log(x)/log(b)" if name == "log" and count == 2 else ""
        right = count == wanted
    if not right:
        raise statement.error(ParseError, message, node)


def _check_variable(statement: Statement, node: ast.expr) -> None:
    if not (isinstance(node, ast.Name) or (isinstance(node, ast.Subscript) and base_name(node))):
        message = "a variable is wanted here, as in diff(f, z[j])"
        raise statement.error(ParseError, message, node)


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


def _check_place(statement: Statement, node: ast.expr, form: str) -> None:
    """A letter, or a sum such as i + k, i + 1, 2*i + k."""
    if any(isinstance(part, ast.Subscript) for part in ast.walk(node)):
        message = "an index letter is wanted: write labels t[b] as rows Y[b, k] of zeros and a one"
        raise statement.error(UnsupportedError, message, node)
    if not is_place(node):
        message = f"an index letter or a sum such as i + k is wanted here, as in {form}"
        raise statement.error(ParseError, message, node)
    _check_letters(statement, list(letters_in(node)), form)
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and part.value > _MAX_SHIFT:  # type: ignore[operator]
            raise statement.error(ParseError, f"a shift is at most {_MAX_SHIFT}", node)


def _check_subscript(statement: Statement, node: ast.Subscript) -> None:
    for inside in subscripts(node):
        if isinstance(inside, ast.Slice):
            if inside.lower or inside.upper or inside.step:
                raise statement.error(ParseError, "only a bare ':' marks an axis", node)
        elif isinstance(inside, ast.Constant):
            message = "only index letters stand in brackets, as in z[i]: a length is never a number"
            raise statement.error(ParseError, message, inside)
        else:
            _check_place(statement, inside, "z[i]")
    if base_name(node) in RESERVED:
        message = f"{base_name(node)} needs an argument first, as in softmax(z)[i]"
        raise statement.error(ParseError, message, node)
    if not base_name(node) and len(subscripts(node)) != 1:
        raise statement.error(
            ParseError, "a vector expression has one index, as in softmax(z)[i]", node
        )
