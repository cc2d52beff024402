"""Problems that between them use every rule, derived once for all tests that need real steps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from derive.engine import derive
from derive.parse import parse
from derive.rules import WAYS
from derive.steps import Chain, Step

LAYER = "z[k] = sum(W[k,l]*x[l], l) + b[k]\np = softmax(z)\nL = -sum(y[k]*log(p[k]), k)"

# text, wrt, assumptions, way
PROBLEMS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], str], ...] = (
    ("s = softmax(z)", ("z[j]",), (), "quotient"),
    ("s = softmax(z)", ("z[j]",), (), "product"),
    ("s = softmax(z)", ("z[j]",), (), "log"),
    ("s = softmax(z)", ("z[k]",), (), "quotient"),
    ("s = softmax(z/T)", ("T",), (), "quotient"),
    ("s = softmax(z)\nx[i]*sum(s[k], k)", ("x[j]",), (), "quotient"),
    (LAYER, ("z[j]",), ("sum(y[k], k) == 1",), "quotient"),
    (LAYER, ("W[m,l]",), ("sum(y[k], k) == 1",), "quotient"),
    ("s = 1/(1 + exp(-x))", ("x",), (), "quotient"),
    ("t = (exp(x) - exp(-x))/(exp(x) + exp(-x))", ("x",), (), "quotient"),
    ("log(1 + exp(x))", ("x",), (), "quotient"),
    ("s = exp(a)/(exp(a) + exp(b))", ("a",), (), "quotient"),
    ("log(x[i]*sum(x[k]**2, k))", ("x[j]",), ("x[i] > 0",), "quotient"),
    ("sum(x[k]**2, k)*x[k]", ("x[k]",), (), "quotient"),
    ("sum(x[k]**3 + a*y[k], k)*a**x[i]", ("x[j]",), ("a > 0",), "quotient"),
    ("sum(a*x[k], k) + sum(a*y[k], k) + sum(x[k]*y[k], k)", ("a",), (), "quotient"),
    ("sum(x[k] + a, k)", ("a",), (), "quotient"),
    ("mean((x[k] - a)**2, k)", ("a",), (), "quotient"),
    ("delta(i, j)*w[j]*y[j] - w[i]*y[i]*x[j]", (), (), "quotient"),
    ("log(softmax(z)[i])*x[i]", ("z[j]",), (), "quotient"),
    ("max(a*x, 1 - t*x)", ("x",), (), "quotient"),
    ("where(x > 0, a*x**2, exp(a*x))", ("x",), (), "quotient"),
    ("where(x > 0, x**2, exp(x)) + where(x > 0, exp(2*x), x**3)", ("x",), (), "quotient"),
    ("max(x[k], k)", ("x[j]",), (), "quotient"),
    ("prod(x[k], k)", ("x[j]",), ("x[i] > 0",), "quotient"),
    (
        "P[t,u] = where(u <= t, exp(S[t,u]), 0)/sum(where(k <= t, exp(S[t,k]), 0), k)",
        ("S[i,j]",),
        (),
        "quotient",
    ),
    ("log(sigmoid(x))", ("x",), (), "quotient"),
    ("x/(1 + abs(x))", ("x",), (), "quotient"),
    ("relu(1 - x*y)**2", ("x",), (), "quotient"),
    ("log(cosh(x))", ("x",), (), "quotient"),
    ("y[t] = sum(w[k]*x[t + k], k)", ("x[j]",), (), "quotient"),
    ("sum((x[i + 1] - x[i])**2, i)", ("x[j]",), (), "quotient"),
    ("y[t] = sum(where(k <= t, w[k]*x[t - k], 0), k)", ("x[j]",), (), "quotient"),
    ("p = sigmoid(x)\nL = -(1 - p)**g*log(p)", ("x",), (), "quotient"),
    ("max(0, 1 - y*x)", ("x",), (), "quotient"),
    ("max(0, min(x, 1 - x))*a", ("x",), (), "quotient"),
    ("a*min(max(0, x), 6)", ("x",), (), "quotient"),
    ("where(x > y, a*exp(x)/y, a*x**2/y)", ("x",), (), "quotient"),
    ("sum(relu(1 - relu(x[k])), k)", ("x[j]",), (), "quotient"),
    ("sum(where(k != c, relu(1 + z[k] - z[c]), 0), k)", ("z[j]",), (), "quotient"),
    ("sum(where(k < i, log(1 + (x[i] - x[k])**2), 0), k, i)", ("x[j]",), (), "quotient"),
    (
        "r[i] = y[i] - sum(A[i,k]*x[k], k)\nL = sum(sum(r[i]*W[i,j]*r[j], i), j)",
        ("x[m]",),
        (),
        "quotient",
    ),
    ("S[i,b] = softmax(Z[:,b])[i]", ("Z[j,c]",), (), "quotient"),
    ("-y*log(p) - (1 - y)*log(1 - p)", ("p",), ("p > 0", "p < 1"), "quotient"),
    (
        "f[k] = w[k]*exp(-(x - m[k])**2)\nL = log(sum(f[k], k))",
        ("w[j]",),
        ("w[k] > 0",),
        "quotient",
    ),
    ("-log(sigmoid(b - x) - sigmoid(a - x))", ("x",), (), "quotient"),
    ("mean(mean(exp(-(x[i] - x[j])**2), j), i)", ("x[k]",), (), "quotient"),
    ("a[i] = x[i] - mean(x[k], k)\nL = sum(a[i]**2, i)", ("x[j]",), (), "quotient"),
    ("a[j]*sum(x[i]*y[i], i)*sum(x[k]*y[k], k)", ("x[m]",), (), "quotient"),
)


@cache
def chain(place: int) -> Chain:
    """The unchecked derivation of a problem of the corpus."""
    text, wrt, assume, way = PROBLEMS[place]
    return derive(parse(text, wrt=wrt, assume=assume), WAYS[way])


def all_chains() -> Iterator[Chain]:
    """Every derivation, and those it cites."""
    for place in range(len(PROBLEMS)):
        yield from _with_lemmas(chain(place))


def _with_lemmas(whole: Chain) -> Iterator[Chain]:
    yield whole
    for step in whole.steps:
        if step.lemma:
            yield from _with_lemmas(step.lemma)


@cache
def steps_by_rule() -> dict[str, list[tuple[Chain, Step]]]:
    found: dict[str, list[tuple[Chain, Step]]] = {}
    for whole in all_chains():
        for step in (*whole.steps, *((whole.cases,) if whole.cases else ())):
            found.setdefault(step.rule, []).append((whole, step))
    return found
