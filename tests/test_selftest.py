"""Emitted modules test themselves when they are run, with NumPy only."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sympy import Expr

from derive.emit import source
from derive.errors import UnsupportedError
from tests.backends import TARGETS, derivation

MORE: list[tuple[str, str | None]] = [
    *(("huber", "d"), ("tversky", "a"), ("focal", None), ("kl-divergence", None)),
    *(("hessian-of-quadratic-form", None), ("multi-class-hinge", None), ("quantile", None)),
]


def ran(text: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit status of a module that is run, and what it prints."""
    with pytest.raises(SystemExit) as left:
        exec(compile(text, "<emitted>", "exec"), {"__name__": "__main__"})
    return int(str(left.value.code)), capsys.readouterr().out


@pytest.mark.parametrize(("text", "wrt"), [*TARGETS, *MORE])
def test_right_code_passes(text: str, wrt: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    status, printed = ran(derivation(text, wrt).source(), capsys)
    assert status == 0
    assert printed.startswith("worst relative error ")
    assert printed.endswith("(seed 0): ok\n")


def wrong(result: Expr) -> Expr:
    return result * 1001 / 1000


@pytest.mark.parametrize("text", ["softmax", "cross-entropy", "cross-entropy-hessian", "huber"])
def test_wrong_code_does_not(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = derivation(text)
    status, printed = ran(source(found.problem, wrong(found.chain.result)), capsys)
    assert status == 1
    assert printed.endswith("WRONG\n")


@pytest.mark.parametrize("kind", ["derivative", "vjp", "jvp", "hvp"])
def test_every_function_is_tested(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = derivation("cross-entropy-hessian").source()
    assert f"def {kind}(*" in text
    planted = text.replace(
        "\n\ndef _inputs",
        f"\n\n_right = {kind}\ndef {kind}(**k): return 1.01 * _right(**k)\n\n\ndef _inputs",
        1,
    )
    assert ran(planted, capsys)[0] == 1


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_objectives_test_gradient_and_hessian(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for target in ("cross-entropy", "binary-cross-entropy", "multi-class-hinge", "huber"):
        text = derivation(target).source(library)
        assert ran(text, capsys)[0] == 0
        halved = text.replace("found = hessian(", "found = 1.01 * hessian(")
        assert halved != text
        flat = target in ("multi-class-hinge", "huber")  # there, or at the inputs that are drawn
        assert ran(halved, capsys)[0] == (0 if flat else 1)


def test_it_needs_numpy_only(tmp_path: Path) -> None:
    text = derivation("attention").source()
    imported = {
        name.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert imported <= {"numpy", "math"}
    path = tmp_path / "emitted.py"
    path.write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert not done.stderr


def test_importing_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(derivation("softmax").source(), "<emitted>", "exec"), namespace)
    assert not capsys.readouterr().out


def test_where_no_inputs_are_known_there_is_no_test() -> None:
    from derive.api import derive

    found = derive("x**2*y", wrt="x", assume=["x*y == 1"])
    assert "__main__" not in found.source()
    assert "__main__" not in derive("x**2").source()
    with pytest.raises(UnsupportedError):
        derive("x**2").source("xgboost")
