"""The names of `derive` itself."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from sympy import Expr

import derive


@pytest.mark.parametrize("name", derive.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(derive, name)


@pytest.mark.parametrize("first", ["", "import derive.checker.finite; "])
def test_check_is_a_function_whatever_was_imported(first: str) -> None:
    code = f"import derive; {first}print(derive.check('s[i]*(1 - s[i])', 'softmax').verdict)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "wrong"


def test_sympy_is_not_imported_for_nothing() -> None:
    code = "import derive, sys; print('sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_derivation_in_the_terminal_does_not_wait_for_numpy() -> None:
    code = (
        "from derive.cli import main; import sys; main(['show', 'softmax']); "
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


CE = "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)"


@pytest.fixture(scope="module")
def loss() -> derive.Derivation:
    return derive.derive(CE, wrt="z[j]", assume=["sum(y[k], k) == 1"])


def test_what_a_derivation_holds(loss: derive.Derivation) -> None:
    assert isinstance(loss.steps, tuple)
    assert isinstance(loss.result, Expr)
    assert loss.result_text == "p[j] - y[j]"
    assert loss.matrix == "p - y"
    assert loss.matrix.latex == "p - y"
    assert loss.verified is True
    for level in ("brief", "normal", "full"):
        steps = loss.at_level(level).steps
        assert all(first.after == second.before for first, second in pairwise(steps))
        for step in steps:
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", step.rule)
            assert step.title
            assert step.verdict == "agrees"
            assert isinstance(step.before, Expr)
            assert isinstance(step.after, Expr)


def test_what_a_derivation_computes(loss: derive.Derivation) -> None:
    z, y = [2, 3, 4], [0, 1, 0]
    p = np.exp(z) / np.exp(z).sum()
    assert loss.function()(z=z, y=y) == pytest.approx(p - y)
    assert np.shape(loss.function("value")(z=z, y=y)) == ()
    assert loss.function("value")(z=z, y=y) == pytest.approx(-np.log(p[1]))
    assert loss.function("vjp")(z=z, y=y, g=2) == pytest.approx(2 * (p - y))
    assert loss.function("jvp")(z=z, y=y, v=[1, 0, 0]) == pytest.approx(p[0])
    single = {name: np.array(value, np.float32) for name, value in (("z", z), ("y", y))}
    assert loss.function()(**single).dtype == np.float32
    assert loss.steps_at(z=z, y=y).result == pytest.approx(p - y)
    assert derive.derive("x*a + b", wrt="x").function()(x=1, a=2, b=3) == 2


def test_axes_are_the_targets_then_those_of_each_wrt() -> None:
    z = {"z": [1.0, 2.0, 3.0], "b": [1.0, 2.0]}
    assert derive.derive("z[i]*b[m]", wrt="z[j]").function()(**z).shape == (3, 2, 3)
    assert derive.derive("z[i]*b[m]", wrt="z[i]").function()(**z).shape == (3, 2)
    both = derive.derive("b[m]*exp(sum(z[k], k))", wrt=["z[i]", "b[j]"])
    assert both.function()(**z).shape == (2, 3, 2)


def test_how_a_derivation_is_shown(loss: derive.Derivation) -> None:
    assert loss._repr_latex_() == loss.to_latex()
    assert loss._repr_html_() == loss.to_html()
    assert loss.to_markdown().startswith("# ")
    assert loss.to_text().isascii()
    assert {"target", "wrt", "assume", "status", "verified", "result", "steps"} <= set(
        loss.to_dict()
    )


@pytest.mark.parametrize("backend", ["numpy", "numba", "torch", "lightgbm", "xgboost"])
def test_there_is_source_for_every_back_end(backend: str, loss: derive.Derivation) -> None:
    compile(loss.source(backend=backend), backend, "exec")


WRONG_ARGUMENTS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: derive.derive(3), TypeError, "target is text"),
    (lambda: derive.derive("x**2", wrt=3), TypeError, "wrt is text"),
    (lambda: derive.derive("x**2", wrt="x", assume=[3]), TypeError, "assumption is text"),
    (lambda: derive.check("2*x", None, wrt="x"), TypeError, "target is text"),
    (lambda: derive.derive("softmax", by="magic"), ValueError, "by is one of"),
    (lambda: derive.derive("softmax", level="deep"), ValueError, "level is one of"),
    (lambda: derive.derive("tanh").function("gradient"), ValueError, "kind is one of"),
    (lambda: derive.derive("tanh").source("fortran"), ValueError, "backend is one of"),
    (lambda: derive.derive("tanh").function()(), TypeError, "'x'"),
    (lambda: derive.derive("tanh").function()(x=1, q=2), TypeError, "'q'"),
    (lambda: derive.derive("tanh").steps_at(q=2), ValueError, "q"),
    (lambda: derive.derive("tanh").to_text(lang="fr"), ValueError, "fr"),
]


@pytest.mark.parametrize(("call", "kind", "message"), WRONG_ARGUMENTS)
def test_a_wrong_argument_is_named(
    call: Callable[[], object], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        call()


def test_no_rules_are_no_rules() -> None:
    assert derive.derive("tanh", rules=()).status == "stuck"


def test_pi_is_a_formula() -> None:
    assert derive.derive("pi").result_text == "pi"
