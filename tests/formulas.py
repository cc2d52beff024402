"""Formulas of the input language as numbers and as other formulas: evaluated by NumPy from their
text, rewritten as people rewrite them, and spoilt. Nothing here comes from the package."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Env = Mapping[str, int]

_NAMES = "exp log sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh"
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    name: getattr(math, name) for name in _NAMES.split()
}
_FUNCTIONS |= {
    "erf": math.erf,
    "abs": abs,
    "sign": lambda x: float((x > 0) - (x < 0)),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)) if x > -700 else 0.0,
    "softplus": lambda x: max(x, 0) + math.log1p(math.exp(-abs(x))),
    "relu": lambda x: max(x, 0.0),
}
_OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
}


class Formulas:
    """The values of formulas, given numbers for variables and statements for names."""

    def __init__(self, inputs: Mapping[str, Array], statements: str = "") -> None:
        self.arrays = {name: np.asarray(value, dtype=float) for name, value in inputs.items()}
        self.defined: dict[str, tuple[list[str], ast.expr]] = {}
        self.spans: dict[str, int] = {}
        for line in filter(None, map(str.strip, re.split(r"[\n;]", statements))):
            node = ast.parse(line.replace("^", "**")).body[0]
            if isinstance(node, ast.Assign):
                self._define(node)

    def _define(self, node: ast.Assign) -> None:
        (head,) = node.targets
        if isinstance(head, ast.Subscript):
            assert isinstance(head.value, ast.Name)
            letters = [part.id for part in _places(head) if isinstance(part, ast.Name)]
            self.defined[head.value.id] = (letters, node.value)
        elif isinstance(head, ast.Name):
            vector = _called(node.value) in ("softmax", "log_softmax")
            self.defined[head.id] = (["_own"] if vector else [], node.value)

    def array(self, text: str, letters: Sequence[str], spans: Sequence[int]) -> Array:
        """A formula at every value of its free letters."""
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval").body
        found = np.empty(tuple(spans))
        for place in np.ndindex(*spans):
            found[place] = self.value(tree, dict(zip(letters, place, strict=True)))
        return found

    def value(self, node: ast.expr, env: Env) -> Any:
        match node:
            case ast.Constant():
                return float(node.value)
            case ast.UnaryOp(op=ast.Not()):
                return not self.value(node.operand, env)
            case ast.UnaryOp():
                return -self.value(node.operand, env)
            case ast.BinOp():
                sides = self.value(node.left, env), self.value(node.right, env)
                return _OPERATIONS[type(node.op)](*sides)
            case ast.BoolOp():
                every = all if isinstance(node.op, ast.And) else any
                return every(self.value(part, env) for part in node.values)
            case ast.Compare():
                (op,), (right,) = node.ops, node.comparators
                return _COMPARISONS[type(op)](self.value(node.left, env), self.value(right, env))
            case ast.Name():
                return self._name(node.id, env)
            case ast.Subscript():
                return self._entry(node, env)
            case ast.Call():
                return self._call(_called(node), node.args, env)
        raise ValueError(ast.dump(node))

    def _name(self, name: str, env: Env) -> Any:
        if name in env:
            return env[name]
        if name == "pi":
            return math.pi
        if name in self.defined:
            return self.value(self.defined[name][1], env)
        return float(self.arrays[name])

    def _entry(self, node: ast.Subscript, env: Env) -> float:
        places = _places(node)
        if isinstance(node.value, ast.Call):
            return self._whole(node.value, places, env)
        assert isinstance(node.value, ast.Name)
        return self._at(node.value.id, [int(self.value(part, env)) for part in places])

    def _at(self, name: str, where: Sequence[int]) -> float:
        if name not in self.defined:
            return float(self.arrays[name][tuple(where)])
        letters, body = self.defined[name]
        if letters == ["_own"]:
            assert isinstance(body, ast.Call)
            return self._softmax(body, where[0], {})
        inner = dict(zip(letters, where, strict=True))
        if isinstance(body, ast.Subscript) and isinstance(body.value, ast.Call):
            return self._whole(body.value, _places(body), inner)
        return float(self.value(body, inner))

    def _whole(self, node: ast.Call, places: Sequence[ast.expr], env: Env) -> float:
        """softmax(Z[b, :])[i]."""
        return self._softmax(node, int(self.value(places[-1], env)), env)

    def _softmax(self, node: ast.Call, own: int, env: Env) -> float:
        values = self._vector(node.args[0], env)
        logarithms = values - values.max() - math.log(np.exp(values - values.max()).sum())
        logarithm = float(logarithms[own])
        return logarithm if _called(node) == "log_softmax" else math.exp(logarithm)

    def _vector(self, node: ast.expr, env: Env) -> Array:
        """A vector expression: names without letters are whole, and one place may be ":"."""
        span = max(self._long(part) for part in ast.walk(node))
        return np.array([self.value(_opened(node, self), {**env, "_w": k}) for k in range(span)])

    def _long(self, node: ast.AST) -> int:
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            for axis, place in enumerate(_places(node)):
                if isinstance(place, ast.Slice):
                    return self.shape(node.value.id)[axis]
        if isinstance(node, ast.Name) and len(self.shape(node.id)) == 1:
            return self.shape(node.id)[0]
        return 0

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a name; of a defined one, by what its letters index."""
        if name in self.arrays:
            return self.arrays[name].shape
        if name not in self.defined:
            return ()
        letters, body = self.defined[name]
        if letters == ["_own"]:
            return (max(self._long(part) for part in ast.walk(body)),)
        return tuple(self.span(letter, body) for letter in letters)

    def span(self, letter: str, body: ast.AST) -> int:
        """How many values a letter takes, by what it indexes; i + 1 leaves room for one less."""
        found = [
            self._axis(node, axis) - shift
            for node in ast.walk(body)
            if isinstance(node, ast.Subscript)
            for axis, place in enumerate(_places(node))
            if (shift := _shift(place, letter)) is not None
        ]
        return min(found) if found else self.spans[letter]

    def _axis(self, node: ast.Subscript, axis: int) -> int:
        if isinstance(node.value, ast.Name):
            return self.shape(node.value.id)[axis]
        return max(self._long(part) for part in ast.walk(node.value))

    def _call(self, name: str, args: Sequence[ast.expr], env: Env) -> Any:
        if name in ("sum", "mean", "prod"):
            return self._over(name, args[0], args[1:], env)
        if name in ("max", "min"):
            return self._extreme(name, args, env)
        if name == "size":
            assert isinstance(args[0], ast.Name)
            return float(self._size(args[0].id))
        if name == "where":
            return self.value(args[1] if self.value(args[0], env) else args[2], env)
        if name == "delta":
            return float(self.value(args[0], env) == self.value(args[1], env))
        if name in ("logsumexp", "norm"):
            vector = self._vector(args[0], env)
            if name == "norm":
                return float(np.linalg.norm(vector))
            return float(vector.max() + np.log(np.exp(vector - vector.max()).sum()))
        return _FUNCTIONS[name](self.value(args[0], env))

    def _size(self, letter: str) -> int:
        if letter in self.spans:
            return self.spans[letter]
        bodies = (body for _, body in self.defined.values())
        for body in bodies:
            try:
                return self.span(letter, body)
            except KeyError:
                continue
        raise KeyError(letter)

    def _over(self, name: str, body: ast.expr, letters: Sequence[ast.expr], env: Env) -> float:
        if not letters:
            return float(self.value(body, env))
        first, *rest = letters
        assert isinstance(first, ast.Name)
        span = self.span(first.id, body)
        kept = self.spans.get(first.id)
        self.spans[first.id] = span
        values = [self._over(name, body, rest, {**env, first.id: k}) for k in range(span)]
        del self.spans[first.id]
        if kept is not None:
            self.spans[first.id] = kept
        if name == "prod":
            return math.prod(values)
        return sum(values) / (span if name == "mean" else 1)

    def _extreme(self, name: str, args: Sequence[ast.expr], env: Env) -> float:
        choose = max if name == "max" else min
        last = args[-1]
        bound = len(args) == 2 and isinstance(last, ast.Name) and last.id not in env
        named = {*self.arrays, *self.defined, "pi"}
        if bound and isinstance(last, ast.Name) and last.id not in named:
            span = self.span(last.id, args[0])
            return choose(self.value(args[0], {**env, last.id: k}) for k in range(span))
        return choose(self.value(arg, env) for arg in args)


def _opened(node: ast.expr, at: Formulas) -> ast.expr:
    """A vector expression with the letter _w at its whole names and colons."""

    class Opened(ast.NodeTransformer):
        def visit_Name(self, name: ast.Name) -> ast.expr:
            if len(at.shape(name.id)) == 1:
                return ast.Subscript(name, ast.Name("_w"))
            return name

        def visit_Subscript(self, entry: ast.Subscript) -> ast.expr:
            places = [ast.Name("_w") if isinstance(p, ast.Slice) else p for p in _places(entry)]
            inside = ast.Tuple(places) if len(places) > 1 else places[0]
            return ast.Subscript(entry.value, inside)

        def visit_Call(self, call: ast.Call) -> ast.expr:
            if _called(call) in ("norm", "logsumexp"):
                return call
            return ast.Call(call.func, [self.visit(arg) for arg in call.args], [])

    made: ast.expr = Opened().visit(ast.parse(ast.unparse(node), mode="eval").body)
    return made


def _shift(place: ast.expr, letter: str) -> int | None:
    """0 for i, 1 for i + 1; None for anything else."""
    if isinstance(place, ast.BinOp) and isinstance(place.right, ast.Constant):
        sign = 1 if isinstance(place.op, ast.Add) else -1
        inside = _shift(place.left, letter)
        return None if inside is None else inside + sign * int(place.right.value)
    return 0 if isinstance(place, ast.Name) and place.id == letter else None


def _places(node: ast.Subscript) -> list[ast.expr]:
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def _called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


# -- other forms of a formula --------------------------------------------------------------


def reordered(text: str) -> str:
    """Terms and factors the other way round."""

    class Turned(ast.NodeTransformer):
        def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
            return node

        def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
            self.generic_visit(node)
            if isinstance(node.op, ast.Add | ast.Mult):
                return ast.BinOp(node.right, node.op, node.left)
            if isinstance(node.op, ast.Sub):
                return ast.BinOp(ast.UnaryOp(ast.USub(), node.right), ast.Add(), node.left)
            return node

    return ast.unparse(Turned().visit(_tree(text)))


def by_cases(text: str, one: str, other: str) -> str:
    """Cases instead of a delta, for two free letters; the same where there is none."""

    class Valued(ast.NodeTransformer):
        def __init__(self, value: int) -> None:
            self.value = value

        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            names = {arg.id for arg in node.args if isinstance(arg, ast.Name)}
            if _called(node) == "delta" and names == {one, other}:
                return ast.Constant(self.value)
            return node

    yes, no = (ast.unparse(Valued(value).visit(_tree(text))) for value in (1, 0))
    return f"where({one} == {other}, {yes}, {no})" if yes != no else text


def rebound(text: str) -> str:
    """Every letter that a sum or maximum runs over renamed."""
    bound = {
        arg.id
        for node in ast.walk(_tree(text))
        if _called(node) in ("sum", "mean", "prod", "max", "min") and isinstance(node, ast.Call)
        for arg in node.args[1:]
        if isinstance(arg, ast.Name)
    }
    free = set(re.findall(r"[A-Za-z_]\w*", text)) - bound
    new = (letter for letter in "uvwghruvabcdefjklmnopqst" if letter not in free)
    table = {letter: next(new) for letter in sorted(bound)}
    return relettered(text, table)


def relettered(text: str, table: Mapping[str, str]) -> str:
    """Names replaced all at once."""
    return re.sub(r"[A-Za-z_]\w*", lambda found: table.get(found[0], found[0]), text)


def spoilt(text: str, letters: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Wrong formulas, each with the kind of slip: signs, factors, terms, deltas, sums, powers,
    indices."""
    tree = _tree(text)
    yield "sign", f"-({text})"
    yield "constant-factor", f"2*({text})"
    yield "constant-factor", f"({text})/2"
    yield "algebra-slip", f"1 - ({text})"
    yield "power-rule", f"({text})**2"
    yield "missing-term", f"({text}) + 1"
    for place, node in enumerate(ast.walk(tree)):
        for kind, new in _slips(node, letters):
            yield kind, ast.unparse(_with(tree, place, new))


def _slips(node: ast.AST, letters: Sequence[str]) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.BinOp(op=ast.Add()):
            yield "sign", ast.BinOp(node.left, ast.Sub(), node.right)
            yield from (("missing-term", side) for side in (node.left, node.right))
        case ast.BinOp(op=ast.Sub()):
            yield "sign", ast.BinOp(node.left, ast.Add(), node.right)
            yield "missing-term", node.left
        case ast.BinOp(op=ast.Mult()):
            yield from (("missing-factor", side) for side in (node.left, node.right))
        case ast.BinOp(op=ast.Div()):
            yield "missing-factor", node.left
        case ast.BinOp(op=ast.Pow()):
            yield "power-rule", node.left
            yield "power-rule", ast.BinOp(node.left, node.op, ast.Constant(3))
        case ast.Call(func=ast.Name(id="delta")):
            yield from (("lost-sum", ast.Constant(value)) for value in (0, 1))
        case ast.Call(func=ast.Name(id="where")):
            condition, yes, no = node.args
            yield "wrong-branch", ast.Call(node.func, [condition, no, yes], [])
            yield "wrong-branch", yes
        case ast.Call(func=ast.Name(id=name)) if name in _FUNCTIONS:
            yield "algebra-slip", node.args[0]
        case ast.Subscript():
            places = _places(node)
            for n, place in enumerate(places):
                for letter in letters:
                    if isinstance(place, ast.Name) and place.id != letter:
                        turned = [*places[:n], ast.Name(letter), *places[n + 1 :]]
                        inside = ast.Tuple(turned) if len(turned) > 1 else turned[0]
                        yield "lost-sum", ast.Subscript(node.value, inside)


def _with(tree: ast.expr, place: int, new: ast.expr) -> ast.expr:
    """A tree with the node at a place, as one walks it, replaced."""
    copy = _tree(ast.unparse(tree))
    old = list(ast.walk(copy))[place]

    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            return new if node is old else self.generic_visit(node)

    made: ast.expr = Put().visit(copy)
    return made


def _tree(text: str) -> ast.expr:
    return ast.parse(text.replace("^", "**").strip(), mode="eval").body
