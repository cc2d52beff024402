"""Names with what stands below them: entries, labels; and what is no name of the problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.reader import indices, products, slopes
from derive.reader.grammar import Node, accented, bare, base_of, only
from derive.reader.indices import identifier, index, letter, size, split
from derive.reader.texts import Bind, Text, called, entry, piece
from derive.reader.values import ONE, Value, number
from derive.reader.vocabulary import Key, Vocabulary, look
from derive.reader.words import EULER

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_CONSTANTS = {"π": "pi", "e": "exp(1)", EULER: "exp(1)"}
_UNCLEAR = frozenset(["log", "sin", "cos", "tan"])
"""Functions that often stand without brackets, so that a power behind one may be its own."""


def under(m: Meaning, node: Node) -> Node:
    """The name that an accent makes of what is below it."""
    if found := accented(node):
        return found
    raise m.error(f"a {node.text} stands over a name only", node)


def scripted(m: Meaning, node: Node) -> Value:
    """A base with indices, powers, transposes."""
    base, scripts = base_of(node), node.scripts
    if base.kind == "accent":
        inner = under(m, base)
        base, scripts = base_of(inner), (*inner.scripts, *scripts)
    below = [script for script in scripts if script.text == "_"]
    above = [script for script in scripts if script.text != "_"]
    if len(below) > 1:
        raise m.error("two subscripts stand here", node)
    if below and _may_indicate(m, base):
        return products.raised(m, _indicated(m, base, below[0]), above, node)
    if base.kind == "name":
        return _on_name(m, base, below, above, node)
    if base.kind == "call":
        _check_call(m, base, above, node)
    if base.kind == "norm":
        order = only(below[0]).text if below else "2"
        return products.raised(
            m, products.norm(m, m.value(base.parts[0]), order, node), above, node
        )
    value = m.value(base)
    if below:
        value = entry_of(m, value, split(below[0].parts), node)
    return products.raised(m, value, above, node)


def _check_call(m: Meaning, call: Node, above: list[Node], node: Node) -> None:
    """log(1 + x)^2 may be read in two ways, tanh(x)^2 and σ(1 + x)^2 not."""
    if any(script.text == "'" for script in above):
        raise m.error("a prime stands before the bracket, as in f'(x)", node)
    single = only(call.parts[-1]).kind in ("name", "scripted")
    if m.latex and call.text in _UNCLEAR and not single and above:
        message = f"is this a power of {call.text}, or of the bracket? Write brackets around it"
        raise m.error(message, above[0])


def _may_indicate(m: Meaning, base: Node) -> bool:
    """1 and I, with a condition, a length or, for I, two indices below them."""
    if base.kind == "name":
        return base.text == "I" and "I" not in m.known.stems
    return base.kind in ("number", "mark") and base.text == "1"


def _indicated(m: Meaning, base: Node, script: Node) -> Value:
    r"""\mathbf{1}_{i = j}; or 1_n, I_n: the column of ones or the identity, with its length."""
    inside = bare(script.parts[0], brackets=True) if len(script.parts) == 1 else script
    items = split(script.parts)
    if base.kind == "name" and len(items) == 2:
        return kronecker(m, items, base)
    if indices.is_condition(inside):
        return indices.indicator(m, inside, base.place)
    ones = (m.arrays.identity if base.kind == "name" else m.arrays.ones)(base.place)
    if inside.kind == "name" and inside.text in m.known.lengths:
        m.arrays.join(ones.rows, inside.text)
        return ones
    raise m.error("a condition, or a length of the problem, is wanted below this", script)


def _on_name(m: Meaning, base: Node, below: list[Node], above: list[Node], node: Node) -> Value:
    if base.text in ("e", EULER) and not below:
        return _exponential(m, base, above, node)
    items = split(below[0].parts) if below else []
    if _is_mixed(m, base, items, above):
        return kronecker(m, [*split(above[0].parts), *items], node)
    if above and is_label(above[0]):
        label, *above = above
        return products.raised(m, _labelled(m, base, label, items, node), above, node)
    value = named(m, base, items, node)
    primes = [script for script in above if script.text == "'"]
    if primes:
        value = slopes.primed(m, value, len(primes), base)
    return products.raised(m, value, [s for s in above if s.text != "'"], node)


def _exponential(m: Meaning, base: Node, above: list[Node], node: Node) -> Value:
    """e to the power of something."""
    if base.text in m.known.stems:
        raise m.error("e is a name of this problem: write \\exp or \\mathrm{e}", base)
    if len(above) != 1 or above[0].text != "^" or len(above[0].parts) != 1:
        raise m.error("e has one exponent", node)
    exponent = m.value(above[0].parts[0])
    if exponent.is_matrix:
        raise m.error("is this the exponential of a matrix? Write \\exp for its entries", node)
    return m.arrays.applied("exp", node.place, exponent)


def kronecker(m: Meaning, items: list[Node], node: Node) -> Value:
    return number(called("delta", node.place, *(index(m, i) for i in items)), node.place)


def _is_mixed(m: Meaning, base: Node, items: list[Node], above: list[Node]) -> bool:
    """Whether this is Kronecker's delta with one index below and one above."""
    if base.text != "δ" or "δ" in m.known.stems or len(items) != 1 or len(above) != 1:
        return False
    return above[0].text == "^" and bool(letter(only(above[0])))


def is_label(script: Node) -> bool:
    """Whether a script is a label above: (l), [1]."""
    inside = script.parts[0] if script.text == "^" and len(script.parts) == 1 else script
    return inside.kind == "bracket" and only(inside).kind in ("number", "name")


def _labelled(m: Meaning, base: Node, script: Node, items: list[Node], node: Node) -> Value:
    """W^{(1)}: the name W1; y^{(i)}: entry i of y, which has one index."""
    label = only(script.parts[0])
    stem, accents, below = look(base.text)
    if found := m.known.spelled.get((stem, accents, label.text)):
        return _entry(m, found[0], items, node)
    plain = m.known.spelled.get((stem, accents, below), ())
    if not items and letter(label) and any(len(m.known.shapes[name]) == 1 for name in plain):
        return named(m, base, [label], node)
    raise m.error(f"no name {base.text} has the label {label.text} above it", script)


def named(m: Meaning, base: Node, items: list[Node], node: Node) -> Value:
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


def _readings(key: Key, items: list[Node]) -> list[tuple[Key, list[Node]]]:
    """The ways to read what stands below: as indices, as a label, as a label and indices."""
    stem, accents, label = key
    found = [(key, items)]
    texts = [item.text if item.kind in ("number", "name") else "" for item in items]

    def labelled(text: str, rest: list[Node]) -> None:
        found.append(((stem, accents, ",".join(filter(None, [label, text]))), rest))

    if items and all(texts):
        for joint in dict.fromkeys(["".join(texts), ",".join(texts)]):
            labelled(joint, [])
    if len(items) > 1 and texts[0]:
        labelled(texts[0], items[1:])
    return found


def _entry(m: Meaning, name: str, nodes: list[Node], node: Node) -> Value:
    """A name, whole or one entry of it; a row or column of it where ":" stands."""
    shape = m.known.shapes[name]
    if not nodes:
        return _whole(m, name, shape, node)
    axes = [n for n, item in enumerate(nodes) if item.kind == "mark" and item.text == ":"]
    parts = [None if n in axes else index(m, item) for n, item in enumerate(nodes)]
    _meet(m, nodes, shape)
    if len(axes) > 1 or (axes and len(shape) < 2):
        raise m.error("one ':' marks an axis of a matrix", node)

    def at(row: str, _: str) -> Text:
        made = [part or piece(row, node.place) for part in parts]
        return entry(name, len(made))(node.place, *made)

    if not axes:
        return number(at("", ""), node.place)
    source = ", ".join(part.text if part else ":" for part in parts)
    return Value(shape[axes[0]], ONE, at, node.place, whole=f"{name}[{source}]")


def _meet(m: Meaning, nodes: list[Node], lengths: tuple[str, ...] | list[str]) -> None:
    """Note for letters that are bound what they run over."""
    for node, length in zip(nodes, lengths, strict=True):
        m.bound.get(letter(node), []).append(m.arrays.find(length))


def _whole(m: Meaning, name: str, shape: tuple[str, ...], node: Node) -> Value:
    """A name without indices: a number, a column, a matrix."""
    if not shape:
        return number(piece(name, node.place), node.place)
    if len(shape) > 2:
        raise m.error(f"{name} has {len(shape)} indices: write them", node)

    def at(*letters: str) -> Text:
        own = [piece(letter, node.place) for letter in letters if letter]
        return entry(name, len(own))(node.place, *own)

    text = name if len(shape) == 1 else ""
    return Value(shape[0], shape[1] if len(shape) == 2 else ONE, at, node.place, whole=text)


def _other(m: Meaning, base: Node, items: list[Node], node: Node) -> Value:
    """What is no name of the problem: δ with two indices, π, e, I, a length."""
    if base.text == "δ" and len(items) == 2:
        return kronecker(m, items, node)
    if found := m.known.spelled.get(look(base.text)):
        rank = len(m.known.shapes[found[0]])
        indices = "no index" if not rank else "1 index" if rank == 1 else f"{rank} indices"
        raise m.error(f"{found[0]} has {indices}, and {len(items)} stand here", node)
    if not items:
        if base.text in _CONSTANTS:
            return number(piece(_CONSTANTS[base.text], node.place), node.place)
        if base.text == "I":
            return m.arrays.identity(node.place)
        if base.text in m.known.lengths or base.text in m.limits:
            return size(m, base.text, node.place)
    raise m.error(
        f"there is no {base.text[:40]} here{m.known.nearest(identifier(base.text))}", base
    )


def entry_of(m: Meaning, value: Value, nodes: list[Node], node: Node) -> Value:
    """An entry of an array that is no name: (Wx)_i, softmax(z)_i."""
    if len(nodes) != len(value.lengths):
        message = f"this is {m.arrays.described(value)}, and what stands below it does not fit"
        raise m.error(message, node)
    texts = [index(m, item) for item in nodes]
    _meet(m, nodes, value.lengths)
    if any(text.bind is not Bind.ATOM for text in texts):
        raise m.error("only a name has shifted entries", node)
    row = texts[0].text if value.rows else ""
    column = texts[-1].text if value.columns else ""
    return number(value.entry(row, column), node.place)


def is_known(known: Vocabulary, base: Node, items: list[Node], label: str = "") -> bool:
    """Whether a name with indices below it means something already: δ_{ij}, I, e, but not δ_h and
    e_k. No line says what e is by itself, so that it is a new name too."""
    stem, accents, _ = look(base.text)
    if label:
        return (stem, accents, label) in known.spelled
    if any(key[:2] == (stem, accents) for key in known.spelled):
        return True
    alone = not items and base.text in ("π", EULER)
    return alone or base.text == "I" or (base.text, len(items)) == ("δ", 2)
