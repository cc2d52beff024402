"""What array operations look like in PyTorch, where that differs from NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from derive.emit.graph import REDUCTIONS, Node
from derive.emit.numpycode import NumPy
from derive.emit.special import FUNCTIONS
from derive.emit.writer import Level, Source

_HELPERS = (
    *("_softplus", "_put", "_norm", "_others"),
    *("_sigmoid_slope", "_log1mexp", "_log_cosh", "_normal_cdf", "_normal_pdf"),
    "_inverse_mills",
    *("_tanhshrink", "_shift"),
)
_CONSTANTS = {"pi": "math.pi", "-inf": "-math.inf", "nan": "math.nan"}
# Elementary functions that PyTorch does not have under NumPy's name.
FUNCTION_TEXTS = {
    "erf": "torch.erf({0})",
    "erfc": "torch.erfc({0})",
    "normal_cdf": "_normal_cdf({0})",
    "normal_pdf": "_normal_pdf({0})",
    "log_normal_cdf": "torch.special.log_ndtr({0})",
    "inverse_mills": "_inverse_mills({0})",
    "tanhshrink": "_tanhshrink({0})",
    "sigmoid": "torch.sigmoid({0})",
    "softplus": "_softplus({0})",
    "abs": "torch.abs({0})",
    "sign": "torch.sign({0})",
    "relu": "torch.relu({0})",
    "sigmoid_slope": "_sigmoid_slope({0})",
    "log1mexp": "_log1mexp({0})",
    "log_cosh": "_log_cosh({0})",
    "shift": "_shift({0})",
}
_REDUCTIONS = {"sum": "sum", "prod": "prod", "max": "amax", "min": "amin"}
_LARGEST_WHOLE = 2**63


@dataclass
class Torch(NumPy):
    """Writes operations as PyTorch.

    Attributes:
        like: the spelling of an argument, whose dtype and device new tensors have.
    """

    like: str = ""

    def compose(self, node: Node, operands: Sequence[Source], keep: bool = False) -> Source:
        """An operation on operands; with `keep`, a reduction that leaves axes of length 1."""
        if node.op in REDUCTIONS:
            found = Source(_reduction(node, operands[0], keep))
        elif node.op in _COMPOSE:
            found = _COMPOSE[node.op](self, node, operands)
        else:
            return super().compose(node, operands, keep)
        self.helpers.update(name for name in _HELPERS if f"{name}(" in found.text)
        return found

    def assigned(self, name: str, node: Node, operands: Sequence[Source]) -> list[str]:
        """The statement that gives an operation's result a name."""
        return [f"{name} = {self.compose(node, operands).text}"]

    def is_statement(self, _: Node) -> bool:
        """Whether an operation can only be written as statements of its own: none."""
        return False

    def reuses(self, _: Node) -> bool:
        """Whether an operation can put its result into the memory of an operand: autograd may still
        need what is there."""
        return False

    @property
    def kind(self) -> str:
        """The arguments that give a new tensor its dtype and device."""
        return f"dtype={self.like}.dtype, device={self.like}.device"


def _reduction(node: Node, operand: Source, keep: bool) -> str:
    axes = [place - node.args[0].rank for place in node.data[0]]  # type: ignore[attr-defined]
    text = str(axes[0]) if len(axes) == 1 else f"({', '.join(map(str, axes))})"
    kept = ", keepdim=True" if keep else ""
    if node.op == "norm":
        return f"_norm({operand.text}, {text}{kept})"
    return f"{operand.at(Level.ATOM)}.{_REDUCTIONS[node.op]}(dim={text}{kept})"


def _number(_: Torch, node: Node, __: Sequence[Source]) -> Source:
    text = str(node.data[0])
    return Source(repr(float(text)) if float(text) >= _LARGEST_WHOLE else text)


def _constant(_: Torch, node: Node, __: Sequence[Source]) -> Source:
    text = _CONSTANTS[str(node.data[0])]
    return Source(text, Level.SUM if text.startswith("-") else Level.ATOM)


def _places(printer: Torch, _: Node, operands: Sequence[Source]) -> Source:
    return Source(f"torch.arange({operands[0].text}, device={printer.like}.device)")


def _identity(printer: Torch, _: Node, operands: Sequence[Source]) -> Source:
    return Source(f"torch.eye({operands[0].text}, {printer.kind})")


def _function(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    name, argument = str(node.data[0]), operands[0].text
    text = FUNCTION_TEXTS.get(name) or FUNCTIONS[name].numpy.replace("np.", "torch.")
    if node.weak:
        return Source(f"float({text.format(f'torch.tensor({argument}, dtype=torch.float64)')})")
    return Source(text.format(argument))


def _sqrt(_: Torch, __: Node, operands: Sequence[Source]) -> Source:
    return Source(f"torch.sqrt({operands[0].text})")


def _choice(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    """torch.maximum takes tensors only; `clamp` takes a number."""
    first, second = operands
    if node.weak:
        return Source(f"{node.op[:3]}({first.text}, {second.text})")
    if any(arg.weak for arg in node.args):
        number, tensor = operands if node.args[0].weak else (second, first)
        bound = "min" if node.op == "maximum" else "max"
        return Source(f"{tensor.at(Level.ATOM)}.clamp({bound}={number.text})")
    return Source(f"torch.{node.op}({first.text}, {second.text})")


def _not(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    if node.weak:
        return Source(f"not {operands[0].at(Level.ATOM)}", Level.COMPARISON)
    return Source(f"torch.logical_not({operands[0].text})")


def _where(printer: Torch, node: Node, operands: Sequence[Source]) -> Source:
    condition, yes, no = (operand.text for operand in operands)
    if node.args[0].weak:
        condition = f"torch.tensor({condition}, device={printer.like}.device)"
    if all(arg.weak for arg in node.args[1:]):  # two numbers would make PyTorch's default dtype
        yes = f"torch.full((), {yes}, {printer.kind})"
    return Source(f"torch.where({condition}, {yes}, {no})")


def _cast(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    return Source(f"{operands[0].at(Level.ATOM)}.to({node.data[0]}.dtype)")


def _transpose(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    order = tuple(int(str(place)) for place in node.data[0])  # type: ignore[attr-defined]
    if len(order) == 2:
        return Source(f"{operands[0].at(Level.ATOM)}.mT")
    letters = "abcdefghijklmnopqrstuvwxyz"[: len(order)]
    wanted = "".join(letters[place] for place in order)
    return Source(f'torch.einsum("...{letters}->...{wanted}", {operands[0].text})')


def _dot(_: Torch, __: Node, operands: Sequence[Source]) -> Source:
    return _summed_product(operands, "-1")


def _summed_product(operands: Sequence[Source], axes: str) -> Source:
    """A product and a sum: ten times as fast as a contraction that is no matrix product."""
    first, second = operands[0].at(Level.PRODUCT), operands[1].at(Level.POWER)
    return Source(f"({first} * {second}).sum(dim={axes})")


def _einsum(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    """A contraction; only a product and a sum where both operands have the same axes."""
    *letters, wanted = map(str, node.data)
    summed = [str(k - len(letters[0])) for k, c in enumerate(letters[0]) if c not in wanted]
    rest = "".join(letter for letter in letters[0] if letter in wanted)
    if len(letters) == 2 and letters[0] == letters[1] and summed and rest == wanted:
        return _summed_product(operands, f"({', '.join(summed)})" if summed[1:] else summed[0])
    arrays = ", ".join(operand.text for operand in operands)
    text = ",".join(f"...{marks}" for marks in letters)
    return Source(f'torch.einsum("{text}->...{wanted}", {arrays})')


def _fill(printer: Torch, _: Node, operands: Sequence[Source]) -> Source:
    value, *sizes = (operand.text for operand in operands)
    return Source(f"torch.full(({_listed(sizes)}), {value}, {printer.kind})")


def _broadcast(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    array, *sizes = (operand.text for operand in operands)
    return Source(f"{array}.expand({_leading(array, node.args[0].rank)}{', '.join(sizes)}).clone()")


def _copy(_: Torch, __: Node, operands: Sequence[Source]) -> Source:
    return Source(f"{operands[0].at(Level.ATOM)}.clone()")


def _others(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    name = {"add": "cumsum", "multiply": "cumprod"}[str(node.data[0])]
    return Source(f"_others({operands[0].text}, torch.{name})")


def _onto_diagonal(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    full, entries = (operand.text for operand in operands)
    return Source(f"_put({full}, {entries}, {_places_of(node)})")


def _from_diagonal(_: Torch, node: Node, operands: Sequence[Source]) -> Source:
    entries, *sizes = (operand.text for operand in operands)
    shape = f"{_leading(entries, node.args[0].rank)}{_listed(sizes)}"
    return Source(f"_put({entries}.new_zeros(({shape})), {entries}, {_places_of(node)})")


def _places_of(node: Node) -> str:
    """The two axes of a diagonal in the whole, and its axis in what is put there, from the back."""
    letters, kept = map(str, node.data)
    double = next(letter for letter in letters if letters.count(letter) == 2)
    first, second = (k - len(letters) for k, letter in enumerate(letters) if letter == double)
    return f"{first}, {second}, {kept.index(double) - len(kept)}"


def _leading(name: str, rank: int) -> str:
    """The leading axes of a tensor, as the start of a shape."""
    return f"*{name}.shape[:-{rank}], " if rank else f"*{name}.shape, "


def _listed(sizes: Sequence[str]) -> str:
    return f"{sizes[0]}," if len(sizes) == 1 else ", ".join(sizes)


_COMPOSE: dict[str, Callable[[Torch, Node, Sequence[Source]], Source]] = {
    "number": _number,
    "constant": _constant,
    "places": _places,
    "identity": _identity,
    "function": _function,
    "sqrt": _sqrt,
    "maximum": _choice,
    "minimum": _choice,
    "not": _not,
    "where": _where,
    "cast": _cast,
    "transpose": _transpose,
    "diagonal": _einsum,
    "dot": _dot,
    "einsum": _einsum,
    "fill": _fill,
    "broadcast": _broadcast,
    "copy": _copy,
    "others": _others,
    "onto_diagonal": _onto_diagonal,
    "from_diagonal": _from_diagonal,
}
