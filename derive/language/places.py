"""What stands in brackets: letters, sums of them, and the axis a vector function works along."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from sympy import Add, Expr, Integer, Mul

from derive.errors import ProblemError
from derive.indices import fresh
from derive.language.lengths import Lengths
from derive.language.shifts import Shift
from derive.language.syntax import function, letters_in, written
from derive.language.vocabulary import Env, Letter, Vocabulary
from derive.nodes import delta, entry, index


class Places:
    """The indices of one vocabulary, joined with the axes they run over."""

    def __init__(self, names: Vocabulary) -> None:
        self.names = names
        self.lengths = Lengths(names)

    def letter(self, node: ast.Name, env: Env) -> Letter:
        """The index a letter means."""
        found = env.find(node.id)
        if found is None:
            known = ", ".join(env.scope.free) or "none"
            message = f"{node.id} is not bound; free indices: {known}"
            raise env.error(ProblemError, message, node)
        return found

    def axis(self, node: ast.expr, env: Env) -> Letter:
        """The letter of a vector's entry: the one in the brackets; for ':' the one that is meant
        where the vector stands."""
        if isinstance(node, ast.Name):
            return self.letter(node, env)
        if env.at is None:
            message = "':' marks the axis of a whole vector, as in softmax(Z[b, :])[i]"
            raise env.error(ProblemError, message, node)
        return env.at

    def compared(self, node: ast.Compare, env: Env) -> list[Expr]:
        """The sides of a comparison of indices."""
        sides = (node.left, *node.comparators)
        self.lengths.compare([self.letter(n, env) for side in sides for n in letters_in(side)])
        return [self._sum(side, env) for side in sides]

    def entry(self, name: str, inside: Sequence[ast.expr], env: Env, node: ast.expr) -> Expr:
        """name[i, :, i + k]."""
        if name not in self.names.shapes:
            self.names.shapes[name] = tuple(self.names.sizes.new() for _ in inside)
        axes = zip(inside, self.names.shapes[name], strict=True)
        slides = self.lengths.slides
        return entry(
            name,
            *[
                self._along(part, length, env, node, (name, place) in slides)
                for place, (part, length) in enumerate(axes)
            ],
        )

    def _along(self, part: ast.expr, length: Expr, env: Env, node: ast.expr, slides: bool) -> Expr:
        if isinstance(part, ast.BinOp):
            form = self._sum(part, env)
            self.lengths.shift(Shift(form, length, tuple(self._used(part, env)), env, part))
            return form
        letter = self.axis(part, env)
        if slides and isinstance(part, ast.Name):
            self.lengths.use(letter)
            self.lengths.shift(Shift(letter.symbol, length, (letter,), env, node))
        else:
            self.lengths.join(letter, length, env, node)
        return letter.symbol

    def size(self, node: ast.Call, env: Env) -> Expr:
        """size(k)."""
        name = written(node.args[0])
        found = env.find(name)
        if found is None:
            return self.lengths.wanted(name, env, node)
        self.lengths.use(found)
        return found.size

    def delta(self, node: ast.Call, env: Env) -> Expr:
        """delta(i, j): two letters run equally far."""
        one, other = node.args
        if isinstance(one, ast.Name) and isinstance(other, ast.Name):
            self.lengths.join(self.letter(one, env), self.letter(other, env).size, env, node)
        for place in node.args:
            self._used(place, env)
        return delta(self._sum(one, env), self._sum(other, env))

    def _used(self, place: ast.expr, env: Env) -> list[Letter]:
        letters = [self.letter(name, env) for name in letters_in(place)]
        for letter in letters:
            self.lengths.use(letter)
        return letters

    def _sum(self, node: ast.expr, env: Env) -> Expr:
        """i, i + k, 2*i + k, and where indices are compared also 1 and i + size(k)."""
        if isinstance(node, ast.Name):
            return self.letter(node, env).symbol
        if isinstance(node, ast.Constant):
            return Integer(int(node.value))  # type: ignore[arg-type]
        if function(node):
            assert isinstance(node, ast.Call)
            return self.size(node, env)
        assert isinstance(node, ast.BinOp)
        left, right = self._sum(node.left, env), self._sum(node.right, env)
        if isinstance(node.op, ast.Mult):
            return Mul(left, right)
        minus = isinstance(node.op, ast.Sub)
        return Add(left, *(-term if minus else term for term in Add.make_args(right)))

    def bind(self, name: str, bound: dict[str, Letter], env: Env) -> Letter:
        """A bound letter, renamed where it already means something around it."""
        around = {letter.symbol for letter in bound.values()}
        around |= {env.at.symbol} if env.at else set()
        symbol = index(name)
        if symbol in around:
            symbol = fresh(symbol, around | {index(taken) for taken in self.names.taken})
            self.names.taken.add(symbol.name)
        bound[name] = Letter(symbol, self.names.sizes.new())
        env.scope.every.setdefault(name, []).append(bound[name])
        return bound[name]
