"""The process in which somebody's function is tried: `python child.py FILE FUNCTION IN OUT`.

It stands alone, so that nothing of the package is in the reach of the code it runs. Arrays come in
and go out as .npz files that hold numbers only.
"""

from __future__ import annotations

import runpy
import sys
import traceback
import warnings
from pathlib import Path

import numpy as np


def main(file: str, name: str, given: str, found: str) -> int:
    """Call the function once for every sample; 0, or 3 with one line on standard error.

    What a call raises takes the place of its result, as one line of text.
    """
    try:
        function = _load(Path(file), name)
    except BaseException as error:  # whatever the code does, it is one line for its author
        print(_line(error, file), file=sys.stderr)
        return 3
    results = {}
    samples = np.load(given, allow_pickle=False)
    for key in _numbers(samples):
        try:
            results[key] = _called(function, samples, int(key))
        except BaseException as error:
            results[key] = np.array(_line(error, file))
    np.savez(found, **results)  # type: ignore[arg-type]
    return 0


def _load(file: Path, name: str) -> object:
    namespace = runpy.run_path(str(file), run_name=file.stem)
    function = namespace.get(name)
    if not callable(function):
        known = sorted(k for k, v in namespace.items() if callable(v) and not k.startswith("_"))
        raise NameError(f"there is no function {name}; there are {', '.join(known) or 'none'}")
    return function


def _numbers(samples: np.lib.npyio.NpzFile) -> list[str]:
    return sorted({key.partition(".")[0] for key in samples.files}, key=int)


def _called(function: object, samples: np.lib.npyio.NpzFile, number: int) -> np.ndarray:
    """What the function gives: by keyword, or in order where it has other names for them."""
    prefix = f"{number}."
    arguments = {k.removeprefix(prefix): samples[k] for k in samples.files if k.startswith(prefix)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an overflow shows in the result
        try:
            made = function(**arguments)  # type: ignore[operator]
        except TypeError as error:
            if "argument" not in str(error):
                raise
            made = function(*arguments.values())  # type: ignore[operator]
    if made is None:
        raise TypeError("it returns nothing")
    numbers = np.asarray(made)
    if np.iscomplexobj(numbers):
        if numbers.imag.any():
            raise TypeError("it returns complex numbers: what is asked for is real")
        numbers = numbers.real
    return np.asarray(numbers, dtype=np.float64)


def _line(error: BaseException, file: str) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    place = f" (line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}".replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
