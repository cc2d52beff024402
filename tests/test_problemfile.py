"""Problem files and the catalogue."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

import derive
from derive.errors import ParseError, ProblemError
from derive.known import catalogue, entries, find, nearest
from derive.nodes import entry, index
from derive.notation import letters
from derive.problemfile import ProblemFile, load, read

GOOD = """
name = "scaled"
title = "Scaled softmax"
group = "mine"
description = "Softmax of scaled scores."
text = "s = softmax(T*z)"
wrt = "z[j]"
assume = ["T > 0"]
also = "T"
aliases = ["scaled-softmax"]

[at]
T = 2
z = [1, 2.5, 3]
W = [[1, 2], [3, 4]]

[prose.zh-CN]
title = "缩放的 softmax 函数"
"""


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    found = load(path)
    assert (found.name, found.title, found.group) == ("scaled", "Scaled softmax", "mine")
    assert (found.wrt, found.also, found.assume) == (("z[j]",), ("T",), ("T > 0",))
    assert found.at == {"T": 2, "z": [1, 2.5, 3], "W": [[1, 2], [3, 4]]}
    assert found.prose == {"zh-CN": {"title": "缩放的 softmax 函数"}}
    with pytest.raises(FrozenInstanceError):
        found.name = "other"  # type: ignore[misc]


def test_its_problem_by_its_own_or_another_wrt() -> None:
    found = read(GOOD.encode(), "mine.toml")
    problem = found.problem()
    assert problem.wrt == (entry("z", index("j")),)
    assert (problem.name, problem.title) == ("scaled", "Scaled softmax")
    assert len(problem.assumptions) == 1
    other = found.problem(wrt=["T"], assume=[])
    assert (str(other.wrt[0]), other.assumptions) == ("T", ())


def test_only_text_is_needed_and_the_name_is_the_files() -> None:
    found = read(b'text = "x**2"', "square.toml")
    assert (found.name, found.title, found.wrt) == ("square", "square", ())
    assert str(found.problem(["x"]).target) == "x**2"


@pytest.mark.parametrize(
    ("line", "message", "fine"),
    [
        ("wert = 'x'", "unknown key 'wert'", "wrt = 'x'"),
        ("wrt = 3", "'wrt' must be text or a list of texts", "wrt = ['x']"),
        ("wrt = ['x', 3]", "'wrt' must be text or a list of texts", "wrt = ['x', 'y']"),
        ("title = ['a']", "'title' must be text", "title = 'a'"),
        ("at = 3", "'at' must be a table", "at = {x = 3}"),
        ("at = {x = 'a'}", "'at' must be a table", "at = {x = [1]}"),
        ("at = {x = true}", "'at' must be a table", "at = {x = -1.5}"),
        ("at = {x = []}", "'at' must be a table", "at = {x = [[1]]}"),
        ("prose = {en = 'a'}", "'prose' must be tables en, zh-CN", "prose.en.title = 'a'"),
        ("prose.fr.title = 'a'", "'prose' must be tables en", "prose.zh-TW.title = 'a'"),
        ("prose.en.text = 'a'", "each with title and desc", "prose.en.description = 'a'"),
        ("title = ", "not a TOML file", "title = ''"),
        ("text = 'y'", "not a TOML file", "title = 'y'"),
    ],
)
def test_a_wrong_file_beside_a_right_one(line: str, message: str, fine: str) -> None:
    with pytest.raises(ProblemError, match=message) as caught:
        read(f"text = 'x'\n{line}\n".encode(), "mine.toml")
    assert caught.value.message.startswith("mine.toml: ")
    assert "\n" not in caught.value.message
    read(f"text = 'x'\n{fine}\n".encode(), "mine.toml")


def test_a_file_without_text_or_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="the key 'text' is missing"):
        read(b"title = 'x'", "mine.toml")
    with pytest.raises(ProblemError, match=r"none\.toml: No such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ProblemError, match="not a TOML file"):
        read(b"\xff\xfe", "mine.toml")
    with pytest.raises(ParseError):
        read(b"text = 'x +'", "mine.toml").problem()


# -- the catalogue -------------------------------------------------------------------------


def test_the_catalogue_in_its_order() -> None:
    groups = [known.group for known in entries()]
    assert list(dict.fromkeys(groups)) == [
        "activations",
        "softmax",
        "losses",
        "layers",
        "identities",
    ]
    for group in set(groups):
        names = [known.name for known in entries() if known.group == group]
        assert names == sorted(names)
    assert groups == sorted(groups, key=groups.index)
    assert catalogue() == tuple(known.name for known in entries())
    assert len(catalogue()) >= 60


@pytest.mark.parametrize("found", entries(), ids=catalogue())
def test_every_entry_is_complete_and_reads_by_every_variable(found: object) -> None:
    known = find(found.name)
    assert known == found
    assert known.title
    assert known.title != known.name
    assert known.description.endswith(".")
    assert known.at
    names = known.problem().shapes
    for variable in known.also:
        names = {**names, **known.problem([variable]).shapes}
    assert set(known.at) <= set(names)


def test_example_numbers_fit_the_variables() -> None:
    for known in entries():
        problem = known.problem()
        assert set(known.at) == set(problem.variables), known.name
        for name, value in known.at.items():
            depth = 0
            while isinstance(value, list):
                value, depth = value[0], depth + 1
            assert depth == len(problem.shapes[name]), (known.name, name)


def test_cross_entropy_by_its_weights() -> None:
    known = find("cross-entropy")
    assert known is not None
    by_scores, by_weights = known.problem(), known.problem(["W[i,j]"])
    assert [d.name for d in by_scores.definitions] == ["p", "L"]
    assert [d.name for d in by_weights.definitions] == ["z", "p", "L"]
    assert by_weights.variables == ("W", "x", "b", "y")


def test_the_hessian_has_two_variables() -> None:
    known = find("cross-entropy-hessian")
    assert known is not None
    assert [str(variable) for variable in known.problem().wrt] == ["z[i]", "z[j]"]


def test_names_are_found_however_they_are_joined() -> None:
    softmax = find("softmax")
    assert softmax is not None
    assert find(" SoftMax ") == softmax
    assert find("log_sum_exp") == find("log sum exp") == find("lse") == find("logsumexp")
    assert find("sofmax") is None
    assert nearest("sofmax") == "softmax"
    assert nearest("cross-entropi") == "cross-entropy"
    assert nearest("qqqqq") == ""


def test_no_name_stands_for_two_entries() -> None:
    every = [name for known in entries() for name in (known.name, *known.aliases)]
    assert len(set(every)) == len(every)


def test_listing_does_not_import_sympy() -> None:
    code = (
        "import sys; from derive.known import entries, nearest; entries(); nearest('a');"
        "print('sympy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# -- the reader's letters --------------------------------------------------------------------


def in_letters(notation: str, rest: str = 'entry = "cross-entropy"') -> ProblemFile:
    return read(f"{rest}\nnotation = {{{notation}}}\n".encode(), "mine.toml")


def test_an_entry_of_the_catalogue_in_the_readers_letters() -> None:
    found = in_letters('logits = "o", output = "y", labels = "t"')
    lines = "o[k] = sum(W[k,l]*x[l], l) + b[k]", "y = softmax(o)", "L = -sum(t[k]*log(y[k]), k)"
    assert found.text == "\n".join([*lines, ""])
    assert (found.wrt, found.assume) == (("o[j]",), ("sum(t[k], k) == 1",))
    assert set(found.at) == {"o", "t"}
    assert (found.roles["logits"], found.roles["output"]) == ("o", "y")
    assert (found.name, found.title) == ("mine", "Cross-entropy of a softmax")
    assert found.problem(["W[i,j]"]).variables == ("W", "x", "b", "t")


def test_letters_are_carried_through_everything_that_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('entry = "softmax"\nnotation = {z = "o", s = "y", i = "a", j = "b"}\n')
    renamed, plain = derive.derive(str(path)), derive.derive("softmax")
    assert renamed.verified
    assert renamed.result_text == "y[a]*(delta(a, b) - y[b])"
    assert [s.rule for s in renamed.steps] == [s.rule for s in plain.steps]
    assert renamed.matrix.text == "diag(y) - y*y.T"
    shown = (
        renamed.to_text(),
        renamed.source().split("def vjp")[0],
        str(renamed.to_dict()),
        renamed.to_latex(),
    )
    for text in shown:
        assert not re.search(r"\b[zsij]\[|\b[zs]_|\bz\b|\[[^]]*\b[ij]\b", text)
    values = renamed.function()(o=[1, 2, 3])
    assert values.tolist() == plain.function()(z=[1, 2, 3]).tolist()


def test_a_description_is_in_the_readers_letters_or_left_out() -> None:
    found = in_letters('p = "q", y = "t"')
    assert found.description == "The loss of a softmax classifier against target probabilities t."
    assert found.prose["zh-CN"]["description"] == "softmax 分类器的损失，t 是目标概率。"
    assert found.prose["zh-CN"]["title"] == "softmax 函数与交叉熵"
    article = in_letters('a = "u"', 'entry = "leaky-relu"')  # a slope a
    product = in_letters('X = "Y"', 'entry = "trace-sandwich"')  # tr(AXB) by X
    assert (article.description, product.description) == ("", "")


@pytest.mark.parametrize(
    ("notation", "text", "expected"),
    [
        ('x = "y", y = "x"', "x - 2*y", "y - 2*x"),
        ('e = "f"', "1e3*e + 2.e1 - exp(e)", "1e3*f + 2.e1 - exp(f)"),
        ('x = "xx"', "x*xx1 # x stays\\n+ x", "xx*xx1 # x stays\n+ xx"),
        ('i = "k", k = "i"', "sum(x[i,k], k)", "sum(x[k,i], i)"),
        ('"α" = "β"', "α**2", "β**2"),
        ('x = "x"', "x + y", "x + y"),
    ],
)
def test_names_are_renamed_and_nothing_else(notation: str, text: str, expected: str) -> None:
    assert in_letters(notation, f'text = "{text}"').text == expected


@pytest.mark.parametrize(
    ("notation", "message", "fine"),
    [
        ('q = "o"', "'notation.q': there is no q here; it has z, k, W", 'z = "o"'),
        ('p = "y"', "'notation.p': y stands for something else already", 'p = "y", y = "t"'),
        ('p = "t", z = "t"', "'notation.p': t stands for z as well", 'p = "t", z = "o"'),
        ('k = "y"', "'notation.k': y stands for something else already", 'k = "c"'),
        ('z = "o", logits = "u"', "'notation.logits': z is called o already", 'logits = "u"'),
        ('z = "sum"', "'notation.z': sum is a function", 'z = "sums"'),
        ('z = "lambda"', "'notation.z': 'lambda' is a reserved word", 'z = "lam"'),
        ('z = "o[i]"', "'notation.z': 'o.i.' is not a letter or name", 'z = "o"'),
        ('z = "2"', "'notation.z': '2' is not a letter or name", 'z = "z2"'),
        ('z = ""', "'notation.z': '' is not a letter or name", 'z = "z"'),
        ('z = "pi"', "'notation.z': 'pi' is not a letter or name", 'z = "p_i"'),
        ('z = "a; b"', "'notation.z'", 'z = "ab"'),
        ("z = 3", "'notation' must be a table of letters", 'z = "o"'),
    ],
)
def test_wrong_letters_beside_right_ones(notation: str, message: str, fine: str) -> None:
    with pytest.raises(ProblemError, match=message) as caught:
        in_letters(notation)
    assert caught.value.message.startswith("mine.toml: ")
    assert caught.value.message.isprintable()
    in_letters(fine).problem()


def test_a_file_that_names_an_entry() -> None:
    mine = read(b'entry = "SoftMax"\ntitle = "Mine"\nwrt = "z[i]"\nat = {z = [1, 2]}', "mine.toml")
    base = find("softmax")
    assert base is not None
    assert (mine.text, mine.title, mine.wrt, mine.at) == (
        base.text,
        "Mine",
        ("z[i]",),
        {"z": [1, 2]},
    )
    assert mine.aliases == ()
    for keys, message in (
        ('entry = "sofmax"', "'entry': nothing is known as 'sofmax'; did you mean 'softmax'?"),
        ('entry = "softmax"\ntext = "x"', "'entry' brings its own text"),
        ("entry = 3", "'entry' must be the name of an entry"),
    ):
        with pytest.raises(ProblemError, match=re.escape(f"mine.toml: {message}")):
            read(keys.encode(), "mine.toml")


def test_roles_name_letters_of_their_entry() -> None:
    for known in entries():
        assert set(known.roles.values()) <= set(letters([known.text])), known.name
        assert not set(known.roles) & set(letters([known.text])), known.name
        assert len(set(known.roles.values())) == len(known.roles), known.name
    assert sum(bool(known.roles) for known in entries()) >= 20
