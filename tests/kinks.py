"""Targets with kinks, cases, extremes and products, each with its derivative worked out by hand."""

from __future__ import annotations

from sympy import Expr

from derive.parse import parse, parse_expression
from derive.problem import Problem

# target, wrt, derivative
KINKS: tuple[tuple[str, str, str], ...] = (
    ("abs(x)*T", "x", "sign(x)*T"),
    ("x*sign(x)", "x", "sign(x)"),
    ("relu(x)**2", "x", "2*relu(x)"),
    ("relu(z[i])", "z[j]", "where(z[i] > 0, 1, 0)*delta(i, j)"),
    ("max(0, 1 - T*x)", "x", "where(0 >= 1 - T*x, 0, -T)"),
    ("max(x, T, x*T)", "x", "where(x >= max(T, x*T), 1, where(T >= x*T, 0, T))"),
    ("min(max(x, -1), 1)", "x", "where(max(x, -1) <= 1, where(x >= -1, 1, 0), 0)"),
    ("where(x > 0, x, T*(exp(x) - 1))", "x", "where(x > 0, 1, T*exp(x))"),
    ("where(abs(x) <= T, x**2/2, T*(abs(x) - T/2))", "x", "where(abs(x) <= T, x, T*sign(x))"),
    ("where(x > 0 and not x > T, x**2, -x)", "x", "where(x > 0 and x <= T, 2*x, -1)"),
    ("where(x < 0 or x > T, x**2, -x)", "x", "where(x < 0 or x > T, 2*x, -1)"),
    (
        "sum(abs(x[k] - t[k]), k)",
        "x[j]",
        "sign(x[j] - t[j])",
    ),
    (
        "sum(abs(x[k] - x[l]), k, l)",
        "x[j]",
        "2*sum(sign(x[j] - x[k]), k)",
    ),
    (
        "max(x[k]**2, k)",
        "x[j]",
        "2*x[j]*where(x[j]**2 == max(x[l]**2, l), 1, 0)",
    ),
    (
        "min(W[i,k]*T, k)",
        "W[a,b]",
        "T*delta(i, a)*where(W[i,b]*T == min(W[i,k]*T, k), 1, 0)",
    ),
    (
        "max(z[k], k) - min(z[k], k)",
        "z[j]",
        "where(z[j] == max(z[k], k), 1, 0) - where(z[j] == min(z[k], k), 1, 0)",
    ),
    ("prod(x[k], k)", "x[j]", "prod(x[k], k)/x[j]"),
    ("prod(T + x[k]**2, k)", "T", "prod(T + x[k]**2, k)*sum(1/(T + x[k]**2), k)"),
    ("sum(where(k <= i, z[k], 0), k)", "z[j]", "where(j <= i, 1, 0)"),
    ("sum(where(k != i, z[k]**2, 0), k)", "z[j]", "where(j != i, 2*z[j], 0)"),
    (
        "A[i,u] = where(u <= i, exp(S[i,u]), 0)\nP[i,u] = A[i,u]/sum(A[i,k], k)\nP[i,u]",
        "S[a,b]",
        "delta(i, a)*P[i,u]*(delta(u, b) - P[i,b])",
    ),
)

# the same with what is right in one case only
WRONG_IN_A_CASE: tuple[tuple[str, str, str], ...] = (
    ("max(0, 1 - T*x)", "x", "-T"),
    ("max(0, 1 - T*x)", "x", "0*T"),
    ("min(relu(x), 6)", "x", "where(x > 0, 1, 0)"),
    ("where(abs(x) <= T, x**2/2, T*(abs(x) - T/2))", "x", "x"),
    ("where(x <= -3, 0, where(x >= 3, x, x*(x + 3)/6))", "x", "where(x <= -3, 0, x/3 + 1/2)"),
    ("where(x < 0 or x > T, x**2, -x)", "x", "2*x"),
    ("relu(z[i])", "z[j]", "delta(i, j)"),
    ("max(z[k], k)", "z[j]", "where(z[j] == min(z[k], k), 1, 0)"),
    ("sum(where(k <= i, z[k], 0), k)", "z[j]", "where(i <= j, 1, 0)"),
    ("prod(x[k], k)", "x[j]", "prod(x[k], k)"),
)


def kinked(text: str, wrt: str, result: str) -> tuple[Problem, Expr]:
    """A problem of the list with its derivative."""
    problem = parse(text, wrt=[wrt])
    return problem, parse_expression(result, problem)
