"""The PyTorch back end: the same numbers as NumPy's, gradients that PyTorch's own check accepts."""

from __future__ import annotations

import runpy
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.emit import function
from derive.emit.backends.torchcode import FUNCTION_TEXTS
from derive.emit.module import argument_names, kinds
from derive.emit.special import FUNCTIONS
from derive.nodes import name_of
from tests.backends import TARGETS, derivation, inputs, loaded

torch: Any = pytest.importorskip("torch", reason="torch is not installed")

LEADS = [(2, 3), (3,), (), (2, 1)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("torch")


def module(text: str, wrt: str | None, folder: Path) -> Any:
    return loaded(derivation(text, wrt).source("torch"), folder)


@pytest.mark.parametrize(("text", "wrt"), TARGETS)
def test_the_same_as_numpy(text: str, wrt: str | None, folder: Path) -> None:
    found, made = derivation(text, wrt), module(text, wrt, folder)
    for kind in kinds(found.problem):
        given = inputs(found.problem, kind, LEADS)
        wanted = function(found.problem, found.chain.result, kind)(**given)
        tensors = {name: torch.from_numpy(array) for name, array in given.items()}
        computed = getattr(made, kind)(**tensors)
        assert computed.dtype == torch.float64
        np.testing.assert_allclose(computed, wanted, rtol=1e-11, atol=1e-13, err_msg=kind)
        elsewhere = {name: tensor.float().to("meta") for name, tensor in tensors.items()}
        shadow = getattr(made, kind)(**elsewhere)
        assert (shadow.device.type, shadow.dtype) == ("meta", torch.float32)
        assert shadow.shape == computed.shape


GRADIENTS = [
    *("softmax", "log-softmax", "layer-norm", "attention", "causal-attention", "gelu", "silu"),
    *("linear-cross-entropy", "log-sum-exp", "convolution", "l2-normalize", "max-pooling"),
    *("tanhshrink", "hardsigmoid", "softmax-rows", "dice", "focal", "info-nce"),
    *("rms-norm", "gru", "trace-congruence", "quadratic-form", "mixture-of-experts"),
]


@pytest.mark.parametrize("text", GRADIENTS)
def test_gradcheck(text: str, folder: Path) -> None:
    """Backward, forward and twice backward; and one call for several samples."""
    found, made = derivation(text), module(text, None, folder)
    given = {k: torch.from_numpy(a) for k, a in inputs(found.problem, "value", [()]).items()}
    own = argument_names(found.problem, "value")[name_of(found.problem.wrt[0])]
    if "y" in given:
        given["y"] = given["y"] / given["y"].sum()
    at = given.pop(own).requires_grad_()

    def called(x: Any) -> Any:
        return made.differentiable(**{own: x}, **given)

    assert torch.autograd.gradcheck(called, (at,), check_forward_ad=True)
    if "max" not in text:
        assert torch.autograd.gradgradcheck(called, (at,))
    together = torch.stack([at.detach(), at.detach() / 2]).requires_grad_()
    assert torch.autograd.gradcheck(called, (together,))
    several = together.detach()
    by_one = torch.func.vmap(torch.func.jacrev(called))(several)
    torch.testing.assert_close(by_one, torch.stack([torch.func.jacrev(called)(x) for x in several]))


AWKWARD = [
    *(("g_", "g"), ("value", "vjp"), ("jvp", "any"), ("x", "x_tangent"), ("x_tangent", "x")),
    *(("ctx", "slope"), ("inputs", "Differentiable"), ("v", "output")),
]


@pytest.mark.parametrize(("own", "other"), AWKWARD)
def test_awkward_names(own: str, other: str, folder: Path) -> None:
    text = f"{own}[i]*sum({other}[k]*{own}[k], k)"
    found, made = derivation(text, f"{own}[j]"), module(text, f"{own}[j]", folder)
    names = argument_names(found.problem, "value")
    given = {k: torch.from_numpy(a) for k, a in inputs(found.problem, "value", [()]).items()}
    at = given.pop(names[own]).requires_grad_()
    called = partial(made.differentiable, **given)
    assert torch.autograd.gradcheck(lambda x: called(**{names[own]: x}), at, check_forward_ad=True)


def test_gradients_are_summed_over_samples_that_share_an_argument(folder: Path) -> None:
    made = module("softmax-temperature", "T", folder)
    T = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    z = torch.randn(5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda T: made.differentiable(z=z, T=T), (T,))


def test_extreme_logits_under_autograd(folder: Path) -> None:
    made = module("cross-entropy", None, folder)
    z = torch.tensor([1000.0, 0.0, -1000.0], requires_grad=True)
    loss = made.differentiable(z=z, y=torch.tensor([0.0, 1.0, 0.0]))
    loss.backward()
    assert loss.item() == 1000
    assert z.grad is not None
    assert z.grad.tolist() == [1, -1, 0]


def test_what_has_no_derivative_here_is_refused(folder: Path) -> None:
    made = module("cross-entropy", None, folder)
    z, y = torch.zeros(3), torch.full((3,), 1 / 3, requires_grad=True)
    with pytest.raises(ValueError, match="no derivative by y here"):
        made.differentiable(z=z, y=y)
    with pytest.raises(ValueError, match=r"known by z\[j\] only"):
        torch.func.jvp(lambda y: made.differentiable(z=z, y=y), (y.detach(),), (z,))


def test_there_is_no_function_for_a_part_of_a_derivative(folder: Path) -> None:
    assert not hasattr(module("softmax(z)[j]", "z[j]", folder), "differentiable")
    assert not hasattr(module("cross-entropy-hessian", None, folder), "differentiable")


def test_dtypes_and_numbers(folder: Path) -> None:
    made = module("softmax-temperature", "T", folder)
    z = torch.tensor([1.0, 2.0])
    assert made.value(z=z, T=2).dtype == torch.float32
    assert made.value(z=z, T=np.float64(2)).dtype == torch.float32
    assert made.value(z=z, T=torch.tensor([[2.0]], dtype=torch.float64)).dtype == torch.float64
    assert made.value(z=np.array([1.0, 2.0]), T=2).dtype == torch.float64
    assert made.value(z=[1, 2], T=2).dtype == torch.get_default_dtype()
    assert made.value(z=z.bfloat16(), T=2).dtype == torch.bfloat16


def test_wrong_shapes(folder: Path) -> None:
    made = module("linear", "x[j]", folder)
    with pytest.raises(ValueError, match=r"x has shape \(4,\); expected"):
        made.value(W=torch.ones(2, 3), x=torch.ones(4), b=torch.ones(2))
    with pytest.raises(ValueError, match=r"W has shape \(3,\); expected axes"):
        made.value(W=torch.ones(3), x=torch.ones(3), b=torch.ones(2))
    with pytest.raises(ValueError, match="leading axes do not broadcast"):
        made.value(W=torch.ones(2, 2, 3), x=torch.ones(3, 3), b=torch.ones(2))


def test_cases_of_numbers_are_exact(folder: Path) -> None:
    """torch.where of two numbers has PyTorch's default dtype."""
    x = torch.linspace(-4, 4, 9, dtype=torch.float64)
    found = module("hardsigmoid", None, folder).derivative(x=x)
    assert torch.equal(found, (x.abs() < 3).double() / 6)


@pytest.mark.parametrize("target", ["softmax", "layer-norm", "huber"])
def test_the_module_tests_itself(target: str, folder: Path) -> None:
    text = derivation(target).source("torch")
    for wrong in (False, True):
        path = folder / f"{target}_{wrong}.py"
        path.write_text(text.replace("return t", "return 1.01 * t") if wrong else text)
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(path), run_name="__main__")
        assert ended.value.code == int(wrong)


def test_every_function_is_known() -> None:
    for name, entry in FUNCTIONS.items():
        own = FUNCTION_TEXTS.get(name, entry.numpy.replace("np.", "torch."))
        path = own.removeprefix("torch.").split("(")[0]
        assert own.startswith("_") or callable(attrgetter(path)(torch))
