"""What was asked, and how an answer to it is read and held against the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr

from derive.answers.lines import Head, Left, Line
from derive.check.finite import Checker
from derive.errors import ParseError, ProblemError
from derive.language.statements import statements
from derive.nodes import Derivative, entry, index, indices_of, name_of, scalar
from derive.parse import parse, parse_expression
from derive.problem import Problem
from derive.steps import Evidence, Verdict
from derive.text import problem_text, text_of


@dataclass(frozen=True)
class Question:
    """A problem in the letters of one answer, with the names that its author introduced.

    Attributes:
        problem: what is asked.
        asked: the problem as it was first stated, whose names cannot be defined anew.
    """

    problem: Problem
    asked: Problem

    @staticmethod
    def of(problem: Problem) -> Question:
        return Question(problem, problem)

    @cached_property
    def checker(self) -> Checker:
        return Checker(self.problem)

    @property
    def truth(self) -> Expr:
        """What an answer should equal: the target with its derivatives pending."""
        wanted = self.problem.target
        for variable in self.problem.wrt:
            wanted = Derivative(wanted, variable)
        return wanted

    def judge(self, left: Expr, right: Expr) -> tuple[Verdict, Evidence]:
        """Whether two expressions are equal; see `derive.check.finite.equal`."""
        return self.checker.judge(left, right)

    def read(self, line: Line) -> Expr:
        """A line's right-hand side.

        Raises:
            DeriveError: it is not in the language, or names what the problem has not.
        """
        return parse_expression(line.right, self.problem)

    def names_something(self, line: Line) -> bool:
        """Whether a line gives a new name to something, as `S = sum(exp(z[k]), k)` does."""
        left = line.left
        return left is not None and not left.wrt and left.name not in self.asked.shapes

    def naming(self, line: Line) -> Question:
        """The question with one more name.

        Raises:
            DeriveError: what it stands for cannot be read.
        """
        assert line.left is not None
        known = problem_text(self.problem).split("\n")
        if not statements(known[-1])[0].head:
            known.pop()  # a target that is no name: it comes last again
        new = f"{line.left.text} = {line.right}"
        target = text_of(self.problem.target, self.problem)
        try:
            made = parse("\n".join([*known, new, target]), wrt=[*map(str, self.problem.wrt)])
        except ParseError as error:
            raise ProblemError(error.message, new) from error
        return replace(self, problem=replace(made, assumptions=self.problem.assumptions))

    def about(self, left: Left) -> Question:
        """What a left-hand side states: this question in letters of its own, or another one about
        the same names, such as the derivative of p[k] in one about L.

        Raises:
            ProblemError: it names what the problem has not, or the wrong number of indices.
        """
        target = self._head((left.name, left.indices)) if left.name else self.problem.target
        axes = tuple(dict.fromkeys(indices_of(target))) if left.name else self.problem.axes
        variables = tuple(map(self._head, left.wrt))
        extents = {axis: self.problem.extents[axis] for axis in axes if not left.name}
        for head in (target, *variables):
            shape = self.problem.shapes.get(name_of(head), ())
            extents |= dict(zip(indices_of(head), shape, strict=False))
        problem = self.problem.asking(target, variables, axes)
        return replace(self, problem=replace(problem, extents=extents))

    def is_asked(self) -> bool:
        """Whether it is the question as it was put, up to the letters of its indices."""
        return self._pattern(self.problem) == self._pattern(self.asked)

    @staticmethod
    def _pattern(problem: Problem) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The names of target and variables, their letters numbered as they come."""
        seen: dict[Expr, int] = {}
        heads = (problem.target, *problem.wrt)
        return tuple(
            (name_of(head), tuple(seen.setdefault(i, len(seen)) for i in indices_of(head)))
            for head in heads
        )

    def _head(self, head: Head) -> Expr:
        name, letters = head
        if name not in self.problem.shapes:
            known = ", ".join(self.problem.shapes)
            raise ProblemError(f"{name} is not a name of the problem, which has {known}")
        rank = len(self.problem.shapes[name])
        if rank != len(letters):
            raise ProblemError(f"{name} has {rank} indices, not {len(letters)}")
        return entry(name, *map(index, letters)) if letters else scalar(name)
