"""What array operations look like in NumPy. Every array may have leading axes, over samples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.emit.exactly import assignment, of_difference
from derive.emit.graph import REDUCTIONS, Node
from derive.emit.numpycalls import CALLS, leading, reduction
from derive.emit.special import FUNCTIONS
from derive.emit.writer import Level, Source

_OPERATORS = {
    "add": ("{} + {}", Level.SUM, Level.SUM, Level.PRODUCT),
    "subtract": ("{} - {}", Level.SUM, Level.SUM, Level.PRODUCT),
    "multiply": ("{} * {}", Level.PRODUCT, Level.PRODUCT, Level.POWER),
    "divide": ("{} / {}", Level.PRODUCT, Level.PRODUCT, Level.POWER),
    "matmul": ("{} @ {}", Level.PRODUCT, Level.POWER, Level.POWER),
    "and": ("({}) & ({})", Level.COMPARISON, Level.COMPARISON, Level.COMPARISON),
    "or": ("({}) | ({})", Level.COMPARISON, Level.COMPARISON, Level.COMPARISON),
}
_CALLS = {
    "sqrt": "np.sqrt({})",
    "maximum": "np.maximum({}, {})",
    "minimum": "np.minimum({}, {})",
    "not": "np.logical_not({})",
    "where": "np.where({}, {}, {})",
    "matvec": "_matvec({}, {})",
    "dot": 'np.einsum("...i,...i->...", {}, {})',
    "copy": "{}.copy()",
}
_OF_NUMBERS = {"maximum": "max({}, {})", "minimum": "min({}, {})"}
_UFUNCS = {op: f"np.{op}" for op in ("add", "subtract", "multiply", "divide")}
_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
# The functions that a module defines where they are called.
_MATHS = (
    *(
        "_sigmoid",
        "_sigmoids",
        "_sigmoid_slope",
        "_softplus",
        "_log1mexp",
        "_log_cosh",
        "_tanhshrink",
    ),
    *("_erf", "_erfc", "_normal", "_normal_cdf", "_normal_pdf", "_shift"),
    *("_log_normal_cdf", "_inverse_mills"),
    "_exp_difference",
    "_Unrounded",
)
HELPERS = (
    "_spread",
    "_matvec",
    "_windows",
    "_norm",
    "_others",
    "_room",
    "_abs",
    "_sign",
    "_exactly",
    *_MATHS,
)
_STATEMENTS = frozenset({"onto_diagonal", "from_diagonal", "exactly"})
_REPEATED = frozenset({"broadcast", "from_diagonal"})


@dataclass
class NumPy:
    """Writes operations as NumPy.

    Attributes:
        helpers: the functions of the module that have been called so far.
    """

    helpers: set[str] = field(default_factory=set)

    def compose(self, node: Node, operands: Sequence[Source], keep: bool = False) -> Source:
        """An operation on operands; with `keep`, a reduction that leaves axes of length 1."""
        if _is_decimal(node):
            above, below = (int(str(arg.data[0])) for arg in node.args)
            return Source(repr(above / below))
        if node.op in _OPERATORS:
            text, level, *needs = _OPERATORS[node.op]
            parts = [operand.at(need) for operand, need in zip(operands, needs, strict=True)]
            if level is Level.PRODUCT and node.args[0].op == "negative":
                parts[0] = operands[0].text  # (-a) * b is -a * b
            return Source(text.format(*parts), level)
        if node.op in _CALLS:
            text = _OF_NUMBERS.get(node.op, "") if node.weak else ""
            text = text or _CALLS[node.op]
            self._note(text)
            first = Level.ATOM if text.startswith("{") else Level.COMPARISON
            parts = [operand.at(first) for operand in operands]
            return Source(text.format(*parts))
        if node.op in REDUCTIONS:
            text = reduction(node, operands[0], keep)
            self._note(text)
            return Source(text)
        if node.op == "exp_difference":
            return Source(f"{self._called(node)}({', '.join(self._arguments(node, operands))})")
        found = CALLS[node.op](node, operands)
        self._note(found.text)
        return found

    def assigned(self, name: str, node: Node, operands: Sequence[Source]) -> list[str]:
        """The statements that give an operation's result a name."""
        if node.op == "onto_diagonal":
            first = operands[0].text
            kept = first.isidentifier() or node.args[0].is_view or node.args[0].op == "spread"
            start = [] if first == name else [f"{name} = {first}{'.copy()' if kept else ''}"]
            return [*start, _put(name, node, operands[1])]
        if node.op == "from_diagonal":
            sizes = ", ".join(size.text for size in operands[1:])
            lead = leading(operands[0].text, node.args[0].rank)
            zeros = f"np.zeros(({lead}{sizes}), {operands[0].text}.dtype)"
            return [f"{name} = {zeros}", _put(name, node, operands[0])]
        if node.op == "exactly":
            function = FUNCTIONS[str(node.data[0])].numpy.removesuffix("({0})")
            self.helpers |= {"_exactly", "_Unrounded", function} & set(HELPERS)
            return assignment(name, function, node, operands, self.compose)
        return [f"{name} = {self.compose(node, operands).text}"]

    def into(
        self, name: str, node: Node, operands: Sequence[Source], own: int, *, fits: bool
    ) -> list[str]:
        """The same, with the result in the memory of operand number `own`, if that fits."""
        text, lines = operands[own].text, []
        if not text.isidentifier():
            text, lines = name, [f"{name} = {text}"]
        operands = [Source(text) if k == own else part for k, part in enumerate(operands)]
        parts = self._arguments(node, operands)
        if not fits:
            out = f"_room({text}, {parts[1 - own]})"
            self._note(out)
            return [*lines, f"{name} = {_ufunc(node)}({', '.join(parts)}, out={out})"]
        if name == text and node.op in _SIGNS and (own == 0 or node.op in ("add", "multiply")):
            return [*lines, f"{name} {_SIGNS[node.op]}= {parts[1 - own]}"]
        bind = f"{name} = " if text != name else ""
        return [*lines, f"{bind}{self._called(node)}({', '.join(parts)}, out={text})"]

    def _called(self, node: Node) -> str:
        """The function that `into` calls."""
        self._note(_ufunc(node))
        if node.op == "exp_difference" and node.data:
            self.helpers.add("_Unrounded")
        return _ufunc(node)

    def _arguments(self, node: Node, operands: Sequence[Source]) -> list[str]:
        if node.op == "exp_difference":
            return of_difference(node, operands, self.compose)
        return [operand.text for operand in operands]

    def reuses(self, node: Node) -> bool:
        """Whether an operation can put its result into the memory of an operand."""
        return bool(_ufunc(node))

    def repeats(self, node: Node) -> bool:
        """Whether the first operand is written out more than once."""
        return node.op in _REPEATED

    def is_statement(self, node: Node) -> bool:
        """Whether an operation can only be written as statements of its own."""
        return node.op in _STATEMENTS

    def _note(self, text: str) -> None:
        self.helpers.update(set(HELPERS).intersection(re.findall(r"\w+", text)))


def _ufunc(node: Node) -> str:
    """The NumPy function of an operation that takes an `out`; "" if there is none."""
    if node.op == "exp_difference":
        return "_exp_difference"
    if node.weak or node.op not in ("function", "sqrt", *_UFUNCS):
        return ""
    if node.op == "function":
        text = FUNCTIONS[str(node.data[0])].numpy
        return text.removesuffix("({0})") if text.startswith("np.") and "," not in text else ""
    return _UFUNCS.get(node.op, "np.sqrt")


def _is_decimal(node: Node) -> bool:
    """Whether it is a fraction such as 3/8, which is short and exact as a decimal."""
    if node.op != "divide" or any(arg.op != "number" for arg in node.args):
        return False
    return node.args[1].data[0] in (2, 4, 8) and int(str(node.args[0].data[0])) < 1000


def _put(name: str, node: Node, source: Source) -> str:
    """The entries of an array where letters agree, overwritten."""
    letters, kept = node.data
    return f'np.einsum("...{letters}->...{kept}", {name})[...] = {source.text}'
