"""What stands above: powers, transposes, labels; and what a length or an indicator is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.reader import conditions, norms, pieces
from derive.reader.syntax import Bars, Bracket, Mark, Name, Node, Num, Script, Scripted, bare
from derive.reader.values import Value

if TYPE_CHECKING:
    from derive.reader.meaning import Meaning

_LARGEST_MATRIX_POWER = 6


def is_label(script: Script) -> bool:
    """Whether a script is a label above: (l), [1]."""
    inside = script.items[0] if len(script.items) == 1 else None
    if not isinstance(inside, Bracket) or inside.kind not in ("(", "[") or script.kind != "^":
        return False
    return len(inside.items) == 1 and isinstance(bare(inside.items[0]), Num | Name)


def raised(m: Meaning, value: Value, scripts: list[Script], node: Node) -> Value:
    """A value with what stands above it, one after the other."""
    if len(scripts) > 1:
        raise m.error("two superscripts stand here: write brackets", node)
    for script in scripts:
        if script.kind == "'":
            raise m.error("a prime stands after a function's name only", script.place)
        if _transposes(m, value, script):
            if value.is_number:
                raise m.error("a number is transposed here: write (W^\\top)_{ij}", script.place)
            value = m.arrays.transposed(value)
        else:
            value = _power(m, value, script)
    return value


def _transposes(m: Meaning, value: Value, script: Script) -> bool:
    inside = bare(script.items[0]) if len(script.items) == 1 else None
    if isinstance(inside, Mark) and inside.kind == "T":
        return True
    plain = isinstance(inside, Name) and inside.text == "T"
    return plain and (not value.is_number or "T" not in m.known.words)


def _power(m: Meaning, value: Value, script: Script) -> Value:
    if len(script.items) != 1:
        raise m.error("one exponent is wanted here", script.place)
    exponent = m.scalar(script.items[0], "an exponent is a number")
    if value.is_matrix and script.kind == "^":
        return _matrix_power(m, value, script)
    if value.is_line and script.kind == "^":
        message = "a vector has no power: write ^{\\odot 2} for entries, or \\|x\\|^2"
        raise m.error(message, script.place)
    if script.kind not in ("^", ".*^"):
        raise m.error("this exponent cannot be read", script.place)
    place = script.place
    return m.arrays.mapped(lambda a: pieces.power(a, exponent.number, place), [value], place)


def _matrix_power(m: Meaning, value: Value, script: Script) -> Value:
    inside = bare(script.items[0])
    count = int(inside.text) if isinstance(inside, Num) and inside.text.isdigit() else 0
    if not 0 < count <= _LARGEST_MATRIX_POWER:
        raise m.error(
            "a matrix has no such power here: write ^{\\odot ...} for entries", script.place
        )
    made = value
    for _ in range(count - 1):
        made = m.arrays.multiplied(made, value, script.place)
    return made


def exponential(m: Meaning, scripts: list[Script], node: Scripted) -> Value:
    """e to the power of something."""
    if len(scripts) != 1 or scripts[0].kind != "^" or len(scripts[0].items) != 1:
        raise m.error("e has one exponent", node)
    exponent = m.value(scripts[0].items[0])
    if exponent.is_matrix:
        raise m.error("is this the exponential of a matrix? Write \\exp for its entries", node)
    return m.arrays.applied("exp", exponent, node.place)


def indicated(m: Meaning, node: Scripted) -> Value:
    r"""\mathbf{1}_{i = j}, \mathbf{1}_{\{i = j\}}."""
    first, *rest = node.scripts
    inside: Node = first.items[0]
    while isinstance(inside, Bracket) and len(inside.items) == 1:
        inside = inside.items[0]
    if len(first.items) != 1 or not conditions.is_condition(inside):
        return _ones_of(m, node)
    made = conditions.indicator(m, inside, node.place)
    return raised(m, made, rest, node)


def _ones_of(m: Meaning, node: Scripted) -> Value:
    """1_n, I_n: the column of ones or the identity, with its length below."""
    first, *rest = node.scripts
    inside = bare(first.items[0])
    make = m.arrays.identity if isinstance(bare(node.base), Name) else m.arrays.ones
    ones = make(node.place)
    if isinstance(inside, Name) and m.known.length(inside.text) in m.known.lengths:
        m.arrays.join(ones.rows, m.known.length(inside.text))
        return raised(m, ones, rest, node)
    raise m.error("a condition, or a length of the problem, is wanted below this", first.place)


def norm_order(m: Meaning, base: Node, node: Scripted) -> tuple[Value, tuple[Script, ...]] | None:
    """‖x‖ with its order below it, and the scripts that are left."""
    if not isinstance(base, Bars) or base.kind != "NORM":
        return None
    below = next((script for script in node.scripts if script.kind == "_"), None)
    inside = bare(below.items[0]) if below and len(below.items) == 1 else None
    order = inside.text if isinstance(inside, Num | Name) else ("2" if below is None else "?")
    value = norms.norm(m, m.value(base.body), order, base.place)
    return value, tuple(script for script in node.scripts if script is not below)
