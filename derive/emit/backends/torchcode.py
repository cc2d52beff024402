"""What array operations look like in PyTorch, where that differs from NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from derive.emit.graph import Node
from derive.emit.numpycalls import (
    CALLS,
    Call,
    axes_text,
    contraction,
    diagonal_axes,
    extreme,
    filled,
    larger_shape,
    reduced_axes,
)
from derive.emit.numpycode import NumPy
from derive.emit.special import FUNCTIONS
from derive.emit.writer import Level, Source

# Elementary functions that PyTorch has, but not under NumPy's name.
FUNCTION_TEXTS = {
    **{name: f"torch.{name}({{0}})" for name in ("erf", "erfc", "sigmoid", "abs", "sign", "relu")},
    "log_normal_cdf": "torch.special.log_ndtr({0})",
}
_REDUCTIONS = {"sum": "sum", "prod": "prod", "max": "amax", "min": "amin"}
_LARGEST_WHOLE = 2**63


def _number(_: Torch, node: Node, __: Sequence[Source]) -> Source:
    text = str(node.data[0])
    return Source(repr(float(text)) if float(text) >= _LARGEST_WHOLE else text)


def _places(printer: Torch, _: Node, operands: Sequence[Source]) -> Source:
    return Source(f"torch.arange({operands[0].text}, device={printer.like}.device)")


def _function(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    name, argument = str(node.data[0]), operands[0].text
    text = FUNCTION_TEXTS.get(name) or FUNCTIONS[name].numpy.replace("np.", "torch.")
    if node.weak:
        return Source(f"float({text.format(f'torch.tensor({argument}, dtype=torch.float64)')})")
    return Source(text.format(argument))


def _extreme(printer: Torch, node: Node, operands: Sequence[Source]) -> Source:
    """torch.maximum takes tensors only; `clamp` takes a number."""
    first, second = node.args
    if first.weak == second.weak:
        return extreme(printer, node, operands)
    number, tensor = operands if first.weak else operands[::-1]
    bound = "min" if node.op == "maximum" else "max"
    return Source(f"{tensor.at(Level.ATOM)}.clamp({bound}={number.text})")


def _not(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    if node.weak:
        return Source(f"not {operands[0].at(Level.ATOM)}", Level.COMPARISON)
    return Source(f"torch.logical_not({operands[0].text})")


def _where(printer: Torch, node: Node, operands: Sequence[Source]) -> Source:
    condition, yes, no = (operand.text for operand in operands)
    if node.args[0].weak:
        condition = f"torch.tensor({condition}, device={printer.like}.device)"
    if all(arg.weak for arg in node.args[1:]):  # two numbers would make PyTorch's default dtype
        yes = f"torch.full((), {yes}, {printer.kind(node)})"
    return Source(f"torch.where({condition}, {yes}, {no})")


def _dot(_: Torch, __: Node, operands: Sequence[Source]) -> Source:
    return _summed_product(operands, "-1")


def _summed_product(operands: Sequence[Source], axes: str) -> Source:
    """A product and a sum: ten times as fast as a contraction that is no matrix product."""
    first, second = operands[0].at(Level.PRODUCT), operands[1].at(Level.POWER)
    return Source(f"({first} * {second}).sum(dim={axes})")


def _einsum(printer: Torch, node: Node, operands: Sequence[Source]) -> Source:
    """A contraction; only a product and a sum where both operands have the same axes."""
    *letters, wanted = map(str, node.data)
    summed = [k - len(letters[0]) for k, c in enumerate(letters[0]) if c not in wanted]
    rest = "".join(letter for letter in letters[0] if letter in wanted)
    if len(letters) == 2 and letters[0] == letters[1] and summed and rest == wanted:
        return _summed_product(operands, axes_text(summed))
    return contraction(printer, node, operands)


def _broadcast(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"{operands[0].text}.expand({larger_shape(node, operands)}).clone()")


def _others(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    name = {"add": "cumsum", "multiply": "cumprod"}[str(node.data[0])]
    return Source(f"_others({operands[0].text}, torch.{name})")


def _onto_diagonal(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    full, entries = (operand.text for operand in operands)
    return Source(f"_put({full}, {entries}, {_places_of(node)})")


def _from_diagonal(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    entries, shape = operands[0].text, larger_shape(node, operands)
    return Source(f"_put({entries}.new_zeros(({shape})), {entries}, {_places_of(node)})")


def _places_of(node: Node) -> str:
    """The two axes of a diagonal in the whole, and its axis in what is put there, from the back."""
    letters, kept = map(str, node.data)
    first, second = diagonal_axes(node)
    own = kept.index(letters[first]) - len(kept)
    return f"{first - len(letters)}, {second - len(letters)}, {own}"


@dataclass
class Torch(NumPy):
    """Writes operations as PyTorch.

    Attributes:
        like: the spelling of an argument, whose dtype and device new tensors have.
    """

    library: ClassVar[str] = "torch"
    constants: ClassVar[str] = "math"
    cast: ClassVar[str] = "to"
    transposed: ClassVar[str] = "mT"
    calls: ClassVar[Mapping[str, Call]] = {
        **CALLS,
        **dict.fromkeys(("maximum", "minimum"), _extreme),
        "number": _number,
        "places": _places,
        "function": _function,
        "sqrt": filled("torch.sqrt({})"),
        "not": _not,
        "where": _where,
        "dot": _dot,
        "einsum": _einsum,
        "broadcast": _broadcast,
        "copy": filled("{}.clone()"),
        "others": _others,
        "onto_diagonal": _onto_diagonal,
        "from_diagonal": _from_diagonal,
    }
    statements: ClassVar[frozenset[str]] = frozenset()
    like: str = ""

    def reduced(self, node: Node, operand: Source, keep: bool) -> str:
        """A reduction; with `keep`, it leaves axes of length 1."""
        axes, kept = reduced_axes(node), ", keepdim=True" if keep else ""
        if node.op == "norm":
            return f"_norm({operand.text}, {axes}{kept})"
        return f"{operand.at(Level.ATOM)}.{_REDUCTIONS[node.op]}(dim={axes}{kept})"

    def kind(self, _: Node) -> str:
        """The arguments that give a new tensor its dtype and device."""
        return f"dtype={self.like}.dtype, device={self.like}.device"

    def reuses(self, _: Node) -> bool:
        """Whether an operation can put its result into the memory of an operand: autograd may still
        need what is there."""
        return False

    def fills(self, _: Node) -> bool:
        """Whether it can put its result into other memory: not where autograd is to follow."""
        return False
