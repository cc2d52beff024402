"""How a variable's name is written: sigma is σ, W1 is W with a 1 below, y_hat wears a hat."""

from __future__ import annotations

import re

from derive.render.tree import Accent, Name, Node, Number, Script

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

# What people type; `lambda` is a word of Python's, so `lam` stands for it.
_TYPED = {**GREEK, "epsilon": "ε", "eps": "ε", "phi": "φ", "lam": "λ", "lamda": "λ"}
_ACCENTS = ("hat", "bar", "tilde")


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


def subscript(text: str) -> Node:
    return Number(text) if text.isdigit() else Name(text)


def symbol(text: str) -> Node:
    """The whole name as one node."""
    base, below = name(text)
    return Script(base, sub=subscript(below)) if below else base


def _split_digits(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?\D)(\d+)", text)
    return (found[1], found[2]) if found else (text, "")
