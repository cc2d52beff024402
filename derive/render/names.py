"""How names are written: sigma is σ, W1 is W with a 1 below, y_hat wears a hat, log is upright."""

from __future__ import annotations

import re

from derive.functions import Maximum, Minimum
from derive.render.tree import Accent, Function, Name, Node, Number, Script

# Greek letters by the name LaTeX has for them.
GREEK: dict[str, str] = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
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
}
LATEX_OF_GREEK: dict[str, str] = {letter: name for name, letter in GREEK.items()}

LOWERED_DIGITS = "₀₁₂₃₄₅₆₇₈₉"

# What people type; `lambda` is a word of Python's, so `lam` stands for it.
_TYPED = {**GREEK, "epsilon": "ε", "eps": "ε", "phi": "φ", "lam": "λ", "lamda": "λ"}
_SPELLED: dict[type, str] = {Maximum: "max", Minimum: "min"}
_ACCENTS = ("hat", "bar", "tilde")
_LOWERED = str.maketrans("0123456789", LOWERED_DIGITS)


def letter(text: str) -> str:
    """The Greek letter a word stands for, or the word."""
    return _TYPED.get(text, text)


def name(text: str) -> tuple[Node, str]:
    """What a name is written with, and what of it goes below: W1 is (W, "1"), v_max (v, "max")."""
    base, _, tail = text.strip("_").partition("_")
    stem, digits = _split_digits(base)
    made: Node = Name(letter(stem))
    marks = [part for part in tail.split("_") if part]
    if marks and marks[0] in _ACCENTS:
        made = Accent(made, marks.pop(0))
    return made, ",".join(part for part in [digits, *map(letter, marks)] if part)


def plain(text: str) -> str:
    """A name among words: μ for mu, W₁ for W1; the name itself where letters cannot show it."""
    stem, digits = _split_digits(text)
    greek = letter(stem)
    if greek == stem and (len(stem) > 1 or not digits):
        return text
    return greek + digits.translate(_LOWERED)


def subscript(text: str) -> Node:
    return Number(text) if text.isdigit() else Name(text)


def symbol(text: str) -> Node:
    """The whole name as one node."""
    base, below = name(text)
    return Script(base, sub=subscript(below)) if below else base


def _split_digits(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?\D)(\d+)", text)
    return (found[1], found[2]) if found else (text, "")


def function_node(kind: type) -> Node:
    """What a function is called on paper: σ for sigmoid, upright log for log."""
    spelled: str = getattr(kind, "latex_name", _SPELLED.get(kind, kind.__name__.lower()))
    plain = spelled.removeprefix(r"\operatorname{").removesuffix("}").removeprefix("\\")
    return Name(GREEK[plain]) if plain in GREEK else Function(plain)
