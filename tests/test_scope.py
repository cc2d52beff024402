"""The catalogue: every entry, by every variable it names, is derived with every step checked, its
code agrees with an oracle that knows nothing of the package, and its form is a textbook's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

import derive
from derive.api import Derivation
from derive.checker.finite import equal
from derive.known import entries
from derive.length import length
from derive.nodes import is_size, name_of
from derive.parse import parse_expression
from derive.steps import Status, Verdict
from tests import oracles

QUESTIONS = [(e.name, wrt) for e in entries() for wrt in ("", *e.also)]
SIZES = (2, 3)
POINTS = 4  # at each size
SCALAR_POINTS = 24  # where there are no sizes: enough to meet every case of the definitions


@cache
def derived(name: str, wrt: str = "") -> Derivation:
    """An entry's derivation, by its own variable or another one."""
    return derive.derive(name, wrt=wrt or None)


def points(name: str, d: Derivation) -> Iterator[dict[str, np.ndarray]]:
    """Random inputs at two sizes; different axes are of different sizes."""
    shapes = {variable: d.problem.shapes[variable] for variable in d.problem.variables}
    axes = [length for shape in shapes.values() for length in shape]
    symbols = sorted({s for axis in axes for s in axis.free_symbols if is_size(s)}, key=str)
    for least in SIZES if symbols else SIZES[:1]:
        sizes = {symbol: least + place for place, symbol in enumerate(symbols)}
        for seed in range(POINTS if symbols else SCALAR_POINTS):
            rng = np.random.default_rng([least, seed])
            yield {
                variable: oracles.draw(
                    name, variable, tuple(int(n.subs(sizes)) for n in shape), rng
                )
                for variable, shape in shapes.items()
            }


def test_every_entry_has_an_oracle_and_every_oracle_an_entry() -> None:
    assert {e.name for e in entries()} == set(oracles.VALUES)
    assert len(oracles.VALUES) >= 60


@pytest.mark.parametrize(("name", "wrt"), QUESTIONS)
def test_every_entry_is_derived_and_agrees_with_its_oracle(name: str, wrt: str) -> None:
    d = derived(name, wrt)
    assert d.status is Status.DONE
    assert d.verified
    f, value = d.function(), d.function("value")
    variables = [name_of(variable) for variable in d.problem.wrt]
    tolerance = 1e-8 if len(variables) == 1 else 1e-5
    for inputs in points(name, d):
        known = oracles.derivative(name, inputs, [])
        assert np.allclose(value(**inputs), known, rtol=1e-10, atol=1e-12), inputs
        wanted = oracles.derivative(name, inputs, variables)
        found = np.asarray(f(**inputs))
        assert found.shape == wanted.shape
        scale = max(1.0, float(np.abs(wanted).max()))
        assert np.allclose(found, wanted, rtol=0, atol=tolerance * scale), inputs


# -- forms ---------------------------------------------------------------------------------

MULTI_CLASS_HINGE = (
    "where(j != c and 1 + z[j] - z[c] > 0, 1, 0)"
    " - delta(c, j)*sum(where(k != c and 1 + z[k] - z[c] > 0, 1, 0), k)"
)
BILINEAR_TRACE = "sum(sum(A[m, i]*X[i, l]*B[l, q], l), i) + sum(sum(A[i, m]*X[i, r]*B[q, r], r), i)"

# An entry, one of its variables ("" is its own), and the line a textbook prints.
TEXTBOOK = (
    ("sigmoid", "", "s*(1 - s)"),
    ("tanh", "", "1 - t**2"),
    ("softplus", "", "sigmoid(x)"),
    ("softplus-beta", "b", "(x*sigmoid(b*x) - f)/b"),
    ("relu6", "", "where(x > 0 and x < 6, 1, 0)"),
    ("hardtanh", "", "where(x > -1 and x < 1, 1, 0)"),
    ("hardsigmoid", "", "where(x > -3 and x < 3, 1/6, 0)"),
    ("hardswish", "", "where(x <= -3, 0, where(x >= 3, 1, x/3 + 1/2))"),
    ("celu", "", "where(x > 0, 1, exp(x/a))"),
    ("selu", "", "where(x > 0, s, s*a*exp(x))"),
    ("threshold", "", "where(x > t, 1, 0)"),
    ("softshrink", "", "where(x > l, 1, where(x < -l, 1, 0))"),
    ("hardshrink", "", "where(abs(x) > l, 1, 0)"),
    ("relu", "", "where(x > 0, 1, 0)"),
    ("leaky-relu", "", "where(x > 0, 1, a)"),
    ("leaky-relu", "a", "where(x > 0, 0, x)"),
    ("elu", "", "where(x > 0, 1, a*exp(x))"),
    ("silu", "", "f + sigmoid(x)*(1 - f)"),
    ("swish", "", "b*f + sigmoid(b*x)*(1 - b*f)"),
    ("gelu", "", "P + x*exp(-x**2/2)/sqrt(2*pi)"),
    ("mish", "", "tanh(softplus(x)) + x*sigmoid(x)*(1 - tanh(softplus(x))**2)"),
    ("softsign", "", "1/(1 + abs(x))**2"),
    ("tanhshrink", "", "tanh(x)**2"),
    ("log-sigmoid", "", "sigmoid(-x)"),
    ("glu", "b[j]", "delta(i, j)*a[i]*sigmoid(b[i])*(1 - sigmoid(b[i]))"),
    ("softmax", "", "s[i]*(delta(i, j) - s[j])"),
    ("softmin", "", "s[i]*(s[j] - delta(i, j))"),
    ("softmax-temperature", "", "s[i]*(delta(i, j) - s[j])/T"),
    ("softmax-rows", "", "delta(b, c)*S[b, i]*(delta(i, j) - S[b, j])"),
    ("softmax-columns", "", "delta(b, c)*S[i, b]*(delta(i, j) - S[j, b])"),
    ("log-softmax", "", "delta(i, j) - s[j]"),
    ("log-sum-exp", "", "s[j]"),
    ("two-class-softmax", "", "s*(1 - s)"),
    ("gumbel-softmax", "", "s[i]*(delta(i, j) - s[j])/(T*p[j])"),
    ("entropy", "", "-p[j]*(log(p[j]) + H)"),
    ("binary-cross-entropy", "", "p - y"),
    ("cross-entropy", "", "p[j] - y[j]"),
    ("cross-entropy", "W[m,l]", "(p[m] - y[m])*x[l]"),
    ("cross-entropy-hessian", "", "p[i]*(delta(i, j) - p[j])"),
    ("mean-squared-error", "", "2*(a[j] - t[j])/size(j)"),
    ("negative-log-likelihood", "", "p[j] - delta(c, j)"),
    ("kl-divergence", "", "q[j] - p[j]"),
    ("reverse-kl", "", "q[j]*(log(q[j]/p[j]) - D)"),
    ("label-smoothing", "", "p[j] - (1 - e)*y[j] - e/size(j)"),
    ("weighted-cross-entropy", "", "w[c]*(p[j] - delta(c, j))"),
    ("batch-cross-entropy", "", "(P[c, j] - Y[c, j])/size(c)"),
    ("batch-cross-entropy", "W[m,l]", "sum((P[b, m] - Y[b, m])*X[b, l], b)/size(b)"),
    ("policy-gradient", "", "A*(p[j] - delta(c, j))"),
    ("focal", "", "(1 - p)**g*(g*p*log(p) + p - 1)"),
    ("dice", "", "2*(I - S*y[j])/S**2"),
    ("iou", "", "(I*(1 - y[j]) - U*y[j])/U**2"),
    ("tversky", "", "(T*(y[j] + a*(1 - y[j]) - b*y[j]) - D*y[j])/D**2"),
    ("poisson-nll", "", "(exp(x[j]) - t[j])/size(j)"),
    ("gaussian-nll", "", "(m - t)/v"),
    ("gaussian-nll", "v", "(1 - (t - m)**2/v)/(2*v)"),
    ("quantile", "", "where(t >= a, -q, 1 - q)"),
    ("log-cosh", "", "tanh(a[j] - t[j])/size(j)"),
    ("hinge", "", "where(y*x < 1, -y, 0)"),
    ("cosine-embedding", "", "where(y == 1, -1, where(c > m, 1, 0))*(b[j]/v - c*a[j]/u)/u"),
    ("multi-class-hinge", "", MULTI_CLASS_HINGE),
    ("squared-hinge", "", "-2*y*relu(1 - x*y)"),
    ("triplet", "", "where(d - e + m > 0, (a[j] - p[j])/d - (a[j] - n[j])/e, 0)"),
    ("contrastive", "", "2*(y - (1 - y)*relu(m - d)/d)*(u[j] - v[j])"),
    ("ppo", "", "where(r*A <= g, r*A, 0)"),
    ("l1", "", "sign(a[j] - t[j])/size(j)"),
    ("huber", "", "where(abs(a - t) < d, a - t, d*sign(a - t))"),
    ("smooth-l1", "", "where(abs(a - t) < b, (a - t)/b, sign(a - t))"),
    ("cosine", "", "(y[j]/v - c*x[j]/u)/u"),
    ("distillation", "", "T*(p[j] - q[j])"),
    ("bradley-terry", "", "-sigmoid(b - a)"),
    ("dpo", "", "-b*sigmoid(b*(l + v - m - w))"),
    ("vae-kl", "", "m[j]"),
    ("vae-kl", "v[j]", "(exp(v[j]) - 1)/2"),
    ("gaussian-mixture", "", "sum(f[n, j]*(x[n] - m[j])/s[n], n)/v[j]"),
    ("gaussian-mixture", "v[j]", "sum(f[n, j]*((x[n] - m[j])**2/v[j] - 1)/s[n], n)/(2*v[j])"),
    ("gaussian-mixture", "w[j]", "sum(f[n, j]/s[n], n)/w[j]"),
    ("info-nce", "", "(P[c, d] - delta(c, d))/size(c)"),
    ("soft-margin", "", "-y[j]*sigmoid(-y[j]*x[j])/size(j)"),
    ("multi-label", "", "(sigmoid(x[j]) - y[j])/size(j)"),
    ("logistic-regression", "", "sum((p[n] - y[n])*X[n, j], n)"),
    ("ridge", "", "2*sum((sum(X[n, k]*w[k], k) - t[n])*X[n, j], n) + 2*l*w[j]"),
    ("linear", "", "delta(k, m)*x[l]"),
    ("convolution", "", "where(t <= j and j < t + size(k), w[j - t], 0)"),
    ("convolution", "w[j]", "x[t + j]"),
    ("causal-convolution", "", "where(j <= t and t < j + size(k), w[t - j], 0)"),
    ("causal-convolution", "w[j]", "where(j <= t, x[t - j], 0)"),
    ("bilinear", "", "delta(o, m)*x[l]*v[r]"),
    ("layer-norm", "", "(delta(i, j) - 1/size(i) - h[i]*h[j]/size(i))/sqrt(v)"),
    ("rms-norm", "", "g[i]*(delta(i, j) - x[i]*x[j]/(size(i)*v))/sqrt(v)"),
    (
        "batch-norm",
        "",
        "delta(k, l)*(delta(a, c) - 1/size(a) - h[a, k]*h[c, k]/size(a))/sqrt(v[k])",
    ),
    ("weight-norm", "", "g*(delta(i, j) - v[i]*v[j]/r**2)/r"),
    ("l2-normalize", "", "(delta(i, j) - u[i]*u[j])/r"),
    ("attention", "", "A[a, u]*(V[u, e] - O[a, e])*Q[a, d]/sqrt(size(d))"),
    ("attention", "Q[c,d]", "delta(a, c)*sum(A[a,t]*(V[t,e] - O[a,e])*K[t,d], t)/sqrt(size(d))"),
    ("attention", "V[u,f]", "A[a, u]*delta(e, f)"),
    ("causal-attention", "", "delta(a, c)*A[a, u]*(V[u, e] - O[a, e])"),
    ("mlp", "V[m,r]", "(p[m] - y[m])*a[r]"),
    ("lstm", "o", "h*(1 - sigmoid(o))"),
    ("lstm", "f", "sigmoid(o)*(1 - tanh(c)**2)*s*sigmoid(f)*(1 - sigmoid(f))"),
    ("gru", "z", "sigmoid(z)*(1 - sigmoid(z))*(s - n)"),
    ("max-pooling", "", "where(x[j] == max(x[k], k), 1, 0)"),
    (
        "total-variation",
        "",
        "where(j >= 1, sign(x[j] - x[j - 1]), 0) - where(j < size(i), sign(x[j + 1] - x[j]), 0)",
    ),
    ("mixture-of-experts", "", "g[j]*(E[j, o] - y[o])"),
    ("factorization-machine", "", "x[j]*(sum(V[i, m]*x[i], i) - V[j, m]*x[j])"),
    ("linear-form", "", "a[j]"),
    ("quadratic-form", "", "sum((A[j, k] + A[k, j])*x[k], k)"),
    ("bilinear-form", "", "a[m]*b[r]"),
    ("quadratic-in-matrix", "", "b[r]*sum(X[m, k]*c[k], k) + c[r]*sum(X[m, k]*b[k], k)"),
    ("hessian-of-quadratic-form", "", "A[i, j] + A[j, i]"),
    ("trace-bilinear", "", BILINEAR_TRACE),
    ("product", "", "prod(where(k != j, x[k], 1), k)"),
    ("trace-product", "", "A[r, m]"),
    ("trace-square", "", "2*X[r, m]"),
    ("trace-gram", "", "2*X[m, r]"),
    ("trace-congruence", "", "sum((B[m, k] + B[k, m])*X[k, r], k)"),
    ("trace-sandwich", "", "sum(A[i, m]*B[r, i], i)"),
    ("squared-distance", "", "2*(x[j] - a[j])"),
    ("distance", "", "(x[j] - a[j])/r"),
    ("frobenius-norm", "", "X[m, r]/f"),
    ("least-squares", "", "2*sum(A[i, j]*r[i], i)"),
    ("mahalanobis", "", "sum((P[j, k] + P[k, j])*(x[k] - m[k]), k)"),
)


@pytest.mark.parametrize(("name", "wrt", "line"), TEXTBOOK)
def test_the_result_is_as_short_as_a_textbooks(name: str, wrt: str, line: str) -> None:
    d = derived(name, wrt)
    wanted = parse_expression(line, d.problem)
    verdict, _ = equal(d.result, wanted, d.problem)
    assert verdict is Verdict.AGREES  # else the line below compares two different things
    ours = parse_expression(d.result_text, d.problem)
    assert length(ours) <= length(wanted), (d.result_text, line)
