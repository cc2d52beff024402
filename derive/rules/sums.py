"""Rules for sums over an index, once nothing is left to differentiate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

from sympy import Add, Expr, Mul, S, Symbol

from derive.context import Context
from derive.indices import free_indices, substitute
from derive.nodes import Sum, index, total
from derive.rules.names import is_known_sum
from derive.rules.parts import numeric_sign
from derive.rules.shifts import inside, picked
from derive.steps import Level, Rewrite, Rule

_BETWEEN = index("_between")


def _sift(node: Sum, context: Context) -> Rewrite | None:
    """sum_k f_k delta_kj = f_j. A sum and a delta go."""
    factors = context.reading.factors_in_order(node.body)
    for factor in factors:
        j = picked(node, factor)
        if j is not None and inside(j, node, context) == S.true:
            rest = Mul(*(f for f in factors if f != factor))
            after = substitute(rest, {node.letter: j})
            return Rewrite(after, {"k": node.letter, "j": j, "f": after})
    return None


def _split(node: Sum, _: Context) -> Rewrite | None:
    """sum_k (c f_k + g_k) = c sum_k f_k + sum_k g_k. The bodies are smaller."""
    if not isinstance(node.body, Add):
        return None
    parts = []
    for term in node.body.args:
        c, rest = _constant_part(term, node)
        parts.append(c * total(rest, node.letter, node.extent))
    return Rewrite(Add(*parts), {"k": node.letter})


def _constant_part(term: Expr, node: Sum) -> tuple[Expr, Expr]:
    """The factors of a term that are the same for every value of the index, and the others."""
    factors = Mul.make_args(term)
    constant = [f for f in factors if node.letter not in free_indices(f)]
    return Mul(*constant), Mul(*(f for f in factors if f not in constant))


def _expand_to_delta(node: Sum, context: Context) -> Rewrite | None:
    """sum_k c_k (f delta_kj + g) = sum_k (c_k f delta_kj + c_k g). A delta comes out of a bracket,
    where it can pick its term."""
    return _expanded(node, lambda term, _: _picks(term, node), context)


def _expand_to_known(node: Sum, context: Context) -> Rewrite | None:
    """sum_k s_k (c + g) = sum_k (s_k c + s_k g) where sum_k s_k is known."""
    return _expanded(node, lambda term, c: _is_known(c * term, node, context), context)


def _expanded(node: Sum, wanted: Callable[[Expr, Expr], bool], context: Context) -> Rewrite | None:
    """The terms of a bracket that are wanted, beside the factor in front of it, and the rest."""
    for inner in context.reading.factors_in_order(node.body):
        if not isinstance(inner, Add) or inner == node.body:
            continue
        c = Mul(*(f for f in Mul.make_args(node.body) if f != inner))
        picked_out = [term for term in inner.args if wanted(term, c)]
        if picked_out:
            rest = Add(*(term for term in inner.args if term not in picked_out))
            body = Add(*(c * term for term in picked_out), c * rest)
            return Rewrite(total(body, node.letter, node.extent), {"c": c, "f": inner})
    return None


def _split_off_delta(node: Sum, _: Context) -> Rewrite | None:
    """sum_k (f delta_kj + g) = sum_k f delta_kj + sum_k g. The bodies are smaller."""
    return _split_off(node, lambda term: _picks(term, node))


def _split_off_known(node: Sum, context: Context) -> Rewrite | None:
    """sum_k (c s_k + g) = c sum_k s_k + sum_k g where sum_k s_k is known. The bodies are
    smaller."""
    return _split_off(node, lambda term: _is_known(term, node, context))


def _split_off(node: Sum, wanted: Callable[[Expr], bool]) -> Rewrite | None:
    terms = Add.make_args(node.body)
    chosen = [term for term in terms if wanted(term)]
    if len(terms) < 2 or not chosen:
        return None
    rest = Add(*(term for term in terms if term not in chosen))
    parts = [_scaled(term, node) for term in chosen]
    number, body = numeric_sign(rest)
    after = Add(*parts, number * total(body, node.letter, node.extent))
    return Rewrite(after, {"k": node.letter})


def _scaled(term: Expr, node: Sum) -> Expr:
    """The sum of one term; its constant factors in front unless it waits for a delta."""
    c, rest = (S.One, term) if _picks(term, node) else _constant_part(term, node)
    return c * total(rest, node.letter, node.extent)


def _is_known(term: Expr, node: Sum, context: Context) -> bool:
    """Whether the sum of a term is known, but for constant factors."""
    _, rest = _constant_part(term, node)
    return rest != 1 and is_known_sum(total(rest, node.letter, node.extent), context)


def _picks(term: Expr, node: Sum) -> bool:
    """Whether a term has a delta in the summation index for a factor."""
    return any(picked(node, factor) is not None for factor in Mul.make_args(term))


def _constant_out(node: Sum, _: Context) -> Rewrite | None:
    """sum_k c f_k = c sum_k f_k. The body is smaller."""
    c, rest = _constant_part(node.body, node)
    if c == 1 or rest == 1:
        return None
    return Rewrite(c * total(rest, node.letter, node.extent), {"c": c, "k": node.letter})


def _constant_body(node: Sum, _: Context) -> Rewrite | None:
    """sum_k c = n c. A sum goes."""
    if node.letter in free_indices(node.body):
        return None
    after = node.extent * node.body
    return Rewrite(after, {"c": node.body, "k": node.letter, "n": node.extent})


def _join(node: Add, context: Context) -> Rewrite | None:
    """sum_k f_k + c sum_k g_k = sum_k (f_k + c g_k). Two sums become one; a factor c only goes in
    to where it meets one like those beside it."""
    parts = [(term, found) for term in context.reading.terms(node) if (found := _scaled_sum(term))]
    for pair in combinations(parts, 2):
        (first, (c, left)), (second, (d, right)) = sorted(pair, key=_letter)
        if left.extent != right.extent or left.letter in free_indices(second):
            continue
        one = c * left.body
        other = d * substitute(right.body, {right.letter: left.letter})
        plain = [factor.is_number for factor in (c, d)]
        alike = any(f.has(left.letter) for f in _shared(one, other))
        if all(plain) or (any(plain) and alike):
            rest = Add(*(t for t in node.args if t not in (first, second)))
            after = rest + total(one + other, left.letter, left.extent)
            return Rewrite(after, {"k": left.letter})
    return None


def _same_sums(node: Add, context: Context) -> Rewrite | None:
    """c sum_k f_k + d sum_l f_l = (c + d) sum_k f_k. Two terms become one."""
    seen: dict[Expr, Expr] = {}
    for term in context.reading.terms(node):
        number, rest = numeric_sign(term)
        alike = seen.setdefault(context.canonical(rest), rest)
        if alike != rest:
            return Rewrite(
                Add(*(t for t in node.args if t != term), number * alike),
                {"f": rest, "g": alike},
            )
    return None


def _letter(part: tuple[Expr, tuple[Expr, Sum]]) -> str:
    return str(part[1][1].letter)


def _shared(one: Expr, other: Expr) -> list[Expr]:
    """The factors that two products have in common."""
    return [f for f in Mul.make_args(one) if f in Mul.make_args(other)]


def _scaled_sum(term: Expr) -> tuple[Expr, Sum] | None:
    """c and the sum where a term is one sum, or c times one."""
    sums = [f for f in Mul.make_args(term) if isinstance(f, Sum)]
    if len(sums) != 1 or sums[0].letter in free_indices(term / sums[0]):
        return None
    return term / sums[0], sums[0]


def _swap_letters(node: Sum, context: Context) -> Rewrite | None:
    """sum_k sum_m (f_km + g_km) = sum_k sum_m (f_km + g_mk), where g_mk has more factors in common
    with f_km: each use makes the terms more alike. A fixed index goes with the outer letter."""
    inner = node.body
    if not (isinstance(inner, Sum) and inner.body.is_Add and inner.extent == node.extent):
        return None
    k, m = node.letter, inner.letter
    terms = sorted(
        context.reading.terms(inner.body), key=lambda term: not _holds_fixed(term, m, but=k)
    )
    for term in terms:
        turned = substitute(substitute(substitute(term, {k: _BETWEEN}), {m: k}), {_BETWEEN: m})
        others = [t for t in terms if t != term]
        if any(len(_shared(turned, t)) > len(_shared(term, t)) for t in others):
            body = total(Add(turned, *others), m, inner.extent)
            return Rewrite(total(body, k, node.extent), {"k": k, "m": m, "f": term, "g": turned})
    return None


def _holds_fixed(term: Expr, letter: Symbol, but: Symbol) -> bool:
    """Whether a factor has a letter, not another one, and an index that is neither."""
    found = map(free_indices, Mul.make_args(term))
    return any(letter in used and but not in used and len(used) > 1 for used in found)


SIFT = Rule(
    "sifting",
    "Sifting property",
    r"\sum_k f_k\, \delta_{kj} = f_j",
    "Of the sum over {k}, the delta leaves only the term with {k} = {j}: {f}.",
    (Sum,),
    _sift,
    Level.BRIEF,
    eager=True,
)
SPLIT = Rule(
    "split-sum",
    "Split the sum",
    r"\sum_k (f_k + g_k) = \sum_k f_k + \sum_k g_k",
    "The sum over {k} is taken term by term.",
    (Sum,),
    _split,
)
EXPAND_TO_DELTA = Rule(
    "expand",
    "Expand",
    r"c (f + g) = c f + c g",
    "{c} is multiplied into {f}, so that the delta stands by itself.",
    (Sum,),
    _expand_to_delta,
    eager=True,
)
EXPAND_TO_KNOWN = replace(
    EXPAND_TO_DELTA,
    reason="{c} is multiplied into {f}; the sum of one of the terms is known.",
    rewrite=_expand_to_known,
)
SPLIT_OFF_KNOWN = replace(SPLIT, rewrite=_split_off_known, eager=True)
SPLIT_OFF_DELTA = replace(SPLIT, rewrite=_split_off_delta, eager=True)
CONSTANT_OUT = Rule(
    "factor-out-of-sum",
    "Constant factor out of the sum",
    r"\sum_k c f_k = c \sum_k f_k",
    "{c} does not depend on {k}, so it stands in front of the sum.",
    (Sum,),
    _constant_out,
)
CONSTANT_BODY = Rule(
    "sum-of-constant",
    "Sum of a constant",
    r"\sum_{k=1}^{n} c = n c",
    "{c} is added up once for each of the {n} values of {k}.",
    (Sum,),
    _constant_body,
    eager=True,
)
JOIN = Rule(
    "join-sums",
    "Join the sums",
    r"\sum_k f_k + \sum_k g_k = \sum_k (f_k + g_k)",
    "Both sums run over the same values and are written as one sum over {k}.",
    (Add,),
    _join,
    Level.FULL,
)
SAME_SUMS = Rule(
    "same-sum",
    "The same sum",
    r"\sum_k f_k = \sum_l f_l",
    "The letter of a sum may be any: {f} is {g}.",
    (Add,),
    _same_sums,
    Level.FULL,
    eager=True,
)
SWAP_LETTERS = Rule(
    "swap-letters",
    "Two summation letters change places",
    r"\sum_k \sum_m f_{km} = \sum_k \sum_m f_{mk}",
    "{k} and {m} run over the same values, so in one of the terms they may change places: {f} "
    "becomes {g}.",
    (Sum,),
    _swap_letters,
)
