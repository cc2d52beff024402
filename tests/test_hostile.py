"""Hostile and silly input: one clear line, soon, and nothing is ever executed."""

from __future__ import annotations

import io
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sympy import Expr

import derive
from derive import engine
from derive.checker import finite
from derive.checker.table import LIMIT
from derive.checker.terms import Terms
from derive.cli import main
from derive.context import Context
from derive.errors import DeriveError
from derive.known import entries
from derive.language.syntax import FUNCTIONS
from derive.parse import parse, parse_expression
from derive.problemfile import load, read
from derive.rules import RULES
from derive.steps import Rewrite, Rule, Status, Verdict
from derive.text import problem_text

# Seconds that any text may take. What is measured are well under a second on a quiet machine; the
# limit is there for what never ends.
SOON = 5.0


@contextmanager
def soon() -> Iterator[None]:
    start = time.process_time()
    yield
    assert time.process_time() - start < SOON


def refusal(text: str, wrt: tuple[str, ...] = ()) -> DeriveError:
    """The error that a text is refused with."""
    with soon(), pytest.raises(DeriveError) as caught:
        parse(text, wrt)
    check_error(caught.value)
    return caught.value


def check_error(error: DeriveError) -> None:
    """An error is one line that can be shown."""
    assert error.message
    assert len(error.message) < 250
    assert error.message.isprintable()
    pointer = error.pointer().replace("\n", "", 1)
    assert pointer.isprintable()
    assert len(pointer) < 200


WIDE = "+".join(["z[i]*x"] * 60)
ERRORS = {
    # Python that is not the language's
    "__import__('os').getcwd()": "starts with a letter|no meaning",
    "open": None,
    "x.__class__": "starts with a letter",
    "x.real": "not part of the language",
    "(lambda: 1)()": "'lambda' is a reserved word: choose another name, such as lam$",
    "lambda*x": "such as lam$",
    "class + 1": "such as class_$",
    "[k for k in z]": "reserved word",
    "[x, y]": "not part of the language",
    "(x, y)": "not part of the language",
    "(x := 2)": "not part of the language",
    "x; import os": "reserved word",
    "f'{x}'": "no meaning",
    '"x" * 9': "no meaning",
    "'x": "no meaning",
    "x += 1": "neither an expression nor",
    "x: int = 1": "neither an expression nor",
    "x = y = 1": "left of '='",
    "*x": "not part|cannot read",
    "exp(*x)": "plain arguments",
    "exp(x=1)": "plain arguments",
    "x if y else z": "where",
    "x is y": "reserved word",
    "x @ y": "no meaning",
    "x % y": "no meaning",
    "~x": "no meaning",
    "x // y": r"only \+ - \* /",
    "...": "not part|not a number",
    "{x}": "no meaning",
    "x\\\ny": "no meaning",
    "`x`": "no meaning",
    "x!": "cannot read",
    "ｌａｍｂｄａ + 1": "spells 'lambda'",
    # size
    "(" * 10_000 + "x" + ")" * 10_000: "longer than",
    "(" * 4000 + "x" + ")" * 4000: "nested too deeply",
    "x[" * 300 + "i" + "]" * 300: "nested too deeply",
    "-" * 5000 + "x": "too deeply nested",
    "not " * 2400 + "x": "too deeply nested|not a number",
    "+".join(["x"] * 200): "too long or too deeply",
    "+".join(["x"] * 4000): "too large or too deeply",
    "x**" * 3000 + "x": "too large or too deeply|too long or too deeply",
    "max(" * 40 + "x" + ",y)" * 40: "too deeply nested",
    "logsumexp(" * 20 + "z" + ")" * 20: "too deeply nested",
    f"max({','.join(['x'] * 500)})": "too long or too deeply",
    f"where({' and '.join(['x > 0'] * 500)}, x, y)": "too long or too deeply",
    f"where({' < '.join(['x'] * 500)}, x, y)": "too long or too deeply",
    "x+" * 500_000 + "x": "longer than",
    "x\n" * 3000: "more than 300 statements",
    "x;" * 2000: "more than 300 statements",
    "\n".join(f"h{k} = x" for k in range(900)): "more than 300 statements",
    # numbers
    "9**9**9**9": "too large",
    "2**(10**9)": "too large",
    "((2*x)**1000)**1000": "too large",
    "x**1001": "too large",
    "1e400": "too large",
    "1e-400": "too small",
    "1e99999999": "too long",
    "1" * 500: "too long",
    "1" * 390: "too large",
    "*".join(["1e300"] * 9): "too large",
    "exp(exp(exp(20)))*x": "too large",
    "sqrt(1 + x*exp(exp(exp(20))))": "too large",
    "where(x > exp(exp(exp(20))), 1, 0)": "too large",
    "pi**pi**pi**pi**pi": "too large",
    "0x1F": "number is too long",
    "1_000*x": "starts with a letter|too long",
    "2j*x": "too long, or a '\\*' is missing",
    "1/(x - x)": "divides by zero",
    "0**-1": "divides by zero",
    "log(0)": "not a real number",
    "sqrt(-1)": "not a real number",
    "acos(2)*x": "not a real number",
    "where(log(-1) > 0, x, y)": "not a real number",
    # indices
    "sum(z[i], k)": "k does not stand in what sum runs over",
    "prod(z[i], k)": "k does not stand in",
    "sum(x, k)": "k does not stand in",
    "i*z[i]": "i is an index",
    "z[i] + i": "i is an index",
    "z[i**2]": "a sum such as i",
    "z[x*i] + x": "a sum such as i|x is an index",
    "z[1.5]": "only index letters",
    "z[-1]": "index letter",
    "z[0:3]": "bare ':'",
    "z[]": "cannot read",
    "z[z[i]]": "index letter",
    "z[i][j]": "only a whole vector",
    "where(i == 3.5, z[i], 0)": r"3\.5 is no index",
    "z[i] + z[i,j]": "2 indices here and 1 index elsewhere",
    "W[i,j] + softmax(W)[i]": "2 indices",
    # functions
    "exp()": "takes 1 argument, not 0",
    "relu(x, y)": "takes 1 argument, not 2",
    "max(x)": "two or more",
    "where(x > 0, 1)": "a condition and 2 expressions",
    "delta(i)": "2 index letters, not 1",
    "size()": "1 index letter, not 0",
    "sum(z[k])": "needs its index",
    "sum()": "needs its index",
    "softmax()[i]": "takes 1 argument, not 0",
    "softmax(z, k)[i]": "takes 1 argument, not 2",
    "exec(x)": "no function exec",
    "sum = 3": "has a meaning",
    # signs
    "": "nothing here",
    " \t\r\n": "nothing here",
    "# only a comment": "nothing here",
    "\0": "no meaning",
    "x\0y": "no meaning",
    "x \x1b[31m + y": "no meaning",
    "x + \ud800": "no meaning",
    "x − y": "write -$",
    "x × y": r"write \*$",
    "x ≤ y": "write <=$",
    "x²": r"write \*\*2$",
    "∑ x": "write sum",
    "x 🙂": "no meaning",
    "x + \u202ey": "no meaning",
    "((x)": "not closed",
    "x)": "does not close",
    "(x]": "does not close",
    "x +": "cannot read",
    "x y": "cannot read",
    "2x": "'\\*' is missing",
    "= x": "left of '='",
    "2*x = y": "left of '='",
    "L = x +": "cannot read",
}


# A library of other tests leaves the closing of its font file to the garbage collector.
@pytest.mark.filterwarnings("error", "ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("text", ERRORS, ids=lambda text: repr(text[:30]))
def test_bad_text_is_refused_in_one_line(text: str) -> None:
    pattern = ERRORS[text]
    if pattern is None:
        parse(text)  # a plain name after all
        return
    error = refusal(text)
    assert error.exit_status in {2, 3}
    with pytest.raises(DeriveError, match=pattern):
        raise error


@pytest.mark.parametrize(
    "text",
    [
        "α*sum(θ[k]*x[k], k) + ε",
        "ŷ[i] - y[i]",
        "größe**2",
        "\ufeffx**2",
        "h = x**2\r\nh + 1\r\n",
        "h = x**2\rh + 1",
        "\tx\t+\ty  # tab",
        "x +\u00a0y",
        "x" * 5000,
        "-" * 90 + "x",
        "1e300*x",
        "9**9*x",
        "x**1000",
        "exp(600)*x",
        f"max({','.join(['x'] * 90)})",
        f"where({' and '.join(['x > 0'] * 90)}, x, y)",
        f"softmax(({WIDE})*z)[i]",
        "sum(" * 20 + "z[k]" + "*z[k], k)" * 20,
        "\n".join(f"h{k + 1}[i] = x*h{k}[i]" for k in range(290)),
        "\n".join(f"p{k} = softmax({k + 2}*z)" for k in range(290)),
        "\n".join(["p0 = logsumexp(z)", *(f"p{k + 1} = logsumexp(z + p{k})" for k in range(200))]),
        f"x[{','.join(f'a{k}' for k in range(500))}]",
        "*".join(f"({k} + sqrt({k}))**({k}/97)" for k in range(2, 60)) + "*x",
        f"sqrt({'*'.join(f'x{k}**2' for k in range(60))})",
    ],
    ids=lambda text: repr(text[:30]),
)
def test_odd_but_fine_text_is_read_soon(text: str) -> None:
    with soon():
        parse(text)


def test_nothing_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for text in (
        "open('made', 'w')",
        "__import__('pathlib').Path('made').touch()",
        "exec(compile(made))",
        "(lambda: open(made))()",
        "().__class__",
    ):
        for argument in ({"target": text}, {"target": "x", "wrt": text}):
            with pytest.raises(DeriveError):
                derive.derive(**argument)
        with pytest.raises(DeriveError):
            parse("x", assume=[text])
        with pytest.raises(DeriveError):
            parse_expression(text, parse("x"))
    assert not list(tmp_path.iterdir())


def test_a_length_that_does_not_fit_is_named() -> None:
    problem = parse("sum(A[i,k]*w[k], k)*z[i]", ["z[j]"])
    with pytest.raises(
        DeriveError, match="i runs over two lengths: that of A's 1st index and that of A's 2nd"
    ):
        parse_expression("z[i]*w[i]", problem)


def test_the_pointer_stands_under_the_place_whatever_is_before_it() -> None:
    error = refusal("h = x\r\n\th + lg(x)")
    assert error.column is not None
    assert error.source[error.column :] == "lg(x)"
    assert error.pointer().splitlines()[1].index("^") == 4 + error.column
    assert "\x1b" not in refusal("x \x1b[31m + y").pointer()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"text = 'x' #" + b"x" * 200_000, "at most 100000 bytes"),
        (b"at = " + b"[" * 20_000, "nested too deeply"),
        (b"text = 'x'\nat = {x = " + b"9" * 5000 + b"}", "not a TOML file"),
        (b"text = 'x'\nat = {x = " + b"9" * 400 + b"}", "'at' must be"),
        (b"text = 'x'\nat = {x = inf}", "'at' must be"),
        (b"text = 'x'\nat = {x = [nan]}", "'at' must be"),
        (b"\xff\xfe", "not a TOML file"),
        (b"\0", "not a TOML file"),
        (b"", "'text' is missing"),
    ],
)
def test_bad_files_are_refused_in_one_line(content: bytes, message: str) -> None:
    with soon(), pytest.raises(DeriveError, match=message) as caught:
        read(content, "bad.toml")
    check_error(caught.value)


def test_a_file_may_have_a_mark_and_windows_line_ends() -> None:
    found = read(b"\xef\xbb\xbftext = '''h = x**2\r\nh + 1'''\r\nwrt = 'x'\r\n", "windows.toml")
    assert str(found.problem().target) == "h + 1"


@pytest.mark.parametrize("name", ["a\0b.toml", "x" * 5000 + ".toml", "missing.toml", "."])
def test_a_file_that_cannot_be_read_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DeriveError):
        load(tmp_path / name)


# -- bounded work: counted, not timed --------------------------------------------------------


def attempts(text: str, wrt: str) -> int:
    """How often a rule is tried in a derivation."""
    count = 0

    def counted(rule: Rule) -> Rule:
        def rewrite(node: Expr, context: Context) -> Rewrite | None:
            nonlocal count
            count += 1
            return rule.rewrite(node, context)

        return replace(rule, rewrite=rewrite)

    chain = engine.derive(parse(text, [wrt]), tuple(map(counted, RULES)))
    assert chain.status is Status.DONE
    return count


def nested(function: str, depth: int, inside: str) -> str:
    return f"{function}(" * depth + inside + ")" * depth


def test_the_search_for_a_short_line_is_bounded() -> None:
    """Results of softmaxes inside one another double with each; the work does not."""
    few, many = (attempts(nested("softmax", depth, "z") + "[i]", "z[j]") for depth in (3, 6))
    assert many < 2 * 2 * few


def test_the_work_for_a_sum_grows_like_its_terms() -> None:
    few, many = (
        attempts(" + ".join(f"a{t}*sum(x[k]**{t % 5 + 2}, k)" for t in range(terms)), "x[j]")
        for terms in (10, 40)
    )
    assert many < 2 * 4 * few


def test_a_proof_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a proof would take too long for is only sampled."""
    products: list[int] = []
    tidy = Terms.tidy

    def counted(self: Terms, *args: Any) -> Any:
        products.append(0)
        return tidy(self, *args)

    monkeypatch.setattr(Terms, "tidy", counted)
    chain = finite.check(engine.derive(parse(nested("tanh", 10, "x"), ["x"])))
    assert chain.verified
    assert len(products) < 3 * LIMIT * (len(chain.steps) + 1)


def test_working_out_in_numbers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven sums inside one another, each over a length of its own: undecided, and says why."""
    letters = "klmnopq"
    pairs = pairwise(letters)
    text = "*".join(["x[q]", *(f"A{at}[{at},{to}]" for at, to in pairs)])
    for letter in letters:
        text = f"sum({text}, {letter})"
    chain = engine.derive(parse(text, ["x[j]"]))
    assert finite.check(chain).verified
    monkeypatch.setattr(finite, "_WORK", 1000)
    checked = finite.check(chain)
    assert not checked.verified
    undecided = [step for step in checked.steps if step.verdict is Verdict.UNDECIDED]
    assert "takes too long" in undecided[0].evidence.detail
    assert not any(step.verdict is Verdict.REFUTED for step in checked.steps)


# -- fuzz ----------------------------------------------------------------------------------

VALID = [
    "p = softmax(z)\nL = -sum(y[k]*log(p[k]), k)",
    "P[b,k] = softmax(Z[b,:])[k]\n-mean(y[b,k]*log(P[b,k]), b, k)",
    "A[t,u] = where(u <= t, S[t,u], 0)\nsoftmax(A[t,:])[u]",
    "where(0 < x <= 1 and not (z[i] > x or z[i] == 2), max(x, 0, z[i]), relu(-x))",
    "h = relu(z/T); max(h[k], k) - min(abs(h[k]), k) + prod(1 - h[k], k)",
    "softmax((log(p) + g)/T)[i]*delta(i, j)*size(i)^2",
    "sum(w[k]*x[2*i + k + 1], k)*y[i] + norm(x)",
    "max(where(k <= t, x[k], 0), k) + 1e-3*y[t]*logsumexp(z)",
]
PIECES = r"""
    softmax( log_softmax( logsumexp( norm( sum( mean( prod( max( min( where( size( delta( exp( abs(
    sign( relu( sqrt( z x T W y k i : [ ) ] , [i] [j] [b,:] [i+k] + - * / ** ^ = == != < <= > >=
    and or not ; 1 0 2.5 1e3 1e400 9**9 pi k) ,k) ,i) z[k] W[i,k] softmax(z)[i] ε p= L= h[i]= .5
    # \ $ ' " \n \t \r \0 lambda import _ . { } @ ! é ² in
""".replace(r"\n", "NEWLINE").replace(r"\t", "TAB")
TOKENS = [token.replace("NEWLINE", "\n").replace("TAB", "\t") for token in PIECES.split()]


WORDS = re.compile(r"\w+|\*\*|[<>=!]=|\s+|.", re.DOTALL)


def mutated(chance: random.Random, text: str) -> str:
    """A text with some words taken out, put in, exchanged, wrapped, or replaced."""
    words = WORDS.findall(text)
    for _ in range(chance.choice([1, 1, 2, 4])):
        place, other = chance.randrange(len(words)), chance.randrange(len(words))
        word = words[place]
        kind = chance.randrange(8)
        if kind == 0:
            words[place] = ""
        elif kind == 1:
            words[place] = word * 2
        elif kind == 2:
            words[place], words[other] = words[other], word
        elif kind == 3:
            words[place] = chance.choice(TOKENS)
        elif kind == 4:
            words[place] = words[other]
        elif kind == 5 and word.isidentifier():
            words[place] = f"{chance.choice(sorted(FUNCTIONS))}({word})"
        elif word.isalnum():
            words[place] = chance.choice("xyzTWikjabp012")
        else:
            words[place] = chance.choice(["+", "-", "*", "/", "**", "<", "==", ",", ";", "and"])
    return "".join(words)


def fuzzed(chance: random.Random) -> str:
    if chance.random() < 0.2:
        return "".join(chance.choice(TOKENS) for _ in range(chance.randint(1, 12)))
    return mutated(chance, chance.choice([*VALID, *(entry.text for entry in entries())]))


def test_fuzzed_text_is_read_or_refused_and_nothing_else() -> None:
    seed = 20240607
    print("seed", seed)
    chance = random.Random(seed)
    read_ones, refused = 0, 0
    for _ in range(1200):
        text = fuzzed(chance)
        wrt = chance.choice([(), (), (), (), ("z[j]",), ("x",)])
        start = time.process_time()
        try:
            problem_text(parse(text, wrt))
            read_ones += 1
        except DeriveError as error:
            check_error(error)
            refused += 1
        assert time.process_time() - start < 1.0, repr(text)
    assert read_ones > 100
    assert refused > 500


# -- at the command line ---------------------------------------------------------------------

REFUSED = [
    "__import__('os').getcwd()",
    "x.__class__.__mro__",
    "(lambda: x)()",
    "(" * 9_999 + "x" + ")" * 9_999,
    "9**9**9**9*x",
    "x+" * 500_000 + "x",
    "x" * 1_000_000,
    "# " + "x" * 1_000_000,
    "sum(x, k)",
    "i*x[i]",
    "exp(x, x)",
    "W[i,j]*W[i]*x",
    "x − 1",
    "х + y",  # a Cyrillic x, so that there is no x to differentiate by
    "+".join(f"y{k}" for k in range(80)),
    "x\0",
    "",
]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:30]))
@pytest.mark.parametrize("command", ["show", "code"])
def test_the_command_line_says_what_is_wrong_in_one_line(
    command: str,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    with soon():
        assert main([command, "-", "--wrt", "x"]) in {2, 3}
    out, err = capsys.readouterr()
    message, *pointer = err.splitlines()
    assert not out
    assert message.startswith("derive: ")
    assert len(message) < 250
    assert len(pointer) in {0, 2}  # the line and the caret below it
    assert all(len(line) < 120 for line in pointer)


@pytest.mark.parametrize("option", ["--wrt", "--assume"])
def test_options_are_as_safe_as_the_text(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("__import__('os')", "9**9**9**9 > x", "(" * 5000, "x+" * 9000, "x; y", "\x1b[2J"):
        with soon():
            assert main(["show", "x**2", option, text]) in {2, 3}
        assert capsys.readouterr().err.splitlines()[0].startswith("derive: ")


def test_many_indices_take_no_more_memory_than_few() -> None:
    letters = ",".join("abcdefghijlmnopqrstu")
    with soon():
        found = derive.derive(f"T[{letters}]*x", wrt="x")
    assert found.verified
    assert found.result_text == f"T[{letters.replace(',', ', ')}]"


def test_a_problem_file_may_be_no_better(tmp_path: Path) -> None:
    for line in (
        "notation = {x = \"__import__('os')\"}",
        f'notation = {{x = "{"y" * 20_000}"}}',
        f'notation = {{x = "{"(" * 20_000}"}}',
        f'entry = "{"x" * 50_000}"',
        'entry = "../../etc/passwd"',
        'notation = {x = "\\u0000"}',
    ):
        text = "" if line.startswith("entry") else 'text = "x**2"\n'
        path = tmp_path / "bad.toml"
        path.write_text(text + line)
        with soon(), pytest.raises(DeriveError, match=r"^bad\.toml: ") as caught:
            load(path)
        check_error(caught.value)
