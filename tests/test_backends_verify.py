"""`derive verify` holds every installed library's code against NumPy's, and catches a wrong one."""

from __future__ import annotations

import pytest

from derive.checker import libraries
from derive.checker.libraries import AUTOGRAD, compare
from derive.checker.numeric import table
from derive.cli import main
from derive.emit import numpycode
from derive.emit.backends import entries, torchcode
from derive.errors import UnsupportedError
from derive.verify import report_on
from tests.backends import derivation


def methods(target: str) -> dict[str, bool]:
    found = derivation(target)
    return {c.method: c.passed for c in compare(found.problem, found.chain.result, seeds=(0,))}


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    installed = libraries.is_installed
    monkeypatch.setattr(libraries, "is_installed", lambda n: n not in names and installed(n))


def test_columns_are_there_for_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "is_installed", lambda _: False)
    assert methods("softmax") == {}
    assert table([report_on("softmax", libraries=True)]).split() == [
        *("central", "complex", "scalar", "vjp", "jvp"),
        *("softmax", "by", "z[j]"),
        *table([report_on("softmax")]).split()[-6:],
    ]


def test_a_wrong_numpy_emitter_is_caught(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, *levels = numpycode._OPERATORS["subtract"]
    assert text == "{} - {}"
    monkeypatch.setitem(numpycode._OPERATORS, "subtract", ("{} + 0.99 * -{}", *levels))
    without(monkeypatch, "numba", "torch")
    assert main(["verify", "softmax"]) == 1
    assert "WRONG" in capsys.readouterr().out


def test_right_torch_code_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    without(monkeypatch, "numba")
    for target in ("softmax", "layer-norm", "cross-entropy-hessian"):
        assert methods(target) == {"torch": True, AUTOGRAD: True}


def test_a_wrong_torch_emitter_is_caught(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    without(monkeypatch, "numba")
    monkeypatch.setitem(torchcode.FUNCTION_TEXTS, "exp", "(torch.exp({0}) + 1e-7)")
    assert methods("softmax")["torch"] is False
    assert main(["verify", "softmax"]) == 1
    found, _ = capsys.readouterr()
    assert "WRONG" in found
    assert "autograd" in found


def test_a_wrong_numba_emitter_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba", reason="numba is not installed")
    without(monkeypatch, "torch")
    assert methods("sigmoid") == {"numba": True}
    monkeypatch.setitem(entries.FUNCTION_TEXTS, "sigmoid_slope", "_sigmoid")
    monkeypatch.setitem(entries.FUNCTION_TEXTS, "sigmoid", "_exp")
    assert methods("sigmoid") == {"numba": False}


def test_what_a_library_has_no_code_for_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "is_installed", lambda name: name == "numba")
    monkeypatch.delitem(entries.ENTRIES, "function")
    assert methods("sigmoid") == {}
    with pytest.raises(UnsupportedError, match="no loops for 'function'"):
        derivation("sigmoid").source("numba")
