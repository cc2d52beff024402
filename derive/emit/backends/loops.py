"""A graph as loops over the entries of its arrays, for one sample.

Every number is computed where it is needed: an operation on arrays is an expression of the entries
it reads, a reduction is a loop of its own, placed in the outermost loop that it varies with. Only
what is costly and is needed in more than one loop is stored in an array first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from derive.emit.backends.blocks import (
    Block,
    Chain,
    Place,
    Places,
    Value,
    at_places,
    covered,
    depth,
    varying,
)
from derive.emit.backends.entries import ENTRIES, HEAVY, VIEWS, weak_text
from derive.emit.backends.fills import PASSED, PRODUCTS, fill
from derive.emit.backends.reductions import LOOPED, looped
from derive.emit.graph import Node, uses
from derive.emit.writer import Source, fresh
from derive.errors import UnsupportedError

Extents = Callable[[Node, int], str]


@dataclass(frozen=True)
class _Request:
    """Where a number was asked for: the loops around it, and its places."""

    loops: tuple[str, ...]
    places: tuple[str, ...]
    missed: bool

    @property
    def shared(self) -> tuple[str, ...]:
        """The outermost loops that give one of the places each."""
        count = 0
        while count < len(self.loops) and self.loops[count] in self.places:
            count += 1
        return self.loops[:count]


@dataclass
class Loops:
    """The statements that compute one node for one sample.

    Attributes:
        extents: how many entries a node has along an axis.
        taken: names that no local variable may have.
        names: how definitions are called.
        stored: the nodes that are stored in arrays, and in how many of their loops.
        scratch: the arrays, with their shapes.
        head: statements that do not depend on the sample.
        sample: the statements.
        row: the name of the array that is filled; "" for a number, which is `result`.
        deep: whether the result has more than one axis.
    """

    extents: Extents
    taken: set[str]
    names: dict[Node, str]
    stored: dict[Node, int]
    scratch: dict[str, tuple[str, ...]] = field(default_factory=dict)
    head: list[str] = field(default_factory=list)
    sample: Block = field(default_factory=Block)
    row: str = ""
    result: str = ""
    deep: bool = False
    _weak: dict[Node, str] = field(default_factory=dict)
    _given: set[str] = field(default_factory=set)
    _letters: dict[str, list[str]] = field(default_factory=dict)
    _uses: Counter[Node] = field(default_factory=Counter)
    _requests: dict[Node, list[_Request]] = field(default_factory=lambda: defaultdict(list))

    def write(self, root: Node) -> None:
        """Fill the array `row`, or compute the number `result`."""
        self._uses = uses(root)
        chain = (self.sample,)
        while root.op in ("spread", "copy"):
            root = root.args[0]
        self.deep = root.rank > 1
        if root.rank:
            self.row = self.fresh("row")
            fill(self, self.row, root, {}, chain)
        else:
            self.result = self.at(root, (), chain).real.text

    def again(self) -> dict[Node, int]:
        """What should be stored, as the requests of this time show: what is costly and asked for in
        different loops, or in a loop that it does not vary with. Once that is stored, its operands
        may be asked for once only, so they have to wait; if they are stored as well, it need not
        be."""
        found = dict(self.stored)
        for node, requests in self._requests.items():
            several = len({request.places for request in requests}) > 1
            if several or any(request.missed for request in requests):
                found[node] = min(self._common(requests), found.get(node, node.rank))
        new = found.keys() - self.stored.keys()
        waiting = frozenset[Node]().union(*(uses(node).keys() - {node} for node in new))
        return {n: k for n, k in found.items() if n not in new & waiting and not self._is_light(n)}

    @staticmethod
    def _common(requests: Sequence[_Request]) -> int:
        """How many outer loops all requests share."""
        count = 0
        for letters in zip(*(request.shared for request in requests), strict=False):
            places = {request.places.index(request.shared[count]) for request in requests}
            if len(set(letters)) > 1 or len(places) > 1:
                break
            count += 1
        return count

    # One number

    def at(self, node: Node, places: Places, chain: Chain) -> Value:
        """The entry of a node at some places, as text for the innermost loop."""
        if node.weak:
            return self._number(node)
        if not all(node.filled):
            filled = zip(places, node.filled, strict=True)
            places = tuple(place if wide else Place("0") for place, wide in filled)
        if node.op == "argument":
            return Value(Source(at_places(str(node.data[0]), places)))
        if node.op in VIEWS:
            return self.at(node.args[0], VIEWS[node.op](node, places), chain)
        if node.op in PASSED:
            return self.at(node.args[0], () if node.op == "fill" else places, chain)
        here = chain[: depth(chain, places) + 1]
        key = (node, tuple(place.text for place in places))
        if key in here[-1].known:
            return here[-1].known[key]
        if node.rank and self._is_heavy(node):
            letters = tuple(block.letter for block in here[1:])
            missed = any(b.letter not in varying(places) for b in here[1:])
            self._requests[node].append(_Request(letters, key[1], missed))
        if self._is_stored(node):
            return self.entry(node, places, chain)
        value = self.computed(node, places, here)
        often = self._uses[node] > 1 or node in self.names or len(here) < len(chain)
        if often and not value.text.isidentifier():
            value = self.named(node, value, here[-1])
        if value.text.isidentifier():
            here[-1].known[key] = value
        return value

    def computed(self, node: Node, places: Places, chain: Chain) -> Value:
        """The entry of a node from the entries of its operands."""
        if node.op in LOOPED:
            return looped(self, node, places, chain)
        if node.op in ENTRIES:
            return ENTRIES[node.op](self, node, places, chain)
        raise UnsupportedError(
            f"no loops for {node.op!r}: backends numpy and torch have code for it"
        )

    def named(self, node: Node, value: Value, block: Block) -> Value:
        """A value under a name of its own."""
        name = self.name(node)
        block.lines.append(f"{name} = {value.text}")
        return Value(Source(name), value.kind)

    def name(self, node: Node) -> str:
        """A name for a node: what a definition calls it, the first time."""
        own = self.names.get(node, "")
        if own and own not in self._given:
            self._given.add(own)
            return own
        return self.fresh(own or node.hint)

    def fresh(self, hint: str) -> str:
        """A new name for a local variable."""
        return fresh(hint, self.taken)

    def _number(self, node: Node) -> Value:
        """A number that is the same for all samples."""
        source = weak_text(node)
        if not node.args or node.op == "negative":
            return Value(source, "weak")
        if node not in self._weak:
            self._weak[node] = self.fresh("c")
            self.head.append(f"{self._weak[node]} = real({source.text})")
        return Value(Source(self._weak[node]))

    def _is_heavy(self, node: Node) -> bool:
        if node.op in HEAVY or node.op in LOOPED:
            return True
        within = [arg for arg in node.args if arg.op != "expand" and arg.rank == node.rank]
        return any(self._is_heavy(arg) for arg in within)

    def _is_light(self, node: Node) -> bool:
        """Whether it takes one operation on an entry of a stored array, and on numbers, wherever it
        is asked for; and not again and again, in a loop that it does not vary with."""
        if any(request.missed for request in self._requests[node]):
            return False
        wide = [arg for arg in node.args if arg.op != "expand" and not arg.weak]
        if node.op not in ("add", "subtract", "multiply"):
            return False
        return len(wide) == 1 and wide[0] in self.stored

    # Loops

    def loop(self, hint: str, extent: str, chain: Chain) -> Chain:
        """A new innermost loop; `close` puts it into the one around it."""
        letter = self.fresh(hint)
        alike = self._letters.setdefault(hint, [])
        alike.append(letter)
        return (*chain, Block(letter, extent, alike))

    def close(self, loops: Chain, outer: int) -> None:
        """Put loops into each other, from the inside out."""
        for place in range(len(loops) - 1, outer - 1, -1):
            loops[place - 1].lines.append(loops[place])

    # Arrays

    def _is_stored(self, node: Node) -> bool:
        return node.rank > 0 and (node in self.stored or node.op in PRODUCTS | {"others"})

    def entry(self, node: Node, places: Places, chain: Chain, most: int | None = None) -> Value:
        """An entry of a node that is stored in an array; the loops around may take the place of its
        first axes, of `most` of them."""
        most = node.rank if most is None else most
        most = 0 if node.op in PRODUCTS else min(most, node.rank - (node.op == "others"))
        count = min(self.stored.get(node, node.rank), covered(chain, places[:most]), most)
        letters = [block.letter for block in chain[1 : count + 1]]
        fixed = {k: place for k, place in enumerate(places) if place.text in letters}
        rest = [place for k, place in enumerate(places) if k not in fixed]
        if not rest:
            return self._local(node, places, chain[: count + 1])
        return Value(Source(at_places(self._array(node, fixed, chain[: count + 1]), rest)))

    def _local(self, node: Node, places: Places, chain: Chain) -> Value:
        """An entry that the loops around fix along all axes, under a name of its own."""
        key = (node, tuple(place.text for place in places))
        if key not in chain[-1].known:
            value = self.computed(node, places, chain)
            chain[-1].known[key] = self.named(node, value, chain[-1])
        return chain[-1].known[key]

    def _array(self, node: Node, fixed: dict[int, Place], chain: Chain) -> str:
        """The array of a node, with some axes fixed by the loops around it."""
        key = (node, tuple(f"{k}: {place.text}" for k, place in fixed.items()))
        block = chain[-1]
        if key not in block.known:
            name = self.name(node)
            free = [k for k in range(node.rank) if k not in fixed]
            self.scratch[name] = tuple(self.extents(node, k) for k in free)
            fill(self, name, node, fixed, chain)
            block.known[key] = Value(Source(name))
        return block.known[key].text

    def whole(self, node: Node, chain: Chain) -> str:
        """A whole array, as an operand of a matrix product."""
        if node.op == "argument":
            return str(node.data[0])
        if node.op == "transpose" and node.rank == 2:
            return f"{self.whole(node.args[0], chain)}.T"
        return self._array(node, {}, chain[:1])
