"""`derive verify` holds every function of every installed back end to what knows the derivative
otherwise, and catches a wrong one."""

from __future__ import annotations

import re

import pytest

from derive import verify as whole
from derive.checker.numeric import ALONG, CENTRAL, COMPLEX, EXACT, JAX, TORCH, Report, verify
from derive.cli import main
from derive.emit import BACKENDS, numpycalls, numpycode
from derive.emit.backends import entries, torchcode
from derive.emit.backends.loading import is_installed
from derive.errors import UnsupportedError
from tests.backends import derivation

FUNCTIONS = ("value", "derivative", "vjp", "jvp")
OBJECTIVE = ("value", "derivative", "hessian", "gradient", "curvature")
# Every function of every back end, for a target that all of them have code for.
PLANTED = [
    *(("numpy", name) for name in FUNCTIONS),
    *(("torch", name) for name in FUNCTIONS),
    *(("numba", name) for name in FUNCTIONS),
    *((library, name) for library in ("lightgbm", "xgboost") for name in OBJECTIVE),
]
TARGET = "binary-cross-entropy"


def spoilt(text: str, function: str) -> str:
    """A module with one function that is off by a thousandth."""
    if function in ("gradient", "curvature"):
        place = int(function == "curvature")
        found = f"tuple(a * (1 + ({place} == k) / 1000) for k, a in enumerate(found))"
        function, arguments = "objective", "*args, **given"
    else:
        found, arguments = "found * 1.001", "**given"
    return (
        f"{text}\n\n_right = {function}\n\n\ndef {function}({arguments}):\n"
        f"    found = _right({arguments})\n    return {found}\n"
    )


def report(target: str, *backends: str, wrt: str | None = None, function: str = "") -> Report:
    """The comparisons for some back ends, the last of them with a wrong function."""
    made = derivation(target, wrt)
    texts = {name: made.source(name) for name in ("numpy", *backends)}
    if function:
        *_, last = texts
        texts[last] = spoilt(texts[last], function)
    return verify(made.problem, made.chain.result, seeds=(0, 1), sizes=(2,), modules=texts)


@pytest.mark.parametrize(("backend", "function"), PLANTED)
def test_a_wrong_function_is_caught(backend: str, function: str) -> None:
    if not BACKENDS[backend].curved:  # an objective's module needs NumPy only
        pytest.importorskip(backend, reason=f"{backend} is not installed")
    found = report(TARGET, *([backend] if backend != "numpy" else []), function=function)
    assert not found.passed
    assert {c.backend for c in found.failed} == {backend}
    assert (function, EXACT) in {(c.function, c.method) for c in found.failed}


def test_a_wrong_product_with_a_hessian_is_caught() -> None:
    found = report("cross-entropy-hessian", function="hvp")
    assert {(c.function, c.method) for c in found.failed} == {("hvp", EXACT), ("hvp", ALONG)}


def test_samples_that_are_mixed_up_are_caught() -> None:
    made = derivation("softmax")
    text = made.source().replace("def derivative(", "def _derivative(", 1)
    text += """

def derivative(**given):
    found = _derivative(**given)
    return found[::-1] if found.ndim > 2 else found
"""
    found = verify(made.problem, made.chain.result, seeds=(0, 1), modules={"numpy": text})
    assert {(c.function, c.method) for c in found.failed} == {("derivative", EXACT)}


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_right_objectives_pass(library: str) -> None:
    for target in ("cross-entropy", "huber", "softmax"):
        found = report(target, library)
        assert found.passed, found.failed
        own = {c.function for c in found.comparisons if c.backend == library}
        assert {"value", "hessian", "gradient", "curvature"} < own


def test_an_objective_with_a_parameter_named_as_the_vector_of_a_vjp() -> None:
    loss = "-(1 - sigmoid(y*x))**g*log(sigmoid(y*x))"
    found = report(loss, "lightgbm", wrt="x")
    assert found.passed, found.failed


def test_methods() -> None:
    found = {(c.function, c.method) for c in report("softmax").comparisons}
    expected = {(name, EXACT) for name in FUNCTIONS}
    expected |= {("derivative", CENTRAL), ("derivative", COMPLEX), ("vjp", ALONG), ("jvp", ALONG)}
    assert found == expected | ({("derivative", JAX)} if is_installed("jax") else set())


def test_columns_are_there_for_what_is_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(whole, "is_installed", lambda name: name == "xgboost")
    assert main(["verify", TARGET]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith(f"{TARGET} by x")
    assert lines[2].startswith("  xgboost")
    assert not lines[3]


def test_a_wrong_numpy_emitter_is_caught(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, *levels = numpycalls.OPERATORS["divide"]
    assert text == "{} / {}"
    monkeypatch.setitem(numpycalls.OPERATORS, "divide", ("{} / 1.01 / {}", *levels))
    monkeypatch.setattr(whole, "is_installed", lambda _: False)
    assert main(["verify", "softmax"]) == 1
    out = capsys.readouterr().out
    assert "WRONG" in out
    assert "wrong: softmax by z[j]: numpy derivative (exact 2e-02)" in out


def test_what_overwrites_memory_wrongly_is_caught(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert numpycode._SIGNS["multiply"] == "*"
    monkeypatch.setitem(numpycode._SIGNS, "multiply", "/")
    monkeypatch.setattr(whole, "is_installed", lambda _: False)
    assert main(["verify", "softmax"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"wrong: softmax by z\[j\]: numpy vjp .*, numpy jvp ", out)


def test_right_torch_code_passes() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    for target in ("softmax", "layer-norm", "cross-entropy-hessian"):
        found = report(target, "torch")
        assert found.passed, found.failed
        methods = {c.method for c in found.comparisons if c.backend == "torch"}
        assert methods >= {EXACT, CENTRAL, ALONG, TORCH}


def test_a_wrong_torch_emitter_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    monkeypatch.setitem(torchcode.FUNCTION_TEXTS, "exp", "(torch.exp({0}) + 1e-7)")
    failed = report("softmax", "torch").failed
    assert {c.backend for c in failed} == {"torch"}
    assert TORCH in {c.method for c in failed}


def test_a_wrong_numba_emitter_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba", reason="numba is not installed")
    monkeypatch.setitem(entries.FUNCTION_TEXTS, "sigmoid_slope", "_sigmoid")
    monkeypatch.setitem(entries.FUNCTION_TEXTS, "sigmoid", "_exp")
    assert {c.backend for c in report("sigmoid", "numba").failed} == {"numba"}


def test_autodiff_by_jax() -> None:
    pytest.importorskip("jax", reason="jax is not installed")
    for target in ("gelu", "cross-entropy-hessian", "max-pooling"):
        found = report(target)
        assert JAX in {c.method for c in found.comparisons}
        assert found.passed, found.failed
    assert JAX in {c.method for c in report("gelu", function="derivative").failed}


def test_what_a_library_has_no_code_for_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "is_installed", lambda name: name == "numba")
    monkeypatch.delitem(entries.ENTRIES, "function")
    assert {c.backend for c in whole.report_on("sigmoid").comparisons} == {"numpy"}
    with pytest.raises(UnsupportedError, match="no loops for 'function'"):
        derivation("sigmoid").source("numba")
