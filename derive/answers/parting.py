"""Where an answer first parts from the truth: which case, which size, which term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from sympy import Add, Expr, Integer, Mul, Rational, Symbol

from derive.answers.diagnosis import Diagnosis
from derive.answers.fingerprints import Names, Values, alike, ratio
from derive.answers.question import Question
from derive.answers.sentences import (
    AT_SIZES,
    EXTRA_TERM,
    LOOSE,
    MISSING_TERM,
    NO_TERM,
    ONLY_WHERE,
    OTHER_CONDITION,
    OTHER_TERM,
    TIMES,
)
from derive.indices import free_indices
from derive.nodes import Where, undistributed
from derive.phrases import Phrase
from derive.problem import Problem
from derive.steps import Verdict
from derive.text import result_text, text_of

_MOST_TERMS = 24
_MOST = 80  # characters of terms in a sentence
_ROUND = 1000  # a factor is told where it is a fraction with a denominator up to this


def parts(diagnosis: Diagnosis, said: Expr, question: Question) -> tuple[str, ...]:
    """Sentences on where an answer parts from the truth; none where nothing is plain to say."""
    loose = sorted(free_indices(said) - set(question.letters), key=str)
    if loose:
        return (Phrase(LOOSE, index=str(loose[0])),)
    found = diagnosis.values_of(said, question)
    truth = diagnosis.prints.of(diagnosis.right.result, diagnosis.right_names)
    if found is None or truth is None:
        return ()
    ways = (_times(question, said, found, truth), _by_size(diagnosis, found, truth))
    told = next((way for way in ways if way is not None), None)
    told = told or _by_condition(diagnosis, question, said)
    case = _by_case(diagnosis, question, found, truth)
    term = None if told else _by_term(diagnosis, question, said)
    return tuple(sentence for sentence in (told, case, term) if sentence is not None)


def _times(question: Question, said: Expr, found: Values, truth: Values) -> Phrase | None:
    """The answer is a number times the truth."""
    ratios = ratio(found, truth)
    if not ratios or any(abs(r - ratios[0]) > 1e-9 * abs(r) for r in ratios):
        return None
    factor = Fraction(ratios[0]).limit_denominator(_ROUND)
    if factor == 1 or abs(factor - ratios[0]) > 1e-9:
        return None
    with undistributed():
        multiple = Rational(factor.numerator, factor.denominator) * question.truth
    holds = question.checker.compare(multiple, said)[0] is Verdict.AGREES
    return Phrase(TIMES, factor=str(factor)) if holds else None


def _by_case(
    diagnosis: Diagnosis, question: Question, found: Values, truth: Values
) -> Phrase | None:
    """It is right where two letters are equal and wrong where they differ, or the other way."""
    prints, letters = diagnosis.prints, question.letters
    for one, other in combinations(range(len(letters)), 2):
        extents = question.problem.extents
        if extents[letters[one]] != extents[letters[other]]:
            continue
        same = [place[one] == place[other] for place in prints.places]
        held = _held(same, found, truth)
        if held.get(True) != held.get(False) and None not in (held.get(True), held.get(False)):
            signs = (" = ", " != ") if held[True] else (" != ", " = ")
            right, wrong = (f"{letters[one]}{sign}{letters[other]}" for sign in signs)
            return Phrase(ONLY_WHERE, right=right, wrong=wrong)
    return None


def _by_condition(diagnosis: Diagnosis, question: Question, said: Expr) -> Phrase | None:
    """One condition stands where another one should."""
    wanted = _conditions(diagnosis.right.result, diagnosis.right.problem)
    found = _conditions(said, question.problem)
    mine, others = ([c for c in a if c not in b] for a, b in ((found, wanted), (wanted, found)))
    if len(mine) == len(others) == 1:
        return Phrase(OTHER_CONDITION, found=mine[0], wanted=others[0])
    return None


def _conditions(expr: Expr, problem: Problem) -> list[str]:
    """The conditions of all cases in an expression, as text."""
    found = sorted({node.condition for node in expr.atoms(Where)}, key=str)
    texts = (text_of(Where(Integer(1), Integer(0), condition), problem) for condition in found)
    return [text.removeprefix("where(").removesuffix(", 1, 0)") for text in texts]


def _held(groups: Sequence[object], found: Values, truth: Values) -> dict[object, bool]:
    """For each group of places, whether the answer is right at all of them."""
    held: dict[object, bool] = {}
    for group, one, other in zip(groups, found, truth, strict=True):
        held[group] = held.get(group, True) and alike((one,), (other,))
    return held


def _by_size(diagnosis: Diagnosis, found: Values, truth: Values) -> Phrase | None:
    """It is right at some sizes and wrong at others."""
    sizes = [_listed(sizes) for sizes in diagnosis.prints.sizes]
    held = _held(sizes, found, truth)
    right = [str(size) for size, fine in held.items() if fine]
    wrong = [str(size) for size, fine in held.items() if not fine]
    return Phrase(AT_SIZES, right=right[0], wrong=wrong[0]) if right and wrong else None


def _listed(sizes: Mapping[Symbol, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sizes.items())


def _by_term(diagnosis: Diagnosis, question: Question, said: Expr) -> Phrase | None:
    """Which terms are missing, which do not belong there, which stand in others' place: of the two
    sums as they are written, then multiplied out."""
    right = diagnosis.right
    for split in (Add.make_args, _multiplied_out):
        wanted = _prints(diagnosis, split(right.result), diagnosis.right_names, ())
        given = _prints(diagnosis, split(said), diagnosis.own_names(question), question.letters)
        missing = [t for t, v in wanted if not any(alike(v, other) for _, other in given)]
        extra = [t for t, v in given if not any(alike(v, other) for _, other in wanted)]
        if 0 < len(missing) == len(wanted) or not given:
            continue
        own, theirs = _joined(missing, right.problem), _joined(extra, question.problem)
        if max(len(own), len(theirs)) <= _MOST:
            return _told(own, theirs)
    return Phrase(NO_TERM)


def _joined(terms: Sequence[Expr], problem: Problem) -> str:
    with undistributed():
        return result_text(Add(*terms), problem) if terms else ""


def _told(missing: str, extra: str) -> Phrase | None:
    if missing and extra:
        return Phrase(OTHER_TERM, found=extra, wanted=missing)
    if missing:
        return Phrase(MISSING_TERM, term=missing)
    return Phrase(EXTRA_TERM, term=extra) if extra else None


def _prints(
    diagnosis: Diagnosis, terms: Sequence[Expr], names: Names, letters: Sequence[Symbol]
) -> list[tuple[Expr, Values]]:
    """Terms with their fingerprints; none where there are too many."""
    if len(terms) > _MOST_TERMS:
        return []
    found = [(term, diagnosis.prints.of(term, names, letters)) for term in terms]
    return [(term, values) for term, values in found if values is not None]


def _multiplied_out(expr: Expr) -> tuple[Expr, ...]:
    with undistributed():
        return tuple(_terms(expr))


def _terms(expr: Expr) -> Iterator[Expr]:
    """The terms of a sum, and of a product with a sum in it, multiplied out."""
    if isinstance(expr, Add):
        for term in expr.args:
            yield from _terms(term)
        return
    factors = Mul.make_args(expr)
    place = next((n for n, factor in enumerate(factors) if isinstance(factor, Add)), None)
    if place is None:
        yield expr
        return
    for term in factors[place].args:
        yield from _terms(Mul(*factors[:place], term, *factors[place + 1 :]))
