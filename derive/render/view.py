"""A derivation -> the plain data that documents show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from sympy import Expr, Indexed, Symbol

from derive.indices import has_shifts
from derive.locale import ENGLISH as IN_ENGLISH
from derive.nodes import Derivative, entry, name_of, scalar
from derive.problem import Definition, Problem
from derive.reading import Reading
from derive.render import titles
from derive.render.layout import Style, layout
from derive.render.matrix_view import MatrixForm, extent_of, matrix_view
from derive.render.names import symbol
from derive.render.page import Formula, Sentence, StepView, View, blanks_of, equal, filled, joined
from derive.render.tree import Fenced, Name, Node, Number, Row, Script, Word, equation, separated
from derive.render.worded import worded
from derive.render.words import ENGLISH, Words
from derive.steps import Chain, Status, Step, Verdict
from derive.text import text_of

if TYPE_CHECKING:  # NumPy is loaded for worked examples only
    from derive.render.numbers import Array


class Worked(Protocol):
    """What `derive.worked` finds: arrays by name."""

    @property
    def inputs(self) -> Mapping[str, Array]: ...
    @property
    def definitions(self) -> Mapping[str, Array]: ...
    @property
    def result(self) -> Array: ...


def view(
    chain: Chain,
    *,
    matrix: MatrixForm | None = None,
    example: Worked | None = None,
    code: str = "",
    words: Words = ENGLISH,
    title: str = "",
    description: str = "",
) -> View:
    """Everything a document needs of a derivation.

    Args:
        chain: the derivation, already at the level of detail wanted.
        matrix: its matrix form, where there is one.
        example: it worked out in numbers.
        code: a Python module to print.
        words: the words around the maths.
        title, description: what to call the problem if not by its own title, and what it is.
    """
    problem = chain.problem
    writer = Writer(problem, words)
    return View(
        name=_slug(problem.name or problem.title) or "derivation",
        title=title or problem.title or problem.name,
        description=description,
        heading=writer.heading(),
        source=problem.text,
        target=writer.formula(problem.target),
        wrt=tuple(writer.formula(v) for v in problem.wrt),
        definitions=tuple(writer.definition(d) for d in problem.definitions),
        assumptions=tuple(writer.formula(a, limits=True) for a in problem.assumptions),
        given=writer.given(),
        shapes=tuple(_shape(name, problem.shapes[name]) for name in problem.variables),
        start=writer.formula(chain.start),
        steps=writer.steps(chain.steps),
        result=writer.formula(chain.result),
        cases=writer.step(chain.cases, 1) if chain.cases else None,
        lemmas=_cited(chain.steps, words),
        matrix=matrix_view(matrix, writer.whole(), words) if matrix and matrix.shape else None,
        matrix_text=matrix.text if matrix else None,
        example=writer.example(chain.start, example) if example else (),
        code=code,
        status=chain.status.value,
        ending=_ending(chain.status, words),
        verified=chain.verified,
        words=words,
    )


class Writer:
    """Makes formulas in one problem's reading order."""

    def __init__(self, problem: Problem, words: Words) -> None:
        self.problem = problem
        self.words = words
        self.reading = Reading(problem.axes, problem.wrt_axes)
        # A step's `before` is the `after` of the one in front of it.
        self.made: dict[tuple[Expr, Style], Formula] = {}
        plain = len(problem.variables) == 1 and not problem.shapes[problem.variables[0]]
        bodies = (problem.target, *(d.body for d in problem.definitions))
        self.style = Style(
            d="d" if plain else "∂",
            decimals=problem.decimals,
            start=0 if any(map(has_shifts, bodies)) else 1,
        )

    def formula(self, expr: Expr, *, limits: bool = False) -> Formula:
        return self.laid_out(expr, replace(self.style, limits=limits))

    def small(self, expr: Expr) -> Formula:
        """A formula in a sentence: fractions with a slash."""
        return self.laid_out(expr, replace(self.style, inline=True))

    def laid_out(self, expr: Expr, style: Style) -> Formula:
        made = self.made.get((expr, style))
        if made is None:
            node = layout(expr, self.reading, style)
            if self.words.language != IN_ENGLISH:
                node = worded(node, self.words.say)
            made = Formula(node, partial(text_of, expr, self.problem))
            self.made[expr, style] = made
        return made

    def definition(self, definition: Definition) -> Formula:
        body = self.formula(definition.body, limits=True)
        head = self.formula(definition.head)
        if definition.adjoint:
            indices = definition.indices
            layer = entry(definition.adjoint, *indices) if indices else scalar(definition.adjoint)
            head = equal(head, self.formula(Derivative(self.problem.target, layer)))
        return equal(head, body)

    def heading(self) -> Sentence:
        words, wrt = self.words, self.problem.wrt
        target = self.small(self.problem.target)
        if not wrt:
            return filled(words.simplified, {"target": target})
        asked = {
            1: (words.derivative, words.partial),
            2: (words.second_derivative, words.second_partial),
        }
        several = (words.higher_derivative, words.higher_partial)
        message = asked.get(len(wrt), several)[self.style.d != "d"]
        *most, last = ((self.small(variable),) for variable in dict.fromkeys(wrt))
        first = joined(most, words.listed)
        variables = filled(words.and_, {"first": first, "last": last}) if first else last
        order = str(len(wrt))
        return filled(message, {"order": order, "target": target, "variables": variables})

    def given(self) -> Sentence:
        facts = [(self.formula(fact, limits=True),) for fact in self.problem.assumptions]
        return filled(self.words.given, {"facts": joined(facts, self.words.listed)})

    def steps(self, steps: Iterable[Step]) -> tuple[StepView, ...]:
        return tuple(self.step(step, number) for number, step in enumerate(steps, 1))

    def step(self, step: Step, number: int) -> StepView:
        warning = {Verdict.REFUTED: self.words.refuted, Verdict.UNDECIDED: self.words.undecided}
        said = warning.get(step.verdict, "")
        witness = titles.witness(step, self.words)
        lemma = _lemma(step.lemma, self.words, small=True) if step.lemma else None
        citation = filled(self.words.lemma, {"formula": lemma}) if lemma else ()
        explanation = self.explanation(step)
        return StepView(
            number=number,
            rule=step.rule,
            title=titles.title(step, self.words),
            before=self.formula(step.before),
            after=self.formula(step.after),
            explanation=explanation,
            verdict=step.verdict.value,
            warning=said,
            witness=witness,
            alarm=self.words.remark.format(text=said, remark=witness) if witness else said,
            lemma=lemma,
            citation=citation,
            told=self.remarked(explanation, citation),
        )

    def remarked(self, text: Sentence, remark: Sentence) -> Sentence:
        """A sentence with another one in brackets."""
        return filled(self.words.remark, {"text": text, "remark": remark}) if remark else text

    def explanation(self, step: Step) -> Sentence:
        """The reasons of all rules that the step's title names, each once."""
        named = step.title.split("; ")
        told: dict[str, Step] = {}
        for part in step.parts:
            if part.title in named:
                told.setdefault(part.title, part)
        reasons = [self.sentence(s.reason, s.bindings) for s in told.values() or (step,)]
        return joined(reasons, self.words.followed)

    def sentence(self, reason: str, bindings: Mapping[str, Expr]) -> Sentence:
        """A rule's reason with its blanks filled.

        Raises:
            KeyError: a blank that no binding fills.
        """
        message = self.words.say(reason)
        return filled(message, {b: self.small(bindings[b]) for b in blanks_of(message)})

    def whole(self, small: bool = False) -> Node | None:
        """The whole array, on one line if it is to be small: ∂s/∂z, the names without their
        indices; for a target without a name the entry in brackets with its indices below; None
        for a number, or where nothing is differentiated."""
        problem = self.problem
        letters = (*problem.axes, *problem.wrt_axes)
        named = isinstance(problem.target, Indexed | Symbol)
        if not problem.wrt or not (named or letters):
            return None
        whole = scalar(name_of(problem.target)) if named else problem.target
        for variable in problem.wrt:
            whole = Derivative(whole, scalar(name_of(variable)) if named else variable)
        shown = (self.small if small else self.formula)(whole).node
        if named:
            return shown
        below = Row(tuple(map(layout, letters))) if len(letters) > 1 else layout(letters[0])
        return Script(Fenced(shown, "[", "]"), sub=below)

    def example(self, start: Expr, worked: Worked) -> tuple[Formula, ...]:
        """A line for each name, then the result; of more than two axes, matrix by matrix."""
        import numpy as np

        arrays = {**worked.inputs, **worked.definitions}
        found = [_valued(symbol(name), name, value) for name, value in arrays.items()]
        result = np.asarray(worked.result)
        called = self.words.say("result")
        label = self.whole() or (self.formula(start).node if result.ndim == 0 else Word(called))
        letters = (*self.problem.axes, *self.problem.wrt_axes)[: max(result.ndim - 2, 0)]
        for place in np.ndindex(result.shape[: len(letters)]):
            line = _valued(label, called, result[place])
            for letter, at in zip(letters, place, strict=True):
                where = equation(layout(letter), "=", Number(str(at + 1)))
                line = Formula(separated([where, line.node]), f"{letter} = {at + 1}, {line.text}")
            found.append(line)
        return tuple(found)


def _valued(node: Node, name: str, value: Array) -> Formula:
    from derive.render import numbers

    sign = "≈" if numbers.is_rounded(value) else "="
    return Formula(
        equation(node, sign, numbers.array_node(value)), f"{name} = {numbers.array_text(value)}"
    )


def _cited(steps: Iterable[Step], words: Words) -> tuple[Formula, ...]:
    """The results that steps cite, each once, in order; also those of steps that were joined."""
    found: dict[Formula, None] = {}
    for step in steps:
        if step.lemma:
            found.setdefault(_lemma(step.lemma, words))
        found.update(dict.fromkeys(_cited(step.parts, words)))
    return tuple(found)


def _lemma(chain: Chain, words: Words, small: bool = False) -> Formula:
    writer = Writer(chain.problem, words)
    write = writer.small if small else writer.formula
    return equal(write(chain.start), write(chain.result))


def _slug(text: str) -> str:
    """A name that is safe as a file's name: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _ending(status: Status, words: Words) -> str:
    return {
        Status.DONE: "",
        Status.STUCK: words.stuck,
        Status.STEP_LIMIT: words.step_limit,
        Status.LOOP: words.loop,
    }[status]


def _shape(name: str, sizes: tuple[Expr, ...]) -> Formula:
    """z ∈ Rⁿ, W ∈ R^{m×n}, T ∈ R."""
    space: Node = Name("ℝ")
    extent = extent_of(sizes)
    if extent:
        space = Script(space, sup=extent.node)
    return Formula(equation(symbol(name), "∈", space), f"{name}: {extent.text if extent else 1}")
