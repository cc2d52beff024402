"""Operations on numbers, refused where they would not give a real number of usable size.

A constant such as exp(exp(exp(20))) is harmless as a term, but SymPy tries to work it out whenever
it asks for a sign, and never comes back. So every constant is worked out here, from small to large.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

import sympy
from sympy import Expr, Indexed, Integer, Number, NumberSymbol, Pow, Rational, S, Symbol

from derive.errors import DeriveError, ParseError, ProblemError
from derive.functions import ELEMENTARY
from derive.language.vocabulary import Env
from derive.nodes import Where

_MAX_BITS = 1023  # what floating-point numbers hold
_LARGEST = 1e300
_MAX_EXPONENT = 1000
_BROKEN = frozenset({S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN})


@dataclass
class Arithmetic:
    """Combines expressions; remembers the values of the constants among them."""

    _values: dict[Expr, Expr] = field(default_factory=dict)

    def number(self, value: ast.Constant, env: Env) -> Expr:
        fraction = value.value
        exact = Rational(fraction.numerator, fraction.denominator)  # type: ignore[union-attr]
        return self._checked(exact, env, value)

    def combine(self, left: Expr, right: Expr, env: Env, node: ast.BinOp) -> Expr:
        """left + right, left - right, left*right, left/right, left**right."""
        if isinstance(node.op, ast.Pow):
            return self.power(left, right, env, node)
        if isinstance(node.op, ast.Div):
            made = left * self.power(right, Integer(-1), env, node)
        elif isinstance(node.op, ast.Mult):
            made = left * right
        else:
            made = left + (right if isinstance(node.op, ast.Add) else -right)
        return self._checked(made, env, node)

    def power(self, base: Expr, exponent: Expr, env: Env, node: ast.expr) -> Expr:
        """base**exponent; the square root of a square is an absolute value."""
        if isinstance(exponent, Rational) and max(abs(exponent.p), exponent.q) > _MAX_EXPONENT:
            raise _too_large(env, node)
        even = isinstance(base, Pow) and base.exp.is_even and base.base.is_extended_real
        if even and not exponent.is_integer:  # SymPy recurses without end into |-x - 1|
            base, exponent = ELEMENTARY["abs"](base.base), base.exp * exponent
        made = Pow(base, exponent)
        absolute = {p: ELEMENTARY["abs"](p.args[0]) for p in _top(made) if p.func is sympy.Abs}
        made = self._checked(made.xreplace(absolute) if absolute else made, env, node)
        return self._valued(made, env, node)

    def apply(self, name: str, argument: Expr, env: Env, node: ast.expr) -> Expr:
        """An elementary function of a number."""
        if name == "sqrt":
            return self.power(argument, Rational(1, 2), env, node)
        return self._valued(ELEMENTARY[name](argument), env, node)

    def _checked(self, made: Expr, env: Env, node: ast.expr) -> Expr:
        for part in _top(made):
            if part in _BROKEN:
                raise env.error(ProblemError, "this divides by zero", node)
            if part is S.ImaginaryUnit:
                raise env.error(ProblemError, "this is not a real number", node)
            if isinstance(part, Rational) and _bits(part) > _MAX_BITS:
                raise _too_large(env, node)
            exponent = part.exp if isinstance(part, Pow) else S.Zero
            if isinstance(exponent, Number) and abs(exponent) > _MAX_EXPONENT:
                raise _too_large(env, node)
        return made

    def _valued(self, made: Expr, env: Env, node: ast.expr) -> Expr:
        """The same, if it depends on something or is a number of usable size."""
        if not _is_constant(made):
            return made
        value = self._value(made)
        if value in _BROKEN or not value.is_extended_real:
            raise env.error(ProblemError, "this is not a real number", node)
        if not (value == 0 or 1 / _LARGEST < abs(value) < _LARGEST):
            raise _too_large(env, node)
        return made

    def _value(self, constant: Expr) -> Expr:
        if isinstance(constant, Number | NumberSymbol):
            return constant.evalf()
        if constant not in self._values:
            arguments = constant.args[:2] if isinstance(constant, Where) else constant.args
            values = [self._value(argument) for argument in arguments]
            largest = max(values, key=abs) if isinstance(constant, Where) else None
            self._values[constant] = largest or constant.func(*values).doit()
        return self._values[constant]


def _too_large(env: Env, node: ast.expr) -> DeriveError:
    return env.error(ParseError, "this number is too large or too small", node)


def _top(made: Expr) -> Iterator[Expr]:
    """An expression, its parts, and theirs: where SymPy has just put something new."""
    yield made
    if isinstance(made, sympy.Add | sympy.Mul | Pow):
        for part in made.args:
            yield part
            yield from part.args if isinstance(part, sympy.Mul | Pow) else ()


def _is_constant(expr: Expr) -> bool:
    if isinstance(expr, Symbol | Indexed):
        return False
    return all(map(_is_constant, expr.args))


def _bits(number: Rational) -> int:
    return max(abs(int(number.p)).bit_length(), int(number.q).bit_length()) - 1
