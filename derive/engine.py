"""Differentiate: next pending derivative, first rule that applies, one step. Then simplify: a
best-first search for the shortest line, whose path is what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sympy import Expr, Mul, Symbol

from derive.context import Context
from derive.indices import free_indices, fresh, letters, names
from derive.nodes import (
    Derivative,
    Path,
    at,
    entry,
    index,
    indices_of,
    name_of,
    replace_at,
    undistributed,
)
from derive.phrases import Phrase
from derive.problem import Definition, Problem
from derive.reading import Reading
from derive.rules import CANCEL, CASES, RULES
from derive.rules.parts import cancels, is_loose, uncancelled
from derive.search import simplified
from derive.softmaxes import with_softmaxes, without
from derive.steps import Chain, Rewrite, Rule, Status, Step

MAX_STEPS = 1000
JACOBIAN_OF = "Jacobian of {function}"
DERIVATIVE_OF = "Derivative of {name} by {variable}"


def derive(problem: Problem, rules: tuple[Rule, ...] = RULES) -> Chain:
    """Answer a problem.

    Args:
        problem: what is asked.
        rules: tried in this order at every place.

    Returns:
        The derivation, its steps not yet checked. It always says how it ended.
    """
    with undistributed():
        return _Engine(rules).answer(problem)


@dataclass(frozen=True)
class _Engine:
    """The rules of one derivation and the lemmas found on the way; it lives as long as a call."""

    rules: tuple[Rule, ...]
    lemmas: dict[tuple[str, str, frozenset[str]], Chain] = field(default_factory=dict)

    def answer(self, problem: Problem) -> Chain:
        start = problem.target
        for variable in problem.wrt:
            start = Derivative(start, variable)
        run = _Run(self, problem, start)
        status = run.to_the_end()
        where = None if status is Status.DONE else at(run.now, run.place)
        chain = Chain(run.problem, start, tuple(run.steps), status, where)
        return replace(chain, cases=self._cases(chain)) if status is Status.DONE else chain

    def prove(self, problem: Problem, head: Expr, variable: Expr) -> Chain:
        """The derivative of a defined name by a variable, in letters of their own."""
        question = _generic(problem, head, variable)
        looked_into = frozenset(d.name for d in question.definitions if not d.adjoint)
        key = (name_of(head), name_of(variable), looked_into)
        if key not in self.lemmas:
            self.lemmas[key] = self.answer(question)
        return self.lemmas[key]

    def _cases(self, chain: Chain) -> Step | None:
        reading = Reading(chain.problem.axes, chain.problem.wrt_axes)
        found = chain.result
        context = Context(
            chain.problem, None, letters(found), free_indices(found), reading, self.prove
        )
        rewrite = CASES.rewrite(chain.result, context)
        return _step(CASES, chain.result, (), rewrite, rewrite.after) if rewrite else None


def _generic(problem: Problem, head: Expr, variable: Expr) -> Problem:
    """The question of a lemma: p[i] by z[j] for the p[k] by z[j] at hand."""
    definition = problem.definition(head)
    assert definition is not None
    axes = definition.indices
    taken = list(axes)
    reserved = _reserved(problem)
    for _ in indices_of(variable):
        taken.append(fresh(index("i"), reserved.union(taken)))
    by = entry(name_of(variable), *taken[len(axes) :]) if indices_of(variable) else variable
    kept = tuple(d for d in problem.definitions if d.name != name_of(variable))
    extents = dict(zip(axes, problem.shapes[definition.name], strict=True))
    extents |= dict(zip(taken[len(axes) :], problem.shapes[name_of(variable)], strict=True))
    asked = problem.asking(definition.head, (by,), axes)
    return replace(asked, definitions=kept, extents=extents, title=_lemma_title(definition, by))


def _reserved(problem: Problem) -> frozenset[Symbol]:
    """The letters that no new index may have: those of variables and sizes."""
    sizes = (size for shape in problem.shapes.values() for size in shape)
    return frozenset(index(name) for name in (*problem.shapes, *map(str, sizes)))


def _lemma_title(definition: Definition, variable: Expr) -> Phrase:
    """What a lemma is cited as: by the function it is about, where that has a name."""
    function = definition.source.partition("(")[0]
    if function and definition.indices and indices_of(variable):
        return Phrase(JACOBIAN_OF, function=function)
    name, by = function or definition.name, name_of(variable)
    return Phrase(DERIVATIVE_OF, name=name, variable=by)


class _Run:
    """One derivation in the making."""

    def __init__(self, engine: _Engine, problem: Problem, start: Expr) -> None:
        self.engine = engine
        self.problem = problem
        self.now = start
        self.steps: list[Step] = []
        self.place: Path = ()
        self.question: Expr | None = None
        self.seen = {start}
        self.reserved = _reserved(problem)
        self.reading = Reading(problem.axes, problem.wrt_axes)

    def to_the_end(self) -> Status:
        """Each wrt in turn, the innermost first: differentiate, then simplify."""
        for depth in reversed(range(len(self.problem.wrt))):
            self.place = (0,) * depth
            self.question = at(self.now, self.place)
            while (pending := self._next()) is not None:
                self.place = pending
                if (trouble := self._trouble(pending)) is not None:
                    return trouble
                self.place = (0,) * depth
            self.question = None
            self._simplify(self.place)
        if not self.problem.wrt:
            self._simplify(())
        return Status.DONE

    def _next(self) -> Path | None:
        """The first pending derivative, as one reads, that has none inside."""
        return next(_pending(at(self.now, self.place), self.place, self.reading), None)

    def _trouble(self, path: Path) -> Status | None:
        """One step of differentiation at a place; what is the matter if it leads nowhere."""
        if len(self.steps) >= MAX_STEPS:
            return Status.STEP_LIMIT
        if not self._differentiate(path):
            return Status.STUCK
        if self.now in self.seen:
            return Status.LOOP
        self.seen.add(self.now)
        return None

    def _differentiate(self, path: Path) -> bool:
        node = at(self.now, path)
        context = self._context()
        for rule in self.engine.rules:
            if isinstance(node, rule.on) and (rewrite := rule.rewrite(node, context)):
                self._apply(rule, path, rewrite)
                return True
        return False

    def _simplify(self, path: Path) -> None:
        """The way to the shortest line, which may take a name for what the user wrote out."""
        known = self.problem.shapes.keys()
        self.problem = with_softmaxes(self.problem, at(self.now, path), self.reading)
        moves = simplified(at(self.now, path), self.engine.rules, self._context())
        used = frozenset[str]().union(*(names(move.rewrite.after) for move in moves))
        self.problem = without(self.problem, self.problem.shapes.keys() - known - used)
        for move in moves:
            self._apply(move.rule, (*path, *move.path), move.rewrite)

    def _context(self) -> Context:
        used = letters(self.now) | self.reserved
        free = free_indices(self.now)
        return Context(self.problem, self.question, used, free, self.reading, self.engine.prove)

    def _apply(self, rule: Rule, path: Path, rewrite: Rewrite) -> None:
        """One step; two where the reader should see what cancels before it does."""
        self.problem = self.problem.knowing(rewrite.definitions)
        tight = replace_at(self.now, path, rewrite.after)
        place, loose = _loose(self.now, path, rewrite)
        if loose is None:
            self._add(_step(rule, self.now, path, rewrite, tight))
            return
        shown = replace_at(self.now, place, loose)
        self._add(_step(rule, self.now, path, rewrite, shown))
        cancelled = Rewrite(loose.func(*(Mul(*Mul.make_args(part)) for part in loose.args)))
        step = _step(CANCEL, shown, place, cancelled, tight)
        self._add(replace(step, local_before=loose))  # it may have been merged with its neighbours

    def _add(self, step: Step) -> None:
        self.steps.append(step)
        self.now = step.after


def _pending(expr: Expr, path: Path, reading: Reading) -> Iterator[Path]:
    for place, part in reading.children(expr):
        yield from _pending(part, (*path, place), reading)
    if isinstance(expr, Derivative):
        yield path


def _loose(whole: Expr, path: Path, rewrite: Rewrite) -> tuple[Path, Expr | None]:
    """The place and form of a replacement before anything cancels; None where nothing does."""
    if rewrite.loose is not None and is_loose(rewrite.loose):
        return path, rewrite.loose
    parent = at(whole, path[:-1]) if path else None
    if isinstance(parent, Mul):
        others = [f for place, f in enumerate(parent.args) if place != path[-1]]
        if cancels(Mul(*others), rewrite.after):
            return path[:-1], uncancelled(*others, rewrite.after)
    return path, None


def _step(rule: Rule, whole: Expr, path: Path, rewrite: Rewrite, after: Expr) -> Step:
    return Step(
        rule=rule.name,
        title=rewrite.title or rule.title,
        before=whole,
        after=after,
        local_before=at(whole, path),
        local_after=rewrite.after,
        path=path,
        reason=rule.reason,
        bindings=rewrite.bindings,
        level=rule.level,
        lemma=rewrite.lemma,
    )
