"""What was asked, and what a line of an answer states about it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Indexed, Symbol

from derive.checker.finite import Checker
from derive.errors import ProblemError
from derive.indices import canonical, free_indices, substitute
from derive.language.statements import statements
from derive.language.syntax import base_name, function, subscripts
from derive.nodes import Derivative, entry, index, indices_of, is_head, name_of, scalar
from derive.parse import parse_expression
from derive.problem import Definition, Problem
from derive.steps import Verdict

Extents = dict[Symbol, Expr]


@dataclass(frozen=True)
class Question:
    """A problem in the letters of one answer, with the names that its author introduced.

    Attributes:
        problem: what is asked; `extents` has the letters that may be free in an answer.
        asked: the problem as it was first stated, whose names cannot be defined anew.
        stated: what an answer should equal, where that is no derivative of a name: what stands
            left of a line's equals sign.
        open: whether the letters are those of `asked`, since no left-hand side chose others.
    """

    problem: Problem
    asked: Problem
    stated: Expr | None = None
    open: bool = True

    @staticmethod
    def of(problem: Problem) -> Question:
        return Question(problem, problem)

    @cached_property
    def checker(self) -> Checker:
        return Checker(self.problem)

    @cached_property
    def truth(self) -> Expr:
        """What an answer should equal: the target with its derivatives pending."""
        if self.stated is not None:
            return self.stated
        wanted = self.problem.target
        for variable in self.problem.wrt:
            wanted = Derivative(wanted, variable)
        return wanted

    @property
    def letters(self) -> tuple[Symbol, ...]:
        """The letters that are free in an answer, in the order of the result's axes."""
        if self.stated is not None:
            return tuple(self.problem.extents)
        return (*self.problem.axes, *self.problem.wrt_axes)

    @cached_property
    def is_asked(self) -> bool:
        """Whether it is the question as it was put, up to the letters of its indices and the name
        that its author gave to the target."""
        mine, put = self.letters, (*self.asked.axes, *self.asked.wrt_axes)
        wrt, wanted = self.problem.wrt, self.asked.wrt
        if self.stated is not None or len(mine) != len(put) or len(wrt) != len(wanted):
            return False
        turned = dict(zip(mine, put, strict=True))
        if any(substitute(one, turned) != other for one, other in zip(wrt, wanted, strict=True)):
            return False
        target = substitute(self.problem.target, turned)
        if canonical(target) == canonical(self.asked.target):
            return True
        own = self.problem.definition(target)
        if own is None or own in self.asked.definitions:
            return False
        known = Checker(replace(self.asked, definitions=self.problem.definitions))
        return known.compare(target, self.asked.target)[0] is Verdict.AGREES

    def read(self, text: str) -> Expr:
        """An expression in this question's letters.

        Raises:
            DeriveError: it is not in the language, names what the problem has not, or leaves out
                the result's letters in favour of others that nobody declared.
        """
        found = self._parsed(text)
        loose = sorted(map(str, free_indices(found) - set(self.problem.extents)))
        unused = [str(i) for i in self.letters if i not in free_indices(found)]
        if loose and self.open and len(unused) >= len(loose):
            own = ", ".join(map(str, self.letters))
            message = f"the result's letters are {own}, and here is {', '.join(loose)}"
            raise ProblemError(f"{message}: choose letters of your own left of an equals sign")
        return found

    def naming(self, head: str, text: str) -> Question:
        """The question with one more name, `a[i]` or `S`.

        Raises:
            DeriveError: what it stands for cannot be read, or how far an index runs is not known.
        """
        name, letters = name_and_letters(head)
        places = [index(i) for i in letters]
        known = {**self._alike(places), **self.problem.extents, **_used(text, self.problem)}
        unknown = [i for i in places if i not in known]
        if unknown:
            raise ProblemError(f"how far {unknown[0]} runs does not follow from what is right of =")
        own_extents = {i: known[i] for i in places}
        made = parse_expression(text, replace(self.problem, extents=own_extents))
        own = entry(name, *places) if places else scalar(name)
        shape = tuple(known[i] for i in places)
        definitions = (*self.problem.definitions, Definition(own, made))
        shapes = {**self.problem.shapes, name: shape}
        return replace(self, problem=replace(self.problem, definitions=definitions, shapes=shapes))

    def _alike(self, places: Sequence[Symbol]) -> Extents:
        """As many letters as the result has, each as long as the result's in its place."""
        own = (*self.asked.axes, *self.asked.wrt_axes)
        if len(own) != len(places):
            return {}
        return {i: self.asked.extents[axis] for i, axis in zip(places, own, strict=True)}

    def about(self, lhs: str, at: Sequence[str] = ()) -> Question:
        """What a left-hand side states: this question in letters of its own, or another one about
        the same names, such as the derivative of p[k] in one about L.

        Args:
            lhs: in the input language; `diff(L, z)` is the derivative by all of z.
            at: the letters of an answer in matrix notation.

        Raises:
            DeriveError: it cannot be read.
        """
        text = _indexed(lhs, self.problem, at)
        extents = _used(text, self.problem)
        blank = replace(self.problem, extents=extents or self.problem.extents)
        found = parse_expression(text, blank)
        known = {**self.problem.extents, **extents}
        kept = {i: known[i] for i in (*extents, *self.problem.extents) if i in free_indices(found)}
        body, variables = _taken_apart(found)
        head = _name_of(body, self.problem)
        if not variables or not (is_head(head) or head == self.asked.target):
            return self.stating(found, kept)
        axes = tuple(i for i in dict.fromkeys(indices_of(head)) if i in kept)
        if not is_head(head):
            axes = self.asked.axes
        problem = replace(self.problem.asking(head, variables, axes), extents=kept)
        return replace(self, problem=problem, stated=None, open=False)

    def stating(self, head: Expr, extents: Extents) -> Question:
        """The question what a name, or another expression, is."""
        problem = replace(self.problem, extents=extents, axes=(), wrt=())
        return replace(self, problem=problem, stated=head, open=False)

    def lettered(self, letters: Sequence[str]) -> Question:
        """The question as it was put, in the letters of `J[a, b] = ...`; raises ProblemError where
        these are not as many as the result's."""
        own = (*self.asked.axes, *self.asked.wrt_axes)
        if len(own) != len(letters):
            wanted = ", ".join(map(str, own)) or "none"
            raise ProblemError(f"the result's letters are {wanted}: these are {len(letters)}")
        turned = dict(zip(own, map(index, letters), strict=True))
        target, *wrt = (substitute(head, turned) for head in (self.asked.target, *self.asked.wrt))
        axes = tuple(turned[axis] for axis in self.asked.axes)
        extents = {turned[i]: size for i, size in self.asked.extents.items()}
        problem = replace(self.problem.asking(target, tuple(wrt), axes), extents=extents)
        return replace(self, problem=problem, stated=None, open=False)

    def _parsed(self, text: str) -> Expr:
        """An expression in which other letters than the result's may be free, too. How far a letter
        runs that is bound in it, follows from more than what it indexes first."""
        try:
            return parse_expression(text, self.problem)
        except ProblemError:
            alike = {**self.asked.extents, **_used(text, self.problem)}
            extents = {**alike, **self.problem.extents}
            if len(extents) == len(self.problem.extents):
                raise
            return parse_expression(text, replace(self.problem, extents=extents))


def _used(text: str, problem: Problem) -> Extents:
    """How far each letter of a text runs, by what it indexes first."""
    found: Extents = {}
    for node in _nodes(text):
        if isinstance(node, ast.Subscript):
            shape = problem.shapes.get(base_name(node)) or _along(node.value, problem)
            for place, extent in zip(subscripts(node), shape, strict=False):
                if isinstance(place, ast.Name):
                    found.setdefault(index(place.id), extent)
    return found


def _along(value: ast.expr, problem: Problem) -> tuple[Expr, ...]:
    """How long the vector is that softmax(z/T) or softmax(Z[b,:]) is taken of."""
    for node in ast.walk(value):
        if isinstance(node, ast.Name) and len(shape := problem.shapes.get(node.id, ())) == 1:
            return shape
        if isinstance(node, ast.Subscript):
            axes = zip(subscripts(node), problem.shapes.get(base_name(node), ()), strict=False)
            whole = tuple(extent for place, extent in axes if isinstance(place, ast.Slice))
            if whole:
                return whole
    return ()


def _nodes(text: str) -> Iterator[ast.AST]:
    """The nodes of an expression as one reads."""
    pending: list[ast.AST] = [statement.value for statement in statements(text, pending=True)]
    while pending:
        node = pending.pop(0)
        yield node
        pending[:0] = ast.iter_child_nodes(node)


def _indexed(lhs: str, problem: Problem, at: Sequence[str]) -> str:
    """diff(L, z) as diff(L, z[j]): the letters are those of the answer."""
    value = statements(lhs, pending=True)[0].value
    whole = [
        part
        for node in ast.walk(value)
        if function_of(node) == "diff" and isinstance(node, ast.Call)
        for part in node.args
        if isinstance(part, ast.Name) and problem.shapes.get(part.id)
    ]
    if not whole:
        return lhs
    order = [*map(str, (*problem.axes, *problem.wrt_axes)), *at]
    letters = sorted(at, key=order.index)
    if len(letters) != sum(len(problem.shapes[part.id]) for part in whole):
        raise ProblemError(f"write the indices of {whole[0].id}", lhs, whole[0].col_offset)
    for part in sorted(whole, key=lambda part: part.col_offset):
        rank = len(problem.shapes[part.id])
        part.id, letters = f"{part.id}[{', '.join(letters[:rank])}]", letters[rank:]
    return ast.unparse(value)


def function_of(node: ast.AST) -> str:
    """The name of the function that a node calls, or ""."""
    return function(node) if isinstance(node, ast.expr) else ""


def name_and_letters(text: str) -> tuple[str, list[str]]:
    """The name and letters of `a[i, k]`."""
    name, _, inside = text.partition("[")
    return name, [letter.strip() for letter in inside.rstrip("]").split(",") if letter.strip()]


def _taken_apart(found: Expr) -> tuple[Expr, tuple[Expr, ...]]:
    """What a pending derivative differentiates, and by what, one after the other."""
    variables: list[Expr] = []
    while isinstance(found, Derivative):
        variables.insert(0, found.variable)
        found = found.expr
    return found, tuple(variables)


def _name_of(body: Expr, problem: Problem) -> Expr:
    """The name that stands for an expression, l[a] for log(s[a]); else the expression."""
    letters = tuple(free_indices(body))
    for definition in problem.definitions:
        if not is_head(body) and len(definition.indices) == len(letters) < 2:
            own = dict(zip(definition.indices, letters, strict=True))
            if canonical(substitute(definition.body, own)) == canonical(body):
                return substitute(definition.head, own)
    return body


def extents_of(question: Question, answer: Expr) -> dict[Symbol, Expr]:
    """How far every letter runs that is free in the question or in an answer."""
    free = free_indices(answer) | free_indices(question.truth)
    found = {i: n for i, n in question.problem.extents.items() if i in free}
    for head in sorted(answer.atoms(Indexed), key=str):
        shape = question.problem.shapes.get(name_of(head), ())
        for letter, extent in zip(head.indices, shape, strict=False):
            if letter in free:
                found.setdefault(letter, extent)
    return found
