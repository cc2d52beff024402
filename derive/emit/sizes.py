"""Statements that read sizes off the arguments' shapes: n from z of shape (n,), and from x of shape
(m + n - 1,) where m is known."""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Add, Expr, S, Symbol

from derive.emit.lower import Lowering
from derive.errors import UnsupportedError
from derive.indices import difference
from derive.nodes import is_size


@dataclass
class Sizes:
    """Finds for every size that code reads an axis of an argument that has it.

    Attributes:
        lines: the statements, in an order in which each size is known before it is used.
    """

    lowering: Lowering
    lines: list[str] = field(default_factory=list)
    _known: set[Symbol] = field(default_factory=set)
    _solved: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for size in sorted(self.lowering.sizes, key=str):
            self._read(size)
        self._check()

    def _read(self, size: Symbol, wanted: tuple[Symbol, ...] = ()) -> None:
        """One size; what it is read from is then an argument that the code needs. It is not read
        from those that are `wanted` to read another.

        Raises:
            UnsupportedError: no argument's shape says how large it is.
        """
        if size in self._known:
            return
        places = [place for place in self._places(size) if not self._extent(place).has(*wanted)]
        plain = [place for place in places if self._extent(place) == size]
        used = [place for place in plain if place[0] in self.lowering.used]
        if not places:
            extents = self.lowering.problem.extents.items()
            letters = [str(letter) for letter, extent in extents if extent == size]
            what = f"how far {letters[0]} runs" if letters else f"the size {size}"
            raise UnsupportedError(f"{what} cannot be read from the shape of any argument")
        name, axis = place = [*used, *plain, *places][0]
        self.lowering.used.add(name)
        rest = Add(self._extent(place), -size)
        for other in sorted(filter(is_size, rest.free_symbols), key=str):
            self._read(other, (*wanted, size))
        self._known.add(size)
        self._solved.add(place)
        spelled = self.lowering.names[name]
        line = f"{self.lowering.names[str(size)]} = {spelled}.shape[{axis}]"
        self.lines.append(line + self._text(difference(S.Zero, rest), signed=True))

    def _places(self, size: Symbol) -> list[tuple[str, int]]:
        """The axes, counted from the back, of arguments whose length says how large a size is."""
        return [
            (name, axis - len(shape))
            for name, shape in self.lowering.shapes.items()
            for axis, extent in enumerate(shape)
            if extent.coeff(size) == 1 and size not in Add(extent, -size).free_symbols
        ]

    def _extent(self, place: tuple[str, int]) -> Expr:
        name, axis = place
        return self.lowering.shapes[name][axis]

    def _text(self, expr: Expr, signed: bool = False) -> str:
        """A sum of sizes and numbers as source; signed, it goes on after something else."""
        found = ""
        for term in sorted(Add.make_args(expr), key=lambda t: (t.is_Number, str(t))):
            minus = term.could_extract_minus_sign()
            names = {s: Symbol(self.lowering.names[str(s)]) for s in term.free_symbols}
            text = str((-term if minus else term).xreplace(names))
            sign = "-" if minus else "+"
            found += f" {sign} {text}" if found or signed else f"-{text}" if minus else text
        return "" if expr == 0 else found

    def _check(self) -> None:
        """Refuse an argument whose axis is not as long as sizes read elsewhere say."""
        for name in sorted(self.lowering.used & set(self.lowering.shapes)):
            shape = self.lowering.shapes[name]
            for axis, extent in enumerate(shape, start=-len(shape)):
                known = extent.free_symbols <= self._known and extent.is_Add
                if known and (name, axis) not in self._solved:
                    self.lines += self._refusal(self.lowering.names[name], axis, self._text(extent))

    def _refusal(self, name: str, axis: int, text: str) -> tuple[str, str]:
        message = f'f"{name} has shape {{{name}.shape}}; expected {text} = {{{text}}}"'
        return f"if {name}.shape[{axis}] != {text}:", f"    raise ValueError({message})"
