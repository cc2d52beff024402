"""Losses of torch.nn in the reductions they offer (none, sum, mean), against losses written by hand
in NumPy and differentiated by central differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import derive

Array = NDArray[np.float64]
Loss = Callable[[Array, Array], Array]


def softplus(x: Array) -> Array:
    return np.logaddexp(0, x)


# A loss of one entry in the input language, and by hand; y is the target.
LOSSES: dict[str, tuple[str, Loss]] = {
    "L1Loss": ("abs(x[i] - y[i])", lambda x, y: np.abs(x - y)),
    "MSELoss": ("(x[i] - y[i])**2", lambda x, y: (x - y) ** 2),
    "HuberLoss": (
        "where(abs(x[i] - y[i]) < 1, (x[i] - y[i])**2/2, abs(x[i] - y[i]) - 1/2)",
        lambda x, y: np.where(np.abs(x - y) < 1, (x - y) ** 2 / 2, np.abs(x - y) - 0.5),
    ),
    "SmoothL1Loss": (
        "where(abs(x[i] - y[i]) < 1/2, (x[i] - y[i])**2, abs(x[i] - y[i]) - 1/4)",
        lambda x, y: np.where(np.abs(x - y) < 0.5, (x - y) ** 2, np.abs(x - y) - 0.25),
    ),
    "BCELoss": (
        "-y[i]*log(x[i]) - (1 - y[i])*log(1 - x[i])",
        lambda x, y: -y * np.log(x) - (1 - y) * np.log(1 - x),
    ),
    "BCEWithLogitsLoss": ("softplus(x[i]) - y[i]*x[i]", lambda x, y: softplus(x) - y * x),
    "PoissonNLLLoss": ("exp(x[i]) - y[i]*x[i]", lambda x, y: np.exp(x) - y * x),
    "GaussianNLLLoss": (
        "(log(x[i]) + (y[i] - 1/3)**2/x[i])/2",
        lambda x, y: (np.log(x) + (y - 1 / 3) ** 2 / x) / 2,
    ),
    "KLDivLoss": ("y[i]*(log(y[i]) - x[i])", lambda x, y: y * (np.log(y) - x)),
    "SoftMarginLoss": ("log(1 + exp(-y[i]*x[i]))", lambda x, y: softplus(-y * x)),
    "HingeEmbeddingLoss": (
        "where(y[i] > 1/2, x[i], max(0, 1 - x[i]))",
        lambda x, y: np.where(y > 0.5, x, np.maximum(0, 1 - x)),
    ),
    "MarginRankingLoss": (
        "max(0, -y[i]*x[i] + 1/5)",
        lambda x, y: np.maximum(0, -y * x + 0.2),
    ),
}
REDUCTIONS: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "none": ("{}", lambda entries: entries),
    "sum": ("sum({}, i)", lambda entries: np.asarray(entries.sum())),
    "mean": ("mean({}, i)", lambda entries: np.asarray(entries.mean())),
}
STEP = 1e-6


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_in_a_reduction(loss: str, reduction: str) -> None:
    text, by_hand = LOSSES[loss]
    form, reduce = REDUCTIONS[reduction]
    bounds = ["x[i] > 0", "x[i] < 1", "y[i] > 0", "y[i] < 1"]
    d = derive.derive(form.format(text), wrt="x[j]", assume=bounds)
    assert d.verified
    f = d.function()
    for size in (2, 5):
        chance = np.random.default_rng([size, len(loss)])  # away from the kinks, as it happens
        x, y = chance.uniform(0.05, 0.95, (2, size))
        columns = [
            (reduce(by_hand(x + e, y)) - reduce(by_hand(x - e, y))) / (2 * STEP)
            for e in STEP * np.eye(size)
        ]
        assert np.allclose(f(x=x, y=y), np.stack(columns, axis=-1), rtol=1e-6, atol=1e-7)
