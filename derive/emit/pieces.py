"""One function of a NumPy module. Large arrays are taken in pieces that stay in the cache."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from derive.emit.exactly import Care
from derive.emit.folding import with_numbers_inside
from derive.emit.graph import Node, uses
from derive.emit.means import with_deviations
from derive.emit.numpycode import NumPy
from derive.emit.plan import Code, Plan, plan
from derive.emit.reciprocals import by_reciprocals
from derive.emit.sums import with_exact_sums
from derive.emit.together import worked_out_together
from derive.emit.writer import Writer, fresh
from derive.problem import Problem

_LEAST = 4  # large results of operations, from which on pieces are worth their while


def code(problem: Problem, result: Expr, kind: str, *, care: Care = Care.SHIFTS) -> Code:
    """A function in NumPy; `care` as for `Lowering`. Raises what `plan` raises."""
    found = plan(problem, result, kind, care=care)
    graph, root = found.lowering.graph, found.root
    if care is Care.ARGUMENTS:
        root = with_exact_sums(graph, with_deviations(graph, root))
        root = worked_out_together(graph, root)
        root = by_reciprocals(graph, root)
    made = found.text(Writer(NumPy(), graph.names, found.taken), root)
    if care is not Care.ARGUMENTS:
        return made
    return (_of_numbers if _has_numbers_only(made) else _of_samples)(found, root, made)


def _has_numbers_only(made: Code) -> bool:
    """Whether all arguments and the result are numbers, for each sample."""
    shapes = {made.shape, *(shape for _, shape in made.arguments)}
    return shapes == {"()"} and "_spread" not in made.helpers


def _of_numbers(found: Plan, root: Node, made: Code) -> Code:
    """The function with its statements for arrays of numbers, if it passes over them often and
    does not have to copy one in the end, or calls what does."""
    count = sum(bool(node.args) and not node.weak for node in uses(root))
    writer = _writer(found, pieces=True)
    pieced = found.text(writer, with_numbers_inside(found.lowering.graph, root))
    if not made.helpers and (count < _LEAST or not writer.filled):
        return made
    return replace(pieced, ranks=found.ranks, out=writer.out, pieces=True)


def _of_samples(found: Plan, root: Node, made: Code) -> Code:
    """The function with its statements for some of many samples, if it makes large arrays on its
    way to the result, and does not have to copy one in the end."""
    nodes = uses(root)
    widest = max(node.rank for node in nodes)
    writer = _writer(found)
    pieced = found.text(writer, root)
    large = sum(node.is_fresh and node.rank == widest for node in nodes)
    if large < _LEAST or not (writer.filled or root.rank < widest):
        return made
    return replace(pieced, ranks=found.ranks, out=writer.out)


def _writer(found: Plan, *, pieces: bool = False) -> Writer:
    taken = found.taken
    out = fresh("out", taken)
    return Writer(NumPy(), found.lowering.graph.names, taken, out, pieces)
