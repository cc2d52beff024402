"""Random formulas in every back end: written without its library, the same as NumPy's with it."""

from __future__ import annotations

import ast
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derive
from derive.emit import function
from derive.emit.backends.loading import is_installed
from derive.emit.module import kinds
from tests.backends import inputs, loaded
from tests.test_emit_random import formula

LIBRARIES = ("torch", "numba")
SEEDS = [
    (library, seed) for library, count in (("torch", 60), ("numba", 12)) for seed in range(count)
]


def asked(seed: int) -> derive.Derivation:
    rng = random.Random(seed)
    text = formula(rng, 3, ["i"]) + " + 1.2*x[i]*a"
    print(f"seed {seed}: {text}")
    return derive.derive(text, wrt=rng.choice(["x[j]", "x[i]", "a"]))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("seed", range(100, 102))
def test_written(library: str, seed: int) -> None:
    tree = ast.parse(asked(seed).source(library))
    assert {"value", "derivative", "vjp", "jvp"} <= {
        getattr(node, "name", "") for node in tree.body
    }


@pytest.mark.slow
@pytest.mark.parametrize(("library", "seed"), SEEDS)
def test_the_same_as_numpy(library: str, seed: int, tmp_path: Path) -> None:
    if not is_installed(library):
        pytest.skip(f"{library} is not installed")
    found = asked(seed)
    made: Any = loaded(found.source(library), tmp_path)
    for kind in kinds(found.problem):
        given = inputs(found.problem, kind, [(2,), (), (1,)])
        wanted = function(found.problem, found.chain.result, kind)(**given)
        if library == "torch":
            import torch

            given = {name: torch.from_numpy(array) for name, array in given.items()}
        computed = np.asarray(getattr(made, kind)(**given))
        np.testing.assert_allclose(computed, wanted, rtol=1e-9, atol=1e-11, err_msg=kind)
