"""Every entry of the catalogue once more, as plain NumPy from its definition in the literature, and
differentiated by differences. Nothing here comes from the package."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Inputs = Mapping[str, Array]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Any]

exp, log, sqrt, tanh, maximum, where = np.exp, np.log, np.sqrt, np.tanh, np.maximum, np.where


# -- pieces --------------------------------------------------------------------------------


def logistic(x: Any) -> Any:
    return 1 / (1 + exp(-x))


def softmax(z: Any, axis: int = -1) -> Any:
    e = exp(z - np.max(z, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def elu(x: Any, a: Any) -> Any:
    return x if x > 0 else a * math.expm1(x)


def clip(x: Any, least: Any, most: Any) -> Any:
    return np.minimum(np.maximum(x, least), most)


def cross_entropy(y: Any, z: Any = None, W: Any = None, x: Any = None, b: Any = None) -> Any:
    z = W @ x + b if z is None else z
    return y @ (log(exp(z).sum()) - z)


def log_likelihoods(z: Any) -> Any:
    """-log softmax(z)[c] for every class c."""
    return log(exp(z).sum()) - z


# -- entries that need more than a line ----------------------------------------------------


def tversky(p: Any, y: Any, a: Any, b: Any) -> Any:
    hits, false_alarms, misses = p @ y, p @ (1 - y), (1 - p) @ y
    return 1 - hits / (hits + a * false_alarms + b * misses)


def jaccard(p: Any, y: Any) -> Any:
    both = p @ y
    return 1 - both / (p.sum() + y.sum() - both)


def multi_class_hinge(z: Any) -> Any:
    n = len(z)
    margins = [[max(0.0, 1 + z[k] - z[c]) for k in range(n) if k != c] for c in range(n)]
    return np.array([sum(row) for row in margins])


def huber(a: Any, t: Any, d: Any) -> Any:
    e = abs(a - t)
    return e**2 / 2 if e < d else d * (e - d / 2)


def triplet(a: Any, p: Any, n: Any, m: Any) -> Any:
    return max(0.0, np.linalg.norm(a - p) - np.linalg.norm(a - n) + m)


def contrastive(u: Any, v: Any, y: Any, m: Any) -> Any:
    distance = np.linalg.norm(u - v)
    return y * distance**2 + (1 - y) * max(0.0, m - distance) ** 2


def info_nce(S: Any = None, q: Any = None, k: Any = None, T: Any = None) -> Any:
    S = q @ k.T / T if S is None else S
    return np.mean(log(exp(S).sum(axis=1)) - np.diag(S))


def batch_cross_entropy(Y: Any, Z: Any = None, X: Any = None, W: Any = None) -> Any:
    Z = X @ W.T if Z is None else Z
    return np.mean([cross_entropy(y, z) for y, z in zip(Y, Z, strict=True)])


def gaussian_mixture(x: Any, m: Any, v: Any, w: Any) -> Any:
    total = 0.0
    for point in x:
        densities = [
            weight * math.exp(-((point - mean) ** 2) / (2 * variance)) / math.sqrt(variance)
            for weight, mean, variance in zip(w, m, v, strict=True)
        ]
        total += math.log(sum(densities) / math.sqrt(2 * math.pi))
    return total


def barlow_twins(l: Any, C: Any = None, A: Any = None, B: Any = None) -> Any:  # noqa: E741
    C = A.T @ B / len(A) if C is None else C
    off = C - np.diag(np.diag(C))
    return ((1 - np.diag(C)) ** 2).sum() + l * (off**2).sum()


def layer_norm(x: Any, eps: Any) -> Any:
    return (x - x.mean()) / sqrt(x.var() + eps)


def batch_norm(X: Any, eps: Any) -> Any:
    return (X - X.mean(axis=0)) / sqrt(X.var(axis=0) + eps)


def attention(Q: Any, K: Any, V: Any) -> Any:
    return softmax(Q @ K.T / sqrt(Q.shape[1])) @ V


def causal_attention(V: Any, S: Any = None, Q: Any = None, K: Any = None) -> Any:
    S = Q @ K.T / sqrt(Q.shape[1]) if S is None else S
    seen = np.arange(S.shape[1])[None, :] <= np.arange(S.shape[0])[:, None]
    return softmax(where(seen, S, -np.inf)) @ V


def mlp(W: Any, x: Any, b: Any, V: Any, c: Any, y: Any) -> Any:
    return cross_entropy(y, V @ tanh(W @ x + b) + c)


def lstm(f: Any, i: Any, g: Any, o: Any, s: Any) -> Any:
    cell = logistic(f) * s + logistic(i) * tanh(g)
    return logistic(o) * tanh(cell)


def gru(r: Any, z: Any, a: Any, u: Any, s: Any) -> Any:
    new = tanh(a + logistic(r) * u)
    return new + logistic(z) * (s - new)


def factorization_machine(V: Any, x: Any, w: Any, b: Any) -> Any:
    n = len(x)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    return b + w @ x + sum((V[i] @ V[j]) * x[i] * x[j] for i, j in pairs)


def cosine_embedding(a: Any, b: Any, y: Any, m: Any) -> Any:
    cosine = (a / np.linalg.norm(a)) @ (b / np.linalg.norm(b))
    return 1 - cosine if y > 0 else max(0.0, cosine - m)


def multi_label_margin(x: Any, y: Any) -> Any:
    there, absent = np.flatnonzero(y), np.flatnonzero(y == 0)
    return sum(max(0.0, 1 - (x[i] - x[k])) for i in there for k in absent) / len(x)


def weighted_least_squares(A: Any, x: Any, b: Any, W: Any) -> Any:
    r = b - A @ x
    return r @ W @ r


# -- all of them ---------------------------------------------------------------------------

ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "sigmoid": lambda x: logistic(x),
    "tanh": lambda x: math.sinh(x) / math.cosh(x),
    "softplus": lambda x: math.log1p(math.exp(x)),
    "softplus-beta": lambda x, b: math.log1p(math.exp(b * x)) / b,
    "relu": lambda x: max(x, 0.0),
    "relu6": lambda x: clip(x, 0, 6),
    "leaky-relu": lambda x, a: x if x > 0 else a * x,
    "elu": elu,
    "selu": lambda x, a, s: s * elu(x, a),
    "celu": lambda x, a: x if x > 0 else a * math.expm1(x / a),
    "silu": lambda x: x * logistic(x),
    "swish": lambda x, b: x * logistic(b * x),
    "gelu": lambda x: x * math.erfc(-x / math.sqrt(2)) / 2,
    "gelu-tanh": lambda x, c: x * (1 + tanh(math.sqrt(2 / math.pi) * (x + c * x**3))) / 2,
    "mish": lambda x: x * tanh(math.log1p(math.exp(x))),
    "softsign": lambda x: x / (1 + abs(x)),
    "tanhshrink": lambda x: x - tanh(x),
    "log-sigmoid": lambda x: -math.log1p(math.exp(-x)),
    "hardtanh": lambda x: clip(x, -1, 1),
    "hardsigmoid": lambda x: clip(x / 6 + 0.5, 0, 1),
    "hardswish": lambda x: x * clip(x / 6 + 0.5, 0, 1),
    "threshold": lambda x, t, v: x if x > t else v,
    "softshrink": lambda x, l: math.copysign(max(abs(x) - l, 0.0), x),  # noqa: E741
    "hardshrink": lambda x, l: x if x > l or x < -l else 0.0,  # noqa: E741
    "glu": lambda a, b: a * logistic(b),
    "swiglu": lambda a, b: a * logistic(a) * b,
}
SOFTMAX: dict[str, Callable[..., Any]] = {
    "softmax": softmax,
    "softmax-temperature": lambda z, T: softmax(z / T),
    "softmax-rows": lambda Z: np.array([softmax(row) for row in Z]),
    "softmax-columns": lambda Z: np.array([softmax(column) for column in Z.T]).T,
    "softmin": lambda z: exp(-z) / exp(-z).sum(),
    "log-softmax": lambda z: -log_likelihoods(z),
    "log-sum-exp": lambda z: log(exp(z).sum()),
    "two-class-softmax": lambda a, b: logistic(a - b),
    "gumbel-softmax": lambda p, g, T: softmax((log(p) + g) / T),
    "entropy": lambda z: softmax(z) @ log_likelihoods(z),
}
LOSSES: dict[str, Callable[..., Any]] = {
    "binary-cross-entropy": lambda x, y: math.log1p(math.exp(x)) - y * x,
    "cross-entropy": cross_entropy,
    "cross-entropy-hessian": log_likelihoods,
    "mean-squared-error": lambda a, t: np.mean((a - t) ** 2),
    "negative-log-likelihood": log_likelihoods,
    "kl-divergence": lambda z, p: p @ (log(p) - log(softmax(z))),
    "reverse-kl": lambda z, p: softmax(z) @ (log(softmax(z)) - log(p)),
    "label-smoothing": lambda z, y, e: cross_entropy((1 - e) * y + e / len(y), z),
    "weighted-cross-entropy": lambda z, w: w * log_likelihoods(z),
    "batch-cross-entropy": batch_cross_entropy,
    "policy-gradient": lambda z, A: A * log_likelihoods(z),
    "focal": lambda x, g: (1 - logistic(x)) ** g * math.log1p(math.exp(-x)),
    "dice": lambda p, y: 1 - 2 * (p @ y) / (p.sum() + y.sum()),
    "tversky": tversky,
    "iou": jaccard,
    "poisson-nll": lambda x, t: np.mean(exp(x) - t * x),
    "gaussian-nll": lambda m, v, t: 0.5 * (log(v) + (t - m) ** 2 / v),
    "quantile": lambda a, t, q: q * (t - a) if t > a else (1 - q) * (a - t),
    "log-cosh": lambda a, t: np.mean(log(np.cosh(a - t))),
    "hinge": lambda x, y: max(0.0, 1 - y * x),
    "squared-hinge": lambda x, y: max(0.0, 1 - y * x) ** 2,
    "multi-class-hinge": multi_class_hinge,
    "smooth-l1": lambda a, t, b: huber(a, t, b) / b,
    "huber": huber,
    "l1": lambda a, t: np.abs(a - t).sum() / len(a),
    "cosine": lambda x, y: x @ y / sqrt((x @ x) * (y @ y)),
    "cosine-embedding": cosine_embedding,
    "multi-label-margin": multi_label_margin,
    "triplet": triplet,
    "contrastive": contrastive,
    "info-nce": info_nce,
    "distillation": lambda z, q, T: T**2 * cross_entropy(q, z / T),
    "bradley-terry": lambda a, b: math.log1p(math.exp(b - a)),
    "dpo": lambda w, v, l, m, b: math.log1p(math.exp(-b * (w - v - l + m))),  # noqa: E741
    "ppo": lambda l, o, A, e: min(exp(l - o) * A, clip(exp(l - o), 1 - e, 1 + e) * A),  # noqa: E741
    "vae-kl": lambda m, v: 0.5 * (m**2 + exp(v) - v - 1).sum(),
    "gaussian-mixture": gaussian_mixture,
    "barlow-twins": barlow_twins,
    "soft-margin": lambda x, y: np.mean(np.log1p(exp(-y * x))),
    "multi-label": lambda x, y: np.mean(np.log1p(exp(x)) - y * x),
    "margin-ranking": lambda a, b, y, m: max(0.0, m - y * (a - b)),
    "hinge-embedding": lambda x, y, m: x if y > 0 else max(0.0, m - x),
    "ridge": lambda X, w, t, l: ((X @ w - t) ** 2).sum() + l * (w @ w),  # noqa: E741
    "logistic-regression": lambda X, w, y: (np.log1p(exp(X @ w)) - y * (X @ w)).sum(),
}
LAYERS: dict[str, Callable[..., Any]] = {
    "linear": lambda W, x, b: W @ x + b,
    "convolution": lambda w, x: np.correlate(x, w, mode="valid"),
    "causal-convolution": lambda w, x: np.convolve(x, w)[: len(x)],
    "linear-cross-entropy": cross_entropy,
    "bilinear": lambda x, W, v, b: np.array([x @ M @ v for M in W]) + b,
    "layer-norm": layer_norm,
    "rms-norm": lambda x, g, eps: g * x / sqrt(np.mean(x * x) + eps),
    "batch-norm": batch_norm,
    "weight-norm": lambda v, g: g * v / np.linalg.norm(v),
    "l2-normalize": lambda x: x / np.linalg.norm(x),
    "attention": attention,
    "causal-attention": causal_attention,
    "mlp": mlp,
    "lstm": lstm,
    "gru": gru,
    "mixture-of-experts": lambda z, E: softmax(z) @ E,
    "factorization-machine": factorization_machine,
    "max-pooling": lambda x: sorted(x)[-1],
    "total-variation": lambda x: np.abs(np.diff(x)).sum(),
    "residual": lambda x, W: x + tanh(W @ x),
}
IDENTITIES: dict[str, Callable[..., Any]] = {
    "linear-form": lambda a, x: a @ x,
    "quadratic-form": lambda x, A: x @ A @ x,
    "hessian-of-quadratic-form": lambda x, A: x @ A @ x,
    "bilinear-form": lambda a, X, b: a @ X @ b,
    "quadratic-in-matrix": lambda b, X, c: b @ X.T @ X @ c,
    "trace-product": lambda X, A: np.trace(X @ A),
    "trace-square": lambda X: np.trace(X @ X),
    "trace-gram": lambda X: np.trace(X.T @ X),
    "trace-congruence": lambda X, B: np.trace(X.T @ B @ X),
    "trace-bilinear": lambda X, A, B: np.trace(A @ X @ B @ X.T),
    "product": lambda x: math.exp(log(np.abs(x)).sum()) * np.sign(x).prod(),
    "trace-sandwich": lambda A, X, B: np.trace(A @ X @ B),
    "squared-distance": lambda x, a: np.linalg.norm(x - a) ** 2,
    "distance": lambda x, a: np.linalg.norm(x - a),
    "frobenius-norm": lambda X: np.linalg.norm(X),
    "least-squares": lambda A, x, b: np.linalg.norm(A @ x - b) ** 2,
    "weighted-least-squares": weighted_least_squares,
    "mahalanobis": lambda x, m, P: (x - m) @ P @ (x - m),
}
VALUES = ACTIVATIONS | SOFTMAX | LOSSES | LAYERS | IDENTITIES


# -- inputs --------------------------------------------------------------------------------


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.standard_normal(shape)


def wide(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(-8, 8, shape)


def positive(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(0.5, 2, shape)


def share(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(0.1, 0.9, shape)


def sign(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.choice([-1.0, 1.0], shape)


def yes_or_no(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.choice([0.0, 1.0], shape)


def simplex(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    found = rng.uniform(0.1, 1, shape)
    return found / found.sum(axis=-1, keepdims=True)


# What is not any number: for every entry ("") or for one.
DRAWS: dict[tuple[str, str], Draw] = {
    ("", "T"): positive,
    ("", "eps"): positive,
    **{(name, "x"): wide for name in ("relu6", "hardsigmoid", "hardswish")},
    ("celu", "a"): positive,
    ("elu", "a"): positive,
    ("softplus-beta", "b"): positive,
    ("softshrink", "l"): share,
    ("hardshrink", "l"): share,
    ("gumbel-softmax", "p"): simplex,
    **{(name, "p"): simplex for name in ("kl-divergence", "reverse-kl")},
    **{(name, "y"): simplex for name in ("cross-entropy", "linear-cross-entropy", "mlp")},
    ("label-smoothing", "y"): simplex,
    ("batch-cross-entropy", "Y"): simplex,
    ("distillation", "q"): simplex,
    **{(name, part): share for name in ("dice", "tversky", "iou") for part in "py"},
    **{("tversky", part): positive for part in "ab"},
    ("gaussian-nll", "v"): positive,
    **{("gaussian-mixture", part): positive for part in "vw"},
    ("focal", "g"): positive,
    ("quantile", "q"): share,
    ("smooth-l1", "b"): positive,
    ("huber", "d"): positive,
    ("ppo", "e"): share,
    ("hinge-embedding", "y"): sign,
    ("cosine-embedding", "y"): sign,
    ("multi-label-margin", "y"): yes_or_no,
}


def draw(entry: str, variable: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Numbers for a variable of an entry, such as its definition allows."""
    made = DRAWS.get((entry, variable)) or DRAWS.get(("", variable)) or normal
    return np.asarray(made(rng, shape), dtype=np.float64)


# -- slopes --------------------------------------------------------------------------------

_STEP = 2e-3
_WEIGHTS = (3 / 4, -3 / 20, 1 / 60)  # at 1, 2, 3 steps; the error is of order step**6


def derivative(entry: str, inputs: Inputs, wrt: Sequence[str]) -> Array:
    """The derivative of an entry's value by one variable after the other; their axes come last."""
    return slopes(lambda point: VALUES[entry](**point), inputs, wrt)


def slopes(value: Callable[[Inputs], Any], inputs: Inputs, wrt: Sequence[str]) -> Array:
    """The derivative of a function by one variable after the other; their axes come last."""
    if not wrt:
        return np.asarray(value(inputs), dtype=np.float64)
    *first, last = wrt
    base = inputs[last]

    def moved(place: tuple[int, ...], by: float) -> Array:
        array = base.copy()
        array[place] += by
        return slopes(value, {**inputs, last: array}, first)

    found = []
    for place in np.ndindex(base.shape):
        steps = [(weight, k * _STEP) for k, weight in enumerate(_WEIGHTS, start=1)]
        terms = [weight * (moved(place, by) - moved(place, -by)) for weight, by in steps]
        found.append(sum(terms) / _STEP)
    return np.stack(found, axis=-1).reshape((*np.shape(found[0]), *base.shape))
