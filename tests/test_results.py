"""Results of what people write down themselves, no entry of the catalogue: each is verified, and no
longer than the line in a textbook. And none of them depends on the letters chosen."""

from __future__ import annotations

import re

import pytest

import derive
from derive.checker.finite import equal
from derive.length import length
from derive.nodes import Where
from derive.parse import parse_expression
from derive.steps import Verdict

LAYERS = "z[k] = sum(W[k,l]*x[l], l)\nh[k] = max(0, z[k])\nL = sum((h[k] - y[k])**2, k)/2"
STANDARD = "m = mean(x[k], k)\ns = sqrt(mean((x[k] - m)**2, k))\nz[i] = (x[i] - m)/s"
LSTM = "i = sigmoid(a); f = sigmoid(b); o = sigmoid(d); g = tanh(e); c = f*s + i*g; h = o*tanh(c)"
GRU = "z = sigmoid(a); r = sigmoid(b); n = tanh(c + r*u); h = (1 - z)*n + z*s"
BARLOW = (
    "C[i,j] = sum(A[b,i]*B[b,j], b)/N\n"
    "L = sum((1 - C[i,i])**2, i) + l*sum(where(i != j, C[i,j]**2, 0), i, j)"
)
BARLOW_LINE = "2*(l*sum(where(d != j, 1, 0)*C[d,j]*B[n,j], j) - (1 - C[d,d])*B[n,d])/N"
RANKED = "where(j != c and 1 + z[j] > z[c], 1, 0) - delta(c, j)*sum({}, k)"
VIOLATED = "where(k != c and 1 + z[k] > z[c], 1, 0)"
WEIGHTED = "r[i] = y[i] - sum(A[i,k]*x[k], k)\nL = sum(sum(r[i]*W[i,j]*r[j], i), j)"
SHARE = "q[k] = exp(v[k])/sum(exp(v[l]), l)\nL = c*sum(q[k]*log(q[k]), k) - A*log(q[a])"
SHARE_LINE = "c*q[j]*(log(q[j]) - sum(q[k]*log(q[k]), k)) - A*(delta(a, j) - q[j])"
LIKELIHOOD = "L = prod(p**y[n]*(1 - p)**(1 - y[n]), n)"
TRIPLET = "max(norm(a - p) - norm(a - n) + m, 0)"
TRIPLET_LINE = (
    "where(norm(a - p) + m >= norm(a - n),"
    " (a[j] - p[j])/norm(a - p) - (a[j] - n[j])/norm(a - n), 0)"
)
ENTROPY = "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)"
EXPERTS = "g = softmax(a); y = sum(g[k]*e[k], k); L = (y - t)**2/2"
RANKING = "-log(sigmoid(sum(u[k]*(p[k] - q[k]), k)))"
RANKING_LINE = "-sigmoid(-sum(u[k]*(p[k] - q[k]), k))*(p[j] - q[j])"
CENTRED = "(x[i] - mean(x[k], k))/norm(x - mean(x[k], k))"
CENTRED_LINE = (
    "(delta(i, j) - 1/size(i) - (x[i] - mean(x[k], k))*(x[j] - mean(x[k], k))"
    "/norm(x - mean(x[k], k))**2)/norm(x - mean(x[k], k))"
)
CONTRAST = "-sum(log(exp(sum(u[b,d]*v[b,d], d)/t)/sum(exp(sum(u[b,d]*v[c,d], d)/t), c)), b)"
CONTRAST_LINE = "(sum(softmax(sum(v[:,d]*u[m,d], d)/t)[c]*v[c,e], c) - v[m,e])/t"
BELL = "exp(-sum((x[k] - c[k])**2, k)/2)"
BELL_LINE = BELL + "*((x[i] - c[i])*(x[j] - c[j]) - delta(i, j))"

APART = "sum(where(k != i, 1/abs(x[i] - x[k]), 0), k)"
APART_LINE = (
    "where(i != j, sign(x[i] - x[j])/abs(x[i] - x[j])**2, 0)"
    " - delta(i, j)*sum(where(k != i, sign(x[i] - x[k])/abs(x[i] - x[k])**2, 0), k)"
)
PAIRS = "sum(where(k < i, (s/abs(x[i] - x[k]))**12 - (s/abs(x[i] - x[k]))**6, 0), k, i)"
PAIRS_LINE = "6*s**6*sum(where(i != j, ((x[j] - x[i])**6 - 2*s**6)/(x[j] - x[i])**13, 0), i)"
CHARGES = "sum(where(k < i, q[i]*q[k]/norm(r[i,:] - r[k,:]), 0), k, i)"
CHARGES_LINE = "q[j]*sum(where(i != j, q[i]*(r[i,a] - r[j,a])/norm(r[j,:] - r[i,:])**3, 0), i)"

# What is written, the variable, what is assumed, and the line a textbook prints.
WRITTEN: tuple[tuple[str, str | tuple[str, ...], tuple[str, ...], str], ...] = (
    # cases
    ("max(0, x)", "x", (), "where(x > 0, 1, 0)"),
    ("min(max(0, x), 6)", "x", (), "where(x > 0 and x <= 6, 1, 0)"),
    ("max(-1, min(1, x))", "x", (), "where(x > -1 and x < 1, 1, 0)"),
    ("max(0, min(1, x/6 + 1/2))", "x", (), "where(x > -3 and x < 3, 1/6, 0)"),
    ("max(0, 1 - y*x)", "x", (), "where(y*x < 1, -y, 0)"),
    ("max(0, -y*(a - b) + m)", "a", (), "where(y*(a - b) < m, -y, 0)"),
    ("where(y == 1, 1 - c, max(0, c - m))", "c", (), "where(y == 1, -1, where(c > m, 1, 0))"),
    (TRIPLET, "a[j]", (), TRIPLET_LINE),
    ("relu(1 - relu(x))", "x", (), "-where(x > 0 and x < 1, 1, 0)"),
    ("where(x > l, x - l, where(x < -l, x + l, 0))", "x", (), "where(x > l or x < -l, 1, 0)"),
    ("where(x > y, a*x*log(x), a*x)", "x", (), "where(x > y, a*(1 + log(x)), a)"),
    ("min(0, a*(exp(x) - 1))", "x", ("a > 0",), "where(x < 0, 1, 0)*a*exp(x)"),
    ("sum(where(k != c, relu(1 + z[k] - z[c]), 0), k)", "z[j]", (), RANKED.format(VIOLATED)),
    ("sum(where(k != c, max(0, 1 + z[k] - z[c]), 0), k)", "z[j]", (), RANKED.format(VIOLATED)),
    (LAYERS, "W[m,r]", (), "where(z[m] > 0, 1, 0)*(h[m] - y[m])*x[r]"),
    # pairs whose terms have no value where they meet
    (APART, "x[j]", (), APART_LINE),
    (PAIRS, "x[j]", (), PAIRS_LINE),
    (CHARGES, "r[j,a]", (), CHARGES_LINE),
    ("sum(abs(x[i] - x[k]), i, k)", "x[j]", (), "2*sum(sign(x[j] - x[i]), i)"),
    ("abs(x)**3", "x", (), "3*x*abs(x)"),
    ("sqrt(sum(abs(x[k])**2, k))", "x[j]", (), "x[j]/norm(x)"),
    # fractions and powers
    ("-y*log(p) - (1 - y)*log(1 - p)", "p", ("p > 0", "p < 1"), "(p - y)/(p*(1 - p))"),
    ("(a - 1)*log(x) + (b - 1)*log(1 - x)", "x", (), "(a - 1)/x - (b - 1)/(1 - x)"),
    ("-log(1 + (x - m)**2/v)*(v + 1)/2", "x", (), "(v + 1)*(m - x)/(v + (x - m)**2)"),
    ("k*log(l) - (x/l)**k", "l", ("x > 0", "l > 0"), "k*(1 + (x/l)**k)/l"),
    ("x**n/(k**n + x**n)", "x", ("x > 0", "k > 0"), "n*k**n*x**(n - 1)/(k**n + x**n)**2"),
    ("p = sigmoid(x)\nL = -w*y*log(p) - (1 - y)*log(1 - p)", "x", (), "p*(1 - y) - w*y*(1 - p)"),
    ("x/(1 + exp(-x))", "x", (), "sigmoid(x)*(1 + x*(1 - sigmoid(x)))"),
    # products
    ("prod(x[k], k)", "x[j]", (), "prod(where(k != j, x[k], 1), k)"),
    ("P = prod(x[k], k)", "x[j]", ("x[i] > 0",), "P/x[j]"),
    ("log(prod(f[n], n))", "f[j]", (), "1/f[j]"),
    ("g = prod(x[k], k)**(1/size(k))", "x[j]", ("x[i] > 0",), "g/(size(k)*x[j])"),
    (LIKELIHOOD, "p", ("p > 0", "p < 1"), "L*sum(y[n]/p - (1 - y[n])/(1 - p), n)"),
    # statistics and norms
    ("mean((x[k] - mean(x[l], l))**2, k)", "x[j]", (), "2*(x[j] - mean(x[k], k))/size(j)"),
    (STANDARD, "x[j]", (), "(delta(i, j) - 1/size(i) - z[i]*z[j]/size(i))/s"),
    ("norm(x)", ("x[i]", "x[j]"), (), "(delta(i, j) - x[i]*x[j]/norm(x)**2)/norm(x)"),
    (CENTRED, "x[j]", (), CENTRED_LINE),
    ("(norm(g) - 1)**2", "g[j]", (), "2*(1 - 1/norm(g))*g[j]"),
    # softmax and its like
    ("S[i,b] = softmax(Z[:,b])[i]", "Z[j,c]", (), "delta(b, c)*S[i,b]*(delta(i, j) - S[j,b])"),
    ("s = exp(a)/(exp(a) + exp(b))", "b", (), "-s*(1 - s)"),
    (SHARE, "v[j]", (), SHARE_LINE),
    ("p = softmax(z)\nG = sum(p[k]*v[k], k)", "z[j]", (), "p[j]*(v[j] - G)"),
    (ENTROPY, ("z[i]", "z[j]"), ("sum(y[k], k) == 1",), "p[i]*(delta(i, j) - p[j])"),
    ("logsumexp(z)", ("z[i]", "z[j]"), (), "softmax(z)[i]*(delta(i, j) - softmax(z)[j])"),
    ("tanh(x)", ("x", "x"), (), "-2*tanh(x)*(1 - tanh(x)**2)"),
    # softmaxes written out
    ("exp(x[i])/sum(exp(x[k]), k)", "x[j]", (), "softmax(x)[i]*(delta(i, j) - softmax(x)[j])"),
    ("log(sum(exp(x[k]/T), k))", "x[j]", (), "softmax(x/T)[j]/T"),
    ("log(sum(exp(x[k]), k)) - x[c]", "x[j]", (), "softmax(x)[j] - delta(j, c)"),
    ("sum(exp(z[k])*v[k], k)/sum(exp(z[k]), k)", "v[j]", (), "softmax(z)[j]"),
    (
        "-sum(log(exp(Z[b,c])/sum(exp(Z[b,k]), k)), b)",
        "Z[b,j]",
        (),
        "softmax(Z[b,:])[j] - delta(j, c)",
    ),
    (CONTRAST, "u[m,e]", (), CONTRAST_LINE),
    # models
    (LSTM, "a", (), "o*(1 - tanh(c)**2)*g*i*(1 - i)"),
    (GRU, "b", (), "(1 - z)*(1 - n**2)*u*r*(1 - r)"),
    (EXPERTS, "a[j]", (), "(y - t)*g[j]*(e[j] - y)"),
    ("L = -log(sigmoid(b*(w - rw - (l - rl))))", "w", (), "-b*sigmoid(b*(l - rl - w + rw))"),
    (BARLOW, "A[n,d]", (), BARLOW_LINE),
    (WEIGHTED, "x[m]", (), "-sum(r[j]*sum((W[i,j] + W[j,i])*A[i,m], i), j)"),
    ("sum((sum(A[i,k]*x[k], k) - b[i])**2, i)", ("x[j]", "x[m]"), (), "2*sum(A[i,j]*A[i,m], i)"),
    (RANKING, "u[j]", (), RANKING_LINE),
    (BELL, ("x[i]", "x[j]"), (), BELL_LINE),
)


@pytest.mark.parametrize(("text", "wrt", "assume", "line"), WRITTEN)
def test_what_people_write_has_a_textbooks_result(
    text: str, wrt: str | tuple[str, ...], assume: tuple[str, ...], line: str
) -> None:
    d = derive.derive(text, wrt=wrt, assume=assume)
    assert d.verified
    wanted = parse_expression(line, d.problem)
    assert equal(d.result, wanted, d.problem)[0] is Verdict.AGREES
    ours = parse_expression(d.result_text, d.problem)
    assert length(ours) <= length(wanted), (d.result_text, line)


def test_for_different_indices_a_condition_that_they_differ_is_gone() -> None:
    split = derive.derive(APART, wrt="x[j]").cases
    assert split is not None
    (_, same), (apart, different) = split.after.args
    assert (str(same), str(different)) == ("Eq(i, j)", "Ne(i, j)")
    assert not apart.has(Where)
    assert split.verdict is Verdict.AGREES


_LETTER = re.compile(r"\b[a-zA-Z]\b")
_TURNED = dict(zip("abcdfghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfdcba", strict=True))


@pytest.mark.parametrize("place", range(0, len(WRITTEN), 4))
def test_the_way_there_does_not_depend_on_the_letters(place: int) -> None:
    """Every one-letter name turned round in the alphabet: the same steps, as long a result."""
    text, wrt, assume, _ = WRITTEN[place]

    def turned(part: str) -> str:
        return _LETTER.sub(lambda found: _TURNED.get(found[0], found[0]), part)

    wrt = (wrt,) if isinstance(wrt, str) else wrt
    first = derive.derive(text, wrt=wrt, assume=assume)
    other = derive.derive(
        turned(text), wrt=[turned(w) for w in wrt], assume=[turned(a) for a in assume]
    )
    assert length(first.result) == length(other.result), (first.result_text, other.result_text)
    assert {s.rule for s in first.steps} == {s.rule for s in other.steps}
