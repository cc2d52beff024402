"""Is a step right? Both sides are worked out at small sizes and random rationals, and compared;
where they agree, `normal` tries to prove that they do for every size.

Nothing here knows the rules: see `ground` for what an expression's value is, `sample` for where it
is looked at.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product

from sympy import Expr

from derive.checker.extents import Extents, extents
from derive.checker.ground import CONTEXT, LEVELS, Ground, OutOfDomain, Real, Uncheckable, one_sided
from derive.checker.letters import Letters
from derive.checker.normal import Prover
from derive.checker.reals import OutOfRange, Work
from derive.checker.sample import Point, assignments, constraints, least_size, size_choices
from derive.checker.witness import Difference, listed
from derive.nodes import Derivative
from derive.problem import Problem
from derive.steps import Chain, Evidence, Step, Verdict

_DIGITS = 30
_ROUNDS = 2  # points for each choice of sizes; one where there are many choices
_MOST = 20  # and where a condition comes out in one way only, up to so many
_TRIES = 8  # draws until one lies in the domain,
_WIDER = 24  # and more of them, with variables of very different sizes
_WORK = 400_000  # values that the steps of one derivation may take; a network of 32 layers: a tenth

Found = tuple[Verdict, Evidence]


def equal(before: Expr, after: Expr, problem: Problem, seed: int = 0) -> Found:
    """Are two expressions equal for every value of their free indices?

    Returns:
        AGREES if they are at all points tried (the evidence says whether it is also proved for
        every size), REFUTED with a witness if not, and UNDECIDED with
        the reason where no point lies in the domain, a node cannot be evaluated, or an assumption
        cannot be met by drawn numbers.
    """
    return Checker(problem, seed).judge(before, after)


def check_step(step: Step, problem: Problem, seed: int = 0) -> Step:
    """The step with its verdict and evidence."""
    return Checker(problem, seed).step(step)


def check(chain: Chain, seed: int = 0) -> Chain:
    """The chain with a verdict and evidence in every step, its cases and its lemmas, and with the
    evidence for its result as a whole."""
    return _checked(chain, seed, {})


def _checked(chain: Chain, seed: int, done: dict[int, Chain]) -> Chain:
    """`done` holds the checked lemmas by the identity of the unchecked ones."""
    checker = Checker(chain.problem, seed)

    def judged(step: Step) -> Step:
        if step.lemma is not None and id(step.lemma) not in done:
            done[id(step.lemma)] = _checked(step.lemma, seed, done)
        lemma = done[id(step.lemma)] if step.lemma is not None else None
        return replace(checker.step(step), lemma=lemma)

    steps = tuple(judged(step) for step in chain.steps)
    whole = checker.judge(chain.start, chain.result)
    if steps:
        steps = (*steps[:-1], _with(steps[-1], whole, "the result"))
    cases = chain.cases and judged(chain.cases)
    return replace(chain, steps=steps, cases=cases, evidence=whole[1])


@dataclass
class Checker:
    """Compares expressions of one problem; what was worked out once is kept."""

    problem: Problem
    seed: int = 0
    _trials: dict[tuple[int, int, int], tuple[Point, Ground]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._letters = Letters()
        self._work = Work(_WORK)
        self._prover = Prover(self.problem, self._letters)
        self._constraints = constraints(self.problem.assumptions)
        bodies = [d.body for d in self.problem.definitions]
        known = [*self.problem.shapes.values(), tuple(self.problem.extents.values())]
        short = not any(extent.is_Add for group in known for extent in group)
        self._shapes = {} if short else self.problem.shapes
        least = least_size([self.problem.target, *self.problem.wrt, *bodies])
        self._sizes = size_choices(self.problem.sizes, least)
        tried = " and ".join(listed(s) for s in self._sizes if s)
        self._at_sizes = f" at {tried}" if tried else ""
        self._rounds = _ROUNDS if len(self._sizes) <= _ROUNDS else 1

    def step(self, step: Step) -> Step:
        """The step with its verdict: the part that changed, the whole line, the joined steps."""
        parts = tuple(self.step(part) for part in step.parts)
        found = self.judge(step.before, step.after)
        judged = replace(step, verdict=found[0], evidence=found[1], parts=parts)
        if step.local_before is not step.before or step.local_after is not step.after:
            around = (step.before, step.after)
            local = self.compare(step.local_before, step.local_after, around)
            judged = _with(judged, local, "the part that changed")
        for part in parts:
            judged = _with(judged, (part.verdict, part.evidence), "a part of the step")
        return judged

    def judge(self, before: Expr, after: Expr) -> Found:
        """`equal` for this problem: compared, and proved where that agrees and can be done."""
        verdict, evidence = self.compare(before, after)
        if verdict is not Verdict.AGREES:
            return verdict, evidence
        if self._prover.equal(before, after):
            proof = "both sides have one normal form, so they are equal for every size and value"
            return verdict, Evidence("normal form", f"{proof}; {evidence.detail}")
        return verdict, replace(evidence, detail=f"{evidence.detail}; not proved beyond that")

    def compare(self, before: Expr, after: Expr, around: tuple[Expr, ...] = ()) -> Found:
        """Both sides at all points tried. They may be parts of the lines in `around`."""
        try:
            if max(_nesting(before), _nesting(after)) > LEVELS:
                raise Uncheckable(f"derivatives are nested more than {LEVELS} deep")
            letters = {*self._letters(before).letters, *self._letters(after).letters}
            spans = extents((before, after), letters, self.problem, around)
            seen = _Seen()
            for choice, turn in product(range(len(self._sizes)), range(_MOST)):
                if turn < self._rounds or seen.too_little:
                    trial = (choice, turn)
                    self._compare_at(before, after, spans, trial, seen, bool(around))
            if not seen.values:
                raise Uncheckable("every index is out of range")
        except _Differs as found:
            return self._refuted(found.difference)
        except Uncheckable as reason:
            return Verdict.UNDECIDED, Evidence("sampled", str(reason))
        return Verdict.AGREES, Evidence("sampled", self._summary(seen.values))

    def _compare_at(
        self,
        before: Expr,
        after: Expr,
        spans: Extents,
        trial: tuple[int, int],
        seen: _Seen,
        partial: bool,
    ) -> None:
        """Compare at the first point that lies in the domain. A part of a line may have no value
        where an index in it is out of range, or where two are equal, as in 1/(x[i] - x[j]): there
        a condition around it leaves it out."""
        reason = ""
        for attempt in range(_TRIES + _WIDER):
            point, ground = self._trial(*trial, attempt)
            ends = {letter: ground.extent(extent) for letter, extent in spans.items()}
            found: list[Real] = []
            try:
                for env in assignments(ends):
                    equal_letters = len(set(env.values())) < len(env)
                    with suppress(*[OutOfDomain if equal_letters else OutOfRange] * partial):
                        left, right = ground.value(before, env), ground.value(after, env)
                        if not close(left, right, ground):
                            raise _Differs(Difference(before, after, point, env, left, right))
                        found.append(left)
            except OutOfDomain as error:
                reason = str(error)
            else:
                return seen.add(ground, found)
        raise Uncheckable(f"no point found at which both sides have a value: {reason}")

    def _trial(self, choice: int, turn: int, attempt: int) -> tuple[Point, Ground]:
        """The point of one attempt: any signs, and on every second turn the opposite ones, on some
        turns larger numbers; where that is outside the domain, numbers in (0, 1), and then numbers
        of a different size for every variable."""
        key = (choice, turn, attempt)
        if key not in self._trials:
            sizes = self._sizes[choice]
            positive = attempt % 3 != 0
            seed = f"{self.seed} {choice} {turn if positive else turn - turn % 2} {attempt}"
            sign, scale = -1 if turn % 2 else 1, 4 ** (turn // 2 % 4)
            spread = attempt >= _TRIES
            point = Point(self._constraints, sizes, seed, sign, positive, scale, spread)
            definitions = {d.name: d for d in self.problem.definitions}
            ground = Ground(sizes, point, definitions, self._letters, self._shapes, work=self._work)
            self._trials[key] = point, ground
        return self._trials[key]

    def _refuted(self, difference: Difference) -> Found:
        if self._constraints.unmet:
            unmet = "; ".join(str(a) for a in self._constraints.unmet)
            detail = f"the sides differ where {unmet} may not hold"
            return Verdict.UNDECIDED, Evidence("sampled", detail)
        witness = difference.witness(self.problem)
        return Verdict.REFUTED, Evidence("sampled", "the two sides differ", witness)

    def _summary(self, tried: int) -> str:
        return f"{tried} values compared to {_DIGITS} digits{self._at_sizes}"


@dataclass
class _Seen:
    """What two sides were compared at.

    Attributes:
        values: how many values.
        grounds: the points.
        flat: whether all of the values were 0.
    """

    values: int = 0
    grounds: list[Ground] = field(default_factory=list)
    flat: bool = True

    def add(self, ground: Ground, found: list[Real]) -> None:
        """One more point, and the values there."""
        self.grounds.append(ground)
        self.values += len(found)
        self.flat = self.flat and not any(found)

    @property
    def too_little(self) -> bool:
        """Whether some condition came out in one way only, or nothing but 0 was met where there are
        conditions: of 1[x > 0] 1[x < 1], each may have held, and never both."""
        conditional = any(ground.outcomes for ground in self.grounds)
        return one_sided(self.grounds) or (self.flat and conditional)


class _Differs(Exception):
    """Two values that should be equal are not."""

    def __init__(self, difference: Difference) -> None:
        super().__init__()
        self.difference = difference


def _with(step: Step, found: Found, where: str) -> Step:
    """The step with the worse of its own verdict and another, which says where it was found."""
    order = (Verdict.AGREES, Verdict.UNDECIDED, Verdict.REFUTED)
    verdict, evidence = found
    if order.index(verdict) <= order.index(step.verdict):
        return step
    return replace(
        step, verdict=verdict, evidence=replace(evidence, detail=f"{where}: {evidence.detail}")
    )


def close(left: Real, right: Real, ground: Ground) -> bool:
    """Equal to 30 digits, or both as small as what rounding leaves of the largest value met."""
    if left == right:
        return True
    off = abs(left - right)
    relative = CONTEXT.mpf(10) ** -_DIGITS * max(abs(left), abs(right))
    return bool(off <= relative or off <= CONTEXT.ldexp(1, ground.peak[0] - 133))  # 10**-40


def _nesting(node: Expr) -> int:
    """How deep derivatives are nested."""
    inside = max((_nesting(arg) for arg in node.args), default=0)
    return inside + 1 if isinstance(node, Derivative) else inside
