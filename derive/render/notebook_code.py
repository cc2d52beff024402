"""The code cells of a notebook that try an example out: the result, and difference quotients."""

from __future__ import annotations

from typing import Any

from derive.render.trial import Trial

# How far entries are moved for a difference quotient, and how near it then comes: for one
# derivative, and for more, where each quotient adds to what rounding costs.
_NEAR = ("1e-5", "1e-6")
_FAR = ("1e-3", "1e-3")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

_SLOPE = '''def slope(function, name, h):
    """The array of all difference quotients of a function by the entries of a variable."""

    def found(**at):
        x = at[name]
        quotients = np.empty(np.shape(function(**at)) + x.shape)
        for place in np.ndindex(x.shape):
            step = np.zeros_like(x)
            step[place] = h
            up, down = function(**{**at, name: x + step}), function(**{**at, name: x - step})
            quotients[(..., *place)] = (up - down) / (2 * h)
        return quotients

    return found'''


def example(trial: Trial) -> str:
    """The result at the numbers of the example."""
    lines = [f"    {name!r}: np.array({_spelled(value)})," for name, value in trial.numbers.items()]
    return "\n".join(["at = {", *lines, "}", "derivative(**at)"])


def check(trial: Trial) -> str:
    """The result beside difference quotients: it fails where they are not near one another."""
    step, near = _NEAR if len(trial.by) == 1 else _FAR
    whole = "value"
    for name, _ in trial.by:
        whole = f"slope({whole}, {name!r}, {step})"
    found = f"quotients = {whole}(**at)"
    axes = (*trial.axes, *(letter for _, letters in trial.by for letter in letters))
    lines = [_SLOPE, "", "", found]
    if len({*axes}) < len(axes):
        letters = {letter: _LETTERS[at] for at, letter in enumerate(dict.fromkeys(axes))}
        inside, outside = (
            "".join(letters[letter] for letter in group) for group in (axes, trial.result)
        )
        lines.append(f'quotients = np.einsum("{inside}->{outside}", quotients)')
    lines.append(
        f"np.testing.assert_allclose(derivative(**at), quotients, rtol={near}, atol={near})"
    )
    return "\n".join([*lines, "float(np.max(np.abs(derivative(**at) - quotients)))"])


def _spelled(value: Any) -> str:
    """A number with its point, so that the array is of floats; nested lists of them."""
    if isinstance(value, list):
        return f"[{', '.join(map(_spelled, value))}]"
    return repr(float(value))
