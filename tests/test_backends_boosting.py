"""Objectives for gradient boosting, trained beside the libraries' own."""

from __future__ import annotations

import functools
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from derive.errors import UnsupportedError
from tests.backends import derivation, loaded

Array = NDArray[Any]
CLASSES, ROUNDS = 3, 8


class Data:
    """What a library hands to an objective."""

    def __init__(self, label: Any, weight: Any = None) -> None:
        self._label, self._weight = label, weight

    def get_label(self) -> Any:
        return self._label

    def get_weight(self) -> Any:
        return self._weight


def module(target: str, library: str, folder: Path, wrt: str | None = None) -> Any:
    return loaded(derivation(target, wrt).source(library), folder)


@pytest.fixture(scope="module")
def made() -> tuple[Array, Array, Array]:
    """Features, classes and weights."""
    chance = np.random.default_rng(0)
    features = chance.standard_normal((240, 4))
    scores = features[:, :CLASSES] + 0.3 * chance.standard_normal((240, CLASSES))
    return features, scores.argmax(axis=1), chance.uniform(0.5, 2, 240)


LIBRARIES = ("lightgbm", "xgboost")


@pytest.mark.parametrize("library", LIBRARIES)
def test_of_a_score(library: str, tmp_path: Path) -> None:
    objective = module("binary-cross-entropy", library, tmp_path).objective
    score, label = np.array([-40.0, 0.0, 2.0]), np.array([1.0, 0.0, 1.0], np.float32)
    p = np.exp(np.minimum(score, 0)) / (1 + np.exp(-np.abs(score)))
    q = np.exp(np.minimum(-score, 0)) / (1 + np.exp(-np.abs(score)))
    for weight, factor in ((None, 1), (np.array([]), 1), (np.array([1.0, 2, 3]),) * 2):
        slope, curvature = objective(score.astype(np.float32), Data(label, weight))
        np.testing.assert_allclose(slope, factor * (p - label), rtol=1e-14)
        np.testing.assert_allclose(curvature, factor * p * q, rtol=1e-14)


@pytest.mark.parametrize("library", LIBRARIES)
def test_of_a_score_for_each_class(library: str, tmp_path: Path) -> None:
    objective = module("cross-entropy", library, tmp_path).objective
    score = np.random.default_rng(1).standard_normal((5, CLASSES))
    classes, weight = np.array([0, 2, 1, 1, 0]), np.arange(1.0, 6)
    p = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
    hot = np.eye(CLASSES)[classes]
    slope, curvature = objective(score, Data(classes.astype(np.float32), weight))
    np.testing.assert_allclose(slope, (p - hot) * weight[:, None])
    np.testing.assert_allclose(curvature, p * (1 - p) * weight[:, None])
    spread = np.random.default_rng(2).dirichlet(np.ones(CLASSES), 5)
    np.testing.assert_allclose(objective(score, Data(spread.ravel(), []))[0], p - spread)


def test_where_the_targets_own_axis_is_the_class(tmp_path: Path) -> None:
    objective = module("log_softmax(z)[c]", "xgboost", tmp_path, "z[j]").objective
    score, classes = np.random.default_rng(1).standard_normal((4, CLASSES)), np.array([0, 2, 1, 1])
    p = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
    slope, curvature = objective(score, Data(classes))
    np.testing.assert_allclose(slope, np.eye(CLASSES)[classes] - p)
    np.testing.assert_allclose(curvature, -p * (1 - p))


@pytest.mark.parametrize("name", ["threshold", "data", "weight", "derivative", "hessian"])
def test_parameters_are_arguments(name: str, tmp_path: Path) -> None:
    text = f"where(abs(a - t) < {name}, (a - t)**2/2, {name}*(abs(a - t) - {name}/2))"
    objective = module(text, "lightgbm", tmp_path, "a").objective
    given = {name if name == "threshold" else f"{name}_": 1.0}
    slope, curvature = functools.partial(objective, **given)(
        np.array([0.5, 3.0, -3.0]), Data(np.zeros(3))
    )
    assert np.array_equal(slope, [0.5, 1, -1])
    assert np.array_equal(curvature, [1, 0, 0])


def test_of_a_quantile(tmp_path: Path) -> None:
    """It has no curvature, and so no Newton step; the gradient is what subgradients are."""
    objective = module("quantile", "lightgbm", tmp_path).objective
    (level,) = list(inspect.signature(objective).parameters)[2:]
    slope, curvature = objective(np.array([0.0, 2.0]), Data(np.array([1.0, 1.0])), **{level: 0.9})
    np.testing.assert_allclose(slope, [-0.9, 0.1])
    assert not curvature.any()


REFUSED = [
    ("cosine", "y[j]", "a label that is called y or t"),
    ("batch-cross-entropy", None, "the loss of one sample, by a raw score"),
    ("focal", None, "a label that is called y or t"),
    ("y[i]*x**2", "x", "one number, with a label"),
    ("sum(y[k], k)*x**2", "x", "the label y has to be a number"),
    ("cross-entropy-hessian", None, "differentiate once"),
    ("softmax(z)[j]", "z[j]", "by a raw score"),
    ("x**2", None, "differentiate once"),
]


@pytest.mark.parametrize(("target", "wrt", "words"), REFUSED)
def test_what_is_no_loss_is_refused(target: str, wrt: str | None, words: str) -> None:
    with pytest.raises(UnsupportedError, match=words):
        derivation(target, wrt).source("xgboost")


def lightgbm_scores(made: Any, objective: Any, **settings: Any) -> Array:
    library = pytest.importorskip("lightgbm", reason="lightgbm is not installed")
    features, label, weight = made
    data = library.Dataset(features, label, weight=weight)
    chosen = {
        **{"objective": objective, "verbose": -1, "num_threads": 1, "num_leaves": 7},
        **{"boost_from_average": False, "lambda_l2": 0.0, "min_sum_hessian_in_leaf": 0.0},
        **{"deterministic": True, "force_row_wise": True},
    }
    model = library.train(chosen | settings, data, ROUNDS)
    return np.asarray(model.predict(features, raw_score=True))


def xgboost_scores(made: Any, objective: Any, **settings: Any) -> Array:
    library = pytest.importorskip("xgboost", reason="xgboost is not installed")
    features, label, weight = made
    data = library.DMatrix(features, label, weight=weight)
    chosen = {"max_depth": 3, "lambda": 0.0, "min_child_weight": 0.0, "nthread": 1}
    own = {"objective": objective} if isinstance(objective, str) else {}
    # A score of 0 to begin with; where the objective is built in, that is a probability of 1/2.
    start = 0.5 if objective == "binary:logistic" else 0.0
    chosen |= {"base_score": start, "seed": 0, "disable_default_eval_metric": 1, **own}
    model = library.train(chosen | settings, data, ROUNDS, obj=None if own else objective)
    return np.asarray(model.predict(data, output_margin=True))


TRAIN = {"lightgbm": lightgbm_scores, "xgboost": xgboost_scores}
RATES = {"lightgbm": "learning_rate", "xgboost": "eta"}
BUILT_IN = [
    ("lightgbm", "binary-cross-entropy", None, "binary"),
    ("xgboost", "binary-cross-entropy", None, "binary:logistic"),
    ("lightgbm", "(s - y)**2/2", "s", "regression"),
    ("xgboost", "(s - y)**2/2", "s", "reg:squarederror"),
    ("lightgbm", "exp(s) - t*s", "s", "poisson"),
    ("xgboost", "exp(s) - t*s", "s", "count:poisson"),
]
# Both libraries add something to the Hessian of Poisson's loss; so little makes no difference.
POISSON = {
    "lightgbm": {"poisson_max_delta_step": 1e-9},
    "xgboost": {"max_delta_step": 0.0, "base_score": 1.0},
}


@pytest.mark.parametrize(("library", "target", "wrt", "own"), BUILT_IN)
def test_it_trains_as_the_built_in_objective(
    library: str, target: str, wrt: str | None, own: str, made: Any, tmp_path: Path
) -> None:
    features, classes, weight = made
    data = features, (classes > 0).astype(float), weight
    settings = POISSON[library] if "poisson" in own else {}
    found = TRAIN[library](data, module(target, library, tmp_path, wrt).objective)
    wanted = TRAIN[library](data, own, **settings)
    assert wanted.std() > 0.1
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("library", "own", "factor"),
    [("lightgbm", "multiclass", CLASSES / (CLASSES - 1)), ("xgboost", "multi:softprob", 2.0)],
)
def test_several_classes_have_the_true_diagonal(
    library: str, own: str, factor: float, made: Any, tmp_path: Path
) -> None:
    """The built-in objectives take `factor` times the true diagonal, and so the same steps at
    `factor` times the learning rate."""
    objective = module("cross-entropy", library, tmp_path).objective
    rate = 0.2
    settings = {"num_class": CLASSES}
    found = TRAIN[library](made, objective, **settings, **{RATES[library]: rate})
    wanted = TRAIN[library](made, own, **settings, **{RATES[library]: rate * factor})
    assert found.shape == (240, CLASSES)
    found, wanted = (a - a.mean(axis=1, keepdims=True) for a in (found, wanted))
    assert wanted.std() > 0.1
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4)
