"""Free and bound indices: capture-free substitution, fresh letters, one form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import is_

from sympy import Add, And, Expr, Indexed, Integer, Not, Or, Symbol
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Relational
from sympy.logic.boolalg import Boolean

from derive.nodes import Binder, Derivative, Where, children, index, is_index, name_of, rebuild

# The order in which people reach for a summation letter.
_LETTERS = "klmrqijpstuvabcdefgh"


def free_indices(expr: Expr) -> frozenset[Symbol]:
    """The indices an expression depends on; a summation index is not one of them."""
    if isinstance(expr, Binder):
        return (free_indices(expr.body) - {expr.letter}) | free_indices(expr.extent)
    return _indices(expr, free_indices)


def letters(expr: Expr) -> frozenset[Symbol]:
    """Every index letter that stands anywhere in an expression, bound ones too."""
    if isinstance(expr, Binder):
        return letters(expr.body) | {expr.letter} | free_indices(expr.extent)
    return _indices(expr, letters)


def _indices(expr: Expr, inside: Callable[[Expr], frozenset[Symbol]]) -> frozenset[Symbol]:
    """The indices in what is no binder, given what counts inside its parts."""
    if isinstance(expr, Symbol):
        return frozenset([expr]) if is_index(expr) else frozenset()
    parts = expr.args
    if isinstance(expr, Indexed):
        parts = expr.indices
    elif isinstance(expr, Derivative):
        parts = (expr.expr, expr.variable)
    return frozenset[Symbol]().union(*map(inside, parts))


def bound_indices(expr: Expr) -> frozenset[Symbol]:
    """Every letter that some sum inside runs over."""
    found = frozenset[Symbol]().union(*(bound_indices(part) for part in _parts(expr)))
    return found | {expr.letter} if isinstance(expr, Binder) else found


def names(expr: Expr) -> frozenset[str]:
    """The names of all variables in an expression ({"z", "T"}), not of indices and sizes."""
    if isinstance(expr, Indexed) or (isinstance(expr, Symbol) and not expr.is_integer):
        return frozenset([name_of(expr)])
    found = frozenset[str]().union(*(names(child) for child in children(expr)))
    return found | names(expr.variable) if isinstance(expr, Derivative) else found


def fresh(letter: Symbol, taken: Iterable[Symbol]) -> Symbol:
    """A letter like `letter` that is not taken: the next in the usual order, so that the choice
    never depends on the order in which a set is walked."""
    used = {s.name for s in taken} | {letter.name}
    start = _LETTERS.find(letter.name) + 1
    order = _LETTERS[start:] + _LETTERS[:start]
    for name in order:
        if name not in used:
            return index(name)
    number = next(n for n in range(1, len(used) + 2) if f"{letter.name}{n}" not in used)
    return index(f"{letter.name}{number}")


def substitute(expr: Expr, mapping: Mapping[Symbol, Expr]) -> Expr:
    """`expr` with free indices replaced. A bound letter that also stands in what comes in is
    renamed, whether or not it would capture: a reader should not meet one letter with two
    meanings."""
    if isinstance(expr, Symbol):
        return mapping.get(expr, expr)
    if not expr.args:
        return expr
    if isinstance(expr, Indexed):
        return _reindexed(expr, mapping)
    if isinstance(expr, Binder):
        incoming = frozenset().union(*(free_indices(v) for v in mapping.values()))
        if expr.letter in incoming:
            expr = rename(expr, fresh(expr.letter, incoming | letters(expr)))
        mapping = {k: v for k, v in mapping.items() if k != expr.letter}
    parts = [substitute(arg, mapping) for arg in expr.args]
    same = all(new is old for new, old in zip(parts, expr.args, strict=True))
    return expr if same else expr.func(*parts)


def _reindexed(head: Indexed, mapping: Mapping[Symbol, Expr]) -> Expr:
    indices = [substitute(i, mapping) for i in head.indices]
    return head if indices == list(head.indices) else Indexed(head.base, *indices)


def has_shifts(expr: Expr) -> bool:
    """Whether indices are added up in it, as in x[t + k]."""
    return any(not is_index(i) for head in expr.atoms(Indexed) for i in head.indices)


def difference(first: Expr, *others: Expr) -> Expr:
    """A sum of indices or lengths minus others, term by term: where products are not multiplied
    out, SymPy would keep -1*(i + k)."""
    return Add(first, *(-term for other in others for term in Add.make_args(other)))


def solved(first: Expr, second: Expr, letter: Symbol) -> Expr | None:
    """What `letter` is where two indices are equal: j - t for the k of t + k and j. None where it
    stands in neither, or more than once (2*k)."""
    apart = difference(first, second)
    count = apart.coeff(letter)
    if count not in (1, -1):
        return None
    return Add(*(-count * term for term in Add.make_args(apart) if term != count * letter))


def never_negative(form: Expr, extents: Mapping[Symbol, Expr]) -> bool:
    """Whether a sum of letters, sizes and integers is 0 or more for every size and all values of
    the letters, which count from 0; `extents` are how far they run, as far as that is known."""
    form = form.expand()
    for letter in filter(is_index, form.free_symbols):
        rising = form.coeff(letter) > 0
        if not rising and letter not in extents:
            return False
        form = form.xreplace({letter: Integer(0) if rising else extents[letter] - 1}).expand()
    more = form.xreplace({size: size + 1 for size in form.free_symbols}).expand()
    return all(count >= 0 for count in more.as_coefficients_dict().values())


def bounds(holds: Boolean, negated: bool = False) -> tuple[Expr, ...]:
    """Sums of indices that are 0 or more wherever a condition holds, or, negated, where it does
    not."""
    if isinstance(holds, Not):
        return bounds(holds.args[0], not negated)
    if isinstance(holds, Or if negated else And):
        return tuple(form for part in holds.args for form in bounds(part, negated))
    if not isinstance(holds, Relational) or not all(s.is_integer for s in holds.free_symbols):
        return ()
    relation = holds.negated if negated else holds
    above, below = difference(*relation.args), difference(*relation.args[::-1])
    if isinstance(relation, Eq):
        return above, below
    if isinstance(relation, Ge | Gt):
        return (above if isinstance(relation, Ge) else above - 1,)
    if isinstance(relation, Le | Lt):
        return (below if isinstance(relation, Le) else below - 1,)
    return ()


def rename(binder: Binder, letter: Symbol) -> Binder:
    """The same sum over another letter, which must not stand in its body."""
    renamed: Binder = binder.func(
        substitute(binder.body, {binder.letter: letter}), (letter, Integer(1), binder.extent)
    )
    return renamed


def rename_all(expr: Expr, old: Symbol, new: Symbol) -> Expr:
    """The same expression with every sum over `old` written over `new`."""
    if not (parts := _parts(expr)):
        return expr
    expr = rebuild(expr, tuple(rename_all(part, old, new) for part in parts))
    return rename(expr, new) if isinstance(expr, Binder) and expr.letter == old else expr


class Forms(dict[tuple[Expr, int], Expr]):
    """Canonical forms, each worked out once: that of an expression so many sums deep."""

    def __missing__(self, key: tuple[Expr, int]) -> Expr:
        self[key] = found = self._of(*key)
        return found

    def _of(self, expr: Expr, depth: int) -> Expr:
        if isinstance(expr, Binder):
            mark = index(f"_{depth}")
            body = self[substitute(expr.body, {expr.letter: mark}), depth + 1]
            return expr.func(body, (mark, Integer(1), expr.extent))
        old = _parts(expr)
        new = tuple(self[part, depth] for part in old)
        return expr if all(map(is_, new, old)) else rebuild(expr, new)


def canonical(expr: Expr) -> Expr:
    """The same expression with bound letters named by nesting depth: two expressions that differ
    only in their bound letters become equal."""
    return Forms()[expr, 0]


def _parts(expr: Expr) -> tuple[Expr, ...]:
    """The subexpressions in which letters may stand: conditions too, where rules do not work."""
    return tuple(expr.args) if isinstance(expr, Where) else children(expr)
