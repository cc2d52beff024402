"""The layers hold: nothing imports upward, and the checker shares nothing with the rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import derive

PACKAGE = Path(derive.__file__).parent
MODULES = {
    ".".join(("derive", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

# What a part of the package must not import. A prefix stands for everything below it.
FORBIDDEN = {
    "derive.errors": ["derive"],
    "derive.nodes": ["derive"],
    "derive.functions": ["derive.problem", "derive.rules", "derive.engine", "derive.checker"],
    "derive.rules": ["derive.engine", "derive.checker", "derive.emit", "derive.render"],
    "derive.engine": ["derive.checker", "derive.emit", "derive.render", "derive.parse"],
    "derive.checker": ["derive.rules", "derive.engine", "derive.render"],
    "derive.render": ["derive.rules", "derive.engine", "derive.emit"],
    "derive.emit": ["derive.rules", "derive.engine", "derive.render", "derive.checker"],
    "derive.parse": ["derive.rules", "derive.engine", "derive.checker", "derive.emit"],
    "derive.matrix": ["derive.rules", "derive.engine", "derive.emit", "derive.render"],
    "derive.matrices.arrays": ["derive.rules", "derive.engine", "derive.emit", "derive.render"],
    "derive.matrices.notation": ["derive.rules", "derive.engine", "derive.emit", "derive.render"],
    "derive.worked": ["derive.rules", "derive.engine", "derive.emit", "derive.render"],
    "derive.indices": ["derive.reading", "derive.problem", "derive.rules"],
    "derive.reading": ["derive.problem", "derive.rules", "derive.steps"],
    "derive.reader": [
        *("derive.rules", "derive.engine", "derive.checker", "derive.render", "derive.emit"),
    ],
    "derive.problem": ["derive.parse", "derive.steps", "derive.rules"],
    "derive.steps": ["derive.context", "derive.rules", "derive.engine", "derive.parse"],
}

# All that the checker of steps may share with the rest.
SHARED = {"nodes", "functions", "problem", "steps", "errors", "checker"}
# The modules that try emitted code, and so read what is emitted; the others stand alone.
TRY_CODE = {
    f"derive.checker.{name}"
    for name in ("numeric", "differences", "scalar", "libraries", "oracles", "trial")
}
CHECKER = sorted({name for name in MODULES if name.startswith("derive.checker.")} - TRY_CODE)


def imported(source: str, module: str = "") -> Iterator[str]:
    """The modules of the package that a source imports when it runs, also inside functions."""
    pending: list[ast.AST] = [ast.parse(source)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            pending += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _ours(alias.name))
        if isinstance(node, ast.ImportFrom):
            base = _absolute(node, module)
            if _ours(base):
                yield base
                yield from (f"{base}.{a.name}" for a in node.names if f"{base}.{a.name}" in MODULES)
        pending += ast.iter_child_nodes(node)


def _ours(name: str) -> bool:
    return name.split(".")[0] == "derive"


def _absolute(node: ast.ImportFrom, module: str) -> str:
    if not node.level:
        return node.module or ""
    above = module.split(".")[: -node.level]
    return ".".join([*above, *([node.module] if node.module else [])])


def below(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def test_the_sources_are_found() -> None:
    assert {"derive", "derive.nodes", "derive.checker.finite"} <= set(MODULES)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_nothing_imports_the_command_line(module: str) -> None:
    if module in ("derive.cli", "derive.__main__") or below(module, "derive.cli"):
        pytest.skip("it is the command line itself")
    found = set(imported(MODULES[module].read_text("utf-8"), module))
    assert not [name for name in found if below(name, "derive.cli")]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_nothing_imports_upward(module: str) -> None:
    found = set(imported(MODULES[module].read_text("utf-8"), module))
    above = [up for part, ups in FORBIDDEN.items() if below(module, part) for up in ups]
    assert not [name for name in found if any(below(name, up) for up in above)]


@pytest.mark.parametrize("name", CHECKER)
def test_the_checker_stands_alone(name: str) -> None:
    found = set(imported(MODULES[name].read_text("utf-8"), name))
    assert {full.split(".")[1] for full in found if full != "derive"} <= SHARED


@pytest.mark.parametrize("name", CHECKER)
def test_the_checker_asks_no_function_for_its_slope(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text("utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not used & {"fdiff", "_slope", "diff"}


def test_an_import_inside_a_function_is_seen() -> None:
    source = "def f():\n    from derive.engine import run\n"
    assert set(imported(source)) == {"derive.engine"}


def test_an_import_for_types_only_is_no_import() -> None:
    source = "if TYPE_CHECKING:\n    from derive.engine import run\nimport derive.nodes\n"
    assert set(imported(source)) == {"derive.nodes"}


def test_a_relative_import_is_seen() -> None:
    assert set(imported("from ..engine import run\n", "derive.checker.finite")) == {"derive.engine"}


def yields_while_set(source: str) -> bool:
    """Whether a generator stops inside `with undistributed()`: the setting would leak out."""
    blocks = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.With) and "undistributed" in ast.unparse(node.items[0])
    ]
    return any(
        isinstance(inner, ast.Yield | ast.YieldFrom) for b in blocks for inner in ast.walk(b)
    )


def test_no_generator_stops_while_a_setting_of_sympy_is_changed() -> None:
    assert yields_while_set("def f():\n    with undistributed():\n        yield 1\n")
    assert not [m for m, path in MODULES.items() if yields_while_set(path.read_text("utf-8"))]


def compares_identity(source: str) -> bool:
    """Whether anything but None is compared by `is`."""
    return any(
        isinstance(operator, ast.Is | ast.IsNot)
        and not (isinstance(right, ast.Constant) and right.value is None)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare)
        for operator, right in zip(node.ops, node.comparators, strict=True)
    )


def test_rules_compare_expressions_by_value() -> None:
    """What is remembered of an expression may hold parts of an equal one, so that leaving one out
    by `is` would leave it in."""
    assert compares_identity("[f for f in node.args if f is not inner]")
    assert not [
        name
        for name, path in MODULES.items()
        if name.startswith("derive.rules.") and compares_identity(path.read_text("utf-8"))
    ]
