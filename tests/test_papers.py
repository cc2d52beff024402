"""Losses, layers and regularisers as papers print them, none of them in the catalogue: each is
derived with every step checked, agrees with an evaluator of its text that knows nothing of the
package, and is no longer than the line in a textbook."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest

import derive
from derive.api import Derivation
from derive.checker.finite import equal
from derive.length import length
from derive.nodes import is_size, name_of
from derive.parse import parse_expression
from derive.steps import Verdict
from tests import oracles
from tests.formulas import Formulas

DRAWS: dict[str, oracles.Draw] = {
    "positive": oracles.positive,
    "share": oracles.share,
    "sign": oracles.sign,
    "large": lambda rng, shape: rng.uniform(2, 3, shape),
    "small": lambda rng, shape: rng.uniform(-0.4, 0.4, shape),
    "negative": lambda rng, shape: rng.uniform(-3, -2, shape),
    "simplex": oracles.simplex,
}
SIZES, SEEDS = (2, 3), (0,)

# What is written, the variables, what is assumed, what is not any number, the textbook's line.
Case = tuple[str, tuple[str, ...], tuple[str, ...], dict[str, str], str]
SHORT: tuple[Case, ...] = (
    (
        "a[j] = log(sum(exp(b[i] + T[i,j]), i)) + u[j]; logsumexp(a)",
        ("T[k,l]",),
        (),
        {},
        "exp(b[k] + T[k,l])/sum(exp(b[i] + T[i,l]), i)*exp(a[l])/sum(exp(a[j]), j)",
    ),
    (
        "-log(sigmoid(b*(w/m - l/n) - g))",
        ("w",),
        (),
        {},
        "-b*sigmoid(g - b*(w/m - l/n))/m",
    ),
    (
        "(w - v - (l - m) - 1/(2*t))**2",
        ("l",),
        (),
        {},
        "2*(1/(2*t) + l + v - m - w)",
    ),
    (
        "p = softmax(z); L = -log(p[c]) + e*(1 - p[c])",
        ("z[j]",),
        (),
        {},
        "(1 + e*p[c])*(p[j] - delta(c, j))",
    ),
    (
        "p = softmax(z); L = -(1 - p[c])**g*log(p[c])",
        ("z[j]",),
        (),
        {"g": "positive"},
        "(1 - p[c])**(g - 1)*(g*p[c]*log(p[c]) - (1 - p[c]))*(delta(c, j) - p[j])",
    ),
    (
        "L = -log(sigmoid(b - x) - sigmoid(a - x))",
        ("x",),
        (),
        {"b": "large", "a": "negative"},
        "1 - sigmoid(b - x) - sigmoid(a - x)",
    ),
    (
        "m[k] = (p[k] + q[k])/2; L = sum(p[k]*log(p[k]/m[k]) + q[k]*log(q[k]/m[k]), k)/2",
        ("p[j]",),
        (),
        {"p": "positive", "q": "positive"},
        "log(p[j]/m[j])/2",
    ),
    (
        "log(abs(1 + u*w*(1 - tanh(w*z + b)**2)))",
        ("b",),
        (),
        {"u": "small", "w": "small"},
        "-2*u*w*tanh(w*z + b)*(1 - tanh(w*z + b)**2)/(1 + u*w*(1 - tanh(w*z + b)**2))",
    ),
    (
        "r = norm(x - y); L = where(r < d, r**2/2, d*(r - d/2))",
        ("x[j]",),
        (),
        {"d": "positive"},
        "where(r < d, 1, d/r)*(x[j] - y[j])",
    ),
    (
        "L = sum(h[k]*u[k]*sigmoid(h[k]), k)",
        ("h[j]",),
        (),
        {},
        "u[j]*sigmoid(h[j])*(1 + h[j]*sigmoid(-h[j]))",
    ),
    (
        "s = sum(abs(x[k]), k)/norm(x)",
        ("x[j]",),
        (),
        {},
        "(sign(x[j]) - s*x[j]/norm(x))/norm(x)",
    ),
    (
        "log(a + exp(x)) - y*x - log(a + exp(y))",
        (
            "x",
            "x",
        ),
        (),
        {"a": "positive"},
        "a*exp(x)/(a + exp(x))**2",
    ),
)
LONG: tuple[Case, ...] = (
    (
        "b*x/(1 + exp(-x)) + sum(c[k]*exp(-(x - t[k])**2), k)",
        ("x",),
        (),
        {},
        "b*sigmoid(x)*(1 + x*sigmoid(-x)) - 2*sum(c[k]*exp(-(x - t[k])**2)*(x - t[k]), k)",
    ),
    (
        "L = sum(log(sum(where(r[j] >= r[i], exp(s[j]), 0), j)) - s[i], i)",
        ("s[k]",),
        (),
        {},
        "exp(s[k])*sum(where(r[k] >= r[i], 1, 0)/sum(where(r[j] >= r[i], 1,"
        " 0)*exp(s[j]), j), i) - 1",
    ),
    (
        "e[i] = sum(X[i,d]*b[d], d); L = -sum(c[i]*(e[i] - log(sum(where(t[j] >= t[i],"
        " exp(e[j]), 0), j))), i)",
        ("b[f]",),
        (),
        {},
        "sum(c[i]*(sum(where(t[j] >= t[i], 1, 0)*exp(e[j])*X[j, f], j)/sum(where(t[j] >="
        " t[i], 1, 0)*exp(e[j]), j) - X[i, f]), i)",
    ),
    (
        "L = -sum(s[i] - log(sum(where(j >= i, exp(s[j]), 0), j)), i)",
        ("s[k]",),
        (),
        {},
        "exp(s[k])*sum(where(k >= i, 1, 0)/sum(where(j >= i, 1, 0)*exp(s[j]), j), i) - 1",
    ),
    (
        "S[i,j] = sum(u[i,d]*v[j,d], d)/t; L = -mean(log(exp(S[i,i])/sum(exp(S[i,j]), j)), i)",
        ("u[m,e]",),
        (),
        {"t": "positive"},
        "(sum(softmax(S[m,:])[j]*v[j,e], j) - v[m,e])/(size(m)*t)",
    ),
    (
        "L = -sum(sum(M[i,j]*(S[i,j] - log(sum(exp(S[i,k]), k))), j)/sum(M[i,j], j), i)",
        ("S[a,b]",),
        (),
        {"M": "positive"},
        "softmax(S[a,:])[b] - M[a,b]/sum(M[a,j], j)",
    ),
    (
        "L = -(mean(log_softmax(S[i,:])[i], i) + mean(log_softmax(S[:,j])[j], j))/2",
        ("S[a,b]",),
        (),
        {},
        "(softmax(S[:,b])[a] + softmax(S[a,:])[b] - 2*delta(a,b))/(2*size(a))",
    ),
    (
        "p = softmax(z); L = -sum(((1 - e)*delta(k,c) + e/size(k))*log(p[k]), k)",
        ("z[j]",),
        (),
        {},
        "p[j] - e/size(c) - (1 - e)*delta(c, j)",
    ),
    (
        "L = -sum(sum(m[b]*Y[b,k]*log_softmax(Z[b,:])[k], k), b)/sum(m[b], b)",
        ("Z[c,j]",),
        ("sum(Y[b,k], k) == 1",),
        {"m": "positive", "Y": "simplex"},
        "m[c]*(softmax(Z[c,:])[j] - Y[c,j])/sum(m[b], b)",
    ),
    (
        "L = log(sum(exp(z[k] + t*log(q[k])), k)) - z[c] - t*log(q[c])",
        ("z[j]",),
        (),
        {"q": "positive"},
        "softmax(z + t*log(q))[j] - delta(c, j)",
    ),
    (
        "p = softmax(z); L = sum((p[k] - y[k])**2, k)",
        ("z[j]",),
        (),
        {},
        "2*p[j]*(p[j] - y[j] - sum(p[k]*(p[k] - y[k]), k))",
    ),
    (
        "a[i] = x[i] - mean(x[k], k); b[i] = y[i] - mean(y[k], k); r = sum(a[i]*b[i],"
        " i)/(norm(a)*norm(b))",
        ("x[j]",),
        (),
        {},
        "(b[j]/norm(b) - r*a[j]/norm(a))/norm(a)",
    ),
    (
        "L = mean(mean(exp(-(x[i] - x[j])**2), j), i) - 2*mean(mean(exp(-(x[i] - y[j])**2), j), i)",
        ("x[k]",),
        (),
        {},
        "4*(sum(exp(-(x[k] - y[j])**2)*(x[k] - y[j]), j)/size(j) - sum(exp(-(x[k] -"
        " x[i])**2)*(x[k] - x[i]), i)/size(k))/size(k)",
    ),
    (
        "m = mean(x[c,p], c, p); v = mean((x[c,p] - m)**2, c, p); h[c,p] = (x[c,p] - m)/sqrt(v)",
        ("x[d,q]",),
        (),
        {},
        "(delta(c,d)*delta(p,q) - (1 + h[c,p]*h[d,q])/(size(c)*size(p)))/sqrt(v)",
    ),
    (
        "s[c] = mean(x[c,p], p); e[c] = sigmoid(sum(W[c,d]*s[d], d)); y[c,p] = x[c,p]*e[c]",
        ("x[a,q]",),
        (),
        {},
        "e[c]*delta(c,a)*delta(p,q) + e[c]*(1 - e[c])*x[c,p]*W[c,a]/size(p)",
    ),
    (
        "s[d] = sum(W[k,d]*v[k]*(1 - tanh(sum(W[k,e]*x[e], e))**2), k); L = (norm(s) - 1)**2",
        ("v[m]",),
        (),
        {},
        "2*(1 - 1/norm(s))*(1 - tanh(sum(x[e]*W[m,e], e))**2)*sum(s[k]*W[m,k], k)",
    ),
    (
        "L = log(sum(exp(u[i] + v[j] + T[i,j]), i, j)) - u[a] - v[b] - T[a,b]",
        ("T[k,l]",),
        (),
        {},
        "exp(u[k] + v[l] + T[k,l])/sum(exp(u[i] + v[j] + T[i,j]), i, j) - delta(a,k)*delta(b,l)",
    ),
    (
        "F = -sum(b[i]*v[i], i) - sum(log(1 + exp(c[j] + sum(W[j,i]*v[i], i))), j)",
        ("W[k,l]",),
        (),
        {},
        "-sigmoid(c[k] + sum(W[k,i]*v[i], i))*v[l]",
    ),
    (
        "E = -log(sum(exp(b*sum(X[m,d]*z[d], d)), m))/b + sum(z[d]**2, d)/2",
        ("z[e]",),
        (),
        {},
        "z[e] - sum(softmax(b*sum(X[:,d]*z[d], d))[m]*X[m,e], m)",
    ),
    (
        "L = sum(sum(V[i,j]*log(V[i,j]/sum(W[i,k]*H[k,j], k)) - V[i,j] +"
        " sum(W[i,k]*H[k,j], k), i), j)",
        ("W[a,b]",),
        (),
        {"V": "positive", "W": "positive", "H": "positive"},
        "sum((1 - V[a,j]/sum(W[a,k]*H[k,j], k))*H[b,j], j)",
    ),
    (
        "L = sum(w[k]**2, k)/2 + C*sum(relu(1 - y[n]*(sum(w[k]*X[n,k], k) + b))**2, n)",
        ("w[j]",),
        (),
        {"y": "sign"},
        "w[j] - 2*C*sum(y[n]*relu(1 - y[n]*(sum(w[k]*X[n,k], k) + b))*X[n,j], n)",
    ),
    (
        "L = sum(log(1 + exp(-y[n]*sum(X[n,d]*b[d], d))), n)",
        (
            "b[e]",
            "b[f]",
        ),
        (),
        {},
        "sum(y[n]**2*sigmoid(y[n]*sum(X[n,d]*b[d], d))*sigmoid(-y[n]*sum(X[n,d]*b[d],"
        " d))*X[n,e]*X[n,f], n)",
    ),
    (
        "L = sum(sum((sum(W[i,k]*W[j,k], k) - delta(i,j))**2, j), i)",
        ("W[m,r]",),
        (),
        {},
        "4*sum(W[i,r]*sum(W[i,k]*W[m,k], k), i) - 4*W[m,r]",
    ),
    (
        "P[k] = mean(softmax(Z[b,:])[k], b); L = size(k)*sum(f[k]*P[k], k)",
        ("Z[c,j]",),
        (),
        {},
        "size(j)*softmax(Z[c,:])[j]*(f[j] - sum(f[i]*softmax(Z[c,:])[i], i))/size(c)",
    ),
    (
        "r = sum(x[i]*A[i,j]*x[j], i, j)/sum(x[k]**2, k)",
        ("x[m]",),
        (),
        {},
        "(sum((A[m,i] + A[i,m])*x[i], i) - 2*r*x[m])/sum(x[k]**2, k)",
    ),
    (
        "L = sum(a[i]*f[i], i) + sum(b[j]*g[j], j) - e*sum(sum(exp((f[i] + g[j] -"
        " C[i,j])/e), j), i)",
        ("f[k]",),
        (),
        {"e": "positive"},
        "a[k] - sum(exp((f[k] + g[j] - C[k,j])/e), j)",
    ),
    (
        "q = softmax(z); p = softmax(q); p[i]",
        ("z[j]",),
        (),
        {},
        "p[i]*q[j]*(delta(i,j) - p[j] - q[i] + sum(p[k]*q[k], k))",
    ),
)


def points(d: Derivation, draws: dict[str, str]) -> Iterator[tuple[oracles.Inputs, list[int]]]:
    """Random inputs at two sizes, and how far the target's free letters run there."""
    shapes = {name: d.problem.shapes[name] for name in d.problem.variables}
    axes = [length for shape in shapes.values() for length in shape]
    symbols = sorted({s for axis in axes for s in axis.free_symbols if is_size(s)}, key=str)
    for least, seed in itertools.product(SIZES, SEEDS):
        rng = np.random.default_rng([least, seed])
        sizes = {symbol: least + place for place, symbol in enumerate(symbols)}
        inputs = {
            name: np.asarray(
                DRAWS.get(draws.get(name, ""), oracles.normal)(
                    rng, tuple(int(n.subs(sizes)) for n in shape)
                ),
                dtype=np.float64,
            )
            for name, shape in shapes.items()
        }
        yield inputs, [int(d.problem.extents[axis].subs(sizes)) for axis in d.problem.axes]


@pytest.mark.parametrize("case", [*SHORT, *(pytest.param(c, marks=pytest.mark.slow) for c in LONG)])
def test_what_papers_print_is_derived_as_they_print_it(case: Case) -> None:
    text, wrt, assume, draws, line = case
    d = derive.derive(text, wrt=wrt, assume=assume)
    assert d.verified
    *statements, last = text.split("; ")
    target = re.sub(r"^\w+(\[[\w,]+\])? = ", "", last)
    letters = [str(axis) for axis in d.problem.axes]
    f, names = d.function(), [name_of(variable) for variable in d.problem.wrt]
    for inputs, spans in points(d, draws):

        def value(at: oracles.Inputs, spans: list[int] = spans) -> oracles.Array:
            formulas = Formulas(at, "; ".join(statements))
            formulas.spans |= dict(zip(letters, spans, strict=True))
            return formulas.array(target, letters, spans)

        wanted = oracles.slopes(value, inputs, names)
        found = np.asarray(f(**inputs))
        assert found.shape == wanted.shape
        scale = max(1.0, float(np.abs(wanted).max()))
        assert np.allclose(found, wanted, rtol=0, atol=scale * 10.0 ** (-8 // len(names))), inputs
    wanted_line = parse_expression(line, d.problem)
    assert equal(d.result, wanted_line, d.problem)[0] is Verdict.AGREES
    assert length(d.result) <= length(wanted_line), (d.result_text, line)
