"""Proofs about one layer of a network: they use the adjoints of the layers above, as far as these
are proved themselves, and every way from the loss to a variable counts."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from sympy import Eq, Expr, Indexed, Integer

from derive import functions as f
from derive.checker.finite import Checker, check, equal
from derive.checker.normal import Prover, proved_equal
from derive.engine import derive
from derive.nodes import Derivative, entry, index, scalar, size, total, undistributed
from derive.problem import Definition, Problem
from derive.steps import Chain, Verdict
from tests.benchmarks.derivations import network

i, j, k, q = map(index, "ijkq")
n, m = size("n"), size("m")
L = scalar("L")


def e(name: str, *at: Any) -> Any:
    return entry(name, *at)


def over(body: Expr, letter: Any = k, extent: Any = n) -> Expr:
    return total(body, letter, extent)


def problem_of(*definitions: Definition, **changes: Any) -> Problem:
    """A loss of layers of n entries: every name is a vector but W and V, which are matrices."""
    names = {head.base.label.name for d in definitions for head in d.body.atoms(Indexed)}
    names |= {d.name for d in definitions} - {"L"}
    shapes: dict[str, Any] = {name: (n, n) if name in "WV" else (n,) for name in sorted(names)}
    found = Problem(L, (e("x", j),), definitions, shapes={**shapes, "L": ()}, extents={j: n, i: n})
    return replace(found, **changes)


def adjoint(layer: str, body: Expr) -> Definition:
    """A name, under `layer`_bar, for what is said to be the derivative of L by `layer`[j]."""
    return Definition(e(f"{layer}_bar", j), body, given=False, adjoint=layer)


def is_proved(before: Expr, after: Expr, problem: Problem) -> bool:
    """Whether an equality is proved; then it must hold in numbers as well."""
    found = proved_equal(before, after, problem)
    assert not found or equal(before, after, problem)[0] is Verdict.AGREES
    return found


A = Definition(e("a", i), f.tanh(over(e("W", i, k) * e("x", k))))
B = Definition(e("b", i), f.tanh(over(e("V", i, k) * e("a", k))))
LOSS = Definition(L, over(e("y", k) * e("b", k) ** 2))
WHOLE = Derivative(L, e("x", j))


def through(layer: str, by: str = "x") -> Expr:
    """sum_i layer_bar_i dlayer_i/dby_j."""
    return over(e(f"{layer}_bar", i) * Derivative(e(layer, i), e(by, j)), i)


with undistributed():
    B_BAR = 2 * e("y", j) * e("b", j)
    A_BAR = over((1 - e("b", i) ** 2) * e("V", i, j) * e("b_bar", i), i)
    RIGHT = (adjoint("b", B_BAR), adjoint("a", A_BAR))


# --- what is right ---------------------------------------------------------------------------


@pytest.mark.parametrize("layer", ["a", "b"])
def test_the_chain_rule_goes_through_any_layer(layer: str) -> None:
    problem = problem_of(A, B, LOSS, *RIGHT)
    assert is_proved(WHOLE, through(layer), problem)
    assert is_proved(Derivative(L, e(layer, j)), e(f"{layer}_bar", j), problem)


def test_letters_of_sums_further_out_are_kept_apart() -> None:
    problem = problem_of(A, B, LOSS, *RIGHT)
    for layer in "ab":
        both = [over(e("y", j) * slope, j) for slope in (WHOLE, through(layer))]
        assert is_proved(both[0], both[1], problem)


def test_a_matrix_has_an_adjoint_too() -> None:
    lin = Definition(e("W", i, k), e("U", i) * e("x", k))
    loss = Definition(L, over(over(e("y", i) * e("W", i, k) ** 2, k, m), i))
    bar = Definition(e("W_bar", i, k), 2 * e("y", i) * e("W", i, k), given=False, adjoint="W")
    shapes: dict[str, Any] = {"W": (n, m), "W_bar": (n, m), "x": (m,), "U": (n,), "y": (n,)}
    problem = problem_of(lin, loss, bar, shapes={**shapes, "L": ()}, extents={j: m})
    for slope, holds in ((e("W_bar", i, k), True), (2 * e("W_bar", i, k), False)):
        after = over(over(slope * Derivative(e("W", i, k), e("x", j)), k, m), i)
        assert is_proved(WHOLE, after, problem) is holds


def test_an_adjoint_is_differentiated_further_as_what_it_stands_for() -> None:
    below = Definition(e("b", i), over(e("V", i, k) * e("a", k) ** 2))
    problem = problem_of(A, below, LOSS, adjoint("b", B_BAR), extents={j: n, q: n})
    twice = Derivative(WHOLE, e("x", q))
    assert is_proved(twice, Derivative(through("b"), e("x", q)), problem)
    assert not is_proved(twice, Derivative(e("b_bar", j), e("x", q)), problem)


def test_an_assumption_is_used_where_the_names_are_still_folded() -> None:
    loss = Definition(L, -over(e("y", k) * f.log(e("p", k))))
    softmax = Definition(e("p", i), f.exp(e("x", i)) / over(f.exp(e("x", k))))
    told = problem_of(softmax, loss, assumptions=(Eq(over(e("y", k)), 1),))
    assert is_proved(WHOLE, e("p", j) - e("y", j), told)
    assert not is_proved(WHOLE, e("p", j) - e("y", j), replace(told, assumptions=()))


# --- what is wrong ---------------------------------------------------------------------------


WRONG_BARS: dict[str, tuple[Expr, Expr]] = {
    "factor": (3 * e("y", j) * e("b", j), A_BAR),
    "sign": (-B_BAR, A_BAR),
    "missing slope": (B_BAR, over(e("V", i, j) * e("b_bar", i), i)),
    "transposed": (B_BAR, over((1 - e("b", i) ** 2) * e("V", j, i) * e("b_bar", i), i)),
    "another layer's": (A_BAR.xreplace({e("b_bar", i): e("y", i)}), A_BAR),
    "index": (2 * e("y", j) * e("b", Integer(1)), A_BAR),
}


@pytest.mark.parametrize("mistake", WRONG_BARS)
def test_a_wrong_adjoint_is_not_believed(mistake: str) -> None:
    """Neither where it is used itself, nor by the adjoint below, which fits to it."""
    bars = WRONG_BARS[mistake]
    problem = problem_of(A, B, LOSS, adjoint("b", bars[0]), adjoint("a", bars[1]))
    for layer in "ab":
        holds = (bars[0] == B_BAR) if layer == "b" else (bars == (B_BAR, A_BAR))
        assert is_proved(WHOLE, through(layer), problem) is holds
        assert is_proved(Derivative(L, e(layer, j)), e(f"{layer}_bar", j), problem) is holds


SQUARE = Definition(e("c", i), e("a", i) ** 2)
WAYS: dict[str, tuple[Definition, ...]] = {
    "past the layer": (A, B, Definition(L, over(e("y", k) * (e("b", k) + e("a", k))))),
    "through another name": (
        A,
        SQUARE,
        B,
        Definition(L, over(e("y", k) * (e("b", k) + e("c", k)))),
    ),
    "through a name of a name": (
        A,
        SQUARE,
        Definition(e("d", i), e("c", i) + 1),
        B,
        Definition(L, over(e("y", k) * (e("b", k) + e("d", k)))),
    ),
    "in the loss itself": (A, B, Definition(L, over(e("y", k) * e("b", k) + e("x", k)))),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_the_variable_counts(way: str) -> None:
    problem = problem_of(*WAYS[way], adjoint("b", e("y", j)))
    assert is_proved(Derivative(L, e("b", j)), e("b_bar", j), problem)
    assert not is_proved(WHOLE, through("b"), problem)
    inside = is_proved(Derivative(L, e("a", j)), through("b", "a"), problem)
    assert inside is (way == "in the loss itself")


def test_the_adjoint_of_a_sum_is_not_that_of_an_entry() -> None:
    prover = Prover(problem_of(A, B, LOSS, *RIGHT))
    assert prover.equal(Derivative(L, e("a", j)), e("a_bar", j))
    for other in (e("b", Integer(1)), e("b", i), over(e("b", k))):
        assert not prover.equal(Derivative(other, e("a", j)), e("a_bar", j))
        assert not prover.equal(Derivative(other, e("x", j)), through("b"))


def test_a_name_that_is_the_variable_is_held_free() -> None:
    """By b, L does not change with a."""
    problem = problem_of(A, B, LOSS, *RIGHT)
    assert is_proved(Derivative(L, e("b", j)), e("b_bar", j), problem)
    assert not is_proved(Derivative(L, e("b", j)), through("a", "b"), problem)


# --- networks --------------------------------------------------------------------------------


def methods(chain: Chain, checked: set[str]) -> set[str]:
    for step in chain.steps:
        checked.add(step.evidence.method)
        if step.lemma:
            methods(step.lemma, checked)
    return checked


def test_every_step_of_a_deep_network_is_proved_for_every_size() -> None:
    chain = check(derive(network(6)))
    assert chain.verified
    assert chain.evidence.method == "normal form"
    assert methods(chain, set()) == {"normal form"}


def test_a_wrong_layer_of_a_deep_network_is_found() -> None:
    """The sum over one layer's size in the place of another's, which is as long at some sizes."""
    chain = derive(network(8))
    checker = Checker(chain.problem)
    sizes = [chain.problem.shapes[f"h{layer}"][0] for layer in range(1, 9)]
    for one, other in zip(sizes, sizes[1:] + sizes[:1], strict=True):
        sums = [over(e("y", k) ** 2, k, extent) for extent in (one, other)]
        assert checker.judge(sums[0], sums[0])[0] is Verdict.AGREES
        assert checker.judge(*sums)[0] is Verdict.REFUTED


def some_network(chance: random.Random) -> Problem:
    """Layers of squares and skips, each with a name that is said to be its adjoint; some of these
    leave out a way."""
    names = ["x", *"abcd"]
    ways: dict[str, list[Expr]] = {name: [] for name in names}
    layers = []
    for place, name in enumerate(names[1:], 1):
        body: Expr = Integer(0)
        for below in chance.sample(names[:place], chance.randint(1, min(2, place))):
            term, way = chance.choice([square, skip])(name, below)
            body += term
            ways[below].append(way)
        layers.append(Definition(e(name, i), body))
    ends = chance.sample(names[1:], 2)
    loss = Definition(L, over(sum((e("y", k) * e(end, k) for end in ends), start=Integer(0))))
    bars = []
    for name in reversed(names[1:]):
        found = ways[name] + [e("y", j)] * (name in ends)
        if len(found) > 1 and chance.random() < 0.2:
            found.pop(chance.randrange(len(found)))
        bars.append(adjoint(name, sum(found, start=Integer(0))))
    return problem_of(*layers, loss, *bars)


def square(name: str, below: str) -> tuple[Expr, Expr]:
    """A term of a layer, and what comes back through it to the layer below."""
    slope = 2 * e("W", i, j) * e(below, j)
    return over(e("W", i, k) * e(below, k) ** 2), over(e(f"{name}_bar", i) * slope, i)


def skip(name: str, below: str) -> tuple[Expr, Expr]:
    return e(below, i), e(f"{name}_bar", j)


@pytest.mark.parametrize("block", range(4))
def test_random_networks(block: int) -> None:
    """What is proved holds in numbers, where no adjoint is known; and most that holds is proved."""
    proved, right, tried = 0, 0, 0
    for seed in range(8 * block, 8 * block + 8):
        print("seed", seed)
        problem = some_network(random.Random(seed))
        checker, prover = Checker(problem), Prover(problem)
        for layer in "abcd":
            own = Derivative(L, e(layer, j)), e(f"{layer}_bar", j)
            for before, after in ((WHOLE, through(layer)), own):
                holds = checker.compare(before, after)[0] is Verdict.AGREES
                found = prover.equal(before, after)
                assert holds or not found, (before, after, problem.definitions)
                proved, right, tried = proved + found, right + holds, tried + 1
    assert 0 < right < tried
    assert proved >= 0.9 * right
