"""Derivations made by hand, for the tests of what displays them."""

from __future__ import annotations

from dataclasses import replace

import sympy
from sympy import Eq, Expr, Integer, Ne

from derive.functions import exp, log
from derive.nodes import Derivative, delta, entry, index, size, total, undistributed
from derive.problem import Definition, Problem
from derive.steps import Chain, Evidence, Status, Step, Verdict

i, j, k = map(index, "ijk")
n = size("n")
AGREES = Evidence("sampled", "12 points at n = 2, 3")


def step(rule: str, title: str, before: Expr, after: Expr, reason: str, **bindings: Expr) -> Step:
    return Step(
        rule=rule,
        title=title,
        before=before,
        after=after,
        local_before=before,
        local_after=after,
        path=(),
        reason=reason,
        bindings=bindings,
        verdict=Verdict.AGREES,
        evidence=AGREES,
    )


def chained(problem: Problem, lines: list[tuple[str, str, Expr, str, dict[str, Expr]]]) -> Chain:
    """A chain whose first expression is the problem's question."""
    start: Expr = problem.target
    for variable in problem.wrt:
        start = Derivative(start, variable)
    before, steps = start, []
    for rule, title, after, reason, bindings in lines:
        steps.append(step(rule, title, before, after, reason, **bindings))
        before = after
    return Chain(problem, start, tuple(steps), Status.DONE)


def softmax() -> Chain:
    """The quotient rule on softmax, six steps and the two cases."""
    z, s = (lambda a: entry("z", a)), (lambda a: entry("s", a))
    with undistributed():
        whole = total(exp(z(k)), k, n)
        problem = Problem(
            target=s(i),
            wrt=(z(j),),
            definitions=(Definition(s(i), exp(z(i)) / whole, "softmax(z)"),),
            axes=(i,),
            shapes={"z": (n,), "s": (n,)},
            extents={i: n, j: n},
            text="s = softmax(z)\ns[i]",
            name="softmax",
            title="Softmax",
        )
        over, under = exp(z(i)), whole
        dz = z(j)
        quotient = (Derivative(over, dz) * under - over * Derivative(under, dz)) / under**2
        inner = (over * delta(i, j) * under - over * Derivative(under, dz)) / under**2
        summed = total(exp(z(k)) * delta(k, j), k, n)
        picked = (over * delta(i, j) * under - over * exp(z(j))) / under**2
        split = over * delta(i, j) / under - over * exp(z(j)) / under**2
        folded = s(i) * delta(i, j) - s(i) * s(j)
        result = s(i) * (delta(i, j) - s(j))
        chain = chained(
            problem,
            [
                (
                    "definition",
                    "Definition",
                    Derivative(over / under, dz),
                    "{s} stands for {f}.",
                    {"s": s(i), "f": over / under},
                ),
                (
                    "quotient-rule",
                    "Quotient rule",
                    quotient,
                    "The derivative of {f} over {g} is a quotient again.",
                    {"f": over, "g": under},
                ),
                (
                    "chain-rule",
                    "Chain rule",
                    inner,
                    "{f} depends on {x} only if the indices are equal.",
                    {"f": over, "x": dz},
                ),
                (
                    "sum-rule",
                    "Sum rule, chain rule",
                    (over * delta(i, j) * under - over * summed) / under**2,
                    "The derivative of a sum is the sum of the derivatives.",
                    {},
                ),
                (
                    "sift",
                    "Delta picks one term",
                    picked,
                    "In {f} only the term with {k} = {j} is left.",
                    {"f": summed, "k": k, "j": j},
                ),
                ("split", "Split the fraction", split, "Each term over {g}.", {"g": under**2}),
                (
                    "fold",
                    "Fold the definition",
                    folded,
                    "{f} is {s}.",
                    {"f": over / under, "s": s(i)},
                ),
                ("factor", "Factor out", result, "{f} stands in both terms.", {"f": s(i)}),
            ],
        )
        parts = sympy.Piecewise(
            (s(i) * (1 - s(i)), Eq(i, j)), (-s(i) * s(j), Ne(i, j)), evaluate=False
        )
        cases = step("cases", "Cases", result, parts, "{d} is 1 or 0.", d=delta(i, j))
    return replace(chain, cases=cases)


def cross_entropy() -> Chain:
    """The gradient of cross-entropy, citing softmax's derivative."""
    z, p, y = (lambda a, v=v: entry(v, a) for v in "zpy")
    loss = sympy.Symbol("L", real=True)
    with undistributed():
        problem = Problem(
            target=loss,
            wrt=(z(j),),
            definitions=(
                Definition(p(i), exp(z(i)) / total(exp(z(k)), k, n), "softmax(z)"),
                Definition(loss, -total(y(k) * log(p(k)), k, n)),
            ),
            assumptions=(Eq(total(y(k), k, n), 1, evaluate=False),),
            shapes={"z": (n,), "y": (n,), "p": (n,), "L": ()},
            extents={j: n},
            name="cross-entropy",
            title="Cross-entropy of softmax",
        )
        inner = total(y(k) * (delta(k, j) - p(j)), k, n)
        chain = chained(
            problem,
            [
                (
                    "definition",
                    "Definition",
                    Derivative(-total(y(k) * log(p(k)), k, n), z(j)),
                    "{s} stands for its sum.",
                    {"s": loss},
                ),
                (
                    "sum-rule",
                    "Sum rule",
                    -total(y(k) * Derivative(log(p(k)), z(j)), k, n),
                    "Term by term.",
                    {},
                ),
                (
                    "chain-rule",
                    "Chain rule",
                    -total(y(k) / p(k) * Derivative(p(k), z(j)), k, n),
                    "The slope of {f}.",
                    {"f": log(p(k))},
                ),
                ("lemma", "Known derivative", -inner, "As derived for softmax.", {}),
                ("expand", "Expand", p(j) * total(y(k), k, n) - y(j), "Term by term.", {}),
                ("fact", "Assumption", p(j) - y(j), "{s} is 1.", {"s": total(y(k), k, n)}),
            ],
        )
    cited = replace(
        softmax(),
        problem=problem.asking(p(i), (z(j),), (i,)),
        start=Derivative(p(i), z(j)),
        steps=(step("factor", "Factor", p(i), p(i) * (delta(i, j) - p(j)), ""),),
        cases=None,
    )
    steps = (*chain.steps[:3], replace(chain.steps[3], lemma=cited), *chain.steps[4:])
    return replace(chain, steps=steps)


def mean_squared_error() -> Chain:
    a, t = (lambda x, v=v: entry(v, x) for v in "at")
    loss = sympy.Symbol("L", real=True)
    with undistributed():
        body = total((a(k) - t(k)) ** 2, k, n) / n
        problem = Problem(
            target=loss,
            wrt=(a(j),),
            definitions=(Definition(loss, body),),
            shapes={"a": (n,), "t": (n,), "L": ()},
            extents={j: n},
            name="mse",
            title="Mean squared error",
        )
        return chained(
            problem,
            [
                ("definition", "Definition", Derivative(body, a(j)), "", {}),
                (
                    "power-rule",
                    "Power rule",
                    total(2 * (a(k) - t(k)) * delta(k, j), k, n) / n,
                    "",
                    {},
                ),
                ("sift", "Delta picks one term", Integer(2) * (a(j) - t(j)) / n, "", {}),
            ],
        )


def with_verdict(chain: Chain, at: int, verdict: Verdict, **witness: str) -> Chain:
    """The same chain with one step's verdict changed."""
    steps = list(chain.steps)
    steps[at] = replace(steps[at], verdict=verdict, evidence=Evidence("sampled", "", witness))
    return replace(chain, steps=tuple(steps))
