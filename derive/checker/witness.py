"""What a person needs in order to see for himself that two sides differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mpmath import nstr
from sympy import Expr, Symbol

from derive.checker.ground import Env, Real
from derive.checker.sample import Point
from derive.problem import Problem


@dataclass(frozen=True)
class Difference:
    """Two expressions, and where they have two values."""

    before: Expr
    after: Expr
    point: Point
    env: Env
    left: Real
    right: Real

    def witness(self, problem: Problem) -> Mapping[str, str]:
        """The sizes, the index values (from 1), the numbers, and what each side gives."""
        arrays = {
            name: _array(name, self._shape(problem, name), self.point)
            for name in problem.variables_in(self.before, self.after)
        }
        found = {
            "sizes": listed(self.point.sizes),
            "indices": listed(self.env),
            "point": listed(arrays),
            "before": nstr(self.left, 15),
            "after": nstr(self.right, 15),
        }
        return {key: text for key, text in found.items() if text}

    def _shape(self, problem: Problem, name: str) -> tuple[int, ...]:
        sizes = dict(self.point.sizes)
        return tuple(int(size.xreplace(sizes)) for size in problem.shapes[name])


def listed(values: Mapping[Symbol, object] | Mapping[str, object]) -> str:
    """ "i = 1, j = 2": in the order of the names."""
    return ", ".join(f"{name} = {values[name]}" for name in sorted(values, key=str))


def _array(name: str, shape: tuple[int, ...], point: Point, at: tuple[int, ...] = ()) -> str:
    if len(at) == len(shape):
        return str(point.exact(name, at))
    rows = (_array(name, shape, point, (*at, k)) for k in range(1, shape[len(at)] + 1))
    return f"[{', '.join(rows)}]"
