"""The words of mathematical writing: Greek letters, functions, commands, signs beyond ASCII."""

from __future__ import annotations

Token = tuple[str, str]
"""The kind of a token, as the grammar calls it, and what it says."""


def _pairs(text: str) -> dict[str, str]:
    """Words in turn: one, what it stands for, the next one."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _tokens(kind: str, values: dict[str, str]) -> dict[str, Token]:
    return {word: (kind, value) for word, value in values.items()}


def _all(text: str, value: str) -> dict[str, str]:
    return dict.fromkeys(text.split(), value)


GREEK = _pairs(
    "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε eps ε zeta ζ eta η theta θ vartheta θ "
    "iota ι kappa κ lambda λ lamda λ lam λ mu μ nu ν xi ξ pi π rho ρ varrho ρ sigma σ tau τ "
    "upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π "
    "Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω ell ℓ"
)
"""By the words that stand for them, in LaTeX or typed."""
SPELLED = {letter: word for word, letter in GREEK.items()}
SPELLED |= _pairs("ε eps λ lam θ theta φ phi ρ rho ℓ ell")
"""How the input language writes a letter."""
LETTER_FORMS = _pairs("ϵ ε ϕ φ ϑ θ ϱ ρ µ μ")
"""Letters that Unicode has twice."""
EULER = "𝑒"
"""The e of exponentials where it is written upright, and so no name."""

_SAME = (
    "exp log sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf sigmoid softplus relu "
    "abs sign sqrt max min softmax log_softmax logsumexp norm diag trace sum mean prod where size "
    "delta outer diff sech csch coth sec csc cot"
)
FUNCTIONS = {name: name for name in _SAME.split()} | _pairs(
    "ln log arcsin asin arccos acos arctan atan arsinh asinh arcosh acosh artanh atanh "
    "arcsinh asinh arccosh acosh arctanh atanh ReLU relu RELU relu Softmax softmax "
    "SoftMax softmax Sigmoid sigmoid logsoftmax log_softmax LogSoftmax log_softmax "
    "LSE logsumexp LogSumExp logsumexp Softplus softplus sgn sign tr trace Tr trace Diag diag"
)
"""What a function is called on paper, and in the input language."""
BIG = _set("sum prod max min")
"""What runs over an index that stands below it."""
_COMMANDS = "log ln exp sin cos tan sec csc cot arcsin arccos arctan sinh cosh tanh coth max min"

_RELATIONS = _pairs("= == := == ≔ == =: == == == < < > > ≤ <= ≥ >= ≠ != <= <= >= >= != != ∈ in")
_OPERATORS = _pairs("* * / / · * × * ⋅ * ∗ * ÷ / ⊙ .* ∘ .* ⊘ ./ ⊗ x @ *")
_OPENING = _pairs("+ + - - − - – -")

SIGNS: dict[str, Token] = {
    **_tokens("REL", _RELATIONS),
    **_tokens("OP", _OPERATORS),
    **_tokens("SIGN", _OPENING),
    **_tokens("PRIME", _all("' ′ ’", "'")),
    **_tokens("INDICATOR", _all("𝟏 𝟙", "1")),
    **_tokens("COMMA", _all(", ，", ",")),
    **_tokens("STOP", _all("; 。", ";")),
    **_tokens("BIG", _pairs("∑ sum ∏ prod")),
    ":": ("COLON", ":"),
    "∂": ("PARTIAL", "∂"),
    "⊤": ("TOP", "T"),
    "∇": ("NABLA", "∇"),
    "∧": ("AND", "and"),
    "∨": ("OR", "or"),
    "¬": ("NOT", "not"),
    "√": ("FUNC", "sqrt"),
    "∞": ("NAME", "∞"),
}
"""Signs that are one token."""
COMMANDS: dict[str, Token] = {
    **_tokens("REL", _pairs("ne != neq != le <= leq <= leqslant <= ge >= geq >= geqslant >=")),
    **_tokens("REL", _pairs("lt < gt > equiv == coloneqq == triangleq == in in")),
    **_tokens("OP", _pairs("cdot * times * ast * bullet * odot .* circ .* oslash ./ otimes x")),
    **_tokens("OP", {"div": "/"}),
    **_tokens("FRAC", _all("frac dfrac tfrac cfrac", "frac")),
    **_tokens("ACCENT", _pairs("hat hat widehat hat bar bar overline bar tilde tilde")),
    **_tokens("ACCENT", {"widetilde": "tilde"}),
    **_tokens("FUNC", {name: FUNCTIONS[name] for name in _COMMANDS.split()}),
    **_tokens("BIG", _pairs("sum sum prod prod")),
    **_tokens("TOP", _all("top intercal", "T")),
    **_tokens("AND", _all("land wedge", "and")),
    **_tokens("OR", _all("lor vee", "or")),
    **_tokens("NOT", _all("lnot neg", "not")),
    "sqrt": ("SQRT", "sqrt"),
    "partial": ("PARTIAL", "∂"),
    "nabla": ("NABLA", "∇"),
    "prime": ("PRIME", "'"),
    "infty": ("NAME", "∞"),
    "colon": ("COLON", ":"),
}
"""Commands of LaTeX that are one token."""

LOOKS = _set(
    "quad qquad displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber "
    "notag mathstrut thinspace medspace thickspace negthinspace enspace hfill strut left right "
    "big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm middle allowbreak "
    "smallskip noindent centering par newline mathbf boldsymbol bm mathit vec mathnormal pmb "
    "mathcal mathscr mathsf hline boxed bf it cal substack"
)
"""Commands that change how it looks, not what it says. A font leaves its argument in a group."""
WITH_ARGUMENT = _set("label tag hspace vspace color textcolor ref eqref cite")
"""Commands that are dropped together with their argument."""
UPRIGHT = _set("mathrm operatorname text textrm textit textbf textsf mathtt texttt mbox textnormal")
"""Commands whose argument is a word, or words."""

COMBINING = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde"}
"""The accents of Unicode, by what a name with one is called: y_hat."""

PHRASES: dict[str, str] = {
    **_all("if for when where wenn falls für si 若 当 當 如果", "IF"),
    **_all("otherwise else sonst andernfalls 否则 否則 其他 其它 其餘 其余", "ELSE"),
    **_all("and und 且 和 与", "AND"),
    **_all("or oder 或", "OR"),
}
"""The words between conditions, with the kind of their token."""

LEADING = _set(
    "let set define put with where so thus hence therefore then now and also finally consequently "
    "we get have obtain find that gives sei setze mit somit daher damit dann"
)
"""The words that may stand before an equation in a line of plain text."""
LEADING_SIGNS = "令设設则則故得所以因此"
"""The same in Chinese."""

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱʲᵏˡᵐᵀᵃᵇᵗˣʸᶻ", "0123456789+-()nijklm⊤abtxyz", strict=True))
LOWERED = dict(
    zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-()aehijklmnoprstuvx", strict=True)
)
