"""What follows from a wrong line by the chain rule, so that one slip is charged once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol

from derive.answers.question import Question
from derive.indices import free_indices, fresh, letters, substitute
from derive.nodes import Derivative, entry, index, indices_of, name_of, scalar, total


@dataclass(frozen=True)
class Stated:
    """A wrong statement: the derivative of one name by another is said to be this."""

    said: Expr
    question: Question

    @property
    def names(self) -> tuple[str, str] | None:
        """What is differentiated, and by what; None for anything but one derivative."""
        problem = self.question.problem
        if self.question.stated is not None or len(problem.wrt) != 1:
            return None
        return name_of(problem.target), name_of(problem.wrt[0])

    def at(self, over: Sequence[Symbol], under: Sequence[Symbol]) -> Expr:
        """What is said, at other letters of the two names."""
        problem = self.question.problem
        own = (*indices_of(problem.target), *indices_of(problem.wrt[0]))
        return substitute(self.said, dict(zip(own, (*over, *under), strict=True)))


def consequences(wrong: Sequence[Stated], asked: Question) -> Iterator[Expr]:
    """What somebody gets for a derivative who goes on from wrong ones."""
    mine = Stated(asked.truth, asked).names
    if mine is None:
        return
    target, variable = asked.problem.target, asked.problem.wrt[0]
    for first in (w for w in wrong if w.names):
        over, by = first.names or ("", "")
        if over == mine[0] and by != mine[1]:
            links = [w for w in wrong if w.names == (by, mine[1])]
            for link in (*links, None):
                yield _through(asked, by, first, link, target, variable)
        elif by == mine[1] and over != mine[0]:
            yield _through(asked, over, None, first, target, variable)


def _through(
    asked: Question,
    name: str,
    outer: Stated | None,
    inner: Stated | None,
    target: Expr,
    variable: Expr,
) -> Expr:
    """The chain rule through a name, with one or both links as somebody has them."""
    shape = asked.problem.shapes[name]
    taken = set(asked.problem.extents) | letters(asked.truth)
    for link in (outer, inner):
        taken |= letters(link.said) | free_indices(link.said) if link else set()
    new: list[Symbol] = []
    for _ in shape:
        new.append(fresh(index("k"), taken.union(new)))
    head = entry(name, *new) if new else scalar(name)
    first = outer.at(indices_of(target), new) if outer else Derivative(target, head)
    second = inner.at(new, indices_of(variable)) if inner else Derivative(head, variable)
    made = first * second
    for letter, extent in zip(new, shape, strict=True):
        made = total(made, letter, extent)
    return made
