"""Hostile and silly input: one clear line each, nothing executed, nothing but DeriveError."""

from __future__ import annotations

import random

import pytest

from derive.errors import DeriveError
from derive.known import entries
from derive.parse import parse
from derive.problemfile import ProblemFile

REFUSED = [
    "__import__('os').system('ls')",
    "x.__class__.__bases__",
    "lambda x: x",
    "[x for x in y]",
    "f'{x}'",
    "(x := 1)",
    "(" * 10_000 + "x" + ")" * 10_000,
    "(" * 500 + "x" + ")" * 500,
    "9**9**9**9*x",
    "x+" * 500_000 + "x",
    "x\x00",
    "-" * 5_000 + "x",
    "x;" * 5_000 + "x",
    "'abc",
    "1e400*x",
    "x**(10**10)**10",
    "sum(x[i], k)",
    "sum(k*x[k], k)",
    "exp(x, y)",
    "max(x)",
    "delta(i)",
    "x[0]",
    "x + x[i]",
    "x[i] + x[i,j]",
    "x @ x",
    "x // 2",
    "x % 2",
    "~x",
    "x == 1",
    "x!",
    "$x",
    "\\frac{x}{y}",
    "",
    "   \n ;; # nothing",
    "x = ",
    "= x",
    "x[",
    "x]",
    "x/0",
    "e**x",
    "x if x else y",
    "foo(x)",
]
READ = ["x\r\n", "\ufeffx", "λ*x", "é + x", "x ^ 2", "x  # a comment", "a = x; a*x"]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:24]))
def test_refused_with_one_line(text: str) -> None:
    with pytest.raises(DeriveError) as caught:
        parse(text, wrt=["x"])
    assert caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300
    assert caught.value.exit_status in (2, 3)


@pytest.mark.parametrize("text", READ, ids=repr)
def test_near_misses_are_read(text: str) -> None:
    assert parse(text, wrt=["x"]).wrt


@pytest.mark.parametrize("seed", range(8))
def test_mutated_texts_are_read_or_refused(seed: int) -> None:
    """Characters of valid texts are dropped, doubled, swapped or replaced; 60 texts a seed."""
    rng = random.Random(seed)
    signs = "()[]{}+-*/^=<>!,;:.'\"\\#@$%&|~`ijkxyzλ0123456789 \n\t"
    known = entries()
    for turn in range(60):
        entry = rng.choice(known)
        letters = list(entry.text)
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(letters))
            change = rng.randrange(4)
            if change == 0:
                del letters[place]
            elif change == 1:
                letters.insert(place, letters[place])
            elif change == 2:
                letters[place] = rng.choice(signs)
            else:
                letters.insert(place, rng.choice(signs))
        text = "".join(letters)
        assert "\n" not in refusal(text, entry), f"seed {seed}, turn {turn}: {text!r}"


def refusal(text: str, entry: ProblemFile) -> str:
    """What is said of a text, "" if it is read; anything but a DeriveError comes through."""
    try:
        parse(text, wrt=entry.wrt, assume=entry.assume)
    except DeriveError as error:
        return error.message
    return ""
