"""The functions of an emitted module that are worth printing: value and derivative. What checks
their arguments is left out; they take float arrays, and run as they are printed."""

from __future__ import annotations

import ast

_PRINTED = ("value", "derivative")
_CHECKS = "_inputs"


def excerpt(module: str) -> str:
    """The imports, the value, the derivative, and the helpers and tables these need."""
    tree = ast.parse(module)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    printed = [functions[name] for name in _PRINTED if name in functions]
    helpers: list[ast.FunctionDef] = []
    while more := [f for name, f in functions.items() if _uses([*printed, *helpers], name)]:
        helpers += more
    imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    tables = [
        n for n in tree.body if isinstance(n, ast.Assign) and _is_used(n, [*printed, *helpers])
    ]
    lines = module.splitlines()
    front = "\n".join(_source(node, lines) for node in imports if _is_needed(node))
    whole = [front, *(_source(node, lines) for node in tables)]
    return "\n\n".join([*whole, *(_function(f, lines) for f in [*printed, *helpers])])


def _is_used(table: ast.Assign, functions: list[ast.FunctionDef]) -> bool:
    names = [target.id for target in table.targets if isinstance(target, ast.Name)]
    return any(_uses(functions, name) for name in names)


def _uses(functions: list[ast.FunctionDef], name: str) -> bool:
    """Whether some of the functions call another one, that is no check and not among them."""
    if name == _CHECKS or any(f.name == name for f in functions):
        return False
    nodes = (node for f in functions for node in ast.walk(f))
    return any(isinstance(node, ast.Name) and node.id == name for node in nodes)


def _is_needed(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import) or "__future__" not in ast.unparse(node)


def _function(function: ast.FunctionDef, lines: list[str]) -> str:
    """A function without the check of its arguments, and with the first line of its docstring if
    that is a sentence."""
    checks = {
        number
        for statement in function.body
        if isinstance(statement, ast.Assign) and _is_check(statement.value)
        for number in range(statement.lineno, _end(statement) + 1)
    }
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        sentence = lines[first.lineno - 1].rstrip('"').endswith(".")
        checks |= set(range(first.lineno + sentence, _end(first) + 1))
        if _end(first) > first.lineno:
            head = lines[first.lineno - 1]
            lines = [*lines[: first.lineno - 1], f'{head}"""', *lines[first.lineno :]]
    numbers = range(function.lineno, _end(function) + 1)
    return "\n".join(lines[number - 1] for number in numbers if number not in checks)


def _is_check(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Name) and called.id == _CHECKS


def _source(node: ast.stmt, lines: list[str]) -> str:
    return "\n".join(lines[node.lineno - 1 : _end(node)])


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno
