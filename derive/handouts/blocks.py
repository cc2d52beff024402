"""What is shown of a derivation, block by block, in one language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from derive.api import Derivation
from derive.handouts import document as paper
from derive.handouts import plain
from derive.handouts.excerpt import excerpt
from derive.handouts.expansion import Sizes, WrittenOut
from derive.handouts.facts import Fact, Kind, start_of
from derive.handouts.laws import laws_of
from derive.handouts.settings import settings, value
from derive.handouts.slip import Mistaken
from derive.nodes import name_of
from derive.render.boxes import box
from derive.render.changes import marked
from derive.render.layout import layout
from derive.render.names import symbol
from derive.render.page import Formula, Picture, Sentence, View, equal, filled, joined
from derive.render.tree import Grid, Node, Number, equation, separated
from derive.render.view import Writer

_WIDEST = 100  # signs; about 70 go on a line of a page at full size


@dataclass(frozen=True)
class Shown:
    """A derivation with all that was found out about it, and how it is written.

    Attributes:
        view: its view in the language of the handout.
        facts, slip, written: None or () where there is nothing, or it is not shown.
        plot: the picture, and `name`, what its file is called.
    """

    derivation: Derivation
    view: View
    facts: tuple[Fact, ...] = ()
    slip: Mistaken | None = None
    written: WrittenOut | None = None
    plot: Picture | None = None
    name: str = ""

    @property
    def writer(self) -> Writer:
        return Writer(self.derivation.chain.problem, self.view.words)


def blocks(shown: Shown, parts: Iterable[str]) -> tuple[paper.Block, ...]:
    """The blocks of the parts that are asked for, as far as there is something to show. Of a
    derivation that did not come to an end there is no more than its lines."""
    finished = shown.view.finished
    wanted = [p for p in parts if finished or p in ("notation", "derivation", "lemmas")]
    made = (_made(part, shown) for part in wanted)
    return tuple(block for block in made if block is not None)


def _made(part: str, shown: Shown) -> paper.Block | None:
    return _OF_VIEWS[part](shown.view) if part in _OF_VIEWS else _MAKERS[part](shown)


def derivation(shown: Shown) -> paper.Block | None:
    steps, writer = shown.derivation.steps, shown.writer
    lines = tuple(
        paper.Line(
            step=step,
            right=Formula(marked(step.before.node, step.after.node), step.after.spelling),
            laws=laws_of(single, writer),
        )
        for step, single in zip(shown.view.steps, steps, strict=True)
    )
    return paper.Derivation(shown.view.start, lines)


def written_out(shown: Shown) -> paper.Block | None:
    """ "Written out for n = 3": the names that are sums, and every entry of the result; None
    where it would have to be made too small for the page."""
    found, view, writer = shown.written, shown.view, shown.writer
    if found is None:
        return None
    definitions = [equal(writer.formula(h), writer.formula(body)) for h, body in found.definitions]
    rows = tuple(tuple(writer.small(entry).node for entry in row) for row in found.rows)
    entries: Node = rows[0][0] if rows == (rows[0][:1],) else Grid(rows)
    label = writer.whole() or view.start.node
    line = equation(label, "=", entries)
    fixed = [equation(layout(letter), "=", Number("1")) for letter in found.fixed]
    whole = Formula(separated([*fixed, line]), "")
    formulas = (*definitions, whole)
    if any(box(formula.node).width > _WIDEST for formula in formulas):
        return None
    return paper.Formulas("written-out", _sizes(shown, found.sizes), formulas)


def _sizes(shown: Shown, sizes: Sizes) -> str:
    told = ", ".join(f"{size} = {number}" for size, number in sizes.items())
    return shown.view.words.written_out.format(sizes=told)


def facts(shown: Shown) -> paper.Block | None:
    told = tuple(_fact(fact, shown) for fact in shown.facts)
    return paper.Facts(shown.view.words.facts, told) if told else None


def _fact(fact: Fact, shown: Shown) -> Sentence:
    message = getattr(shown.view.words, fact.kind.value)
    return filled(message, _BLANKS[fact.kind](fact, shown))


def _equation(fact: Fact, shown: Shown) -> Mapping[str, Formula]:
    return {"formula": equal(shown.writer.small(fact.left), shown.writer.small(fact.right))}


def _parity(_: Fact, shown: Shown) -> Mapping[str, Formula]:
    variable = shown.derivation.chain.problem.wrt[0]
    return {"variable": shown.writer.small(variable), "minus": shown.writer.small(-variable)}


def _rank(fact: Fact, shown: Shown) -> Mapping[str, Formula]:
    problem = shown.derivation.chain.problem
    size = problem.extents[problem.wrt_axes[0]]
    numbers = separated(Number(str(number)) for number in fact.sizes)
    return {
        "rank": shown.writer.small(size - 1),
        "sizes": Formula(equation(layout(size), "=", numbers), ""),
    }


def _shape(_: Fact, shown: Shown) -> Mapping[str, Formula]:
    problem, writer = shown.derivation.chain.problem, shown.writer
    name = name_of(problem.wrt[0])
    shape = separated((layout(size) for size in problem.shapes[name]), "×")
    whole = writer.whole(small=True) or writer.small(start_of(problem)).node
    return {
        "derivative": Formula(whole, ""),
        "variable": Formula(symbol(name), name),
        "shape": Formula(shape, ""),
    }


_BLANKS: Mapping[Kind, Callable[[Fact, Shown], Mapping[str, Formula]]] = {
    **dict.fromkeys((Kind.ROWS, Kind.COLUMNS, Kind.ENTRIES, Kind.SYMMETRIC), _equation),
    Kind.EVEN: _parity,
    Kind.RANK: _rank,
    Kind.SHAPE: _shape,
}


def slip(shown: Shown) -> paper.Block | None:
    """The usual mistake with its counterexample."""
    found, view = shown.slip, shown.view
    if found is None:
        return None
    words, writer = view.words, Writer(found.problem, view.words)
    wrong = equation(view.start.node, "≠", writer.small(found.result).node)
    numbers = found.numbers
    parts = [numbers[key] for key in ("point", "names", "indices") if key in numbers]
    told: list[Sentence] = [(setting,) for part in parts for setting in settings(part)]
    blanks: dict[str, str | Formula | Sentence] = {
        "numbers": joined(told, words.listed),
        "answer": value(numbers["answer"]),
        "truth": value(numbers["truth"]),
    }
    return paper.Slip(
        title=words.slip,
        name=words.say(found.title),
        wrong=Formula(wrong, ""),
        why=words.say(found.why),
        mend=words.say(found.mend),
        witness=filled(words.at_numbers, blanks),
    )


def plot(shown: Shown) -> paper.Block | None:
    return paper.Plot(shown.plot, shown.name) if shown.plot else None


def code(shown: Shown) -> paper.Block | None:
    view = shown.view
    return paper.Code(view.words.code, excerpt(view.code)) if view.code else None


_OF_VIEWS: Mapping[str, Callable[[View], paper.Block | None]] = {
    "notation": plain.notation,
    "result": plain.result,
    "cases": plain.cases,
    "matrix": plain.matrix,
    "example": plain.example,
    "lemmas": plain.lemmas,
}
_MAKERS: Mapping[str, Callable[[Shown], paper.Block | None]] = {
    "derivation": derivation,
    "written-out": written_out,
    "facts": facts,
    "slip": slip,
    "plot": plot,
    "code": code,
}
