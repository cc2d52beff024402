"""What the controls of a web page and the cells of a notebook say, in English; `derive.locale` has
the other languages."""

from __future__ import annotations

# By the names that the templates and the page's script use.
PAGE = {
    "contents": "Contents",
    "steps": "Steps",
    "next": "Next line",
    "all": "Show all",
    "again": "Start again",
    "count": "line {count} of {total}",
    "hint": "or press →, or tap the lines",
    "theme": "Light or dark",
    "copy_latex": "Copy LaTeX",
    "copy_code": "Copy code",
    "copied": "Copied",
    "law": "The law: {title}",
    "try": "Try other numbers",
    "reset": "Back to the example",
    "entry": "Which entry",
    "line": "Line",
    "formula": "Formula",
    "value": "Value",
    "agree": "Every line gives the same number.",
    "differ": "The lines differ here.",
    "corner": "Some line has no value here: a corner, or a number out of range.",
    "broken": "Not true of these numbers, so that lines may differ:",
}

NUMBERS = "The same from the code"
DIFFERENCES = "Checked by differences"
DIFFERENCE = (
    "Each entry of the derivative beside a difference quotient of the value, which knows nothing "
    "of the rules."
)

ALL: tuple[str, ...] = (*PAGE.values(), NUMBERS, DIFFERENCES, DIFFERENCE)
