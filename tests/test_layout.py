"""What stands on paper: order, signs, brackets, fractions, names."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import sympy
from sympy import And, Eq, Expr, Integer, Ne, Not, Or, Rational
from sympy.logic.boolalg import Boolean

from derive.errors import UnsupportedError
from derive.functions import (
    ELEMENTARY,
    Maximum,
    Minimum,
    abs,
    exp,
    log,
    relu,
    sigmoid,
    sign,
    softplus,
    tanh,
)
from derive.nodes import (
    Derivative,
    Largest,
    Smallest,
    Where,
    delta,
    entry,
    index,
    scalar,
    size,
    total,
    undistributed,
)
from derive.nodes import Product as ProductOver
from derive.parse import parse
from derive.reading import Reading
from derive.render.boxes import box, columns
from derive.render.glyphs import ASCII
from derive.render.inline import inline
from derive.render.latex import escape, latex
from derive.render.layout import Style, layout
from derive.render.mathml import mathml
from derive.render.matrices import matrix_node
from derive.render.names import plain, symbol
from derive.render.numbers import array_node, array_text
from derive.render.tree import Product, Terms, lines, pieces

i, j, k, l_, m = map(index, "ijklm")
n, T, x = size("n"), scalar("T"), scalar("x")
z, s, p, y, a, t = (lambda *at, v=v: entry(v, *at) for v in "zspyat")
READING = Reading((i,), (j,))


def indicator(condition: Boolean) -> Expr:
    return Where(Integer(1), Integer(0), condition)


with undistributed():
    SUM = total(exp(z(k)), k, n)
    QUOTIENT = (Derivative(exp(z(i)), z(j)) * SUM - exp(z(i)) * Derivative(SUM, z(j))) / SUM**2
    CASES = sympy.Piecewise((s(i) * (1 - s(i)), Eq(i, j)), (-s(i) * s(j), Ne(i, j)), evaluate=False)
    LEAKY = Where(x, T * x, x > 0)
    HUBER = Where(x**2 / 2, abs(x) - Rational(1, 2), abs(x) <= 1)
    LARGEST = Largest(z(k), (k, 1, n))
    LONG = sympy.Add(*(entry(f"v{at}", i) * exp(entry("z", k) / at) for at in range(2, 12)))
    TABLE: list[tuple[Expr, str]] = [
        (s(i) * (delta(i, j) - s(j)), r"s_i (\delta_{ij} - s_j)"),
        (p(j) - y(j), "p_j - y_j"),
        (-s(i) * s(j), "-s_i s_j"),
        (-(p(j) - y(j)), "-(p_j - y_j)"),
        (Integer(2) / n * (a(j) - t(j)), r"\frac{2}{n} (a_j - t_j)"),
        (s(i) * (delta(i, j) - s(j)) / T, r"\frac{1}{T} \, s_i (\delta_{ij} - s_j)"),
        (z(i) / T, r"\frac{z_i}{T}"),
        ((z(i) - x) / T, r"\frac{z_i - x}{T}"),
        (x**2 / 2, r"\frac{x^2}{2}"),
        (total(y(k), k, n) / n, r"\frac{1}{n} \, \sum_k y_k"),
        (exp(z(i)) / SUM, r"\frac{e^{z_i}}{\sum_k e^{z_k}}"),
        (exp(z(i) / T), "e^{z_i/T}"),
        (exp(z(i) * SUM), r"\exp\Bigl(z_i \sum_k e^{z_k}\Bigr)"),
        (exp(z(i)) * exp(z(j)), "e^{z_i} e^{z_j}"),
        (exp(z(i)) ** 2, "(e^{z_i})^2"),
        (sigmoid(x) * (1 - sigmoid(x)), r"\sigma(x) (1 - \sigma(x))"),
        (sigmoid(x) ** 2, r"\sigma(x)^2"),
        (1 - tanh(x) ** 2, r"1 - \tanh^2 x"),
        (log(x) ** 2, r"(\log x)^2"),
        (log(p(k)), r"\log p_k"),
        (log(2 * x), r"\log(2 x)"),
        (log(SUM), r"\log \sum_k e^{z_k}"),
        (log(p(k)) * (1 - p(k)), r"(1 - p_k) \log p_k"),
        (softplus(x), r"\operatorname{softplus}(x)"),
        (sympy.Abs(x - T), "|x - T|"),
        (sympy.sqrt(1 + x**2), r"\sqrt{1 + x^2}"),
        (x ** Rational(-1, 2), r"\frac{1}{\sqrt{x}}"),
        (Derivative(s(i), z(j)), r"\frac{\partial s_i}{\partial z_j}"),
        (Derivative(log(p(k)), z(j)), r"\frac{\partial \log p_k}{\partial z_j}"),
        (Derivative(SUM, z(j)), r"\frac{\partial}{\partial z_j} \sum_k e^{z_k}"),
        (Derivative(z(i) * T, z(j)), r"\frac{\partial}{\partial z_j}(T z_i)"),
        (
            Derivative(Derivative(scalar("L"), z(i)), z(j)),
            r"\frac{\partial^2 L}{\partial z_i \partial z_j}",
        ),
        (Derivative(Derivative(scalar("L"), x), x), r"\frac{\partial^2 L}{\partial x^2}"),
        (
            -total(y(k) / p(k) * Derivative(p(k), z(j)), k, n),
            r"-\sum_k \frac{y_k}{p_k} \, \frac{\partial p_k}{\partial z_j}",
        ),
        (total(y(k) - p(k), k, n), r"\sum_k (y_k - p_k)"),
        (SUM * total(y(k), k, n), r"\Bigl(\sum_k e^{z_k}\Bigr) \sum_k y_k"),
        (SUM**2, r"\Bigl(\sum_k e^{z_k}\Bigr)^2"),
        (entry("W", 1, 2), "W_{1,2}"),
        (entry("x", i + k), "x_{i + k}"),
        (entry("W1", i, j), "W_{1,ij}"),
        (entry("y_hat", i) ** 2, r"\hat{y}_i^2"),
        (Eq(total(y(k), k, n), 1, evaluate=False), r"\sum_k y_k = 1"),
        (x > 0, "x > 0"),
        (sympy.Max(x, T), r"\max(T, x)"),
        (
            CASES,
            r"\begin{cases} s_i (1 - s_i) & \text{ if }i = j \\"
            r" -s_i s_j & \text{ if }i \ne j \end{cases}",
        ),
        (abs(x - T), "|x - T|"),
        (abs(x) / 2, r"\frac{|x|}{2}"),
        (x / abs(x), r"\frac{x}{|x|}"),
        (abs(x / T), r"\left|\frac{x}{T}\right|"),
        (y(i) * sign(z(i)), r"y_i \operatorname{sign}(z_i)"),
        (relu(x), r"\operatorname{ReLU}(x)"),
        (Maximum(Integer(0), 1 - x), r"\max(0, 1 - x)"),
        (Minimum(x, T, Integer(1)) * x, r"x \min(x, T, 1)"),
        (ProductOver(z(k), (k, 1, n)) * y(i), r"y_i \prod_k z_k"),
        (ProductOver(1 - z(k), (k, 1, n)), r"\prod_k (1 - z_k)"),
        (LARGEST, r"\max_k z_k"),
        (exp(z(i) - LARGEST), r"\exp(z_i - \max_k z_k)"),
        (LARGEST**2, r"(\max_k z_k)^2"),
        (Smallest(abs(z(k) - x), (k, 1, n)), r"\min_k |z_k - x|"),
        (Derivative(LARGEST, z(j)), r"\frac{\partial}{\partial z_j} \max_k z_k"),
        (indicator(x > 0) * y(i), r"\mathbf{1}[x > 0] \, y_i"),
        (indicator(x > 0) * (a(i) - t(i)), r"\mathbf{1}[x > 0] \, (a_i - t_i)"),
        (-indicator(Eq(i, j)), r"-\mathbf{1}[i = j]"),
        (Where(Integer(0), Integer(1), x > 0), r"\mathbf{1}[x \le 0]"),
        (indicator(And(x > 0, T < 1)), r"\mathbf{1}[x > 0\text{ and }T < 1]"),
        (
            indicator(And(x > 0, Or(T < 1, T > 2))),
            r"\mathbf{1}[x > 0\text{ and }(T > 2\text{ or }T < 1)]",
        ),
        (
            indicator(Not(And(x > 0, T < 1), evaluate=False)),
            r"\mathbf{1}[\operatorname{not}(x > 0\text{ and }T < 1)]",
        ),
        (
            total(indicator(Eq(z(k), LARGEST, evaluate=False)) * y(k), k, n),
            r"\sum_k y_k \, \mathbf{1}[z_k = \max_k z_k]",
        ),
        (Where(Integer(0), Integer(1), sympy.Ge(0, 1 - x)), r"\mathbf{1}[1 - x > 0]"),
        (
            sympy.Piecewise((LEAKY, Eq(i, j)), (Integer(0), Ne(i, j)), evaluate=False),
            r"\begin{cases} x & \text{ if }i = j\text{ and }x > 0 \\"
            r" T x & \text{ if }i = j\text{ and }x \le 0 \\"
            r" 0 & \text{ if }i \ne j \end{cases}",
        ),
        (exp(x) + exp(-x), "e^x + e^{-x}"),
        (sigmoid(x) * sigmoid(-x), r"\sigma(x) \sigma(-x)"),
        (
            -y(j) * log(p(j)) - (1 - y(j)) * log(1 - p(j)),
            r"-y_j \log p_j - (1 - y_j) \log(1 - p_j)",
        ),
        (sympy.sqrt(2) * x, r"\sqrt{2} x"),
        (sympy.sqrt(2) * x / 2, r"\frac{x}{\sqrt{2}}"),
        (x / sympy.sqrt(2 * sympy.pi), r"\frac{x}{\sqrt{2 \pi}}"),
        (3 * x / sympy.sqrt(6 * sympy.Abs(T)), r"\frac{\sqrt{6} x}{2 \sqrt{|T|}}"),
        (x / sympy.sqrt(2) / sympy.sqrt(sympy.Abs(T)), r"\frac{x}{\sqrt{2 |T|}}"),
        (
            1 / sympy.sqrt(sympy.Abs(x)) / sympy.sqrt(sympy.Abs(T)),
            r"\frac{1}{\sqrt{|T|} \sqrt{|x|}}",
        ),
        (relu(x) ** 2, r"\operatorname{ReLU}(x)^2"),
        (log(2 * x) ** 2, r"(\log(2 x))^2"),
        (LEAKY, r"\begin{cases} x & \text{ if }x > 0 \\ T x & \text{ otherwise } \end{cases}"),
        (
            Where(Integer(1), Where(Integer(-1), x, x < -1), x > 1),
            r"\begin{cases} 1 & \text{ if }x > 1 \\ -1 & \text{ if }x < -1 \\"
            r" x & \text{ otherwise } \end{cases}",
        ),
    ]


@pytest.mark.parametrize(("expr", "wanted"), TABLE, ids=[w for _, w in TABLE])
def test_latex(expr: Expr, wanted: str) -> None:
    assert latex(layout(expr, READING)) == wanted


def opened(expr: Expr) -> str:
    """LaTeX with an ellipsis for the rows of its cases."""
    found = latex(layout(expr, READING))
    return re.sub(r"\\begin\{cases\}.*\\end\{cases\}", "{...", found)


def test_cases_are_closed_where_something_follows() -> None:
    with undistributed():
        assert opened(LEAKY * delta(i, j)) == r"\delta_{ij} {..."
        assert opened(LEAKY + y(i)) == "y_i + {..."
        assert opened(LEAKY - y(i)) == r"\left({...\right) - y_i"
        assert opened(LEAKY * T - y(i)) == r"\left(T {...\right) - y_i"
        assert opened(LEAKY * T * HUBER) == r"T \left({..."
        assert opened(Derivative(LEAKY, x)) == r"\frac{\partial}{\partial x} \, {..."
        assert opened(sympy.Gt(LEAKY, y(i))) == r"\left({...\right) > y_i"


def test_what_a_sentence_and_a_terminal_show_of_cases() -> None:
    assert inline(layout(LEAKY)) == "{x if x > 0; T x otherwise}"
    assert inline(layout(T * indicator(x > 0))) == "T 𝟙[x > 0]"
    assert inline(layout(T * indicator(x >= 0)), ASCII) == "T [x >= 0]"
    one = layout(Where(x + 1, Integer(0), x > 0), style=Style(inline=True))
    assert inline(one) == "𝟙[x > 0](1 + x)"
    assert inline(layout(LARGEST)) == "maxₖ zₖ"
    assert inline(layout(ProductOver(z(k), (k, 1, n))), ASCII) == "prod_k z_k"
    assert box(layout(HUBER)).text().split("\n") == [
        "⎧ x²",
        "⎪ ──        if |x| ≤ 1",
        "⎪ 2",
        "⎨",
        "⎪       1",
        "⎪ |x| − ─   otherwise",
        "⎩       2",
    ]


def test_limits_of_a_product_but_not_of_a_maximum() -> None:
    limits = Style(limits=True)
    assert latex(layout(ProductOver(z(k), (k, 1, n)), style=limits)) == r"\prod_{k = 1}^n z_k"
    assert latex(layout(LARGEST, style=limits)) == r"\max_k z_k"


def test_signs_of_operators_in_mathml() -> None:
    assert ">max</mo>" in mathml(layout(LARGEST))
    assert ">∏</mo>" in mathml(layout(ProductOver(z(k), (k, 1, n))))
    assert "<mi>𝟙</mi>" in mathml(layout(indicator(x > 0)))
    assert mathml(layout(HUBER)).count("<mtr>") == 2


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("x", "x"),
        ("sigma", r"\sigma"),
        ("σ", r"\sigma"),
        ("eps", r"\varepsilon"),
        ("W1", "W_1"),
        ("theta2", r"\theta_2"),
        ("y_hat", r"\hat{y}"),
        ("x_bar", r"\bar{x}"),
        ("loss", r"\mathrm{loss}"),
        ("v_max", r"v_{\mathrm{max}}"),
    ],
)
def test_names(name: str, wanted: str) -> None:
    assert latex(symbol(name)) == wanted


def test_limits_are_an_option() -> None:
    assert latex(layout(SUM, style=Style(limits=True))) == r"\sum_{k = 1}^n e^{z_k}"


def test_one_scalar_variable_takes_a_plain_d() -> None:
    node = layout(Derivative(scalar("s"), x), style=Style(d="d"))
    assert latex(node) == r"\frac{ds}{dx}"


def test_a_sentence_has_slashes() -> None:
    assert latex(layout(exp(z(i)) / SUM, style=Style(inline=True))) == r"e^{z_i}/\sum_k e^{z_k}"
    with undistributed():
        two = (a(i) - t(i)) * 2 / n
    assert inline(layout(two, style=Style(inline=True))) == "2(aᵢ − tᵢ)/n"


def test_what_cannot_be_typeset_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="Matrix"):
        layout(sympy.MatrixSymbol("A", 2, 2))


@pytest.mark.parametrize("name", sorted(ELEMENTARY))
def test_every_elementary_function_has_a_form_everywhere(name: str) -> None:
    node = layout(ELEMENTARY[name](x) ** 2 + ELEMENTARY[name](x + T))
    assert latex(node)
    assert box(node, ASCII).text().isascii()
    ElementTree.fromstring(mathml(node))


@pytest.mark.parametrize("expr", [e for e, _ in TABLE] + [QUOTIENT, LONG], ids=str)
def test_writers_agree_on_what_is_well_formed(expr: Expr) -> None:
    node = layout(expr, READING)
    ElementTree.fromstring(mathml(node))
    plain = latex(node).replace(r"\{", "").replace(r"\}", "")
    assert plain.count("{") == plain.count("}")
    assert inline(node, ASCII).isascii()
    for drawn in (box(node), box(node, ASCII)):
        assert len({columns(row) for row in drawn.lines}) == 1
        assert 0 <= drawn.axis < len(drawn.lines)


def test_boxes() -> None:
    assert box(layout(QUOTIENT, READING)).text().split("\n") == [
        "  zᵢ",
        "∂e       zₖ    zᵢ  ∂      zₖ",
        "──── ∑ₖ e   − e   ─── ∑ₖ e",
        "∂zⱼ               ∂zⱼ",
        "────────────────────────────",
        "         ⎛    zₖ⎞²",
        "         ⎝∑ₖ e  ⎠",
    ]
    assert box(layout(CASES, READING)).text().split("\n") == [
        "⎧ sᵢ(1 − sᵢ)   if i = j",
        "⎨",
        "⎩ −sᵢ sⱼ       if i ≠ j",
    ]
    assert box(layout(entry("L", index("c")))).text() == "L_c"


def test_a_tall_root_has_brackets_to_show_how_far_it_reaches() -> None:
    assert box(layout(sympy.sqrt(x))).text() == "√x"
    assert inline(layout(sympy.sqrt(Integer(2)) * x)) == "√2 x"
    assert box(layout(sympy.sqrt(1 + x / T))).text().split("\n") == [
        " ⎛    x⎞",
        "√⎜1 + ─⎟",
        " ⎝    T⎠",
    ]
    assert box(layout(sympy.sqrt(x)), ASCII).text() == "sqrt(x)"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("mu", "μ"), ("W1", "W₁"), ("x", "x"), ("layer2", "layer2"), ("y_hat", "y_hat")],
)
def test_names_among_words(name: str, wanted: str) -> None:
    assert plain(name) == wanted


def test_ascii_boxes() -> None:
    assert box(layout(exp(z(i)) / SUM, READING), ASCII).text().split("\n") == [
        "    z_i",
        "   e",
        "----------",
        "       z_k",
        "sum_k e",
    ]


def test_a_long_sum_is_broken_before_its_signs() -> None:
    node = layout(LONG)
    broken = lines(node, lambda part: box(part).width <= 40)
    assert len(broken) > 1
    assert all(box(part).width <= 40 for part in broken)
    together = "".join(f" {inline(part)}" for part in broken)
    assert together.split() == inline(node).split()


def test_a_bracket_at_the_end_is_opened_to_break_it() -> None:
    with undistributed():
        node = layout(T * LONG)
    assert isinstance(node, Product)
    parts = pieces(node)
    assert len(parts) == len(LONG.args)
    assert inline(parts[0]).startswith("T(")
    assert inline(parts[-1]).endswith(")")


def test_a_short_sum_is_one_piece_for_each_term() -> None:
    node = layout(p(j) - y(j))
    assert isinstance(node, Terms)
    assert [inline(part) for part in pieces(node)] == ["pⱼ", "− yⱼ"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("diag(s) - s*s.T", r"\operatorname{diag}(s) - s s^{\top}"),
        ("(p - y)*x.T", r"(p - y) x^{\top}"),
        ("2/n*(a - t)", r"\frac{2}{n} (a - t)"),
        ("-p*p.T", r"-p p^{\top}"),
        ("1*p.T - I", r"\mathbf{1} p^{\top} - I"),
        ("1/T*(diag(s) - s*s.T)", r"\frac{1}{T} (\operatorname{diag}(s) - s s^{\top})"),
        ("s .* (1 - s)", r"s \odot (\mathbf{1} - s)"),
        ("y ./ p", r"y \oslash p"),
        ("x.^2", r"x^{\odot 2}"),
        ("sigmoid(a - b)", r"\sigma(a - b)"),
        ("abs(x) .* y", r"|x| \odot y"),
        ("diag(where(x > 0, 1, 0))", r"\operatorname{diag}(\mathbf{1}[x > 0])"),
        (
            "1*where(x <= a - b, 1, 2).T",
            r"\mathbf{1} \operatorname{where}(x \le a - b, 1, 2)^{\top}",
        ),
        ("max(0, 1 - x)", r"\max(0, \mathbf{1} - x)"),
        ("where(1*x.T > 0, 1, 0)", r"\mathbf{1}[\mathbf{1} x^{\top} > 0]"),
        ("(u .* (1 - v.^2))*x.T", r"(u \odot (\mathbf{1} - v^{\odot 2})) x^{\top}"),
        ("u .* (A*x)", r"u \odot (A x)"),
        ("(s.T*z)*1 - z", r"(s^{\top} z) \mathbf{1} - z"),
        ("(x.T*x)/n*y", r"\frac{x^{\top} x}{n} \, y"),
    ],
)
def test_matrix_forms(text: str, wanted: str) -> None:
    assert latex(matrix_node(text, ones=True)) == wanted


@pytest.mark.parametrize("text", ["a +", "a ? b", "a) + b", ""])
def test_a_matrix_form_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedError):
        matrix_node(text)


def test_numbers_are_exact_where_they_are_short() -> None:
    assert array_text(np.array([1, 2, 3])) == "[1, 2, 3]"
    assert array_text(np.array(0.5)) == "0.5"
    assert array_text(np.array([[1 / 3, -1e-9]])) == "[[0.3333, -1.000e-09]]"
    assert latex(array_node(np.eye(2))) == r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}"


def test_escape_prints_just_the_text() -> None:
    assert escape(r"50% of_x & {y} \z ~^#$") == (
        r"50\% of\_x \& \{y\} \textbackslash{}z \textasciitilde{}\textasciicircum{}\#\$"
    )
    assert escape("σ") == r"\ensuremath{\sigma}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0.134145*x**2", "0.134145 x^2"),
        ("0.5*x/y", r"\frac{0.5 x}{y}"),
        ("-0.25*x", "-0.25 x"),
        ("x/3 + 0.5", r"0.5 + \frac{x}{3}"),
        ("x**0.7", "x^{0.7}"),
        ("0.5**x", "0.5^x"),
    ],
)
def test_decimals_where_the_problem_is_stated_in_them(text: str, wanted: str) -> None:
    problem = parse(text)
    assert problem.decimals
    assert latex(layout(problem.target, style=Style(decimals=True))) == wanted
    assert "." not in latex(layout(problem.target))
