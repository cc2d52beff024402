"""The words of mathematical writing: Greek letters, functions, commands, signs beyond ASCII."""

from __future__ import annotations

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "eps": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "vartheta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "lamda": "λ",
    "lam": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "varrho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "φ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
    "ell": "ℓ",
}
"""By the words that stand for them, in LaTeX or typed."""
LETTER_FORMS = {"ϵ": "ε", "ϕ": "φ", "ϑ": "θ", "ϱ": "ρ", "µ": "μ"}
"""Letters that Unicode has twice."""
TYPED = {"ε": "eps", "λ": "lam", "θ": "theta", "φ": "phi", "ρ": "rho", "ℓ": "ell"}
"""How a letter with several words is written in the input language."""

_FUNCTIONS = (
    "exp log sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf sigmoid softplus relu "
    "abs sign sqrt max min softmax log_softmax logsumexp norm diag trace sum mean prod where size "
    "delta outer diff"
)
FUNCTIONS: dict[str, str] = {name: name for name in _FUNCTIONS.split()} | {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "ReLU": "relu",
    "RELU": "relu",
    "Softmax": "softmax",
    "SoftMax": "softmax",
    "Sigmoid": "sigmoid",
    "logsoftmax": "log_softmax",
    "LogSoftmax": "log_softmax",
    "LSE": "logsumexp",
    "LogSumExp": "logsumexp",
    "Softplus": "softplus",
    "sgn": "sign",
    "tr": "trace",
    "Tr": "trace",
    "Diag": "diag",
}
"""What a function is called on paper, and in the input language."""
COMMAND_FUNCTIONS = frozenset(
    [
        "log",
        "ln",
        "exp",
        "sin",
        "cos",
        "tan",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "max",
        "min",
    ]
)
"""Those that are a LaTeX command of their own."""
BIG = {"sum": "sum", "prod": "prod", "max": "max", "min": "min"}
"""What runs over an index that stands below it."""

RELATIONS = {"=": "==", "==": "==", "<": "<", ">": ">", "≤": "<=", "≥": ">=", "≠": "!="}
RELATIONS |= {"<=": "<=", ">=": ">=", "!=": "!=", "∈": "in"}
RELATIONS |= {"ne": "!=", "neq": "!=", "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">="}
RELATIONS |= {"geq": ">=", "geqslant": ">=", "lt": "<", "gt": ">", "equiv": "==", "in": "in"}
OPERATORS = {"cdot": "*", "times": "*", "ast": "*", "odot": ".*", "circ": ".*", "oslash": "./"}
OPERATORS |= {"otimes": "x", "div": "/", "bullet": "*"}
OPERATORS |= {"*": "*", "·": "*", "×": "*", "⋅": "*", "∗": "*", "⊙": ".*", "∘": ".*", "⊘": "./"}
OPERATORS |= {"⊗": "x", "/": "/", "÷": "/"}

SPACES = frozenset(
    [
        "quad",
        "qquad",
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "scriptscriptstyle",
        "limits",
        "nolimits",
        "nonumber",
        "notag",
        "mathstrut",
        "thinspace",
        "medspace",
        "thickspace",
        "negthinspace",
        "enspace",
        "hfill",
        "strut",
        "left",
        "right",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "biggl",
        "biggr",
        "Biggl",
        "Biggr",
        "bigm",
        "Bigm",
        "middle",
        "allowbreak",
        "smallskip",
        "noindent",
        "centering",
        "par",
        "newline",
        "mathbf",
        "boldsymbol",
        "bm",
        "mathit",
        "vec",
        "mathnormal",
        "pmb",
        "mathcal",
        "mathscr",
        "mathsf",
        "hline",
        "boxed",
    ]
)
"""Commands that change how it looks, not what it says. A font leaves its argument in a group."""
WITH_ARGUMENT = frozenset(["label", "tag", "hspace", "vspace", "color", "ref", "eqref", "cite"])
"""Commands that are dropped together with their argument."""
UPRIGHT = frozenset(
    [
        "mathrm",
        "operatorname",
        "text",
        "textrm",
        "textit",
        "textbf",
        "textsf",
        "mathtt",
        "texttt",
        "mbox",
        "textnormal",
    ]
)
ACCENTS = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde"}
ACCENTS |= {"widetilde": "tilde"}
COMBINING = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde"}
FRACTIONS = frozenset(["frac", "dfrac", "tfrac", "cfrac"])

IF_WORDS = frozenset(
    ["if", "for", "when", "where", "wenn", "falls", "für", "si", "若", "当", "當", "如果"]
)
ELSE_WORDS = frozenset(
    ["otherwise", "else", "sonst", "andernfalls", "否则", "否則", "其他", "其它", "其餘", "其余"]
)
AND_WORDS = frozenset(["and", "und", "且", "和", "与"])
OR_WORDS = frozenset(["or", "oder", "或"])

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱʲᵏˡᵐ", "0123456789+-()nijklm", strict=True))
LOWERED = dict(
    zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-()aehijklmnoprstuvx", strict=True)
)

FORBIDDEN = frozenset(
    [
        "input",
        "include",
        "write",
        "def",
        "edef",
        "gdef",
        "xdef",
        "newcommand",
        "renewcommand",
        "providecommand",
        "let",
        "catcode",
        "csname",
        "usepackage",
        "documentclass",
        "immediate",
        "openin",
        "openout",
        "read",
        "expandafter",
        "loop",
        "special",
        "directlua",
        "import",
        "subimport",
        "newenvironment",
        "includegraphics",
        "verbatiminput",
        "lstinputlisting",
        "futurelet",
        "afterassignment",
        "uppercase",
        "jobname",
        "shellescape",
    ]
)
"""Commands that do something; nothing here is ever executed, and the message says so."""

SIGNS = {"+": ("SIGN", "+"), "-": ("SIGN", "-"), "−": ("SIGN", "-"), "–": ("SIGN", "-")}
SIGNS |= {",": ("COMMA", ","), "，": ("COMMA", ","), ";": ("STOP", ";"), "。": ("STOP", "。")}
SIGNS |= {":": ("COLON", ":"), "'": ("PRIME", "'"), "′": ("PRIME", "'"), "’": ("PRIME", "'")}
SIGNS |= {"∂": ("PARTIAL", "∂"), "𝟏": ("INDICATOR", "1"), "𝟙": ("INDICATOR", "1")}
SIGNS |= {"⊤": ("TOP", "T"), "∇": ("NABLA", "∇"), "∧": ("AND", "and"), "∨": ("OR", "or")}
SIGNS |= {"√": ("FUNC", "sqrt"), "¬": ("NOT", "not"), "∞": ("NAME", "∞")}
"""Signs that are one token: its kind and what it says."""
