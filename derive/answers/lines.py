"""The lines of an answer: what stands left and right of the equals sign, and where."""

from __future__ import annotations

from dataclasses import dataclass

# A name with its indices: ("z", ("j",)); a scalar has none.
Head = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Left:
    """A left-hand side: a name, or its derivative by others: ds[i]/dz[j].

    Attributes:
        name, indices: what stands alone or is differentiated; "" for a bare d/dz[j].
        wrt: by what, one after the other; () for a plain name.
    """

    name: str
    indices: tuple[str, ...] = ()
    wrt: tuple[Head, ...] = ()

    @property
    def text(self) -> str:
        """The name with its indices in the input language."""
        return f"{self.name}[{', '.join(self.indices)}]" if self.indices else self.name


@dataclass(frozen=True)
class Line:
    """One line of working.

    Attributes:
        number: in the file, from 1.
        source: as it was written.
        left: None where a line begins with the equals sign, or has none.
        right: in the input language.
    """

    number: int
    source: str
    left: Left | None
    right: str
