"""The law of a rule, beside the first line that uses it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from derive.handouts.document import Block, Derivation, Law
from derive.render.page import Formula, equal
from derive.render.schematic import schematic
from derive.render.view import Writer
from derive.render.worded import worded
from derive.rules import CANCEL, CASES, WAYS
from derive.steps import Rule, Step

# A line that inserts a definition or cites a result shows it; what is assumed is shown in the
# reader's letters, wherever it is used.
_OWN = frozenset(["lemma", "definition", "fold-definition"])
_USED = frozenset(["assumption", "known-sum"])


def laws_of(step: Step, writer: Writer) -> tuple[Law, ...]:
    """The laws of all rules that a step's title names."""
    named = step.title.split("; ")
    singles = [part for part in step.parts if part.title in named] or [step]
    found = {single.rule: single for single in singles if single.rule not in _OWN}
    return tuple(_law(single, writer) for single in found.values() if single.rule in _rules())


def once(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks in their order, each law only where it comes first."""
    seen: set[str] = set()
    for block in blocks:
        if isinstance(block, Derivation):
            lines = []
            for line in block.lines:
                new = tuple(law for law in line.laws if law.rule not in seen - _USED)
                seen.update(law.rule for law in new)
                lines.append(replace(line, laws=new))
            block = replace(block, lines=tuple(lines))
        yield block


def _law(step: Step, writer: Writer) -> Law:
    rule, words = _rules()[step.rule], writer.words
    if rule.name in _USED:
        law = equal(writer.formula(step.bindings["f"]), writer.formula(step.bindings["c"]))
    else:
        law = Formula(worded(schematic(rule.law), words.say), "")
    return Law(rule.name, words.say(rule.title), law)


@cache
def _rules() -> dict[str, Rule]:
    """By slug; two rules of one slug have one law. A user's own rules are not among them."""
    every = [rule for way in WAYS.values() for rule in way]
    return {rule.name: rule for rule in (*every, CASES, CANCEL)}
