"""The numba back end: loops with the same numbers as NumPy's code, and what they look like."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from derive.emit import function
from derive.emit.backends.loading import loaded
from derive.emit.module import kinds
from tests.backends import TARGETS, computing, derivation, inputs, source
from tests.interpreted import interpreted

LEADS = [(2, 3), (3,), (), (2, 1)]


def kernel(text: str, wrt: str | None, kind: str) -> list[str]:
    """The lines of one kernel."""
    lines = derivation(text, wrt).source("numba").splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith(f"def _{kind}("))
    length = next(k for k, line in enumerate(lines[start + 1 :]) if not line.startswith(" "))
    return [line.strip() for line in lines[start : start + 1 + length]]


@pytest.mark.parametrize(("text", "wrt"), TARGETS)
def test_the_loops_by_python_give_the_same_as_numpy(
    text: str, wrt: str | None, tmp_path: Path
) -> None:
    found = derivation(text, wrt)
    with interpreted(found.source("numba"), tmp_path) as made:
        for kind in kinds(found.problem):
            given = inputs(found.problem, kind, [(2,), (), (2, 1)])
            wanted = function(found.problem, found.chain.result, kind)(**given)
            computed = getattr(made, kind)(**given)
            np.testing.assert_allclose(computed, wanted, rtol=1e-9, atol=1e-11, err_msg=kind)


@pytest.mark.parametrize("name", ["len", "divmod", "real", "range"])
def test_what_kernels_call_is_no_argument(name: str) -> None:
    tree = ast.parse(derivation(f"softmax({name})[i]", f"{name}[j]").source("numba"))
    assert f"{name}_" in {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    stored = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    assert name not in {node.id for node in stored if isinstance(node.ctx, ast.Store)} - {"real"}


def test_cross_entropy_has_exponentials_of_several_rows_at_a_time() -> None:
    lines = kernel("cross-entropy", None, "derivative")
    assert lines[2:] == [
        "rows = len(out)",
        "many = max(1024 // max(n, 1), 1)",
        "for part in numba.prange(64):",
        "es = np.empty((many, n), out.dtype)",
        "shifts = np.empty((many,), out.dtype)",
        "flat = es.reshape(many * n)",
        "for start in range(rows * part // 64, rows * (part + 1) // 64, many):",
        "stop = min(start + many, rows * (part + 1) // 64)",
        "shifted = False",
        "if many == 1:",
        "for s in range(start, stop):",
        "e = es[s - start]",
        "z = _sample(zs, s)",
        "largest = real(-np.inf)",
        "for k in range(n):",
        "largest = _larger(largest, z[k])",
        "shift = _shift(largest)",
        "for i in range(n):",
        "e[i] = _exp(z[i] - shift)",
        "shifts[s - start] = shift",
        "shifted = shifted or shift != 0",
        "else:",
        "beyond = real(1)",
        "if many >= 32:",
        "for s in range(start, stop):",
        "e = es[s - start]",
        "z = _sample(zs, s)",
        "for i in range(n):",
        "e[i] = z[i]",
        "beyond = real(0)",
        "for place in range((stop - start) * n):",
        "beyond = _plus(beyond, _is_beyond(flat[place]))",
        "if beyond > 0:",
        "for s in range(start, stop):",
        "e = es[s - start]",
        "z = _sample(zs, s)",
        "largest = real(-np.inf)",
        "for k in range(n):",
        "largest = _larger(largest, z[k])",
        "shift = _shift(largest)",
        "for i in range(n):",
        "e[i] = z[i] - shift",
        "shifts[s - start] = shift",
        "shifted = shifted or shift != 0",
        "for place in range((stop - start) * n):",
        "flat[place] = _exp(flat[place])",
        "if shifted:",
        "for s in range(start, stop):",
        "e = es[s - start]",
        "shift = shifts[s - start]",
        "z = _sample(zs, s)",
        "for i in range(n):",
        "e[i] = _put_right(e[i], z[i], shift)",
        "for s in range(start, stop):",
        "e = es[s - start]",
        "y = _sample(ys, s)",
        "row = out[s]",
        "total = real(0)",
        "for k in range(n):",
        "total = _plus(total, e[k])",
        "t = real(1) / total",
        "for i in range(n):",
        "p = e[i] * t",
        "row[i] = p - y[i]",
    ]


SHORT_ROWS = [
    "softmax(z)[i]",
    "p = softmax(z); -sum(y[k]*log(p[k]), k)",
    "exp(z[i])*y[i]/sum(exp(z[k]), k)",
    "sum(exp(z[k] - max(z[l], l)), k)",  # no other number would do here
    "exp(max(z[l], l))/sum(exp(z[k]), k)",
    "logsumexp(z)",
    "max(z[l], l)*sum(exp(z[k] - max(z[l], l)), k)",
]
ROWS: dict[str, dict[tuple[int, ...], float]] = {
    "moderate": {},
    "large": {(3, 1): 1000, (100, 0): 400},
    "small": {(7,): -1000},
    "masked": {(9, 1): -np.inf, (9, 2): -np.inf, (10, 0): -np.inf},
    "beside nan": {(11, 1): np.nan, (12, 0): 1000},
    "beside infinite": {(13, 1): np.inf, (14, 0): 1000},
}


@pytest.mark.parametrize("kind", ["value", "derivative", "vjp"])
@pytest.mark.parametrize("where", ROWS)
@pytest.mark.parametrize("text", SHORT_ROWS)
def test_short_rows_wherever_they_are(text: str, where: str, kind: str, tmp_path: Path) -> None:
    """Of many rows, none may be shifted, or all have to be seen to, whatever one of them has."""
    found = derivation(text, "z[j]")
    given = inputs(found.problem, kind, [(128,)])
    for place, number in ROWS[where].items():
        given["z"][place] = number
    with interpreted(source(text, "z[j]", "numba"), tmp_path) as made, np.errstate(all="ignore"):
        computed = getattr(made, kind)(**given)
        wanted = computing(text, "z[j]", kind)(**given)
    finite = np.isfinite(given["z"]).all(axis=-1) | (where == "masked")
    np.testing.assert_allclose(computed[finite], wanted[finite], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("length", [150, 700])
@pytest.mark.parametrize("kind", ["value", "vjp"])
@pytest.mark.parametrize("text", [*SHORT_ROWS, "tanh(z[i])/sum(tanh(z[k]), k)"])
def test_longer_rows_wherever_they_are(text: str, kind: str, length: int, tmp_path: Path) -> None:
    """Rows that are taken several at a time, and rows that are taken one by one."""
    found, chance = derivation(text, "z[j]"), np.random.default_rng(8)
    given = {name: chance.uniform(0.1, 2, (17, length)) for name in found.problem.variables}
    for place, number in {k: v for at in ROWS.values() for k, v in at.items()}.items():
        given["z"][place[0] % 17, place[1:]] = number
    if kind == "vjp":
        given["g"] = chance.standard_normal((17, length)[: 1 + len(found.problem.axes)])
    with interpreted(source(text, "z[j]", "numba"), tmp_path) as made, np.errstate(all="ignore"):
        computed = getattr(made, kind)(**given)
        wanted = computing(text, "z[j]", kind)(**given)
    finite = np.isfinite(given["z"]).all(axis=-1)
    assert finite.sum() > 10
    np.testing.assert_allclose(computed[finite], wanted[finite], rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "tanh", "gelu"])
def test_exponents_that_are_not_large_take_one_power_of_two(name: str) -> None:
    text = derivation(name).source("numba")
    assert "_low_parts_double" in text
    assert "half = k >> 1" not in text


def test_rows_of_one_sample_are_divided_among_threads() -> None:
    lines = kernel("batch-cross-entropy", None, "derivative")
    assert "rows = len(out) * n" in lines
    assert "s, i = divmod(np.intp(r), n)" in lines


def test_numbers_need_no_arrays() -> None:
    lines = kernel("sigmoid", None, "derivative")
    assert not [line for line in lines if "empty" in line]
    assert "for s2 in numba.prange(len(out)):" in lines  # s is the name of the sigmoid


def test_a_jacobian_is_filled_once() -> None:
    text = "\n".join(kernel("softmax", None, "derivative"))
    assert text.count("_exp(") == 2  # of a long row, and of several short ones
    assert text.count("_larger(") == 2


def test_products_of_matrices_go_to_the_library() -> None:
    text = "\n".join(kernel("attention", None, "vjp"))
    assert "t4[i, j] = Q[i, j] / c\n" in text
    assert "np.dot(t4, K.T, t2)" in text
    assert text.count("np.dot(") == 3
    assert text.count("np.empty(") == 5


FAST = [
    *("softmax", "cross-entropy", "layer-norm", "gelu", "attention", "product"),
    *("max-pooling", "causal-convolution", "linear-cross-entropy"),
]


class TestCompiled:
    """What needs numba itself."""

    @pytest.fixture(autouse=True)
    def _numba(self) -> Iterator[None]:
        pytest.importorskip("numba", reason="numba is not installed")
        pytest.importorskip("scipy", reason="scipy is not installed")
        pytest.importorskip("threadpoolctl", reason="threadpoolctl is not installed")
        with ExitStack() as self.stack:
            yield

    def module(self, text: str, wrt: str | None = None) -> Any:
        return self.stack.enter_context(loaded(derivation(text, wrt).source("numba")))

    @pytest.mark.parametrize("text", FAST)
    def test_the_same_as_numpy(self, text: str) -> None:
        self.check(text, None, ["vjp"])

    @pytest.mark.slow
    @pytest.mark.parametrize(("text", "wrt"), TARGETS)
    def test_all_functions(self, text: str, wrt: str | None) -> None:
        self.check(text, wrt, kinds(derivation(text, wrt).problem))

    def check(self, text: str, wrt: str | None, asked: Any) -> None:
        found, made = derivation(text, wrt), self.module(text, wrt)
        for kind in asked:
            given = inputs(found.problem, kind, LEADS)
            wanted = function(found.problem, found.chain.result, kind)(**given)
            computed = getattr(made, kind)(**given)
            assert computed.dtype == np.float64
            np.testing.assert_allclose(computed, wanted, rtol=1e-10, atol=1e-12, err_msg=kind)

    def test_extreme_logits_and_dtypes(self) -> None:
        made = self.module("softmax")
        z = np.array([[1000, 0, -1000], [-np.inf, 0, 0], [np.nan, 0, 0]])
        for dtype in (np.float32, np.float64):
            found = made.value(z=z.astype(dtype))
            assert found.dtype == dtype
            np.testing.assert_array_equal(found[:2], [[1, 0, 0], [0, 0.5, 0.5]])
            assert np.isnan(found[2]).all()
        assert made.value(z=[1, 2, 3]).dtype == np.float64
        with pytest.raises(TypeError, match="compiled for float32 and float64, not complex128"):
            made.value(z=z + 1j)
        with pytest.raises(ValueError, match=r"z has shape \(\)"):
            made.value(z=1.0)

    @pytest.mark.parametrize("text", ["log-sum-exp", "log-softmax"])
    def test_a_row_with_nan_has_no_number(self, text: str) -> None:
        z = np.array([[1.0, 2, 3], [0, np.nan, 0], [np.nan, 0, 1000]])
        found = self.module(text).value(z=z).reshape(3, -1)
        assert np.isfinite(found[0]).all()
        assert np.isnan(found[1:]).all()

    def test_large_arguments_are_not_copied(self) -> None:
        made, seen = self.module("cross-entropy"), list[Any]()
        made._derivative = lambda *given: seen.extend(given)
        given = {name: np.ones((3, 2, 4)) for name in "yz"}
        made.derivative(**given)
        assert all(any(np.shares_memory(a, b) for b in seen[2:]) for a in given.values())

    def test_the_largest_of_several_entries_is_found_at_a_time(self) -> None:
        """In a register of several numbers: it would be the slowest loop of a softmax otherwise."""
        made = self.module("softmax")
        larger = made._larger

        @made.numba.njit("f8(f8[::1])")
        def largest(row: Any) -> Any:
            found = row[0]
            for number in row:
                found = larger(found, number)
            return found

        chance = np.random.default_rng(0)
        for size in (1, 7, 100):
            row = chance.uniform(-5, 5, size)
            assert largest(row) == row.max()
        (code,) = largest.inspect_llvm().values()
        assert "@llvm.vector.reduce.fmax" in code

    @pytest.mark.parametrize("name", ["exp", "tanh", "erf"])
    def test_its_own_functions_are_exact(self, name: str) -> None:
        """Within two units in the last place, also where they are tiny or overflow."""
        made = self.module(f"{name}(x)")
        for dtype, far in ((np.float32, 103), (np.float64, 745)):
            near = np.concatenate([np.linspace(-far, far, 2001), np.linspace(-1, 1, 1001)])
            x = np.concatenate([near, 10.0 ** -np.arange(0, 30, 5)]).astype(dtype)
            with np.errstate(over="ignore"):
                exact = [getattr(mpmath, name)(mpmath.mpf(float(a))) for a in x]
                wanted = np.array([float(a) for a in exact]).astype(dtype)
            found = made.value(x=x)
            finite = np.isfinite(wanted)
            assert np.array_equal(np.isfinite(found), finite)
            units = np.spacing(np.abs(wanted[finite]))
            error = np.abs(found[finite] - wanted[finite]) / units
            assert error.max() <= 3, x[finite][error.argmax()]
        assert np.isnan(made.value(x=np.nan))

    def test_what_a_difference_loses_is_put_right(self) -> None:
        """Logits beyond what an exponential takes, with digits that x - shift has no room for."""
        chance = np.random.default_rng(0)
        rows, columns = self.module("softmax"), self.module("softmax-columns")
        for dtype, ends in ((np.float32, (30, 85)), (np.float64, (260, 700))):
            tops = chance.uniform(*ends, (12, 1))
            z = np.hstack([tops, chance.uniform(-3, 3, (12, 8))]).astype(dtype)
            z[1, 1], z[2, 0] = -np.inf, 1e30
            wanted = _softmax_of(z)
            units = np.spacing(wanted.astype(dtype))
            for found in (rows.value(z=z), columns.value(Z=z.T).T):
                assert found.dtype == dtype
                assert np.max(np.abs(found - wanted) / units) <= 5

    @pytest.mark.parametrize(
        "text", ["exp(a[i])/sum(exp(z[k]), k)", "exp(a[i] - max(z[k], k))", "exp(a[i] - shift)"]
    )
    def test_what_is_subtracted_need_not_be_the_largest(self, text: str) -> None:
        made = self.module(text)
        given = {"shift": 0.3} if "shift" in text else {"z": np.array([0.1, -np.inf, 0.2])}
        a = np.array([-np.inf, -800, -3.3, 690.1, 705.2, 800.3])
        below = 0.3 if "shift" in text else 0.2 if "max" in text else np.logaddexp(0.1, 0.2)
        with np.errstate(over="ignore"):
            wanted = np.exp(a - below)
        np.testing.assert_allclose(made.value(a=a, **given), wanted, rtol=3e-13)

    def test_exp_less_1_is_finite_where_the_power_of_two_is_not(self) -> None:
        made = self.module("exp(x) - 1")
        for dtype, x in ((np.float32, 88.7), (np.float64, 709.7)):
            found, wanted = made.value(x=dtype(x)), mpmath.expm1(mpmath.mpf(float(dtype(x))))
            assert abs(float(found / float(wanted)) - 1) <= 2 * np.finfo(dtype).eps

    @pytest.mark.parametrize(
        ("text", "exact", "ends"),
        [
            ("1 - erf(x)", mpmath.erfc, [(-5, 9.2), (-5, 26)]),
            ("(1 + erf(x/sqrt(2)))/2", mpmath.ncdf, [(-13, 5), (-37, 5)]),
        ],
    )
    def test_tails_are_exact(self, text: str, exact: Any, ends: list[tuple[float, float]]) -> None:
        made = self.module(text)
        for dtype, (start, stop) in zip((np.float32, np.float64), ends, strict=True):
            x = np.linspace(start, stop, 4001).astype(dtype)
            wanted = np.array([float(exact(mpmath.mpf(float(a)))) for a in x])
            error = np.abs(made.value(x=x) - wanted) / np.spacing(wanted.astype(dtype))
            assert error.max() <= 5, x[error.argmax()]

    def test_what_was_compiled_is_kept(self, tmp_path: Path) -> None:
        """Another process finds it in __pycache__."""
        (tmp_path / "kept.py").write_text(derivation("x**2*T", "x").source("numba"))
        program = (
            "import kept, numpy\n"
            "print(kept.derivative(x=3.0, T=numpy.ones(4)).tolist())\n"
            "print(sum(kept._derivative.stats.cache_hits.values()))"
        )
        command = [sys.executable, "-c", program]
        runs = [
            subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
            for _ in range(2)
        ]
        assert runs == ["[6.0, 6.0, 6.0, 6.0]\n0\n", "[6.0, 6.0, 6.0, 6.0]\n1\n"]

    def test_products_of_several_samples_have_no_threads_of_their_own(self) -> None:
        made = self.module("attention")
        chance, limits = np.random.default_rng(0), []
        kernel = made._vjp
        made._vjp = lambda *given: (limits.extend(made._BLAS.info()), kernel(*given))
        given = {name: chance.uniform(size=(3, 4, 5)) for name in "QKV"}
        made.vjp(g=given["Q"], **given)
        assert {library["num_threads"] for library in limits} == {1}


@mpmath.workdps(40)
def _softmax_of(z: Any) -> Any:
    """Softmax of rows."""
    powers = [[mpmath.exp(mpmath.mpf(float(a)) - float(max(row))) for a in row] for row in z]
    return np.array([[float(e / mpmath.fsum(row)) for e in row] for row in powers])
