"""A graph as loops over the entries of its arrays, for one sample.

Every number is computed where it is needed: an operation on arrays is an expression of the entries
it reads, a reduction is a loop of its own, placed in the outermost loop that it varies with. Only
what is costly and is needed in more than one loop is stored in an array first.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from derive.emit.backends.blocks import Block, Chain, Place, Value, covered, depth
from derive.emit.backends.entries import ENTRIES, HEAVY, VIEWS, weak_text
from derive.emit.graph import REDUCTIONS, Node
from derive.emit.writer import Level, Source
from derive.errors import UnsupportedError

Places = tuple[Place, ...]
Extents = Callable[[Node, int], str]
_CONTRACTIONS = frozenset({"dot", "einsum"})
_PRODUCTS = frozenset({"matmul", "matvec"})
_LOOPED = REDUCTIONS | _CONTRACTIONS
_PASSED = frozenset({"broadcast", "copy", "spread", "fill"})


@dataclass(frozen=True)
class Array:
    """An array that is written to: its name, and its entries' spelling."""

    name: str

    def at(self, places: Sequence[Place]) -> str:
        return f"{self.name}[{', '.join(place.text for place in places)}]"


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
        helpers: the module's functions that are called.
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
    helpers: set[str] = field(default_factory=set)
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
        self._count(root)
        chain = (self.sample,)
        while root.op in ("spread", "copy"):
            root = root.args[0]
        self.deep = root.rank > 1
        if root.rank:
            self.row = self.fresh("row")
            self._fill(Array(self.row), root, {}, chain)
        else:
            self.result = self.at(root, (), chain).real.text

    def again(self) -> dict[Node, int]:
        """What should be stored, as the requests of this time show: what is costly and asked for in
        different loops, or in a loop that it does not vary with. Once that is stored, its operands
        may be asked for once only, so they have to wait."""
        found = dict(self.stored)
        for node, requests in self._requests.items():
            several = len({request.places for request in requests}) > 1
            if several or any(request.missed for request in requests):
                found[node] = min(self._common(requests), found.get(node, node.rank))
        new = found.keys() - self.stored.keys()
        waiting = frozenset[Node]().union(*(_below(node) for node in new))
        return {node: count for node, count in found.items() if node not in new & waiting}

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

    def _count(self, node: Node) -> None:
        self._uses[node] += 1
        if self._uses[node] == 1 or node.cheap:
            for arg in node.args:
                self._count(arg)

    # One number

    def at(self, node: Node, places: Places, chain: Chain) -> Value:
        """The entry of a node at some places, as text for the innermost loop."""
        if node.weak:
            return self._number(node)
        if node.op == "argument":
            return Value(Source(f"{node.data[0]}{self._subscript(places)}"))
        if node.op in VIEWS:
            return self.at(node.args[0], VIEWS[node.op](self, node, places), chain)
        if node.op in _PASSED:
            return self.at(node.args[0], () if node.op == "fill" else places, chain)
        here = chain[: depth(chain, places) + 1]
        key = (node, tuple(place.text for place in places))
        if key in here[-1].known:
            return here[-1].known[key]
        if node.rank and self._is_heavy(node):
            letters = tuple(block.letter for block in here[1:])
            missed = any(b.letter not in _loops(places) for b in here[1:])
            self._requests[node].append(_Request(letters, key[1], missed))
        if self._is_stored(node):
            return self._entry(node, places, chain)
        value = self.computed(node, places, here)
        often = self._uses[node] > 1 or node in self.names or len(here) < len(chain)
        if often and not value.text.isidentifier():
            value = self.named(node, value, here[-1])
        if value.text.isidentifier():
            here[-1].known[key] = value
        return value

    def computed(self, node: Node, places: Places, chain: Chain) -> Value:
        """The entry of a node from the entries of its operands."""
        if node.op in _LOOPED:
            return self._looped(node, places, chain)
        if node.op in ENTRIES:
            return ENTRIES[node.op](self, node, places, chain)
        raise UnsupportedError(
            f"no loops for {node.op!r}: backends numpy and torch have code for it"
        )

    def call(self, name: str, *arguments: Source) -> Source:
        """A call of one of the module's functions."""
        self.helpers.add(name)
        return Source(f"{name}({', '.join(a.text for a in arguments)})")

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
        tried = (f"{hint}{n}" if n > 1 else hint for n in range(1, len(self.taken) + 3))
        name = next(name for name in tried if name not in self.taken)
        self.taken.add(name)
        return name

    def _number(self, node: Node) -> Value:
        """A number that is the same for all samples."""
        source = weak_text(node)
        if not node.args or node.op == "negative":
            return Value(source, "weak")
        self.helpers.update(re.findall(r"\b_\w+(?=\()", source.text))
        if node not in self._weak:
            self._weak[node] = self.fresh("c")
            self.head.append(f"{self._weak[node]} = real({source.text})")
        return Value(Source(self._weak[node]))

    def _subscript(self, places: Places) -> str:
        return f"[{', '.join(place.text for place in places)}]" if places else ""

    def _is_heavy(self, node: Node) -> bool:
        if node.op in HEAVY or node.op in _LOOPED:
            return True
        within = [arg for arg in node.args if arg.op != "expand" and arg.rank == node.rank]
        return any(self._is_heavy(arg) for arg in within)

    # Loops

    def loop(self, hint: str, extent: str, chain: Chain) -> Chain:
        """A new innermost loop; `_close` puts it into the one around it."""
        letter = self.fresh(hint)
        alike = self._letters.setdefault(hint, [])
        alike.append(letter)
        return (*chain, Block(letter, extent, alike))

    def _looped(self, node: Node, places: Places, chain: Chain) -> Value:
        """A reduction or contraction."""
        if node.op in _CONTRACTIONS:
            return self._summed(node, places, chain)
        (body,) = node.args
        axes = [int(str(axis)) for axis in node.data[0]]  # type: ignore[attr-defined]
        kept = iter(places)
        inner, loops = [], chain
        for axis in range(body.rank):
            if axis in axes:
                loops = self.loop("k", self.extents(body, axis), loops)
                inner.append(Place(loops[-1].letter, frozenset([loops[-1].letter])))
            else:
                inner.append(next(kept))
        if node.op == "norm":
            return self._norm(node, body, tuple(inner), loops, len(chain))
        return self._accumulated(
            node, node.op, lambda c: self.at(body, tuple(inner), c).real, loops, len(chain)
        )

    def _summed(self, node: Node, places: Places, chain: Chain) -> Value:
        """A sum of products of entries."""
        data = ("k", "k", "") if node.op == "dot" else tuple(map(str, node.data))
        *operands, wanted = data
        env, loops = dict(zip(wanted, places, strict=True)), chain
        for arg, letters in zip(node.args, operands, strict=True):
            for axis, letter in enumerate(letters):
                if letter not in env:
                    loops = self.loop("k", self.extents(arg, axis), loops)
                    env[letter] = Place(loops[-1].letter, frozenset([loops[-1].letter]))

        def product(inner: Chain) -> Source:
            found = None
            for arg, letters in zip(node.args, operands, strict=True):
                value = self.at(arg, tuple(env[letter] for letter in letters), inner)
                found = value if found is None else _times(found, value)
            assert found is not None
            return found.real

        return self._accumulated(node, "sum", product, loops, len(chain))

    def _accumulated(
        self, node: Node, op: str, body: Callable[[Chain], Source], loops: Chain, outer: int
    ) -> Value:
        """A variable that the loops beyond `outer` add to, multiply or enlarge."""
        start, step = _STEPS[op]
        name = self.name(node)
        loops[outer - 1].lines.append(f"{name} = {start}")
        text = body(loops)
        if step.startswith("_"):
            line = self.call(step, Source(name), text).text
        else:
            line = f"{name} {step} {text.at(Level.POWER)}"
        loops[-1].lines.append(f"{name} = {line}")
        self._close(loops, outer)
        return Value(Source(name))

    def _norm(self, node: Node, body: Node, places: Places, loops: Chain, outer: int) -> Value:
        """sqrt(sum(x**2)), with x divided by its largest entry, so that no square overflows."""

        def size(inner: Chain) -> Source:
            return Source(f"abs({self.at(body, places, inner).real.text})")

        largest = self._accumulated(node, "max", size, loops, outer)
        block = loops[outer - 1]
        scale = self.named(node, Value(self.call("_scale", largest.source)), block)
        again = (*loops[:outer], *(Block(b.letter, b.extent, b.alike) for b in loops[outer:]))

        def square(inner: Chain) -> Source:
            part = self.at(body, places, inner).real
            return self.call("_square", Source(f"{part.at(Level.PRODUCT)} / {scale.text}"))

        total = self._accumulated(node, "sum", square, again, outer)
        return Value(Source(f"math.sqrt({total.text}) * {scale.text}", Level.PRODUCT))

    def _close(self, loops: Chain, outer: int) -> None:
        """Put loops into each other, from the inside out."""
        for place in range(len(loops) - 1, outer - 1, -1):
            loops[place - 1].lines.append(loops[place])

    # Arrays

    def _is_stored(self, node: Node) -> bool:
        return node.rank > 0 and (node in self.stored or node.op in _PRODUCTS | {"others"})

    def _entry(self, node: Node, places: Places, chain: Chain) -> Value:
        """An entry of a node that is stored in an array."""
        most = 0 if node.op in _PRODUCTS else node.rank - (node.op == "others")
        count = min(self.stored.get(node, node.rank), covered(chain, places), most)
        letters = [block.letter for block in chain[1 : count + 1]]
        fixed = {k: place for k, place in enumerate(places) if place.text in letters}
        name = self._array(node, fixed, chain[: count + 1])
        rest = [place for k, place in enumerate(places) if k not in fixed]
        return Value(Source(Array(name).at(rest) if rest else name))

    def _array(self, node: Node, fixed: dict[int, Place], chain: Chain) -> str:
        """The array of a node, with some axes fixed by the loops around it."""
        key = (node, tuple(f"{k}: {place.text}" for k, place in fixed.items()))
        block = chain[-1]
        if key not in block.known:
            name = self.name(node)
            free = [k for k in range(node.rank) if k not in fixed]
            self.scratch[name] = tuple(self.extents(node, k) for k in free)
            self._fill(Array(name), node, fixed, chain)
            block.known[key] = Value(Source(name))
        return block.known[key].text

    def _fill(self, target: Array, node: Node, fixed: dict[int, Place], chain: Chain) -> None:
        """Statements that fill an array with a node's entries."""
        if node.op in _PRODUCTS and not fixed:
            first, second = (self._whole(arg, chain) for arg in node.args)
            chain[-1].lines.append(f"np.dot({first}, {second}, {target.name})")
        elif node.op == "others":
            self._fill_others(target, node, fixed, chain)
        elif node.op in ("onto_diagonal", "from_diagonal"):
            self._fill_with_diagonal(target, node, fixed, chain)
        else:
            self._fill_by_entries(target, node, fixed, chain)

    def _fill_by_entries(
        self, target: Array, node: Node, fixed: dict[int, Place], chain: Chain
    ) -> None:
        places, loops = [], chain
        for axis in range(node.rank):
            if axis not in fixed:
                loops = self.loop("ijl"[min(axis, 2)], self.extents(node, axis), loops)
            letter = loops[-1].letter
            places.append(fixed.get(axis) or Place(letter, frozenset([letter])))
        free = [place for axis, place in enumerate(places) if axis not in fixed]
        outer = loops[-1]
        if node.op in _PASSED or node.op in VIEWS or node.op == "argument":
            value = self.at(node, tuple(places), loops)
        else:
            value = self.computed(node, tuple(places), loops)
        outer.lines.append(f"{target.at(free)} = {value.real.text}")
        self._close(loops, len(chain))

    def _fill_with_diagonal(
        self, target: Array, node: Node, fixed: dict[int, Place], chain: Chain
    ) -> None:
        """Everything first, then what stands on the diagonal of two axes."""
        if node.op == "onto_diagonal":
            self._fill(target, node.args[0], fixed, chain)
        else:
            chain[-1].lines.append(f"{target.name}[...] = real(0)")
        entries = node.args[1] if node.op == "onto_diagonal" else node.args[0]
        letters, kept = map(str, node.data)
        env, loops = {letters[k]: place for k, place in fixed.items()}, chain
        for axis, letter in enumerate(kept):
            if letter not in env:
                loops = self.loop("i", self.extents(entries, axis), loops)
                env[letter] = Place(loops[-1].letter, frozenset([loops[-1].letter]))
        value = self.at(entries, tuple(env[letter] for letter in kept), loops)
        free = [env[letter] for k, letter in enumerate(letters) if k not in fixed]
        loops[-1].lines.append(f"{target.at(free)} = {value.real.text}")
        self._close(loops, len(chain))

    def _fill_others(
        self, target: Array, node: Node, fixed: dict[int, Place], chain: Chain
    ) -> None:
        """All entries along the last axis but one, from what is before and what is after it."""
        start, sign = {"add": ("real(0)", "+"), "multiply": ("real(1)", "*")}[str(node.data[0])]
        (body,) = node.args
        places, loops = [], chain
        for axis in range(node.rank - 1):
            if axis not in fixed:
                loops = self.loop("i", self.extents(node, axis), loops)
            letter = loops[-1].letter
            places.append(fixed.get(axis) or Place(letter, frozenset([letter])))
        row, last = loops[-1], self.extents(node, node.rank - 1)
        running = self.fresh("others")
        for backwards in (False, True):
            row.lines.append(f"{running} = {start}")
            inner = self.loop("k", last, loops)
            letter = inner[-1].letter
            text = f"{last} - 1 - {letter}" if backwards else letter
            place = Place(text, frozenset([letter]))
            free = [p for k, p in enumerate([*places, place]) if k not in fixed]
            value = self.at(body, (*places, place), inner).real.at(Level.POWER)
            old = f"{target.at(free)} {sign} " if backwards else ""
            inner[-1].lines.append(f"{target.at(free)} = {old}{running}")
            inner[-1].lines.append(f"{running} = {running} {sign} {value}")
            row.lines.append(inner[-1])
        self._close(loops, len(chain))

    def _whole(self, node: Node, chain: Chain) -> str:
        """A whole array, as an operand of a matrix product."""
        if node.op == "argument":
            return str(node.data[0])
        if node.op == "transpose" and node.rank == 2:
            return f"{self._whole(node.args[0], chain)}.T"
        return self._array(node, {}, chain[:1])


def _below(node: Node) -> frozenset[Node]:
    """All that a node is computed from."""
    found, pending = set[Node](), [*node.args]
    while pending:
        part = pending.pop()
        if part not in found:
            found.add(part)
            pending += part.args
    return frozenset(found)


def _loops(places: Places) -> frozenset[str]:
    return frozenset[str]().union(*(place.loops for place in places))


def _times(first: Value, second: Value) -> Value:
    """A product."""
    text = f"{first.real.at(Level.PRODUCT)} * {second.real.at(Level.POWER)}"
    return Value(Source(text, Level.PRODUCT))


_STEPS = {
    "sum": ("real(0)", "_plus"),
    "prod": ("real(1)", "*"),
    "max": ("real(-np.inf)", "_larger"),
    "min": ("real(np.inf)", "_smaller"),
}
