"""Wrong rules, planted on purpose: the checker must refuse every one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Add, Expr, KroneckerDelta, Mul, Piecewise, S

from derive.checker.finite import check, check_step
from derive.engine import derive
from derive.indices import free_indices, substitute
from derive.length import length
from derive.nodes import Derivative, Sum, at, replace_at, undistributed
from derive.parse import parse
from derive.rules import CANCEL, CASES, DIFFERENTIATION, RULES, WAY_RULES
from derive.steps import Rewrite, Rule, Step, Verdict
from tests.corpus import PROBLEMS, steps_by_rule

ALL_RULES = {rule.name: rule for rule in (*RULES, *WAY_RULES.values(), CANCEL, CASES)}
Damage = Callable[[Expr], Expr | None]


def _first(expr: Expr, kind: type[Expr]) -> Expr | None:
    found = sorted(expr.atoms(kind), key=str)
    return found[0] if found else None


def wrong_sign(expr: Expr) -> Expr | None:
    return -expr if expr != 0 else S.One


def dropped_delta(expr: Expr) -> Expr | None:
    found = _first(expr, KroneckerDelta)
    return expr.xreplace({found: S.One}) if found else None


def confused_index(expr: Expr) -> Expr | None:
    """One free index written for another. (Swapping two is no mistake where all is symmetric.)"""
    letters = sorted(free_indices(expr), key=str)
    return substitute(expr, {letters[0]: letters[1]}) if len(letters) > 1 else None


def missing_factor(expr: Expr) -> Expr | None:
    if not isinstance(expr, Mul) or expr.args[0] == 1:
        return None
    return Mul(*expr.args[1:])


def missing_term(expr: Expr) -> Expr | None:
    found = _first(expr, Add)
    if found is None:
        return None
    longest = max(found.args, key=length)  # a short one may well be a derivative that is 0
    return expr.xreplace({found: found - longest})


def dropped_sum(expr: Expr) -> Expr | None:
    found = _first(expr, Sum)
    return expr.xreplace({found: found.body / 2}) if found and not _open(found) else None


def _open(found: Expr) -> bool:
    return any(found.letter in s.free_symbols for s in found.body.atoms(Derivative))


def doubled(expr: Expr) -> Expr | None:
    return 2 * expr if expr != 0 else S.One / 2


DAMAGES: tuple[Damage, ...] = (
    wrong_sign,
    dropped_delta,
    confused_index,
    missing_factor,
    missing_term,
    dropped_sum,
    doubled,
)


def _damaged(step: Step, damage: Damage) -> Step | None:
    """The step with its right-hand side spoilt, at its place and in the whole line."""
    local = step.local_after
    if isinstance(local, Piecewise):
        first = local.args[0]
        spoilt = damage(first[0])
        cases = [(spoilt, first[1]), *((e, c) for e, c in local.args[1:])]
        wrong = None if spoilt is None else Piecewise(*cases, evaluate=False)
    else:
        wrong = damage(local)
    if wrong is None:
        return None
    after = replace_at(step.before, step.path, wrong)
    return replace(step, local_after=wrong, after=after)


@pytest.mark.parametrize("name", sorted(ALL_RULES))
def test_every_rule_has_wrong_twins_and_each_is_refuted(name: str) -> None:
    steps = steps_by_rule().get(name)
    assert steps, f"no problem of the corpus uses {name}"
    refuted: set[str] = set()
    with undistributed():
        for chain, step in steps[:3]:
            assert check_step(step, chain.problem).verdict is Verdict.AGREES
            for damage in DAMAGES:
                wrong = _damaged(step, damage)
                if wrong is None:
                    continue
                checked = check_step(wrong, chain.problem)
                assert checked.verdict is Verdict.REFUTED, (damage.__name__, wrong.local_after)
                assert checked.evidence.witness
                refuted.add(damage.__name__)
    assert len(refuted) >= 2


def _twin(rule: Rule) -> Rule:
    """A rule that gets the last thing wrong: its sign, or, where there is none, its value."""

    def rewrite(node: Expr, context: object) -> Rewrite | None:
        right = rule.rewrite(node, context)  # type: ignore[arg-type]
        if right is None:
            return None
        wrong = missing_term(right.after) or missing_factor(right.after)
        return Rewrite(wrong if wrong is not None else wrong_sign(right.after), right.bindings)

    return replace(rule, rewrite=rewrite)


# A wrong rename leaves its clash standing, and a wrong definition never ends.
PLANTED = [r for r in DIFFERENTIATION if r.name not in ("rename-index", "definition")]


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.name)
def test_a_planted_wrong_rule_is_refuted_where_it_is_used(rule: Rule) -> None:
    for text, wrt, assume, way in PROBLEMS:
        rules = tuple(_twin(r) if r is rule else r for r in RULES)
        if way == "product":
            rules = tuple(r for r in rules if r.name != "quotient-rule")
        checked = check(derive(parse(text, wrt=wrt, assume=assume), rules))
        used = [step for step in checked.steps if step.rule == rule.name]
        if any(step.verdict is Verdict.REFUTED for step in used):
            assert not checked.verified
            return
    pytest.fail(f"{rule.name} was never used, or never refuted")


def test_a_step_that_changes_another_place_is_refuted() -> None:
    """The local part is right, but the whole line was put together wrongly."""
    chain, step = steps_by_rule()["quotient-rule"][0]
    wrong = replace(step, after=step.after + 1)
    assert at(step.before, step.path) == step.local_before
    assert check_step(wrong, chain.problem).verdict is Verdict.REFUTED


def test_a_captured_index_is_refuted() -> None:
    """What SymPy itself answers for sum(x[k]**2, k)*x[k] by x[k]."""
    chain, step = steps_by_rule()["rename-index"][0]
    inner = _first(step.local_before, Sum)
    assert inner is not None
    captured = Derivative(inner.body, step.local_before.variable)
    wrong = replace(step, local_after=captured, after=replace_at(step.before, step.path, captured))
    assert check_step(wrong, chain.problem).verdict is Verdict.REFUTED
