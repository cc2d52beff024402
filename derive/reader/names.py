"""Names with what stands below and above them: entries, labels, powers, transposes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.reader import lengths, powers, slopes
from derive.reader.indexing import identifier, letter, place, split
from derive.reader.pieces import Bind, Text, called, glued, listed, piece
from derive.reader.syntax import (
    Accent,
    Bracket,
    Call,
    Mark,
    Name,
    Node,
    Num,
    Script,
    Scripted,
    bare,
)
from derive.reader.values import ONE, Value, number
from derive.reader.vocabulary import Key, look

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_UNCLEAR = frozenset(["log", "sin", "cos", "tan"])
"""Functions that often stand without brackets, so that a power behind one may be its own."""


def accented(m: Meaning, node: Accent) -> Node:
    r"""\hat{y_i} as \hat{y} with i below."""
    body = bare(node.body)
    if isinstance(body, Name):
        return Name(f"{body.text}_{node.mark}", node.place)
    if isinstance(body, Scripted) and isinstance(body.base, Name):
        return Scripted(Name(f"{body.base.text}_{node.mark}", node.place), body.scripts, node.place)
    raise m.error(f"a {node.mark} stands over a name only", node)


def scripted(m: Meaning, node: Scripted) -> Value:
    """A base with indices, powers, transposes."""
    base = bare(node.base)
    if isinstance(base, Accent):
        inner = accented(m, base)
        scripts = inner.scripts if isinstance(inner, Scripted) else ()
        base = inner.base if isinstance(inner, Scripted) else inner
        node = Scripted(base, (*scripts, *node.scripts), node.place)
    if _may_indicate(m, base) and node.scripts[0].kind == "_":
        return powers.indicated(m, node)
    if isinstance(base, Name):
        return _on_name(m, base, node)
    if isinstance(base, Call):
        _check_call(m, base, node)
    bars = powers.norm_order(m, base, node)
    value, rest = bars if bars else (m.value(base), node.scripts)
    if below := [script for script in rest if script.kind == "_"]:
        value = entry_of(m, value, split(below[0].items), node.place)
        if len(below) > 1:
            raise m.error("two subscripts stand here", node)
    return powers.raised(m, value, [s for s in rest if s.kind != "_"], node)


def _check_call(m: Meaning, call: Call, node: Scripted) -> None:
    """log(1 + x)^2 may be read in two ways, tanh(x)^2 and σ(1 + x)^2 not."""
    if any(script.kind == "'" for script in node.scripts):
        raise m.error("a prime stands before the bracket, as in f'(x)", node)
    single = len(call.arguments) == 1 and isinstance(bare(call.arguments[0]), Name | Scripted)
    if call.name in _UNCLEAR and not single and any(s.kind == "^" for s in node.scripts):
        message = f"is this a power of {call.name}, or of the bracket? Write brackets around it"
        raise m.error(message, node.scripts[0].place)


def _may_indicate(m: Meaning, base: Node) -> bool:
    """1 and I, with a condition or a length below them."""
    if isinstance(base, Name):
        return base.text == "I" and "I" not in m.known.stems
    if isinstance(base, Num):
        return base.text == "1"
    return isinstance(base, Mark) and base.kind == "1"


def _on_name(m: Meaning, base: Name, node: Scripted) -> Value:
    below = [script for script in node.scripts if script.kind == "_"]
    above = [script for script in node.scripts if script.kind != "_"]
    if len(below) > 1:
        raise m.error("two subscripts stand here", node)
    if base.text in ("e", "𝑒") and not below and _is_euler(m, base):
        return powers.exponential(m, above, node)
    labels = [script for script in above if powers.is_label(script)]
    items = tuple(split(below[0].items)) if below else ()
    if labels:
        found = _labelled(m, base, labels[0], items, node)
        return powers.raised(m, found, [s for s in above if s is not labels[0]], node)
    value = named(m, base, items, node)
    primes = [script for script in above if script.kind == "'"]
    if primes:
        value = slopes.primed(m, value, len(primes), base, node.place)
    return powers.raised(m, value, [s for s in above if s.kind != "'"], node)


def _is_euler(m: Meaning, base: Name) -> bool:
    if base.text == "e" and "e" in m.known.words:
        raise m.error("e is a name of this problem: write \\exp or \\mathrm{e}", base)
    return True


def _labelled(m: Meaning, base: Name, script: Script, items: tuple[Node, ...], node: Node) -> Value:
    """W^{(1)}: the name W1; y^{(i)}: entry i of y, which has one index."""
    (bracket,) = script.items
    assert isinstance(bracket, Bracket)
    label = bare(bracket.items[0])
    text = label.text if isinstance(label, Num | Name) else ""
    stem = look(base.text)
    if found := m.known.spelled.get((stem[0], stem[1], text)):
        return _entry(m, found[0], list(items), node)
    plain = m.known.spelled.get(stem, ())
    if not items and letter(label) and any(len(m.known.shapes[n]) == 1 for n in plain):
        return named(m, base, (label,), node)
    raise m.error(f"no name {base.text} has the label {text} above it", script.place)


def named(m: Meaning, base: Name, items: tuple[Node, ...], node: Node) -> Value:
    """What a name with indices below it stands for."""
    fitting = [
        (name, rest)
        for key, rest in _readings(look(base.text), items)
        for name in m.known.spelled.get(key, ())
        if len(rest) in (0, len(m.known.shapes[name]))
    ]
    exact = [found for found in fitting if found[0] == base.text] or fitting
    if len({name for name, _ in exact}) > 1:
        either = " or ".join(dict.fromkeys(name for name, _ in exact))
        raise m.error(f"this may be {either}", base)
    if exact:
        return _entry(m, exact[0][0], exact[0][1], node)
    return _other(m, base, items, node)


def _readings(key: Key, items: tuple[Node, ...]) -> list[tuple[Key, list[Node]]]:
    """The ways to read what stands below: as indices, as a label, as a label and indices."""
    stem, accents, label = key
    found = [(key, list(items))]
    texts = [item.text if isinstance(item, Num | Name) else "" for item in items]
    if items and all(texts):
        for joint in dict.fromkeys(["".join(texts), ",".join(texts)]):
            found.append(((stem, accents, ",".join(filter(None, [label, joint]))), []))
    if len(items) > 1 and texts[0]:
        found.append(((stem, accents, ",".join(filter(None, [label, texts[0]]))), list(items[1:])))
    return found


def _entry(m: Meaning, name: str, nodes: list[Node], node: Node) -> Value:
    """A name, whole or one entry of it."""
    shape = m.known.shapes[name]
    if not nodes:
        return whole(m, name, node)
    axis = [n for n, item in enumerate(nodes) if isinstance(item, Mark) and item.kind == ":"]
    parts = [None if n in axis else place(m, item) for n, item in enumerate(nodes)]
    for item, length in zip(nodes, shape, strict=True):
        m.bound.get(letter(item), []).append(length)

    def entry(row: str, column: str) -> Text:
        letters = iter((row, column) if len(axis) == 2 else (row,))
        made = [part or piece(next(letters), node.place) for part in parts]
        return glued(node.place, name, "[", listed(node.place, made), "]")

    if len(axis) > 1 or (axis and len(shape) < 2):
        raise m.error("one ':' marks an axis of a matrix", node)
    if not axis:
        return number(entry("", ""), node.place)
    source = ", ".join(part.text if part else ":" for part in parts)
    return Value(shape[axis[0]], ONE, entry, node.place, whole=f"{name}[{source}]")


def whole(m: Meaning, name: str, node: Node) -> Value:
    """A name without indices: a number, a column, a matrix."""
    shape = m.known.shapes[name]
    if not shape:
        return number(piece(name, node.place), node.place)
    if len(shape) > 2:
        raise m.error(f"{name} has {len(shape)} indices: write them", node)

    def entry(row: str, column: str) -> Text:
        at = [piece(letter, node.place) for letter in (row, column) if letter]
        return glued(node.place, name, "[", listed(node.place, at), "]")

    text = name if len(shape) == 1 else ""
    return Value(shape[0], shape[1] if len(shape) == 2 else ONE, entry, node.place, whole=text)


def _other(m: Meaning, base: Name, items: tuple[Node, ...], node: Node) -> Value:
    """What is no name of the problem: δ with two indices, π, e, I, a length."""
    if base.text == "δ" and len(items) == 2:
        return number(called("delta", node.place, *(place(m, i) for i in items)), node.place)
    if look(base.text) in m.known.spelled:
        raise _wrong_rank(m, base, items, node)
    if not items:
        if base.text in ("π", "pi"):
            return number(piece("pi", node.place), node.place)
        if base.text in ("e", "𝑒"):
            return number(piece("exp(1)", node.place), node.place)
        if base.text in ("I", "𝟙"):
            return m.arrays.identity(node.place)
        if m.known.length(base.text) in m.known.lengths or base.text in m.limits:
            return lengths.size(m, base.text, node.place)
    raise m.error(f"there is no {base.text} here{m.known.nearest(identifier(base.text))}", base)


def _wrong_rank(m: Meaning, base: Name, items: tuple[Node, ...], node: Node) -> Exception:
    name = m.known.spelled[look(base.text)][0]
    rank = len(m.known.shapes[name])
    indices = "no index" if not rank else "1 index" if rank == 1 else f"{rank} indices"
    return m.error(f"{name} has {indices}, and {len(items)} stand here", node)


def entry_of(m: Meaning, value: Value, nodes: list[Node], at: int) -> Value:
    """An entry of an array that is no name: (Wx)_i, softmax(z)_i."""
    wanted = 2 if value.is_matrix else 1 if value.is_line else 0
    if len(nodes) != wanted:
        shown = m.arrays.described(value)
        message = f"this is {shown}, and what stands below it does not fit"
        raise m.error(message, at)
    texts = [place(m, item) for item in nodes]
    lengths = [length for length in (value.rows, value.columns) if length]
    for item, length in zip(nodes, lengths, strict=True):
        m.bound.get(letter(item), []).append(m.arrays.find(length))
    if any(text.bind is not Bind.ATOM for text in texts):
        raise m.error("only a name has shifted entries", at)
    letters = [text.text for text in texts]
    row = letters[0] if value.rows else ""
    column = letters[-1] if value.columns else ""
    return number(value.entry(row, column), at)


def known(m: Meaning, base: Name) -> bool:
    """Whether a name means something here already."""
    stem = look(base.text)
    if any(key[:2] == stem[:2] for key in m.known.spelled):
        return True
    return base.text in (*m.known.lengths, "e", "𝑒", "π", "I", "δ")
